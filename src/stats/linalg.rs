//! Dense matrices: products, an orthonormal basis (QR), eigenvalues of symmetric ones.
//!
//! Every sum runs in a fixed order, so the bits depend neither on the number of threads nor on the
//! processor: decompositions are nalgebra's, on one thread; products, which it would make with
//! instructions chosen by the processor at hand, are made here.

use nalgebra::{DMatrix, SymmetricEigen};
use rayon::prelude::*;

/// A dense matrix, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// `rows × columns` numbers.
    pub data: Vec<f32>,
}

impl Matrix {
    /// All zero.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, data: vec![0.0; rows * columns] }
    }

    /// One row.
    pub fn row(&self, at: usize) -> &[f32] {
        &self.data[at * self.columns..(at + 1) * self.columns]
    }

    /// One row, to be changed.
    pub fn row_mut(&mut self, at: usize) -> &mut [f32] {
        &mut self.data[at * self.columns..(at + 1) * self.columns]
    }

    /// Rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let mut out = Self::zeros(self.columns, self.rows);
        for (i, row) in self.data.chunks_exact(self.columns.max(1)).enumerate() {
            for (j, &x) in row.iter().enumerate() {
                out.data[j * self.rows + i] = x;
            }
        }
        out
    }

    /// The product with `right`, which has as many rows as this has columns.
    pub fn times(&self, right: &Self) -> Self {
        let mut out = Self::zeros(self.rows, right.columns);
        if out.data.is_empty() {
            return out;
        }
        out.data.par_chunks_mut(right.columns).enumerate().for_each(|(i, sum)| {
            for (j, &x) in self.row(i).iter().enumerate() {
                add_scaled(sum, x, right.row(j));
            }
        });
        out
    }

    /// `selfᵀ · self` in double precision, row by row.
    pub fn gram(&self) -> Vec<f64> {
        const CHUNK: usize = 4096;
        let n = self.columns;
        let parts: Vec<Vec<f64>> = self
            .data
            .par_chunks(CHUNK * n.max(1))
            .map(|rows| {
                let mut sum = vec![0.0; n * n];
                for row in rows.chunks_exact(n) {
                    for (i, &x) in row.iter().enumerate() {
                        for (cell, &y) in sum[i * n + i..(i + 1) * n].iter_mut().zip(&row[i..]) {
                            *cell += f64::from(x) * f64::from(y);
                        }
                    }
                }
                sum
            })
            .collect();
        let mut sum = vec![0.0; n * n];
        for part in parts {
            sum.iter_mut().zip(part).for_each(|(cell, x)| *cell += x);
        }
        for i in 0..n {
            for j in 0..i {
                sum[i * n + j] = sum[j * n + i];
            }
        }
        sum
    }
}

/// The scalar product, in eight running sums.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// `sum += factor · row`.
pub fn add_scaled(sum: &mut [f32], factor: f32, row: &[f32]) {
    for (cell, &x) in sum.iter_mut().zip(row) {
        *cell += factor * x;
    }
}

/// Scales to length 1; leaves a vector of length 0 (or one that is not finite) as zeros and says
/// false.
pub fn normalise(vector: &mut [f32]) -> bool {
    let length = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
    if length > 0.0 && length.is_finite() {
        vector.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
        true
    } else {
        vector.fill(0.0);
        false
    }
}

/// An orthonormal basis of a space that holds the columns of a matrix, which has at least as many
/// rows as columns: the Q of its thin QR decomposition (Householder 1958). As many columns as the
/// matrix has, also where some of those depend on the others.
pub fn orthonormal(matrix: &Matrix) -> Matrix {
    let q = DMatrix::from_row_slice(matrix.rows, matrix.columns, &matrix.data).qr().q();
    Matrix { rows: q.nrows(), columns: q.ncols(), data: q.transpose().as_slice().to_vec() }
}

