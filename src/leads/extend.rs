//! Accounts that belong to a lead without being linked closely enough by themselves.
//!
//! A campaign's accounts share cards in twos and threes, networks here and mail providers there:
//! half of them reach no link. Of a group that stands out, this asks for every account outside:
//! how much likelier is what it shares (Fellegi & Sunter 1969), and how it behaves and what it
//! asks ([`likeness`](super::likeness)), among the group's members than among the others? Who is
//! likelier in than out with [`SURE`] joins, with all who are linked to it, and the question is asked
//! again of the larger group. Who is not, has the odds that are left.
//!
//! Joining is membership, not evidence: groups are tested on those who were linked. Where they stand among
//! leads rests on all, and so on accounts that were chosen for being alike.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::clusters::{Clusters, Group};
use super::combine::belonging;
use super::likeness::Features;
use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{Cancelled, Family, Watcher};

/// Groups that are extended: nobody reads further down a ranking.
const EXTENDED: usize = 16;

/// Fewest members that show what a group has in common.
const FEWEST: usize = 3;

/// Bits in favour of belonging that must be left when the odds before are taken off: 19 to 1.
const SURE: f64 = 4.25;

/// The chance from which an account that is linked to nobody else joins by what it shares and is
/// like together: 19 in 20.
const SURE_ALIKE: f32 = 0.95;

/// The chance from which an account is taken to be of a group's kind: likelier than not.
const LIKELY: f32 = 0.5;

/// Bits that what such an account shares must tell. Those who speak a campaign's language are
/// alike to it, and innocents among them share nothing with it.
const SHARED_ALIKE: f32 = 2.0;

/// Bits that what is shared must tell where it is weighed first: likeness alone makes nobody a member.
const SHARED: f64 = 4.0;

/// Odds that a linked account is one of what its group is, before it is known how it behaves: a
/// tenth of those linked are taken for bystanders.
const LINKED: f64 = 9.0;

/// Rounds of joining. Each rests on those who joined before, so errors would add up.
const ROUNDS: usize = 3;

/// Where the accounts of a case belong.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Extended {
    /// The group that each account is in, by position in the groups: its own, or the one that it,
    /// or its group, has joined.
    pub of: Vec<Option<u32>>,
    /// For each account the group that stands out to which it likeliest belongs, linked or not, the
    /// more evident group being preferred.
    pub near: Vec<Option<Near>>,
    /// For each account how likely it is of the group that it is in; `None` where no model was made of that.
    pub chance: Vec<Option<f32>>,
}

/// How likely an account belongs to a group that stands out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Near {
    /// Position of the group.
    pub group: u32,
    /// Chance by the model, 0 to 1.
    pub chance: f32,
    /// Bits that what it shares with the group tells.
    shared: f32,
}

