//! R4, onset: rise of use per day after the account was verified.

use super::{About, Axis, Input, Outcome, Signal, SignalFamily};
use crate::cache::{Account, RowId};
use crate::model::{Micros, format_duration};
use crate::stats::change_points::level_changes;

/// Minimum number of exchanges: below, the level of a segment is noise.
const MIN_EXCHANGES: usize = 30;

/// Minimum number of days of one level, and of an account: one busy day is not a level.
const MIN_LEVEL_DAYS: usize = 2;

/// Maximum number of days of an account, ten years. A log with a false date does not make the search for
/// change points take forever.
const MAX_DAYS: usize = 3_653;

const DAY: Micros = 24 * 3_600_000_000;

const ABOUT: About = About {
    id: "R4",
    title: "onset",
    version: 1,
    unit: "exchanges a day, per day since verification",
    definition: "Speed at which use rose after verification; a high value is an account that was busy every day soon \
                 after it was verified. The highest lasting level in exchanges a day, divided by the days from verification \
                 to the end of that level's first day. Where verification is not recorded, the days count from \
                 creation. Levels are segments of two days or more between the change points of the daily counts \
                 c, in whole days from the first exchange. Change points are found by PELT on 2√(c + 3/8) with \
                 squared deviations and penalty 2 σ² ln n. σ comes from the median absolute day-to-day difference \
                 and is at least 1. Needs 30 exchanges over two whole days. Compared with accounts of any volume, \
                 since levels rise with volume.",
    source: "Killick, Fearnhead & Eckley 2012; Anscombe 1948",
    needs: &["verified_at or account_created_at"],
    look_alikes: &["a migration from another provider", "a product launch", "an eager new user"],
    tells_apart: "org_id and payment_fingerprint: an existing customer; end_user_id: a launched product has users",
    axis: Axis::Extraction,
    family: SignalFamily::Rhythm,
    tests_upper_tail: true,
    rises_with_volume: true,
    // Half weight: a hackathon or a launch begins as suddenly.
    weight: 0.5,
};

pub(super) struct Onset;

impl Signal for Onset {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn is_measurable_on_excerpt(&self) -> bool {
        true
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        match ramp(input) {
            Ok(ramp) => {
                let first = input.ts.partition_point(|&t| t < ramp.from);
                let rows = (first..input.ts.len()).map(|at| input.first_row + at as RowId);
                Outcome::Measured { value: ramp.slope, examples: rows.collect() }
            }
            Err(why) => Outcome::not_applicable(why),
        }
    }

    /// Sentence on the highest level. Levels are compared with accounts of any volume, since peers of one
    /// volume have the same levels.
    fn detail(&self, input: &Input<'_>) -> Option<String> {
        let ramp = ramp(input).ok()?;
        Some(format!(
            "{:.1} exchanges a day at its highest lasting level, reached {} after it was {}; {} change points.",
            ramp.level,
            format_duration(ramp.after.max(0)),
            if input.cache.accounts()[input.account as usize].verified.is_some() {
                "verified"
            } else {
                "created"
            },
            ramp.changes
        ))
    }
}

/// The rise to an account's highest level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ramp {
    /// Exchanges a day, per day since verification.
    pub slope: f64,
    /// Exchanges a day at that level.
    pub level: f64,
    /// Start of the level.
    pub from: Micros,
    /// Time from verification to that start.
    pub after: Micros,
    /// Change points of the whole series.
    pub changes: usize,
}

fn ramp(input: &Input<'_>) -> Result<Ramp, String> {
    of_times(input.ts, &input.cache.accounts()[input.account as usize])
}

