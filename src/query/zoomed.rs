//! Timeline of a part of the case's time.

use rayon::prelude::*;

use super::blocks::{Block, of_accounts};
use super::rhythm::{Slices, Timeline};
use crate::cache::Cache;
use crate::model::{Cancelled, TimeSpan, Watcher};
use crate::query::Selection;

/// Numbers of exchanges by `bins` equal slices of `span`; exchanges outside the span do not count. Work grows with the
/// number of accounts and of exchanges inside the span.
///
/// # Errors
/// Only when cancelled.
pub fn timeline_within(
    cache: &Cache,
    selection: &Selection,
    span: TimeSpan,
    bins: usize,
    watcher: &dyn Watcher,
) -> Result<Timeline, Cancelled> {
    if bins == 0 || span.length() == 0 {
        return Ok(Timeline { span, scope: vec![0; bins], all: vec![0; bins] });
    }
    let (hot, slices) = (cache.hot(), Slices::new(span, bins));
    let counts = of_accounts(hot)
        .into_par_iter()
        .map(|accounts| {
            watcher.check()?;
            let mut counts = vec![0_u64; 2 * bins];
            for account in accounts {
                let rows = hot.rows_of(account);
                // Rows of an account ascend in time.
                let before = |t| rows.start + hot.ts[rows.clone()].partition_point(|at| *at < t);
                Block::new(before(span.start)..before(span.end), &selection.runs).pieces(|rows, selected| {
                    for &t in &hot.ts[rows] {
                        let slice = slices.of(t);
                        counts[slice] += 1;
                        counts[bins + slice] += u64::from(selected);
                    }
                });
            }
            Ok(counts)
        })
        .try_reduce(
            || vec![0; 2 * bins],
            |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                Ok(a)
            },
        )?;
    let (all, scope) = counts.split_at(bins);
    Ok(Timeline { span, scope: scope.to_vec(), all: all.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::{Scope, Silent};
    use crate::query::rhythm::timeline;
    use crate::query::select;

    #[test]
    fn the_whole_time_is_the_timeline_and_a_part_has_its_own_exchanges() {
        let folder = tempfile::tempdir().unwrap();
        let rows = (0..90).map(|at| row(if at % 3 == 0 { "amy" } else { "bob" }, at * 1_000)).collect();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let amy = select(&cache, &Scope::default().with_account("amy".into()), &Silent).unwrap();
        let whole = timeline(&cache, &amy, 7, &Silent).unwrap();
        assert_eq!(timeline_within(&cache, &amy, whole.span, 7, &Silent).unwrap(), whole);
        let part = TimeSpan { start: 30_000, end: 60_000 };
        let found = timeline_within(&cache, &amy, part, 10, &Silent).unwrap();
        assert_eq!((found.all, found.scope), (vec![3; 10], vec![1; 10]));
        assert_eq!(timeline_within(&cache, &amy, part, 0, &Silent).unwrap().all, Vec::<u64>::new());
    }
}
