//! The journal for a reader outside: every entry with its time, person, action and object; single fields
//! withheld, each with its reason.

use serde_json::Value;

use super::journal_files::{self, FILES};
use super::legal::disclosure::{self, Verdict};
use super::names::Names;
use super::reader::Reader;
use crate::case::{
    CLOCK_STATEMENT, FILE_NAMES, JournalField, JournalLine, SOURCES_KEPT, STORY_IN_PRODUCTION, ZONE,
    fields_of, values_of,
};
use crate::exhibit::{Table, cell};
use crate::model::{AccountId, AttributeKind, Digest, ExchangeRef, Zone};

/// Reasons for withholding a field.
pub(super) const WORK_PRODUCT: &str = "work product: a note of the investigator";
const LOCAL_PATH: &str = "privacy: a path on the investigator's machine";
const PRIVACY: &str =
    "privacy: names an account, card, address, organisation or prompt; a pseudonym stands instead";
const CONTENT: &str = "privacy: content of the log that could not be read";
const CONFIRMS: &str = "privacy: a hash over withheld content, which would confirm a guess; the commitment of the \
                        record stands instead";
const KEY: &str = "privacy: the key of the pseudonyms and commitments";
const CASE_NAME: &str = "privacy: the name of the case, which may be that of a person or a customer";
const REDACTED: &str = "privacy: words that are redacted";
const PLACE: &str = "privacy: the exact place and length of redacted words, which would help to guess them";
const NOT_PRODUCED: &str = "not produced: a setting that nothing in this bundle uses";

/// Settings whose values are disclosed.
const DISCLOSED: [&str; 8] = [
    ZONE,
    CLOCK_STATEMENT,
    SOURCES_KEPT,
    STORY_IN_PRODUCTION,
    FILE_NAMES,
    "person.name",
    "person.role",
    "person.organisation",
];

/// Field of a journal entry that is withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WithheldField {
    /// Sequence number of the entry.
    pub seq: u64,
    /// The field's JSON pointer.
    pub field: String,
    /// Its commitment; that of the whole body in an entry of format 1.
    pub commitment: Digest,
    /// Reason for withholding it, in words.
    pub reason: &'static str,
}

/// Journal lines for a reader outside, and the fields withheld. All of it where names are clear.
pub(super) fn redact(lines: Vec<JournalLine>, reader: &Reader<'_>) -> (Vec<JournalLine>, Vec<WithheldField>) {
    let mut withheld = Vec::new();
    if reader.names.are_clear() {
        return (lines, withheld);
    }
    let lines = lines.into_iter().map(|line| redact_line(line, reader, &mut withheld)).collect();
    (lines, withheld)
}

fn redact_line(line: JournalLine, reader: &Reader<'_>, log: &mut Vec<WithheldField>) -> JournalLine {
    let Some(body) = line.body.clone() else { return line };
    let Some(fields) = fields_of(&body) else { return redact_format_1(line, &body, reader, log) };
    let values: Vec<(String, Value)> =
        fields.iter().map(|field| (field.pointer.clone(), field.value.clone())).collect();
    let entry = Values(&values);
    let fields = fields.iter().map(|field| match verdict(&entry, &field.pointer, &field.value, reader) {
        None => field.shown(),
        Some((reason, instead)) => {
            let hidden = field.withheld(reason, instead);
            let commitment = hidden.commitment();
            log.push(WithheldField { seq: line.seq, field: field.pointer.clone(), commitment, reason });
            hidden
        }
    });
    JournalLine { fields: Some(fields.collect()), body: None, ..line }
}

/// An entry of format 1 has one hash for all of its fields, so one that withholds a field is stated.
fn redact_format_1(
    line: JournalLine,
    body: &str,
    reader: &Reader<'_>,
    log: &mut Vec<WithheldField>,
) -> JournalLine {
    let values = values_of(body);
    let entry = Values(&values);
    let before = log.len();
    let mut stated = serde_json::Map::new();
    for (pointer, value) in &values {
        match verdict(&entry, pointer, value, reader) {
            None => drop(stated.insert(pointer.clone(), value.clone())),
            Some((reason, instead)) => {
                stated.extend(instead.map(|instead| (pointer.clone(), instead)));
                let (seq, field, commitment) = (line.seq, pointer.clone(), line.body_hash);
                log.push(WithheldField { seq, field, commitment, reason });
            }
        }
    }
    if log.len() == before { line } else { JournalLine { stated: Some(stated), body: None, ..line } }
}

/// Values of one entry, by pointer.
struct Values<'a>(&'a [(String, Value)]);

