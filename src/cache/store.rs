//! Results of modules above that are stored in the cache: links, signals, leads. Defines the tables,
//! not their meaning.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension, ToSql, params};

use super::file::{PATIENCE, check, rows};
use super::packed::{Holders, Packed};
use super::schema::{OWN_TABLES, value_id};
use super::tables::{id_of, index_of, kind_starts};
use super::{AccountIndex, AttributeValue, CacheError, ValueIndex, fail_point};
use crate::model::{AttributeKind, Micros};

/// Link between two accounts, with its strength in bits and the shared values.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRow {
    /// The smaller account.
    pub a: AccountIndex,
    /// The larger account.
    pub b: AccountIndex,
    /// Sum over families of the rarest shared value's bits.
    pub bits: f32,
    /// The rarest shared value of each family that has one.
    pub values: Vec<ValueIndex>,
}

/// Table of named columns, stored as ordinary SQLite columns so that any tool can read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredTable {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Null.
    Null,
    /// A whole number.
    Integer(i64),
    /// A real number; `NaN` is stored as null.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes, whose meaning belongs to the module that stored them.
    Blob(Vec<u8>),
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// Value of an attribute that is computed after the cache was built, with the accounts that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SharedValue {
    /// The value.
    pub value: String,
    /// Account, number of exchanges that carry the value, first and last time; one entry per account.
    pub accounts: Vec<(AccountIndex, u32, Micros, Micros)>,
}

