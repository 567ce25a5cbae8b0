//! The ranked accounts of the scope; only visible rows are drawn.

use std::fmt::Write as _;
use std::sync::Arc;

use egui_extras::{Column, TableBuilder, TableRow};

use super::list::{List, Listed, OrderBy, Question, list};
use crate::cache::Cache;
use crate::jobs::{Slot, SlotState};
use crate::leads::{AccountLead, Leads};
use crate::model::{Cancelled, Scope, Watcher, format_duration, visible};
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::keys;
use crate::ui::widgets::long_scroll::{self, LongScroll};
use crate::ui::{theme, words};

/// Maximum number of copied rows; spreadsheets and clipboards fail on more.
const COPIED: usize = 100_000;

/// Room for the buttons at the end of the bar, in points.
const BUTTONS: f32 = 140.0;

/// The table's own state.
#[derive(Default)]
pub struct AccountTable {
    rows: Slot<Question, List>,
    filter: String,
    order: OrderBy,
    reversed: bool,
    hidden: Hidden,
    scroll: LongScroll,
    /// Last position of the selected row.
    cursor: Option<usize>,
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
    p: bool,
    q: bool,
    why: bool,
    signals: Vec<bool>,
}

impl Default for Hidden {
    /// The median interval costs a look at every exchange.
    fn default() -> Self {
        Self { exchanges: false, interval: true, p: false, q: false, why: false, signals: Vec::new() }
    }
}

/// Content of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cell {
    Rank,
    Account,
    Lead,
    Exchanges,
    Interval,
    P,
    Q,
    Signal(usize),
    Why,
}

impl AccountTable {
    /// Asks for the rows of the present scope and takes in what came.
    pub fn poll(&mut self, cx: &ViewContext<'_>) {
        self.hidden.signals.resize(cx.leads.signals.len(), false);
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
        self.rows.poll();
    }

    /// Accounts of each lead inside the scope, from the last answer.
    pub fn members_in_scope(&self) -> &[u32] {
        self.rows.answer().map_or(&[], |list| list.members.as_slice())
    }

