//! Check of the story before an export: references that lead to nothing in a bundle.

use super::Audience;
use super::kinds::exhibits_of;
use crate::case::{STORY_IN_PRODUCTION, State, StoryPart};
use crate::model::markdown::{Block, Reference, parse, sentences};

/// References of the story that lead to nothing, by part; `None` for a bundle without a story.
pub(super) fn lost_references(state: &State, audience: Audience) -> Option<Vec<String>> {
    let is_printed = match audience {
        Audience::Internal => true,
        Audience::Production => state.settings.contains_key(STORY_IN_PRODUCTION),
        Audience::Share | Audience::Regulator => false,
    };
    (is_printed && !state.story.is_empty()).then(|| unresolved(state))
}

/// References of each part that lead to nothing: `part 2: [E7], [E1 links]`.
fn unresolved(state: &State) -> Vec<String> {
    let of_part = |part: &StoryPart| {
        let lost = lost_in_part(state, part);
        (!lost.is_empty()).then(|| format!("part {}: {}", part.id, lost.join(", ")))
    };
    state.story.iter().filter_map(of_part).collect()
}

/// References of one part that lead to nothing, each once, as they are written: `[E7]`.
pub fn lost_in_part(state: &State, part: &StoryPart) -> Vec<String> {
    let blocks = parse(&part.text);
    let inline = blocks.iter().map(|block| match block {
        Block::Heading(inline) | Block::Item(inline) | Block::Paragraph(inline) => inline,
    });
    let mut references: Vec<Reference> =
        inline.flat_map(|inline| sentences(inline)).flat_map(|sentence| sentence.references).collect();
    if let (Some(evidence), Some(exhibit)) = (part.evidence, &part.exhibit) {
        references.push(Reference { evidence, exhibit: Some(exhibit.clone()) });
    }
    let mut lost: Vec<String> = Vec::new();
    for reference in references.iter().filter(|reference| !leads_somewhere(state, reference)) {
        let written = reference.written();
        if !lost.contains(&written) {
            lost.push(written);
        }
    }
    lost
}

fn leads_somewhere(state: &State, reference: &Reference) -> bool {
    let Some(evidence) = state.evidence.get(&reference.evidence) else { return false };
    let Some(kind) = &reference.exhibit else { return true };
    exhibits_of(evidence).contains(&kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Evidence, EvidenceSource};
    use crate::model::Tag;

    #[test]
    fn references_to_nothing_are_listed_by_part() {
        let source = EvidenceSource::Account { account: "a".into() };
        let (tag, note) = (Tag::Context, String::new());
        let mut state = State::default();
        state.evidence.insert(1, Evidence { id: 1, source, tag, note, marked: 0, read_with: None });
        assert_eq!(lost_references(&state, Audience::Internal), None);
        let part = |id, text: &str, exhibit: Option<&str>| StoryPart {
            id,
            text: text.to_owned(),
            evidence: exhibit.map(|_| 1),
            exhibit: exhibit.map(str::to_owned),
        };
        assert_eq!(lost_in_part(&state, &part(2, "Later [E7], [E7] and [E1].", None)), ["[E7]"]);
        state.story = vec![part(1, "They met [E1 timeline] [E1].", Some("timeline"))];
        assert_eq!(lost_references(&state, Audience::Internal), Some(Vec::new()));
        state.story.push(part(2, "# [E7]\n\n- one [E7] [E1 links]", Some("coverage")));
        let found = lost_references(&state, Audience::Internal).unwrap();
        assert_eq!(found, ["part 2: [E7], [E1 links], [E1 coverage]"]);
        assert_eq!(lost_references(&state, Audience::Production), None, "it is not printed there");
    }
}
