//! Table of the ranked accounts of the scope, with facts and marks; several rows can be chosen.

mod cells;
mod list;
mod table;

use std::fmt::Write as _;
use std::sync::Arc;

use super::super::view::{View, ViewContext};
use crate::cache::{AccountIndex, Cache};
use crate::jobs::{Slot, SlotState};
use crate::leads::Leads;
use crate::model::{AttributeKind, Cancelled, Watcher, Zone};
use crate::ui::group_bar::GroupBar;
use crate::ui::marks::Marks;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, PivotFrom, Selected};
use crate::ui::widgets::choice::How;
use crate::ui::widgets::keys::{self, Pressed, Step};
use crate::ui::widgets::long_scroll::{self, LongScroll};
use crate::ui::widgets::{at_right, form_menu, sideways};
use crate::ui::{pivot, theme, words};

use cells::{Cell, FACTS};
use list::{List, Listed, OrderBy, Question, list};

/// Room for the buttons beside the filter, in points.
const BUTTONS: f32 = 210.0;
/// Stable id of the view; its filter takes the keyboard by it.
const ID: &str = "accounts";
/// Maximum number of copied rows; spreadsheets and clipboards fail on more.
const COPIED: usize = 100_000;

/// The view.
#[derive(Default)]
pub struct AccountsView {
    rows: Slot<Question, List>,
    filter: String,
    order: OrderBy,
    reversed: bool,
    hidden: Hidden,
    scroll: LongScroll,
    chosen: GroupBar,
    marks: Marks,
    copying: Slot<u32, Copied>,
    copies: u32,
}

/// Rows as text for the clipboard.
struct Copied {
    text: String,
    rows: usize,
}

/// Columns that are switched off.
struct Hidden {
    exchanges: bool,
    interval: bool,
    created: bool,
    p: bool,
    why: bool,
    facts: [bool; FACTS.len()],
    signals: Vec<bool>,
}

impl Default for Hidden {
    /// The median interval needs a pass over every exchange, and signals are many.
    fn default() -> Self {
        let visible = [AttributeKind::PaymentFingerprint, AttributeKind::EmailDomain, AttributeKind::Ip24];
        Self {
            exchanges: false,
            interval: true,
            created: false,
            p: false,
            why: false,
            facts: FACTS.map(|kind| !visible.contains(&kind)),
            signals: Vec::new(),
        }
    }
}

impl View for AccountsView {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Accounts"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.ask(cx);
        self.marks.follow(cx);
        self.bar(ui, cx);
        self.chosen.ui(ui, cx);
        if let Some(why) = self.rows.failure() {
            ui.colored_label(ui.visuals().error_fg_color, why);
        }
        let Some(list) = self.rows.answer() else {
            ui.weak("Ranking the accounts of this scope…");
            keys::hold(ui, ID);
            return;
        };
        if list.rows.is_empty() {
            let hint = if list.in_scope == 0 {
                "0 accounts have an exchange in this scope. Remove a filter from the scope bar above, or go back (Alt+Left)."
            } else {
                "0 accounts in this scope match the filter."
            };
            ui.label(hint);
            keys::hold(ui, ID);
            return;
        }
        let rows = Arc::clone(&list.rows);
        self.keys(ui, cx, &rows);
        let cells = self.cells(cx);
        ui.spacing_mut().item_spacing.y = 0.0;
        let rect = ui.available_rect_before_wrap();
        let visible = self.scroll.ui(ui, rect, theme::HEADER, theme::ROW, rows.len(), "accounts");
        let columns = rect.with_max_x(rect.right() - long_scroll::BAR);
        let table = table::Table {
            rows: &rows,
            cells: &cells,
            order: (self.order, self.reversed),
            chosen: self.chosen.choice(),
            marks: &self.marks,
        };
        let drawn = ui.scope_builder(egui::UiBuilder::new().max_rect(columns), |ui| {
            // A narrow window scrolls to the columns that have no room.
            let area = egui::ScrollArea::horizontal().auto_shrink(false);
            sideways::show(ui, "account columns", area, |ui, _| table.ui(ui, cx, visible))
        });
        match drawn.inner {
            Some(table::Clicked::Header(order)) => {
                self.reversed = order == self.order && !self.reversed;
                self.order = order;
                self.chosen.choice_mut().reordered();
            }
            Some(table::Clicked::Row(at)) => {
                keys::focus(ui.ctx(), ID);
                self.chosen.choice_mut().point(rows.len(), at, How::held(ui), |at| account_at(cx, &rows, at));
                if let Some(account) = account_at(cx, &rows, at) {
                    cx.send(Command::Select(Selected::Account(account)));
                }
            }
            None => {}
        }
    }

    fn unsent(&self, _cx: &ViewContext<'_>) -> Vec<Unsent> {
        self.chosen.unsent().into_iter().collect()
    }
}

