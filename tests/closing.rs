//! Closing loses nothing: the window, a case, an import under way, and signals.
//!
//! No display. What a signal's handler calls is called here; the process itself is tried with a
//! signal where Xvfb is installed, and the test says where it is not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _, by};

use stillhunt::case::{Access, Action, Case, EvidenceSource, InvestigatorEvent, check_chain};
use stillhunt::jobs::memory_of_machine;
use stillhunt::jobs::{ImportRequest, import};
use stillhunt::model::{Silent, Tag};
use stillhunt::snapshot::Sealing;
use stillhunt::ui::{App, Command, Selected, Start, WindowCommand};

const PATIENCE: Duration = Duration::from_secs(300);

struct Window {
    harness: Harness<'static, Option<App>>,
    home: tempfile::TempDir,
    case: PathBuf,
}

impl Window {
    fn on(start: impl FnOnce(&Path) -> Start) -> Self {
        let home = tempfile::tempdir().unwrap();
        let case = home.path().join("small.stillhunt");
        let start = start(home.path());
        let settings = home.path().join("settings");
        let frame = move |ui: &mut egui::Ui, app: &mut Option<App>| {
            let ctx = ui.ctx().clone();
            app.get_or_insert_with(|| App::with_settings_in(&ctx, start.clone(), &settings)).ui(ui);
        };
        let builder = Harness::builder().allow_missing_glyphs().with_size([1280.0, 800.0]);
        Self { harness: builder.build_ui_state(frame, None), home, case }
    }

    /// On a small case that was imported before.
    fn on_case() -> Self {
        let mut window = Self::on(|home| {
            let request = ImportRequest {
                case_dir: home.join("small.stillhunt"),
                paths: vec![common::few_logs(home)],
                mapping: None,
                sealing: Sealing::Copy,
                memory: memory_of_machine(),
                leave_out: Vec::new(),
                accept_set_aside: false,
            };
            drop(import(&request, &Silent).unwrap());
            Start::Case(request.case_dir)
        });
        window.wait("the case", |window| window.app().case_is_open());
        window.wait("the leads", |window| window.harness.query_all_by_role(Role::Row).next().is_some());
        window
    }

    fn app(&self) -> &App {
        self.harness.state().as_ref().unwrap()
    }

    fn command(&mut self, command: Command) {
        let ctx = self.harness.ctx.clone();
        self.harness.state_mut().as_mut().unwrap().carry_out(&ctx, command);
    }

