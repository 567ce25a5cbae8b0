//! The story of a case, and the board on which its evidence is ordered.

use super::Action;
use super::setting_names::STORY_IN_PRODUCTION;

/// Part of the story: words of the investigator, with evidence shown under them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryPart {
    /// Its number, from 1, never used twice.
    pub id: u64,
    /// Markdown of the investigator.
    pub text: String,
    /// Number of the evidence shown under the text.
    pub evidence: Option<u64>,
    /// Kind of the exhibit that the report prints of that evidence.
    pub exhibit: Option<String>,
}

/// Group of evidence on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardGroup {
    /// Title; empty for evidence in no group.
    pub title: String,
    /// Numbers of the evidence, in order.
    pub evidence: Vec<u64>,
}

impl Action {
    /// States if PRODUCTION bundles print the story.
    pub fn story_in_production(is_printed: bool) -> Self {
        let value = if is_printed { "yes".to_owned() } else { String::new() };
        Self::SettingChanged { key: STORY_IN_PRODUCTION.to_owned(), value }
    }
}

impl From<StoryPart> for Action {
    /// Decision that writes the part.
    fn from(part: StoryPart) -> Self {
        let StoryPart { id, text, evidence, exhibit } = part;
        Self::StoryWritten { id, text, evidence, exhibit }
    }
}

/// Change of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoryChange {
    /// A part was written anew, or at the end.
    Written(StoryPart),
    /// A part was moved behind another, or to the beginning.
    Moved {
        /// Number of the part.
        id: u64,
        /// Part that it stands behind; `None` for the beginning.
        after: Option<u64>,
    },
    /// A part was removed.
    Removed(u64),
}

impl StoryChange {
    /// Change that an action makes; `None` for an action on something else.
    pub(super) fn of(action: &Action) -> Option<Self> {
        match action {
            Action::StoryWritten { id, text, evidence, exhibit } => Some(Self::Written(StoryPart {
                id: *id,
                text: text.clone(),
                evidence: *evidence,
                exhibit: exhibit.clone(),
            })),
            Action::StoryMoved { id, after } => Some(Self::Moved { id: *id, after: *after }),
            Action::StoryRemoved { id } => Some(Self::Removed(*id)),
            _ => None,
        }
    }

    /// Carries out the change.
    pub fn apply(self, story: &mut Vec<StoryPart>) {
        match self {
            Self::Written(part) => write(story, part),
            Self::Moved { id, after } => shift(story, id, after),
            Self::Removed(id) => story.retain(|part| part.id != id),
        }
    }
}

/// Writes a part anew, or adds it at the end.
fn write(story: &mut Vec<StoryPart>, part: StoryPart) {
    match story.iter_mut().find(|known| known.id == part.id) {
        Some(known) => *known = part,
        None => story.push(part),
    }
}

/// Moves a part behind another, or to the beginning. Behind a part that is gone it goes to the end.
fn shift(story: &mut Vec<StoryPart>, id: u64, after: Option<u64>) {
    let Some(from) = story.iter().position(|part| part.id == id) else { return };
    let part = story.remove(from);
    let to = after
        .map_or(0, |after| story.iter().position(|other| other.id == after).map_or(story.len(), |at| at + 1));
    story.insert(to, part);
}

/// Puts evidence into a group behind other evidence of it, or to its beginning. Behind evidence that the group
/// does not have it goes to the end.
pub(super) fn place(board: &mut Vec<BoardGroup>, id: u64, group: &str, after: Option<u64>) {
    take_off(board, id);
    let at = match board.iter().position(|known| known.title == group) {
        Some(at) => at,
        None => {
            board.push(BoardGroup { title: group.to_owned(), evidence: Vec::new() });
            board.len() - 1
        }
    };
    let evidence = &mut board[at].evidence;
    let to = after.map_or(0, |after| {
        evidence.iter().position(|other| *other == after).map_or(evidence.len(), |at| at + 1)
    });
    evidence.insert(to, id);
    board.retain(|group| !group.evidence.is_empty());
}

/// Puts new evidence to the end of those in no group.
pub(super) fn add(board: &mut Vec<BoardGroup>, id: u64) {
    let last =
        board.iter().find(|group| group.title.is_empty()).and_then(|group| group.evidence.last().copied());
    place(board, id, "", last);
}

/// Takes evidence off the board; a group without evidence ends.
pub(super) fn take_off(board: &mut [BoardGroup], id: u64) {
    board.iter_mut().for_each(|group| group.evidence.retain(|known| *known != id));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: u64) -> StoryPart {
        StoryPart { id, text: format!("part {id}"), evidence: None, exhibit: None }
    }

    fn order(story: &[StoryPart]) -> Vec<u64> {
        story.iter().map(|part| part.id).collect()
    }

    #[test]
    fn parts_are_written_anew_and_moved() {
        let mut story = Vec::new();
        for id in 1..=3 {
            write(&mut story, part(id));
        }
        write(&mut story, StoryPart { text: "new".into(), ..part(2) });
        assert_eq!((order(&story), story[1].text.as_str()), (vec![1, 2, 3], "new"));
        shift(&mut story, 3, None);
        assert_eq!(order(&story), [3, 1, 2]);
        shift(&mut story, 3, Some(1));
        assert_eq!(order(&story), [1, 3, 2]);
        shift(&mut story, 1, Some(9));
        assert_eq!(order(&story), [3, 2, 1]);
    }

    #[test]
    fn evidence_is_in_one_group_at_a_time() {
        let mut board = Vec::new();
        for id in 1..=3 {
            add(&mut board, id);
        }
        place(&mut board, 2, "cards", None);
        place(&mut board, 3, "cards", Some(2));
        let of = |board: &[BoardGroup]| -> Vec<(String, Vec<u64>)> {
            board.iter().map(|group| (group.title.clone(), group.evidence.clone())).collect()
        };
        assert_eq!(of(&board), [(String::new(), vec![1]), ("cards".into(), vec![2, 3])]);
        place(&mut board, 1, "cards", Some(2));
        assert_eq!(of(&board), [("cards".into(), vec![2, 1, 3])], "an empty group ends");
        add(&mut board, 4);
        take_off(&mut board, 2);
        assert_eq!(of(&board), [("cards".into(), vec![1, 3]), (String::new(), vec![4])]);
    }
}
