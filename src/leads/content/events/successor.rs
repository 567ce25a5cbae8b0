//! Successor: created when an account with similar prompts ended.

use super::super::tier::Tier;
use super::event::{DAY, Event, EventAbout, EventFamily, gone_in_words, is_gone, is_new, new_in_words};

const ABOUT: EventAbout = EventAbout {
    id: "E3",
    title: "successor",
    predicate: "were created within two days of the end of an account with similar prompts",
    look_alike: "one customer that replaced its account",
    tells_apart: "bans, and a notice by the customer that it moves",
    family: EventFamily::New,
};

/// Longest time from the end of the predecessor to the creation of the account, and from creation to end.
const MAX_GAP: i64 = 2 * DAY;
const BEFORE: i64 = DAY / 2;

pub(super) struct Successor;

impl Event for Successor {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn thresholds(&self, tier: &Tier<'_>) -> String {
        format!("Counted are new accounts. {} Ended: {}", new_in_words(tier), gone_in_words(tier))
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let succeeds = |at: usize| {
            let own = tier.facts(at);
            let Some(created) = own.created else { return false };
            tier.neighbours[at].iter().any(|&(_, other)| {
                let there = tier.facts(other as usize);
                let since = created - there.last;
                is_gone(tier, other as usize)
                    && there.unit != own.unit
                    && (-BEFORE..=MAX_GAP).contains(&since)
            })
        };
        (0..tier.len()).map(|at| Some(is_new(tier, at)? && succeeds(at))).collect()
    }
}
