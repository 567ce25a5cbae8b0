//! The medium that a case lies on: one that cannot be written, one that goes away.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::CaseError;

/// Time for which a connection waits for another one that writes.
pub(super) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// A database opened for looking.
pub(super) struct Look {
    pub connection: Connection,
    /// Holds what is looked at where that is a copy. Goes after the connection.
    pub copy: Option<tempfile::TempDir>,
}

/// Opens `case.sqlite` for looking, on a medium that cannot be written too. SQLite needs a file of
/// its own beside a database with a write-ahead log (`-shm`). Where that cannot be made, nobody
/// has the case open, and a copy of database and log is opened instead: what stands in the log
/// alone is not left out.
pub(super) fn look(path: &Path) -> Result<Look, CaseError> {
    let sqlite = |source| CaseError::Sqlite { path: path.to_owned(), source };
    match opened(path, OpenFlags::SQLITE_OPEN_READ_ONLY) {
        Ok(connection) => Ok(Look { connection, copy: None }),
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
            Ok(Look { connection, copy: Some(folder) })
        }
        Err(error) => Err(sqlite(error)),
    }
}

/// A connection that has read the database's first page, which opening alone does not.
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

/// The file that a case's database is, whatever its path names by now. An open database can be
/// written to after its folder was moved or removed; what is written then is nowhere, or not where
/// the screen says.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    file: Option<(u64, u64)>,
}

impl Place {
    /// The file that is at a path now.
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), file: number_of(path) }
    }

    /// Checks that the path still names that file.
    ///
    /// # Errors
    /// Where it does not.
    pub(super) fn check(&self) -> Result<(), CaseError> {
        if number_of(&self.path) == self.file {
            return Ok(());
        }
        Err(CaseError::Vanished { path: self.path.clone() })
    }
}

/// Device and number of a file; `None` where there is none. Windows does not let an open file go.
#[cfg(unix)]
fn number_of(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}

#[cfg(not(unix))]
fn number_of(_: &Path) -> Option<(u64, u64)> {
    None
}
