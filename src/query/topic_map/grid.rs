//! The map as a grid of counts, coloured by class.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::colour::{Classify, ColourBy, NO_CLASS};
use crate::cache::{Cache, Hot, RowId};
use crate::model::{Cancelled, Watcher};
use crate::query::Selection;
use crate::query::blocks::{Block, COARSE, Grain, SMALL};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;
    use crate::query::topic_map::testing::{first, hot};

    const WHOLE: Viewport = Viewport { min: [0.0; 2], max: [1.0; 2] };

    fn drawn(runs: &[Range<RowId>], viewport: Viewport, size: [usize; 2], by: &ColourBy) -> MapGrid {
        let cells = || Cells::new(viewport, size);
        let ground = Ground::default();
        let draw = || draw(&hot(), &ground, runs, cells(), by, Grain::Exact, &Silent).unwrap();
        let (anew, again) = (draw(), draw());
        assert_eq!(anew, again, "it makes no difference that all is counted already");
        anew
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
}
