//! Dense sign-up: whether the accounts of a group were made at about the same time.

use super::null::shortest_half_of_group;
use super::signal::{GroupInput, GroupOutcome, GroupSignal, shortest_half};
use crate::cache::AccountIndex;
use crate::model::AttributeKind;
use crate::signals::{About, Axis, SignalFamily};

/// Members that are looked at; of a larger group, evenly spread ones.
const LOOKED_AT: usize = 200;

const ABOUT: About = About {
    id: "G2",
    title: "dense sign-up",
    version: 1,
    unit: "hours in which half were made",
    definition: "The shortest time within which half of the group's accounts were made. p is the share of 999 random groups \
                 of the same cohorts and size that are as dense; drawing stops at the twentieth. Needs a date of half of \
                 the accounts, three at the least. No test of a group that sign-up formed.",
    source: "Besag & Clifford 1991 for the p-value; no source for the time",
    needs: &["account_created_at"],
    look_alikes: &["a class", "a company that moves its staff over in one day", "a launch day"],
    tells_apart: "org_id and email_domain: one school or company; payment_fingerprint: one bill",
    axis: Axis::CommonControl,
    family: SignalFamily::Link,
    high_is_telling: false,
    is_a_volume: false,
    weight: 0.0,
};

pub(super) struct DenseSignUp;

impl GroupSignal for DenseSignUp {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn rests_on(&self) -> Option<AttributeKind> {
        Some(AttributeKind::SignupBatch)
    }

    fn measure(&self, input: &GroupInput<'_>) -> GroupOutcome {
        let of = |accounts: &[AccountIndex]| {
            let made = accounts.iter().map(|&account| input.cache.accounts()[account as usize].created);
            shortest_half(made.flatten().collect(), accounts.len())
        };
        let too_few = "fewer than half of its accounts, or fewer than three, say when they were made";
        shortest_half_of_group(input, LOOKED_AT, too_few, of, |shortest| {
            format!(
                "Half of its accounts were made within {shortest}; in random groups of the same cohorts half were made \
                 within as little"
            )
        })
    }
}
