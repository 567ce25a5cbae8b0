//! The topic map of a scope: density, colour, lasso, neighbours, coverage.

use std::ops::Range;

use arrow::array::{Array, AsArray, FixedSizeBinaryArray};
use rayon::prelude::*;
use rusqlite::OptionalExtension;

use super::blocks::{Block, tally};
use crate::cache::segment::{SegmentSpan, decode};
use crate::cache::topics::store::{CENTROIDS, VECTOR};
use crate::cache::topics::vector::{LENGTH, similarity};
use crate::cache::{AccountIndex, Cache, CacheError, Hot, NO_TOPIC, RowId, Selection};
use crate::model::{Cancelled, Watcher};
use crate::stats::neighbours::Best;

/// The class of what belongs to none.
const NO_CLASS: u16 = u16::MAX;
/// Bins of an account's value.
const BINS: f32 = 10.0;

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

/// Draws the selection into a grid. All cells are empty without a map or for a viewport without
/// area.
///
/// # Errors
/// Only when cancelled.
pub fn grid(
    cache: &Cache,
    selection: &Selection,
    viewport: Viewport,
    width: usize,
    height: usize,
    colour: &ColourBy,
    watcher: &dyn Watcher,
) -> Result<MapGrid, Cancelled> {
    draw(cache.hot(), &selection.runs, viewport, [width, height], colour, watcher)
}

fn draw(
    hot: &Hot,
    runs: &[Range<RowId>],
    viewport: Viewport,
    [width, height]: [usize; 2],
    colour: &ColourBy,
    watcher: &dyn Watcher,
) -> Result<MapGrid, Cancelled> {
    let cells = Cells { viewport, width, height };
    let classify = Classify::new(hot, colour);
    let threads = rayon::current_num_threads().max(1);
    let parts = (0..threads)
        .into_par_iter()
        .map(|at| {
            let rows = hot.place.len() * at / threads..hot.place.len() * (at + 1) / threads;
            Part::of(hot, &Block::new(rows, runs), &cells, &classify, watcher)
        })
        .collect::<Result<Vec<Part>, Cancelled>>()?;
    watcher.check()?;
    let sum = |counts: fn(&Part) -> &[u32]| {
        let mut sums = vec![0_u32; width * height];
        for part in &parts {
            sums.iter_mut().zip(counts(part)).for_each(|(sum, count)| *sum += count);
        }
        sums
    };
    let (scope, peers) = (sum(|part| &part.scope), sum(|part| &part.peers));
    let mut class = vec![NO_CLASS; width * height];
    class.par_iter_mut().with_min_len(4096).enumerate().for_each_init(
        Votes::default,
        |votes, (cell, class)| {
            if scope[cell] > 0 {
                *class = votes.most(parts.iter().flat_map(|part| part.classes_of(cell)));
            }
        },
    );
    Ok(MapGrid { width, height, viewport, scope, class, peers })
}

/// One thread's share of the rows, by cell.
struct Part {
    scope: Vec<u32>,
    peers: Vec<u32>,
    /// The classes of each cell's selected rows, cell after cell.
    classes: Vec<u16>,
    /// Where each cell's classes end.
    ends: Vec<u32>,
}

impl Part {
    fn of(
        hot: &Hot,
        block: &Block<'_>,
        cells: &Cells,
        classify: &Classify,
        watcher: &dyn Watcher,
    ) -> Result<Self, Cancelled> {
        let mut counts = [vec![0_u32; cells.len()], vec![0_u32; cells.len()]];
        block.try_pieces(watcher, |rows, selected| {
            let counts = &mut counts[usize::from(selected)];
            for cell in hot.place[rows].iter().filter_map(|&place| cells.at(place)) {
                counts[cell] += 1;
            }
        })?;
        let [peers, scope] = counts;
        // A counting sort.
        let mut total = 0;
        let mut next: Vec<u32> = Vec::with_capacity(cells.len());
        for &count in &scope {
            next.push(total);
            total += count;
        }
        let mut classes = vec![NO_CLASS; total as usize];
        let mut account = 0;
        block.try_pieces(watcher, |rows, selected| {
            if !selected {
                return;
            }
            // A run has rows of one account.
            while hot.rows_of(account).end <= rows.start {
                account += 1;
            }
            for row in rows {
                if let Some(cell) = cells.at(hot.place[row]) {
                    classes[next[cell] as usize] = classify.class(hot, account, row);
                    next[cell] += 1;
                }
            }
        })?;
        Ok(Self { scope, peers, classes, ends: next })
    }

