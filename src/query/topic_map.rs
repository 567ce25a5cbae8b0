//! The topic map of a scope: density, colour, lasso, neighbours, coverage.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::blocks::{Block, COARSE, Grain, SMALL, tally};
use crate::cache::{AccountIndex, Cache, CacheError, Hot, NO_TOPIC, RowId};
use crate::model::{Cancelled, Watcher};
use crate::query::Selection;
use crate::stats::neighbours::Best;
use crate::topics::{LENGTH, similarity};
use rayon::prelude::*;

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
    /// Where the scope has more than a million exchanges, one in so many is asked, and where none
    /// of a cell is, its first speaks for it.
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
    size: [usize; 2],
    colour: &ColourBy,
    grain: Grain,
    watcher: &dyn Watcher,
) -> Result<MapGrid, Cancelled> {
    let cells = Cells::new(viewport, size);
    draw(cache.hot(), &cache.derived::<Ground>(), &selection.runs, cells, colour, grain, watcher)
}

/// All exchanges in the grid that was drawn last. Most scopes are looked at from where the one
/// before was, and then only their own exchanges need counting.
#[derive(Default)]
struct Ground(Mutex<Option<Arc<Counted>>>);

/// All exchanges by cell.
struct Counted {
    viewport: Viewport,
    size: [usize; 2],
    counts: Vec<u32>,
    /// The first exchange in each cell, or [`NONE`]; only where everything was the scope.
    first: Option<Vec<RowId>>,
}

impl Ground {
    fn of(&self, cells: &Cells) -> Option<Arc<Counted>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        last.filter(|last| last.viewport == cells.viewport && last.size == cells.size)
    }

    fn keep(&self, cells: &Cells, drawn: &Part, is_everything: bool) {
        let counts = drawn.scope.iter().zip(&drawn.peers).map(|(scope, peers)| scope + peers).collect();
        let first = is_everything.then(|| drawn.first.clone());
        let counted = Counted { viewport: cells.viewport, size: cells.size, counts, first };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(counted));
    }
}

fn draw(
    hot: &Hot,
    ground: &Ground,
    runs: &[Range<RowId>],
    cells: Cells,
    colour: &ColourBy,
    grain: Grain,
    watcher: &dyn Watcher,
) -> Result<MapGrid, Cancelled> {
    let classify = Classify::new(hot, colour);
    let selected: u64 = runs.iter().map(|run| run.len() as u64).sum();
    let all = match grain {
        Grain::Exact => count_exactly(hot, ground, runs, &cells, watcher)?,
        Grain::Coarse => in_parts(hot, &cells, |part, rows| {
            Block::new(rows, runs).sampled_pieces(grain, selected < SMALL, watcher, |rows, selected| {
                part.count(hot, rows, selected, &cells);
            })
        })?,
    };
    let mut class: Vec<u16> =
        all.first.iter().map(|&row| if row == NONE { NO_CLASS } else { classify.of(hot, row) }).collect();
    let voters = if grain == Grain::Coarse { VOTERS / COARSE as u64 } else { VOTERS };
    let every = selected.div_ceil(voters).max(1) as RowId;
    for (cell, most) in votes(hot, runs, &cells, &classify, every, watcher)? {
        // A coarse answer may not have counted whom it asked.
        if all.scope[cell] > 0 {
            class[cell] = most;
        }
    }
    let Cells { viewport, size: [width, height], .. } = cells;
    Ok(MapGrid { width, height, viewport, scope: all.scope, class, peers: all.peers })
}

/// Counts a selection, and everything else, by cell.
fn count_exactly(
    hot: &Hot,
    ground: &Ground,
    runs: &[Range<RowId>],
    cells: &Cells,
    watcher: &dyn Watcher,
) -> Result<Part, Cancelled> {
    let selected: usize = runs.iter().map(ExactSizeIterator::len).sum();
    let is_everything = selected == hot.place.len();
    let known = ground.of(cells);
    if let Some(known) = known.as_deref().filter(|_| 2 * selected <= hot.place.len()) {
        let own = in_parts(hot, cells, |part, rows| {
            let rows = rows.start as RowId..rows.end as RowId;
            let first = runs.partition_point(|run| run.end <= rows.start);
            for (at, run) in runs[first..].iter().take_while(|run| run.start < rows.end).enumerate() {
                if at.is_multiple_of(RUNS) {
                    watcher.check()?;
                }
                let (start, end) = (run.start.max(rows.start), run.end.min(rows.end));
                part.count(hot, start as usize..end as usize, true, cells);
            }
            Ok(())
        })?;
        let peers = known.counts.iter().zip(&own.scope).map(|(all, own)| all - own).collect();
        return Ok(Part { peers, ..own });
    }
    if let Some((known, first)) = known.as_deref().and_then(|known| Some((known, known.first.as_ref()?)))
        && is_everything
    {
        let peers = vec![0; known.counts.len()];
        return Ok(Part { scope: known.counts.clone(), peers, first: first.clone() });
    }
    let drawn = in_parts(hot, cells, |part, rows| {
        Block::new(rows, runs).sampled_pieces(Grain::Exact, true, watcher, |rows, selected| {
            part.count(hot, rows, selected, cells);
        })
    })?;
    ground.keep(cells, &drawn, is_everything);
    Ok(drawn)
}

