//! The import dialog as an investigator uses it: by label, by pointer, by keys.

mod failures;
mod reading;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, Int64Array, StringArray};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Rect, pos2};
use egui_kittest::kittest::{By, NodeT as _, Queryable as _, by};
use egui_kittest::{Harness, Node};

use super::dialog::{ImportDialog, Outcome};
use crate::jobs::{ImportRequest, Jobs, NotOpened};
use crate::snapshot::fixture::{START, write};
use crate::snapshot::{Column, Unit};
use crate::ui::panels::bottom::Paces;

/// Longest wait for a sample.
const PATIENCE: Duration = Duration::from_secs(120);

/// The dialog, its jobs, and its last answer.
struct Stage {
    dialog: ImportDialog,
    jobs: Jobs,
    paces: Paces,
    request: Option<Box<ImportRequest>>,
    closed: bool,
    stopped: bool,
}

struct Window {
    harness: Harness<'static, Stage>,
    home: tempfile::TempDir,
}

impl Window {
    /// On one file with these columns.
    fn on(columns: Vec<(&str, ArrayRef)>, size: [f32; 2]) -> Self {
        let home = tempfile::tempdir().unwrap();
        write(&home.path().join("logs/part-0.parquet"), columns);
        let dialog = ImportDialog::new(vec![home.path().join("logs")], None);
        Self::of(dialog, home, size)
    }

    fn of(dialog: ImportDialog, home: tempfile::TempDir, size: [f32; 2]) -> Self {
        let jobs = Jobs::new(2, || ());
        let stage =
            Stage { dialog, jobs, paces: Paces::default(), request: None, closed: false, stopped: false };
        let frame = |ui: &mut egui::Ui, stage: &mut Stage| {
            let ctx = ui.ctx().clone();
            match stage.dialog.ui(&ctx, &stage.jobs, &mut stage.paces) {
                Outcome::Run(request) => stage.request = Some(request),
                Outcome::Closed => stage.closed = true,
                Outcome::Stop => stage.stopped = true,
                Outcome::Open | Outcome::Adopt(..) => {}
            }
        };
        let builder = Harness::builder().allow_missing_glyphs().with_size(size);
        let mut window = Self { harness: builder.build_ui_state(frame, stage), home };
        window.rest();
        window
    }

    /// Draws frames until nothing is being worked on any more.
    fn rest(&mut self) {
        let until = Instant::now() + PATIENCE;
        let jobs = self.harness.state().jobs.clone();
        let mut quiet = 0;
        loop {
            let asked = jobs.requested();
            self.harness.run_steps(3);
            // A reply that came after the last frame is seen in the next round.
            quiet = if jobs.open() == 0 && jobs.requested() == asked { quiet + 1 } else { 0 };
            if quiet == 2 {
                return;
            }
            assert!(Instant::now() < until, "a job does not end");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn find<'a>(&'a self, wanted: By<'a>) -> Option<Node<'a>> {
        self.harness.query_all(wanted.recursive(true)).next()
    }

    fn demand<'a>(&'a self, wanted: By<'a>) -> Node<'a> {
        let name = format!("{wanted:?}");
        self.find(wanted).unwrap_or_else(|| panic!("{name} is not there:\n{:#?}", self.harness.root()))
    }

    fn shows(&self, text: &str) -> bool {
        self.find(by().label_contains(text)).is_some()
    }

    fn button<'a>(&'a self, label: &'a str) -> Node<'a> {
        self.demand(by().role(Role::Button).label(label))
    }

    fn can(&self, label: &str) -> bool {
        !self.button(label).accesskit_node().is_disabled()
    }

    /// A click with the pointer, as a hand does it.
    fn click_at(&mut self, at: Pos2) {
        self.harness.hover_at(at);
        self.harness.step();
        self.harness.drag_at(at);
        self.harness.step();
        self.harness.drop_at(at);
        self.harness.run_steps(30);
        self.rest();
    }

    fn click(&mut self, wanted: By<'_>) {
        let node = self.demand(wanted);
        let at = node.rect().center();
        self.click_at(at);
    }

    fn press(&mut self, label: &str) {
        self.click(by().role(Role::Button).label(label));
    }

    fn keys(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(4);
        self.rest();
    }

    fn type_text(&mut self, text: &str) {
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.run_steps(2);
    }

    /// Opens a list with the pointer, types a filter and takes the first row.
    fn pick(&mut self, label: &str, filter: &str) {
        self.click(by().role(Role::ComboBox).label(label));
        assert!(self.shows(&format!("Filter: {label}")), "the list of “{label}” is open");
        self.type_text(filter);
        self.keys(Modifiers::NONE, Key::Enter);
        assert!(!self.shows(&format!("Filter: {label}")), "the list of “{label}” is closed");
    }

    fn source(&self, column: Column) -> Option<String> {
        let mapping = self.harness.state().dialog.mapping()?;
        mapping.source(column).map(str::to_owned)
    }

    fn modal(&self) -> Rect {
        self.button("Import").rect()
    }
}

fn texts(rows: usize, text: impl Fn(usize) -> String) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..rows).map(text)))
}

