//! Cache file opened for reading: its connections and its fingerprint.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::CacheError;
use super::schema::FORMAT_VERSION;
use crate::files::make_private;
use crate::model::Digest;

/// Time for which a writer waits for readers of the same cache, and readers for a writer.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Cache file opened for reading, for use from any thread.
pub(super) struct CacheFile {
    path: PathBuf,
    fingerprint: Digest,
    /// Connections that no thread uses at the moment.
    idle: Mutex<Vec<Connection>>,
}

impl CacheFile {
    /// Opens a complete cache of this version.
    ///
    /// # Errors
    /// There is no cache, it is of another version, unfinished or damaged.
    pub fn open(path: &Path) -> Result<Self, CacheError> {
        if !path.exists() {
            return Err(CacheError::Missing { path: path.to_owned() });
        }
        make_private(path);
        let connection = open_read_only(path)?;
        let fingerprint = check(&connection, path)?;
        Ok(Self { path: path.to_owned(), fingerprint, idle: Mutex::new(vec![connection]) })
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fingerprint of the snapshots it was built from.
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// Connection for this thread, newly opened if none is idle.
    pub fn connection(&self) -> Result<Lent<'_>, CacheError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let connection = open_read_only(&self.path)?;
                if check(&connection, &self.path)? != self.fingerprint {
                    return Err(CacheError::Replaced { path: self.path.clone() });
                }
                connection
            }
        };
        Ok(Lent { connection: Some(connection), idle: &self.idle })
    }

    /// Conversion for `map_err` on SQLite calls.
    pub fn failed(&self) -> impl Fn(rusqlite::Error) -> CacheError + '_ {
        CacheError::sqlite(&self.path)
    }

    /// Error for inconsistent content.
    pub fn damaged(&self, what: impl ToString) -> CacheError {
        CacheError::damaged(&self.path, what)
    }
}

/// Connection lent to one thread, returned to the idle ones when dropped.
pub(super) struct Lent<'a> {
    connection: Option<Connection>,
    idle: &'a Mutex<Vec<Connection>>,
}

impl Deref for Lent<'_> {
    type Target = Connection;

    #[expect(clippy::expect_used, reason = "only `drop` takes the connection out")]
    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a connection is lent until it is dropped")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(self.connection.take());
    }
}

/// Opens a cache file for reading.
fn open_read_only(path: &Path) -> Result<Connection, CacheError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(CacheError::sqlite(path))?;
    // The end of the text pass writes to a cache that is open.
    connection.busy_timeout(PATIENCE).map_err(CacheError::sqlite(path))?;
    Ok(connection)
}

/// Checks that a cache is complete and of this version, and returns its fingerprint.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<Digest, CacheError> {
    let meta = |key: &str| {
        connection
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get::<_, String>(0))
            .optional()
            .map_err(|error| match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
                    CacheError::damaged(path, error)
                }
                // No such table: the file is no cache, or its building was interrupted early.
                Some(rusqlite::ErrorCode::Unknown) => CacheError::Unfinished { path: path.to_owned() },
                _ => CacheError::sqlite(path)(error),
            })
    };
    let version = meta("format_version")?.unwrap_or_default();
    if version.is_empty() {
        return Err(CacheError::Unfinished { path: path.to_owned() });
    }
    if version != FORMAT_VERSION.to_string() {
        return Err(CacheError::OtherVersion {
            path: path.to_owned(),
            found: version,
            expected: FORMAT_VERSION,
        });
    }
    if meta("complete")?.is_none() {
        return Err(CacheError::Unfinished { path: path.to_owned() });
    }
    let fingerprint = meta("fingerprint")?.unwrap_or_default();
    fingerprint.parse().map_err(|error| CacheError::damaged(path, error))
}

/// All rows of a query.
pub(super) fn rows<T, C: FromIterator<T>>(
    connection: &Connection,
    query: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<C> {
    connection.prepare(query)?.query_map([], read)?.collect()
}