    /// Draws the table.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.bar(ui, cx);
        if let Some(why) = self.rows.failure() {
            ui.colored_label(ui.visuals().error_fg_color, why);
        }
        let Some(list) = self.rows.answer() else {
            ui.weak("Ranking the accounts of this scope…");
            return;
        };
        if list.rows.is_empty() {
            let hint = if list.in_scope == 0 {
                "0 accounts have an exchange in this scope. Remove a filter from the scope bar above, or go back (Alt+Left)."
            } else {
                "0 accounts in this scope match the filter."
            };
            ui.label(hint);
            return;
        }
        if let Some(step) = keys::steps(ui, "accounts")
            && let Some(row) = move_selection(cx, list, step, &mut self.cursor)
        {
            self.scroll.reveal(row);
        }
        let (cells, order) = (self.cells(cx), (self.order, self.reversed));
        let (rect, gap) = (ui.available_rect_before_wrap(), ui.spacing().item_spacing.y);
        let shown =
            self.scroll.ui(ui, rect, theme::HEADER + gap, theme::ROW + gap, list.rows.len(), "accounts");
        let columns = rect.with_max_x(rect.right() - long_scroll::BAR);
        let shown = ui.scope_builder(egui::UiBuilder::new().max_rect(columns), |ui| {
            // A narrow window scrolls to the columns that have no room.
            egui::ScrollArea::horizontal()
                .id_salt("account columns")
                .auto_shrink(false)
                .show(ui, |ui| table(ui, cx, &list.rows[shown], &cells, order))
                .inner
        });
        if let Some(order) = shown.inner {
            self.reversed = order == self.order && !self.reversed;
            self.order = order;
        }
    }

    fn bar(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal(|ui| {
            let count = self.rows.answer().map_or(0, |list| list.rows.len());
            ui.strong(words::counted(count as u64, "account", "accounts"));
            let label = ui.weak("Filter");
            let field = egui::TextEdit::singleline(&mut self.filter)
                .hint_text("id, lead or cohort")
                .desired_width((ui.available_width() - BUTTONS).clamp(60.0, 170.0));
            let response = ui.add(field).labelled_by(label.id);
            if cx.focus_filter == Some("leads") {
                response.request_focus();
            }
            if self.rows.state() == SlotState::Pending {
                ui.spinner();
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                self.columns_menu(ui, cx);
                if ui.button("Copy").on_hover_text("Copies the listed rows, tab-separated").clicked() {
                    self.copy(cx);
                }
                self.copied(ui, cx);
            });
        });
    }

    fn columns_menu(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        crate::ui::widgets::form_menu::ui(ui, "Columns", |ui| {
            let mut column = |title: &str, hidden: &mut bool| {
                let mut shown = !*hidden;
                if ui.checkbox(&mut shown, title).changed() {
                    *hidden = !shown;
                }
            };
            column("exchanges", &mut self.hidden.exchanges);
            column("median interval", &mut self.hidden.interval);
            column("p", &mut self.hidden.p);
            column("q", &mut self.hidden.q);
            for (signal, hidden) in cx.leads.signals.iter().zip(&mut self.hidden.signals) {
                column(signal.about.title, hidden);
            }
            column("why", &mut self.hidden.why);
        });
    }

    fn cells(&self, cx: &ViewContext<'_>) -> Vec<Cell> {
        let hidden = &self.hidden;
        let mut cells = vec![Cell::Rank, Cell::Account, Cell::Lead];
        let mut optional = |cell, hidden: bool| {
            if !hidden {
                cells.push(cell);
            }
        };
        optional(Cell::Exchanges, hidden.exchanges);
        optional(Cell::Interval, hidden.interval);
        optional(Cell::P, hidden.p);
        optional(Cell::Q, hidden.q);
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
        let (cache, leads) = (Arc::clone(cx.cache), Arc::clone(cx.leads));
        self.copies += 1;
        self.copying.ask::<Cancelled>(cx.jobs, Some("Copying rows"), self.copies, move |ticket| {
            Ok(Copied { text: as_text(&cache, &leads, &rows, &cells, ticket)?, rows: rows.len() })
        });
    }

    /// Puts the written rows on the clipboard.
    fn copied(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>) {
        if !self.copying.poll() {
            return;
        }
        if let Some(why) = self.copying.failure() {
            cx.send(Command::Notify(format!("Nothing was copied: {why}")));
        } else if let Some(copied) = self.copying.answer_mut() {
            ui.ctx().copy_text(std::mem::take(&mut copied.text));
            let rows = words::counted(copied.rows as u64, "row", "rows");
            cx.send(Command::Notify(format!("{rows} copied")));
        }
    }
}

/// Rows for the clipboard: a header, then one line a row, tabs between.
fn as_text(
    cache: &Cache,
    leads: &Leads,
    rows: &[Listed],
    cells: &[Cell],
    watcher: &dyn Watcher,
) -> Result<String, Cancelled> {
    let mut text = cells.iter().map(|cell| title(leads, *cell).0).collect::<Vec<_>>().join("\t");
    for (at, row) in rows.iter().enumerate() {
        if at % 1024 == 0 {
            watcher.check()?;
        }
        text.push('\n');
        for (i, cell) in cells.iter().enumerate() {
            let said = cell_text(cache, leads, *row, *cell);
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{}", if i > 0 { "\t" } else { "" }, said.replace(['\t', '\n'], " "));
        }
    }
    Ok(text)
}

/// Draws header and rows; returns the order whose header was clicked.
fn table(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    rows: &[Listed],
    cells: &[Cell],
    order: (OrderBy, bool),
) -> Option<OrderBy> {
    let mut clicked = None;
    ui.push_id("accounts", |ui| {
        let mut builder = TableBuilder::new(ui).striped(true).sense(egui::Sense::click()).vscroll(false);
        for cell in cells {
            builder = builder.column(column(*cell));
        }
        builder
            .header(theme::HEADER, |mut header| {
                for cell in cells {
                    header.col(|ui| {
                        if head(ui, cx, *cell, order) {
                            clicked = order_of(*cell);
                        }
                    });
                }
            })
            .body(|body| {
                body.rows(theme::ROW, rows.len(), |mut row| {
                    let listed = rows[row.index()];
                    one_row(&mut row, cx, listed, cells);
                });
            });
    });
    clicked
}

