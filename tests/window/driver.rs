//! A window without a display, driven as a person would: by label and role, by pointer, by keys.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Rect, lerp, pos2};
use egui_kittest::kittest::{By, NodeT as _, Queryable as _, by};
use egui_kittest::{Harness, HarnessBuilder, Node};
use stillhunt::jobs::{ImportRequest, Session, import, memory_of_machine};
use stillhunt::model::Silent;
use stillhunt::snapshot::Sealing;
use stillhunt::ui::{App, Start};

use crate::common;

/// Longest wait for anything, the loading of the sample by an unoptimised build included.
const PATIENCE: Duration = Duration::from_secs(600);
/// As the window opens.
const SIZE: [f32; 2] = [1280.0, 800.0];

/// A window without a display, and the folder it may write to.
pub struct Window {
    pub harness: Harness<'static, Option<App>>,
    pub home: tempfile::TempDir,
}

impl Window {
    /// On a case whose text may be of any script, which only a desktop's fonts can draw.
    pub fn open(home: tempfile::TempDir, start: Start) -> Self {
        Self::build(home, start, Harness::builder().allow_missing_glyphs())
    }

    /// Window on text that the program's own fonts can draw: a box in place of a glyph fails the test.
    pub fn open_strict(home: tempfile::TempDir, start: Start) -> Self {
        Self::build(home, start, Harness::builder())
    }

    pub fn build(home: tempfile::TempDir, start: Start, builder: HarnessBuilder<Option<App>>) -> Self {
        let settings = home.path().join("settings");
        let frame = move |ui: &mut egui::Ui, app: &mut Option<App>| {
            let ctx = ui.ctx().clone();
            app.get_or_insert_with(|| App::with_settings_in(&ctx, start.clone(), &settings)).ui(ui);
        };
        let harness = builder.with_size(SIZE).build_ui_state(frame, None);
        Self { harness, home }
    }

    /// A window on a small generated case with one planted campaign.
    pub fn on_small_case() -> Self {
        let home = tempfile::tempdir().unwrap();
        let case = small_case(home.path());
        let mut window = Self::open(home, Start::Case(case));
        window.wait_for_case();
        window
    }

    /// Window on a case whose first lead is a content community; its text pass is short.
    pub fn on_community_case() -> Self {
        let home = tempfile::tempdir().unwrap();
        let case = home.path().join("community.stillhunt");
        drop(session(&case, &common::community_logs(home.path())));
        let mut window = Self::open(home, Start::Case(case));
        window.wait_for_case();
        window
    }

    /// As [`on_small_case`](Self::on_small_case), with the text pass stopped: without topics, and sooner.
    pub fn on_small_case_without_topics() -> Self {
        let home = tempfile::tempdir().unwrap();
        let case = small_case(home.path());
        let mut window = Self::open(home, Start::Case(case));
        window.stop_the_text_pass();
        window.wait_for_case();
        window
    }

