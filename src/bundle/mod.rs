//! Bundles: a BagIt bag for one audience, written and verified.
//!
//! One file for each part of the bag. Nothing here draws on the screen or makes decisions: the
//! contents of a bundle follow from the state of the case.

mod agent;
mod attributes;
mod audience;
mod bag;
mod batch_csv;
mod case_files;
mod changes;
mod checklist;
mod content;
mod contents;
mod custody;
mod der;
mod designations;
mod disclosed_notes;
mod error;
mod event_tables;
mod exhibit_sql;
mod explanations;
mod export;
mod fault;
mod figures;
mod folders;
mod global_address;
mod group_tests;
mod hashes;
mod import_report;
mod incident;
mod internal;
mod journal_fields;
mod journal_files;
mod journal_fold;
mod key;
mod kinds;
mod lead_test;
mod left_out;
mod legal;
mod load_file;
mod manifest;
mod methods;
mod names;
mod parquet_bounds;
mod parquet_check;
mod parquet_file;
mod provenance;
mod reader;
mod readme;
mod records;
mod redaction;
mod redaction_count;
mod relied;
mod report;
mod reproduce;
mod signer;
mod source_records;
mod stix;
mod story_check;
mod summaries;
mod terms;
mod thrift;
mod time_request;
mod timestamp;
mod trust;
mod underlying;
mod verify;
mod vocabulary;
mod vouched;
mod withheld;

pub use audience::Audience;
pub use checklist::{CheckItem, CheckState, PROVISIONAL, checklist, refuses_provisional};
pub use designations::{CLASSES, Designation};
pub use disclosed_notes::{EXCULPATORY_NOTE, disclosed_notes};
pub use error::BundleError;
pub use explanations::{EXPLANATIONS, explanations};
pub use export::{ExportOptions, Exported, Preview, export, preview};
pub use fault::Fault;
pub use import_report::{case_report, present_report};
pub use incident::INCIDENT;
pub use key::SigningKey;
pub use kinds::exhibits_of;
pub use legal::{
    AfterRow, Basis, Gap, GapRow, HarmRow, LegalFigures, LegalSheet, Relation, computed_sheets,
    element_items, element_state, legal_figures, legal_sheets,
};
pub use redaction_count::{RedactionCount, redaction_counts};
pub use report::Paper;
pub use reproduce::{Decisions, Made, Reproduced, decisions_behind, reproduce};
pub use signer::{KeyFile, Signer};
pub use story_check::lost_in_part;
pub use timestamp::{Timestamp, attach_timestamp, timestamp};
pub use trust::Trust;
pub use verify::{is_content_compared, is_of_this_version, signer, verify, verify_signed};
pub use vouched::{VOUCHED, Vouched, vouched, vouched_in};
