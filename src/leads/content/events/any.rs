//! Any event: at least one of the events of users.
//!
//! A careful operator shows each event on few accounts only; accounts that show one or another add up.

use super::super::tier::Tier;
use super::event::{Event, EventAbout, EventFamily};
use super::many_networks::ManyNetworks;
use super::new_and_heavy::NewAndHeavy;
use super::successor::Successor;
use super::taken_over::TakenOver;
use super::used_up::UsedUp;

/// Id of the union of events.
pub const ANY_EVENT: &str = "A8";

const ABOUT: EventAbout = EventAbout {
    id: ANY_EVENT,
    title: "any event",
    predicate: "show at least one of the events A1 to A5",
    brief: "are new, dropped, successors, on many networks or suddenly changed",
    look_alike: "a new product, whose accounts are new, busy and called from many places",
    tells_apart: "stated use case, and whether the accounts pay for themselves",
    family: EventFamily::Any,
};

/// Events of the union.
pub(super) const SINGLE: &[&dyn Event] = &[&NewAndHeavy, &UsedUp, &Successor, &ManyNetworks, &TakenOver];

pub(super) struct AnyEvent;

impl Event for AnyEvent {
    fn about(&self) -> &'static EventAbout {
        &ABOUT
    }

    fn thresholds(&self, _: &Tier<'_>) -> String {
        let titles: Vec<&str> = SINGLE.iter().map(|event| event.about().title).collect();
        format!("Events: {}.", titles.join(", "))
    }

    fn column(&self, tier: &Tier<'_>) -> Vec<Option<bool>> {
        let columns: Vec<Vec<Option<bool>>> = SINGLE.iter().map(|event| event.column(tier)).collect();
        let of = |at: usize| {
            let known = columns.iter().filter_map(|column| column[at]);
            known.reduce(|one, other| one || other)
        };
        (0..tier.len()).map(of).collect()
    }
}
