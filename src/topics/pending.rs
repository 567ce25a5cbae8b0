//! A text pass under way: a file beside the cache with the fitted model and the outputs so far.
//!
//! The cache itself is not written to until the pass ends, so nobody who reads it waits for it.
//! What is here is worth only time: it is of one build of the cache and one version of the pass,
//! and is thrown away where it is of another or does not hold together.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::census::TemplateUse;
use super::fit::Fit;
use super::model;
use super::outputs::{RowOutput, SampleOutput};
use super::rows::RowSet;
use super::templates::Template;
use crate::cache::{CacheError, fail_point};
use crate::model::Digest;

/// Goes up when the model or the outputs change, so that no pass goes on with what another began.
const VERSION: u32 = 2;

const TABLES: &str = "
CREATE TABLE about (cache TEXT NOT NULL, version INTEGER NOT NULL, fitted INTEGER NOT NULL);
CREATE TABLE model (part TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE templates (template INTEGER PRIMARY KEY, words TEXT NOT NULL, row_id INTEGER NOT NULL);
CREATE TABLE template_accounts (
    template INTEGER NOT NULL, account INTEGER NOT NULL, uses INTEGER NOT NULL,
    first_row INTEGER NOT NULL, last_row INTEGER NOT NULL, PRIMARY KEY (template, account)) WITHOUT ROWID;
CREATE TABLE chunks (row_group INTEGER PRIMARY KEY, outputs BLOB NOT NULL, samples BLOB NOT NULL);
";

/// What was fitted: all that the outputs follow from.
#[derive(Default)]
pub(super) struct Fitted {
    /// The model; `None` where there is nothing to make topics of.
    pub fit: Option<Fit>,
    /// The sampled exchanges.
    pub sampled: RowSet,
    /// Templates that recur.
    pub templates: Vec<Template>,
}

/// The outputs of one row group: of its rows in the order they are read, and of those that are
/// sampled.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chunk {
    pub outputs: Vec<RowOutput>,
    pub samples: Vec<SampleOutput>,
}

/// The file of a text pass under way.
pub(super) struct Pending {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Pending {
    /// Where the file of a cache's text pass is: beside the cache.
    pub(super) fn path_of(cache_path: &Path) -> PathBuf {
        cache_path.with_extension("text.sqlite")
    }

    /// Takes up the pass of a cache (by its fingerprint), or begins it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(super) fn open(cache_path: &Path, cache: Digest) -> Result<Self, CacheError> {
        let path = Self::path_of(cache_path);
        if let Some(connection) = taken_up(&path, cache) {
            return Ok(Self { path, connection: Mutex::new(connection) });
        }
        Self::remove(cache_path)?;
        // A write-ahead log: a chunk is a short write, and a loss of power loses the last ones only.
        let about = format!("INSERT INTO about VALUES ('{cache}', {VERSION}, 0);");
        let script = format!(
            "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             BEGIN; {TABLES} {about} COMMIT;"
        );
        let connection = fail_point::pass("text.create")
            .and_then(|()| Connection::open(&path))
            .and_then(|connection| connection.execute_batch(&script).map(|()| connection))
            .map_err(CacheError::sqlite(&path))?;
        Ok(Self { path, connection: Mutex::new(connection) })
    }

