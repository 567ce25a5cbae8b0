//! The benign explanations of a lead, each weighed by the investigator: for, against, verdict.

use std::collections::BTreeMap;

use egui::{Role, TextEdit, WidgetInfo};

use super::drafts::is_lead_now;
use crate::bundle::explanations;
use crate::case::{Action, Alternative, Subject, Verdict, Weighed};
use crate::model::visible;
use crate::ui::regions::{self, Region};
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};
use crate::ui::widgets::option::option;
use crate::ui::{keyboard, theme, words};

const VERDICTS: [Verdict; 3] = [Verdict::RuledOut, Verdict::Open, Verdict::Explains];

/// Maximum number of characters of an explanation in its header.
const HEADER: usize = 20;

/// Drafts by explanation.
type Drafts = BTreeMap<String, Draft>;

/// Drafts on the explanations of the selected subject, and of other subjects with unsent text.
#[derive(Default)]
pub struct WeighForm {
    subject: Option<Subject>,
    drafts: Drafts,
    others: Vec<(Subject, Drafts)>,
    /// True until the next frame unfolds the explanations.
    unfolds: bool,
    /// Explanation whose first field gets the keyboard once it is drawn.
    begins: Option<String>,
}

/// Draft of one explanation.
struct Draft {
    text: Alternative,
    /// Version at the beginning, or last sent.
    sent: Alternative,
}

impl Draft {
    fn unsent(&self, subject: &Subject) -> Option<Unsent> {
        if self.text == self.sent {
            return None;
        }
        let form = format!("{}, {}", self.text.explanation, subject.describe());
        let points = [self.text.evidence_for.trim(), self.text.evidence_against.trim()].join(" ");
        Unsent::of(form, &points)
    }
}

impl WeighForm {
    /// Unfolds the explanations in the next frame, with the keyboard in the first that is not weighed.
    pub fn unfold(&mut self) {
        self.unfolds = true;
    }

    /// Draws the explanations of a subject: a lead, an account or a scope marked as evidence.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, subject: &Subject) {
        self.turn_to(cx, subject);
        regions::begin(ui, Region::Explanations);
        let group = match subject {
            Subject::Lead { lead } => cx.decisions.list().follow(lead).at(),
            Subject::Account { .. } | Subject::Evidence { .. } => None,
        };
        let known = explanations(group.and_then(|at| cx.leads.groups.get(at)));
        let weighed: Vec<(&str, Weighed<'_>)> = known
            .iter()
            .map(|explanation| (explanation.as_str(), cx.decisions.weighed(subject, explanation)))
            .collect();
        let counted = weighed.iter().filter(|(_, weighed)| weighed.counts.is_some()).count();
        // A header does not wrap: a long one would widen the fields under it beyond the panel.
        let title = fitting(ui, &format!("{counted} of {} explanations weighed", known.len()));
        ui.add_space(theme::GROUP_GAP);
        for line in other_leads(cx, &weighed) {
            ui.colored_label(ui.visuals().warn_fg_color, visible(&line));
        }
        let unfolds = std::mem::take(&mut self.unfolds).then_some(true);
        if unfolds.is_some() {
            let open = weighed.iter().find(|(_, weighed)| weighed.counts.is_none()).or(weighed.first());
            self.begins = open.map(|(explanation, _)| (*explanation).to_owned());
        }
        egui::CollapsingHeader::new(title).id_salt("weigh").open(unfolds).show(ui, |ui| {
            ui.weak("Benign explanations. Points for and against go into the journal and the bundle.");
            for (explanation, weighed) in weighed {
                self.one(ui, cx, subject, explanation, &weighed);
            }
        });
    }

    fn turn_to(&mut self, cx: &ViewContext<'_>, subject: &Subject) {
        if self.subject.as_ref() == Some(subject) {
            return;
        }
        let is_now = |before: &Subject| match (before, subject) {
            (Subject::Lead { lead: before }, Subject::Lead { lead: now }) => is_lead_now(cx, before, now),
            _ => before == subject,
        };
        let before = self.subject.replace(subject.clone());
        if before.as_ref().is_some_and(is_now) {
            return;
        }
        let kept = self.others.iter().position(|(other, _)| is_now(other));
        let drafts = kept.map_or_else(Drafts::new, |at| self.others.remove(at).1);
        let left = std::mem::replace(&mut self.drafts, drafts);
        if let Some(before) = before.filter(|before| left.values().any(|one| one.unsent(before).is_some())) {
            self.others.push((before, left));
        }
    }

    /// Points typed and not saved.
    pub fn unsent(&self) -> Vec<Unsent> {
        let present = self.subject.iter().map(|subject| (subject, &self.drafts));
        let others = self.others.iter().map(|(subject, drafts)| (subject, drafts));
        let of = |(subject, drafts): (&Subject, &Drafts)| -> Vec<Unsent> {
            drafts.values().filter_map(|draft| draft.unsent(subject)).collect()
        };
        present.chain(others).flat_map(of).collect()
    }

