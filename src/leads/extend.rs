//! Accounts that belong to a lead without being linked closely enough by themselves.
//!
//! A campaign's accounts share cards in twos and threes, networks here and mail providers there:
//! half of them reach no link. Of a group that stands out, this asks for every account outside:
//! how much likelier is what it shares, and how it behaves, among the group's members than among
//! the others (Fellegi & Sunter 1969)? Who is likelier in than out with [`SURE`] joins, with all
//! who are linked to it, and the question is asked again of the larger group.
//!
//! Joining is membership, not evidence: groups are tested and ranked on those who were linked.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{Cancelled, Family, Watcher};

/// Groups that are extended: nobody reads further down a ranking.
const EXTENDED: usize = 16;

/// Standard deviations that a group's evidence must reach. What does not stand out is no lead, and
/// gathering more of it would only tie innocents together.
const STANDS_OUT: f64 = 2.0;

/// Fewest members that show what a group has in common.
const FEWEST: usize = 3;

/// Bits in favour of belonging that must be left when the odds before are taken off: 99 in 100.
const SURE: f64 = 6.64;

/// Bits that what is shared must tell: likeness alone makes nobody a member.
const SHARED: f64 = 4.0;

/// What the bits of behaviour count: signals depend on one another, and half is what is left of
/// two that tell nearly the same.
const DISCOUNT: f64 = 0.5;

/// Accounts of the ordinary mean and spread that are added to a group where its signals' mean and
/// spread are estimated, so that three alike do not make a law.
const ADDED: f64 = 4.0;

/// Rounds of joining. Each rests on those who joined before, so errors would add up.
const ROUNDS: usize = 3;

/// A linked group that may be extended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group<'a> {
    /// Its accounts, ascending.
    pub members: &'a [AccountIndex],
    /// How far it stands out; `None` where that could not be tested.
    pub evidence: Option<f64>,
    /// A declared organisation: neither extended nor joined to another.
    pub one_organisation: bool,
}

