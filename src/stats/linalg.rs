//! Small dense matrices: products, an orthonormal basis (QR), eigenvalues of symmetric ones.
//!
//! Every sum runs in a fixed order, so the bits do not depend on the number of threads.

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

/// The Q of the thin QR decomposition: an orthonormal basis of the matrix's columns, by
/// Gram–Schmidt done twice (Giraud, Langou & Rozložník 2005). A column that depends on the ones
/// before it becomes zeros.
pub fn orthonormal(matrix: &Matrix) -> Matrix {
    let columns = matrix.transposed();
    let mut basis = Matrix::zeros(columns.rows, columns.columns);
    for j in 0..columns.rows {
        let mut v = columns.row(j).to_vec();
        let before = dot(&v, &v).sqrt();
        for _ in 0..2 {
            let shares: Vec<f32> = (0..j).into_par_iter().map(|i| dot(basis.row(i), &v)).collect();
            v.par_chunks_mut(2048).enumerate().for_each(|(chunk, part)| {
                for (i, &share) in shares.iter().enumerate() {
                    add_scaled(part, -share, &basis.row(i)[chunk * 2048..][..part.len()]);
                }
            });
        }
        let depends = dot(&v, &v).sqrt() <= 1e-5 * before;
        if !depends && normalise(&mut v) {
            basis.row_mut(j).copy_from_slice(&v);
        }
    }
    basis.transposed()
}

/// Eigenvalues, largest first, and their vectors (one a row of the second list, each with its
/// largest entry positive) of a symmetric `n × n` matrix, by cyclic Jacobi rotations (Golub & Van
/// Loan 2013, section 8.5). Meant for a few hundred rows.
pub fn symmetric_eigen(matrix: &[f64], n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut a = matrix.to_vec();
    let mut v: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let scale: f64 = a.iter().map(|x| x * x).sum();
    for _sweep in 0..40 {
        let off: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * n + j].powi(2)).sum();
        if off <= 1e-24 * scale {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, n, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j * n + j].total_cmp(&a[i * n + i]).then(i.cmp(&j)));
    let values = order.iter().map(|&i| a[i * n + i]).collect();
    let vectors = order
        .iter()
        .map(|&i| {
            let largest = v[i].iter().copied().fold(0.0, |m: f64, x| if x.abs() > m.abs() { x } else { m });
            v[i].iter().map(|x| if largest < 0.0 { -x } else { *x }).collect()
        })
        .collect();
    (values, vectors)
}

/// One Jacobi rotation, which makes `a[p][q]` zero.
fn rotate(a: &mut [f64], v: &mut [Vec<f64>], n: usize, p: usize, q: usize) {
    let apq = a[p * n + q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
    }
    let (head, tail) = v.split_at_mut(q);
    for (x, y) in head[p].iter_mut().zip(&mut tail[0]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_as_numpy_has_them() {
        // numpy.linalg.eigh([[4,1,-2,2],[1,2,0,1],[-2,0,3,-2],[2,1,-2,-1]])
        let a = [4.0, 1.0, -2.0, 2.0, 1.0, 2.0, 0.0, 1.0, -2.0, 0.0, 3.0, -2.0, 2.0, 1.0, -2.0, -1.0];
        let (values, vectors) = symmetric_eigen(&a, 4);
        let known = [6.844621107235, 2.268531406431, 1.084364463773, -2.197516977439];
        for (x, y) in values.iter().zip(known) {
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
    fn a_basis_is_orthonormal_spans_and_drops_what_depends() {
        // Third column = first + second.
        let m = Matrix { rows: 4, columns: 3, data: vec![1., 2., 3., 0., 1., 1., 2., 0., 2., 1., 1., 2.] };
        let q = orthonormal(&m);
        let gram = q.gram();
        let expected = [1., 0., 0., 0., 1., 0., 0., 0., 0.];
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
    fn dot_takes_the_rest_too() {
        let a: Vec<f32> = (0..19).map(|x| x as f32).collect();
        assert_eq!(dot(&a, &a), 2109.0);
        assert!(!normalise(&mut [0.0; 3]));
    }
}
