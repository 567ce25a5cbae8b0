//! The application: which screen is shown, and what is being opened.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::mpsc::TryRecvError;

use tempfile::TempDir;

use super::case_window::CaseWindow;
use super::import::{ImportDialog, Outcome};
use super::looks::{self, Looks};
use super::opening::{Opened, Opening, What};
use super::overlay::Overlay;
use super::panels::bottom::{self, Paces};
use super::panels::top;
use super::recent::{self, Recent};
use super::session::UiSession;
use super::start::{StartScreen, Wish};
use super::toasts::Toasts;
use super::view::{Command, WindowCommand};
use super::{Start, shortcuts, theme};
use crate::case::Access;
use crate::jobs::{Jobs, NotOpened, Slot};

/// The fewest worker threads: a file dialog may hold one for as long as it is open.
const MIN_THREADS: usize = 4;

/// The application. Needs no frame of its own, so that a test can hold it.
pub struct App {
    jobs: Jobs,
    case: Option<CaseWindow>,
    /// Ends when the case that was open last is free again.
    closing: Option<std::thread::JoinHandle<()>>,
    start: StartScreen,
    import: Option<ImportDialog>,
    opening: Option<Opening>,
    /// The folder of the sample's case, deleted when another case takes its place.
    throw_away: Option<TempDir>,
    /// Where recent cases, looks and the signing key are kept instead of the user's own place.
    settings: Option<PathBuf>,
    overlay: Overlay,
    toasts: Toasts,
    paces: Paces,
    looks: Slot<u32, Option<Looks>>,
}

impl App {
    /// Gives the context its looks and begins with what the program was started with.
    pub fn new(ctx: &egui::Context, start: Start) -> Self {
        Self::with_settings(ctx, start, None)
    }

    /// As [`new`](Self::new), with recent cases, looks and the signing key in a folder of the
    /// caller's, so that nothing of the user's is touched.
    pub fn with_settings_in(ctx: &egui::Context, start: Start, folder: &Path) -> Self {
        Self::with_settings(ctx, start, Some(folder.to_owned()))
    }

