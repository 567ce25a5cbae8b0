//! Closer looks: the topic map through time and with prompts, two exchanges side by side, parts of a group, nodes of the
//! picture of links, one view with the whole room.

use egui::accesskit::Role;
use egui::{Key, Modifiers, lerp, pos2};
use egui_kittest::kittest::by;

use crate::driver::Window;

impl Window {
    fn focus_canvas(&mut self, label: &str) {
        self.demand(by().role(Role::Canvas).label(label)).focus();
        self.harness.run_steps(3);
    }

    fn has_button(&self, label: &str) -> bool {
        self.find(by().role(Role::Button).label(label)).is_some()
    }

    fn button_beginning_with(&self, label: &str) -> String {
        let button = self.demand(by().role(Role::Button).label_contains(label));
        egui_kittest::kittest::NodeT::accesskit_node(&button).label().unwrap_or_default()
    }
}

#[test]
fn the_map_has_a_rectangle_plays_through_time_and_reveals_prompts_for_a_reason() {
    let mut window = Window::on_small_case();
    window.wait_for("Text pass finished");
    window.rest();
    window.ctrl(Key::Num3);
    window.rest();
    let map = window.canvas("Topic map");
    window.focus_canvas("Topic map");
    window.keys(Modifiers::NONE, Key::R);
    let at = |x: f32, y: f32| pos2(lerp(map.left()..=map.right(), x), lerp(map.top()..=map.bottom(), y));
    window.drag(&[at(0.02, 0.02), at(0.3, 0.3), at(0.6, 0.7), at(0.98, 0.98)]);
    window.rest();
    assert_eq!(window.chips().len(), 1, "the topics inside the rectangle are the scope");
    window.keys(Modifiers::ALT, Key::ArrowLeft);
    window.rest();
    assert!(window.chips().is_empty());
    window.focus_canvas("Topic map");
    window.keys(Modifiers::NONE, Key::Enter);
    window.rest();
    assert_eq!(window.chips().len(), 1, "the topics in sight, by key");
    window.keys(Modifiers::ALT, Key::ArrowLeft);
    window.rest();

    window.focus_canvas("Topic map");
    window.keys(Modifiers::NONE, Key::Space);
    assert!(window.has_button("Pause"), "it plays");
    window.wait("the end of the time", |window| window.has_button("Play"));
    window.rest();
    assert!(window.shows("exchanges: ") || window.shows("exchange: "), "the window of time is counted");
    window.press("play through time");
    window.rest();
    assert!(!window.has_button("Play"));

    window.press("prompts");
    window.wait_for("Reason for viewing this text");
    window.type_into("Reason", "to see what the islands hold");
    window.keys(Modifiers::NONE, Key::Enter);
    window.rest();
    let places = (1..400).map(|i| at((i % 20) as f32 / 20.0, (i / 20) as f32 / 20.0));
    let is_found = places.into_iter().any(|place| {
        window.harness.hover_at(place);
        window.harness.run_steps(6);
        window.rest();
        window.shows(" UTC  ")
    });
    assert!(is_found, "a prompt stands beside the pointer");
    window.ctrl(Key::Num7);
    window.rest();
    assert!(window.shows("looked at: to see what the islands hold"), "the access is journaled");
}

#[test]
fn two_exchanges_are_compared_by_keys() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_an_exchange();
    window.keys(Modifiers::NONE, Key::X);
    window.rest();
    assert!(window.shows("held: "));
    window.keys(Modifiers::NONE, Key::ArrowDown);
    window.keys(Modifiers::NONE, Key::X);
    window.wait_for("Reason for viewing this text");
    window.type_into("Reason", "to compare");
    window.keys(Modifiers::NONE, Key::Enter);
    window.wait_for("prompt of the left exchange: ");
    assert!(window.shows("prompt of the right exchange: ") && window.shows(" in both"));
    assert!(!window.shows("held: "));
    // One view with the whole room.
    window.ctrl(Key::M);
    window.rest();
    assert!(!window.shows("Table of leads") && window.shows("prompt of the left exchange: "));
    window.ctrl(Key::Num1);
    window.rest();
    assert!(window.shows("Table of leads"), "a view that was hidden comes back");
}

#[test]
fn chosen_accounts_of_a_group_become_a_group_of_their_own() {
    let mut window = Window::on_small_case_without_topics();
    window.command("Show Accounts");
    for _ in 0..3 {
        window.keys(Modifiers::SHIFT, Key::ArrowDown);
    }
    window.rest();
    let chosen = window.button_beginning_with("Save as group");
    window.press(&chosen);
    window.type_into("Name of the group", "ring");
    window.press("Save group");
    window.wait_for("Scopes (1)");
    window.rest();
    window.demand(by().role(Role::Table).label_contains("Table of accounts")).focus();
    window.harness.run_steps(2);
    window.keys(Modifiers::SHIFT, Key::ArrowUp);
    window.rest();
    window.press("Split off…");
    window.wait_for("Group to split");
    window.type_into("Name of the new group", "part");
    window.press("Split group");
    window.wait_for("Scopes (2)");
    window.rest();
    window.ctrl(Key::Z);
    window.wait_for("Scopes (1)");
    window.rest();
}

#[test]
fn nodes_of_the_links_are_pinned_and_values_collapse() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    window.ctrl(Key::Num4);
    window.rest();
    window.press("picture");
    window.rest();
    window.focus_canvas("Links");
    window.keys(Modifiers::NONE, Key::N);
    window.rest();
    window.focus_canvas("Links");
    window.keys(Modifiers::NONE, Key::I);
    assert!(window.has_button("unpin"));
    window.keys(Modifiers::NONE, Key::I);
    assert!(window.has_button("pin"));
    window.keys(Modifiers::SHIFT, Key::ArrowRight);
    assert!(window.has_button("unpin"), "a node that was moved stays there");
    let expand = window.button_beginning_with("Expand ");
    window.press(&expand);
    window.rest();
    assert!(window.has_button(&expand.replace("Expand", "Collapse")));
    window.press("collapse all");
    window.rest();
    assert!(!window.has_button("collapse all") && window.has_button("unpin"));
    // The matrix by keys.
    window.press("matrix");
    window.rest();
    window.demand(by().role(Role::Canvas).label_contains("Matrix: ")).focus();
    window.harness.run_steps(3);
    window.keys(Modifiers::NONE, Key::Space);
    window.keys(Modifiers::NONE, Key::ArrowDown);
    window.keys(Modifiers::NONE, Key::Space);
    assert!(window.shows("2 accounts chosen") && window.has_button("How tied?"));
}