fn account_at(cx: &ViewContext<'_>, rows: &[Listed], at: usize) -> Option<AccountIndex> {
    Some(cx.leads.accounts.get(rows.get(at)?.lead as usize)?.account)
}

impl AccountsView {
    /// Asks for the rows of the present scope and takes over the answer.
    fn ask(&mut self, cx: &ViewContext<'_>) {
        self.rows.keep_for(cx.data_version);
        self.hidden.signals.resize(cx.leads.signals.len(), true);
        if let Some(selection) = cx.selection {
            let question = Question {
                scope_version: cx.scope_version,
                filter: self.filter.clone(),
                order: self.order,
                reversed: self.reversed,
                intervals: !self.hidden.interval || self.order == OrderBy::Interval,
            };
            let (cache, leads, selection) =
                (Arc::clone(cx.cache), Arc::clone(cx.leads), Arc::clone(selection));
            let asked = question.clone();
            self.rows
                .ask(cx.jobs, None, question, move |ticket| list(&cache, &leads, &selection, &asked, ticket));
        }
        if self.rows.poll() {
            self.chosen.choice_mut().reordered();
        }
    }

    fn keys(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, rows: &Arc<Vec<Listed>>) {
        let Some(pressed) = keys::pressed(ui, ID, &[egui::Key::P]) else { return };
        let is_selected =
            |row: &Listed| cx.leads.accounts.get(row.lead as usize).map(|lead| lead.account) == selected(cx);
        let at = || rows.iter().position(is_selected);
        match pressed {
            Pressed::Move { step: Step::Enter, .. } => {
                if let Some(account) = selected(cx).and_then(|at| cx.cache.accounts().get(at as usize)) {
                    let scope = crate::model::Scope::clone(cx.scope).with_account(account.id.clone());
                    cx.send(Command::SetScope(scope));
                }
            }
            Pressed::Letter(_) => {
                let chosen = self.chosen.accounts();
                match (chosen.len(), selected(cx)) {
                    (0 | 1, Some(account)) => cx.send(Command::Pivot(PivotFrom::Account(account))),
                    // The table has the keyboard, but another thing is selected.
                    (0 | 1, None) => {
                        pivot::of_selected(cx).into_iter().for_each(|from| cx.send(Command::Pivot(from)));
                    }
                    _ => cx.send(Command::Pivot(PivotFrom::Accounts(Arc::new(chosen)))),
                }
            }
            other => {
                let start = if self.chosen.choice().has_cursor() { None } else { at() };
                let to =
                    self.chosen.choice_mut().press(rows.len(), other, start, |at| account_at(cx, rows, at));
                if let Some(account) = to.and_then(|at| account_at(cx, rows, at)) {
                    cx.send(Command::Select(Selected::Account(account)));
                    to.into_iter().for_each(|row| self.scroll.reveal(row));
                }
            }
        }
    }

    fn bar(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal(|ui| {
            let count = self.rows.answer().map_or(0, |list| list.rows.len());
            ui.strong(words::counted(count as u64, "account", "accounts"));
            if self.rows.state() == SlotState::Pending {
                ui.spinner();
            }
            let room = ui.available_width();
            at_right::ui(ui, "accounts bar", |ui| {
                let label = ui.weak("Filter");
                let field = egui::TextEdit::singleline(&mut self.filter)
                    .id_salt("filter")
                    .hint_text("id, lead or cohort")
                    .desired_width((room - BUTTONS).clamp(40.0, 170.0));
                let response = ui.add(field).labelled_by(label.id);
                if cx.focus_filter == Some(ID) {
                    response.request_focus();
                }
                if ui.button("Copy").on_hover_text("Copies the listed rows, tab-separated").clicked() {
                    self.copy(cx);
                }
                self.copied(ui, cx);
                self.columns_menu(ui, cx);
            });
        });
    }

