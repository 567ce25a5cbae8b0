//! Bundles: a BagIt bag for one audience, written and verified.
//!
//! One file for each part of the bag. Nothing here draws on the screen or makes decisions: the
//! contents of a bundle follow from the state of the case.

mod agent;
mod audience;
mod bag;
mod changes;
mod checklist;
mod content;
mod contents;
mod custody;
mod designations;
mod error;
mod export;
mod fault;
mod figures;
mod folders;
mod hashes;
mod import_report;
mod incident;
mod internal;
mod journal_fields;
mod key;
mod manifest;
mod methods;
mod names;
mod parquet_bounds;
mod parquet_check;
mod parquet_file;
mod readme;
mod records;
mod relied;
mod report;
mod reproduce;
mod source_records;
mod stix;
mod summaries;
mod terms;
mod thrift;
mod trust;
mod underlying;
mod verify;
mod vocabulary;

pub use audience::Audience;
pub use checklist::{CheckItem, CheckState, checklist};
pub use designations::{CLASSES, Designation};
pub use error::BundleError;
pub use export::{ExportOptions, Exported, Preview, export, preview};
pub use fault::Fault;
pub use import_report::{case_report, present_report};
pub use incident::INCIDENT;
pub use key::SigningKey;
pub use relied::EXPLANATIONS;
pub use report::Paper;
pub use reproduce::{Decisions, Reproduced, decisions_behind, reproduce};
pub use trust::Trust;
pub use verify::{is_content_compared, signer, verify, verify_signed};
