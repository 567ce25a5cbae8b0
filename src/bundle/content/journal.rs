//! The journal: times, what every entry shows, what it hides, and its table for a spreadsheet.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde_json::Value;

use super::super::contents::Contents;
use super::super::journal_fields::{WORK_PRODUCT, is_of_board, shown_values, table};
use super::super::{Audience, BundleError, Fault, custody, manifest};
use crate::case::{Checkpoint, JournalField, JournalLine};
use crate::model::{Watcher, Zone};

/// Bytes of an entry, as for the check of the chain.
const ENTRY: usize = 32 << 20;
/// Maximum number of entries and files whose facts are kept.
const MAX_KEPT: usize = 200_000;

/// Evidence, sources and program as the journal has them.
#[derive(Default)]
pub(super) struct Facts {
    /// Evidence that is marked at the end, by number.
    pub evidence: BTreeMap<u64, Marked>,
    /// Files of snapshots: snapshot, name, bytes, SHA-256, rows.
    pub sources: Vec<[String; 5]>,
    /// Entries as the CASE document describes them, with their times.
    pub acts: BTreeSet<(String, String)>,
    /// Version, commit and binary of the last opening.
    pub program: Option<[Value; 3]>,
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
}

/// Facts of a journal whose chain is sound, and faults of what it shows and hides.
///
/// # Errors
/// Cancelled.
pub(super) fn read(
    contents: &Contents,
    audience: Audience,
    watcher: &dyn Watcher,
) -> Result<(Facts, Vec<Fault>), BundleError> {
    let name = format!("data/{}", custody::JOURNAL);
    let (mut facts, mut faults) = (Facts::default(), Vec::new());
    let Some(mut text) = contents.open(&name) else { return Ok((facts, faults)) };
    let mut fold = Fold::default();
    let mut last = i64::MIN;
    let mut log = withheld_by_log(contents, &mut faults);
    let mut rows = Rows::open(contents);
    let mut count = 0;
    while let Ok(Some(line)) = manifest::next_line(&mut text, ENTRY) {
        let Ok(line) = serde_json::from_slice::<JournalLine>(&line) else { break };
        watcher.check()?;
        count += 1;
        let seq = line.seq;
        let mut fault = |what: String| faults.push(Fault::new(&name, format!("entry {seq}: {what}")));
        let ts = line.value("/ts").and_then(|ts| ts.as_i64());
        let time = ts.map_or_else(String::new, |ts| Zone::utc().format_exact(ts));
        facts.acts.insert((format!("journal entry {seq}, SHA-256 of the chain {}", line.hash), time));
        match ts {
            None => fault("does not show its time".to_owned()),
            Some(ts) if ts < last => fault("is earlier than the entry before it".to_owned()),
            Some(ts) => last = ts,
        }
        for (pointer, what) in [("/actor", "person"), ("/action", "action")] {
            if line.value(pointer).is_none() {
                fault(format!("does not show its {what}"));
            }
        }
        if audience == Audience::Production {
            for what in hidden_faults(&line) {
                fault(what);
            }
        }
        compare_log(&line, &mut log, &mut faults);
        rows.compare(line.clone(), &mut faults);
        if let Err(what) = fold.add(&line, &mut facts) {
            faults.push(Fault::new(&name, format!("entry {seq}: {what}")));
        }
        if faults.len() > 1_000 || count >= MAX_KEPT || facts.sources.len() > MAX_KEPT {
            faults.push(Fault::new(&name, "has more faults or entries than are compared"));
            break;
        }
    }
    rows.end(&mut faults);
    let listed_only = log.keys().take(20).map(|(seq, field)| {
        let what = format!("lists field {field} of entry {seq}, which the journal does not withhold");
        Fault::new(LOG, what)
    });
    faults.extend(listed_only);
    faults.extend(check_time(contents, last));
    facts.evidence = fold.evidence();
    Ok((facts, faults))
}

