//! Beta-binomial distribution: shrinkage of small-sample shares towards a prior, and the upper tail of counts.

use statrs::function::beta::ln_beta;
use statrs::function::gamma::ln_gamma;

/// Beta distribution of shares over accounts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    /// Parameter α, of exchanges in the class.
    pub alpha: f64,
    /// Parameter β, of all others.
    pub beta: f64,
}

/// Weight of the prior, in exchanges, where shares vary no more than by chance.
const MAX_PRIOR_WEIGHT: f64 = 100.0;

/// Minimum weight of the prior: half an exchange in and half outside the class (Jeffreys's prior).
const MIN_PRIOR_WEIGHT: f64 = 1.0;

impl Beta {
    /// Fitted to k of n in each account by moments, every account counting the same (Kleinman
    /// 1973): α = μ M and β = (1 − μ) M, with half an exchange of each sort added to μ so that
    /// neither is 0. `None` where no account has n > 0.
    pub fn fit(counts: &[(u32, u32)]) -> Option<Self> {
        let counts: Vec<(f64, f64)> =
            counts.iter().filter(|(_, n)| *n > 0).map(|&(k, n)| (f64::from(k), f64::from(n))).collect();
        let accounts = counts.len() as f64;
        let all: f64 = counts.iter().map(|(_, n)| n).sum();
        if counts.is_empty() {
            return None;
        }
        let mean = counts.iter().map(|(k, n)| k / n).sum::<f64>() / accounts;
        let spread = counts.iter().map(|(k, n)| (k / n - mean).powi(2)).sum::<f64>() / accounts;
        let chance = mean * (1.0 - mean);
        let inverse = counts.iter().map(|(_, n)| 1.0 / n).sum::<f64>() / accounts;
        // spread = chance · (1/n + (1 − 1/n) ρ) with ρ = 1 / (M + 1), over accounts of n each.
        let rho = (spread / chance - inverse) / (1.0 - inverse);
        let weight = if rho > 0.0 && rho.is_finite() { 1.0 / rho - 1.0 } else { MAX_PRIOR_WEIGHT };
        let weight = weight.clamp(MIN_PRIOR_WEIGHT, MAX_PRIOR_WEIGHT);
        let mean = (mean * all + 0.5) / (all + 1.0);
        Some(Self { alpha: mean * weight, beta: (1.0 - mean) * weight })
    }

