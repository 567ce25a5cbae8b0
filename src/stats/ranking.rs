//! Ranks and measures of ranking quality. Equal scores are never ordered: tied items count as drawn by lot.

use super::normal;

/// Average precision, the area under the precision–recall curve as a step function:
/// Σ (R_n − R_{n−1}) P_n over the distinct scores, highest first (Davis & Goadrich 2006; the
/// definition of scikit-learn's `average_precision_score`). `None` without a positive. Scores are
/// ordered by [`f64::total_cmp`].
pub fn average_precision(scores: &[f64], positive: &[bool]) -> Option<f64> {
    Ranking::new(scores).average_precision(positive, &vec![1.0; scores.len()])
}

/// Items in descending order of a score, sorted once for many sets of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Positions of the items, highest score first.
    order: Vec<u32>,
    /// Lengths of the runs of equal scores, highest first.
    ties: Vec<u32>,
}

impl Ranking {
    /// Sorts the scores by [`f64::total_cmp`].
    pub fn new(scores: &[f64]) -> Self {
        let mut order: Vec<u32> = (0..scores.len() as u32).collect();
        order.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]));
        let ties = order.chunk_by(|&a, &b| scores[a as usize] == scores[b as usize]);
        let ties = ties.map(|tie| tie.len() as u32).collect();
        Self { order, ties }
    }

    /// [`average_precision`] with a weight of 0 or more for each item (`sample_weight` in scikit-learn).
    /// `None` where the weights of the positives sum to 0.
    pub fn average_precision(&self, positive: &[bool], weights: &[f64]) -> Option<f64> {
        let all: f64 = weights.iter().zip(positive).filter(|(_, positive)| **positive).map(|(w, _)| w).sum();
        if all <= 0.0 {
            return None;
        }
        let (mut area, mut found, mut seen, mut at) = (0.0, 0.0, 0.0, 0);
        for &size in &self.ties {
            let mut hits = 0.0;
            for &item in &self.order[at..at + size as usize] {
                let weight = weights[item as usize];
                seen += weight;
                if positive[item as usize] {
                    hits += weight;
                }
            }
            at += size as usize;
            found += hits;
            if hits > 0.0 {
                area += hits / all * (found / seen);
            }
        }
        Some(area)
    }
}

/// Expected number of positives among the first `k`, ties at the `k`-th place being drawn by lot; all
/// positives if there are fewer than `k` scores.
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

/// Normal score Φ⁻¹((r − ½) / n) of each value's rank r among n values, ties at their mean rank (van der
/// Waerden 1952). A missing value has score 0, that of the median.
pub fn normal_scores(values: &[Option<f64>]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> =
        values.iter().enumerate().filter_map(|(at, value)| Some(((*value)?, at))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut scores = vec![0.0; values.len()];
    let mut before = 0;
    for tie in order.chunk_by(|a, b| a.0 == b.0) {
        let middle = before as f64 + tie.len() as f64 / 2.0;
        let score = normal::quantile(middle / order.len() as f64);
        tie.iter().for_each(|&(_, at)| scores[at] = score);
        before += tie.len();
    }
    scores
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
    use crate::stats::oracle;

    // scipy.stats.norm.ppf((rankdata(x) - .5) / 4).
    #[test]
    fn normal_scores_of_ranks() {
        let scores = normal_scores(&[Some(5.0), None, Some(-1.0), Some(2.0), Some(2.0)]);
        let expected = [1.150_349_38, 0.0, -1.150_349_38, 0.0, 0.0];
        assert!(scores.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{scores:?}");
        assert_eq!(normal_scores(&[None]), [0.0]);
        assert_eq!(normal_scores(&[Some(3.0)]), [0.0]);
    }

    // sklearn.metrics.average_precision_score: the example of its documentation, and one with ties.
    #[test]
    fn agrees_with_scikit_learn() {
        let area = average_precision(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]).unwrap();
        assert!((area - 0.833_333_333_333).abs() < 1e-9, "{area}");
        let tied = average_precision(&[3.0, 3.0, 2.0, 1.0, 1.0], &[true, false, false, true, false]).unwrap();
        assert!((tied - 0.45).abs() < 1e-12, "{tied}");
        for case in oracle::cases("weighted_average_precision") {
            let positive: Vec<bool> =
                oracle::numbers(&case["positive"]).iter().map(|&flag| flag == 1.0).collect();
            let ranking = Ranking::new(&oracle::numbers(&case["scores"]));
            let area = ranking.average_precision(&positive, &oracle::numbers(&case["weights"])).unwrap();
            assert!((area - oracle::number(&case["area"])).abs() < 1e-12, "{area}");
        }
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
