//! The logarithm of the gamma function.

/// ln Γ(x) for x > 0, by Lanczos's approximation (1964; g = 7, nine terms), relative error of Γ
/// below 1e-14. ∞ at 0.
pub fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        // Euler's reflection, where the series is not accurate.
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let sum: f64 =
        TERMS[0] + TERMS.iter().enumerate().skip(1).map(|(i, term)| term / (x + i as f64)).sum::<f64>();
    let t = x + 7.5;
    (x + 0.5) * t.ln() - t + (std::f64::consts::TAU.sqrt() * sum).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    // scipy.special.gammaln
    #[test]
    fn agrees_with_scipy() {
        for case in oracle::cases("ln_gamma") {
            let (x, known) = (oracle::number(&case["x"]), oracle::number(&case["value"]));
            assert!((ln_gamma(x) - known).abs() <= 1e-12 * known.abs().max(1.0), "{x}: {}", ln_gamma(x));
        }
    }
}