/// The group that each account is in, by position in `groups`: its own, or the one that it, or its
/// group, has joined. `scores` are the normal scores of each signal by account.
///
/// # Errors
/// Only when cancelled.
pub(super) fn extend(
    cache: &Cache,
    groups: &[Group<'_>],
    scores: &[Vec<Option<f64>>],
    watcher: &dyn Watcher,
) -> Result<Vec<Option<u32>>, Cancelled> {
    let mut order: Vec<usize> = (0..groups.len())
        .filter(|&at| !groups[at].one_organisation && groups[at].members.len() >= FEWEST)
        .filter(|&at| groups[at].evidence.is_some_and(|evidence| evidence >= STANDS_OUT))
        .collect();
    let told = |at: usize| groups[at].evidence.unwrap_or(0.0);
    order.sort_by(|&a, &b| told(b).total_cmp(&told(a)).then(a.cmp(&b)));
    order.truncate(EXTENDED);
    let mut clusters = Clusters::new(cache.accounts().len(), groups);
    for _ in 0..ROUNDS {
        watcher.check()?;
        let values = Values::new(cache, &clusters);
        let wanted: Vec<Vec<(AccountIndex, f64)>> =
            order.par_iter().map(|&group| values.candidates(group as u32, scores)).collect();
        let mut best: BTreeMap<AccountIndex, (f64, u32)> = BTreeMap::new();
        for (&group, wanted) in order.iter().zip(wanted) {
            for (account, bits) in
                wanted.into_iter().filter(|(account, _)| clusters.may_join(*account, group))
            {
                let best = best.entry(account).or_insert((bits, group as u32));
                if bits > best.0 {
                    *best = (bits, group as u32);
                }
            }
        }
        drop(values);
        if !clusters.join(&best) {
            break;
        }
    }
    Ok(clusters.of.iter().map(|&of| (of < groups.len() as u32).then_some(of)).collect())
}

/// Accounts by what they are thought to belong to: a group, or themselves.
struct Clusters {
    /// Position of the group, or the number of groups plus the account.
    of: Vec<u32>,
    /// Accounts of each cluster.
    members: BTreeMap<u32, Vec<AccountIndex>>,
    /// Groups that join none.
    fixed: Vec<bool>,
}

impl Clusters {
    fn new(accounts: usize, groups: &[Group<'_>]) -> Self {
        let mut of: Vec<u32> = (0..accounts).map(|account| (groups.len() + account) as u32).collect();
        for (at, group) in groups.iter().enumerate() {
            group.members.iter().for_each(|&account| of[account as usize] = at as u32);
        }
        let mut clusters = Self {
            of,
            members: BTreeMap::new(),
            fixed: groups.iter().map(|group| group.one_organisation).collect(),
        };
        clusters.gather();
        clusters
    }

    fn gather(&mut self) {
        self.members.clear();
        for (account, &of) in self.of.iter().enumerate() {
            self.members.entry(of).or_default().push(account as AccountIndex);
        }
    }

    fn size(&self, cluster: u32) -> usize {
        self.members.get(&cluster).map_or(0, Vec::len)
    }

    /// Whether the account's cluster may join the group: the smaller joins the larger.
    fn may_join(&self, account: AccountIndex, group: usize) -> bool {
        let (own, group) = (self.of[account as usize], group as u32);
        let fixed = self.fixed.get(own as usize).copied().unwrap_or(false);
        own != group
            && !fixed
            && (self.size(own), std::cmp::Reverse(own)) < (self.size(group), std::cmp::Reverse(group))
    }

    /// Moves every cluster of which half the accounts, and two unless it is one, would best join
    /// the same group. Whether any moved.
    fn join(&mut self, best: &BTreeMap<AccountIndex, (f64, u32)>) -> bool {
        let mut target: BTreeMap<u32, u32> = BTreeMap::new();
        for (&cluster, members) in &self.members {
            let mut votes: BTreeMap<u32, usize> = BTreeMap::new();
            for (_, group) in members.iter().filter_map(|account| best.get(account)) {
                *votes.entry(*group).or_default() += 1;
            }
            let first = votes.into_iter().max_by_key(|&(group, votes)| (votes, std::cmp::Reverse(group)));
            if let Some((group, _)) =
                first.filter(|&(_, votes)| 2 * votes >= members.len() && votes >= members.len().min(2))
            {
                target.insert(cluster, group);
            }
        }
        for of in &mut self.of {
            // Ends, because what is joined is always the larger.
            while let Some(&to) = target.get(of) {
                *of = to;
            }
        }
        self.gather();
        !target.is_empty()
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

    /// Accounts outside a group that are likelier in than out, and the bits beyond [`SURE`].
    fn candidates(&self, group: u32, scores: &[Vec<Option<f64>>]) -> Vec<(AccountIndex, f64)> {
        let members = self.clusters.members.get(&group).map_or(&[][..], Vec::as_slice);
        let marks = self.marks(group, members);
        let mut outside: Vec<AccountIndex> = marks
            .iter()
            .filter(|&(_, &bits)| bits >= SHARED)
            .flat_map(|(&value, _)| self.cache.accounts_with(value))
            .copied()
            .filter(|&account| self.clusters.of[account as usize] != group)
            .collect();
        outside.sort_unstable();
        outside.dedup();
        let habits: Vec<Habit> = scores.iter().map(|scores| Habit::of(members, scores)).collect();
        let needed = (self.clusters.of.len() as f64 / members.len().max(1) as f64).log2() + SURE;
        let bits = |&account: &AccountIndex| {
            let likeness: f64 = habits
                .iter()
                .zip(scores)
                .filter_map(|(habit, scores)| Some(habit.bits(scores[account as usize]?)))
                .sum();
            (account, self.shared(account, &marks) + DISCOUNT * likeness - needed)
        };
        outside.iter().map(bits).filter(|&(_, bits)| bits >= 0.0).collect()
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

/// A value that members of a group have.
struct Mark<'a> {
    /// Members that have it over others that do, each cluster of those counting as one.
    own: f64,
    /// The others that do.
    outside: f64,
    /// The value, with the position of each member that has it.
    run: &'a [(ValueIndex, usize)],
}

/// How the members of a group stand by one signal, as a normal distribution of their scores.
struct Habit {
    mean: f64,
    variance: f64,
}

impl Habit {
    fn of(members: &[AccountIndex], scores: &[Option<f64>]) -> Self {
        let known: Vec<f64> = members.iter().filter_map(|&account| scores[account as usize]).collect();
        let weight = known.len() as f64 + ADDED;
        let mean = known.iter().sum::<f64>() / weight;
        let variance = (known.iter().map(|score| (score - mean).powi(2)).sum::<f64>() + ADDED) / weight;
        Self { mean, variance }
    }

    /// log₂ of how much likelier the score is in the group than among all accounts.
    fn bits(&self, score: f64) -> f64 {
        let inside = -(score - self.mean).powi(2) / (2.0 * self.variance) - 0.5 * self.variance.ln();
        (inside + score.powi(2) / 2.0) / std::f64::consts::LN_2
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
    fn who_shares_and_behaves_alike_joins() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        let linked: Vec<AccountIndex> = (0..6).collect();
        let score = |account: usize| {
            Some(if account < 8 || account == 20 { 2.5 } else { -0.5 + (account % 11) as f64 / 10.0 })
        };
        let scores = vec![(0..300).map(score).collect::<Vec<_>>(); 2];
        let joined = |evidence, one_organisation| {
            let group = Group { members: &linked, evidence: Some(evidence), one_organisation };
            let of = extend(&cache, &[group], &scores, &Silent).unwrap();
            (0..300).filter(|&account| of[account] == Some(0)).collect::<Vec<usize>>()
        };
        assert_eq!(joined(4.0, false), (0..8).collect::<Vec<_>>());
        assert_eq!(joined(1.0, false), (0..6).collect::<Vec<_>>(), "what does not stand out is not extended");
        assert_eq!(joined(4.0, true), (0..6).collect::<Vec<_>>());
    }

    #[test]
    fn a_habit_of_none_says_nothing() {
        let habit = Habit::of(&[], &[]);
        assert_eq!((habit.mean, habit.variance), (0.0, 1.0));
        assert_eq!(habit.bits(3.0), 0.0);
        let high = Habit::of(&[0, 1, 2, 3], &[Some(2.0); 4]);
        assert!(high.bits(2.0) > 0.5 && high.bits(-2.0) < 0.0);
    }
}
