//! Burstiness and memory of a series of intervals.

/// Burstiness corrected for the number of intervals (Kim & Jo 2016, eq. 22):
/// A = (√(n+1) r − √(n−1)) / ((√(n+1) − 2) r + √(n−1)), where n counts **intervals** and
/// r = σ/μ with the population standard deviation. −1 for equal intervals, 0 for a Poisson
/// process, 1 for all events at once. `None` for fewer than two intervals or where all are 0.
pub fn burstiness(intervals: &[f64]) -> Option<f64> {
    let n = intervals.len() as f64;
    let mean = intervals.iter().sum::<f64>() / n;
    if intervals.len() < 2 || mean <= 0.0 {
        return None;
    }
    let variance = intervals.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    let r = variance.sqrt() / mean;
    let (plus, minus) = ((n + 1.0).sqrt(), (n - 1.0).sqrt());
    Some((plus * r - minus) / ((plus - 2.0) * r + minus))
}

/// Memory coefficient: Pearson's correlation of each interval with the next (Goh & Barabási
/// 2008, eq. 3), −1..=1. `None` for fewer than three intervals or where either series is constant.
pub fn memory(intervals: &[f64]) -> Option<f64> {
    if intervals.len() < 3 {
        return None;
    }
    let (first, second) = (&intervals[..intervals.len() - 1], &intervals[1..]);
    let n = first.len() as f64;
    let (m1, m2) = (first.iter().sum::<f64>() / n, second.iter().sum::<f64>() / n);
    let (mut cov, mut v1, mut v2) = (0.0, 0.0, 0.0);
    for (a, b) in first.iter().zip(second) {
        cov += (a - m1) * (b - m2);
        v1 += (a - m1).powi(2);
        v2 += (b - m2).powi(2);
    }
    (v1 > 0.0 && v2 > 0.0).then(|| (cov / (v1 * v2).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_anchors_of_kim_and_jo() {
        assert_eq!(burstiness(&[5.0; 40]), Some(-1.0));
        let mut all_at_once = vec![0.0; 40];
        all_at_once[7] = 1.0;
        assert!((burstiness(&all_at_once).unwrap() - 1.0).abs() < 1e-12);
        // r = √((n−1)/(n+1)), what uniform points give on average, is 0: two intervals 1 ± 1/√3.
        let d = 1.0 / 3f64.sqrt();
        assert!(burstiness(&[1.0 - d, 1.0 + d]).unwrap().abs() < 1e-12);
    }

    // numpy: x = [1,2,1,3,8,1,1,2,9,4]; r = x.std()/x.mean(); n = 10; the formula above; and
    // scipy.stats.pearsonr(x[:-1], x[1:])
    #[test]
    fn agrees_with_numpy() {
        let x = [1.0, 2.0, 1.0, 3.0, 8.0, 1.0, 1.0, 2.0, 9.0, 4.0];
        assert!((burstiness(&x).unwrap() + 0.018_224_275_111_420_687).abs() < 1e-12, "{:?}", burstiness(&x));
        assert!((memory(&x).unwrap() + 0.005_808_213_684_859_641).abs() < 1e-12, "{:?}", memory(&x));
    }

    #[test]
    fn degenerate_series_have_no_value() {
        assert_eq!(burstiness(&[]), None);
        assert_eq!(burstiness(&[0.0; 9]), None);
        assert_eq!(memory(&[2.0; 9]), None);
    }
}