/// Replaces all values of one attribute; those of other attributes are unchanged. Deletes the links,
/// which were computed without these values.
pub(crate) fn replace_values(
    transaction: &rusqlite::Transaction<'_>,
    kind: AttributeKind,
    values: &[SharedValue],
) -> rusqlite::Result<()> {
    let mut sorted = BTreeMap::new();
    for value in values {
        sorted.insert(value.value.as_str(), &value.accounts);
    }
    let range = [value_id(kind, 0), value_id(kind, u32::MAX)];
    transaction.execute("DELETE FROM account_values WHERE value_id BETWEEN ?1 AND ?2", range)?;
    transaction.execute("DELETE FROM attribute_values WHERE value_id BETWEEN ?1 AND ?2", range)?;
    transaction.execute_batch("DELETE FROM link_values; DELETE FROM links;")?;
    let mut value = transaction.prepare("INSERT INTO attribute_values VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let mut holding = transaction.prepare("INSERT INTO account_values VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let exchanges_of = |accounts: &[(AccountIndex, u32, Micros, Micros)]| {
        accounts.iter().map(|held| u64::from(held.1)).sum::<u64>()
    };
    let mut held: Vec<(AccountIndex, u32, u32)> = Vec::new();
    for (rank, (text, accounts)) in sorted.iter().enumerate() {
        let id = value_id(kind, rank as u32);
        value.execute(params![
            id,
            kind.name(),
            text,
            accounts.len() as i64,
            exchanges_of(accounts) as i64
        ])?;
        for &(account, exchanges, first, last) in *accounts {
            holding.execute(params![account, id, exchanges, first, last])?;
            held.push((account, rank as u32, exchanges));
        }
    }
    held.sort_unstable();
    let mut holders = Holders::default();
    held.into_iter().for_each(|(account, rank, exchanges)| holders.push(account, rank, exchanges));
    let values = sorted.iter().map(|(text, accounts)| (*text, accounts.len() as u32, exchanges_of(accounts)));
    Packed::new(values, holders)?.write(transaction, kind)
}

/// Replaces the links. An open cache must be opened again to read them.
///
/// # Errors
/// The cache cannot be written or lacks a value; the links are then unchanged.
pub fn write_links(cache_path: &Path, links: &[LinkRow]) -> Result<(), CacheError> {
    change(cache_path, |transaction| {
        let ids: Vec<i64> =
            rows(transaction, "SELECT value_id FROM attribute_values ORDER BY value_id", |row| row.get(0))?;
        transaction.execute_batch("DELETE FROM link_values; DELETE FROM links;")?;
        let mut insert_link = transaction.prepare("INSERT INTO links VALUES (?1, ?2, ?3)")?;
        let mut insert_value = transaction.prepare("INSERT INTO link_values VALUES (?1, ?2, ?3, ?4)")?;
        for link in links {
            insert_link.execute(params![link.a, link.b, link.bits])?;
            for (position, value) in link.values.iter().enumerate() {
                // NOT NULL refuses a value that does not exist.
                insert_value.execute(params![link.a, link.b, position as i64, ids.get(*value as usize)])?;
            }
        }
        Ok(())
    })
}

/// Links of an account, sorted; `None` if one names a value that does not exist.
pub(crate) fn read_links(
    connection: &Connection,
    account: AccountIndex,
    values: &[AttributeValue],
) -> rusqlite::Result<Option<Vec<LinkRow>>> {
    let starts = kind_starts(values);
    let mut links = connection
        .prepare_cached(
            "SELECT a, b, bits FROM links WHERE a = ?1 UNION SELECT a, b, bits FROM links WHERE b = ?1",
        )?
        .query_map([account], |row| {
            Ok(LinkRow { a: row.get(0)?, b: row.get(1)?, bits: row.get(2)?, values: Vec::new() })
        })?
        .collect::<rusqlite::Result<Vec<LinkRow>>>()?;
    links.sort_by_key(|link| (link.a, link.b));
    let mut tied = connection
        .prepare_cached("SELECT value_id FROM link_values WHERE a = ?1 AND b = ?2 ORDER BY position")?;
    for link in &mut links {
        for id in tied.query_map([link.a, link.b], |row| row.get::<_, i64>(0))? {
            let id = id?;
            let Some(value) = index_of(&starts, values, id) else { return Ok(None) };
            debug_assert_eq!(id_of(&starts, values, value), Some(id));
            link.values.push(value);
        }
    }
    Ok(Some(links))
}

/// Stores a table under a name, replacing one of that name.
///
/// # Errors
/// A name of the table or of a column is not of `a–z`, `0–9` and `_` beginning with a letter, or is
/// one of the cache's own tables; a row has another number of cells than there are columns; the
/// cache cannot be written. The cache is then unchanged.
pub fn write_table(cache_path: &Path, name: &str, table: &StoredTable) -> Result<(), CacheError> {
    let columns: Vec<&str> = table.columns.iter().map(String::as_str).collect();
    check_names(name, &columns)?;
    for (row, cells) in table.rows.iter().enumerate() {
        if cells.len() != columns.len() {
            let (table, cells, columns) = (name.to_owned(), cells.len(), columns.len());
            return Err(CacheError::Ragged { table, row, cells, columns });
        }
    }
    write_rows(cache_path, name, &columns, &table.rows)
}

/// Stores a table as [`write_table`] does, from an iterator of rows.
///
/// # Errors
/// As [`write_table`]; SQLite refuses a row of another length.
pub fn write_rows<Row: AsRef<[Cell]>>(
    cache_path: &Path,
    name: &str,
    columns: &[&str],
    rows: impl IntoIterator<Item = Row>,
) -> Result<(), CacheError> {
    check_names(name, columns)?;
    // Names are quoted, since a column may be called as a keyword; the check above admits no quotes.
    let quoted: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    change(cache_path, |transaction| {
        transaction.execute_batch(&format!(
            "DROP TABLE IF EXISTS \"{name}\"; CREATE TABLE \"{name}\" ({});",
            quoted.join(", ")
        ))?;
        transaction.execute("INSERT OR IGNORE INTO stored_tables VALUES (?1)", [name])?;
        let mut insert = transaction.prepare(&format!("INSERT INTO \"{name}\" VALUES ({marks})"))?;
        for cells in rows {
            insert.execute(rusqlite::params_from_iter(cells.as_ref()))?;
        }
        Ok(())
    })
}

fn check_names(name: &str, columns: &[&str]) -> Result<(), CacheError> {
    for &word in [name].iter().chain(columns) {
        if !is_identifier(word) {
            return Err(CacheError::BadName(word.to_owned()));
        }
    }
    if OWN_TABLES.contains(&name) || name.starts_with("sqlite_") || columns.is_empty() {
        return Err(CacheError::BadName(name.to_owned()));
    }
    Ok(())
}

/// Stored table, its rows in the order of storing; `None` if there is none of the name.
pub(crate) fn read_table(connection: &Connection, name: &str) -> rusqlite::Result<Option<StoredTable>> {
    let mut rows = Vec::new();
    let columns = read_rows(connection, name, |row| rows.push(row))?;
    Ok(columns.map(|columns| StoredTable { columns, rows }))
}

/// Columns of a stored table, and each of its rows to `take`, in the order of storing; `None` if there is no
/// table of the name.
pub(crate) fn read_rows(
    connection: &Connection,
    name: &str,
    mut take: impl FnMut(Vec<Cell>),
) -> rusqlite::Result<Option<Vec<String>>> {
    let stored: Option<String> = connection
        .query_row("SELECT name FROM stored_tables WHERE name = ?1", [name], |row| row.get(0))
        .optional()?;
    let Some(name) = stored else { return Ok(None) };
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\" ORDER BY rowid"))?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let cells: Vec<Cell> =
            (0..columns.len()).map(|at| row.get(at).map(cell)).collect::<rusqlite::Result<_>>()?;
        take(cells);
    }
    Ok(Some(columns))
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Integer(number) => Cell::Integer(number),
        Value::Real(number) => Cell::Real(number),
        Value::Text(text) => Cell::Text(text),
        Value::Blob(bytes) => Cell::Blob(bytes),
        Value::Null => Cell::Null,
    }
}

