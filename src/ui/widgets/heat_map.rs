//! Grid of coloured cells for the hours of a week.

use egui::{Align2, Color32, FontId, Pos2, Rect, pos2, vec2};

/// Days, as the rows of the grid.
pub const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LEFT: f32 = 34.0;
const FOOT: f32 = 18.0;

/// Position of the cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeekGrid {
    cells: Rect,
}

impl WeekGrid {
    /// The grid inside `rect`, with room for its labels.
    pub fn new(rect: Rect) -> Self {
        Self { cells: Rect::from_min_max(rect.min + vec2(LEFT, 0.0), rect.max - vec2(0.0, FOOT)) }
    }

    /// The area of a cell (`day * 24 + hour`).
    pub fn cell(&self, cell: usize) -> Rect {
        let size = vec2(self.cells.width() / 24.0, self.cells.height() / 7.0);
        let at = self.cells.min + vec2((cell % 24) as f32 * size.x, (cell / 24) as f32 * size.y);
        Rect::from_min_size(at, size)
    }

    /// The cell at a place; `None` beside the grid.
    pub fn at(&self, pos: Pos2) -> Option<usize> {
        if !self.cells.contains(pos) {
            return None;
        }
        let share = (pos - self.cells.min) / self.cells.size();
        let hour = ((share.x * 24.0) as usize).min(23);
        let day = ((share.y * 7.0) as usize).min(6);
        Some(day * 24 + hour)
    }

    /// Draws cells and labels.
    pub fn paint(&self, ui: &egui::Ui, colour: impl Fn(usize) -> Color32) {
        let mut mesh = egui::Mesh::default();
        for cell in 0..168 {
            mesh.add_colored_rect(self.cell(cell).shrink(0.5), colour(cell));
        }
        ui.painter().add(egui::Shape::mesh(mesh));
        let (font, ink) = (FontId::proportional(11.5), ui.visuals().text_color());
        for (day, name) in DAYS.into_iter().enumerate() {
            let at = pos2(self.cells.left() - 4.0, self.cell(day * 24).center().y);
            ui.painter().text(at, Align2::RIGHT_CENTER, name, font.clone(), ink);
        }
        let every = if self.cells.width() > 360.0 { 3 } else { 6 };
        for hour in (0..24).step_by(every) {
            let at = pos2(self.cell(hour).left(), self.cells.bottom() + 3.0);
            ui.painter().text(at, Align2::CENTER_TOP, format!("{hour:02}"), font.clone(), ink);
        }
    }
}

/// The next cell after an arrow key; stays inside the grid.
pub fn step(cell: usize, right: i32, down: i32) -> usize {
    let hour = (cell % 24) as i32 + right;
    let day = (cell / 24) as i32 + down;
    (day.clamp(0, 6) * 24 + hour.clamp(0, 23)) as usize
}

/// `Tue 14:00–15:00`.
pub fn name(cell: usize) -> String {
    let hour = cell % 24;
    format!("{} {hour:02}:00–{:02}:00", DAYS[(cell / 24).min(6)], hour + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_found_where_it_is_drawn() {
        let grid = WeekGrid::new(Rect::from_min_size(pos2(5.0, 7.0), vec2(500.0, 200.0)));
        for cell in [0, 23, 24, 38, 167] {
            assert_eq!(grid.at(grid.cell(cell).center()), Some(cell));
        }
        assert_eq!(grid.at(pos2(6.0, 8.0)), None);
    }

    #[test]
    fn arrows_stay_inside_the_week() {
        assert_eq!((step(0, -1, -1), step(167, 1, 1), step(38, 1, 1)), (0, 167, 63));
        assert_eq!(name(38), "Tue 14:00–15:00");
    }
}
