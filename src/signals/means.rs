//! Mean lengths of prompts and answers and streamed share of every account: features of accounts, not
//! signals.

use rayon::prelude::*;

use super::rows::{Block, RowColumn, blocks};
use crate::cache::{Cache, CacheError};
use crate::model::Watcher;

/// Means over the exchanges of every account: log₂(1 + tokens) of prompts and of answers, and the share of
/// streamed answers; `None` where no exchange has the column.
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub fn means(cache: &Cache, watcher: &dyn Watcher) -> Result<[Vec<Option<f64>>; 3], CacheError> {
    const COLUMNS: [RowColumn; 3] = [RowColumn::InputTokens, RowColumn::OutputTokens, RowColumn::IsStream];
    let mut means: [Vec<Option<f64>>; 3] = Default::default();
    for range in blocks(cache) {
        watcher.check()?;
        let block = Block::read(cache, range.clone(), &COLUMNS, watcher)?;
        for (means, column) in means.iter_mut().zip(COLUMNS) {
            means.par_extend(range.clone().into_par_iter().map(|account| {
                let rows = block.of(cache, account);
                let measured =
                    (0..cache.hot().rows_of(account).len()).filter_map(|at| rows.count(column, at));
                // With 0 or 1 token the logarithm is the number itself.
                let (sum, count) = measured
                    .fold((0.0, 0), |(sum, count), value| (sum + (1.0 + f64::from(value)).log2(), count + 1));
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
            exchange.streamed = tokens.map(|tokens| tokens > 5);
            rows.push(exchange);
        }
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let [asked, _, streamed] = means(&cache, &Silent).unwrap();
        assert_eq!(asked, [Some(2.0), None]);
        assert_eq!(streamed, [Some(0.5), None]);
    }
}
