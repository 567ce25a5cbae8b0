//! Comparison of two sides: sizes, times, common topics and values, members of leads.

use std::sync::Arc;

use egui::{Role, Sense, WidgetInfo};
use egui_extras::{Column, TableBuilder};

use crate::jobs::Slot;
use crate::model::Cancelled;
use crate::query::comparison::{Comparison, LeadMembers, compare};
use crate::ui::view::{Command, PivotFrom, Selected, SideNames, View, ViewContext};
use crate::ui::widgets::{cells, follow_focus, picture};
use crate::ui::{pivot, theme, words};

/// Least height of the list of leads, in points.
const LEAST: f32 = 160.0;

/// The view's own state.
#[derive(Default)]
pub struct CompareView {
    found: Slot<((u64, u64), u64), (Comparison, SideNames)>,
}

impl View for CompareView {
    fn id(&self) -> &'static str {
        "compare"
    }

    fn title(&self) -> &'static str {
        "Compare"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.ask(cx);
        let rect = ui.available_rect_before_wrap();
        if cx.against.is_none() {
            ui.weak("The scope beside everything else. “Compare ▾” above chooses a second scope B.");
        }
        if let Some((found, names)) = self.found.answer() {
            egui::ScrollArea::vertical().id_salt("compare").auto_shrink(false).show(ui, |ui| {
                if found.a.exchanges == 0 {
                    ui.label(picture::NO_EXCHANGES);
                }
                let rows = rows(cx, found);
                figures(ui, cx, &rows, *names);
                ui.add_space(theme::GROUP_GAP);
                leads(ui, cx, found, *names, rect.height());
                follow_focus::scroll(ui);
            });
        }
        picture::of_slot(ui, rect, &self.found, cx);
    }
}

impl CompareView {
    fn ask(&mut self, cx: &ViewContext<'_>) {
        self.found.keep_for(cx.data_version);
        if let Some(pair) = cx.pair() {
            let (cache, leads) = (Arc::clone(cx.cache), Arc::clone(cx.leads));
            let (question, names) = ((cx.pair_version(), cx.data_version), cx.sides());
            self.found.ask::<Cancelled>(cx.jobs, None, question, move |ticket| {
                let members = leads.groups.iter().map(|group| group.accounts.as_slice());
                Ok((compare(&cache, &pair, members, ticket)?, names))
            });
        }
        self.found.poll();
    }
}

/// A line of figures: title, both sides, overlap, and shared values.
struct Line {
    title: String,
    cells: [String; 3],
    /// Values that both have, the rarest first.
    values: Vec<u32>,
}

fn rows(cx: &ViewContext<'_>, found: &Comparison) -> Vec<Line> {
    let line = |title: &str, cells: [String; 3]| Line { title: title.to_owned(), cells, values: Vec::new() };
    let (a, b) = (&found.a, &found.b);
    let none = String::new;
    let median = |median: Option<u64>| median.map_or_else(none, words::count);
    let end = |ends: Option<[i64; 2]>, at: usize| ends.map_or_else(none, |ends| cx.zone.format(ends[at]));
    let mut lines = vec![
        line("accounts", [words::count(a.accounts), words::count(b.accounts), words::count(found.both.0)]),
        line("exchanges", [words::count(a.exchanges), words::count(b.exchanges), words::count(found.both.1)]),
        line("exchanges of the median account", [median(a.median), median(b.median), none()]),
        line(&format!("first exchange, {}", cx.zone.name()), [end(a.ends, 0), end(b.ends, 0), none()]),
        line(&format!("last exchange, {}", cx.zone.name()), [end(a.ends, 1), end(b.ends, 1), none()]),
    ];
    if !cx.cache.topics().is_empty() {
        let cells = [words::count(a.topics), words::count(b.topics), words::count(found.topics)];
        lines.push(line("topics", cells));
    }
    lines.extend(found.shared.iter().map(|shared| Line {
        title: format!("{}: different values", shared.kind.title()),
        cells: [words::count(shared.a), words::count(shared.b), words::count(shared.both)],
        values: shared.rarest.clone(),
    }));
    lines
}

