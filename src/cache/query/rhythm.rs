//! When the exchanges of a scope happened: hour of the week, raster, intervals, timeline.

use crate::cache::{AccountIndex, Cache, Selection};
use crate::model::{Cancelled, TimeSpan, Watcher, Zone};

/// Exchanges by hour of the week, Monday 00:00 first (`day * 24 + hour`), in the zone asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourOfWeek {
    /// Of the scope; 168 numbers.
    pub scope: Vec<u64>,
    /// Of all exchanges outside the scope; 168 numbers.
    pub peers: Vec<u64>,
}

/// Counts the exchanges of the selection, and of everything else, by hour of the week.
pub fn hour_of_week(
    cache: &Cache,
    selection: &Selection,
    zone: &Zone,
    watcher: &dyn Watcher,
) -> Result<HourOfWeek, Cancelled> {
    todo!()
}

/// Accounts × time as a grid of counts, at most as many cells as there are pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    /// Columns: equal slices of `span`.
    pub width: usize,
    /// Rows: one account each, or several where there are more accounts than rows asked for.
    pub height: usize,
    /// `width * height` counts, row by row, first row on top.
    pub counts: Vec<u32>,
    /// The accounts of each row, in order: by first exchange in the scope, then by id.
    pub rows: Vec<Vec<AccountIndex>>,
    /// The time the columns cover.
    pub span: TimeSpan,
}

/// The raster of a selection. An empty selection gives a raster of no rows.
pub fn raster(
    cache: &Cache,
    selection: &Selection,
    width: usize,
    max_height: usize,
    watcher: &dyn Watcher,
) -> Result<Raster, Cancelled> {
    todo!()
}

/// Intervals between consecutive exchanges of the same account, on a logarithmic axis.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalHistogram {
    /// Bin edges in seconds, ascending, one more than there are bins; 1 ms to 30 days, ten bins
    /// a decade. Shorter intervals fall in the first bin, longer ones in the last.
    pub edges: Vec<f64>,
    /// Intervals of the scope.
    pub scope: Vec<u64>,
    /// Intervals of all accounts' exchanges outside the scope.
    pub peers: Vec<u64>,
}

/// The intervals inside the selection (gaps across exchanges that are not selected count as one
/// interval between their selected neighbours) and outside it.
pub fn intervals(
    cache: &Cache,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<IntervalHistogram, Cancelled> {
    todo!()
}

/// Exchanges by equal slices of time: the brush at the top of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The time covered.
    pub span: TimeSpan,
    /// Exchanges of the scope a slice.
    pub scope: Vec<u64>,
    /// All exchanges a slice.
    pub all: Vec<u64>,
}

/// The timeline over the whole time of the case, in `bins` slices.
pub fn timeline(
    cache: &Cache,
    selection: &Selection,
    bins: usize,
    watcher: &dyn Watcher,
) -> Result<Timeline, Cancelled> {
    todo!()
}
