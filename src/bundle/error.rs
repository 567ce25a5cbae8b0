//! Errors of bundles, each with what to do.

use std::path::{Path, PathBuf};

use crate::cache::CacheError;
use crate::case::CaseError;
use crate::exhibit::ExhibitError;
use crate::model::{Cancelled, Digest};
use crate::snapshot::SnapshotError;

/// Error of writing or checking a bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Reading or writing failed.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The path to be verified is no bag.
    #[error("{path} is not a bundle: a bundle is a folder with bagit.txt in it", path = path.display())]
    NotABag {
        /// The path.
        path: PathBuf,
    },
    /// The signing key cannot be used.
    #[error("signing key {path}: {why}", path = path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// Signing or encoding failed.
    #[error("{what} could not be made: {why}")]
    Encode {
        /// Part of the bundle.
        what: String,
        /// Why.
        why: String,
    },
    /// The checklist does not allow the bundle.
    #[error("no bundle was written: {0}")]
    Refused(String),
    /// A time stamp cannot be attached.
    #[error("{path}: {why}", path = path.display())]
    Timestamp {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A bundle cannot be made anew from what was given.
    #[error("{path}: {why}", path = path.display())]
    NotReproduced {
        /// The bundle.
        path: PathBuf,
        /// Why.
        why: &'static str,
    },
    /// A copied record is gone from the case.
    #[error(
        "the copy of evidence {evidence} (record {record}) is not in the case; restore the case from a backup"
    )]
    RecordMissing {
        /// The evidence's number.
        evidence: u64,
        /// SHA-256 of the record.
        record: Digest,
    },
    /// The case could not be read or written.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The cache could not be read.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A snapshot could not be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// An exhibit could not be made.
    #[error(transparent)]
    Exhibit(#[from] ExhibitError),
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl BundleError {
    /// An input or output error on a path, for `map_err`.
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// A part of the bundle that could not be made, for `map_err`.
    pub(super) fn encode<E: std::fmt::Display>(what: &str) -> impl FnOnce(E) -> Self {
        let what = what.to_owned();
        move |why| Self::Encode { what, why: why.to_string() }
    }
}
