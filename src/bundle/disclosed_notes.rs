//! Notes of exculpatory evidence, which the other side reads in full.

use super::Audience;
use crate::case::State;
use crate::model::{Tag, counted};

/// Effect of the tag exculpatory on a note.
pub const EXCULPATORY_NOTE: &str = "The note of exculpatory evidence is disclosed in full in PRODUCTION bundles; notes of other tags are not.";

/// Sentence on the notes that a bundle discloses in full; `None` where it discloses none.
pub fn disclosed_notes(state: &State, audience: Audience) -> Option<String> {
    let is_read = |id: &u64| {
        state.evidence.get(id).is_some_and(|own| own.tag == Tag::Exculpatory && !own.note.is_empty())
    };
    let ids: Vec<String> =
        state.evidence.keys().filter(|id| is_read(id)).map(|id| format!("E{id}")).collect();
    (audience == Audience::Production && !ids.is_empty()).then(|| {
        let notes = counted(ids.len() as u64, "note", "notes");
        format!("{notes} of exculpatory evidence disclosed in full: {}.", ids.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Evidence, EvidenceSource};

    #[test]
    fn only_notes_of_exculpatory_evidence_are_disclosed() {
        let evidence = |id, tag, note: &str| Evidence {
            id,
            tag,
            note: note.into(),
            source: EvidenceSource::Account { account: "a".into() },
            marked: 0,
            read_with: None,
        };
        let all = [
            evidence(3, Tag::Exculpatory, "an agency"),
            evidence(4, Tag::Exculpatory, ""),
            evidence(5, Tag::ReliedOn, "ours"),
        ];
        let state =
            State { evidence: all.into_iter().map(|own| (own.id, own)).collect(), ..State::default() };
        let of = |audience| disclosed_notes(&state, audience);
        assert_eq!(
            of(Audience::Production).unwrap(),
            "1 note of exculpatory evidence disclosed in full: E3."
        );
        assert_eq!(of(Audience::Internal), None);
    }
}
