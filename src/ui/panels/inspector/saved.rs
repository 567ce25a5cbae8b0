//! A saved scope in the inspector: a group that is marked and weighed like a lead.

use super::answer::Answer;
use super::parts::mark;
use super::shared;
use crate::case::{Action, Evidence, EvidenceSource};
use crate::model::Scope;
use crate::ui::scopes;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::mark::MarkForm;
use crate::ui::words;

/// Draws the saved scope.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, name: &str, answer: Option<&Answer>, form: &mut MarkForm) {
    ui.heading(words::line(name, 60));
    let Some(scope) = scopes::saved_as(cx, name) else {
        ui.weak(if cx.pending.is_empty() { "This scope is no longer saved." } else { "Being saved…" });
        return;
    };
    ui.label(words::line(&scope.describe(cx.zone), 300));
    if let Some(exchanges) = answer.and_then(|answer| answer.exchanges) {
        ui.weak(words::counted(exchanges, "exchange", "exchanges"));
    }
    ui.horizontal_wrapped(|ui| {
        if ui.button("Set scope to it").clicked() {
            cx.send(Command::SetScope(scope.clone()));
        }
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
    mark(ui, |ui| {
        if evidence_of(cx, scope).is_none() {
            ui.weak("Once it is marked, benign explanations of it can be weighed.");
        }
        form.warn(ui, cx, |source| is_of(source, scope));
        let is_marked = form.marked(ui, cx, |source| is_of(source, scope));
        let action = if is_marked { "Group is marked" } else { "Mark group as evidence" };
        if let Some((tag, note)) = form.ui(ui, action, !cx.read_only && !is_marked) {
            let source = EvidenceSource::Scope { scope: scope.clone(), title: name.to_owned() };
            cx.send(Command::TagSource(source, tag, note));
        }
    });
}

/// Evidence made from a scope, the latest first.
pub fn evidence_of<'a>(cx: &ViewContext<'a>, scope: &Scope) -> Option<(u64, &'a Evidence)> {
    let state: &'a crate::case::State = cx.state;
    let mut latest_first = state.evidence.iter().rev();
    latest_first.find(|(_, evidence)| is_of(&evidence.source, scope)).map(|(id, evidence)| (*id, evidence))
}

fn is_of(source: &EvidenceSource, scope: &Scope) -> bool {
    matches!(source, EvidenceSource::Scope { scope: other, .. } if other == scope)
}
