//! Measures of groups of accounts: one file each, one line each in [`ALL_OF_GROUPS`].
//!
//! The null of a measure is the group's own accounts at shifted times, or random groups of the same cohorts
//! and size. Accounts of one customer are more homogeneous than random ones, so these measures describe
//! common control and not the purpose of use.

mod hand_over;
mod homogeneity;
mod new_model;
mod null;
mod shared_onset;
mod sign_up;
mod signal;
mod split_prompts;
mod union_coverage;

pub use signal::{GroupInput, GroupOutcome, GroupSignal, MonteCarlo, measure_group};

/// All measures of groups, in display order. A new measure is one file and one line here.
pub const ALL_OF_GROUPS: &[&dyn GroupSignal] = &[
    &hand_over::HandOver,
    &homogeneity::Homogeneity,
    &union_coverage::UnionCoverage,
    &sign_up::DenseSignUp,
    &shared_onset::SharedOnset,
    &new_model::NewModel,
    &split_prompts::SplitPrompts,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{AccountIndex, testing};
    use crate::model::{Micros, Silent};
    use crate::signals::{Peers, Reference};
    use crate::stats::splitmix;

    const HOUR: Micros = 3_600_000_000;
    /// 25 December 2025, midnight.
    const START: Micros = 20_447 * 24 * HOUR;

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
                        let ts = START + (day * 24 + hour) * HOUR + account;
                        let made = if account < 6 { account * HOUR / 6 } else { account * 24 * HOUR };
                        let created = Some(START + made - 100 * 24 * HOUR);
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
            GroupOutcome::Measured { test, .. } => test.p,
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
