//! Null distributions of group measures: random groups and sequential Monte Carlo p-values.

use super::signal::{DRAWS, EXTREME_DRAWS_TO_STOP, GroupInput, GroupOutcome, MonteCarlo, spread};
use crate::cache::AccountIndex;
use crate::model::{Micros, format_duration};
use crate::signals::peers::Peers;
use crate::stats::splitmix;

/// Tries to draw an account that is neither in the group nor drawn before.
const TRIES: u64 = 8;

/// Sequential Monte Carlo p-value (Besag & Clifford 1991): after `EXTREME_DRAWS_TO_STOP` draws at least as
/// extreme, their share; otherwise (1 + extreme draws) / (1 + draws). `draw` gives the value of the n-th
/// draw, or `None` where it cannot be measured, which does not count. `None` without draws. The lower tail is
/// tested.
pub(super) fn p_value(observed: f64, mut draw: impl FnMut(u64) -> Option<f64>) -> Option<MonteCarlo> {
    let (mut as_extreme, mut drawn) = (0_u32, 0_u32);
    for n in 0..u64::from(DRAWS) {
        let Some(value) = draw(n) else { continue };
        drawn += 1;
        // Sums in another order differ in their last digits.
        if value <= observed + 1e-9 * observed.abs() {
            as_extreme += 1;
        }
        if as_extreme == EXTREME_DRAWS_TO_STOP {
            return Some(MonteCarlo::of(as_extreme, drawn));
        }
    }
    (drawn > 0).then(|| MonteCarlo::of(as_extreme, drawn))
}

/// The n-th random group: for each of `members` another account of its cohort, outside the whole
/// group and drawn once where the cohort allows.
pub(super) fn random_group(input: &GroupInput<'_>, members: &[AccountIndex], n: u64) -> Vec<AccountIndex> {
    let Peers { of, members: cohorts } = input.peers;
    let mut drawn: Vec<AccountIndex> = Vec::with_capacity(members.len());
    for (at, &account) in members.iter().enumerate() {
        let cohort = &cohorts[of[account as usize] as usize];
        let stream = splitmix::number(input.seed, n << 32 | at as u64);
        let tried =
            |attempt: u64| cohort[(splitmix::uniform(stream, attempt) * cohort.len() as f64) as usize];
        let fresh =
            |other: &AccountIndex| input.members.binary_search(other).is_err() && !drawn.contains(other);
        drawn.push((0..TRIES).map(tried).find(fresh).unwrap_or_else(|| tried(TRIES)));
    }
    drawn
}

/// Shortest half of a group in hours, tested against random groups: the measure of signals on closeness in
/// time. `times_of` gives the [shortest half](super::signal::shortest_half) of some accounts, of which at
/// most `most` are used.
pub(super) fn shortest_half_of_group(
    input: &GroupInput<'_>,
    most: usize,
    too_few: &str,
    times_of: impl Fn(&[AccountIndex]) -> Option<Micros>,
    sentence: impl Fn(&str) -> String,
) -> GroupOutcome {
    let members = spread(input.members, most);
    let Some(shortest) = times_of(&members) else {
        return GroupOutcome::NotApplicable(too_few.to_owned());
    };
    let drawn = |n| Some(times_of(&random_group(input, &members, n))? as f64);
    match p_value(shortest as f64, drawn) {
        None => GroupOutcome::NotApplicable("no random group could be measured".to_owned()),
        Some(test) => GroupOutcome::Measured {
            value: shortest as f64 / 3.6e9,
            test,
            sentence: sentence(&format_duration(shortest)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing;
    use crate::signals::Reference;

    #[test]
    fn p_values_of_chance_are_uniform() {
        // Observed and drawn from the same distribution: at most a share of p is below p.
        let p: Vec<f64> = (0..400)
            .filter_map(|case| p_value(splitmix::uniform(9, case), |n| Some(splitmix::uniform(case, n))))
            .map(|test| test.p)
            .collect();
        for level in [0.05, 0.2, 0.5] {
            let below = p.iter().filter(|&&p| p <= level).count() as f64 / 400.0;
            assert!(
                (below - level).abs() < 3.0 * (level * (1.0 - level) / 400.0_f64).sqrt(),
                "{level}: {below}"
            );
        }
    }

    #[test]
    fn the_ends_of_the_scale() {
        let test = |p, extreme, draws| Some(MonteCarlo { p, extreme, draws });
        assert_eq!(p_value(0.0, |_| Some(1.0)), test(0.001, 0, 999));
        assert_eq!(p_value(2.0, |_| Some(1.0)), test(1.0, 20, 20));
        // Draws that cannot be measured do not count.
        assert_eq!(p_value(0.0, |n| (n < 99).then_some(1.0)), test(0.01, 0, 99));
        assert_eq!(p_value(2.0, |_| None), None);
    }

    #[test]
    fn a_random_group_is_of_the_cohorts_and_outside_the_group() {
        let folder = tempfile::tempdir().unwrap();
        let rows = (0..40).map(|account| testing::row(&format!("a{account:02}"), 0)).collect();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows)])]);
        let (even, odd): (Vec<u32>, Vec<u32>) = (0..40).partition(|account| account % 2 == 0);
        let of: Vec<u32> = (0..40).map(|account| account % 2).collect();
        let members = [even, odd];
        let reference = Reference::default();
        let input = GroupInput {
            cache: &cache,
            members: &[1, 2, 4],
            peers: Peers { of: &of, members: &members },
            reference: &reference,
            formed_by: &[],
            seed: 5,
        };
        for n in 0..50 {
            let drawn = random_group(&input, input.members, n);
            assert_eq!(drawn.iter().map(|account| account % 2).collect::<Vec<_>>(), [1, 0, 0]);
            assert!(drawn[1] != drawn[2] && drawn.iter().all(|account| ![1, 2, 4].contains(account)));
            assert_eq!(drawn, random_group(&input, input.members, n));
        }
        assert_ne!(random_group(&input, input.members, 0), random_group(&input, input.members, 1));
    }
}
