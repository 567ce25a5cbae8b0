//! Pages of the rhythm view, and the reading queue of the exchanges.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{Queryable as _, by};

use crate::driver::Window;

impl Window {
    /// Value of a canvas: what it shows, in words.
    fn canvas_says(&self, label: &str) -> String {
        let canvas = self.demand(by().role(Role::Canvas).label(label));
        canvas.value().unwrap_or_default()
    }

    fn scope_to_the_first_lead(&mut self) {
        self.pick_first_lead();
        self.press("Set scope to it");
        self.rest();
    }
}

#[test]
fn periods_hand_over_and_use_since_sign_up_say_what_they_show() {
    let mut window = Window::on_small_case_without_topics();
    window.scope_to_the_first_lead();
    window.ctrl(Key::Num2);
    window.rest();
    window.press("periods");
    window.rest();
    let said = window.canvas_says("Periodogram");
    assert!(said.contains("scope: ") && said.contains("peers: ") && said.contains(" h ("), "{said}");

    window.press("hand-over");
    window.rest();
    assert!(window.shows("Variance ratio of active hours"));
    window.press("over time");
    window.rest();

    window.press("since sign-up");
    window.rest();
    let said = window.canvas_says("Use since sign-up");
    assert!(said.starts_with("scope: ") && said.contains(" a day from day "), "{said}");

    // A second scope takes the place of everyone else.
    window.command("compare with a copy of the scope");
    let said = window.canvas_says("Use since sign-up");
    let (a, b) = said.split_once(" B: ").expect("both sides are named");
    assert_eq!(a.trim_start_matches("A: "), b, "the same scope on both sides");
    window.press("periods");
    window.rest();
    assert!(window.canvas_says("Periodogram").contains("B: "));
}

/// A file of each new chart is offered at the corner of the view.
#[test]
fn charts_of_the_rhythm_are_written_from_the_corner() {
    let mut window = Window::on_small_case_without_topics();
    window.ctrl(Key::Num2);
    window.rest();
    window.press("Write Rhythm as a file");
    for title in ["Periods of activity, SVG", "Hand-over between accounts, CSV", "Use since sign-up, SVG"] {
        assert!(window.find(by().role(Role::Button).label(title)).is_some(), "{title}");
    }
    window.press("Use since sign-up, SVG");
    window.wait_for("Present scope");
    window.press("Write");
    window.wait_for("Written: ");
    let written = window.path("since_sign_up.svg");
    let text = std::fs::read_to_string(written).unwrap();
    assert!(text.contains("days since sign-up") && text.contains("240 accounts"), "{text}");
}

#[test]
fn the_reading_queue_is_read_and_marked_by_keys() {
    let mut window = Window::on_small_case();
    window.wait_for("Text pass finished");
    window.rest();
    window.pick_first_lead();
    window.press("Read exchanges");
    window.rest();
    window.wait_for("0 of ");
    let rows = |window: &Window, part: &str| {
        let rows = by().role(Role::Row).label_contains(part);
        window.harness.query_all(rows).count()
    };
    assert!(rows(&window, "  new  ") > 5 && window.shows("cosine "));
    window.keys(Modifiers::NONE, Key::ArrowDown);
    window.wait_for("Reason for viewing this text");
    window.type_into("Reason", "to read the queue");
    window.keys(Modifiers::NONE, Key::Enter);
    window.wait_for("Hide text");
    window.rest();
    assert_eq!(rows(&window, "  read  "), 1);
    // The dialog has given the keyboard back.
    window.keys(Modifiers::NONE, Key::N);
    window.rest();
    assert_eq!(rows(&window, "  read  "), 2);
    assert!(!window.shows("Reason for viewing this text"), "it is not asked again");
    window.keys(Modifiers::NONE, Key::ArrowUp);
    window.rest();
    window.keys(Modifiers::NONE, Key::M);
    window.wait_for("relied-on (1)");
    window.keys(Modifiers::NONE, Key::M);
    window.wait_for("already tags one of these");
    assert!(!window.shows("relied-on (2)"), "an exchange is marked once");
    window.ctrl(Key::Num7);
    window.rest();
    let looked = by().label_contains("looked at: to read the queue");
    assert!(window.harness.query_all(looked).count() >= 3, "each access is journaled");
}