/// Runs that are counted between two looks at whether to stop.
const RUNS: usize = 1024;

/// Has `count` go through all rows, a part on each core, and adds up.
fn in_parts(
    hot: &Hot,
    cells: &Cells,
    count: impl Fn(&mut Part, Range<usize>) -> Result<(), Cancelled> + Sync,
) -> Result<Part, Cancelled> {
    let threads = rayon::current_num_threads().max(1);
    let parts = (0..threads)
        .into_par_iter()
        .map(|at| {
            let mut part = Part::of(cells);
            count(&mut part, hot.place.len() * at / threads..hot.place.len() * (at + 1) / threads)?;
            Ok(part)
        })
        .collect::<Result<Vec<Part>, Cancelled>>()?;
    Ok(parts.into_iter().reduce(Part::and).unwrap_or_else(|| Part::of(cells)))
}

/// No row.
const NONE: RowId = RowId::MAX;

/// One thread's share of the exchanges, by cell.
struct Part {
    scope: Vec<u32>,
    peers: Vec<u32>,
    /// The first exchange of the scope in each cell, or [`NONE`].
    first: Vec<RowId>,
}

impl Part {
    fn of(cells: &Cells) -> Self {
        let empty = vec![0; cells.size[0] * cells.size[1]];
        Self { scope: empty.clone(), first: vec![NONE; empty.len()], peers: empty }
    }

    fn count(&mut self, hot: &Hot, rows: Range<usize>, selected: bool, cells: &Cells) {
        if !selected {
            for cell in hot.place[rows].iter().filter_map(|&place| cells.at(place)) {
                self.peers[cell] += 1;
            }
            return;
        }
        for (row, &place) in (rows.start as RowId..).zip(&hot.place[rows]) {
            if let Some(cell) = cells.at(place) {
                self.scope[cell] += 1;
                self.first[cell] = self.first[cell].min(row);
            }
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.scope.iter_mut().zip(other.scope).for_each(|(a, b)| *a += b);
        self.peers.iter_mut().zip(other.peers).for_each(|(a, b)| *a += b);
        self.first.iter_mut().zip(other.first).for_each(|(a, b)| *a = (*a).min(b));
        self
    }
}

/// Exchanges that are asked for their class at the most; of more, one in so many is. For a coarse
/// answer [`COARSE`] times fewer.
const VOTERS: u64 = 1 << 20;

/// The most frequent class of each cell among the voters, the lowest on a tie; cells without a
/// voter are left out.
fn votes(
    hot: &Hot,
    runs: &[Range<RowId>],
    cells: &Cells,
    classify: &Classify,
    every: RowId,
    watcher: &dyn Watcher,
) -> Result<Vec<(usize, u16)>, Cancelled> {
    let mut votes: Vec<(u32, u16)> = runs
        .par_iter()
        .flat_map_iter(|run| {
            let voters = (run.start.next_multiple_of(every)..run.end).step_by(every as usize);
            voters.filter_map(|row| {
                let cell = cells.at(*hot.place.get(row as usize)?)?;
                Some((cell as u32, classify.of(hot, row)))
            })
        })
        .collect();
    watcher.check()?;
    votes.par_sort_unstable();
    watcher.check()?;
    let most = |cell: &[(u32, u16)]| {
        let classes = cell.chunk_by(|a, b| a == b);
        // Of equals the first stays.
        let most = classes.reduce(|most, next| if next.len() > most.len() { next } else { most });
        most.map(|most| (most[0].0 as usize, most[0].1))
    };
    Ok(votes.chunk_by(|a, b| a.0 == b.0).filter_map(most).collect())
}

/// The cells of a grid over a part of the map.
struct Cells {
    viewport: Viewport,
    /// Across and down.
    size: [usize; 2],
    /// Cells to a unit of the map.
    scale: [f32; 2],
}

impl Cells {
    fn new(viewport: Viewport, size: [usize; 2]) -> Self {
        let Viewport { min, max } = viewport;
        Self { viewport, size, scale: [0, 1].map(|axis| size[axis] as f32 / (max[axis] - min[axis])) }
    }

