//! Storage media of a case: read-only ones, and ones that disappear.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::CaseError;

/// Time for which a connection waits for a writer.
pub(super) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Database opened read-only.
pub(super) struct ReadOnly {
    pub connection: Connection,
    /// Folder of the copy that was opened, if any. Dropped after the connection.
    pub copy: Option<tempfile::TempDir>,
}

/// Opens `case.sqlite` read-only, also on a read-only medium. Beside a database with a write-ahead log
/// SQLite needs a file of its own (`-shm`). If that cannot be made, no process has the case open, and
/// a copy of database and log is opened instead, so that entries in the log are included.
pub(super) fn open_read_only(path: &Path) -> Result<ReadOnly, CaseError> {
    let sqlite = |source| CaseError::Sqlite { path: path.to_owned(), source };
    match opened(path, OpenFlags::SQLITE_OPEN_READ_ONLY) {
        Ok(connection) => Ok(ReadOnly { connection, copy: None }),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) && path.is_file() => {
            let io = |source| CaseError::Io { path: path.to_owned(), source };
            let folder = tempfile::tempdir().map_err(io)?;
            let copy = folder.path().join("case.sqlite");
            std::fs::copy(path, &copy).map_err(io)?;
            let log = beside(path, "-wal");
            if log.is_file() {
                std::fs::copy(log, beside(&copy, "-wal")).map_err(io)?;
            }
            let connection = opened(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(sqlite)?;
            Ok(ReadOnly { connection, copy: Some(folder) })
        }
        Err(error) => Err(sqlite(error)),
    }
}

/// Connection that has read the first page of the database, which opening alone does not.
fn opened(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
    Ok(connection)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Identity of the database file. An open database can still be written after its folder was moved or
/// removed; such entries would be lost, or not where the screen says.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    file: Option<(u64, u64)>,
}

impl Place {
    /// Identity of the file at a path.
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), file: number_of(path) }
    }

    /// Checks that the path still refers to that file.
    ///
    /// # Errors
    /// The path refers to another file or to none.
    pub(super) fn check(&self) -> Result<(), CaseError> {
        if number_of(&self.path) == self.file {
            return Ok(());
        }
        Err(CaseError::Vanished { path: self.path.clone() })
    }
}

/// Device and inode of a file; `None` if there is none. Windows does not allow moving an open file.
#[cfg(unix)]
fn number_of(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}

#[cfg(not(unix))]
fn number_of(_: &Path) -> Option<(u64, u64)> {
    None
}
