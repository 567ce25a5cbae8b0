//! Repeated marks: the same exchange, account or scope marked more than once with one tag.
//!
//! New marks are joined with the first one; cases of earlier versions may have repeats, which count and are
//! printed once.

use std::collections::BTreeMap;

use super::{Action, Evidence, EvidenceSource, State};
use crate::model::Tag;

impl EvidenceSource {
    /// Key that is equal for equal exchanges, accounts and scopes, whatever their titles. An exchange that is
    /// read under another mapping is another one, with a copy of its own.
    fn key(&self) -> (u8, String) {
        match self {
            Self::Exchange { exchange, record, reading, .. } => {
                (0, format!("{record} {} {exchange}", reading.map_or(String::new(), |of| of.to_string())))
            }
            Self::Account { account } => (1, account.to_string()),
            Self::Scope { scope, .. } => (2, serde_json::to_string(scope).unwrap_or_default()),
        }
    }
}

impl State {
    /// Numbers of repeated marks, each with the number of the first mark of the same source and tag.
    pub fn repeats(&self) -> BTreeMap<u64, u64> {
        let mut first = BTreeMap::new();
        let mut repeats = BTreeMap::new();
        for evidence in self.evidence.values() {
            let id = *first.entry((evidence.source.key(), evidence.tag.as_str())).or_insert(evidence.id);
            if id != evidence.id {
                repeats.insert(evidence.id, id);
            }
        }
        repeats
    }

    /// Number of the first mark of the source and tag of a piece of evidence: its own, unless it is a repeat.
    pub fn first_mark(&self, id: u64) -> u64 {
        self.repeats().get(&id).copied().unwrap_or(id)
    }

    /// Entries that mark sources with a tag, and the numbers of the evidence in the order of the sources. A source
    /// that has the tag keeps its number, and the note is added to its own.
    pub fn marked(&self, sources: Vec<EvidenceSource>, tag: &Tag, note: &str) -> (Vec<Action>, Vec<u64>) {
        let had = self.evidence.values().filter(|evidence| evidence.tag == *tag);
        let mut numbers_of: BTreeMap<(u8, String), u64> = BTreeMap::new();
        for evidence in had {
            numbers_of.entry(evidence.source.key()).or_insert(evidence.id);
        }
        let mut next = self.next_evidence();
        let (mut actions, mut numbers) = (Vec::new(), Vec::new());
        for source in sources {
            let id = *numbers_of.entry(source.key()).or_insert(next);
            numbers.push(id);
            if let Some(first) = self.evidence.get(&id) {
                actions.extend(joined_note(first, note));
            } else if id == next {
                actions.push(Action::Tagged { id, source, tag: tag.clone(), note: note.to_owned() });
                next += 1;
            }
        }
        (actions, numbers)
    }
}

/// Entry that adds the note of a repeated mark to the first one; `None` where that has it.
fn joined_note(first: &Evidence, note: &str) -> Option<Action> {
    let (had, more) = (first.note.trim(), note.trim());
    if more.is_empty() || had.contains(more) {
        return None;
    }
    let note = if had.is_empty() { more.to_owned() } else { format!("{had}\n{more}") };
    Some(Action::EvidenceChanged { id: first.id, tag: first.tag.clone(), note })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, ExchangeRef, Scope};

    fn state(sources: Vec<(EvidenceSource, Tag)>) -> State {
        let evidence = (1..).zip(sources).map(|(id, (source, tag))| {
            (id, Evidence { id, source, tag, note: "why".into(), marked: 0, read_with: None })
        });
        State { evidence: evidence.collect(), ..State::default() }
    }

    fn exchange(row: u64) -> EvidenceSource {
        let exchange = ExchangeRef { snapshot: Digest::of(b"s"), file: "a.parquet".into(), row };
        let (record, reading) = (Digest::of(b"r"), None);
        EvidenceSource::Exchange { exchange, account: "a".into(), ts: 0, record, reading }
    }

    #[test]
    fn a_repeat_is_the_same_thing_with_the_same_tag() {
        let account = || EvidenceSource::Account { account: "a".into() };
        let scope = |title: &str| EvidenceSource::Scope {
            scope: Scope::default().with_account("a".into()),
            title: title.into(),
        };
        let state = state(vec![
            (account(), Tag::ReliedOn),
            (scope("one"), Tag::ReliedOn),
            (exchange(1), Tag::ReliedOn),
            (account(), Tag::Context),
            (scope("other title"), Tag::ReliedOn),
            (exchange(2), Tag::ReliedOn),
            (account(), Tag::ReliedOn),
            (exchange(1), Tag::ReliedOn),
        ]);
        assert_eq!(state.repeats(), [(5, 2), (7, 1), (8, 3)].into());
        assert_eq!([5, 6].map(|id| state.first_mark(id)), [2, 6]);
    }

    #[test]
    fn a_second_mark_is_the_first_with_a_longer_note() {
        let folder = tempfile::tempdir().unwrap();
        let mut case = crate::case::Case::create(&folder.path().join("c")).unwrap();
        let account = |name: &str| EvidenceSource::Account { account: name.into() };
        let (actions, _) = case.state().marked(vec![account("a")], &Tag::ReliedOn, "why");
        case.record_with_copies(actions, &[]).unwrap();
        let mark = |names: &[&str], tag: Tag, note: &str| {
            case.state().marked(names.iter().map(|name| account(name)).collect(), &tag, note)
        };
        for note in ["", " ", "why"] {
            assert_eq!(mark(&["a"], Tag::ReliedOn, note), (vec![], vec![1]));
        }
        let changed = |note: &str| Action::EvidenceChanged { id: 1, tag: Tag::ReliedOn, note: note.into() };
        assert_eq!(mark(&["a"], Tag::ReliedOn, "rubric").0, [changed("why\nrubric")]);
        let (actions, numbers) = mark(&["b", "a", "b"], Tag::ReliedOn, "");
        assert_eq!((actions.len(), numbers), (1, vec![2, 1, 2]), "the same twice in one act");
        assert_eq!(mark(&["a"], Tag::Context, "").1, [2], "another tag is another mark");
    }
}