impl<'a> Values<'a> {
    fn get(&self, pointer: &str) -> Option<&'a Value> {
        self.0.iter().find(|(at, _)| at == pointer).map(|(_, value)| value)
    }

    fn text(&self, pointer: &str) -> &'a str {
        self.get(pointer).and_then(Value::as_str).unwrap_or("")
    }

    /// The title of a scope with other names.
    fn title(&self, title: &str, names: &Names<'_>) -> String {
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(|own| own.as_str().map(str::to_owned)).collect()
        };
        let (mut account, mut topics, mut attributes) = (None, Vec::new(), Vec::new());
        for (pointer, value) in self.0 {
            let Some(inside) = pointer.strip_prefix("/source/scope/") else { continue };
            match inside.split('/').collect::<Vec<_>>().as_slice() {
                ["accounts", "ids"] => account = texts(value).pop().filter(|_| texts(value).len() == 1),
                ["topics", id] => {
                    topics.push(((*id).to_owned(), value.as_str().unwrap_or_default().to_owned()));
                }
                ["attributes" | "without", kind] => {
                    let kind = AttributeKind::ALL.into_iter().find(|own| own.name() == *kind);
                    attributes.extend(kind.map(|kind| (kind, texts(value))));
                }
                _ => {}
            }
        }
        names.title(title, account.as_deref(), &topics, &attributes)
    }
}

/// Reason for withholding a field and the text in its place; `None` for a field that is disclosed.
fn verdict(
    entry: &Values<'_>,
    pointer: &str,
    value: &Value,
    reader: &Reader<'_>,
) -> Option<(&'static str, Option<Value>)> {
    let names = reader.names;
    if entry.text("/action") == "legal" {
        match disclosure::verdict(&|pointer| entry.get(pointer), pointer, value, reader) {
            Verdict::Usual => {}
            Verdict::Shown => return None,
            Verdict::Withheld(reason, instead) => return Some((reason, instead)),
        }
    }
    if let Some(instead) = journal_files::verdict(&|pointer| entry.get(pointer), pointer, names) {
        return Some((FILES, instead));
    }
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let text = value.as_str().unwrap_or("");
    let list = |rename: &dyn Fn(&str) -> String| -> Value {
        let values = value.as_array().into_iter().flatten();
        let renamed = values.map(|own| own.as_str().map_or_else(|| own.clone(), |own| rename(own).into()));
        let mut renamed: Vec<Value> = renamed.collect();
        // The order of the log's own names would help to guess them.
        if renamed.iter().zip(value.as_array().into_iter().flatten()).any(|(new, old)| new != old) {
            renamed.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        }
        renamed.into()
    };
    let account = |own: &str| names.id(&AccountId(own.to_owned())).0;
    match *parts.as_slice() {
        // The reason of exculpatory evidence is printed.
        ["note"] if is_printed_note(entry, text, reader) => {
            let renamed = names.text(text);
            (renamed != text).then_some((PRIVACY, Some(renamed.into())))
        }
        ["note"] if !text.is_empty() => Some((WORK_PRODUCT, None)),
        // Reasons of looks name what was looked for, which may be words of the text.
        ["reason"] if OPINIONS.contains(&entry.text("/action")) && !text.is_empty() => {
            Some((WORK_PRODUCT, None))
        }
        ["name"] if NAMED_SCOPES.contains(&entry.text("/action")) => Some((WORK_PRODUCT, None)),
        ["text" | "group"]
            if is_of_board(entry.text("/action")) && !text.is_empty() && !is_printed(entry, reader) =>
        {
            Some((WORK_PRODUCT, None))
        }
        ["name"] if entry.text("/action") == "case_created" => Some((CASE_NAME, None)),
        ["key"] if entry.text("/action") == "bundle_key_made" => Some((KEY, None)),
        ["what", "words"] => Some((REDACTED, None)),
        ["what", "start" | "end"] => Some((PLACE, None)),
        ["what", "text_sha256"] => Some((CONFIRMS, None)),
        ["what", "kind" | "rule" | "column" | "exchange"] => None,
        [.., "origin"] => Some((LOCAL_PATH, None)),
        [.., "left_out", _, "name"] => Some((LOCAL_PATH, None)),
        [.., "first", _, "value"] => Some((CONTENT, None)),
        ["source", "record" | "reading"] => {
            let exchange: Option<ExchangeRef> = entry.text("/source/exchange").parse().ok();
            let digest = entry.text("/source/record").parse::<Digest>().ok();
            let record = exchange.zip(digest).filter(|_| parts[1] == "record");
            Some((CONFIRMS, record.map(|(exchange, digest)| names.record(&exchange, digest).into())))
        }
        [.., "account"] if value.is_string() => Some((PRIVACY, Some(account(text).into()))),
        [.., "accounts" | "except", "ids"]
        | [.., "lead", "core"]
        | ["leads", _, "core"]
        | ["legal", "item", "accounts"] => Some((PRIVACY, Some(list(&account)))),
        [.., "attributes" | "without", kind] => {
            let kind = AttributeKind::ALL.into_iter().find(|own| own.name() == kind)?;
            let renamed = list(&|own| names.attribute(kind, own));
            (renamed != *value).then_some((PRIVACY, Some(renamed)))
        }
        [.., "topics", topic] => Some((PRIVACY, Some(format!("topic {topic}").into()))),
        ["alternative", "lead"] => {
            let renamed = names.name_of_subject(text);
            (renamed != text).then_some((PRIVACY, Some(renamed.into())))
        }
        [.., "files", _, "name"] | ["source", "exchange"] | ["action" | "bag"] => None,
        ["source", "title"] => {
            let renamed = entry.title(text, names);
            (renamed != text).then_some((PRIVACY, Some(renamed.into())))
        }
        ["value"] if !is_disclosed(entry.text("/key")) => Some((NOT_PRODUCED, None)),
        _ => {
            let renamed = match value {
                Value::String(own) => names.text(own).into(),
                Value::Array(_) => list(&|own| names.text(own)),
                other => other.clone(),
            };
            (renamed != *value).then_some((PRIVACY, Some(renamed)))
        }
    }
}

