//! Parts of the inspector for several kinds of subjects.

use crate::model::visible;

/// Hostile text, wrapped; a number and its percent sign stay on one line.
pub(super) fn wrapped(ui: &mut egui::Ui, text: &str) {
    ui.add(egui::Label::new(visible(text).replace(" %", "\u{a0}%")).wrap());
}
