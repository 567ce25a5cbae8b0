//! Foot of the import dialog: obstacle, buttons and consent to set rows aside; and the dialog during an import.

use egui::{Button, Ui};

use super::dialog::{Confirmation, ImportDialog, Mend, Outcome};
use super::others;
use crate::jobs::{Jobs, WayOut, beyond_limits};
use crate::model::visible;
use crate::ui::panels::bottom::{self, Paces};
use crate::ui::widgets::at_right;
use crate::ui::{theme, words};

/// Room for the buttons, and for the one that adopts copies, in points.
const BUTTONS: f32 = 140.0;
const ADOPT: f32 = 230.0;

impl ImportDialog {
    /// Draws the dialog while an import runs.
    pub(super) fn running_ui(&mut self, ui: &mut Ui, jobs: &Jobs, paces: &mut Paces) -> Outcome {
        let mut outcome = Outcome::Open;
        ui.heading(self.title());
        ui.label("Hashing and reading the files. Stopping undoes the import.");
        ui.add_space(theme::GROUP_GAP);
        bottom::list(ui, jobs, paces);
        ui.add_space(theme::GROUP_GAP);
        if self.asked == Some(Confirmation::Stop) {
            ui.strong("Stop the import? The case stays as it was before.");
            ui.horizontal(|ui| {
                if ui.button("Stop the import").clicked() {
                    self.asked = None;
                    outcome = Outcome::Stop;
                }
                if ui.button("Let the import go on").clicked() {
                    self.asked = None;
                }
            });
        } else if ui.button("Stop…").clicked() {
            self.asked = Some(Confirmation::Stop);
        }
        outcome
    }

    /// Draws the foot; `by_key` is true where Ctrl+Enter was pressed.
    pub(super) fn foot(&mut self, ui: &mut Ui, by_key: bool) -> Outcome {
        let mut outcome = Outcome::Open;
        ui.separator();
        egui::ScrollArea::vertical().id_salt("failure").max_height(80.0).show(ui, |ui| {
            if let Some(why) = &self.failure {
                ui.colored_label(ui.visuals().error_fg_color, visible(why));
            }
        });
        self.set_aside_ui(ui);
        if self.asked == Some(Confirmation::Discard) {
            ui.horizontal_wrapped(|ui| {
                ui.strong("Discard the changes of the mapping?");
                if ui.button("Discard").clicked() {
                    outcome = Outcome::Closed;
                }
                if ui.button("Keep editing").clicked() {
                    self.asked = None;
                }
            });
        }
        let obstacle = self.obstacle();
        ui.horizontal(|ui| {
            let way_out = self.way_out.as_ref().map(|(way_out, _)| way_out.clone());
            let adopts = matches!(way_out, Some(WayOut::Adopt(..)));
            let room = ui.available_width() - if adopts { BUTTONS + ADOPT } else { BUTTONS };
            ui.scope(|ui| {
                ui.set_max_width(room.max(60.0));
                self.state_ui(ui, obstacle.as_deref());
            });
            at_right::ui(ui, "import buttons", |ui| {
                if let Some(WayOut::Adopt(dir, copies)) = way_out {
                    let copies = words::counted(copies as u64, "sealed copy", "sealed copies");
                    if ui.button(format!("Make a case of its {copies}…")).clicked() {
                        *self = Self::adopting(&dir);
                    }
                }
                let import = ui.add_enabled(obstacle.is_none(), Button::new("Import"));
                if self.mends(Mend::Again) {
                    import.request_focus();
                }
                if obstacle.is_none() && (import.clicked() || by_key) {
                    outcome = self.run();
                }
                if ui.button("Cancel").clicked() {
                    self.asked = None;
                    outcome = self.close();
                }
            });
        });
        outcome
    }

    /// Says in one line what stands against the import, or that it can begin.
    fn state_ui(&self, ui: &mut Ui, obstacle: Option<&str>) {
        let visuals = ui.visuals();
        let warning = self.warning();
        let text = match (obstacle, &warning) {
            // A running job is not a fault.
            (Some(why), _) if why.ends_with('…') => egui::RichText::new(why).weak(),
            (Some(why), _) => egui::RichText::new(visible(why)).color(visuals.error_fg_color),
            (None, Some(warning)) => egui::RichText::new(visible(warning)).color(visuals.warn_fg_color),
            (None, None) if self.failure.is_some() => egui::RichText::new("Ctrl+Enter tries again.").weak(),
            (None, None) => {
                let not_taken = self.not_taken().unwrap_or_default();
                egui::RichText::new(format!("Ready. Ctrl+Enter imports. {not_taken}")).weak()
            }
        };
        let hint = obstacle.or(warning.as_deref()).unwrap_or("Ready.");
        ui.add(egui::Label::new(text).truncate()).on_hover_text(visible(hint));
    }

    /// Columns of the files that the mapping leaves out, in a sentence.
    fn not_taken(&self) -> Option<String> {
        let looked = self.looked.answer()?;
        others::not_taken(self.panel.mapping()?, &looked.proposal.source_columns)
    }

    /// Warning about an import that can begin.
    fn warning(&self) -> Option<String> {
        self.none_taken().or_else(|| self.adds_to_a_case().map(str::to_owned))
    }

    /// Warning that the rules of the mapping leave out every sampled row; `None` if they do not.
    fn none_taken(&self) -> Option<String> {
        let tally = self.panel.preview()?.rows.as_ref()?;
        let (reason, _) = tally.filtered.iter().max_by_key(|(_, rows)| **rows)?;
        let is_none = tally.rows > 0 && tally.filtered_rows() == tally.rows;
        let rows = words::counted(tally.rows, "sampled row is an exchange", "sampled rows are exchanges");
        is_none.then(|| format!("0 of {rows}: {reason}. See Account and rows."))
    }

    /// Checkbox that accepts rows set aside, if the sample or a refused import needs it.
    fn set_aside_ui(&mut self, ui: &mut Ui) {
        let refused = self.way_out.as_ref().is_some_and(|(way_out, mapping)| {
            matches!(way_out, WayOut::AcceptSetAside) && mapping.as_ref() == self.panel.mapping()
        });
        let sampled = self
            .panel
            .preview()
            .and_then(|preview| preview.rows.as_ref())
            .filter(|tally| beyond_limits(tally));
        if sampled.is_none() && !refused {
            self.accept_set_aside = false;
            return;
        }
        let mut text = "Import the other rows".to_owned();
        if let Some(tally) = sampled {
            let reasons: Vec<String> = tally
                .set_aside
                .iter()
                .map(|(reason, counted)| {
                    let first =
                        counted.first.first().map_or_else(String::new, |spot| format!(", first {spot}"));
                    format!("{reason} in {}{first}", words::count(counted.rows))
                })
                .collect();
            text += &format!(
                ": {} of {} cannot be exchanges ({})",
                words::count(tally.set_aside_rows()),
                words::counted(tally.rows - tally.filtered_rows(), "sampled row", "sampled rows"),
                reasons.join("; ")
            );
        } else {
            text += " and set aside those that cannot be read, as counted above";
        }
        let consent = ui.checkbox(&mut self.accept_set_aside, visible(&text));
        if self.mends(Mend::SetAside) {
            consent.request_focus();
        }
    }
}
