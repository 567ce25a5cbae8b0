//! What the window says where it matters: open points of an export, columns out of sight, large leads.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::by;

use super::driver::Window;

#[test]
fn open_points_stand_beside_the_button_that_writes_the_bundle() {
    let mut window = Window::on_small_case_without_topics();
    // The first visit: what the view asks for comes in later frames, and the field keeps the keyboard.
    window.command("the folder of the bundle");
    window.rest();
    assert!(window.has_keyboard(Role::TextInput, "Write into the folder"));
    let place = |window: &Window, text: &str| window.demand(by().label_contains(text)).rect();
    let near = |window: &Window, text: &str| {
        let button = window.demand(by().role(Role::Button).label("Write the PRODUCTION bundle")).rect();
        let gap = button.top() - place(window, text).bottom();
        assert!((0.0..80.0).contains(&gap), "{text}: {gap} points above the button");
    };
    near(&window, "The checklist was not run");
    window.type_into("Clocks of the sources", "synchronised by NTP");
    near(&window, "Typed and not saved, so not in the bundle: statement on the clocks");
    window.press("Run the checklist");
    window.wait("the checklist to end", |window| window.shows("not done; the bundle says so: "));
    window.rest();
    near(&window, "not done; the bundle says so: ");
    assert!(!window.shows("The checklist was not run"));
    window.press("Save the statement");
    window.rest();
    near(&window, "The case has changed since the checklist. Run it again.");
    assert!(!window.shows("Typed and not saved"));
}

#[test]
fn a_table_says_that_it_has_more_columns_and_shows_them() {
    let mut window = Window::on_small_case_without_topics();
    window.ctrl(Key::Num9);
    window.rest();
    let sign = |label: &'static str| by().role(Role::Button).label(label);
    assert!(window.find(sign("More columns at the left")).is_none(), "it begins at the first column");
    for _ in 0..20 {
        if window.find(sign("More columns at the right")).is_none() {
            break;
        }
        let at = window.demand(sign("More columns at the right")).rect().center();
        window.click_at(at);
    }
    assert!(window.find(sign("More columns at the right")).is_none(), "the last column can be reached");
    assert!(window.find(sign("More columns at the left")).is_some());
}

#[test]
fn a_lead_says_its_place_in_size_and_a_phrase_its_missing_end() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    assert!(window.shows("st in size") || window.shows("nd in size") || window.shows("th in size"));
    window.ctrl(Key::Num5);
    window.rest();
    window.type_into("Search", "\"an open phrase");
    assert!(window.shows("closing \" missing"));
    window.type_into("Search", "\"");
    assert!(!window.shows("closing \" missing"));
}
