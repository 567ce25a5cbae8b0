//! The dialog in front of all others.

use egui::Ui;

/// True for content of the dialog in front: keys belong to it. False in the first frame of a dialog.
pub fn is_in_front(ui: &Ui) -> bool {
    ui.memory(|memory| memory.top_modal_layer() == Some(ui.layer_id()))
}
