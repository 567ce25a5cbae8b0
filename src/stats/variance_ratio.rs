//! Variance ratio of several series: above 1 they rise and fall together, below 1 they take turns.

/// The variance ratio Var(Σ c) / Σ Var(c) of several series over the same bins (Schluter 1984):
/// below 1 where they take turns, 1 where they are uncorrelated, up to their number where they
/// move as one. Population variances; their ratio does not depend on that choice. `None` for
/// fewer than two series, fewer than two bins, or where no series varies.
pub fn variance_ratio(series: &[Vec<f64>]) -> Option<f64> {
    let bins = series.first()?.len();
    if series.len() < 2 || bins < 2 {
        return None;
    }
    let mut total = vec![0.0; bins];
    for one in series {
        total.iter_mut().zip(one).for_each(|(sum, x)| *sum += x);
    }
    let apart: f64 = series.iter().map(|one| variance(one)).sum();
    (apart > 0.0).then(|| variance(&total) / apart)
}

/// Population variance; 0 without values.
pub fn variance(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle;

    // codyn's variance_ratio (Hallett 2016): var of row sums over the sum of the diagonal of cov
    #[test]
    fn agrees_with_the_covariance_matrix() {
        for case in oracle::cases("variance_ratio") {
            let series: Vec<Vec<f64>> =
                case["series"].as_array().unwrap().iter().map(oracle::numbers).collect();
            let expected = oracle::number(&case["ratio"]);
            assert!((variance_ratio(&series).unwrap() - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn turns_are_zero_and_unison_is_their_number() {
        let (a, b) = (vec![1.0, 0.0, 1.0, 0.0], vec![0.0, 1.0, 0.0, 1.0]);
        assert_eq!(variance_ratio(&[a.clone(), b]), Some(0.0));
        assert_eq!(variance_ratio(&[a.clone(), a.clone()]), Some(2.0));
        assert_eq!(variance_ratio(&[a]), None);
        assert_eq!(variance_ratio(&[vec![3.0; 4], vec![1.0; 4]]), None);
        assert_eq!(variance_ratio(&[]), None);
    }
}
