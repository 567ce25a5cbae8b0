//! Folder `snapshots/` of a case: sealed copies under their SHA-256.
//!
//! A copy that is not journaled yet has a temporary name, which begins with a dot; only copies with
//! such a name are ever removed. It gets its permanent name when the journal entry is on the disk. A
//! process killed in between leaves a journaled copy under its temporary name: it is found there, and
//! renamed when the case is next opened for writing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::SnapshotError;
use crate::model::Digest;
use crate::{fail_point, files};

/// Prefix of temporary names of copies.
const INCOMING: &str = ".incoming-";

fn home_of(case_dir: &Path) -> PathBuf {
    case_dir.join("snapshots")
}

fn settled(case_dir: &Path, sha256: Digest) -> PathBuf {
    home_of(case_dir).join(sha256.to_string())
}

fn waiting(case_dir: &Path, sha256: Digest) -> PathBuf {
    home_of(case_dir).join(format!("{INCOMING}{sha256}"))
}

/// Folder of a copy, under its permanent or its temporary name.
pub(super) fn folder_of(case_dir: &Path, sha256: Digest) -> PathBuf {
    let (settled, waiting) = (settled(case_dir, sha256), waiting(case_dir, sha256));
    if !settled.exists() && waiting.exists() { waiting } else { settled }
}

/// SHA-256 of all complete copies of a case folder, by their permanent or temporary names, ascending.
/// Files are not hashed. Empty if there is no such folder.
///
/// # Errors
/// The folder cannot be read.
pub fn sealed_copies(case_dir: &Path) -> Result<Vec<Digest>, SnapshotError> {
    let mut names: Vec<Digest> = entries(case_dir)?
        .into_iter()
        .filter_map(|(name, _)| name.strip_prefix(INCOMING).unwrap_or(&name).parse().ok())
        .collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Renames a copy from its temporary to its permanent name; to be called once it is journaled.
///
/// # Errors
/// Rights or disk space are missing.
pub fn settle(case_dir: &Path, sha256: Digest) -> Result<(), SnapshotError> {
    let (last, waiting) = (settled(case_dir, sha256), waiting(case_dir, sha256));
    if last.exists() || !waiting.exists() {
        return Ok(());
    }
    let fail = |e| write_error(&last, e, 0);
    fail_point::pass("seal.settle").and_then(|()| files::rename(&waiting, &last)).map_err(fail)
}

/// Removes a copy with a temporary name, and the folder of copies if it is then empty. A copy with its
/// permanent name is kept.
pub fn discard(case_dir: &Path, sha256: Digest) {
    let _ = fail_point::pass("import.unseal");
    // The next import removes leftovers.
    let _ = fs::remove_dir_all(waiting(case_dir, sha256));
    let _ = fs::remove_dir(home_of(case_dir));
}

/// Removes leftovers of killed imports from a folder whose journal has these copies. Copies with a
/// permanent name, journaled or not, and unrelated files are kept.
///
/// # Errors
/// Rights are missing.
pub fn remove_unfinished(case_dir: &Path, named: &[Digest]) -> Result<(), SnapshotError> {
    for (name, path) in entries(case_dir)? {
        let Some(rest) = name.strip_prefix(INCOMING) else { continue };
        if !rest.parse().is_ok_and(|sha256: Digest| named.contains(&sha256)) {
            fail_point::pass("seal.clear").map_err(|e| SnapshotError::io(&path, e))?;
            fs::remove_dir_all(&path).map_err(|e| SnapshotError::io(&path, e))?;
        }
    }
    Ok(())
}

/// Folders in the `snapshots/` of a case, by name; names that are not UTF-8 are skipped.
fn entries(case_dir: &Path) -> Result<Vec<(String, PathBuf)>, SnapshotError> {
    let home = home_of(case_dir);
    let fail = |e| SnapshotError::io(&home, e);
    if !home.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&home).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_type().map_err(fail)?.is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// Temporary folder for incomplete copies, removed when dropped.
pub(super) struct Incoming {
    case_dir: PathBuf,
    folder: Option<tempfile::TempDir>,
}

impl Incoming {
    pub(super) fn make(case_dir: &Path) -> Result<Self, SnapshotError> {
        let home = home_of(case_dir);
        let fail = |e| write_error(&home, e, 0);
        fs::create_dir_all(&home).map_err(fail)?;
        let folder = tempfile::Builder::new().prefix(INCOMING).tempdir_in(&home).map_err(fail)?;
        Ok(Self { case_dir: case_dir.to_owned(), folder: Some(folder) })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new(""), tempfile::TempDir::path)
    }

    /// Makes the complete copies read-only, syncs them and gives them their temporary name.
    pub(super) fn complete(mut self, sha256: Digest) -> Result<(), SnapshotError> {
        let last = waiting(&self.case_dir, sha256);
        let fail = |e| write_error(&last, e, 0);
        fail_point::pass("seal.protect").map_err(fail)?;
        protect(self.path()).map_err(fail)?;
        if last.exists() {
            // Left by a killed import, and possibly incomplete.
            fs::remove_dir_all(&last).map_err(fail)?;
        }
        let renamed = fail_point::pass("seal.rename")
            .and_then(|()| files::rename(self.path(), &last))
            // The folder of copies may be new as well.
            .and_then(|()| files::sync_folder(&self.case_dir));
        if let Err(error) = renamed {
            // No journal names these copies: they are this import's own.
            let _ = fs::remove_dir_all(&last);
            return Err(fail(error));
        }
        if let Some(folder) = self.folder.take() {
            // The folder was renamed, so its guard has nothing to remove.
            let _ = folder.keep();
        }
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        drop(self.folder.take());
        // Succeeds only if it is empty, that is, if it was made for copies that were not completed.
        let _ = fs::remove_dir(home_of(&self.case_dir));
    }
}

pub(super) fn write_error(path: &Path, error: io::Error, needed: u64) -> SnapshotError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            SnapshotError::DiskFull { path: path.to_owned(), needed }
        }
        _ => SnapshotError::io(path, error),
    }
}

fn protect(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            protect(&entry.path())?;
        } else {
            let mut permissions = entry.metadata()?.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(entry.path(), permissions)?;
        }
    }
    files::sync_folder(folder)
}
