//! Tables of `case.sqlite`: creation, migration, writing and reading.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use super::lock::WriteLock;
use super::medium::PATIENCE;
use super::{CaseError, ChainFault, Entry, copies};
use crate::cache::fail_point;
use crate::files;

/// Newest format of `case.sqlite` that this program reads, stored in `PRAGMA user_version`.
pub(super) const FORMAT: i64 = 2;

/// Tables of format 1. Triggers enforce that they are append-only.
const SCHEMA: &str = "
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY, ts INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
        body TEXT NOT NULL, body_hash TEXT NOT NULL, hash TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER journal_is_append_only_1 BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER journal_is_append_only_2 BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TABLE records (
        digest TEXT PRIMARY KEY, exchange TEXT NOT NULL, columns TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER records_are_kept_1 BEFORE UPDATE ON records
        BEGIN SELECT RAISE(ABORT, 'copied records are never altered'); END;
    CREATE TRIGGER records_are_kept_2 BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'copied records are never removed'); END;
";

/// Folder and files made so far during the creation of a case.
pub(super) struct Made<'a> {
    pub dir: &'a Path,
    pub folder: bool,
    pub database: bool,
}

impl Made<'_> {
    /// Removes these files, and the folder if it is empty. Errors are ignored, as the next creation
    /// reuses leftovers.
    pub(super) fn remove(&self) {
        let _ = crate::fail_point::pass("case.take_away");
        let database =
            ["case.sqlite-wal", "case.sqlite-shm", "case.sqlite"].into_iter().filter(|_| self.database);
        for name in database.chain(["case.lock"].into_iter().filter(|_| self.folder)) {
            let _ = std::fs::remove_file(self.dir.join(name));
        }
        if self.folder {
            let _ = std::fs::remove_dir(self.dir);
        }
    }
}

/// Creates the database of a new case with its first entry, synced to disk.
pub(super) fn create(dir: &Path, path: &Path, entry: &Entry) -> Result<Connection, CaseError> {
    let io = |source| CaseError::Io { path: dir.to_owned(), source };
    crate::fail_point::pass("case.create").map_err(io)?;
    files::keep_private(path).map_err(io)?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
    if user_version(&connection, path)? != 0 {
        return Err(CaseError::AlreadyThere { dir: dir.to_owned() });
    }
    let written =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            transaction.execute_batch(SCHEMA)?;
            transaction.execute_batch(copies::SCHEMA)?;
            insert(&transaction, entry)?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
            fail_point::pass("case.create_commit")?;
            transaction.commit()
        });
    written.map_err(|source| CaseError::Sqlite { path: path.to_owned(), source })?;
    crate::fail_point::pass("case.created").map_err(io)?;
    sync_names(dir).map_err(io)?;
    Ok(connection)
}

/// Migrates a case of an older format: adds the missing tables in one transaction and changes no
/// existing data.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    fail_point::pass("case.migrate")?;
    transaction.execute_batch(copies::SCHEMA)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    fail_point::pass("case.migrate_commit")?;
    transaction.commit()?;
    fail_point::pass("case.migrated")
}

/// Syncs the folder of a new case and the folder above, unless the latter may not be read. SQLite
/// syncs the files themselves.
fn sync_names(dir: &Path) -> std::io::Result<()> {
    files::sync_folder(dir)?;
    match std::path::absolute(dir)?.parent().map(files::sync_folder) {
        Some(Err(error)) if error.kind() != std::io::ErrorKind::PermissionDenied => Err(error),
        _ => Ok(()),
    }
}

/// Opens the database for writing; `flags` may allow its creation.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, CaseError> {
    let open = || {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // An acknowledged decision survives a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(connection)
    };
    open().map_err(|source| CaseError::Sqlite { path: path.to_owned(), source })
}

/// Format of a database after SQLite has rolled back the transaction that was interrupted; `None` without a
/// rollback journal. Only the creation of a case has one: afterwards SQLite keeps a write-ahead log.
pub(super) fn roll_back_creation(dir: &Path, path: &Path) -> Option<Result<i64, CaseError>> {
    if !dir.join("case.sqlite-journal").is_file() {
        return None;
    }
    let version = || {
        let _lock = WriteLock::take(dir, "the rolling back of an interrupted creation")?;
        user_version(&connect(path, OpenFlags::empty())?, path)
    };
    Some(version())
}

/// Format of `case.sqlite`; 0 before its tables are there.
///
/// # Errors
/// The file cannot be read.
pub(super) fn user_version(connection: &Connection, path: &Path) -> Result<i64, CaseError> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|source| CaseError::Sqlite { path: path.to_owned(), source })
}

pub(super) fn insert(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let name = serde_json::to_value(&entry.action)
        .ok()
        .and_then(|action| Some(action.get("action")?.as_str()?.to_owned()))
        .unwrap_or_default();
    connection.execute(
        "INSERT INTO journal (seq, ts, actor, action, body, body_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            entry.seq.cast_signed(),
            entry.ts,
            entry.actor,
            name,
            entry.body,
            entry.body_hash.to_string(),
            entry.hash.to_string()
        ],
    )?;
    Ok(())
}

pub(super) fn read_journal(connection: &Connection, path: &Path) -> Result<Vec<Arc<Entry>>, CaseError> {
    let rows = || -> rusqlite::Result<Vec<(i64, String, String, String)>> {
        let mut statement =
            connection.prepare("SELECT seq, body, body_hash, hash FROM journal ORDER BY seq")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        rows.collect()
    };
    let rows = rows().map_err(|source| CaseError::Sqlite { path: path.to_owned(), source })?;
    let broken = |seq, what: String| CaseError::Broken {
        path: path.to_owned(),
        faults: vec![ChainFault { seq, what }],
    };
    rows.into_iter()
        .map(|(seq, body, body_hash, hash)| {
            let seq = seq.cast_unsigned();
            let body_hash =
                body_hash.parse().map_err(|_| broken(seq, "its body hash is not a hash".into()))?;
            let hash = hash.parse().map_err(|_| broken(seq, "its hash is not a hash".into()))?;
            Entry::parse(body, body_hash, hash)
                .map(Arc::new)
                .map_err(|error| broken(seq, format!("its body cannot be read: {error}")))
        })
        .collect()
}
