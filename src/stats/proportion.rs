//! Confidence interval of a share.

/// The two-sided 95 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's score interval (1927) of a share at 95 %: `hits` of `of`; hits may be an expectation
/// and thus not a whole number. (0, 1) where `of` is 0.
pub fn wilson(hits: f64, of: usize) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let n = of as f64;
    let hits = hits.clamp(0.0, n);
    let middle = (hits + Z * Z / 2.0) / (n + Z * Z);
    let half = Z / (n + Z * Z) * (hits * (n - hits) / n + Z * Z / 4.0).sqrt();
    // The ends are exact; rounding would leave a trace of them.
    let low = if hits > 0.0 { middle - half } else { 0.0 };
    let high = if hits < n { middle + half } else { 1.0 };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    // scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
    #[test]
    fn agrees_with_scipy() {
        for (hits, of, low, high) in [
            (0.0, 10, 0.0, 0.277_532_799_862_889_26),
            (7.0, 20, 0.181_191_824_101_082_1, 0.567_145_723_314_763_4),
            (50.0, 50, 0.928_652_400_866_641_2, 1.0),
        ] {
            let (l, h) = wilson(hits, of);
            assert!((l - low).abs() < 1e-12 && (h - high).abs() < 1e-12, "{hits} of {of}: {l} {h}");
        }
        assert_eq!((wilson(0.0, 0), wilson(0.0, 48).0, wilson(48.0, 48).1), ((0.0, 1.0), 0.0, 1.0));
    }
}
