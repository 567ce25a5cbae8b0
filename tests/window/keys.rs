//! Keys of the window and its views while a dialog, a menu or a text field has the keyboard.

use super::*;

impl Window {
    fn leads_are_in_front(&self) -> bool {
        self.find(by().role(Role::Table).label_contains("Table of leads")).is_some()
            && self.find(by().role(Role::Canvas).label_contains("Topic map")).is_none()
    }

    /// Presses keys of the window; none of them may have an effect.
    fn press_in_vain(&mut self, what: &str) {
        let before = (self.chips(), self.counts());
        let states = |window: &Self| -> Vec<String> {
            window.rows().filter_map(|row| row.accesskit_node().label()).collect()
        };
        let states_before = states(self);
        // Letters of the acts on leads.
        for letter in [Key::L, Key::T] {
            self.keys(Modifiers::NONE, letter);
        }
        assert_eq!(states(self), states_before, "a letter reviews a lead behind {what}");
        self.ctrl(Key::Num3);
        self.keys(Modifiers::ALT, Key::ArrowLeft);
        self.keys(Modifiers::NONE, Key::F6);
        assert!(self.leads_are_in_front(), "Ctrl+3 switches the view behind {what}");
        assert_eq!((self.chips(), self.counts()), before, "Alt+Left changes the scope behind {what}");
    }
}

/// Name of a dialog or menu, how it is opened, and a sign that it is open.
type Dialog = (&'static str, fn(&mut Window), &'static str);

#[test]
fn keys_of_the_window_wait_while_a_dialog_or_a_menu_is_open() {
    let mut window = Window::on_small_case_without_topics();
    window.ctrl(Key::Num1);
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    assert_eq!(window.chips().len(), 1);
    let dialogs: [Dialog; 6] = [
        ("the palette", |window| window.ctrl(Key::K), "Show Rhythm"),
        ("the list of shortcuts", |window| window.keys(Modifiers::NONE, Key::F1), "Move in the active table"),
        ("the import dialog", |window| window.menu("Add files to this case…"), "Cancel"),
        ("the menu of saved scopes", |window| window.click_button("Saved ▾"), "Name"),
        ("the pivot menu", |window| window.keys(Modifiers::NONE, Key::P), "Pivot menu"),
        (
            "the dialog of a file",
            |window| window.write("Leads to review, with reasons, CSV"),
            "Present scope",
        ),
    ];
    for (what, open, sign) in dialogs {
        open(&mut window);
        window.wait_for(sign);
        window.press_in_vain(what);
        assert!(window.shows(sign), "{what} stays");
        window.keys(Modifiers::NONE, Key::Escape);
        window.rest();
    }
    window.ctrl(Key::K);
    window.wait_for("Command");
    window.ctrl(Key::K);
    assert!(window.find(by().role(Role::TextInput).label("Command")).is_none(), "Ctrl+K closes the palette");
    window.ctrl(Key::Num3);
    assert!(!window.leads_are_in_front(), "without a dialog the key has its effect");
}

impl Window {
    fn menu(&mut self, item: &str) {
        self.click_button("Stillhunt");
        self.press(item);
    }

    fn write(&mut self, file: &str) {
        self.click_button("Write Leads as a file");
        self.press(file);
    }
}

#[test]
fn a_closed_dialog_gives_the_keyboard_back() {
    const TABLE: &str = "Table of leads: arrow keys move";
    let mut window = Window::on_small_case_without_topics();
    let row = window.demand(by().role(Role::Row).label_contains("lead L-")).rect().left_center();
    window.click_at(row + egui::vec2(40.0, 0.0));
    window.rest();
    assert!(window.has_keyboard(Role::Table, TABLE), "a click gives it to the table");
    let dialogs: [Dialog; 4] = [
        ("the palette", |window| window.ctrl(Key::K), "Show Rhythm"),
        ("the list of shortcuts", |window| window.keys(Modifiers::NONE, Key::F1), "Move in the active table"),
        ("the pivot menu", |window| window.keys(Modifiers::NONE, Key::P), "Pivot menu"),
        ("the dismissal", |window| window.keys(Modifiers::NONE, Key::D), "Dismiss lead L-"),
    ];
    for (what, open, sign) in dialogs {
        open(&mut window);
        window.wait_for(sign);
        window.rest();
        assert!(!window.has_keyboard(Role::Table, TABLE), "{what} has it");
        window.keys(Modifiers::NONE, Key::Escape);
        window.rest();
        assert!(!window.shows(sign) && window.has_keyboard(Role::Table, TABLE), "{what} gives it back");
    }
    window.command("Show Accounts");
    assert!(
        window.has_keyboard(Role::Table, "Table of accounts: arrow keys move"),
        "the view that was asked for"
    );
    window.command("Show Compare");
    assert!(window.has_keyboard(Role::Button, "Compare"), "the tab of a view without a table");
    // A menu that is opened with a key gives it back to its button.
    window.demand(by().role(Role::Button).label("Saved ▾")).focus();
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Enter);
    window.demand(by().role(Role::TextInput).label("Name")).focus();
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Escape);
    assert!(window.has_keyboard(Role::Button, "Saved ▾"), "the button of the menu");
}

#[test]
fn arrows_with_alt_move_by_words_in_a_note_and_leave_the_scope() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Set scope to it");
    window.rest();
    let before = (window.chips(), window.counts());
    let note = || by().role(Role::MultilineTextInput).label("Note");
    window.demand(note()).focus();
    window.harness.run_steps(2);
    window.harness.event(egui::Event::Text("ten cards shared".into()));
    window.harness.run_steps(2);
    for key in [Key::ArrowLeft, Key::ArrowLeft, Key::ArrowRight, Key::ArrowLeft] {
        window.keys(Modifiers::ALT, key);
    }
    assert_eq!((window.chips(), window.counts()), before, "the scope stays");
    window.harness.event(egui::Event::Text("rare ".into()));
    window.harness.run_steps(2);
    assert_eq!(window.demand(note()).value().as_deref(), Some("ten rare cards shared"));
}

#[test]
fn an_arrow_just_after_the_key_of_a_view_moves_in_its_table() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    for frames in 0..4 {
        window.ctrl(Key::Num4);
        window.rest();
        window.demand(by().role(Role::Button).label("Saved ▾")).focus();
        window.harness.run_steps(3);
        window
            .harness
            .key_press_modifiers(Modifiers { ctrl: true, command: true, ..Modifiers::NONE }, Key::Num1);
        window.harness.run_steps(frames);
        window.harness.key_press(Key::ArrowDown);
        window.harness.run_steps(4);
        window.rest();
        assert!(
            window.has_keyboard(Role::Table, "Table of leads: arrow keys move"),
            "{frames} frames later the arrow leaves the table"
        );
    }
}

#[test]
fn the_list_of_shortcuts_scrolls_by_key() {
    let mut window = Window::on_small_case_without_topics();
    window.harness.set_size(egui::vec2(1280.0, 480.0));
    window.harness.run_steps(3);
    window.keys(Modifiers::NONE, Key::F1);
    let top = |window: &Window| window.demand(by().label("Command palette")).rect().top();
    let before = top(&window);
    window.keys(Modifiers::NONE, Key::PageDown);
    assert!(top(&window) < before - 100.0, "Page Down scrolls");
    window.keys(Modifiers::NONE, Key::Home);
    assert!((top(&window) - before).abs() < 1.0, "Home goes back");
}