    /// Stops the text pass of a case that is being opened.
    pub fn stop_the_text_pass(&mut self) {
        let pass = |window: &Self| {
            let jobs = window.harness.state().as_ref().unwrap().jobs().clone();
            let pass = jobs.status().into_iter().find(|job| job.title == "Text pass");
            pass.map(|pass| (jobs, pass.id))
        };
        self.wait("the text pass to begin", |window| pass(window).is_some());
        if let Some((jobs, id)) = pass(self) {
            jobs.cancel(id);
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn wait_for_case(&mut self) {
        self.wait("the case to be open", |window| {
            window.harness.state().as_ref().is_some_and(App::case_is_open)
        });
        self.wait("the leads to be listed", |window| {
            window.rows().next().is_some() || window.shows("0 leads: no group")
        });
        self.rest();
    }

    /// Draws frames until a condition holds.
    pub fn wait(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        loop {
            self.harness.step();
            if holds(self) {
                return;
            }
            assert!(
                Instant::now() < until,
                "waited in vain for {what}; on the screen:\n{:#?}",
                self.harness.root()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn wait_for(&mut self, label: &str) {
        self.wait(label, |window| window.shows(label));
    }

    /// Draws frames until nothing is being worked on any more.
    pub fn rest(&mut self) {
        let jobs = self.harness.state().as_ref().unwrap().jobs().clone();
        let until = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < until, "the window asks for work in every frame");
            let (requested, open) = (jobs.requested(), jobs.open());
            // Two frames: what a reply asks for is seen in the next.
            self.harness.run_steps(2);
            if open == 0 && jobs.requested() == requested {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// True if any label contains this text.
    pub fn shows(&self, label: &str) -> bool {
        self.find(by().label_contains(label)).is_some()
    }

    pub fn find<'a>(&'a self, wanted: By<'a>) -> Option<Node<'a>> {
        self.harness.query_all(wanted.recursive(true)).next()
    }

    pub fn demand<'a>(&'a self, wanted: By<'a>) -> Node<'a> {
        let said = format!("{wanted:?}");
        self.find(wanted)
            .unwrap_or_else(|| panic!("{said} is not on the screen:\n{:#?}", self.harness.root()))
    }

    /// Rows of the leads and the ranked accounts.
    pub fn rows(&self) -> impl Iterator<Item = Node<'_>> {
        self.harness.query_all_by_role(Role::Row)
    }

    /// Waits for a button, brings it into view and clicks it.
    pub fn press(&mut self, label: &str) {
        self.wait(label, |window| {
            window.find(by().role(Role::Button).label(label)).is_some_and(|node| enabled(&node))
        });
        self.demand(by().role(Role::Button).label(label)).scroll_to_me();
        self.harness.run_steps(3);
        self.demand(by().role(Role::Button).label(label)).click();
        self.pause();
    }

    pub fn type_into(&mut self, field: &str, text: &str) {
        self.demand(by().role(Role::TextInput).label(field)).focus();
        self.harness.run_steps(2);
        self.demand(by().role(Role::TextInput).label(field)).type_text(text);
        self.harness.run_steps(2);
    }

    pub fn keys(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.pause();
    }

    pub fn ctrl(&mut self, key: Key) {
        self.keys(Modifiers { ctrl: true, command: true, ..Modifiers::NONE }, key);
    }

    /// Carries out a command of the palette, by its title.
    pub fn command(&mut self, title: &str) {
        self.ctrl(Key::K);
        self.wait_for("Command");
        self.demand(by().role(Role::TextInput).label("Command")).type_text(title);
        self.harness.run_steps(2);
        self.keys(Modifiers::NONE, Key::Enter);
        self.rest();
    }

    /// True if a widget with this role and label has the keyboard.
    pub fn has_keyboard(&self, role: Role, label: &str) -> bool {
        self.harness.query_all(by().role(role).label(label).recursive(true)).any(|node| node.is_focused())
    }

    /// Long enough that the next click is no double click.
    pub fn pause(&mut self) {
        self.harness.run_steps(30);
    }

    /// Drags the pointer along a way, a frame each. A drag begins only after some points.
    pub fn drag(&mut self, way: &[Pos2]) {
        let (first, last) = (way[0], way[way.len() - 1]);
        self.harness.hover_at(first);
        self.harness.step();
        self.harness.drag_at(first);
        self.harness.step();
        for point in way {
            self.harness.hover_at(*point);
            self.harness.step();
        }
        self.harness.drop_at(last);
        self.harness.step();
        self.pause();
    }

    /// Clicks with the pointer, as a hand does: moves there, presses, releases.
    pub fn click_at(&mut self, at: Pos2) {
        self.harness.hover_at(at);
        self.harness.step();
        self.harness.drag_at(at);
        self.harness.step();
        self.harness.drop_at(at);
        self.harness.step();
        self.pause();
    }

    pub fn canvas(&self, label: &str) -> Rect {
        self.demand(by().role(Role::Canvas).label_contains(label)).rect()
    }

    /// The counts of the status line: `12 of 240 accounts · 900 of 6,000 exchanges`.
    pub fn counts(&self) -> String {
        let line = self.demand(by().role(Role::Label).predicate(|node| {
            node.value().is_some_and(|text| text.contains(" · ") && text.ends_with("exchanges"))
        }));
        line.value().unwrap()
    }

    /// Chips of the scope: what can be removed from it.
    pub fn chips(&self) -> Vec<String> {
        let chips = by().role(Role::Button).label_contains("from the scope");
        self.harness.query_all(chips).filter_map(|node| node.accesskit_node().label()).collect()
    }

    /// Drags over the middle third of all time.
    pub fn brush_the_middle(&mut self) {
        let brush = self.canvas("Time brush");
        let at = |share: f32| pos2(lerp(brush.left()..=brush.right(), share), brush.center().y);
        self.drag(&[at(0.34), at(0.40), at(0.55), at(0.66)]);
        self.rest();
    }

    pub fn pick_first_lead(&mut self) {
        self.demand(by().role(Role::Row).label_contains("lead L-")).click();
        self.pause();
        self.wait_for("Why a lead");
        self.rest();
    }

    /// Selects the first of the listed exchanges.
    pub fn pick_an_exchange(&mut self) {
        self.ctrl(Key::Num5);
        self.rest();
        self.demand(by().role(Role::Table).label_contains("Exchanges, ")).focus();
        self.harness.run_steps(2);
        self.keys(Modifiers::NONE, Key::ArrowDown);
        self.rest();
    }
}

pub fn enabled(node: &Node<'_>) -> bool {
    !node.accesskit_node().is_disabled()
}

pub fn session(case: &Path, logs: &Path) -> Session {
    let request = ImportRequest {
        case_dir: case.to_owned(),
        paths: vec![logs.to_owned()],
        mapping: None,
        sealing: Sealing::Copy,
        memory: memory_of_machine(),
        leave_out: Vec::new(),
        accept_set_aside: false,
    };
    import(&request, &Silent).unwrap()
}

pub fn small_case(home: &Path) -> PathBuf {
    let case = home.join("small.stillhunt");
    drop(session(&case, &common::small_logs(home)));
    case
}
