//! One of the values of a dropdown, which closes once it is chosen, by Enter too.

use egui::Ui;

/// Draws a value of an open dropdown; a click or Enter chooses it and closes the dropdown.
pub fn option<V: PartialEq>(ui: &mut Ui, chosen: &mut V, value: V, text: impl Into<String>) {
    if ui.selectable_value(chosen, value, text.into()).clicked() {
        ui.close();
    }
}
