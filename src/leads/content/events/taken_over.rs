//! Taken over: an old account with another client from other networks from one day on.

use super::super::tier::Tier;
use super::event::{CHANGED_TOGETHER_IN_WORDS, Event, EventAbout, EventFamily};

const ABOUT: EventAbout = EventAbout {
    id: "A5",
    title: "sudden change",
    predicate: "are older than the log and changed to a new client on new networks",
    brief: "are old accounts that changed client and networks",
    look_alike: "a customer that moved to another computer or provider",
    tells_apart: "reports of the customers that their key was stolen",
    family: EventFamily::TakenOver,
};

/// Minimum number of exchanges of an account in which a change can be seen.
const MIN_EXCHANGES: u32 = 20;

pub(super) struct TakenOver;

impl Event for TakenOver {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn thresholds(&self, _: &Tier<'_>) -> String {
        format!("Counted are accounts with at least {MIN_EXCHANGES} exchanges. {CHANGED_TOGETHER_IN_WORDS}")
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let changed = |at: usize| {
            let facts = tier.facts(at);
            let is_old = facts.created? < tier.span().start;
            Some(is_old && facts.exchanges >= MIN_EXCHANGES && facts.new_client_and_networks.is_some())
        };
        let has = tier.has_clients_and_networks();
        (0..tier.len()).map(|at| if has { changed(at) } else { None }).collect()
    }
}
