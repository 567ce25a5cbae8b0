//! The window as an investigator uses it, through AccessKit: by label and role, by pointer, by keys.
//!
//! No image and no display. Work is done by threads, so every wait loops over frames until what is
//! waited for is there.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod acts;
mod board;
mod closer;
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod driver;
mod empty;
mod keys;
mod legal;
mod notices;
mod painted;
mod pictures;
mod pivots;
mod rhythm;
mod trial;
mod worklist;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use egui::accesskit::Role;
use egui::{Key, Modifiers, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _, by};
use stillhunt::bundle::verify;
use stillhunt::case::Access;
use stillhunt::jobs::open;
use stillhunt::model::Silent;
use stillhunt::ui::Start;

use driver::{Window, enabled, session, small_case};

#[test]
fn a_text_pass_that_was_stopped_goes_on_and_what_is_looked_at_stays() {
    let home = tempfile::tempdir().unwrap();
    let case = small_case(home.path());
    let mut window = Window::open(home, Start::Case(case));
    let jobs = |window: &Window| window.harness.state().as_ref().unwrap().jobs().clone();
    window.wait("the text pass to begin", |window| {
        jobs(window).status().iter().any(|job| job.title == "Text pass")
    });
    let pass = jobs(&window).status().into_iter().find(|job| job.title == "Text pass").unwrap();
    jobs(&window).cancel(pass.id);
    window.wait_for_case();
    window.wait_for("text pass unfinished");
    window.ctrl(Key::Num3);
    assert!(window.shows("the text pass was stopped"), "the topic map says what to do");
    window.ctrl(Key::Num1);
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    window.press("Mark lead as evidence");
    window.wait_for("relied-on (1)");
    window.ctrl(Key::Num8);
    window.type_into("Write into the folder", common::text(&window.path("out")));
    assert!(window.shows("No bundle yet: the text pass is unfinished"));
    let write = window.demand(by().role(Role::Button).label("Write the PRODUCTION bundle"));
    assert!(!enabled(&write), "provisional leads leave in no bundle");
    let counts = window.counts();
    let id = window.chips()[0].split_whitespace().nth(2).unwrap().to_owned();
    assert!(id.starts_with("L-"), "{:?}", window.chips());
    window.ctrl(Key::Num1);
    assert!(window.shows("This list is provisional."));
    window.press("Resume");
    window.wait_for("Text pass finished");
    assert!(!window.shows("This list is provisional."), "the list is complete");
    window.rest();
    assert_eq!(window.counts(), counts, "the accounts looked at are the same");
    assert!(!window.shows("text pass unfinished") && window.shows("Why a lead"));
    // The text pass ranks and forms leads anew. What was decided stays with its lead, or says where it went.
    window.ctrl(Key::Num1);
    let (row, marked) = (format!("lead {id},"), format!("evidence 1, lead {id}"));
    let is_there = window.find(by().role(Role::Row).label_contains(&row)).is_some();
    window.ctrl(Key::Num6);
    window.rest();
    let evidence = window.demand(by().role(Role::Row).label_contains(&marked)).accesskit_node().label();
    for said in [evidence.unwrap(), window.chips()[0].clone()] {
        assert!(said.contains(&id), "{said}");
        let says_so = said.contains("accounts in common") || said.contains("no longer a lead");
        assert_eq!(says_so, !is_there, "{said}");
    }
    window.ctrl(Key::Num3);
    window.rest();
    assert!(window.shows("For overview"), "the map is there");
}

