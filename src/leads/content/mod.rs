//! Content communities: accounts whose prompts come from one pool, whatever else they share.
//!
//! Each account's sampled prompts have a mean direction ([`prompts`]). Accounts of neighbouring directions form
//! communities at several scales ([`candidates`]). A community is telling where more of its units show an
//! [event](events) than units outside that ask similar things ([`evidence`]); accounts that are linked anyway
//! count as one [unit](units). A mixture model then parts the community from its innocent neighbours
//! ([`mixture`]), and content and behaviour, each judged by the other, give the membership probability of every
//! account ([`cotraining`]).
//!
//! Map coordinates and topics are not used: topics only name what a community asks.

mod candidates;
mod cotraining;
mod dealt;
mod events;
mod evidence;
mod facts;
mod lead;
mod mixture;
mod planted;
mod prompts;
mod reasons;
#[cfg(test)]
mod testing;
mod tier;
mod units;

pub(super) use dealt::Dealt;
pub use events::EventAbout;
pub(super) use events::abouts;
pub(super) use lead::{Communities, ContentLead, find};
pub use planted::{Material, Plant, Surfaced};
pub(super) use reasons::{asked, of_pool, reasons};
