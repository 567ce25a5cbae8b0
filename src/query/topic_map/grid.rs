//! Topic map as a grid of counts, coloured by class.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::colour::{Classify, ColourBy, NO_CLASS};
use crate::cache::{Cache, Hot, RowId};
use crate::model::{Cancelled, Watcher};
use crate::query::Selection;
use crate::query::blocks::{Block, COARSE, Grain, SMALL};

/// Rectangle of the map, in map coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Left and bottom.
    pub min: [f32; 2],
    /// Right and top.
    pub max: [f32; 2],
}

/// Topic map as a grid, whose cells are one or a few pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct MapGrid {
    /// Number of cells across.
    pub width: usize,
    /// Number of cells down; the first row is the top of the viewport.
    pub height: usize,
    /// Part of the map that the grid covers.
    pub viewport: Viewport,
    /// Number of exchanges of the scope in each cell.
    pub scope: Vec<u32>,
    /// Most frequent class of the scope's exchanges in each cell, ties to the lowest; `u16::MAX` for
    /// none. Of more than 1,048,576 exchanges a systematic sample is used; a cell without a sampled
    /// exchange has the class of its first.
    pub class: Vec<u16>,
    /// Number of exchanges outside the scope in each cell.
    pub peers: Vec<u32>,
}

/// Counts the selection in a grid. All cells are empty without a map or for a viewport of no area.
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
    draw(cache.hot(), &cache.derived::<Background>(), &selection.runs, cells, colour, grain, watcher)
}

/// Counts of all exchanges in the last grid. The next scope mostly has the same viewport, and then
/// only its own exchanges have to be counted.
#[derive(Default)]
struct Background(Mutex<Option<Arc<Counted>>>);

/// Number of all exchanges by cell.
struct Counted {
    viewport: Viewport,
    size: [usize; 2],
    counts: Vec<u32>,
    /// First exchange in each cell, or [`NONE`]; present only if the scope was all exchanges.
    first: Option<Vec<RowId>>,
}

impl Background {
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
    background: &Background,
    runs: &[Range<RowId>],
    cells: Cells,
    colour: &ColourBy,
    grain: Grain,
    watcher: &dyn Watcher,
) -> Result<MapGrid, Cancelled> {
    let classify = Classify::new(hot, colour);
    let selected: u64 = runs.iter().map(|run| run.len() as u64).sum();
    let all = match grain {
        Grain::Exact => count_exactly(hot, background, runs, &cells, watcher)?,
        Grain::Coarse => in_parts(hot, &cells, |part, rows| {
            Block::new(rows, runs).sampled_pieces(grain, selected < SMALL, watcher, |rows, selected| {
                part.count(hot, rows, selected, &cells);
            })
        })?,
    };
    let mut class: Vec<u16> =
        all.first.iter().map(|&row| if row == NONE { NO_CLASS } else { classify.of(hot, row) }).collect();
    let sampled = if grain == Grain::Coarse { CLASSIFIED / COARSE as u64 } else { CLASSIFIED };
    let every = selected.div_ceil(sampled).max(1) as RowId;
    for (cell, most) in majority_classes(hot, runs, &cells, &classify, every, watcher)? {
        // A coarse answer may not have counted the sampled exchanges.
        if all.scope[cell] > 0 {
            class[cell] = most;
        }
    }
    let Cells { viewport, size: [width, height], .. } = cells;
    Ok(MapGrid { width, height, viewport, scope: all.scope, class, peers: all.peers })
}

/// Counts the exchanges inside and outside a selection, by cell.
fn count_exactly(
    hot: &Hot,
    background: &Background,
    runs: &[Range<RowId>],
    cells: &Cells,
    watcher: &dyn Watcher,
) -> Result<Part, Cancelled> {
    let selected: usize = runs.iter().map(ExactSizeIterator::len).sum();
    let is_everything = selected == hot.place.len();
    let known = background.of(cells);
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
    background.keep(cells, &drawn, is_everything);
    Ok(drawn)
}

