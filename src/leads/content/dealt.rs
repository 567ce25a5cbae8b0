//! Pools dealt out within one linked group: accounts that ask alike, never the same, and nothing that others ask.
//!
//! Linked accounts count as one unit, so no event of accounts can tell a reseller or a laboratory that hides
//! under one organisation. Its use can: an agency's accounts differ from one another, a class repeats its
//! exercises, an evaluation sends a public benchmark, sharded production has one template.

use super::prompts::Prompts;
use super::tier::Tier;
use crate::cache::AccountIndex;
use crate::stats::linalg::dot;

/// Fewest accounts with enough exchanges.
const FEWEST: usize = 4;

/// Least mean cosine between the directions of its accounts.
const ALIKE: f64 = 0.9;

/// Largest share of its different prompts that two of its accounts send, and that accounts outside send.
const REPEATED: f64 = 0.02;
const KNOWN_OUTSIDE: f64 = 0.1;

/// Largest share of its prompts that begin with one template.
const ONE_TEMPLATE: f64 = 0.9;

/// A pool dealt out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Dealt {
    /// Accounts with enough exchanges.
    pub accounts: usize,
    /// Mean cosine between the directions of two of them.
    pub alike: f64,
    /// Share of their different prompts that two of them send, 0 to 1.
    pub repeated: f64,
    /// Linked groups that were looked at.
    pub groups: usize,
    /// Rank p-value: groups that deal out a pool to at least as many accounts, over all groups.
    pub p: f64,
}

/// Largest rank p-value of a group that is ranked before other linked groups.
const STANDS_OUT: f64 = 0.1;

impl Dealt {
    /// True if it is ranked before other linked groups.
    pub fn stands_out(&self) -> bool {
        self.p <= STANDS_OUT
    }
}

/// Pools dealt out, by position of the group; `None` where a group does not, or has fewer than four accounts with
/// enough exchanges.
pub(super) fn dealt(tier: &Tier<'_>, prompts: &Prompts, groups: &[Vec<AccountIndex>]) -> Vec<Option<Dealt>> {
    let members: Vec<Vec<u32>> = groups.iter().map(|accounts| tier.positions(accounts)).collect();
    let tested = members.iter().filter(|members| members.len() >= FEWEST).count();
    let found: Vec<Option<Dealt>> = members
        .iter()
        .map(|members| (members.len() >= FEWEST).then(|| measured(tier, prompts, members)).flatten())
        .collect();
    let sizes: Vec<usize> = found.iter().flatten().map(|dealt| dealt.accounts).collect();
    let ranked = |dealt: Dealt| {
        let as_large = sizes.iter().filter(|&&size| size >= dealt.accounts).count();
        Dealt { groups: tested, p: as_large as f64 / tested as f64, ..dealt }
    };
    found.into_iter().map(|dealt| dealt.map(ranked)).collect()
}

fn measured(tier: &Tier<'_>, prompts: &Prompts, members: &[u32]) -> Option<Dealt> {
    let account = |&at: &u32| tier.accounts[at as usize];
    let size = members.len() as f64;
    // The squared length of the sum holds every pair twice and every account once.
    let mut sum = vec![0.0_f32; tier.points.columns];
    for &at in members {
        sum.iter_mut().zip(tier.points.row(at as usize)).for_each(|(sum, x)| *sum += x);
    }
    let alike = (f64::from(dot(&sum, &sum)) - size) / (size * (size - 1.0));
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
    let is_dealt = alike >= ALIKE
        && repeated <= REPEATED
        && outside - repeated <= KNOWN_OUTSIDE
        && template <= ONE_TEMPLATE;
    is_dealt.then_some(Dealt { accounts: members.len(), alike, repeated, groups: 0, p: 1.0 })
}
