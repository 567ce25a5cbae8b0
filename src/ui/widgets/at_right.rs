//! Widgets at the right edge in reading order for Tab and screen readers.
//!
//! A layout from right to left creates its widgets in that order, and Tab follows it. This layout creates them
//! from left to right, shifted by their width in the last frame.

use egui::Ui;

/// Draws `add` at the right edge of a horizontal layout. `name` is unique in its surroundings.
pub fn ui<R>(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    let id = ui.scope_id().with(("at right", name));
    let width: Option<f32> = ui.data(|data| data.get_temp(id));
    let spare = ui.available_width() - width.unwrap_or(0.0) - ui.spacing().item_spacing.x;
    if spare > 0.0 {
        ui.add_space(spare);
    }
    let drawn = ui.horizontal(add);
    let now = drawn.response.rect.width();
    if width.is_none_or(|width| (width - now).abs() > 0.5) {
        ui.data_mut(|data| data.insert_temp(id, now));
        ui.ctx().request_repaint();
    }
    drawn.inner
}
