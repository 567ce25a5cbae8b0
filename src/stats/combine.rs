//! One number out of several dependent p-values.

use super::normal;

/// p-values above this are taken as this. A p of exactly 1, which conformal p-values reach, has
/// normal score −∞ and would silence every other; truncated, it counts against them as much as a
/// p of 0.01 counts for them (the truncation of Fang, Chang, Park & Tseng 2023, δ = 0.01).
const LARGEST: f64 = 0.99;

/// Weighted sum of the normal scores Φ⁻¹(1 − p) over the root of `squares`, the sum of the squared weights of
/// all tests there could be (Stouffer et al. 1949, weights Lipták 1958). Each p comes with its weight.
/// Standard normal where as many independent tests come out uniform; correlated ones spread it wider, so it
/// is a score to be compared with others' and no test by itself. Missing p-values count as 0: they are
/// evidence of nothing. 0 without p-values.
pub fn stouffer(p_values: impl IntoIterator<Item = (f64, f64)>, squares: f64) -> f64 {
    let sum: f64 = p_values.into_iter().map(|(p, weight)| weight * score(p)).sum();
    if squares > 0.0 { sum / squares.sqrt() } else { 0.0 }
}

/// The p-value of several that may depend on one another: ½ − arctan(T) / π, T being the mean of
/// tan((½ − p) π) (Cauchy combination, Liu & Xie 2020). A p above 0.99 counts as 0.99, or a single one of 1
/// would outweigh all others. `None` without p-values; of one that one, truncated.
pub fn cauchy(p_values: impl IntoIterator<Item = f64>) -> Option<f64> {
    use std::f64::consts::PI;
    let (mut sum, mut count) = (0.0, 0);
    for p in p_values {
        sum += ((0.5 - p.clamp(f64::EPSILON, LARGEST)) * PI).tan();
        count += 1;
    }
    (count > 0).then(|| 0.5 - (sum / f64::from(count)).atan() / PI)
}

/// The normal score of one p-value, at least that of p = 0.99; finite for p = 0.
pub fn score(p: f64) -> f64 {
    -normal::quantile(p.clamp(f64::MIN_POSITIVE, LARGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    // scipy.stats.combine_pvalues([.01, .2, .6], method="stouffer", weights=[1, .5, 1]).statistic
    #[test]
    fn agrees_with_scipy() {
        let sum = stouffer([(0.01, 1.0), (0.2, 0.5), (0.6, 1.0)], 2.25);
        assert!((sum - 1.6625409251).abs() < 1e-6, "{sum}");
    }

    // 0.5 - atan(mean(tan((0.5 - p) * pi))) / pi with numpy, p = [.01, .2, .6].
    #[test]
    fn one_p_of_several() {
        assert!(
            (cauchy([0.01, 0.2, 0.6]).unwrap() - 0.028_969_709).abs() < 1e-6,
            "{:?}",
            cauchy([0.01, 0.2, 0.6])
        );
        assert!((cauchy([0.3]).unwrap() - 0.3).abs() < 1e-12);
        assert_eq!(cauchy([]), None);
        assert!(cauchy([1.0, 1e-6]).unwrap() < 1e-5 && cauchy([0.0]).unwrap() > 0.0);
    }

    #[test]
    fn what_is_missing_is_evidence_of_nothing() {
        assert_eq!(stouffer([], 4.0), 0.0);
        assert_eq!(stouffer([], 0.0), 0.0);
        assert!(stouffer([(0.01, 1.0)], 4.0) < stouffer([(0.01, 1.0), (0.01, 1.0)], 4.0));
        assert!((stouffer([(0.01, 1.0)], 4.0) - score(0.01) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_p_of_one_does_not_silence_the_rest() {
        assert_eq!(score(1.0), score(0.99));
        assert!(stouffer([(1.0, 1.0), (1e-6, 1.0)], 2.0) > 1.5);
        assert!(score(0.0).is_finite());
    }
}
