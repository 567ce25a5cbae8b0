//! The application: its screens, and the case that is being opened.

mod cases;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::mpsc::TryRecvError;

use tempfile::TempDir;

use super::case_window::CaseWindow;
use super::exit::Exit;
use super::import::{ImportDialog, Outcome};
use super::keyboard::{self, FocusKeeper};
use super::leaving::{Aim, Answer, Leaving, Unfinished};
use super::looks::{self, Looks};
use super::opening::{Opening, What};
use super::overlay::Overlay;
use super::panels::bottom::{self, Paces};
use super::panels::top;
use super::start::{StartScreen, Wish};
use super::toasts::Toasts;
use super::view::{Command, SEARCH_JOB, WindowCommand};
use super::widgets::at_right;
use super::{Start, shortcuts, theme, window_title};
use crate::case::Access;
use crate::jobs::{ClosingCase, Ended, Jobs, NotOpened, Pending, Slot};
use crate::model::visible;

/// The fewest worker threads: a file dialog may hold one for as long as it is open.
const MIN_THREADS: usize = 4;

/// The application. It does not depend on an eframe window, so that a test can run it.
pub struct App {
    jobs: Jobs,
    case: Option<CaseWindow>,
    /// Closed cases whose locks are still held.
    closing: Vec<ClosingCase>,
    /// Request to close the case or the window once all is written.
    leaving: Option<Leaving>,
    /// Form with unsent text that delays opening the case again.
    waits_for_text: Option<String>,
    exit: Exit,
    start: StartScreen,
    import: Option<ImportDialog>,
    opening: Option<Opening>,
    /// The folder of the sample's case, deleted when another case takes its place.
    throw_away: Option<TempDir>,
    /// Folder of recent cases, appearance and signing key, if it is not the user's own.
    settings: Option<PathBuf>,
    overlay: Overlay,
    toasts: Toasts,
    paces: Paces,
    looks: Slot<u32, Option<Looks>>,
    focus: FocusKeeper,
}

impl App {
    /// Applies theme and zoom and begins with the given start.
    pub fn new(ctx: &egui::Context, start: Start) -> Self {
        Self::with_settings(ctx, start, None, Exit::default())
    }

    /// As [`new`](Self::new); `exit` finishes the writes that are pending at the end.
    pub fn with_exit(ctx: &egui::Context, start: Start, exit: Exit) -> Self {
        Self::with_settings(ctx, start, None, exit)
    }

    /// As [`new`](Self::new), with recent cases, appearance and signing key in a folder of the caller,
    /// so that the user's files stay untouched.
    pub fn with_settings_in(ctx: &egui::Context, start: Start, folder: &Path) -> Self {
        Self::with_settings(ctx, start, Some(folder.to_owned()), Exit::default())
    }

