//! Successor: created when an account with similar prompts ended.

use super::super::tier::Tier;
use super::event::{
    Event, EventAbout, EventFamily, MOVED_IN_WORDS, follows, gone_in_words, has_moved, is_gone, is_new,
    new_in_words,
};

const ABOUT: EventAbout = EventAbout {
    id: "E3",
    title: "successor",
    predicate: "were created within two days of the end of an account with similar prompts",
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
        format!("Counted are new accounts. {new} Ended: {gone} {MOVED_IN_WORDS}")
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
        (0..tier.len()).map(|at| Some(is_new(tier, at)? && succeeds(at) && !has_moved(tier, at))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::lead::MIN_USER_EXCHANGES;
    use super::super::super::testing::case;
    use super::super::event::DAY;
    use super::super::new_and_heavy::NewAndHeavy;
    use super::*;
    use crate::model::Silent;

    /// Share of 30 accounts made on the tenth day that succeed, and that count as new and heavy. The other 30 of their
    /// subject were made `age` days before the log and end on the tenth day, or on one of fourteen days.
    fn shares(age: i64, together: bool) -> (usize, usize) {
        let (prompts, mut case) = case(5, false);
        for (account, facts) in case.of.iter_mut().enumerate().filter(|(account, _)| account % 10 == 0) {
            if account < 300 {
                let ended = if together { 10 } else { 3 + account as i64 / 10 % 14 };
                (facts.created, facts.last) = (Some(-age * DAY), ended * DAY);
            } else {
                (facts.created, facts.first, facts.exchanges) = (Some(10 * DAY), 10 * DAY, 90);
            }
        }
        let tier = Tier::new(&case, &prompts, MIN_USER_EXCHANGES, &Silent).unwrap();
        let count = |event: &dyn Event| {
            let column = event.column(&tier);
            (300..600).step_by(10).filter(|&at| column[at] == Some(true)).count()
        };
        (count(&Successor), count(&NewAndHeavy))
    }

    #[test]
    fn a_customer_that_moves_is_no_campaign() {
        let (moved, heavy) = shares(100, true);
        assert!(moved <= 3 && heavy <= 3, "{moved} {heavy}");
        // Banned one after the other, and banned together before they were established.
        let (one_by_one, banned) = (shares(100, false), shares(1, true));
        assert!(one_by_one.0 >= 20 && one_by_one.1 >= 20, "{one_by_one:?}");
        assert!(banned.0 >= 27 && banned.1 >= 27, "{banned:?}");
    }
}
