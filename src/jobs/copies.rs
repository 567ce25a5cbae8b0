//! Folders that hold sealed copies of logs and no case that names them.

use std::path::{Path, PathBuf};

use crate::case::CaseError;
use crate::snapshot::{self, SnapshotError};

/// A folder holds sealed copies, and no case that names them.
#[derive(Debug, thiserror::Error)]
#[error(
    "{dir} holds {copies} sealed copies of logs but no readable case.sqlite. Put case.sqlite back from a backup, or make \
     a new case of the copies: stillhunt import {dir} --adopt. Nothing was changed",
    dir = .dir.display()
)]
pub struct CopiesWithoutCase {
    /// The folder.
    pub dir: PathBuf,
    /// Number of copies in it.
    pub copies: usize,
}

/// Error of a case that cannot be opened; where its folder holds sealed copies, it names them.
pub(super) fn copies_without_case(dir: &Path, error: CaseError) -> anyhow::Error {
    let may_be_lost = error.is_unreadable() || matches!(error, CaseError::NotACase { .. });
    let copies = if may_be_lost { snapshot::sealed_copies(dir).map_or(0, |copies| copies.len()) } else { 0 };
    match copies {
        0 => error.into(),
        copies => anyhow::Error::from(error).context(CopiesWithoutCase { dir: dir.to_owned(), copies }),
    }
}

/// Files of all sealed copies in a folder, with their names in their snapshots.
///
/// # Errors
/// The folder cannot be read.
pub fn files_of_copies(dir: &Path) -> Result<Vec<(String, PathBuf)>, SnapshotError> {
    let mut files = Vec::new();
    for sha256 in snapshot::sealed_copies(dir)? {
        files.extend(snapshot::files_of_copy(dir, sha256)?);
    }
    Ok(files)
}
