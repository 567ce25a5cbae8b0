//! Text of the investigator in a bundle for other parties; the story is included only if the investigator
//! stated so.

use super::Names;
use crate::case::{STORY_IN_PRODUCTION, State};

impl Names<'_> {
    /// Leaves the board and the reasons of reviews out, and renames the story or leaves it out.
    pub(super) fn rename_story(&self, state: &mut State) {
        state.board.clear();
        for review in &mut state.reviews {
            review.lead = self.lead(&review.lead);
            review.reason = String::new();
        }
        if state.settings.contains_key(STORY_IN_PRODUCTION) {
            state.story.iter_mut().for_each(|part| part.text = self.text(&part.text));
        } else {
            state.story.clear();
        }
    }
}
