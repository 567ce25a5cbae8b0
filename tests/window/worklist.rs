//! Leads as a work list, groups of accounts, the pivot menu: by keys and by label.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _, by};
use stillhunt::case::{Access, Case, ReviewStatus};
use stillhunt::ui::Start;

use crate::driver::{Window, enabled, small_case};

const SHIFT: Modifiers = Modifiers::SHIFT;

impl Window {
    fn focus_table(&mut self, name: &str) {
        let label = format!("Table of {name}");
        self.demand(by().role(Role::Table).label_contains(&label)).focus();
        self.harness.run_steps(2);
    }

    fn plain(&mut self, key: Key) {
        self.keys(Modifiers::NONE, key);
    }

    fn type_text(&mut self, text: &str) {
        self.harness.event(egui::Event::Text(text.into()));
        self.harness.run_steps(2);
    }

    fn lead_rows(&self) -> Vec<String> {
        let rows = by().role(Role::Row).label_contains("lead L-");
        self.harness.query_all(rows).filter_map(|row| row.accesskit_node().label()).collect()
    }

    fn open_accounts(&mut self) {
        self.ctrl(Key::Num9);
        self.rest();
    }
}

#[test]
fn leads_are_reviewed_sorted_and_left_by_a_pivot() {
    let mut window = Window::on_small_case_without_topics();
    dismiss_and_undo(&mut window);
    sort_and_filter(&mut window);
    pivot(&mut window);
    matrix(&mut window);
    let home = std::mem::replace(&mut window.home, tempfile::tempdir().unwrap());
    let exit = window.harness.state().as_ref().unwrap().exit();
    drop(window);
    assert!(exit.finish().is_empty());
    let case = Case::open(&home.path().join("small.stillhunt"), Access::ReadOnly).unwrap();
    assert_eq!(case.state().reviews[0].status, ReviewStatus::LookedAt);
}

#[test]
fn accounts_and_exchanges_are_chosen_several_at_a_time() {
    let mut window = Window::on_small_case_without_topics();
    palette_and_tab(&mut window);
    undo_an_act(&mut window);
    reason_of_a_session(&mut window);
    a_group(&mut window);
}

/// A lead is dismissed with a reason and comes back by one undo.
fn dismiss_and_undo(window: &mut Window) {
    let all = window.lead_rows();
    assert!(all[0].contains(", new, "), "{all:?}");
    // A click gives the keyboard to the table.
    let first = window.demand(by().role(Role::Row).label_contains("lead L-")).rect().left_center();
    window.click_at(first + egui::vec2(40.0, 0.0));
    window.plain(Key::ArrowDown);
    window.plain(Key::Home);
    window.plain(Key::L);
    window.wait(", looked at, ", |window| window.lead_rows()[0].contains(", looked at, "));
    window.plain(Key::D);
    window.wait_for("Dismiss lead L-");
    assert!(!enabled(&window.demand(by().role(Role::Button).label("Dismiss"))), "no reason, no dismissal");
    window.type_text("one class on Tuesdays");
    window.plain(Key::Enter);
    window.wait_for("show 1 dismissed");
    window.rest();
    assert_eq!(window.lead_rows().len(), all.len() - 1);
    window.focus_table("leads");
    window.plain(Key::U);
    window.wait("the lead to be back", |window| window.lead_rows().len() == all.len());
    assert!(window.lead_rows()[0].contains(", looked at, "), "only the dismissal is taken back");
}

