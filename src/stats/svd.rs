//! The largest singular values and right vectors of a big matrix, by random projection
//! (Halko, Martinsson & Tropp 2011, algorithms 4.4 and 5.1).

use rayon::prelude::*;

use super::csr::Csr;
use super::linalg::{Matrix, add_scaled, orthonormal, symmetric_eigen};
use super::splitmix;
use crate::model::{Cancelled, Watcher};

/// Matrix given by its products with thin matrices.
pub trait Operator: Sync {
    /// Rows and columns.
    fn shape(&self) -> (usize, usize);
    /// `self · right`.
    fn times(&self, right: &Matrix) -> Matrix;
    /// `selfᵀ · left`.
    fn transposed_times(&self, left: &Matrix) -> Matrix;
}

/// A sparse matrix, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseRows {
    /// Number of columns.
    pub columns: usize,
    /// Column and value of each entry, ascending by column within a row.
    pub entries: Csr<(u32, f32)>,
}

impl SparseRows {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.entries.rows()
    }

    /// Rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let entries = self.entries.pairs().map(|(row, (column, value))| (column, (row, value)));
        Self { columns: self.rows(), entries: Csr::from_pairs(self.columns, entries) }
    }

    /// The product with a dense matrix.
    pub fn times(&self, right: &Matrix) -> Matrix {
        let mut out = Matrix::zeros(self.rows(), right.columns);
        out.data.par_chunks_mut(right.columns.max(1)).enumerate().for_each(|(at, sum)| {
            for &(column, value) in self.entries.row(at as u32) {
                add_scaled(sum, value, right.row(column as usize));
            }
        });
        out
    }
}

/// A sparse matrix kept both ways, so that either product runs in parallel in a fixed order.
pub struct Sparse {
    by_row: SparseRows,
    by_column: SparseRows,
}

impl From<SparseRows> for Sparse {
    fn from(by_row: SparseRows) -> Self {
        Self { by_column: by_row.transposed(), by_row }
    }
}

impl Operator for Sparse {
    fn shape(&self) -> (usize, usize) {
        (self.by_row.rows(), self.by_row.columns)
    }

    fn times(&self, right: &Matrix) -> Matrix {
        self.by_row.times(right)
    }

    fn transposed_times(&self, left: &Matrix) -> Matrix {
        self.by_column.times(left)
    }
}

/// Part of a singular value decomposition.
#[derive(Clone, Debug, PartialEq)]
pub struct Svd {
    /// Singular values, largest first.
    pub values: Vec<f64>,
    /// Right singular vectors, one a column, each with its largest entry positive.
    pub right: Matrix,
}

/// The `rank` largest singular values and their right vectors; fewer where the matrix has fewer
/// that are not zero. Ten directions more are drawn than asked for, and two power iterations made.
///
/// # Errors
/// Only when cancelled.
pub fn randomized(
    operator: &dyn Operator,
    rank: usize,
    seed: u64,
    watcher: &dyn Watcher,
) -> Result<Svd, Cancelled> {
    const OVERSAMPLING: usize = 10;
    const POWER_ITERATIONS: usize = 2;
    let (rows, columns) = operator.shape();
    let width = (rank + OVERSAMPLING).min(rows).min(columns);
    let mut probe = Matrix::zeros(columns, width);
    for (n, x) in probe.data.iter_mut().enumerate() {
        *x = splitmix::normal(seed, n as u64) as f32;
    }
    let mut basis = orthonormal(&operator.times(&probe));
    for _ in 0..POWER_ITERATIONS {
        watcher.check()?;
        basis = orthonormal(&operator.times(&operator.transposed_times(&basis)));
    }
    watcher.check()?;
    let projected = operator.transposed_times(&basis);
    let (squares, vectors) = symmetric_eigen(&projected.gram(), width);
    let floor = squares.first().map_or(0.0, |largest| largest * 1e-10);
    let kept = squares.iter().take(rank).take_while(|&&square| square > floor).count();
    let values: Vec<f64> = squares[..kept].iter().map(|square| square.sqrt()).collect();
    let mut turn = Matrix::zeros(width, kept);
    for (j, (vector, value)) in vectors.iter().zip(&values).enumerate() {
        for (i, x) in vector.iter().enumerate() {
            turn.row_mut(i)[j] = (x / value) as f32;
        }
    }
    let mut right = projected.times(&turn);
    fix_signs(&mut right);
    Ok(Svd { values, right })
}

/// Turns each column so that its entry of largest magnitude is positive.
fn fix_signs(matrix: &mut Matrix) {
    let mut largest = vec![0.0f32; matrix.columns];
    for at in 0..matrix.rows {
        for (entry, &x) in largest.iter_mut().zip(matrix.row(at)) {
            if x.abs() > entry.abs() {
                *entry = x;
            }
        }
    }
    for at in 0..matrix.rows {
        for (x, entry) in matrix.row_mut(at).iter_mut().zip(&largest) {
            *x *= entry.signum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;

    /// The test matrix of the numpy lines below: 12 × 7, about half of it zeros.
    fn sample() -> SparseRows {
        let mut entries = Csr::default();
        for i in 0..12u32 {
            let value = |j: u32| (i * i + 3 * i * j + 5 * j * j * j) % 11;
            entries.push((0..7).map(|j| (j, value(j) as f32)).filter(|entry| entry.1 > 4.0));
        }
        SparseRows { columns: 7, entries }
    }

    #[test]
    fn singular_values_and_vectors_as_numpy_has_them() {
        // a = numpy.array([[x if (x := (i*i+3*i*j+5*j**3) % 11) > 4 else 0 for j in range(7)]
        //                  for i in range(12)], float)
        // u, s, vt = numpy.linalg.svd(a); s[:4]; vt[0] * numpy.sign(vt[0][abs(vt[0]).argmax()])
        let expected = [38.378403948, 19.682193194, 16.548731912, 12.673606957];
        let first = [0.253_099, 0.2431229, 0.4191172, 0.3007034, 0.3270863, 0.641_313, 0.3041096];
        let svd = randomized(&Sparse::from(sample()), 4, 1, &Silent).unwrap();
        for (x, y) in svd.values.iter().zip(expected) {
            assert!((x - y).abs() < 1e-3, "{:?}", svd.values);
        }
        for (i, y) in first.iter().enumerate() {
            assert!((svd.right.row(i)[0] - y).abs() < 1e-4, "{:?}", svd.right);
        }
    }

    #[test]
    fn a_matrix_of_rank_1_gives_one_value() {
        let mut entries = Csr::default();
        (0..6).for_each(|i| entries.push((0..5).map(|j| (j, ((i + 1) * (j + 1)) as f32))));
        let svd = randomized(&Sparse::from(SparseRows { columns: 5, entries }), 3, 1, &Silent).unwrap();
        assert_eq!(svd.values.len(), 1);
        assert!((svd.values[0] - (91.0f64 * 55.0).sqrt()).abs() < 1e-3);
    }

    #[test]
    fn an_empty_matrix_gives_nothing() {
        let none = SparseRows { columns: 3, entries: Csr::default() };
        let svd = randomized(&Sparse::from(none), 2, 1, &Silent);
        assert!(svd.unwrap().values.is_empty());
    }
}
