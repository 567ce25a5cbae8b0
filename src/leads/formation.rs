//! Groups that become leads: content communities, and linked groups that no community contains.

use super::content::{Communities, ContentLead, DividedPool};
use super::extend::{Extended, NearestGroup};
use crate::cache::AccountIndex;
use crate::signals::linkage::Linkage;

/// Groups of a case, content communities first.
pub(super) struct Formation {
    /// The links, with these groups.
    pub linkage: Linkage,
    /// Community of each group; `None` for linked groups.
    pub content: Vec<Option<ContentLead>>,
    /// Divided pool of each linked group.
    pub pools: Vec<Option<DividedPool>>,
    /// True for linked groups that are one declared organisation, or one unit: values they share are no
    /// evidence of hidden control.
    pub one_unit: Vec<bool>,
}

impl Formation {
    /// Merges overlapping groups. A linked group of which a community has at least half joins its core. Any other
    /// linked group keeps its accounts if they divide a pool, since their number is part of its evidence; else the
    /// accounts of communities are removed from it.
    pub fn new(mut linkage: Linkage, communities: Communities) -> Self {
        let Communities { leads: mut content, pools: of_linked, units } = communities;
        let accounts = linkage.group_of.len();
        let of_pools = of_whole_pools(&linkage, &of_linked, &owners(&content, accounts));
        content.retain_mut(|lead| lead.keeps_enough_core_without(&of_pools));
        let mut owner = owners(&content, accounts);
        let mut groups: Vec<Vec<AccountIndex>> = Vec::new();
        let mut one_organisation = Vec::new();
        let mut pools: Vec<Option<DividedPool>> = Vec::new();
        let linked = linkage.groups.drain(..).zip(linkage.one_organisation.drain(..)).enumerate();
        for (at, (mut members, one)) in linked {
            match taken_by(&members, &owner) {
                Some(lead) => {
                    let free = |account: &AccountIndex| owner[*account as usize].is_none_or(|of| of == lead);
                    let taken: Vec<AccountIndex> = members.into_iter().filter(free).collect();
                    taken.iter().for_each(|&account| owner[account as usize] = Some(lead));
                    content[lead as usize].add_core(&taken);
                }
                None => {
                    members.retain(|&account| owner[account as usize].is_none());
                    if members.len() > 1 {
                        pools.push(of_linked.get(at).copied().flatten());
                        groups.push(members);
                        one_organisation.push(one);
                    }
                }
            }
        }
        linkage.groups = content.iter().map(|lead| lead.core.clone()).chain(groups).collect();
        linkage.one_organisation = vec![false; content.len()];
        linkage.one_organisation.extend(one_organisation);
        linkage.group_of = vec![None; accounts];
        for (at, members) in linkage.groups.iter().enumerate() {
            members.iter().for_each(|&account| linkage.group_of[account as usize] = Some(at as u32));
        }
        let mut of_groups: Vec<Option<ContentLead>> = content.into_iter().map(Some).collect();
        of_groups.resize_with(linkage.groups.len(), || None);
        pools.splice(0..0, std::iter::repeat_n(None, of_groups.iter().flatten().count()));
        let unit = |account: &AccountIndex| units.get(*account as usize);
        let is_one = |(members, &one): (&Vec<AccountIndex>, &bool)| {
            one || unit(&members[0])
                .is_some_and(|first| members.iter().all(|other| unit(other) == Some(first)))
        };
        let one_unit = linkage.groups.iter().zip(&linkage.one_organisation).map(is_one).collect();
        Self { linkage, content: of_groups, pools, one_unit }
    }

    /// Group, membership probability and most probable community of every account. Linked groups have no
    /// joined members.
    pub fn extended(&self) -> Extended {
        let mut of = self.linkage.group_of.clone();
        let mut membership = vec![None; of.len()];
        let mut nearest: Vec<Option<NearestGroup>> = vec![None; of.len()];
        for (group, lead) in self.content.iter().enumerate() {
            let Some(lead) = lead else { continue };
            let group = group as u32;
            lead.joined.iter().for_each(|&account| of[account as usize] = Some(group));
            for (account, probability) in lead.probabilities().enumerate() {
                if of[account] == Some(group) {
                    membership[account] = Some(probability);
                    nearest[account] = Some(NearestGroup::new(group, probability));
                } else if nearest[account].is_none_or(|best| best.probability < probability)
                    && of[account].is_none_or(|of| self.content[of as usize].is_none())
                {
                    nearest[account] = Some(NearestGroup::new(group, probability));
                }
            }
        }
        Extended { of, nearest, membership }
    }
}