fn epochs(rows: usize) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values((0..rows as i64).map(|i| START / 1_000 + i)))
}

/// A log with unknown column names: times in milliseconds since 1970, and accounts.
fn foreign(rows: usize) -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("zeitpunkt", epochs(rows)),
        ("kunde", texts(rows, |i| format!("kd-{}", i % 7))),
        ("anfrage", texts(rows, |i| format!("frage {i}"))),
    ]
}

const SIZE: [f32; 2] = [1280.0, 800.0];

#[test]
fn epoch_integers_of_a_foreign_log_are_imported_with_their_unit() {
    let mut window = Window::on(foreign(50), SIZE);
    assert!(!window.can("Import"), "nothing is mapped");
    assert!(window.shows("no time column: map one of zeitpunkt"));
    window.pick("Source of ts", "zeit");
    assert!(!window.can("Import"));
    assert!(
        window.shows("“zeitpunkt” holds numbers, so ts needs a unit"),
        "the mistake stands at the column"
    );
    window.press("Read as ms: 2026-04-22 13:05:09");
    assert!(window.shows("no account column") && !window.can("Import"));
    window.pick("Source of account_id", "kun");
    assert!(window.shows("kd-0 · kd-1 · kd-2"), "values as they will be read");
    assert!(window.can("Import"));
    window.press("Import");
    let request = window.harness.state().request.clone().unwrap();
    let mapping = request.mapping.unwrap();
    assert_eq!((mapping.source(Column::Ts), mapping.unit(Column::Ts)), (Some("zeitpunkt"), Some(Unit::Ms)));
    assert!(!request.accept_set_aside);
}

#[test]
fn a_list_opens_again_after_every_choice_and_the_dialog_does_not_move() {
    let mut window = Window::on(foreign(50), SIZE);
    let place = window.modal();
    for filter in ["zeit", "anfrage", "kunde", "zeit"] {
        window.pick("Source of ts", filter);
        let name = ["zeitpunkt", "anfrage", "kunde"].into_iter().find(|name| name.starts_with(filter));
        assert_eq!(window.source(Column::Ts).as_deref(), name);
        assert_eq!(window.modal(), place, "problems come and go in a dialog that stays where it is");
    }
    window.pick("Source of ts", "left out");
    assert_eq!(window.source(Column::Ts).as_deref(), Some("left out"), "a text that is no column is a path");
}

#[test]
fn a_list_is_above_its_dialog_also_after_a_click_within_one_frame() {
    let mut window = Window::on(foreign(50), SIZE);
    window.pick("Source of ts", "zeit");
    // The dialog is raised above the closed list.
    window.click_at(pos2(640.0, 60.0));
    let at = window.demand(by().role(Role::ComboBox).label("Source of ts")).rect().center();
    window.harness.hover_at(at);
    window.harness.step();
    let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
    let click = |pressed| egui::Event::PointerButton { pos: at, button, pressed, modifiers };
    window.harness.input_mut().events.extend([click(true), click(false)]);
    window.harness.run_steps(8);
    assert!(window.shows("Filter: Source of ts"), "the list is open");
    let row = window.demand(by().role(Role::Button).label_contains("anfrage")).rect().center();
    window.click_at(row);
    assert_eq!(window.source(Column::Ts).as_deref(), Some("anfrage"), "the click reaches the list");
}