    /// Takes the file away, whatever is in it. There may be none.
    ///
    /// # Errors
    /// Where it cannot be removed.
    pub(super) fn remove(cache_path: &Path) -> Result<(), CacheError> {
        let path = Self::path_of(cache_path);
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            crate::fail_point::pass("text.remove").map_err(CacheError::io(&path))?;
            match std::fs::remove_file(&name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(CacheError::io(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Keeps what was fitted, in one transaction.
    pub(super) fn keep(&self, fitted: &Fitted) -> Result<(), CacheError> {
        self.with(|connection| {
            let transaction = connection.transaction()?;
            {
                let mut part = transaction.prepare("INSERT INTO model VALUES (?1, ?2)")?;
                for (name, data) in fitted.fit.iter().flat_map(model::parts) {
                    part.execute(params![name, data])?;
                }
                part.execute(params!["sampled", fitted.sampled.to_bytes()])?;
                let mut template = transaction.prepare("INSERT INTO templates VALUES (?1, ?2, ?3)")?;
                let mut account =
                    transaction.prepare("INSERT INTO template_accounts VALUES (?1, ?2, ?3, ?4, ?5)")?;
                for (at, found) in fitted.templates.iter().enumerate() {
                    template.execute(params![at as i64, found.words, found.uses.row])?;
                    for (who, uses, first, last) in &found.uses.accounts {
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

    /// What was fitted before; `None` where nothing was, or not as it should be.
    pub(super) fn fitted(&self, rows: usize) -> Result<Option<Fitted>, CacheError> {
        self.with(|connection| {
            let fitted: bool = connection.query_row("SELECT fitted FROM about", [], |row| row.get(0))?;
            if !fitted {
                return Ok(None);
            }
            let part = |name: &str| -> Option<Vec<u8>> {
                let query = "SELECT data FROM model WHERE part = ?1";
                connection.query_row(query, [name], |row| row.get(0)).optional().ok()?
            };
            let Some(sampled) = part("sampled").and_then(|bytes| RowSet::from_bytes(&bytes, rows)) else {
                return Ok(None);
            };
            let has_model = part("centroids").is_some();
            let fit = model::from_parts(part);
            let templates = read_templates(connection)?;
            Ok((fit.is_some() == has_model).then_some(Fitted { fit, sampled, templates }))
        })
    }

    /// Keeps the outputs of a row group.
    pub(super) fn keep_chunk(&self, group: usize, chunk: &Chunk) -> Result<(), CacheError> {
        let outputs: Vec<u8> = chunk.outputs.iter().flat_map(|output| output.to_bytes()).collect();
        let samples: Vec<u8> = chunk.samples.iter().flat_map(|sample| sample.to_bytes()).collect();
        self.with(|connection| {
            fail_point::pass("text.chunk")?;
            connection
                .prepare_cached("INSERT OR REPLACE INTO chunks VALUES (?1, ?2, ?3)")?
                .execute(params![group as i64, outputs, samples])?;
            fail_point::pass("text.chunk_kept")
        })
    }

    /// The row groups whose outputs are there, ascending.
    pub(super) fn chunks(&self) -> Result<Vec<usize>, CacheError> {
        self.with(|connection| {
            let mut query = connection.prepare("SELECT row_group FROM chunks ORDER BY row_group")?;
            query.query_map([], |row| row.get::<_, i64>(0).map(|group| group as usize))?.collect()
        })
    }

    /// The outputs of a row group, which has so many rows and so many of them sampled.
    ///
    /// # Errors
    /// Where they are not there, or not so many.
    pub(super) fn chunk(&self, group: usize, rows: usize, sampled: usize) -> Result<Chunk, CacheError> {
        let (outputs, samples): (Vec<u8>, Vec<u8>) = self.with(|connection| {
            connection
                .prepare_cached("SELECT outputs, samples FROM chunks WHERE row_group = ?1")?
                .query_row([group as i64], |row| Ok((row.get(0)?, row.get(1)?)))
        })?;
        let chunk = Chunk {
            outputs: outputs.as_chunks().0.iter().map(RowOutput::from_bytes).collect(),
            samples: samples.as_chunks().0.iter().map(SampleOutput::from_bytes).collect(),
        };
        if chunk.outputs.len() == rows && chunk.samples.len() == sampled {
            Ok(chunk)
        } else {
            Err(CacheError::damaged(&self.path, format!("the outputs of row group {group}")))
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, CacheError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection).map_err(CacheError::sqlite(&self.path))
    }
}

/// The file as it was left, where it is of this cache and this version of the pass.
fn taken_up(path: &Path, cache: Digest) -> Option<Connection> {
    if !path.exists() {
        return None;
    }
    let connection = Connection::open(path).ok()?;
    let about: (String, u32) = connection
        .query_row("SELECT cache, version FROM about", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .ok()?;
    connection.execute_batch("PRAGMA synchronous = NORMAL").ok()?;
    (about == (cache.to_string(), VERSION)).then_some(connection)
}

fn read_templates(connection: &Connection) -> rusqlite::Result<Vec<Template>> {
    let mut query = connection.prepare("SELECT words, row_id FROM templates ORDER BY template")?;
    let mut templates: Vec<Template> = query
        .query_map([], |row| {
            let uses = TemplateUse { row: row.get(1)?, accounts: Vec::new() };
            Ok(Template { words: row.get(0)?, uses })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut query = connection.prepare(
        "SELECT template, account, uses, first_row, last_row FROM template_accounts ORDER BY template, account",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let template = templates.get_mut(row.get::<_, i64>(0)? as usize);
        if let Some(template) = template {
            template.uses.accounts.push((row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        }
    }
    Ok(templates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_taken_up_only_by_its_own_cache() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache.sqlite");
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let chunk = Chunk { outputs: vec![RowOutput::NOTHING; 3], samples: vec![SampleOutput::NOTHING] };
        let pending = Pending::open(&cache, one).unwrap();
        pending.keep_chunk(4, &chunk).unwrap();
        drop(pending);
        let again = Pending::open(&cache, one).unwrap();
        assert_eq!(again.chunks().unwrap(), [4]);
        assert_eq!(again.chunk(4, 3, 1).unwrap(), chunk);
        assert!(again.chunk(4, 2, 1).is_err() && again.chunk(5, 3, 1).is_err());
        assert!(again.fitted(3).unwrap().is_none());
        drop(again);
        assert!(Pending::open(&cache, two).unwrap().chunks().unwrap().is_empty());
        std::fs::write(Pending::path_of(&cache), b"no database, but long enough to be one").unwrap();
        assert!(Pending::open(&cache, two).unwrap().chunks().unwrap().is_empty());
        Pending::remove(&cache).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
