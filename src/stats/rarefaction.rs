//! Rarefaction: expected number of classes in a sample of fixed size.

/// Expected number of classes among `m` individuals drawn without replacement (Hurlbert 1971):
/// E[Sₘ] = Σ 1 − C(N − Nᵢ, m) / C(N, m). `None` where there are fewer than `m` individuals.
///
/// The ratio is taken as a product of m factors, exact where differences of log-gamma lose digits.
pub fn expected_classes(counts: &[u64], m: u64) -> Option<f64> {
    let total: u64 = counts.iter().sum();
    if total < m {
        return None;
    }
    let missed = |count: u64| -> f64 {
        let others = total - count;
        if others < m {
            return 0.0;
        }
        (0..m).map(|k| (others - k) as f64 / (total - k) as f64).product()
    };
    Some(counts.iter().filter(|&&count| count > 0).map(|&count| 1.0 - missed(count)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    // 1 − C(25,20)/C(50,20) twice: two classes of 25
    #[test]
    fn two_equal_classes() {
        let expected = 2.0 * (1.0 - 1.127_326_290_220_542_6e-9);
        assert!((expected_classes(&[25, 25], 20).unwrap() - expected).abs() < 1e-12);
    }

    // scipy.special.comb, exact: sum(1 - comb(N-n, 20)/comb(N, 20) for n in counts)
    #[test]
    fn agrees_with_scipy() {
        let value = expected_classes(&[42, 23, 16, 14, 6, 5, 1, 1, 1], 20).unwrap();
        assert!((value - 5.825_911_125_145_752).abs() < 1e-12, "{value}");
    }

    #[test]
    fn bounds() {
        assert_eq!(expected_classes(&[5, 4], 10), None);
        assert_eq!(expected_classes(&[5, 4, 0], 9), Some(2.0));
        assert_eq!(expected_classes(&[9], 1), Some(1.0));
        assert_eq!(expected_classes(&[], 0), Some(0.0));
    }
}