/// Actions whose reasons are for counsel.
pub(super) const OPINIONS: [&str; 2] = ["leads_reviewed", "text_revealed"];
/// Actions on saved scopes, whose names are hypotheses.
pub(super) const NAMED_SCOPES: [&str; 2] = ["scope_saved", "scope_removed"];

/// True for the note of exculpatory evidence as the report prints it.
fn is_printed_note(entry: &Values<'_>, note: &str, reader: &Reader<'_>) -> bool {
    let id = entry.get("/id").and_then(Value::as_u64);
    id.is_some_and(|id| reader.exculpatory.get(&id).is_some_and(|own| own == note && !note.is_empty()))
}

/// True for an entry whose text the bundle prints in its narrative.
fn is_printed(entry: &Values<'_>, reader: &Reader<'_>) -> bool {
    entry.get("/seq").and_then(Value::as_u64).is_some_and(|seq| reader.story.contains(&seq))
}

/// True for an action on the board of evidence or on the story, whose words are the investigator's.
pub(super) fn is_of_board(action: &str) -> bool {
    ["evidence_placed", "story_written"].contains(&action)
}

/// True for a setting that the bundle uses.
fn is_disclosed(key: &str) -> bool {
    DISCLOSED.contains(&key) || key.starts_with("designation.")
}

/// Columns of `journal.csv`.
const HEADER: [&str; 8] =
    ["entry", "time_utc", "person", "system_user", "action", "object", "withheld_fields", "sha256_of_chain"];
/// Maximum number of characters of an object.
const OBJECT: usize = 1_000;

/// `journal.csv`: the journal for a spreadsheet, made of the lines of `journal.jsonl` alone.
pub(super) fn table(lines: impl IntoIterator<Item = JournalLine>) -> Table {
    let mut table = Table::new(HEADER);
    for line in lines {
        table.push(row(&line));
    }
    table
}

fn row(line: &JournalLine) -> Vec<String> {
    let words = |pointer: &str| line.value(pointer).map_or_else(String::new, |value| in_words(&value));
    let person = ["/person/name", "/person/role", "/person/organisation"].map(words);
    let person: Vec<&str> = person.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let time = line.value("/ts").and_then(|ts| ts.as_i64());
    let (values, withheld) = shown_values(line);
    let object = values.into_iter().filter(|(pointer, value)| {
        let base = ["/format", "/seq", "/ts", "/clock", "/actor", "/action"];
        !base.contains(&pointer.as_str()) && !pointer.starts_with("/person/") && !value.is_null()
    });
    let object: Vec<String> =
        object.map(|(pointer, value)| format!("{}: {}", &pointer[1..], in_words(&value))).collect();
    let mut object = object.join("; ");
    if let Some((end, _)) = object.char_indices().nth(OBJECT) {
        object.truncate(end);
        object.push_str(" … (all of it in journal.jsonl)");
    }
    vec![
        line.seq.to_string(),
        time.map_or_else(String::new, |time| Zone::utc().format_exact(time)),
        cell(&person.join(", ")),
        cell(&words("/actor")),
        cell(&words("/action")),
        cell(&object),
        cell(&withheld.join("; ")),
        line.hash.to_string(),
    ]
}

