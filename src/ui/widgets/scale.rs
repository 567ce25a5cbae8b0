//! Vertical axis of a chart of bars: round top, three lines, labels with units.

use egui::{Align2, FontId, Rect, Stroke, Ui, pos2};

/// The next of 1, 2 and 5 times a power of ten.
pub fn nice_top(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|top| value <= *top)
        .unwrap_or(10.0 * power)
}

/// Draws lines at 0, the middle and the top, with their labels at the left.
pub fn paint(ui: &Ui, plot: Rect, top: f64, label: impl Fn(f64) -> String) {
    let line = Stroke::new(1.0, ui.visuals().widgets.noninteractive.bg_stroke.color);
    for step in 0..=2 {
        let part = f64::from(step) / 2.0;
        let y = plot.bottom() - part as f32 * plot.height();
        ui.painter().hline(plot.x_range(), y, line);
        let (font, ink) = (FontId::proportional(11.5), ui.visuals().text_color());
        ui.painter().text(pos2(plot.left() - 4.0, y), Align2::RIGHT_CENTER, label(part * top), font, ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_are_round() {
        let tops = [0.0, 0.2, 1.2, 8.0, 51.0, 100.0, 230.0].map(nice_top);
        assert_eq!(tops, [1.0, 0.2, 2.0, 10.0, 100.0, 100.0, 500.0]);
    }
}
