//! Times at which accounts first used the values of one kind.

use rusqlite::params;

use super::file::CacheFile;
use super::schema::value_id;
use super::{AccountIndex, CacheError, ValueIndex};
use crate::model::{AttributeKind, Micros};

/// Account, value and time of the account's first exchange that carries it, by account, then value.
///
/// `first_value` is the position of the kind's first value.
///
/// # Errors
/// The cache cannot be read.
pub(super) fn read(
    file: &CacheFile,
    kind: AttributeKind,
    first_value: usize,
) -> Result<Vec<(AccountIndex, ValueIndex, Micros)>, CacheError> {
    const QUERY: &str = "SELECT account, value_id, first_ts FROM account_values
        WHERE value_id BETWEEN ?1 AND ?2 ORDER BY account, value_id";
    let (first, last) = (value_id(kind, 0), value_id(kind, u32::MAX));
    let connection = file.connection()?;
    let mut statement = connection.prepare(QUERY).map_err(file.failed())?;
    let found = statement
        .query_map(params![first, last], |row| {
            let rank = row.get::<_, i64>(1)? - first;
            Ok((row.get(0)?, (first_value as i64 + rank) as ValueIndex, row.get(2)?))
        })
        .and_then(Iterator::collect)
        .map_err(file.failed())?;
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
        let found = cache.first_use(AttributeKind::Model).unwrap();
        assert_eq!(found, [(0, value("new"), 3), (0, value("old"), 5), (1, value("old"), 9)]);
        assert!(cache.first_use(AttributeKind::Ip).unwrap().is_empty());
    }
}
