//! Redactions: rules with the number of their hits, listed words, and those made by hand.

use crate::bundle::{Audience, BundleError, RedactionCount, redaction_counts};
use crate::case::{Access, Action, Case, Redacted};
use crate::jobs::{Slot, SlotState};
use crate::model::{Digest, format_count, visible};
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};
use crate::ui::words;

/// The section of one case.
#[derive(Default)]
pub(super) struct Redactions {
    /// Hits of every redaction and rule, and the number of marked exchanges, for one head of the journal.
    counts: Slot<Option<Digest>, (Vec<RedactionCount>, u64)>,
    words: String,
    reason: String,
}

impl Redactions {
    /// Rules, lists and redactions by hand, for a bundle with prompts and responses.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, audience: Audience) {
        let head = cx.state.journal.last().map(|entry| entry.hash);
        let dir = cx.sources.case_dir.clone();
        self.counts.ask::<BundleError>(cx.jobs, Some("Counting hits of redactions"), head, move |_| {
            redaction_counts(&Case::open(&dir, Access::ReadOnly)?)
        });
        self.counts.poll();
        ui.strong("Redaction");
        if audience == Audience::Internal {
            ui.label("INTERNAL bundles have the text unchanged and list the places of all redactions.");
        }
        if let Some(why) = self.counts.failure() {
            ui.colored_label(ui.visuals().error_fg_color, visible(why));
        }
        if self.counts.state() == SlotState::Pending {
            ui.spinner();
        }
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Reason of new redactions");
            let field = egui::TextEdit::singleline(&mut self.reason)
                .hint_text("personal data of customers")
                .desired_width(320.0);
            ui.add_enabled(!cx.read_only, field).labelled_by(label.id);
        });
        let Some((counts, of)) = self.counts.answer() else { return };
        let reason = self.reason.trim();
        let can_add = !cx.read_only && !reason.is_empty();
        let add = |what: Redacted| {
            let (id, reason) = (cx.state.next_redaction(), reason.to_owned());
            cx.send(Command::Record(Action::RedactionAdded { id, what, reason }));
        };
        let (rules, others): (Vec<_>, Vec<_>) =
            counts.iter().partition(|one| matches!(one.redaction.what, Redacted::Rule { .. }));
        let mut rules = rules;
        rules.sort_by_key(|one| match one.redaction.what {
            Redacted::Rule { rule } => Some(rule),
            _ => None,
        });
        for one in rules {
            rule(ui, cx, one, *of, can_add, &add);
        }
        let mut listed = false;
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Words");
            let field = egui::TextEdit::singleline(&mut self.words).hint_text("a name").desired_width(200.0);
            ui.add_enabled(!cx.read_only, field).labelled_by(label.id);
            let ready = can_add && !self.words.trim().is_empty();
            let button = ui.add_enabled(ready, egui::Button::new("Redact these words"));
            if button.on_disabled_hover_text("Enter words and a reason first.").clicked() {
                add(Redacted::Words { words: self.words.trim().to_owned() });
                listed = true;
            }
        });
        for one in others {
            other(ui, cx, one, *of);
        }
        ui.weak("By hand: in Exchanges, reveal the text of a marked exchange and select words in it.");
        if listed {
            self.words.clear();
        }
    }

    /// Words typed and not redacted.
    pub(super) fn unsent(&self) -> Option<Unsent> {
        Unsent::of("words to redact", &self.words)
    }
}

/// `12 hits in 5 of 20 marked exchanges`.
fn hits(one: &RedactionCount, of: u64) -> String {
    format!(
        "{} in {} of {} marked exchanges",
        words::counted(one.hits, "hit", "hits"),
        format_count(one.exchanges),
        format_count(of)
    )
}

/// A rule: its state, its hits, and a change of its state.
fn rule(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    one: &RedactionCount,
    of: u64,
    can_add: bool,
    add: &dyn Fn(Redacted),
) {
    let Redacted::Rule { rule } = one.redaction.what else { return };
    let mut on = one.redaction.id > 0;
    ui.horizontal_wrapped(|ui| {
        let enabled = if on { !cx.read_only } else { can_add };
        let number = if on { format!("R{} ", one.redaction.id) } else { String::new() };
        let checkbox = egui::Checkbox::new(&mut on, format!("{number}{}", rule.title()));
        let hint = "Enter a reason first: the redaction log has it.";
        let response = ui.add_enabled(enabled, checkbox);
        if response.on_hover_text(rule.describe()).on_disabled_hover_text(hint).changed() {
            if on {
                add(one.redaction.what.clone());
            } else {
                cx.send(Command::Record(Action::RedactionRemoved { id: one.redaction.id }));
            }
        }
        ui.weak(hits(one, of));
        if !one.redaction.reason.is_empty() {
            ui.weak(words::line(&one.redaction.reason, 80));
        }
    });
}

/// Listed words, or a redaction by hand.
fn other(ui: &mut egui::Ui, cx: &ViewContext<'_>, one: &RedactionCount, of: u64) {
    let redaction = &one.redaction;
    ui.horizontal_wrapped(|ui| {
        ui.label(format!("R{} {}", redaction.id, words::line(&redaction.what.describe(), 120)));
        ui.weak(hits(one, of));
        ui.weak(words::line(&redaction.reason, 80));
        let title = format!("Remove R{}", redaction.id);
        if ui.add_enabled(!cx.read_only, egui::Button::new(title)).clicked() {
            cx.send(Command::Record(Action::RedactionRemoved { id: redaction.id }));
        }
    });
}
