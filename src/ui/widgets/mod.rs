//! Small things to draw that several panels or views use.

pub mod keys;
pub mod mark;
pub mod percentile;
