//! Inspector of the selection: its identity, its reasons, benign explanations and next steps.

mod account;
mod answer;
mod behind;
mod drafts;
mod evidence;
mod exchange;
mod lead;
mod likely;
mod marking;
mod parts;
mod saved;
mod shared;
mod signals;
mod value;
mod weigh;

use crate::case::Subject;
use crate::jobs::{Slot, SlotState};
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::follow_focus;
use crate::ui::{act_bar, acts, scopes, theme, words};

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
    /// True until the next frame marks the selection.
    marks: bool,
}

/// Width of the scroll bar, in points.
const BAR: f32 = 8.0;
/// Height of the panel, in points, from which the acts stay in sight.
const HIGH: f32 = 340.0;

impl Inspector {
    /// Draws the panel: what it is and the daily acts, which stay in sight, and under them the answer.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.ask(cx);
        // A low panel scrolls as a whole.
        let stays = ui.available_height() >= HIGH;
        if stays {
            self.head(ui, cx, false);
            if !matches!(cx.selected, Selected::Nothing) {
                ui.separator();
            }
        }
        let mut area = egui::ScrollArea::vertical().auto_shrink(false);
        if self.drawn != *cx.selected {
            self.drawn = cx.selected.clone();
            area = area.vertical_scroll_offset(0.0);
        }
        area.show(ui, |ui| {
            // The scroll bar lies beside the content, not over it.
            ui.set_width(ui.available_width() - BAR);
            if !stays {
                self.head(ui, cx, true);
            }
            self.body(ui, cx, stays);
            if let Some(why) = self.answer.failure() {
                ui.colored_label(ui.visuals().error_fg_color, why);
            }
            follow_focus::scroll(ui);
        });
    }

    /// Name, state and acts of the selection; `with_why` puts the answer before the acts, which fill a low panel.
    fn head(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, with_why: bool) {
        match cx.selected {
            Selected::Account(account) => account::head(ui, cx, *account),
            Selected::Lead(at) => lead::head(ui, cx, *at),
            Selected::Exchange(_) => drop(ui.heading("Exchange")),
            Selected::Saved(name) => drop(ui.heading(words::line(name, 60))),
            _ => return,
        }
        if with_why {
            lead::why(ui, present(&self.answer, cx));
        }
        act_bar::ui(ui, cx, acts::ALL.into_iter().filter(|act| act.is_in_bar(cx.selected)));
        let answer = present(&self.answer, cx);
        marking::ui(ui, cx, answer, self.drafts.form(cx), std::mem::take(&mut self.marks));
        // Under the acts, which would move under the pointer otherwise.
        outside(ui, cx);
    }

    /// The answer, the explanations and the details; `with_why` where the head had no room for the answer.
    fn body(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, with_why: bool) {
        let answer = present(&self.answer, cx);
        if with_why {
            lead::why(ui, answer);
        }
        match cx.selected {
            Selected::Nothing => nothing(ui, cx),
            Selected::Account(account) => account::answer(ui, cx, *account, answer),
            Selected::Lead(at) => lead::answer(ui, cx, *at, answer),
            Selected::Exchange(_) => exchange::ui(ui, cx, answer),
            Selected::Value(value) => value::value(ui, cx, *value),
            Selected::Topic(topic) => value::topic(ui, cx, *topic),
            Selected::Evidence(id) => evidence::ui(ui, cx, *id, self.drafts.form(cx)),
            Selected::Saved(name) => saved::ui(ui, cx, name, answer),
        }
        if let Some(subject) = subject(cx) {
            self.weigh.ui(ui, cx, &subject);
        }
        match cx.selected {
            Selected::Account(account) => account::details(ui, cx, *account, answer),
            Selected::Lead(at) => lead::details(ui, cx, *at, answer),
            _ => {}
        }
    }

    /// Marks the selection in the next frame, with tag and note of the form.
    pub fn mark(&mut self) {
        self.marks = true;
    }

    /// Unfolds the benign explanations in the next frame.
    pub fn unfold_explanations(&mut self) {
        self.weigh.unfold();
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

/// The answer about the present selection and leads.
fn present<'a>(slot: &'a Slot<(u64, Selected), Answer>, cx: &ViewContext<'_>) -> Option<&'a Answer> {
    let is_ready = slot.state() == SlotState::Ready;
    slot.answer().filter(|answer| is_ready && answer.about == *cx.selected)
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
            let (id, evidence) = scopes::evidence_of_saved(cx, name)?;
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
