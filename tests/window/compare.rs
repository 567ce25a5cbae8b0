//! A second scope beside the first, the board of evidence, the story, the history as a tree.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, by};

use crate::driver::Window;

impl Window {
    /// Label of the status line about the second scope.
    fn second(&self) -> String {
        let line =
            by().role(Role::Label).predicate(|node| node.value().is_some_and(|text| text.starts_with("B: ")));
        self.demand(line).value().unwrap()
    }
}

#[test]
fn a_second_scope_is_compared_negated_and_swapped() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    let of_lead = window.counts().split(" of ").next().unwrap().to_owned();
    window.press("Compare the scope with another");
    window.press("the whole log");
    window.rest();
    assert!(window.second().starts_with("B: 240 accounts, 6,000 exchanges"), "{}", window.second());
    assert!(window.second().ends_with(&format!("{of_lead} accounts in both")), "{}", window.second());
    window.press("not");
    window.rest();
    assert!(window.second().starts_with("B: 0 accounts"), "{}", window.second());
    window.press("not");
    window.rest();
    window.press("Swap");
    window.rest();
    assert!(window.counts().starts_with("240 of 240"), "{}", window.counts());
    assert!(window.second().starts_with(&format!("B: {of_lead} accounts")), "{}", window.second());
    window.ctrl(Key::K);
    window.harness.run_steps(2);
    window.demand(by().role(Role::TextInput).label("Command")).type_text("show compare");
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Enter);
    window.rest();
    assert!(window.shows("leads with members here") || window.shows("lead with members here"));
    window.press("End the comparison");
    window.rest();
    assert!(!window.shows("B: "));
}

#[test]
fn evidence_is_grouped_and_becomes_a_story() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Mark lead as evidence");
    window.wait_for("relied-on (1)");
    window.ctrl(Key::Num6);
    window.rest();
    window.demand(by().role(Role::Row).label_contains("evidence 1, ")).click();
    window.pause();
    window.press("Group: none");
    window.type_into("New group", "cards");
    window.press("Move to it");
    window.wait_for("Group: cards");
    window.press("Add to the story");
    window.wait_for("part 1 of 1");
    window.press("Edit: part 1");
    let field = by().role(Role::MultilineTextInput).label_contains("Markdown: ");
    window.demand(field).focus();
    window.harness.run_steps(2);
    window
        .demand(by().role(Role::MultilineTextInput).label_contains("Markdown: "))
        .type_text(" 5 came. They share 3 cards. End.");
    window.harness.run_steps(2);
    window.press("Save part");
    window.wait_for("Number without a reference");
    window.ctrl(Key::Z);
    window.rest();
    assert!(!window.shows("Number without a reference"), "the text is as it was");
    window.ctrl(Key::Z);
    window.ctrl(Key::Z);
    window.wait_for("0 parts");
    assert!(window.shows("Group: none"));
}

#[test]
fn a_branch_of_the_history_is_kept() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    let of_lead = window.counts();
    window.keys(Modifiers::ALT, Key::ArrowLeft);
    window.rest();
    window.brush_the_middle();
    window.ctrl(Key::K);
    window.harness.run_steps(2);
    window.demand(by().role(Role::TextInput).label("Command")).type_text("show history");
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Enter);
    window.wait_for("3 visited scopes");
    window.type_into("Name", "the middle");
    window.press("Keep");
    assert!(window.find(by().role(Role::Button).label("the middle")).is_some());
    let branch = by().role(Role::Button).label_contains(" accounts); all time");
    window.demand(branch).click();
    window.pause();
    window.rest();
    assert_eq!(window.counts(), of_lead, "the branch that was left");
}

#[test]
fn links_and_exchanges_show_both_scopes() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    window.press("Compare the scope with another");
    window.press("a copy of the scope, to change");
    window.rest();
    window.ctrl(Key::Num4);
    window.rest();
    assert!(window.shows("Links of A (") && window.shows("and B ("));
    window.ctrl(Key::Num5);
    window.rest();
    let listed = |window: &Window| {
        let table = window.demand(by().role(Role::Table).label_contains("Exchanges, "));
        table.accesskit_node().label().unwrap()
    };
    let of_a = listed(&window);
    window.press("B");
    window.rest();
    assert_eq!(listed(&window), of_a, "B is a copy of A");
    window.press("not");
    window.rest();
    assert_ne!(listed(&window), of_a, "everything but A");
    window.press("End the comparison");
    window.rest();
    assert_eq!(listed(&window), of_a);
}

#[test]
fn a_visited_scope_is_saved_to_the_case_under_its_name() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    window.ctrl(Key::K);
    window.harness.run_steps(2);
    window.demand(by().role(Role::TextInput).label("Command")).type_text("show history");
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Enter);
    window.wait_for("2 visited scopes");
    window.type_into("Name", "first lead");
    window.press("Save to the case");
    window.wait_for("Scopes (1)");
    let save = window.demand(by().role(Role::Button).label("Save to the case"));
    assert!(save.accesskit_node().is_disabled(), "the case has it now");
    window.ctrl(Key::Z);
    window.wait(" the scope to be gone", |window| !window.shows("Scopes (1)"));
}
