//! Joined members: accounts added to outstanding groups by their membership probability.
//!
//! Accounts of a campaign often share a card, a network or a mail provider with only two or three others;
//! about half of them reach no link. For every account outside an outstanding group two likelihood ratios are
//! added up, in bits: that of the values it shares with the group (Fellegi & Sunter 1969), and that of its
//! behaviour and prompts ([`membership`](super::membership)). Accounts whose posterior bits exceed
//! [`JOIN_BITS`] join with their whole cluster, and the larger group is extended again. Accounts below the
//! threshold keep their membership probability.
//!
//! Joined members do not count as evidence: groups are tested on their core members. The rank of a lead is
//! computed over all members, which were selected for their similarity.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::clusters::{Clusters, Group};
use super::combine::membership_score;
use super::fits::{Fits, Likelihood};
use super::membership::Features;
use super::shared_values::{MIN_SHARED_BITS, Values};
use crate::cache::{AccountIndex, Cache};
use crate::model::{Cancelled, Watcher};

/// Maximum number of groups that are extended, from the first by z-score.
const MAX_GROUPS: usize = 16;

/// Minimum number of members of a group that is extended.
const MIN_MEMBERS: usize = 3;

/// Minimum posterior bits of an account that joins: odds of 19 to 1.
const JOIN_BITS: f64 = 4.25;

/// Minimum membership probability of an account without links that joins: 19 in 20.
const JOIN_PROBABILITY: f32 = 0.95;

/// Minimum membership probability of a likely member.
const LIKELY_MEMBER: f32 = 0.5;

/// Minimum number of bits of values shared with the group by an account without links. Accounts in the
/// campaign's language resemble it, and the innocent among them share nothing with it.
const MIN_SHARED_BITS_ALONE: f32 = 2.0;

/// Prior odds of membership of a linked account; a tenth of the linked accounts are taken for bystanders.
const LINKED_PRIOR_ODDS: f64 = 9.0;

/// Rounds of joining. Each rests on the accounts that joined before, so errors accumulate.
const ROUNDS: usize = 3;

/// Group memberships of all accounts of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Extended {
    /// Group of each account, by position in the groups: its own, or the one that it or its cluster has
    /// joined.
    pub of: Vec<Option<u32>>,
    /// Most probable outstanding group of each account, linked or not, weighted by the group's z-score.
    pub nearest: Vec<Option<NearestGroup>>,
    /// Membership probability of each account in its own group; `None` where no model was fitted.
    pub membership: Vec<Option<f32>>,
}

/// Membership probability of an account in an outstanding group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NearestGroup {
    /// Position of the group.
    pub group: u32,
    /// Membership probability by the model, 0 to 1.
    pub probability: f32,
    /// Bits of the values it shares with the group.
    shared_bits: f32,
}

impl NearestGroup {
    /// Membership in a group that shares no attribute values with the account.
    pub fn new(group: u32, probability: f32) -> Self {
        Self { group, probability, shared_bits: 0.0 }
    }
}

