//! The dialog of one snapshot: retire it, restore it, or read it with another mapping.

use std::path::PathBuf;

use egui::{Id, Modal};

use super::import::column_combo;
use super::view::ViewContext;
use super::{theme, words};
use crate::jobs::{Jobs, Slot, SlotState, SourceChange, SourceChangeRequest, files_of};
use crate::model::{Digest, visible};
use crate::snapshot::{Column, Mapping, MappingProposal, Snapshot, SnapshotError, problems, propose};

/// The dialog's own state.
pub struct SnapshotDialog {
    case_dir: PathBuf,
    snapshot: Snapshot,
    files: Vec<(String, PathBuf)>,
    retired: bool,
    mapping: Mapping,
    /// The columns of the files.
    found: Slot<Digest, MappingProposal>,
    /// Problems of the changed mapping.
    problems: Slot<Mapping, Vec<String>>,
    reason: String,
}

/// The investigator's answer in this frame.
pub enum Answer {
    /// None yet.
    Open,
    /// Nothing is to change.
    Closed,
    /// This is to change.
    Change(Box<SourceChangeRequest>),
}

impl SnapshotDialog {
    /// The dialog of a snapshot of the case, by its SHA-256; `None` where the case has none such.
    pub fn new(case_dir: PathBuf, cx: &ViewContext<'_>, sha256: Digest) -> Option<Self> {
        let snapshot = cx.state.every_snapshot().find(|snapshot| snapshot.sha256 == sha256)?.clone();
        Some(Self {
            case_dir,
            files: files_of(cx.sources, &snapshot),
            retired: cx.state.retired_because(sha256).is_some(),
            mapping: snapshot.mapping.clone(),
            snapshot,
            found: Slot::default(),
            problems: Slot::default(),
            reason: String::new(),
        })
    }

    /// Draws the dialog.
    pub fn ui(&mut self, ctx: &egui::Context, jobs: &Jobs) -> Answer {
        self.look(jobs);
        let mut answer = Answer::Open;
        let modal = Modal::new(Id::unique("snapshot")).show(ctx, |ui| {
            ui.set_width(560.0);
            ui.heading(format!("Snapshot {}", self.snapshot.sha256.short()));
            ui.label("Its files and evidence already marked do not change.");
            let label = ui.label("Reason (goes into the journal)");
            ui.add(egui::TextEdit::singleline(&mut self.reason).desired_width(f32::INFINITY))
                .labelled_by(label.id);
            ui.add_space(theme::GAP);
            if !self.retired {
                self.mapping_ui(ui);
            }
            ui.add_space(theme::GROUP_GAP);
            answer = self.buttons(ui);
        });
        if modal.should_close() { Answer::Closed } else { answer }
    }

    fn look(&mut self, jobs: &Jobs) {
        let files = self.files.clone();
        self.found.ask::<SnapshotError>(jobs, None, self.snapshot.sha256, move |_| propose(&files, None));
        self.found.poll();
        let (files, mapping) = (self.files.clone(), self.mapping.clone());
        self.problems
            .ask::<SnapshotError>(jobs, None, self.mapping.clone(), move |_| problems(&files, &mapping));
        self.problems.poll();
    }

    fn mapping_ui(&mut self, ui: &mut egui::Ui) {
        ui.label(words::line(&self.snapshot.mapping.describe(), 120));
        let stops = self.problems.answer().into_iter().flatten().map(String::as_str);
        for stop in stops.chain(self.problems.failure()).chain(self.found.failure()) {
            ui.colored_label(ui.visuals().error_fg_color, visible(stop));
        }
        let Some(found) = self.found.answer() else {
            ui.spinner();
            return;
        };
        let mapping = &mut self.mapping;
        egui::ScrollArea::vertical().max_height(260.0).show(ui, |ui| {
            egui::Grid::new("snapshot columns").num_columns(2).striped(true).show(ui, |ui| {
                for column in Column::ALL {
                    ui.label(column.name());
                    column_combo(ui, column.name(), mapping, &found.source_columns);
                    ui.end_row();
                }
            });
        });
    }

    fn buttons(&self, ui: &mut egui::Ui) -> Answer {
        let reason = self.reason.trim();
        let fits = self.problems.state() == SlotState::Ready
            && self.problems.answer().is_some_and(|problems| problems.is_empty());
        let mut chosen = None;
        let mut closed = false;
        ui.horizontal(|ui| {
            if self.retired {
                let button = ui.add_enabled(!reason.is_empty(), egui::Button::new("Restore the snapshot"));
                if button.on_disabled_hover_text("Enter a reason first.").clicked() {
                    chosen = Some(SourceChange::Restore);
                }
            } else {
                let changed = self.mapping != self.snapshot.mapping;
                let ready = changed && fits && !reason.is_empty();
                let button = ui.add_enabled(ready, egui::Button::new("Replace the mapping"));
                let hint = "Requires a different mapping that fits the files, and a reason.";
                if button.on_disabled_hover_text(hint).clicked() {
                    chosen = Some(SourceChange::Map(self.mapping.clone()));
                }
                let button = ui.add_enabled(!reason.is_empty(), egui::Button::new("Retire the snapshot"));
                if button.on_disabled_hover_text("Enter a reason first.").clicked() {
                    chosen = Some(SourceChange::Retire);
                }
            }
            closed = ui.button("Cancel").clicked();
        });
        match chosen {
            Some(change) => Answer::Change(Box::new(SourceChangeRequest {
                case_dir: self.case_dir.clone(),
                snapshot: self.snapshot.sha256,
                change,
                reason: reason.to_owned(),
            })),
            None if closed => Answer::Closed,
            None => Answer::Open,
        }
    }
}
