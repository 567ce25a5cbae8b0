//! Parts of the inspector for several kinds of subjects.

use crate::model::visible;
use crate::ui::regions::{self, Region};
use crate::ui::theme;

/// Draws the form that marks the subject as evidence.
pub(super) fn mark(ui: &mut egui::Ui, form: impl FnOnce(&mut egui::Ui)) {
    ui.add_space(theme::GROUP_GAP);
    regions::begin(ui, Region::Mark);
    ui.strong("Mark as evidence");
    form(ui);
}

/// Hostile text, wrapped; a number and its percent sign stay on one line.
pub(super) fn wrapped(ui: &mut egui::Ui, text: &str) {
    ui.add(egui::Label::new(visible(text).replace(" %", "\u{a0}%")).wrap());
}
