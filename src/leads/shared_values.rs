//! Values that accounts share with a group, weighed by how exclusive they are to it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::clusters::{Clusters, Group};
use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::Family;

/// Minimum number of bits of one shared value of a candidate: similar behaviour alone does not make a member.
pub(super) const MIN_SHARED_BITS: f64 = 4.0;

/// Accounts that share a rare value with a group of accounts, ascending, with the bits of what they share: the
/// rarest value of each family, weighed by how exclusive it is to the group (Fellegi & Sunter 1969). `similar` are
/// accounts outside that send similar prompts, ascending.
pub(super) fn shared_bits(
    cache: &Cache,
    members: &[AccountIndex],
    similar: &[AccountIndex],
) -> Vec<(AccountIndex, f32)> {
    let group = Group { members, outstanding_z: None, one_organisation: false };
    let clusters = Clusters::new(cache.accounts().len(), &[group]);
    let values = Values::new(cache, &clusters);
    let mut agreement_bits = values.agreement_bits(0, members, similar);
    agreement_bits.retain(|_, bits| *bits >= MIN_SHARED_BITS);
    let holders = values.holders(&agreement_bits, MIN_SHARED_BITS).into_iter();
    holders.map(|account| (account, values.shared(account, &agreement_bits) as f32)).collect()
}

/// Popularity of attribute values, each cluster counting as one account.
pub(super) struct Values<'a> {
    pub cache: &'a Cache,
    pub clusters: &'a Clusters,
    /// Number of clusters that have accounts.
    count: usize,
    /// Popularity by value; 0 for values that are no sign of common control.
    popularity: Vec<f64>,
}

impl<'a> Values<'a> {
    pub fn new(cache: &'a Cache, clusters: &'a Clusters) -> Self {
        let weight: Vec<f64> = clusters.of.iter().map(|&of| 1.0 / clusters.size(of) as f64).collect();
        let popularity = cache
            .values()
            .par_iter()
            .enumerate()
            .map(|(at, value)| match value.kind.family() {
                Some(_) if value.accounts > 1 => cache
                    .accounts_with(at as ValueIndex)
                    .iter()
                    .map(|&account| weight[account as usize])
                    .sum(),
                _ => 0.0,
            })
            .collect();
        Self { cache, clusters, count: clusters.count(), popularity }
    }

    /// Accounts that hold a value of at least `least` bits, ascending.
    pub fn holders(&self, agreement_bits: &BTreeMap<ValueIndex, f64>, least: f64) -> Vec<AccountIndex> {
        let mut holders: Vec<AccountIndex> = agreement_bits
            .iter()
            .filter(|&(_, &bits)| bits >= least)
            .flat_map(|(&value, _)| self.cache.accounts_with(value))
            .copied()
            .collect();
        holders.sort_unstable();
        holders.dedup();
        holders
    }

    /// Bits of the values an account shares with a group: the maximum of each family, summed over families.
    pub fn shared(&self, account: AccountIndex, agreement_bits: &BTreeMap<ValueIndex, f64>) -> f64 {
        let mut best: BTreeMap<Family, f64> = BTreeMap::new();
        for (value, _) in self.cache.values_of(account) {
            if let (Some(&bits), Some(family)) = (agreement_bits.get(value), self.family(*value)) {
                let best = best.entry(family).or_insert(bits);
                *best = best.max(bits);
            }
        }
        best.values().sum()
    }

    fn family(&self, value: ValueIndex) -> Option<Family> {
        self.cache.values()[value as usize].kind.family()
    }

    /// Agreement weight of each value shared with a group, in bits (Fellegi & Sunter 1969). Values of a
    /// family are sorted by how exclusive they are to the group, and weighed cumulatively: the share of
    /// members that have this value or one before it in common with another member, over the share of other
    /// accounts that have one. So many rare values of two members each weigh less than one value of all
    /// members, and frequent values of the group are discounted.
    ///
    /// Prompt templates are prompts: where a group formed by its prompts, its shares of them are compared with those of
    /// the accounts outside that send `similar` ones, ascending, if they are higher there.
    pub fn agreement_bits(
        &self,
        group: u32,
        members: &[AccountIndex],
        similar: &[AccountIndex],
    ) -> BTreeMap<ValueIndex, f64> {
        let mut held: Vec<(ValueIndex, usize)> = Vec::new();
        for (at, &account) in members.iter().enumerate() {
            let values = self.cache.values_of(account).iter().map(|&(value, _)| value);
            held.extend(
                values.filter(|&value| self.popularity[value as usize] > 0.0).map(|value| (value, at)),
            );
        }
        held.sort_unstable();
        let all = self.count as f64 + 0.5;
        let weight = 1.0 / self.clusters.size(group).max(1) as f64;
        let mut by_family: BTreeMap<Family, Vec<SharedValue<'_>>> = BTreeMap::new();
        for run in held.chunk_by(|a, b| a.0 == b.0) {
            let Some(family) = self.family(run[0].0) else { continue };
            let outside = (self.popularity[run[0].0 as usize] - run.len() as f64 * weight).max(0.0);
            let own = run.len() as f64 / (outside + 0.5);
            by_family.entry(family).or_default().push(SharedValue { own, outside, run });
        }
        let mut agreement_bits = BTreeMap::new();
        for (&family, runs) in &mut by_family {
            let by_prompts = family == Family::Template && !similar.is_empty();
            runs.sort_by(|a, b| b.own.total_cmp(&a.own).then(a.run[0].0.cmp(&b.run[0].0)));
            let mut have = vec![false; members.len()];
            let (mut inside, mut outside, mut outside_similar) = (0, 0.5, 0.5);
            for SharedValue { outside: others, run, .. } in runs {
                outside += *others;
                let mut share = outside / all;
                if by_prompts {
                    let holders = self.cache.accounts_with(run[0].0).iter();
                    outside_similar += holders.filter(|&at| similar.binary_search(at).is_ok()).count() as f64;
                    share = share.max(outside_similar / (similar.len() as f64 + 0.5));
                }
                for &(_, at) in run.iter().filter(|_| run.len() > 1) {
                    inside += usize::from(!std::mem::replace(&mut have[at], true));
                }
                let bits = (inside as f64 / members.len() as f64 / share).log2();
                if bits > 0.0 {
                    agreement_bits.insert(run[0].0, bits);
                }
            }
        }
        agreement_bits
    }
}

/// Value shared by members of a group.
struct SharedValue<'a> {
    /// Members with the value over other holders, each cluster of those counting as one.
    own: f64,
    /// Number of other holders, each cluster counting as one.
    outside: f64,
    /// The value, with the position of each member that has it.
    run: &'a [(ValueIndex, usize)],
}
