//! Conformal p-values (Vovk, Gammerman & Shafer 2005): the share of peers with a value at least as extreme.

use super::cohort::Cohorts;
use crate::cache::AccountIndex;

/// Minimum number of other units. With fewer than 20 the smallest p-value is above 0.05 and says nothing.
pub(super) const MIN_PEERS: usize = 20;

/// Rank of an account among its peers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConformalRank {
    /// Conformal p-value over units: (1 + units with a value at least as large) / (1 + units).
    pub p: f64,
    /// Percentile, 0 to 100: share of accounts outside its unit with a strictly smaller value.
    pub percentile: f32,
}

/// Conformal rank of every account that has a value; larger values are more extreme. The accounts of one
/// `block` (a linked group, an organisation) are one unit: of its own an account is no peer, so that a
/// campaign is not compared with itself, and of another the share with a value at least as large counts. A
/// p-value is at least that of every larger value of the cohort: no link gives the less extreme account the
/// smaller one. `None` without a value or with fewer than 20 other units.
pub(super) fn conformal_ranks(
    values: &[Option<f64>],
    cohorts: &Cohorts,
    block: &[u32],
) -> Vec<Option<ConformalRank>> {
    let mut ranks = vec![None; values.len()];
    for members in &cohorts.members {
        let measured = Measured::new(members, values, block);
        if measured.units <= MIN_PEERS {
            continue;
        }
        // By descending value: the largest p-value of all larger values.
        let mut order: Vec<(f64, AccountIndex)> =
            members.iter().filter_map(|&account| Some((values[account as usize]?, account))).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut least = 0.0_f64;
        for same in order.chunk_by(|a, b| a.0 == b.0) {
            let own: Vec<ConformalRank> =
                same.iter().map(|&(value, account)| measured.rank(value, block[account as usize])).collect();
            for (&(_, account), rank) in same.iter().zip(&own) {
                ranks[account as usize] = Some(ConformalRank { p: rank.p.max(least), ..*rank });
            }
            least = own.iter().map(|rank| rank.p).fold(least, f64::max);
        }
    }
    ranks
}

/// Resolution to which counts of units are rounded.
const ROUNDED: f64 = (1_u64 << 24) as f64;

/// The measured values of one cohort.
struct Measured {
    /// Values of all accounts, descending.
    descending: Vec<f64>,
    /// Different values, descending, each with the units whose values are at least as large.
    all: Vec<(f64, f64)>,
    /// By block, then descending.
    blocks: Vec<(u32, f64)>,
    /// Number of blocks.
    units: usize,
}

impl Measured {
    fn new(members: &[AccountIndex], values: &[Option<f64>], block: &[u32]) -> Self {
        let mut blocks: Vec<(u32, f64)> = members
            .iter()
            .filter_map(|&account| Some((block[account as usize], values[account as usize]?)))
            .collect();
        blocks.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let of_blocks = blocks.chunk_by(|a, b| a.0 == b.0);
        let units = of_blocks.clone().count();
        let mut weighted: Vec<(f64, f64)> =
            of_blocks.flat_map(|own| own.iter().map(|&(_, value)| (value, 1.0 / own.len() as f64))).collect();
        weighted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.total_cmp(&b.1)));
        let descending = weighted.iter().map(|&(value, _)| value).collect();
        let mut all: Vec<(f64, f64)> = Vec::new();
        let mut sum = 0.0;
        for (value, weight) in weighted {
            sum += weight;
            match all.last_mut() {
                Some(last) if last.0 == value => last.1 = sum,
                _ => all.push((value, sum)),
            }
        }
        Self { descending, all, blocks, units }
    }

    fn of_block(&self, block: u32) -> &[(u32, f64)] {
        let start = self.blocks.partition_point(|&(other, _)| other < block);
        let end = self.blocks.partition_point(|&(other, _)| other <= block);
        &self.blocks[start..end]
    }

    /// Rank of a value in its block, before the comparison with larger values.
    fn rank(&self, value: f64, block: u32) -> ConformalRank {
        let own = self.of_block(block);
        let own_at_least = own.partition_point(|&(_, other)| other >= value);
        let own_share = own_at_least as f64 / own.len() as f64;
        // Shares of blocks add up with a rounding error, which must not separate equal ranks.
        let at_least = ((self.at_least(value) - own_share) * ROUNDED).round() / ROUNDED;
        let peers = self.blocks.len() - own.len();
        let less = peers - (self.accounts_at_least(value) - own_at_least);
        ConformalRank {
            p: (1.0 + at_least) / self.units as f64,
            percentile: (100.0 * less as f64 / peers as f64) as f32,
        }
    }

    /// Accounts with a value of at least `value`, those of the own unit included.
    fn accounts_at_least(&self, value: f64) -> usize {
        self.descending.partition_point(|&other| other >= value)
    }

    /// Units with a value of at least `value`, the own one included.
    fn at_least(&self, value: f64) -> f64 {
        let number = self.all.partition_point(|&(other, _)| other >= value);
        number.checked_sub(1).map_or(0.0, |last| self.all[last].1)
    }
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
        // The ten are one unit among forty.
        assert_eq!(ranks[39].unwrap().p, 2.0 / 41.0);
    }

    #[test]
    fn a_larger_value_never_has_a_larger_p_value_whatever_the_links() {
        // 300 accounts in blocks of 1 to 40, values drawn by a fixed rule with ties.
        let values: Vec<Option<f64>> = (0..300_u32).map(|i| Some(f64::from(i * 7919 % 101))).collect();
        let mut block: Vec<u32> = Vec::new();
        for (name, size) in (1..).zip([40, 1, 20, 3, 1, 7, 1, 30, 2, 1].iter().cycle()) {
            block.extend(std::iter::repeat_n(name, *size));
            if block.len() >= 300 {
                break;
            }
        }
        let ranks = conformal_ranks(&values, &one_cohort(300), &block[..300]);
        for a in 0..300 {
            for b in 0..300 {
                if values[a] > values[b] {
                    assert!(ranks[a].unwrap().p <= ranks[b].unwrap().p, "{a} and {b}");
                }
            }
        }
    }

    #[test]
    fn a_block_that_hardly_reaches_a_value_does_not_lower_the_p_value_of_the_next() {
        // 30 single accounts at 0, a block of one at 10 and 99 at 0, and a block of 9 and 11.
        let mut values = vec![Some(0.0); 30];
        values.extend([vec![Some(10.0)], vec![Some(0.0); 99], vec![Some(9.0), Some(11.0)]].concat());
        let block: Vec<u32> =
            (0..132).map(|at| if at < 30 { at } else { 30 + u32::from(at >= 130) }).collect();
        let ranks = conformal_ranks(&values, &one_cohort(132), &block);
        let p = |at: usize| ranks[at].unwrap().p;
        assert!((p(30) - 1.5 / 32.0).abs() < 1e-9 && p(130) == p(30), "{} {}", p(30), p(130));
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
