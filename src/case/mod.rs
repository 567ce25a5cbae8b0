//! `case.sqlite`: the decisions of the investigator as an append-only, hash-chained journal, and the
//! verbatim records of exchanges marked as evidence.
//!
//! The state of a case is the fold of its journal; undo appends an entry. Entries are never rewritten.
//! The only data from the snapshots are the records that evidence copies.

mod action;
mod copies;
mod database;
mod decision;
mod decisions;
mod error;
mod fields;
mod in_words;
mod journal;
pub mod legal;
mod legal_check;
mod lock;
mod medium;
mod new_part;
mod person;
mod program;
mod redaction;
mod repeats;
mod report;
mod report_words;
mod review;
mod setting_names;
mod settings;
mod split;
mod state;
mod store;
mod story;
mod unmarked;

pub use action::Action;
pub use decision::{Alternative, EvidenceSource, InvestigatorEvent, Subject, Verdict};
pub use decisions::{Decisions, PlacedDecision, Weighed};
pub use error::CaseError;
pub use fields::{Field, JournalField, fields_of, values_of};
pub use journal::{ChainCheck, ChainFault, Checkpoint, Entry, JournalLine, check_chain, entry_hash};
pub use person::Person;
pub use program::Program;
pub use redaction::{Redacted, Redaction, RedactionRule};
pub use report::{CaseReport, LostSignal, Outliers};
pub use report_words::report_in_words;
pub use review::{Review, ReviewStatus};
pub use settings::{CLOCK_STATEMENT, FILE_NAMES, Kept, SOURCES_KEPT, STORY_IN_PRODUCTION, ZONE};
pub use state::{Evidence, Retired, SavedScope, State, Step};
pub use store::{Access, Case};
pub use story::{BoardGroup, StoryChange, StoryPart};
pub use unmarked::unmarked;
