//! Decisions on leads, followed from an earlier list of leads to the present one.
//!
//! A decision follows the lead with which its own has the most core accounts in common, at least
//! half of both. Where two leads have equally many, its own was split evenly and it follows
//! neither. Ranks play no part.

use std::collections::BTreeMap;

use super::{AccountId, LeadId, LeadRef, format_count};

/// State of a decision that finds no lead in a list, in words; `incomplete` is true if leads are missing that a
/// later computation will add.
pub const fn without_lead(incomplete: bool) -> &'static str {
    if incomplete { "leads not complete yet" } else { "no longer a lead" }
}

/// The leads of the present list, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadList {
    leads: Vec<LeadRef>,
    of: BTreeMap<AccountId, Vec<usize>>,
    /// True if leads are missing that a later computation will add.
    incomplete: bool,
}

/// Match of the lead that a decision was made on in a later list of leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// It is in the list, with the same core accounts and the same id.
    Same {
        /// Its position in the list.
        at: usize,
    },
    /// Another lead has the most core accounts in common with it, at least half of both.
    Successor {
        /// Position of that lead in the list.
        at: usize,
        /// Core accounts in common.
        common: usize,
    },
    /// Two leads have equally many of its core accounts, half each.
    Split {
        /// Their positions in the list.
        between: [usize; 2],
    },
    /// No lead has half of both in common with it.
    Gone,
}

impl Followed {
    /// Position of the lead that the decision stands on; `None` where it finds none.
    pub fn at(self) -> Option<usize> {
        match self {
            Self::Same { at } | Self::Successor { at, .. } => Some(at),
            Self::Split { .. } | Self::Gone => None,
        }
    }

    /// Core accounts in common with the lead that the decision stands on, of `then`; 0 for none.
    pub fn common(self, then: &LeadRef) -> usize {
        match self {
            Self::Same { .. } => then.core.len(),
            Self::Successor { common, .. } => common,
            Self::Split { .. } | Self::Gone => 0,
        }
    }
}

impl LeadList {
    /// A list of leads. Core accounts of different leads are different accounts, as a rule.
    pub fn new(leads: Vec<LeadRef>) -> Self {
        let mut of: BTreeMap<AccountId, Vec<usize>> = BTreeMap::new();
        for (at, lead) in leads.iter().enumerate() {
            for account in lead.core.iter() {
                of.entry(account.clone()).or_default().push(at);
            }
        }
        Self { leads, of, incomplete: false }
    }

    /// The list as one of leads that are not complete yet: no lead is described as gone.
    pub fn incomplete(self) -> Self {
        Self { incomplete: true, ..self }
    }

    /// The leads, in the list's order.
    pub fn leads(&self) -> &[LeadRef] {
        &self.leads
    }

    /// Position of the lead with this id.
    pub fn position(&self, id: &LeadId) -> Option<usize> {
        self.leads.iter().position(|lead| lead.id == *id)
    }

    /// The lead with the most core accounts in common with a lead of an earlier list, for showing it only, with
    /// their number; the first of equals, `None` where no account is in any lead.
    pub fn nearest(&self, then: &LeadRef) -> Option<(usize, usize)> {
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for at in then.core.iter().filter_map(|account| self.of.get(account)).flatten() {
            *common.entry(*at).or_default() += 1;
        }
        common.into_iter().min_by_key(|&(at, common)| (std::cmp::Reverse(common), at))
    }

    /// Match in this list of a lead of an earlier one.
    pub fn follow(&self, then: &LeadRef) -> Followed {
        if let Some(at) = self.leads.iter().position(|lead| lead == then) {
            return Followed::Same { at };
        }
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for at in then.core.iter().filter_map(|account| self.of.get(account)).flatten() {
            *common.entry(*at).or_default() += 1;
        }
        let half_of_both = |&(at, common): &(usize, usize)| {
            2 * common >= then.core.len() && 2 * common >= self.leads[at].core.len()
        };
        // A far larger lead that has most of the accounts fails the second half of the test.
        let mut fitting: Vec<(usize, usize)> = common.into_iter().filter(half_of_both).collect();
        fitting.sort_by_key(|&(at, common)| (std::cmp::Reverse(common), self.leads[at].id.clone()));
        match fitting[..] {
            [] => Followed::Gone,
            [(first, most), (second, as_many), ..] if most == as_many => {
                Followed::Split { between: [first, second] }
            }
            [(at, common), ..] => Followed::Successor { at, common },
        }
    }

