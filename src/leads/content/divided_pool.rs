//! Divided pools: one pool of prompts divided among the accounts of one linked group. The accounts send similar
//! prompts, hardly ever the same ones, and hardly any that other accounts send.
//!
//! Linked accounts count as one unit, so events of accounts cannot distinguish a campaign under one
//! organisation. Its prompts can: an agency's accounts differ from one another, a class repeats its
//! exercises, an evaluation sends a public benchmark, sharded production has one template.

use super::prompts::Prompts;
use super::tier::Tier;
use crate::cache::AccountIndex;
use crate::stats::linalg::dot;

/// Minimum number of accounts with enough exchanges.
const MIN_ACCOUNTS: usize = 4;

/// Minimum mean cosine between the directions of its accounts. Accounts that each have their own part of a pool of many
/// subjects differ: resellers of three logs had 0.70, 0.82 and more than 0.9. Innocent linked groups that repeat little had
/// at most 0.58, or more than 0.92 (laboratories, firms), in seven logs.
const MIN_COSINE: f64 = 0.65;

/// Largest share of its different prompts that two of its accounts send, and that accounts outside send.
const MAX_REPEATED: f64 = 0.02;
const MAX_SENT_OUTSIDE: f64 = 0.1;

/// Largest share of its prompts that begin with one template.
const MAX_ONE_TEMPLATE: f64 = 0.9;

/// A divided pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct DividedPool {
    /// Accounts with enough exchanges.
    pub accounts: usize,
    /// Mean cosine between the directions of two of them.
    pub mean_cosine: f64,
    /// Share of their different prompts that two of them send, 0 to 1.
    pub repeated: f64,
    /// Linked groups with enough accounts to be tested.
    pub groups: usize,
    /// Number of these that divide a pool, this one included.
    pub pools: usize,
    /// p-value: share of these groups that divide a pool, times the probability that a pool has as many accounts.
    pub p: f64,
}

/// Largest p-value of a group that is ranked before other linked groups.
const STANDS_OUT_P: f64 = 0.1;

impl DividedPool {
    /// True if it is ranked with the communities, before other linked groups.
    pub fn stands_out(&self) -> bool {
        self.p <= STANDS_OUT_P
    }

    /// A pool of some accounts.
    #[cfg(test)]
    pub fn for_test(accounts: usize) -> Self {
        Self { accounts, mean_cosine: 0.8, repeated: 0.0, groups: 2, pools: 1, p: 0.1 }
    }

    /// log₁₀ of its p-value, by which it is ranked.
    pub fn log10_p(&self) -> f64 {
        self.p.log10()
    }
}

/// Size of a pool that is counted beside the observed ones, so that a few small pools do not make a larger one appear
/// impossible.
const ADDED_SIZE: usize = 2 * MIN_ACCOUNTS;

/// Probability that a divided pool has at least `size` accounts, by a geometric distribution of the accounts beyond the
/// minimum. Its mean is that of the `others` and of one pool of [`ADDED_SIZE`].
fn size_tail(size: usize, others: &[usize]) -> f64 {
    let beyond = |size: usize| size.saturating_sub(MIN_ACCOUNTS) as f64;
    let sum: f64 = others.iter().copied().chain([ADDED_SIZE]).map(beyond).sum();
    let mean = sum / (others.len() + 1) as f64;
    (mean / (1.0 + mean)).powf(beyond(size))
}

/// Divided pool of each group; `None` where a group divides none, or has fewer than four accounts with enough
/// exchanges.
pub(super) fn divided_pools(
    tier: &Tier<'_>,
    prompts: &Prompts,
    groups: &[Vec<AccountIndex>],
) -> Vec<Option<DividedPool>> {
    let members: Vec<Vec<u32>> = groups.iter().map(|accounts| tier.positions(accounts)).collect();
    let tested = members.iter().filter(|members| members.len() >= MIN_ACCOUNTS).count();
    let found: Vec<Option<DividedPool>> = members
        .iter()
        .map(|members| (members.len() >= MIN_ACCOUNTS).then(|| measured(tier, prompts, members)).flatten())
        .collect();
    let sizes: Vec<usize> = found.iter().flatten().map(|pool| pool.accounts).collect();
    let ranked = |pool: DividedPool| {
        let mut others = sizes.clone();
        if let Some(own) = others.iter().position(|&size| size == pool.accounts) {
            others.swap_remove(own);
        }
        let share = sizes.len() as f64 / tested as f64;
        let p = share * size_tail(pool.accounts, &others);
        DividedPool { groups: tested, pools: sizes.len(), p, ..pool }
    };
    found.into_iter().map(|pool| pool.map(ranked)).collect()
}

