//! Events of accounts that make a content community telling, one file an event.
//!
//! An event says nothing of one account: new heavy users are common. It counts where it happened to more of a
//! community than to accounts that ask similar things.

mod behaviour;
mod burnt;
mod event;
mod many_networks;
mod new_and_heavy;
mod successor;
mod taken_over;
mod trial;

pub(super) use behaviour::Behaviour;
pub(super) use event::{Event, asks_its_own};
pub use event::{EventAbout, EventFamily};

/// Descriptions of all events.
pub(in super::super) fn abouts() -> impl Iterator<Item = &'static EventAbout> {
    OF_USERS.iter().chain(OF_VISITORS).map(|event| event.about())
}

/// Events of accounts with enough exchanges to be tested one by one.
pub(super) const OF_USERS: &[&dyn Event] = &[
    &new_and_heavy::NewAndHeavy,
    &burnt::Burnt,
    &successor::Successor,
    &many_networks::ManyNetworks,
    &taken_over::TakenOver,
];

/// Events of accounts with few exchanges.
pub(super) const OF_VISITORS: &[&dyn Event] = &[&trial::Trial];
