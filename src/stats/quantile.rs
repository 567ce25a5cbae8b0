//! Quantiles, median, median absolute deviation, Bowley's skewness.

/// The quantile `q` (0..=1) of ascending values, interpolated linearly between order statistics
/// (type 7 of Hyndman & Fan 1996, the default of R and NumPy). `None` without values.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(last);
    Some(sorted[low] + (at - low as f64) * (sorted[high] - sorted[low]))
}

/// The median of ascending values. `None` without values.
pub fn median(sorted: &[f64]) -> Option<f64> {
    quantile(sorted, 0.5)
}

/// Median absolute deviation from the median, not scaled to a normal distribution. `None`
/// without values.
pub fn median_absolute_deviation(sorted: &[f64]) -> Option<f64> {
    let middle = median(sorted)?;
    let mut deviations: Vec<f64> = sorted.iter().map(|x| (x - middle).abs()).collect();
    deviations.sort_by(f64::total_cmp);
    median(&deviations)
}

/// Bowley's quartile skewness, (Q1 + Q3 − 2 Q2) / (Q3 − Q1), in −1..=1; 0 is symmetric
/// (Bowley 1901). `None` where the quartiles coincide or there are no values.
pub fn bowley_skew(sorted: &[f64]) -> Option<f64> {
    let (q1, q2, q3) = (quantile(sorted, 0.25)?, quantile(sorted, 0.5)?, quantile(sorted, 0.75)?);
    (q3 > q1).then(|| (q1 + q3 - 2.0 * q2) / (q3 - q1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f64; 8] = [1.0, 2.0, 4.0, 4.5, 7.0, 11.0, 16.0, 40.0];

    // numpy: np.quantile(v, [.25, .5, .75]) → 3.5, 5.75, 12.25
    #[test]
    fn quartiles_are_numpys() {
        assert_eq!(quantile(&VALUES, 0.25), Some(3.5));
        assert_eq!(quantile(&VALUES, 0.5), Some(5.75));
        assert_eq!(quantile(&VALUES, 0.75), Some(12.25));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0], 0.9), Some(3.0));
    }

    // scipy.stats.median_abs_deviation(v) → 4.25
    #[test]
    fn deviation_and_skew() {
        assert_eq!(median_absolute_deviation(&VALUES), Some(4.25));
        let skew = bowley_skew(&VALUES).unwrap();
        assert!((skew - (3.5 + 12.25 - 11.5) / 8.75).abs() < 1e-12, "{skew}");
        assert_eq!(bowley_skew(&[2.0, 2.0, 2.0]), None);
    }
}