#[test]
fn a_click_outside_loses_nothing_and_escape_asks_after_changes() {
    let mut window = Window::on(foreign(50), SIZE);
    window.click_at(pos2(4.0, 4.0));
    assert!(!window.harness.state().closed && window.can("Cancel"));
    window.pick("Source of ts", "zeit");
    window.keys(Modifiers::NONE, Key::Escape);
    assert!(window.shows("Discard the changes of the mapping?") && !window.harness.state().closed);
    window.press("Keep editing");
    assert!(!window.shows("Discard the changes") && window.source(Column::Ts).is_some());
    // Esc in an open list closes the list alone.
    window.click(by().role(Role::ComboBox).label("Source of ip"));
    window.keys(Modifiers::NONE, Key::Escape);
    assert!(!window.shows("Filter: Source of ip") && !window.shows("Discard the changes"));
    window.press("Cancel");
    window.press("Discard");
    assert!(window.harness.state().closed);
}

#[test]
fn values_that_cannot_be_read_are_counted_at_their_column_and_accepted_by_a_tick() {
    let rows = 200;
    let ts = |i: usize| {
        if i.is_multiple_of(10) { "n/a".to_owned() } else { format!("2026-04-22T13:{:02}:09Z", i % 60) }
    };
    let columns = vec![
        ("ts", texts(rows, ts)),
        ("account_id", texts(rows, |i| format!("a{}", i % 9))),
        ("input_tokens", texts(rows, |i| if i % 4 == 0 { "many".into() } else { i.to_string() })),
    ];
    let mut window = Window::on(columns, SIZE);
    assert!(window.shows("50 of 200 sampled values are not a whole number"));
    assert!(window.shows("the first is “many”"));
    let tick = || by().role(Role::CheckBox).label_contains("20 of 200 sampled rows");
    assert!(window.shows("20 of 200 sampled rows cannot be exchanges"));
    window.click(tick());
    window.press("Import");
    assert!(window.harness.state().request.as_ref().unwrap().accept_set_aside);

    let sound = Window::on(vec![("ts", texts(9, |_| ts(1))), ("account_id", texts(9, |_| "a".into()))], SIZE);
    assert!(!sound.shows("Import the other rows"), "no tick where none is needed");
}

#[test]
fn a_rule_that_leaves_out_every_sampled_row_is_named_before_the_import() {
    let columns = vec![
        ("ts", texts(9, |_| "2026-04-22T13:00:00Z".into())),
        ("account_id", texts(9, |_| "a".into())),
        ("type", texts(9, |_| "llm".into())),
    ];
    let mut window = Window::on(columns, SIZE);
    assert!(window.shows("Ready."));
    let text =
        "ts = \"ts\"\naccount_id = \"account_id\"\nrows = { column = \"type\", is = [\"GENERATION\"] }";
    window.click(by().role(Role::MultilineTextInput).label("Mapping as TOML"));
    window.keys(Modifiers::COMMAND, Key::A);
    window.type_text(text);
    window.rest();
    assert!(window.shows("0 of 9 sampled rows are exchanges: type is not GENERATION"));
}

#[test]
fn four_hundred_columns_are_drawn_as_far_as_they_are_visible_and_found_by_a_filter() {
    let mut columns = foreign(20);
    let names: Vec<String> = (0..400).map(|i| format!("feature_{i:03}")).collect();
    columns.extend(names.iter().map(|name| (name.as_str(), texts(20, |i| format!("{name} {i}")))));
    let mut window = Window::on(columns, SIZE);
    window.press("Columns of the files");
    assert!(window.shows("403 of 403 columns"));
    let drawn = |window: &Window| {
        window.harness.query_all(by().role(Role::ComboBox).label_contains("Use of").recursive(true)).count()
    };
    assert!((5..60).contains(&drawn(&window)), "{}", drawn(&window));
    window.click(by().role(Role::TextInput).label("Filter"));
    window.type_text("feature_399");
    window.rest();
    assert!(window.shows("1 of 403 columns") && drawn(&window) == 1);
    assert!(window.shows("feature_399 0 · feature_399 1"), "real values");
    window.click(by().role(Role::ComboBox).label("Use of feature_399"));
    window.type_text("user_agent");
    window.keys(Modifiers::NONE, Key::Enter);
    assert_eq!(window.source(Column::UserAgent).as_deref(), Some("feature_399"));
}

