//! Times of the exchanges of a scope: hour of the week, raster, timeline.

use std::ops::Range;

use rayon::prelude::*;

use super::blocks::{Block, COARSE, Grain, tally};
use super::clock::Clock;
use super::raster_order::{Placed, RasterOrder, arranged};
use super::ticks::{CaseTicks, Ticks};
use crate::cache::{AccountIndex, Cache, Hot};
use crate::model::{Cancelled, Micros, TimeSpan, Watcher, Zone};
use crate::query::Selection;

/// Numbers of exchanges by hour of the week, Monday 00:00 first (`day * 24 + hour`), in a time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourOfWeek {
    /// Exchanges of the scope; 168 numbers.
    pub scope: Vec<u64>,
    /// Exchanges outside the scope; 168 numbers.
    pub peers: Vec<u64>,
}

/// Counts the exchanges inside and outside the selection by hour of the week.
///
/// # Errors
/// Only when cancelled.
pub fn hour_of_week(
    cache: &Cache,
    selection: &Selection,
    zone: &Zone,
    watcher: &dyn Watcher,
) -> Result<HourOfWeek, Cancelled> {
    let kept = CaseTicks::of(cache);
    let Some(ticks) = kept.get() else {
        return Ok(HourOfWeek { scope: vec![0; 168], peers: vec![0; 168] });
    };
    let clock = Clock::new(zone, Some(ticks.span()));
    let by_quarter = ticks.of_rows().and_then(|rows| Some((rows, clock.by_quarter(ticks)?)));
    let [scope, peers] = match by_quarter {
        Some((rows, hours)) => {
            let hour = |_, tick| usize::from(hours[ticks.quarter(tick)]);
            count_both(rows, selection, 168, watcher, hour)?
        }
        None => count_both(&cache.hot().ts, selection, 168, watcher, |_, t| clock.hour_of_week(t))?,
    };
    Ok(HourOfWeek { scope, peers })
}

/// Raster: accounts × time as a grid of counts, at most one cell per pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    /// Number of columns, which are equal slices of `span`.
    pub width: usize,
    /// Number of rows, of one account each, or of several if there are more accounts than rows.
    pub height: usize,
    /// `width * height` counts, row by row, first row on top.
    pub counts: Vec<u32>,
    /// Accounts of each row, in the order asked for.
    pub rows: Vec<Vec<AccountIndex>>,
    /// Time that the columns cover.
    pub span: TimeSpan,
}

/// Raster of a selection. An empty selection gives a raster without rows. A coarse raster has all
/// rows, each with the exchanges of a sample of its accounts.
///
/// # Errors
/// Only when cancelled.
pub fn raster(
    cache: &Cache,
    selection: &Selection,
    [width, max_height]: [usize; 2],
    order: RasterOrder<'_>,
    grain: Grain,
    watcher: &dyn Watcher,
) -> Result<Raster, Cancelled> {
    let hot = cache.hot();
    let of_accounts: Vec<_> = selection.by_account(hot).collect();
    let order = arranged(hot, &of_accounts, order, watcher)?;
    let first = order.iter().map(|(first, ..)| *first).min().unwrap_or(0);
    let last = order.iter().map(|(_, last, _)| *last).max();
    let span = TimeSpan { start: first, end: last.map_or(first, |last| last.saturating_add(1)) };
    let height = order.len().min(max_height);
    let mut counts = vec![0_u32; width * height];
    if counts.is_empty() {
        return Ok(Raster { width, height: 0, counts: Vec::new(), rows: Vec::new(), span });
    }
    let slices = Slices::new(span, width);
    let ticks = CaseTicks::of(cache);
    let by_tick = ticks.get().and_then(|ticks| slices.by_tick(ticks));
    let every = if grain == Grain::Coarse { COARSE } else { 1 };
    let row_of = |line: usize| order.len() * line / height..order.len() * (line + 1) / height;
    counts.par_chunks_mut(width).enumerate().try_for_each(|(line, cells)| {
        watcher.check()?;
        let mut open = Vec::new();
        let mut lanes = by_tick.as_ref().map_or_else(Vec::new, |by_tick| vec![0; by_tick.counts()]);
        for &(_, _, at) in order[row_of(line)].iter().step_by(every) {
            for run in of_accounts[at as usize].1 {
                let rows = run.start as usize..run.end as usize;
                match &by_tick {
                    Some(by_tick) => by_tick.count(hot, &slices, rows, &mut open, &mut lanes),
                    None => hot.ts[rows].iter().for_each(|&t| cells[slices.of(t)] += 1),
                }
            }
        }
        cells
            .iter_mut()
            .zip(lanes.chunks_exact(LANES))
            .for_each(|(cell, lanes)| *cell += lanes.iter().sum::<u32>());
        Ok(())
    })?;
    let account = |&(_, _, at): &Placed| of_accounts[at as usize].0;
    let rows = (0..height).map(|line| order[row_of(line)].iter().map(account).collect());
    Ok(Raster { width, height, counts, rows: rows.collect(), span })
}

