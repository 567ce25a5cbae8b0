//! Logistic regression with a ridge penalty (le Cessie & van Houwelingen 1992).

use nalgebra::{Cholesky, DMatrix, DVector};

/// Maximum number of Newton steps. Ten suffice where the classes overlap; where they do not, the penalty
/// makes the fit converge.
const STEPS: usize = 30;

/// Length of a step below which the fit has converged.
const TOLERANCE: f64 = 1e-7;

/// Halvings of a step that would make the fit worse.
const HALVINGS: usize = 20;

/// Points that are added to the curvature matrix at once: each pass over the matrix costs more than the sums.
const AT_ONCE: usize = 4;

/// A point with a soft label.
#[derive(Clone, Copy, Debug)]
pub struct Weighted<'a> {
    /// Its features.
    pub features: &'a [f32],
    /// Probability that it is positive, 0 to 1.
    pub share: f64,
    /// Weight of its loss, at least 0.
    pub weight: f64,
}

/// Linear log-odds of one class over the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    /// The intercept, then a weight a feature.
    weights: Vec<f64>,
}

impl Logistic {
    /// Fits points of which some are positive. Each class weighs ½, however many it has; the
    /// mean loss plus `penalty` / 2 times the squared weights is least. `None` where a class is
    /// empty. All points have as many features; `penalty` is above 0. `start` as in
    /// [`fit_weighted`](Self::fit_weighted).
    pub fn fit(points: &[(&[f32], bool)], penalty: f64, start: Option<&Self>) -> Option<Self> {
        let positive = points.iter().filter(|(_, positive)| *positive).count();
        if positive == 0 || positive == points.len() {
            return None;
        }
        let share = |positive: usize| 0.5 / positive as f64;
        let weigh = [share(points.len() - positive), share(positive)];
        let weighted: Vec<Weighted<'_>> = points
            .iter()
            .map(|&(features, positive)| Weighted {
                features,
                share: f64::from(u8::from(positive)),
                weight: weigh[usize::from(positive)],
            })
            .collect();
        Self::fit_weighted(&weighted, penalty, start)
    }

