//! Sealed snapshots as values: their files, hashes and mapping, and the present paths of the files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Mapping;
use super::copies::folder_of;
use super::file_path::partitions;
use super::{File, RowLayout, SnapshotError};
use crate::model::Digest;

/// Storage of a snapshot's files: copied into the case, or left at their paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealing {
    /// Copied into the case's `snapshots/` folder and made read-only.
    Copy,
    /// Left at their paths; path, size and SHA-256 are recorded.
    Reference,
}

/// One file of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path inside the snapshot, with `/` between folders.
    pub name: String,
    /// Path at the time of import.
    pub origin: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Number of rows by its footer.
    pub rows: u64,
    /// Its time zone as recorded in the time column's type; `None` for a zoneless timestamp,
    /// which is taken as UTC.
    pub recorded_zone: Option<String>,
    /// Layout by which its rows are numbered; `None` in cases that did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<RowLayout>,
}

/// Sources of a file's rows: its bytes, and the partition columns in its path.
pub(crate) type Content = (Digest, Vec<(String, Option<String>)>);

impl SourceFile {
    /// Two files of equal content have the same rows.
    pub(crate) fn content(&self) -> Content {
        (self.sha256, partitions(&self.name))
    }

    /// The names of some files, each with its SHA-256.
    pub(super) fn named(files: &[Self]) -> impl Iterator<Item = (Digest, &str)> {
        files.iter().map(|file| (file.sha256, file.name.as_str()))
    }
}

/// One sealed snapshot. Its SHA-256 is that of the lines `SHA-256␠␠NAME\n` of its files, sorted
/// by name, as `sha256sum` prints them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Identifier of the snapshot.
    pub sha256: Digest,
    /// Copied or referenced.
    pub sealing: Sealing,
    /// Mapping of its columns to the canonical ones.
    pub mapping: Mapping,
    /// Its files, sorted by name.
    pub files: Vec<SourceFile>,
}

/// Snapshots of a case and the folder of its copies.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The case's folder, under which `snapshots/SHA-256/NAME` holds the copies.
    pub case_dir: PathBuf,
    /// The snapshots, in the order they were imported.
    pub snapshots: Vec<Snapshot>,
}

impl Sources {
    /// Present path of a file of a snapshot.
    pub fn path_of(&self, snapshot: &Snapshot, file: &SourceFile) -> PathBuf {
        match snapshot.sealing {
            Sealing::Copy => folder_of(&self.case_dir, snapshot.sha256).join(&file.name),
            Sealing::Reference => file.origin.clone(),
        }
    }

    /// A file of a snapshot, its rows numbered as the case has numbered them.
    ///
    /// # Errors
    /// As [`File::open`]; the file has other rows than when it was sealed.
    pub fn open(&self, snapshot: &Snapshot, file: &SourceFile) -> Result<File, SnapshotError> {
        self.open_as(snapshot, file, false)
    }

    /// As [`open`](Self::open), with the page index if the file has one, for reading single rows.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_indexed(&self, snapshot: &Snapshot, file: &SourceFile) -> Result<File, SnapshotError> {
        self.open_as(snapshot, file, true)
    }

    fn open_as(
        &self,
        snapshot: &Snapshot,
        file: &SourceFile,
        is_indexed: bool,
    ) -> Result<File, SnapshotError> {
        let path = self.path_of(snapshot, file);
        let opened = File::open_sealed(&path, &file.name, file.layout.as_ref(), is_indexed)?;
        if file.layout.is_some() && opened.rows() != file.rows {
            return Err(SnapshotError::Damaged {
                file: file.name.clone(),
                row_group: None,
                reason: format!("it has {} rows, and had {} when it was sealed", opened.rows(), file.rows),
            });
        }
        Ok(opened)
    }
}

/// Files with the same bytes as an earlier file, in partitions of the same values, each with that file, in the order in which rows are
/// counted: by snapshot, then name.
pub fn identical_files(snapshots: &[Snapshot]) -> Vec<IdenticalFile<'_>> {
    let mut ordered: Vec<&Snapshot> = snapshots.iter().collect();
    ordered.sort_by_key(|snapshot| snapshot.sha256);
    ordered.dedup_by_key(|snapshot| snapshot.sha256);
    let mut first: BTreeMap<Content, (&Snapshot, &SourceFile)> = BTreeMap::new();
    let mut identical = Vec::new();
    for snapshot in ordered {
        for file in &snapshot.files {
            match first.get(&file.content()) {
                Some(&counted) => identical.push(IdenticalFile { file: (snapshot, file), counted }),
                None => drop(first.insert(file.content(), (snapshot, file))),
            }
        }
    }
    identical
}

/// File with the same bytes as another one, in which its rows are counted.
#[derive(Clone, Copy, Debug)]
pub struct IdenticalFile<'a> {
    /// The file, with its snapshot.
    pub file: (&'a Snapshot, &'a SourceFile),
    /// The file whose rows count, with its snapshot.
    pub counted: (&'a Snapshot, &'a SourceFile),
}

/// The SHA-256 of the lines that `sha256sum` prints for files, which must be sorted by name.
pub(crate) fn name_of<'a>(files: impl Iterator<Item = (Digest, &'a str)>) -> Digest {
    let lines: String = files.map(|(sha256, name)| format!("{sha256}  {name}\n")).collect();
    Digest::of(lines.as_bytes())
}
