//! Burnt: made for the purpose, used, and not used again.

use super::super::tier::Tier;
use super::event::{Event, EventAbout, EventFamily, asks_its_own, is_gone, is_new};

const ABOUT: EventAbout = EventAbout {
    id: "E2",
    title: "used up",
    predicate: "are new, were used for less than half of the time and are no longer in use",
    look_alike: "a course, a hackathon or a test of the product",
    tells_apart: "bans and suspensions of the accounts",
    family: EventFamily::New,
};

/// Fewest exchanges.
const FEWEST: u32 = 20;

pub(super) struct Burnt;

impl Event for Burnt {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let half = (tier.span().end - tier.span().start) / 2;
        let burnt = |at: usize| {
            let facts = tier.facts(at);
            let short = facts.last - facts.first < half;
            facts.exchanges >= FEWEST && short && is_gone(tier, at) && asks_its_own(tier, at)
        };
        (0..tier.len()).map(|at| Some(is_new(tier, at)? && burnt(at))).collect()
    }
}
