//! What can be wrong with a snapshot, where, and the way out.

use std::path::PathBuf;

use crate::model::{Cancelled, Digest, visible};

/// What can be wrong with a snapshot. `file` is always the file's name inside the snapshot;
/// row groups and rows count from 0, rows within the file.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Reading or writing failed.
    #[error("{path}: {source}", path = visible(&path.display().to_string()))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing stands where the investigator pointed.
    #[error("{path}: no such file or folder; check the spelling", path = visible(&path.display().to_string()))]
    NoSuchPath {
        /// What was named.
        path: PathBuf,
    },
    /// The file system refuses.
    #[error("{path}: no rights to read or write it; ask for access or copy it to where you have it", path = visible(&path.display().to_string()))]
    NoRights {
        /// The file or folder.
        path: PathBuf,
    },
    /// Nothing to import.
    #[error("{path}: no Parquet file in it or below it; name a folder that holds *.parquet files", path = visible(&path.display().to_string()))]
    NoParquet {
        /// What was named.
        path: PathBuf,
    },
    /// A path leads into a case.
    #[error("{path}: it lies in the case {case}, whose own copies are no input; name the folder of the logs", path = visible(&path.display().to_string()), case = visible(&case.display().to_string()))]
    InsideCase {
        /// What was named.
        path: PathBuf,
        /// The case's folder.
        case: PathBuf,
    },
    /// A file's name cannot be written down in a snapshot.
    #[error("{path}: its name is not UTF-8, or has a line break or backslash in it; rename the file", path = visible(&path.display().to_string()))]
    BadName {
        /// The file.
        path: PathBuf,
    },
    /// Two files would have the same name in the snapshot.
    #[error("{first} and {second} would both be called “{file}”; import the folder above both, or rename one", file = visible(file), first = visible(&first.display().to_string()), second = visible(&second.display().to_string()))]
    SameName {
        /// The name.
        file: String,
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// The disk has no room for the copies.
    #[error("{path}: the disk is full: {needed} bytes are needed for the copies; make room, or import by reference", path = visible(&path.display().to_string()))]
    DiskFull {
        /// Where the copies were to go.
        path: PathBuf,
        /// Bytes of all files of the snapshot.
        needed: u64,
    },
    /// No bytes at all.
    #[error("{file}: the file is empty (0 bytes); fetch it again or leave it out", file = visible(file))]
    EmptyFile {
        /// The file.
        file: String,
    },
    /// Not Parquet.
    #[error("{file}: not a Parquet file (it does not begin with PAR1); leave it out", file = visible(file))]
    Foreign {
        /// The file.
        file: String,
    },
    /// The beginning of a Parquet file without its end.
    #[error("{file}: cut short: it begins as Parquet but its footer is missing, so part of it was not copied or not written; fetch it again", file = visible(file))]
    Truncated {
        /// The file.
        file: String,
    },
    /// A folder of a table format whose live files only its engine knows.
    #[error("{path}: a table in {format} format: {reason}; have the engine write the rows out as plain Parquet files", path = visible(&path.display().to_string()), reason = visible(reason))]
    Table {
        /// The folder.
        path: PathBuf,
        /// The format.
        format: &'static str,
        /// Why it is not read.
        reason: String,
    },
    /// Parquet modular encryption.
    #[error("{file}: encrypted (Parquet modular encryption); ask for it decrypted: write it again without encryption", file = visible(file))]
    Encrypted {
        /// The file.
        file: String,
    },
    /// A file of metadata whose rows are in other files.
    #[error("{file}: it only describes other files (as _metadata does) and holds no rows; name the files or their folder instead", file = visible(file))]
    RowsElsewhere {
        /// The file.
        file: String,
    },
    /// A codec that is not read.
    #[error("{file}: compressed with {codec}, which is not read; write it again with ZSTD, SNAPPY, GZIP, BROTLI or LZ4", file = visible(file))]
    Codec {
        /// The file.
        file: String,
        /// The codec.
        codec: String,
    },
    /// Parquet that cannot be read.
    #[error("{file}{place}: damaged: {reason}; fetch it again or leave it out", file = visible(file), place = in_group(*row_group), reason = visible(reason))]
    Damaged {
        /// The file.
        file: String,
        /// The row group, where it is known.
        row_group: Option<usize>,
        /// What the Parquet reader says.
        reason: String,
    },
    /// No exchange in any of the files.
    #[error("no rows: the {files} files hold no exchange at all; check the query that made them")]
    NoRows {
        /// How many files there are.
        files: usize,
    },
    /// A file does not have a column it must have.
    #[error("{file}: it has no column “{source_name}” for {column}; map another of its columns to {column}", file = visible(file), source_name = visible(source_name))]
    MissingColumn {
        /// The file.
        file: String,
        /// The canonical column.
        column: &'static str,
        /// What the mapping says it is called.
        source_name: String,
    },
    /// A required column is not mapped at all.
    #[error("the mapping has no {column}; every snapshot needs ts and account_id")]
    Unmapped {
        /// The canonical column.
        column: &'static str,
    },
    /// A file has a column twice.
    #[error("{file}: it has two columns “{source_name}”, so which one is meant is unknown; rename one", file = visible(file), source_name = visible(source_name))]
    TwiceNamed {
        /// The file.
        file: String,
        /// The name.
        source_name: String,
    },
    /// A column holds something else than it must.
    #[error("{file}: column “{source_name}” is {found}, but {column} needs {needed}; map another column or convert this one", file = visible(file), source_name = visible(source_name))]
    WrongType {
        /// The file.
        file: String,
        /// The canonical column.
        column: &'static str,
        /// Its name in the file.
        source_name: String,
        /// What is there.
        found: String,
        /// What would do.
        needed: &'static str,
    },
    /// A value cannot be what its column says it is.
    #[error("{file}, row group {row_group}, row {row}, {column}: {reason}; leave the file out or have it written again", file = visible(file), reason = visible(reason))]
    BadValue {
        /// The file.
        file: String,
        /// The row group.
        row_group: usize,
        /// The row in the file.
        row: u64,
        /// The canonical column.
        column: &'static str,
        /// What is wrong with the value.
        reason: String,
    },
    /// A row or row group was asked for that the file does not have.
    #[error("{file}: there is no {what} {asked}, it has {has}; the file is not the one that was sealed", file = visible(file))]
    OutOfRange {
        /// The file.
        file: String,
        /// “row” or “row group”.
        what: &'static str,
        /// What was asked for.
        asked: u64,
        /// How many there are.
        has: u64,
    },
    /// The mapping names a canonical column that does not exist.
    #[error("the mapping names “{name}”, which is no canonical column; there are: {list}", name = visible(name), list = canonical_names())]
    UnknownColumn {
        /// The name.
        name: String,
    },
    /// A unit was given where it means nothing.
    #[error("the mapping gives a unit for {column}, which takes none; only times and latency_ms do")]
    NoUnit {
        /// The canonical column.
        column: &'static str,
    },
    /// Something that means nothing for the column stands in its table.
    #[error("the mapping gives {what} for {column}, which takes none")]
    NotForColumn {
        /// The canonical column.
        column: &'static str,
        /// What was given.
        what: &'static str,
    },
    /// A zone that does not exist.
    #[error("the mapping names the zone “{zone}”, which does not exist; write an IANA name such as Asia/Shanghai, or an offset such as +08:00", zone = visible(zone))]
    UnknownZone {
        /// The zone.
        zone: String,
    },
    /// The mapping is not the TOML it should be.
    #[error("the mapping cannot be read: {reason}; lines look like `account_id = \"user\"` or `ts = {{ column = \"created\", unit = \"ms\" }}`", reason = visible(reason))]
    BadMapping {
        /// What the TOML reader says.
        reason: String,
    },
    /// No preset has that name.
    #[error("no preset is called “{name}”; there are: {known}", name = visible(name))]
    UnknownPreset {
        /// The name.
        name: String,
        /// The names there are, with commas between.
        known: String,
    },
    /// A file was written to while it was hashed.
    #[error("{file}: it changed while it was being read; wait until it is written whole and import again", file = visible(file))]
    ChangedWhileRead {
        /// The file.
        file: String,
    },
    /// A sealed copy is not what its name says.
    #[error("{path}: its files hash to {found}, not to its name: a file in it was changed, added or taken away since it was sealed; restore it from a backup or move it out of the case", path = visible(&path.display().to_string()))]
    AlteredCopy {
        /// The folder of the copy.
        path: PathBuf,
        /// What its files hash to.
        found: Digest,
    },
    /// A sealed file is not there any more.
    #[error("{file}: gone from {path}; put the file with SHA-256 {sha256} back there", file = visible(file), path = visible(&path.display().to_string()))]
    Gone {
        /// The file.
        file: String,
        /// Where it should be.
        path: PathBuf,
        /// What it must hash to.
        sha256: Digest,
    },
    /// A sealed file is not what it was.
    #[error("{file}: changed since it was sealed: SHA-256 is {found}, was {expected}; put the sealed file back at {path}", file = visible(file), path = visible(&path.display().to_string()))]
    Changed {
        /// The file.
        file: String,
        /// Where it is.
        path: PathBuf,
        /// What it hashed to when sealed.
        expected: Digest,
        /// What it hashes to now.
        found: Digest,
    },
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl SnapshotError {
    /// True if the content of a file fails, and not the disk, the mapping or the work.
    pub(crate) fn is_of_content(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::BadValue { .. })
    }

    /// An input or output failure at a path, told apart as far as the system tells it.
    pub(super) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::NotFound => Self::NoSuchPath { path },
            std::io::ErrorKind::PermissionDenied => Self::NoRights { path },
            _ => Self::Io { path, source },
        }
    }
}

fn in_group(row_group: Option<usize>) -> String {
    row_group.map_or_else(String::new, |i| format!(", row group {i}"))
}

fn canonical_names() -> String {
    super::Column::ALL.map(super::Column::name).join(", ")
}
