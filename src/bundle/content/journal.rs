//! The journal: times, what every entry shows, what it hides, and its table for a spreadsheet.

use std::collections::BTreeMap;

use super::super::contents::Contents;
use super::super::journal_fields::{NAMED_SCOPES, OPINIONS, WORK_PRODUCT, is_of_board, table};
use super::super::journal_fold::{Facts, Fold, MOST};
use super::super::{Audience, BundleError, Fault, custody, manifest};
use crate::case::legal::Profile;
use crate::case::{Checkpoint, JournalField, JournalLine, StoryPart};
use crate::model::{Tag, Watcher, Zone};

/// Bytes of an entry, as for the check of the chain.
const ENTRY: usize = 32 << 20;

/// Facts of a journal whose chain is sound, and faults of what it shows and hides.
///
/// # Errors
/// Cancelled.
pub(super) fn read(
    contents: &Contents,
    (audience, profile): (Audience, Profile),
    watcher: &dyn Watcher,
) -> Result<(Facts, Vec<Fault>), BundleError> {
    let name = format!("data/{}", custody::JOURNAL);
    let (mut facts, mut faults) = (Facts::default(), Vec::new());
    let Some(mut text) = contents.open(&name) else { return Ok((facts, faults)) };
    let mut fold = Fold::of(profile);
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
        if faults.len() > 1_000 || count >= MOST || facts.sources.len() > MOST {
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
    fold.end(&mut facts);
    if audience == Audience::Production {
        faults.extend(story_faults(&facts).into_iter().map(|what| Fault::new(&name, what)));
    }
    Ok((facts, faults))
}

/// Fields that the other side must not see, and reasons that are not true.
fn hidden_faults(line: &JournalLine) -> Vec<String> {
    let mut found = Vec::new();
    for pointer in ["/note", "/text", "/group", "/name", "/reason"] {
        // The note of exculpatory evidence is printed.
        let is_open = pointer == "/note" && is_exculpatory(line);
        let is_shown = !is_open && line.value(pointer).is_some_and(|note| note.as_str() != Some(""));
        // The text of the story is looked at with the story as a whole.
        if is_shown && is_note(line, pointer) && !is_story(line) {
            found.push("shows a note, which is work product".to_owned());
        }
    }
    if line.value("/action") == Some("bundle_key_made".into()) && line.value("/key").is_some() {
        found.push("shows the key of the pseudonyms".to_owned());
    }
    for field in line.fields.iter().flatten() {
        // A pseudonym in the printed story is no note.
        if let JournalField::Withheld { withheld, reason, instead, .. } = field
            && !(instead.is_some() && is_story(line))
            && !(withheld == "/note" && is_exculpatory(line))
            && is_note(line, withheld) != (reason == WORK_PRODUCT)
        {
            found.push(format!("withholds {withheld} for a reason that is not its own"));
        }
    }
    let must_show = [
        "/seq",
        "/ts",
        "/action",
        "/id",
        "/tag",
        "/entry",
        "/bag",
        "/manifest",
        "/snapshot/sha256",
        "/legal/decision",
        "/legal/number",
        "/legal/item/type",
        "/legal/element",
    ];
    for field in line.fields.iter().flatten() {
        if let JournalField::Withheld { withheld, instead, .. } = field
            && must_show.contains(&withheld.as_str())
            // A tag may hold a name, and a snapshot's hash is over names of files; another stands in its place.
            && !(["/tag", "/snapshot/sha256"].contains(&withheld.as_str()) && instead.is_some())
        {
            found.push(format!("withholds {withheld}, which is neither a note nor a name nor a path"));
        }
    }
    found
}

/// True for an entry that marks exculpatory evidence. Its note is shown, unless another one took its place.
fn is_exculpatory(line: &JournalLine) -> bool {
    line.value("/tag").is_some_and(|tag| tag.as_str() == Some(Tag::Exculpatory.as_str()))
}

/// True for an entry that writes a part of the story.
fn is_story(line: &JournalLine) -> bool {
    line.value("/action").is_some_and(|action| action == "story_written")
}

/// Faults of texts of the story that PRODUCTION shows and does not print.
fn story_faults(facts: &Facts) -> Vec<String> {
    let is_printed = |part: &StoryPart| {
        let is_own = |own: &StoryPart| own.id == part.id && own.text == part.text;
        facts.is_story_produced && facts.story.iter().any(is_own)
    };
    let shown = facts.shown_texts.iter().filter(|(_, part)| !is_printed(part));
    shown.map(|(seq, _)| format!("entry {seq}: shows a note, which is work product")).collect()
}

/// True for a field that holds words of the investigator for counsel.
fn is_note(line: &JournalLine, pointer: &str) -> bool {
    let action =
        line.value("/action").and_then(|action| action.as_str().map(str::to_owned)).unwrap_or_default();
    match pointer {
        "/note" => true,
        "/reason" => OPINIONS.contains(&action.as_str()),
        "/name" => NAMED_SCOPES.contains(&action.as_str()),
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

/// True for a text of 64 hexadecimal digits.
pub(super) fn is_digest(text: &str) -> bool {
    text.parse::<crate::model::Digest>().is_ok()
}
