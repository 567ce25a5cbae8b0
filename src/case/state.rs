//! Present state of a case: the fold of its journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::decision::{Alternative, EvidenceSource, InvestigatorEvent};
use super::person::{NAME, ORGANISATION, ROLE};
use super::redaction::Redaction;
use super::report::CaseReport;
use super::review::{Review, ReviewStatus};
use super::story::{self, BoardGroup, StoryChange, StoryPart};
use super::{Action, Entry, JournalLine, Person};
use crate::model::{Digest, Micros, Scope, Tag};
use crate::snapshot::{Mapping, Snapshot};

/// Piece of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Its number, from 1, never used twice.
    pub id: u64,
    /// Marked exchange, account or scope.
    pub source: EvidenceSource,
    /// Its tag.
    pub tag: Tag,
    /// The investigator's note.
    pub note: String,
    /// Time of marking, microseconds UTC.
    pub marked: Micros,
    /// Mapping under which the record of an exchange was read when it was marked.
    pub read_with: Option<Arc<Mapping>>,
}

/// Snapshot that was retired from the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The snapshot; its sealed copy stays where it is.
    pub snapshot: Snapshot,
    /// Reason for the retirement.
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

/// Act that undo or redo takes next: entries `first` to `last`, which were written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Sequence number of its first entry.
    pub first: u64,
    /// Sequence number of its last entry.
    pub last: u64,
    /// The act in words; hostile characters are not yet made visible.
    pub what: String,
}

/// Present state of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The case's name.
    pub name: String,
    /// Sealed snapshots, in the order they came.
    pub snapshots: Vec<Snapshot>,
    /// Snapshots that were retired, in the order of their retirement.
    pub retired: Vec<Retired>,
    /// Evidence, by number.
    pub evidence: BTreeMap<u64, Evidence>,
    /// Saved scopes, in the order they were saved.
    pub scopes: Vec<SavedScope>,
    /// The investigator's events, by time.
    pub events: Vec<InvestigatorEvent>,
    /// Weighed alternatives, oldest first; the latest of each subject and explanation.
    pub alternatives: Vec<Alternative>,
    /// Reviews of leads, oldest first; the latest of each lead. A lead set back to new has none.
    pub reviews: Vec<Review>,
    /// Evidence as it is ordered and grouped on the board.
    pub board: Vec<BoardGroup>,
    /// The story, in order.
    pub story: Vec<StoryPart>,
    /// Redactions, oldest first.
    pub redactions: Vec<Redaction>,
    /// Legal frame: terms, notices, measures, prices, losses, elements.
    pub legal: super::legal::Legal,
    /// Settings that differ from their defaults.
    pub settings: BTreeMap<String, String>,
    /// Act that undo takes back next.
    pub undo: Option<Step>,
    /// Act that redo restores next.
    pub redo: Option<Step>,
    /// Present mapping of each snapshot, shared with the evidence marked under it.
    pub mappings: BTreeMap<Digest, Arc<Mapping>>,
    /// Report of the last reading of each snapshot, where the journal has one.
    pub reports: BTreeMap<Digest, Arc<CaseReport>>,
    /// Secret key of pseudonyms and commitments in bundles; `None` before the first bundle.
    pub bundle_key: Option<Digest>,
    /// All journal entries, oldest first.
    pub journal: Vec<Arc<Entry>>,
}

impl State {
    /// State after these entries. Undone entries are ignored; only a redo restores them; a new decision
    /// clears the list of entries that can be redone.
    pub fn fold(entries: Vec<Arc<Entry>>) -> Self {
        let history = History::of(&entries);
        let mut state = Self::default();
        for entry in entries.iter().filter(|entry| !history.undone.contains(&entry.seq)) {
            state.apply(entry);
        }
        state.undo = history.can_undo.last().and_then(|act| step(&entries, *act));
        state.redo = history.can_redo.last().and_then(|act| step(&entries, *act));
        state.journal = entries;
        state
    }

    /// State after the entries of these journal lines, which have their bodies.
    ///
    /// # Errors
    /// A line without its body, or whose body is no entry.
    pub fn of_lines(lines: &[JournalLine]) -> Result<Self, serde_json::Error> {
        let entry = |line: &JournalLine| {
            let body = line.body.clone().unwrap_or_default();
            Entry::parse(body, line.body_hash, line.hash).map(Arc::new)
        };
        Ok(Self::fold(lines.iter().map(entry).collect::<Result<_, _>>()?))
    }

