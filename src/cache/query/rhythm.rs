//! When the exchanges of a scope happened: hour of the week, raster, intervals, timeline.

use std::ops::Range;

use rayon::prelude::*;

use super::clock::Clock;
use crate::cache::{AccountIndex, Cache, RowId, Selection};
use crate::model::{Cancelled, Micros, TimeSpan, Watcher, Zone};

/// Exchanges by hour of the week, Monday 00:00 first (`day * 24 + hour`), in the zone asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourOfWeek {
    /// Of the scope; 168 numbers.
    pub scope: Vec<u64>,
    /// Of all exchanges outside the scope; 168 numbers.
    pub peers: Vec<u64>,
}

/// Counts the exchanges of the selection, and of everything else, by hour of the week.
pub fn hour_of_week(
    cache: &Cache,
    selection: &Selection,
    zone: &Zone,
    watcher: &dyn Watcher,
) -> Result<HourOfWeek, Cancelled> {
    let clock = Clock::new(zone, cache.hot().span());
    let add = |ts: &[Micros], hours: &mut [u64]| {
        for &t in ts {
            hours[clock.hour_of_week(t)] += 1;
        }
    };
    let scope = count_scope(cache, selection, HOURS, watcher, add)?;
    let all = count_all(cache, HOURS, watcher, add)?;
    let peers = all.iter().zip(&scope).map(|(all, scope)| all - scope).collect();
    Ok(HourOfWeek { scope, peers })
}

/// Accounts × time as a grid of counts, at most as many cells as there are pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    /// Columns: equal slices of `span`.
    pub width: usize,
    /// Rows: one account each, or several where there are more accounts than rows asked for.
    pub height: usize,
    /// `width * height` counts, row by row, first row on top.
    pub counts: Vec<u32>,
    /// The accounts of each row, in order: by first exchange in the scope, then by id.
    pub rows: Vec<Vec<AccountIndex>>,
    /// The time the columns cover.
    pub span: TimeSpan,
}

/// The raster of a selection. An empty selection gives a raster of no rows.
pub fn raster(
    cache: &Cache,
    selection: &Selection,
    width: usize,
    max_height: usize,
    watcher: &dyn Watcher,
) -> Result<Raster, Cancelled> {
    let hot = cache.hot();
    let mut order: Vec<(Micros, AccountIndex, usize)> = Vec::with_capacity(selection.accounts.len());
    let mut last = Micros::MIN;
    for (at, run) in selection.runs.iter().enumerate() {
        let (first, account) = (hot.ts[run.start as usize], hot.account_of(run.start));
        last = last.max(hot.ts[run.end as usize - 1]);
        if order.last().is_none_or(|(_, known, _)| *known != account) {
            order.push((first, account, at));
        }
    }
    watcher.check()?;
    order.sort_unstable();
    let first = order.first().map_or(0, |(first, ..)| *first);
    let span = TimeSpan { start: first, end: if order.is_empty() { first } else { last.saturating_add(1) } };
    let height = order.len().min(max_height);
    let mut counts = vec![0_u32; width * height];
    if counts.is_empty() {
        return Ok(Raster { width, height: 0, counts: Vec::new(), rows: Vec::new(), span });
    }
    let slices = Slices { span, count: width };
    let row_of = |line: usize| order.len() * line / height..order.len() * (line + 1) / height;
    counts.par_chunks_mut(width).enumerate().try_for_each(|(line, cells)| {
        watcher.check()?;
        for &(_, account, first_run) in &order[row_of(line)] {
            let end = hot.rows_of(account).end as u32;
            for run in selection.runs[first_run..].iter().take_while(|run| run.start < end) {
                for &t in &hot.ts[run.start as usize..run.end as usize] {
                    cells[slices.of(t)] += 1;
                }
            }
        }
        Ok(())
    })?;
    let rows = (0..height).map(|line| order[row_of(line)].iter().map(|(_, account, _)| *account).collect());
    Ok(Raster { width, height, counts, rows: rows.collect(), span })
}

/// Intervals between consecutive exchanges of the same account, on a logarithmic axis.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalHistogram {
    /// Bin edges in seconds, ascending, one more than there are bins; 1 ms to 30 days, ten bins
    /// a decade. Shorter intervals fall in the first bin, longer ones in the last.
    pub edges: Vec<f64>,
    /// Intervals of the scope.
    pub scope: Vec<u64>,
    /// Intervals of all accounts' exchanges outside the scope.
    pub peers: Vec<u64>,
}

