//! Combination of dependent p-values.

use super::normal;

/// Largest p-value that is used; larger ones are truncated to it. A p of exactly 1, which conformal p-values
/// reach, has normal score −∞ and would outweigh all others; truncated, it counts against as much as a p of
/// 0.01 counts in favour (Fang, Chang, Park & Tseng 2023, δ = 0.01).
const MAX_P: f64 = 0.99;

/// Weighted Stouffer's Z (Stouffer et al. 1949, weights Lipták 1958): sum of weight · Φ⁻¹(1 − p) over the
/// root of `squares`, the sum of the squared weights of all possible tests. Takes pairs of p-value and
/// weight. Standard normal for independent uniform p-values; wider for correlated ones, so it is a score for
/// comparison and no test by itself. A missing p-value counts as score 0; 0 without p-values.
pub fn stouffer(p_values: impl IntoIterator<Item = (f64, f64)>, squares: f64) -> f64 {
    let sum: f64 = p_values.into_iter().map(|(p, weight)| weight * normal_score(p)).sum();
    if squares > 0.0 { sum / squares.sqrt() } else { 0.0 }
}

/// Cauchy combination of possibly dependent p-values (Liu & Xie 2020): ½ − arctan(T) / π, T being the mean of
/// tan((½ − p) π). A p above 0.99 counts as 0.99, since a single p of 1 would outweigh all others. `None`
/// without p-values; a single one is returned, truncated.
pub fn cauchy(p_values: impl IntoIterator<Item = f64>) -> Option<f64> {
    use std::f64::consts::PI;
    let (mut sum, mut count) = (0.0, 0);
    for p in p_values {
        sum += ((0.5 - p.clamp(f64::EPSILON, MAX_P)) * PI).tan();
        count += 1;
    }
    (count > 0).then(|| 0.5 - (sum / f64::from(count)).atan() / PI)
}

/// Normal score Φ⁻¹(1 − p) of one p-value, not below that of p = 0.99; finite for p = 0.
pub fn normal_score(p: f64) -> f64 {
    -normal::quantile(p.clamp(f64::MIN_POSITIVE, MAX_P))
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
        assert!((stouffer([(0.01, 1.0)], 4.0) - normal_score(0.01) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_p_of_one_does_not_silence_the_rest() {
        assert_eq!(normal_score(1.0), normal_score(0.99));
        assert!(stouffer([(1.0, 1.0), (1e-6, 1.0)], 2.0) > 1.5);
        assert!(normal_score(0.0).is_finite());
    }
}
