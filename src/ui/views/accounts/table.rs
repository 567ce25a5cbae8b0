//! The table of accounts; only visible rows are drawn.

use std::ops::Range;

use egui::{Align, Layout, Sense};
use egui_extras::{Column, TableBuilder, TableRow};

use super::cells::Cell;
use super::list::{Listed, OrderBy};
use crate::cache::AccountIndex;
use crate::leads::AccountLead;
use crate::model::Scope;
use crate::ui::marks::Marks;
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::widgets::cells;
use crate::ui::widgets::choice::Choice;
use crate::ui::{theme, words};

/// Input of one frame.
pub struct Table<'a> {
    pub rows: &'a [Listed],
    pub cells: &'a [Cell],
    /// Order of the rows, and true for the reversed one.
    pub order: (OrderBy, bool),
    pub chosen: &'a Choice<AccountIndex>,
    pub marks: &'a Marks,
}

/// Place of a click.
pub enum Clicked {
    /// The title of a column that sorts.
    Header(OrderBy),
    /// A row, by its position in the list.
    Row(usize),
}

impl Table<'_> {
    /// Draws header and the rows at some positions.
    pub fn ui(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>, visible: Range<usize>) -> Option<Clicked> {
        let mut clicked = None;
        ui.push_id("accounts", |ui| {
            let mut builder = TableBuilder::new(ui)
                .cell_layout(cells::middle())
                .striped(true)
                .sense(Sense::click())
                .vscroll(false);
            for cell in self.cells {
                let width = if *cell == Cell::Account {
                    cells::id_width(cx.cache, cell.width())
                } else {
                    cell.width()
                };
                let column = Column::initial(width).at_least(20.0).clip(true).resizable(true);
                builder = builder.column(column);
            }
            builder
                .header(theme::HEADER, |mut header| {
                    for cell in self.cells {
                        header.col(|ui| {
                            if self.title(ui, cx, *cell) {
                                clicked = cell.order().map(Clicked::Header);
                            }
                        });
                    }
                })
                .body(|body| {
                    body.rows(theme::ROW, visible.len(), |mut row| {
                        let at = visible.start + row.index();
                        if self.row(&mut row, cx, self.rows[at]) {
                            clicked = Some(Clicked::Row(at));
                        }
                    });
                });
        });
        clicked
    }

    fn title(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>, cell: Cell) -> bool {
        let (title, hint) = cell.title(cx.leads);
        // p stays as statistics write it.
        let title = if cell == Cell::P { title.to_owned() } else { words::capital(title) };
        let Some(order) = cell.order() else {
            ui.strong(title).on_hover_text(hint);
            return false;
        };
        let arrow = match self.order {
            (by, true) if by == order => " ▲",
            (by, false) if by == order => " ▼",
            _ => "",
        };
        let text = egui::RichText::new(format!("{title}{arrow}")).strong();
        let button = egui::Button::new(text).frame(false).truncate();
        let response = cells::title(ui, cell.is_number(), button).on_hover_text(hint);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Sort accounts by {title}"))
        });
        response.clicked()
    }

    /// Draws one account; true if it was clicked.
    fn row(&self, row: &mut TableRow<'_, '_>, cx: &ViewContext<'_>, listed: Listed) -> bool {
        let Some(lead) = cx.leads.accounts.get(listed.lead as usize) else { return false };
        let selected = *cx.selected == Selected::Account(lead.account);
        row.set_selected(selected || self.chosen.contains(lead.account));
        for cell in self.cells {
            row.col(|ui| {
                let text = cell.text(cx.cache, cx.leads, cx.zone, self.marks, listed);
                // Ids and cards differ at their ends as well as at their beginnings.
                let is_id = matches!(cell, Cell::Account | Cell::Fact(_));
                let text = if is_id { words::fitting(&text, ui.available_width()) } else { text };
                let label = egui::Label::new(text).truncate();
                if cell.is_number() {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(label));
                } else {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(label));
                }
            });
        }
        let response = row.response();
        response.widget_info(|| {
            let label = format!("rank {}, {}", lead.rank, words::account(cx.cache, lead.account));
            egui::WidgetInfo::selected(egui::Role::Row, true, selected, label)
        });
        if response.double_clicked() {
            look_at(cx, lead);
        }
        if response.secondary_clicked() {
            self.pivot(cx, lead.account);
        }
        let clicked = response.clicked();
        // An id with no room in its column.
        let id = cx.cache.accounts().get(lead.account as usize).map_or("", |account| account.id.as_str());
        if id.chars().count() as f32 * words::CHARACTER > Cell::Account.width() {
            response.on_hover_text(words::line(id, 400));
        }
        clicked
    }

    /// Opens the pivot menu of the account, or of all chosen accounts if it is one of them.
    fn pivot(&self, cx: &ViewContext<'_>, account: AccountIndex) {
        if self.chosen.count() > 1 && self.chosen.contains(account) {
            let chosen = self.chosen.keys().collect();
            cx.send(Command::Pivot(PivotFrom::Accounts(std::sync::Arc::new(chosen))));
        } else {
            cx.send(Command::Select(Selected::Account(account)));
            cx.send(Command::Pivot(PivotFrom::Account(account)));
        }
    }
}

fn look_at(cx: &ViewContext<'_>, lead: &AccountLead) {
    if let Some(account) = cx.cache.accounts().get(lead.account as usize) {
        cx.send(Command::SetScope(Scope::clone(cx.scope).with_account(account.id.clone())));
    }
}
