//! Intermediate results of an unfinished text pass, in a file beside the cache: parts of the fitted
//! model, templates, and the outputs of row groups. Defines the tables, not their meaning.
//!
//! The file saves time and nothing else: it belongs to one build of the cache and one version of the
//! pass, and is discarded for any other.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::finished::{beside, remove};
use super::{AccountIndex, CacheError, RowId, fail_point};
use crate::files::{keep_private, make_private};
use crate::model::Digest;

const TABLES: &str = "
CREATE TABLE about (cache TEXT NOT NULL, version INTEGER NOT NULL, fitted INTEGER NOT NULL);
CREATE TABLE model (part TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE templates (template INTEGER PRIMARY KEY, words TEXT NOT NULL, row_id INTEGER NOT NULL);
CREATE TABLE template_accounts (
    template INTEGER NOT NULL, account INTEGER NOT NULL, uses INTEGER NOT NULL,
    first_row INTEGER NOT NULL, last_row INTEGER NOT NULL, PRIMARY KEY (template, account)) WITHOUT ROWID;
CREATE TABLE chunks (row_group INTEGER PRIMARY KEY, outputs BLOB NOT NULL, samples BLOB NOT NULL);
";

/// Prompt template with the accounts that use it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct KeptTemplate {
    /// First words of the prompts.
    pub words: String,
    /// The first row with it.
    pub row: RowId,
    /// Account, uses, first and last row; by account.
    pub accounts: Vec<(AccountIndex, u32, RowId, RowId)>,
}

/// File of an unfinished text pass.
pub(crate) struct PassFile {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl PassFile {
    /// Path of the file, beside the cache.
    pub fn path_of(cache_path: &Path) -> PathBuf {
        cache_path.with_extension("text.sqlite")
    }

    /// Opens the file of a cache (by its fingerprint) and this version of the pass, or creates it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open(cache_path: &Path, cache: Digest, version: u32) -> Result<Self, CacheError> {
        let path = Self::path_of(cache_path);
        if let Some(connection) = reopened(&path, cache, version) {
            return Ok(Self { path, connection: Mutex::new(connection) });
        }
        Self::remove(cache_path)?;
        // With a write-ahead log a chunk is a short write, and a power cut loses only the last ones.
        let about = format!("INSERT INTO about VALUES ('{cache}', {version}, 0);");
        let script = format!(
            "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             BEGIN; {TABLES} {about} COMMIT;"
        );
        keep_private(&path).map_err(CacheError::io(&path))?;
        let connection = fail_point::pass("text.create")
            .and_then(|()| Connection::open(&path))
            .and_then(|connection| connection.execute_batch(&script).map(|()| connection))
            .map_err(CacheError::sqlite(&path))?;
        Ok(Self { path, connection: Mutex::new(connection) })
    }