    /// The cell of a place, counted row by row from the top; `None` outside.
    fn at(&self, place: [f32; 2]) -> Option<usize> {
        let along = |axis: usize| {
            let (low, high, x) = (self.viewport.min[axis], self.viewport.max[axis], place[axis]);
            // A comparison with NaN is false.
            let inside = x >= low && x <= high && high > low && self.size[axis] > 0;
            // What lies on the far edge is in the last cell.
            inside.then(|| (((x - low) * self.scale[axis]) as u32 as usize).min(self.size[axis] - 1))
        };
        let (x, y) = (along(0)?, along(1)?);
        Some((self.size[1] - 1 - y) * self.size[0] + x)
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

    fn of(&self, hot: &Hot, row: RowId) -> u16 {
        match self {
            Self::Topic => hot.topic.get(row as usize).copied().unwrap_or(NO_TOPIC),
            Self::Account(classes) => classes.get(hot.account_of(row) as usize).copied().unwrap_or(NO_CLASS),
            Self::Time(start, length, slices) => {
                let slice = hot.ts[row as usize].saturating_sub(*start) / length;
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

/// What is near an exchange in topic space.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// The sampled exchange whose direction was used: the one asked for where it is sampled, else
    /// the one of its topic that lies nearest to it on the map (equal prompts lie in one place).
    pub of: RowId,
    /// The exchanges nearest to it, nearest first, with their cosine similarity.
    pub found: Vec<(RowId, f32)>,
}

/// The exchanges nearest to one in topic space (not on the map), sought among the sampled
/// exchanges (at most 64 of each account) of its own topic and the two next topics. `None` for an
/// exchange without a topic, or where nothing of its topic is sampled. The cosine is of the
/// directions as they are kept, to about a hundredth.
///
/// # Errors
/// No such row, a cache that cannot be read, cancelled.
pub fn nearest(
    cache: &Cache,
    row: RowId,
    count: usize,
    watcher: &dyn Watcher,
) -> Result<Option<Nearest>, CacheError> {
    let hot = cache.hot();
    if row as usize >= hot.len() {
        return Err(CacheError::NoSuchRow { row, rows: hot.len() });
    }
    let own = hot.topic.get(row as usize).copied().unwrap_or(NO_TOPIC);
    if own == NO_TOPIC || count == 0 {
        return Ok(None);
    }
    let Some((of, direction)) = stand_in(cache, row, own, watcher)? else { return Ok(None) };
    let topics = next_topics(cache, own, &direction)?;
    let parts = cache
        .samples()
        .blobs(0..AccountIndex::MAX)?
        .into_par_iter()
        .map(|blob| {
            watcher.check()?;
            let mut best = Best::of(count);
            let is_other =
                |other: RowId| other != row && other != of && topics.contains(&hot.topic[other as usize]);
            for (other, there) in cache.samples().vectors(blob)?.into_iter().filter(|(row, _)| is_other(*row))
            {
                best.offer(other, similarity(&direction, &there));
            }
            Ok(best.into_sorted())
        })
        .collect::<Result<Vec<_>, CacheError>>()?;
    let mut all = Best::of(count);
    parts.into_iter().flatten().for_each(|(cosine, other)| all.offer(other, cosine));
    let found = all.into_sorted().into_iter().map(|(cosine, other)| (other, cosine)).collect();
    Ok(Some(Nearest { of, found }))
}

/// The sampled exchange that stands in for a row of a topic, and its direction: the row itself, else
/// the nearest on the map, the lowest row on a tie.
fn stand_in(
    cache: &Cache,
    row: RowId,
    topic: u16,
    watcher: &dyn Watcher,
) -> Result<Option<(RowId, [i8; LENGTH])>, CacheError> {
    let hot = cache.hot();
    let account = hot.account_of(row);
    let own = cache.prompt_vectors(account..account + 1)?;
    if let Some(found) = own.into_iter().find(|(sampled, _)| *sampled == row) {
        return Ok(Some(found));
    }
    let Some(&[x, y]) = hot.place.get(row as usize) else { return Ok(None) };
    let square = |other: RowId| {
        let there = hot.place[other as usize];
        (there[0] - x).powi(2) + (there[1] - y).powi(2)
    };
    let parts = cache
        .samples()
        .blobs(0..AccountIndex::MAX)?
        .into_par_iter()
        .map(|blob| {
            watcher.check()?;
            let rows = cache.samples().rows(blob)?.into_iter();
            let of_topic = rows.filter(|&other| hot.topic.get(other as usize) == Some(&topic));
            let near = of_topic.map(|other| (square(other), other)).filter(|(square, _)| !square.is_nan());
            Ok(near.min_by(|a, b| a.0.total_cmp(&b.0)))
        })
        .collect::<Result<Vec<_>, CacheError>>()?;
    let nearest = parts.into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let Some((_, other)) = nearest else { return Ok(None) };
    let account = hot.account_of(other);
    Ok(cache.prompt_vectors(account..account + 1)?.into_iter().find(|(sampled, _)| *sampled == other))
}

/// A topic and the two whose middles are nearest to a direction.
fn next_topics(cache: &Cache, own: u16, direction: &[i8; LENGTH]) -> Result<Vec<u16>, CacheError> {
    let mut next = Best::of(2);
    for (topic, other) in cache.topic_directions()?.iter().enumerate() {
        if topic != usize::from(own) {
            next.offer(topic as u32, similarity(direction, other));
        }
    }
    Ok([own].into_iter().chain(next.into_sorted().into_iter().map(|(_, topic)| topic as u16)).collect())
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

    fn drawn(runs: &[Range<RowId>], viewport: Viewport, size: [usize; 2], by: &ColourBy) -> MapGrid {
        let cells = || Cells::new(viewport, size);
        let ground = Ground::default();
        let draw = || draw(&hot(), &ground, runs, cells(), by, Grain::Exact, &Silent).unwrap();
        let (anew, again) = (draw(), draw());
        assert_eq!(anew, again, "it makes no difference that all is counted already");
        anew
    }

    #[expect(clippy::single_range_in_vec_init, reason = "a list of one run")]
    fn first() -> [Range<RowId>; 1] {
        [0..3]
    }

    #[test]
    fn a_grid_counts_scope_and_peers_with_the_top_first() {
        let grid = drawn(&first(), WHOLE, [2, 2], &ColourBy::Topic);
        assert_eq!(grid.scope, [0, 1, 2, 0]);
        assert_eq!(grid.peers, [1, 1, 0, 0]);
        assert_eq!(grid.class, [NO_CLASS, 1, 0, NO_CLASS]);
        let half = Viewport { min: [0.5, 0.5], max: [1.0, 1.0] };
        assert_eq!(drawn(&first(), half, [1, 1], &ColourBy::Topic).scope, [1]);
        let flat = Viewport { min: [0.5, 0.5], max: [0.5, 1.0] };
        assert_eq!(drawn(&first(), flat, [1, 1], &ColourBy::Topic).peers, [0]);
    }

    #[test]
    fn classes_by_group_time_and_value() {
        let all = [0..3, 3..6];
        let class = |colour| drawn(&all, WHOLE, [2, 2], &colour).class;
        assert_eq!(class(ColourBy::Groups(vec![vec![1], vec![0]])), [0, 0, 1, NO_CLASS]);
        // Slices of 25 of the 100 µs; 20 and 15 are both in the first.
        assert_eq!(class(ColourBy::Time(4)), [0, 0, 0, NO_CLASS]);
        let values = std::sync::Arc::new(vec![f32::NAN, 3.0]);
        assert_eq!(class(ColourBy::AccountValue(values)), [0, 0, NO_CLASS, NO_CLASS]);
    }

    #[test]
    fn a_coarse_grid_has_all_of_a_small_scope_and_a_sixteenth_of_its_peers() {
        let rows = 40 * 4096_u32;
        let mut hot = Hot { offsets: vec![0, rows], ..Hot::default() };
        hot.ts = (0..i64::from(rows)).collect();
        hot.place = vec![[0.5, 0.5]; rows as usize];
        let cells = || Cells::new(WHOLE, [1, 1]);
        let draw = |grain| {
            let runs = [5_000..5_010, 90_000..90_001];
            draw(&hot, &Ground::default(), &runs, cells(), &ColourBy::Time(1), grain, &Silent).unwrap()
        };
        let (exact, coarse) = (draw(Grain::Exact), draw(Grain::Coarse));
        assert_eq!((exact.scope[0], exact.peers[0]), (11, rows - 11));
        assert_eq!((coarse.scope[0], coarse.class[0]), (11, 0));
        assert!((2..=4).contains(&(coarse.peers[0] / 4096)), "{}", coarse.peers[0]);
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
