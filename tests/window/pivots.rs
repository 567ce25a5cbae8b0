//! The pivot menu on bars of charts, and the time brush with a part of the time.

use egui::accesskit::Role;
use egui::{Key, Modifiers, PointerButton, Pos2};
use egui_kittest::kittest::by;

use crate::driver::Window;

impl Window {
    fn right_click_at(&mut self, at: Pos2) {
        self.harness.hover_at(at);
        self.harness.run_steps(2);
        for pressed in [true, false] {
            let (button, modifiers) = (PointerButton::Secondary, Modifiers::NONE);
            self.harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
            self.harness.step();
        }
        self.pause();
        self.rest();
    }

    fn close_menu(&mut self) {
        self.keys(Modifiers::NONE, Key::Escape);
        self.rest();
        assert!(!self.shows("Pivot menu"), "the menu is closed");
    }

    fn brush_says(&self) -> String {
        self.demand(by().role(Role::Canvas).label_contains("Time brush")).value().unwrap_or_default()
    }
}

#[test]
fn bars_of_charts_have_the_menu_by_mouse_and_by_key() {
    let mut window = Window::on_small_case_without_topics();
    window.ctrl(Key::Num2);
    window.rest();
    for (canvas, title) in
        [("Hour of week heat map", "UTC in the scope"), ("Inter-arrival histogram", "From intervals")]
    {
        let middle = window.canvas(canvas).center();
        window.right_click_at(middle);
        assert!(window.shows(title) && window.shows("Scope to these accounts"), "{canvas}, by mouse");
        window.close_menu();
        window.harness.hover_at(Pos2::ZERO);
        window.demand(by().role(Role::Canvas).label(canvas)).focus();
        window.harness.run_steps(3);
        window.keys(Modifiers::NONE, Key::ArrowRight);
        window.keys(Modifiers::NONE, Key::P);
        window.rest();
        assert!(window.shows(title), "{canvas}, by key");
        window.close_menu();
    }
    window.press("day");
    let middle = window.canvas("Hour of day profile").center();
    window.right_click_at(middle);
    window.press("Scope to these accounts");
    window.rest();
    assert_eq!(window.chips().len(), 1, "the accounts of the hour are the scope");
}

#[test]
fn an_event_is_noted_from_the_menu_of_the_time_brush() {
    let mut window = Window::on_small_case_without_topics();
    let middle = window.canvas("Time brush").center();
    window.right_click_at(middle);
    assert!(window.shows("Only this time"));
    window.press("Add an event…");
    window.harness.run_steps(3);
    window.harness.event(egui::Event::Text("terms changed".into()));
    window.harness.run_steps(2);
    window.keys(Modifiers::NONE, Key::Enter);
    window.wait_for("terms changed");
    assert!(window.chips().is_empty(), "Enter in the form takes no step of the menu");
}

#[test]
fn the_brush_shows_a_part_of_the_time_and_all_of_it_again() {
    let mut window = Window::on_small_case_without_topics();
    let whole = window.brush_says();
    assert!(whole.contains("shown") && !whole.contains(" of "), "{whole}");
    window.press("Zoom the time brush in");
    window.rest();
    let part = window.brush_says();
    assert!(part.contains(" of ") && part != whole, "{part}");
    window.demand(by().role(Role::Canvas).label_contains("Time brush")).focus();
    window.harness.run_steps(3);
    window.keys(Modifiers::NONE, Key::Num0);
    window.rest();
    assert!(window.brush_says().starts_with(&whole), "{}", window.brush_says());
    // A span by keys alone: Shift and arrows, then Enter.
    for _ in 0..12 {
        window.keys(Modifiers::SHIFT, Key::ArrowRight);
    }
    assert!(window.brush_says().contains("Enter sets the scope"), "{}", window.brush_says());
    window.keys(Modifiers::NONE, Key::Enter);
    window.rest();
    assert_eq!(window.chips().len(), 1);
    window.command("Time brush: zoom to the span of the scope");
    assert!(window.brush_says().contains(" of "), "{}", window.brush_says());
    window.press("Show the whole time in the time brush");
    window.rest();
    assert!(window.brush_says().starts_with(&whole));
}
