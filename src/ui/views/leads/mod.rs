//! List of leads: one row per lead, with its status, which keys set.

mod columns;
mod dismissal;
mod large;
mod order;
mod provisional;
mod rows;
mod scatter;
mod table;
mod unmarked;

pub use dismissal::Dismissal;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Key, vec2};

use super::super::view::{View, ViewContext};
use crate::case::ReviewStatus;
use crate::jobs::{Slot, SlotState};
use crate::ui::acts;
use crate::ui::view::{Command, PivotFrom, Selected};
use crate::ui::widgets::choice::{Choice, How};
use crate::ui::widgets::keys::{self, Pressed, Step};
use crate::ui::widgets::{at_right, form_menu};
use crate::ui::{act_bar, pivot, scopes, words};

use columns::Column;
use order::{Ordered, Question};
use rows::{LeadRow, LeadRows};

/// Room for the buttons beside the filter, in points.
const BUTTONS: f32 = 160.0;
/// Width of filter and columns in a narrow view, in points.
const FILTER: f32 = 270.0;
/// Width in points below which the bar has several lines.
const NARROW: f32 = 680.0;
/// Width of the picture of both axes, in points.
const AXES: f32 = 230.0;
/// Stable id of the view; its filter takes the keyboard by it.
const ID: &str = "leads";
/// Maximum q-value of a lead counted in the heading.
const FALSE_DISCOVERY_RATE: f64 = 0.05;
/// Letter that selects the next lead whose status is new; in the reading queue, the next unread exchange.
const NEXT_NEW: Key = Key::N;

/// The view.
#[derive(Default)]
pub struct LeadsView {
    rows: LeadRows,
    ordered: Slot<Question, Ordered>,
    filter: String,
    by: Column,
    reversed: bool,
    /// True if dismissed leads are listed.
    dismissed: bool,
    /// True if the two axes are drawn beside the list.
    axes: bool,
    /// Columns switched on or off by the user; the others are visible if they distinguish leads.
    chosen_columns: BTreeMap<Column, bool>,
    choice: Choice<usize>,
    scroll_to: Option<usize>,
    /// Selected lead and its place in the list, in the last frame.
    selected: Option<(usize, usize)>,
    leads: Option<u64>,
}

impl View for LeadsView {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Leads"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if cx.cache.accounts().is_empty() {
            ui.label("0 exchanges in this case. Add files in the panel on the left.");
            return;
        }
        self.renew(cx);
        let rows = self.rows.poll(cx);
        self.ask(cx, rows.as_ref());
        self.bar(ui, cx, rows.as_deref());
        provisional::ui(ui, cx);
        if cx.leads.groups.is_empty() {
            ui.label(
                "0 leads: no group is linked strongly enough or sends prompts similar enough. See the ranked accounts in Accounts.",
            );
            return;
        }
        if let Some(why) = self.rows.failure().or(self.ordered.failure()) {
            ui.colored_label(ui.visuals().error_fg_color, why.to_owned());
        }
        let Some(ordered) = self.ordered.answer() else {
            ui.spinner();
            keys::hold(ui, ID);
            return;
        };
        let (leads, in_scope) = (ordered.leads.clone(), ordered.in_scope.clone());
        if leads.is_empty() {
            ui.label(
                "0 leads match the filter. It takes words, column:text, column>number and column<number.",
            );
        }
        self.follow_dismissal(ui.ctx(), cx, &leads);
        self.keys(ui, cx, &leads);
        let none = Vec::new();
        let rows = rows.as_deref().unwrap_or(&none);
        self.actions(ui, cx, rows);
        let table = table::Table {
            rows,
            leads: &leads,
            in_scope: &in_scope,
            columns: self.columns(cx, rows),
            order: (self.by, self.reversed),
            choice: &self.choice,
            scroll_to: self.scroll_to.take(),
        };
        let room = ui.available_rect_before_wrap();
        let split = if self.axes { room.right() - AXES.min(room.width() / 2.0) } else { room.right() };
        let (of_table, of_axes) = room.split_left_right_at_x(split);
        if self.axes {
            let mut beside = ui
                .new_child(egui::UiBuilder::new().id_salt("axes").max_rect(of_axes.with_min_x(split + 6.0)));
            scatter::ui(&mut beside, cx, &leads);
        }
        let mut of_table = ui.new_child(egui::UiBuilder::new().id_salt("list").max_rect(of_table));
        let clicked = table.ui(&mut of_table, cx);
        ui.advance_cursor_after_rect(room);
        match clicked {
            Some(table::Clicked::Header(column)) => {
                self.reversed = self.by == column && !self.reversed;
                self.by = column;
                self.choice.reordered();
            }
            Some(table::Clicked::Row(at)) => {
                keys::focus(ui.ctx(), ID);
                self.choice.point(leads.len(), at, How::held(ui), |at| leads.get(at).copied());
                cx.send(Command::Select(Selected::Lead(leads[at])));
            }
            None => {}
        }
    }
}

