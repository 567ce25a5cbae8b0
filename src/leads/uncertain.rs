//! Members of a lead to check before it is marked: of low membership probability, or without a value in common with
//! the others where most members have one.

use super::lead::Leads;
use crate::cache::{AccountIndex, Cache};
use crate::model::{Family, format_count};
use crate::query::group::sharing;

/// Membership probability below which a member is uncertain.
pub const CERTAIN: f32 = 0.7;

/// Member of a lead to check.
#[derive(Clone, Debug, PartialEq)]
pub struct UncertainMember {
    /// The account.
    pub account: AccountIndex,
    /// Membership probability, 0 to 1; `None` where no model was fitted.
    pub membership: Option<f32>,
    /// Members that share rare values, and all members, where it shares none.
    pub tied: Option<[u32; 2]>,
}

impl UncertainMember {
    /// Why it shares too little: `shares no rare value with other members; 39 of 48 do`. `None` if it does.
    pub fn untied(&self) -> Option<String> {
        let [tied, all] = self.tied?.map(|count| format_count(count.into()));
        Some(format!("shares no rare value with other members; {tied} of {all} do"))
    }
}

/// An account as a member to check of its own lead; `None` if it is none.
pub fn uncertain_member(cache: &Cache, leads: &Leads, account: AccountIndex) -> Option<UncertainMember> {
    let rank = *leads.rank_of.get(account as usize)?;
    let group = leads.accounts.get(rank as usize)?.group?;
    uncertain_members(cache, leads, group as usize).into_iter().find(|one| one.account == account)
}

/// Members of a lead to check, those without a shared value first, then the least probable.
pub fn uncertain_members(cache: &Cache, leads: &Leads, at: usize) -> Vec<UncertainMember> {
    let Some(group) = leads.groups.get(at) else { return Vec::new() };
    // Similar prompts formed a community, so a template in common ties nobody to it.
    let counts = |family: Family| !(group.is_community() && family == Family::Template);
    let sharing = sharing(cache, &group.accounts, counts);
    let size = group.accounts.len() as u32;
    let tied = (2 * sharing.len() >= group.accounts.len()).then_some([sharing.len() as u32, size]);
    let membership = |account: AccountIndex| {
        let rank = *leads.rank_of.get(account as usize)?;
        leads.accounts.get(rank as usize)?.membership
    };
    let member = |&account: &AccountIndex| UncertainMember {
        account,
        membership: membership(account),
        tied: tied.filter(|_| sharing.binary_search(&account).is_err()),
    };
    let mut found: Vec<UncertainMember> = group.accounts.iter().map(member).collect();
    found.retain(|one| one.tied.is_some() || one.membership.is_some_and(|membership| membership < CERTAIN));
    found.sort_by(|a, b| {
        let membership = |one: &UncertainMember| one.membership.unwrap_or(1.0);
        (a.tied.is_none().cmp(&b.tied.is_none()))
            .then(membership(a).total_cmp(&membership(b)))
            .then(a.account.cmp(&b.account))
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::leads::{AccountLead, GroupLead};

    /// Ranking in which the given accounts are members of lead 0 with a membership probability.
    fn leads(group: GroupLead, membership: &[f32]) -> Leads {
        let account = |(at, &membership): (usize, &f32)| AccountLead {
            account: at as AccountIndex,
            rank: at as u32 + 1,
            score: 0.0,
            p_value: None,
            group: Some(0),
            membership: Some(membership),
            nearest: None,
            cohort: 0,
        };
        let accounts: Vec<AccountLead> = membership.iter().enumerate().map(account).collect();
        let rank_of = (0..accounts.len() as u32).collect();
        Leads { accounts, rank_of, groups: vec![group], ..Leads::default() }
    }

    /// Six accounts: the first four pay with one card.
    #[test]
    fn members_without_a_shared_value_are_uncertain_however_probable() {
        let folder = tempfile::tempdir().unwrap();
        let payment = |n: i64| if n < 4 { "pm_ring".to_owned() } else { format!("pm_{n}") };
        let rows = (0..6_i64)
            .map(|n| Row { payment: Some(payment(n)), ..row(&format!("a{n}"), 3_600_000_000 * n) })
            .collect();
        let cache = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]).0;
        let found = |members: &[AccountIndex]| {
            let group = GroupLead::for_test(&cache, members);
            uncertain_members(&cache, &leads(group, &[0.99, 0.6, 0.99, 0.99, 0.998, 0.9]), 0)
        };
        let all = found(&[0, 1, 2, 3, 4, 5]);
        assert_eq!(all.iter().map(|one| one.account).collect::<Vec<_>>(), [5, 4, 1]);
        assert_eq!(all[0].untied().as_deref(), Some("shares no rare value with other members; 4 of 6 do"));
        assert_eq!((all[2].untied(), all[2].membership), (None, Some(0.6)));
        // Where few members share a value, its absence says nothing.
        assert_eq!(found(&[0, 4, 5]), []);
    }
}
