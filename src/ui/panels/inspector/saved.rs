//! A saved scope in the inspector: a group that is marked and weighed like a lead.

use super::answer::Answer;
use super::shared;
use crate::case::Action;
use crate::ui::scopes;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::words;

/// Draws the saved scope.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, name: &str, answer: Option<&Answer>) {
    let Some(scope) = scopes::saved_as(cx, name) else {
        ui.weak(if cx.pending.is_empty() { "This scope is no longer saved." } else { "Being saved…" });
        return;
    };
    ui.label(words::line(&scope.describe(cx.zone), 300));
    if let Some(exchanges) = answer.and_then(|answer| answer.exchanges) {
        ui.weak(words::counted(exchanges, "exchange", "exchanges"));
    }
    ui.horizontal_wrapped(|ui| {
        if ui.button("Show links").clicked() {
            cx.send(Command::SetScope(scope.clone()));
            cx.send(Command::ShowView("links"));
        }
        let remove = ui.add_enabled(!cx.read_only, egui::Button::new("Remove"));
        if remove.on_hover_text("Removes the saved scope; undo brings it back").clicked() {
            cx.send(Command::Record(Action::ScopeRemoved { name: name.to_owned() }));
            cx.send(Command::Select(Selected::Nothing));
        }
    });
    shared::ui(ui, cx, answer);
}