impl LeadsView {
    /// Clears the choice after a new list of leads.
    fn renew(&mut self, cx: &ViewContext<'_>) {
        let version = cx.data_version;
        if self.leads.replace(version).is_some_and(|before| before != version) {
            self.choice.clear();
            self.selected = None;
        }
    }

    fn ask(&mut self, cx: &ViewContext<'_>, rows: Option<&Arc<Vec<LeadRow>>>) {
        self.ordered.keep_for(cx.data_version);
        if let Some(selection) = cx.selection {
            let has_rows = rows.is_some();
            let rows = rows.cloned().unwrap_or_default();
            let question = Question {
                of: (cx.data_version, has_rows, cx.state.journal.len(), cx.scope_version),
                filter: self.filter.clone(),
                by: self.by,
                reversed: self.reversed,
                dismissed: self.dismissed,
            };
            let statuses = order::statuses(cx.decisions, cx.leads);
            let (leads, selection) = (Arc::clone(cx.leads), Arc::clone(selection));
            let (zone, asked) = (cx.zone.clone(), question.clone());
            self.ordered.ask(cx.jobs, None, question, move |ticket| {
                order::order(&leads, &rows, &statuses, &selection, &zone, &asked, ticket)
            });
        }
        self.ordered.poll();
    }

    /// Selects the next lead where the selected one was dismissed and has left the list.
    fn follow_dismissal(&mut self, ctx: &egui::Context, cx: &ViewContext<'_>, leads: &[usize]) {
        let Selected::Lead(lead) = *cx.selected else {
            self.selected = None;
            return;
        };
        if let Some(at) = leads.iter().position(|one| *one == lead) {
            self.selected = Some((lead, at));
            return;
        }
        let is_dismissed =
            cx.decisions.review(lead).is_some_and(|review| review.status == ReviewStatus::Dismissed);
        let before = self.selected.take().filter(|(before, _)| *before == lead && is_dismissed);
        if let Some((_, at)) = before
            && let Some(&next) = leads.get(at).or(leads.last())
        {
            cx.send(Command::Select(Selected::Lead(next)));
            self.choice.clear();
            keys::focus(ctx, ID);
        }
    }

    fn columns(&self, cx: &ViewContext<'_>, rows: &[LeadRow]) -> Vec<Column> {
        let is_visible = |column: &Column| {
            let chosen = self.chosen_columns.get(column).copied();
            chosen.unwrap_or_else(|| column.is_informative(cx.leads, rows))
        };
        Column::ALL.into_iter().filter(is_visible).collect()
    }

