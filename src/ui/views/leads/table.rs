//! The table of leads. Only visible rows are drawn.

use egui::{Align, Layout, Rect, Sense, pos2, vec2};
use egui_extras::{Column as Width, TableBuilder, TableRow};

use super::columns::{Cell, Column};
use super::large;
use super::rows::LeadRow;
use crate::case::ReviewStatus;
use crate::ui::scopes;
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::widgets::cells;
use crate::ui::widgets::choice::Choice;
use crate::ui::widgets::sideways;
use crate::ui::{theme, words};

/// Least width of the last column, in points.
const LAST: f32 = 80.0;

/// Input of one frame.
pub struct Table<'a> {
    pub rows: &'a [LeadRow],
    /// Positions of the listed leads, in order.
    pub leads: &'a [usize],
    /// Members inside the scope, by position of the lead.
    pub in_scope: &'a [u32],
    pub columns: Vec<Column>,
    /// Column that orders the rows, and true for the reversed order.
    pub order: (Column, bool),
    pub choice: &'a Choice<usize>,
    pub scroll_to: Option<usize>,
}

/// Place of a click.
pub enum Clicked {
    /// The title of a column.
    Header(Column),
    /// A row, by its position in the list.
    Row(usize),
}

impl Table<'_> {
    /// Draws the table.
    pub fn ui(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> Option<Clicked> {
        let mut clicked = None;
        ui.spacing_mut().item_spacing = vec2(4.0, 0.0);
        // Scroll bars stay visible, because columns may extend beyond the window.
        ui.spacing_mut().scroll.dormant_handle_opacity = 0.6;
        // Beside the last column, not over it.
        ui.spacing_mut().scroll.floating_allocated_width = 8.0;
        let area = egui::ScrollArea::horizontal().auto_shrink(false);
        sideways::show(ui, "leads", area, |ui, _| {
            let height = ui.available_height();
            let mut builder = TableBuilder::new(ui)
                .cell_layout(cells::middle())
                .id_salt("leads table")
                .striped(true)
                .sense(Sense::click())
                .min_scrolled_height(0.0)
                .max_scroll_height(height)
                .auto_shrink(false);
            for (at, column) in self.columns.iter().enumerate() {
                // The last one ends at the edge of the view, not beyond it.
                let is_last = at + 1 == self.columns.len();
                let width = match is_last {
                    true => Width::remainder().at_least(LAST),
                    false => Width::initial(column.width()).at_least(20.0).resizable(true),
                };
                builder = builder.column(width.clip(true));
            }
            if let Some(at) = self.scroll_to {
                builder = builder.scroll_to_row(at, None);
            }
            builder
                .header(theme::HEADER, |mut header| {
                    for &column in &self.columns {
                        header.col(|ui| {
                            if self.title(ui, column) {
                                clicked = Some(Clicked::Header(column));
                            }
                        });
                    }
                })
                .body(|body| {
                    body.rows(theme::ROW, self.leads.len(), |mut row| {
                        let at = row.index();
                        if self.row(&mut row, cx, self.leads[at]) {
                            clicked = Some(Clicked::Row(at));
                        }
                    });
                });
        });
        clicked
    }

    fn title(&self, ui: &mut egui::Ui, column: Column) -> bool {
        let arrow = match self.order {
            (by, true) if by == column => " ▲",
            (by, false) if by == column => " ▼",
            _ => "",
        };
        let title = egui::RichText::new(format!("{}{arrow}", column.title())).strong();
        let button = egui::Button::new(title).frame(false).truncate();
        let response = cells::title(ui, column.is_number(), button);
        let hint = column.hint();
        let response = match column.can_be_large() {
            true => response.on_hover_text(format!("{hint}. {}", large::HINT)),
            false => response.on_hover_text(hint),
        };
        response.widget_info(|| {
            let label = format!("Sort leads by {}", column.title());
            egui::WidgetInfo::labeled(egui::Role::Button, true, label)
        });
        response.clicked()
    }

    /// Draws one lead; true if it was clicked.
    fn row(&self, row: &mut TableRow<'_, '_>, cx: &ViewContext<'_>, at: usize) -> bool {
        let Some(group) = cx.leads.groups.get(at) else { return false };
        let status = cx.decisions.review(at).map_or(ReviewStatus::New, |review| review.status);
        let cell = Cell { at, group, row: self.rows.get(at), status };
        // While exchanges and accounts of the scope are read, its lead stays in sight.
        let selected = match cx.selected {
            Selected::Lead(selected) => *selected == at,
            _ => scopes::lead_of_scope(cx) == Some(at),
        };
        row.set_selected(selected || (self.choice.count() > 1 && self.choice.contains(at)));
        let outside = self.in_scope.get(at) == Some(&0);
        for &column in &self.columns {
            row.col(|ui| draw(ui, cx, column, &cell, outside));
        }
        let response = row.response();
        response.widget_info(|| {
            let label = format!(
                "{}, {}, {}",
                group.name(),
                status.in_words(),
                words::counted(group.accounts.len() as u64, "account", "accounts")
            );
            egui::WidgetInfo::selected(egui::Role::Row, true, selected, label)
        });
        if response.double_clicked() {
            cx.send(Command::SetScope(scopes::of_lead(cx, group)));
        }
        if response.secondary_clicked() {
            cx.send(Command::Select(Selected::Lead(at)));
            cx.send(Command::Pivot(PivotFrom::Lead(at)));
        }
        let clicked = response.clicked();
        response.on_hover_ui(|ui| self.tooltip(ui, cx, &cell));
        clicked
    }

    fn tooltip(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>, cell: &Cell<'_>) {
        ui.set_max_width(640.0);
        if let Some(&inside) = self.in_scope.get(cell.at).filter(|_| !cx.scope.is_everything()) {
            let all = words::counted(cell.group.accounts.len() as u64, "account", "accounts");
            ui.label(format!("{} of {all} in the scope", words::count(u64::from(inside))));
        }
        // Few lines: the inspector has the rest, and rows under a tall text could not be read.
        if let Some(row) = cell.row {
            ui.label(words::line(&row.why.tie, 200));
            ui.label(words::line(&row.why.deed, 200));
            if let Some(text) = row.large.in_words(cell.group, &row.facts, self.rows.len()) {
                ui.label(text);
            }
        }
        if let Some(review) = cx.decisions.review(cell.at).filter(|review| !review.reason.is_empty()) {
            ui.label(format!("{}: {}", review.status.in_words(), words::line(&review.reason, 200)));
        }
    }
}

