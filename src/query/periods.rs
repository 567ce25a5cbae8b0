//! Periods of the activity of a scope: periodogram of its exchanges, all accounts together.

use super::Selection;
use super::blocks::tally;
use crate::cache::Cache;
use crate::model::{Cancelled, Micros, TimeSpan, Watcher};
use crate::stats::fourier::{noise_level, periodogram};

/// Shortest time in which exchanges are counted.
const MINUTE: Micros = 60_000_000;
/// Maximum number of counted times; a longer case is counted in longer times.
const MAX_TIMES: u64 = 1 << 18;
/// Minimum number of exchanges of a side: fewer have no rhythm to speak of.
const MIN_EXCHANGES: u64 = 30;
/// Periods a side must contain at least.
const MIN_CYCLES: f64 = 2.0;
/// Number of bins of the period per factor of 10.
const BINS_A_DECADE: f64 = 40.0;
/// Probability of white noise to reach the level of chance at any frequency.
const CHANCE: f64 = 0.001;

/// Period of a side and its share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cycle {
    /// Period, in seconds.
    pub period: f64,
    /// Share of the variance of the counts that a sine of this period explains, 0 to 1.
    pub share: f64,
}

impl Cycle {
    /// `24.0 h (18.2 %)`.
    pub fn in_words(&self) -> String {
        let period = match self.period {
            period if period < 3_600.0 => format!("{:.1} min", period / 60.0),
            period if period < 172_800.0 => format!("{:.1} h", period / 3_600.0),
            period => format!("{:.1} d", period / 86_400.0),
        };
        format!("{period} ({:.1} %)", 100.0 * self.share)
    }
}

/// Periodogram of both sides of a comparison, in logarithmic bins of the period.
#[derive(Clone, Debug, PartialEq)]
pub struct Periods {
    /// Edges of the bins in seconds, ascending, one more than there are bins. From twice the counted time.
    pub edges: Vec<f64>,
    /// Time in which exchanges were counted, in microseconds.
    pub step: Micros,
    /// The scope.
    pub scope: Spectrum,
    /// All exchanges outside the scope.
    pub peers: Spectrum,
}

/// Periodogram of one side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// Number of exchanges.
    pub exchanges: u64,
    /// Strongest cycle of each bin; `None` where the bin has no frequency, or where the side does not last for two
    /// cycles. Empty for a side of fewer than 30 exchanges.
    pub bins: Vec<Option<Cycle>>,
    /// Share that exchanges without any rhythm reach at some period in 1 of 1,000 cases (Scargle 1982).
    pub chance: f64,
}

impl Spectrum {
    /// The strongest cycles above chance that are at least as strong as their neighbours, at most three.
    pub fn strongest(&self) -> Vec<Cycle> {
        /// Number of bins on either side that have no stronger cycle.
        const NEAR: usize = 4;
        let share = |at: usize| self.bins[at].map_or(0.0, |cycle| cycle.share);
        let is_summit = |at: usize| {
            let mut near = at.saturating_sub(NEAR)..(at + NEAR + 1).min(self.bins.len());
            near.all(|other| other == at || share(other) < share(at))
        };
        let mut summits: Vec<Cycle> = (0..self.bins.len())
            .filter(|&at| is_summit(at))
            .filter_map(|at| self.bins[at])
            .filter(|cycle| cycle.share > self.chance)
            .collect();
        summits.sort_by(|a, b| b.share.total_cmp(&a.share));
        summits.truncate(3);
        summits
    }
}

/// Periodogram of the exchanges inside and outside the selection, counted by minute, or by a longer time where the
/// case is longer than half a year.
///
/// # Errors
/// Only when cancelled.
pub fn periods(cache: &Cache, selection: &Selection, watcher: &dyn Watcher) -> Result<Periods, Cancelled> {
    let hot = cache.hot();
    let span = hot.span().unwrap_or(TimeSpan { start: 0, end: 0 });
    // The length of a span may exceed `i64`.
    let length = span.end.wrapping_sub(span.start) as u64;
    let mut step = MINUTE as u64;
    while length / step >= MAX_TIMES {
        step *= 2;
    }
    let times = (length / step) as usize + 1;
    let counts = tally(hot.len(), &selection.runs, 2 * times, watcher, |block, counts| {
        block.pieces(|rows, selected| {
            let side = if selected { 0 } else { times };
            for &t in &hot.ts[rows] {
                counts[side + (t.wrapping_sub(span.start) as u64 / step) as usize] += 1;
            }
        });
    })?;
    watcher.check()?;
    let edges = edges(step as f64 / 1e6, length as f64 / 1e6);
    let (scope, peers) = counts.split_at(times);
    let seconds = step as f64 / 1e6;
    let scope = spectrum(scope, seconds, &edges);
    watcher.check()?;
    let peers = spectrum(peers, seconds, &edges);
    Ok(Periods { edges, step: step as Micros, scope, peers })
}

