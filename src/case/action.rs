//! Actions of a case, each one journal entry.

use serde::{Deserialize, Serialize};

use super::decision::{Alternative, EvidenceSource, InvestigatorEvent};
use super::legal::LegalDecision;
use super::redaction::Redacted;
use super::report::CaseReport;
use super::review::{self, ReviewStatus};
use super::setting_names;
use crate::model::{Digest, ExchangeRef, LeadRef, Scope, Tag, counted, format_count};
use crate::snapshot::{Mapping, Snapshot};

/// Action in a case. Serialised into the journal under `action`, so variants are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// The case was made, by this version of the program.
    CaseCreated {
        /// The case's name.
        name: String,
        /// The program's version.
        version: String,
    },
    /// A snapshot was sealed into the case.
    SnapshotAdded {
        /// The snapshot, with its files' hashes and its column mapping.
        snapshot: Snapshot,
        /// Report of its import; absent in entries of earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<Box<CaseReport>>,
    },
    /// A snapshot was retired: its rows leave the cache. Its copy and its entry stay.
    SnapshotRetired {
        /// The snapshot.
        snapshot: Digest,
        /// The investigator's reason.
        reason: String,
    },
    /// A retired snapshot was taken back into the case.
    SnapshotRestored {
        /// The snapshot.
        snapshot: Digest,
        /// The investigator's reason.
        reason: String,
    },
    /// A snapshot is read with another mapping from here on. Evidence marked before keeps its copy.
    MappingReplaced {
        /// The snapshot.
        snapshot: Digest,
        /// The mapping.
        mapping: Mapping,
        /// Time zone that each file records in its time column under this mapping, in the order of
        /// the snapshot's files.
        recorded_zones: Vec<Option<String>>,
        /// The investigator's reason.
        reason: String,
        /// Report of the reading under the mapping, without values; absent in entries of earlier
        /// versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<Box<CaseReport>>,
    },
    /// An exchange, account or scope was marked as evidence.
    Tagged {
        /// The evidence's number, from 1, never used twice.
        id: u64,
        /// The marked exchange, account or scope.
        source: EvidenceSource,
        /// The tag.
        tag: Tag,
        /// The investigator's note.
        note: String,
    },
    /// Evidence got another tag or note.
    EvidenceChanged {
        /// Number of the evidence.
        id: u64,
        /// The new tag.
        tag: Tag,
        /// The new note.
        note: String,
    },
    /// Evidence was taken off the list. Its copy stays, and so does the journal's entry.
    EvidenceRemoved {
        /// Number of the evidence.
        id: u64,
    },
    /// A scope was saved under a name, replacing one of the same name.
    ScopeSaved {
        /// Its name.
        name: String,
        /// The scope.
        scope: Scope,
    },
    /// A saved scope was removed.
    ScopeRemoved {
        /// Its name.
        name: String,
    },
    /// The investigator noted an event (a model's release, a terms change, a ban).
    EventAdded {
        /// The event.
        event: InvestigatorEvent,
    },
    /// An event was removed.
    EventRemoved {
        /// The event.
        event: InvestigatorEvent,
    },
    /// The investigator weighed a benign explanation of a lead.
    AlternativeWeighed {
        /// The explanation, with the arguments for and against it.
        alternative: Alternative,
    },
    /// Hidden text was looked at.
    TextRevealed {
        /// The exchanges whose text was shown together.
        exchanges: Vec<ExchangeRef>,
        /// The investigator's reason.
        reason: String,
    },
    /// A setting of the case was changed (`zone`, `clock_statement`, `name` …).
    SettingChanged {
        /// Key of the setting.
        key: String,
        /// The new value; empty for the default.
        value: String,
    },
    /// The case was opened for writing and changed, by this build of the program.
    Opened {
        /// The program's version.
        version: String,
        /// Commit that it was built from, or `unknown`.
        commit: String,
        /// SHA-256 of the binary; absent where it could not be read.
        binary: Option<Digest>,
    },
    /// The secret key of pseudonyms and commitments was made. It stays inside the organisation.
    BundleKeyMade {
        /// 256 random bits.
        key: Digest,
    },
    /// A bundle was written.
    Exported {
        /// `internal`, `production` or `share`.
        audience: String,
        /// The bag's folder name.
        bag: String,
        /// SHA-256 of its `manifest-sha256.txt`.
        manifest: Digest,
    },
    /// The investigator reviewed leads: looked at them, dismissed them, took them up.
    LeadsReviewed {
        /// The leads, each as it was then.
        leads: Vec<LeadRef>,
        /// Their status from here on.
        status: ReviewStatus,
        /// The investigator's reason; empty where none was given.
        reason: String,
    },
    /// Evidence was put into a group of the board.
    EvidencePlaced {
        /// Number of the evidence.
        id: u64,
        /// Title of the group; empty for none.
        group: String,
        /// Evidence that it stands behind; `None` for the beginning of the group.
        after: Option<u64>,
    },
    /// A part of the story was written, at its end, or written anew.
    StoryWritten {
        /// The part's number, from 1, never used twice.
        id: u64,
        /// Markdown of the investigator.
        text: String,
        /// Number of the evidence shown under the text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<u64>,
        /// Kind of the exhibit that the report prints of that evidence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exhibit: Option<String>,
    },
    /// A part of the story was moved.
    StoryMoved {
        /// Number of the part.
        id: u64,
        /// Part that it stands behind; `None` for the beginning.
        after: Option<u64>,
    },
    /// A part of the story was removed.
    StoryRemoved {
        /// Number of the part.
        id: u64,
    },
    /// Words are left out of bundles for readers outside.
    RedactionAdded {
        /// Number of the redaction, from 1, never used twice.
        id: u64,
        /// Words to be left out.
        what: Redacted,
        /// The investigator's reason.
        reason: String,
    },
    /// A redaction was removed.
    RedactionRemoved {
        /// Number of the redaction.
        id: u64,
    },
    /// The legal frame was changed: terms, notices, measures, prices, losses, statements on elements.
    Legal {
        /// The decision.
        legal: Box<LegalDecision>,
    },
    /// Earlier entries of one act were undone.
    Undone {
        /// Sequence number of the first.
        entry: u64,
        /// Sequence number of the last; `None` for a single entry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<u64>,
    },
    /// Undone entries of one act were done again.
    Redone {
        /// Sequence number of the first.
        entry: u64,
        /// Sequence number of the last; `None` for a single entry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<u64>,
    },
}

