//! The import dialog: files found, column mapping, case folder, then progress.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Id, Modal};

use super::panels::bottom::{self, Paces};
use super::{dialogs, theme, words};
use crate::jobs::{ImportRequest, Jobs, Slot, SlotState, memory_of_machine};
use crate::model::visible;
use crate::snapshot::{
    Column, Mapping, MappingProposal, Origin, Sealing, SnapshotError, find, problems, propose,
};

/// Files listed by name; the rest is counted.
const LISTED: usize = 8;

/// Files found at and below the paths.
struct Found {
    files: Vec<(String, PathBuf)>,
    proposal: MappingProposal,
}

/// Answer of the dialog in this frame.
pub enum Outcome {
    /// Nothing yet.
    Open,
    /// Cancel.
    Closed,
    /// Import this.
    Run(Box<ImportRequest>),
}

/// The dialog.
pub struct ImportDialog {
    paths: Arc<Vec<PathBuf>>,
    found: Slot<Arc<Vec<PathBuf>>, Found>,
    mapping: Option<Mapping>,
    /// Problems of a mapping that was changed by hand.
    problems: Slot<Mapping, Vec<String>>,
    case_dir: String,
    /// The case is there already: files are added to it.
    adding: bool,
    sealing: Sealing,
    more: String,
    browse: dialogs::Browse,
    running: bool,
    failure: Option<String>,
}

impl ImportDialog {
    /// For a new case, or for adding to the case in `existing`.
    pub fn new(paths: Vec<PathBuf>, existing: Option<&Path>) -> Self {
        let case_dir = existing.map_or_else(|| proposed_case(&paths), Path::to_owned);
        Self {
            paths: Arc::new(paths),
            found: Slot::default(),
            mapping: None,
            problems: Slot::default(),
            case_dir: case_dir.display().to_string(),
            adding: existing.is_some(),
            sealing: Sealing::Copy,
            more: String::new(),
            browse: dialogs::Browse::default(),
            running: false,
            failure: None,
        }
    }

    /// The case that files are added to, where there is one.
    pub fn existing(&self) -> Option<PathBuf> {
        self.adding.then(|| PathBuf::from(&self.case_dir))
    }

    /// Takes more files and folders.
    pub fn add(&mut self, more: Vec<PathBuf>) {
        let paths = Arc::make_mut(&mut self.paths);
        paths.extend(more);
        paths.sort();
        paths.dedup();
        self.mapping = None;
    }

    /// The import waits for another press of its button: the case was not left.
    pub fn not_begun(&mut self) {
        self.running = false;
    }

    /// The import failed.
    pub fn failed(&mut self, why: String) {
        self.running = false;
        self.failure = Some(why);
    }

    /// Draws the dialog.
    pub fn ui(&mut self, ctx: &egui::Context, jobs: &Jobs, paces: &mut Paces) -> Outcome {
        self.look(jobs);
        if let Some(more) = self.browse.poll_all() {
            self.add(more);
        }
        let mut outcome = Outcome::Open;
        let modal = Modal::new(Id::unique("import")).show(ctx, |ui| {
            ui.set_width(620.0);
            ui.heading(if self.adding { "Add files to the case" } else { "New case" });
            if self.running {
                ui.label("Hashing and reading the files. Cancelling undoes the import.");
                bottom::list(ui, jobs, paces);
                return;
            }
            self.files_ui(ui, jobs);
            self.columns_ui(ui);
            self.target_ui(ui);
            outcome = self.buttons(ui);
        });
        if modal.should_close() && !self.running {
            return Outcome::Closed;
        }
        outcome
    }

    fn look(&mut self, jobs: &Jobs) {
        if self.paths.is_empty() {
            return;
        }
        let paths = Arc::clone(&self.paths);
        self.found.ask::<SnapshotError>(jobs, None, Arc::clone(&self.paths), move |_| {
            let files = find(&paths)?;
            let proposal = propose(&files, None)?;
            Ok(Found { files, proposal })
        });
        if self.found.poll() {
            self.mapping = self.found.answer().map(|found| found.proposal.mapping.clone());
            self.problems.clear();
        }
        self.check(jobs);
    }

    /// Checks a mapping that was changed by hand against the files.
    fn check(&mut self, jobs: &Jobs) {
        let (Some(found), Some(mapping)) = (self.found.answer(), &self.mapping) else { return };
        // The proposal comes with its own; one that was changed and changed back is asked again.
        if found.proposal.mapping != *mapping || self.problems.state() != SlotState::Absent {
            let (files, asked) = (found.files.clone(), mapping.clone());
            self.problems
                .ask::<SnapshotError>(jobs, None, mapping.clone(), move |_| problems(&files, &asked));
        }
        self.problems.poll();
    }

    fn files_ui(&mut self, ui: &mut egui::Ui, jobs: &Jobs) {
        ui.horizontal(|ui| {
            let label = ui.label("Files or folder");
            ui.add(egui::TextEdit::singleline(&mut self.more).desired_width(320.0)).labelled_by(label.id);
            if ui.add_enabled(!self.more.trim().is_empty(), egui::Button::new("Add")).clicked() {
                let path = PathBuf::from(self.more.trim());
                self.more.clear();
                self.add(vec![path]);
            }
            if ui.button("Browse files…").clicked() {
                self.browse.files(jobs);
            }
        });
        if let Some(why) = self.found.failure() {
            ui.colored_label(ui.visuals().error_fg_color, visible(why));
        } else if self.found.state() == SlotState::Pending {
            ui.spinner();
        } else if let Some(found) = self.found.answer() {
            ui.strong(words::counted(found.files.len() as u64, "Parquet file", "Parquet files"));
            for (name, _) in found.files.iter().take(LISTED) {
                ui.label(words::line(name, 90));
            }
            if found.files.len() > LISTED {
                ui.weak(format!("and {} more", found.files.len() - LISTED));
            }
        }
    }

