//! The legal frame on screen: elements, evidence, notices, prices, what is computed; by label.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::by;
use stillhunt::case::{Access, Case};

use crate::driver::{Window, enabled};

impl Window {
    /// Shows a part of the legal frame.
    fn part(&mut self, title: &str) {
        self.demand(by().role(Role::RadioButton).label(title)).click();
        self.pause();
        self.rest();
    }

    fn type_lines(&mut self, field: &str, text: &str) {
        let wanted = || by().role(Role::MultilineTextInput).label(field);
        self.demand(wanted()).focus();
        self.harness.run_steps(2);
        self.demand(wanted()).type_text(text);
        self.harness.run_steps(2);
    }

    fn choose(&mut self, combo: &str, option: &str) {
        self.demand(by().role(Role::ComboBox).label_contains(combo)).click();
        self.pause();
        self.demand(by().label_contains(option)).click();
        self.pause();
    }

    fn open_header(&mut self, label: &str) {
        self.wait_for(label);
        self.demand(by().label(label)).scroll_to_me();
        self.harness.run_steps(3);
        self.demand(by().label(label)).click();
        self.pause();
    }
}

#[test]
fn the_legal_frame_is_filled_and_computed() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Mark lead as evidence");
    window.wait_for("relied-on (1)");
    window.press("Legal frame");
    window.wait_for("An element needs a statement");
    elements(&mut window);
    items(&mut window);
    window.part("Gaps and harm");
    window.wait_for("after access was ended, by accounts addressed");
    assert!(window.shows("Exchanges after notices (") && !window.shows("Exchanges after notices (0)"));
    assert!(window.shows("all models with a price"));
    window.part("Notices");
    window.press("Remove N1 revocation, 2026-04-27 00:00:00 UTC");
    window.wait_for("Notices (0)");
    window.ctrl(Key::Z);
    window.wait_for("Notices (1)");
    let home = std::mem::replace(&mut window.home, tempfile::tempdir().unwrap());
    let exit = window.harness.state().as_ref().unwrap().exit();
    drop(window);
    assert!(exit.finish().is_empty());
    let case = Case::open(&home.path().join("small.stillhunt"), Access::ReadOnly).unwrap();
    let legal = &case.state().legal;
    assert_eq!((legal.notices().len(), legal.prices().count(), legal.statements.len()), (1, 1, 1));
}

/// A statement is written, and evidence assigned and taken off.
fn elements(window: &mut Window) {
    window.open_header("Breach: empty");
    window.wait_for("Which use breached which clause?");
    let save = "Save the statement on contract.breach";
    assert!(!enabled(&window.demand(by().role(Role::Button).label(save))), "nothing was typed");
    window.type_lines("Statement on contract.breach", "answers were collected");
    window.press(save);
    window.wait_for("Breach: stated, without support");
    window.choose("Assign evidence to contract.breach", "E1: relied-on");
    window.wait_for("Breach: stated, with support");
    window.press("Take evidence 1 off contract.breach");
    window.wait_for("Breach: stated, without support");
    window.open_header("The secret: empty");
    window.wait_for("Answers that customers were shown may be no secret.");
}

/// A notice to the lead and a price are added.
fn items(window: &mut Window) {
    window.part("Notices");
    window.wait_for("0 notices.");
    window.choose("To: ", "all accounts of lead L-");
    assert!(!enabled(&window.demand(by().role(Role::Button).label("Add notice"))), "a notice has a time");
    window.type_into("Time of the notice", "2026-04-27");
    window.press("Add notice");
    window.wait_for("Notices (1)");
    window.part("Prices and losses");
    for (field, text) in [
        ("Input, a million tokens", "3"),
        ("Output, a million tokens", "15"),
        ("Currency", "USD"),
        ("Source of the price", "price list"),
    ] {
        window.type_into(field, text);
    }
    window.press("Add price");
    window.wait_for("Prices of tokens (1)");
}