    /// A lead and its match, in words: `L-7f31ab`, or `L-7f31ab, now L-91c2d0: 41 of 44 core
    /// accounts in common`, or `L-7f31ab: no longer a lead`; in an incomplete list
    /// `L-7f31ab: leads not complete yet`.
    pub fn describe(&self, then: &LeadRef, followed: Followed) -> String {
        let id = |at: usize| self.leads.get(at).map_or("?", |lead| lead.id.as_str());
        match followed {
            Followed::Same { .. } => then.id.to_string(),
            Followed::Successor { at, common } => {
                let (common, all) = (format_count(common as u64), format_count(then.core.len() as u64));
                format!("{}, now {}: {common} of {all} core accounts in common", then.id, id(at))
            }
            Followed::Split { between: [a, b] } if !self.incomplete => {
                let state = without_lead(false);
                format!("{}: {state}, split evenly between {} and {}", then.id, id(a), id(b))
            }
            Followed::Split { .. } | Followed::Gone => {
                format!("{}: {}", then.id, without_lead(self.incomplete))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn lead(accounts: impl IntoIterator<Item = u32>) -> LeadRef {
        LeadRef::of(1, accounts.into_iter().map(|n| AccountId(format!("acct_{n:03}"))).collect())
    }

    #[test]
    fn a_lead_is_followed_by_most_accounts_and_at_least_half_of_both() {
        let then = lead(0..44);
        let list = LeadList::new(vec![lead(100..120), lead((0..41).chain(200..205)), lead(41..44)]);
        let followed = list.follow(&then);
        assert_eq!(followed, Followed::Successor { at: 1, common: 41 });
        let words = list.describe(&then, followed);
        assert_eq!(
            words,
            format!("{}, now {}: 41 of 44 core accounts in common", then.id, list.leads()[1].id)
        );
        assert_eq!(list.follow(&lead(100..120)), Followed::Same { at: 0 });
        // Exactly half of both is enough, one fewer is not.
        let half = LeadList::new(vec![lead(22..66)]);
        assert_eq!(half.follow(&then), Followed::Successor { at: 0, common: 22 });
        assert_eq!(LeadList::new(vec![lead(23..67)]).follow(&then), Followed::Gone);
        // All of its accounts in a lead more than twice as large: another thing.
        assert_eq!(LeadList::new(vec![lead(0..89)]).follow(&then), Followed::Gone);
        assert!(list.describe(&then, Followed::Gone).ends_with(": no longer a lead"));
    }

    #[test]
    fn what_is_selected_goes_to_the_lead_with_most_of_its_accounts() {
        let then = lead(0..10);
        let list = LeadList::new(vec![lead(0..3), lead(3..90), lead(100..110)]);
        assert_eq!(list.follow(&then), Followed::Gone);
        assert_eq!(list.nearest(&then), Some((1, 7)));
        assert_eq!(list.nearest(&lead(200..210)), None);
    }

    #[test]
    fn an_incomplete_list_calls_no_lead_gone() {
        let then = lead(0..10);
        let halves = || LeadList::new(vec![lead(0..5), lead(5..10)]);
        for list in [LeadList::default(), halves()].map(LeadList::incomplete) {
            let words = list.describe(&then, list.follow(&then));
            assert_eq!(words, format!("{}: leads not complete yet", then.id));
        }
        let list = LeadList::new(vec![lead(0..9)]).incomplete();
        assert!(list.describe(&then, list.follow(&then)).contains("9 of 10 core accounts in common"));
    }

    #[test]
    fn a_lead_split_evenly_is_followed_by_neither_half() {
        let list = LeadList::new(vec![lead(0..5), lead(5..10)]);
        let followed = list.follow(&lead(0..10));
        assert!(matches!(followed, Followed::Split { .. }), "{followed:?}");
        assert_eq!(followed.at(), None);
        assert!(list.describe(&lead(0..10), followed).contains("split evenly between L-"));
        let uneven = LeadList::new(vec![lead(0..6), lead(6..10)]);
        assert_eq!(uneven.follow(&lead(0..10)), Followed::Successor { at: 0, common: 6 });
    }

    #[test]
    fn two_leads_that_merge_are_followed_where_they_are_at_least_half() {
        let merged = LeadList::new(vec![lead(0..16)]);
        assert_eq!(merged.follow(&lead(0..10)), Followed::Successor { at: 0, common: 10 });
        assert_eq!(merged.follow(&lead(10..16)), Followed::Gone, "the smaller part is not half");
        let even = LeadList::new(vec![lead(0..20)]);
        assert_eq!(even.follow(&lead(0..10)), Followed::Successor { at: 0, common: 10 });
        assert_eq!(even.follow(&lead(10..20)), Followed::Successor { at: 0, common: 10 });
    }

    #[test]
    fn another_method_gives_another_id_and_keeps_the_decision() {
        let then = lead(0..10);
        let list = LeadList::new(vec![LeadRef::of(2, (*then.core).clone())]);
        assert_ne!(list.leads()[0].id, then.id);
        assert_eq!(list.follow(&then), Followed::Successor { at: 0, common: 10 });
    }

    /// Parts of some accounts: by account the group it is in, of which 0 is none.
    fn partition() -> impl Strategy<Value = Vec<LeadRef>> {
        prop::collection::vec(0_usize..6, 40).prop_map(|of| {
            (1..6)
                .map(|group| of.iter().enumerate().filter(move |(_, of)| **of == group))
                .map(|members| lead(members.map(|(account, _)| account as u32)))
                .filter(|lead| lead.core.len() > 1)
                .collect()
        })
    }

    proptest! {
        #[test]
        fn ranks_never_move_a_decision(
            before in partition(),
            after in partition().prop_shuffle(),
            seed in any::<u64>(),
        ) {
            let mut turned = after.clone();
            let by = if turned.is_empty() { 0 } else { seed as usize % turned.len() };
            turned.rotate_left(by);
            let (list, turned) = (LeadList::new(after), LeadList::new(turned));
            for then in &before {
                let (one, two) = (list.follow(then), turned.follow(then));
                let id = |list: &LeadList, followed: Followed| followed.at().map(|at| list.leads()[at].id.clone());
                prop_assert_eq!(id(&list, one), id(&turned, two));
                prop_assert_eq!(list.describe(then, one), turned.describe(then, two));
            }
        }

        #[test]
        fn a_decision_shares_half_of_both_with_what_it_follows_and_most(
            before in partition(),
            after in partition(),
        ) {
            let list = LeadList::new(after);
            for then in &before {
                let shared = |lead: &LeadRef| lead.core.intersection(&then.core).count();
                let fits = |lead: &&LeadRef| {
                    2 * shared(lead) >= then.core.len() && 2 * shared(lead) >= lead.core.len()
                };
                let fitting: Vec<&LeadRef> = list.leads().iter().filter(fits).collect();
                let most = fitting.iter().map(|lead| shared(lead)).max();
                match list.follow(then) {
                    Followed::Gone => prop_assert!(fitting.is_empty()),
                    Followed::Split { .. } => {
                        let first = fitting.iter().filter(|lead| Some(shared(lead)) == most).count();
                        prop_assert!(first >= 2);
                    }
                    followed => {
                        let lead = &list.leads()[followed.at().unwrap()];
                        prop_assert_eq!(Some(shared(lead)), most);
                        prop_assert_eq!(followed.common(then), shared(lead));
                        let rivals = fitting.iter().filter(|lead| Some(shared(lead)) == most).count();
                        prop_assert_eq!(rivals, 1);
                    }
                }
            }
        }

        #[test]
        fn the_same_leads_in_any_order_are_themselves(leads in partition().prop_shuffle()) {
            let list = LeadList::new(leads.clone());
            for then in &leads {
                let followed = list.follow(then);
                let is_same = matches!(followed, Followed::Same { .. });
                prop_assert!(is_same);
                prop_assert_eq!(&list.leads()[followed.at().unwrap()], then);
            }
            let distinct: BTreeSet<_> = leads.iter().map(|lead| &lead.id).collect();
            prop_assert_eq!(distinct.len(), leads.len());
        }
    }
}
