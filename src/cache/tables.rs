//! Small tables of a cache, in memory: accounts, attribute values and the accounts that have them,
//! topics, files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension};

use super::file::{CacheFile, rows};
use super::packed;
use super::schema::{kind_number, value_id};
use super::{
    Account, AccountIndex, AttributeValue, CacheError, CachedFile, Counts, Topic, TopicModel, ValueIndex,
};
use crate::model::{AccountId, AttributeKind, Digest, Watcher, network};
use crate::stats::csr::Csr;

/// Other names for accounts, attribute values, topics and log files.
pub trait Renaming {
    /// Name of an account.
    fn account(&self, id: &AccountId) -> AccountId;
    /// Name of an attribute value.
    fn value(&self, kind: AttributeKind, value: &str) -> String;
    /// Label of a topic.
    fn topic(&self, id: u16, label: &str) -> String;
    /// Name of a log file.
    fn file(&self, name: &str) -> String;
    /// SHA-256 of a snapshot.
    fn snapshot(&self, snapshot: Digest) -> Digest;
}

/// Positions by name, for tables that are not sorted by name.
#[derive(Default)]
struct Lookup {
    accounts: BTreeMap<AccountId, AccountIndex>,
    values: BTreeMap<(AttributeKind, String), ValueIndex>,
    /// Name of the network of each address, by the position of the address in the values.
    networks: BTreeMap<usize, String>,
}

/// Small tables of a cache.
#[derive(Default)]
pub(super) struct Tables {
    /// Canonical columns that some file of the case has.
    pub columns: BTreeSet<String>,
    /// Exchanges, raw and distinct.
    pub counts: Counts,
    /// All accounts, sorted by id.
    pub accounts: Vec<Account>,
    /// All attribute values, sorted by kind, then value.
    pub values: Vec<AttributeValue>,
    /// The values of each account.
    pub values_of: Csr<(ValueIndex, u32)>,
    /// The accounts of each value.
    pub accounts_with: Csr<AccountIndex>,
    /// The topics, largest first.
    pub topics: Vec<Topic>,
    /// The description of the topic model.
    pub topic_model: TopicModel,
    /// The files the cache was built from, sorted by snapshot, then name.
    pub files: Vec<CachedFile>,
    /// Stop reasons of the responses, by their codes.
    pub stop_reasons: Vec<String>,
    /// Positions by name where the tables have other names than the file; `None` where they are sorted.
    lookup: Option<Lookup>,
}

impl Tables {
    /// The same tables with other names at the same positions.
    pub fn renamed(&self, names: &dyn Renaming) -> Self {
        let accounts: Vec<Account> =
            self.accounts.iter().map(|own| Account { id: names.account(&own.id), ..own.clone() }).collect();
        let values: Vec<AttributeValue> = self
            .values
            .iter()
            .map(|own| AttributeValue { value: names.value(own.kind, &own.value), ..own.clone() })
            .collect();
        let topics = self.topics.iter().map(|own| Topic {
            label: names.topic(own.id, &own.label),
            words: Vec::new(),
            medoids: Vec::new(),
            ..own.clone()
        });
        let files = self.files.iter().map(|own| CachedFile {
            snapshot: names.snapshot(own.snapshot),
            name: names.file(&own.name),
            ..own.clone()
        });
        let lookup = Lookup {
            accounts: accounts.iter().zip(0..).map(|(account, at)| (account.id.clone(), at)).collect(),
            values: values.iter().zip(0..).map(|(own, at)| ((own.kind, own.value.clone()), at)).collect(),
            networks: self
                .values_of_kind(AttributeKind::Ip)
                .filter_map(|at| Some((at, names.value(AttributeKind::Ip24, &self.network_of(at)?))))
                .collect(),
        };
        Self {
            columns: self.columns.clone(),
            counts: self.counts,
            accounts,
            values,
            values_of: self.values_of.clone(),
            accounts_with: self.accounts_with.clone(),
            topics: topics.collect(),
            topic_model: self.topic_model.clone(),
            files: files.collect(),
            stop_reasons: self.stop_reasons.clone(),
            lookup: Some(lookup),
        }
    }

    /// Reads all tables.
    ///
    /// # Errors
    /// The file cannot be read or is inconsistent, or the work was cancelled.
    pub fn read(file: &CacheFile, watcher: &dyn Watcher) -> Result<Self, CacheError> {
        let connection = file.connection()?;
        let mut tables = read_rows(&connection).map_err(|error| match error {
            rusqlite::Error::SqliteFailure(..) => file.failed()(error),
            other => file.damaged(other),
        })?;
        drop(connection);
        watcher.check()?;
        let (values, holdings) = packed::read(file, tables.accounts.len())?;
        tables.values_of =
            Csr::from_pairs(tables.accounts.len(), holdings.iter().map(|&(a, v, n)| (a, (v, n))));
        tables.accounts_with = Csr::from_pairs(values.len(), holdings.iter().map(|&(a, v, _)| (v, a)));
        tables.values = values;
        Ok(tables)
    }

    /// The position of an account among the accounts.
    pub fn account_index(&self, id: &AccountId) -> Option<AccountIndex> {
        if let Some(lookup) = &self.lookup {
            return lookup.accounts.get(id).copied();
        }
        self.accounts.binary_search_by(|account| account.id.cmp(id)).ok().map(|at| at as AccountIndex)
    }

    /// The positions of the values of one kind.
    pub fn values_of_kind(&self, kind: AttributeKind) -> Range<usize> {
        self.values.partition_point(|value| value.kind < kind)
            ..self.values.partition_point(|value| value.kind <= kind)
    }

