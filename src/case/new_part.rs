//! New parts of the story, numbered when they are written, and the group of evidence on the board.

use super::{Action, EvidenceSource, State, StoryPart};
use crate::model::Tag;

impl State {
    /// True for evidence that is in this group of the board.
    pub(super) fn is_in_group(&self, evidence: u64, title: &str) -> bool {
        let group = self.board.iter().find(|group| group.title == title);
        group.is_some_and(|group| group.evidence.contains(&evidence))
    }

    /// Decision that adds a part at the end of the story, whatever its number was.
    pub fn new_story_part(&self, part: StoryPart) -> Action {
        Action::from(StoryPart { id: self.next_story_part(), ..part })
    }

    /// Decisions of one act that mark a source as context and add a part that shows it.
    pub fn embedded(&self, source: EvidenceSource, exhibit: Option<String>) -> Vec<Action> {
        let (mut actions, numbers) = self.marked(vec![source], &Tag::Context, "");
        let id = numbers.first().copied().unwrap_or_default();
        let part = StoryPart { id: 0, text: format!("[E{id}]"), evidence: Some(id), exhibit };
        actions.push(self.new_story_part(part));
        actions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_new_part_has_its_own_number() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = crate::case::Case::create(&folder.path().join("c")).unwrap();
        let part = StoryPart { id: 1, text: "a".into(), evidence: None, exhibit: None };
        for _ in 0..2 {
            case.record(case.state().new_story_part(part.clone())).unwrap();
        }
        assert_eq!(case.state().story.iter().map(|part| part.id).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_source_is_marked_and_shown_in_one_act() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = crate::case::Case::create(&folder.path().join("c")).unwrap();
        let source = EvidenceSource::Account { account: "a".into() };
        let act = case.state().embedded(source, Some("timeline".into()));
        case.record_with_copies(act, &[]).unwrap();
        let state = case.state();
        assert_eq!(
            (state.evidence.len(), state.story[0].evidence, state.story[0].text.as_str()),
            (1, Some(1), "[E1]")
        );
        case.undo().unwrap();
        assert_eq!((case.state().evidence.len(), case.state().story.len()), (0, 0));
    }
}
