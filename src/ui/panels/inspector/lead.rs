//! A lead on a group in the inspector.

use super::account::{mark, pivots, why};
use super::answer::Answer;
use crate::case::EvidenceSource;
use crate::leads::GroupLead;
use crate::model::Scope;
use crate::ui::view::{Command, ViewContext};
use crate::ui::widgets::mark::MarkForm;
use crate::ui::words;

/// Draws the lead.
pub fn ui(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    index: usize,
    answer: Option<&Answer>,
    form: &mut MarkForm,
) {
    let Some(group) = cx.leads.groups.get(index) else { return };
    ui.heading(group.name());
    ui.label(format!(
        "Rank {} of {} leads; {} core and {} joined members; {}",
        words::count(index as u64 + 1),
        words::count(cx.leads.groups.len() as u64),
        words::count(group.core.len() as u64),
        words::count(group.joined() as u64),
        words::counted(group.exchanges, "exchange", "exchanges")
    ))
    .on_hover_text(
        "Core members formed the lead. Joined members were added by their membership probability.",
    );
    ui.weak(format!(
        "{} to {} {}",
        cx.zone.format(group.span.start),
        cx.zone.format(group.span.end),
        cx.zone.name()
    ));
    axes(ui, group);
    ui.horizontal_wrapped(|ui| {
        if ui.button("Set scope to it").clicked() {
            cx.send(Command::SetScope(scope_of(cx, group)));
        }
        if ui.button("Show links").clicked() {
            cx.send(Command::SetScope(scope_of(cx, group)));
            cx.send(Command::ShowView("links"));
        }
        let limit = ui.button("Try a limit").on_hover_text(
            "From which day a threshold would have caught its accounts, and how many others it would have hit.",
        );
        if limit.clicked() {
            cx.send(Command::SetScope(scope_of(cx, group)));
            cx.send(Command::ShowView("limits"));
        }
    });
    why(ui, cx, answer, None);
    pivots(ui, cx, answer);
    mark(ui, |ui| {
        if let Some((tag, note)) = form.ui(ui, "Mark lead as evidence", !cx.read_only) {
            let source = EvidenceSource::Scope { scope: group.scope(cx.cache), title: group.name() };
            cx.send(Command::TagSource(source, tag, note));
        }
    });
}

/// Draws both axes; they are never combined into one number.
fn axes(ui: &mut egui::Ui, group: &GroupLead) {
    ui.label(format!("Common control: {:.1} bits", group.common_control_bits)).on_hover_text(
        "Median over its accounts of their strongest link. More bits mean rarer shared values.",
    );
    if let Some(p) = group.common_control_p {
        ui.label(format!("Joint behaviour: p {}", words::probability(Some(p)))).on_hover_text(
            "Combined p-value of hand-over, over-homogeneity and the other group signals. Accounts of one company can score alike.",
        );
    }
    let p = words::probability(group.extraction_p);
    let error_rate = match (group.ranked_only, group.q_value) {
        (false, Some(q)) => format!("q {}", words::probability(Some(q))),
        _ => "ranked only, no error-rate claim".to_owned(),
    };
    ui.label(format!("Extraction-likeness: p {p}; {error_rate}")).on_hover_text(
        "p-value of its median account among the peers of its cohort. It is not a probability of guilt.",
    );
}

/// The present scope on a lead's accounts.
pub fn scope_of(cx: &ViewContext<'_>, group: &GroupLead) -> Scope {
    Scope { accounts: group.scope(cx.cache).accounts, ..Scope::clone(cx.scope) }
}