    /// The position of a value.
    pub fn value_index(&self, kind: AttributeKind, value: &str) -> Option<ValueIndex> {
        if let Some(lookup) = &self.lookup {
            return lookup.values.get(&(kind, value.to_owned())).copied();
        }
        self.values
            .binary_search_by(|other| (other.kind, other.value.as_str()).cmp(&(kind, value)))
            .ok()
            .map(|at| at as ValueIndex)
    }

    /// True if the tables have other names than the file.
    pub fn is_renamed(&self) -> bool {
        self.lookup.is_some()
    }

    /// Network of the address at a position among the values.
    pub fn network_of(&self, address: usize) -> Option<String> {
        match &self.lookup {
            Some(lookup) => lookup.networks.get(&address).cloned(),
            None => network(&self.values.get(address)?.value),
        }
    }

    /// True if the text pass has ended.
    pub fn has_text_pass(&self) -> bool {
        self.topic_model.absent.is_some() || !self.topic_model.path.is_empty()
    }
}

fn read_rows(connection: &Connection) -> rusqlite::Result<Tables> {
    let count = |key: &str| {
        connection.query_row("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1", [key], |row| {
            row.get::<_, i64>(0)
        })
    };
    Ok(Tables {
        columns: rows(connection, "SELECT name FROM present_columns", |row| row.get(0))?,
        counts: Counts { raw: count("raw")? as u64, distinct: count("distinct")? as u64 },
        accounts: read_accounts(connection)?,
        topics: read_topics(connection)?,
        topic_model: read_topic_model(connection)?,
        files: read_files(connection)?,
        stop_reasons: rows(connection, "SELECT value FROM stop_reasons ORDER BY code", |row| row.get(0))?,
        ..Tables::default()
    })
}

fn read_files(connection: &Connection) -> rusqlite::Result<Vec<CachedFile>> {
    rows(connection, "SELECT snapshot, name, sha256, rows FROM files ORDER BY file_id", |row| {
        Ok(CachedFile {
            snapshot: parsed(row, 0)?,
            name: row.get(1)?,
            sha256: parsed(row, 2)?,
            rows: row.get::<_, i64>(3)? as u64,
        })
    })
}

fn read_accounts(connection: &Connection) -> rusqlite::Result<Vec<Account>> {
    let query =
        "SELECT account_id, exchanges, first_ts, last_ts, created, verified FROM accounts ORDER BY account";
    rows(connection, query, |row| {
        Ok(Account {
            id: AccountId(row.get(0)?),
            exchanges: row.get(1)?,
            first: row.get(2)?,
            last: row.get(3)?,
            created: row.get(4)?,
            verified: row.get(5)?,
        })
    })
}

fn read_topics(connection: &Connection) -> rusqlite::Result<Vec<Topic>> {
    let coordinate = |value: Option<f64>| value.map_or(f32::NAN, |value| value as f32);
    let query =
        "SELECT topic_id, label, words, exchanges, centre_x, centre_y, medoids FROM topics ORDER BY topic_id";
    rows(connection, query, |row| {
        Ok(Topic {
            id: row.get(0)?,
            label: row.get(1)?,
            words: json(row, 2)?,
            exchanges: row.get::<_, i64>(3)? as u64,
            centre: [coordinate(row.get(4)?), coordinate(row.get(5)?)],
            medoids: json(row, 6)?,
        })
    })
}

fn read_topic_model(connection: &Connection) -> rusqlite::Result<TopicModel> {
    let query = "SELECT CAST(value AS TEXT) FROM topic_model WHERE key = ?1";
    let text = |key: &str| -> rusqlite::Result<Option<String>> {
        Ok(connection.query_row(query, [key], |row| row.get(0)).optional()?.flatten())
    };
    Ok(TopicModel {
        path: text("path")?.unwrap_or_default(),
        description: text("description")?.unwrap_or_default(),
        map_recall: text("map_recall")?.and_then(|recall| recall.parse().ok()),
        absent: text("absent")?,
    })
}

/// Position of the first value of each kind.
pub(super) fn kind_starts(values: &[AttributeValue]) -> [usize; AttributeKind::ALL.len()] {
    AttributeKind::ALL.map(|kind| values.partition_point(|value| value.kind < kind))
}

/// Position of a value by its number in the tables; `None` if there is no such value.
pub(super) fn index_of(
    starts: &[usize; AttributeKind::ALL.len()],
    values: &[AttributeValue],
    id: i64,
) -> Option<ValueIndex> {
    let kind = AttributeKind::ALL.get(usize::try_from(id >> 32).ok()?)?;
    let at = starts[kind_number(*kind) as usize] + (id & i64::from(u32::MAX)) as usize;
    (values.get(at)?.kind == *kind).then_some(at as ValueIndex)
}

/// Number in the tables of the value at a position; `None` if there is none.
pub(super) fn id_of(
    starts: &[usize; AttributeKind::ALL.len()],
    values: &[AttributeValue],
    index: ValueIndex,
) -> Option<i64> {
    let kind = values.get(index as usize)?.kind;
    Some(value_id(kind, index - starts[kind_number(kind) as usize] as u32))
}

/// Column parsed from text.
fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &rusqlite::Row<'_>,
    at: usize,
) -> rusqlite::Result<T> {
    row.get::<_, String>(at)?.parse().map_err(|error| unreadable(at, error))
}

/// Column parsed from JSON.
fn json<T: serde::de::DeserializeOwned>(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(at)?).map_err(|error| unreadable(at, error))
}

fn unreadable(at: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error))
}