fn is_identifier(word: &str) -> bool {
    word.len() <= 63
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

/// Rolls back the unfinished transaction of a killed writer, which opening for reading cannot do.
/// Errors are ignored here; opening the cache reports them.
pub fn roll_back(path: &Path) {
    if let Ok(connection) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
        let _ = check(&connection, path);
    }
}

/// Changes a complete cache in one transaction.
pub(crate) fn change(
    path: &Path,
    work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<()>,
) -> Result<(), CacheError> {
    let failed = CacheError::sqlite(path);
    if !path.exists() {
        return Err(CacheError::Missing { path: path.to_owned() });
    }
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(&failed)?;
    connection.busy_timeout(PATIENCE).map_err(&failed)?;
    check(&connection, path)?;
    let transaction = connection.transaction().map_err(&failed)?;
    work(&transaction)
        .and_then(|()| fail_point::pass("cache.change"))
        .and_then(|()| transaction.commit())
        .and_then(|()| fail_point::pass("cache.changed"))
        .map_err(&failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Cache;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::model::Silent;

    #[test]
    fn what_is_stored_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let with_ip = |account, ip: &str| Row { ip: Some(ip.into()), ..row(account, 5) };
        let rows = vec![with_ip("amy", "10.0.0.1"), with_ip("bob", "10.0.0.1"), with_ip("bob", "10.0.0.2")];
        let (before, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let path = before.path();
        assert_eq!(before.stored("leads").unwrap(), None);

        let shared =
            |value: &str| SharedValue { value: value.into(), accounts: vec![(0, 1, 5, 5), (1, 2, 5, 5)] };
        let model = SharedValue { value: "large".into(), accounts: vec![(1, 2, 5, 5)] };
        change(path, |transaction| replace_values(transaction, AttributeKind::Model, &[model])).unwrap();
        change(path, |transaction| {
            replace_values(transaction, AttributeKind::PromptTemplate, &[shared("z"), shared("a")])
        })
        .unwrap();
        let links = [LinkRow { a: 0, b: 1, bits: 1.25, values: vec![4, 0] }];
        write_links(path, &links).unwrap();
        let table = StoredTable {
            columns: vec!["rank".into(), "order".into()],
            rows: vec![
                vec![Cell::Integer(1), Cell::Text("x\"y".into())],
                vec![Cell::Real(0.1), Cell::Null],
                vec![Cell::Blob(vec![0, 255]), Cell::Null],
            ],
        };
        write_table(path, "leads", &StoredTable::default()).unwrap_err();
        write_table(path, "leads", &table).unwrap();
        write_table(path, "leads", &table).unwrap();

        let after = Cache::open(path, &Silent).unwrap();
        let stored: Vec<_> =
            after.values().iter().map(|v| (v.kind.name(), v.value.as_str(), v.exchanges)).collect();
        assert_eq!(
            stored,
            [
                ("ip", "10.0.0.1", 2),
                ("ip", "10.0.0.2", 1),
                ("ip_24", "10.0.0.0/24", 3),
                ("prompt_template", "a", 3),
                ("prompt_template", "z", 3),
                ("model", "large", 2)
            ]
        );
        assert_eq!(after.accounts_with(4), [0, 1]);
        assert_eq!(after.links_of(0).unwrap(), links);
        assert_eq!(after.links_of(1).unwrap(), links);
        assert_eq!(after.stored("leads").unwrap(), Some(table));
        change(path, |transaction| replace_values(transaction, AttributeKind::PromptTemplate, &[])).unwrap();
        let emptied = Cache::open(path, &Silent).unwrap();
        assert_eq!((emptied.values().len(), emptied.links_of(0).unwrap().len()), (4, 0));
    }

    #[test]
    fn bad_names_and_ragged_rows_are_refused() {
        let table = |column: &str, cells| StoredTable { columns: vec![column.into()], rows: vec![cells] };
        let path = Path::new("nowhere.sqlite");
        for name in ["segments", "Leads", "a b", "1a", "", "sqlite_x", "x\"; DROP TABLE meta; --"] {
            let refused = write_table(path, name, &table("a", vec![Cell::Null]));
            assert!(matches!(refused, Err(CacheError::BadName(_))), "{name}");
        }
        assert!(matches!(write_table(path, "a", &table("B", vec![])), Err(CacheError::BadName(_))));
        assert!(matches!(write_table(path, "a", &table("b", vec![])), Err(CacheError::Ragged { .. })));
        assert!(matches!(
            write_table(path, "a", &table("b", vec![Cell::Null])),
            Err(CacheError::Missing { .. })
        ));
    }
}