/// Eigenvalues, largest first, and their vectors (one a row of the second list, each with its
/// largest entry positive) of a symmetric `n × n` matrix, by tridiagonalisation and implicit QR
/// steps (Golub & Van Loan 2013, section 8.3). None of a matrix with entries that are not finite.
pub fn symmetric_eigen(matrix: &[f64], n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    // Two or three steps an eigenvalue are usual; with entries that are not finite the iteration would not end.
    let most = 100 * n;
    let matrix = DMatrix::from_row_slice(n, n, matrix);
    let finite = n > 0 && matrix.iter().all(|x| x.is_finite());
    let Some(found) = finite.then(|| SymmetricEigen::try_new(matrix, f64::EPSILON, most)).flatten() else {
        return (Vec::new(), Vec::new());
    };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| found.eigenvalues[j].total_cmp(&found.eigenvalues[i]).then(i.cmp(&j)));
    let values = order.iter().map(|&i| found.eigenvalues[i]).collect();
    let vectors = order
        .iter()
        .map(|&i| {
            let vector = found.eigenvectors.column(i);
            let sign = vector[vector.icamax()].signum();
            vector.iter().map(|x| x * sign).collect()
        })
        .collect();
    (values, vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_as_numpy_has_them() {
        // numpy.linalg.eigh([[4,1,-2,2],[1,2,0,1],[-2,0,3,-2],[2,1,-2,-1]])
        let a = [4.0, 1.0, -2.0, 2.0, 1.0, 2.0, 0.0, 1.0, -2.0, 0.0, 3.0, -2.0, 2.0, 1.0, -2.0, -1.0];
        let (values, vectors) = symmetric_eigen(&a, 4);
        let expected = [6.844621107235, 2.268531406431, 1.084364463773, -2.197516977439];
        for (x, y) in values.iter().zip(expected) {
            assert!((x - y).abs() < 1e-10, "{values:?}");
        }
        for (value, v) in values.iter().zip(&vectors) {
            for i in 0..4 {
                let av: f64 = (0..4).map(|j| a[i * 4 + j] * v[j]).sum();
                assert!((av - value * v[i]).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn a_basis_is_orthonormal_and_spans_also_where_a_column_depends_on_others() {
        // Third column = first + second.
        let m = Matrix { rows: 4, columns: 3, data: vec![1., 2., 3., 0., 1., 1., 2., 0., 2., 1., 1., 2.] };
        let q = orthonormal(&m);
        let gram = q.gram();
        let expected = [1., 0., 0., 0., 1., 0., 0., 0., 1.];
        for (x, y) in gram.iter().zip(expected) {
            assert!((x - y).abs() < 1e-6, "{gram:?}");
        }
        // Q Qᵀ M = M
        let back = q.times(&q.transposed().times(&m));
        for (x, y) in back.data.iter().zip(&m.data) {
            assert!((x - y).abs() < 1e-5);
        }
    }

    #[test]
    fn nothing_and_numbers_that_are_not_finite_have_no_eigenvalues() {
        assert_eq!(symmetric_eigen(&[], 0), (vec![], vec![]));
        assert!(symmetric_eigen(&[f64::NAN, 1.0, 1.0, 2.0], 2).0.is_empty());
        assert!(symmetric_eigen(&[1.0, f64::INFINITY, f64::INFINITY, 2.0], 2).0.is_empty());
        assert_eq!(symmetric_eigen(&[0.0; 9], 3).0, [0.0; 3]);
        assert_eq!(orthonormal(&Matrix::zeros(0, 0)), Matrix::zeros(0, 0));
        let none = orthonormal(&Matrix::zeros(5, 2));
        assert!(none.data.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn dot_takes_the_rest_too() {
        let a: Vec<f32> = (0..19).map(|x| x as f32).collect();
        assert_eq!(dot(&a, &a), 2109.0);
        assert!(!normalise(&mut [0.0; 3]));
    }
}
