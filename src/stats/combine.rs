//! One p-value out of several dependent ones.

use std::f64::consts::PI;

/// p-values above this are taken as this. A p of exactly 1, which conformal p-values reach, has
/// Cauchy score −∞ and would silence every other; the truncation keeps the null calibrated in
/// the tail (Fang, Chang, Park & Tseng 2023, δ = 0.01).
const LARGEST: f64 = 0.99;

/// Cauchy combination with equal weights (Liu & Xie 2020): T = mean of tan((½ − p) π),
/// p = ½ − atan(T)/π. Stays calibrated in the tail under any dependence. `None` without p-values.
pub fn cauchy(p_values: &[f64]) -> Option<f64> {
    if p_values.is_empty() {
        return None;
    }
    let sum: f64 = p_values.iter().map(|p| score(p.clamp(f64::MIN_POSITIVE, LARGEST))).sum();
    let mean = sum / p_values.len() as f64;
    // The same as ½ − atan(T)/π, without its loss of digits where T is large.
    let p = if mean > 0.0 { (1.0 / mean).atan() / PI } else { 0.5 - mean.atan() / PI };
    Some(p.clamp(f64::MIN_POSITIVE, 1.0))
}

fn score(p: f64) -> f64 {
    // The same as tan((½ − p) π), without its loss of digits where p is small.
    1.0 / (p * PI).tan()
}

#[cfg(test)]
mod tests {
    use super::*;

    // scipy.stats: cauchy.sf(np.mean(np.tan((0.5-np.array([.01,.2,.6]))*np.pi)))
    #[test]
    fn agrees_with_scipy() {
        let p = cauchy(&[0.01, 0.2, 0.6]).unwrap();
        assert!((p - 0.028_969_708_894_420_045).abs() < 1e-12, "{p}");
    }

    #[test]
    fn one_alone_stays_what_it_is() {
        for p in [1e-20, 1e-10, 0.003, 0.5, 0.9] {
            assert!((cauchy(&[p]).unwrap() / p - 1.0).abs() < 1e-9, "{p}");
        }
        assert_eq!(cauchy(&[]), None);
    }

    #[test]
    fn a_p_of_one_does_not_silence_the_rest() {
        let p = cauchy(&[1.0, 1e-4]).unwrap();
        assert!(p < 3e-4, "{p}");
    }
}
