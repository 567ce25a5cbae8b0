//! Trial: new, used for a few exchanges, and never used again.

use super::super::tier::Tier;
use super::event::{DAY, Event, EventAbout, EventFamily, gone_in_words, is_gone, is_new, new_in_words};

const ABOUT: EventAbout = EventAbout {
    id: "A6",
    title: "short trial",
    predicate: "are new, made fewer than 15 exchanges within two days and never came back",
    brief: "are new, tried briefly and never came back",
    look_alike: "people who try the product after an article or a lesson",
    tells_apart: "referrers, and whether the accounts were verified",
    family: EventFamily::Trial,
};

/// Maximum number of exchanges of a trial.
const MAX_EXCHANGES: u32 = 14;

pub(super) struct Trial;

impl Event for Trial {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn thresholds(&self, tier: &Tier<'_>) -> String {
        format!("{} Never back: {}", new_in_words(tier), gone_in_words(tier))
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let short = |at: usize| {
            let facts = tier.facts(at);
            facts.exchanges <= MAX_EXCHANGES && facts.last - facts.first < 2 * DAY && is_gone(tier, at)
        };
        (0..tier.len()).map(|at| Some(is_new(tier, at)? && short(at))).collect()
    }
}
