//! Context of accounts, beside their signals and not scored: one file each, one line each in [`CONTEXT`].
//!
//! These columns are in few logs, differ in meaning between providers, or describe ordinary customers.
//! They have no p-value and do not affect the ranking.

mod entropy;
mod fact;
mod friendly;
mod networks;
mod region;
mod stated_use;
mod tier;
mod watermark;

use rayon::prelude::*;

pub use fact::{Context, ContextAbout, ContextInput, Measure};

use super::measure::missing_of;
use super::peers::Peers;
use super::rows::{Block, RowColumn, blocks};
use crate::cache::{AccountIndex, Cache, CacheError, Cell};
use crate::model::Watcher;

/// All contexts, in display order. A new context is one file and one line here.
pub const CONTEXT: &[&dyn Context] = &[
    &entropy::Entropy,
    &watermark::Watermark,
    &region::Region,
    &networks::Networks,
    &stated_use::StatedUse,
    &friendly::Friendly,
    &tier::Tier,
];

/// One context over all accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextColumn {
    /// One value an account; `None` where there is none.
    pub values: Vec<Option<f32>>,
}

impl ContextColumn {
    /// The value of an account.
    pub fn of(&self, account: AccountIndex) -> Option<f64> {
        self.values.get(account as usize).copied().flatten().map(f64::from)
    }
}

/// Measures every context on every account in two sweeps over the exchanges: reference figures, then
/// accounts. In the order of [`CONTEXT`].
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub fn measure_context(
    cache: &Cache,
    peers: Peers<'_>,
    watcher: &dyn Watcher,
) -> Result<Vec<ContextColumn>, CacheError> {
    let is_there = |context: &&dyn Context| missing_of(context.about().needs, cache).is_none();
    let measures = CONTEXT
        .iter()
        .map(|context| is_there(context).then(|| context.gather(cache, peers, watcher)).transpose())
        .collect::<Result<Vec<_>, CacheError>>()?;
    let looked_at = CONTEXT.iter().zip(&measures).filter(|(_, measure)| measure.is_some());
    let mut columns: Vec<RowColumn> = looked_at.flat_map(|(context, _)| context.columns()).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    let accounts = cache.accounts().len();
    let mut found: Vec<ContextColumn> =
        CONTEXT.iter().map(|_| ContextColumn { values: vec![None; accounts] }).collect();
    for range in blocks(cache) {
        watcher.check()?;
        watcher.step("gathering context", u64::from(range.start), accounts as u64, "accounts");
        let block = Block::read(cache, range.clone(), &columns, watcher)?;
        for (measure, column) in measures.iter().zip(&mut found) {
            let Some(measure) = measure else { continue };
            let values = &mut column.values[range.start as usize..range.end as usize];
            values.par_iter_mut().zip(range.clone()).for_each(|(value, account)| {
                let hot = cache.hot();
                let topics = hot.topic.get(hot.rows_of(account)).unwrap_or(&[]);
                let rows = block.of(cache, account);
                let measured = measure.measure(&ContextInput { cache, account, topics, rows });
                *value = measured.map(|measured| measured as f32).filter(|measured| measured.is_finite());
            });
        }
    }
    Ok(found)
}

/// One context of one account.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextValue {
    /// Description of the context.
    pub about: &'static ContextAbout,
    /// Value in words.
    pub in_words: String,
    /// Value as written to files.
    pub in_file: serde_json::Value,
}

/// Contexts of one account that have a value, in order.
pub fn values_of(cache: &Cache, columns: &[ContextColumn], account: AccountIndex) -> Vec<ContextValue> {
    let of = |(context, column): (&&dyn Context, &ContextColumn)| {
        let value = column.of(account)?;
        let (in_words, in_file) = (context.in_words(cache, value), context.in_file(cache, value));
        Some(ContextValue { about: context.about(), in_words, in_file })
    };
    CONTEXT.iter().zip(columns).filter_map(of).collect()
}

/// Columns of the stored table: the account and each context figure.
pub fn table_columns() -> Vec<&'static str> {
    std::iter::once("account").chain(CONTEXT.iter().map(|context| context.about().id)).collect()
}

/// Rows of the stored table, one an account.
pub fn table_rows(columns: &[ContextColumn]) -> impl Iterator<Item = Vec<Cell>> + '_ {
    let accounts = columns.first().map_or(0, |column| column.values.len());
    let cell = |column: &ContextColumn, account: usize| {
        column.of(account as AccountIndex).map_or(Cell::Null, Cell::Real)
    };
    (0..accounts).map(move |account| {
        let values = columns.iter().map(|column| cell(column, account));
        std::iter::once(Cell::Integer(account as i64)).chain(values).collect()
    })
}

/// Columns without a value yet, for [`push_row`].
pub fn empty_columns() -> Vec<ContextColumn> {
    CONTEXT.iter().map(|_| ContextColumn { values: Vec::new() }).collect()
}

/// Adds a row of the stored table; `None` where it is not one that [`table_rows`] makes.
pub fn push_row(columns: &mut [ContextColumn], row: &[Cell]) -> Option<()> {
    let values = row.get(1..).filter(|values| values.len() == columns.len())?;
    for (column, cell) in columns.iter_mut().zip(values) {
        column.values.push(match cell {
            Cell::Real(value) => Some(*value as f32),
            Cell::Null => None,
            _ => return None,
        });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::Silent;
    use crate::snapshot::Column;

    #[test]
    fn every_need_names_columns_that_exist_and_every_column_a_file_can_have() {
        for context in CONTEXT {
            let about = context.about();
            for need in about.needs {
                for name in super::super::measure::alternatives(need) {
                    assert!(Column::ALL.iter().any(|column| column.name() == name), "{need}: {name}");
                }
            }
            assert!(about.id.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        }
    }

    #[test]
    fn values_are_reported_and_come_back_from_its_table() {
        let folder = tempfile::tempdir().unwrap();
        let mut rows = Vec::new();
        for (account, networks) in [("a", 1), ("b", 1), ("c", 4)] {
            for call in 0..networks {
                let mut exchange = row(account, call);
                exchange.ip = Some(format!("10.{call}.0.1"));
                rows.push(exchange);
            }
        }
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let (of, members) = ([0, 0, 0], [vec![0, 1, 2]]);
        let found = measure_context(&cache, Peers { of: &of, members: &members }, &Silent).unwrap();
        let values = values_of(&cache, &found, 2);
        assert_eq!(values.len(), 1, "{values:?}");
        assert_eq!((values[0].about.id, values[0].in_file.as_f64()), ("networks", Some(4.0)));
        assert!(values[0].in_words.starts_with("4.00 times as many networks"));
        let mut read = empty_columns();
        table_rows(&found).for_each(|row| push_row(&mut read, &row).unwrap());
        assert_eq!(read, found);
        assert!(push_row(&mut read, &[Cell::Integer(0)]).is_none());
    }
}