/// Numbers of exchanges by equal slices of time, for the time brush.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Time covered.
    pub span: TimeSpan,
    /// Number of exchanges of the scope per slice.
    pub scope: Vec<u64>,
    /// Number of all exchanges per slice.
    pub all: Vec<u64>,
}

/// Timeline over the whole time of the case, in `bins` slices.
///
/// # Errors
/// Only when cancelled.
pub fn timeline(
    cache: &Cache,
    selection: &Selection,
    bins: usize,
    watcher: &dyn Watcher,
) -> Result<Timeline, Cancelled> {
    let kept = CaseTicks::of(cache);
    let Some(ticks) = kept.get().filter(|_| bins > 0) else {
        return Ok(Timeline {
            span: TimeSpan { start: 0, end: 0 },
            scope: vec![0; bins],
            all: vec![0; bins],
        });
    };
    let (hot, span) = (cache.hot(), ticks.span());
    let slices = Slices::new(span, bins);
    let [scope, peers] = match slices.by_tick(ticks) {
        Some(by_tick) => {
            let lanes = by_tick.counts();
            let count = |block: &Block<'_>, counts: &mut [u32]| {
                let (scope, peers) = counts.split_at_mut(lanes);
                let mut open = Vec::new();
                block.pieces(|rows, selected| {
                    by_tick.count(hot, &slices, rows, &mut open, if selected { scope } else { peers });
                });
            };
            let counts = tally(hot.len(), &selection.runs, 2 * lanes, watcher, count)?;
            let (scope, peers) = counts.split_at(lanes);
            [of_bins(&scope[..LANES * bins]), of_bins(&peers[..LANES * bins])]
        }
        None => count_both(&hot.ts, selection, bins, watcher, |_, t| slices.of(t))?,
    };
    let all = peers.iter().zip(&scope).map(|(peers, scope)| peers + scope).collect();
    Ok(Timeline { span, scope, all })
}

/// Span of time in equal slices: slice `i` begins at the least offset `d` from the start of the span
/// with ⌊d × count / length⌋ = `i`.
pub(super) struct Slices {
    span: TimeSpan,
    /// 2⁶⁴ × count / length, rounded down, at most 2⁶⁴ − 1.
    per_micro: u64,
    /// End of each slice, as an offset from the start; `u64::MAX` for the last.
    ends: Vec<u64>,
}

impl Slices {
    pub(super) fn new(span: TimeSpan, count: usize) -> Self {
        // The length of a span may exceed `i64`.
        let length = u128::from(span.end.wrapping_sub(span.start) as u64).max(1);
        let per_micro = u64::try_from(((count as u128) << 64) / length).unwrap_or(u64::MAX);
        let end = |slice: usize| u64::try_from((slice as u128 * length).div_ceil(count as u128));
        let mut ends: Vec<u64> = (1..count).map(|slice| end(slice).unwrap_or(u64::MAX)).collect();
        ends.push(u64::MAX);
        Self { span, per_micro, ends }
    }

