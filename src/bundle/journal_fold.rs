//! Fold of a journal as a bundle shows it: evidence, sources, program and legal frame at its end.
//!
//! An export makes its legal tables of it, and `verify` makes them again, so that both say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde_json::Value;

use super::BundleError;
use super::journal_fields::shown_values;
use super::kinds::of_kind;
use super::legal::shown as legal_shown;
use super::provenance::{Act, shown, words_of};
use crate::case::legal::{Legal, LegalDecision, Profile};
use crate::case::{JournalField, JournalLine, Person, STORY_IN_PRODUCTION, StoryChange, StoryPart, Verdict};
use crate::exhibit::KINDS;
use crate::model::{Micros, Tag};

/// Beginning of the pointers of a scope in an entry.
pub(super) const SCOPE: &str = "/source/scope";
/// Most files whose facts are kept.
pub(super) const MOST: usize = 200_000;

/// Evidence, sources and program as the journal has them.
#[derive(Default)]
pub(super) struct Facts {
    /// Evidence that is marked at the end, by number.
    pub evidence: BTreeMap<u64, Marked>,
    /// Files of snapshots: snapshot, name, bytes, SHA-256, rows.
    pub sources: Vec<[String; 5]>,
    /// Entries as the CASE document describes them, with their times.
    pub acts: BTreeSet<(String, String)>,
    /// These entries in their order, with what they are about.
    pub entries: Vec<Act>,
    /// Time of the first entry.
    pub created: Option<Micros>,
    /// Version, commit and binary of the last opening.
    pub program: Option<[Value; 3]>,
    /// Legal frame, as far as it is part of the bundle's profile.
    pub legal: Legal,
    /// The story; the text of a part is empty where its entry does not show it.
    pub story: Vec<StoryPart>,
    /// Entries that show the text of a part of the story, with the part.
    pub shown_texts: BTreeMap<u64, StoryPart>,
    /// True if PRODUCTION bundles print the story.
    pub is_story_produced: bool,
    /// Settings whose values the journal shows.
    pub settings: BTreeMap<String, String>,
    /// Benign explanations that were weighed: explanation, evidence for, evidence against, verdict in words.
    pub weighed: Vec<[String; 4]>,
    /// Events that the investigator noted: time and words.
    pub events: BTreeSet<(Micros, String)>,
    /// Key of the pseudonyms, where the journal shows it.
    pub key: Option<String>,
    /// Reasons of redactions by number.
    pub redactions: BTreeMap<u64, String>,
    /// Imports by snapshot.
    pub imports: BTreeMap<String, Imported>,
}

/// Import of a snapshot as the journal shows it, after its last reading with another mapping.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Imported {
    /// Values by their pointers: `/sealing`, `/files/0/recorded_zone`, `/mapping/preset`, `/report/rows`.
    pub shown: BTreeMap<String, Value>,
    /// Pointers of values that the journal withholds or shows as something else.
    pub hidden: BTreeSet<String>,
    /// Reason for which it was retired.
    pub retired: Option<String>,
    /// True if it was read with another mapping later.
    pub is_read_again: bool,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Marked {
    /// `exchange`, `account` or `scope`.
    pub kind: String,
    /// Its tag.
    pub tag: String,
    /// The exchange; empty for another kind.
    pub exchange: String,
    /// The record's SHA-256 or commitment; empty for another kind.
    pub record: String,
    /// The account; empty for another kind.
    pub account: String,
    /// The note; empty where the journal does not show it.
    pub note: String,
    /// Kinds of the exhibits that a bundle has of it.
    pub exhibits: Vec<&'static str>,
    /// The title of its scope; empty for another kind.
    pub title: String,
    /// Values of its scope by their pointers in the entry; empty for another kind.
    pub scope: BTreeMap<String, Value>,
}

impl Marked {
    /// True for an account, or accounts, known to be benign.
    pub(super) fn is_control(&self) -> bool {
        self.tag == Tag::Control.as_str()
    }
}