/// Values that a line shows, in order, and pointers of the fields that it withholds.
pub(super) fn shown_values(line: &JournalLine) -> (Vec<(String, Value)>, Vec<String>) {
    if let Some(body) = &line.body {
        return (values_of(body), Vec::new());
    }
    if let Some(stated) = &line.stated {
        let values = stated.iter().map(|(pointer, value)| (pointer.clone(), value.clone())).collect();
        return (values, vec!["the body as a whole; what stands here is stated".to_owned()]);
    }
    let (mut values, mut withheld) = (Vec::new(), Vec::new());
    for field in line.fields.iter().flatten() {
        match field {
            JournalField::Withheld { withheld: pointer, instead, .. } => {
                withheld.push(pointer.clone());
                values.extend(instead.clone().map(|instead| (pointer.clone(), instead)));
            }
            JournalField::Disclosed { .. } => values.extend(field.disclosed()),
        }
    }
    (values, withheld)
}

fn in_words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row as logged, snapshot};
    use std::collections::BTreeSet;

    use crate::case::legal::Profile;
    use crate::case::{Access, Action, Case, EvidenceSource, Person, check_chain};
    use crate::model::{Scope, Tag};

    /// The journal in PRODUCTION shows every act; only notes, paths and names are withheld, and the chain
    /// still checks.
    #[test]
    fn every_entry_shows_time_person_action_and_object() {
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![logged("acct_0001", 1), logged("acct_0002", 2)];
        let snapshot = snapshot(folder.path(), &[("a.parquet", rows)]);
        let (cache, _) = cache(folder.path(), vec![snapshot.clone()]);
        let dir = folder.path().join("c");
        let mut case = Case::create(&dir).unwrap();
        let person = Person { name: "Ada".into(), role: "analyst".into(), organisation: "Org".into() };
        for action in person.actions(case.state()) {
            case.record(action).unwrap();
        }
        case.record(Action::SnapshotAdded { snapshot, report: None }).unwrap();
        for (id, note) in [(1, "counsel: ask about the reseller"), (2, "")] {
            let source = EvidenceSource::Account { account: "acct_0001".into() };
            case.record(Action::Tagged { id, source, tag: Tag::ReliedOn, note: note.to_owned() }).unwrap();
        }
        // What was looked for, a saved scope, and a lead, whose own id is a hash without a key.
        let (exchanges, reason) = (Vec::new(), "search (words: reseller)".to_owned());
        case.record(Action::TextRevealed { exchanges, reason }).unwrap();
        let scope = Scope::default().with_accounts("lead L-7f31ab", ["acct_0002".into()].into());
        case.record(Action::ScopeSaved { name: "reseller?".to_owned(), scope }).unwrap();
        let (source, note) = (EvidenceSource::Account { account: "acct_0002".into() }, "a test customer");
        let tag = Tag::Exculpatory;
        case.record(Action::Tagged { id: 3, source, tag, note: note.to_owned() }).unwrap();
        let key = case.bundle_key().unwrap();
        let case = Case::open(&dir, Access::ReadOnly).unwrap();
        let names = Names::pseudonyms(&cache, key, &std::collections::BTreeSet::new()).unwrap();
        let reader = Reader {
            names: &names,
            profile: Profile::Recorded,
            relied: BTreeSet::new(),
            story: BTreeSet::new(),
            exculpatory: [(3, note.to_owned())].into(),
        };
        let (lines, withheld) = redact(case.journal_lines(), &reader);
        assert_eq!(check_chain(&lines), []);
        let bytes = super::super::custody::journal_bytes(&lines).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let path = folder.path().display().to_string();
        for secret in ["reseller", "acct_0001", "L-7f31ab", &key.to_string(), &path] {
            assert!(!text.contains(secret), "{secret}");
        }
        assert!(text.contains(note), "the reason of exculpatory evidence is printed");
        for line in &lines {
            for field in ["/seq", "/ts", "/actor", "/action"] {
                assert!(line.value(field).is_some(), "entry {} hides {field}", line.seq);
            }
        }
        let fields: Vec<&str> = withheld.iter().map(|field| field.field.as_str()).collect();
        let expected = [
            "/name",
            "/snapshot/files/0/origin",
            "/source/account",
            "/note",
            "/source/account",
            "/reason",
            "/name",
            "/scope/accounts/label",
            "/scope/accounts/ids",
            "/source/account",
            "/key",
        ];
        assert_eq!(fields, expected);
        assert_eq!(withheld[3].reason, WORK_PRODUCT);
        assert_eq!(lines[5].value("/source/account"), None);
        assert_eq!(lines[5].value("/tag"), Some("relied-on".into()));
        let table = String::from_utf8(table(lines).to_csv()).unwrap();
        let account = names.id(&"acct_0001".into());
        let tagged = table.lines().nth(6).unwrap();
        assert!(tagged.contains("Ada, analyst, Org") && tagged.contains("tagged"), "{tagged}");
        assert!(tagged.contains(&format!("source/account: {account}")), "{tagged}");
    }
}
