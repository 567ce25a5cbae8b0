//! A cache that is open for reading: small tables in memory, segments on disk.

use std::collections::BTreeSet;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use rusqlite::{Connection, OptionalExtension};

use super::derived::Derived;
use super::schema::{FORMAT_VERSION, kind_number, value_id};
use super::segment::{SegmentColumn, SegmentSpan, open_read_only};
use super::store::{self, read_table};
use super::text::Places;
use super::{
    Account, AccountIndex, AttributeValue, CacheError, CachedFile, Counts, Hot, LinkRow, StoredTable, Topic,
    TopicModel, ValueIndex,
};
use crate::model::{AccountId, AttributeKind, Digest, Watcher};
use crate::stats::csr::Csr;

/// An open cache. Shared between threads behind an `Arc`; never changes while it is open.
pub struct Cache {
    path: PathBuf,
    fingerprint: Digest,
    /// Connections that no thread uses at the moment.
    idle: Mutex<Vec<Connection>>,
    columns: BTreeSet<String>,
    counts: Counts,
    pub(crate) accounts: Vec<Account>,
    pub(crate) values: Vec<AttributeValue>,
    /// The values of each account.
    values_of: Csr<(ValueIndex, u32)>,
    /// The accounts of each value.
    accounts_with: Csr<AccountIndex>,
    pub(crate) topics: Vec<Topic>,
    pub(crate) topic_model: TopicModel,
    pub(crate) files: Vec<CachedFile>,
    /// The rows of each file, counted over all files.
    pub(crate) file_rows: Vec<Range<u32>>,
    pub(crate) stop_reasons: Vec<String>,
    pub(crate) segments: Vec<SegmentSpan>,
    pub(crate) hot: Hot,
    /// Which row stands at each place of the files; made when first asked for.
    pub(crate) places: OnceLock<Places>,
    /// Values that layers above derive and keep with the cache.
    derived: Derived,
    /// Files found unchanged since the cache was opened, by position.
    pub(crate) unchanged: Mutex<BTreeSet<u32>>,
}

/// A connection lent to one thread, handed back when dropped.
pub(crate) struct Lent<'a> {
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

impl Cache {
    /// Opens a cache and reads what views need into memory.
    ///
    /// # Errors
    /// Where there is no cache, it is of another version, unfinished or damaged: rebuild it then.
    pub fn open(path: &Path, watcher: &dyn Watcher) -> Result<Self, CacheError> {
        if !path.exists() {
            return Err(CacheError::Missing { path: path.to_owned() });
        }
        let connection = open_read_only(path)?;
        let fingerprint = check(&connection, path)?;
        let mut cache = Self {
            path: path.to_owned(),
            fingerprint,
            idle: Mutex::default(),
            columns: BTreeSet::new(),
            counts: Counts::default(),
            accounts: Vec::new(),
            values: Vec::new(),
            values_of: Csr::default(),
            accounts_with: Csr::default(),
            topics: Vec::new(),
            topic_model: TopicModel::default(),
            files: Vec::new(),
            file_rows: Vec::new(),
            stop_reasons: Vec::new(),
            segments: Vec::new(),
            hot: Hot::default(),
            places: OnceLock::new(),
            derived: Derived::default(),
            unchanged: Mutex::default(),
        };
        cache.read_tables(&connection).map_err(|error| match error {
            rusqlite::Error::SqliteFailure(..) => CacheError::sqlite(path)(error),
            other => CacheError::damaged(path, other),
        })?;
        watcher.check()?;
        cache.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        let (values, holdings) = cache.read_packed()?;
        cache.values_of =
            Csr::from_pairs(cache.accounts.len(), holdings.iter().map(|&(a, v, n)| (a, (v, n))));
        cache.accounts_with = Csr::from_pairs(values.len(), holdings.iter().map(|&(a, v, _)| (v, a)));
        cache.values = values;
        drop(holdings);
        watcher.check()?;
        cache.read_hot(watcher)?;
        Ok(cache)
    }

