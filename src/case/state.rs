//! The case as it stands now: the fold of its journal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Entry};
use crate::model::{AccountId, Digest, ExchangeRef, Micros, Scope, Tag};
use crate::snapshot::Snapshot;

/// What a piece of evidence is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EvidenceSource {
    /// One exchange, whose whole record was copied into the case.
    Exchange {
        /// Which.
        exchange: ExchangeRef,
        /// Whose.
        account: AccountId,
        /// When.
        ts: Micros,
        /// SHA-256 of the copied record.
        record: Digest,
    },
    /// An account as a whole.
    Account {
        /// Which.
        account: AccountId,
    },
    /// A scope: what some view showed, or a campaign.
    Scope {
        /// The scope.
        scope: Scope,
        /// What it was called: “campaign 1”, “hour of week of …”.
        title: String,
    },
}

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
}

/// A scope with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedScope {
    /// Its name.
    pub name: String,
    /// The scope.
    pub scope: Scope,
}

/// Something that happened outside the log: drawn over every rhythm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InvestigatorEvent {
    /// When.
    pub ts: Micros,
    /// What: “atlas-5 released”.
    pub label: String,
}

/// What the investigator made of a benign explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Ruled out by the evidence.
    RuledOut,
    /// Possible, not ruled out.
    Open,
    /// It explains the lead.
    Explains,
}

/// A benign explanation of a lead, weighed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The lead: the title of the scope relied on (“campaign 1”) or an account id.
    pub lead: String,
    /// The explanation: `reseller`, `shared NAT`, `evaluation vendor`, `university`, `batch customer`.
    pub explanation: String,
    /// What speaks for it.
    pub evidence_for: String,
    /// What speaks against it.
    pub evidence_against: String,
    /// What the investigator made of it.
    pub verdict: Verdict,
}

/// The case as it stands now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The case's name.
    pub name: String,
    /// Sealed snapshots, in the order they came.
    pub snapshots: Vec<Snapshot>,
    /// What is marked, by number.
    pub evidence: BTreeMap<u64, Evidence>,
    /// Saved scopes, in the order they were saved.
    pub scopes: Vec<SavedScope>,
    /// The investigator's events, by time.
    pub events: Vec<InvestigatorEvent>,
    /// Weighed alternatives; one for each lead and explanation, the last word counts.
    pub alternatives: Vec<Alternative>,
    /// Settings that are not at their default.
    pub settings: BTreeMap<String, String>,
    /// The entry that undo would take back, with its description.
    pub undo: Option<(u64, String)>,
    /// The entry that redo would do again, with its description.
    pub redo: Option<(u64, String)>,
    /// The whole journal, oldest first.
    pub journal: Vec<Entry>,
}

impl State {
    /// The state after these entries. Entries that were undone do not count; an undo is itself
    /// undone only by a redo; a new decision clears what could be redone.
    pub fn fold(entries: Vec<Entry>) -> Self {
        todo!()
    }

    /// The number the next evidence gets.
    pub fn next_evidence(&self) -> u64 {
        todo!()
    }
}