/// Extends the outstanding groups. `is_outstanding` tests a set of accounts: a group is extended only while
/// its likely members together stand out, since a few unusual accounts of a common type would otherwise
/// gather all accounts of that type.
///
/// # Errors
/// Only when cancelled.
pub(super) fn extend(
    cache: &Cache,
    groups: &[Group<'_>],
    features: &Features,
    is_outstanding: impl Fn(&[AccountIndex]) -> bool,
    watcher: &dyn Watcher,
) -> Result<Extended, Cancelled> {
    let mut outstanding = outstanding(groups);
    let mut fits = Fits::new(features);
    loop {
        let mut clusters = grown(cache, groups, &outstanding, &mut fits, watcher)?;
        // A group that has joined another one has no members left.
        let left: Vec<u32> = outstanding.iter().copied().filter(|&group| clusters.size(group) > 0).collect();
        fits.update(&clusters, &left, watcher)?;
        let values = Values::new(cache, &clusters);
        let probabilities: Vec<Vec<(f32, f32)>> =
            left.par_iter().map(|&group| values.probabilities(group, fits.of(group))).collect();
        let remains_outstanding = |probabilities: &[(f32, f32)]| {
            let likely = probabilities
                .iter()
                .enumerate()
                .filter(|(_, (probability, _))| *probability >= LIKELY_MEMBER);
            is_outstanding(&likely.map(|(account, _)| account as AccountIndex).collect::<Vec<_>>())
        };
        let no_longer: Vec<u32> = left
            .iter()
            .zip(&probabilities)
            .filter(|(_, own)| !remains_outstanding(own))
            .map(|(&group, _)| group)
            .collect();
        if !no_longer.is_empty() {
            outstanding.retain(|group| !no_longer.contains(group));
            continue;
        }
        let nearest = nearest(groups, &left, &probabilities, clusters.of.len());
        join_unlinked(&mut clusters, &nearest);
        let of: Vec<Option<u32>> =
            clusters.of.iter().map(|&of| (of < groups.len() as u32).then_some(of)).collect();
        let own = |(account, group): (usize, &Option<u32>)| {
            let at = left.iter().position(|left| Some(left) == group.as_ref())?;
            Some(probabilities[at][account].0)
        };
        let membership = of.iter().enumerate().map(own).collect();
        return Ok(Extended { of, nearest, membership });
    }
}

/// Clusters after all rounds of joining.
fn grown(
    cache: &Cache,
    groups: &[Group<'_>],
    outstanding: &[u32],
    fits: &mut Fits<'_>,
    watcher: &dyn Watcher,
) -> Result<Clusters, Cancelled> {
    let mut clusters = Clusters::new(cache.accounts().len(), groups);
    for _ in 0..ROUNDS {
        fits.update(&clusters, outstanding, watcher)?;
        let values = Values::new(cache, &clusters);
        let wanted: Vec<Vec<(AccountIndex, f64)>> =
            outstanding.par_iter().map(|&group| values.candidates(group, fits.of(group))).collect();
        let mut best: BTreeMap<AccountIndex, (f64, u32)> = BTreeMap::new();
        for (&group, wanted) in outstanding.iter().zip(wanted) {
            for (account, bits) in
                wanted.into_iter().filter(|(account, _)| clusters.may_join(*account, group as usize))
            {
                let best = best.entry(account).or_insert((bits, group));
                if bits > best.0 {
                    *best = (bits, group);
                }
            }
        }
        drop(values);
        if !clusters.join(&best) {
            break;
        }
    }
    Ok(clusters)
}

/// Most probable group of each account by membership score. `probabilities` holds, for each group of `left`,
/// membership probability and shared bits by account.
fn nearest(
    groups: &[Group<'_>],
    left: &[u32],
    probabilities: &[Vec<(f32, f32)>],
    accounts: usize,
) -> Vec<Option<NearestGroup>> {
    let mut nearest: Vec<Option<NearestGroup>> = vec![None; accounts];
    for (&group, probabilities) in left.iter().zip(probabilities) {
        let score = |nearest: &NearestGroup| {
            membership_score(
                groups[nearest.group as usize].outstanding_z.unwrap_or(0.0),
                f64::from(nearest.probability),
                groups.len(),
            )
        };
        for (best, &(probability, shared_bits)) in nearest.iter_mut().zip(probabilities) {
            let new = NearestGroup { group, probability, shared_bits };
            if best.as_ref().is_none_or(|best| score(best) < score(&new)) {
                *best = Some(new);
            }
        }
    }
    nearest
}

/// Outstanding groups that can be extended, in descending order of z-score.
fn outstanding(groups: &[Group<'_>]) -> Vec<u32> {
    let mut order: Vec<(u32, f64)> = groups
        .iter()
        .enumerate()
        .filter(|(_, group)| !group.one_organisation && group.members.len() >= MIN_MEMBERS)
        .filter_map(|(at, group)| Some((at as u32, group.outstanding_z?)))
        .collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    order.truncate(MAX_GROUPS);
    order.into_iter().map(|(at, _)| at).collect()
}

/// Moves every unlinked account of high membership probability to its nearest group.
fn join_unlinked(clusters: &mut Clusters, nearest: &[Option<NearestGroup>]) {
    for (account, nearest) in nearest.iter().enumerate() {
        let alone = clusters.size(clusters.of[account]) == 1;
        let is_likely = |nearest: &NearestGroup| {
            nearest.probability >= JOIN_PROBABILITY && nearest.shared_bits >= MIN_SHARED_BITS_ALONE
        };
        if let Some(nearest) = nearest.filter(|nearest| alone && is_likely(nearest)) {
            clusters.of[account] = nearest.group;
        }
    }
}

impl Values<'_> {
    /// Accounts outside a group whose posterior bits exceed [`JOIN_BITS`], with the excess.
    fn candidates(&self, group: u32, likelihood: &Likelihood) -> Vec<(AccountIndex, f64)> {
        let agreement_bits = self.agreement_bits(group, self.clusters.members_of(group), &[]);
        let needed = likelihood.prior_bits + JOIN_BITS;
        let bits = |account: AccountIndex| {
            let behaviour = likelihood.bits.get(account as usize).map_or(0.0, |&bits| f64::from(bits));
            (account, self.shared(account, &agreement_bits) + behaviour - needed)
        };
        self.holders(&agreement_bits, MIN_SHARED_BITS)
            .into_iter()
            .filter(|&account| self.clusters.of[account as usize] != group)
            .map(bits)
            .filter(|&(_, bits)| bits >= 0.0)
            .collect()
    }

    /// Membership probability in a group and bits of shared values, by account.
    fn probabilities(&self, group: u32, likelihood: &Likelihood) -> Vec<(f32, f32)> {
        let agreement_bits = self.agreement_bits(group, self.clusters.members_of(group), &[]);
        let mut shared = vec![0.0; self.clusters.of.len()];
        for account in self.holders(&agreement_bits, 0.0) {
            shared[account as usize] = self.shared(account, &agreement_bits);
        }
        let probability = |(at, &shared): (usize, &f64)| {
            let prior = if self.clusters.of[at] == group {
                LINKED_PRIOR_ODDS.log2()
            } else {
                shared - likelihood.prior_bits
            };
            let bits = likelihood.bits.get(at).map_or(0.0, |&bits| f64::from(bits));
            ((1.0 / (1.0 + (-prior - bits).exp2())) as f32, shared as f32)
        };
        shared.iter().enumerate().map(probability).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{self, Row};
    use crate::model::Silent;

    /// 300 accounts with cards of their own; the first eight in one network, of which six are
    /// linked and share cards in twos; 6, 7 and 8 have one of these cards too, and 8 behaves like
    /// anybody; 20 behaves like the members and shares nothing.
    fn rows() -> Vec<Row> {
        let row = |account: usize| Row {
            ip: Some(if account < 8 {
                format!("10.9.9.{account}")
            } else {
                format!("10.0.{}.{}", account % 256, account / 256)
            }),
            payment: Some(match account {
                0..6 => format!("pm_{}", account / 2),
                6..=8 => format!("pm_{}", account - 6),
                _ => format!("pm_{account}"),
            }),
            ..testing::row(&format!("acct_{account:03}"), account as i64 * 1_000_000)
        };
        (0..300).map(row).collect()
    }

    #[test]
    fn accounts_that_share_and_behave_alike_join() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        let linked: Vec<AccountIndex> = (0..6).collect();
        let score = |account: usize| {
            if account < 8 || account == 20 { 2.5 } else { -0.5 + (account % 11) as f32 / 10.0 }
        };
        let features = Features::for_test(&vec![(0..300).map(score).collect(); 2]);
        let joined = |outstanding_z, one_organisation| {
            let group = Group { members: &linked, outstanding_z, one_organisation };
            let of = extend(&cache, &[group], &features, |_| true, &Silent).unwrap().of;
            (0..300).filter(|&account| of[account] == Some(0)).collect::<Vec<usize>>()
        };
        assert_eq!(joined(Some(4.0), false), (0..8).collect::<Vec<_>>());
        assert_eq!(
            joined(None, false),
            (0..6).collect::<Vec<_>>(),
            "what does not stand out is not extended"
        );
        assert_eq!(joined(Some(4.0), true), (0..6).collect::<Vec<_>>());
    }

    #[test]
    fn behaviour_alone_gives_a_chance_and_no_membership() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        let linked: Vec<AccountIndex> = (0..6).collect();
        let score = |account: usize| if account < 8 || account == 20 { 2.5 } else { 0.0 };
        let features = Features::for_test(&[(0..300).map(score).collect()]);
        let group = Group { members: &linked, outstanding_z: Some(4.0), one_organisation: false };
        let extended = extend(&cache, &[group], &features, |_| true, &Silent).unwrap();
        assert_eq!(extended.of[20], None);
        let probability = |account: usize| extended.nearest[account].unwrap().probability;
        assert!(probability(20) > 10.0 * probability(30), "{} {}", probability(20), probability(30));
        assert!(probability(0) > 0.9 && probability(6) > 0.9);
    }
}