/// Edges of the bins, from twice the counted time to half the span.
fn edges(step: f64, length: f64) -> Vec<f64> {
    let (shortest, longest) = (2.0 * step, (length / MIN_CYCLES).max(20.0 * step));
    let bins = ((longest / shortest).log10() * BINS_A_DECADE).ceil() as usize;
    (0..=bins).map(|at| shortest * 10_f64.powf(at as f64 / BINS_A_DECADE)).collect()
}

/// Periodogram of one side, from its first exchange to its last.
fn spectrum(counts: &[u64], step: f64, edges: &[f64]) -> Spectrum {
    let exchanges: u64 = counts.iter().sum();
    let is_busy = |count: &u64| *count > 0;
    let (Some(first), Some(last)) = (counts.iter().position(is_busy), counts.iter().rposition(is_busy))
    else {
        return Spectrum::default();
    };
    let own: Vec<f64> = counts[first..=last].iter().map(|&count| count as f64).collect();
    let shares = periodogram(&own);
    if exchanges < MIN_EXCHANGES || shares.is_empty() {
        return Spectrum { exchanges, ..Spectrum::default() };
    }
    // One share a frequency, up to half the transform.
    let size = 2.0 * shares.len() as f64;
    let longest = own.len() as f64 * step / MIN_CYCLES;
    let mut bins: Vec<Option<Cycle>> = vec![None; edges.len().saturating_sub(1)];
    for (at, &share) in shares.iter().enumerate() {
        let period = size * step / (at + 1) as f64;
        let bin = edges.partition_point(|&edge| edge <= period).checked_sub(1);
        let Some(bin) = bin.and_then(|bin| bins.get_mut(bin)).filter(|_| period <= longest) else { continue };
        if bin.is_none_or(|cycle| cycle.share < share) {
            *bin = Some(Cycle { period, share });
        }
    }
    Spectrum { exchanges, bins, chance: noise_level(own.len(), CHANCE) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::{Scope, Silent};
    use crate::query::select;
    use crate::stats::splitmix;

    const HOUR: Micros = 3_600_000_000;

    #[test]
    fn a_job_of_every_six_hours_and_a_day_of_work_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        // A job calls ten times within ten minutes, every six hours; a person at any time from 9 to 17 o'clock.
        let job = (0..40 * 10).map(|i| row("job", (i / 10) * 6 * HOUR + (i % 10) * MINUTE));
        let within_the_day = |i: i64| (splitmix::uniform(3, i as u64) * 8.0 * HOUR as f64) as i64;
        let person = (0..10 * 33).map(|i| row("person", (i / 33) * 24 * HOUR + 9 * HOUR + within_the_day(i)));
        let rows: Vec<_> = job.chain(person).collect();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let job = select(&cache, &Scope::default().with_account("job".into()), &Silent).unwrap();
        let periods = periods(&cache, &job, &Silent).unwrap();
        assert_eq!((periods.step, periods.scope.exchanges, periods.peers.exchanges), (MINUTE, 400, 330));
        assert_eq!(periods.scope.bins.len() + 1, periods.edges.len());
        let has = |spectrum: &Spectrum, hours: std::ops::Range<f64>| {
            spectrum.strongest().iter().any(|cycle| hours.contains(&(cycle.period / 3_600.0)))
        };
        assert!(has(&periods.scope, 5.9..6.1), "{:?}", periods.scope.strongest());
        assert!(has(&periods.peers, 23.0..25.0), "{:?}", periods.peers.strongest());
        let shares = periods.scope.bins.iter().flatten();
        assert!(
            shares.clone().all(|cycle| (0.0..=1.0).contains(&cycle.share) && cycle.period <= 118.0 * 3_600.0)
        );
        assert!(periods.edges.windows(2).all(|pair| pair[0] < pair[1]));
        let none = super::periods(&cache, &Selection::default(), &Silent).unwrap();
        assert_eq!((none.scope.bins.len(), none.scope.strongest()), (0, vec![]));
    }

    #[test]
    fn a_false_date_is_counted_in_longer_times() {
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![row("a", -1_000_000_000_000_000), row("a", 1_000_000_000_000_000)];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let all = select(&cache, &Scope::default(), &Silent).unwrap();
        let found = periods(&cache, &all, &Silent).unwrap();
        assert!(found.step > MINUTE && found.scope.bins.is_empty());
    }
}
