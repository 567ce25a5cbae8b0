//! The mean length of what each account asks and gets: no signal, but what some account is like.

use rayon::prelude::*;

use super::rows::{Block, RowColumn, blocks};
use crate::cache::{Cache, CacheError};
use crate::model::Watcher;

/// The mean of log₂(1 + tokens) over the exchanges of every account, of prompts and of answers; `None`
/// where no exchange of the account says it.
///
/// # Errors
/// Where the cache cannot be read, or the work was cancelled.
pub fn mean_lengths(cache: &Cache, watcher: &dyn Watcher) -> Result<[Vec<Option<f64>>; 2], CacheError> {
    const COLUMNS: [RowColumn; 2] = [RowColumn::InputTokens, RowColumn::OutputTokens];
    let mut means: [Vec<Option<f64>>; 2] = Default::default();
    for range in blocks(cache) {
        watcher.check()?;
        let block = Block::read(cache, range.clone(), &COLUMNS, watcher)?;
        for (means, column) in means.iter_mut().zip(COLUMNS) {
            means.par_extend(range.clone().into_par_iter().map(|account| {
                let rows = block.of(cache, account);
                let known = (0..cache.hot().rows_of(account).len()).filter_map(|at| rows.count(column, at));
                let (sum, count) = known.fold((0.0, 0), |(sum, count), tokens| {
                    (sum + (1.0 + f64::from(tokens)).log2(), count + 1)
                });
                (count > 0).then(|| sum / f64::from(count))
            }));
        }
    }
    Ok(means)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::Silent;

    #[test]
    fn means_of_what_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let mut rows = Vec::new();
        for (account, tokens) in [("a", Some(1)), ("a", Some(7)), ("a", None), ("b", None)] {
            let mut exchange = row(account, rows.len() as i64);
            exchange.tokens = tokens;
            rows.push(exchange);
        }
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let [asked, _] = mean_lengths(&cache, &Silent).unwrap();
        assert_eq!(asked, [Some(2.0), None]);
    }
}
