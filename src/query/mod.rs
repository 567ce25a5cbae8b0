//! What the views show: one file a question, each a pure function of the cache and a
//! [`Selection`]. Plain structures come back, ready to draw or to export.

pub mod accounts;
mod blocks;
mod clock;
pub mod exchanges;
pub mod intervals;
pub mod links;
pub mod listing;
pub mod pivot;
pub mod rhythm;
pub mod search;
mod select;
mod ticks;
pub mod topic_map;
mod words;

pub use blocks::{COARSE, Grain, SMALL};
pub use select::{Selection, select};