    /// Number of the next evidence: one more than the largest number given so far, removed and undone
    /// evidence included.
    pub fn next_evidence(&self) -> u64 {
        self.next(|action| if let Action::Tagged { id, .. } = action { Some(*id) } else { None })
    }

    /// Number of the next part of the story: one more than the largest number given so far.
    pub fn next_story_part(&self) -> u64 {
        self.next(|action| if let Action::StoryWritten { id, .. } = action { Some(*id) } else { None })
    }

    /// Number of the next redaction: one more than the largest number given so far.
    pub fn next_redaction(&self) -> u64 {
        self.next(|action| if let Action::RedactionAdded { id, .. } = action { Some(*id) } else { None })
    }

    fn next(&self, number: impl Fn(&Action) -> Option<u64>) -> u64 {
        self.journal.iter().filter_map(|entry| number(&entry.action)).max().unwrap_or(0) + 1
    }

    /// All snapshots of the case, retired ones last.
    pub fn every_snapshot(&self) -> impl Iterator<Item = &Snapshot> {
        self.snapshots.iter().chain(self.retired.iter().map(|retired| &retired.snapshot))
    }

    /// Reason for which a snapshot was retired; `None` if it was not.
    pub fn retired_because(&self, snapshot: Digest) -> Option<&str> {
        let mut retired = self.retired.iter();
        retired.find(|retired| retired.snapshot.sha256 == snapshot).map(|retired| retired.reason.as_str())
    }

    /// Mapping under which a piece of evidence was read, if its snapshot has another one now.
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

    /// Keeps the report of a reading; a reading without one makes that of the reading before void.
    fn keep_report(&mut self, snapshot: Digest, report: Option<&CaseReport>) {
        match report {
            Some(report) => drop(self.reports.insert(snapshot, Arc::new(report.clone()))),
            None => drop(self.reports.remove(&snapshot)),
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
            Action::SnapshotAdded { snapshot, report } => {
                self.keep_report(snapshot.sha256, report.as_deref());
                self.mappings.insert(snapshot.sha256, Arc::new(snapshot.mapping.clone()));
                self.snapshots.push(snapshot.clone());
            }
            Action::SnapshotRetired { snapshot, reason } => self.retire(*snapshot, reason),
            Action::SnapshotRestored { snapshot, .. } => self.restore(*snapshot),
            Action::MappingReplaced { snapshot, mapping, recorded_zones, report, .. } => {
                self.keep_report(*snapshot, report.as_deref());
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
                story::add(&mut self.board, *id);
            }
            Action::EvidenceChanged { id, tag, note } => {
                if let Some(evidence) = self.evidence.get_mut(id) {
                    evidence.tag = tag.clone();
                    evidence.note.clone_from(note);
                }
            }
            Action::EvidenceRemoved { id } => {
                self.evidence.remove(id);
                story::take_off(&mut self.board, *id);
                self.board.retain(|group| !group.evidence.is_empty());
            }
            Action::EvidencePlaced { id, group, after } => {
                if self.evidence.contains_key(id) {
                    story::place(&mut self.board, *id, group, *after);
                }
            }
            Action::StoryWritten { .. } | Action::StoryMoved { .. } | Action::StoryRemoved { .. } => {
                StoryChange::of(&entry.action).into_iter().for_each(|own| own.apply(&mut self.story));
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
                if let Some(at) = self.events.iter().position(|noted| noted == event) {
                    self.events.remove(at);
                }
            }
            Action::AlternativeWeighed { alternative } => {
                self.alternatives.retain(|earlier| {
                    let key = |weighed: &Alternative| {
                        // Entries of earlier versions have a name and no subject.
                        let name = weighed.subject.is_none().then(|| weighed.lead.clone());
                        (weighed.subject.clone(), name, weighed.explanation.clone())
                    };
                    key(earlier) != key(alternative)
                });
                self.alternatives.push(alternative.clone());
            }
            Action::LeadsReviewed { leads, status, reason } => {
                for lead in leads {
                    self.reviews.retain(|earlier| earlier.lead != *lead);
                    if *status != ReviewStatus::New {
                        let (lead, reason) = (lead.clone(), reason.clone());
                        self.reviews.push(Review { lead, status: *status, reason, ts: entry.ts });
                    }
                }
            }
            Action::SettingChanged { key, value } if value.is_empty() => {
                self.settings.remove(key);
            }
            Action::SettingChanged { key, value } => {
                self.settings.insert(key.clone(), value.clone());
            }
            Action::RedactionAdded { id, what, reason } => {
                let named = entry.person.as_ref().map(Person::in_words).filter(|name| !name.is_empty());
                let person = named.unwrap_or_else(|| entry.actor.clone());
                let (what, reason) = (what.clone(), reason.clone());
                self.redactions.push(Redaction { id: *id, what, reason, person, ts: entry.ts });
            }
            Action::RedactionRemoved { id } => self.redactions.retain(|redaction| redaction.id != *id),
            Action::BundleKeyMade { key } => self.bundle_key = Some(*key),
            Action::Legal { legal } => self.legal.apply(legal),
            Action::Opened { .. }
            | Action::TextRevealed { .. }
            | Action::Exported { .. }
            | Action::Undone { .. }
            | Action::Redone { .. } => {}
        }
    }
}

