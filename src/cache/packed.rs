//! Attribute values and the accounts that have them, packed by kind, for a quick opening.
//!
//! The ordinary tables `attribute_values` and `account_values` hold the same data for other tools.
//! SQLite returns rows one by one, so that a case of millions of rows would take seconds to open.
//! Both forms are written in one transaction.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::ArrowError;
use rayon::prelude::*;
use rusqlite::{Connection, params};

use super::file::CacheFile;
use super::segment::{decode, encode};
use super::{AccountIndex, AttributeValue, CacheError, ValueIndex};
use crate::model::AttributeKind;

/// Accounts that have the values of one kind: account, rank of the value, exchanges; by account, then
/// rank.
#[derive(Debug, Default)]
pub(super) struct Holders {
    accounts: Vec<u32>,
    ranks: Vec<u32>,
    exchanges: Vec<u32>,
}

impl Holders {
    pub(super) fn push(&mut self, account: AccountIndex, rank: u32, exchanges: u32) {
        self.accounts.push(account);
        self.ranks.push(rank);
        self.exchanges.push(exchanges);
    }
}

/// Account, value, exchanges; by kind of the value, then account, then value.
pub(super) type Holdings = Vec<(AccountIndex, ValueIndex, u32)>;

/// Packed values and holders of one kind.
pub(super) struct Packed {
    value_count: i64,
    values: Vec<u8>,
    holder_count: i64,
    holders: Vec<u8>,
}

impl Packed {
    /// Packs one kind. `values` are text, accounts and exchanges, by rank.
    pub(super) fn new<'a>(
        values: impl Iterator<Item = (&'a str, u32, u64)> + Clone,
        holders: Holders,
    ) -> rusqlite::Result<Self> {
        let values: [(&str, ArrayRef); 3] = [
            ("value", Arc::new(StringArray::from_iter_values(values.clone().map(|(text, ..)| text)))),
            (
                "accounts",
                Arc::new(UInt32Array::from_iter_values(values.clone().map(|(_, accounts, _)| accounts))),
            ),
            ("exchanges", Arc::new(UInt64Array::from_iter_values(values.map(|(.., exchanges)| exchanges)))),
        ];
        let holders: [(&str, ArrayRef); 3] = [
            ("account", Arc::new(UInt32Array::from(holders.accounts))),
            ("rank", Arc::new(UInt32Array::from(holders.ranks))),
            ("exchanges", Arc::new(UInt32Array::from(holders.exchanges))),
        ];
        let pack = |columns: [(&str, ArrayRef); 3]| {
            let count = columns[0].1.len() as i64;
            let packed = RecordBatch::try_from_iter(columns).and_then(|batch| encode(&batch));
            let failed = |error: ArrowError| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
            packed.map(|packed| (count, packed)).map_err(failed)
        };
        let (value_count, values) = pack(values)?;
        let (holder_count, holders) = pack(holders)?;
        Ok(Self { value_count, values, holder_count, holders })
    }

    /// Replaces the packed values of this kind.
    pub(super) fn write(self, connection: &Connection, kind: AttributeKind) -> rusqlite::Result<()> {
        connection
            .execute(
                "INSERT OR REPLACE INTO packed_values VALUES (?1, ?2, ?3, ?4, ?5)",
                params![kind.name(), self.value_count, self.values, self.holder_count, self.holders],
            )
            .map(|_| ())
    }
}

/// All values by kind, and the accounts that have them. `accounts` is the number of accounts.
///
/// # Errors
/// The cache cannot be read, or the packed data is inconsistent.
pub(super) fn read(file: &CacheFile, accounts: usize) -> Result<(Vec<AttributeValue>, Holdings), CacheError> {
    let kinds = AttributeKind::ALL
        .into_par_iter()
        .map(|kind| read_kind(file, kind, accounts))
        .collect::<Result<Vec<_>, CacheError>>()?;
    let mut values = Vec::with_capacity(kinds.iter().map(|(values, _)| values.len()).sum());
    let mut holdings = Vec::with_capacity(kinds.iter().map(|(_, holders)| holders.len()).sum());
    for (own, holders) in kinds {
        let start = values.len() as u32;
        holdings.extend(holders.into_iter().map(|(account, rank, n)| (account, start + rank, n)));
        values.extend(own);
    }
    Ok((values, holdings))
}

