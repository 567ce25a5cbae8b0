//! k-means: k-means++ seeding (Arthur & Vassilvitskii 2007), Lloyd's iterations (1982), spherical
//! where directions are what matters (Dhillon & Modha 2001).

use rayon::prelude::*;

use super::linalg::{Matrix, dot, normalise};
use super::splitmix;
use crate::model::{Cancelled, Watcher};

/// Measure of nearness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Euclidean distance.
    Euclidean,
    /// The angle; points must have length 1 (or 0, which is near to none).
    Cosine,
}

/// Centroids that points can be assigned to.
#[derive(Clone, Debug, PartialEq)]
pub struct Centroids {
    /// One a row; of length 1 under [`Metric::Cosine`].
    pub rows: Matrix,
    /// Half the squared norm of each centroid under Euclidean distance, subtracted from the scalar product so
    /// that larger means nearer; 0 under cosine.
    offset: Vec<f32>,
}

impl Centroids {
    /// Centroids from given rows, unchanged.
    pub fn new(rows: Matrix, metric: Metric) -> Self {
        let half_square = |at| match metric {
            Metric::Euclidean => dot(rows.row(at), rows.row(at)) / 2.0,
            Metric::Cosine => 0.0,
        };
        Self { offset: (0..rows.rows).map(half_square).collect(), rows }
    }

    /// Nearness of a point to each centroid, larger being nearer (the cosine, under [`Metric::Cosine`]).
    pub fn nearness<'a>(&'a self, point: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        self.offset.iter().enumerate().map(|(at, offset)| dot(self.rows.row(at), point) - offset)
    }

    /// The nearest centroid (the lowest on a tie) and its nearness. There must be one.
    pub fn nearest(&self, point: &[f32]) -> (usize, f32) {
        let mut best = (0, f32::NEG_INFINITY);
        for (at, nearness) in self.nearness(point).enumerate() {
            if nearness > best.1 {
                best = (at, nearness);
            }
        }
        best
    }
}

/// Finds at most `k` clusters among the rows of `points` (fewer where there are fewer distinct
/// points; none for no points) and gives their centroids. At most `iterations` rounds.
///
/// # Errors
/// Only when cancelled.
pub fn fit(
    points: &Matrix,
    k: usize,
    metric: Metric,
    iterations: usize,
    seed: u64,
    watcher: &dyn Watcher,
) -> Result<Centroids, Cancelled> {
    let mut centroids = Centroids::new(seeds(points, k, metric, seed, watcher)?, metric);
    let mut assigned: Vec<(usize, f32)> = Vec::new();
    for _ in 0..iterations {
        watcher.check()?;
        let now: Vec<(usize, f32)> =
            (0..points.rows).into_par_iter().map(|at| centroids.nearest(points.row(at))).collect();
        let moved = assigned.len() != now.len() || assigned.iter().zip(&now).any(|(a, b)| a.0 != b.0);
        assigned = now;
        if !moved {
            break;
        }
        centroids = Centroids::new(means(points, &assigned, &centroids.rows, metric), metric);
    }
    Ok(centroids)
}

/// k-means++: each further seed is drawn with a chance proportional to its squared distance from
/// the nearest seed so far.
fn seeds(
    points: &Matrix,
    k: usize,
    metric: Metric,
    seed: u64,
    watcher: &dyn Watcher,
) -> Result<Matrix, Cancelled> {
    let mut chosen = Matrix { rows: 0, columns: points.columns, data: Vec::new() };
    let mut far = vec![f32::INFINITY; points.rows];
    let mut next = (splitmix::uniform(seed, 0) * points.rows as f64) as usize;
    while chosen.rows < k.min(points.rows) {
        watcher.check()?;
        chosen.data.extend_from_slice(points.row(next));
        chosen.rows += 1;
        let centre = points.row(next);
        far.par_iter_mut().enumerate().for_each(|(at, far)| {
            let point = points.row(at);
            let distance = match metric {
                Metric::Euclidean => point.iter().zip(centre).map(|(x, y)| (x - y) * (x - y)).sum(),
                Metric::Cosine => 2.0 - 2.0 * dot(point, centre),
            };
            // Rounding must not let a duplicate of a seed be drawn.
            *far = far.min(if distance < 1e-6 { 0.0 } else { distance });
        });
        let total: f64 = far.iter().map(|&x| f64::from(x)).sum();
        if total <= 0.0 {
            break;
        }
        let mut left = splitmix::uniform(seed, chosen.rows as u64) * total;
        let drawn = far.iter().position(|&x| {
            left -= f64::from(x);
            x > 0.0 && left < 0.0
        });
        // If rounding leaves a remainder, the last point with a positive weight is drawn.
        next = drawn.or_else(|| far.iter().rposition(|&x| x > 0.0)).unwrap_or(0);
    }
    Ok(chosen)
}