    fn classes_of(&self, cell: usize) -> &[u16] {
        let end = self.ends[cell];
        &self.classes[(end - self.scope[cell]) as usize..end as usize]
    }
}

/// The cells of a grid over a part of the map.
struct Cells {
    viewport: Viewport,
    width: usize,
    height: usize,
}

impl Cells {
    fn len(&self) -> usize {
        self.width * self.height
    }

    /// The cell of a place, counted row by row from the top; `None` outside.
    fn at(&self, place: [f32; 2]) -> Option<usize> {
        let along = |axis: usize, cells: usize| {
            let (low, high, x) = (self.viewport.min[axis], self.viewport.max[axis], place[axis]);
            // A comparison with NaN is false.
            let inside = x >= low && x <= high && high > low && cells > 0;
            // What lies on the far edge is in the last cell.
            inside.then(|| (((x - low) / (high - low) * cells as f32) as usize).min(cells - 1))
        };
        Some((self.height - 1 - along(1, self.height)?) * self.width + along(0, self.width)?)
    }
}

/// Counts classes; kept from cell to cell for its room.
#[derive(Default)]
struct Votes {
    counts: Vec<u32>,
    seen: Vec<u16>,
}

impl Votes {
    /// The most frequent class, the lowest on a tie; [`NO_CLASS`] of none.
    fn most<'a>(&mut self, classes: impl Iterator<Item = &'a u16>) -> u16 {
        for &class in classes {
            if self.counts.len() <= usize::from(class) {
                self.counts.resize(usize::from(class) + 1, 0);
            }
            let count = &mut self.counts[usize::from(class)];
            if *count == 0 {
                self.seen.push(class);
            }
            *count += 1;
        }
        let mut best = (0, NO_CLASS);
        for class in self.seen.drain(..) {
            let count = std::mem::take(&mut self.counts[usize::from(class)]);
            if count > best.0 || (count == best.0 && class < best.1) {
                best = (count, class);
            }
        }
        best.1
    }
}

/// How a row comes to its class.
enum Classify {
    Topic,
    /// One class an account.
    Account(Vec<u16>),
    /// Start of the case, length of a slice, number of slices.
    Time(i64, i64, u16),
}

impl Classify {
    fn new(hot: &Hot, colour: &ColourBy) -> Self {
        let accounts = hot.offsets.len().saturating_sub(1);
        match colour {
            ColourBy::Topic => Self::Topic,
            ColourBy::Groups(groups) => {
                let mut class = vec![NO_CLASS; accounts];
                // An account of several groups is of the first.
                for (at, group) in groups.iter().enumerate().rev() {
                    for &account in group {
                        if let Some(class) = class.get_mut(account as usize) {
                            *class = at as u16;
                        }
                    }
                }
                Self::Account(class)
            }
            ColourBy::Time(slices) => {
                let span = hot.span();
                let length = span.map_or(1, |span| span.length()) / i64::from((*slices).max(1));
                Self::Time(span.map_or(0, |span| span.start), length.max(1), (*slices).max(1))
            }
            ColourBy::AccountValue(values) => {
                let finite = values.iter().filter(|x| x.is_finite());
                let (low, high) = finite
                    .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
                let width = (high - low) / BINS;
                let bin =
                    |x: f32| if width > 0.0 { ((x - low) / width).clamp(0.0, BINS - 1.0) as u16 } else { 0 };
                let class = |&x: &f32| if x.is_nan() { NO_CLASS } else { bin(x) };
                Self::Account(values.iter().map(class).collect())
            }
        }
    }

    fn class(&self, hot: &Hot, account: AccountIndex, row: usize) -> u16 {
        match self {
            Self::Topic => hot.topic.get(row).copied().unwrap_or(NO_TOPIC),
            Self::Account(classes) => classes.get(account as usize).copied().unwrap_or(NO_CLASS),
            Self::Time(start, length, slices) => {
                let slice = hot.ts[row].saturating_sub(*start) / length;
                slice.clamp(0, i64::from(*slices) - 1) as u16
            }
        }
    }
}

/// The topics of which more than half of the selection's exchanges lie inside a polygon of map
/// coordinates; where there is none, the one topic with most exchanges inside. Empty where
/// nothing of the selection is inside.
pub fn lasso(cache: &Cache, selection: &Selection, polygon: &[[f32; 2]]) -> Vec<u16> {
    inside_topics(cache.hot(), &selection.runs, polygon, cache.topics().len())
}