    /// Slices by tick; `None` if the case has no ticks.
    fn by_tick<'a>(&self, ticks: &'a Ticks) -> Option<SliceOfTick<'a>> {
        // Marks a tick of more than one slice.
        let several = u16::try_from(self.ends.len()).ok()?;
        let slice = |tick: u16| {
            let [from, to] = ticks.ends(tick);
            let (first, last) = (from.max(self.span.start), to.min(self.span.end) - 1);
            let slices = [first, last].map(|t| self.of(t.min(self.span.end - 1).max(self.span.start)));
            if slices[0] == slices[1] { slices[0] as u16 } else { several }
        };
        let slices = (0..=ticks.last()).map(slice).collect();
        Some(SliceOfTick { rows: ticks.of_rows()?, slices, several })
    }

    /// Slice of a moment inside the span.
    pub(super) fn of(&self, t: Micros) -> usize {
        let past = t.wrapping_sub(self.span.start) as u64;
        // At most one too small, unless slices are about a microsecond long.
        let slice = ((u128::from(past) * u128::from(self.per_micro)) >> 64) as usize;
        let mut slice = slice.min(self.ends.len() - 1);
        while past >= self.ends[slice] && slice + 1 < self.ends.len() {
            slice += 1;
        }
        slice
    }
}

/// Slice of each tick.
struct SliceOfTick<'a> {
    /// Tick of each row.
    rows: &'a [u16],
    slices: Vec<u16>,
    /// Marks a tick of more than one slice, whose rows are assigned by their exact times.
    several: u16,
}

impl SliceOfTick<'_> {
    /// Number of counters that [`count`](Self::count) needs: [`LANES`] per slice, and [`LANES`] for the
    /// rows that are assigned by their exact times.
    fn counts(&self) -> usize {
        LANES * (usize::from(self.several) + 1)
    }

    /// Counts rows by slice. `open` is scratch memory.
    fn count(
        &self,
        hot: &Hot,
        slices: &Slices,
        rows: Range<usize>,
        open: &mut Vec<usize>,
        counts: &mut [u32],
    ) {
        if open.len() < rows.len() {
            open.resize(rows.len(), 0);
        }
        // Rows that need their exact time are collected without a branch and counted afterwards, so
        // that memory accesses overlap.
        let mut noted = 0;
        for (row, &tick) in rows.clone().zip(&self.rows[rows]) {
            let slice = self.slices[usize::from(tick)];
            counts[LANES * usize::from(slice) + row % LANES] += 1;
            open[noted] = row;
            noted += usize::from(slice == self.several);
        }
        for &row in &open[..noted] {
            counts[LANES * slices.of(hot.ts[row]) + row % LANES] += 1;
        }
    }
}

/// Number of counters per bin. Neighbouring rows often have the same bin; separate counters avoid
/// that each addition waits for the one before.
const LANES: usize = 4;

/// Counts the exchanges inside and outside the selection by `bin`, a function of a row and its value.
fn count_both<T: Copy + Sync>(
    values: &[T],
    selection: &Selection,
    bins: usize,
    watcher: &dyn Watcher,
    bin: impl Fn(usize, T) -> usize + Sync,
) -> Result<[Vec<u64>; 2], Cancelled> {
    let count = |block: &Block<'_>, counts: &mut [u32]| {
        let (scope, peers) = counts.split_at_mut(LANES * bins);
        block.pieces(|rows, selected| {
            let counts = if selected { &mut *scope } else { &mut *peers };
            for (row, &value) in rows.clone().zip(&values[rows]) {
                counts[LANES * bin(row, value) + row % LANES] += 1;
            }
        });
    };
    let counts = tally(values.len(), &selection.runs, 2 * LANES * bins, watcher, count)?;
    Ok([of_bins(&counts[..LANES * bins]), of_bins(&counts[LANES * bins..])])
}

