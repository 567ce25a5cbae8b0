//! Reading queue: the most telling exchanges of the scope in order, with those that were read in this session.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Key, Role, WidgetInfo};

use crate::cache::{AccountIndex, CacheError, RowId};
use crate::case::{Evidence, EvidenceSource};
use crate::jobs::{Slot, SlotState};
use crate::model::Micros;
use crate::query::telling::{Queue, Telling, telling};
use crate::topics::classes::ALL as CLASSES;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::keys::{self, Pressed};
use crate::ui::{theme, words};

/// Length of the queue.
const LENGTH: usize = 40;
/// Name of the table of the queue.
pub const TABLE: &str = "the reading queue";

/// Wish of the user.
pub enum Wish {
    /// Read this exchange.
    Read(RowId),
    /// Mark this exchange as evidence.
    Mark(RowId),
    /// Hold this exchange, or compare it with the held one.
    Compare(RowId),
}

/// The queue's own state.
#[derive(Default)]
pub struct ReadingQueue {
    open: bool,
    queue: Slot<(u64, u64), Queue>,
    at: Option<usize>,
    read: BTreeSet<RowId>,
}

impl ReadingQueue {
    /// Draws the button that opens and closes the queue, and opens it where another view asked for it.
    pub fn toggle(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let hint = "Exchanges that are much more common in the scope than elsewhere, most telling first";
        let switched = ui.toggle_value(&mut self.open, "Reading queue").on_hover_text(hint).changed();
        self.open |= cx.opens_queue;
        if self.open && (switched || cx.opens_queue) {
            keys::focus(ui.ctx(), TABLE);
        }
    }

    /// Shows the table again.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// True if the queue stands in place of the table.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Remembers exchanges whose text was shown.
    pub fn has_read(&mut self, rows: &[RowId]) {
        self.read.extend(rows);
    }

    /// Draws the queue.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> Option<Wish> {
        self.ask(cx);
        if let Some(why) = cx.text_pass.in_words() {
            ui.weak(format!("{why} The reading queue compares prompts, so it comes after the pass."));
            return None;
        }
        if let Some(failure) = self.queue.failure() {
            ui.colored_label(ui.visuals().error_fg_color, format!("The queue could not be made: {failure}"));
        }
        let pressed = keys::pressed(ui, TABLE, &[Key::N, Key::M, Key::X]);
        let Some(queue) = self.queue.answer() else {
            ui.spinner();
            return None;
        };
        if queue.exchanges.is_empty() {
            ui.label(why_empty(queue));
            return None;
        }
        let listed = &queue.exchanges;
        self.at = self.at.filter(|at| *at < listed.len());
        if pressed == Some(Pressed::Letter(Key::X)) {
            return self.at.map(|at| Wish::Compare(listed[at].row));
        }
        let unread = |from: usize| (from..listed.len()).find(|at| !self.read.contains(&listed[*at].row));
        let next_unread = unread(self.at.map_or(0, |at| at + 1)).or_else(|| unread(0));
        let mut wish = match pressed {
            Some(Pressed::Move { step, .. }) => {
                step.from(self.at, listed.len()).or(self.at).map(|at| (at, false))
            }
            Some(Pressed::Letter(Key::N)) => next_unread.map(|at| (at, false)),
            Some(Pressed::Letter(Key::M)) => self.at.map(|at| (at, true)),
            _ => None,
        };
        let read = listed.iter().filter(|one| self.read.contains(&one.row)).count();
        ui.horizontal_wrapped(|ui| {
            ui.strong(format!("{read} of {} read", listed.len())).on_hover_text(explained(queue));
            let mut go = |text: &str, hint: &str, at: Option<usize>| {
                if ui.add_enabled(at.is_some(), egui::Button::new(text)).on_hover_text(hint).clicked() {
                    wish = at.map(|at| (at, false));
                }
            };
            go("Previous", "Arrow up", self.at.and_then(|at| at.checked_sub(1)));
            let next = self.at.map_or(0, |at| at + 1);
            go("Next", "Arrow down", Some(next).filter(|at| *at < listed.len()));
            go("Next unread", "N", next_unread);
            let mark = ui.add_enabled(self.at.is_some() && !cx.read_only, egui::Button::new("Mark"));
            if mark.on_hover_text("M: marks the exchange with the tag chosen last").clicked() {
                wish = self.at.map(|at| (at, true));
            }
            if self.queue.state() == SlotState::Pending {
                ui.spinner();
            }
        });
        let scroll_to = wish.map(|(at, _)| at);
        let (hot, marked) = (cx.cache.hot(), marked(cx));
        egui::ScrollArea::vertical().id_salt("queue").auto_shrink([false, false]).show(ui, |ui| {
            for (at, one) in listed.iter().enumerate() {
                let is_read = self.read.contains(&one.row);
                let place = (hot.ts.get(one.row as usize).copied().unwrap_or(0), hot.account_of(one.row));
                let state = (self.at == Some(at), is_read, marked.contains(&place));
                let response = line(ui, cx, at, one, state);
                if response.clicked() {
                    wish = Some((at, false));
                    keys::focus(ui.ctx(), TABLE);
                }
                if scroll_to == Some(at) {
                    response.scroll_to_me(None);
                }
            }
        });
        let (at, marks) = wish?;
        let row = listed[at].row;
        self.at = Some(at);
        cx.send(Command::Select(Selected::Exchange(row)));
        Some(if marks { Wish::Mark(row) } else { Wish::Read(row) })
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair()
            && cx.text_pass.in_words().is_none()
        {
            let cache = Arc::clone(cx.cache);
            self.queue.ask::<CacheError>(cx.jobs, None, cx.pair_version(), move |ticket| {
                telling(&cache, &pair.a, pair.b.as_deref(), LENGTH, ticket)
            });
        }
        if self.queue.poll() {
            self.at = None;
        }
    }
}

