//! Dense sign-up: shortest time within which half of the group's accounts were created.

use super::null::shortest_half_of_group;
use super::signal::{GroupInput, GroupOutcome, GroupSignal, shortest_half};
use crate::cache::AccountIndex;
use crate::model::AttributeKind;
use crate::signals::{About, Axis, SignalFamily};

/// Maximum number of members measured; a larger group is sampled at even steps.
const MAX_MEMBERS: usize = 200;

const ABOUT: About = About {
    id: "G2",
    title: "dense sign-up",
    version: 1,
    unit: "hours for half of the accounts to be created",
    definition: "Shortest time within which half of the group's accounts were created. p is the share of 999 \
                 random groups of the same cohorts and size that are as dense; drawing stops at the twentieth. \
                 Needs the creation time of half of the accounts, at least three. Not measured where sign-up \
                 formed the group.",
    source: "Besag & Clifford 1991 for the p-value; no source for the time",
    needs: &["account_created_at"],
    look_alikes: &["a class", "a company that moves its staff over in one day", "a launch day"],
    tells_apart: "org_id and email_domain: one school or company; payment_fingerprint: one bill",
    axis: Axis::CommonControl,
    family: SignalFamily::Link,
    tests_upper_tail: false,
    rises_with_volume: false,
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
        let too_few = "fewer than half of its accounts, or fewer than three, have a time of creation";
        shortest_half_of_group(input, MAX_MEMBERS, too_few, of, |shortest| {
            format!(
                "{shortest} for half of its accounts to be created. Random groups of their peers are as extreme"
            )
        })
    }
}
