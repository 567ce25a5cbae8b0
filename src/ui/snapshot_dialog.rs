//! The dialog of one snapshot: retire it, restore it, or read it with another mapping.

use std::path::PathBuf;
use std::sync::Arc;

use egui::vec2;

use super::import::{Looked, MappingPanel, MappingTab, escaped, fixed, tab_bar};
use super::unsent::Unsent;
use super::view::ViewContext;
use super::{theme, words};
use crate::jobs::{Jobs, Slot, SourceChange, SourceChangeRequest, files_of};
use crate::model::{Digest, visible};
use crate::snapshot::{Snapshot, SnapshotError};

/// The dialog's own state.
pub struct SnapshotDialog {
    case_dir: PathBuf,
    snapshot: Snapshot,
    files: Vec<(String, PathBuf)>,
    retired: bool,
    /// The files, opened.
    looked: Slot<Digest, Arc<Looked>>,
    panel: MappingPanel,
    tab: MappingTab,
    reason: String,
}

/// Answer of the dialog in this frame.
pub enum Answer {
    /// None yet.
    Open,
    /// Close without a change.
    Closed,
    /// Apply this change.
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
            snapshot,
            looked: Slot::default(),
            panel: MappingPanel::default(),
            tab: MappingTab::default(),
            reason: String::new(),
        })
    }

    /// The reason and the mapping that were entered and not applied.
    pub fn unsent(&self) -> Vec<Unsent> {
        let form = format!("change of snapshot {}", self.snapshot.sha256.short());
        let mapping = if self.panel.is_changed() { "another mapping" } else { "" };
        Unsent::of(form, [mapping, &self.reason].join(" ").as_str()).into_iter().collect()
    }

    /// Draws the dialog.
    pub fn ui(&mut self, ctx: &egui::Context, jobs: &Jobs) -> Answer {
        let size = if self.retired { vec2(560.0, 180.0) } else { vec2(1280.0, 860.0) };
        if !self.retired {
            self.look(jobs);
        }
        let mut answer = Answer::Open;
        let ground = egui::Frame::new().inner_margin(4.0);
        let modal = fixed(ctx, "snapshot", size, |ui| {
            egui::Panel::top("snapshot head").frame(ground).resizable(false).show(ui, |ui| self.head(ui));
            egui::Panel::bottom("snapshot foot").frame(ground).resizable(false).show(ui, |ui| {
                answer = self.buttons(ui);
            });
            if let Some(looked) = self.looked.answer() {
                self.panel.ui(ui, self.tab, looked, jobs);
            } else if !self.retired {
                ui.spinner();
            }
        });
        if escaped(&modal, ctx) { Answer::Closed } else { answer }
    }

    fn look(&mut self, jobs: &Jobs) {
        let files = self.files.clone();
        let reading = self.snapshot.mapping.reading();
        self.looked.ask::<SnapshotError>(jobs, None, self.snapshot.sha256, move |_| {
            Ok(Arc::new(Looked::open(&files, Vec::new(), &reading)))
        });
        if self.looked.poll() {
            self.panel.begin_with(self.snapshot.mapping.clone());
        }
        if let Some(looked) = self.looked.answer() {
            self.panel.poll(looked, jobs);
        }
    }

    fn head(&mut self, ui: &mut egui::Ui) {
        ui.horizontal_wrapped(|ui| {
            ui.heading(format!("Snapshot {}", self.snapshot.sha256.short()));
            ui.label("Its files and evidence already marked do not change.");
        });
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Reason (goes into the journal)");
            let width = (ui.available_width() - 8.0).max(120.0);
            ui.add(egui::TextEdit::singleline(&mut self.reason).desired_width(width)).labelled_by(label.id);
        });
        if self.retired {
            return;
        }
        ui.weak(words::line(&self.snapshot.mapping.describe(), 120));
        let obstacle = self.looked.answer().and_then(|_| self.panel.obstacle());
        let why = self.looked.failure().map(str::to_owned).or(obstacle);
        let text = why.as_deref().map_or(std::borrow::Cow::Borrowed(" "), visible);
        ui.add(egui::Label::new(egui::RichText::new(text).color(ui.visuals().error_fg_color)).truncate());
        let wide = MappingPanel::is_wide(ui.available_width());
        ui.horizontal_wrapped(|ui| tab_bar(ui, &mut self.tab, false, wide));
        ui.add_space(theme::GAP);
    }

    fn buttons(&self, ui: &mut egui::Ui) -> Answer {
        let reason = self.reason.trim();
        let mut chosen = None;
        let mut closed = false;
        ui.horizontal(|ui| {
            if self.retired {
                let button = ui.add_enabled(!reason.is_empty(), egui::Button::new("Restore the snapshot"));
                if button.on_disabled_hover_text("Enter a reason first.").clicked() {
                    chosen = Some(SourceChange::Restore);
                }
            } else {
                let mapping = self.panel.mapping().filter(|mapping| **mapping != self.snapshot.mapping);
                let ready = mapping.is_some() && self.panel.obstacle().is_none() && !reason.is_empty();
                let button = ui.add_enabled(ready, egui::Button::new("Replace the mapping"));
                let hint = "Requires a different mapping that fits the files, and a reason.";
                if button.on_disabled_hover_text(hint).clicked() {
                    chosen = mapping.cloned().map(Box::new).map(SourceChange::Map);
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