/// Exhibit that a bundle has of a piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// `EX-0002`.
    pub number: String,
    /// The evidence.
    pub evidence: u64,
    /// Its kind.
    pub kind: &'static str,
}

impl Placed {
    /// Title of its kind.
    pub(super) fn title(&self) -> &'static str {
        KINDS.iter().find(|own| own.name == self.kind).map_or("", |own| own.title)
    }
}

impl Facts {
    /// Numbers of repeated marks, each with the number of the first mark of the same source and tag.
    pub(super) fn repeats(&self) -> BTreeMap<u64, u64> {
        let mut first = BTreeMap::new();
        let mark = |own: &Marked| {
            let scope = serde_json::to_string(&own.scope).unwrap_or_default();
            [&own.kind, &own.tag, &own.exchange, &own.record, &own.account, &scope].map(String::clone)
        };
        let firsts = self.evidence.iter().map(|(id, own)| (*id, *first.entry(mark(own)).or_insert(*id)));
        firsts.filter(|(id, first)| id != first).collect()
    }

    /// Exhibits of the evidence, of repeated marks once, and of controls none. Their numbers follow from the evidence;
    /// the records are the first exhibit.
    pub(super) fn exhibits(&self) -> impl Iterator<Item = Placed> {
        let repeats = self.repeats();
        let marks =
            self.evidence.iter().filter(move |(id, own)| !repeats.contains_key(id) && !own.is_control());
        let kinds = marks.flat_map(|(id, own)| own.exhibits.iter().map(move |kind| (*id, *kind)));
        kinds.zip(2..).map(|((evidence, kind), number)| Placed {
            number: format!("EX-{number:04}"),
            evidence,
            kind,
        })
    }
}

impl Imported {
    /// Takes over mapping, zones and report of a later reading.
    fn read_again(&mut self, later: Self) {
        let is_later = |pointer: &String| {
            ["/mapping/", "/report/"].iter().any(|start| pointer.starts_with(start))
                || pointer.ends_with("/recorded_zone")
        };
        self.shown.retain(|pointer, _| !is_later(pointer));
        self.hidden.retain(|pointer| !is_later(pointer));
        self.is_read_again = true;
        self.shown.extend(later.shown);
        self.hidden.extend(later.hidden);
    }
}

/// An entry as the CASE document has it; `None` for one that it does not have.
fn act(line: &JournalLine, ts: Micros, text: &dyn Fn(&str) -> String) -> Option<Act> {
    let action = text("/action");
    words_of(&action)?;
    let [name, role, organisation] =
        ["name", "role", "organisation"].map(|part| text(&format!("/person/{part}")));
    let person = match name.trim().is_empty() {
        true => text("/actor"),
        false => Person { name, role, organisation }.in_words(),
    };
    let snapshot = |own: String| Some(("snapshot", own));
    let object = match (action.as_str(), text("/source/kind").as_str()) {
        ("snapshot_added", _) => snapshot(text("/snapshot/sha256")),
        ("mapping_replaced" | "snapshot_retired" | "snapshot_restored", _) => snapshot(text("/snapshot")),
        ("tagged", "exchange") => {
            snapshot(text("/source/exchange").split('/').next().unwrap_or_default().to_owned())
        }
        ("tagged", "account") => Some(("account", text("/source/account"))),
        _ => None,
    };
    Some(Act { seq: line.seq, hash: line.hash.to_string(), ts, person: shown(&person), action, object })
}