    fn wait(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !{
            self.harness.step();
            holds(self)
        } {
            assert!(Instant::now() < until, "waited in vain for {what}:\n{:#?}", self.harness.root());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn shows(&self, label: &str) -> bool {
        self.harness.query_all(by().label_contains(label).recursive(true)).next().is_some()
    }

    fn press(&mut self, label: &str) {
        self.wait(label, |window| {
            let button = by().role(Role::Button).label_contains(label).recursive(true);
            let found = window.harness.query_all(button).next();
            found.is_some_and(|node| !node.accesskit_node().is_disabled())
        });
        // A reply that has come meanwhile may move it.
        self.harness.run_steps(4);
        let button = by().role(Role::Button).label_contains(label).recursive(true);
        self.harness.query_all(button).next().unwrap().click();
    }

    /// The user presses the window's own button in the next frame.
    fn close(&mut self) {
        let viewports = &mut self.harness.input_mut().viewports;
        viewports.entry(ViewportId::ROOT).or_default().events.push(ViewportEvent::Close);
    }

    fn asked_of_the_desktop(&self, command: &ViewportCommand) -> bool {
        self.harness.output().viewport_output[&ViewportId::ROOT].commands.contains(command)
    }

    /// Draws frames until the window closes itself.
    fn wait_for_the_end(&mut self) {
        self.wait("the window to close", |window| window.asked_of_the_desktop(&ViewportCommand::Close));
    }

    fn tagged(&self) -> usize {
        tagged(&self.case)
    }

    /// Marks accounts that need not exist, one decision each.
    fn mark_accounts(&mut self, count: usize) {
        for i in 0..count {
            let source = EvidenceSource::Account { account: format!("account {i}").as_str().into() };
            self.command(Command::TagSource(source, Tag::Context, String::new()));
        }
    }
}

fn tagged(case: &Path) -> usize {
    let case = Case::open(case, Access::ReadOnly).unwrap();
    assert_eq!(check_chain(&case.journal_lines()), []);
    case.state().journal.iter().filter(|entry| matches!(entry.action, Action::Tagged { .. })).count()
}

#[test]
fn exchanges_marked_and_the_window_closed_at_once_are_all_in_the_journal() {
    let mut window = Window::on_case();
    window.harness.key_press_modifiers(Modifiers { ctrl: true, command: true, ..Modifiers::NONE }, Key::Num5);
    let table = || by().role(Role::Table).label_contains("Exchanges, ").recursive(true);
    window.wait("the exchanges", |window| window.harness.query_all(table()).next().is_some());
    window.harness.query_all(table()).next().unwrap().focus();
    window.harness.run_steps(3);
    window.harness.key_press(Key::ArrowDown);
    window.harness.run_steps(2);
    for _ in 0..160 {
        window.harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
        window.harness.step();
    }
    window.press("Mark 161 as evidence…");
    window.harness.run_steps(4);
    let mark = || by().role(Role::Button).label("Mark").recursive(true);
    window.harness.query_all(mark()).next().unwrap().click();
    window.harness.step();
    window.close();
    window.harness.step();
    // A quick disk is done before the next frame; where it is not, closing waits.
    if window.asked_of_the_desktop(&ViewportCommand::CancelClose) {
        window.wait_for_the_end();
    }
    assert_eq!(window.tagged(), 161);
}

#[test]
fn a_case_that_is_closed_at_once_has_every_decision() {
    let mut window = Window::on_case();
    window.mark_accounts(60);
    window.command(Command::Window(WindowCommand::CloseCase));
    window.wait("the start screen", |window| !window.app().case_is_open());
    assert_eq!(window.tagged(), 60);
}

#[test]
fn a_window_that_is_torn_down_leaves_what_was_asked_to_be_finished() {
    let mut window = Window::on_case();
    window.mark_accounts(60);
    let exit = window.app().exit();
    let Window { harness, home: _home, case } = window;
    drop(harness);
    assert_eq!(exit.finish(), []);
    assert_eq!(tagged(&case), 60);
}

#[test]
fn a_signal_waits_for_what_was_asked() {
    let mut window = Window::on_case();
    window.mark_accounts(60);
    window.app().exit().ask();
    window.wait_for_the_end();
    assert_eq!(window.tagged(), 60);
}

#[test]
fn the_second_attempt_says_what_would_be_lost_and_the_investigator_decides() {
    let mut window = Window::on_case();
    // Holds the database, so that no disk is quick enough.
    let other = rusqlite::Connection::open(window.case.join("case.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    window.mark_accounts(900);
    window.close();
    window.harness.step();
    window.close();
    window.harness.run_steps(2);
    assert!(window.shows("Closing now loses:"));
    assert!(window.shows("decisions being written"), "the line at the bottom counts them");
    drop(other);
    window.press("Close and lose");
    window.wait_for_the_end();
    let exit = window.app().exit();
    let Window { harness, home: _home, case } = window;
    drop(harness);
    let lost = exit.finish().len();
    // The decision being written at that moment is reported as lost and may still reach the disk.
    let accounted = tagged(&case) + lost;
    assert!((900..=901).contains(&accounted), "{accounted}: each is in the journal or reported as lost");
}

/// A window that was asked to close while it imports, and the folder of its logs.
fn closed_during_an_import() -> (Window, PathBuf) {
    let mut window = Window::on(|home| {
        common::few_logs(home);
        Start::Nothing
    });
    window.harness.run_steps(3);
    let logs = window.home.path().join("logs");
    window
        .harness
        .query_all(by().role(Role::TextInput).label("Files or folder").recursive(true))
        .next()
        .unwrap()
        .focus();
    window.harness.run_steps(2);
    let field = by().role(Role::TextInput).label("Files or folder").recursive(true);
    window.harness.query_all(field).next().unwrap().type_text(common::text(&logs));
    window.harness.run_steps(2);
    window.press("New case…");
    window.press("Import");
    window.harness.step();
    window.close();
    window.harness.step();
    assert!(window.asked_of_the_desktop(&ViewportCommand::CancelClose));
    (window, logs)
}

#[test]
fn closing_during_an_import_asks_and_leaves_nothing_half_done() {
    let (mut window, logs) = closed_during_an_import();
    window.press("Stop the import and close");
    window.wait_for_the_end();
    let case = logs.with_extension("stillhunt");
    assert!(!case.exists() || Case::open(&case, Access::ReadOnly).is_ok(), "whole or not there");
}

#[test]
fn a_question_about_an_import_that_nobody_answers_closes_nothing() {
    let (mut window, _) = closed_during_an_import();
    // A dialog is invisible in its first frame, which measures it.
    window.harness.step();
    assert!(window.shows("Import in progress"));
    window.wait("the imported case", |window| {
        assert!(!window.asked_of_the_desktop(&ViewportCommand::Close), "the window closes by itself");
        window.app().case_is_open()
    });
    for _ in 0..20 {
        window.harness.step();
        assert!(!window.asked_of_the_desktop(&ViewportCommand::Close), "the window closes by itself");
    }
    assert!(!window.shows("Import in progress"), "the question has no object any more");
    window.close();
    window.wait_for_the_end();
}

#[test]
fn settings_are_written_before_the_program_ends() {
    let mut window = Window::on_case();
    window.command(Command::Window(WindowCommand::SwitchTheme));
    let exit = window.app().exit();
    let Window { harness, home, .. } = window;
    drop(harness);
    exit.finish();
    for file in ["looks.json", "recent.json"] {
        assert!(home.path().join("settings").join(file).is_file(), "{file}");
    }
}

#[test]
fn an_event_that_was_asked_for_is_pending_until_it_is_written() {
    let mut window = Window::on_case();
    window.wait("the opening of the case", |window| window.app().jobs().writes().decisions() == 0);
    let event = InvestigatorEvent { ts: 0, label: "terms changed".into() };
    window.command(Command::Record(Action::EventAdded { event }));
    assert_eq!(window.app().jobs().writes().decisions(), 1);
    window.wait("the entry", |window| window.app().jobs().writes().decisions() == 0);
    window.wait("the event on the screen", |window| window.shows("Events (1)"));
}

impl Window {
    /// The field of this name, after it was typed into.
    fn type_into(&mut self, role: Role, label: &str, text: &str) {
        let field = || by().role(role).label_contains(label).recursive(true);
        self.wait(label, |window| window.harness.query_all(field()).next().is_some());
        self.harness.query_all(field()).next().unwrap().focus();
        self.harness.run_steps(2);
        self.harness.query_all(field()).next().unwrap().type_text(text);
        self.harness.run_steps(2);
    }

    /// Presses what may be scrolled out of sight.
    fn choose(&mut self, role: Role, label: &str) {
        let found = || by().role(role).label_contains(label).recursive(true);
        self.wait(label, |window| window.harness.query_all(found()).next().is_some());
        self.harness.query_all(found()).next().unwrap().click_accesskit();
        self.harness.run_steps(4);
    }

    fn has_text(&self, text: &str) -> bool {
        let field = by().role(Role::MultilineTextInput).recursive(true);
        self.harness.query_all(field).any(|node| node.accesskit_node().value().as_deref() == Some(text))
    }
}

#[test]
fn text_that_was_typed_and_not_saved_is_named_before_it_is_lost() {
    let mut window = Window::on_case();
    window.type_into(Role::MultilineTextInput, "Note", "half a thought");
    window.close();
    window.harness.step();
    assert!(window.asked_of_the_desktop(&ViewportCommand::CancelClose));
    window.wait("the question", |window| window.shows("note on lead L-"));
    assert!(window.shows("Closing now loses:") && window.shows("half a thought"));
    window.press("Keep the case open");
    window.harness.run_steps(2);
    assert!(window.app().case_is_open() && window.has_text("half a thought"));

    // Another selection keeps it, and the case may be closed without it.
    window.command(Command::Select(Selected::Account(0)));
    window.harness.run_steps(3);
    assert!(!window.has_text("half a thought"));
    window.command(Command::Select(Selected::Lead(0)));
    window.harness.run_steps(3);
    assert!(window.has_text("half a thought"));
    window.command(Command::Window(WindowCommand::CloseCase));
    window.press("Close and lose this");
    window.wait("the start screen", |window| !window.app().case_is_open());
    assert_eq!(window.tagged(), 0);
}

#[test]
fn text_that_was_saved_is_not_asked_about() {
    let mut window = Window::on_case();
    window.type_into(Role::MultilineTextInput, "Note", "a whole thought");
    window.choose(Role::Button, "Mark lead as evidence");
    window.command(Command::Window(WindowCommand::CloseCase));
    window.wait("the start screen", |window| !window.app().case_is_open());
    assert_eq!(window.tagged(), 1);
}

#[test]
fn points_typed_for_an_explanation_are_named_until_they_are_saved() {
    let mut window = Window::on_case();
    for header in ["explanations weighed", "university"] {
        window.choose(Role::DisclosureTriangle, header);
    }
    window.type_into(Role::MultilineTextInput, "For: university", "one campus");
    window.command(Command::Select(Selected::Account(0)));
    window.harness.run_steps(3);
    window.command(Command::Window(WindowCommand::CloseCase));
    window.wait("the question", |window| window.shows("university, lead L-"));
    window.press("Keep the case open");
    window.command(Command::Select(Selected::Lead(0)));
    window.harness.run_steps(3);
    window.choose(Role::Button, "Save: university");
    window.command(Command::Window(WindowCommand::CloseCase));
    window.wait("the start screen", |window| !window.app().case_is_open());
    let case = Case::open(&window.case, Access::ReadOnly).unwrap();
    assert_eq!(case.state().alternatives[0].evidence_for, "one campus");
}

#[test]
fn a_signal_does_not_wait_for_an_answer_about_text() {
    let mut window = Window::on_case();
    window.type_into(Role::MultilineTextInput, "Note", "half a thought");
    window.app().exit().ask();
    window.wait_for_the_end();
}

/// Needs the program Xvfb, and says so where it is not installed.
#[cfg(target_os = "linux")]
#[test]
fn a_process_with_a_window_ends_on_sigterm() {
    use std::process::{Command as Process, Stdio};
    let display = format!(":{}", 3000 + std::process::id() % 20_000);
    let Ok(mut screen) =
        Process::new("Xvfb").args([&display, "-screen", "0", "1280x800x24"]).stderr(Stdio::null()).spawn()
    else {
        eprintln!("skipped: Xvfb is not installed");
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let case = home.path().join("c.stillhunt");
    common::run(home.path(), &["import", common::text(&case), common::text(&common::few_logs(home.path()))]);
    let mut program = common::stillhunt(home.path());
    let program = program.args(["open", common::text(&case)]).env("DISPLAY", &display);
    let mut program = program.env_remove("WAYLAND_DISPLAY").stderr(Stdio::piped()).spawn().unwrap();
    let lock = case.join("case.lock");
    let until = Instant::now() + PATIENCE;
    let holds =
        |id: u32| std::fs::read_to_string(&lock).is_ok_and(|text| text.contains(&format!("process {id}")));
    while !holds(program.id()) && program.try_wait().unwrap().is_none() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    if let Some(status) = program.try_wait().unwrap() {
        screen.kill().unwrap();
        eprintln!("skipped: no window could be opened on Xvfb ({status})");
        return;
    }
    std::thread::sleep(Duration::from_secs(1));
    let id = rustix::process::Pid::from_raw(program.id().cast_signed()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let status = program.wait().unwrap();
    screen.kill().unwrap();
    assert!(status.success(), "{status}: written, closed, and no error");
    assert!(Case::open(&case, Access::Write).is_ok(), "the case is free");
}