    fn read_tables(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.columns = rows(connection, "SELECT name FROM present_columns", |row| row.get(0))?;
        let count = |key: &str| {
            connection.query_row("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1", [key], |row| {
                row.get::<_, i64>(0)
            })
        };
        self.counts = Counts { raw: count("raw")? as u64, distinct: count("distinct")? as u64 };
        self.files =
            rows(connection, "SELECT snapshot, name, sha256, rows FROM files ORDER BY file_id", |row| {
                Ok(CachedFile {
                    snapshot: parsed(row, 0)?,
                    name: row.get(1)?,
                    sha256: parsed(row, 2)?,
                    rows: row.get::<_, i64>(3)? as u64,
                })
            })?;
        let mut end = 0_u32;
        self.file_rows = self
            .files
            .iter()
            .map(|file| {
                let start = end;
                end = end.saturating_add(u32::try_from(file.rows).unwrap_or(u32::MAX));
                start..end
            })
            .collect();
        self.stop_reasons =
            rows(connection, "SELECT value FROM stop_reasons ORDER BY code", |row| row.get(0))?;
        self.accounts = rows(
            connection,
            "SELECT account_id, exchanges, first_ts, last_ts, created, verified FROM accounts ORDER BY account",
            |row| {
                Ok(Account {
                    id: AccountId(row.get(0)?),
                    exchanges: row.get(1)?,
                    first: row.get(2)?,
                    last: row.get(3)?,
                    created: row.get(4)?,
                    verified: row.get(5)?,
                })
            },
        )?;
        self.segments = rows(
            connection,
            "SELECT segment_id, first_row, rows, min_ts, max_ts, ts_unit FROM segments ORDER BY first_row",
            |row| {
                Ok(SegmentSpan {
                    id: row.get(0)?,
                    first_row: row.get(1)?,
                    rows: row.get(2)?,
                    min_ts: row.get(3)?,
                    max_ts: row.get(4)?,
                    ts_unit: row.get(5)?,
                })
            },
        )?;
        self.read_topics(connection)
    }

    fn read_topics(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let coordinate = |value: Option<f64>| value.map_or(f32::NAN, |value| value as f32);
        self.topics = rows(
            connection,
            "SELECT topic_id, label, words, exchanges, centre_x, centre_y, medoids FROM topics ORDER BY topic_id",
            |row| {
                Ok(Topic {
                    id: row.get(0)?,
                    label: row.get(1)?,
                    words: json(row, 2)?,
                    exchanges: row.get::<_, i64>(3)? as u64,
                    centre: [coordinate(row.get(4)?), coordinate(row.get(5)?)],
                    medoids: json(row, 6)?,
                })
            },
        )?;
        let told = |key: &str| -> rusqlite::Result<Option<String>> {
            let value = connection
                .query_row("SELECT CAST(value AS TEXT) FROM topic_model WHERE key = ?1", [key], |row| {
                    row.get(0)
                })
                .optional()?;
            Ok(value.flatten())
        };
        self.topic_model = TopicModel {
            path: told("path")?.unwrap_or_default(),
            description: told("description")?.unwrap_or_default(),
            map_recall: told("map_recall")?.and_then(|recall| recall.parse().ok()),
            absent: told("absent")?,
        };
        Ok(())
    }

