//! The import dialog: files found, column mapping, case folder, then progress.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use egui::{Button, Frame, Key, TextEdit, Ui, vec2};

use super::files::{self, Target};
use super::panel::{MappingPanel, MappingTab, tab_bar};
use super::room::{escaped, fixed};
use super::sheet::Looked;
use super::taken::{Taken, proposed_case};
use crate::jobs::{
    ImportRequest, Jobs, NotOpened, Slot, SlotState, WayOut, files_of_copies, memory_of_machine,
};
use crate::model::visible;
use crate::snapshot::{FoundFiles, Mapping, Sealing, SnapshotError, find_all};
use crate::ui::panels::bottom::Paces;
use crate::ui::unsent::Unsent;
use crate::ui::widgets::front;
use crate::ui::{dialogs, theme, words};

/// Size of the dialog in a large window, in points.
const SIZE: egui::Vec2 = vec2(1280.0, 860.0);

/// Width of the fields with a path, in points, where the dialog has it.
const FIELD: f32 = 520.0;

/// Height of the foot before it was drawn, in points.
const FOOT: f32 = 34.0;

/// Answer of the dialog in this frame.
pub enum Outcome {
    /// Nothing yet.
    Open,
    /// Cancel.
    Closed,
    /// Import this.
    Run(Box<ImportRequest>),
    /// Make a case of the sealed copies in this folder, read with this mapping.
    Adopt(PathBuf, Box<Mapping>),
    /// Stop the import that is running.
    Stop,
}

/// Purpose of the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// A new case from files.
    New,
    /// Files are added to a case.
    Add,
    /// A case is made of the sealed copies in its folder.
    Adopt,
}

/// Confirmation that the dialog's foot asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// Discard the changes of the mapping?
    Discard,
    /// Stop the import?
    Stop,
}

/// Widget with which a failed import is mended; it gets the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mend {
    /// The field of the case folder.
    Folder,
    /// The field for more files.
    Files,
    /// The consent to set rows aside.
    SetAside,
    /// The button that imports.
    Again,
}

/// Requested files: paths, names to leave out, and the way to open them.
type Question = (Arc<Vec<PathBuf>>, BTreeSet<String>, Mapping);

/// The dialog.
pub struct ImportDialog {
    /// Number of the dialog in this run of the program.
    number: u64,
    purpose: Purpose,
    paths: Arc<Vec<PathBuf>>,
    leave_out: BTreeSet<String>,
    pub(super) looked: Slot<Question, Arc<Looked>>,
    pub(super) panel: MappingPanel,
    /// The tab in front; `None` for that of the files.
    tab: Option<MappingTab>,
    target: Target,
    /// The proposed case folder, until it was checked or changed.
    proposed: Option<String>,
    taken: Slot<String, Taken>,
    /// Height of the foot in the last frame, in points.
    foot: f32,
    more: String,
    browse: dialogs::Browse,
    pub(super) running: bool,
    pub(super) failure: Option<String>,
    /// Way out of the last failure, with the mapping that failed.
    pub(super) way_out: Option<(WayOut, Option<Mapping>)>,
    pub(super) accept_set_aside: bool,
    pub(super) asked: Option<Confirmation>,
    /// Widget that gets the keyboard once it is drawn.
    mend: Option<Mend>,
}

impl ImportDialog {
    /// For a new case, or for adding to the case in `existing`.
    pub fn new(paths: Vec<PathBuf>, existing: Option<&Path>) -> Self {
        let case_dir = existing.map_or_else(|| proposed_case(&paths), Path::to_owned);
        let purpose = if existing.is_some() { Purpose::Add } else { Purpose::New };
        Self::with(purpose, paths, &case_dir)
    }

    /// For making a case of the sealed copies in a folder.
    pub fn adopting(dir: &Path) -> Self {
        Self::with(Purpose::Adopt, vec![dir.to_owned()], dir)
    }

