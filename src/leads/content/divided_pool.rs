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

/// Minimum mean cosine between the directions of its accounts.
const MIN_COSINE: f64 = 0.9;

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
    /// Rank p-value: share of these groups that divide a pool among at least as many accounts.
    pub p: f64,
}

/// Largest rank p-value of a group that is ranked before other linked groups.
const STANDS_OUT_P: f64 = 0.1;

impl DividedPool {
    /// True if it is ranked before other linked groups.
    pub fn stands_out(&self) -> bool {
        self.p <= STANDS_OUT_P
    }
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
        let as_large = sizes.iter().filter(|&&size| size >= pool.accounts).count();
        DividedPool { groups: tested, p: as_large as f64 / tested as f64, ..pool }
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
        p: 1.0,
    })
}