fn of_bins(counts: &[u64]) -> Vec<u64> {
    counts.chunks_exact(LANES).map(|lanes| lanes.iter().sum()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        crate::query::select(cache, scope, &Silent).unwrap()
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
    fn a_raster_has_its_accounts_by_first_exchange() {
        let (_folder, cache) = small();
        let all = select(&cache, &Scope::default());
        let drawn = raster(&cache, &all, [4, 10], RasterOrder::FirstUse, Grain::Exact, &Silent).unwrap();
        assert_eq!(drawn.rows, [vec![1], vec![0]]);
        assert_eq!(drawn.counts, [2, 0, 0, 0, 2, 0, 0, 1]);
        let squeezed = raster(&cache, &all, [4, 1], RasterOrder::FirstUse, Grain::Exact, &Silent).unwrap();
        assert_eq!((squeezed.rows, squeezed.counts), (vec![vec![1, 0]], vec![4, 0, 0, 1]));
        let coarse = raster(&cache, &all, [4, 1], RasterOrder::FirstUse, Grain::Coarse, &Silent).unwrap();
        assert_eq!((coarse.rows, coarse.counts), (vec![vec![1, 0]], vec![2, 0, 0, 0]));
        let none =
            raster(&cache, &Selection::default(), [4, 10], RasterOrder::FirstUse, Grain::Exact, &Silent)
                .unwrap();
        assert_eq!((none.height, none.counts.len()), (0, 0));
    }

    #[test]
    fn a_zone_and_its_summer_time_move_the_hours() {
        // 2026-03-29 00:59 and 01:01 UTC: in Berlin 01:59 and, an hour left out, 03:01 of a Sunday.
        let change = 1_774_746_000 * SECOND;
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![row("amy", change - 60 * SECOND), row("amy", change + 60 * SECOND)];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let all = select(&cache, &Scope::default());
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let hours = hour_of_week(&cache, &all, &berlin, &Silent).unwrap();
        let busy: Vec<usize> = (0..168).filter(|&hour| hours.scope[hour] > 0).collect();
        assert_eq!(busy, [6 * 24 + 1, 6 * 24 + 3]);
    }

    proptest! {
        #[test]
        fn slices_are_as_defined(
            start in any::<i64>(),
            length in prop_oneof![1_u64..50, 1_u64..1 << 50, 1_u64..u64::MAX],
            count in 1_usize..400,
            share in 0.0..1.0_f64,
        ) {
            let length = length.min((i128::from(i64::MAX) - i128::from(start)).max(1) as u64);
            let past = ((share * length as f64) as u64).min(length - 1);
            let span = TimeSpan { start, end: start.saturating_add_unsigned(length) };
            prop_assume!(span.end > span.start);
            let slices = Slices::new(span, count);
            for past in [0, past, length - 1] {
                let exact = u128::from(past) * count as u128 / u128::from(length);
                let t = start.wrapping_add_unsigned(past);
                prop_assert_eq!(slices.of(t) as u128, exact);
                let ts = vec![start, t, span.end - 1];
                let ticks = Ticks::new(&Hot { offsets: vec![0, 3], ts, ..Hot::default() }).unwrap();
                if let Some(by_tick) = slices.by_tick(&ticks) {
                    let mut counts = vec![0; by_tick.counts()];
                    let hot = Hot { ts: vec![start, t, span.end - 1], ..Hot::default() };
                    by_tick.count(&hot, &slices, 1..2, &mut Vec::new(), &mut counts);
                    prop_assert_eq!(counts[LANES * exact as usize..][..LANES].iter().sum::<u32>(), 1);
                }
            }
        }
    }
}
