//! Entropy of counts, in nats.

/// Shannon's entropy of counts (plug-in), in nats; 0 where all counts are 0.
pub fn shannon(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    let n = total as f64;
    -counts.iter().filter(|&&c| c > 0).map(|&c| c as f64 / n * (c as f64 / n).ln()).sum::<f64>()
}

/// Entropy corrected for classes not seen, in nats (Chao & Shen 2003): with coverage
/// C = 1 − f₁/n and p = C·count/n, H = −Σ p ln p / (1 − (1 − p)ⁿ). When every count is 1, f₁ is
/// taken as n − 1, since the coverage would be 0 otherwise. 0 where the counts sum to at most 1.
pub fn chao_shen(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    let singletons = counts.iter().filter(|&&c| c == 1).count() as u64;
    if total < 2 {
        return 0.0;
    }
    let n = total as f64;
    let coverage = 1.0 - singletons.min(total - 1) as f64 / n;
    -counts
        .iter()
        .filter(|&&c| c > 0)
        .map(|&c| coverage * c as f64 / n)
        .map(|p| p * p.ln() / (1.0 - (1.0 - p).powf(n)))
        .sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: [u64; 7] = [10, 5, 3, 1, 1, 1, 0];

    // scipy.stats.entropy([10,5,3,1,1,1]); Chao–Shen by its closed form in numpy
    #[test]
    fn agrees_with_scipy() {
        assert!((shannon(&COUNTS) - 1.407_909_230_194_123_6).abs() < 1e-12, "{}", shannon(&COUNTS));
        assert!((chao_shen(&COUNTS) - 1.639_248_358_851_184_4).abs() < 1e-12, "{}", chao_shen(&COUNTS));
    }

    #[test]
    fn one_class_has_none() {
        assert_eq!(shannon(&[9]), 0.0);
        assert_eq!(chao_shen(&[9]).abs(), 0.0);
        assert_eq!(shannon(&[]), 0.0);
        assert_eq!(chao_shen(&[1]), 0.0);
        assert!(chao_shen(&[1, 1, 1]).is_finite());
    }
}