    fn one(
        &mut self,
        ui: &mut egui::Ui,
        cx: &ViewContext<'_>,
        subject: &Subject,
        explanation: &str,
        weighed: &Weighed<'_>,
    ) {
        let state = weighed.counts.map_or("not weighed", |stated| short_name(stated.verdict));
        // A decision on an earlier lead is the draft of the decision on this one.
        let own = Alternative::new(subject.clone(), explanation);
        let stated = weighed.counts.map(|weighed| Alternative {
            lead: own.lead.clone(),
            subject: own.subject.clone(),
            ..weighed.clone()
        });
        let is_own = weighed.counts.is_some_and(|weighed| weighed.subject == own.subject);
        let draft = self.drafts.entry(explanation.to_owned()).or_insert_with(|| {
            let text = stated.clone().unwrap_or_else(|| own.clone());
            Draft { sent: text.clone(), text }
        });
        // The lead may have another id than when the text was begun.
        (draft.text.lead, draft.text.subject) = (own.lead.clone(), own.subject.clone());
        (draft.sent.lead, draft.sent.subject) = (own.lead, own.subject.clone());
        let Draft { text: draft, sent } = draft;
        let title = fitting(ui, &format!("{}: {state}", words::middle(explanation, HEADER)));
        let begins = self.begins.as_deref() == Some(explanation);
        let header = egui::CollapsingHeader::new(title).id_salt(explanation);
        let response = header.open(begins.then_some(true)).show(ui, |ui| {
            ui.add_enabled_ui(!cx.read_only, |ui| {
                let field = text(ui, &format!("For: {explanation}"), &mut draft.evidence_for);
                if begins {
                    keyboard::give(ui.ctx(), field.id);
                    self.begins = None;
                }
                text(ui, &format!("Against: {explanation}"), &mut draft.evidence_against);
                verdict(ui, explanation, &mut draft.verdict);
                let written =
                    !draft.evidence_for.trim().is_empty() || !draft.evidence_against.trim().is_empty();
                let ready = written && !(is_own && stated.as_ref() == Some(draft));
                let button = ui.add_enabled(ready, egui::Button::new("Save"));
                let label = format!("Save: {explanation}");
                button.widget_info(|| WidgetInfo::labeled(Role::Button, ready, &label));
                let why = "Enter a point for or against first. An unchanged entry is not saved again.";
                if button.on_disabled_hover_text(why).clicked() {
                    sent.clone_from(draft);
                    cx.send(Command::Record(Action::AlternativeWeighed { alternative: draft.clone() }));
                }
            });
        });
        if explanation.chars().count() > HEADER {
            response.header_response.on_hover_text(explanation);
        }
    }
}

/// A title cut in the middle to the width of the panel, beside the triangle of its header.
fn fitting(ui: &egui::Ui, title: &str) -> String {
    const TRIANGLE: f32 = 24.0;
    words::fitting(title, ui.available_width() - TRIANGLE)
}

/// Decisions made on an earlier lead, or superseded by another, one line each.
fn other_leads(cx: &ViewContext<'_>, weighed: &[(&str, Weighed<'_>)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (explanation, weighed) in weighed {
        let of_other = |other: &Alternative| cx.decisions.weighed_for_other(other);
        if let Some(lead) = weighed.counts.and_then(of_other) {
            lines.push(format!("{explanation}: weighed for {lead}"));
        }
        for other in &weighed.beside {
            let lead = of_other(other).unwrap_or_else(|| other.weighed_for());
            lines.push(format!("{explanation}: {}, weighed for {lead}; not counted", name(other.verdict)));
        }
    }
    lines
}

fn text(ui: &mut egui::Ui, name: &str, text: &mut String) -> egui::Response {
    let label = ui.weak(name);
    ui.add(TextEdit::multiline(text).id_salt(name).desired_rows(2).desired_width(f32::INFINITY))
        .labelled_by(label.id)
}

fn verdict(ui: &mut egui::Ui, explanation: &str, chosen: &mut Verdict) {
    let combo = egui::ComboBox::from_id_salt("verdict").selected_text(name(*chosen)).show_ui(ui, |ui| {
        for each in VERDICTS {
            option(ui, chosen, each, name(each));
        }
    });
    let label = format!("Verdict on {explanation}: {}", name(*chosen));
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
}

fn short_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::RuledOut => "ruled out",
        Verdict::Open => "possible",
        Verdict::Explains => "explains it",
    }
}

fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::RuledOut => "ruled out by the evidence",
        Verdict::Open => "possible, not ruled out",
        Verdict::Explains => "explains the lead",
    }
}