fn figures(ui: &mut egui::Ui, cx: &ViewContext<'_>, lines: &[Line], [scope, others]: SideNames) {
    TableBuilder::new(ui)
        .cell_layout(cells::middle())
        .id_salt("figures of both sides")
        .striped(true)
        .vscroll(false)
        .column(Column::initial(220.0).at_least(100.0).clip(true).resizable(true))
        .columns(Column::initial(140.0).at_least(60.0).clip(true).resizable(true), 2)
        .column(Column::initial(70.0).at_least(50.0).clip(true).resizable(true))
        .column(Column::remainder().at_least(120.0).clip(true))
        .header(theme::HEADER, |mut header| {
            for (title, hint) in [
                ("", ""),
                (scope, "The scope"),
                (others, "The other side of the comparison"),
                ("both", "On both sides"),
                ("rarest in both", "Values that both have, by accounts of the whole case that have them"),
            ] {
                header.col(|ui| {
                    let text = egui::RichText::new(title).strong();
                    let is_figure = [scope, others, "both"].contains(&title);
                    let response = if is_figure { cells::figure(ui, text) } else { ui.label(text) };
                    response.on_hover_text(hint);
                });
            }
        })
        .body(|body| {
            body.rows(theme::ROW, lines.len(), |mut row| {
                let line = &lines[row.index()];
                row.col(|ui| {
                    ui.label(&line.title);
                });
                for cell in &line.cells {
                    row.col(|ui| {
                        cells::figure(ui, cell);
                    });
                }
                row.col(|ui| {
                    ui.horizontal(|ui| {
                        for &at in &line.values {
                            value(ui, cx, at);
                        }
                    });
                });
            });
        });
}

/// A shared value as a button that selects it.
fn value(ui: &mut egui::Ui, cx: &ViewContext<'_>, at: u32) {
    let Some(value) = cx.cache.values().get(at as usize) else { return };
    let text = format!("{} ({})", words::middle(&value.value, 24), words::count(u64::from(value.accounts)));
    let hint = format!(
        "{}: {} of the case",
        words::line(&value.value, 200),
        words::counted(u64::from(value.accounts), "account", "accounts")
    );
    let response = ui.small_button(text).on_hover_text(hint);
    if response.clicked() {
        cx.send(Command::Select(Selected::Value(at)));
    }
    pivot::on(&response, cx, || PivotFrom::Value(at));
}

/// Leads with members on either side.
fn leads(ui: &mut egui::Ui, cx: &ViewContext<'_>, found: &Comparison, names: SideNames, height: f32) {
    let [scope, others] = names;
    if found.leads.is_empty() {
        ui.weak("0 leads have a member on either side.");
        return;
    }
    ui.strong(words::counted(found.leads.len() as u64, "lead with members here", "leads with members here"));
    TableBuilder::new(ui)
        .cell_layout(cells::middle())
        .id_salt("leads of both sides")
        .striped(true)
        .sense(Sense::click())
        // Only the rows in view are laid out.
        .max_scroll_height(height.max(LEAST))
        .column(Column::initial(120.0).at_least(60.0).clip(true))
        .columns(Column::initial(110.0).at_least(60.0).clip(true), 3)
        .header(theme::HEADER, |mut header| {
            let sides = [format!("in {scope}"), format!("in {others}")];
            header.col(|ui| drop(ui.strong("lead")));
            for title in ["members", sides[0].as_str(), sides[1].as_str()] {
                header.col(|ui| drop(cells::figure(ui, egui::RichText::new(title).strong())));
            }
        })
        .body(|body| {
            body.rows(theme::ROW, found.leads.len(), |mut row| {
                let of = found.leads[row.index()];
                lead(&mut row, cx, of, names);
            });
        });
}

fn lead(
    row: &mut egui_extras::TableRow<'_, '_>,
    cx: &ViewContext<'_>,
    of: LeadMembers,
    [scope, others]: SideNames,
) {
    let Some(group) = cx.leads.groups.get(of.lead) else { return };
    let selected = *cx.selected == Selected::Lead(of.lead);
    row.set_selected(selected);
    row.col(|ui| {
        ui.label(group.id.to_string());
    });
    let members = group.accounts.len() as u64;
    for number in [members, u64::from(of.a), u64::from(of.b)] {
        row.col(|ui| drop(cells::figure(ui, words::count(number))));
    }
    let response = row.response();
    response.widget_info(|| {
        let label =
            format!("{}: {} of {members} members in {scope}, {} in {others}", group.name(), of.a, of.b);
        WidgetInfo::selected(Role::Row, true, selected, label)
    });
    if response.clicked() {
        cx.send(Command::Select(Selected::Lead(of.lead)));
    }
    pivot::on(&response, cx, || PivotFrom::Lead(of.lead));
}
