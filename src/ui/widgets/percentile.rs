//! A small bar for the percentile of a value among its peers.

use egui::{Role, Sense, WidgetInfo, vec2};

use crate::ui::{theme, words};

/// Draws the bar; `percentile` runs from 0 to 100, 100 being the most unusual.
pub fn bar(ui: &mut egui::Ui, percentile: f32, width: f32) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 10.0), Sense::hover());
    let share = (percentile / 100.0).clamp(0.0, 1.0);
    let visuals = ui.visuals();
    ui.painter().rect_filled(rect, 2.0, visuals.widgets.inactive.weak_bg_fill);
    let mut filled = rect;
    filled.set_width(rect.width() * share);
    ui.painter().rect_filled(filled, 2.0, theme::scope(visuals));
    let hint = place(percentile);
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, &hint));
    response.on_hover_text(hint)
}

/// `99th percentile among its peers`. Rounds down, so that only the maximum is the 100th.
pub fn place(percentile: f32) -> String {
    format!("{} percentile among its peers", words::ordinal(percentile.clamp(0.0, 100.0) as u32))
}