/// Time and account of the exchanges that are evidence.
fn marked(cx: &ViewContext<'_>) -> BTreeSet<(Micros, AccountIndex)> {
    let of = |evidence: &Evidence| match &evidence.source {
        EvidenceSource::Exchange { account, ts, .. } => Some((*ts, cx.cache.account_index(account)?)),
        _ => None,
    };
    cx.state.evidence.values().filter_map(of).collect()
}

fn why_empty(queue: &Queue) -> String {
    match queue.compared {
        [0, _] => "0 exchanges of the scope are in the sample of prompts. Widen the scope.".to_owned(),
        [_, 0] => {
            "0 exchanges outside the scope to compare with. Set the scope to a lead or a group.".to_owned()
        }
        _ => "0 exchanges of the scope have text.".to_owned(),
    }
}

fn explained(queue: &Queue) -> String {
    let [own, others] = queue.compared.map(words::count);
    format!(
        "Ordered by how many times as common nearness to the mean prompt, template and prompt class are in the \
         scope as elsewhere. From {own} sampled exchanges of the scope and {others} others. Each text is listed \
         once. The order is for reading and no test."
    )
}

fn line(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    at: usize,
    one: &Telling,
    (is_selected, is_read, is_marked): (bool, bool, bool),
) -> egui::Response {
    let hot = cx.cache.hot();
    let who = words::account(cx.cache, hot.account_of(one.row));
    let when = hot.ts.get(one.row as usize).map_or_else(String::new, |ts| cx.zone.format(*ts));
    let state = match (is_marked, is_read) {
        (true, _) => "marked",
        (false, true) => "read",
        (false, false) => "new",
    };
    let text = format!("{}  {state}  {}  {who}  {when}", at + 1, why(one));
    let mut shown = egui::RichText::new(text.as_str());
    if is_read && !is_selected {
        shown = shown.color(ui.visuals().weak_text_color());
    }
    let button = egui::Button::selectable(is_selected, shown).truncate();
    let button = button.min_size(egui::vec2(0.0, theme::ROW - 2.0));
    // As wide as the list, left-aligned.
    let layout = egui::Layout::top_down_justified(egui::Align::LEFT);
    let response = ui.with_layout(layout, |ui| ui.add(button)).inner;
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_selected, &text));
    response.on_hover_text(text)
}

/// Reasons for which an exchange is telling, in a line: `template of 14 accounts here, 0 elsewhere · rubric
/// grading · nearness 0.82`.
fn why(one: &Telling) -> String {
    let mut parts = Vec::new();
    if let Some([own, others]) = one.template.filter(|[own, _]| *own > 1) {
        parts.push(format!(
            "template of {} here, {} elsewhere",
            words::counted(own.into(), "account", "accounts"),
            words::count(others.into())
        ));
    }
    let classes = CLASSES.iter().filter(|(bit, _)| one.classes & bit != 0);
    parts.extend(classes.map(|(_, name)| (*name).to_owned()));
    if let Some([own, others]) = one.nearness {
        parts.push(format!("cosine {own:.2} to the scope's mean, {others:.2} to the others'"));
    }
    if one.same > 0 {
        parts.push(format!(
            "same text from {}",
            words::counted(one.same.into(), "more account", "more accounts")
        ));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_why() {
        let one = Telling {
            row: 3,
            bits: 9.0,
            nearness: Some([0.82, 0.3]),
            template: Some([14, 0]),
            classes: CLASSES[1].0,
            same: 1,
        };
        assert_eq!(
            why(&one),
            "template of 14 accounts here, 0 elsewhere · rubric grading · cosine 0.82 to the scope's mean, 0.30 to \
             the others' · same text from 1 more account"
        );
        let alone = Telling { template: Some([1, 0]), classes: 0, same: 0, nearness: None, ..one };
        assert_eq!(why(&alone), "");
        assert!(why_empty(&Queue { compared: [5, 0], ..Queue::default() }).contains("lead or a group"));
    }
}