/// The intervals inside the selection (gaps across exchanges that are not selected count as one
/// interval between their selected neighbours) and outside it.
pub fn intervals(
    cache: &Cache,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<IntervalHistogram, Cancelled> {
    let edges: Vec<f64> = (0..=INTERVAL_BINS).map(|bin| edge(bin as i32)).collect();
    // Whole microseconds compare exactly and fast.
    let inner: Vec<i64> = edges[1..INTERVAL_BINS].iter().map(|edge| (edge * 1e6).round() as i64).collect();
    let bin_of = |length: i64| inner.partition_point(|edge| *edge <= length);
    let hot = cache.hot();
    // The runs of each account, in order.
    let of_accounts: Vec<&[Range<RowId>]> =
        selection.runs.chunk_by(|a, b| hot.account_of(a.start) == hot.account_of(b.start)).collect();
    let mut runs_of: Vec<&[Range<RowId>]> = vec![&[]; cache.accounts().len()];
    for runs in of_accounts {
        runs_of[hot.account_of(runs[0].start) as usize] = runs;
    }
    let counts = runs_of
        .par_chunks(64)
        .enumerate()
        .map(|(chunk, accounts)| {
            watcher.check()?;
            let mut counts = vec![0_u64; 2 * INTERVAL_BINS];
            for (at, runs) in accounts.iter().enumerate() {
                let rows = hot.rows_of((chunk * 64 + at) as AccountIndex);
                count_intervals(&hot.ts, rows, runs, &bin_of, &mut counts);
            }
            Ok(counts)
        })
        .try_reduce(|| vec![0; 2 * INTERVAL_BINS], |a, b| Ok(sum(a, &b)))?;
    let (scope, peers) = counts.split_at(INTERVAL_BINS);
    Ok(IntervalHistogram { edges, scope: scope.to_vec(), peers: peers.to_vec() })
}

/// Adds the intervals of one account: of its selected rows to the first half of `counts`, of its
/// others to the second.
fn count_intervals(
    ts: &[Micros],
    rows: Range<usize>,
    runs: &[Range<RowId>],
    bin_of: &impl Fn(i64) -> usize,
    counts: &mut [u64],
) {
    let mut last: [Option<Micros>; 2] = [None, None];
    let mut take = |rows: Range<usize>, side: usize| {
        for &t in &ts[rows] {
            if let Some(last) = last[side] {
                counts[side * INTERVAL_BINS + bin_of(t.saturating_sub(last))] += 1;
            }
            last[side] = Some(t);
        }
    };
    let mut next = rows.start;
    for run in runs {
        take(next..run.start as usize, 1);
        take(run.start as usize..run.end as usize, 0);
        next = run.end as usize;
    }
    take(next..rows.end, 1);
}

/// Bins of the histogram of intervals: 1 ms to 30 days in tenths of a decade, the last cut short.
const INTERVAL_BINS: usize = 95;

/// The edges in seconds.
fn edge(bin: i32) -> f64 {
    if bin as usize == INTERVAL_BINS { 30.0 * 86_400.0 } else { 10_f64.powf(f64::from(bin - 30) / 10.0) }
}

/// Exchanges by equal slices of time: the brush at the top of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The time covered.
    pub span: TimeSpan,
    /// Exchanges of the scope a slice.
    pub scope: Vec<u64>,
    /// All exchanges a slice.
    pub all: Vec<u64>,
}

/// The timeline over the whole time of the case, in `bins` slices.
pub fn timeline(
    cache: &Cache,
    selection: &Selection,
    bins: usize,
    watcher: &dyn Watcher,
) -> Result<Timeline, Cancelled> {
    let Some(span) = cache.hot().span().filter(|_| bins > 0) else {
        return Ok(Timeline {
            span: TimeSpan { start: 0, end: 0 },
            scope: vec![0; bins],
            all: vec![0; bins],
        });
    };
    let slices = Slices { span, count: bins };
    let add = |ts: &[Micros], counts: &mut [u64]| {
        for &t in ts {
            counts[slices.of(t)] += 1;
        }
    };
    let scope = count_scope(cache, selection, bins, watcher, add)?;
    let all = count_all(cache, bins, watcher, add)?;
    Ok(Timeline { span, scope, all })
}

/// A span in equal slices.
struct Slices {
    span: TimeSpan,
    count: usize,
}

impl Slices {
    /// The slice of a moment inside the span.
    fn of(&self, t: Micros) -> usize {
        // 128 bits, since a span may be as long as time itself.
        let past = i128::from(t) - i128::from(self.span.start);
        let length = (i128::from(self.span.end) - i128::from(self.span.start)).max(1);
        ((past * self.count as i128 / length).max(0) as usize).min(self.count - 1)
    }
}

const HOURS: usize = 168;
/// Rows that one thread takes at a time.
const CHUNK: usize = 65_536;

