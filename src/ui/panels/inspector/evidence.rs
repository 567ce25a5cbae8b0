//! A piece of evidence in the inspector: read, edit, remove, go to its source.

use crate::case::{Action, EvidenceSource};
use crate::model::{Followed, Scope};
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::mark::MarkForm;
use crate::ui::words;

/// Draws the evidence.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, id: u64, form: &mut MarkForm) {
    let Some(evidence) = cx.state.evidence.get(&id) else {
        ui.weak("This evidence was removed; the Journal view shows the entry. Undo restores a removal, Redo restores an undone mark.");
        return;
    };
    ui.heading(format!("Evidence {id}"));
    ui.label(words::evidence_source(&evidence.source, cx.zone));
    if let Some(lead) = cx.decisions.evidence_in_words(id) {
        ui.weak(format!("marked for {lead}"));
        if let Some(at) = cx.decisions.of_evidence(id).and_then(Followed::at)
            && ui.link(words::lead(cx.leads, at)).clicked()
        {
            cx.send(Command::Select(Selected::Lead(at)));
        }
    }
    ui.weak(format!("marked {} {}", cx.zone.format(evidence.marked), cx.zone.name()));
    if let Some(mapping) = cx.state.earlier_mapping(evidence) {
        ui.weak(format!(
            "Read with {}. That mapping has since been replaced.",
            words::line(&mapping.describe(), 120)
        ));
    }
    if ui.button("Go to the source").clicked() {
        go_to(cx, &evidence.source);
    }
    ui.separator();
    if let Some((tag, note)) = form.ui(ui, "Change tag and note", !cx.read_only) {
        *form = MarkForm::editing(&tag, &note);
        cx.send(Command::Record(Action::EvidenceChanged { id, tag, note }));
    }
    if ui.add_enabled(!cx.read_only, egui::Button::new("Remove from evidence")).clicked() {
        cx.send(Command::Record(Action::EvidenceRemoved { id }));
    }
}

/// Goes to the source of a piece of evidence.
pub fn go_to(cx: &ViewContext<'_>, source: &EvidenceSource) {
    match source {
        EvidenceSource::Exchange { exchange, account, .. } => {
            cx.send(Command::SetScope(Scope::default().with_account(account.clone())));
            cx.send(Command::SelectExchange(exchange.clone()));
            cx.send(Command::ShowView("exchanges"));
        }
        EvidenceSource::Account { account } => {
            cx.send(Command::SetScope(Scope::default().with_account(account.clone())));
            if let Some(account) = cx.cache.account_index(account) {
                cx.send(Command::Select(Selected::Account(account)));
            }
        }
        EvidenceSource::Scope { scope, .. } => cx.send(Command::SetScope(scope.clone())),
    }
}