fn read_kind(
    file: &CacheFile,
    kind: AttributeKind,
    accounts: usize,
) -> Result<(Vec<AttributeValue>, Holdings), CacheError> {
    const QUERY: &str =
        "SELECT value_count, value_data, holder_count, holder_data FROM packed_values WHERE kind = ?1";
    let connection = file.connection()?;
    let mut query = connection.prepare_cached(QUERY).map_err(file.failed())?;
    let mut rows = query.query([kind.name()]).map_err(file.failed())?;
    let Some(row) = rows.next().map_err(file.failed())? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let damaged = || file.damaged(format!("the values of {} are inconsistent", kind.name()));
    let unpack = |count: usize, data: usize, names: &[&str]| {
        let rows: usize = row.get::<_, i64>(count).ok()?.try_into().ok()?;
        decode(row.get_ref(data).ok()?.as_blob().ok()?, names, rows).ok()
    };
    let values = unpack(0, 1, &["value", "accounts", "exchanges"]).ok_or_else(damaged)?;
    let holders = unpack(2, 3, &["account", "rank", "exchanges"]).ok_or_else(damaged)?;
    let values = values_of(kind, &values).ok_or_else(damaged)?;
    let holders = holders_of(&holders).ok_or_else(damaged)?;
    let fits = |&(account, rank, _): &(u32, u32, u32)| {
        (account as usize) < accounts && (rank as usize) < values.len()
    };
    if holders.iter().all(fits) { Ok((values, holders)) } else { Err(damaged()) }
}

fn values_of(kind: AttributeKind, columns: &[Option<ArrayRef>]) -> Option<Vec<AttributeValue>> {
    let [Some(texts), Some(accounts), Some(exchanges)] = columns else { return None };
    let accounts = accounts.as_primitive_opt::<UInt32Type>()?.values();
    let exchanges = exchanges.as_primitive_opt::<UInt64Type>()?.values();
    let numbers = accounts.iter().zip(exchanges);
    let texts = texts.as_string_opt::<i32>()?;
    // Collecting options would grow the list by doubling.
    let mut values = Vec::with_capacity(numbers.len());
    for (text, (&accounts, &exchanges)) in texts.iter().zip(numbers) {
        values.push(AttributeValue { kind, value: text?.to_owned(), accounts, exchanges });
    }
    Some(values)
}

fn holders_of(columns: &[Option<ArrayRef>]) -> Option<Holdings> {
    let [Some(accounts), Some(ranks), Some(exchanges)] = columns else { return None };
    let number = |array: &ArrayRef| Some(array.as_primitive_opt::<UInt32Type>()?.values().clone());
    let (accounts, ranks, exchanges) = (number(accounts)?, number(ranks)?, number(exchanges)?);
    let numbers = accounts.iter().zip(ranks.iter()).zip(exchanges.iter());
    Some(numbers.map(|((&account, &rank), &exchanges)| (account, rank, exchanges)).collect())
}

#[cfg(test)]
mod tests {
    use crate::cache::ValueIndex;
    use crate::cache::file::rows;
    use crate::cache::testing::{Row, cache, row, snapshot};

    #[test]
    fn what_is_packed_is_what_the_tables_say() {
        let folder = tempfile::tempdir().unwrap();
        let at = |n: i64| Row {
            ip: Some(format!("10.0.{}.{}", n % 3, n % 5)),
            payment: (n % 4 > 0).then(|| format!("pf_{}", n % 2)),
            ..row(["amy", "bob", "zoe"][n as usize % 3], n)
        };
        let files = [("a.parquet", (0..40).map(at).collect())];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &files)]);
        let connection = rusqlite::Connection::open(cache.path()).unwrap();
        let values: Vec<(String, String, u32, u64)> = rows(
            &connection,
            "SELECT kind, value, accounts, exchanges FROM attribute_values ORDER BY value_id",
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)? as u64)),
        )
        .unwrap();
        let packed: Vec<_> = cache
            .values()
            .iter()
            .map(|v| (v.kind.name().to_owned(), v.value.clone(), v.accounts, v.exchanges))
            .collect();
        assert_eq!(packed, values);
        let held: Vec<(u32, String, String, u32)> = rows(
            &connection,
            "SELECT account, kind, value, h.exchanges FROM account_values h JOIN attribute_values USING (value_id)
             ORDER BY account, value_id",
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
        let named = |value: ValueIndex| {
            let value = &cache.values()[value as usize];
            (value.kind.name().to_owned(), value.value.clone())
        };
        let packed: Vec<_> = (0..3)
            .flat_map(|account| cache.values_of(account).iter().map(move |&(value, n)| (account, value, n)))
            .map(|(account, value, n)| (account, named(value).0, named(value).1, n))
            .collect();
        assert_eq!(packed, held);
    }
}
