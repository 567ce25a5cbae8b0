//! The report of an import: what was read, what was not, and what follows from it.

use serde::Serialize;

use super::Session;
use crate::model::Micros;
use crate::signals;
use crate::snapshot::{self, ImportReport, LeftOut, Snapshot};

/// A year in microseconds.
const YEAR: Micros = 31_557_600_000_000;

/// Report of an import, with what the case makes of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseReport {
    /// Files, rows and columns.
    #[serde(flatten)]
    pub import: ImportReport,
    /// Rows of the whole case that are one exchange with another.
    pub merged: u64,
    /// First and last exchange of the case.
    pub span: Option<(Micros, Micros)>,
    /// Exchanges far from the rest, at times that clocks show when they are not set.
    pub outliers: Outliers,
    /// Signals that cannot be measured, with the column that is missing.
    pub lost_signals: Vec<LostSignal>,
}

/// Exchanges far from the rest in time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outliers {
    /// Exchanges before the rest.
    pub before: u64,
    /// Exchanges after the rest.
    pub after: u64,
    /// Span of the rest.
    pub rest: Option<(Micros, Micros)>,
}

/// A signal that cannot be measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LostSignal {
    /// The signal.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Why.
    pub reason: String,
}

/// The report on a snapshot of an open case.
///
/// # Errors
/// A cache or a file that cannot be read.
pub fn case_report(
    session: &Session,
    snapshot: &Snapshot,
    left_out: Vec<LeftOut>,
) -> anyhow::Result<CaseReport> {
    let cache = &session.cache;
    let tallies = cache.load_facts()?.tallies;
    let tally = tallies.get(&snapshot.sha256).cloned().unwrap_or_default();
    let import = snapshot::report(&session.sources, snapshot, &tally, left_out)?;
    let lost: u64 = tallies.values().map(|tally| tally.filtered_rows() + tally.set_aside_rows()).sum();
    let counts = cache.counts();
    let mut times = cache.hot().ts.to_vec();
    times.sort_unstable();
    let lost_signals = signals::abouts().filter_map(|about| {
        let reason = signals::missing(about, cache)?;
        Some(LostSignal { id: about.id, title: about.title, reason })
    });
    Ok(CaseReport {
        import,
        merged: counts.raw.saturating_sub(counts.distinct).saturating_sub(lost),
        span: times.first().copied().zip(times.last().copied()),
        outliers: outliers(&times),
        lost_signals: lost_signals.collect(),
    })
}

/// Times further than a year, and than the span of the middle 98 %, from these. `times` is sorted.
fn outliers(times: &[Micros]) -> Outliers {
    let at = |share: usize| times.get(times.len().saturating_sub(1) * share / 100).copied();
    let (Some(low), Some(high)) = (at(1), at(99)) else { return Outliers::default() };
    let far = YEAR.max(high - low);
    let before = times.partition_point(|&time| time < low.saturating_sub(far));
    let end = times.partition_point(|&time| time <= high.saturating_add(far));
    let rest = &times[before..end];
    Outliers {
        before: before as u64,
        after: (times.len() - end) as u64,
        rest: rest.first().copied().zip(rest.last().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unset_clocks_are_told_from_the_rest() {
        let start = 1_776_863_109_000_000;
        let mut times: Vec<Micros> = (0..500).map(|i| start + i * 60_000_000).collect();
        assert_eq!((outliers(&times).before, outliers(&times).after), (0, 0));
        times.extend([0, 0, 4_070_908_800_000_000]);
        times.sort_unstable();
        let found = outliers(&times);
        assert_eq!((found.before, found.after), (2, 1));
        assert_eq!(found.rest, Some((start, start + 499 * 60_000_000)));
        assert_eq!(outliers(&[]), Outliers::default());
    }
}
