//! The topic map of a scope: density, colour, lasso, neighbours, coverage.

mod anchors;
mod colour;
mod coverage;
mod grid;
mod lasso;
mod nearest;

pub use anchors::{Anchor, anchors};
pub use colour::ColourBy;
pub use coverage::{TopicShare, coverage};
pub use grid::{MapGrid, Viewport, grid};
pub use lasso::lasso;
pub use nearest::{Nearest, at, nearest};

#[cfg(test)]
mod testing;
