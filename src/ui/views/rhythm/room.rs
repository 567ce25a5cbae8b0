//! Room of a page with one chart.

use egui::{Rect, vec2};

/// Smallest height of a chart, in points.
const MIN_CHART: f32 = 150.0;

/// One chart in the whole area; scrolls where the area is too low for it. The chart is given the height of the area.
pub fn scrolled(ui: &mut egui::Ui, chart: impl FnOnce(&mut egui::Ui, f32)) {
    let room = ui.available_height();
    egui::ScrollArea::vertical().id_salt("chart").auto_shrink([false, false]).show(ui, |ui| chart(ui, room));
}

/// What is left of the height `room` under the text of a chart.
pub fn below(ui: &egui::Ui, room: f32) -> Rect {
    let height = (room - (ui.cursor().top() - ui.min_rect().top())).max(MIN_CHART);
    Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height))
}
