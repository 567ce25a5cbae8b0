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
        self.click_button("Write Leads as SVG or CSV");
        self.press(file);
    }
}
