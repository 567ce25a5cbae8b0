//! What is measured on groups of accounts: one file each, one line each in [`ALL_OF_GROUPS`].
//!
//! A group's measure is compared with what chance makes of it: with its own accounts at other
//! times, or with random groups of the same cohorts and size. Accounts of one customer are more
//! alike than strangers are, whoever the customer is, so likeness speaks of common control and
//! never of what the accounts are used for.

mod hand_over;
mod homogeneity;
mod new_model;
mod null;
mod shared_onset;
mod sign_up;
mod split_prompts;
mod union_coverage;

use super::{About, Reference, missing};
use crate::cache::{AccountIndex, Cache};
use crate::model::{AttributeKind, Micros};

/// Every measure of groups, in the order it is shown. A new one is one file and one line here.
pub const ALL_OF_GROUPS: &[&dyn GroupSignal] = &[
    &hand_over::HandOver,
    &homogeneity::Homogeneity,
    &union_coverage::UnionCoverage,
    &sign_up::DenseSignUp,
    &shared_onset::SharedOnset,
    &new_model::NewModel,
    &split_prompts::SplitPrompts,
];

/// Who is compared with whom.
#[derive(Clone, Copy, Debug)]
pub struct Peers<'a> {
    /// The cohort of each account.
    pub of: &'a [u32],
    /// The accounts of each cohort, ascending.
    pub members: &'a [Vec<AccountIndex>],
}

/// What a group is measured from.
#[derive(Clone, Copy)]
pub struct GroupInput<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// The accounts of the group, ascending.
    pub members: &'a [AccountIndex],
    /// The cohorts that random groups are drawn from.
    pub peers: Peers<'a>,
    /// What the whole case is like.
    pub reference: &'a Reference,
    /// Kinds of attributes that tie the group: what rests on one of them is no test of it.
    pub formed_by: &'a [AttributeKind],
    /// Seed for whatever is drawn.
    pub seed: u64,
}

/// What came of measuring a group.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupOutcome {
    /// A value in the signal's unit.
    Measured {
        /// The value; finite.
        value: f64,
        /// How often chance is as telling, as the definition says.
        p: f64,
        /// What was compared with what, a sentence that ends where how often chance does it would follow.
        sentence: String,
    },
    /// Not testable, and why: a missing column, too little data.
    NotApplicable(String),
}

/// Measures one group, or says which column it would take, or that this formed the group.
pub fn measure_group(signal: &dyn GroupSignal, input: &GroupInput<'_>) -> GroupOutcome {
    let formed = signal.rests_on().filter(|kind| input.formed_by.contains(kind));
    match (missing(signal.about(), input.cache), formed) {
        (Some(why), _) => GroupOutcome::NotApplicable(why),
        (None, Some(kind)) => {
            GroupOutcome::NotApplicable(format!("{} is among what formed the group", kind.title()))
        }
        (None, None) => signal.measure(input),
    }
}

/// One measured behaviour of a group.
pub trait GroupSignal: Sync {
    /// What it is.
    fn about(&self) -> &'static About;

    /// The kind of attribute that it rests on, where it rests on one by which groups are formed.
    fn rests_on(&self) -> Option<AttributeKind> {
        None
    }

    /// Measures one group whose snapshots have what it needs. Pure.
    fn measure(&self, input: &GroupInput<'_>) -> GroupOutcome;
}

/// Fewest times that are dense: two accounts are always as close as they are.
const FEWEST_TIMES: usize = 3;

/// At most `most` members, evenly spread over a larger group.
fn spread(members: &[AccountIndex], most: usize) -> Vec<AccountIndex> {
    let stride = members.len().div_ceil(most).max(1);
    members.iter().copied().step_by(stride).collect()
}

/// The shortest time that holds the times of half of `all` accounts; `None` where that many have
/// no time, or fewer than three.
fn shortest_half(mut times: Vec<Micros>, all: usize) -> Option<Micros> {
    let half = all.div_ceil(2).max(FEWEST_TIMES);
    times.sort_unstable();
    times.windows(half).map(|run| run[half - 1].saturating_sub(run[0])).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing;
    use crate::model::Silent;
    use crate::stats::splitmix;

    #[test]
    fn half_of_all_and_three_at_the_least() {
        assert_eq!(shortest_half(vec![90, 5, 7, 8, 300], 5), Some(3));
        assert_eq!(shortest_half(vec![90, 5, 7, 8], 8), Some(85));
        assert_eq!(shortest_half(vec![5, 7, 8], 8), None);
        assert_eq!(shortest_half(vec![5, 7], 2), None);
        assert_eq!(shortest_half(vec![i64::MIN, 0, i64::MAX], 3), Some(i64::MAX));
    }

    const HOUR: Micros = 3_600_000_000;

    /// 60 accounts over 12 days, made a day apart and active in hours of their own; the first six
    /// were made within an hour and take turns.
    fn rows() -> Vec<testing::Row> {
        let mut rows = Vec::new();
        for account in 0..60_i64 {
            for day in 0..12_i64 {
                for hour in 0..24_i64 {
                    let turn = (splitmix::number(1, (day * 24 + hour) as u64) % 6) as i64;
                    let own =
                        splitmix::number(account as u64 + 9, (day * 24 + hour) as u64).is_multiple_of(6);
                    if (account < 6 && turn == account) || (account >= 6 && own) {
                        let ts = (day * 24 + hour) * HOUR + account;
                        let made = if account < 6 { account * HOUR / 6 } else { account * 24 * HOUR };
                        let created = Some(made - 100 * 24 * HOUR);
                        rows.push(testing::Row { created, ..testing::row(&format!("a{account:02}"), ts) });
                    }
                }
            }
        }
        rows
    }

    #[test]
    fn a_group_that_acts_as_one_stands_out_where_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows())])]);
        let (of, cohorts) = (vec![0; 60], [(0..60).collect::<Vec<AccountIndex>>()]);
        let peers = Peers { of: &of, members: &cohorts };
        let reference = Reference::gather(&cache, peers, 1, &Silent).unwrap();
        let measured = |members: &[AccountIndex], id: &str| {
            let signal = ALL_OF_GROUPS.iter().find(|signal| signal.about().id == id).unwrap();
            measure_group(
                *signal,
                &GroupInput { cache: &cache, members, peers, reference: &reference, formed_by: &[], seed: 4 },
            )
        };
        let p = |members: &[AccountIndex], id: &str| match measured(members, id) {
            GroupOutcome::Measured { p, .. } => p,
            GroupOutcome::NotApplicable(why) => panic!("{id}: {why}"),
        };
        let (ring, strangers) = ([0, 1, 2, 3, 4, 5], [10, 20, 30, 40, 50]);
        for id in ["R5", "G2"] {
            assert!(p(&ring, id) <= 0.01 && p(&strangers, id) > 0.01, "{id}");
        }
        assert!(p(&strangers, "R6") > 0.01);
        for (id, column) in [("G1", "prompt_text"), ("G4", "model"), ("G5", "prompt_text")] {
            let GroupOutcome::NotApplicable(why) = measured(&ring, id) else { panic!("{id}") };
            assert!(why.starts_with("because no snapshot has ") && why.contains(column), "{why}");
        }
    }

    #[test]
    fn every_measure_says_what_it_is() {
        let mut ids: Vec<&str> = ALL_OF_GROUPS.iter().map(|signal| signal.about().id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL_OF_GROUPS.len());
        assert!(ALL_OF_GROUPS.iter().all(|signal| !signal.about().look_alikes.is_empty()));
    }
}
