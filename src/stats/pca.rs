//! Principal components of dense vectors (Jolliffe 2002), by the randomized decomposition.

use rayon::prelude::*;

use super::linalg::{Matrix, add_scaled, dot};
use super::svd::{Operator, randomized};
use crate::model::{Cancelled, Watcher};

/// A fitted projection.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// The mean of what it was fitted on.
    pub mean: Vec<f32>,
    /// Components, one a row, the one of largest variance first.
    pub components: Matrix,
    /// Variance along each component (divisor n − 1).
    pub variances: Vec<f64>,
}

impl Pca {
    /// Fits at most `rank` components on the rows of `points`; fewer where they vary in fewer
    /// directions, none for less than two points.
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn fit(points: &Matrix, rank: usize, seed: u64, watcher: &dyn Watcher) -> Result<Self, Cancelled> {
        let mut sums = vec![0.0f64; points.columns];
        for row in points.data.chunks_exact(points.columns.max(1)) {
            sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum += f64::from(x));
        }
        let count = points.rows.max(1) as f64;
        let mean: Vec<f32> = sums.iter().map(|sum| (sum / count) as f32).collect();
        let svd = randomized(&Centred { points, mean: &mean }, rank, seed, watcher)?;
        let freedom = (count - 1.0).max(1.0);
        let variances = svd.values.iter().map(|value| value * value / freedom).collect();
        Ok(Self { mean, components: svd.right.transposed(), variances })
    }

    /// A point in the components' coordinates.
    pub fn project(&self, point: &[f32]) -> Vec<f32> {
        let centred: Vec<f32> = point.iter().zip(&self.mean).map(|(x, mean)| x - mean).collect();
        (0..self.components.rows).map(|at| dot(self.components.row(at), &centred)).collect()
    }
}

/// The points minus their mean, without a copy of them.
struct Centred<'a> {
    points: &'a Matrix,
    mean: &'a [f32],
}

impl Operator for Centred<'_> {
    fn shape(&self) -> (usize, usize) {
        (self.points.rows, self.points.columns)
    }

    fn times(&self, right: &Matrix) -> Matrix {
        let mut offset = vec![0.0; right.columns];
        for (at, &mean) in self.mean.iter().enumerate() {
            add_scaled(&mut offset, mean, right.row(at));
        }
        let mut out = self.points.times(right);
        out.data.par_chunks_mut(right.columns.max(1)).for_each(|row| add_scaled(row, -1.0, &offset));
        out
    }

    fn transposed_times(&self, left: &Matrix) -> Matrix {
        const CHUNK: usize = 2048;
        let width = left.columns;
        let chunks = self.points.rows.div_ceil(CHUNK);
        let parts: Vec<Matrix> = (0..chunks)
            .into_par_iter()
            .map(|chunk| {
                let mut sum = Matrix::zeros(self.points.columns, width);
                for at in chunk * CHUNK..((chunk + 1) * CHUNK).min(self.points.rows) {
                    for (j, (&x, &mean)) in self.points.row(at).iter().zip(self.mean).enumerate() {
                        add_scaled(sum.row_mut(j), x - mean, left.row(at));
                    }
                }
                sum
            })
            .collect();
        let mut sum = Matrix::zeros(self.points.columns, width);
        for part in parts {
            add_scaled(&mut sum.data, 1.0, &part.data);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;

    #[test]
    fn variances_as_numpy_has_them() {
        // a = numpy.array([[(i*i+3*i*j+5*j**3) % 11 for j in range(5)] for i in range(9)], float)
        // numpy.linalg.eigvalsh(numpy.cov(a.T))[::-1]
        let data =
            (0..9u32).flat_map(|i| (0..5u32).map(move |j| ((i * i + 3 * i * j + 5 * j * j * j) % 11) as f32));
        let points = Matrix { rows: 9, columns: 5, data: data.collect() };
        let pca = Pca::fit(&points, 3, 1, &Silent).unwrap();
        for (x, y) in pca.variances.iter().zip(VARIANCES) {
            assert!((x - y).abs() < 1e-3, "{:?}", pca.variances);
        }
        // The projection has those variances.
        let first: Vec<f32> = (0..9).map(|at| pca.project(points.row(at))[0]).collect();
        let variance = first.iter().map(|x| f64::from(x * x)).sum::<f64>() / 8.0;
        assert!((variance - VARIANCES[0]).abs() < 1e-3);
    }

    const VARIANCES: [f64; 3] = [21.931313385, 13.717086806, 9.187451067];

    #[test]
    fn points_that_are_all_the_same_have_no_components() {
        let points = Matrix { rows: 4, columns: 3, data: [1.0, 2.0, 3.0].repeat(4) };
        assert_eq!(Pca::fit(&points, 2, 1, &Silent).unwrap().components.rows, 0);
    }
}
