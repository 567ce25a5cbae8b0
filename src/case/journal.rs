//! Format of the journal, and the check of its hash chain.
//!
//! The *body* of an entry is one line of JSON: sequence number, time, actor, a random salt, and the
//! action. `hash` = SHA-256(`PREVIOUS-HASH␠BODY-HASH\n`), with 64 zeros as the previous hash of the
//! first entry. In format 2 `body_hash` is made of one salted commitment a field
//! ([`fields`](super::fields)), so that single fields can be withheld and the others stay bound to the
//! chain. In format 1 `body_hash` = SHA-256(body), and a body is disclosed or withheld as a whole. The
//! chain can be checked with `sha256sum` either way; the salts prevent guessing what is withheld.

use serde::{Deserialize, Serialize};

use super::fields::{JournalField, body_hash, fields_hash};
use super::{Action, Person};
use crate::model::{Digest, Micros};

/// Entry of the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Number, from 1, without gaps.
    pub seq: u64,
    /// Time of writing, microseconds UTC, not before that of the entry before. If the clock was
    /// earlier, the body has its reading under `clock`.
    pub ts: Micros,
    /// User of the operating system who wrote it.
    pub actor: String,
    /// Person that the case named when it was written.
    pub person: Option<Person>,
    /// The action.
    pub action: Action,
    /// First entry of the act that it belongs to; `None` for an act of one entry. The entries of an act
    /// follow one another, and undo takes them back together.
    pub act: Option<u64>,
    /// The exact line that was hashed.
    pub body: String,
    /// Hash of the body: SHA-256 in format 1, of the fields' commitments in format 2.
    pub body_hash: Digest,
    /// Hash of the chain up to this entry.
    pub hash: Digest,
}

/// Line of `journal.jsonl` in a bundle: the body as a whole, its fields (some of them withheld), or for
/// entries of format 1 whose body is withheld a statement of what may be disclosed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalLine {
    /// Number, from 1, without gaps.
    pub seq: u64,
    /// Hash of the chain before this entry.
    pub prev: Digest,
    /// The exact body, as a string, so that its bytes are certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Every field of a body of format 2, in order, disclosed or as its commitment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<JournalField>>,
    /// Disclosed values of a withheld body of format 1, by field. `body_hash` does not bind them; the
    /// bundle's signature does, and the body proves them once it is disclosed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<serde_json::Map<String, serde_json::Value>>,
    /// Hash of the body.
    pub body_hash: Digest,
    /// SHA-256 of `PREV␠BODY_HASH\n`.
    pub hash: Digest,
}

impl JournalLine {
    /// Line of an entry with its whole body; `prev` is the hash of the chain before it.
    pub fn whole(entry: &Entry, prev: Digest) -> Self {
        Self {
            seq: entry.seq,
            prev,
            body: Some(entry.body.clone()),
            fields: None,
            stated: None,
            body_hash: entry.body_hash,
            hash: entry.hash,
        }
    }

    /// Disclosed value of a field by its JSON pointer, such as `/actor`; `None` where it is withheld or
    /// absent.
    pub fn value(&self, pointer: &str) -> Option<serde_json::Value> {
        if let Some(body) = &self.body {
            let body: serde_json::Value = serde_json::from_str(body).ok()?;
            return body.pointer(pointer).cloned();
        }
        if let Some(stated) = &self.stated {
            return stated.get(pointer).cloned();
        }
        let mut fields = self.fields.iter().flatten().filter_map(JournalField::disclosed);
        fields.find(|(at, _)| at == pointer).map(|(_, value)| value)
    }
}

/// Head, length and time of the chain. Signed in a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Hash of the last entry.
    pub head: Digest,
    /// Number of entries.
    pub count: u64,
    /// Time of the last entry, microseconds UTC.
    pub ts: Micros,
}

/// Fault of a chain at one entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {what}")]
pub struct ChainFault {
    /// Position of the entry in the chain, from 1.
    pub seq: u64,
    /// Fault in words.
    pub what: String,
}

/// SHA-256 of `PREV␠BODY_HASH\n`.
pub fn entry_hash(prev: Digest, body_hash: Digest) -> Digest {
    Digest::of(format!("{prev} {body_hash}\n").as_bytes())
}

/// Previous hash of the first entry.
pub const CHAIN_START: Digest = Digest([0; 32]);

/// Checks a chain from its first entry: numbers without gaps, the hash of each body, each link. Returns
/// the faults; none for a valid chain, such as the empty one.
pub fn check_chain(lines: &[JournalLine]) -> Vec<ChainFault> {
    let mut chain = ChainCheck::default();
    lines.iter().flat_map(|line| chain.check(line)).collect()
}

/// Check of a chain, entry by entry.
#[derive(Debug)]
pub struct ChainCheck {
    /// Number of entries so far.
    pub count: u64,
    /// Hash of the last entry.
    pub head: Digest,
}

impl Default for ChainCheck {
    fn default() -> Self {
        Self { count: 0, head: CHAIN_START }
    }
}

