//! Sign-up batches: bursts of accounts created closer together than by chance.

use crate::cache::AccountIndex;
use crate::model::{Micros, Zone};

/// Minimum number of accounts of a burst.
const MIN_ACCOUNTS: usize = 5;
/// Longest gap within a burst, in microseconds.
const PAUSE: i64 = 10 * 60 * 1_000_000;
/// Number of such bursts expected by chance in the whole case, below which a burst is reported.
const EXPECTED: f64 = 1.0;

/// Sign-up batches among accounts, by their time of creation: name and members (ascending).
///
/// A batch is a maximal run of at least five accounts, in order of creation, none more than
/// ten minutes after the one before, that is denser than chance. Null: sign-ups are a Poisson process
/// of rate λ = 1 / the case's median gap. Criterion for n accounts within a time d, of N in the case:
/// N · P(Poisson(λ·d) ≥ n − 1) < 1, the first-order bound of a scan statistic (Naus 1982). Creation
/// dates without a time give a median gap of 0 and no batches. Named by its first minute in UTC and
/// its size:
/// `2026-03-01T10:20Z+17`.
pub(super) fn batches(created: &[Option<Micros>]) -> Vec<(String, Vec<AccountIndex>)> {
    let mut times: Vec<(Micros, AccountIndex)> =
        created.iter().enumerate().filter_map(|(at, time)| Some(((*time)?, at as AccountIndex))).collect();
    times.sort_unstable();
    let gap = |a: &(Micros, AccountIndex), b: &(Micros, AccountIndex)| b.0.saturating_sub(a.0);
    let mut gaps: Vec<i64> = times.windows(2).map(|pair| gap(&pair[0], &pair[1])).collect();
    gaps.sort_unstable();
    let Some(&median) = gaps.get(gaps.len() / 2).filter(|&&median| median > 0) else { return Vec::new() };
    let rate = 1.0 / median as f64;
    times
        .chunk_by(|a, b| gap(a, b) <= PAUSE)
        .filter(|run| run.len() >= MIN_ACCOUNTS)
        .filter(|run| {
            let length = gap(&run[0], &run[run.len() - 1]) as f64;
            times.len() as f64 * poisson_tail(rate * length, run.len() - 1) < EXPECTED
        })
        .map(|run| {
            let name = format!("{}Z+{}", Zone::utc().strftime(run[0].0, "%Y-%m-%dT%H:%M"), run.len());
            let mut members: Vec<_> = run.iter().map(|&(_, account)| account).collect();
            members.sort_unstable();
            (name, members)
        })
        .collect()
}

/// P(X ≥ at_least) for X Poisson with this mean, by the series of the tail, which keeps the digits of
/// small probabilities.
fn poisson_tail(mean: f64, at_least: usize) -> f64 {
    if mean <= 0.0 {
        return if at_least == 0 { 1.0 } else { 0.0 };
    }
    let log_first = (1..=at_least).map(|k| (mean / k as f64).ln()).sum::<f64>() - mean;
    let (mut term, mut sum, mut k) = (1.0, 1.0, at_least as f64);
    // The terms decrease once k exceeds the mean.
    while term > sum * 1e-16 || k < mean {
        k += 1.0;
        term *= mean / k;
        sum += term;
        if !sum.is_finite() {
            return 1.0;
        }
    }
    (log_first.exp() * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60 * 1_000_000;

    #[test]
    fn the_tail_is_that_of_tables() {
        // 1 − Σ e^−2 2^k/k!, k = 0..2, and 1 − e^−0.5.
        assert!((poisson_tail(2.0, 3) - 0.323_323_583_816_936_5).abs() < 1e-12);
        assert!((poisson_tail(0.5, 1) - 0.393_469_340_287_366_6).abs() < 1e-12);
        assert_eq!(poisson_tail(0.0, 0), 1.0);
    }

    #[test]
    fn a_burst_among_hourly_sign_ups_is_named() {
        let start = 1_772_360_400_000_000; // 2026-03-01T10:20Z
        let mut created: Vec<_> = (0..50).map(|hour| Some(start - (hour + 1) * 60 * MINUTE)).collect();
        created.extend((0..6).map(|i| Some(start + i * MINUTE)));
        created.push(None);
        let found = batches(&created);
        assert_eq!(found, [("2026-03-01T10:20Z+6".to_owned(), (50..56).collect())]);
    }

    #[test]
    fn steady_traffic_and_dates_without_hours_make_none() {
        let steady: Vec<_> = (0..100).map(|i| Some(i * 2 * MINUTE)).collect();
        assert!(batches(&steady).is_empty());
        let days: Vec<_> = (0..100).map(|i| Some(i / 10 * 24 * 60 * MINUTE)).collect();
        assert!(batches(&days).is_empty());
        assert!(batches(&[]).is_empty());
    }
}
