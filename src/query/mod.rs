//! Queries behind the views: one file per query, each a pure function of the cache and a
//! [`Selection`] that returns plain structures to draw or to export.

pub mod accounts;
pub mod bars;
mod blocks;
pub mod class_shares;
mod clock;
pub mod comparison;
pub mod exchanges;
pub mod group;
pub mod intervals;
pub mod links;
pub mod listing;
pub mod matrix;
mod pair;
pub mod path;
pub mod periods;
pub mod pivot;
pub mod pivots;
pub mod pool;
mod raster_order;
pub mod rhythm;
pub mod search;
mod select;
pub mod shifts;
pub mod telling;
mod ticks;
pub mod top_values;
pub mod topic_map;
pub mod uptake;
pub mod usage;
pub mod window;
mod words;
pub mod zoomed;

pub use blocks::{COARSE, Grain, SMALL};
pub use pair::{Pair, Sides, complement, overlap};
pub use raster_order::RasterOrder;
pub use select::{Selection, select};
