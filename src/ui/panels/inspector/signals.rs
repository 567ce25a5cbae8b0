//! Reasons as lines: title, value with unit, percentile bar; sentence and other explanations on demand.

use egui::{Role, WidgetInfo};

use crate::cache::RowId;
use crate::leads::{Reason, event_of};
use crate::ui::regions::{self, Region};
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::widgets::percentile;
use crate::ui::{pivot, theme, words};

use super::answer::Answer;
use super::behind;
use super::parts::wrapped;

/// Width of a percentile bar, in points.
const BAR: f32 = 54.0;
/// Width of a p-value, in points.
const P: f32 = 92.0;

/// Draws the reasons, or a spinner while they are computed. `about` says whom they describe and with whom they are
/// compared, with an explanation.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, answer: Option<&Answer>, about: Option<(String, &str)>) {
    ui.add_space(theme::GROUP_GAP);
    regions::begin(ui, Region::Reasons);
    ui.strong("Why a lead");
    let Some(answer) = answer else {
        ui.spinner();
        return;
    };
    if let Some((about, explained)) = about {
        ui.weak(about).on_hover_text(explained);
    }
    let lead = match answer.about {
        Selected::Lead(at) => Some(at),
        _ => None,
    };
    let (untested, tested): (Vec<&Reason>, Vec<&Reason>) =
        answer.reasons.iter().partition(|reason| reason.not_testable().is_some());
    if tested.is_empty() {
        ui.weak("0 signals could be tested: too little data, or missing columns.");
    }
    for (i, reason) in tested.into_iter().enumerate() {
        ui.push_id(i, |ui| show(ui, cx, lead, reason));
    }
    if !untested.is_empty() {
        not_testable(ui, &untested);
    }
}

/// One signal: a line, and its details under it while it is open.
fn show(ui: &mut egui::Ui, cx: &ViewContext<'_>, lead: Option<usize>, reason: &Reason) {
    let id = ui.make_persistent_id("reason");
    let state = egui::collapsing_header::CollapsingState::load_with_default_open(ui.ctx(), id, false);
    let mut is_clicked = false;
    let mut header = state.show_header(ui, |ui| {
        // The triangle has the focus; the title takes clicks alone.
        let title = egui::RichText::new(reason.title.as_ref()).strong();
        let title = ui.add(egui::Label::new(title).sense(egui::Sense::CLICK));
        if let Some(lead) = lead {
            pivot::on(&title, cx, || PivotFrom::Lead(lead));
        }
        is_clicked = title.on_hover_text(format!("signal {}", reason.signal)).clicked();
        // What has no room in a narrow panel is left to the details: it would widen all lines below.
        if let Some(place) = reason.percentile.filter(|_| ui.available_width() >= BAR) {
            percentile::bar(ui, place, BAR);
        }
        if reason.p.is_some() && ui.available_width() >= P {
            let p = words::probability(reason.p);
            match event_of(&reason.signal) {
                Some(_) => drop(ui.weak(format!("p {p} alone")).on_hover_text(
                    "p-value of this event alone. The p of the lead is corrected for all events and communities tested.",
                )),
                None => drop(ui.weak(format!("p {p}"))),
            }
        }
    });
    if is_clicked {
        header.toggle();
    }
    let is_open = header.is_open();
    let (toggle, _, _) = header.body(|ui| details(ui, cx, reason));
    let name = format!("Details of {}", reason.title);
    toggle.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, &name));
    toggle.on_hover_text("Full sentence, examples, benign explanations");
    // The details have the whole sentence.
    if !is_open {
        let first = reason.sentence.split_inclusive(". ").next().unwrap_or_default().trim();
        // The title is already on the line above.
        let titled = first.split_once(": ").filter(|(title, _)| title.eq_ignore_ascii_case(&reason.title));
        wrapped(ui, titled.map_or(first, |(_, rest)| rest));
    }
    if let Some(lead) = lead {
        behind::ui(ui, cx, lead, reason);
    }
}

fn details(ui: &mut egui::Ui, cx: &ViewContext<'_>, reason: &Reason) {
    wrapped(ui, &reason.sentence);
    if !reason.examples.is_empty() {
        ui.horizontal_wrapped(|ui| examples(ui, cx, &reason.examples));
    }
    ui.weak("Benign explanations");
    wrapped(ui, &reason.benign);
    ui.weak("Data that would decide between them");
    wrapped(ui, &reason.tells_apart);
}

/// All signals without a test in one line, with their reasons on demand.
fn not_testable(ui: &mut egui::Ui, reasons: &[&Reason]) {
    let title = format!("{} not tested", words::counted(reasons.len() as u64, "signal", "signals"));
    egui::CollapsingHeader::new(title).id_salt("not tested").default_open(false).show(ui, |ui| {
        for reason in reasons {
            wrapped(ui, &format!("{}: {}", reason.title, reason.not_testable().unwrap_or_default()));
        }
    });
}

/// Example exchanges as links.
fn examples(ui: &mut egui::Ui, cx: &ViewContext<'_>, rows: &[RowId]) {
    ui.weak("Examples:");
    for (i, &row) in rows.iter().enumerate() {
        let when = cx.cache.hot().ts.get(row as usize).map_or_else(String::new, |&ts| cx.zone.format(ts));
        if ui.link(format!("exchange {}", i + 1)).on_hover_text(when).clicked() {
            cx.send(Command::Select(Selected::Exchange(row)));
            cx.send(Command::ShowView("exchanges"));
        }
    }
}
