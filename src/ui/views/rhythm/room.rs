//! Room of a page with one chart.

use egui::{Rect, ScrollArea, Ui, UiBuilder, vec2};

/// Smallest height of a chart, in points.
const MIN_CHART: f32 = 150.0;
/// Height in points below which the text stands beside the chart.
const LOW: f32 = 300.0;
/// Width in points from which it can.
const WIDE: f32 = 620.0;
/// Width of the text beside a chart, in points.
const TEXT: f32 = 250.0;

/// Draws the text of a page, then its chart into the rest of the area: under the text, or beside it where the area is
/// low. What has no room scrolls.
pub fn page(ui: &mut Ui, text: impl FnOnce(&mut Ui), chart: impl FnOnce(&mut Ui, Rect)) {
    let room = ui.available_size();
    ScrollArea::vertical().id_salt("chart").auto_shrink([false, false]).show(ui, |ui| {
        let top = ui.cursor().min;
        let beside = room.y < LOW && room.x >= WIDE;
        let rect = if beside {
            let left = Rect::from_min_size(top, vec2(TEXT, room.y));
            ui.scope_builder(UiBuilder::new().id_salt("text").max_rect(left), text);
            let size = vec2(room.x - TEXT - ui.spacing().item_spacing.x, room.y.max(MIN_CHART));
            Rect::from_min_size(top + vec2(room.x - size.x, 0.0), size)
        } else {
            text(ui);
            let height = (room.y - (ui.cursor().top() - top.y)).max(MIN_CHART);
            Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height))
        };
        ui.scope_builder(UiBuilder::new().id_salt("drawn").max_rect(rect), |ui| chart(ui, rect));
    });
}
