//! Daily acts on the selection: in sight, by key from any view, and in the command palette.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _, by};

use super::driver::{Window, enabled};

impl Window {
    fn key(&mut self, key: Key) {
        self.keys(Modifiers::NONE, key);
        self.rest();
    }

    /// Presses a key and looks at once, while a message is on screen.
    fn tap(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.run_steps(3);
    }

    /// Labels of the palette's rows for a text.
    fn palette(&mut self, typed: &str) -> Vec<String> {
        self.ctrl(Key::K);
        self.wait_for("Command");
        if !typed.is_empty() {
            self.harness.event(egui::Event::Text(typed.into()));
        }
        self.harness.run_steps(3);
        let field = self.demand(by().role(Role::TextInput).label("Command")).rect();
        let below =
            |rect: egui::Rect| rect.top() > field.bottom() && (rect.left() - field.left()).abs() < 4.0;
        let rows = self.harness.query_all(by().role(Role::Button).predicate(|node| node.label().is_some()));
        let rows: Vec<String> =
            rows.filter(|row| below(row.rect())).filter_map(|row| row.accesskit_node().label()).collect();
        self.keys(Modifiers::NONE, Key::Escape);
        self.rest();
        rows
    }
}

const ACTS: [&str; 7] = [
    "Set scope to it",
    "Looked at",
    "Take up",
    "Campaign",
    "Dismiss…",
    "Weigh explanations",
    "Mark lead as evidence",
];

#[test]
fn the_daily_acts_stand_above_the_answer_and_stay_there() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    // In a view that has no list of leads, so that the buttons are those of the inspector.
    window.ctrl(Key::Num4);
    window.rest();
    let places = |window: &Window| -> Vec<egui::Rect> {
        ACTS.iter().map(|act| window.demand(by().role(Role::Button).label(act)).rect()).collect()
    };
    let before = places(&window);
    let reasons = window.demand(by().label("Why a lead")).rect();
    for (act, rect) in ACTS.iter().zip(&before) {
        assert!(rect.bottom() <= reasons.top() && rect.right() <= 1280.0, "{act} at {rect:?}");
    }
    let [why, sure] =
        [by().label_contains(" accounts: "), by().label("how sure")].map(|part| window.demand(part).rect());
    assert!(
        why.bottom() <= sure.top() && sure.bottom() <= reasons.top(),
        "the answer first: {why:?}, {sure:?}"
    );
    let at = reasons.center();
    window.harness.hover_at(at);
    window.harness.step();
    let (unit, delta) = (egui::MouseWheelUnit::Point, egui::vec2(0.0, -400.0));
    let (phase, source) = (egui::TouchPhase::Move, egui::MouseWheelSource::Unknown);
    let modifiers = Modifiers::NONE;
    window.harness.event(egui::Event::MouseWheel { unit, delta, phase, source, modifiers });
    window.pause();
    assert_eq!(places(&window), before, "they stay while the answer is scrolled");
}

#[test]
fn acts_stand_once_for_one_lead_and_over_the_list_for_several() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    let count = |window: &Window, act: &str| {
        window.harness.query_all(by().role(Role::Button).label(act).recursive(true)).count()
    };
    const FOR_SEVERAL: [&str; 5] = ["Set scope to it", "Looked at", "Take up", "Campaign", "Dismiss…"];
    for act in ACTS {
        assert_eq!(count(&window, act), 1, "{act}");
    }
    window.demand(by().role(Role::Table).label_contains("leads")).focus();
    window.harness.run_steps(2);
    window.key(Key::Home);
    window.keys(Modifiers::SHIFT, Key::ArrowDown);
    window.rest();
    assert!(window.shows("2 leads"));
    for act in FOR_SEVERAL {
        assert_eq!(count(&window, act), 2, "{act}: over the list for both, in the inspector for one");
    }
    window.tap(Key::T);
    assert!(window.shows("2 leads: taken up"), "the message names both");
    let taken = |window: &Window| {
        let is_taken = |text: String| text.contains(", taken up, ");
        window.rows().filter(|row| row.accesskit_node().label().is_some_and(is_taken)).count()
    };
    window.wait("one key to take up both leads", |window| taken(window) == 2);
    window.ctrl(Key::Z);
    window.wait("one undo to take both back", |window| taken(window) == 0);
}

