//! Accounts by what they are thought to belong to, while groups are extended.
//!
//! Keeps who is where and moves whole clusters; what speaks for moving is worked out elsewhere.

use std::collections::BTreeMap;

use crate::cache::AccountIndex;

/// A linked group that may be extended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group<'a> {
    /// Its accounts, ascending.
    pub members: &'a [AccountIndex],
    /// Its evidence where it stands out; no other is extended.
    pub outstanding: Option<f64>,
    /// A declared organisation: neither extended nor joined to another.
    pub one_organisation: bool,
}

/// Accounts by what they are thought to belong to: a group, or themselves.
pub(super) struct Clusters {
    /// Position of the group, or the number of groups plus the account.
    pub of: Vec<u32>,
    /// Accounts of each cluster.
    pub members: BTreeMap<u32, Vec<AccountIndex>>,
    /// Groups that join none.
    fixed: Vec<bool>,
}

impl Clusters {
    /// Each group of its members, every other account of itself.
    pub fn new(accounts: usize, groups: &[Group<'_>]) -> Self {
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

    /// Accounts of a cluster; 0 once it has joined another.
    pub fn size(&self, cluster: u32) -> usize {
        self.members.get(&cluster).map_or(0, Vec::len)
    }

    /// Whether the account's cluster may join the group: the smaller joins the larger.
    pub fn may_join(&self, account: AccountIndex, group: usize) -> bool {
        let (own, group) = (self.of[account as usize], group as u32);
        let fixed = self.fixed.get(own as usize).copied().unwrap_or(false);
        own != group
            && !fixed
            && (self.size(own), std::cmp::Reverse(own)) < (self.size(group), std::cmp::Reverse(group))
    }

    /// Moves every cluster of which half the accounts, and two unless it is one, would best join
    /// the same group. Whether any moved.
    pub fn join(&mut self, best: &BTreeMap<AccountIndex, (f64, u32)>) -> bool {
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
