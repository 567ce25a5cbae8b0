//! How well a score puts the positives first. Equal scores are never given an order: what they
//! cannot tell apart counts as drawn by lot.

/// Average precision, the area under the precision–recall curve as a step function:
/// Σ (R_n − R_{n−1}) P_n over the distinct scores, highest first (Davis & Goadrich 2006; the
/// definition of scikit-learn's `average_precision_score`). `None` without a positive. Scores are
/// ordered by [`f64::total_cmp`].
pub fn average_precision(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let all = positive.iter().filter(|&&positive| positive).count();
    if all == 0 {
        return None;
    }
    let (mut area, mut found, mut seen) = (0.0, 0, 0);
    for (hits, size) in ties(scores, positive) {
        found += hits;
        seen += size;
        area += hits as f64 / all as f64 * (found as f64 / seen as f64);
    }
    Some(area)
}

/// How many positives stand among the first `k`, expected where equal scores reach over the `k`-th
/// place; all of them where there are not as many as `k`.
pub fn positives_among_first(scores: &[f64], positive: &[bool], k: usize) -> f64 {
    let (mut found, mut left) = (0.0, k);
    for (hits, size) in ties(scores, positive) {
        let taken = size.min(left);
        found += hits as f64 * taken as f64 / size as f64;
        left -= taken;
        if left == 0 {
            break;
        }
    }
    found
}

/// The positives and the size of each run of equal scores, highest first.
fn ties(scores: &[f64], positive: &[bool]) -> Vec<(usize, usize)> {
    let mut order: Vec<(f64, bool)> = scores.iter().copied().zip(positive.iter().copied()).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    order
        .chunk_by(|a, b| a.0 == b.0)
        .map(|tie| (tie.iter().filter(|(_, positive)| *positive).count(), tie.len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // sklearn.metrics.average_precision_score: the example of its documentation, and one with ties.
    #[test]
    fn agrees_with_scikit_learn() {
        let area = average_precision(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]).unwrap();
        assert!((area - 0.833_333_333_333).abs() < 1e-9, "{area}");
        let tied = average_precision(&[3.0, 3.0, 2.0, 1.0, 1.0], &[true, false, false, true, false]).unwrap();
        assert!((tied - 0.45).abs() < 1e-12, "{tied}");
        assert_eq!(average_precision(&[1.0, 2.0], &[false, false]), None);
        assert_eq!(average_precision(&[2.0, 2.0, 2.0, 2.0], &[true, false, false, false]), Some(0.25));
    }

    #[test]
    fn ties_over_the_last_place_count_in_part() {
        let (scores, positive) = ([5.0, 4.0, 4.0, 4.0, 1.0], [true, true, false, false, true]);
        assert_eq!(positives_among_first(&scores, &positive, 1), 1.0);
        assert!((positives_among_first(&scores, &positive, 2) - 4.0 / 3.0).abs() < 1e-12);
        assert_eq!(positives_among_first(&scores, &positive, 4), 2.0);
        assert_eq!(positives_among_first(&scores, &positive, 50), 3.0);
        assert_eq!(positives_among_first(&[], &[], 3), 0.0);
    }
}
