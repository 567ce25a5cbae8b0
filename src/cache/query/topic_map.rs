//! The topic map of a scope: density, colour, lasso, neighbours, coverage.

use crate::cache::{Cache, CacheError, RowId, Selection};
use crate::model::{Cancelled, Watcher};

/// What the colour of the map means.
#[derive(Clone, Debug, PartialEq)]
pub enum ColourBy {
    /// The class of a point is its topic.
    Topic,
    /// The class of a point is which of these account groups it belongs to (index into the
    /// list), or `u16::MAX` for none. Accounts are sorted.
    Groups(Vec<Vec<crate::cache::AccountIndex>>),
    /// The class of a point is its slice of the case's time, of this many.
    Time(u16),
    /// The class of a point is the bin (of 10 equal ones, 0 lowest) of its account's value here;
    /// `u16::MAX` where the value is `NaN`. One value an account.
    AccountValue(std::sync::Arc<Vec<f32>>),
}

/// A rectangle of the map, in map coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Left and bottom.
    pub min: [f32; 2],
    /// Right and top.
    pub max: [f32; 2],
}

/// The map as a grid: one cell a pixel or a few.
#[derive(Clone, Debug, PartialEq)]
pub struct MapGrid {
    /// Cells across.
    pub width: usize,
    /// Cells down; the first row is the top of the viewport.
    pub height: usize,
    /// Where the grid lies.
    pub viewport: Viewport,
    /// Exchanges of the scope in each cell.
    pub scope: Vec<u32>,
    /// The most frequent class among them (lowest on a tie); `u16::MAX` where there are none.
    pub class: Vec<u16>,
    /// Exchanges outside the scope in each cell.
    pub peers: Vec<u32>,
}

/// Draws the selection into a grid.
pub fn grid(
    cache: &Cache,
    selection: &Selection,
    viewport: Viewport,
    width: usize,
    height: usize,
    colour: &ColourBy,
    watcher: &dyn Watcher,
) -> Result<MapGrid, Cancelled> {
    todo!()
}

/// The topics of which more than half of the selection's exchanges lie inside a polygon of map
/// coordinates; where there is none, the one topic with most exchanges inside. Empty where
/// nothing of the selection is inside.
pub fn lasso(cache: &Cache, selection: &Selection, polygon: &[[f32; 2]]) -> Vec<u16> {
    todo!()
}

/// The selected exchange nearest to a place on the map within `radius`; `None` where there is none.
pub fn at(cache: &Cache, selection: &Selection, place: [f32; 2], radius: f32) -> Option<RowId> {
    todo!()
}

/// The exchanges nearest to one in topic space (not on the map), nearest first, with their
/// cosine similarity; searched among the exchanges of its own topic and the two next topics.
pub fn nearest(
    cache: &Cache,
    row: RowId,
    count: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<(RowId, f32)>, CacheError> {
    todo!()
}

/// How much of each topic the scope takes, against everyone else. One entry a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicShare {
    /// Which topic.
    pub topic: u16,
    /// Exchanges of the scope in it.
    pub scope: u64,
    /// Exchanges outside the scope in it.
    pub peers: u64,
}

/// The selection's exchanges by topic, and everyone else's, in topic order.
pub fn coverage(cache: &Cache, selection: &Selection) -> Vec<TopicShare> {
    todo!()
}
