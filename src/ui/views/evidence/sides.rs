//! The two sides of the board: a card that is dropped on the other side gets that side's tag.

use egui::{Rect, Sense};

use super::card::Dragged;
use crate::case::{Action, State};
use crate::model::Tag;
use crate::ui::board::is_exculpatory;
use crate::ui::view::{Command, ViewContext};

/// Takes a card of the other side that is dropped on this one; call before the cards are drawn, which take cards of
/// their own side. `against` is true for the side of exculpatory evidence.
pub(super) fn take_dropped(ui: &mut egui::Ui, cx: &ViewContext<'_>, against: bool) {
    let id = ui.scope_id().with(("evidence side", against));
    let before: Option<Rect> = ui.data(|data| data.get_temp(id));
    let Some(rect) = before.filter(|_| !cx.read_only) else { return };
    let response = ui.interact(rect, id, Sense::hover());
    let comes = |dragged: &Dragged| retagged(cx.state, dragged.0, against).is_some();
    if !response.dnd_hover_payload::<Dragged>().is_some_and(|dragged| comes(&dragged)) {
        return;
    }
    let stroke = ui.visuals().widgets.active.bg_stroke;
    ui.painter().rect_stroke(rect, 3.0, stroke, egui::StrokeKind::Inside);
    if let Some(dragged) = response.dnd_release_payload::<Dragged>()
        && let Some(action) = retagged(cx.state, dragged.0, against)
    {
        cx.send(Command::Record(action));
    }
}

/// Remembers the room of a side for the next frame; call after its cards are drawn.
pub(super) fn keep(ui: &egui::Ui, against: bool) {
    let id = ui.scope_id().with(("evidence side", against));
    let rect = ui.min_rect();
    ui.data_mut(|data| data.insert_temp(id, rect));
}

/// Decision that puts evidence on a side of the board; `None` if it is there.
fn retagged(state: &State, id: u64, against: bool) -> Option<Action> {
    let evidence = state.evidence.get(&id).filter(|evidence| is_exculpatory(evidence) != against)?;
    let tag = if against { Tag::Exculpatory } else { Tag::ReliedOn };
    Some(Action::EvidenceChanged { id, tag, note: evidence.note.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Evidence, EvidenceSource};

    #[test]
    fn a_card_changes_its_tag_only_on_the_other_side() {
        let source = EvidenceSource::Account { account: "a".into() };
        let note = "an agency".to_owned();
        let evidence = Evidence { id: 1, source, tag: Tag::Context, note, marked: 0, read_with: None };
        let mut state = State { evidence: [(1, evidence)].into(), ..State::default() };
        assert_eq!(retagged(&state, 1, false), None, "it is there");
        let Some(Action::EvidenceChanged { id: 1, tag, note }) = retagged(&state, 1, true) else {
            panic!("it stays")
        };
        assert_eq!((&tag, note.as_str()), (&Tag::Exculpatory, "an agency"));
        state.evidence.get_mut(&1).unwrap().tag = tag;
        assert_eq!(retagged(&state, 1, true), None);
        assert!(retagged(&state, 1, false).is_some() && retagged(&state, 9, true).is_none());
    }
}
