//! The standard normal distribution.

/// The quantile of the standard normal distribution, Φ⁻¹(p), by Acklam's rational approximation
/// (2003), relative error below 1.2e-9: enough for scores that are only averaged and compared.
/// ±∞ at 1 and 0.
pub fn quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    const LOW: f64 = 0.024_25;
    let horner = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    if p > 1.0 - LOW {
        return -quantile(1.0 - p);
    }
    if p < LOW {
        let q = (-2.0 * p.ln()).sqrt();
        return horner(&C, q) / (horner(&D, q) * q + 1.0);
    }
    let q = p - 0.5;
    let r = q * q;
    horner(&A, r) * q / (horner(&B, r) * r + 1.0)
}

/// P(Z > z) of a standard normal Z: below 3 by the series of Φ (Marsaglia 2004), from there on by
/// the continued fraction of Mills' ratio (Laplace 1805). Positive for every finite z.
pub fn upper_tail(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - upper_tail(-z);
    }
    let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    if z < 3.0 {
        let (mut term, mut sum) = (z, z);
        for k in 1..60 {
            term *= z * z / f64::from(2 * k + 1);
            sum += term;
        }
        return 0.5 - density * sum;
    }
    let ratio = (1..100).rev().fold(z, |below, k| z + f64::from(k) / below);
    (density / ratio).max(f64::MIN_POSITIVE)
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
            assert!((quantile(p) - z).abs() < 1e-7, "{p}: {}", quantile(p));
        }
        assert_eq!(quantile(0.5), 0.0);
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
    }

    // scipy.stats.norm.sf
    #[test]
    fn tails_agree_with_scipy() {
        for (z, tail) in [
            (-1.0, 0.841_344_746_068_542_9),
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457_05),
            (2.999, 0.001_354_337_8),
            (3.0, 0.001_349_898_031_630_094_6),
            (8.0, 6.220_960_574_271_785e-16),
        ] {
            assert!((upper_tail(z) / tail - 1.0).abs() < 1e-6, "{z}: {}", upper_tail(z));
        }
        assert!(upper_tail(1e3) > 0.0);
    }
}
