//! The Poisson distribution's upper tail.

use statrs::function::gamma::ln_gamma;

/// ln P(X ≥ k) for X Poisson of this mean; 0 (probability 1) for k = 0, −∞ for k > 0 at mean 0.
///
/// Summed from the term at k away from the mean, so that tails far below what a double can hold
/// keep their digits.
pub fn ln_upper_tail(k: u64, mean: f64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    if mean <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let ln_term = |j: f64| j * mean.ln() - mean - ln_gamma(j + 1.0);
    let k = k as f64;
    if k > mean {
        let (mut sum, mut term, mut j) = (1.0, 1.0, k);
        while term > sum * 1e-17 {
            j += 1.0;
            term *= mean / j;
            sum += term;
        }
        return ln_term(k) + sum.ln();
    }
    let (mut sum, mut term, mut j) = (1.0, 1.0, k - 1.0);
    while j > 0.0 && term > sum * 1e-17 {
        term *= j / mean;
        sum += term;
        j -= 1.0;
    }
    (-(ln_term(k - 1.0) + sum.ln()).exp()).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    // scipy.stats.poisson.logsf(k - 1, mean)
    #[test]
    fn agrees_with_scipy() {
        for case in oracle::cases("poisson") {
            let (k, mean) = (oracle::number(&case["k"]) as u64, oracle::number(&case["mean"]));
            let (found, expected) = (ln_upper_tail(k, mean), oracle::number(&case["ln_p"]));
            assert!(
                (found - expected).abs() <= 1e-10 * expected.abs().max(1.0),
                "P(X ≥ {k}; {mean}): {found} {expected}"
            );
        }
    }

    // scipy.special.gammaln: the tails rest on it
    #[test]
    fn the_gamma_function_agrees_with_scipy() {
        for case in oracle::cases("ln_gamma") {
            let (x, expected) = (oracle::number(&case["x"]), oracle::number(&case["value"]));
            assert!(
                (ln_gamma(x) - expected).abs() <= 1e-12 * expected.abs().max(1.0),
                "{x}: {}",
                ln_gamma(x)
            );
        }
    }

    #[test]
    fn the_ends() {
        assert_eq!(ln_upper_tail(0, 3.0), 0.0);
        assert_eq!(ln_upper_tail(2, 0.0), f64::NEG_INFINITY);
        assert!(ln_upper_tail(2_000, 1.0) < -10_000.0, "far below what a double holds");
    }
}
