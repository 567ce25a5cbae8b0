//! Intervals between consecutive exchanges of an account: histogram over all accounts, and statistics
//! of each account.

use std::ops::Range;

use rayon::prelude::*;

use super::blocks::{self, COARSE, Grain, SMALL};
use crate::cache::{Cache, RowId};
use crate::model::{Cancelled, Micros, Watcher};
use crate::query::Selection;

/// Histogram of the intervals between consecutive exchanges of an account, with logarithmic bins.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalHistogram {
    /// Bin edges in seconds, ascending, one more than there are bins; 1 ms to 30 days, ten bins per
    /// decade. Shorter intervals are in the first bin, longer ones in the last.
    pub edges: Vec<f64>,
    /// Number of intervals of the scope, by bin.
    pub scope: Vec<u64>,
    /// Number of intervals of exchanges outside the scope, by bin.
    pub peers: Vec<u64>,
}

/// Histogram of the intervals inside and outside the selection. Exchanges of the other side are
/// ignored: the interval is that between neighbours of the same side.
///
/// # Errors
/// Only when cancelled.
pub fn interval_histogram(
    cache: &Cache,
    selection: &Selection,
    grain: Grain,
    watcher: &dyn Watcher,
) -> Result<IntervalHistogram, Cancelled> {
    let edges: Vec<f64> = (0..=BINS).map(|bin| edge(bin as i32)).collect();
    let bins = Bins::new(&edges);
    let hot = cache.hot();
    let looked_at = |account: usize, runs: &[Range<RowId>]| {
        grain == Grain::Exact
            || account.is_multiple_of(COARSE)
            || (selection.exchanges < SMALL && !runs.is_empty())
    };
    let counts = blocks::of_accounts(hot)
        .into_par_iter()
        .map(|accounts| {
            watcher.check()?;
            let mut counts = vec![0_u64; 2 * BINS];
            let first =
                selection.runs.partition_point(|run| run.start < hot.offsets[accounts.start as usize]);
            let mut rest = &selection.runs[first..];
            for account in accounts {
                let rows = hot.rows_of(account);
                let (runs, others) =
                    rest.split_at(rest.iter().take_while(|run| (run.start as usize) < rows.end).count());
                rest = others;
                if looked_at(account as usize, runs) {
                    count_intervals(&hot.ts, rows, runs, &bins, &mut counts);
                }
            }
            Ok(counts)
        })
        .try_reduce(
            || vec![0; 2 * BINS],
            |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                Ok(a)
            },
        )?;
    let (scope, peers) = counts.split_at(BINS);
    Ok(IntervalHistogram { edges, scope: scope.to_vec(), peers: peers.to_vec() })
}

/// Adds the intervals of one account: those of its selected rows to the first half of `counts`, those
/// of its other rows to the second.
fn count_intervals(
    ts: &[Micros],
    rows: Range<usize>,
    runs: &[Range<RowId>],
    bins: &Bins,
    counts: &mut [u64],
) {
    let mut last: [Option<Micros>; 2] = [None, None];
    let mut take = |rows: Range<usize>, side: usize| {
        let ts = &ts[rows];
        let (Some(&first), Some(&end)) = (ts.first(), ts.last()) else { return };
        let counts = &mut counts[side * BINS..(side + 1) * BINS];
        if let Some(last) = last[side] {
            counts[bins.of(first.saturating_sub(last))] += 1;
        }
        for pair in ts.windows(2) {
            counts[bins.of(pair[1].saturating_sub(pair[0]))] += 1;
        }
        last[side] = Some(end);
    };
    let mut next = rows.start;
    for run in runs {
        take(next..run.start as usize, 1);
        take(run.start as usize..run.end as usize, 0);
        next = run.end as usize;
    }
    take(next..rows.end, 1);
}

/// Number of bins: 1 ms to 30 days in tenths of a decade, the last one shorter.
const BINS: usize = 95;

