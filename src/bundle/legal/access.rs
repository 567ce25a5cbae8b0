//! Exchanges after notices: by the accounts that they went to, and by other members of their leads.

use std::collections::{BTreeMap, BTreeSet};

use crate::cache::{AccountIndex, Cache};
use crate::case::legal::{Legal, Notice, NoticeKind};
use crate::leads::Leads;
use crate::model::{LeadId, Micros};
use crate::query::usage::{Stretch, Usage};

/// Relation of an account to a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The notice went to it.
    Addressed,
    /// It is another member of the lead of an account that the notice went to.
    Linked,
}

impl Relation {
    /// The word of tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Addressed => "addressed",
            Self::Linked => "linked",
        }
    }
}

/// Accounts with an exchange after a notice that ended access, each once: the items of the element on access after
/// revocation. A warning ends no access.
pub(in crate::bundle) fn after_the_end<A: Ord>(rows: impl Iterator<Item = (NoticeKind, A)>) -> usize {
    rows.filter(|(kind, _)| kind.ends_access()).map(|(_, account)| account).collect::<BTreeSet<A>>().len()
}

/// Exchanges of one account after one notice; at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct AfterRow {
    /// Number of the notice.
    pub notice: u64,
    /// Its kind.
    pub kind: NoticeKind,
    /// Its time, microseconds UTC.
    pub at: Micros,
    /// The account.
    pub account: AccountIndex,
    /// Its relation to the notice.
    pub relation: Relation,
    /// Lead that it is a member of; `None` for none.
    pub lead: Option<LeadId>,
    /// True if the account was made after the notice; `None` where its creation is not recorded.
    pub made_after: Option<bool>,
    /// First and last of these exchanges, microseconds UTC.
    pub span: [Micros; 2],
    /// Exchanges and tokens.
    pub usage: Usage,
}

/// Accounts with the lead of each.
pub(super) struct Members<'a> {
    pub leads: &'a Leads,
}

impl Members<'_> {
    /// Position of the lead that an account is a member of.
    pub(super) fn lead_of(&self, account: AccountIndex) -> Option<usize> {
        let rank = *self.leads.rank_of.get(account as usize)? as usize;
        self.leads.accounts.get(rank)?.group.map(|group| group as usize)
    }

    /// Id of that lead.
    pub(super) fn id_of(&self, account: AccountIndex) -> Option<LeadId> {
        self.leads.groups.get(self.lead_of(account)?).map(|group| group.id.clone())
    }

    /// Other members of the leads of some accounts, ascending.
    fn linked(&self, accounts: &BTreeSet<AccountIndex>) -> BTreeSet<AccountIndex> {
        let leads: BTreeSet<usize> = accounts.iter().filter_map(|&account| self.lead_of(account)).collect();
        let members = leads.iter().filter_map(|&at| self.leads.groups.get(at));
        members.flat_map(|group| &group.accounts).copied().filter(|own| !accounts.contains(own)).collect()
    }
}

/// Accounts that a notice went to and that are relied on. An account that was made after it got none.
fn addressed(cache: &Cache, notice: &Notice, relied: &BTreeSet<AccountIndex>) -> BTreeSet<AccountIndex> {
    let known = notice.accounts.iter().filter_map(|id| cache.account_index(id));
    let is_later = |account: &AccountIndex| {
        cache.accounts()[*account as usize].created.is_some_and(|created| created > notice.at)
    };
    known.filter(|account| relied.contains(account) && !is_later(account)).collect()
}

/// Times at which access was given back to each account, ascending.
fn reinstated(cache: &Cache, legal: &Legal) -> BTreeMap<AccountIndex, Vec<Micros>> {
    let mut times: BTreeMap<AccountIndex, Vec<Micros>> = BTreeMap::new();
    for (_, notice) in legal.notices().into_iter().filter(|(_, own)| own.kind == NoticeKind::Reinstatement) {
        for account in notice.accounts.iter().filter_map(|id| cache.account_index(id)) {
            times.entry(account).or_default().push(notice.at);
        }
    }
    times
}

/// Stretch after a time, up to the next time at which access was given back.
fn after(account: AccountIndex, at: Micros, back: &BTreeMap<AccountIndex, Vec<Micros>>) -> Stretch {
    let to = back.get(&account).and_then(|times| times.iter().find(|time| **time > at)).copied();
    Stretch { account, from: Some(at.saturating_add(1)), to }
}