/// Rise to the highest level, from ascending times; `Err` with the reason where it cannot be measured.
pub(super) fn of_times(ts: &[Micros], account: &Account) -> Result<Ramp, String> {
    let Some(verified) = account.verified.or(account.created) else {
        return Err("the snapshot has no time of verification or creation".to_owned());
    };
    if ts.len() < MIN_EXCHANGES {
        return Err(format!("{} exchanges; {MIN_EXCHANGES} are needed", ts.len()));
    }
    let start = ts[0];
    let days = ((ts[ts.len() - 1].saturating_sub(start).saturating_add(1)) / DAY) as usize;
    if !(MIN_LEVEL_DAYS..=MAX_DAYS).contains(&days) {
        return Err(format!(
            "{days} whole days from first exchange to last; {MIN_LEVEL_DAYS} to {MAX_DAYS} are needed"
        ));
    }
    let mut counts = vec![0.0; days];
    for t in ts {
        if let Some(count) = counts.get_mut((t.saturating_sub(start) / DAY) as usize) {
            *count += 1.0;
        }
    }
    let changes = changes(&counts);
    let bounds: Vec<usize> = [&[0], &changes[..], &[days]].concat();
    let mean = |run: &[usize]| counts[run[0]..run[1]].iter().sum::<f64>() / (run[1] - run[0]) as f64;
    let mut highest = (0, 0.0);
    for run in bounds.windows(2) {
        if mean(run) > highest.1 {
            highest = (run[0], mean(run));
        }
    }
    let from = start.saturating_add(highest.0 as Micros * DAY);
    let after = from.saturating_sub(verified);
    let slope = highest.1 / (after.saturating_add(DAY).max(DAY) as f64 / DAY as f64);
    Ok(Ramp { slope, level: highest.1, from, after, changes: changes.len() })
}

/// Days at which the level of daily counts changes.
fn changes(counts: &[f64]) -> Vec<usize> {
    level_changes(counts, MIN_LEVEL_DAYS, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AccountId;
    use crate::stats::oracle;

    fn account(verified: Option<Micros>, created: Option<Micros>) -> Account {
        Account { id: AccountId::from("a"), exchanges: 0, first: 0, last: 0, created, verified }
    }

    /// So many exchanges on each day, evenly over it.
    fn daily(counts: &[i64]) -> Vec<Micros> {
        let day = |(day, &n): (usize, &i64)| {
            (0..n).map(move |i| day as Micros * DAY + i * (DAY - 1) / (n - 1).max(1))
        };
        counts.iter().enumerate().flat_map(day).collect()
    }

    // numpy and ruptures: see tests/oracles/make.py
    #[test]
    fn agrees_with_ruptures() {
        for case in oracle::cases("onset") {
            let counts: Vec<i64> = oracle::numbers(&case["counts"]).iter().map(|&x| x as i64).collect();
            let made = oracle::number(&case["days_before"]) as Micros * -DAY;
            let ramp = of_times(&daily(&counts), &account(None, Some(made))).unwrap();
            assert_eq!(ramp.changes as f64, oracle::number(&case["changes"]), "{counts:?}");
            assert!((ramp.level - oracle::number(&case["level"])).abs() < 1e-9, "{ramp:?}");
            assert!((ramp.slope - oracle::number(&case["slope"])).abs() < 1e-9, "{ramp:?}");
        }
    }

    #[test]
    fn new_and_steep_is_more_than_old_and_steady() {
        let slope = |counts: &[i64], verified| {
            of_times(&daily(counts), &account(Some(verified), None)).unwrap().slope
        };
        let new = slope(&[2, 3, 2, 3, 40, 41, 39, 42, 40], 0);
        // Forty a day from the end of the fourth day on: 40.4 over 5 days.
        assert!((new - 40.4 / 5.0).abs() < 1e-9, "{new}");
        let old = slope(&[40; 9], -200 * DAY);
        assert!((old - 40.0 / 201.0).abs() < 1e-9, "{old}");
        let lasting = slope(&[2, 2, 2, 90, 2, 2, 2, 2, 2, 2, 2, 2], 0);
        assert!((lasting - 46.0 / 3.0).abs() < 1e-9, "a busy day counts with its neighbour: {lasting}");
    }

    #[test]
    fn verification_goes_before_creation_and_neither_is_no_onset() {
        let ts = daily(&[20; 5]);
        let slope = |verified, created| of_times(&ts, &account(verified, created)).unwrap().slope;
        assert_eq!(slope(Some(0), Some(-99 * DAY)), 20.0);
        assert_eq!(slope(None, Some(-9 * DAY)), 2.0);
        // A verification after the first exchange is of that day.
        assert_eq!(slope(Some(3 * DAY), None), 20.0);
        assert!(of_times(&ts, &account(None, None)).unwrap_err().contains("has no time of verification"));
    }

    #[test]
    fn too_little_and_hostile_times_are_not_testable() {
        let created = account(Some(0), None);
        assert!(of_times(&daily(&[29]), &created).is_err());
        assert!(of_times(&[], &created).is_err());
        assert!(of_times(&vec![5; 60], &created).is_err());
        let mut far = vec![i64::MIN; 30];
        far.push(i64::MAX);
        assert!(of_times(&far, &created).is_err());
    }
}
