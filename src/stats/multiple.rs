//! Corrections for multiple testing.

/// Benjamini–Hochberg adjusted p-values (1995), in the order given: the smallest false discovery
/// rate at which each would be called.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let n = p_values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]).then(a.cmp(&b)));
    let mut q_values = vec![1.0; n];
    let mut smallest = 1.0_f64;
    for (rank, &at) in order.iter().enumerate().rev() {
        smallest = smallest.min(p_values[at] * n as f64 / (rank + 1) as f64);
        q_values[at] = smallest;
    }
    q_values
}

#[cfg(test)]
mod tests {
    use super::*;

    // scipy.stats.false_discovery_control([.01,.02,.03,.04,.05,.9,.005])
    #[test]
    fn agrees_with_scipy() {
        let q = benjamini_hochberg(&[0.01, 0.02, 0.03, 0.04, 0.05, 0.9, 0.005]);
        for (mine, theirs) in q.iter().zip([0.035, 0.14 / 3.0, 0.0525, 0.056, 0.35 / 6.0, 0.9, 0.035]) {
            assert!((mine - theirs).abs() < 1e-12, "{q:?}");
        }
        assert!(benjamini_hochberg(&[]).is_empty());
    }
}
