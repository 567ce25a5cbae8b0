//! Errors of a cache, each with the next step for the user.

use std::path::PathBuf;

use super::RowId;
use crate::model::{Cancelled, ExchangeRef};
use crate::snapshot::SnapshotError;

/// Errors of a cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// SQLite could not read or write.
    #[error("{path}: {source}{hint}", path = path.display(), hint = full_disk_hint(source))]
    Sqlite {
        /// The cache.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// A file could not be read, written, renamed or removed.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// No cache exists.
    #[error("{path}: there is no cache yet; it is built from the snapshots", path = path.display())]
    Missing {
        /// Path of the cache.
        path: PathBuf,
    },
    /// The cache was written by another version of the program.
    #[error("{path}: the cache has format {found}, this program reads {expected}; rebuild it", path = path.display())]
    OtherVersion {
        /// The cache.
        path: PathBuf,
        /// The format it has.
        found: String,
        /// The format this program reads and writes.
        expected: u32,
    },
    /// The cache was never completed.
    #[error("{path}: the cache was not finished; rebuild it", path = path.display())]
    Unfinished {
        /// The cache.
        path: PathBuf,
    },
    /// The cache is inconsistent.
    #[error("{path}: the cache is damaged ({what}); rebuild it", path = path.display())]
    Damaged {
        /// The cache.
        path: PathBuf,
        /// The inconsistency, in words.
        what: String,
    },
    /// The cache was replaced by another while it was open.
    #[error("{path}: the cache was rebuilt while it was open; open the case again", path = path.display())]
    Replaced {
        /// The cache.
        path: PathBuf,
    },
    /// More rows than a cache can number.
    #[error("the snapshots have {rows} rows; a case holds 4,294,967,294 at most, so split it")]
    TooManyRows {
        /// Rows of all files.
        rows: u64,
    },
    /// A file has another number of rows than when it was sealed.
    #[error("{name}: {found} rows were read where its footer says {expected}; the file is damaged")]
    RowCount {
        /// The file, by its name in the snapshot.
        name: String,
        /// Rows by its footer.
        expected: u64,
        /// Rows that were read.
        found: u64,
    },
    /// A column does not have its canonical type.
    #[error("{name}, column {column}: {what}; check how the columns are mapped")]
    ColumnType {
        /// The file, by its name in the snapshot.
        name: String,
        /// The canonical column.
        column: &'static str,
        /// Difference in words.
        what: String,
    },
    /// A topic of a scope has another label than when the scope was made.
    #[error("topic {topic} was “{was}” when this scope was made and is now {is}; choose the topics again")]
    TopicChanged {
        /// Its number.
        topic: u16,
        /// Its label in the scope.
        was: String,
        /// Its label now, in quotation marks, or “gone”.
        is: String,
    },
    /// No such row.
    #[error("the cache has no row {row}; it has {rows}")]
    NoSuchRow {
        /// The row asked for.
        row: RowId,
        /// Number of rows in the cache.
        rows: usize,
    },
    /// A snapshot's file has changed since its import.
    #[error("{path}: changed since it was imported ({exchange} cannot be shown); restore the file", path = path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The exchange that was to be read from it.
        exchange: ExchangeRef,
    },
    /// The cache names a file that the case's snapshots do not have.
    #[error("{name}: no snapshot of the case has this file any more; rebuild the cache")]
    NoSuchFile {
        /// The file, by its name in the snapshot.
        name: String,
    },
    /// A name that cannot be that of a table or column.
    #[error("“{0}” cannot name a table or column: use a–z, 0–9 and _, beginning with a letter")]
    BadName(String),
    /// A row of a stored table has another number of cells than the table has columns.
    #[error("table {table}, row {row}: {cells} cells for {columns} columns")]
    Ragged {
        /// The table.
        table: String,
        /// The row, from 0.
        row: usize,
        /// Its cells.
        cells: usize,
        /// The table's columns.
        columns: usize,
    },
    /// A search without words.
    #[error("nothing to search for: give at least one word")]
    NoWords,
    /// The arrays of a segment could not be written.
    #[error("{path}: a segment could not be written: {source}", path = path.display())]
    Segment {
        /// The cache.
        path: PathBuf,
        /// The cause.
        source: arrow_schema::ArrowError,
    },
    /// A snapshot could not be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

fn full_disk_hint(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        // Also a disk too full for the file that SQLite shares between programs.
        Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::SystemIoFailure) => {
            ". The disk is full or fails: free space and repeat it; a cache is made again from its snapshots"
        }
        _ => "",
    }
}

impl CacheError {
    /// Conversion for `map_err` on SQLite calls.
    pub(crate) fn sqlite(path: &std::path::Path) -> impl Fn(rusqlite::Error) -> Self + '_ {
        |source| Self::Sqlite { path: path.to_owned(), source }
    }

    /// Conversion for `map_err` on file calls.
    pub(crate) fn io(path: &std::path::Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |source| Self::Io { path: path.to_owned(), source }
    }

    /// Error for inconsistent content.
    pub(crate) fn damaged(path: &std::path::Path, what: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.to_string() }
    }
}
