//! New and heavy: new, and used as much as the upper half of accounts.

use super::super::tier::Tier;
use super::event::{
    CREATED_TOGETHER_IN_WORDS, Event, EventAbout, EventFamily, OWN_IN_WORDS, has_own_prompts, is_new,
    new_in_words,
};
use crate::model::format_count;

const ABOUT: EventAbout = EventAbout {
    id: "A1",
    title: "new and heavy",
    predicate: "are new and heavy, with prompts of their own",
    brief: "are new accounts in heavy use",
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

    fn thresholds(&self, tier: &Tier<'_>) -> String {
        let heavy = format_count(fewest_of_heavy(tier).into());
        format!(
            "{} Heavy: at least {heavy} exchanges. {OWN_IN_WORDS} {CREATED_TOGETHER_IN_WORDS}",
            new_in_words(tier)
        )
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let fewest = fewest_of_heavy(tier);
        let heavy = |at: usize| tier.facts(at).exchanges >= fewest;
        let counts = |at: usize| heavy(at) && has_own_prompts(tier, at);
        (0..tier.len()).map(|at| Some(is_new(tier, at)? && counts(at))).collect()
    }
}

/// Number of exchanges from which an account of the tier is heavy: the median, or the minimum.
fn fewest_of_heavy(tier: &Tier<'_>) -> u32 {
    let mut exchanges: Vec<u32> = (0..tier.len()).map(|at| tier.facts(at).exchanges).collect();
    exchanges.sort_unstable();
    exchanges.get(exchanges.len() / 2).copied().unwrap_or(0).max(MIN_EXCHANGES)
}
