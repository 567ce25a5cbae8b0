//! The journal's form, and how its chain is checked.
//!
//! An entry's *body* is one line of JSON: sequence number, time, who, a random salt, and the
//! action. `body_hash` = SHA-256(body). `hash` = SHA-256(`PREVIOUS-HASH␠BODY-HASH\n`), the first
//! entry's previous hash being 64 zeros. So a reader can check the chain with `sha256sum`, also
//! where a body is withheld and only its hash stands; the salt keeps a withheld body from being
//! guessed.

use serde::{Deserialize, Serialize};

use super::Action;
use crate::model::{Digest, Micros};

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Number, from 1, without gaps.
    pub seq: u64,
    /// When it was written.
    pub ts: Micros,
    /// Who wrote it: the operating system's user.
    pub actor: String,
    /// What was done.
    pub action: Action,
    /// The exact line that was hashed.
    pub body: String,
    /// SHA-256 of the body.
    pub body_hash: Digest,
    /// The chain's hash up to here.
    pub hash: Digest,
}

/// One line of `journal.jsonl` in a bundle. `body` is absent where it is withheld.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalLine {
    /// Number, from 1, without gaps.
    pub seq: u64,
    /// The chain's hash before.
    pub prev: Digest,
    /// The exact body, as a string, so that its bytes are certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// SHA-256 of the body.
    pub body_hash: Digest,
    /// SHA-256 of `PREV␠BODY_HASH\n`.
    pub hash: Digest,
}

/// Where the chain stood at a moment. Signed in a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Hash of the last entry.
    pub head: Digest,
    /// Number of entries.
    pub count: u64,
    /// Time of the last entry, microseconds UTC.
    pub ts: Micros,
}

/// What is wrong with a chain, at which entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {what}")]
pub struct ChainFault {
    /// The entry's number as it should be.
    pub seq: u64,
    /// What is wrong, in words.
    pub what: String,
}

/// SHA-256 of `PREV␠BODY_HASH\n`.
pub fn entry_hash(prev: Digest, body_hash: Digest) -> Digest {
    Digest::of(format!("{prev} {body_hash}\n").as_bytes())
}

/// Checks a chain from its first entry: numbers without gaps, each body's hash, each link.
/// Empty when sound. The empty chain is sound.
pub fn check_chain(lines: &[JournalLine]) -> Vec<ChainFault> {
    todo!()
}
