//! Successor: created when an account with similar prompts ended.

use super::super::tier::Tier;
use super::event::{
    CREATED_TOGETHER_IN_WORDS, Event, EventAbout, EventFamily, follows, gone_in_words, is_gone, is_new,
    new_in_words,
};

const ABOUT: EventAbout = EventAbout {
    id: "A3",
    title: "successor",
    predicate: "were created within two days of the end of an account with similar prompts",
    brief: "were created when another such account ended",
    look_alike: "one customer that replaced its account",
    tells_apart: "bans, and a notice by the customer that it moves",
    family: EventFamily::New,
};

pub(super) struct Successor;

impl Event for Successor {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn thresholds(&self, tier: &Tier<'_>) -> String {
        let (new, gone) = (new_in_words(tier), gone_in_words(tier));
        format!("Counted are new accounts. {new} Ended: {gone} {CREATED_TOGETHER_IN_WORDS}")
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let succeeds = |at: usize| {
            let own = tier.facts(at);
            let Some(created) = own.created else { return false };
            tier.neighbours[at].iter().any(|&(_, other)| {
                let there = tier.facts(other as usize);
                is_gone(tier, other as usize) && there.unit != own.unit && follows(created, there.last)
            })
        };
        (0..tier.len()).map(|at| Some(is_new(tier, at)? && succeeds(at))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::lead::MIN_USER_EXCHANGES;
    use super::super::super::testing::case;
    use super::super::event::DAY;
    use super::*;
    use crate::model::Silent;

    /// Number of 30 accounts, made on the tenth day, that succeed. The other 30 of their subject end on one of fourteen
    /// days, or go on.
    fn successors(end: bool) -> usize {
        let (prompts, mut case) = case(5, false);
        for (account, facts) in case.of.iter_mut().enumerate().filter(|(account, _)| account % 10 == 0) {
            if account >= 300 {
                (facts.created, facts.first) = (Some(10 * DAY), 10 * DAY);
            } else if end {
                facts.last = (3 + account as i64 / 10 % 14) * DAY;
            }
        }
        let tier = Tier::new(&case, &prompts, MIN_USER_EXCHANGES, &Silent).unwrap();
        let column = Successor.column(&tier);
        (300..600).step_by(10).filter(|&at| column[at] == Some(true)).count()
    }

    #[test]
    fn accounts_that_replace_ended_ones_succeed() {
        assert!(successors(true) >= 20, "{}", successors(true));
        assert_eq!(successors(false), 0);
    }
}