    /// Mean share.
    pub fn mean(self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// Log-odds ratio of an account with k of n, in nats: posterior mean against prior mean, ln (k + α) / (n
    /// − k + β) − ln α / β. Shrinks to 0 with fewer exchanges; 0 for n = 0.
    pub fn log_odds(self, k: u32, n: u32) -> f64 {
        let (k, rest) = (f64::from(k), f64::from(n.saturating_sub(k)));
        ((k + self.alpha) / (rest + self.beta)).ln() - (self.alpha / self.beta).ln()
    }
}

/// log₁₀ of the probability that at least `k` of `n` are in the class where shares vary over groups with mean
/// `share` and intraclass correlation `rho` (Skellam 1948): 0 for `k` = 0, −∞ for `k` > `n`. `share` and
/// `rho` are between 0 and 1, both exclusive.
pub fn log10_upper_tail(k: u64, n: u64, share: f64, rho: f64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    let weight = 1.0 / rho - 1.0;
    let (alpha, beta) = (share * weight, (1.0 - share) * weight);
    log10_sum(k, n, &|x, rest| ln_beta(x + alpha, rest + beta) - ln_beta(alpha, beta))
}

/// As [`log10_upper_tail`] without correlation: of a binomial distribution.
pub fn log10_binomial_tail(k: u64, n: u64, share: f64) -> f64 {
    log10_sum(k, n, &|x, rest| x * share.ln() + rest * (1.0 - share).ln())
}

/// log₁₀ of the sum over `k` to `n` of the number of ways times a probability, whose logarithm is given by the number
/// in the class and the number outside.
fn log10_sum(k: u64, n: u64, ln_probability: &dyn Fn(f64, f64) -> f64) -> f64 {
    let ln_of = |x: u64| {
        let (x, rest) = (x as f64, (n - x) as f64);
        let choose = ln_gamma(n as f64 + 1.0) - ln_gamma(x + 1.0) - ln_gamma(rest + 1.0);
        choose + ln_probability(x, rest)
    };
    let terms: Vec<f64> = (k..=n).map(ln_of).collect();
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    let sum: f64 = terms.iter().map(|term| (term - largest).exp()).sum();
    ((largest + sum.ln()) / std::f64::consts::LN_10).min(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    // 1 - (0.8^4 + 4 · 0.2 · 0.8^3), and all of four.
    #[test]
    fn without_correlation_the_tail_is_binomial() {
        assert!((10.0_f64.powf(log10_binomial_tail(2, 4, 0.2)) - 0.1808).abs() < 1e-12);
        assert!((10.0_f64.powf(log10_binomial_tail(4, 4, 0.2)) - 0.0016).abs() < 1e-12);
        let nearly = log10_upper_tail(2, 4, 0.2, 1e-6);
        assert!((nearly - log10_binomial_tail(2, 4, 0.2)).abs() < 1e-4, "{nearly}");
    }

    // scipy.special.logit of the posterior mean less that of the prior's, by scipy.stats.beta
    #[test]
    fn agrees_with_scipy() {
        for case in oracle::cases("beta_binomial") {
            let number = |name: &str| oracle::number(&case[name]);
            let beta = Beta { alpha: number("alpha"), beta: number("beta") };
            let (k, n) = (number("k") as u32, number("n") as u32);
            assert!((beta.log_odds(k, n) - number("log_odds")).abs() < 1e-10, "{case}");
        }
    }

    // Drawn from scipy.stats.betabinom with known parameters
    #[test]
    fn finds_the_parameters_it_was_drawn_from() {
        for case in oracle::cases("beta_binomial_fit") {
            let pair = |row: &serde_json::Value| {
                let n = oracle::numbers(row);
                (n[0] as u32, n[1] as u32)
            };
            let counts: Vec<(u32, u32)> = case["counts"].as_array().unwrap().iter().map(pair).collect();
            let found = Beta::fit(&counts).unwrap();
            let (alpha, beta) = (oracle::number(&case["alpha"]), oracle::number(&case["beta"]));
            assert!((found.mean() / (alpha / (alpha + beta)) - 1.0).abs() < 0.1, "{found:?}");
            assert!(((found.alpha + found.beta) / (alpha + beta) - 1.0).abs() < 0.3, "{found:?}");
        }
    }

    #[test]
    fn what_nobody_has_is_finite_and_nothing_is_none() {
        let never = Beta::fit(&[(0, 64); 50]).unwrap();
        assert!(never.mean() < 1e-3 && never.log_odds(10, 64) > 3.0 && never.log_odds(10, 64).is_finite());
        assert!(never.log_odds(0, 64).abs() < 1.0);
        assert_eq!(never.log_odds(0, 0), 0.0);
        assert_eq!(Beta::fit(&[(0, 0)]), None);
        assert!(Beta::fit(&[(1, 1), (0, 1)]).unwrap().mean() > 0.4);
    }

    // -numpy.log10(scipy.stats.betabinom.sf(k - 1, n, a, b)), a = share (1/rho - 1), b = (1 - share) (1/rho - 1).
    #[test]
    fn the_upper_tail_is_scipys() {
        for (k, n, share, rho, expected) in TAILS {
            let tail = -log10_upper_tail(k, n, share, rho);
            assert!((tail - expected).abs() < 1e-6 * expected.max(1.0), "{k} of {n}: {tail}, {expected}");
        }
        assert_eq!(log10_upper_tail(0, 9, 0.1, 0.02), 0.0);
        assert_eq!(log10_upper_tail(10, 9, 0.1, 0.02), f64::NEG_INFINITY);
    }

    const TAILS: [(u64, u64, f64, f64, f64); 4] = [
        (9, 29, 0.086, 0.02, 2.182966319),
        (33, 61, 0.094, 0.02, 6.919329840),
        (1, 5, 0.3, 0.02, 0.087424043),
        (46, 64, 0.035, 0.02, 15.123870427),
    ];
}
