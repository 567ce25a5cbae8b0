//! Files of a sealed copy: listing and hashing.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::SnapshotError;
use super::copies::folder_of;
use super::hash::{Meter, hash};
use super::sealed::name_of;
use crate::model::{Digest, Watcher};

/// Files of a sealed copy with their names in the snapshot, sorted by name.
///
/// # Errors
/// The folder cannot be read, or a name is not valid in a snapshot.
pub fn files_of_copy(case_dir: &Path, sha256: Digest) -> Result<Vec<(String, PathBuf)>, SnapshotError> {
    let folder = folder_of(case_dir, sha256);
    let mut files = Vec::new();
    walk(&folder, "", &mut files)?;
    files.sort();
    Ok(files)
}

fn walk(folder: &Path, above: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), SnapshotError> {
    let fail = |e| SnapshotError::io(folder, e);
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().into_string();
        let name = name.map_err(|_| SnapshotError::BadName { path: entry.path() })?;
        let name = if above.is_empty() { name } else { format!("{above}/{name}") };
        if entry.file_type().map_err(fail)?.is_dir() {
            walk(&entry.path(), &name, files)?;
        } else {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}

/// File of a sealed copy with its present SHA-256.
pub(super) struct CopiedFile {
    pub name: String,
    pub path: PathBuf,
    pub sha256: Digest,
}

/// Hashes the files of a sealed copy and returns them, sorted by name.
///
/// # Errors
/// The files do not hash to the name of the copy, a file cannot be read, or the work was cancelled.
pub(super) fn check_copy(
    case_dir: &Path,
    sha256: Digest,
    watcher: &dyn Watcher,
) -> Result<Vec<CopiedFile>, SnapshotError> {
    let files = files_of_copy(case_dir, sha256)?;
    let bytes = files.iter().map(|(_, path)| fs::metadata(path).map_or(0, |about| about.len())).sum();
    let meter = Meter::new("hashing sealed copies", bytes, watcher);
    let hashed = files
        .into_par_iter()
        .map(|(name, path)| {
            let opened = fs::File::open(&path).map_err(|e| SnapshotError::io(&path, e))?;
            let (sha256, _) = hash(opened, &path, &meter, |_| Ok(()))?;
            Ok(CopiedFile { name, path, sha256 })
        })
        .collect::<Result<Vec<_>, SnapshotError>>()?;
    let found = name_of(hashed.iter().map(|copy| (copy.sha256, copy.name.as_str())));
    if found == sha256 {
        return Ok(hashed);
    }
    Err(SnapshotError::AlteredCopy { path: folder_of(case_dir, sha256), found })
}
