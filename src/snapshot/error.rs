//! Errors of snapshots: the failure, its place and the next step.

use std::path::PathBuf;

use crate::model::{Cancelled, Digest, visible};

/// Error in finding, sealing or reading a snapshot. `file` is the name inside the snapshot; row groups
/// and rows are counted from 0 in the file.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Reading or writing failed.
    #[error("{path}: reading or writing failed: {source}; check the path and the disk, then try again", path = visible(&path.display().to_string()))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Cause given by the operating system.
        source: std::io::Error,
    },
    /// The path does not exist.
    #[error("{path}: no such file or folder; check the spelling", path = visible(&path.display().to_string()))]
    NoSuchPath {
        /// Path as given.
        path: PathBuf,
    },
    /// The file system denies access.
    #[error("{path}: permission to read or write is denied; ask for access, or use a folder that you can access", path = visible(&path.display().to_string()))]
    NoRights {
        /// The file or folder.
        path: PathBuf,
    },
    /// No file of a log is under the path.
    #[error("{path}: no Parquet, JSON Lines or CSV file here or in its subfolders; name a folder that holds such files{left_out}", path = visible(&path.display().to_string()))]
    NoParquet {
        /// Path as given.
        path: PathBuf,
        /// The first files that were left out, in words; empty if there are none.
        left_out: String,
    },
    /// The path lies in the folder of a case.
    #[error("{path}: the path lies in the case {case}, and a case's own copies cannot be imported; name the folder of the original logs", path = visible(&path.display().to_string()), case = visible(&case.display().to_string()))]
    InsideCase {
        /// Path as given.
        path: PathBuf,
        /// The case's folder.
        case: PathBuf,
    },
    /// The file name is not valid in a snapshot.
    #[error("{path}: the file name is not UTF-8, or contains a line break or a backslash; rename the file", path = visible(&path.display().to_string()))]
    BadName {
        /// The file.
        path: PathBuf,
    },
    /// Two files would have the same name in the snapshot.
    #[error("{first} and {second} would both be named “{file}” in the snapshot; import the folder above both, or rename one", file = visible(file), first = visible(&first.display().to_string()), second = visible(&second.display().to_string()))]
    SameName {
        /// Name in the snapshot.
        file: String,
        /// Path of the first file.
        first: PathBuf,
        /// Path of the second file.
        second: PathBuf,
    },
    /// The disk has too little space for the copies.
    #[error("{path}: the disk is full, and the copies need {needed} bytes; free some space, or import by reference", path = visible(&path.display().to_string()))]
    DiskFull {
        /// Folder of the copies.
        path: PathBuf,
        /// Size of all files of the snapshot, in bytes.
        needed: u64,
    },
    /// A file of acceptance lacks a column.
    #[error("{file}: no column of the {what} (looked for: {names}); name it with --{what}-column", file = visible(file), names = visible(names))]
    NoAcceptanceColumn {
        /// The file.
        file: String,
        /// Kind of the column.
        what: &'static str,
        /// Names that were looked for.
        names: String,
    },
    /// A file of acceptance has more records than one journal entry holds.
    #[error("{file}: more than {most} records of acceptance by accounts of the log; split the file", file = visible(file))]
    TooManyRecords {
        /// The file.
        file: String,
        /// Most records.
        most: usize,
    },
    /// The file has no bytes.
    #[error("{file}: the file is empty (0 bytes); fetch it again, or leave it out: --leave-out {file}", file = visible(file))]
    EmptyFile {
        /// The file.
        file: String,
    },
    /// The file is neither Parquet nor text of one record a line.
    #[error("{file}: neither Parquet, since it does not begin with PAR1, nor JSON Lines, nor CSV whose first line names the columns; leave it out (--leave-out {file}), put a CSV file beside it that has the names of its columns, or name another delimiter with --delimiter", file = visible(file))]
    Foreign {
        /// The file.
        file: String,
    },
    /// The file has a format that is not read.
    #[error("{file}: {format}", file = visible(file))]
    OtherFormat {
        /// The file.
        file: String,
        /// The format, and what to do.
        format: &'static str,
    },
    /// The text does not say how its rows are laid out.
    #[error("{file}: {reason}", file = visible(file), reason = visible(reason))]
    Unclear {
        /// The file.
        file: String,
        /// Reason, and what to do.
        reason: String,
    },
    /// The file would be one row that has the rows inside.
    #[error("{file}: a row of it would hide the list {list} ({items} items); import with --rows-at {list}, or with rows_at = \"{list}\" in the mapping, if its items are the rows, with --rows-at . if each document is one exchange, or write one row a line, for example with jq", file = visible(file), list = visible(list))]
    ListInARow {
        /// The file.
        file: String,
        /// Path of the list.
        list: String,
        /// Number of its items.
        items: usize,
    },
    /// The Parquet file has no footer.
    #[error("{file}: the file is incomplete: it begins as Parquet, but its footer is missing; fetch it again, or leave it out: --leave-out {file}", file = visible(file))]
    Truncated {
        /// The file.
        file: String,
    },
    /// The folder is a table whose current files cannot be listed without the engine of its format.
    #[error("{path}: the table in {format} format cannot be read: {reason}; export its rows as plain Parquet files", path = visible(&path.display().to_string()), reason = visible(reason))]
    Table {
        /// The folder.
        path: PathBuf,
        /// Name of the format.
        format: &'static str,
        /// Reason why the table is not read.
        reason: String,
    },
    /// The file uses Parquet modular encryption.
    #[error("{file}: the file is encrypted (Parquet modular encryption); have it written again without encryption", file = visible(file))]
    Encrypted {
        /// The file.
        file: String,
    },
    /// A required column uses Parquet modular encryption.
    #[error("{file}: column “{source_name}” for {column} is encrypted (Parquet modular encryption); have the file written again without encryption, or map another column", file = visible(file), source_name = visible(source_name))]
    EncryptedColumn {
        /// The file.
        file: String,
        /// The canonical column.
        column: &'static str,
        /// Name of the column in the file.
        source_name: String,
    },
    /// The file holds metadata only; its rows are in other files.
    #[error("{file}: the file holds no rows and only describes other files, as _metadata does; name those files or their folder", file = visible(file))]
    RowsElsewhere {
        /// The file.
        file: String,
    },
    /// The compression codec is not supported.
    #[error("{file}: the compression {codec} is not supported; have the file written again with ZSTD, SNAPPY, GZIP, BROTLI or LZ4", file = visible(file))]
    Codec {
        /// The file.
        file: String,
        /// Name of the codec.
        codec: String,
    },
    /// Part of the Parquet file cannot be read.
    #[error("{file}{place}: the file is damaged: {reason}; fetch it again or leave it out", file = visible(file), place = in_group(*row_group), reason = visible(reason))]
    Damaged {
        /// The file.
        file: String,
        /// Row group; `None` if the damage is not in a single one.
        row_group: Option<usize>,
        /// Message of the Parquet reader.
        reason: String,
    },
    /// No file has rows.
    #[error("the snapshot has no rows (files: {files}); check the query that wrote the files")]
    NoRows {
        /// Number of files.
        files: usize,
    },
    /// The file lacks a required column.
    #[error("{file}: the file has no column “{source_name}” for {column}; map another of its columns to {column}", file = visible(file), source_name = visible(source_name))]
    MissingColumn {
        /// The file.
        file: String,
        /// The canonical column.
        column: &'static str,
        /// Name of the source column in the mapping.
        source_name: String,
    },
    /// The mapping lacks a required column.
    #[error("the mapping has no {column}; add it, since every snapshot needs ts and account_id")]
    Unmapped {
        /// The canonical column.
        column: &'static str,
    },
    /// Two columns of the file have the same name.
    #[error("{file}: two columns are named “{source_name}”; rename one of them", file = visible(file), source_name = visible(source_name))]
    TwiceNamed {
        /// The file.
        file: String,
        /// Name of both columns.
        source_name: String,
    },
    /// The type of a column does not fit its canonical column.
    #[error("{file}: column “{source_name}” is {found}, but {column} needs {needed}; map another column or convert this one", file = visible(file), source_name = visible(source_name))]
    WrongType {
        /// The file.
        file: String,
        /// The canonical column.
        column: &'static str,
        /// Name of the column in the file.
        source_name: String,
        /// Type of the column in the file, in words.
        found: String,
        /// Types that the canonical column accepts, in words.
        needed: &'static str,
    },
    /// The requested row or row group is beyond the end of the file.
    #[error("{file}: {what} {asked} (counted from 0) does not exist, since the file has {has}; put the sealed file back", file = visible(file))]
    OutOfRange {
        /// The file.
        file: String,
        /// “row” or “row group”.
        what: &'static str,
        /// Requested index, from 0.
        asked: u64,
        /// Number of rows or row groups in the file.
        has: u64,
    },
    /// The mapping names a column that is not canonical.
    #[error("the mapping names “{name}”, which is not a canonical column; use one of: {list}", name = visible(name), list = canonical_names())]
    UnknownColumn {
        /// Name in the mapping.
        name: String,
    },
    /// The mapping gives a unit for a column without units.
    #[error(
        "the mapping gives a unit for {column}, which takes none; remove it, since only times and latency_ms have units"
    )]
    NoUnit {
        /// The canonical column.
        column: &'static str,
    },
    /// The mapping sets an option that the canonical column does not have.
    #[error("the mapping gives {what} for {column}, which takes none; remove it")]
    NotForColumn {
        /// The canonical column.
        column: &'static str,
        /// Name of the option, with its article.
        what: &'static str,
    },
    /// The mapping names a time zone that does not exist.
    #[error("the mapping names the time zone “{zone}”, which does not exist; write an IANA name such as Asia/Shanghai, or an offset such as +08:00", zone = visible(zone))]
    UnknownZone {
        /// Name in the mapping.
        zone: String,
    },
    /// No encoding has the name.
    #[error("no encoding is named “{name}”; write one of the Encoding Standard, such as windows-1252, windows-1251, gbk, big5, shift_jis or euc-kr, or convert the files with iconv", name = visible(name))]
    UnknownEncoding {
        /// Name as given.
        name: String,
    },
    /// The mapping is not valid TOML, or not a valid mapping.
    #[error("the mapping cannot be read: {reason}; write lines such as `account_id = \"user\"` or `ts = {{ column = \"created\", unit = \"ms\" }}`", reason = visible(reason))]
    BadMapping {
        /// Message of the TOML reader.
        reason: String,
    },
    /// No preset has the name.
    #[error("no preset is named “{name}”; use one of: {presets}", name = visible(name))]
    UnknownPreset {
        /// Name as given.
        name: String,
        /// Names of all presets, separated by commas.
        presets: String,
    },
    /// The file was written to while it was hashed.
    #[error("{file}: the file changed while it was read; wait until it is complete and import it again", file = visible(file))]
    ChangedWhileRead {
        /// The file.
        file: String,
    },
    /// The files of a sealed copy do not hash to its name.
    #[error("{path}: the files hash to {found}, not to its name; a file was changed, added or removed since sealing. Restore the folder from a backup, or move it out of the case", path = visible(&path.display().to_string()))]
    AlteredCopy {
        /// Folder of the copy.
        path: PathBuf,
        /// SHA-256 of its present files.
        found: Digest,
    },
    /// A sealed file is missing.
    #[error("{file}: the file is missing at {path}; put the file with SHA-256 {sha256} back there", file = visible(file), path = visible(&path.display().to_string()))]
    Gone {
        /// The file.
        file: String,
        /// Expected path.
        path: PathBuf,
        /// SHA-256 at sealing.
        sha256: Digest,
    },
    /// The bytes of a sealed file changed.
    #[error("{file}: the file changed since it was sealed: its SHA-256 is {found} and was {expected}. Put the sealed file back at {path}", file = visible(file), path = visible(&path.display().to_string()))]
    Changed {
        /// The file.
        file: String,
        /// Path of the file.
        path: PathBuf,
        /// SHA-256 at sealing.
        expected: Digest,
        /// Present SHA-256.
        found: Digest,
    },
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl SnapshotError {
    /// True if the cause is the content of a file, and not the disk, the mapping or a cancellation.
    pub(crate) fn is_of_content(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }

    /// Error for a text file whose layout is not clear, or that cannot be read.
    pub(super) fn of_text(path: &std::path::Path, file: &str, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::Unsupported => {
                Self::Unclear { file: file.to_owned(), reason: source.to_string() }
            }
            _ => Self::io(path, source),
        }
    }

    /// Error for a failed read or write at a path, by the kind that the operating system reports.
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