#[test]
fn fields_and_text_change_one_mapping_and_a_preset_replaces_it() {
    let mut window = Window::on(foreign(30), SIZE);
    window.click(by().role(Role::MultilineTextInput).label("Mapping as TOML"));
    window.keys(Modifiers::COMMAND, Key::A);
    // One letter at a time: faults that come and go while typing do not move the keyboard focus.
    for line in ["ts = { column = \"zeitpunkt\", unit = \"ms\" }", "account_id = \"kunde\""] {
        line.chars().for_each(|letter| window.type_text(&letter.to_string()));
        window.keys(Modifiers::NONE, Key::Enter);
    }
    assert!(window.can("Import") && window.shows("2026-04-22 13:05:09"));
    window.type_text("model = ");
    window.rest();
    assert!(!window.can("Import") && window.shows("The TOML text of the mapping has a fault."));
    window.press("Presets");
    assert!(window.shows("0 presets fit"));
}

#[test]
fn a_column_that_hides_a_path_is_named_at_its_values_and_a_repeated_hour_is_chosen() {
    let names = texts(3, |i| format!("{{\"id\":\"inside{i}\"}}"));
    let times = texts(3, |_| "2025-10-26 02:30:00".to_owned());
    let columns = vec![("when", times), ("user.id", texts(3, |i| format!("own{i}"))), ("user", names)];
    let mut window = Window::on(columns, [1280.0, 800.0]);
    window.pick("Source of account_id", "user.id");
    window.pick("Source of ts", "when");
    assert!(window.find(by().label_contains("“user.id” is a column and also a path into another")).is_some());
    window.press("Options of ts");
    window.click(by().label("Zone of times without one").role(Role::TextInput));
    window.type_text("Europe/Berlin");
    window.rest();
    assert!(window.find(by().label_contains("in an hour that the zone has twice")).is_some());
    assert!(!window.can("Import"));
    window.press("later");
    window.rest();
    assert!(window.find(by().label_contains("2025-10-26 01:30:00")).is_some());
    assert!(window.can("Import"));
}

#[test]
fn a_saved_mapping_is_loaded_again_and_means_the_same() {
    let mut window = Window::on(foreign(30), SIZE);
    window.pick("Source of ts", "zeit");
    window.press("Read as ms: 2026-04-22 13:05:09");
    window.pick("Source of account_id", "kunde");
    let mapping = window.harness.state().dialog.mapping().cloned();
    let file = window.home.path().join("map.toml");
    window.click(by().role(Role::TextInput).label("Mapping file"));
    window.type_text(file.to_str().unwrap());
    window.press("Save");
    assert!(file.is_file());
    window.press("Save");
    assert!(window.shows("is there already. Press Replace to overwrite it."));
    window.pick("Source of ts", "anfrage");
    window.press("Load");
    assert_eq!(window.harness.state().dialog.mapping().cloned(), mapping);
}

#[test]
fn at_200_percent_in_a_small_window_everything_is_within_reach() {
    let mut window = Window::on(foreign(50), [640.0, 400.0]);
    let screen = Rect::from_min_size(pos2(0.0, 0.0), egui::vec2(640.0, 400.0));
    for tab in ["Files and case", "Presets", "Columns of the files", "Account and rows", "TOML", "Columns"] {
        window.press(tab);
        for label in ["Import", "Cancel"] {
            assert!(screen.contains_rect(window.button(label).rect()), "{tab}: {label}");
        }
    }
    window.pick("Source of ts", "zeit");
    assert_eq!(window.source(Column::Ts).as_deref(), Some("zeitpunkt"));
}

