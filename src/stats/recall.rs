//! Recall of neighbours on a map: the share of true neighbours that are neighbours on it.

/// Mean recall over points, 0 to 1, from each point's nearest indices in the true space and on the map. `NaN`
/// if no point has a neighbour.
pub fn recall(truth: &[Vec<u32>], map: &[Vec<u32>]) -> f32 {
    let shares: Vec<f64> = truth
        .iter()
        .zip(map)
        .filter(|(truth, _)| !truth.is_empty())
        .map(|(truth, map)| truth.iter().filter(|at| map.contains(at)).count() as f64 / truth.len() as f64)
        .collect();
    (shares.iter().sum::<f64>() / shares.len() as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_is_1_and_half_is_a_half() {
        let truth = vec![vec![1, 2], vec![0, 2], vec![]];
        assert_eq!(recall(&truth, &truth), 1.0);
        assert_eq!(recall(&truth, &[vec![2, 9], vec![7, 0], vec![1, 2]]), 0.5);
        assert!(recall(&[], &[]).is_nan());
    }
}
