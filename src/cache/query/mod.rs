//! What the views show: one file a question, each a pure function of the cache and a
//! [`Selection`](super::Selection). Plain structures come back, ready to draw or to export.

pub mod accounts;
mod blocks;
mod clock;
pub mod exchanges;
pub mod first_use;
pub mod intervals;
pub mod links;
pub mod listing;
pub mod pivot;
pub mod rhythm;
pub mod search;
mod ticks;
pub mod topic_map;
mod words;

pub use blocks::{COARSE, Grain, SMALL};
pub(super) use ticks::Ticks;
pub(super) use topic_map::Ground;
