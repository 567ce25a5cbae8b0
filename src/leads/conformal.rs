//! Conformal p-values (Vovk, Gammerman & Shafer 2005): the share of peers with a value at least as extreme.

use super::cohort::Cohorts;
use crate::cache::AccountIndex;

/// Fewest peers. With fewer than 20 the smallest p-value is above 0.05 and says nothing.
pub(super) const FEWEST_PEERS: usize = 20;

/// Rank of an account among its peers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ConformalRank {
    /// Conformal p-value: (1 + peers with a value at least as large) / (1 + peers).
    pub p: f64,
    /// Percentile, 0 to 100: share of peers with a strictly smaller value.
    pub percentile: f32,
}

/// Conformal rank of every account that has a value; larger values are more extreme. Accounts of one `block`
/// (a linked group, an organisation) are no peers of each other, so a campaign is not compared with itself.
/// `None` without a value or with fewer than 20 peers.
pub(super) fn conformal_ranks(
    values: &[Option<f64>],
    cohorts: &Cohorts,
    block: &[u32],
) -> Vec<Option<ConformalRank>> {
    let measured: Vec<Measured> =
        cohorts.members.iter().map(|members| Measured::new(members, values, block)).collect();
    let rank = |account: usize| {
        let value = values[account]?;
        let cohort = &measured[cohorts.of[account] as usize];
        let own = cohort.of_block(block[account]);
        let peers = cohort.all.len() - own.len();
        let at_least = at_least(&cohort.all, value) - own.partition_point(|&(_, other)| other >= value);
        let less = peers - at_least;
        (peers >= FEWEST_PEERS).then(|| ConformalRank {
            p: (1 + at_least) as f64 / (1 + peers) as f64,
            percentile: (100.0 * less as f64 / peers as f64) as f32,
        })
    };
    (0..values.len()).map(rank).collect()
}

/// The measured values of one cohort.
struct Measured {
    /// Descending.
    all: Vec<f64>,
    /// By block, then descending.
    blocks: Vec<(u32, f64)>,
}

impl Measured {
    fn new(members: &[AccountIndex], values: &[Option<f64>], block: &[u32]) -> Self {
        let mut blocks: Vec<(u32, f64)> = members
            .iter()
            .filter_map(|&account| Some((block[account as usize], values[account as usize]?)))
            .collect();
        blocks.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let mut all: Vec<f64> = blocks.iter().map(|&(_, value)| value).collect();
        all.sort_by(|a, b| b.total_cmp(a));
        Self { all, blocks }
    }

    fn of_block(&self, block: u32) -> &[(u32, f64)] {
        let start = self.blocks.partition_point(|&(other, _)| other < block);
        let end = self.blocks.partition_point(|&(other, _)| other <= block);
        &self.blocks[start..end]
    }
}

/// Number of values, sorted descending, that are at least `value`.
fn at_least(descending: &[f64], value: f64) -> usize {
    descending.partition_point(|&other| other >= value)
}

#[cfg(test)]
mod tests {
    use super::super::cohort::Traits;
    use super::*;

    fn one_cohort(n: usize) -> Cohorts {
        Cohorts::new(&vec![Traits { stated_use: None, model: None, exchanges: 1 }; n])
    }

    #[test]
    fn the_top_of_a_hundred_and_its_ties() {
        let values: Vec<Option<f64>> = (0..101).map(|i| Some(f64::from(i.min(99)))).collect();
        let alone: Vec<u32> = (0..101).collect();
        let ranks = conformal_ranks(&values, &one_cohort(101), &alone);
        let top = ranks[100].unwrap();
        // 99 and 100 share the largest value: one peer is at least as high.
        assert_eq!(top.p, 2.0 / 101.0);
        assert_eq!(top.percentile, 99.0);
        assert_eq!(ranks[0].unwrap().p, 1.0);
    }

    #[test]
    fn ones_own_group_is_left_out() {
        // Forty strangers at 0 to 39 and a group of ten at 100: without each other, none is above.
        let values: Vec<Option<f64>> =
            (0..50).map(|i| Some(if i < 40 { f64::from(i) } else { 100.0 })).collect();
        let block: Vec<u32> = (0..50).map(|i| i.min(40)).collect();
        let ranks = conformal_ranks(&values, &one_cohort(50), &block);
        for member in &ranks[40..] {
            assert_eq!(member.unwrap(), ConformalRank { p: 1.0 / 41.0, percentile: 100.0 });
        }
        assert_eq!(ranks[39].unwrap().p, 11.0 / 50.0);
    }

    #[test]
    fn accounts_without_a_value_or_peers_have_no_rank() {
        let alone: Vec<u32> = (0..30).collect();
        let values: Vec<Option<f64>> = (0..30).map(|i| (i < 10).then_some(1.0)).collect();
        assert!(conformal_ranks(&values, &one_cohort(30), &alone).iter().all(Option::is_none));
    }

    #[test]
    fn p_values_of_exchangeable_accounts_are_uniform() {
        // A permutation of 0..1000: every p of k/1000 exactly once.
        let values: Vec<Option<f64>> = (0..1000_u32).map(|i| Some(f64::from(i * 387 % 1000))).collect();
        let alone: Vec<u32> = (0..1000).collect();
        let mut p: Vec<f64> = conformal_ranks(&values, &one_cohort(1000), &alone)
            .iter()
            .map(|s| s.unwrap().p * 1000.0)
            .collect();
        p.sort_by(f64::total_cmp);
        assert!(p.iter().enumerate().all(|(i, p)| (p - (i + 1) as f64).abs() < 1e-6));
    }
}