/// Pool of one group, not yet ranked; `None` where the group divides none.
fn measured(tier: &Tier<'_>, prompts: &Prompts, members: &[u32]) -> Option<DividedPool> {
    let account = |&at: &u32| tier.accounts[at as usize];
    let size = members.len() as f64;
    // The squared length of the sum holds every pair twice and every account once.
    let mut sum = vec![0.0_f32; tier.points.columns];
    for &at in members {
        sum.iter_mut().zip(tier.points.row(at as usize)).for_each(|(sum, x)| *sum += x);
    }
    let cosine = (f64::from(dot(&sum, &sum)) - size) / (size * (size - 1.0));
    let outside =
        members.iter().map(|at| f64::from(prompts.shared[account(at) as usize])).sum::<f64>() / size;
    let mut keys: Vec<u32> = members.iter().flat_map(|at| prompts.different(account(at))).copied().collect();
    keys.sort_unstable();
    let repeated: usize = keys.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(<[u32]>::len).sum();
    let repeated = repeated as f64 / keys.len().max(1) as f64;
    let mut openings: Vec<(u32, f64)> = members
        .iter()
        .filter_map(|at| prompts.opening(account(at)))
        .map(|(key, share)| (key, f64::from(share)))
        .collect();
    openings.sort_by_key(|&(key, _)| key);
    let template = openings
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| same.iter().map(|(_, share)| share).sum::<f64>() / size)
        .fold(0.0, f64::max);
    let is_divided = cosine >= MIN_COSINE
        && repeated <= MAX_REPEATED
        && outside - repeated <= MAX_SENT_OUTSIDE
        && template <= MAX_ONE_TEMPLATE;
    is_divided.then_some(DividedPool {
        accounts: members.len(),
        mean_cosine: cosine,
        repeated,
        groups: 0,
        pools: 0,
        p: 1.0,
    })
}

#[cfg(test)]
mod tests {
    use super::super::lead::MIN_USER_EXCHANGES;
    use super::super::testing::case;
    use super::*;
    use crate::model::Silent;
    use crate::stats::splitmix::{normal, uniform};

    #[test]
    fn the_tail_of_sizes_is_geometric() {
        // Beyond the minimum: 2, 1, 1, 0, 0 of the others and 4 of the added one, a mean of 4/3; q = 4/7.
        let others = [6, 5, 5, 4, 4];
        assert!((size_tail(30, &others) - (4.0_f64 / 7.0).powi(26)).abs() < 1e-20);
        assert_eq!(size_tail(MIN_ACCOUNTS, &others), 1.0);
        // Alone it is compared with a pool of twice the minimum.
        assert!((size_tail(6, &[]) - 0.64).abs() < 1e-12);
    }

    /// 2,000 cases in which six of twenty groups divide pools of geometric sizes: the p-value of one of them is at most a
    /// level as often as it should be, within three standard deviations.
    #[test]
    fn sizes_of_innocent_pools_keep_the_level() {
        let draw = |case: u64, at: u64| {
            let beyond = uniform(7, 8 * case + at).ln() / (2.0_f64 / 3.0).ln();
            MIN_ACCOUNTS + beyond as usize
        };
        for level in [0.1_f64, 0.02, 0.005] {
            let passes = |case: &u64| {
                let others: Vec<usize> = (1..6).map(|at| draw(*case, at)).collect();
                0.3 * size_tail(draw(*case, 0), &others) <= level
            };
            let passed = (0..2_000).filter(passes).count() as f64;
            let expected = 2_000.0 * level / 0.3;
            assert!(
                passed > 0.0 && passed <= expected + 3.0 * expected.sqrt(),
                "{passed}, expected {expected}"
            );
        }
    }

    /// Twenty linked accounts around one direction with a spread of their own, among 580 of no common direction.
    #[test]
    fn a_pool_of_many_subjects_is_divided_and_unlike_accounts_divide_none() {
        let of_spread = |spread: f64| {
            let direction = |account: u64| {
                let own = |d: u64| normal(5, account * 64 + d);
                let common = |d: u64| if account < 20 { normal(99, d) } else { 0.0 };
                Some(std::array::from_fn(|d| (common(d as u64) + spread * own(d as u64)) as f32))
            };
            let prompts = Prompts::for_test((0..600).map(direction).collect());
            let (_, facts) = case(5, false);
            let tier = Tier::new(&facts, &prompts, MIN_USER_EXCHANGES, &Silent).unwrap();
            let members: Vec<u32> = (0..20).collect();
            measured(&tier, &prompts, &members).map(|pool| pool.mean_cosine)
        };
        // Expected cosine of two accounts: 1 / (1 + spread²).
        let cosine = of_spread(0.65).unwrap();
        assert!((cosine - 0.703).abs() < 0.08, "{cosine}");
        assert_eq!(of_spread(1.1), None);
    }
}
