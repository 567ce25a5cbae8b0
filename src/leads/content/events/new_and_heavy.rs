//! New and heavy: new, and used as much as the upper half of accounts.

use super::super::tier::Tier;
use super::event::{Event, EventAbout, EventFamily, has_own_prompts, is_new};

const ABOUT: EventAbout = EventAbout {
    id: "E1",
    title: "new and heavy",
    predicate: "are new and heavy, with prompts of their own",
    look_alike: "a product that many developers have just begun to use",
    tells_apart: "stated use case, and whether the accounts pay for themselves",
    family: EventFamily::New,
};

/// Minimum number of exchanges of a heavy account.
const MIN_EXCHANGES: u32 = 30;

pub(super) struct NewAndHeavy;

impl Event for NewAndHeavy {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let mut exchanges: Vec<u32> = (0..tier.len()).map(|at| tier.facts(at).exchanges).collect();
        exchanges.sort_unstable();
        let median = exchanges.get(exchanges.len() / 2).copied().unwrap_or(0);
        let heavy = |at: usize| tier.facts(at).exchanges >= median.max(MIN_EXCHANGES);
        (0..tier.len()).map(|at| Some(is_new(tier, at)? && heavy(at) && has_own_prompts(tier, at))).collect()
    }
}
