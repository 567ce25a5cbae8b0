//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use statrs::function::erf::{erfc, erfc_inv};

/// Quantile Φ⁻¹(p); −∞ at 0 and below, ∞ at 1 and above.
pub fn quantile(p: f64) -> f64 {
    // Negated so that the median is 0 and not −0.
    0.0 - SQRT_2 * erfc_inv(2.0 * p)
}

/// Upper tail P(Z > z). Positive for every finite z.
pub fn upper_tail(z: f64) -> f64 {
    (0.5 * erfc(z * FRAC_1_SQRT_2)).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    // scipy.stats.norm.ppf
    #[test]
    fn agrees_with_scipy() {
        for (p, z) in [
            (1e-9, -5.997_807_015_007_687),
            (0.001, -3.090_232_306_167_813),
            (0.02, -2.053_748_910_631_823),
            (0.3, -0.524_400_512_708_040_9),
            (0.9, 1.281_551_565_544_600_4),
        ] {
            assert!((quantile(p) - z).abs() < 1e-14 * z.abs().max(1.0), "{p}: {}", quantile(p));
        }
        assert_eq!(quantile(0.5), 0.0);
        assert_eq!((quantile(0.0), quantile(-0.1)), (f64::NEG_INFINITY, f64::NEG_INFINITY));
        assert_eq!((quantile(1.0), quantile(1.1)), (f64::INFINITY, f64::INFINITY));
        assert!(quantile(0.5).is_sign_positive());
    }

    // scipy.stats.norm.sf
    #[test]
    fn tails_agree_with_scipy() {
        for (z, tail) in [
            (-1.0, 0.841_344_746_068_542_9),
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457_05),
            (2.999, 0.001_354_336_533_727_110_6),
            (3.0, 0.001_349_898_031_630_094_6),
            (8.0, 6.220_960_574_271_785e-16),
        ] {
            assert!((upper_tail(z) / tail - 1.0).abs() < 1e-9, "{z}: {}", upper_tail(z));
        }
        assert!(upper_tail(1e3) > 0.0);
    }
}
