//! Inspector of the selection: its identity, its reasons, benign explanations and next steps.

mod account;
mod answer;
mod drafts;
mod evidence;
mod exchange;
mod lead;
mod likely;
mod parts;
mod saved;
mod shared;
mod signals;
mod value;
mod weigh;

use crate::case::Subject;
use crate::jobs::{Slot, SlotState};
use crate::ui::scopes;
use crate::ui::theme;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::follow_focus;

use answer::Answer;
use drafts::Drafts;
use weigh::WeighForm;

pub use evidence::go_to;

/// The panel's own state.
#[derive(Default)]
pub struct Inspector {
    answer: Slot<(u64, Selected), Answer>,
    drafts: Drafts,
    weigh: WeighForm,
    /// Subject drawn last; another one is drawn from its beginning.
    drawn: Selected,
}

impl Inspector {
    /// Draws the panel.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.ask(cx);
        let mut area = egui::ScrollArea::vertical().auto_shrink(false);
        if self.drawn != *cx.selected {
            self.drawn = cx.selected.clone();
            area = area.vertical_scroll_offset(0.0);
        }
        area.show(ui, |ui| {
            ui.set_width(ui.available_width());
            // An answer about an earlier selection or earlier leads is not drawn.
            let is_ready = self.answer.state() == SlotState::Ready;
            let answer = self.answer.answer().filter(|answer| is_ready && answer.about == *cx.selected);
            let form = self.drafts.form(cx);
            outside(ui, cx);
            match cx.selected {
                Selected::Nothing => nothing(ui, cx),
                Selected::Account(account) => account::ui(ui, cx, *account, answer, form),
                Selected::Lead(at) => lead::ui(ui, cx, *at, answer, form),
                Selected::Exchange(row) => exchange::ui(ui, cx, *row, answer, form),
                Selected::Value(value) => value::value(ui, cx, *value),
                Selected::Topic(topic) => value::topic(ui, cx, *topic),
                Selected::Evidence(id) => evidence::ui(ui, cx, *id, form),
                Selected::Saved(name) => saved::ui(ui, cx, name, answer, form),
            }
            if let Some(subject) = subject(cx) {
                self.weigh.ui(ui, cx, &subject);
            }
            if let Some(why) = self.answer.failure() {
                ui.colored_label(ui.visuals().error_fg_color, why);
            }
            follow_focus::scroll(ui);
        });
    }

    /// Text typed in the inspector and not sent.
    pub fn unsent(&self, cx: &ViewContext<'_>) -> Vec<Unsent> {
        let mut unsent = self.drafts.unsent(cx);
        unsent.extend(self.weigh.unsent());
        unsent
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(work) = answer::work(cx) {
            // New leads need a new answer.
            let question = (cx.data_version, cx.selected.clone());
            self.answer.ask(cx.jobs, None, question, work);
        }
        self.answer.poll();
    }
}

/// Subject of the explanations that are weighed for what is selected.
fn subject(cx: &ViewContext<'_>) -> Option<Subject> {
    match cx.selected {
        Selected::Account(account) => {
            Some(Subject::Account { account: cx.cache.accounts().get(*account as usize)?.id.clone() })
        }
        Selected::Lead(at) => Some(Subject::Lead { lead: cx.decisions.list().leads().get(*at)?.clone() }),
        Selected::Evidence(id) => cx.state.evidence.get(id)?.source.subject(*id),
        Selected::Saved(name) => {
            let scope = scopes::saved_as(cx, name)?;
            let (id, evidence) = saved::evidence_of(cx, scope)?;
            evidence.source.subject(id)
        }
        _ => None,
    }
}

/// Warns if the selection lies outside the scope, because views and inspector then differ.
fn outside(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let Some(selection) = cx.selection else { return };
    let is_inside = |account: &u32| selection.accounts.binary_search(account).is_ok();
    let (inside, of_it) = match cx.selected {
        Selected::Account(account) => (is_inside(account), None),
        Selected::Lead(at) => match cx.leads.groups.get(*at) {
            Some(group) => (group.accounts.iter().any(is_inside), Some(scopes::of_lead(cx, group))),
            None => return,
        },
        Selected::Exchange(row) => {
            let run = selection.runs.partition_point(|run| run.end <= *row);
            (selection.runs.get(run).is_some_and(|run| run.contains(row)), None)
        }
        _ => return,
    };
    if inside {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.colored_label(
            ui.visuals().warn_fg_color,
            "The selection is outside the scope: the views do not show it.",
        );
        if let Some(scope) = of_it
            && ui.small_button("Show it").on_hover_text("Sets the scope to it").clicked()
        {
            cx.send(Command::SetScope(scope));
        }
    });
}

fn nothing(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    ui.heading("First step");
    ui.add_space(theme::GAP);
    if cx.leads.groups.is_empty() {
        ui.label("0 leads: no group of accounts is linked strongly enough. A campaign may still exist. Check the ranked accounts and the signals that could not be tested.");
    } else {
        ui.label("Select the first lead in Leads. Its reasons, benign explanations and shared values then appear here.");
    }
}