    fn read_hot(&mut self, watcher: &dyn Watcher) -> Result<(), CacheError> {
        let damaged = |what: &str| CacheError::damaged(&self.path, what);
        let mut offsets = vec![0_u32];
        for account in &self.accounts {
            let end = offsets[offsets.len() - 1].checked_add(account.exchanges);
            offsets.push(end.ok_or_else(|| damaged("accounts have too many exchanges"))?);
        }
        let total = offsets[offsets.len() - 1];
        let mut next = 0_u32;
        for segment in &self.segments {
            if segment.first_row != next {
                return Err(damaged("segments do not follow each other"));
            }
            next = next.saturating_add(segment.rows);
        }
        if next != total || u64::from(total) != self.counts.distinct {
            return Err(damaged("accounts and segments have different numbers of exchanges"));
        }
        // Every segment has topics or none has; so with places.
        let told = match self.segments.first().filter(|_| !self.topics.is_empty()) {
            Some(first) => self.read_topic_segment(first)?,
            None => None,
        };
        let rows_of = |has: bool| if has { total as usize } else { 0 };
        let mut hot = Hot {
            offsets,
            ts: vec![0; total as usize],
            topic: vec![0; rows_of(told.is_some())],
            place: vec![[0.0; 2]; rows_of(told.is_some_and(|(_, places)| !places.is_empty()))],
        };
        // Each segment into its own place: fresh memory is touched once, and by all threads.
        self.segments
            .par_iter()
            .zip(parts(&self.segments, &mut hot.ts))
            .zip(parts(&self.segments, &mut hot.topic))
            .zip(parts(&self.segments, &mut hot.place))
            .try_for_each(|(((segment, ts), topic), place)| {
                watcher.check()?;
                let columns = self.read_segment_columns(segment, &[SegmentColumn::Ts])?;
                let read = columns.i64s(SegmentColumn::Ts);
                fill(ts, read.unwrap_or_default()).ok_or_else(|| damaged("a segment without times"))?;
                if self.topics.is_empty() {
                    return Ok(());
                }
                let (topics, places) = self.read_topic_segment(segment)?.unwrap_or_default();
                fill(topic, &topics)
                    .and_then(|()| fill(place, &places))
                    .ok_or_else(|| damaged("topics or places of another number of exchanges"))
            })?;
        self.hot = hot;
        Ok(())
    }

    /// Where the cache lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the cache was built from; see [`fingerprint_of`](super::fingerprint_of).
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// The value of a type of a layer above, made by `Default` when first asked for and kept as long
    /// as the cache is open.
    pub(crate) fn derived<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.derived.of()
    }

    /// A connection for this thread, opened where none is idle.
    pub(crate) fn connection(&self) -> Result<Lent<'_>, CacheError> {
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

    /// All accounts, sorted by id.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Where an account stands in [`accounts`](Self::accounts).
    pub fn account_index(&self, id: &AccountId) -> Option<AccountIndex> {
        self.accounts.binary_search_by(|account| account.id.cmp(id)).ok().map(|at| at as AccountIndex)
    }

    /// All attribute values, sorted by kind, then value.
    pub fn values(&self) -> &[AttributeValue] {
        &self.values
    }

    /// Where the values of one kind stand in [`values`](Self::values).
    pub fn values_of_kind(&self, kind: AttributeKind) -> Range<usize> {
        self.values.partition_point(|value| value.kind < kind)
            ..self.values.partition_point(|value| value.kind <= kind)
    }

    /// Where a value stands in [`values`](Self::values).
    pub fn value_index(&self, kind: AttributeKind, value: &str) -> Option<ValueIndex> {
        self.values
            .binary_search_by(|known| (known.kind, known.value.as_str()).cmp(&(kind, value)))
            .ok()
            .map(|at| at as ValueIndex)
    }

    /// The values an account has, ascending, with how many of its exchanges carry each.
    pub fn values_of(&self, account: AccountIndex) -> &[(ValueIndex, u32)] {
        self.values_of.row(account)
    }

    /// The accounts that have a value, ascending.
    pub fn accounts_with(&self, value: ValueIndex) -> &[AccountIndex] {
        self.accounts_with.row(value)
    }

    /// Whether some file of the case had this canonical column.
    pub fn has_column(&self, name: &str) -> bool {
        self.columns.contains(name)
    }

    /// The topics, largest first; empty while there are none.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// How the topics were made.
    pub fn topic_model(&self) -> &TopicModel {
        &self.topic_model
    }

    /// The files the cache was built from, sorted by snapshot, then name.
    pub fn files(&self) -> &[CachedFile] {
        &self.files
    }

    /// Why answers ended, by the codes of the segments' column; hostile.
    pub fn stop_reasons(&self) -> &[String] {
        &self.stop_reasons
    }

    /// Account, time, topic and place of every exchange.
    pub fn hot(&self) -> &Hot {
        &self.hot
    }

    /// How many exchanges, raw and distinct.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The links of an account, sorted by (a, b); none until leads have been computed.
    ///
    /// # Errors
    /// Where the cache cannot be read.
    pub fn links_of(&self, account: AccountIndex) -> Result<Vec<LinkRow>, CacheError> {
        let connection = self.connection()?;
        store::read_links(&connection, account, &self.values)
            .map_err(CacheError::sqlite(&self.path))?
            .ok_or_else(|| CacheError::damaged(&self.path, "a link names a value that is not there"))
    }

    /// A table that a module above stored, or `None`: see [`StoredTable`].
    pub fn stored(&self, name: &str) -> Result<Option<StoredTable>, CacheError> {
        let connection = self.connection()?;
        read_table(&connection, name).map_err(CacheError::sqlite(&self.path))
    }
}