/// First and last entry of an act.
type Act = (u64, u64);

/// The act in words, for undo and redo; `None` for an act that the journal does not have.
fn step(entries: &[Arc<Entry>], (first, last): Act) -> Option<Step> {
    let of_act = entries.iter().filter(|entry| (first..=last).contains(&entry.seq));
    let actions: Vec<&Action> = of_act.map(|entry| &entry.action).collect();
    let what = match (actions.first()?, actions.len()) {
        (only, 1) => only.describe(),
        (Action::Tagged { tag, .. }, many) => format!("{many} pieces of evidence tagged {tag}"),
        (beginning, many) => format!("{many} decisions, beginning with: {}", beginning.describe()),
    };
    Some(Step { first, last, what })
}

/// Undone entries, and the acts that undo and redo can take.
struct History {
    undone: BTreeSet<u64>,
    /// Acts in effect, oldest first.
    can_undo: Vec<Act>,
    /// Undone acts, the next one to restore last.
    can_redo: Vec<Act>,
}

impl History {
    fn of(entries: &[Arc<Entry>]) -> Self {
        let mut history = Self { undone: BTreeSet::new(), can_undo: Vec::new(), can_redo: Vec::new() };
        for entry in entries {
            match entry.action {
                Action::Undone { entry, last } => {
                    let act = (entry, last.unwrap_or(entry));
                    history.undone.extend(act.0..=act.1);
                    history.can_undo.retain(|other| *other != act);
                    history.can_redo.push(act);
                }
                Action::Redone { entry, last } => {
                    let act = (entry, last.unwrap_or(entry));
                    history.undone.retain(|seq| !(act.0..=act.1).contains(seq));
                    history.can_redo.retain(|other| *other != act);
                    history.can_undo.push(act);
                }
                ref action if action.can_be_undone() => {
                    history.can_redo.clear();
                    match history.can_undo.last_mut() {
                        Some((first, last)) if entry.act == Some(*first) => *last = entry.seq,
                        _ => history.can_undo.push((entry.seq, entry.seq)),
                    }
                }
                _ => {}
            }
        }
        history
    }
}

impl Person {
    /// The person that a case names; `None` without a name.
    pub fn of(state: &State) -> Option<Self> {
        let part = |key: &str| state.settings.get(key).cloned().unwrap_or_default();
        let person = Self { name: part(NAME), role: part(ROLE), organisation: part(ORGANISATION) };
        (!person.name.trim().is_empty()).then_some(person)
    }

