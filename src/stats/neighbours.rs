//! Nearest neighbours: exact by looking at every pair, or approximate in the nearest cells.

use rayon::prelude::*;

use super::csr::Csr;
use super::linalg::{Matrix, dot};
use crate::model::{Cancelled, Watcher};

/// Nearest other points of each point, nearest first: cosine and position.
pub type Neighbours = Vec<Vec<(f32, u32)>>;

/// The `k` nearest of the offered indices, nearest first; the lower index on a tie.
#[derive(Clone, Debug)]
pub struct Best {
    k: usize,
    found: Vec<(f32, u32)>,
}

impl Best {
    /// Empty list of the `k` nearest; `k` is at least 1.
    pub fn of(k: usize) -> Self {
        Self { k, found: Vec::with_capacity(k + 1) }
    }

    /// Offers an index with its nearness (larger is nearer; not `NaN`). Indices must be offered in
    /// ascending order for ties to go to the lower one.
    pub fn offer(&mut self, index: u32, nearness: f32) {
        if self.found.len() == self.k && self.found.last().is_some_and(|worst| nearness <= worst.0) {
            return;
        }
        let at = self.found.partition_point(|other| other.0 >= nearness);
        self.found.insert(at, (nearness, index));
        self.found.truncate(self.k);
    }

    /// Nearness and index, nearest first.
    pub fn into_sorted(self) -> Vec<(f32, u32)> {
        self.found
    }
}