    fn columns_menu(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        form_menu::ui(ui, "Columns", |ui| {
            let mut column = |title: &str, hidden: &mut bool| {
                let mut visible = !*hidden;
                if ui.checkbox(&mut visible, title).changed() {
                    *hidden = !visible;
                }
            };
            column("exchanges", &mut self.hidden.exchanges);
            column("median interval", &mut self.hidden.interval);
            column("created", &mut self.hidden.created);
            for (kind, hidden) in FACTS.iter().zip(&mut self.hidden.facts) {
                column(kind.title(), hidden);
            }
            column("p", &mut self.hidden.p);
            for (signal, hidden) in cx.leads.signals.iter().zip(&mut self.hidden.signals) {
                column(signal.about.title, hidden);
            }
            column("why", &mut self.hidden.why);
        });
    }

    fn cells(&self, cx: &ViewContext<'_>) -> Vec<Cell> {
        let hidden = &self.hidden;
        let mut cells = vec![Cell::Rank, Cell::Marks, Cell::Account, Cell::Lead, Cell::Membership];
        let mut optional = |cell, hidden: bool| {
            if !hidden {
                cells.push(cell);
            }
        };
        optional(Cell::Exchanges, hidden.exchanges);
        optional(Cell::Interval, hidden.interval);
        optional(Cell::Created, hidden.created);
        for (kind, hidden) in FACTS.into_iter().zip(hidden.facts) {
            optional(Cell::Fact(kind), hidden || cx.cache.values_of_kind(kind).is_empty());
        }
        optional(Cell::P, hidden.p);
        for i in 0..cx.leads.signals.len() {
            optional(Cell::Signal(i), hidden.signals.get(i) == Some(&true));
        }
        optional(Cell::Why, hidden.why);
        cells
    }

    /// Starts writing the listed rows for the clipboard.
    fn copy(&mut self, cx: &ViewContext<'_>) {
        let Some(list) = self.rows.answer() else { return };
        let cells = self.cells(cx);
        let rows: Vec<Listed> = list.rows.iter().take(COPIED).copied().collect();
        let (cache, leads, zone) = (Arc::clone(cx.cache), Arc::clone(cx.leads), cx.zone.clone());
        let marks = self.marks.clone();
        self.copies += 1;
        self.copying.ask::<Cancelled>(cx.jobs, Some("Copying rows"), self.copies, move |ticket| {
            Ok(Copied {
                text: as_text(&cache, &leads, &zone, &marks, &rows, &cells, ticket)?,
                rows: rows.len(),
            })
        });
    }

    /// Puts the written rows on the clipboard.
    fn copied(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>) {
        if !self.copying.poll() {
            return;
        }
        if let Some(why) = self.copying.failure() {
            cx.send(Command::Notify(format!("0 rows copied: {why}")));
        } else if let Some(copied) = self.copying.answer_mut() {
            ui.ctx().copy_text(std::mem::take(&mut copied.text));
            let rows = words::counted(copied.rows as u64, "row", "rows");
            cx.send(Command::Notify(format!("{rows} copied")));
        }
    }
}

fn selected(cx: &ViewContext<'_>) -> Option<AccountIndex> {
    match cx.selected {
        Selected::Account(account) => Some(*account),
        _ => None,
    }
}

/// Rows for the clipboard: a header, then one line a row, tabs between.
fn as_text(
    cache: &Cache,
    leads: &Leads,
    zone: &Zone,
    marks: &Marks,
    rows: &[Listed],
    cells: &[Cell],
    watcher: &dyn Watcher,
) -> Result<String, Cancelled> {
    let mut text = cells.iter().map(|cell| cell.title(leads).0).collect::<Vec<_>>().join("\t");
    for (at, row) in rows.iter().enumerate() {
        if at % 1024 == 0 {
            watcher.check()?;
        }
        text.push('\n');
        for (i, cell) in cells.iter().enumerate() {
            let content = cell.text(cache, leads, zone, marks, *row);
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{}", if i > 0 { "\t" } else { "" }, content.replace(['\t', '\n'], " "));
        }
    }
    Ok(text)
}