/// Lower edge of a bin, in seconds; the upper edge of the last for [`BINS`].
fn edge(bin: i32) -> f64 {
    if bin as usize == BINS { 30.0 * 86_400.0 } else { 10_f64.powf(f64::from(bin - 30) / 10.0) }
}

/// Lookup of the bin of a length by its five leading bits and one comparison, as no two edges have the
/// same leading bits.
struct Bins {
    /// Bin of the shortest length with the same [`key`](Self::key).
    shortest: Vec<u8>,
    /// End of each bin in microseconds; `i64::MAX` for the last.
    ends: Vec<i64>,
}

impl Bins {
    fn new(edges: &[f64]) -> Self {
        let mut ends: Vec<i64> = edges[1..BINS].iter().map(|edge| (edge * 1e6).round() as i64).collect();
        ends.push(i64::MAX);
        // The longest length has the largest key.
        let shortest = (0..=Self::key(i64::MAX)).map(|key| {
            let length = if key < 32 { key as i64 } else { ((key % 16 + 16) as i64) << (key / 16 - 1) };
            ends.partition_point(|&end| end <= length).min(BINS - 1) as u8
        });
        Self { shortest: shortest.collect(), ends }
    }

    /// Key of the five leading bits of a length and their position. Negative lengths, which ascending
    /// times do not have, count as 0.
    fn key(length: i64) -> usize {
        let length = length.max(0) as u64;
        let shift = 59 - (length | 16).leading_zeros();
        (16 * u64::from(shift) + (length >> shift)) as usize
    }

    fn of(&self, length: i64) -> usize {
        let bin = usize::from(self.shortest[Self::key(length)]);
        bin + usize::from(length >= self.ends[bin] && bin + 1 < BINS)
    }
}

/// Statistics of the intervals of one account in a scope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntervalStatistics {
    /// Number of intervals, one less than its exchanges in the scope.
    pub count: u32,
    /// Mean, in seconds.
    pub mean: f64,
    /// Standard deviation of the sample (n − 1), in seconds; `None` for a single interval.
    pub deviation: Option<f64>,
    /// Median, in seconds; for an even number the mean of the two middle values.
    pub median: f64,
}

