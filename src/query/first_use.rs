//! When each account first used each value of one kind.

use rusqlite::params;

use crate::cache::schema::value_id;
use crate::cache::{AccountIndex, Cache, CacheError, ValueIndex};
use crate::model::{AttributeKind, Micros};

/// Account, value and time of the account's first exchange that carries it, by account, then value.
///
/// # Errors
/// Where the cache cannot be read.
pub fn first_use(
    cache: &Cache,
    kind: AttributeKind,
) -> Result<Vec<(AccountIndex, ValueIndex, Micros)>, CacheError> {
    const QUERY: &str = "SELECT account, value_id, first_ts FROM account_values
        WHERE value_id BETWEEN ?1 AND ?2 ORDER BY account, value_id";
    let (first, last) = (value_id(kind, 0), value_id(kind, u32::MAX));
    let offset = cache.values_of_kind(kind).start as i64;
    let connection = cache.connection()?;
    let mut statement = connection.prepare(QUERY).map_err(CacheError::sqlite(cache.path()))?;
    let found = statement
        .query_map(params![first, last], |row| {
            let rank = row.get::<_, i64>(1)? - first;
            Ok((row.get(0)?, (offset + rank) as ValueIndex, row.get(2)?))
        })
        .and_then(Iterator::collect)
        .map_err(CacheError::sqlite(cache.path()))?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};

    #[test]
    fn the_first_of_each() {
        let folder = tempfile::tempdir().unwrap();
        let mut rows: Vec<_> = [("a", 5), ("a", 3), ("b", 9)].map(|(account, ts)| row(account, ts)).into();
        for (row, model) in rows.iter_mut().zip(["old", "new", "old"]) {
            row.model = Some(model);
        }
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let value = |name| cache.value_index(AttributeKind::Model, name).unwrap();
        let found = first_use(&cache, AttributeKind::Model).unwrap();
        assert_eq!(found, [(0, value("new"), 3), (0, value("old"), 5), (1, value("old"), 9)]);
        assert!(first_use(&cache, AttributeKind::Ip).unwrap().is_empty());
    }
}