    /// Removes the file; succeeds if there is none.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove(cache_path: &Path) -> Result<(), CacheError> {
        let path = Self::path_of(cache_path);
        for suffix in ["", "-wal", "-shm", "-journal"] {
            crate::fail_point::pass("text.remove").map_err(CacheError::io(&path))?;
            remove(&beside(&path, suffix))?;
        }
        Ok(())
    }

    /// Error for inconsistent content.
    pub fn damaged(&self, what: impl ToString) -> CacheError {
        CacheError::damaged(&self.path, what)
    }

    /// Stores the fitted model in one transaction: named parts, and templates.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep(
        &self,
        parts: &[(&str, Vec<u8>)],
        templates: impl Iterator<Item = KeptTemplate>,
    ) -> Result<(), CacheError> {
        self.with(|connection| {
            let transaction = connection.transaction()?;
            {
                let mut part = transaction.prepare("INSERT INTO model VALUES (?1, ?2)")?;
                for (name, data) in parts {
                    part.execute(params![name, data])?;
                }
                let mut template = transaction.prepare("INSERT INTO templates VALUES (?1, ?2, ?3)")?;
                let mut account =
                    transaction.prepare("INSERT INTO template_accounts VALUES (?1, ?2, ?3, ?4, ?5)")?;
                for (at, found) in templates.enumerate() {
                    template.execute(params![at as i64, found.words, found.row])?;
                    for (who, uses, first, last) in &found.accounts {
                        account.execute(params![at as i64, who, uses, first, last])?;
                    }
                }
                transaction.execute("UPDATE about SET fitted = 1", [])?;
            }
            fail_point::pass("text.fitted")?;
            transaction.commit()?;
            fail_point::pass("text.fitted_kept")
        })
    }

    /// True if a fitted model is stored.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn is_fitted(&self) -> Result<bool, CacheError> {
        self.with(|connection| connection.query_row("SELECT fitted FROM about", [], |row| row.get(0)))
    }

    /// Part of the model; `None` if it is absent or cannot be read.
    pub fn part(&self, name: &str) -> Option<Vec<u8>> {
        let query = "SELECT data FROM model WHERE part = ?1";
        self.with(|connection| connection.query_row(query, [name], |row| row.get(0)).optional()).ok()?
    }

    /// Stored templates, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn templates(&self) -> Result<Vec<KeptTemplate>, CacheError> {
        self.with(|connection| read_templates(connection))
    }

    /// Stores the outputs of a row group: of all its rows, and of its sampled rows.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_chunk(&self, group: usize, outputs: &[u8], samples: &[u8]) -> Result<(), CacheError> {
        self.with(|connection| {
            fail_point::pass("text.chunk")?;
            connection
                .prepare_cached("INSERT OR REPLACE INTO chunks VALUES (?1, ?2, ?3)")?
                .execute(params![group as i64, outputs, samples])?;
            fail_point::pass("text.chunk_kept")
        })
    }

    /// Row groups whose outputs are stored, ascending.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn chunks(&self) -> Result<Vec<usize>, CacheError> {
        self.with(|connection| {
            let mut query = connection.prepare("SELECT row_group FROM chunks ORDER BY row_group")?;
            query.query_map([], |row| row.get::<_, i64>(0).map(|group| group as usize))?.collect()
        })
    }

    /// Outputs of a row group: of all its rows, and of its sampled rows.
    ///
    /// # Errors
    /// The row group has no stored outputs.
    pub fn chunk(&self, group: usize) -> Result<(Vec<u8>, Vec<u8>), CacheError> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT outputs, samples FROM chunks WHERE row_group = ?1")?
                .query_row([group as i64], |row| Ok((row.get(0)?, row.get(1)?)))
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, CacheError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection).map_err(CacheError::sqlite(&self.path))
    }
}

/// Existing file, if it belongs to this cache and this version of the pass.
fn reopened(path: &Path, cache: Digest, version: u32) -> Option<Connection> {
    if !path.exists() {
        return None;
    }
    make_private(path);
    let connection = Connection::open(path).ok()?;
    let about: (String, u32) = connection
        .query_row("SELECT cache, version FROM about", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .ok()?;
    connection.execute_batch("PRAGMA synchronous = NORMAL").ok()?;
    (about == (cache.to_string(), version)).then_some(connection)
}

fn read_templates(connection: &Connection) -> rusqlite::Result<Vec<KeptTemplate>> {
    let mut query = connection.prepare("SELECT words, row_id FROM templates ORDER BY template")?;
    let mut templates: Vec<KeptTemplate> = query
        .query_map([], |row| Ok(KeptTemplate { words: row.get(0)?, row: row.get(1)?, accounts: Vec::new() }))?
        .collect::<rusqlite::Result<_>>()?;
    let mut query = connection.prepare(
        "SELECT template, account, uses, first_row, last_row FROM template_accounts ORDER BY template, account",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(template) = templates.get_mut(row.get::<_, i64>(0)? as usize) {
            template.accounts.push((row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        }
    }
    Ok(templates)
}