/// The walk of an investigator from a lead to a bundle that others can check.
fn walk(window: &mut Window) {
    window.pick_first_lead();
    window.rest();
    let details = window.demand(by().role(Role::Button).label_contains("Details of ")).accesskit_node();
    window.press(&details.label().unwrap());
    window.wait_for("Benign explanations");
    window.press("Set scope to it");
    window.rest();
    let of_lead = window.counts();
    assert_eq!(window.chips().len(), 1, "{:?}", window.chips());

    window.brush_the_middle();
    let of_span = window.counts();
    assert_eq!(window.chips().len(), 2, "{:?}", window.chips());
    assert_ne!(of_span, of_lead);

    window.ctrl(Key::Num3);
    window.rest();
    window.press("lasso");
    let map = window.canvas("Topic map").shrink(4.0);
    let right = map.center().x;
    let way = [
        map.left_top(),
        pos2(map.left() + 60.0, map.top()),
        pos2(right, map.top()),
        pos2(right, map.center().y),
        pos2(right, map.bottom()),
        map.left_bottom(),
        map.left_center(),
    ];
    window.drag(&way);
    window.rest();
    let of_topics = window.counts();
    assert!(window.chips().iter().any(|chip| chip.contains("topic")), "{:?}", window.chips());
    assert_ne!(of_topics, of_span);

    window.keys(Modifiers::ALT, Key::ArrowLeft);
    window.rest();
    assert_eq!(window.counts(), of_span, "back");
    window.press("Forward to the next scope (Alt+Right)");
    window.rest();
    assert_eq!(window.counts(), of_topics, "forward");

    window.ctrl(Key::Num1);
    window.press("Mark lead as evidence");
    window.wait_for("relied-on (1)");
    window.pick_an_exchange();
    window.press("Mark exchange as evidence");
    window.wait_for("relied-on (2)");
    window.ctrl(Key::Z);
    window.wait_for("relied-on (1)");
    window.keys(Modifiers { ctrl: true, command: true, shift: true, ..Modifiers::NONE }, Key::Z);
    window.wait_for("relied-on (2)");
    export(window);
}

fn export(window: &mut Window) {
    let out = window.path("out");
    window.ctrl(Key::Num8);
    window.press("Run the checklist");
    window.rest();
    assert!(!window.shows("required for a bundle"));
    window.type_into("Write into the folder", common::text(&out));
    window.press("Write the PRODUCTION bundle");
    window.wait_for("Bundle written and journaled: ");
    let bags: Vec<PathBuf> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(bags.len(), 1, "{bags:?}");
    assert_eq!(verify(&bags[0], &Silent).unwrap(), []);
    assert!(window.path("settings").join("signing_ed25519").is_file(), "the key is kept where it was told");
}

#[test]
fn the_walk_through_the_sample() {
    let mut window = Window::open(tempfile::tempdir().unwrap(), Start::Nothing);
    window.press("Open the sample");
    window.wait_for_case();
    assert!(window.counts().contains("of 1,5"), "{}", window.counts());
    walk(&mut window);
}

#[test]
fn the_walk_through_a_case_of_ones_own() {
    let mut window = Window::on_small_case();
    walk(&mut window);
}

#[test]
fn a_folder_that_is_no_case_is_named_and_the_screen_stays_usable() {
    let mut window = Window::open_strict(tempfile::tempdir().unwrap(), Start::Nothing);
    window.harness.run_steps(3);
    for way in ["Open the sample", "Open", "New case…"] {
        window.demand(by().role(Role::Button).label(way));
    }
    let wrong = window.path("no-such-case.stillhunt");
    window.type_into("Case folder", common::text(&wrong));
    window.press("Open");
    window.rest();
    assert!(window.shows(common::text(&wrong)), "the message names the folder");
    assert!(enabled(&window.demand(by().role(Role::Button).label("Open the sample"))));
    assert!(!wrong.exists(), "looking for a case makes none");
}

#[test]
fn a_new_case_is_made_from_files() {
    let home = tempfile::tempdir().unwrap();
    let logs = common::small_logs(home.path());
    let mut window = Window::open(home, Start::Nothing);
    window.harness.run_steps(3);
    window.type_into("Files or folder", common::text(&logs));
    window.press("New case…");
    window.rest();
    window.press("Import");
    window.wait_for_case();
    let case = window.path("logs.stillhunt");
    assert!(case.join("case.sqlite").is_file());
    assert!(window.counts().contains("240 accounts"), "{}", window.counts());
}

#[test]
fn a_second_window_may_only_look() {
    let home = tempfile::tempdir().unwrap();
    let case = small_case(home.path());
    let held = open(&case, Access::Write, &Silent).unwrap();
    let mut window = Window::open(home, Start::Case(case));
    window.press("Open it read-only");
    window.wait_for_case();
    window.wait_for("read-only: another window writes this case");
    window.pick_first_lead();
    let mark = window.demand(by().role(Role::Button).label("Mark lead as evidence"));
    assert!(!enabled(&mark), "what cannot be journaled cannot be marked");
    drop(held);
}

