//! The board of evidence, by element of the claim.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _, by};

use crate::driver::Window;

impl Window {
    /// Upper edges of the headings and cards of the board, from top to bottom, with their texts.
    fn board(&self) -> Vec<(f32, String)> {
        let of_board = |text: &str| {
            let is_heading =
                ["Contract: ", "Trade secret: ", "Harm: "].iter().any(|frame| text.starts_with(frame));
            is_heading || text == "no element" || text.starts_with("evidence ")
        };
        let nodes = by().predicate(move |node| {
            let text = node.label().or_else(|| node.value()).unwrap_or_default();
            of_board(&text)
        });
        let mut found: Vec<(f32, String)> = self
            .harness
            .query_all(nodes)
            .map(|node| {
                (
                    node.rect().top(),
                    node.accesskit_node().label().or_else(|| node.value()).unwrap_or_default(),
                )
            })
            .collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        found
    }

    /// The heading over the only card of the board.
    fn section_of_the_card(&self) -> String {
        let board = self.board();
        let card = board.iter().position(|(_, text)| text.starts_with("evidence "));
        let card = card.unwrap_or_else(|| panic!("no card: {board:?}"));
        board[..card].last().unwrap_or_else(|| panic!("no heading: {board:?}")).1.clone()
    }
}

#[test]
fn evidence_stands_under_the_elements_that_it_is_assigned_to() {
    let mut window = Window::on_small_case_without_topics();
    window.pick_first_lead();
    window.press("Mark lead as evidence");
    window.wait_for("relied-on (1)");
    window.ctrl(Key::Num6);
    window.rest();
    window.press("by element");
    window.rest();
    assert_eq!(window.section_of_the_card(), "no element");
    let without = by().label_contains(": 0 pieces of evidence").recursive(true);
    let empty = window.harness.query_all(without).count();
    assert!(empty > 5, "an element without evidence is shown empty");

    let card = window.demand(by().role(Role::Row).label_contains("evidence 1, ")).rect();
    window.click_at(card.left_top() + egui::vec2(10.0, 8.0));
    window.rest();
    assert!(window.shows("Elements: 0"), "the inspector has the evidence");
    window.click_button("Elements: 0");
    window.demand(by().role(Role::CheckBox).label("Clause in force")).click();
    window.rest();
    window.pause();
    assert!(window.shows("Elements: 1"), "{:#?}", window.harness.root());
    assert_eq!(window.section_of_the_card(), "Contract: Clause in force");
    assert!(!window.board().iter().any(|(_, text)| text == "no element"), "none is left without an element");
    let without = by().label_contains(": 0 pieces of evidence").recursive(true);
    assert_eq!(window.harness.query_all(without).count(), empty - 1);
    window.keys(egui::Modifiers::NONE, Key::Escape);
    window.ctrl(Key::Z);
    window.wait_for("Elements: 0");
    window.rest();
    assert_eq!(window.section_of_the_card(), "no element");
}
