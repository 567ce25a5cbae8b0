//! Grids of counts as images, made in jobs and uploaded by the window.

use egui::{Color32, ColorImage};

/// Strength of a count's colour against the largest count, 0 to 1: logarithmic, so that one exchange
/// is visible beside a thousand.
pub fn strength(count: u32, largest: u32) -> f32 {
    if count == 0 {
        return 0.0;
    }
    let share = (f64::from(count).ln_1p() / f64::from(largest.max(1)).ln_1p()) as f32;
    0.35 + 0.65 * share.clamp(0.0, 1.0)
}

/// An image of `width` × `height` whose pixel `i` has the colour that `colour` gives it. Empty
/// grids give one transparent pixel.
pub fn image(width: usize, height: usize, colour: impl Fn(usize) -> Color32) -> ColorImage {
    if width == 0 || height == 0 {
        return ColorImage::filled([1, 1], Color32::TRANSPARENT);
    }
    ColorImage::new([width, height], (0..width * height).map(colour).collect())
}

/// Cell whose colour a cell takes if dots are larger than a cell: itself if it is filled, else the cell with
/// the highest count within `reach`, else none. `counts` is row by row.
pub fn source_cell(counts: &[u32], width: usize, cell: usize, reach: usize) -> Option<usize> {
    if counts[cell] > 0 {
        return Some(cell);
    }
    let (x, y) = (cell % width, cell / width);
    let height = counts.len() / width;
    let mut best = None;
    for near_y in y.saturating_sub(reach)..=(y + reach).min(height - 1) {
        for near_x in x.saturating_sub(reach)..=(x + reach).min(width - 1) {
            let near = near_y * width + near_x;
            if counts[near] > best.map_or(0, |best: usize| counts[best]) {
                best = Some(near);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_seen_and_none_is_not() {
        assert_eq!(strength(0, 10), 0.0);
        assert!(strength(1, 1_000_000) > 0.35);
        assert_eq!(strength(7, 7), 1.0);
        assert!(strength(3, 10) < strength(4, 10));
    }

    #[test]
    fn dots_grow_into_empty_neighbours_only() {
        let counts = [0, 0, 0, 0, 5, 0, 0, 0, 9];
        assert_eq!(source_cell(&counts, 3, 4, 1), Some(4));
        assert_eq!(source_cell(&counts, 3, 0, 1), Some(4));
        assert_eq!(source_cell(&counts, 3, 5, 1), Some(8));
        assert_eq!(source_cell(&counts, 3, 0, 0), None);
    }
}