/// Values of an import or of a later reading, under the pointers of [`Imported`].
fn imported(line: &JournalLine, all: &BTreeMap<String, Value>) -> Imported {
    let inside = |pointer: &str| -> Option<String> {
        let own = pointer.strip_prefix("/snapshot/").map(|rest| format!("/{rest}"));
        let own = own.or_else(|| {
            let zone = pointer.strip_prefix("/recorded_zones/")?;
            Some(format!("/files/{zone}/recorded_zone"))
        });
        let is_own = || ["/mapping/", "/report/"].iter().any(|start| pointer.starts_with(start));
        own.or_else(|| is_own().then(|| pointer.to_owned()))
    };
    let mut made = Imported::default();
    for (pointer, value) in all {
        if pointer == "/recorded_zones" {
            let zones = value.as_array().into_iter().flatten().enumerate();
            made.shown.extend(zones.map(|(at, zone)| (format!("/files/{at}/recorded_zone"), zone.clone())));
        } else if let Some(own) = inside(pointer) {
            made.shown.insert(own, value.clone());
        }
    }
    for field in line.fields.iter().flatten() {
        // Files whose names are pseudonyms have their values in the order of these.
        if let JournalField::Withheld { withheld, instead, .. } = field
            && let Some(own) = inside(withheld)
            && !(own.starts_with("/files/") && instead.is_some())
        {
            made.shown.remove(&own);
            made.hidden.insert(own);
        }
    }
    made
}

/// Actions on evidence in their order, with what was undone.
#[derive(Default)]
pub(super) struct Fold {
    profile: Profile,
    actions: BTreeMap<u64, Change>,
    /// Acts undone (true) and redone, in order, as ranges of entries.
    reversals: Vec<(RangeInclusive<u64>, bool)>,
}

enum Change {
    Tagged(u64, Marked),
    Changed(u64, [String; 2]),
    Removed(u64),
    Legal(Box<LegalDecision>),
    Story(StoryChange),
    Setting(String, String),
    Weighed([String; 4]),
    Noted((Micros, String)),
    Unnoted((Micros, String)),
    Read(String, Imported),
    Retired(String, Option<String>),
    Redacted(u64, Option<String>),
}

impl Fold {
    /// Nothing so far, of a bundle of this profile.
    pub(super) fn of(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }

    /// Adds an entry; otherwise what is wrong with it.
    ///
    /// # Errors
    /// The fault, in words.
    pub(super) fn add(&mut self, line: &JournalLine, facts: &mut Facts) -> Result<(), String> {
        let all: BTreeMap<String, Value> = shown_values(line).0.into_iter().collect();
        let shown = |pointer: &str| all.get(pointer).cloned();
        let text = |pointer: &str| {
            shown(pointer).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let number = |pointer: &str| shown(pointer).and_then(|value| value.as_u64());
        let ts = shown("/ts").and_then(|ts| ts.as_i64()).unwrap_or_default();
        facts.created.get_or_insert(ts);
        facts.entries.extend(act(line, ts, &text));
        match (text("/action").as_str(), number("/id")) {
            ("tagged", Some(id)) => {
                let accounts = shown("/source/scope/accounts/ids");
                let accounts = accounts.and_then(|ids| ids.as_array().map(Vec::len)).unwrap_or(0);
                let marked = Marked {
                    exhibits: of_kind(&text("/source/kind"), accounts),
                    scope: all
                        .iter()
                        .filter(|(pointer, _)| pointer.starts_with(SCOPE))
                        .map(|(pointer, value)| (pointer.clone(), value.clone()))
                        .collect(),
                    kind: text("/source/kind"),
                    title: text("/source/title"),
                    tag: text("/tag"),
                    exchange: text("/source/exchange"),
                    record: text("/source/record"),
                    account: text("/source/account"),
                    note: text("/note"),
                };
                self.actions.insert(line.seq, Change::Tagged(id, marked));
            }
            ("evidence_changed", Some(id)) => {
                self.actions.insert(line.seq, Change::Changed(id, [text("/tag"), text("/note")]));
            }
            ("evidence_removed", Some(id)) => drop(self.actions.insert(line.seq, Change::Removed(id))),
            ("story_written", Some(id)) => {
                let exhibit = shown("/exhibit").and_then(|own| own.as_str().map(str::to_owned));
                let part = StoryPart { id, text: text("/text"), evidence: number("/evidence"), exhibit };
                if shown("/text").is_some_and(|own| own.as_str() != Some("")) {
                    facts.shown_texts.insert(line.seq, part.clone());
                }
                self.actions.insert(line.seq, Change::Story(StoryChange::Written(part)));
            }
            ("story_moved", Some(id)) => {
                let change = StoryChange::Moved { id, after: number("/after") };
                self.actions.insert(line.seq, Change::Story(change));
            }
            ("story_removed", Some(id)) => {
                self.actions.insert(line.seq, Change::Story(StoryChange::Removed(id)));
            }
            ("setting_changed", _) => {
                self.actions.insert(line.seq, Change::Setting(text("/key"), text("/value")));
            }
            ("alternative_weighed", _) => {
                let verdict = shown("/alternative/verdict").and_then(|own| serde_json::from_value(own).ok());
                let verdict = verdict.map_or("", Verdict::in_words).to_owned();
                let own = ["explanation", "evidence_for", "evidence_against"]
                    .map(|name| text(&format!("/alternative/{name}")));
                let [explanation, evidence_for, evidence_against] = own;
                let weighed = [explanation, evidence_for, evidence_against, verdict];
                self.actions.insert(line.seq, Change::Weighed(weighed));
            }
            ("event_added" | "event_removed", _) => {
                let time = shown("/event/ts").and_then(|time| time.as_i64()).unwrap_or_default();
                let event = (time, text("/event/label"));
                let is_new = text("/action") == "event_added";
                let change = if is_new { Change::Noted(event) } else { Change::Unnoted(event) };
                self.actions.insert(line.seq, change);
            }
            ("bundle_key_made", _) => {
                facts.key = shown("/key").and_then(|key| key.as_str().map(str::to_owned))
            }
            ("legal", _) => {
                if let Some(decision) = legal_shown::decision(&all, self.profile)? {
                    self.actions.insert(line.seq, Change::Legal(Box::new(decision)));
                }
            }
            ("undone" | "redone", _) => {
                let Some(first) = number("/entry") else { return Ok(()) };
                // An act of several entries is undone as a whole.
                let last = number("/last").unwrap_or(first);
                if last < first || last >= line.seq {
                    return Err(format!("takes back entries {first} to {last}, which are not before it"));
                }
                self.reversals.push((first..=last, text("/action") == "undone"));
            }
            ("opened", _) => {
                let value = |pointer: &str| shown(pointer).unwrap_or_default();
                facts.program = Some([value("/version"), value("/commit"), value("/binary")]);
            }
            ("snapshot_added", _) => {
                let snapshot = text("/snapshot/sha256");
                for at in 0..MOST {
                    let field = |name: &str| format!("/snapshot/files/{at}/{name}");
                    let file = text(&field("name"));
                    if file.is_empty() {
                        break;
                    }
                    let count = |name: &str| number(&field(name)).unwrap_or_default().to_string();
                    let sha256 = text(&field("sha256"));
                    facts.sources.push([snapshot.clone(), file, count("bytes"), sha256, count("rows")]);
                }
                facts.imports.insert(snapshot, imported(line, &all));
            }
            ("redaction_added", Some(id)) => {
                self.actions.insert(line.seq, Change::Redacted(id, Some(text("/reason"))));
            }
            ("redaction_removed", Some(id)) => {
                self.actions.insert(line.seq, Change::Redacted(id, None));
            }
            ("mapping_replaced", _) => {
                self.actions.insert(line.seq, Change::Read(text("/snapshot"), imported(line, &all)));
            }
            ("snapshot_retired", _) => {
                let change = Change::Retired(text("/snapshot"), Some(text("/reason")));
                self.actions.insert(line.seq, change);
            }
            ("snapshot_restored", _) => {
                self.actions.insert(line.seq, Change::Retired(text("/snapshot"), None));
            }
            _ => {}
        }
        Ok(())
    }

    /// Entries of actions that stand undone at the end: the last reversal of each one counts.
    fn undone(&self) -> BTreeSet<u64> {
        let mut open: BTreeSet<u64> = self.actions.keys().copied().collect();
        let mut undone = BTreeSet::new();
        for (act, is_undone) in self.reversals.iter().rev() {
            let covered: Vec<u64> = open.range(act.clone()).copied().collect();
            for seq in covered {
                open.remove(&seq);
                if *is_undone {
                    undone.insert(seq);
                }
            }
        }
        undone
    }

    /// Evidence and legal frame at the end.
    pub(super) fn end(self, facts: &mut Facts) {
        let undone = self.undone();
        for (seq, change) in self.actions {
            if undone.contains(&seq) {
                continue;
            }
            match change {
                Change::Tagged(id, marked) => drop(facts.evidence.insert(id, marked)),
                Change::Changed(id, [tag, note]) => {
                    if let Some(marked) = facts.evidence.get_mut(&id) {
                        (marked.tag, marked.note) = (tag, note);
                    }
                }
                Change::Removed(id) => drop(facts.evidence.remove(&id)),
                Change::Legal(decision) => facts.legal.apply(&decision),
                Change::Story(change) => change.apply(&mut facts.story),
                Change::Setting(key, value) => {
                    if key == STORY_IN_PRODUCTION {
                        facts.is_story_produced = !value.is_empty();
                    }
                    facts.settings.insert(key, value);
                }
                Change::Weighed(weighed) => facts.weighed.push(weighed),
                Change::Noted(event) => drop(facts.events.insert(event)),
                Change::Unnoted(event) => drop(facts.events.remove(&event)),
                Change::Read(snapshot, read) => {
                    if let Some(own) = facts.imports.get_mut(&snapshot) {
                        own.read_again(read);
                    }
                }
                Change::Redacted(id, Some(reason)) => drop(facts.redactions.insert(id, reason)),
                Change::Redacted(id, None) => drop(facts.redactions.remove(&id)),
                Change::Retired(snapshot, reason) => {
                    if let Some(own) = facts.imports.get_mut(&snapshot) {
                        own.retired = reason;
                    }
                }
            }
        }
    }
}

/// Legal frame as the lines of a bundle show it.
///
/// # Errors
/// A line that does not show a legal decision whole.
pub(super) fn shown_legal(lines: &[JournalLine], profile: Profile) -> Result<Legal, BundleError> {
    let (mut fold, mut facts) = (Fold::of(profile), Facts::default());
    for line in lines {
        fold.add(line, &mut facts).map_err(BundleError::encode("the legal frame of the journal"))?;
    }
    fold.end(&mut facts);
    Ok(facts.legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: u64, body: &serde_json::Value) -> JournalLine {
        let (body, zero) = (body.to_string(), crate::model::Digest([0; 32]));
        let (fields, stated) = (None, None);
        JournalLine { seq, prev: zero, body_hash: zero, hash: zero, body: Some(body), fields, stated }
    }

    /// The last reversal of an entry counts, and a range of any length takes no memory.
    #[test]
    fn reversals_are_ranges_of_entries_before_them() {
        let (mut fold, mut facts) = (Fold::default(), Facts::default());
        let tagged = |id: u64| serde_json::json!({"action": "tagged", "id": id, "tag": "relied-on"});
        let back = |action: &str, first: u64, last: u64| serde_json::json!({"action": action, "entry": first, "last": last});
        let entries = [tagged(1), tagged(2), tagged(3), back("undone", 1, 3), back("redone", 2, 2)];
        for (body, seq) in entries.iter().zip(1..) {
            fold.add(&line(seq, body), &mut facts).unwrap();
        }
        for (first, last) in [(1, u64::MAX), (3, 2), (6, 6)] {
            assert!(fold.add(&line(6, &back("undone", first, last)), &mut facts).is_err());
        }
        assert_eq!(
            {
                fold.end(&mut facts);
                facts.evidence.into_keys().collect::<Vec<_>>()
            },
            [2]
        );
    }
}