#[test]
fn text_is_shown_for_a_reason_that_the_journal_keeps() {
    let mut window = Window::on_small_case();
    window.pick_an_exchange();
    window.press("Reveal text…");
    window.wait_for("Reason for viewing this text");
    assert!(!enabled(&window.demand(by().role(Role::Button).label("Show text"))), "no reason, no text");
    assert!(!window.shows("Hide text"));
    window.type_into("Reason", "to compare its template");
    window.press("Show text");
    window.wait_for("Hide text");
    window.wait_for("response");
    assert!(!window.shows("shown by its code"), "the text has no hidden character");
    window.ctrl(Key::Num7);
    window.wait_for("to compare its template");
    window.wait_for("hash chain intact");
}

#[test]
fn revealed_text_is_that_of_the_selected_exchange() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_an_exchange();
    window.press("Reveal text…");
    window.type_into("Reason", "to read one after another");
    window.press("Show text");
    window.wait_for("response");
    window.rest();
    // The row of the inspector stands once more over the text, and no other row does.
    let place = |text: String| {
        let place = &text[text.rfind("row ")?..];
        let is_place = place["row ".len()..].starts_with(|c: char| c.is_ascii_digit());
        (is_place && place.contains(" of ")).then(|| place.to_owned())
    };
    let rows = |window: &Window| {
        let labels = window.harness.query_all(by().role(Role::Label));
        labels.filter_map(|node| node.value()).filter_map(place).collect::<Vec<String>>()
    };
    let first = rows(&window);
    assert!(first.len() == 2 && first[0] == first[1], "{first:?}");
    let mut seen = first;
    for presses in [2, 3, 1] {
        window.demand(by().role(Role::Table).label_contains("Exchanges, ")).focus();
        window.harness.run_steps(2);
        for _ in 0..presses {
            window.harness.key_press(Key::ArrowDown);
            window.harness.step();
        }
        // The access is journaled before its text is there.
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let mut now = Vec::new();
        while now.len() != 2 || now[0] != now[1] || now[0] == seen[0] {
            assert!(std::time::Instant::now() < until, "{presses}: {now:?}, before {seen:?}");
            std::thread::sleep(std::time::Duration::from_millis(10));
            window.rest();
            now = rows(&window);
        }
        seen = now;
    }
    // A scope without the exchange shows none of its text.
    window.brush_the_middle();
    window.rest();
    assert!(rows(&window).len() < 2, "text stays outside of the scope: {:?}", rows(&window));
}

#[test]
fn a_limit_is_tried_from_a_lead() {
    let mut window = Window::on_small_case();
    window.pick_first_lead();
    window.press("Try a limit");
    window.wait_for("No limit tried yet");
    window.rest();
    window.demand(by().role(Role::SpinButton).label("First threshold")).focus();
    window.harness.run_steps(2);
    window.harness.event(egui::Event::Text("30".into()));
    window.keys(Modifiers::NONE, Key::Enter);
    window.press("Try the limit");
    window.wait_for("Limit: at least 30 exchanges within 7 days.");
    window.wait_for("other accounts caught");
    assert!(window.shows("accounts of lead L-") && !window.shows("of 0 accounts of lead L-"));
    window.wait_for("Caught of all others");
    // Another lead, same limit: the view follows the scope.
    window.press("Clear");
    window.wait_for("0 accounts chosen");
}

#[test]
fn campaigns_are_planted_and_their_figures_kept() {
    let mut window = Window::on_small_case();
    window.press("Power");
    window.wait_for("0 campaigns planted.");
    window.rest();
    window.demand(by().role(Role::SpinButton).label("Campaigns of each kind")).focus();
    window.harness.run_steps(2);
    window.harness.event(egui::Event::Text("5".into()));
    window.keys(Modifiers::NONE, Key::Enter);
    window.press("Plant campaigns");
    window.wait_for("5 accounts, careless:");
    window.wait_for("of 5 planted campaigns missed");
}