    /// Entries that set the person of a case, without those that would change nothing.
    pub fn actions(&self, state: &State) -> Vec<Action> {
        let parts = [(NAME, &self.name), (ROLE, &self.role), (ORGANISATION, &self.organisation)];
        let parts = parts.into_iter().map(|(key, value)| (key, value.trim()));
        parts
            .filter(|(key, value)| state.settings.get(*key).map_or("", String::as_str) != *value)
            .map(|(key, value)| Action::SettingChanged { key: key.to_owned(), value: value.to_owned() })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(actions: Vec<Action>) -> State {
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        for action in actions {
            let prev = entries.last().map(AsRef::as_ref);
            let entry = Entry::new(prev, 0, "ada", None, String::new(), action).unwrap();
            entries.push(Arc::new(entry));
        }
        State::fold(entries)
    }

    fn tagged(id: u64) -> Action {
        let source = EvidenceSource::Account { account: "a".into() };
        Action::Tagged { id, source, tag: Tag::ReliedOn, note: String::new() }
    }

    fn undo_of(entry: u64) -> Action {
        Action::Undone { entry, last: None }
    }

    fn redo_of(entry: u64) -> Action {
        Action::Redone { entry, last: None }
    }

    #[test]
    fn an_act_of_several_entries_is_taken_back_and_restored_as_one() {
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        let mut add = |act, action| {
            let prev = entries.last().map(AsRef::as_ref);
            let entry = Entry::of_act(prev, 0, "ada", None, String::new(), act, action).unwrap();
            let again = Entry::parse(entry.body.clone(), entry.body_hash, entry.hash).unwrap();
            assert_eq!(again, entry);
            entries.push(Arc::new(again));
            State::fold(entries.clone())
        };
        add(None, tagged(1));
        for id in 2..=4 {
            add(Some(2), tagged(id));
        }
        let state = add(None, Action::Undone { entry: 2, last: Some(4) });
        assert_eq!(state.evidence.keys().collect::<Vec<_>>(), [&1]);
        assert_eq!(state.undo.as_ref().unwrap().first, 1);
        let redo = state.redo.unwrap();
        assert_eq!(redo, Step { first: 2, last: 4, what: "3 pieces of evidence tagged relied-on".into() });
        let state = add(None, Action::Redone { entry: 2, last: Some(4) });
        assert_eq!((state.evidence.len(), state.redo), (4, None));
        assert_eq!(state.undo.map(|step| (step.first, step.last)), Some((2, 4)));
    }

    #[test]
    fn the_last_review_of_a_lead_counts_and_new_is_none() {
        let lead = |n: u32| crate::model::LeadRef::of(1, [format!("a{n}").as_str().into()].into());
        let reviewed = |leads: &[u32], status| Action::LeadsReviewed {
            leads: leads.iter().map(|n| lead(*n)).collect(),
            status,
            reason: "why".into(),
        };
        let all = vec![
            reviewed(&[1, 2, 3], ReviewStatus::Dismissed),
            reviewed(&[2], ReviewStatus::TakenUp),
            reviewed(&[3], ReviewStatus::New),
        ];
        let said: Vec<_> = fold(all.clone()).reviews.into_iter().map(|one| (one.lead, one.status)).collect();
        assert_eq!(said, [(lead(1), ReviewStatus::Dismissed), (lead(2), ReviewStatus::TakenUp)]);
        let back = fold([all, vec![undo_of(3), undo_of(2), undo_of(1)]].concat());
        assert_eq!(back.reviews, []);
    }

    #[test]
    fn undo_takes_back_the_last_decision_and_redo_brings_it_again() {
        let undone = fold(vec![tagged(1), tagged(2), undo_of(2)]);
        assert_eq!(undone.evidence.keys().collect::<Vec<_>>(), [&1]);
        assert_eq!(undone.undo.as_ref().unwrap().first, 1);
        assert_eq!(undone.redo.as_ref().unwrap().first, 2);
        let redone = fold(vec![tagged(1), tagged(2), undo_of(2), redo_of(2)]);
        assert_eq!(redone.evidence.len(), 2);
        assert_eq!(redone.redo, None);
    }

    #[test]
    fn a_new_decision_clears_what_could_be_redone() {
        let state = fold(vec![tagged(1), undo_of(1), tagged(2)]);
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
    fn board_and_story_are_folded_and_taken_back() {
        let written = |id: u64| Action::StoryWritten { id, text: "a".into(), evidence: None, exhibit: None };
        let placed = Action::EvidencePlaced { id: 1, group: "cards".into(), after: None };
        let moved = Action::StoryMoved { id: 2, after: None };
        let mut all = vec![tagged(1), tagged(2), placed, written(1), written(2), moved];
        let state = fold(all.clone());
        let groups: Vec<_> =
            state.board.iter().map(|group| (group.title.as_str(), &group.evidence[..])).collect();
        assert_eq!(groups, [("", &[2][..]), ("cards", &[1][..])]);
        assert_eq!(state.story.iter().map(|part| part.id).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(state.next_story_part(), 3);
        all.extend([undo_of(6), undo_of(5), undo_of(4), undo_of(3)]);
        let back = fold(all);
        assert_eq!((back.story.len(), back.board.len(), back.board[0].evidence.clone()), (0, 1, vec![1, 2]));
    }

    #[test]
    fn looking_and_exporting_cannot_be_undone() {
        let looked = Action::TextRevealed { exchanges: Vec::new(), reason: "why".into() };
        assert_eq!(fold(vec![looked]).undo, None);
    }
}
