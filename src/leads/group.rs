//! Linked groups, tested on what did not form them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::SignalColumn;
use super::cohort::Cohorts;
use super::combine::extraction_p;
use super::conformal::FEWEST_PEERS;
use crate::cache::AccountIndex;
use crate::signals::{Axis, SignalFamily};
use crate::stats::normal;

/// Random groups drawn for each test: the smallest p-value is 1 / 10,000.
pub(super) const DRAWS: u32 = 9_999;

/// p-values beyond these give no larger normal score, so that one member cannot outweigh the rest.
const P_RANGE: (f64, f64) = (1e-4, 0.999);

/// What testing one group gave.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GroupTest {
    /// By signal; `None` where it formed the group or nothing was testable.
    pub signals: Vec<Option<SignalTest>>,
    /// Extraction-likeness of the whole.
    pub p: Option<f64>,
}

/// One signal over one group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SignalTest {
    /// Members it could be measured on.
    pub testable: usize,
    /// Median of the members' percentiles among their own peers.
    pub median_percentile: f32,
    /// Random groups whose members stand as high on average.
    pub as_high: u32,
    /// (1 + as high) / (1 + drawn).
    pub p: f64,
}

/// Tests a group signal by signal: the mean of its members' normal scores against that of random
/// groups, for each member drawing another account of the same cohort that is not of the group.
/// Deterministic in `seed`.
///
/// The accounts of a random group are strangers, those of a linked one need not be: a small
/// p-value says that the group as a whole stands out, not that each member does.
pub(super) fn test(
    members: &[AccountIndex],
    columns: &[SignalColumn],
    cohorts: &Cohorts,
    seed: u64,
) -> GroupTest {
    let tests: Vec<Option<SignalTest>> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let tested = column.about.axis == Axis::Extraction && column.about.family != SignalFamily::Link;
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(at as u64);
            tested.then(|| test_signal(members, column, cohorts, &mut rng)).flatten()
        })
        .collect();
    let p = extraction_p(
        columns.iter().zip(&tests).map(|(column, test)| (column.about, test.map(|test| test.p))),
    );
    GroupTest { signals: tests, p }
}

fn test_signal(
    members: &[AccountIndex],
    column: &SignalColumn,
    cohorts: &Cohorts,
    rng: &mut ChaCha8Rng,
) -> Option<SignalTest> {
    let score = |account: AccountIndex| {
        column.p[account as usize].map(|p| normal::quantile(1.0 - p.clamp(P_RANGE.0, P_RANGE.1)))
    };
    // Members of one cohort draw from the same pool; cohorts in ascending order.
    let mut drawing: Vec<(u32, AccountIndex)> = members
        .iter()
        .filter(|&&account| score(account).is_some())
        .map(|&account| (cohorts.of[account as usize], account))
        .collect();
    drawing.sort_unstable();
    let (mut sum, mut percentiles, mut random) = (0.0, Vec::new(), vec![0.0_f64; DRAWS as usize]);
    for run in drawing.chunk_by(|a, b| a.0 == b.0) {
        let pool: Vec<f64> = cohorts.members[run[0].0 as usize]
            .iter()
            .filter(|account| members.binary_search(account).is_err())
            .filter_map(|&account| score(account))
            .collect();
        if pool.len() < FEWEST_PEERS {
            continue;
        }
        for &(_, account) in run {
            sum += score(account).unwrap_or(0.0);
            percentiles.extend(column.percentile[account as usize]);
            for total in &mut random {
                *total += pool[below(rng, pool.len())];
            }
        }
    }
    if percentiles.is_empty() {
        return None;
    }
    percentiles.sort_by(f32::total_cmp);
    // A tie by rounding counts as a tie: the sums were added in different orders.
    let as_high = random.iter().filter(|&&total| total >= sum - 1e-9).count() as u32;
    Some(SignalTest {
        testable: percentiles.len(),
        median_percentile: percentiles[(percentiles.len() - 1) / 2],
        as_high,
        p: f64::from(1 + as_high) / f64::from(1 + DRAWS),
    })
}

/// A number below `n` (Lemire 2019, without the rejection that matters only beyond 2³² / n draws).
fn below(rng: &mut ChaCha8Rng, n: usize) -> usize {
    ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::super::cohort::Traits;
    use super::*;
    use crate::signals;

    /// A column of the first extraction signal whose p-values run from 1/n to 1, and its cohorts.
    fn column(n: usize) -> (SignalColumn, Cohorts) {
        let about =
            signals::ALL.iter().map(|s| s.about()).find(|about| about.axis == Axis::Extraction).unwrap();
        let p: Vec<Option<f64>> = (1..=n).map(|i| Some(i as f64 / n as f64)).collect();
        let percentile = p.iter().map(|p| p.map(|p| (100.0 * (1.0 - p)) as f32)).collect();
        let traits = vec![Traits { stated_use: None, model: None, exchanges: 1 }; n];
        (SignalColumn { about, outcomes: Vec::new(), p, percentile }, Cohorts::new(&traits))
    }

    #[test]
    fn the_most_telling_accounts_stand_out_and_spread_ones_do_not() {
        let (column, cohorts) = column(400);
        let columns = [column];
        let top: Vec<AccountIndex> = (0..12).collect();
        let test_top = test(&top, &columns, &cohorts, 1);
        assert_eq!(test_top.p.unwrap(), 1.0 / 10_000.0);
        let spread: Vec<AccountIndex> = (0..400).step_by(40).collect();
        assert!(test(&spread, &columns, &cohorts, 1).p.unwrap() > 0.1);
        assert_eq!(test_top, test(&top, &columns, &cohorts, 1));
    }

    #[test]
    fn p_values_of_random_groups_are_uniform() {
        let (column, cohorts) = column(300);
        let columns = [column];
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let small = (0..200)
            .filter(|&seed| {
                let mut members: Vec<AccountIndex> =
                    (0..8).map(|_| below(&mut rng, 300) as AccountIndex).collect();
                members.sort_unstable();
                members.dedup();
                test(&members, &columns, &cohorts, seed).p.unwrap() <= 0.1
            })
            .count();
        // 200 · 0.1 = 20, and a binomial is beyond 10..=32 less than once in 200 times.
        assert!((10..=32).contains(&small), "{small}");
    }
}
