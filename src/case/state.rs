//! The case as it stands now: the fold of its journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::decision::{Alternative, EvidenceSource, InvestigatorEvent};
use super::{Action, Entry};
use crate::model::{Digest, Micros, Scope, Tag};
use crate::snapshot::{Mapping, Snapshot};

/// One marked thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Its number, from 1, never used twice.
    pub id: u64,
    /// What was marked.
    pub source: EvidenceSource,
    /// As what.
    pub tag: Tag,
    /// Why.
    pub note: String,
    /// When it was marked.
    pub marked: Micros,
    /// The mapping that the record of an exchange was read with when it was marked.
    pub read_with: Option<Arc<Mapping>>,
}

/// A snapshot that is no part of the case any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The snapshot; its sealed copy stays where it is.
    pub snapshot: Snapshot,
    /// Why it was retired.
    pub reason: String,
}

/// A scope with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedScope {
    /// Its name.
    pub name: String,
    /// The scope.
    pub scope: Scope,
}

/// The case as it stands now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The case's name.
    pub name: String,
    /// Sealed snapshots, in the order they came.
    pub snapshots: Vec<Snapshot>,
    /// Snapshots that were retired, in the order of their retirement.
    pub retired: Vec<Retired>,
    /// What is marked, by number.
    pub evidence: BTreeMap<u64, Evidence>,
    /// Saved scopes, in the order they were saved.
    pub scopes: Vec<SavedScope>,
    /// The investigator's events, by time.
    pub events: Vec<InvestigatorEvent>,
    /// Weighed alternatives, oldest first; one for each subject and explanation, the last word counts.
    pub alternatives: Vec<Alternative>,
    /// Settings that are not at their default.
    pub settings: BTreeMap<String, String>,
    /// The entry that undo would take back, with its description.
    pub undo: Option<(u64, String)>,
    /// The entry that redo would do again, with its description.
    pub redo: Option<(u64, String)>,
    /// The mapping that each snapshot is read with, shared by the evidence marked with it.
    pub mappings: BTreeMap<Digest, Arc<Mapping>>,
    /// The whole journal, oldest first.
    pub journal: Vec<Arc<Entry>>,
}

impl State {
    /// The state after these entries. Entries that were undone do not count; an undo is itself
    /// undone only by a redo; a new decision clears what could be redone.
    pub fn fold(entries: Vec<Arc<Entry>>) -> Self {
        let history = History::of(&entries);
        let mut state = Self::default();
        for entry in entries.iter().filter(|entry| !history.undone.contains(&entry.seq)) {
            state.apply(entry);
        }
        let named = |seq: Option<&u64>| {
            let seq = *seq?;
            let entry = entries.iter().find(|entry| entry.seq == seq)?;
            Some((seq, entry.action.describe()))
        };
        state.undo = named(history.can_undo.last());
        state.redo = named(history.can_redo.last());
        state.journal = entries;
        state
    }

    /// The number the next evidence gets: one more than any number ever given, removed and
    /// undone ones included.
    pub fn next_evidence(&self) -> u64 {
        let given = self.journal.iter().filter_map(|entry| match entry.action {
            Action::Tagged { id, .. } => Some(id),
            _ => None,
        });
        given.max().unwrap_or(0) + 1
    }

    /// Every snapshot that the case has ever had and that was not undone, retired ones last.
    pub fn every_snapshot(&self) -> impl Iterator<Item = &Snapshot> {
        self.snapshots.iter().chain(self.retired.iter().map(|retired| &retired.snapshot))
    }

    /// Why a snapshot was retired; `None` where it was not.
    pub fn retired_because(&self, snapshot: Digest) -> Option<&str> {
        let mut retired = self.retired.iter();
        retired.find(|retired| retired.snapshot.sha256 == snapshot).map(|retired| retired.reason.as_str())
    }