    fn with_settings(ctx: &egui::Context, start: Start, settings: Option<PathBuf>, exit: Exit) -> Self {
        theme::apply(ctx);
        exit.wakes(ctx);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).max(MIN_THREADS);
        let waker = ctx.clone();
        let mut app = Self {
            jobs: Jobs::with_writes(threads, exit.writes().clone(), move || waker.request_repaint()),
            case: None,
            closing: Vec::new(),
            leaving: None,
            waits_for_text: None,
            exit,
            start: StartScreen::default(),
            import: None,
            opening: None,
            throw_away: None,
            settings,
            overlay: Overlay::default(),
            toasts: Toasts::default(),
            paces: Paces::default(),
            looks: Slot::default(),
            focus: FocusKeeper::default(),
        };
        let settings = app.settings.clone();
        app.looks.ask::<String>(&app.jobs, None, 0, move |_| {
            Ok(looks::file(settings.as_deref()).and_then(|file| Looks::read(&file)))
        });
        match start {
            Start::Nothing => {}
            Start::Case(dir) => app.opening = Some(Opening::open(&app.jobs, dir, Access::Write, Vec::new())),
            Start::Sample => app.opening = Some(Opening::sample(&app.jobs, Vec::new())),
        }
        app
    }

    /// True if a case is open.
    pub fn case_is_open(&self) -> bool {
        self.case.is_some()
    }

    /// The part of the program that finishes pending writes after the window is gone.
    pub fn exit(&self) -> Exit {
        self.exit.clone()
    }

    /// The work in the background.
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Puts every view beside the others so that all of them are drawn; for measurements.
    pub fn spread_views(&mut self) {
        if let Some(case) = &mut self.case {
            case.spread_views();
        }
    }

    /// Draws one frame and carries out the commands sent in it.
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        let ctx = ui.ctx().clone();
        self.focus.begin(&ctx);
        self.poll();
        if self.looks.poll()
            && let Some(Some(looks)) = self.looks.answer()
        {
            looks.apply(&ctx);
        }
        self.take_dropped(&ctx);
        let hears_keys =
            self.case.as_ref().is_some_and(|case| !case.menu_is_open()) && !keyboard::is_taken(&ctx);
        let pressed = shortcuts::pressed(&ctx, hears_keys);
        if pressed.contains(&Command::Window(WindowCommand::Palette)) {
            keyboard::reserve(&ctx);
        }
        keyboard::hold_letters(&ctx);
        let commands = RefCell::new(pressed);
        match &mut self.case {
            Some(case) => case.ui(ui, &self.jobs, &commands, &mut self.paces),
            None => self.start_ui(ui, &commands),
        }
        window_title::set(&ctx, self.case.as_ref().map(|case| case.session.dir()));
        self.import_ui(&ctx);
        self.overlay.ui(&ctx, None);
        self.toasts.ui(&ctx);
        self.focus.end(&ctx);
        for command in commands.into_inner() {
            self.carry_out(&ctx, command);
            // Requests of this frame are drawn as pending.
            ctx.request_repaint();
        }
        self.leave(&ctx);
    }

    /// Requests closing; a second request lists the possible loss.
    fn ask_to_leave(&mut self, aim: Aim, by_signal: bool) {
        match &mut self.leaving {
            Some(leaving) => leaving.insist(aim),
            None => {
                // Excerpts shown by a search are journaled when it ends.
                self.jobs.cancel_titled(SEARCH_JOB);
                self.leaving = Some(Leaving::new(aim, by_signal));
            }
        }
    }

    /// Closes once all is written. Runs after the frame's commands, so that a decision and a close request
    /// of the same frame are both handled.
    fn leave(&mut self, ctx: &egui::Context) {
        for _ in 0..self.exit.take_asked() {
            self.ask_to_leave(Aim::Window, true);
        }
        let closes = ctx.input(|input| input.viewport().close_requested());
        if closes {
            self.ask_to_leave(Aim::Window, false);
        }
        let unfinished = self.unfinished();
        let Some(leaving) = &mut self.leaving else { return };
        let answer = leaving.ui(ctx, &unfinished);
        if closes && !matches!(answer, Answer::Go | Answer::GiveUp) {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
        }
        match answer {
            Answer::Wait => {}
            Answer::Stay => {
                if self.leaving.take().is_some_and(|leaving| leaving.is_before_an_import()) {
                    self.import.iter_mut().for_each(ImportDialog::not_begun);
                }
            }
            Answer::StopImport => self.opening.iter().for_each(Opening::cancel),
            Answer::Go | Answer::GiveUp => {
                // No user may be present to answer. The text itself must not reach the desktop's log.
                for lost in unfinished.unsent.iter().filter(|_| leaving.is_by_signal()) {
                    eprintln!("stillhunt: closed by a signal with text not saved: {}", visible(&lost.form));
                }
                self.left(ctx, answer == Answer::GiveUp, closes);
            }
        }
    }

    fn unfinished(&self) -> Unfinished {
        if self.leaving.is_none() {
            return Unfinished::default();
        }
        let failed = self.case.as_ref().map_or(&[][..], |case| case.session.not_written());
        let leaves_by_import = self.leaving.as_ref().is_some_and(|leaving| leaving.is_before_an_import());
        let of_import = self.import.iter().filter(|_| !leaves_by_import).filter_map(ImportDialog::unsent);
        let of_case = self.case.iter().flat_map(|case| case.unsent(&self.jobs));
        Unfinished {
            unsent: of_case.chain(of_import).chain(self.temporary()).collect(),
            writes: self.jobs.writes().list(),
            import: self.opening.as_ref().is_some_and(|opening| matches!(opening.what, What::Import)),
            failed: failed.to_vec(),
        }
    }

    /// Carries out the aim of the closing once all is written.
    fn left(&mut self, ctx: &egui::Context, gives_up: bool, closes: bool) {
        let Some(leaving) = &mut self.leaving else { return };
        match leaving.aim.clone() {
            Aim::Window => {
                leaving.decide();
                if gives_up {
                    self.exit.give_up();
                }
                if !closes {
                    ctx.send_viewport_cmd(egui::ViewportCommand::Close);
                }
            }
            Aim::Case => {
                self.close_case(gives_up);
                self.leaving = None;
                self.start = StartScreen::default();
            }
            Aim::Change(request) => {
                self.close_case(gives_up);
                self.leaving = None;
                self.opening = Some(Opening::change(&self.jobs, *request, self.ends()));
            }
            Aim::Import(request) => {
                self.close_case(gives_up);
                self.leaving = None;
                self.opening = Some(Opening::import(&self.jobs, *request, self.ends()));
            }
        }
    }

    /// Closes the case; with `gives_up`, writes that are not done are abandoned.
    fn close_case(&mut self, gives_up: bool) {
        let Some(case) = self.case.take() else { return };
        let closing = case.close(&self.jobs);
        if gives_up {
            closing.abandon();
        }
        self.closing.push(closing);
    }

    /// Ends of the closed cases, for jobs that need their locks.
    fn ends(&self) -> Vec<Ended> {
        self.closing.iter().map(ClosingCase::ended).collect()
    }

    fn start_ui(&mut self, ui: &mut egui::Ui, commands: &RefCell<Vec<Command>>) {
        // Its room is taken first and filled last, so that Tab begins with the screen itself.
        let title = egui::Panel::top("title").show(ui, |ui| {
            ui.allocate_space(egui::vec2(ui.available_width(), ui.spacing().interact_size.y)).1
        });
        self.start_content(ui);
        let row = egui::Layout::left_to_right(egui::Align::Center);
        let row = egui::UiBuilder::new().id_salt("look").max_rect(title.inner).layout(row);
        ui.scope_builder(row, |ui| {
            at_right::ui(ui, "title", |ui| {
                commands.borrow_mut().extend(top::look_buttons(ui).map(Command::Window));
            });
        });
    }

    fn start_content(&mut self, ui: &mut egui::Ui) {
        if self.opening.is_some() && self.import.is_none() {
            egui::CentralPanel::default().show(ui, |ui| {
                ui.add_space(ui.available_height() / 3.0);
                ui.vertical_centered(|ui| {
                    ui.set_max_width(560.0);
                    ui.heading("Stillhunt");
                    bottom::list(ui, &self.jobs, &mut self.paces);
                    if ui.button("Cancel").on_hover_text("Back to the first screen").clicked() {
                        self.opening.iter().for_each(Opening::cancel);
                    }
                });
            });
            return;
        }
        let wish = egui::CentralPanel::default()
            .show(ui, |ui| self.start.ui(ui, &self.jobs, self.settings.as_deref()))
            .inner;
        match wish {
            Some(Wish::Open(dir, read_only)) => {
                let access = if read_only { Access::ReadOnly } else { Access::Write };
                self.opening = Some(Opening::open(&self.jobs, dir, access, self.ends()));
            }
            Some(Wish::Sample) => self.opening = Some(Opening::sample(&self.jobs, self.ends())),
            Some(Wish::New(paths)) => self.import = Some(ImportDialog::new(paths, None)),
            Some(Wish::Adopt(dir)) => self.import = Some(ImportDialog::adopting(&dir)),
            None => {}
        }
    }

    fn import_ui(&mut self, ctx: &egui::Context) {
        let Some(dialog) = &mut self.import else { return };
        match dialog.ui(ctx, &self.jobs, &mut self.paces) {
            Outcome::Open => {}
            Outcome::Closed => self.import = None,
            Outcome::Run(request) => {
                // The import writes the case, so the window lets go of it first.
                self.ask_to_leave(Aim::Import(request), false);
            }
            Outcome::Adopt(dir, mapping) => {
                self.opening = Some(Opening::adopt(&self.jobs, dir, *mapping, self.ends()));
            }
            Outcome::Stop => self.opening.iter().for_each(Opening::cancel),
        }
    }

    /// Files dropped on the window: a case is opened, anything else is imported.
    fn take_dropped(&mut self, ctx: &egui::Context) {
        let dropped: Vec<PathBuf> =
            ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
        if dropped.is_empty() || self.opening.is_some() {
            return;
        }
        match (&mut self.import, &self.case) {
            (Some(dialog), _) => dialog.add(dropped),
            (None, Some(case)) => self.import = Some(ImportDialog::new(dropped, Some(case.session.dir()))),
            (None, None) => match dropped.as_slice() {
                [only] if only.extension().is_some_and(|ending| ending == "stillhunt") => {
                    let (dir, before) = (only.clone(), self.ends());
                    self.opening = Some(Opening::open(&self.jobs, dir, Access::Write, before));
                }
                _ => self.import = Some(ImportDialog::new(dropped, None)),
            },
        }
    }

    /// Takes over the answers of jobs.
    fn poll(&mut self) {
        if let Some(case) = &mut self.case {
            for message in case.session.poll(&self.jobs) {
                self.toasts.show(message);
            }
        }
        self.poll_closing();
        self.reopen_if_sources_changed();
        let Some(opening) = &self.opening else { return };
        let reply = match opening.inbox.try_recv() {
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => Err("the work ended without an answer".to_owned().into()),
            Ok(reply) => reply.map_err(NotOpened::from).flatten(),
        };
        let Some(opening) = self.opening.take() else { return };
        match reply {
            Ok(opened) => self.opened(&opening.what, opened),
            Err(why) => self.not_opened(opening.what, why),
        }
    }

    /// Stores theme and zoom for the next start; a failure is ignored.
    fn keep_looks(&self, looks: Looks) {
        let settings = self.settings.clone();
        let write = self.jobs.writes().begin(Pending::one("theme and zoom"));
        self.jobs.spawn(None, move |_| {
            let _write = write;
            looks.write(&looks::file(settings.as_deref())?).ok()
        });
    }

    /// Carries out a command, as after the frame in which it was sent.
    pub fn carry_out(&mut self, ctx: &egui::Context, command: Command) {
        let left = match &mut self.case {
            Some(case) => case.carry_out(ctx, &self.jobs, command),
            None => Some(command),
        };
        match left {
            Some(Command::Notify(text)) => self.toasts.show(text),
            Some(Command::Window(command)) => self.carry_out_window(ctx, command),
            Some(Command::ChangeSources(request)) => self.ask_to_leave(Aim::Change(Box::new(request)), false),
            // Without a case, commands on a case have no effect.
            _ => {}
        }
    }

    fn carry_out_window(&mut self, ctx: &egui::Context, command: WindowCommand) {
        let now = Looks::of(ctx);
        let look = |looks: Looks| {
            looks.apply(ctx);
            self.keep_looks(looks);
        };
        match command {
            WindowCommand::CloseCase => self.ask_to_leave(Aim::Case, false),
            WindowCommand::AddFiles => {
                let existing = self.case.as_ref().map(|case| case.session.dir());
                self.import = Some(ImportDialog::new(Vec::new(), existing));
            }
            WindowCommand::Shortcuts => self.overlay.toggle_shortcuts(),
            WindowCommand::ZoomIn => look(now.larger(0.1)),
            WindowCommand::ZoomOut => look(now.larger(-0.1)),
            WindowCommand::ZoomReset => look(now.at_full_size()),
            WindowCommand::SwitchTheme => look(now.other_theme()),
            WindowCommand::Palette
            | WindowCommand::Mark
            | WindowCommand::Menu(_)
            | WindowCommand::Brush(_)
            | WindowCommand::Region { .. }
            | WindowCommand::Section(_)
            | WindowCommand::FocusFilter
            | WindowCommand::SigningKey
            | WindowCommand::ReadingQueue
            | WindowCommand::Page(..)
            | WindowCommand::Enlarge
            | WindowCommand::ChangeSnapshot(_)
            | WindowCommand::SaveView(_)
            | WindowCommand::ScreenPicture(_)
            | WindowCommand::ShowReport(_) => {}
        }
    }
}