    fn with_settings(ctx: &egui::Context, start: Start, settings: Option<PathBuf>) -> Self {
        theme::apply(ctx);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).max(MIN_THREADS);
        let waker = ctx.clone();
        let mut app = Self {
            jobs: Jobs::new(threads, move || waker.request_repaint()),
            case: None,
            closing: None,
            start: StartScreen::default(),
            import: None,
            opening: None,
            throw_away: None,
            settings,
            overlay: Overlay::default(),
            toasts: Toasts::default(),
            paces: Paces::default(),
            looks: Slot::default(),
        };
        let settings = app.settings.clone();
        app.looks.ask::<String>(&app.jobs, None, 0, move |_| {
            Ok(looks::file(settings.as_deref()).and_then(|file| Looks::read(&file)))
        });
        match start {
            Start::Nothing => {}
            Start::Case(dir) => app.opening = Some(Opening::open(&app.jobs, dir, Access::Write, None)),
            Start::Sample => app.opening = Some(Opening::sample(&app.jobs)),
        }
        app
    }

    /// Whether a case is on the screen.
    pub fn case_is_open(&self) -> bool {
        self.case.is_some()
    }

    /// The work in the background.
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Puts every view beside the others so that all of them are drawn; for measuring.
    pub fn spread_views(&mut self) {
        if let Some(case) = &mut self.case {
            case.spread_views();
        }
    }

    /// Draws one frame and carries out what was asked for in it.
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        let ctx = ui.ctx().clone();
        self.poll();
        if self.looks.poll()
            && let Some(Some(looks)) = self.looks.answer()
        {
            looks.apply(&ctx);
        }
        self.take_dropped(&ctx);
        let commands = RefCell::new(shortcuts::pressed(&ctx, self.case.is_some()));
        match &mut self.case {
            Some(case) => case.ui(ui, &self.jobs, &commands, &mut self.paces),
            None => self.start_ui(ui, &commands),
        }
        self.import_ui(&ctx);
        self.overlay.ui(&ctx, None);
        self.toasts.ui(&ctx);
        for command in commands.into_inner() {
            self.carry_out(&ctx, command);
        }
    }

    fn start_ui(&mut self, ui: &mut egui::Ui, commands: &RefCell<Vec<Command>>) {
        egui::Panel::top("title").show(ui, |ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                commands.borrow_mut().extend(top::look_buttons(ui).map(Command::Window));
            });
        });
        if self.opening.is_some() && self.import.is_none() {
            egui::CentralPanel::default().show(ui, |ui| {
                ui.add_space(ui.available_height() / 3.0);
                ui.vertical_centered(|ui| {
                    ui.set_max_width(560.0);
                    ui.heading("Stillhunt");
                    bottom::list(ui, &self.jobs, &mut self.paces);
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
                self.opening = Some(Opening::open(&self.jobs, dir, access, self.closing.take()));
            }
            Some(Wish::Sample) => self.opening = Some(Opening::sample(&self.jobs)),
            Some(Wish::New(paths)) => self.import = Some(ImportDialog::new(paths, None)),
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
                let writer = self.case.take().map(|case| case.session.close()).or(self.closing.take());
                self.opening = Some(Opening::import(&self.jobs, request, writer));
            }
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
                    let (dir, writer) = (only.clone(), self.closing.take());
                    self.opening = Some(Opening::open(&self.jobs, dir, Access::Write, writer));
                }
                _ => self.import = Some(ImportDialog::new(dropped, None)),
            },
        }
    }

    /// Takes in what came from the background.
    fn poll(&mut self) {
        if let Some(case) = &mut self.case {
            for told in case.session.poll(&self.jobs) {
                self.toasts.say(told);
            }
        }
        let Some(opening) = &self.opening else { return };
        let reply = match opening.inbox.try_recv() {
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => Err("the work ended without an answer".to_owned().into()),
            Ok(reply) => reply.map_err(NotOpened::from).flatten(),
        };
        let Some(opening) = self.opening.take() else { return };
        match reply {
            Ok(session) => self.opened(session),
            Err(why) => self.not_opened(opening.what, why),
        }
    }

    fn opened(&mut self, opened: Opened) {
        self.import = None;
        for note in &opened.session.notes {
            self.toasts.say(note.clone());
        }
        let session = UiSession::new(opened.session, &self.jobs, self.settings.clone());
        if opened.throw_away.is_none() {
            self.remember(session.dir().to_owned());
        }
        self.case = Some(CaseWindow::new(session));
        self.throw_away = opened.throw_away;
    }

    fn not_opened(&mut self, what: What, NotOpened { why, busy }: NotOpened) {
        match what {
            What::Case(dir) => self.start.failed(why, busy.then_some(dir)),
            What::Sample => self.start.failed(why, None),
            What::Import => {
                let Some(dialog) = &mut self.import else { return };
                // The case that files were to be added to is as it was before.
                if let Some(dir) = dialog.existing() {
                    self.import = None;
                    self.toasts.say(why);
                    self.opening = Some(Opening::open(&self.jobs, dir, Access::Write, None));
                } else {
                    dialog.failed(why);
                }
            }
        }
    }

    /// Puts a case first in the list of recent ones; that it cannot be written is no matter.
    fn remember(&self, dir: PathBuf) {
        let settings = self.settings.clone();
        self.jobs.spawn(None, move |_| {
            let file = recent::file(settings.as_deref())?;
            let mut list = Recent::read(&file);
            list.opened(&std::path::absolute(&dir).unwrap_or(dir));
            list.write(&file).ok()
        });
    }

    /// Keeps theme and zoom for the next start; that it cannot be written is no matter.
    fn keep_looks(&self, looks: Looks) {
        let settings = self.settings.clone();
        self.jobs.spawn(None, move |_| looks.write(&looks::file(settings.as_deref())?).ok());
    }

    /// Carries out a command, as after the frame in which it was asked for.
    pub fn carry_out(&mut self, ctx: &egui::Context, command: Command) {
        let left = match &mut self.case {
            Some(case) => case.carry_out(&self.jobs, command),
            None => Some(command),
        };
        match left {
            Some(Command::Notify(text)) => self.toasts.say(text),
            Some(Command::Window(command)) => self.carry_out_window(ctx, command),
            // What concerns a case means nothing without one.
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
            WindowCommand::CloseCase => {
                self.closing = self.case.take().map(|case| case.session.close());
                self.start = StartScreen::default();
            }
            WindowCommand::AddFiles => {
                let existing = self.case.as_ref().map(|case| case.session.dir());
                self.import = Some(ImportDialog::new(Vec::new(), existing));
            }
            WindowCommand::Shortcuts => self.overlay.toggle_shortcuts(),
            WindowCommand::ZoomIn => look(now.larger(0.1)),
            WindowCommand::ZoomOut => look(now.larger(-0.1)),
            WindowCommand::ZoomReset => look(now.at_full_size()),
            WindowCommand::SwitchTheme => look(now.other_theme()),
            WindowCommand::Palette | WindowCommand::FocusFilter => {}
        }
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
