//! Clusters of accounts while groups are extended.
//!
//! Holds the partition and moves whole clusters; `extend` decides which clusters move.

use std::collections::BTreeMap;

use crate::cache::AccountIndex;

/// A linked group that may be extended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group<'a> {
    /// Its accounts, ascending.
    pub members: &'a [AccountIndex],
    /// Z-score if the group is outstanding; other groups are not extended.
    pub outstanding_z: Option<f64>,
    /// True for one declared organisation, which is neither extended nor joined to another group.
    pub one_organisation: bool,
}

/// Partition of the accounts: each is in a group, or alone.
pub(super) struct Clusters {
    /// Cluster of each account: position of its group, or the number of groups plus the account.
    pub of: Vec<u32>,
    /// Accounts of each group, ascending.
    groups: Vec<Vec<AccountIndex>>,
    /// All accounts, ascending.
    everyone: Vec<AccountIndex>,
    /// True for groups that join no other.
    fixed: Vec<bool>,
}

impl Clusters {
    /// Initial partition: each group with its members, every other account alone.
    pub fn new(accounts: usize, groups: &[Group<'_>]) -> Self {
        let mut of: Vec<u32> = (0..accounts).map(|account| (groups.len() + account) as u32).collect();
        for (at, group) in groups.iter().enumerate() {
            group.members.iter().for_each(|&account| of[account as usize] = at as u32);
        }
        let mut clusters = Self {
            of,
            groups: vec![Vec::new(); groups.len()],
            everyone: (0..accounts as AccountIndex).collect(),
            fixed: groups.iter().map(|group| group.one_organisation).collect(),
        };
        clusters.gather();
        clusters
    }

    fn gather(&mut self) {
        self.groups.iter_mut().for_each(Vec::clear);
        for (account, &of) in self.of.iter().enumerate() {
            if let Some(members) = self.groups.get_mut(of as usize) {
                members.push(account as AccountIndex);
            }
        }
    }

    /// Accounts of a cluster, ascending; none once it has joined another.
    pub fn members_of(&self, cluster: u32) -> &[AccountIndex] {
        let cluster_at = cluster as usize;
        if let Some(members) = self.groups.get(cluster_at) {
            return members;
        }
        let account = cluster_at - self.groups.len();
        let is_alone = self.of.get(account) == Some(&cluster);
        if is_alone { &self.everyone[account..=account] } else { &[] }
    }

    /// Number of accounts of a cluster; 0 once it has joined another.
    pub fn size(&self, cluster: u32) -> usize {
        self.members_of(cluster).len()
    }

    /// Number of clusters that have accounts.
    pub fn count(&self) -> usize {
        (0..self.end()).filter(|&cluster| self.size(cluster) > 0).count()
    }

    /// One past the last cluster.
    fn end(&self) -> u32 {
        (self.groups.len() + self.of.len()) as u32
    }

    /// True if the account's cluster may join the group: only a smaller cluster joins a larger one.
    pub fn may_join(&self, account: AccountIndex, group: usize) -> bool {
        let (own, group) = (self.of[account as usize], group as u32);
        let fixed = self.fixed.get(own as usize).copied().unwrap_or(false);
        own != group
            && !fixed
            && (self.size(own), std::cmp::Reverse(own)) < (self.size(group), std::cmp::Reverse(group))
    }

    /// Moves every cluster in which at least half of the accounts, and at least two unless it has one, have
    /// the same best group. True if any moved.
    pub fn join(&mut self, best: &BTreeMap<AccountIndex, (f64, u32)>) -> bool {
        let mut target: BTreeMap<u32, u32> = BTreeMap::new();
        for cluster in 0..self.end() {
            let members = self.members_of(cluster);
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
            // Terminates, because the joined cluster is always the larger one.
            while let Some(&to) = target.get(of) {
                *of = to;
            }
        }
        self.gather();
        !target.is_empty()
    }
}
