//! Exchanges of a selection in an order, by position, for the table of exchanges.
//!
//! The order of the cache takes four bytes per run of rows, the order of time four bytes per row.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::cache::{Cache, RowId};
use crate::model::{Cancelled, Micros, Watcher};
use crate::query::Selection;

/// Order of the listed exchanges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExchangeOrder {
    /// By account, then time: the order of the cache.
    #[default]
    Account,
    /// By time, oldest first; equal times in the order of the cache.
    Time,
}

/// Rows of a selection in an order.
#[derive(Clone, Debug)]
pub enum Listing {
    /// In the order of the cache.
    ByAccount {
        /// The rows.
        selection: Arc<Selection>,
        /// Position of each run's first row.
        before: Vec<u32>,
    },
    /// Oldest first.
    ByTime {
        /// Rows of consecutive time spans.
        parts: Vec<Vec<RowId>>,
        /// Position after each part's last row.
        ends: Vec<usize>,
    },
}

impl Listing {
    /// Listing of a selection in an order.
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn new(
        cache: &Cache,
        selection: &Arc<Selection>,
        order: ExchangeOrder,
        watcher: &dyn Watcher,
    ) -> Result<Self, Cancelled> {
        match order {
            ExchangeOrder::Account => Ok(Self::by_account(Arc::clone(selection))),
            ExchangeOrder::Time => Self::by_time(cache, selection, watcher),
        }
    }

    fn by_account(selection: Arc<Selection>) -> Self {
        let mut next = 0;
        let first = |run: &Range<RowId>| {
            next += run.len() as u32;
            next - run.len() as u32
        };
        let before = selection.runs.iter().map(first).collect();
        Self::ByAccount { selection, before }
    }

    /// Listing of a selection, oldest first.
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn by_time(cache: &Cache, selection: &Selection, watcher: &dyn Watcher) -> Result<Self, Cancelled> {
        let ts = &cache.hot().ts;
        let cuts = cuts(ts, selection, PART);
        let done = AtomicU64::new(0);
        let parts = (0..=cuts.len())
            .into_par_iter()
            .map(|at| {
                watcher.check()?;
                let (from, to) = (at.checked_sub(1).map(|at| cuts[at]), cuts.get(at).copied());
                let rows = in_order(ts, selection, from, to);
                let sorted = done.fetch_add(rows.len() as u64, Ordering::Relaxed) + rows.len() as u64;
                watcher.step("sorting by time", sorted, selection.exchanges, "exchanges");
                Ok(rows)
            })
            .collect::<Result<Vec<Vec<RowId>>, Cancelled>>()?;
        let mut end = 0;
        let end_of = |part: &Vec<RowId>| {
            end += part.len();
            end
        };
        let ends = parts.iter().map(end_of).collect();
        Ok(Self::ByTime { parts, ends })
    }

    /// Listing of these rows in this order.
    #[cfg(test)]
    pub(crate) fn of(rows: Vec<RowId>) -> Self {
        Self::ByTime { ends: vec![rows.len()], parts: vec![rows] }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::ByAccount { selection, .. } => selection.exchanges as usize,
            Self::ByTime { ends, .. } => ends.last().copied().unwrap_or(0),
        }
    }

    /// True if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Row at a position; `None` beyond the last.
    pub fn get(&self, at: usize) -> Option<RowId> {
        match self {
            Self::ByAccount { selection, before } => {
                let run = before.partition_point(|&first| first as usize <= at).checked_sub(1)?;
                let row = selection.runs[run].start + (at as RowId - before[run]);
                selection.runs[run].contains(&row).then_some(row)
            }
            Self::ByTime { parts, ends } => {
                let part = ends.partition_point(|&end| end <= at);
                let first = part.checked_sub(1).map_or(0, |before| ends[before]);
                parts.get(part)?.get(at - first).copied()
            }
        }
    }

    /// Rows at a range of positions, which is cut at the last.
    pub fn rows(&self, positions: Range<usize>) -> Vec<RowId> {
        (positions.start..positions.end.min(self.len())).filter_map(|at| self.get(at)).collect()
    }
}