/// Extends the groups that stand out. `stand_out` says whether some accounts together do: a group is
/// extended only while those who are like it do with it, or a few odd accounts of a common kind would make
/// a lead of all that are of this kind.
///
/// # Errors
/// Only when cancelled.
pub(super) fn extend(
    cache: &Cache,
    groups: &[Group<'_>],
    features: &Features,
    stand_out: impl Fn(&[AccountIndex]) -> bool,
    watcher: &dyn Watcher,
) -> Result<Extended, Cancelled> {
    let mut outstanding = outstanding(groups);
    loop {
        let mut clusters = grown(cache, groups, &outstanding, features, watcher)?;
        // What has joined another group has no members left to be like.
        let left: Vec<u32> = outstanding.iter().copied().filter(|&group| clusters.size(group) > 0).collect();
        let values = Values::new(cache, &clusters);
        let chances = left
            .par_iter()
            .map(|&group| Ok(values.chances(group, &values.likeness(group, features, watcher)?)))
            .collect::<Result<Vec<_>, Cancelled>>()?;
        let of_a_kind = |chances: &[(f32, f32)]| {
            let likely = chances.iter().enumerate().filter(|(_, (chance, _))| *chance >= LIKELY);
            stand_out(&likely.map(|(account, _)| account as AccountIndex).collect::<Vec<_>>())
        };
        let fading: Vec<u32> =
            left.iter().zip(&chances).filter(|(_, own)| !of_a_kind(own)).map(|(&group, _)| group).collect();
        if !fading.is_empty() {
            outstanding.retain(|group| !fading.contains(group));
            continue;
        }
        let near = near(groups, &left, &chances, clusters.of.len());
        join_alike(&mut clusters, &near);
        let of: Vec<Option<u32>> =
            clusters.of.iter().map(|&of| (of < groups.len() as u32).then_some(of)).collect();
        let own = |(account, group): (usize, &Option<u32>)| {
            let at = left.iter().position(|left| Some(left) == group.as_ref())?;
            Some(chances[at][account].0)
        };
        let chance = of.iter().enumerate().map(own).collect();
        return Ok(Extended { of, near, chance });
    }
}

/// Round by round, what the groups have gathered.
fn grown(
    cache: &Cache,
    groups: &[Group<'_>],
    outstanding: &[u32],
    features: &Features,
    watcher: &dyn Watcher,
) -> Result<Clusters, Cancelled> {
    let mut clusters = Clusters::new(cache.accounts().len(), groups);
    for _ in 0..ROUNDS {
        let values = Values::new(cache, &clusters);
        let wanted = outstanding
            .par_iter()
            .map(|&group| Ok(values.candidates(group, &values.likeness(group, features, watcher)?)))
            .collect::<Result<Vec<_>, Cancelled>>()?;
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

/// For each account the group that it counts most for to be one of. `chances` are those of the groups
/// at `left`: chance, and bits shared, by account.
fn near(
    groups: &[Group<'_>],
    left: &[u32],
    chances: &[Vec<(f32, f32)>],
    accounts: usize,
) -> Vec<Option<Near>> {
    let mut near: Vec<Option<Near>> = vec![None; accounts];
    for (&group, chances) in left.iter().zip(chances) {
        let worth = |near: &Near| {
            belonging(
                groups[near.group as usize].outstanding.unwrap_or(0.0),
                f64::from(near.chance),
                groups.len(),
            )
        };
        for (noted, &(chance, shared)) in near.iter_mut().zip(chances) {
            let new = Near { group, chance, shared };
            if noted.as_ref().is_none_or(|noted| worth(noted) < worth(&new)) {
                *noted = Some(new);
            }
        }
    }
    near
}

/// The groups that stand out and can be extended, the most telling first.
fn outstanding(groups: &[Group<'_>]) -> Vec<u32> {
    let mut order: Vec<(u32, f64)> = groups
        .iter()
        .enumerate()
        .filter(|(_, group)| !group.one_organisation && group.members.len() >= FEWEST)
        .filter_map(|(at, group)| Some((at as u32, group.outstanding?)))
        .collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    order.truncate(EXTENDED);
    order.into_iter().map(|(at, _)| at).collect()
}

/// Moves every account that is linked to nobody and surely alike to the group it is near.
fn join_alike(clusters: &mut Clusters, near: &[Option<Near>]) {
    for (account, near) in near.iter().enumerate() {
        let alone = clusters.size(clusters.of[account]) == 1;
        let alike = |near: &Near| near.chance >= SURE_ALIKE && near.shared >= SHARED_ALIKE;
        if let Some(near) = near.filter(|near| alone && alike(near)) {
            clusters.of[account] = near.group;
        }
    }
}

/// How common values are when every cluster counts as one.
struct Values<'a> {
    cache: &'a Cache,
    clusters: &'a Clusters,
    /// By value; 0 for what tells nothing of control.
    popularity: Vec<f64>,
}

impl<'a> Values<'a> {
    fn new(cache: &'a Cache, clusters: &'a Clusters) -> Self {
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
        Self { cache, clusters, popularity }
    }

    fn members(&self, group: u32) -> &[AccountIndex] {
        self.clusters.members.get(&group).map_or(&[][..], Vec::as_slice)
    }

    /// How alike the accounts are to a group's; where its members are too few to tell, nobody is, and as
    /// many may be hidden as are known.
    fn likeness(&self, group: u32, features: &Features, watcher: &dyn Watcher) -> Result<Alike, Cancelled> {
        let members = self.members(group);
        let all = self.clusters.of.len() as f64;
        Ok(match features.likeness(members, watcher)? {
            Some(likeness) => Alike {
                bits: likeness.odds.into_iter().map(|odds| odds / std::f32::consts::LN_2).collect(),
                against: (all / likeness.hidden).log2(),
            },
            None => Alike { bits: Vec::new(), against: (all / members.len().max(1) as f64).log2() },
        })
    }

    /// Accounts outside a group that are likelier in than out, and the bits beyond [`SURE`].
    fn candidates(&self, group: u32, alike: &Alike) -> Vec<(AccountIndex, f64)> {
        let marks = self.marks(group, self.members(group));
        let needed = alike.against + SURE;
        let bits = |account: AccountIndex| {
            let likeness = alike.bits.get(account as usize).map_or(0.0, |&bits| f64::from(bits));
            (account, self.shared(account, &marks) + likeness - needed)
        };
        self.holders(&marks, SHARED)
            .into_iter()
            .filter(|&account| self.clusters.of[account as usize] != group)
            .map(bits)
            .filter(|&(_, bits)| bits >= 0.0)
            .collect()
    }

    /// How likely each account belongs to a group, and the bits that what it shares tells.
    fn chances(&self, group: u32, alike: &Alike) -> Vec<(f32, f32)> {
        let marks = self.marks(group, self.members(group));
        let mut shared = vec![0.0; self.clusters.of.len()];
        for account in self.holders(&marks, 0.0) {
            shared[account as usize] = self.shared(account, &marks);
        }
        let chance = |(at, &shared): (usize, &f64)| {
            let before = if self.clusters.of[at] == group { LINKED.log2() } else { shared - alike.against };
            let bits = alike.bits.get(at).map_or(0.0, |&bits| f64::from(bits));
            ((1.0 / (1.0 + (-before - bits).exp2())) as f32, shared as f32)
        };
        shared.iter().enumerate().map(chance).collect()
    }

    /// Accounts that have a mark of that many bits or more, ascending.
    fn holders(&self, marks: &BTreeMap<ValueIndex, f64>, least: f64) -> Vec<AccountIndex> {
        let mut holders: Vec<AccountIndex> = marks
            .iter()
            .filter(|&(_, &bits)| bits >= least)
            .flat_map(|(&value, _)| self.cache.accounts_with(value))
            .copied()
            .collect();
        holders.sort_unstable();
        holders.dedup();
        holders
    }

    /// Bits of what an account shares with a group: the most telling mark of each family.
    fn shared(&self, account: AccountIndex, marks: &BTreeMap<ValueIndex, f64>) -> f64 {
        let mut best: BTreeMap<Family, f64> = BTreeMap::new();
        for (value, _) in self.cache.values_of(account) {
            if let (Some(&bits), Some(family)) = (marks.get(value), self.family(*value)) {
                let best = best.entry(family).or_insert(bits);
                *best = best.max(bits);
            }
        }
        best.values().sum()
    }

    fn family(&self, value: ValueIndex) -> Option<Family> {
        self.cache.values()[value as usize].kind.family()
    }

    /// What having a value says for being of the group, in bits. Values of a family are ordered
    /// by how much they are the group's own. Each then counts with all before it: the share of
    /// members that have one of them in common with another member, over the share of the others
    /// that have one. So many rare values that each two members share say less than one that all
    /// do, and what the group happens to have much of is easily hit by chance.
    fn marks(&self, group: u32, members: &[AccountIndex]) -> BTreeMap<ValueIndex, f64> {
        let mut held: Vec<(ValueIndex, usize)> = Vec::new();
        for (at, &account) in members.iter().enumerate() {
            let values = self.cache.values_of(account).iter().map(|&(value, _)| value);
            held.extend(
                values.filter(|&value| self.popularity[value as usize] > 0.0).map(|value| (value, at)),
            );
        }
        held.sort_unstable();
        let all = self.clusters.members.len() as f64 + 0.5;
        let weight = 1.0 / self.clusters.size(group).max(1) as f64;
        let mut by_family: BTreeMap<Family, Vec<Mark<'_>>> = BTreeMap::new();
        for run in held.chunk_by(|a, b| a.0 == b.0) {
            let Some(family) = self.family(run[0].0) else { continue };
            let outside = (self.popularity[run[0].0 as usize] - run.len() as f64 * weight).max(0.0);
            let own = run.len() as f64 / (outside + 0.5);
            by_family.entry(family).or_default().push(Mark { own, outside, run });
        }
        let mut marks = BTreeMap::new();
        for runs in by_family.values_mut() {
            runs.sort_by(|a, b| b.own.total_cmp(&a.own).then(a.run[0].0.cmp(&b.run[0].0)));
            let mut have = vec![false; members.len()];
            let (mut inside, mut outside) = (0, 0.5);
            for Mark { outside: others, run, .. } in runs {
                outside += *others;
                for &(_, at) in run.iter().filter(|_| run.len() > 1) {
                    inside += usize::from(!std::mem::replace(&mut have[at], true));
                }
                let bits = (inside as f64 / members.len() as f64 * all / outside).log2();
                if bits > 0.0 {
                    marks.insert(run[0].0, bits);
                }
            }
        }
        marks
    }
}

/// How alike accounts are to a group.
struct Alike {
    /// Bits for being of the group, by account; empty where nothing is known.
    bits: Vec<f32>,
    /// Bits against an outsider's being of the group, before anything is known of it: all accounts over
    /// those that may be hidden.
    against: f64,
}

/// A value that members of a group have.
struct Mark<'a> {
    /// Members that have it over others that do, each cluster of those counting as one.
    own: f64,
    /// The others that do.
    outside: f64,
    /// The value, with the position of each member that has it.
    run: &'a [(ValueIndex, usize)],
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
    fn who_shares_and_behaves_alike_joins() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        let linked: Vec<AccountIndex> = (0..6).collect();
        let score = |account: usize| {
            if account < 8 || account == 20 { 2.5 } else { -0.5 + (account % 11) as f32 / 10.0 }
        };
        let features = Features::for_test(&vec![(0..300).map(score).collect(); 2]);
        let joined = |evidence, one_organisation| {
            let group = Group { members: &linked, outstanding: evidence, one_organisation };
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
    fn likeness_alone_is_a_chance_and_no_membership() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        let linked: Vec<AccountIndex> = (0..6).collect();
        let score = |account: usize| if account < 8 || account == 20 { 2.5 } else { 0.0 };
        let features = Features::for_test(&[(0..300).map(score).collect()]);
        let group = Group { members: &linked, outstanding: Some(4.0), one_organisation: false };
        let extended = extend(&cache, &[group], &features, |_| true, &Silent).unwrap();
        assert_eq!(extended.of[20], None);
        let chance = |account: usize| extended.near[account].unwrap().chance;
        assert!(chance(20) > 10.0 * chance(30), "{} {}", chance(20), chance(30));
        assert!(chance(0) > 0.9 && chance(6) > 0.9);
    }
}