    /// The mapping that a piece of evidence was read with, where its snapshot is read with another
    /// one now.
    pub fn earlier_mapping<'a>(&self, evidence: &'a Evidence) -> Option<&'a Mapping> {
        let EvidenceSource::Exchange { exchange, .. } = &evidence.source else { return None };
        let now = self.mappings.get(&exchange.snapshot);
        evidence.read_with.as_deref().filter(|then| Some(*then) != now.map(Arc::as_ref))
    }

    fn replace_mapping(&mut self, snapshot: Digest, mapping: &Mapping, zones: &[Option<String>]) {
        self.mappings.insert(snapshot, Arc::new(mapping.clone()));
        let retired = self.retired.iter_mut().map(|retired| &mut retired.snapshot);
        for found in self.snapshots.iter_mut().chain(retired).filter(|found| found.sha256 == snapshot) {
            found.mapping = mapping.clone();
            for (file, zone) in found.files.iter_mut().zip(zones) {
                file.recorded_zone.clone_from(zone);
            }
        }
    }

    fn retire(&mut self, snapshot: Digest, reason: &str) {
        if let Some(at) = self.snapshots.iter().position(|found| found.sha256 == snapshot) {
            let snapshot = self.snapshots.remove(at);
            self.retired.push(Retired { snapshot, reason: reason.to_owned() });
        }
    }

    fn restore(&mut self, snapshot: Digest) {
        if let Some(at) = self.retired.iter().position(|retired| retired.snapshot.sha256 == snapshot) {
            self.snapshots.push(self.retired.remove(at).snapshot);
        }
    }

    fn apply(&mut self, entry: &Entry) {
        match &entry.action {
            Action::CaseCreated { name, .. } => self.name.clone_from(name),
            Action::SnapshotAdded { snapshot } => {
                self.mappings.insert(snapshot.sha256, Arc::new(snapshot.mapping.clone()));
                self.snapshots.push(snapshot.clone());
            }
            Action::SnapshotRetired { snapshot, reason } => self.retire(*snapshot, reason),
            Action::SnapshotRestored { snapshot, .. } => self.restore(*snapshot),
            Action::MappingReplaced { snapshot, mapping, recorded_zones, .. } => {
                self.replace_mapping(*snapshot, mapping, recorded_zones);
            }
            Action::Tagged { id, source, tag, note } => {
                let read_with = match source {
                    EvidenceSource::Exchange { exchange, .. } => {
                        self.mappings.get(&exchange.snapshot).cloned()
                    }
                    EvidenceSource::Account { .. } | EvidenceSource::Scope { .. } => None,
                };
                let (source, tag, note) = (source.clone(), tag.clone(), note.clone());
                let evidence = Evidence { id: *id, source, tag, note, marked: entry.ts, read_with };
                self.evidence.insert(*id, evidence);
            }
            Action::EvidenceChanged { id, tag, note } => {
                if let Some(evidence) = self.evidence.get_mut(id) {
                    evidence.tag = tag.clone();
                    evidence.note.clone_from(note);
                }
            }
            Action::EvidenceRemoved { id } => {
                self.evidence.remove(id);
            }
            Action::ScopeSaved { name, scope } => {
                self.scopes.retain(|saved| saved.name != *name);
                self.scopes.push(SavedScope { name: name.clone(), scope: scope.clone() });
            }
            Action::ScopeRemoved { name } => self.scopes.retain(|saved| saved.name != *name),
            Action::EventAdded { event } => {
                self.events.push(event.clone());
                self.events.sort();
            }
            Action::EventRemoved { event } => {
                if let Some(at) = self.events.iter().position(|known| known == event) {
                    self.events.remove(at);
                }
            }
            Action::AlternativeWeighed { alternative } => {
                self.alternatives.retain(|known| {
                    let key = |told: &Alternative| {
                        // A subject has its own name; entries of earlier versions have nothing else.
                        let name = told.subject.is_none().then(|| told.lead.clone());
                        (told.subject.clone(), name, told.explanation.clone())
                    };
                    key(known) != key(alternative)
                });
                self.alternatives.push(alternative.clone());
            }
            Action::SettingChanged { key, value } if value.is_empty() => {
                self.settings.remove(key);
            }
            Action::SettingChanged { key, value } => {
                self.settings.insert(key.clone(), value.clone());
            }
            Action::TextRevealed { .. }
            | Action::Exported { .. }
            | Action::Undone { .. }
            | Action::Redone { .. } => {}
        }
    }
}

/// Which entries are undone, and what undo and redo would take next.
struct History {
    undone: BTreeSet<u64>,
    /// Decisions that stand, oldest first.
    can_undo: Vec<u64>,
    /// Undone decisions, the one to do again last.
    can_redo: Vec<u64>,
}

impl History {
    fn of(entries: &[Arc<Entry>]) -> Self {
        let mut history = Self { undone: BTreeSet::new(), can_undo: Vec::new(), can_redo: Vec::new() };
        for entry in entries {
            match entry.action {
                Action::Undone { entry } => {
                    history.undone.insert(entry);
                    history.can_undo.retain(|&seq| seq != entry);
                    history.can_redo.push(entry);
                }
                Action::Redone { entry } => {
                    history.undone.remove(&entry);
                    history.can_redo.retain(|&seq| seq != entry);
                    history.can_undo.push(entry);
                }
                ref action if action.can_be_undone() => {
                    history.can_undo.push(entry.seq);
                    history.can_redo.clear();
                }
                _ => {}
            }
        }
        history
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(actions: Vec<Action>) -> State {
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        for action in actions {
            let prev = entries.last().map(AsRef::as_ref);
            let entry = Entry::new(prev, 0, "ada", String::new(), action).unwrap();
            entries.push(Arc::new(entry));
        }
        State::fold(entries)
    }

    fn tagged(id: u64) -> Action {
        let source = EvidenceSource::Account { account: "a".into() };
        Action::Tagged { id, source, tag: Tag::ReliedOn, note: String::new() }
    }

    #[test]
    fn undo_takes_back_the_last_decision_and_redo_brings_it_again() {
        let undone = fold(vec![tagged(1), tagged(2), Action::Undone { entry: 2 }]);
        assert_eq!(undone.evidence.keys().collect::<Vec<_>>(), [&1]);
        assert_eq!(undone.undo.as_ref().unwrap().0, 1);
        assert_eq!(undone.redo.as_ref().unwrap().0, 2);
        let redone =
            fold(vec![tagged(1), tagged(2), Action::Undone { entry: 2 }, Action::Redone { entry: 2 }]);
        assert_eq!(redone.evidence.len(), 2);
        assert_eq!(redone.redo, None);
    }

    #[test]
    fn a_new_decision_clears_what_could_be_redone() {
        let state = fold(vec![tagged(1), Action::Undone { entry: 1 }, tagged(2)]);
        assert_eq!(state.redo, None);
        assert_eq!(state.evidence.keys().collect::<Vec<_>>(), [&2]);
    }

    #[test]
    fn evidence_numbers_are_never_used_twice() {
        let state = fold(vec![tagged(1), tagged(2), Action::EvidenceRemoved { id: 2 }]);
        assert_eq!(state.next_evidence(), 3);
        assert_eq!(State::default().next_evidence(), 1);
    }

    #[test]
    fn looking_and_exporting_cannot_be_undone() {
        let looked = Action::TextRevealed { exchanges: Vec::new(), reason: "why".into() };
        assert_eq!(fold(vec![looked]).undo, None);
    }
}
