//! Maximum mean discrepancy (MMD): distance between the distributions of two samples of vectors.

/// The kernel widths, as multiples of the median distance.
const WIDTHS: [f64; 4] = [0.5, 1.0, 2.0, 4.0];

/// A mixture of Gaussian kernels, the mean over σ = `median` × {½, 1, 2, 4} of
/// exp(−‖x − y‖² / 2σ²), so that neither fine nor coarse differences are lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixture {
    /// 1 / (2 · (4 · median)²), the coarsest kernel's factor; the others are its powers.
    coarsest: f64,
}

impl Mixture {
    /// Around a median distance; one that is not above 0 is taken as 1.
    pub fn new(median: f64) -> Self {
        let median = if median > 0.0 { median } else { 1.0 };
        Self { coarsest: 1.0 / (2.0 * (WIDTHS[3] * median).powi(2)) }
    }

    /// The kernel at a squared distance, 0 to 1.
    pub fn at(self, squared: f64) -> f64 {
        // Each σ is half of the next, so each kernel is the fourth power of the next.
        let four = (-squared * self.coarsest).exp();
        let two = four.powi(4);
        let one = two.powi(4);
        (four + two + one + one.powi(4)) / WIDTHS.len() as f64
    }
}

/// Sums of kernels between two samples, from which the unbiased MMD² follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sums {
    /// Vectors of the first sample.
    pub m: usize,
    /// Vectors of the second.
    pub n: usize,
    /// Over ordered pairs of different vectors of the first.
    pub xx: f64,
    /// Over ordered pairs of different vectors of the second.
    pub yy: f64,
    /// Over all pairs of one of each.
    pub xy: f64,
}

impl Sums {
    /// MMD²ᵤ = Σ k(x, x′) / m(m−1) + Σ k(y, y′) / n(n−1) − 2 Σ k(x, y) / mn (Gretton, Borgwardt,
    /// Rasch, Schölkopf & Smola 2012, eq. 3): 0 on average for equal distributions, so also
    /// below 0. `None` where a sample has fewer than two vectors.
    pub fn unbiased(&self) -> Option<f64> {
        if self.m < 2 || self.n < 2 {
            return None;
        }
        let (m, n) = (self.m as f64, self.n as f64);
        Some(self.xx / (m * (m - 1.0)) + self.yy / (n * (n - 1.0)) - 2.0 * self.xy / (m * n))
    }
}

/// The unbiased MMD² of two samples. `None` where one has fewer than two vectors.
pub fn mmd2(x: &[&[f32]], y: &[&[f32]], kernel: Mixture) -> Option<f64> {
    let (xx, yy) = (within(x, kernel), within(y, kernel));
    Sums { m: x.len(), n: y.len(), xx, yy, xy: between(x, y, kernel) }.unbiased()
}

/// Sum of kernels over ordered pairs of different vectors.
pub fn within(x: &[&[f32]], kernel: Mixture) -> f64 {
    let of = |(at, a): (usize, &&[f32])| between(&[a], &x[at + 1..], kernel);
    2.0 * x.iter().enumerate().map(of).sum::<f64>()
}

/// Sum of kernels over all pairs of one of each.
pub fn between(x: &[&[f32]], y: &[&[f32]], kernel: Mixture) -> f64 {
    x.iter().map(|a| y.iter().map(|b| kernel.at(squared_distance(a, b))).sum::<f64>()).sum()
}

/// ‖a − b‖².
pub fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0_f32; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| (x - y) * (x - y)).sum();
    for (x, y) in left.zip(right) {
        for lane in 0..8 {
            sums[lane] += (x[lane] - y[lane]) * (x[lane] - y[lane]);
        }
    }
    f64::from(sums.iter().sum::<f32>() + rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{oracle, splitmix};

    // Written out with numpy and scipy.spatial.distance: see tests/oracles/make.py
    #[test]
    fn agrees_with_direct_computation() {
        for case in oracle::cases("mmd") {
            let sample = |name: &str| -> Vec<Vec<f32>> {
                let rows = case[name].as_array().unwrap();
                rows.iter().map(|row| oracle::numbers(row).iter().map(|&x| x as f32).collect()).collect()
            };
            let (x, y) = (sample("x"), sample("y"));
            let x: Vec<&[f32]> = x.iter().map(Vec::as_slice).collect();
            let y: Vec<&[f32]> = y.iter().map(Vec::as_slice).collect();
            let found = mmd2(&x, &y, Mixture::new(oracle::number(&case["median"]))).unwrap();
            assert!((found - oracle::number(&case["mmd2"])).abs() < 1e-6, "{found}");
        }
    }

    #[test]
    fn alike_is_zero_on_average_and_apart_is_more() {
        let draw = |seed: u64, shift: f32| -> Vec<Vec<f32>> {
            (0..20)
                .map(|row| (0..8).map(|at| splitmix::normal(seed, row * 8 + at) as f32 + shift).collect())
                .collect()
        };
        let of = |seed: u64, shift: f32| {
            let (x, y) = (draw(seed, 0.0), draw(seed + 1_000, shift));
            let x: Vec<&[f32]> = x.iter().map(Vec::as_slice).collect();
            let y: Vec<&[f32]> = y.iter().map(Vec::as_slice).collect();
            mmd2(&x, &y, Mixture::new(4.0)).unwrap()
        };
        let mean = |shift| (0..60).map(|seed| of(seed, shift)).sum::<f64>() / 60.0;
        assert!(mean(0.0).abs() < 0.003 && mean(1.0) > 0.05, "{} {}", mean(0.0), mean(1.0));
    }

    #[test]
    fn too_few_or_all_the_same() {
        let one: &[f32] = &[1.0, 2.0];
        assert_eq!(mmd2(&[one], &[one, one], Mixture::new(1.0)), None);
        assert_eq!(mmd2(&[one, one], &[one, one], Mixture::new(0.0)), Some(0.0));
    }
}
