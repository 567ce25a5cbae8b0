//! Parts of the inspector for several kinds of subjects.

use crate::model::visible;

/// Hostile text, wrapped; a number and its percent sign stay on one line.
pub(super) fn wrapped(ui: &mut egui::Ui, text: &str) {
    ui.add(egui::Label::new(visible(text).replace(" %", "\u{a0}%")).wrap());
}

/// Heading that can be clicked. A label that is made to sense clicks later loses the keyboard in every frame, and Tab
/// never goes on from it.
pub(super) fn heading(ui: &mut egui::Ui, text: &str) -> egui::Response {
    ui.add(egui::Label::new(egui::RichText::new(text).heading()).sense(egui::Sense::click()))
}
