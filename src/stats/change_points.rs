//! Change points of the level of a series.

use super::quantile::median;

/// Change points of the mean by PELT (Killick, Fearnhead & Eckley 2012): the ascending positions
/// at which a new segment begins, such that the sum over segments of the squared deviations from
/// their means, plus `penalty` for each change, is least. Segments have at least `shortest`
/// values; fewer than `2 · shortest` values have no change point.
///
/// Exact: pruning drops only positions that can no longer be the last change. Linear time where changes are
/// frequent, quadratic where there are none; for thousands of values.
pub fn pelt(values: &[f64], shortest: usize, penalty: f64) -> Vec<usize> {
    let (n, shortest) = (values.len(), shortest.max(1));
    if n < 2 * shortest {
        return Vec::new();
    }
    let cost = Cost::new(values);
    // best[t]: least cost of the first t values, with `penalty` for each segment.
    let mut best = vec![f64::INFINITY; n + 1];
    let mut last = vec![0; n + 1];
    best[0] = 0.0;
    // Candidate starts of the last segment, each with the first end for which it is pruned.
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for end in shortest..=n {
        starts.push((end - shortest, usize::MAX));
        starts.retain(|&(_, over)| end < over);
        for &(start, _) in &starts {
            let with = best[start] + cost.of(start, end) + penalty;
            if with < best[end] {
                (best[end], last[end]) = (with, start);
            }
        }
        // A start that is dearer than a change at `end` is dominated for every later end that leaves room for
        // a segment after it.
        let least = best[end];
        for (start, over) in &mut starts {
            if best[*start] + cost.of(*start, end) > least {
                *over = (*over).min(end + shortest);
            }
        }
    }
    let mut changes = Vec::new();
    let mut end = last[n];
    while end > 0 {
        changes.push(end);
        end = last[end];
    }
    changes.reverse();
    changes
}

/// Median absolute deviation of a normal distribution over its standard deviation.
const MAD_OF_NORMAL: f64 = 0.674_489_75;

/// Change points of the level of counts, or of means of counts: [`pelt`] on 2√(c + 3/8) (Anscombe 1948) with
/// penalty 2 σ² ln n. σ comes from the median absolute difference of neighbours; σ² is at least `least_variance`,
/// which is 1 for a Poisson count and 1 / m for a mean of m of them.
pub fn level_changes(counts: &[f64], shortest: usize, least_variance: f64) -> Vec<usize> {
    let even: Vec<f64> = counts.iter().map(|count| 2.0 * (count + 0.375).sqrt()).collect();
    let mut steps: Vec<f64> = even.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    steps.sort_by(f64::total_cmp);
    let spread = median(&steps).unwrap_or(0.0);
    // A difference of two counts has twice the variance of one.
    let variance = (spread / MAD_OF_NORMAL).powi(2) / 2.0;
    pelt(&even, shortest, 2.0 * variance.max(least_variance) * (counts.len() as f64).ln())
}

/// Squared deviations from the mean, of any run, from running sums.
struct Cost {
    sum: Vec<f64>,
    squares: Vec<f64>,
}

impl Cost {
    fn new(values: &[f64]) -> Self {
        let (mut sum, mut squares) = (vec![0.0], vec![0.0]);
        for (at, value) in values.iter().enumerate() {
            sum.push(sum[at] + value);
            squares.push(squares[at] + value * value);
        }
        Self { sum, squares }
    }

    fn of(&self, start: usize, end: usize) -> f64 {
        let sum = self.sum[end] - self.sum[start];
        (self.squares[end] - self.squares[start] - sum * sum / (end - start) as f64).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    // ruptures.Pelt(model="l2", min_size, jump=1).fit(x).predict(pen)
    #[test]
    fn agrees_with_ruptures() {
        let cases = oracle::cases("change_points");
        assert!(cases.len() >= 4);
        for case in cases {
            let values = oracle::numbers(&case["values"]);
            let expected: Vec<usize> =
                oracle::numbers(&case["changes"]).iter().map(|&x| x as usize).collect();
            let shortest = oracle::number(&case["shortest"]) as usize;
            assert_eq!(pelt(&values, shortest, oracle::number(&case["penalty"])), expected);
        }
    }

    #[test]
    fn pruned_or_not_the_least_cost_is_the_same() {
        // All ways to cut 12 values into segments of two or more.
        let values: Vec<f64> = (0..12).map(|i| f64::from(i * i % 7)).collect();
        let cost = Cost::new(&values);
        let total = |changes: &[usize]| {
            let mut ends = vec![0];
            ends.extend(changes);
            ends.push(values.len());
            ends.windows(2).map(|run| cost.of(run[0], run[1]) + 3.0).sum::<f64>()
        };
        let all = (0..1_u32 << 11).map(|mask| (1..12).filter(|at| mask >> (at - 1) & 1 == 1).collect());
        let allowed = all.filter(|changes: &Vec<usize>| {
            let mut before = 0;
            changes.iter().chain([&12]).all(|&at| {
                let long = at - before >= 2;
                before = at;
                long
            })
        });
        let least = allowed.map(|changes| total(&changes)).min_by(f64::total_cmp).unwrap();
        assert!((total(&pelt(&values, 2, 3.0)) - least).abs() < 1e-9);
    }

    #[test]
    fn a_mean_of_many_changes_where_a_single_count_would_be_noise() {
        let rates: Vec<f64> = (0..30).map(|day| if day < 12 { 0.5 } else { 1.0 }).collect();
        assert!(level_changes(&rates, 2, 1.0).is_empty());
        assert_eq!(level_changes(&rates, 2, 0.01), [12]);
    }

    #[test]
    fn short_or_flat_series_have_none() {
        assert!(pelt(&[], 2, 1.0).is_empty());
        assert!(pelt(&[1.0, 9.0, 9.0], 2, 0.1).is_empty());
        assert!(pelt(&[4.0; 50], 2, 0.1).is_empty());
    }
}
