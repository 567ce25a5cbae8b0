//! Conformal p-values (Vovk, Gammerman & Shafer 2005): the share of peers with a value at least as extreme.

use super::cohort::Cohorts;
use crate::cache::AccountIndex;

/// Fewest other units. With fewer than 20 the smallest p-value is above 0.05 and says nothing.
pub(super) const FEWEST_PEERS: usize = 20;

/// Rank of an account among its peers, of which each unit counts once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ConformalRank {
    /// Conformal p-value: (1 + units with a value at least as large) / (1 + units).
    pub p: f64,
    /// Percentile, 0 to 100: share of units with a strictly smaller value.
    pub percentile: f32,
}

/// Conformal rank of every account that has a value; larger values are more extreme. The accounts of one `block` (a
/// linked group, an organisation) are one unit: of its own an account is no peer, so that a campaign is not compared
/// with itself, and of another the share with a value at least as large counts. So of two accounts the one with the
/// larger value never has the larger p-value, whatever they are linked to. `None` without a value or with fewer than 20
/// other units.
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
        let units = cohort.units - 1;
        let own_at_least = own.partition_point(|&(_, other)| other >= value) as f64 / own.len() as f64;
        // Shares of blocks add up with a rounding error, which must not tell equal ranks apart.
        let at_least = ((cohort.at_least(value) - own_at_least) * ROUNDED).round() / ROUNDED;
        let share = (units as f64 - at_least) / units as f64;
        (units >= FEWEST_PEERS).then(|| ConformalRank {
            p: (1.0 + at_least) / (1 + units) as f64,
            percentile: (100.0 * share) as f32,
        })
    };
    (0..values.len()).map(rank).collect()
}

/// Counts of units are exact to one part in this number.
const ROUNDED: f64 = (1_u64 << 24) as f64;

/// The measured values of one cohort.
struct Measured {
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
        let mut all: Vec<(f64, f64)> = Vec::new();
        let mut sum = 0.0;
        for (value, weight) in weighted {
            sum += weight;
            match all.last_mut() {
                Some(last) if last.0 == value => last.1 = sum,
                _ => all.push((value, sum)),
            }
        }
        Self { all, blocks, units }
    }

    fn of_block(&self, block: u32) -> &[(u32, f64)] {
        let start = self.blocks.partition_point(|&(other, _)| other < block);
        let end = self.blocks.partition_point(|&(other, _)| other <= block);
        &self.blocks[start..end]
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
