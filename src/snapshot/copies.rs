//! The folder `snapshots/` of a case: sealed copies under their SHA-256.
//!
//! A copy that no journal names yet waits under a name that begins with a dot, and only what has
//! such a name is ever removed. Its lasting name, which a journal may have, is given to it once
//! the journal entry is on the disk. A process killed in between leaves a copy that the journal
//! names under its first name: it is found there, and renamed when the case is next written to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::SnapshotError;
use crate::model::Digest;
use crate::{fail_point, files};

/// The beginning of the names of copies that no journal names.
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

/// The folder that holds a copy: under its lasting name, or under the one it waits with.
pub(super) fn folder_of(case_dir: &Path, sha256: Digest) -> PathBuf {
    let (settled, waiting) = (settled(case_dir, sha256), waiting(case_dir, sha256));
    if !settled.exists() && waiting.exists() { waiting } else { settled }
}

/// The SHA-256 in the names of all complete copies of a case folder, ascending; those that wait
/// included. Nothing is hashed. Empty where there is no such folder.
///
/// # Errors
/// A folder that cannot be read.
pub fn sealed_copies(case_dir: &Path) -> Result<Vec<Digest>, SnapshotError> {
    let mut names: Vec<Digest> = entries(case_dir)?
        .into_iter()
        .filter_map(|(name, _)| name.strip_prefix(INCOMING).unwrap_or(&name).parse().ok())
        .collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Gives a copy its lasting name, where it still waits. To be called once a journal names it.
///
/// # Errors
/// No rights, disk full.
pub fn settle(case_dir: &Path, sha256: Digest) -> Result<(), SnapshotError> {
    let (last, waiting) = (settled(case_dir, sha256), waiting(case_dir, sha256));
    if last.exists() || !waiting.exists() {
        return Ok(());
    }
    let fail = |e| write_error(&last, e, 0);
    fail_point::pass("seal.settle").and_then(|()| files::rename(&waiting, &last)).map_err(fail)
}

/// Removes a copy that waits, and the folder of copies where nothing else is in it. A copy with
/// its lasting name stays.
pub fn discard(case_dir: &Path, sha256: Digest) {
    let _ = fail_point::pass("import.unseal");
    // What cannot be removed now is removed by the next import.
    let _ = fs::remove_dir_all(waiting(case_dir, sha256));
    let _ = fs::remove_dir(home_of(case_dir));
}

/// Removes what imports that were killed left in a folder whose journal names these copies. All
/// else stays: copies with a lasting name, whether or not this journal names them, and files that
/// are not ours.
///
/// # Errors
/// No rights.
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

/// The folders in a case's `snapshots/`, by name; names that are not UTF-8 are none of ours.
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

/// A folder that copies are written to before they are complete. Goes away when dropped.
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

    /// Makes the complete copies read-only and lasting, under the name they wait with.
    pub(super) fn complete(mut self, sha256: Digest) -> Result<(), SnapshotError> {
        let last = waiting(&self.case_dir, sha256);
        let fail = |e| write_error(&last, e, 0);
        fail_point::pass("seal.protect").map_err(fail)?;
        protect(self.path()).map_err(fail)?;
        if last.exists() {
            // Of an import that was killed; the same bytes, perhaps not all of them.
            fs::remove_dir_all(&last).map_err(fail)?;
        }
        fail_point::pass("seal.rename").and_then(|()| files::rename(self.path(), &last)).map_err(fail)?;
        if let Some(folder) = self.folder.take() {
            // Nothing is there any more for the temporary folder to take away.
            let _ = folder.keep();
        }
        // The folder of copies may itself be new in the case's.
        files::sync_folder(&self.case_dir).map_err(fail)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        drop(self.folder.take());
        // Goes only where it is empty: where this made it for copies that never came about.
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