/// A column in pieces, one a segment; empty pieces of an empty column.
fn parts<'a, T>(segments: &[SegmentSpan], mut column: &'a mut [T]) -> Vec<&'a mut [T]> {
    let mut parts = Vec::with_capacity(segments.len());
    for segment in segments {
        let rows = column.len().min(segment.rows as usize);
        let (part, rest) = std::mem::take(&mut column).split_at_mut(rows);
        parts.push(part);
        column = rest;
    }
    parts
}

/// Copies what is as long as its place; `None` where it is not.
fn fill<T: Copy>(place: &mut [T], from: &[T]) -> Option<()> {
    (place.len() == from.len()).then(|| place.copy_from_slice(from))
}

/// Checks that a cache is complete and of this version; its fingerprint.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<Digest, CacheError> {
    let told = |key: &str| {
        connection
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get::<_, String>(0))
            .optional()
            .map_err(|error| match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
                    CacheError::damaged(path, error)
                }
                // No such table: a file that never was a cache, or one that never got far.
                Some(rusqlite::ErrorCode::Unknown) => CacheError::Unfinished { path: path.to_owned() },
                _ => CacheError::sqlite(path)(error),
            })
    };
    let version = told("format_version")?.unwrap_or_default();
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
    if told("complete")?.is_none() {
        return Err(CacheError::Unfinished { path: path.to_owned() });
    }
    let fingerprint = told("fingerprint")?.unwrap_or_default();
    fingerprint.parse().map_err(|error| CacheError::damaged(path, error))
}

/// Where the values of each kind begin.
pub(crate) fn kind_starts(values: &[AttributeValue]) -> [usize; AttributeKind::ALL.len()] {
    AttributeKind::ALL.map(|kind| values.partition_point(|value| value.kind < kind))
}

/// The position of a value by its number in the tables; `None` where there is no such value.
pub(crate) fn index_of(
    starts: &[usize; AttributeKind::ALL.len()],
    values: &[AttributeValue],
    id: i64,
) -> Option<ValueIndex> {
    let kind = AttributeKind::ALL.get(usize::try_from(id >> 32).ok()?)?;
    let at = starts[kind_number(*kind) as usize] + (id & i64::from(u32::MAX)) as usize;
    (values.get(at)?.kind == *kind).then_some(at as ValueIndex)
}

/// The number in the tables of the value at a position; `None` where there is none.
pub(crate) fn id_of(
    starts: &[usize; AttributeKind::ALL.len()],
    values: &[AttributeValue],
    index: ValueIndex,
) -> Option<i64> {
    let kind = values.get(index as usize)?.kind;
    Some(value_id(kind, index - starts[kind_number(kind) as usize] as u32))
}

/// All rows of a query.
pub(crate) fn rows<T, C: FromIterator<T>>(
    connection: &Connection,
    query: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<C> {
    connection.prepare(query)?.query_map([], read)?.collect()
}

/// A column whose text is something.
fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &rusqlite::Row<'_>,
    at: usize,
) -> rusqlite::Result<T> {
    row.get::<_, String>(at)?.parse().map_err(|error| unreadable(at, error))
}

/// A column whose text is JSON.
fn json<T: serde::de::DeserializeOwned>(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(at)?).map_err(|error| unreadable(at, error))
}

fn unreadable(at: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error))
}