fn count_all(
    cache: &Cache,
    bins: usize,
    watcher: &dyn Watcher,
    add: impl Fn(&[Micros], &mut [u64]) + Sync,
) -> Result<Vec<u64>, Cancelled> {
    cache
        .hot()
        .ts
        .par_chunks(CHUNK)
        .map(|ts| {
            watcher.check()?;
            let mut counts = vec![0; bins];
            add(ts, &mut counts);
            Ok(counts)
        })
        .try_reduce(|| vec![0; bins], |a, b| Ok(sum(a, &b)))
}

fn count_scope(
    cache: &Cache,
    selection: &Selection,
    bins: usize,
    watcher: &dyn Watcher,
    add: impl Fn(&[Micros], &mut [u64]) + Sync,
) -> Result<Vec<u64>, Cancelled> {
    let ts = &cache.hot().ts;
    selection
        .runs
        .par_chunks(1_024)
        .map(|runs| {
            watcher.check()?;
            let mut counts = vec![0; bins];
            for run in runs {
                add(&ts[run.start as usize..run.end as usize], &mut counts);
            }
            Ok(counts)
        })
        .try_reduce(|| vec![0; bins], |a, b| Ok(sum(a, &b)))
}

fn sum(mut a: Vec<u64>, b: &[u64]) -> Vec<u64> {
    for (a, b) in a.iter_mut().zip(b) {
        *a += b;
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::{Scope, Silent};

    const SECOND: i64 = 1_000_000;

    fn small() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![
            row("amy", 0),
            row("amy", 10 * SECOND),
            row("amy", 3_600 * SECOND),
            row("bob", -5 * SECOND),
            row("bob", 100 * SECOND),
        ];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        (folder, cache)
    }

    fn select(cache: &Cache, scope: &Scope) -> Selection {
        cache.select(scope, &Silent).unwrap()
    }

    #[test]
    fn the_scope_and_its_peers_are_all_exchanges() {
        let (_folder, cache) = small();
        let amy = select(&cache, &Scope::default().with_account("amy".into()));
        let hours = hour_of_week(&cache, &amy, &Zone::utc(), &Silent).unwrap();
        // 1970-01-01 00:00 was a Thursday.
        assert_eq!((hours.scope[72], hours.scope[73], hours.scope.iter().sum()), (2, 1, 3_u64));
        assert_eq!((hours.peers[71], hours.peers[72]), (1, 1));
        let time = timeline(&cache, &amy, 10, &Silent).unwrap();
        assert_eq!((time.scope.iter().sum::<u64>(), time.all.iter().sum::<u64>()), (3, 5));
        assert_eq!((time.all[0], time.all[9]), (4, 1));
    }

    #[test]
    fn intervals_bridge_what_is_not_selected() {
        let (_folder, cache) = small();
        let span = TimeSpan { start: 5 * SECOND, end: 50 * SECOND };
        let middle = select(&cache, &Scope::default().with_span(span));
        let histogram = intervals(&cache, &middle, &Silent).unwrap();
        assert_eq!(histogram.edges.len(), histogram.scope.len() + 1);
        assert!((histogram.edges[30] - 1.0).abs() < 1e-12 && histogram.edges[95] == 2_592_000.0);
        assert_eq!(histogram.scope.iter().sum::<u64>(), 0);
        // amy from 0 s to 3600 s, bob 105 s.
        let at = |seconds: f64| (0..95).find(|bin| histogram.edges[bin + 1] > seconds).unwrap();
        assert_eq!((histogram.peers[at(3_600.0)], histogram.peers[at(105.0)]), (1, 1));
        let all = intervals(&cache, &select(&cache, &Scope::default()), &Silent).unwrap();
        assert_eq!((all.scope[at(10.0)], all.scope.iter().sum::<u64>()), (1, 3));
        assert!(histogram.edges.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_raster_has_its_accounts_by_first_exchange() {
        let (_folder, cache) = small();
        let all = select(&cache, &Scope::default());
        let drawn = raster(&cache, &all, 4, 10, &Silent).unwrap();
        assert_eq!(drawn.rows, [vec![1], vec![0]]);
        assert_eq!(drawn.counts, [2, 0, 0, 0, 2, 0, 0, 1]);
        let squeezed = raster(&cache, &all, 4, 1, &Silent).unwrap();
        assert_eq!((squeezed.rows, squeezed.counts), (vec![vec![1, 0]], vec![4, 0, 0, 1]));
        let none = raster(&cache, &Selection::default(), 4, 10, &Silent).unwrap();
        assert_eq!((none.height, none.counts.len()), (0, 0));
    }
}