/// The list sorts by a click on a title and filters by any column.
fn sort_and_filter(window: &mut Window) {
    let all = window.lead_rows();
    window.press("Sort leads by Accounts");
    window.rest();
    let accounts = |row: &String| -> u32 {
        row.rsplit(", ").next().unwrap().split(' ').next().unwrap().replace(',', "").parse().unwrap()
    };
    let sizes: Vec<u32> = window.lead_rows().iter().map(accounts).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    window.type_into("Filter", &format!("accounts>{}", sizes[0] - 1));
    window.rest();
    assert!(window.lead_rows().len() < all.len() || sizes.iter().all(|size| *size == sizes[0]));
    window.type_into("Filter", " status:campaign");
    window.wait_for("0 leads match the filter.");
    window.demand(by().role(Role::TextInput).label("Filter")).focus();
    window.harness.run_steps(2);
    window.ctrl(Key::A);
    window.plain(Key::Backspace);
    window.press("Sort leads by #");
    window.wait("the leads to be back", |window| window.lead_rows().len() == all.len());
}

/// Several accounts are chosen, scoped, saved, marked and weighed as a group.
fn a_group(window: &mut Window) {
    window.open_accounts();
    window.focus_table("accounts");
    window.plain(Key::Home);
    window.keys(SHIFT, Key::ArrowDown);
    window.keys(SHIFT, Key::ArrowDown);
    window.wait_for("3 accounts chosen");
    window.press("Scope to these");
    window.rest();
    assert!(window.counts().starts_with("3 of 240"), "{}", window.counts());
    window.press("Save as group…");
    window.type_into("Name of the group", "night shift");
    window.press("Save group");
    window.wait_for("Scopes (1)");
    window.rest();
    window.press("Mark group as evidence");
    window.wait_for("relied-on (4)");
    window.wait_for("explanations weighed");
    // The opposite tag on the same group is warned of.
    window.demand(by().role(Role::ComboBox).label("Tag: relied-on")).click();
    window.pause();
    window.demand(by().label("exculpatory")).click();
    window.pause();
    window.wait_for("already tags this as relied-on");
}

/// The pivot menu shows the numbers behind each step and takes one.
fn pivot(window: &mut Window) {
    window.pick_first_lead();
    window.focus_table("leads");
    window.plain(Key::P);
    window.wait_for("From lead L-");
    window.rest();
    window.wait_for(" bits");
    assert!(window.shows(" of ") && window.shows(" exchanges"));
    window.plain(Key::Enter);
    window.rest();
    assert!(!window.shows("From lead L-"), "the menu is closed");
    assert_eq!(window.chips().len(), 1, "{:?}", window.chips());
    // From what the step has selected, by the key alone.
    window.plain(Key::P);
    window.wait_for("Only its exchanges");
    window.plain(Key::Escape);
    assert!(!window.shows("Only its exchanges"));
}

/// One undo takes back the marking of several exchanges.
fn undo_an_act(window: &mut Window) {
    window.pick_an_exchange();
    window.keys(SHIFT, Key::ArrowDown);
    window.keys(SHIFT, Key::ArrowDown);
    window.press("Mark 3 as evidence…");
    window.press("Mark");
    window.wait_for("relied-on (3)");
    window.ctrl(Key::Z);
    window.wait("no evidence", |window| !window.shows("relied-on ("));
    window.keys(Modifiers { ctrl: true, command: true, shift: true, ..Modifiers::NONE }, Key::Z);
    window.wait_for("relied-on (3)");
}

/// Links are a matrix on request and follow the scope.
fn matrix(window: &mut Window) {
    window.pick_first_lead();
    window.press("Show links");
    window.rest();
    window.demand(by().role(Role::Button).label("matrix")).click();
    window.pause();
    window.rest();
    window.canvas("Matrix: ");
    // Another scope, other links: nothing keeps the lead of before.
    let title = |window: &Window| window.shows("Links of the scope (");
    assert!(title(window));
    window.press("Clear");
    window.rest();
    window.wait_for("Links of the scope (240 accounts)");
}

