//! Widgets at the right edge that are read and tabbed from left to right.
//!
//! A layout from right to left makes its widgets in that order, and Tab follows it. Here they are made
//! from left to right, moved by the width that they had in the last frame.

use egui::Ui;

/// Draws `add` at the right edge of a horizontal layout. `name` is unique in its surroundings.
pub fn ui<R>(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    let id = ui.scope_id().with(("at right", name));
    let width: Option<f32> = ui.data(|data| data.get_temp(id));
    let spare = ui.available_width() - width.unwrap_or(0.0) - ui.spacing().item_spacing.x;
    if spare > 0.0 {
        ui.add_space(spare);
    }
    let shown = ui.horizontal(add);
    let now = shown.response.rect.width();
    if width.is_none_or(|width| (width - now).abs() > 0.5) {
        ui.data_mut(|data| data.insert_temp(id, now));
        ui.ctx().request_repaint();
    }
    shown.inner
}
