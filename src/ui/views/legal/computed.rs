//! Figures computed from the logs: exchanges after notices, harm, gaps of acceptance.

use std::sync::Arc;

use egui::Ui;

use crate::bundle::{BundleError, LegalSheet, computed_sheets, legal_figures};
use crate::jobs::{Slot, SlotState};
use crate::model::{Digest, visible};
use crate::ui::view::ViewContext;
use crate::ui::widgets::sideways;
use crate::ui::{theme, words};

/// Rows of a table that are drawn; the bundle has all.
const DRAWN: usize = 200;
/// Tables that are computed, in the order of the screen, with what to do where one is empty.
const TABLES: [(&str, &str); 3] = [
    (
        "after_revocation",
        "0 accounts with exchanges after a notice. Add notices to accounts of leads relied on.",
    ),
    ("harm", "No exchange of accounts relied on. Mark a lead as relied-on evidence first."),
    ("acceptance_gaps", "No record of acceptance. Load a file under Acceptance."),
];

/// The computed tables.
#[derive(Default)]
pub(super) struct Computed {
    sheets: Slot<(Option<Digest>, u64), Vec<LegalSheet>>,
}

impl Computed {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        ui.weak("Computed for the accounts of all evidence relied on. Linked accounts are other members of the same lead; a link does not show who operates an account.");
        let question = (cx.state.journal.last().map(|entry| entry.hash), cx.data_version);
        let (state, cache, leads) = (Arc::clone(cx.state), Arc::clone(cx.cache), Arc::clone(cx.leads));
        self.sheets.ask::<BundleError>(cx.jobs, Some("Legal figures"), question, move |ticket| {
            let figures = legal_figures(&state, &cache, &leads, ticket)?;
            Ok(computed_sheets(&cache, &figures))
        });
        self.sheets.poll();
        if self.sheets.state() == SlotState::Pending {
            ui.spinner();
        }
        if let Some(why) = self.sheets.failure() {
            ui.colored_label(ui.visuals().error_fg_color, visible(why));
        }
        let Some(sheets) = self.sheets.answer() else { return };
        for (name, empty) in TABLES {
            if let Some(sheet) = sheets.iter().find(|sheet| sheet.name == name) {
                table(ui, sheet, empty);
            }
        }
    }
}

fn table(ui: &mut Ui, sheet: &LegalSheet, empty: &str) {
    ui.add_space(theme::GROUP_GAP);
    ui.strong(format!("{} ({})", sheet.title, words::count(sheet.rows.len() as u64)));
    if sheet.rows.is_empty() {
        ui.weak(empty);
        return;
    }
    if sheet.rows.len() > DRAWN {
        ui.weak(format!("The first {DRAWN} rows. The bundle and `stillhunt legal CASE show` have all."));
    }
    sideways::show(ui, &sheet.name, egui::ScrollArea::horizontal(), |ui, _| {
        egui::Grid::new(&sheet.name).num_columns(sheet.header.len()).striped(true).show(ui, |ui| {
            for name in &sheet.header {
                ui.strong(name.replace('_', " "));
            }
            ui.end_row();
            for row in sheet.rows.iter().take(DRAWN) {
                for cell in row {
                    ui.label(words::line(cell, 60));
                }
                ui.end_row();
            }
        });
    });
}