#[test]
fn scope_and_views_are_as_they_were_left() {
    let home = tempfile::tempdir().unwrap();
    let case = small_case(home.path());
    let mut window = Window::open(home, Start::Case(case.clone()));
    window.stop_the_text_pass();
    window.wait_for_case();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.ctrl(Key::Num6);
    window.rest();
    let (chips, counts) = (window.chips(), window.counts());
    std::thread::sleep(std::time::Duration::from_millis(1_200));
    window.rest();
    let exit = window.harness.state().as_ref().unwrap().exit();
    let home = std::mem::replace(&mut window.home, tempfile::tempdir().unwrap());
    drop(window);
    exit.finish();
    let mut window = Window::open(home, Start::Case(case));
    window.stop_the_text_pass();
    window.wait("the scope to be back", |window| {
        window.harness.state().as_ref().is_some_and(stillhunt::ui::App::case_is_open)
            && !window.chips().is_empty()
    });
    window.rest();
    assert_eq!((window.chips(), window.counts()), (chips, counts));
    assert!(window.shows("All evidence") && window.lead_rows().is_empty(), "Evidence is in front of Leads");
}

/// A reason holds for the session, and the text follows the selection.
fn reason_of_a_session(window: &mut Window) {
    window.pick_an_exchange();
    window.press("Reveal text…");
    window.type_into("Reason", "to read the session");
    window.press("Show text");
    window.wait_for("Hide text");
    window.wait_for("Reason: to read the session");
    window.demand(by().role(Role::Table).label_contains("Exchanges, ")).focus();
    window.harness.run_steps(2);
    window.plain(Key::ArrowDown);
    window.rest();
    assert!(!window.shows("Reason for viewing this text"), "it is not asked again");
    window.ctrl(Key::Num7);
    window.rest();
    let looked = by().label_contains("looked at: to read the session");
    assert!(window.harness.query_all(looked).count() >= 2, "each access is journaled");
}

/// The palette finds accounts, and Tab goes from left to right.
fn palette_and_tab(window: &mut Window) {
    let id = {
        window.open_accounts();
        let row = window.demand(by().role(Role::Row).label_contains("rank 1, "));
        row.accesskit_node().label().unwrap().trim_start_matches("rank 1, ").to_owned()
    };
    window.ctrl(Key::K);
    window.wait_for("Command");
    window.type_text(&id);
    window.wait_for(&format!("Select account {id}"));
    window.plain(Key::Enter);
    window.rest();
    window.wait_for("Mark account as evidence");
    let left =
        |window: &Window, label: &str| window.demand(by().role(Role::Button).label(label)).rect().left();
    let undo = left(window, "Undo");
    assert!(undo < left(window, "Commands") && left(window, "Commands") < left(window, "−"));
    window.demand(by().role(Role::Button).label("Commands")).focus();
    window.harness.run_steps(2);
    window.harness.key_press(Key::Tab);
    window.harness.run_steps(2);
    assert!(window.demand(by().role(Role::Button).label("−")).is_focused(), "Tab goes to the right");
}

#[test]
fn the_order_of_values_is_said_and_changed_by_titles() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    window.command("Show Values");
    assert!(window.shows("Order: most over-represented in scope first"));
    for (title, said) in [
        ("Sort values by scope", "Order: most accounts in scope first."),
        ("Sort values by scope", "Order: most accounts in scope first, reversed."),
        ("Sort values by value", "Order: by value, A to Z."),
        ("Sort values by ratio", "Order: highest ratio"),
    ] {
        window.press(title);
        window.rest();
        assert!(window.shows(said), "{said}");
    }
}

#[test]
fn a_filter_keeps_the_keyboard_while_it_filters() {
    let mut window = Window::on_small_case_without_topics();
    for key in [Key::Num1, Key::Num9] {
        window.ctrl(key);
        window.rest();
        window.ctrl(Key::F);
        for letter in ["e", "x", "p", "m"] {
            window.harness.event(egui::Event::Text(letter.into()));
            // As slow as a hand: the list is filtered between two letters.
            window.harness.run_steps(2);
            window.rest();
        }
        let filter = by().role(Role::TextInput).label("Filter");
        assert_eq!(window.demand(filter).value().as_deref(), Some("expm"), "{key:?}");
        assert!(!window.shows("Pivot menu") && !window.shows("relied-on (1)"), "no letter goes elsewhere");
    }
}
