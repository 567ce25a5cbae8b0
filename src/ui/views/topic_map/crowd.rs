//! Share of a rectangle of the map that dots of the scope fill: names stand where they hide few of them.

use egui::Rect;

use crate::query::topic_map::MapGrid;

/// Filled cells of a picture, counted in any rectangle at once by sums from its upper left corner.
#[derive(Debug, Default)]
pub struct Crowd {
    width: usize,
    height: usize,
    /// Filled cells left of and above each corner, row by row, one more of them than cells each way.
    sums: Vec<u32>,
}

impl Crowd {
    /// Counts the cells with an exchange of the scope.
    pub fn of(grid: &MapGrid) -> Self {
        let (width, height) = (grid.width, grid.height);
        let mut sums = vec![0; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut of_row = 0;
            for x in 0..width {
                of_row += u32::from(grid.scope[y * width + x] > 0);
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + of_row;
            }
        }
        Self { width, height, sums }
    }

    /// Filled share, 0 to 1, of the cells under `wanted`, where the picture lies at `placed` on the screen.
    pub fn share(&self, placed: Rect, wanted: Rect) -> f32 {
        if self.sums.is_empty() || !placed.is_positive() {
            return 0.0;
        }
        let cell = |at: f32, start: f32, length: f32, cells: usize, up: bool| {
            let cell = (at - start) / length * cells as f32;
            let whole = if up { cell.ceil() } else { cell.floor() };
            whole.clamp(0.0, cells as f32) as usize
        };
        let x = |at, up| cell(at, placed.left(), placed.width(), self.width, up);
        let y = |at, up| cell(at, placed.top(), placed.height(), self.height, up);
        let (left, right) = (x(wanted.left(), false), x(wanted.right(), true));
        let (top, bottom) = (y(wanted.top(), false), y(wanted.bottom(), true));
        let all = (right - left.min(right)) * (bottom - top.min(bottom));
        let sum = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        let filled = sum(right, bottom) + sum(left, top) - sum(left, bottom) - sum(right, top);
        filled as f32 / all.max(1) as f32
    }
}

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;
    use crate::query::topic_map::Viewport;

    #[test]
    fn a_rectangle_has_the_share_of_its_filled_cells() {
        let grid = MapGrid {
            width: 4,
            height: 2,
            viewport: Viewport { min: [0.0; 2], max: [1.0; 2] },
            scope: vec![1, 0, 0, 7, 0, 2, 0, 0],
            class: vec![0; 8],
            peers: vec![0; 8],
        };
        let crowd = Crowd::of(&grid);
        let placed = Rect::from_min_size(pos2(100.0, 50.0), vec2(40.0, 20.0));
        let share = |x: f32, y: f32, width: f32, height: f32| {
            crowd.share(placed, Rect::from_min_size(pos2(100.0 + x, 50.0 + y), vec2(width, height)))
        };
        assert_eq!(share(0.0, 0.0, 40.0, 20.0), 3.0 / 8.0);
        assert_eq!(share(0.0, 0.0, 10.0, 10.0), 1.0);
        assert_eq!(share(20.0, 10.0, 20.0, 10.0), 0.0);
        assert_eq!(share(32.0, 1.0, 2.0, 2.0), 1.0, "a part of a cell counts as the cell");
        assert_eq!(share(200.0, 0.0, 10.0, 10.0), 0.0, "outside of the picture");
        assert_eq!(Crowd::default().share(placed, placed), 0.0);
    }
}
