//! Marks that are being written.

use crate::ui::view::ViewContext;
use crate::ui::words;

/// Marks that are not on the disk yet, a line for each request: they are no evidence until then.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    for pending in cx.pending.iter().filter(|pending| pending.marks) {
        ui.horizontal_wrapped(|ui| {
            ui.spinner();
            ui.weak(format!("being written: {}", words::line(&pending.what, 120)));
        });
    }
}