#[test]
fn the_acts_have_keys_in_every_view() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.ctrl(Key::Num4);
    window.rest();
    window.key(Key::S);
    assert_eq!(window.chips().len(), 1, "S sets the scope");
    window.key(Key::T);
    assert!(window.shows("taken up"), "T takes up");
    window.key(Key::M);
    window.wait_for("relied-on (1)");
    window.tap(Key::M);
    assert!(window.shows("marked with this tag already"), "a second mark is the first");
    window.key(Key::W);
    let first = by().role(Role::MultilineTextInput).label_contains("For: ");
    assert!(window.demand(first).is_focused(), "W unfolds the first explanation, to be written on at once");
    window.key(Key::Escape);
    window.key(Key::D);
    window.wait_for("Dismiss lead L-");
    assert!(window.has_keyboard(Role::TextInput, "Reason"), "D asks for the reason in any view");
    window.harness.event(egui::Event::Text("one agency".into()));
    window.harness.run_steps(2);
    window.key(Key::Enter);
    window.ctrl(Key::Num1);
    window.rest();
    assert!(window.shows("show 1 dismissed"), "it is dismissed");
    // What is decided is not changed by a letter typed by mistake.
    window.pick_first_lead();
    window.key(Key::C);
    for letter in [Key::L, Key::T, Key::D] {
        window.tap(letter);
        assert!(window.shows("A letter does not change a decided state."), "{letter:?}");
        assert!(!window.shows("Dismiss lead L-"), "{letter:?}");
    }
    window.ctrl(Key::Z);
    window.rest();
    // A letter in a text field is a letter.
    let note = || by().role(Role::MultilineTextInput).label("Note");
    window.pick_first_lead();
    window.demand(note()).focus();
    window.harness.run_steps(2);
    window.harness.event(egui::Event::Text("mt".into()));
    window.key(Key::C);
    assert!(window.demand(note()).value().is_some_and(|text| text.starts_with("mt")));
    assert!(!window.shows("relied-on (2)"));
}

#[test]
fn the_palette_has_every_action_and_says_why_not() {
    let mut window = Window::on_small_case_without_topics();
    let lead = "lead L-";
    for (typed, expected) in [
        ("mark", "Mark as evidence: lead L-"),
        ("tag", "Mark as evidence: lead L-"),
        ("evidence", "Show Evidence"),
        ("weigh", "Weigh explanations: lead L-"),
        ("dismiss", "Dismiss: lead L-"),
        ("export", "Show Export"),
        ("zoom", "Zoom in"),
        ("compare", "Compare with"),
        ("split", "Split off the chosen accounts…: Choose accounts first"),
        ("save", "Save the scope…"),
        ("take up", "Take up: lead L-"),
        ("redo", "Redo: No decision to redo."),
    ] {
        if expected.contains(lead) {
            window.pick_first_lead();
        }
        let rows = window.palette(typed);
        assert!(rows.iter().take(4).any(|row| row.starts_with(expected)), "{typed}: {rows:?}");
    }
    // A menu opens from the palette, with the keyboard in its field.
    window.command("save the scope");
    window.rest();
    assert!(window.find(by().role(Role::TextInput).label("Name")).is_some(), "the menu is open");
    window.key(Key::Escape);
    // Of another selection.
    window.ctrl(Key::Num9);
    window.rest();
    window.demand(by().role(Role::Table).label_contains("Table of accounts")).focus();
    window.harness.run_steps(2);
    window.key(Key::Home);
    let rows = window.palette("dismiss");
    assert!(rows.iter().any(|row| row == "Dismiss…: Select a lead first, in Leads."), "{rows:?}");
    assert!(!window.shows("Dismiss lead L-"));
    assert!(enabled(&window.demand(by().role(Role::Button).label("Pivot…"))));
}

#[test]
fn the_accounts_behind_a_reason_become_a_scope() {
    let mut window = Window::on_community_case();
    let leads = window.rows().count();
    let link = || {
        by().role(Role::Link).predicate(|node| node.label().is_some_and(|text| text.contains("of lead L-")))
    };
    let mut found = false;
    for _ in 0..leads {
        if window.find(link()).is_some() {
            found = true;
            break;
        }
        window.ctrl(Key::Num1);
        window.key(Key::ArrowDown);
    }
    assert!(found, "a lead with a content community has its accounts as a link");
    let label = window.demand(link()).accesskit_node().label().unwrap();
    let count = label.split_whitespace().next().unwrap().to_owned();
    window.demand(link()).scroll_to_me();
    window.harness.run_steps(3);
    window.demand(link()).click();
    window.pause();
    window.rest();
    assert!(window.shows(&format!("From {label}")), "the menu names them");
    window.press("Scope to these accounts");
    window.rest();
    assert!(window.counts().starts_with(&format!("{count} of ")), "{label}: {}", window.counts());
}
