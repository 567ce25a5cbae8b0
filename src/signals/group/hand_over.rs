//! R5, hand-over: variance ratio of the group's activity (Schluter 1984); below 1 its accounts take turns.

use super::null::p_value;
use super::signal::{GroupInput, GroupOutcome, GroupSignal, MonteCarlo, spread};
use crate::model::Micros;
use crate::signals::{About, Axis, SignalFamily};
use crate::stats::splitmix;
use crate::stats::variance_ratio::{variance, variance_ratio};

/// Maximum number of members measured; a larger group is sampled at even steps.
const MAX_MEMBERS: usize = 200;

/// Minimum number of active hours of an account.
const MIN_HOURS: usize = 10;

/// Minimum number of days of the group. Two accounts have as many relative shifts as days.
const MIN_DAYS: i64 = 7;

/// Maximum number of days of the group: 24 counts a day are kept of each account.
const MAX_DAYS: i64 = 400;

const HOUR: Micros = 3_600_000_000;

const ABOUT: About = About {
    id: "R5",
    title: "hand-over",
    version: 1,
    unit: "variance ratio (1 for independent accounts)",
    definition: "Variance ratio Var(Σ c) / Σ Var(c) over the hours of the group's days; c is 1 where an account \
                 was active in an hour, else 0. Below 1 the accounts take turns, above 1 they work at the same \
                 time. p is the share of 999 draws with a ratio as low. A draw shifts every account by a random \
                 number of whole days, which keeps its daily habits. Drawing stops at the twentieth draw as low. \
                 Needs two accounts active in 10 hours each, and 7 days.",
    source: "Schluter 1984; Besag & Clifford 1991",
    needs: &[],
    look_alikes: &["a company's keys behind one load balancer", "a team in shifts"],
    tells_apart: "org_id: a declared organisation; api_key_id: keys of one service rather than accounts of many people",
    axis: Axis::CommonControl,
    family: SignalFamily::Rhythm,
    tests_upper_tail: false,
    rises_with_volume: false,
    weight: 0.0,
};

pub(super) struct HandOver;

impl GroupSignal for HandOver {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn measure(&self, input: &GroupInput<'_>) -> GroupOutcome {
        let hot = input.cache.hot();
        let times: Vec<&[Micros]> = spread(input.members, MAX_MEMBERS)
            .into_iter()
            .map(|account| &hot.ts[hot.rows_of(account)])
            .collect();
        of_times(&times, input.seed)
    }
}

fn of_times(times: &[&[Micros]], seed: u64) -> GroupOutcome {
    let hours: Vec<Vec<i64>> =
        times.iter().map(|ts| active_hours(ts)).filter(|h| h.len() >= MIN_HOURS).collect();
    let first = hours.iter().map(|hours| hours[0].div_euclid(24)).min().unwrap_or(0);
    let last = hours.iter().map(|hours| hours[hours.len() - 1].div_euclid(24)).max().unwrap_or(0);
    let days = last - first + 1;
    if hours.len() < 2 || !(MIN_DAYS..=MAX_DAYS).contains(&days) {
        return GroupOutcome::NotApplicable(format!(
            "{} accounts active in {MIN_HOURS} hours, over {days} days; two accounts and {MIN_DAYS} to \
             {MAX_DAYS} days are needed",
            hours.len()
        ));
    }
    let bins = (days * 24) as usize;
    let series: Vec<Vec<f64>> = hours
        .iter()
        .map(|hours| {
            let mut active = vec![0.0; bins];
            hours.iter().for_each(|hour| active[(hour - first * 24) as usize] = 1.0);
            active
        })
        .collect();
    let Some(value) = variance_ratio(&series) else {
        return GroupOutcome::NotApplicable("its accounts are active in every hour".to_owned());
    };
    // Shifts do not change the variance of one account.
    let apart: f64 = series.iter().map(|one| variance(one)).sum();
    let mut total = vec![0.0; bins];
    let test = p_value(value, |draw| {
        total.fill(0.0);
        for (at, hours) in hours.iter().enumerate() {
            let shift = (splitmix::uniform(seed ^ draw, at as u64) * days as f64) as i64 * 24;
            for hour in hours {
                total[(hour - first * 24 + shift).rem_euclid(days * 24) as usize] += 1.0;
            }
        }
        Some(variance(&total) / apart)
    });
    // Every shift can be measured.
    let test = test.unwrap_or(MonteCarlo { p: 1.0, extreme: 0, draws: 0 });
    GroupOutcome::Measured {
        value,
        test,
        sentence: format!(
            "{value:.2} variance ratio of hourly activity, {} accounts over {days} calendar days (below 1 they take turns). Random shifts \
             by whole days are as extreme",
            hours.len()
        ),
    }
}