/// The mean of each cluster; a cluster without points moves to the point farthest from its centroid.
fn means(points: &Matrix, assigned: &[(usize, f32)], before: &Matrix, metric: Metric) -> Matrix {
    let mut sums = vec![0.0f64; before.data.len()];
    let mut counts = vec![0u32; before.rows];
    for (at, &(cluster, _)) in assigned.iter().enumerate() {
        counts[cluster] += 1;
        let sum = &mut sums[cluster * before.columns..(cluster + 1) * before.columns];
        sum.iter_mut().zip(points.row(at)).for_each(|(sum, &x)| *sum += f64::from(x));
    }
    let mut worst: Vec<usize> = Vec::new();
    if counts.contains(&0) {
        worst = (0..assigned.len()).collect();
        worst.sort_by(|&a, &b| assigned[a].1.total_cmp(&assigned[b].1).then(a.cmp(&b)));
    }
    let mut worst = worst.into_iter();
    let mut out = Matrix::zeros(before.rows, before.columns);
    for (cluster, &count) in counts.iter().enumerate() {
        let row = out.row_mut(cluster);
        if count == 0 {
            row.copy_from_slice(worst.next().map_or(before.row(cluster), |at| points.row(at)));
            continue;
        }
        for (x, sum) in row.iter_mut().zip(&sums[cluster * before.columns..]) {
            *x = (sum / f64::from(count)) as f32;
        }
        if metric == Metric::Cosine {
            normalise(row);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;

    /// 40 points around each of four corners, corner by corner.
    fn blobs() -> Matrix {
        let corners = [[0.0, 0.0, 9.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [9.0, 9.0, 9.0]];
        let data = (0..160usize).flat_map(|at| {
            (0..3).map(move |j| corners[at / 40][j] + splitmix::normal(3, (at * 3 + j) as u64) as f32)
        });
        Matrix { rows: 160, columns: 3, data: data.collect() }
    }

    #[test]
    fn separated_blobs_are_found_under_both_metrics() {
        let raw = blobs();
        let mut unit = raw.clone();
        unit.data.chunks_exact_mut(3).for_each(|row| assert!(normalise(row)));
        for (points, metric) in [(raw, Metric::Euclidean), (unit, Metric::Cosine)] {
            let found = fit(&points, 4, metric, 50, 5, &Silent).unwrap();
            let label: Vec<usize> = (0..160).map(|at| found.nearest(points.row(at)).0).collect();
            let firsts: Vec<usize> = (0..4).map(|blob| label[blob * 40]).collect();
            let right = (0..160).filter(|&at| label[at] == firsts[at / 40]).count();
            assert!(right >= 158, "{metric:?}: {right} of 160");
            assert_eq!(firsts.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
        }
    }

    #[test]
    fn fewer_distinct_points_than_clusters() {
        let points = Matrix { rows: 6, columns: 2, data: [1.0, 0.0, 0.0, 1.0].repeat(3) };
        assert_eq!(fit(&points, 5, Metric::Cosine, 9, 1, &Silent).unwrap().rows.rows, 2);
        let none = Matrix { rows: 0, columns: 2, data: vec![] };
        assert_eq!(fit(&none, 5, Metric::Cosine, 9, 1, &Silent).unwrap().rows.rows, 0);
    }
}