#[test]
fn the_keyboard_alone_maps_and_imports() {
    let mut window = Window::on(foreign(50), SIZE);
    for (column, filter) in [("Source of ts", "zeit"), ("Source of account_id", "kunde")] {
        let wanted = || by().role(Role::ComboBox).label(column);
        for _ in 0..200 {
            if window.demand(wanted()).is_focused() {
                break;
            }
            window.harness.key_press(Key::Tab);
            window.harness.step();
        }
        assert!(window.demand(wanted()).is_focused(), "Tab reaches {column}");
        window.keys(Modifiers::NONE, Key::Enter);
        window.type_text(filter);
        window.keys(Modifiers::NONE, Key::Enter);
        assert!(window.demand(wanted()).is_focused(), "the keyboard goes back to {column}");
    }
    // The offered unit follows the source of the time.
    for _ in 0..200 {
        let unit = by().role(Role::Button).label_contains("Read as ms");
        if window.demand(unit).is_focused() {
            break;
        }
        window.harness.key_press(Key::Tab);
        window.harness.step();
    }
    window.keys(Modifiers::NONE, Key::Enter);
    window.keys(Modifiers::COMMAND, Key::Enter);
    assert!(window.harness.state().request.is_some());
}

#[test]
fn a_damaged_file_is_named_and_left_out_by_a_button() {
    let home = tempfile::tempdir().unwrap();
    let logs = home.path().join("logs");
    let columns = || {
        vec![("ts", texts(9, |_| "2026-04-22T13:00:00Z".into())), ("account_id", texts(9, |_| "a".into()))]
    };
    let whole = write(&logs.join("part-0.parquet"), columns());
    let bytes = std::fs::read(whole).unwrap();
    std::fs::write(logs.join("part-1.parquet"), &bytes[..bytes.len() / 2]).unwrap();
    let mut window = Window::of(ImportDialog::new(vec![logs], None), home, SIZE);
    assert!(window.shows("1 file cannot be opened") && window.shows("the file is incomplete"));
    assert!(!window.can("Import"));
    window.press("Leave out");
    assert!(window.can("Import"));
    window.press("Import");
    assert_eq!(window.harness.state().request.as_ref().unwrap().leave_out, ["part-1.parquet"]);
    window.keys(Modifiers::NONE, Key::Escape);
    assert!(window.shows("Stop the import?") && !window.harness.state().closed, "closing asks");
    window.press("Stop the import");
    assert!(window.harness.state().stopped);
}

#[test]
fn the_account_is_another_column_and_rows_are_kept_by_a_rule() {
    let columns = vec![
        ("ts", texts(40, |_| "2026-04-22T13:00:00Z".into())),
        ("account_id", texts(40, |_| "reseller".into())),
        ("end_user_id", texts(40, |i| format!("u{}", i % 5))),
        ("kind", texts(40, |i| if i % 2 == 0 { "chat".into() } else { "health".into() })),
    ];
    let mut window = Window::on(columns, SIZE);
    window.press("Account and rows");
    window.click(by().role(Role::RadioButton).label_contains("the deployer's end user"));
    assert_eq!(window.source(Column::AccountId).as_deref(), Some("end_user_id"));
    window.pick("Column of a new rule", "kind");
    window.click(by().role(Role::TextInput).label("is one of"));
    window.type_text("chat");
    window.rest();
    assert!(window.shows("20 of 40 sampled rows are exchanges"));
    assert!(window.shows("20 left out: kind is not chat"));
    let mapping = window.harness.state().dialog.mapping().cloned().unwrap();
    assert_eq!(
        (mapping.unit.as_deref(), &mapping.rows[0].is[..]),
        (Some("end_user_id"), &["chat".to_owned()][..])
    );
}

#[test]
fn sealed_copies_without_a_case_are_read_under_a_mapping() {
    let home = tempfile::tempdir().unwrap();
    let case = home.path().join("lost.stillhunt");
    let copy = case.join("snapshots").join("ab".repeat(32));
    write(&copy.join("part-0.parquet"), foreign(20));
    let mut window = Window::of(ImportDialog::adopting(Path::new(&case)), home, SIZE);
    assert!(window.shows("New case of sealed copies"));
    window.pick("Source of ts", "zeit");
    assert!(window.shows("Read as ms"));
    let _: PathBuf = case;
}