    /// Fits points that belong to the positive class with a probability each (soft labels): the sum of weighted
    /// losses plus `penalty` / 2 times the squared weights is least. `None` without points. All points have as
    /// many features; `penalty` is above 0. `start` is a fit to similar points, such as those of another fold;
    /// the fit begins there if that is better than 0, and takes fewer steps to the same minimum.
    pub fn fit_weighted(points: &[Weighted<'_>], penalty: f64, start: Option<&Self>) -> Option<Self> {
        let width = points.first()?.features.len() + 1;
        let mut fit = Self { weights: vec![0.0; width] };
        let mut loss = fit.loss(points, penalty);
        if let Some((start, reached)) = start.map(|start| (start, start.loss(points, penalty)))
            && reached < loss
        {
            (fit, loss) = (start.clone(), reached);
        }
        for _ in 0..STEPS {
            let Some(step) = fit.newton(points, penalty) else { break };
            let mut factor = 1.0;
            let better = (0..HALVINGS).find_map(|_| {
                let next = Self {
                    weights: fit.weights.iter().zip(step.iter()).map(|(w, s)| w - factor * s).collect(),
                };
                let reached = next.loss(points, penalty);
                factor /= 2.0;
                (reached <= loss).then_some((next, reached))
            });
            let Some((next, reached)) = better else { break };
            (fit, loss) = (next, reached);
            if step.norm() < TOLERANCE {
                break;
            }
        }
        Some(fit)
    }

    /// Natural log-odds that a point is positive, at the prior odds of the points it was fitted to: equal ones
    /// after [`fit`](Self::fit).
    pub fn log_odds(&self, point: &[f32]) -> f64 {
        self.weights[0] + point.iter().zip(&self.weights[1..]).map(|(&x, w)| f64::from(x) * w).sum::<f64>()
    }

    fn loss(&self, points: &[Weighted<'_>], penalty: f64) -> f64 {
        // log(1 + e^x) without overflow.
        let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
        let of = |point: &Weighted<'_>| {
            let odds = self.log_odds(point.features);
            point.weight * (point.share * softplus(-odds) + (1.0 - point.share) * softplus(odds))
        };
        let squares: f64 = self.weights[1..].iter().map(|w| w * w).sum();
        points.iter().map(of).sum::<f64>() + penalty / 2.0 * squares
    }

    /// The Newton step, curvature⁻¹ gradient, by Cholesky's decomposition. `None` where rounding has
    /// made the curvature matrix indefinite.
    fn newton(&self, points: &[Weighted<'_>], penalty: f64) -> Option<DVector<f64>> {
        let n = self.weights.len();
        let mut gradient = vec![0.0; n];
        let mut curvature = vec![0.0; n * n];
        let mut x = [const { Vec::new() }; AT_ONCE];
        x.iter_mut().for_each(|x| x.resize(n, 1.0));
        for points in points.chunks(AT_ONCE) {
            let mut bend = [0.0; AT_ONCE];
            for ((point, x), bend) in points.iter().zip(&mut x).zip(&mut bend) {
                x[1..].iter_mut().zip(point.features).for_each(|(x, &value)| *x = f64::from(value));
                let p = 1.0 / (1.0 + (-self.log_odds(point.features)).exp());
                let slope = point.weight * (p - point.share);
                gradient.iter_mut().zip(x.iter()).for_each(|(sum, x)| *sum += slope * x);
                *bend = point.weight * p * (1.0 - p);
            }
            add_squares(&mut curvature, &x, bend);
        }
        for i in 1..n {
            gradient[i] += penalty * self.weights[i];
            curvature[i * n + i] += penalty;
        }
        // The intercept is not penalised; this keeps the matrix positive definite where all probabilities are
        // near 0 or 1.
        curvature[0] += f64::EPSILON;
        // Only the lower triangle is filled, and only it is read.
        let decomposed = Cholesky::new(DMatrix::from_row_slice(n, n, &curvature))?;
        Some(decomposed.solve(&DVector::from_vec(gradient)))
    }
}

/// Adds Σ bend · x xᵀ to the lower triangle of a square matrix, row by row.
fn add_squares(matrix: &mut [f64], x: &[Vec<f64>; AT_ONCE], bend: [f64; AT_ONCE]) {
    let [a, b, c, d] = x.each_ref().map(Vec::as_slice);
    for (i, row) in matrix.chunks_exact_mut(a.len()).enumerate() {
        let [wa, wb, wc, wd] = [bend[0] * a[i], bend[1] * b[i], bend[2] * c[i], bend[3] * d[i]];
        let columns = a[..=i].iter().zip(&b[..=i]).zip(&c[..=i]).zip(&d[..=i]);
        for (sum, (((a, b), c), d)) in row[..=i].iter_mut().zip(columns) {
            *sum += (wa * a + wb * b) + (wc * c + wd * d);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [([f32; 2], bool); 8] = [
        ([0.0, 1.0], false),
        ([1.0, 0.5], false),
        ([0.5, -1.0], false),
        ([2.0, 0.0], false),
        ([-1.0, 0.3], false),
        ([2.5, 1.0], true),
        ([1.5, 2.0], true),
        ([0.8, 0.1], true),
    ];

    fn fit(points: &[([f32; 2], bool)], penalty: f64) -> Option<Logistic> {
        let points: Vec<(&[f32], bool)> = points.iter().map(|(x, positive)| (&x[..], *positive)).collect();
        Logistic::fit(&points, penalty, None)
    }

    // sklearn.linear_model.LogisticRegression(C=1/(8·0.1), class_weight="balanced", tol=1e-12).
    #[test]
    fn agrees_with_scikit_learn() {
        let fit = fit(&POINTS, 0.1).unwrap();
        for (own, theirs) in fit.weights.iter().zip([-1.171_942_14, 0.718_837_63, 0.692_058_73]) {
            assert!((own - theirs).abs() < 1e-5, "{:?}", fit.weights);
        }
        assert!(fit.log_odds(&[3.0, 2.0]) > 1.0 && fit.log_odds(&[-1.0, -1.0]) < -1.0);
    }

    #[test]
    fn classes_that_do_not_overlap_and_ones_that_are_empty() {
        let apart: Vec<([f32; 2], bool)> = (0..20).map(|i| ([i as f32, 0.0], i >= 10)).collect();
        let fit_apart = fit(&apart, 1e-3).unwrap();
        assert!(fit_apart.weights.iter().all(|w| w.is_finite()));
        assert!(fit_apart.log_odds(&[12.0, 0.0]) > 0.0 && fit_apart.log_odds(&[7.0, 0.0]) < 0.0);
        assert_eq!(fit(&apart[..10], 0.1), None);
        assert_eq!(fit(&[], 0.1), None);
    }

    // sklearn.linear_model.LogisticRegression(C=1, tol=1e-12) on every point twice, positive with weight
    // weight · share and negative with weight · (1 − share).
    #[test]
    fn soft_labels_agree_with_scikit_learn() {
        let shares = [0.1, 0.0, 0.3, 0.6, 0.05, 0.9, 1.0, 0.5];
        let weights = [1.0, 0.5, 1.0, 1.0, 0.25, 1.0, 1.0, 2.0];
        let points: Vec<Weighted<'_>> = POINTS
            .iter()
            .zip(shares)
            .zip(weights)
            .map(|(((features, _), share), weight)| Weighted { features, share, weight })
            .collect();
        let fit = Logistic::fit_weighted(&points, 1.0, None).unwrap();
        for (own, theirs) in fit.weights.iter().zip([-0.843_968_76, 0.663_526_63, 0.342_866_95]) {
            assert!((own - theirs).abs() < 1e-4, "{:?}", fit.weights);
        }
        assert_eq!(Logistic::fit_weighted(&[], 1.0, None), None);
    }

    #[test]
    fn another_start_reaches_the_same_minimum() {
        let from_zero = fit(&POINTS, 0.1).unwrap();
        let points: Vec<(&[f32], bool)> = POINTS.iter().map(|(x, positive)| (&x[..], *positive)).collect();
        for start in [vec![0.0, 9.0, -7.0], vec![-1.0, 0.7, 0.7], vec![40.0, 40.0, 40.0]] {
            let start = Logistic { weights: start };
            let fit = Logistic::fit(&points, 0.1, Some(&start)).unwrap();
            for (a, b) in fit.weights.iter().zip(&from_zero.weights) {
                assert!((a - b).abs() < 1e-9, "{:?} from {:?}", fit.weights, start.weights);
            }
        }
    }
}
