//! Writing a bag: everything into a folder beside the target, synced, then renamed into place.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::{BundleError, CheckItem, SigningKey};
use crate::model::{Digest, Watcher};

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The other side and the court.
    Production,
}

/// How to export.
pub struct ExportOptions {
    /// For whom.
    pub audience: Audience,
    /// The folder in which the bag's folder is made.
    pub out: PathBuf,
    /// Whether prompts and responses of the evidence go in.
    pub include_text: bool,
    /// Whether accounts get pseudonyms.
    pub pseudonymise: bool,
    /// What to sign with.
    pub key: SigningKey,
}

/// A bag that was written.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Its folder.
    pub bag: PathBuf,
    /// SHA-256 of its manifest.
    pub manifest: Digest,
    /// The checklist it was written under.
    pub checklist: Vec<CheckItem>,
}

/// Writes the bundle of a case and journals it. The folder is called `NAME_AUDIENCE_vN` with the
/// first N that is free. When it fails or is cancelled nothing of it is left.
///
/// # Errors
/// A checklist item that refuses, a disk that is full, a source that changed, cancelled.
pub fn export(
    case: &mut crate::case::Case,
    cache: &crate::cache::Cache,
    leads: &crate::leads::Leads,
    options: &ExportOptions,
    watcher: &dyn Watcher,
) -> Result<Exported, BundleError> {
    todo!()
}
