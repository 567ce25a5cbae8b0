//! The benign explanations of a lead, each weighed by the investigator: for, against, verdict.

use std::collections::BTreeMap;

use egui::{Role, TextEdit, WidgetInfo};

use crate::bundle::EXPLANATIONS;
use crate::case::{Action, Alternative, Verdict};
use crate::ui::theme;
use crate::ui::view::{Command, ViewContext};

const VERDICTS: [Verdict; 3] = [Verdict::RuledOut, Verdict::Open, Verdict::Explains];

/// What has been written about the explanations of one lead and not yet journaled.
#[derive(Default)]
pub struct WeighForm {
    lead: String,
    drafts: BTreeMap<&'static str, Alternative>,
}

impl WeighForm {
    /// Draws the explanations of `lead`: a scope's title or an account's id, as evidence names it.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, lead: &str) {
        if self.lead != lead {
            *self = Self { lead: lead.to_owned(), drafts: BTreeMap::new() };
        }
        let weighed = EXPLANATIONS.iter().filter(|explanation| stated(cx, lead, explanation).is_some());
        let title = format!("Weighed: {} of {} benign explanations", weighed.count(), EXPLANATIONS.len());
        ui.add_space(theme::GROUP_GAP);
        egui::CollapsingHeader::new(title).id_salt("weigh").show(ui, |ui| {
            ui.weak("What you write here is journaled and goes into the bundle, for and against.");
            for explanation in EXPLANATIONS {
                self.one(ui, cx, explanation);
            }
        });
    }

    fn one(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, explanation: &'static str) {
        let stated = stated(cx, &self.lead, explanation);
        let said = stated.map_or("not weighed", |stated| name(stated.verdict));
        let draft = self.drafts.entry(explanation).or_insert_with(|| {
            stated.cloned().unwrap_or_else(|| Alternative {
                lead: self.lead.clone(),
                explanation: explanation.to_owned(),
                evidence_for: String::new(),
                evidence_against: String::new(),
                verdict: Verdict::Open,
            })
        });
        let header = egui::CollapsingHeader::new(format!("{explanation}: {said}")).id_salt(explanation);
        header.show(ui, |ui| {
            ui.add_enabled_ui(!cx.read_only, |ui| {
                text(ui, &format!("For: {explanation}"), &mut draft.evidence_for);
                text(ui, &format!("Against: {explanation}"), &mut draft.evidence_against);
                verdict(ui, explanation, &mut draft.verdict);
                let written = !draft.evidence_for.trim().is_empty() || !draft.evidence_against.trim().is_empty();
                let ready = written && stated != Some(draft);
                let button = ui.add_enabled(ready, egui::Button::new(format!("Journal: {explanation}")));
                let why = "Write what speaks for or against it first; what is journaled already needs no second entry.";
                if button.on_disabled_hover_text(why).clicked() {
                    cx.send(Command::Record(Action::AlternativeWeighed { alternative: draft.clone() }));
                }
            });
        });
    }
}

fn stated<'a>(cx: &ViewContext<'a>, lead: &str, explanation: &str) -> Option<&'a Alternative> {
    cx.state.alternatives.iter().find(|told| told.lead == lead && told.explanation == explanation)
}

fn text(ui: &mut egui::Ui, name: &str, text: &mut String) {
    let label = ui.weak(name);
    ui.add(TextEdit::multiline(text).desired_rows(2).desired_width(f32::INFINITY)).labelled_by(label.id);
}

fn verdict(ui: &mut egui::Ui, explanation: &str, chosen: &mut Verdict) {
    let combo = egui::ComboBox::from_id_salt("verdict").selected_text(name(*chosen)).show_ui(ui, |ui| {
        for each in VERDICTS {
            ui.selectable_value(chosen, each, name(each));
        }
    });
    let label = format!("Verdict on {explanation}: {}", name(*chosen));
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
}

fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::RuledOut => "ruled out by the evidence",
        Verdict::Open => "possible, not ruled out",
        Verdict::Explains => "it explains the lead",
    }
}
