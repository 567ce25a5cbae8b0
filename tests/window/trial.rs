//! Faults that a first trial of the window found, each as it was met.

use std::path::Path;

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _, by};

use super::common;
use super::driver::{Window, enabled};

#[test]
fn a_second_mark_is_the_first_and_a_campaign_asks_for_one() {
    let mut window = Window::on_small_case_without_topics();
    assert!(window.shows("This list is provisional."), "leads without the text pass say so");
    window.pick_first_lead();
    window.press("Campaign");
    window.rest();
    let offer = by().role(Role::Button).label("Mark as relied on");
    assert!(window.find(offer).is_some(), "a status alone reaches no bundle");
    window.ctrl(Key::Num8);
    window.rest();
    assert!(window.shows("Not in the bundle: lead L-"));
    window.ctrl(Key::Num1);
    window.press("Mark as relied on");
    window.wait_for("relied-on (1)");
    window.rest();
    let marked = window.demand(by().role(Role::Button).label("Lead is marked"));
    assert!(!enabled(&marked), "it is marked once");
    assert!(!window.shows("Mark as relied on"));
    window.press("Take the mark off");
    window.wait("the mark to be gone", |window| !window.shows("relied-on (1)"));
    window.press("Mark lead as evidence");
    window.wait_for("relied-on (1)");
    // The tab in use has the filter, also when it was clicked.
    window.ctrl(Key::Num5);
    window.rest();
    window.demand(by().role(Role::Button).label("Evidence")).click();
    window.pause();
    window.ctrl(Key::F);
    assert!(window.has_keyboard(Role::TextInput, "Filter"), "the filter of Evidence");
}

#[test]
fn the_keyboard_is_seen_where_it_is() {
    let mut window = Window::on_small_case_without_topics();
    window.command("Show Export");
    assert!(window.has_keyboard(Role::Button, "Export"), "its tab has the keyboard");
    let field = || by().role(Role::TextInput).label("Write into the folder");
    for _ in 0..200 {
        if window.demand(field()).is_focused() {
            break;
        }
        window.harness.key_press(Key::Tab);
        window.harness.step();
    }
    window.harness.run_steps(10);
    let (field, below) = (window.demand(field()), window.demand(by().role(Role::Button).label("Rhythm")));
    assert!(field.is_focused(), "Tab reaches it");
    let (field, below) = (field.rect(), below.rect());
    assert!(field.bottom() <= below.top(), "{field:?} lies under the edge of its view, {below:?}");
}

#[test]
fn the_signing_key_is_found_shown_and_chosen() {
    let mut window = Window::on_small_case_without_topics();
    for typed in ["key", "sign"] {
        window.ctrl(Key::K);
        window.wait_for("Command");
        window.harness.event(egui::Event::Text(typed.into()));
        window.harness.run_steps(2);
        assert!(window.shows("Choose the key that signs bundles"), "by {typed}");
        window.keys(Modifiers::NONE, Key::Escape);
    }
    window.ctrl(Key::K);
    window.harness.run_steps(2);
    window.harness.event(egui::Event::Text("key that signs".into()));
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Enter);
    window.rest();
    window.wait_for("No key yet: the first bundle makes one in");
    window.demand(by().role(Role::RadioButton).label("a key in a file")).click();
    window.pause();
    let file = window.path("counsel.key");
    window.type_into("Key file", common::text(&file));
    window.rest();
    window.demand(by().role(Role::PasswordInput).label("Passphrase of the key")).focus();
    window.harness.run_steps(2);
    window.harness.event(egui::Event::Text("correct horse".into()));
    window.harness.run_steps(2);
    window.press("Make a key in this file");
    window
        .wait("the fingerprint", |window| window.shows("SHA256:") && window.shows("it needs its passphrase"));
    assert!(Path::new(&file).is_file());
    assert!(window.harness.query_all(by().label_contains("SHA256:")).count() >= 1);
}

#[test]
fn a_small_window_keeps_the_view_in_use_its_tab_and_the_end_of_a_chip() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    for (view, key) in [("Links", Key::Num4), ("Export", Key::Num8), ("Exchanges", Key::Num5)] {
        window.harness.set_size(vec2(1280.0, 800.0));
        window.harness.run_steps(5);
        window.ctrl(key);
        window.rest();
        window.harness.set_size(vec2(720.0, 480.0));
        window.harness.run_steps(10);
        window.rest();
        let tab = window.demand(by().role(Role::Button).label(view));
        assert_eq!(tab.accesskit_node().toggled(), Some(Toggled::True), "{view} is still in front");
        let rect = tab.rect();
        assert!(rect.left() >= 0.0 && rect.right() <= 720.0, "the tab of {view} at {rect:?}");
        for end in ["Clear", "Add to the scope"] {
            let rect = window.demand(by().role(Role::Button).label(end)).rect();
            assert!(rect.right() <= 720.0 - 100.0, "{end} at {rect:?}");
        }
    }
}
