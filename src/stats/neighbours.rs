//! Exact nearest neighbours, by looking at every pair.

use rayon::prelude::*;

use super::linalg::{Matrix, dot};
use crate::model::{Cancelled, Watcher};

/// The `k` nearest of the offered indices, nearest first; the lower index on a tie.
#[derive(Clone, Debug)]
pub struct Best {
    k: usize,
    found: Vec<(f32, u32)>,
}

impl Best {
    /// Of `k`, which is at least 1.
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
pub fn by_cosine(
    points: &Matrix,
    k: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<Vec<(f32, u32)>>, Cancelled> {
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
}