fn one_row(row: &mut TableRow<'_, '_>, cx: &ViewContext<'_>, listed: Listed, cells: &[Cell]) {
    let Some(lead) = cx.leads.accounts.get(listed.lead as usize) else { return };
    let selected = *cx.selected == Selected::Account(lead.account);
    row.set_selected(selected);
    for cell in cells {
        row.col(|ui| {
            ui.label(cell_text(cx.cache, cx.leads, listed, *cell));
        });
    }
    let response = row.response();
    response.widget_info(|| {
        let label = format!("rank {}, {}", lead.rank, words::account(cx.cache, lead.account));
        egui::WidgetInfo::selected(egui::Role::Row, true, selected, label)
    });
    if response.clicked() {
        keys::focus(&response.ctx, "accounts");
        cx.send(Command::Select(Selected::Account(lead.account)));
    }
    if response.double_clicked() {
        look_at(cx, lead);
    }
    response.context_menu(|ui| {
        if ui.button("Set scope to it").clicked() {
            look_at(cx, lead);
            ui.close();
        }
        if ui.button("Copy its id").clicked() {
            if let Some(account) = cx.cache.accounts().get(lead.account as usize) {
                ui.ctx().copy_text(visible(account.id.as_str()).into_owned());
            }
            ui.close();
        }
    });
}

fn look_at(cx: &ViewContext<'_>, lead: &AccountLead) {
    if let Some(account) = cx.cache.accounts().get(lead.account as usize) {
        cx.send(Command::SetScope(Scope::clone(cx.scope).with_account(account.id.clone())));
    }
}

/// Moves the selection up or down, or sets the scope to it; returns the row to scroll to. `cursor`
/// is the last position of the selected row; the list is searched only if the row has moved.
fn move_selection(
    cx: &ViewContext<'_>,
    list: &List,
    step: keys::Step,
    cursor: &mut Option<usize>,
) -> Option<usize> {
    let lead_of = |row: &Listed| cx.leads.accounts.get(row.lead as usize);
    let is_selected =
        |row: &Listed| lead_of(row).is_some_and(|lead| *cx.selected == Selected::Account(lead.account));
    let at = cursor
        .filter(|&at| list.rows.get(at).is_some_and(is_selected))
        .or_else(|| list.rows.iter().position(is_selected));
    if let (keys::Step::Enter, Some(lead)) = (step, at.and_then(|at| lead_of(&list.rows[at]))) {
        look_at(cx, lead);
        return None;
    }
    let next = step.from(at, list.rows.len())?;
    let lead = lead_of(&list.rows[next])?;
    cx.send(Command::Select(Selected::Account(lead.account)));
    *cursor = Some(next);
    Some(next)
}

fn column(cell: Cell) -> Column {
    match cell {
        Cell::Rank => Column::initial(44.0).clip(true),
        Cell::Account => Column::initial(150.0).at_least(60.0).clip(true),
        Cell::Lead => Column::initial(84.0).clip(true),
        Cell::Exchanges | Cell::Interval => Column::initial(76.0).clip(true),
        Cell::P | Cell::Q => Column::initial(58.0).clip(true),
        Cell::Signal(_) => Column::initial(74.0).clip(true),
        Cell::Why => Column::remainder().at_least(80.0).clip(true),
    }
    .resizable(true)
}

