//! A set of Parquet files becomes a snapshot: hashed, copied or referenced, never altered.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Mapping, SnapshotError};
use crate::model::{Digest, Watcher};

/// Whether a snapshot's files are copied into the case or stay where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealing {
    /// Copied into the case's `snapshots/` folder and made read-only.
    Copy,
    /// Left where they are; path, size and SHA-256 are kept.
    Reference,
}

/// One file of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path inside the snapshot, with `/` between folders.
    pub name: String,
    /// Where the investigator had it when it was imported.
    pub origin: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Rows, as its footer says.
    pub rows: u64,
    /// Its time zone as recorded in the time column's type; `None` for a zoneless timestamp,
    /// which is taken as UTC.
    pub recorded_zone: Option<String>,
}

/// One sealed snapshot. Its SHA-256 is that of the lines `SHA-256␠␠NAME\n` of its files, sorted
/// by name: what `sha256sum` prints for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Names the snapshot.
    pub sha256: Digest,
    /// Copied or referenced.
    pub sealing: Sealing,
    /// How its columns map to the canonical ones.
    pub mapping: Mapping,
    /// Its files, sorted by name.
    pub files: Vec<SourceFile>,
}

/// The snapshots of a case and where their files are now.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The case's folder, under which `snapshots/SHA-256/NAME` holds the copies.
    pub case_dir: PathBuf,
    /// The snapshots, in the order they were imported.
    pub snapshots: Vec<Snapshot>,
}

impl Sources {
    /// Where a file of a snapshot is to be read from.
    pub fn path_of(&self, snapshot: &Snapshot, file: &SourceFile) -> PathBuf {
        match snapshot.sealing {
            Sealing::Copy => {
                self.case_dir.join("snapshots").join(snapshot.sha256.to_string()).join(&file.name)
            }
            Sealing::Reference => file.origin.clone(),
        }
    }

    /// Hashes every file again. Empty when all are as they were; otherwise one error a file that
    /// is gone, unreadable or changed.
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn rehash(&self, watcher: &dyn Watcher) -> Result<Vec<SnapshotError>, SnapshotError> {
        todo!()
    }
}

/// Hashes the files, checks that each can be read under the mapping (footer, columns, types),
/// and puts copies under `case_dir/snapshots/` (complete or not at all: written beside, synced,
/// renamed) or notes where they are.
///
/// # Errors
/// Any file that is not sound, by name; no rights; disk full; cancelled. Nothing is left behind.
pub fn seal(
    files: &[(String, PathBuf)],
    mapping: Mapping,
    sealing: Sealing,
    case_dir: &Path,
    watcher: &dyn Watcher,
) -> Result<Snapshot, SnapshotError> {
    todo!()
}