    fn columns_ui(&mut self, ui: &mut egui::Ui) {
        let (Some(found), Some(mapping)) = (self.found.answer(), &mut self.mapping) else { return };
        let problems = self.problems.answer().unwrap_or(&found.proposal.problems);
        for problem in problems.iter().map(String::as_str).chain(self.problems.failure()) {
            ui.colored_label(ui.visuals().error_fg_color, visible(problem));
        }
        let mapped = mapping.columns.len();
        let title = format!(
            "{mapped} of {} columns mapped, preset “{}”",
            Column::ALL.len(),
            words::line(&mapping.preset, 40)
        );
        let open = !found.proposal.problems.is_empty();
        egui::CollapsingHeader::new(title).id_salt("columns").default_open(open).show(ui, |ui| {
            egui::ScrollArea::vertical().max_height(220.0).show(ui, |ui| {
                egui::Grid::new("columns").num_columns(2).striped(true).show(ui, |ui| {
                    for column in Column::ALL {
                        ui.label(column.name());
                        column_combo(ui, column.name(), mapping, &found.proposal.source_columns);
                        ui.end_row();
                    }
                });
            });
        });
    }

    fn target_ui(&mut self, ui: &mut egui::Ui) {
        ui.horizontal(|ui| {
            let label = ui.label("Case folder");
            ui.add_enabled(!self.adding, egui::TextEdit::singleline(&mut self.case_dir).desired_width(420.0))
                .labelled_by(label.id);
        });
        ui.radio_value(&mut self.sealing, Sealing::Copy, "Copy the files into the case")
            .on_hover_text("The case stays complete if the original files are moved or deleted.");
        ui.radio_value(&mut self.sealing, Sealing::Reference, "Leave the files where they are")
            .on_hover_text("The case stores path, size and SHA-256. The files must not be moved or changed.");
        if let Some(why) = &self.failure {
            ui.colored_label(ui.visuals().error_fg_color, visible(why));
        }
        ui.add_space(theme::GROUP_GAP);
    }

    fn buttons(&mut self, ui: &mut egui::Ui) -> Outcome {
        let mut outcome = Outcome::Open;
        ui.horizontal(|ui| {
            let needed =
                |name: &str| self.mapping.as_ref().is_some_and(|mapping| mapping.columns.contains_key(name));
            let ready = self.found.state() == SlotState::Ready && needed("ts") && needed("account_id");
            let ready = ready && !self.case_dir.trim().is_empty();
            let import = ui.add_enabled(ready, egui::Button::new("Import"));
            if import
                .on_disabled_hover_text("Requires files, a time column, an account column and a folder.")
                .clicked()
            {
                self.running = true;
                self.failure = None;
                outcome = Outcome::Run(Box::new(ImportRequest {
                    case_dir: PathBuf::from(self.case_dir.trim()),
                    paths: self.paths.to_vec(),
                    mapping: self.mapping.clone(),
                    sealing: self.sealing,
                    memory: memory_of_machine(),
                    leave_out: Vec::new(),
                    accept_set_aside: false,
                }));
            }
            if ui.button("Cancel").clicked() {
                outcome = Outcome::Closed;
            }
        });
        outcome
    }
}

/// The source column of one canonical column.
pub fn column_combo(ui: &mut egui::Ui, canonical: &str, mapping: &mut Mapping, sources: &[(String, String)]) {
    const NONE: &str = "– not in these files –";
    let now = mapping.columns.get(canonical).and_then(|origin| origin.first().map(str::to_owned));
    let mut chosen = now.clone();
    let shown = now.as_deref().map_or_else(|| NONE.to_owned(), |name| words::line(name, 50));
    let combo = egui::ComboBox::from_id_salt(canonical).selected_text(shown).width(300.0).show_ui(ui, |ui| {
        ui.selectable_value(&mut chosen, None, NONE);
        for (name, kind) in sources {
            let label = format!("{} ({})", words::line(name, 50), words::line(kind, 40));
            ui.selectable_value(&mut chosen, Some(name.clone()), label);
        }
    });
    combo.response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::ComboBox, true, format!("Source of {canonical}"))
    });
    if chosen == now {
        return;
    }
    "custom".clone_into(&mut mapping.preset);
    match chosen {
        Some(name) => mapping.columns.insert(canonical.to_owned(), Origin::of(name)),
        None => mapping.columns.remove(canonical),
    };
}

/// A case folder beside the first path, named after it.
fn proposed_case(paths: &[PathBuf]) -> PathBuf {
    let Some(first) = paths.first() else { return PathBuf::from("case.stillhunt") };
    let name =
        first.file_stem().map_or_else(|| "case".to_owned(), |stem| stem.to_string_lossy().into_owned());
    first.with_file_name(format!("{name}.stillhunt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_proposed_beside_what_it_is_made_from() {
        assert_eq!(proposed_case(&["/logs/may".into()]), Path::new("/logs/may.stillhunt"));
        assert_eq!(proposed_case(&["/logs/day1.parquet".into()]), Path::new("/logs/day1.stillhunt"));
        assert_eq!(proposed_case(&[]), Path::new("case.stillhunt"));
    }
}
