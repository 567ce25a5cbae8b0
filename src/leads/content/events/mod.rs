//! Events of accounts that count as evidence for a content community, one file an event.
//!
//! An event of one account is no evidence: new heavy users are common. It counts where it happened to more of a
//! community than to other accounts with similar prompts.

mod any;
mod behaviour;
mod event;
mod many_networks;
mod new_and_heavy;
mod successor;
mod taken_over;
mod trial;
mod used_up;

pub use any::ANY_EVENT;
pub(super) use behaviour::Behaviour;
pub(super) use event::{Event, has_own_prompts, is_new_or_false};
pub use event::{EventAbout, EventFamily};

/// Descriptions of all events.
pub(in super::super) fn abouts() -> impl Iterator<Item = &'static EventAbout> {
    OF_USERS.iter().chain(OF_VISITORS).map(|event| event.about())
}

/// Descriptions of the events of the union.
pub(in super::super) fn of_union() -> impl Iterator<Item = &'static EventAbout> {
    any::SINGLE.iter().map(|event| event.about())
}

/// Events of accounts with enough exchanges to be tested one by one, and their union.
pub(super) const OF_USERS: &[&dyn Event] = &[
    &new_and_heavy::NewAndHeavy,
    &used_up::UsedUp,
    &successor::Successor,
    &many_networks::ManyNetworks,
    &taken_over::TakenOver,
    &any::AnyEvent,
];

/// Events of accounts with few exchanges.
pub(super) const OF_VISITORS: &[&dyn Event] = &[&trial::Trial];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_brief_on_screen() {
        let words = |about: &EventAbout| about.brief.split_whitespace().count();
        assert!(abouts().all(|about| words(about) <= 12), "{:?}", abouts().map(words).collect::<Vec<_>>());
    }

    #[test]
    fn the_union_is_of_all_other_events() {
        let ids = |events: &[&dyn Event]| events.iter().map(|event| event.about().id).collect::<Vec<_>>();
        assert!(of_union().all(|about| about.id != ANY_EVENT));
        assert_eq!([ids(any::SINGLE), vec![any::AnyEvent.about().id]].concat(), ids(OF_USERS));
    }
}
