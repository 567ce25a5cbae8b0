//! New and heavy: made for the purpose, and used as much as the upper half of accounts.

use super::super::tier::Tier;
use super::event::{Event, EventAbout, EventFamily, asks_its_own, is_new};

const ABOUT: EventAbout = EventAbout {
    id: "E1",
    title: "new and heavy",
    predicate: "are new and heavy, with prompts of their own",
    look_alike: "a product that many developers have just begun to use",
    tells_apart: "stated use case, and whether the accounts pay for themselves",
    family: EventFamily::New,
};

/// Fewest exchanges of a heavy account.
const FEWEST: u32 = 30;

pub(super) struct NewAndHeavy;

impl Event for NewAndHeavy {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let mut exchanges: Vec<u32> = (0..tier.len()).map(|at| tier.facts(at).exchanges).collect();
        exchanges.sort_unstable();
        let median = exchanges.get(exchanges.len() / 2).copied().unwrap_or(0);
        let heavy = |at: usize| tier.facts(at).exchanges >= median.max(FEWEST);
        (0..tier.len()).map(|at| Some(is_new(tier, at)? && heavy(at) && asks_its_own(tier, at))).collect()
    }
}