/// Fields that the other side must not see, and reasons that are not true.
fn hidden_faults(line: &JournalLine) -> Vec<String> {
    let mut found = Vec::new();
    for pointer in ["/note", "/text", "/group"] {
        let is_shown = line.value(pointer).is_some_and(|note| note.as_str() != Some(""));
        if is_shown && is_note(line, pointer) {
            found.push("shows a note, which is work product".to_owned());
        }
    }
    if line.value("/action") == Some("bundle_key_made".into()) && line.value("/key").is_some() {
        found.push("shows the key of the pseudonyms".to_owned());
    }
    for field in line.fields.iter().flatten() {
        if let JournalField::Withheld { withheld, reason, .. } = field
            && is_note(line, withheld) != (reason == WORK_PRODUCT)
        {
            found.push(format!("withholds {withheld} for a reason that is not its own"));
        }
    }
    let must_show =
        ["/seq", "/ts", "/action", "/id", "/tag", "/entry", "/bag", "/manifest", "/snapshot/sha256"];
    for field in line.fields.iter().flatten() {
        if let JournalField::Withheld { withheld, instead, .. } = field
            && must_show.contains(&withheld.as_str())
            // A tag may hold a name; its pseudonym stands in its place.
            && !(withheld == "/tag" && instead.is_some())
        {
            found.push(format!("withholds {withheld}, which is neither a note nor a name nor a path"));
        }
    }
    found
}

/// True for a field that holds words of the investigator for counsel.
fn is_note(line: &JournalLine, pointer: &str) -> bool {
    let action =
        line.value("/action").and_then(|action| action.as_str().map(str::to_owned)).unwrap_or_default();
    match pointer {
        "/note" => true,
        "/reason" => action == "leads_reviewed",
        "/text" | "/group" => is_of_board(&action),
        _ => false,
    }
}

const LOG: &str = "data/08_legal/redaction_log.csv";
/// Withheld fields of the redaction log: commitment and reason by entry and pointer.
type Log = BTreeMap<(String, String), (String, String)>;

fn withheld_by_log(contents: &Contents, faults: &mut Vec<Fault>) -> Log {
    let columns = ["file", "row_or_entry", "column", "commitment", "reason"];
    match super::tables::table(contents, LOG, &columns) {
        Err(fault) => {
            faults.push(fault);
            Log::new()
        }
        Ok(rows) => rows
            .into_iter()
            .filter(|row| row[0] == custody::JOURNAL)
            .map(|row| {
                let [_, entry, column, commitment, reason] = <[String; 5]>::try_from(row).unwrap_or_default();
                ((entry, column), (commitment, reason))
            })
            .collect(),
    }
}

fn compare_log(line: &JournalLine, log: &mut Log, faults: &mut Vec<Fault>) {
    let seq = line.seq.to_string();
    if line.body.is_none() && line.fields.is_none() {
        // The body of an entry of format 1 is withheld as a whole.
        let listed: Vec<_> = log.keys().filter(|(entry, _)| *entry == seq).cloned().collect();
        if listed.is_empty() {
            faults.push(Fault::new(LOG, format!("does not list entry {seq}, whose body is withheld")));
        }
        for key in listed {
            if log.remove(&key).is_some_and(|(commitment, _)| commitment != line.body_hash.to_string()) {
                faults.push(Fault::new(LOG, format!("has another hash of entry {seq}")));
            }
        }
        return;
    }
    for field in line.fields.iter().flatten() {
        let JournalField::Withheld { withheld, commitment, reason, .. } = field else { continue };
        let expected = (commitment.to_string(), reason.clone());
        match log.remove(&(seq.clone(), withheld.clone())) {
            Some(listed) if listed == expected => {}
            Some(_) => faults.push(Fault::new(
                LOG,
                format!("has another commitment or reason of field {withheld} of entry {seq}"),
            )),
            None => faults.push(Fault::new(
                LOG,
                format!("does not list field {withheld} of entry {seq}, which is withheld"),
            )),
        }
    }
}

/// Rows of `journal.csv`, compared with those made of the lines.
struct Rows(Option<csv::Reader<std::io::BufReader<std::fs::File>>>);

const TABLE: &str = "data/06_custody/journal.csv";

impl Rows {
    fn open(contents: &Contents) -> Self {
        Self(contents.open(TABLE).map(csv::Reader::from_reader))
    }