fn draw(ui: &mut egui::Ui, cx: &ViewContext<'_>, column: Column, cell: &Cell<'_>, outside: bool) {
    if column == Column::Activity {
        spark(ui, cell.row.map_or(&[], |row| row.facts.activity.as_slice()));
        return;
    }
    let text = column.text(cell, cx.zone);
    let mut rich = egui::RichText::new(text);
    if outside {
        rich = rich.weak();
    }
    match column {
        Column::Lead => rich = rich.strong(),
        _ if column.is_large(cell) => rich = rich.strong().underline(),
        Column::Status => rich = rich.color(theme::status(ui.visuals(), cell.status)),
        _ => {}
    }
    let label = egui::Label::new(rich).truncate().show_tooltip_when_elided(false);
    if column.is_number() {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(label));
    } else {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(label));
    }
}

/// Bars of the activity, at the lead's own scale.
fn spark(ui: &mut egui::Ui, counts: &[u32]) {
    let size = vec2(ui.available_width().max(10.0), theme::ROW - 4.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let highest = counts.iter().copied().max().unwrap_or(0).max(1) as f32;
    let width = rect.width() / counts.len().max(1) as f32;
    let colour = theme::scope(ui.visuals());
    let mut mesh = egui::Mesh::default();
    for (i, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let left = rect.left() + i as f32 * width;
        let top = rect.bottom() - (count as f32 / highest * rect.height()).max(1.0);
        let bar = Rect::from_min_max(pos2(left, top), pos2(left + (width - 0.5).max(0.5), rect.bottom()));
        mesh.add_colored_rect(bar, colour);
    }
    ui.painter().add(egui::Shape::mesh(mesh));
}