/// Hours of the calendar with an exchange, ascending.
fn active_hours(ts: &[Micros]) -> Vec<i64> {
    let mut hours: Vec<i64> = ts.iter().map(|t| t.div_euclid(HOUR)).collect();
    hours.dedup();
    hours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    fn measured(accounts: &[Vec<Micros>]) -> (f64, f64) {
        let times: Vec<&[Micros]> = accounts.iter().map(Vec::as_slice).collect();
        match of_times(&times, 3) {
            GroupOutcome::Measured { value, test, .. } => (value, test.p),
            GroupOutcome::NotApplicable(why) => panic!("{why}"),
        }
    }

    /// Active in the hours for which `active` says so, over 20 days.
    fn account(active: impl Fn(i64) -> bool) -> Vec<Micros> {
        (0..20 * 24).filter(|&hour| active(hour)).map(|hour| hour * HOUR).collect()
    }

    /// One of `n` that is active in an hour, at random.
    fn who(hour: i64, n: u64) -> u64 {
        splitmix::number(77, hour as u64 / 3) % n
    }

    #[test]
    fn taking_turns_is_low_and_rare() {
        let turns: Vec<Vec<Micros>> = (0..4).map(|at| account(|hour| who(hour, 4) == at)).collect();
        let (value, p) = measured(&turns);
        assert!(value < 1e-9 && p < 0.002, "{value} {p}");
    }

    #[test]
    fn independent_and_synchronous_accounts_are_no_hand_over() {
        let apart: Vec<Vec<Micros>> =
            (0..4).map(|at| account(|hour| splitmix::number(at, hour as u64).is_multiple_of(4))).collect();
        let (value, p) = measured(&apart);
        assert!((value - 1.0).abs() < 0.2 && p > 0.02, "{value} {p}");
        let together: Vec<Vec<Micros>> = (0..4).map(|_| account(|hour| who(hour, 3) == 0)).collect();
        let (value, p) = measured(&together);
        assert!((value - 4.0).abs() < 1e-9 && p > 0.5, "{value} {p}");
    }

    #[test]
    fn zones_apart_are_no_hand_over() {
        // One works from 0 to 8, one from 8 to 16, every day: shifted by days it stays so.
        let shift = |from: i64| account(move |hour| (from..from + 8).contains(&(hour % 24)));
        let (value, p) = measured(&[shift(0), shift(8), shift(16)]);
        assert!(value < 1e-9 && p == 1.0, "{value} {p}");
    }

    // codyn's definition, by numpy: see tests/oracles/make.py
    #[test]
    fn the_ratio_agrees_with_the_covariance_matrix() {
        for case in oracle::cases("hand_over") {
            let accounts: Vec<Vec<Micros>> = case["hours"]
                .as_array()
                .unwrap()
                .iter()
                .map(|hours| oracle::numbers(hours).iter().map(|&hour| hour as i64 * HOUR + 7).collect())
                .collect();
            assert!((measured(&accounts).0 - oracle::number(&case["ratio"])).abs() < 1e-9);
        }
    }

    #[test]
    fn too_few_hours_or_days_or_false_dates_are_not_testable() {
        let busy = account(|hour| hour % 5 == 0);
        let few = account(|hour| hour < 9);
        let short = account(|hour| hour < 100);
        let mut far = busy.clone();
        far.push(i64::MAX);
        for accounts in
            [vec![busy.clone(), few], vec![busy.clone()], vec![], vec![short.clone(), short], vec![busy, far]]
        {
            let times: Vec<&[Micros]> = accounts.iter().map(Vec::as_slice).collect();
            assert!(matches!(of_times(&times, 0), GroupOutcome::NotApplicable(_)));
        }
    }
}