/// Title and explanation of a column.
fn title(leads: &Leads, cell: Cell) -> (&'static str, &'static str) {
    match cell {
        Cell::Rank => ("Rank", "1 is reviewed first"),
        Cell::Account => ("Account", "Double-click sets the scope to the account"),
        Cell::Lead => ("Lead", "Lead of which the account is a core or joined member"),
        Cell::Exchanges => ("Exchanges", "Exchanges of the account inside the scope"),
        Cell::Interval => ("Interval", "Median time between two exchanges of the account inside the scope"),
        Cell::P => {
            ("p", "Conformal p-value of the extraction signals among peers; – where nothing could be tested")
        }
        Cell::Q => ("q", "Benjamini–Hochberg q-value over all tested accounts"),
        Cell::Signal(i) => {
            leads.signals.get(i).map_or(("", ""), |signal| (signal.about.title, signal.about.definition))
        }
        Cell::Why => ("Why", "Signals at or above the 90th percentile among peers"),
    }
}

fn order_of(cell: Cell) -> Option<OrderBy> {
    match cell {
        Cell::Rank => Some(OrderBy::Rank),
        Cell::Account => Some(OrderBy::Account),
        Cell::Lead => Some(OrderBy::Lead),
        Cell::Exchanges => Some(OrderBy::Exchanges),
        Cell::Interval => Some(OrderBy::Interval),
        // q is monotone in p.
        Cell::P | Cell::Q => Some(OrderBy::P),
        Cell::Signal(i) => Some(OrderBy::Signal(i)),
        Cell::Why => None,
    }
}

/// Draws a header; true if it was clicked.
fn head(ui: &mut egui::Ui, cx: &ViewContext<'_>, cell: Cell, (order, reversed): (OrderBy, bool)) -> bool {
    let (title, hint) = title(cx.leads, cell);
    let mut text = title.to_owned();
    if order_of(cell) == Some(order) && cell != Cell::Q {
        text.push_str(if reversed { " ▲" } else { " ▼" });
    }
    let button = egui::Button::new(egui::RichText::new(text).strong()).frame(false);
    ui.add_enabled(order_of(cell).is_some(), button).on_hover_text(hint).clicked()
}

fn cell_text(cache: &Cache, leads: &Leads, row: Listed, cell: Cell) -> String {
    let Some(lead) = leads.accounts.get(row.lead as usize) else { return String::new() };
    match cell {
        Cell::Rank => lead.rank.to_string(),
        Cell::Account => words::account(cache, lead.account),
        Cell::Lead => lead.group.map_or_else(String::new, |at| words::lead_id(leads, at as usize)),
        Cell::Exchanges => words::count(u64::from(row.exchanges)),
        Cell::Interval => {
            row.interval.map_or_else(|| "–".to_owned(), |micros| format_duration(micros as i64))
        }
        Cell::P => words::probability(lead.p_value),
        Cell::Q => words::probability(lead.q_value),
        Cell::Signal(i) => {
            let place = percentile(leads, i, lead);
            place.map_or_else(|| "–".to_owned(), |place| words::ordinal(place.clamp(0.0, 100.0) as u32))
        }
        Cell::Why => why(leads, lead),
    }
}

fn percentile(leads: &Leads, signal: usize, lead: &AccountLead) -> Option<f32> {
    leads.signals.get(signal)?.percentile.get(lead.account as usize).copied().flatten()
}

/// Signals at or above the 90th percentile among the account's peers, highest first.
fn why(leads: &Leads, lead: &AccountLead) -> String {
    const WHY_PERCENTILE: f32 = 90.0;
    let mut out: Vec<(f32, &str)> = (0..leads.signals.len())
        .filter_map(|i| percentile(leads, i, lead).map(|place| (place, leads.signals[i].about.title)))
        .filter(|(place, _)| *place >= WHY_PERCENTILE)
        .collect();
    out.sort_by(|a, b| b.0.total_cmp(&a.0));
    if out.is_empty() {
        return "no signal at or above the 90th percentile".to_owned();
    }
    let said: Vec<String> =
        out.iter().map(|(place, title)| format!("{title} {}", words::ordinal(*place as u32))).collect();
    format!("{} percentile", said.join(" · "))
}
