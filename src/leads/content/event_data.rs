//! Accounts that the events of a community were counted on, so that somebody else can count again.

use super::burst::units;
use super::events::{Event, EventAbout, abouts};
use super::evidence::{Columns, EventCounts, FAMILIES, Weighed, add, nearest_outside};
use super::tier::Tier;
use crate::cache::AccountIndex;

/// One account that the events of a community were counted on.
#[derive(Clone, Debug, PartialEq)]
pub struct EventAccount {
    /// The account.
    pub account: AccountIndex,
    /// True for an account of the community, false for one of the nearest outside.
    pub in_community: bool,
    /// Unit that it counts as.
    pub unit: u32,
    /// Family of the client that it uses most; 0 for a rare one or none.
    pub client: u8,
    /// Weight outside the community: 1 over the accounts of its unit.
    pub weight: f64,
    /// Outcome of each event; `None` where the log cannot say.
    pub outcomes: Vec<Option<bool>>,
}

/// Accounts that the events of a community were counted on; empty for a lead that no event was tested of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventData {
    /// Id of each event, in the order of outcomes, with all accounts outside by client family.
    pub events: Vec<(&'static str, [Weighed; FAMILIES])>,
    /// The community, ascending, and the nearest accounts outside, nearest first.
    pub accounts: Vec<EventAccount>,
}

impl EventData {
    /// Of a community, given as ascending positions in the tier.
    pub(super) fn new(tier: &Tier<'_>, columns: &Columns, events: &[&dyn Event], members: &[u32]) -> Self {
        let nearest = nearest_outside(tier, members);
        let account = |in_community: bool, (at, unit): (u32, u32)| {
            let (facts, at) = (tier.facts(at as usize), at as usize);
            EventAccount {
                account: tier.accounts[at],
                in_community,
                unit,
                client: facts.client,
                weight: tier.weight[at],
                outcomes: columns.outcomes(at),
            }
        };
        let outside = |event: usize| columns.counts(tier, event, members, &[]).outside;
        Self {
            events: events.iter().enumerate().map(|(at, event)| (event.about().id, outside(at))).collect(),
            accounts: members
                .iter()
                .copied()
                .zip(units(tier, members))
                .map(|member| account(true, member))
                .chain(nearest.iter().map(|&at| account(false, (at, tier.facts(at as usize).unit))))
                .collect(),
        }
    }

    /// Counts of the event at a position of [`Self::events`].
    pub fn counts(&self, event: usize) -> EventCounts {
        let mut counts = EventCounts::default();
        counts.outside = self.events.get(event).map_or(counts.outside, |(_, outside)| *outside);
        for own in &self.accounts {
            let happened = own.outcomes.get(event).copied().flatten();
            if own.in_community {
                counts.community.extend(happened.map(|happened| (own.unit, own.client, happened)));
            } else if let Some(nearest) = counts.nearest.get_mut(usize::from(own.client)) {
                add(nearest, happened, own.weight);
            }
        }
        counts
    }
}

/// The event of an id.
pub fn event_of(id: &str) -> Option<&'static EventAbout> {
    abouts().find(|about| about.id == id)
}