/// The `k` nearest other rows by cosine for each row of `points` (of length 1), nearest first: cosine and
/// row. Fewer if there are fewer.
///
/// # Errors
/// Only when cancelled.
pub fn by_cosine(points: &Matrix, k: usize, watcher: &dyn Watcher) -> Result<Neighbours, Cancelled> {
    const QUERIES: usize = 16;
    const BLOCK: usize = 128;
    let blocks: Vec<Vec<Vec<(f32, u32)>>> = (0..points.rows.div_ceil(QUERIES))
        .into_par_iter()
        .map(|block| {
            watcher.check()?;
            let queries = block * QUERIES..((block + 1) * QUERIES).min(points.rows);
            let mut best = vec![Best::of(k); queries.len()];
            // A block of points stays in the cache while all the queries look at it.
            for start in (0..points.rows).step_by(BLOCK) {
                for (query, best) in queries.clone().zip(&mut best) {
                    for other in start..(start + BLOCK).min(points.rows) {
                        if other != query {
                            best.offer(other as u32, dot(points.row(query), points.row(other)));
                        }
                    }
                }
            }
            Ok(best.into_iter().map(Best::into_sorted).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(blocks.into_iter().flatten().collect())
}

/// Maximum number of points whose neighbours are sought among all pairs.
const EXACT: usize = 20_000;

/// Cells in which the neighbours of a point are sought.
const CELLS: usize = 8;

/// Points looked at for each one wanted, where the points most similar to a direction are sought.
const LOOKED_AT: usize = 8;

/// Partition of many points: √n · 2 points at even steps, each with the points that it is the nearest of (inverted
/// file, Sivic & Zisserman 2003). Empty for up to 20,000 points, all of which are then looked at.
pub struct Cells {
    pivots: Vec<u32>,
    members: Csr<u32>,
}

impl Cells {
    /// Cells of some points of length 1, and for each point the eight nearest cells, nearest first.
    fn new(points: &Matrix) -> (Self, Vec<Vec<u32>>) {
        let cells = ((2.0 * (points.rows as f64).sqrt()) as usize).clamp(1, points.rows.max(1));
        let pivots: Vec<u32> = (0..cells).map(|cell| (cell * points.rows / cells) as u32).collect();
        let nearest_cells = |at: usize| {
            let mut best = Best::of(CELLS);
            for (cell, &pivot) in pivots.iter().enumerate() {
                best.offer(cell as u32, dot(points.row(at), points.row(pivot as usize)));
            }
            best.into_sorted().into_iter().map(|(_, cell)| cell).collect::<Vec<u32>>()
        };
        let of: Vec<Vec<u32>> = (0..points.rows).into_par_iter().map(nearest_cells).collect();
        let members = Csr::from_pairs(cells, of.iter().enumerate().map(|(at, of)| (of[0], at as u32)));
        (Self { pivots, members }, of)
    }

    /// Ascending points among which the `wanted` ones most similar to a direction are: those of the cells nearest to
    /// the direction, eight for each one wanted; all of `points` where there are no cells.
    pub fn around(&self, points: &Matrix, direction: &[f32], wanted: usize) -> Vec<u32> {
        if self.pivots.is_empty() {
            return (0..points.rows as u32).collect();
        }
        let nearness = |&pivot: &u32| dot(points.row(pivot as usize), direction);
        let mut order: Vec<(f32, u32)> = self.pivots.iter().map(nearness).zip(0..).collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut found: Vec<u32> = Vec::new();
        for (_, cell) in order {
            if found.len() >= wanted.saturating_mul(LOOKED_AT) {
                break;
            }
            found.extend(self.members.row(cell));
        }
        found.sort_unstable();
        found
    }
}

/// [`by_cosine`] for any number of points: exact up to 20,000, beyond that among the points of the eight cells
/// nearest to each point. Time is about n^1.5.
///
/// # Errors
/// Only when cancelled.
pub fn approximate_by_cosine(
    points: &Matrix,
    k: usize,
    watcher: &dyn Watcher,
) -> Result<(Neighbours, Cells), Cancelled> {
    if points.rows <= EXACT {
        let none = Cells { pivots: Vec::new(), members: Csr::from_pairs(0, std::iter::empty()) };
        return Ok((by_cosine(points, k, watcher)?, none));
    }
    in_cells(points, k, watcher)
}

fn in_cells(points: &Matrix, k: usize, watcher: &dyn Watcher) -> Result<(Neighbours, Cells), Cancelled> {
    let (cells, of) = Cells::new(points);
    watcher.check()?;
    let nearest = |at: usize| {
        if at.is_multiple_of(1_024) {
            watcher.check()?;
        }
        let mut candidates: Vec<u32> = of[at]
            .iter()
            .flat_map(|&cell| cells.members.row(cell))
            .copied()
            .filter(|&other| other as usize != at)
            .collect();
        candidates.sort_unstable();
        let mut best = Best::of(k);
        candidates
            .iter()
            .for_each(|&other| best.offer(other, dot(points.row(at), points.row(other as usize))));
        Ok(best.into_sorted())
    };
    let found = (0..points.rows).into_par_iter().map(nearest).collect::<Result<_, Cancelled>>()?;
    Ok((found, cells))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;
    use crate::stats::linalg::normalise;
    use crate::stats::splitmix;

    #[test]
    fn as_sorting_all_pairs_has_it() {
        let mut points = Matrix::zeros(300, 5);
        points.data.iter_mut().enumerate().for_each(|(n, x)| *x = splitmix::normal(2, n as u64) as f32);
        points.data.chunks_exact_mut(5).for_each(|row| assert!(normalise(row)));
        // A twin, for the tie.
        points.data.copy_within(5 * 10..5 * 11, 5 * 200);
        let found = by_cosine(&points, 7, &Silent).unwrap();
        for (query, found) in found.iter().enumerate() {
            let mut all: Vec<(f32, u32)> = (0..300)
                .filter(|&other| other != query)
                .map(|other| (dot(points.row(query), points.row(other)), other as u32))
                .collect();
            all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            assert_eq!(*found, all[..7]);
        }
    }

    #[test]
    fn fewer_points_than_neighbours() {
        let points = Matrix { rows: 2, columns: 1, data: vec![1.0, 1.0] };
        assert_eq!(by_cosine(&points, 5, &Silent).unwrap(), [vec![(1.0, 1)], vec![(1.0, 0)]]);
    }

    #[test]
    fn most_neighbours_of_clustered_points_are_in_the_nearest_cells() {
        let mut points = Matrix::zeros(2_000, 8);
        for at in 0..points.rows {
            for (d, x) in points.row_mut(at).iter_mut().enumerate() {
                let centre = splitmix::normal(7, (at % 40 * 8 + d) as u64);
                *x = (centre + 0.3 * splitmix::normal(8, (at * 8 + d) as u64)) as f32;
            }
            normalise(points.row_mut(at));
        }
        let exact = by_cosine(&points, 10, &Silent).unwrap();
        let (near, cells) = in_cells(&points, 10, &Silent).unwrap();
        let kept: usize = exact
            .iter()
            .zip(&near)
            .map(|(exact, near)| {
                exact.iter().filter(|(_, at)| near.iter().any(|(_, other)| other == at)).count()
            })
            .sum();
        assert!(kept > 18_000, "{kept} of 20,000");

        // The 50 points of one cluster, by its direction.
        let around = cells.around(&points, points.row(3), 50);
        let of_cluster = around.iter().filter(|&&at| at % 40 == 3).count();
        assert!(of_cluster >= 45 && around.len() < 800, "{of_cluster} of 50 among {}", around.len());
        assert!(around.is_sorted());
        assert_eq!(cells.around(&points, points.row(3), 2_000).len(), 2_000);
    }
}