    fn compare(&mut self, line: JournalLine, faults: &mut Vec<Fault>) {
        let Some(reader) = &mut self.0 else { return };
        let seq = line.seq;
        let made = table([line]).to_csv();
        let mut made = csv::Reader::from_reader(made.as_slice());
        let same_header = made.headers().ok() == reader.headers().ok();
        let (mut own, mut found) = (csv::StringRecord::new(), csv::StringRecord::new());
        let read =
            made.read_record(&mut own).is_ok() && reader.read_record(&mut found).is_ok_and(|more| more);
        if !same_header || !read || own != found {
            faults.push(Fault::new(TABLE, format!("its row of entry {seq} is not what journal.jsonl says")));
            self.0 = None;
        }
    }

    fn end(&mut self, faults: &mut Vec<Fault>) {
        let more = self.0.as_mut().is_some_and(|reader| reader.records().next().is_some());
        if more {
            faults.push(Fault::new(TABLE, "has more rows than journal.jsonl has entries"));
        }
    }
}

fn check_time(contents: &Contents, last: i64) -> Option<Fault> {
    let name = format!("data/{}", custody::CHECKPOINT);
    let point: Checkpoint = serde_json::from_str(&contents.text(&name)?).ok()?;
    (point.ts != last).then(|| Fault::new(&name, "has another time than the last entry of the journal"))
}

/// Actions on evidence in their order, with what was undone.
#[derive(Default)]
struct Fold {
    actions: BTreeMap<u64, Change>,
    /// Acts undone (true) and redone, in order, as ranges of entries.
    reversals: Vec<(RangeInclusive<u64>, bool)>,
}

enum Change {
    Tagged(u64, Marked),
    Changed(u64, String),
    Removed(u64),
}

impl Fold {
    /// Adds an entry; otherwise what is wrong with it.
    fn add(&mut self, line: &JournalLine, facts: &mut Facts) -> Result<(), String> {
        let all: BTreeMap<String, Value> = shown_values(line).0.into_iter().collect();
        let shown = |pointer: &str| all.get(pointer).cloned();
        let text = |pointer: &str| {
            shown(pointer).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let number = |pointer: &str| shown(pointer).and_then(|value| value.as_u64());
        match (text("/action").as_str(), number("/id")) {
            ("tagged", Some(id)) => {
                let marked = Marked {
                    kind: text("/source/kind"),
                    tag: text("/tag"),
                    exchange: text("/source/exchange"),
                    record: text("/source/record"),
                };
                self.actions.insert(line.seq, Change::Tagged(id, marked));
            }
            ("evidence_changed", Some(id)) => {
                self.actions.insert(line.seq, Change::Changed(id, text("/tag")));
            }
            ("evidence_removed", Some(id)) => drop(self.actions.insert(line.seq, Change::Removed(id))),
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
                for at in 0..MAX_KEPT {
                    let field = |name: &str| format!("/snapshot/files/{at}/{name}");
                    let file = text(&field("name"));
                    if file.is_empty() {
                        break;
                    }
                    let count = |name: &str| number(&field(name)).unwrap_or_default().to_string();
                    let sha256 = text(&field("sha256"));
                    facts.sources.push([snapshot.clone(), file, count("bytes"), sha256, count("rows")]);
                }
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

    fn evidence(self) -> BTreeMap<u64, Marked> {
        let undone = self.undone();
        let mut evidence: BTreeMap<u64, Marked> = BTreeMap::new();
        for (seq, change) in self.actions {
            if undone.contains(&seq) {
                continue;
            }
            match change {
                Change::Tagged(id, marked) => drop(evidence.insert(id, marked)),
                Change::Changed(id, tag) => {
                    evidence.get_mut(&id).into_iter().for_each(|marked| marked.tag.clone_from(&tag));
                }
                Change::Removed(id) => drop(evidence.remove(&id)),
            }
        }
        evidence
    }
}

/// True for a text of 64 hexadecimal digits.
pub(super) fn is_digest(text: &str) -> bool {
    text.parse::<crate::model::Digest>().is_ok()
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
        assert_eq!(fold.evidence().into_keys().collect::<Vec<_>>(), [2]);
    }
}
