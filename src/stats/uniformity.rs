//! Kolmogorov–Smirnov test of p-values against the uniform distribution.

/// The Kolmogorov–Smirnov test against the uniform distribution on 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniformity {
    /// Largest distance between the two distribution functions.
    pub distance: f64,
    /// p-value (Kolmogorov's series with Stephens' correction for finite n, 1970). Assumes independent,
    /// continuous values; for ranks among peers it is too small.
    pub p: f64,
}

/// Tests values in 0 to 1; `None` for none.
pub fn uniformity(values: &[f64]) -> Option<Uniformity> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let distance = sorted
        .iter()
        .enumerate()
        .map(|(at, value)| (value - at as f64 / n).max((at + 1) as f64 / n - value))
        .reduce(f64::max)?;
    let root = n.sqrt();
    Some(Uniformity { distance, p: kolmogorov((root + 0.12 + 0.11 / root) * distance) })
}

/// Q(λ) = 2 Σ (−1)^(j−1) exp(−2 j² λ²), the tail of Kolmogorov's distribution.
fn kolmogorov(lambda: f64) -> f64 {
    // Below this λ the series converges slowly and is 1 to nine digits.
    if lambda < 0.25 {
        return 1.0;
    }
    let term = |j: i32| {
        let size = (-2.0 * (f64::from(j) * lambda).powi(2)).exp();
        if j % 2 == 1 { size } else { -size }
    };
    (2.0 * (1..=50).map(term).sum::<f64>()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    // scipy.stats.kstest(x, "uniform"), exact; the correction is good to a percentage point.
    #[test]
    fn agrees_with_scipy() {
        let few = [0.05, 0.11, 0.12, 0.32, 0.35, 0.41, 0.42, 0.47, 0.55, 0.61, 0.62, 0.9];
        let many: Vec<f64> = (1..101).map(|i| (f64::from(i * 37 % 101) / 101.0).powf(1.3)).collect();
        for (values, distance, p) in
            [(&few[..], 0.296_666_666_667, 0.197_181_5), (&many, 0.100_475_832_110, 0.247_855_1)]
        {
            let found = uniformity(values).unwrap();
            assert!((found.distance - distance).abs() < 1e-9, "{found:?}");
            assert!((found.p - p).abs() < 0.01, "{found:?}");
        }
        assert_eq!(uniformity(&[]), None);
        assert_eq!(kolmogorov(0.0), 1.0);
    }
}
