//! List of decisions that are being written.

use crate::ui::view::ViewContext;
use crate::ui::words;

/// Draws a line for each decision that is not on the disk yet; a mark is evidence only once it is written.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    for pending in cx.pending.iter().filter(|pending| pending.marks) {
        ui.horizontal_wrapped(|ui| {
            ui.spinner();
            ui.weak(format!("being written: {}", words::line(&pending.what, 120)));
        });
    }
}