#[test]
fn hostile_characters_are_shown_as_codes() {
    let home = tempfile::tempdir().unwrap();
    let logs = home.path().join("logs");
    write_hostile(&logs);
    let case = home.path().join("hostile.stillhunt");
    drop(session(&case, &logs));
    let mut window = Window::open_strict(home, Start::Case(case));
    window.wait_for_case();
    window.ctrl(Key::Num9);
    window.wait_for("acme⟨U+202E⟩txt");
    window.pick_an_exchange();
    window.press("Reveal text…");
    window.type_into("Reason", "to see what it hides");
    window.press("Show text");
    window.wait_for("ignore⟨U+202E⟩this");
    assert!(window.shows("shown by its code"));
    assert!(!window.shows("\u{202e}"), "no hostile character reaches the screen as it is");
}

/// A file whose account id and prompts turn the direction of the text after them.
fn write_hostile(folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    let rows = 60_i64;
    let ids =
        (0..rows).map(|i| if i % 2 == 0 { "acme\u{202e}txt".into() } else { format!("plain{}", i % 9) });
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; rows as usize])) };
    let times = TimestampMicrosecondArray::from_iter_values(
        (0..rows).map(|i| 1_776_863_109_000_000 + i * 61_000_000),
    );
    let columns: [(&str, ArrayRef); 4] = [
        ("ts", Arc::new(times)),
        ("account_id", Arc::new(StringArray::from_iter_values(ids))),
        ("prompt_text", text("please ignore\u{202e}this and go on")),
        ("response_text", text("certainly")),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = std::fs::File::create(folder.join("hostile.parquet")).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn the_keyboard_alone_goes_from_the_leads_to_a_mark() {
    let mut window = Window::on_small_case();
    window.ctrl(Key::Num1);
    window.ctrl(Key::K);
    window.wait_for("Command");
    window.harness.event(egui::Event::Text("select lead".into()));
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Enter);
    window.wait_for("Why a lead");
    window.rest();
    let mark = || by().role(Role::Button).label("Mark lead as evidence");
    for _ in 0..400 {
        if window.demand(mark()).is_focused() {
            break;
        }
        window.harness.key_press(Key::Tab);
        window.harness.step();
    }
    assert!(window.demand(mark()).is_focused(), "Tab reaches the button");
    window.keys(Modifiers::NONE, Key::Enter);
    window.wait_for("relied-on (1)");
}

impl Window {
    fn click_field(&mut self, label: &str) {
        // The menu of the scope scrolls where the window has no room for it.
        self.demand(by().role(Role::TextInput).label(label)).scroll_to_me();
        self.harness.run_steps(8);
        let at = self.demand(by().role(Role::TextInput).label(label)).rect().center();
        self.click_at(at);
    }

    fn click_button(&mut self, label: &str) {
        let at = self.demand(by().role(Role::Button).label(label)).rect().center();
        self.click_at(at);
    }
}

#[test]
fn a_menu_with_fields_stays_open_while_its_fields_are_clicked() {
    let mut window = Window::on_small_case();
    window.click_button("Saved ▾");
    window.click_field("Name");
    window.demand(by().role(Role::TextInput).label("Name"));
    window.harness.event(egui::Event::Text("first look".into()));
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Enter);
    window.wait_for("Scopes (1)");
    assert!(window.find(by().role(Role::TextInput).label("Name")).is_none(), "Enter saves and closes");

    window.click_button("Add to the scope");
    for field in ["Account", "From", "Value"] {
        window.click_field(field);
        window.demand(by().role(Role::TextInput).label(field));
    }
    window.demand(by().role(Role::Button).label("email domain")).scroll_to_me();
    window.harness.run_steps(8);
    window.click_button("email domain");
    window.demand(by().role(Role::TextInput).label("Value"));
    window.keys(Modifiers::NONE, Key::Escape);
    assert!(window.find(by().role(Role::TextInput).label("Value")).is_none(), "Esc closes");

    window.click_button("Time zone: UTC");
    window.click_field("Zone");
    window.harness.event(egui::Event::Text("Asia/Kathmandu".into()));
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Enter);
    window.rest();
    window.demand(by().role(Role::Button).label("Time zone: Asia/Kathmandu"));
}
