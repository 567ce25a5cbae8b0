//! The import report of a snapshot, to read and to copy.

use egui::{Ui, vec2};

use super::import::{escaped, fixed};
use super::view::ViewContext;
use super::{theme, words};
use crate::bundle::present_report;
use crate::case::{CaseReport, report_in_words};
use crate::jobs::{Jobs, Slot};
use crate::model::{Digest, visible};

/// Size of the dialog in a large window, in points.
const SIZE: egui::Vec2 = vec2(860.0, 720.0);

/// The dialog of one snapshot's report.
pub struct ReportDialog {
    snapshot: Digest,
    /// The report; computed again once the text pass has ended.
    lines: Slot<bool, Vec<String>>,
    /// True right after an import.
    is_new: bool,
    copied: bool,
}

impl ReportDialog {
    /// Report of a snapshot of the open case. `is_new` is true right after its import.
    pub fn new(snapshot: Digest, is_new: bool) -> Self {
        Self { snapshot, lines: Slot::default(), is_new, copied: false }
    }

    /// Draws the dialog; true once it should close.
    pub fn ui(&mut self, ctx: &egui::Context, cx: &ViewContext<'_>, jobs: &Jobs) -> bool {
        self.ask(cx, jobs);
        let mut closes = false;
        let ground = egui::Frame::new().inner_margin(4.0);
        let modal = fixed(ctx, "import report", SIZE, |ui| {
            egui::Panel::top("report head").frame(ground).resizable(false).show_separator_line(false).show(
                ui,
                |ui| {
                    let done = if self.is_new { "Imported. " } else { "" };
                    ui.heading(format!("{done}Import report of snapshot {}", self.snapshot.short()));
                    ui.separator();
                },
            );
            egui::Panel::bottom("report foot")
                .frame(ground)
                .resizable(false)
                .show_separator_line(false)
                .show(ui, |ui| {
                    ui.separator();
                    closes = self.buttons(ui);
                });
            egui::CentralPanel::default().frame(ground).show(ui, |ui| self.body(ui));
        });
        closes || escaped(&modal, ctx)
    }

    fn ask(&mut self, cx: &ViewContext<'_>, jobs: &Jobs) {
        let (state, cache, sources) = (cx.state.clone(), cx.cache.clone(), cx.sources.clone());
        let wanted = self.snapshot;
        let question = cx.text_pass == super::view::TextPass::Done;
        self.lines.ask::<String>(jobs, None, question, move |_| {
            let snapshot = sources.snapshots.iter().find(|snapshot| snapshot.sha256 == wanted);
            let snapshot = snapshot.ok_or("the snapshot is not in use")?;
            let report: CaseReport =
                present_report(&state, &cache, &sources, snapshot).map_err(|error| error.to_string())?;
            let mut lines = vec![format!(
                "{} and {} in {}, preset {}",
                words::counted(report.import.rows, "row", "rows"),
                words::counted(report.import.exchanges, "exchange", "exchanges"),
                words::counted(snapshot.files.len() as u64, "file", "files"),
                words::line(&report.import.preset, 40)
            )];
            lines.extend(report_in_words(&report, usize::MAX));
            Ok(lines)
        });
        self.lines.poll();
    }

    fn body(&self, ui: &mut Ui) {
        if let Some(why) = self.lines.failure() {
            ui.colored_label(ui.visuals().error_fg_color, visible(why));
        }
        let Some(lines) = self.lines.answer() else {
            ui.spinner();
            return;
        };
        egui::ScrollArea::vertical().id_salt("report lines").auto_shrink(false).show(ui, |ui| {
            for line in lines {
                match line.strip_prefix("  ") {
                    Some(item) => drop(ui.horizontal_wrapped(|ui| {
                        ui.add_space(theme::GROUP_GAP);
                        ui.label(visible(item));
                    })),
                    None if line.ends_with(':') => {
                        ui.add_space(theme::GAP);
                        ui.strong(visible(line));
                    }
                    None => drop(ui.label(visible(line))),
                }
            }
        });
    }

    fn buttons(&mut self, ui: &mut Ui) -> bool {
        let mut closes = false;
        ui.horizontal(|ui| {
            closes = ui.button("Close").clicked();
            let lines = self.lines.answer();
            if ui.add_enabled(lines.is_some(), egui::Button::new("Copy")).clicked()
                && let Some(lines) = lines
            {
                ui.ctx().copy_text(lines.join("\n"));
                self.copied = true;
            }
            if self.copied {
                ui.weak("Copied.");
            }
            ui.weak("The journal and each bundle keep this report.");
        });
        closes
    }
}