    /// Heading, filter and columns; in a narrow view on several lines.
    fn bar(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, rows: Option<&Vec<LeadRow>>) {
        if ui.available_width() < NARROW {
            ui.horizontal_wrapped(|ui| {
                self.counts(ui, cx);
                // In one piece, so that no line ends between the label and its field.
                let size = vec2(FILTER.min(ui.max_rect().width()), ui.spacing().interact_size.y);
                let layout = egui::Layout::left_to_right(egui::Align::Center);
                ui.allocate_ui_with_layout(size, layout, |ui| self.filter(ui, cx, rows, 120.0));
            });
            return;
        }
        ui.horizontal(|ui| {
            self.counts(ui, cx);
            ui.weak("# is the order of review").on_hover_text(Column::Rank.hint());
            let room = ui.available_width();
            at_right::ui(ui, "leads bar", |ui| {
                self.filter(ui, cx, rows, (room - BUTTONS).clamp(40.0, 170.0));
            });
        });
    }

    fn counts(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let groups = &cx.leads.groups;
        ui.strong(words::counted(groups.len() as u64, "lead to review", "leads to review"));
        let within = |q: Option<f64>| q.is_some_and(|q| q <= FALSE_DISCOVERY_RATE);
        let significant = groups.iter().filter(|group| !group.ranked_only && within(group.q_value)).count();
        ui.weak(format!("{} with q ≤ {FALSE_DISCOVERY_RATE}", words::count(significant as u64)))
            .on_hover_text(
                "A lead is not a finding. If all leads with such a q are taken as true, at most this share of them is expected to be wrong.",
            );
        let hidden = self.ordered.answer().map_or(0, |ordered| ordered.hidden);
        if hidden > 0 || self.dismissed {
            let text = match self.dismissed {
                true => "hide dismissed".to_owned(),
                false => format!("show {} dismissed", words::count(hidden as u64)),
            };
            ui.toggle_value(&mut self.dismissed, text);
        }
        self.axes ^= cx.page == Some("axes");
        ui.toggle_value(&mut self.axes, "axes").on_hover_text("Both axes of every listed lead as a picture");
    }

    fn filter(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, rows: Option<&Vec<LeadRow>>, width: f32) {
        if self.ordered.state() == SlotState::Pending {
            ui.spinner();
        }
        let label = ui.weak("Filter");
        // Its own id: a spinner before it would change a counted one, and it would lose the keyboard.
        let field = egui::TextEdit::singleline(&mut self.filter)
            .id_salt("filter")
            .hint_text("word, payment>5, status:new")
            .desired_width(width);
        let field = ui.add(field).labelled_by(label.id);
        if cx.focus_filter == Some(ID) {
            field.request_focus();
        }
        form_menu::ui(ui, "Columns", |ui| {
            for column in Column::ALL {
                let is_informative = rows.is_some_and(|rows| column.is_informative(cx.leads, rows));
                let mut visible = self.chosen_columns.get(&column).copied().unwrap_or(is_informative);
                let label = if column == Column::Rank { "rank" } else { column.title() };
                if ui.checkbox(&mut visible, label).on_hover_text(column.hint()).changed() {
                    self.chosen_columns.insert(column, visible);
                }
            }
        });
    }

    fn keys(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, leads: &[usize]) {
        let several = acts::ALL.into_iter().filter(|act| act.takes_leads());
        let letters: Vec<Key> =
            several.filter_map(|act| act.about().key).chain([NEXT_NEW, Key::U, Key::P]).collect();
        let Some(pressed) = keys::pressed(ui, ID, &letters) else { return };
        let selected = match cx.selected {
            Selected::Lead(at) => leads.iter().position(|lead| lead == at),
            _ => None,
        };
        let lead = selected.map(|at| leads[at]);
        match pressed {
            Pressed::Move { step: Step::Enter, .. } => {
                if let Some(group) = lead.and_then(|lead| cx.leads.groups.get(lead)) {
                    cx.send(Command::SetScope(scopes::of_lead(cx, group)));
                }
            }
            Pressed::Letter(Key::U) => {
                if !cx.read_only {
                    cx.send(Command::Undo);
                }
            }
            Pressed::Letter(Key::P) => {
                let from = lead.map(PivotFrom::Lead).or_else(|| pivot::of_selected(cx));
                from.into_iter().for_each(|from| cx.send(Command::Pivot(from)));
            }
            Pressed::Letter(NEXT_NEW) => self.select_next_new(cx, leads, selected),
            Pressed::Letter(key) => {
                let of_key = acts::ALL.into_iter().find(|act| act.about().key == Some(key));
                if let Some(act) = of_key {
                    acts::send(cx, act.on_leads_by_key(cx, &self.subjects(cx)));
                }
            }
            other => {
                let to = self.choice.press(leads.len(), other, selected, |at| leads.get(at).copied());
                if let Some(&lead) = to.and_then(|at| leads.get(at)) {
                    cx.send(Command::Select(Selected::Lead(lead)));
                    self.scroll_to = to;
                }
            }
        }
    }

