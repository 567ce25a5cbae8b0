//! A scope without exchanges: every page that draws the scope says so, with the next step.

use egui::Key;
use egui_kittest::kittest::{Queryable as _, by};

use crate::driver::Window;

/// Views that draw the scope, with the sentence of an empty one.
const VIEWS: [(&str, &str); 6] = [
    ("Rhythm", "0 exchanges in the scope. "),
    ("Links", "0 accounts in the scope. "),
    ("Exchanges", "0 exchanges in the scope. "),
    ("Accounts", "0 accounts have an exchange in this scope. "),
    ("Values", "0 accounts of the scope have a value of this attribute."),
    ("Compare", "0 exchanges in the scope. "),
];
/// Pages of the rhythm, with the sentence of an empty scope.
const PAGES: [(&str, &str); 3] = [
    ("periods", "0 exchanges in the scope. "),
    ("hand-over", "0 exchanges in the scope. "),
    ("since sign-up", "0 exchanges in the scope. "),
];

#[test]
fn an_empty_scope_is_named_on_every_page_with_the_next_step() {
    let mut window = Window::on_small_case_without_topics();
    window.click_button("Add to the scope");
    window.type_into("From", "2001-01-01");
    window.type_into("To", "2001-01-03");
    window.press("Set the time span (UTC)");
    window.rest();
    assert!(window.counts().starts_with("0 of "), "{}", window.counts());
    let mut silent = Vec::new();
    for (view, sentence) in VIEWS {
        window.command(&format!("Show {view}"));
        if !window.shows(sentence) {
            silent.push(view);
        }
    }
    window.ctrl(Key::Num2);
    window.rest();
    for (page, sentence) in PAGES {
        window.press(page);
        window.rest();
        if !window.shows(sentence) {
            silent.push(page);
        }
    }
    assert!(silent.is_empty(), "no sentence on {silent:?}");
    let not_numbers = by().label_contains("NaN").recursive(true);
    assert_eq!(window.harness.query_all(not_numbers).count(), 0);
}
