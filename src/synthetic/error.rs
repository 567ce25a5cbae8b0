//! Errors of making a synthetic log.

use std::path::{Path, PathBuf};

use crate::model::Cancelled;

/// An error of making a synthetic log.
#[derive(Debug, thiserror::Error)]
pub enum SyntheticError {
    /// Options that contradict each other.
    #[error("{why}")]
    Contradiction {
        /// The contradiction.
        why: String,
    },
    /// The folder holds a log already.
    #[error("{path} is there already; choose an empty folder", path = path.display())]
    Taken {
        /// The file found.
        path: PathBuf,
    },
    /// The folder could not be made, read or written to.
    #[error("cannot make, read or write to the folder {path}: {source}", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A day that the calendar does not have.
    #[error("day {day} of the log is outside the calendar: {source}; choose an earlier start")]
    Date {
        /// Days after the first.
        day: u32,
        /// The cause.
        source: jiff::Error,
    },
    /// A line of a built-in file of sentences that the format does not allow.
    #[error("{line}")]
    Grammar {
        /// File, line and fault.
        line: String,
    },
    /// Cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl SyntheticError {
    /// For `map_err` on calls that concern the folder.
    pub(super) fn folder(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |source| Self::Folder { path: path.to_owned(), source }
    }

    /// An error of writing a file, for `map_err`.
    pub(super) fn write<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        path: &Path,
    ) -> impl Fn(E) -> Self + '_ {
        |source| Self::Write { path: path.to_owned(), source: source.into() }
    }
}