fn inside_topics(hot: &Hot, runs: &[Range<RowId>], polygon: &[[f32; 2]], topics: usize) -> Vec<u16> {
    let bounds = [0, 1].map(|axis| {
        let along = polygon.iter().map(|corner| corner[axis]);
        along.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
    });
    let within = |place: [f32; 2]| {
        (0..2).all(|axis| bounds[axis].0 <= place[axis] && place[axis] <= bounds[axis].1)
            && is_inside(place, polygon)
    };
    let counts: Vec<(u64, u64)> = runs
        .par_iter()
        .fold(
            || vec![(0, 0); topics],
            |mut counts, run| {
                for row in run.start as usize..run.end as usize {
                    let (Some(&topic), Some(&place)) = (hot.topic.get(row), hot.place.get(row)) else {
                        break;
                    };
                    if let Some((inside, all)) = counts.get_mut(topic as usize) {
                        *inside += u64::from(within(place));
                        *all += 1;
                    }
                }
                counts
            },
        )
        .reduce(
            || vec![(0, 0); topics],
            |a, b| a.iter().zip(b).map(|(a, b)| (a.0 + b.0, a.1 + b.1)).collect(),
        );
    let numbered = || counts.iter().enumerate().map(|(topic, &(inside, all))| (topic as u16, inside, all));
    let mostly: Vec<u16> =
        numbered().filter(|&(_, inside, all)| 2 * inside > all).map(|(topic, ..)| topic).collect();
    if !mostly.is_empty() {
        return mostly;
    }
    let most = numbered()
        .filter(|&(_, inside, _)| inside > 0)
        .max_by_key(|&(topic, inside, _)| (inside, std::cmp::Reverse(topic)));
    most.map(|(topic, ..)| topic).into_iter().collect()
}

/// Whether a point lies inside a polygon, by the even–odd rule (Shimrat 1962). The polygon closes
/// by itself; fewer than three corners hold nothing.
fn is_inside([x, y]: [f32; 2], polygon: &[[f32; 2]]) -> bool {
    let Some(&last) = polygon.last() else { return false };
    let mut inside = false;
    let mut before = last;
    for &corner in polygon {
        if (corner[1] > y) != (before[1] > y)
            && x < (before[0] - corner[0]) * (y - corner[1]) / (before[1] - corner[1]) + corner[0]
        {
            inside = !inside;
        }
        before = corner;
    }
    inside
}

/// The selected exchange nearest to a place on the map within `radius` (the lowest row on a tie);
/// `None` where there is none.
pub fn at(cache: &Cache, selection: &Selection, place: [f32; 2], radius: f32) -> Option<RowId> {
    nearest_place(cache.hot(), &selection.runs, place, radius)
}

fn nearest_place(hot: &Hot, runs: &[Range<RowId>], place: [f32; 2], radius: f32) -> Option<RowId> {
    let square = |row: RowId| {
        let there = hot.place.get(row as usize)?;
        let square = (there[0] - place[0]).powi(2) + (there[1] - place[1]).powi(2);
        (square <= radius * radius).then_some((square, row))
    };
    runs.par_iter()
        .filter_map(|run| run.clone().filter_map(square).min_by(|a, b| a.0.total_cmp(&b.0)))
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map(|(_, row)| row)
}

