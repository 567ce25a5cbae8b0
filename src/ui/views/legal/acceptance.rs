//! Files of acceptance that counsel gives.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{TextEdit, Ui};

use super::list::{self, Line};
use crate::case::legal::{Acceptance, LegalDecision, LegalItem};
use crate::jobs::{Slot, SlotState, acceptance_of};
use crate::model::visible;
use crate::snapshot::AcceptanceColumns;
use crate::ui::dialogs::Browse;
use crate::ui::view::ViewContext;
use crate::ui::words::count;

/// Path of the file, and the reading under way.
#[derive(Default)]
pub(super) struct AcceptanceForm {
    path: String,
    zone: String,
    browse: Browse,
    turn: u32,
    taken: u32,
    read: Slot<u32, Acceptance>,
}

impl AcceptanceForm {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        let files = cx.state.legal.acceptances().map(|(number, file)| Line {
            number,
            said: format!("{}, SHA-256 {}", file.file, file.sha256.short()),
            more: format!(
                "{} records of accounts of the log ({} without a time of day, zone {}), of {} rows; {} of other accounts, {} not readable",
                count(file.accounts.len() as u64),
                count(file.days.iter().flatten().count() as u64),
                file.zone(),
                count(file.rows),
                count(file.foreign),
                count(file.set_aside)
            ),
        });
        let empty =
            "0 files. Load a Parquet, JSON Lines or CSV file with account, time, address and version.";
        list::ui(ui, cx, "Files of acceptance", files.collect(), empty);
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("File of acceptance");
            ui.add(TextEdit::singleline(&mut self.path).hint_text("path").desired_width(320.0))
                .labelled_by(label.id);
            if ui.button("Browse…").clicked() {
                self.browse.any(cx.jobs);
            }
            self.browse.notice(ui);
            let label = ui.label("Zone of the file");
            ui.add(TextEdit::singleline(&mut self.zone).hint_text("UTC").desired_width(120.0))
                .labelled_by(label.id);
            let is_reading = self.read.state() == SlotState::Pending;
            let ready = !cx.read_only && !is_reading && !self.path.trim().is_empty();
            if ui.add_enabled(ready, egui::Button::new("Load records")).clicked() {
                self.load(cx);
            }
            if is_reading {
                ui.spinner();
                if ui.button("Stop").clicked() {
                    self.read.cancel();
                }
            }
        });
        ui.weak("Usual names of columns: account_id, accepted_at, ip, version. `stillhunt legal CASE accept --help` names others.");
        ui.weak("Records of accounts that the log does not have are counted and not kept.");
        ui.weak("The zone is of times that carry none. A date without a time of day is a whole day in it.");
        if let Some(why) = self.read.failure().filter(|_| self.read.state() == SlotState::Failed) {
            ui.colored_label(ui.visuals().error_fg_color, format!("Not loaded: {}", visible(why)));
        }
    }

    fn load(&mut self, cx: &ViewContext<'_>) {
        self.turn += 1;
        let (path, cache) = (PathBuf::from(self.path.trim()), Arc::clone(cx.cache));
        let zone = Some(self.zone.trim().to_owned()).filter(|zone| !zone.is_empty());
        let columns = AcceptanceColumns { zone, ..AcceptanceColumns::default() };
        self.read.ask::<String>(cx.jobs, Some("Reading records of acceptance"), self.turn, move |ticket| {
            acceptance_of(&path, &columns, &cache, ticket).map_err(|error| format!("{error:#}"))
        });
    }

    /// Takes in a path or records that have come. Call once a frame.
    pub(super) fn poll(&mut self, cx: &ViewContext<'_>) {
        if let Some(path) = self.browse.poll() {
            self.path = path.display().to_string();
        }
        self.read.poll();
        if self.read.state() == SlotState::Ready && self.taken != self.turn {
            self.taken = self.turn;
            if let Some(read) = self.read.answer() {
                let item = LegalItem::Acceptance(read.clone());
                list::record(cx, LegalDecision::Recorded { number: 0, item });
                self.path.clear();
            }
        }
    }
}