impl ChainCheck {
    /// Checks the next entry and returns its faults.
    pub fn check(&mut self, line: &JournalLine) -> Vec<ChainFault> {
        let mut faults = Vec::new();
        self.count += 1;
        let seq = self.count;
        let mut fault = |what: &str| faults.push(ChainFault { seq, what: what.to_owned() });
        if line.seq != seq {
            fault(&format!("is numbered {}", line.seq));
        }
        if line.prev != self.head {
            fault("does not follow from the entry before it");
        }
        if line.body.as_deref().is_some_and(|body| body_hash(body) != Some(line.body_hash)) {
            fault("its body does not have the hash that it claims");
        }
        if let Some(fields) = &line.fields {
            if fields_hash(fields) != line.body_hash {
                fault("its fields do not have the hash that it claims");
            }
            if line.body.is_some() || line.stated.is_some() {
                fault("it has its content twice");
            } else if line.value("/seq").and_then(|own| own.as_u64()) != Some(seq) {
                fault("its fields do not have its number");
            }
        }
        if entry_hash(line.prev, line.body_hash) != line.hash {
            fault("its hash is not that of its previous hash and body hash");
        }
        if let Some(Err(what)) = line.body.as_deref().map(|body| check_body_number(body, seq)) {
            fault(&what);
        }
        self.head = line.hash;
        faults
    }
}

/// Checks that a body contains the number of its entry, so that bodies cannot be exchanged.
fn check_body_number(body: &str, seq: u64) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Numbered {
        seq: u64,
    }
    match serde_json::from_str::<Numbered>(body) {
        Ok(numbered) if numbered.seq == seq => Ok(()),
        Ok(numbered) => Err(format!("its body is that of entry {}", numbered.seq)),
        Err(error) => Err(format!("its body cannot be read: {error}")),
    }
}

/// Body of an entry, with its fields in the order of writing.
#[derive(Serialize, Deserialize)]
struct Body {
    /// Format of the entry; absent in format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<u32>,
    seq: u64,
    ts: Micros,
    /// Reading of the clock, if it was earlier than the entry before; `ts` is then that of the entry before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock: Option<Micros>,
    actor: String,
    /// The person that the case names; absent where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<Person>,
    /// 128 random bits, of which the salts of all fields are made.
    salt: String,
    /// First entry of an act of several entries, such as the marking of 15 exchanges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    act: Option<u64>,
    #[serde(flatten)]
    action: Action,
}

impl Entry {
    /// New entry after `prev`, an act of its own. `salt` is 128 random bits as hexadecimal digits.
    #[cfg(test)]
    pub(super) fn new(
        prev: Option<&Self>,
        ts: Micros,
        actor: &str,
        person: Option<Person>,
        salt: String,
        action: Action,
    ) -> Result<Self, serde_json::Error> {
        Self::of_act(prev, ts, actor, person, salt, None, action)
    }

    /// New entry after `prev`, part of the act that begins with entry `act`. `salt` is 128 random bits as
    /// hexadecimal digits.
    pub(super) fn of_act(
        prev: Option<&Self>,
        ts: Micros,
        actor: &str,
        person: Option<Person>,
        salt: String,
        act: Option<u64>,
        action: Action,
    ) -> Result<Self, serde_json::Error> {
        let (last_seq, last_ts, last_hash) =
            prev.map_or((0, Micros::MIN, CHAIN_START), |entry| (entry.seq, entry.ts, entry.hash));
        // Times ascend even if the clock was set back; its own reading is then recorded as well.
        let clock = (ts < last_ts).then_some(ts);
        let (seq, ts) = (last_seq + 1, ts.max(last_ts));
        let format = Some(super::fields::FORMAT);
        let parts = Body { format, seq, ts, clock, actor: actor.to_owned(), person, salt, act, action };
        // Written once more from the value, so that the order of fields is that of reading it again.
        let body = serde_json::to_value(&parts)?.to_string();
        let body_hash =
            body_hash(&body).ok_or_else(|| serde::ser::Error::custom("the body has no fields"))?;
        let hash = entry_hash(last_hash, body_hash);
        let (actor, person, action) = (parts.actor, parts.person, parts.action);
        Ok(Self { seq, ts, actor, person, action, act, body, body_hash, hash })
    }