    /// Selects the next listed lead whose status is new, after the selected one and then from the first.
    fn select_next_new(&mut self, cx: &ViewContext<'_>, leads: &[usize], selected: Option<usize>) {
        let is_new = |at: &usize| {
            cx.decisions.review(leads[*at]).is_none_or(|review| review.status == ReviewStatus::New)
        };
        let after = selected.map_or(0, |at| at + 1);
        let Some(at) = (after..leads.len()).chain(0..after.min(leads.len())).find(is_new) else {
            cx.send(Command::Notify("0 listed leads are new.".to_owned()));
            return;
        };
        self.choice.clear();
        self.scroll_to = Some(at);
        cx.send(Command::Select(Selected::Lead(leads[at])));
    }

    /// Leads that keys and buttons act on: the chosen ones, else the selected one, else that of the scope.
    fn subjects(&self, cx: &ViewContext<'_>) -> Vec<usize> {
        match (self.choice.count(), cx.selected) {
            (0 | 1, Selected::Lead(at)) => vec![*at],
            (0 | 1, _) => scopes::lead_of_scope(cx).into_iter().collect(),
            _ => self.choice.keys().filter(|at| *at < cx.leads.groups.len()).collect(),
        }
    }

    /// Acts on several chosen leads; of a single one what is large, in one line, as the inspector has its acts.
    fn actions(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, rows: &[LeadRow]) {
        let subjects = self.subjects(cx);
        let in_scope = self.ordered.answer().map_or(&[][..], |ordered| &ordered.in_scope);
        let has_grey = !cx.scope.is_everything() && in_scope.contains(&0);
        let line = |ui: &mut egui::Ui| {
            match subjects.as_slice() {
                [] => drop(ui.weak("no lead selected")),
                many => drop(ui.weak(words::leads(cx.leads, many))),
            }
            if subjects.len() > 1 {
                for act in acts::ALL.into_iter().filter(|act| act.takes_leads()) {
                    act_bar::button(ui, cx, act, act.on_leads(cx, &subjects));
                }
            }
            unmarked::ui(ui, cx, &subjects);
            if has_grey {
                ui.weak("Grey rows: 0 accounts in the scope.");
            }
            if let [only] = subjects.as_slice() {
                outstanding(ui, cx, *only, rows);
            }
        };
        match subjects.len() {
            0 | 1 => ui.horizontal(line),
            _ => ui.horizontal_wrapped(line),
        };
    }
}

/// Figures of a lead that are among the largest of all leads, whatever its p-value.
fn outstanding(ui: &mut egui::Ui, cx: &ViewContext<'_>, at: usize, rows: &[LeadRow]) {
    let (Some(group), Some(row)) = (cx.leads.groups.get(at), rows.get(at)) else { return };
    if let Some(text) = row.large.in_words(group, &row.facts, rows.len()) {
        // One line, in any size of text: the table stays where it is.
        ui.add(egui::Label::new(text.as_str()).truncate()).on_hover_text(format!("{text}. {}", large::HINT));
    }
}
