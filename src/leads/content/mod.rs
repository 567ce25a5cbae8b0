//! Content communities: accounts whose prompts come from one pool, with or without shared values.
//!
//! Each account's sampled prompts have a mean direction ([`prompts`]). Accounts of neighbouring directions
//! form communities at several scales ([`candidates`]). A community has evidence where more of its units show
//! an [event](events) than units outside that ask similar things ([`evidence`]); accounts that are linked
//! anyway count as one [unit](units). A mixture model then separates the surplus of the community from its
//! innocent neighbours ([`mixture`]), and co-training of content and behaviour gives the membership
//! probability of every account ([`cotraining`]).
//!
//! Map coordinates and topics are not used: topics only name what a community asks.

mod burst;
mod candidates;
mod cotraining;
mod divided_pool;
mod event_data;
mod events;
mod evidence;
mod facts;
mod found;
mod lead;
mod mixture;
mod planted;
mod prompts;
mod reasons;
#[cfg(test)]
mod testing;
mod tier;
mod two_pools;
mod units;

pub(super) use divided_pool::DividedPool;
pub use event_data::{EventAccount, EventData, event_of};
pub use events::{ANY_EVENT, EventAbout};
pub(super) use events::{abouts, of_union};
pub use evidence::{EventCounts, EventFigures, FAMILIES};
pub(super) use lead::{Communities, ContentLead, find};
pub use planted::{Material, Plant, Surfaced};
pub use reasons::{about_topic, counted_in_words};
pub(super) use reasons::{asked, of_pool, reasons};