/// The exchanges nearest to one in topic space (not on the map), nearest first, with their
/// cosine similarity; searched among the exchanges of its own topic and the two next topics.
/// Empty for an exchange without a topic. The cosine is of the directions as they are kept, to
/// about a hundredth.
///
/// # Errors
/// No such row, a cache that cannot be read, cancelled.
pub fn nearest(
    cache: &Cache,
    row: RowId,
    count: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<(RowId, f32)>, CacheError> {
    let hot = cache.hot();
    if row as usize >= hot.len() {
        return Err(CacheError::NoSuchRow { row, rows: hot.len() });
    }
    let own = hot.topic.get(row as usize).copied().unwrap_or(NO_TOPIC);
    if own == NO_TOPIC || count == 0 {
        return Ok(Vec::new());
    }
    let home = &cache.segments()[cache.segment_of(row)];
    let damaged = || CacheError::damaged(cache.path(), format!("row {row} has a topic and no direction"));
    let direction = vector(&vectors(cache, home)?, (row - home.first_row) as usize).ok_or_else(damaged)?;
    let topics = next_topics(cache, own, &direction)?;
    let parts = cache
        .segments()
        .par_iter()
        .map(|segment| {
            watcher.check()?;
            let mut best = Best::of(count);
            let rows = segment.first_row..segment.first_row + segment.rows;
            let of_topics: Vec<RowId> =
                rows.filter(|&other| other != row && topics.contains(&hot.topic[other as usize])).collect();
            if !of_topics.is_empty() {
                let vectors = vectors(cache, segment)?;
                for other in of_topics {
                    if let Some(there) = vector(&vectors, (other - segment.first_row) as usize) {
                        best.offer(other, similarity(&direction, &there));
                    }
                }
            }
            Ok(best.into_sorted())
        })
        .collect::<Result<Vec<_>, CacheError>>()?;
    let mut all = Best::of(count);
    parts.into_iter().flatten().for_each(|(cosine, other)| all.offer(other, cosine));
    Ok(all.into_sorted().into_iter().map(|(cosine, other)| (other, cosine)).collect())
}

/// A topic and the two whose middles are nearest to a direction.
fn next_topics(cache: &Cache, own: u16, direction: &[i8; LENGTH]) -> Result<Vec<u16>, CacheError> {
    let failed = CacheError::sqlite(cache.path());
    let told: Option<String> = cache
        .connection()?
        .query_row("SELECT value FROM topic_model WHERE key = ?1", [CENTROIDS], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    let damaged = |what: &dyn ToString| CacheError::damaged(cache.path(), what.to_string());
    let told = told.ok_or_else(|| damaged(&"topics without middles"))?;
    let centroids: Vec<Vec<i8>> = serde_json::from_str(&told).map_err(|error| damaged(&error))?;
    let mut next = Best::of(2);
    for (topic, centroid) in centroids.iter().enumerate().filter(|(topic, _)| *topic != usize::from(own)) {
        let centroid =
            centroid.as_slice().try_into().map_err(|_| damaged(&"a topic's middle is cut short"))?;
        next.offer(topic as u32, similarity(direction, centroid));
    }
    Ok([own].into_iter().chain(next.into_sorted().into_iter().map(|(_, topic)| topic as u16)).collect())
}

/// The directions of a segment's rows.
fn vectors(cache: &Cache, segment: &SegmentSpan) -> Result<FixedSizeBinaryArray, CacheError> {
    let damaged = |what: String| CacheError::damaged(cache.path(), what);
    let connection = cache.connection()?;
    let mut statement = connection
        .prepare_cached("SELECT data FROM topic_segments WHERE segment_id = ?1")
        .map_err(CacheError::sqlite(cache.path()))?;
    let decoded = statement
        .query_row([segment.id], |row| {
            Ok(decode(row.get_ref(0)?.as_blob()?, &[VECTOR], segment.rows as usize))
        })
        .map_err(CacheError::sqlite(cache.path()))?
        .map_err(|error| damaged(format!("topics of segment {}: {error}", segment.id)))?;
    let array = decoded.first().cloned().flatten();
    let array = array.and_then(|array| array.as_fixed_size_binary_opt().cloned());
    array.ok_or_else(|| damaged(format!("topics of segment {} have no directions", segment.id)))
}

fn vector(vectors: &FixedSizeBinaryArray, at: usize) -> Option<[i8; LENGTH]> {
    let bytes: [u8; LENGTH] = vectors.is_valid(at).then(|| vectors.value(at))?.try_into().ok()?;
    Some(bytes.map(u8::cast_signed))
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
///
/// # Errors
/// Only when cancelled.
pub fn coverage(
    cache: &Cache,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Vec<TopicShare>, Cancelled> {
    shares(cache.hot(), &selection.runs, cache.topics().len(), watcher)
}

fn shares(
    hot: &Hot,
    runs: &[Range<RowId>],
    topics: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<TopicShare>, Cancelled> {
    let counts = tally(hot.topic.len(), runs, 2 * topics, watcher, |block, counts| {
        let (scope, peers) = counts.split_at_mut(topics);
        block.pieces(|rows, selected| {
            let counts = if selected { &mut *scope } else { &mut *peers };
            for &topic in &hot.topic[rows] {
                if let Some(count) = counts.get_mut(usize::from(topic)) {
                    *count += 1;
                }
            }
        });
    })?;
    let (scope, peers) = counts.split_at(topics);
    let share = |(topic, (&scope, &peers))| TopicShare { topic: topic as u16, scope, peers };
    Ok(scope.iter().zip(peers).enumerate().map(share).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Silent;

    /// Two accounts of three rows each; topics 0 and 1; the last row has no place.
    fn hot() -> Hot {
        Hot {
            offsets: vec![0, 3, 6],
            ts: vec![0, 10, 20, 5, 15, 99],
            topic: vec![0, 0, 1, 0, 1, NO_TOPIC],
            place: vec![[0.1, 0.1], [0.1, 0.1], [0.9, 0.9], [0.1, 0.9], [1.0, 1.0], [f32::NAN; 2]],
        }
    }

    const WHOLE: Viewport = Viewport { min: [0.0; 2], max: [1.0; 2] };

    #[expect(clippy::single_range_in_vec_init, reason = "a list of one run")]
    fn first() -> [Range<RowId>; 1] {
        [0..3]
    }

    #[test]
    fn a_grid_counts_scope_and_peers_with_the_top_first() {
        let grid = draw(&hot(), &first(), WHOLE, [2, 2], &ColourBy::Topic, &Silent).unwrap();
        assert_eq!(grid.scope, [0, 1, 2, 0]);
        assert_eq!(grid.peers, [1, 1, 0, 0]);
        assert_eq!(grid.class, [NO_CLASS, 1, 0, NO_CLASS]);
        let half = Viewport { min: [0.5, 0.5], max: [1.0, 1.0] };
        assert_eq!(draw(&hot(), &first(), half, [1, 1], &ColourBy::Topic, &Silent).unwrap().scope, [1]);
        let flat = Viewport { min: [0.5, 0.5], max: [0.5, 1.0] };
        assert_eq!(draw(&hot(), &first(), flat, [1, 1], &ColourBy::Topic, &Silent).unwrap().peers, [0]);
    }

    #[test]
    fn classes_by_group_time_and_value() {
        let all = [0..3, 3..6];
        let class = |colour| draw(&hot(), &all, WHOLE, [2, 2], &colour, &Silent).unwrap().class;
        assert_eq!(class(ColourBy::Groups(vec![vec![1], vec![0]])), [0, 0, 1, NO_CLASS]);
        // Slices of 25 of the 100 µs; 20 and 15 are both in the first.
        assert_eq!(class(ColourBy::Time(4)), [0, 0, 0, NO_CLASS]);
        let values = std::sync::Arc::new(vec![f32::NAN, 3.0]);
        assert_eq!(class(ColourBy::AccountValue(values)), [0, 0, NO_CLASS, NO_CLASS]);
    }

    #[test]
    fn a_lasso_takes_topics_mostly_inside_else_the_fullest() {
        let all = [0..3, 3..6];
        let left = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]];
        assert_eq!(inside_topics(&hot(), &all, &left, 2), [0]);
        let corner = [[0.0, 0.8], [0.2, 0.8], [0.2, 1.0], [0.0, 1.0]];
        assert_eq!(inside_topics(&hot(), &all, &corner, 2), [0]);
        assert!(inside_topics(&hot(), &all, &[[0.4, 0.4], [0.5, 0.4], [0.5, 0.5]], 2).is_empty());
        assert!(inside_topics(&hot(), &all, &[], 2).is_empty());
    }

    #[test]
    fn the_nearest_row_within_reach() {
        let all = [0..3, 3..6];
        assert_eq!(nearest_place(&hot(), &all, [0.12, 0.1], 0.05), Some(0));
        assert_eq!(nearest_place(&hot(), &all, [0.5, 0.5], 0.05), None);
    }

    #[test]
    fn shares_add_up() {
        let found = shares(&hot(), &first(), 2, &Silent).unwrap();
        let counts: Vec<_> = found.iter().map(|share| (share.topic, share.scope, share.peers)).collect();
        assert_eq!(counts, [(0, 2, 1), (1, 1, 1)]);
    }

    /// The angle that the polygon's edges turn through as seen from the point: a multiple of 2π
    /// that is odd where the even–odd rule says inside.
    fn winds_oddly(point: [f32; 2], polygon: &[[f32; 2]]) -> bool {
        let p = point.map(f64::from);
        let angle = |corner: [f32; 2]| (f64::from(corner[1]) - p[1]).atan2(f64::from(corner[0]) - p[0]);
        let turn: f64 = (0..polygon.len())
            .map(|at| {
                let step = angle(polygon[(at + 1) % polygon.len()]) - angle(polygon[at]);
                step.sin().atan2(step.cos())
            })
            .sum();
        (turn / std::f64::consts::TAU).round() as i64 % 2 != 0
    }

    proptest! {
        #[test]
        fn inside_is_an_odd_number_of_turns(
            corners in prop::collection::vec((0u8..100, 0u8..100), 3..9),
            x in 0u8..100,
            y in 0u8..100,
        ) {
            let polygon: Vec<[f32; 2]> = corners.iter().map(|&(x, y)| [f32::from(x), f32::from(y)]).collect();
            // Off the grid of the corners, so that no point lies on an edge by chance of rounding.
            let point = [f32::from(x) + 0.378_1, f32::from(y) + 0.613_7];
            prop_assert_eq!(is_inside(point, &polygon), winds_oddly(point, &polygon));
        }
    }
}