/// Number of runs that are counted between two checks for cancellation.
const RUNS: usize = 1024;

/// Applies `count` to all rows, in one part per core, and adds the parts.
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
    Ok(parts.into_iter().reduce(Part::merged).unwrap_or_else(|| Part::of(cells)))
}

/// No row.
const NONE: RowId = RowId::MAX;

/// Counts of one thread, by cell.
struct Part {
    scope: Vec<u32>,
    peers: Vec<u32>,
    /// First exchange of the scope in each cell, or [`NONE`].
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

    fn merged(mut self, other: Self) -> Self {
        self.scope.iter_mut().zip(other.scope).for_each(|(a, b)| *a += b);
        self.peers.iter_mut().zip(other.peers).for_each(|(a, b)| *a += b);
        self.first.iter_mut().zip(other.first).for_each(|(a, b)| *a = (*a).min(b));
        self
    }
}

/// Maximum number of exchanges whose class is looked up; of more, a systematic sample. [`COARSE`] times
/// fewer for a coarse answer.
const CLASSIFIED: u64 = 1 << 20;

/// Most frequent class of each cell among every `every`-th exchange, ties to the lowest; cells without
/// a sampled exchange are left out.
fn majority_classes(
    hot: &Hot,
    runs: &[Range<RowId>],
    cells: &Cells,
    classify: &Classify,
    every: RowId,
    watcher: &dyn Watcher,
) -> Result<Vec<(usize, u16)>, Cancelled> {
    let mut classified: Vec<(u32, u16)> = runs
        .par_iter()
        .flat_map_iter(|run| {
            let sampled = (run.start.next_multiple_of(every)..run.end).step_by(every as usize);
            sampled.filter_map(|row| {
                let cell = cells.at(*hot.place.get(row as usize)?)?;
                Some((cell as u32, classify.of(hot, row)))
            })
        })
        .collect();
    watcher.check()?;
    classified.par_sort_unstable();
    watcher.check()?;
    let most = |cell: &[(u32, u16)]| {
        let classes = cell.chunk_by(|a, b| a == b);
        // On a tie the first one stays.
        let most = classes.reduce(|most, next| if next.len() > most.len() { next } else { most });
        most.map(|most| (most[0].0 as usize, most[0].1))
    };
    Ok(classified.chunk_by(|a, b| a.0 == b.0).filter_map(most).collect())
}

/// Grid of cells over a part of the map.
struct Cells {
    viewport: Viewport,
    /// Number of cells across and down.
    size: [usize; 2],
    /// Number of cells per unit of the map, along both axes.
    scale: [f32; 2],
}

impl Cells {
    fn new(viewport: Viewport, size: [usize; 2]) -> Self {
        let Viewport { min, max } = viewport;
        Self { viewport, size, scale: [0, 1].map(|axis| size[axis] as f32 / (max[axis] - min[axis])) }
    }

    /// Cell of a map position, numbered row by row from the top; `None` outside.
    fn at(&self, place: [f32; 2]) -> Option<usize> {
        let along = |axis: usize| {
            let (low, high, x) = (self.viewport.min[axis], self.viewport.max[axis], place[axis]);
            // A comparison with NaN is false.
            let inside = x >= low && x <= high && high > low && self.size[axis] > 0;
            // The far edge belongs to the last cell.
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
        let background = Background::default();
        let draw = || draw(&hot(), &background, runs, cells(), by, Grain::Exact, &Silent).unwrap();
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
            draw(&hot, &Background::default(), &runs, cells(), &ColourBy::Time(1), grain, &Silent).unwrap()
        };
        let (exact, coarse) = (draw(Grain::Exact), draw(Grain::Coarse));
        assert_eq!((exact.scope[0], exact.peers[0]), (11, rows - 11));
        assert_eq!((coarse.scope[0], coarse.class[0]), (11, 0));
        assert!((2..=4).contains(&(coarse.peers[0] / 4096)), "{}", coarse.peers[0]);
    }
}