/// Approximate number of rows that are sorted at once.
const PART: usize = 1 << 21;

/// Times that divide a selection into parts of about `size` rows, ascending.
fn cuts(ts: &[Micros], selection: &Selection, size: usize) -> Vec<Micros> {
    /// Sampling interval, in rows.
    const EVERY: usize = 1024;
    let mut looked_at: Vec<Micros> = Vec::with_capacity(selection.exchanges as usize / EVERY + 1);
    let mut skip = 0;
    for run in &selection.runs {
        let rows = &ts[run.start as usize..run.end as usize];
        looked_at.extend(rows.iter().skip(skip).step_by(EVERY));
        skip =
            if rows.len() > skip { EVERY - 1 - (rows.len() - skip - 1) % EVERY } else { skip - rows.len() };
    }
    looked_at.par_sort_unstable();
    let mut cuts: Vec<Micros> = looked_at.iter().skip(size / EVERY).step_by(size / EVERY).copied().collect();
    cuts.dedup();
    cuts
}

/// Selected rows from one time to just before another, by time, then row.
fn in_order(ts: &[Micros], selection: &Selection, from: Option<Micros>, to: Option<Micros>) -> Vec<RowId> {
    let mut timed: Vec<(Micros, RowId)> = Vec::new();
    for run in &selection.runs {
        let rows = &ts[run.start as usize..run.end as usize];
        // The rows of a run ascend in time.
        let start = from.map_or(0, |from| rows.partition_point(|&t| t < from));
        let end = to.map_or(rows.len(), |to| start + rows[start..].partition_point(|&t| t < to));
        timed.extend(rows[start..end].iter().copied().zip(run.start + start as RowId..));
    }
    timed.sort_unstable();
    timed.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::{Scope, Silent, TimeSpan};
    use crate::query::select;

    fn mixed(i: u64) -> u64 {
        i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40
    }

    #[test]
    fn positions_are_rows_in_both_orders() {
        let folder = tempfile::tempdir().unwrap();
        let rows: Vec<_> =
            (0..400).map(|i| row(&format!("a{}", mixed(i) % 9), (mixed(i) % 50) as i64)).collect();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let scope = Scope::default().with_span(TimeSpan { start: 5, end: 40 });
        let selection = Arc::new(select(&cache, &scope, &Silent).unwrap());
        let ts = &cache.hot().ts;
        let mut expected: Vec<RowId> = selection.rows().collect();
        let listed = |order| {
            let listing = Listing::new(&cache, &selection, order, &Silent).unwrap();
            assert_eq!(listing.get(listing.len()), None);
            listing.rows(0..listing.len() + 5)
        };
        assert_eq!(listed(ExchangeOrder::Account), expected);
        expected.sort_by_key(|&row| ts[row as usize]);
        assert_eq!(listed(ExchangeOrder::Time), expected);
        let nothing = Listing::by_account(Arc::default());
        assert!(nothing.is_empty() && nothing.get(0).is_none());
        assert!(Listing::by_time(&cache, &Selection::default(), &Silent).unwrap().is_empty());
    }

    #[test]
    fn parts_are_about_as_large_as_wanted_and_join_in_order() {
        let ts: Vec<Micros> =
            (0..100_u64).flat_map(|account| (0..1_000).map(move |i| (i * 7 + account) as i64)).collect();
        let runs: Vec<_> = (0..100).map(|account| account * 1_000..(account + 1) * 1_000).collect();
        let selection = Selection { runs, accounts: (0..100).collect(), exchanges: 100_000 };
        let cuts = cuts(&ts, &selection, 20_000);
        assert!((3..=6).contains(&cuts.len()), "{cuts:?}");
        let mut all = Vec::new();
        for at in 0..=cuts.len() {
            let part = in_order(&ts, &selection, at.checked_sub(1).map(|at| cuts[at]), cuts.get(at).copied());
            assert!(part.len() < 40_000, "{}", part.len());
            all.extend(part);
        }
        assert!(all.windows(2).all(|pair| (ts[pair[0] as usize], pair[0]) < (ts[pair[1] as usize], pair[1])));
        assert_eq!(all.len(), ts.len());
    }
}