impl Action {
    /// True for decisions, which undo may take back; false for acts (imports, looks, exports).
    pub fn can_be_undone(&self) -> bool {
        matches!(
            self,
            Self::SnapshotRetired { .. }
                | Self::SnapshotRestored { .. }
                | Self::MappingReplaced { .. }
                | Self::Tagged { .. }
                | Self::EvidenceChanged { .. }
                | Self::EvidenceRemoved { .. }
                | Self::ScopeSaved { .. }
                | Self::ScopeRemoved { .. }
                | Self::EventAdded { .. }
                | Self::EventRemoved { .. }
                | Self::AlternativeWeighed { .. }
                | Self::LeadsReviewed { .. }
                | Self::EvidencePlaced { .. }
                | Self::StoryWritten { .. }
                | Self::StoryMoved { .. }
                | Self::StoryRemoved { .. }
                | Self::SettingChanged { .. }
                | Self::RedactionAdded { .. }
                | Self::RedactionRemoved { .. }
                | Self::Legal { .. }
        )
    }

    /// Short description for the journal view and the undo menu; hostile characters are not yet made
    /// visible.
    pub fn describe(&self) -> String {
        match self {
            Self::CaseCreated { name, version } => format!("case {name} made with Stillhunt {version}"),
            Self::SnapshotAdded { snapshot, .. } => {
                let rows: u64 = snapshot.files.iter().map(|file| file.rows).sum();
                let files = counted(snapshot.files.len() as u64, "file", "files");
                let rows = counted(rows, "row", "rows");
                format!("snapshot {} added: {files}, {rows}", snapshot.sha256.short())
            }
            Self::SnapshotRetired { snapshot, reason } => {
                format!("snapshot {} retired: {reason}", snapshot.short())
            }
            Self::SnapshotRestored { snapshot, reason } => {
                format!("snapshot {} restored: {reason}", snapshot.short())
            }
            Self::MappingReplaced { snapshot, mapping, reason, .. } => {
                format!("snapshot {} read with {}: {reason}", snapshot.short(), mapping.describe())
            }
            Self::Tagged { id, source, tag, .. } => {
                format!("evidence {id}: {} tagged {tag}", source.describe())
            }
            Self::EvidenceChanged { id, tag, .. } => format!("evidence {id} changed, tagged {tag}"),
            Self::EvidenceRemoved { id } => format!("evidence {id} removed from the list"),
            Self::ScopeSaved { name, scope } => match scope.lead() {
                Some(lead) => format!("scope “{name}” saved, of lead {}", lead.id),
                None => format!("scope “{name}” saved"),
            },
            Self::ScopeRemoved { name } => format!("scope “{name}” removed"),
            Self::EventAdded { event } => format!("event “{}” added", event.label),
            Self::EventRemoved { event } => format!("event “{}” removed", event.label),
            Self::AlternativeWeighed { alternative } => {
                let (subject, why) = (alternative.weighed_for(), &alternative.explanation);
                format!("{why} weighed for {subject}: {}", alternative.verdict.in_words())
            }
            Self::TextRevealed { exchanges, reason } => {
                let first = exchanges.first().map(|first| format!("{}#{}", first.file, first.row));
                let which = match (first, exchanges.len()) {
                    (None, _) => "0 exchanges".to_owned(),
                    (Some(first), 1) => format!("exchange {first}"),
                    (Some(first), all) => format!("{} exchanges ({first} first)", format_count(all as u64)),
                };
                format!("text of {which} looked at: {reason}")
            }
            Self::LeadsReviewed { leads, status, reason } => review::describe(leads, *status, reason),
            Self::EvidencePlaced { id, group, .. } if group.is_empty() => format!("evidence {id} moved"),
            Self::EvidencePlaced { id, group, .. } => format!("evidence {id} moved to the group “{group}”"),
            Self::StoryWritten { id, .. } => format!("part {id} of the story written"),
            Self::StoryMoved { id, .. } => format!("part {id} of the story moved"),
            Self::StoryRemoved { id } => format!("part {id} of the story removed"),
            Self::Legal { legal } => legal.describe(),
            Self::SettingChanged { key, value } if value.is_empty() => {
                format!("{} set to its default", setting_names::title(key))
            }
            Self::SettingChanged { key, value } => format!("{} set to {value}", setting_names::title(key)),
            Self::Opened { version, commit, .. } => {
                let commit: String = commit.chars().take(12).collect();
                format!("opened with Stillhunt {version}, commit {commit}")
            }
            Self::BundleKeyMade { .. } => "key of pseudonyms and commitments made".to_owned(),
            Self::Exported { audience, bag, .. } => format!("{audience} bundle {bag} written"),
            Self::RedactionAdded { id, what, reason } => {
                format!("redaction R{id} of {}: {reason}", what.describe())
            }
            Self::RedactionRemoved { id } => format!("redaction R{id} removed"),
            Self::Undone { entry, last } => format!("{} undone", entries(*entry, *last)),
            Self::Redone { entry, last } => format!("{} redone", entries(*entry, *last)),
        }
    }
}

/// `entry 12`, `entries 12 to 26`.
fn entries(first: u64, last: Option<u64>) -> String {
    match last.filter(|last| *last != first) {
        Some(last) => format!("entries {first} to {last}"),
        None => format!("entry {first}"),
    }
}
