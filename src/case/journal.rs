//! Format of the journal, and the check of its hash chain.
//!
//! The *body* of an entry is one line of JSON: sequence number, time, actor, a random salt, and the
//! action. `body_hash` = SHA-256(body). `hash` = SHA-256(`PREVIOUS-HASH␠BODY-HASH\n`), with 64 zeros
//! as the previous hash of the first entry. The chain can be checked with `sha256sum`, also if a body
//! is withheld and only its hash is given; the salt prevents guessing a withheld body.

use serde::{Deserialize, Serialize};

use super::Action;
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
    /// The action.
    pub action: Action,
    /// The exact line that was hashed.
    pub body: String,
    /// SHA-256 of the body.
    pub body_hash: Digest,
    /// Hash of the chain up to this entry.
    pub hash: Digest,
}

/// Line of `journal.jsonl` in a bundle. `body` is absent if it is withheld.
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
    /// SHA-256 of the body.
    pub body_hash: Digest,
    /// SHA-256 of `PREV␠BODY_HASH\n`.
    pub hash: Digest,
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
        if line.body.as_ref().is_some_and(|body| Digest::of(body.as_bytes()) != line.body_hash) {
            fault("its body does not have the hash that it claims");
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
    seq: u64,
    ts: Micros,
    /// Reading of the clock, if it was earlier than the entry before; `ts` is then that of the entry before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock: Option<Micros>,
    actor: String,
    /// 128 random bits, so that a withheld body cannot be guessed from its hash.
    salt: String,
    #[serde(flatten)]
    action: Action,
}

impl Entry {
    /// New entry after `prev`. `salt` is 128 random bits as hexadecimal digits.
    pub(super) fn new(
        prev: Option<&Self>,
        ts: Micros,
        actor: &str,
        salt: String,
        action: Action,
    ) -> Result<Self, serde_json::Error> {
        let (last_seq, last_ts, last_hash) =
            prev.map_or((0, Micros::MIN, CHAIN_START), |entry| (entry.seq, entry.ts, entry.hash));
        // Times ascend even if the clock was set back; its own reading is then recorded as well.
        let clock = (ts < last_ts).then_some(ts);
        let (seq, ts) = (last_seq + 1, ts.max(last_ts));
        let parts = Body { seq, ts, clock, actor: actor.to_owned(), salt, action };
        let body = serde_json::to_string(&parts)?;
        let body_hash = Digest::of(body.as_bytes());
        let hash = entry_hash(last_hash, body_hash);
        Ok(Self { seq, ts, actor: parts.actor, action: parts.action, body, body_hash, hash })
    }

    /// Entry from its stored body and hashes.
    pub(super) fn parse(body: String, body_hash: Digest, hash: Digest) -> Result<Self, serde_json::Error> {
        let parts: Body = serde_json::from_str(&body)?;
        Ok(Self {
            seq: parts.seq,
            ts: parts.ts,
            actor: parts.actor,
            action: parts.action,
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
            let entry = Entry::new(entries.last(), i as i64, "ada", format!("{i:032x}"), action).unwrap();
            entries.push(entry);
        }
        let mut prev = CHAIN_START;
        entries
            .into_iter()
            .map(|entry| {
                let line = JournalLine {
                    seq: entry.seq,
                    prev,
                    body: Some(entry.body),
                    body_hash: entry.body_hash,
                    hash: entry.hash,
                };
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
            let entry = Entry::new(entries.last(), ts, "ada", "0".repeat(32), note()).unwrap();
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

    proptest! {
        /// Whatever byte of the exported journal is changed, the chain no longer holds or the
        /// line no longer parses.
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