/// Interval statistics of each account of the selection, in the order of [`Selection::accounts`];
/// `None` for an account with a single exchange. Exchanges that are not selected are ignored.
///
/// # Errors
/// Only when cancelled.
pub fn interval_statistics(
    cache: &Cache,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Vec<Option<IntervalStatistics>>, Cancelled> {
    /// Number of accounts per unit of parallel work.
    const ACCOUNTS: usize = 64;
    let hot = cache.hot();
    let of_accounts: Vec<&[Range<RowId>]> = selection.by_account(hot).map(|(_, runs)| runs).collect();
    let parts = of_accounts
        .par_chunks(ACCOUNTS)
        .map(|accounts| {
            watcher.check()?;
            let mut lengths = Vec::new();
            Ok(accounts.iter().map(|runs| statistics(&hot.ts, runs, &mut lengths)).collect())
        })
        .collect::<Result<Vec<Vec<_>>, Cancelled>>()?;
    Ok(parts.concat())
}

/// Statistics of one account; `lengths` is scratch memory.
fn statistics(ts: &[Micros], runs: &[Range<RowId>], lengths: &mut Vec<i64>) -> Option<IntervalStatistics> {
    lengths.clear();
    let mut last: Option<Micros> = None;
    for run in runs {
        let ts = &ts[run.start as usize..run.end as usize];
        lengths.extend(last.zip(ts.first()).map(|(last, first)| first.saturating_sub(last)));
        lengths.extend(ts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])));
        last = ts.last().copied();
    }
    let count = lengths.len();
    if count == 0 {
        return None;
    }
    let mean = lengths.iter().map(|&length| length as f64).sum::<f64>() / count as f64;
    let squares: f64 = lengths.iter().map(|&length| (length as f64 - mean).powi(2)).sum();
    let (below, &mut middle, _) = lengths.select_nth_unstable(count / 2);
    let median = match below.iter().max() {
        Some(&before) if count.is_multiple_of(2) => (before as f64 + middle as f64) / 2.0,
        _ => middle as f64,
    };
    Some(IntervalStatistics {
        count: count as u32,
        mean: mean / 1e6,
        deviation: (count > 1).then(|| (squares / (count - 1) as f64).sqrt() / 1e6),
        median: median / 1e6,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::{Scope, Silent, TimeSpan};

    const SECOND: i64 = 1_000_000;

    #[test]
    fn intervals_bridge_what_is_not_selected() {
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![
            row("amy", 0),
            row("amy", 10 * SECOND),
            row("amy", 3_600 * SECOND),
            row("bob", -5 * SECOND),
            row("bob", 100 * SECOND),
        ];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let select = |scope: &Scope| crate::query::select(&cache, scope, &Silent).unwrap();
        let span = TimeSpan { start: 5 * SECOND, end: 50 * SECOND };
        let middle = select(&Scope::default().with_span(span));
        let histogram = interval_histogram(&cache, &middle, Grain::Exact, &Silent).unwrap();
        assert_eq!(histogram.edges.len(), histogram.scope.len() + 1);
        assert!((histogram.edges[30] - 1.0).abs() < 1e-12 && histogram.edges[95] == 2_592_000.0);
        assert_eq!(histogram.scope.iter().sum::<u64>(), 0);
        // amy from 0 s to 3600 s, bob 105 s.
        let at = |seconds: f64| (0..95).find(|bin| histogram.edges[bin + 1] > seconds).unwrap();
        assert_eq!((histogram.peers[at(3_600.0)], histogram.peers[at(105.0)]), (1, 1));
        let all = interval_histogram(&cache, &select(&Scope::default()), Grain::Exact, &Silent).unwrap();
        assert_eq!((all.scope[at(10.0)], all.scope.iter().sum::<u64>()), (1, 3));
        assert!(histogram.edges.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn statistics_of_the_scope_only() {
        let folder = tempfile::tempdir().unwrap();
        let times = [0, 1, 3, 7, 100];
        let mut rows: Vec<_> = times.iter().map(|&t| row("amy", t * SECOND)).collect();
        rows.push(row("bob", 0));
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let of = |scope: &Scope| {
            interval_statistics(&cache, &crate::query::select(&cache, scope, &Silent).unwrap(), &Silent)
                .unwrap()
        };
        let all = of(&Scope::default());
        // numpy: d = [1, 2, 4, 93]; d.mean() → 25, d.std(ddof=1) → 45.35048695…, median → 3
        let amy = all[0].unwrap();
        assert_eq!((all.len(), all[1], amy.count, amy.mean, amy.median), (2, None, 4, 25.0, 3.0));
        assert!((amy.deviation.unwrap() - 45.350_486_950_711_64).abs() < 1e-9, "{amy:?}");
        let early = of(&Scope::default().with_span(TimeSpan { start: SECOND, end: 4 * SECOND }));
        let one = IntervalStatistics { count: 1, mean: 2.0, deviation: None, median: 2.0 };
        assert_eq!(early, [Some(one)]);
    }

    #[test]
    fn no_two_edges_have_the_same_leading_bits() {
        let edges: Vec<f64> = (0..=BINS).map(|bin| edge(bin as i32)).collect();
        let mut keys: Vec<usize> = Bins::new(&edges).ends.iter().map(|&end| Bins::key(end)).collect();
        keys.dedup();
        assert_eq!(keys.len(), BINS);
    }

    proptest! {
        #[test]
        fn a_length_falls_between_its_edges(length in prop_oneof![0_i64..5_000_000, 0_i64..1 << 45, any::<i64>()]) {
            let edges: Vec<f64> = (0..=BINS).map(|bin| edge(bin as i32)).collect();
            let bins = Bins::new(&edges);
            let searched = bins.ends[..BINS - 1].partition_point(|&end| end <= length);
            prop_assert_eq!(bins.of(length), searched);
        }
    }
}
