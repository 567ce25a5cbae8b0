//! Positions on the board of evidence, and the decisions that change them.

use crate::case::legal::{Element, LegalDecision};
use crate::case::{Action, Evidence, State};
use crate::model::Tag;

/// Position of a piece of evidence among the shown pieces of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Title of the group; empty for none.
    pub group: String,
    /// Shown evidence before it.
    before: Option<u64>,
    /// Shown evidence after it.
    next: Option<u64>,
}

impl Place {
    /// Position of the evidence at `at` of the shown pieces of a group.
    pub fn among(group: &str, shown: &[u64], at: usize) -> Self {
        let before = at.checked_sub(1).and_then(|before| shown.get(before).copied());
        Self { group: group.to_owned(), before, next: shown.get(at + 1).copied() }
    }

    /// Position of evidence on its side of the board without a filter; `None` for evidence that is not on it.
    pub fn of(state: &State, id: u64) -> Option<Self> {
        let group = state.board.iter().find(|group| group.evidence.contains(&id))?;
        let side = |id: &u64| state.evidence.get(id).map(is_exculpatory);
        let own = side(&id);
        let shown: Vec<u64> = group.evidence.iter().copied().filter(|other| side(other) == own).collect();
        let at = shown.iter().position(|known| *known == id)?;
        Some(Self::among(&group.title, &shown, at))
    }

    /// One shown place earlier; `None` for the first.
    pub fn earlier(&self, state: &State, id: u64) -> Option<Action> {
        in_front_of(state, id, &self.group, self.before?)
    }

    /// One shown place later; `None` for the last.
    pub fn later(&self, state: &State, id: u64) -> Option<Action> {
        moved(state, id, &self.group, Some(self.next?))
    }
}

/// Decision that assigns evidence to an element of the claim, or takes it off; `None` if that is so already.
pub fn assigned(state: &State, element: Element, evidence: u64, is_assigned: bool) -> Option<Action> {
    let numbers = state.legal.evidence.get(&element);
    let is_so = numbers.is_some_and(|numbers| numbers.contains(&evidence)) == is_assigned;
    let decision = LegalDecision::Assigned { element, evidence, is_assigned };
    (!is_so && state.evidence.contains_key(&evidence)).then(|| Action::Legal { legal: Box::new(decision) })
}

/// True for evidence on the side of exculpatory evidence.
pub fn is_exculpatory(evidence: &Evidence) -> bool {
    evidence.tag == Tag::Exculpatory
}

/// Decision that puts evidence directly in front of other evidence of a group; `None` if it is there already.
pub fn in_front_of(state: &State, id: u64, group: &str, other: u64) -> Option<Action> {
    let all = &state.board.iter().find(|known| known.title == group)?.evidence;
    let before = all.iter().take_while(|known| **known != other).filter(|known| **known != id);
    moved(state, id, group, before.last().copied())
}

/// Decision that puts evidence after other evidence of a group; `None` if it is there already.
pub fn moved(state: &State, id: u64, group: &str, after: Option<u64>) -> Option<Action> {
    let is_there = || {
        let known = state.board.iter().find(|known| known.title == group)?;
        let at = known.evidence.iter().position(|known| *known == id)?;
        Some(at.checked_sub(1).map(|before| known.evidence[before]) == after)
    };
    let is_on_board = state.board.iter().any(|known| known.evidence.contains(&id));
    let changes = after != Some(id) && is_on_board && is_there() != Some(true);
    changes.then(|| Action::EvidencePlaced { id, group: group.to_owned(), after })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::BoardGroup;

    #[test]
    fn a_step_is_to_the_neighbour_and_none_beyond_the_ends() {
        let group =
            |title: &str, evidence: &[u64]| BoardGroup { title: title.into(), evidence: evidence.to_vec() };
        let state = State { board: vec![group("", &[1, 2, 3]), group("cards", &[4])], ..State::default() };
        let place = |id| Place::of(&state, id).unwrap();
        let placed = |id, after| Some(Action::EvidencePlaced { id, group: String::new(), after });
        assert_eq!(place(3).earlier(&state, 3), placed(3, Some(1)));
        assert_eq!(place(2).earlier(&state, 2), placed(2, None));
        assert_eq!(place(1).later(&state, 1), placed(1, Some(2)));
        assert_eq!((place(1).earlier(&state, 1), place(4).later(&state, 4)), (None, None));
        assert_eq!((moved(&state, 2, "", Some(1)), moved(&state, 9, "", None)), (None, None));
        assert_eq!(in_front_of(&state, 2, "", 3), None, "it is there");
    }

    #[test]
    fn evidence_is_assigned_once_and_taken_off_once() {
        use crate::case::{Evidence, EvidenceSource};
        let source = EvidenceSource::Account { account: "a".into() };
        let evidence =
            Evidence { id: 1, source, tag: Tag::ReliedOn, note: String::new(), marked: 0, read_with: None };
        let mut state = State::default();
        let element = Element::ContractClause;
        assert_eq!(assigned(&state, element, 1, true), None, "no such evidence");
        state.evidence.insert(1, evidence);
        assert!(assigned(&state, element, 1, true).is_some());
        assert_eq!(assigned(&state, element, 1, false), None);
        state.legal.evidence.entry(element).or_default().insert(1);
        assert_eq!(assigned(&state, element, 1, true), None);
        assert!(assigned(&state, element, 1, false).is_some());
    }

    #[test]
    fn a_step_passes_what_is_not_shown() {
        let group = BoardGroup { title: String::new(), evidence: vec![1, 8, 2, 9, 3] };
        let state = State { board: vec![group], ..State::default() };
        let shown = [1, 2, 3];
        let placed = |id, after| Some(Action::EvidencePlaced { id, group: String::new(), after });
        assert_eq!(Place::among("", &shown, 2).earlier(&state, 3), placed(3, Some(8)));
        assert_eq!(Place::among("", &shown, 1).earlier(&state, 2), placed(2, None));
        assert_eq!(Place::among("", &shown, 0).later(&state, 1), placed(1, Some(2)));
        assert_eq!(Place::among("", &shown, 2).later(&state, 3), None);
    }
}