/// Exchanges to be counted after one notice.
pub(super) struct Asked {
    pub notice: u64,
    pub kind: NoticeKind,
    pub at: Micros,
    pub relation: Relation,
    pub stretch: Stretch,
}

/// Stretches after every notice that warns of or ends access, by notice, relation and account.
pub(super) fn stretches(
    cache: &Cache,
    leads: &Leads,
    legal: &Legal,
    relied: &BTreeSet<AccountIndex>,
) -> Vec<Asked> {
    let (members, back) = (Members { leads }, reinstated(cache, legal));
    let mut asked = Vec::new();
    for (number, notice) in legal.notices().into_iter().filter(|(_, notice)| notice.kind.counts_after()) {
        let own = addressed(cache, notice, relied);
        let linked = members.linked(&own);
        let both = [(Relation::Addressed, own), (Relation::Linked, linked)];
        for (relation, accounts) in both {
            asked.extend(accounts.into_iter().map(|account| Asked {
                notice: number,
                kind: notice.kind,
                at: notice.at,
                relation,
                stretch: after(account, notice.at, &back),
            }));
        }
    }
    asked
}

/// Stretches after access was ended, each exchange in at most one: of the accounts addressed, then of linked
/// accounts as long as no notice had ended their own access.
pub(super) fn ended(asked: &[Asked]) -> [Vec<Stretch>; 2] {
    let mut of: BTreeMap<AccountIndex, [Vec<(Micros, Micros)>; 2]> = BTreeMap::new();
    for one in asked.iter().filter(|one| one.kind.ends_access()) {
        let (from, to) = (one.stretch.from.unwrap_or(Micros::MIN), one.stretch.to.unwrap_or(Micros::MAX));
        of.entry(one.stretch.account).or_default()[one.relation as usize].push((from, to));
    }
    let mut all = [Vec::new(), Vec::new()];
    for (account, [own, linked]) in of {
        let own = united(own);
        let rest = united(linked).into_iter().flat_map(|span| without(span, &own)).collect();
        for (place, spans) in all.iter_mut().zip([own, rest]) {
            let stretch =
                |(from, to)| Stretch { account, from: Some(from), to: (to != Micros::MAX).then_some(to) };
            let spans: Vec<(Micros, Micros)> = spans;
            place.extend(spans.into_iter().map(stretch));
        }
    }
    all
}

/// Union of half-open spans, ascending.
fn united(mut spans: Vec<(Micros, Micros)>) -> Vec<(Micros, Micros)> {
    spans.sort_unstable();
    let mut all: Vec<(Micros, Micros)> = Vec::new();
    for (from, to) in spans {
        match all.last_mut().filter(|last| from <= last.1) {
            Some(last) => last.1 = last.1.max(to),
            None => all.push((from, to)),
        }
    }
    all
}

/// Parts of a span outside of others, which ascend and do not overlap.
fn without((mut from, to): (Micros, Micros), others: &[(Micros, Micros)]) -> Vec<(Micros, Micros)> {
    let mut parts = Vec::new();
    for &(start, end) in others {
        if start >= to || end <= from {
            continue;
        }
        if start > from {
            parts.push((from, start));
        }
        from = from.max(end);
    }
    if from < to {
        parts.push((from, to));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_counts_once_and_a_warning_ends_no_access() {
        let rows = [
            (NoticeKind::Notice, "a"),
            (NoticeKind::Revocation, "b"),
            (NoticeKind::Block, "b"),
            (NoticeKind::Block, "c"),
        ];
        assert_eq!(after_the_end(rows.into_iter()), 2);
    }

    #[test]
    fn spans_are_united_and_parted() {
        assert_eq!(united(vec![(5, 9), (1, 3), (2, 4), (9, 12)]), [(1, 4), (5, 12)]);
        assert_eq!(without((0, 20), &[(1, 4), (5, 12)]), [(0, 1), (4, 5), (12, 20)]);
        assert_eq!(without((2, 3), &[(1, 4)]), []);
        assert_eq!(without((2, 30), &[(0, 4), (40, 50)]), [(4, 30)]);
    }
}