impl Drop for App {
    /// Pending requests are written, also if the window ends by a panic.
    fn drop(&mut self) {
        self.close_case(false);
        self.exit.leave(std::mem::take(&mut self.closing), self.throw_away.take());
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        Self::ui(self, ui);
    }
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;

    fn started() -> Harness<'static, Option<App>> {
        let frame = |ui: &mut egui::Ui, app: &mut Option<App>| {
            let ctx = ui.ctx().clone();
            app.get_or_insert_with(|| App::new(&ctx, Start::Nothing)).ui(ui);
        };
        let mut harness = Harness::builder().with_size([1000.0, 700.0]).build_ui_state(frame, None);
        harness.run_steps(3);
        harness
    }

    #[test]
    fn the_start_screen_shows_its_three_ways_in() {
        let harness = started();
        for label in ["Open the sample", "Open", "New case…"] {
            harness.get_by_role_and_label(egui::accesskit::Role::Button, label);
        }
    }

    #[test]
    fn f1_lists_the_shortcuts_and_escape_closes_them() {
        let mut harness = started();
        harness.key_press(egui::Key::F1);
        harness.run_steps(3);
        harness.get_by_label("Shortcuts");
        harness.key_press(egui::Key::Escape);
        harness.run_steps(3);
        assert!(harness.query_by_label("Shortcuts").is_none());
    }
}
