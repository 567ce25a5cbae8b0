//! Positions on the board of evidence, and the decisions that change them.

use crate::case::{Action, State};

/// Position of a piece of evidence in its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Title of the group; empty for none.
    pub group: String,
    /// Evidence before it in the group.
    pub before: Option<u64>,
}

impl Place {
    /// Position of evidence on the board; `None` for evidence that is not on it.
    pub fn of(state: &State, id: u64) -> Option<Self> {
        state.board.iter().find_map(|group| {
            let at = group.evidence.iter().position(|known| *known == id)?;
            let before = at.checked_sub(1).map(|before| group.evidence[before]);
            Some(Self { group: group.title.clone(), before })
        })
    }

    /// One place earlier; `None` for the first of its group.
    pub fn earlier(&self, state: &State, id: u64) -> Option<Action> {
        let before = self.before?;
        let after = Self::of(state, before)?.before;
        moved(state, id, &self.group, after)
    }

    /// One place later; `None` for the last of its group.
    pub fn later(&self, state: &State, id: u64) -> Option<Action> {
        let group = state.board.iter().find(|group| group.title == self.group)?;
        let at = group.evidence.iter().position(|known| *known == id)?;
        moved(state, id, &self.group, Some(*group.evidence.get(at + 1)?))
    }
}

/// Decision that puts evidence after other evidence of a group; `None` if it is there already.
pub fn moved(state: &State, id: u64, group: &str, after: Option<u64>) -> Option<Action> {
    let is_there = Place { group: group.to_owned(), before: after };
    let changes = after != Some(id) && Place::of(state, id).is_some_and(|place| place != is_there);
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
    }
}
