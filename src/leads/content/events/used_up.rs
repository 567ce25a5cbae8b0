//! Used up: new, used for less than half of the time, and no longer in use.

use super::super::tier::Tier;
use super::event::{
    CREATED_TOGETHER_IN_WORDS, Event, EventAbout, EventFamily, OWN_IN_WORDS, gone_in_words, has_own_prompts,
    is_gone, is_new, new_in_words,
};

const ABOUT: EventAbout = EventAbout {
    id: "A2",
    title: "used up",
    predicate: "are new, were used for less than half of the time and are no longer in use",
    brief: "are new, were used briefly and dropped",
    look_alike: "a course, a hackathon or a test of the product",
    tells_apart: "bans and suspensions of the accounts",
    family: EventFamily::New,
};

/// Minimum number of exchanges.
const MIN_EXCHANGES: u32 = 20;

pub(super) struct UsedUp;

impl Event for UsedUp {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn thresholds(&self, tier: &Tier<'_>) -> String {
        let gone = gone_in_words(tier);
        format!(
            "{} No longer in use: {gone} Counted are accounts with at least {MIN_EXCHANGES} exchanges. {OWN_IN_WORDS} \
             {CREATED_TOGETHER_IN_WORDS}",
            new_in_words(tier)
        )
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let half = (tier.span().end - tier.span().start) / 2;
        let used_up = |at: usize| {
            let facts = tier.facts(at);
            let short = facts.last - facts.first < half;
            facts.exchanges >= MIN_EXCHANGES && short && is_gone(tier, at) && has_own_prompts(tier, at)
        };
        (0..tier.len()).map(|at| Some(is_new(tier, at)? && used_up(at))).collect()
    }
}