/// Community of each account.
fn owners(content: &[ContentLead], accounts: usize) -> Vec<Option<u32>> {
    let mut owner = vec![None; accounts];
    for (at, lead) in content.iter().enumerate() {
        let members = lead.core.iter().chain(&lead.joined);
        members.for_each(|&account| owner[account as usize] = Some(at as u32));
    }
    owner
}

/// Ascending accounts of linked groups that divide a pool and of which no community has half.
fn of_whole_pools(
    linkage: &Linkage,
    pools: &[Option<DividedPool>],
    owner: &[Option<u32>],
) -> Vec<AccountIndex> {
    let divided = linkage.groups.iter().zip(pools).filter(|(_, pool)| pool.is_some());
    let whole = divided.map(|(members, _)| members).filter(|members| taken_by(members, owner).is_none());
    let mut accounts: Vec<AccountIndex> = whole.flatten().copied().collect();
    accounts.sort_unstable();
    accounts
}

/// Community that has at least half of some accounts.
fn taken_by(members: &[AccountIndex], owner: &[Option<u32>]) -> Option<u32> {
    let mut owners: Vec<u32> = members.iter().filter_map(|&account| owner[account as usize]).collect();
    owners.sort_unstable();
    owners.chunk_by(|a, b| a == b).find(|same| 2 * same.len() >= members.len()).map(|same| same[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linkage(groups: &[&[AccountIndex]]) -> Linkage {
        let mut group_of = vec![None; 12];
        for (at, members) in groups.iter().enumerate() {
            members.iter().for_each(|&account| group_of[account as usize] = Some(at as u32));
        }
        Linkage {
            groups: groups.iter().map(|members| members.to_vec()).collect(),
            one_organisation: vec![false; groups.len()],
            group_of,
            strongest: vec![0.0; 12],
            testable: true,
            links: Vec::new(),
        }
    }

    #[test]
    fn a_community_takes_in_what_it_has_half_of() {
        let lead = ContentLead::for_test(&[1, 2, 3], &[4], 12);
        let formed = Formation::new(
            linkage(&[&[3, 4, 5], &[2, 6, 7, 8], &[1, 9, 10], &[0, 11]]),
            Communities {
                leads: vec![lead],
                units: vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 0],
                ..Communities::default()
            },
        );
        assert_eq!(formed.linkage.groups, [vec![1, 2, 3, 4, 5], vec![6, 7, 8], vec![9, 10], vec![0, 11]]);
        assert_eq!(formed.one_unit, [false, false, true, true]);
        assert_eq!(formed.linkage.group_of[5], Some(0));
        assert_eq!(formed.linkage.group_of[6], Some(1));
        assert_eq!(formed.content.iter().filter(|lead| lead.is_some()).count(), 1);
        let extended = formed.extended();
        assert_eq!(extended.of[4], Some(0));
        assert!(extended.membership[1].is_some() && extended.membership[6].is_none());
    }

    /// A community of seven accounts that has two of the five that divide a pool, and one of four linked accounts.
    #[test]
    fn a_divided_pool_keeps_accounts_of_which_a_community_has_less_than_half() {
        let formed = |core: &[AccountIndex]| {
            let pool = DividedPool::for_test(5);
            let communities = Communities {
                leads: vec![ContentLead::for_test(core, &[], 12)],
                pools: vec![Some(pool), None],
                units: (0..12).collect(),
            };
            Formation::new(linkage(&[&[3, 4, 7, 8, 9], &[0, 5, 10, 11]]), communities)
        };
        let apart = formed(&[1, 2, 3, 4, 5, 6, 0]);
        assert_eq!(apart.linkage.groups, [vec![0, 1, 2, 5, 6, 10, 11], vec![3, 4, 7, 8, 9]]);
        assert!(apart.pools[0].is_none() && apart.pools[1].is_some());
        // Half of the pool is the community's: both are one campaign.
        let one = formed(&[1, 2, 3, 4, 7, 6]);
        assert_eq!(one.linkage.groups, [vec![1, 2, 3, 4, 6, 7, 8, 9], vec![0, 5, 10, 11]]);
        assert!(one.pools.iter().all(Option::is_none));
        // Without the pool's accounts the community is too small for a lead.
        let dropped = formed(&[1, 2, 3, 4, 5, 6]);
        assert_eq!(dropped.linkage.groups, [vec![3, 4, 7, 8, 9], vec![0, 5, 10, 11]]);
        assert!(dropped.content.iter().all(Option::is_none));
    }
}
