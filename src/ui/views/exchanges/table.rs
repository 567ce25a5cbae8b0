//! The table of exchanges. Only visible rows are laid out; a row not yet read has a placeholder.

use std::ops::Range;

use egui::{Key, Modifiers, Role, Sense, WidgetInfo};
use egui_extras::{Column, TableBuilder, TableRow};

use super::marked::{How, Marked};
use super::pages::Pages;
use super::search::ID;
use crate::query::exchanges::ExchangeRow;
use crate::query::listing::Listing;
use crate::ui::marks::{self, Marks};
use crate::ui::pivot;
use crate::ui::view::{PivotFrom, ViewContext};
use crate::ui::widgets::{cells, keys, picture};
use crate::ui::{theme, words};

/// Title and initial width of each column.
const COLUMNS: [(&str, f32); 10] = [
    ("Mark", 32.0),
    ("Time", 156.0),
    ("Account", 144.0),
    ("Model", 100.0),
    ("Topic", 150.0),
    ("Tokens in", 64.0),
    ("Tokens out", 68.0),
    ("Latency ms", 72.0),
    ("Stop reason", 84.0),
    ("IP", 110.0),
];
/// Columns of figures.
const FIGURES: [&str; 3] = ["Tokens in", "Tokens out", "Latency ms"];
/// Number of rows that Page Up and Page Down move.
const PAGE: i64 = 20;

/// Effects of the keys of the table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Acted {
    /// Position to scroll to, if the cursor moved.
    pub scroll_to: Option<usize>,
    /// True if the chosen rows are to be marked as evidence.
    pub marks: bool,
    /// True if two exchanges are to be compared, or the selected one held for it.
    pub compares: bool,
}

/// Draws the visible rows.
pub fn ui(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    pages: &mut Pages,
    marked: &mut Marked,
    marks: &Marks,
    visible: Range<usize>,
) -> Acted {
    let Some(listed) = pages.order() else { return Acted::default() };
    let rect = ui.available_rect_before_wrap();
    // The rows take the clicks; this takes the keys.
    let keys = ui.interact(rect, keys::id(ID), Sense::focusable_noninteractive());
    let label = format!("Exchanges, {}", words::counted(listed.len() as u64, "row", "rows"));
    keys.widget_info(|| WidgetInfo::labeled(Role::Table, true, &label));
    let acted = if keys.has_focus() { act_on_keys(ui, cx, &keys, &listed, marked) } else { Acted::default() };
    let mut pointed = None;
    let mut builder = TableBuilder::new(ui)
        .cell_layout(cells::middle())
        .id_salt("exchanges")
        .striped(true)
        .sense(Sense::click())
        .vscroll(false);
    for (title, width) in COLUMNS {
        let width = if title == "Account" { cells::id_width(cx.cache, width) } else { width };
        builder = builder.column(Column::initial(width).at_least(16.0).clip(true).resizable(true));
    }
    builder
        .header(theme::HEADER, |mut header| {
            for (title, _) in COLUMNS {
                header.col(|ui| {
                    let hint = if title == "Mark" { marks::LEGEND } else { title };
                    let text = egui::RichText::new(title).strong();
                    let is_figure = FIGURES.contains(&title);
                    let response = if is_figure { cells::figure(ui, text) } else { ui.label(text) };
                    response.on_hover_text(hint);
                });
            }
        })
        .body(|body| {
            body.rows(theme::ROW, visible.len(), |mut row| {
                let at = visible.start + row.index();
                row.set_selected(listed.get(at).is_some_and(|row| marked.contains(row)));
                match pages.at(at) {
                    Some(exchange) => cells(&mut row, cx, exchange, marks),
                    None => COLUMNS.iter().for_each(|_| {
                        row.col(|ui| {
                            ui.weak("…");
                        });
                    }),
                }
                let response = row.response();
                if response.clicked() {
                    pointed = Some(at);
                }
                if let Some(row) = listed.get(at) {
                    pivot::on(&response, cx, || PivotFrom::Exchange(row));
                }
            });
        });
    if let Some(at) = pointed {
        marked.point(&listed, at, how(ui));
        marked.select_current(cx);
        keys.request_focus();
    }
    pages.ask_window(cx, visible);
    picture::focus_ring(ui, &keys);
    acted
}

/// Handles keys: arrows, Page, Home and End move, Shift extends the run, Ctrl+A chooses all, Space the current
/// row, M marks, X compares.
fn act_on_keys(
    ui: &egui::Ui,
    cx: &ViewContext<'_>,
    keys: &egui::Response,
    listed: &Listing,
    marked: &mut Marked,
) -> Acted {
    picture::keep_arrows(ui, keys);
    let pressed = |key| ui.input(|input| input.num_presses(key)) as i64;
    let all = listed.len() as i64;
    let by = pressed(Key::ArrowDown) - pressed(Key::ArrowUp)
        + PAGE * (pressed(Key::PageDown) - pressed(Key::PageUp))
        + all * (pressed(Key::End) - pressed(Key::Home));
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
        marked.point(listed, 0, How::default());
        marked.point(listed, listed.len().saturating_sub(1), How { run: true, toggle: false });
    } else if by != 0 {
        marked.step(listed, by, How { toggle: false, ..how(ui) });
    } else if pressed(Key::Space) > 0 {
        marked.toggle(listed);
    } else {
        let marks = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::M));
        let compares = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::X));
        return Acted { scroll_to: None, marks, compares };
    }
    marked.select_current(cx);
    Acted { scroll_to: marked.cursor(), ..Acted::default() }
}

fn how(ui: &egui::Ui) -> How {
    ui.input(|input| How { run: input.modifiers.shift, toggle: input.modifiers.command })
}

fn cells(row: &mut TableRow<'_, '_>, cx: &ViewContext<'_>, exchange: &ExchangeRow, marks: &Marks) {
    let topic = exchange.topic.and_then(|topic| cx.cache.topics().get(usize::from(topic)));
    let texts = [
        marks.of_exchange(&exchange.exchange).to_owned(),
        cx.zone.format(exchange.ts),
        words::account(cx.cache, exchange.account),
        text(exchange.model.as_deref()),
    ];
    texts.into_iter().for_each(|text| cell(row, text));
    // The words of a topic are in order of weight: the last ones may be cut.
    let topic = text(topic.map(|topic| topic.label.as_str()));
    row.col(|ui| drop(ui.add(egui::Label::new(topic).truncate())));
    for figure in [exchange.input_tokens, exchange.output_tokens, exchange.latency_ms] {
        row.col(|ui| drop(cells::figure(ui, number(figure))));
    }
    cell(row, text(exchange.stop_reason.as_deref()));
    cell(row, text(exchange.ip.as_deref()));
}

/// A text, cut in the middle where it is too long.
fn cell(row: &mut TableRow<'_, '_>, text: String) {
    row.col(|ui| {
        ui.label(words::fitting(&text, ui.available_width())).on_hover_text(text);
    });
}

/// Text with hostile characters visible; a dash for a missing value.
fn text(value: Option<&str>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| words::line(value, 60))
}

fn number(value: Option<u32>) -> String {
    value.map_or_else(|| "–".to_owned(), |n| words::count(u64::from(n)))
}
