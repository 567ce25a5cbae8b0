//! Shared onset: shortest time within which half of the group's accounts rose to their highest level.

use super::null::shortest_half_of_group;
use super::signal::{GroupInput, GroupOutcome, GroupSignal, shortest_half};
use crate::cache::AccountIndex;
use crate::model::Micros;
use crate::signals::{About, Axis, SignalFamily, onset};

/// Maximum number of members measured; a larger group is sampled at even steps. Each random group takes as
/// many searches for change points.
const MAX_MEMBERS: usize = 50;

const DAY: Micros = 24 * 3_600_000_000;

const ABOUT: About = About {
    id: "G3",
    title: "shared onset",
    version: 1,
    unit: "hours for half of the accounts to rise",
    definition: "Shortest time within which half of the group's accounts rose to their highest lasting level of \
                 use (see R4). Levels that begin within a day of the first exchange of the case do not count, \
                 since their start is not observed. p is the share of 999 random groups of the same cohorts and \
                 size that are as dense; drawing stops at the twentieth. Needs such a level of half of the \
                 accounts, at least three.",
    source: "Killick, Fearnhead & Eckley 2012; Besag & Clifford 1991",
    needs: &["verified_at or account_created_at"],
    look_alikes: &["a launch or a term that begins", "a company that moves over in one day"],
    tells_apart: "org_id: a declared organisation; the investigator's events: a release, a price change",
    axis: Axis::CommonControl,
    family: SignalFamily::Rhythm,
    tests_upper_tail: false,
    rises_with_volume: false,
    weight: 0.0,
};

pub(super) struct SharedOnset;

impl GroupSignal for SharedOnset {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn measure(&self, input: &GroupInput<'_>) -> GroupOutcome {
        let hot = input.cache.hot();
        let seen = input.reference.first.saturating_add(DAY);
        let of = |accounts: &[AccountIndex]| {
            let from = accounts.iter().filter_map(|&account| {
                let record = &input.cache.accounts()[account as usize];
                let ramp = onset::of_times(&hot.ts[hot.rows_of(account)], record).ok()?;
                (ramp.from >= seen).then_some(ramp.from)
            });
            shortest_half(from.collect(), accounts.len())
        };
        let too_few =
            "the start of the level is observed for fewer than half of its accounts, or fewer than three";
        shortest_half_of_group(input, MAX_MEMBERS, too_few, of, |shortest| {
            format!(
                "{shortest} for half of its accounts to rise to their highest lasting level. Random groups of their \
                 peers are as extreme"
            )
        })
    }
}