    /// Entry from its stored body and hashes.
    pub(super) fn parse(body: String, body_hash: Digest, hash: Digest) -> Result<Self, serde_json::Error> {
        let parts: Body = serde_json::from_str(&body)?;
        Ok(Self {
            seq: parts.seq,
            ts: parts.ts,
            actor: parts.actor,
            person: parts.person,
            action: parts.action,
            act: parts.act,
            body,
            body_hash,
            hash,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chain(length: u64) -> Vec<JournalLine> {
        let mut entries: Vec<Entry> = Vec::new();
        for i in 0..length {
            let action = Action::SettingChanged { key: "zone".into(), value: format!("zone {i}") };
            let entry =
                Entry::new(entries.last(), i as i64, "ada", None, format!("{i:032x}"), action).unwrap();
            entries.push(entry);
        }
        let mut prev = CHAIN_START;
        entries
            .into_iter()
            .map(|entry| {
                let line = JournalLine::whole(&entry, prev);
                prev = line.hash;
                line
            })
            .collect()
    }

    #[test]
    fn a_sound_chain_is_sound_also_where_bodies_are_withheld() {
        let mut lines = chain(5);
        assert_eq!(check_chain(&lines), []);
        lines[2].body = None;
        assert_eq!(check_chain(&lines), []);
        assert_eq!(check_chain(&[]), []);
    }

    #[test]
    fn a_clock_that_jumps_back_keeps_the_order_and_is_on_record() {
        let note = || Action::SettingChanged { key: "zone".into(), value: "UTC".into() };
        let mut entries: Vec<Entry> = Vec::new();
        for ts in [1_000, 5_000, 2_000, 3_000, 6_000] {
            let entry = Entry::new(entries.last(), ts, "ada", None, "0".repeat(32), note()).unwrap();
            entries.push(entry);
        }
        assert_eq!(
            entries.iter().map(|entry| entry.ts).collect::<Vec<_>>(),
            [1_000, 5_000, 5_000, 5_000, 6_000]
        );
        let readings = entries.iter().map(|entry| {
            let body: serde_json::Value = serde_json::from_str(&entry.body).unwrap();
            body.get("clock").and_then(serde_json::Value::as_i64)
        });
        assert_eq!(readings.collect::<Vec<_>>(), [None, None, Some(2_000), Some(3_000), None]);
        let again = entries.iter().map(|e| Entry::parse(e.body.clone(), e.body_hash, e.hash).unwrap());
        assert_eq!(again.collect::<Vec<_>>(), entries);
    }

    #[test]
    fn an_entry_taken_out_or_swapped_is_noticed() {
        let whole = chain(5);
        let mut without = whole.clone();
        without.remove(2);
        assert!(!check_chain(&without).is_empty());
        let mut swapped = whole.clone();
        swapped.swap(1, 2);
        assert!(!check_chain(&swapped).is_empty());
    }

    #[test]
    fn entries_of_format_1_keep_their_hash() {
        let body = r#"{"seq":1,"ts":5,"actor":"ada","salt":"00","action":"undone","entry":1}"#;
        let hash = Digest::of(body.as_bytes());
        let line = JournalLine {
            seq: 1,
            prev: CHAIN_START,
            body: Some(body.to_owned()),
            fields: None,
            stated: None,
            body_hash: hash,
            hash: entry_hash(CHAIN_START, hash),
        };
        assert_eq!(check_chain(std::slice::from_ref(&line)), []);
        assert_eq!(Entry::parse(body.to_owned(), hash, line.hash).unwrap().person, None);
    }

    #[test]
    fn a_field_withheld_or_changed_shows_in_the_chain() {
        use super::super::fields::fields_of;
        let mut lines = chain(3);
        let fields = fields_of(lines[1].body.as_deref().unwrap()).unwrap();
        lines[1].body = None;
        let withheld = |pointer: &str| {
            let fields = fields.iter().map(|field| {
                if field.pointer == pointer { field.withheld("why", None) } else { field.shown() }
            });
            fields.collect::<Vec<_>>()
        };
        lines[1].fields = Some(withheld("/value"));
        assert_eq!(check_chain(&lines), []);
        assert_eq!(lines[1].value("/actor"), Some("ada".into()));
        assert_eq!(lines[1].value("/value"), None);
        // The number has to be disclosed, and no field may be altered, left out or moved.
        lines[1].fields = Some(withheld("/seq"));
        assert!(!check_chain(&lines).is_empty());
        let whole = withheld("");
        for at in 0..whole.len() {
            let mut without = whole.clone();
            without.remove(at);
            lines[1].fields = Some(without);
            assert!(!check_chain(&lines).is_empty(), "field {at} left out");
            let mut altered = whole.clone();
            if let JournalField::Disclosed { field } = &mut altered[at] {
                *field = field.replace("ada", "bob").replace("zone", "time").replace('1', "2");
                if *field == fields[at].text {
                    field.push(' ');
                }
            }
            lines[1].fields = Some(altered);
            assert!(!check_chain(&lines).is_empty(), "field {at} altered");
        }
    }

    proptest! {
        /// A change of any byte of the exported journal breaks the chain or the syntax of its line.
        #[test]
        fn any_changed_byte_is_noticed(at in 0usize..2000, to in any::<u8>()) {
            let lines = chain(4);
            let text: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
            let mut bytes = text.join("\n").into_bytes();
            let at = at % bytes.len();
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            let parsed: Result<Vec<JournalLine>, _> = match String::from_utf8(bytes) {
                Ok(text) => text.lines().map(serde_json::from_str).collect(),
                Err(_) => return Ok(()),
            };
            if let Ok(parsed) = parsed && parsed != lines {
                prop_assert!(!check_chain(&parsed).is_empty());
            }
        }
    }
}