    fn with(purpose: Purpose, paths: Vec<PathBuf>, case_dir: &Path) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let no_files = paths.is_empty();
        Self {
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            purpose,
            paths: Arc::new(paths),
            leave_out: BTreeSet::new(),
            looked: Slot::default(),
            panel: MappingPanel::default(),
            tab: (!no_files).then_some(MappingTab::Columns),
            target: Target {
                case_dir: case_dir.display().to_string(),
                fixed: purpose != Purpose::New,
                sealing: (purpose != Purpose::Adopt).then_some(Sealing::Copy),
            },
            proposed: (purpose == Purpose::New).then(|| case_dir.display().to_string()),
            taken: Slot::default(),
            foot: FOOT,
            more: String::new(),
            browse: dialogs::Browse::default(),
            running: false,
            failure: None,
            way_out: None,
            accept_set_aside: false,
            asked: None,
            mend: None,
        }
    }

    /// The case that files are added to, where there is one.
    pub fn existing(&self) -> Option<PathBuf> {
        (self.purpose == Purpose::Add).then(|| PathBuf::from(&self.target.case_dir))
    }

    /// The mapping under edit.
    #[cfg(test)]
    pub fn mapping(&self) -> Option<&Mapping> {
        self.panel.mapping()
    }

    /// A mapping that was changed by hand and not used yet.
    pub fn unsent(&self) -> Option<Unsent> {
        let is_changed = !self.running && self.panel.is_changed();
        Unsent::of("column mapping", if is_changed { "changed by hand" } else { "" })
    }

    /// Takes more files and folders.
    pub fn add(&mut self, more: Vec<PathBuf>) {
        if self.running || self.purpose == Purpose::Adopt {
            return;
        }
        if self.paths.is_empty() && self.purpose == Purpose::New {
            self.target.case_dir = proposed_case(&more).display().to_string();
            self.proposed = Some(self.target.case_dir.clone());
        }
        let could_not_be_read = self.looked.failure().is_some();
        let paths = Arc::make_mut(&mut self.paths);
        // A path that is not there is replaced by the corrected one.
        if could_not_be_read && paths.len() == 1 {
            paths.clear();
        }
        paths.extend(more);
        paths.sort();
        paths.dedup();
        self.tab.get_or_insert_default();
    }

    /// Resets the dialog because the case was not closed for the import; the button can be pressed again.
    pub fn not_begun(&mut self) {
        self.running = false;
    }

    /// The import failed: what mends it comes to the front and gets the keyboard.
    pub fn failed(&mut self, failed: NotOpened) {
        self.running = false;
        self.asked = None;
        let mend = match (&failed.way_out, self.purpose) {
            (Some(WayOut::AcceptSetAside), _) => Mend::SetAside,
            (None, _) | (Some(_), Purpose::Adopt) => Mend::Again,
            (Some(_), Purpose::New) => Mend::Folder,
            (Some(_), Purpose::Add) => Mend::Files,
        };
        if matches!(mend, Mend::Folder | Mend::Files) {
            self.tab = None;
        }
        self.mend = Some(mend);
        self.failure = Some(failed.why);
        self.way_out = failed.way_out.map(|way_out| (way_out, self.panel.mapping().cloned()));
    }

    /// Draws the dialog.
    pub fn ui(&mut self, ctx: &egui::Context, jobs: &Jobs, paces: &mut Paces) -> Outcome {
        self.look(jobs);
        if let Some(more) = self.browse.poll_all() {
            self.add(more);
        }
        let mut outcome = Outcome::Open;
        // A new dialog is not scrolled to where the last one was.
        let modal = fixed(ctx, &format!("import {}", self.number), SIZE, |ui| {
            if self.running {
                outcome = self.running_ui(ui, jobs, paces);
            } else {
                outcome = self.editing_ui(ui, jobs);
            }
        });
        if escaped(&modal, ctx) {
            return self.close();
        }
        outcome
    }

    /// True once, in the frame that draws the widget with which a failed import is mended.
    pub(super) fn mends(&mut self, with: Mend) -> bool {
        self.mend.take_if(|mend| *mend == with).is_some()
    }

    /// Closes the dialog, or asks for confirmation if that would lose changes.
    pub(super) fn close(&mut self) -> Outcome {
        match (self.running, self.asked) {
            (_, Some(_)) => self.asked = None,
            (true, None) => self.asked = Some(Confirmation::Stop),
            (false, None) if self.panel.is_changed() => self.asked = Some(Confirmation::Discard),
            (false, None) => return Outcome::Closed,
        }
        Outcome::Open
    }

    /// Checks if the case folder is a case already; of the proposed folder a free name is taken.
    fn check_target(&mut self, jobs: &Jobs) {
        if self.purpose != Purpose::New || self.running {
            return;
        }
        let dir = self.target.case_dir.trim().to_owned();
        self.taken.ask::<String>(jobs, None, dir.clone(), move |_| Ok(Taken::of(dir)));
        self.taken.poll();
        if let Some(taken) = self.taken.answer().filter(|taken| self.proposed.as_ref() == Some(&taken.dir)) {
            if taken.is_case && self.target.case_dir == taken.dir {
                self.target.case_dir.clone_from(&taken.free);
            }
            self.proposed = None;
        }
    }

    /// Warning that the files of a new case would be added to an old one; `None` if they would not.
    pub(super) fn adds_to_a_case(&self) -> Option<&'static str> {
        let taken = self.taken.answer().filter(|taken| taken.dir == self.target.case_dir.trim())?;
        let is_new = self.purpose == Purpose::New;
        (is_new && taken.is_case).then_some("The case folder is a case already: the files are added to it.")
    }

    fn look(&mut self, jobs: &Jobs) {
        self.check_target(jobs);
        if self.paths.is_empty() {
            return;
        }
        let (paths, leave_out) = (Arc::clone(&self.paths), self.leave_out.clone());
        let reading = self.panel.reading();
        let question = (Arc::clone(&paths), leave_out.clone(), reading.clone());
        let adopts = self.purpose == Purpose::Adopt;
        self.looked.ask::<SnapshotError>(jobs, None, question, move |_| {
            let mut found = match (adopts, paths.first()) {
                (true, Some(dir)) => FoundFiles { files: files_of_copies(dir)?, left_out: Vec::new() },
                _ => find_all(&paths)?,
            };
            found.files.retain(|(name, _)| !leave_out.contains(name));
            Ok(Arc::new(Looked::open(&found.files, found.left_out, &reading)))
        });
        let has_news = self.looked.poll();
        if has_news && self.looked.failure().is_some() {
            self.offer_again();
        }
        if has_news && let Some(looked) = self.looked.answer().filter(|_| self.looked.failure().is_none()) {
            if !looked.files.unreadable().is_empty() && !self.panel.is_changed() {
                self.tab = None;
            }
            self.panel.begin(&looked.proposal);
        }
        if let Some(looked) = self.looked.answer() {
            self.panel.poll(looked, jobs);
        }
    }

    /// Puts a path that could not be read back into its field, to be corrected.
    fn offer_again(&mut self) {
        self.tab = None;
        if let [only] = self.paths.as_slice()
            && self.more.is_empty()
        {
            self.more = only.display().to_string();
        }
    }

    /// Title in words.
    pub(super) fn title(&self) -> &'static str {
        match self.purpose {
            Purpose::New => "New case",
            Purpose::Add => "Add files to the case",
            Purpose::Adopt => "New case of sealed copies",
        }
    }

    fn editing_ui(&mut self, ui: &mut Ui, jobs: &Jobs) -> Outcome {
        // Before a button that has the keyboard takes the Enter.
        let by_key = front::is_in_front(ui)
            && ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, Key::Enter));
        let ground = Frame::new().inner_margin(4.0);
        let wide = MappingPanel::is_wide(ui.available_width());
        egui::Panel::top("import head").frame(ground).resizable(false).show_separator_line(false).show(
            ui,
            |ui| {
                self.head(ui, wide);
            },
        );
        // Its room is taken before the page is drawn and filled after it, so that Tab follows the screen.
        let foot = egui::Panel::bottom("import foot")
            .frame(ground)
            .resizable(false)
            .show_separator_line(false)
            .show(ui, |ui| ui.allocate_space(vec2(ui.available_width(), self.foot)).1)
            .inner;
        match (self.tab, self.looked.answer().cloned()) {
            (Some(tab), Some(looked)) => self.panel.ui(ui, tab, &looked, jobs),
            _ => self.files_ui(ui, jobs),
        }
        let builder = egui::UiBuilder::new().id_salt("foot").max_rect(foot);
        let drawn = ui.scope_builder(builder, |ui| {
            let outcome = self.foot(ui, by_key);
            (outcome, ui.min_rect().height())
        });
        let (outcome, height) = drawn.inner;
        if (height - self.foot).abs() > 0.5 {
            self.foot = height;
            ui.ctx().request_repaint();
        }
        outcome
    }

    fn head(&mut self, ui: &mut Ui, wide: bool) {
        ui.horizontal_wrapped(|ui| {
            ui.heading(self.title());
            if let Some(looked) = self.looked.answer() {
                let preset = self.panel.mapping().map_or("", |mapping| mapping.preset.as_str());
                let changed = if self.panel.is_changed() { ", changed" } else { "" };
                ui.weak(format!(
                    "{}, {} · {} of {} columns mapped · preset {}{changed}",
                    words::counted(looked.files.len() as u64, "file", "files"),
                    words::counted(looked.files.rows(), "row", "rows"),
                    self.panel.mapped(),
                    crate::snapshot::Column::ALL.len(),
                    words::line(preset, 30),
                ));
            }
        });
        ui.horizontal_wrapped(|ui| {
            if ui.selectable_label(self.tab.is_none(), "Files and case").clicked() {
                self.tab = None;
                ui.ctx().request_repaint();
            }
            if self.looked.answer().is_some() {
                let mut tab = self.tab.unwrap_or_default();
                let before = self.tab;
                ui.scope(|ui| {
                    // No tab of the mapping is in front while that of the files is.
                    let clicked = tab_bar(ui, &mut tab, before.is_none(), wide);
                    if clicked {
                        self.tab = Some(tab);
                    }
                });
            }
        });
        ui.separator();
    }

    fn files_ui(&mut self, ui: &mut Ui, jobs: &Jobs) {
        egui::CentralPanel::default().frame(Frame::new().inner_margin(4.0)).show(ui, |ui| {
            if self.purpose != Purpose::Adopt {
                self.more_ui(ui, jobs);
            }
            let before = self.target.case_dir.clone();
            let takes_focus = self.mends(Mend::Folder);
            files::target(ui, &mut self.target, takes_focus);
            if self.target.case_dir != before {
                // What failed was about another folder.
                (self.failure, self.way_out) = (None, None);
            }
            if let Some(warning) = self.adds_to_a_case() {
                ui.colored_label(ui.visuals().warn_fg_color, warning);
            }
            ui.add_space(theme::GROUP_GAP);
            if let Some(why) = self.looked.failure() {
                ui.colored_label(ui.visuals().error_fg_color, visible(why));
            }
            if self.looked.state() == SlotState::Pending {
                ui.spinner();
            } else if let Some(looked) = self.looked.answer()
                && let Some(leave_out) = files::lists(ui, looked, &self.leave_out)
            {
                self.leave_out = leave_out;
            }
        });
    }

    fn more_ui(&mut self, ui: &mut Ui, jobs: &Jobs) {
        ui.horizontal_wrapped(|ui| {
            let label = ui.label("Files or folder");
            let width = (ui.available_size_before_wrap().x - 180.0).clamp(120.0, FIELD);
            let field = TextEdit::singleline(&mut self.more).id_salt("more files").desired_width(width);
            let field = ui.add(field).labelled_by(label.id);
            if self.mends(Mend::Files) {
                field.request_focus();
            }
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let named = !self.more.trim().is_empty();
            let add = ui.add_enabled(named, Button::new("Add")).clicked();
            if (add || entered) && named {
                let path = PathBuf::from(self.more.trim());
                self.more.clear();
                self.add(vec![path]);
            }
            if ui.button("Browse files…").clicked() {
                self.browse.log_files(jobs);
            }
            self.browse.notice(ui);
        });
    }

    /// Reason why the import cannot begin; `None` if it can.
    pub(super) fn obstacle(&self) -> Option<String> {
        if self.paths.is_empty() {
            return Some("Add files or a folder first.".to_owned());
        }
        if let Some(why) = self.looked.failure() {
            // Said in full on that tab.
            let said = self.tab.is_none();
            return Some(if said {
                "Correct the path above, or add other files.".to_owned()
            } else {
                why.to_owned()
            });
        }
        let opened = self.looked.answer().filter(|_| self.looked.state() == SlotState::Ready);
        let Some(opened) = opened else { return Some("Opening the files…".to_owned()) };
        if let Some(file) = opened.files.unreadable().first() {
            return Some(file.reason.clone());
        }
        if self.target.case_dir.trim().is_empty() {
            return Some("Enter a folder for the case.".to_owned());
        }
        self.panel.obstacle()
    }

    pub(super) fn run(&mut self) -> Outcome {
        let Some(mapping) = self.panel.mapping().cloned() else { return Outcome::Open };
        let case_dir = PathBuf::from(self.target.case_dir.trim());
        self.running = true;
        self.failure = None;
        self.asked = None;
        if self.purpose == Purpose::Adopt {
            return Outcome::Adopt(case_dir, Box::new(mapping));
        }
        Outcome::Run(Box::new(ImportRequest {
            case_dir,
            paths: self.paths.to_vec(),
            mapping: Some(mapping),
            sealing: self.target.sealing.unwrap_or(Sealing::Copy),
            memory: memory_of_machine(),
            leave_out: self.leave_out.iter().cloned().collect(),
            accept_set_aside: self.accept_set_aside,
        }))
    }
}
