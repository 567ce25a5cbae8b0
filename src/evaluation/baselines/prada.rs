//! PRADA (Juuti et al. 2019), adapted: normality of the distances between an account's prompts and its
//! earlier ones.
//!
//! PRADA keeps the distance of each query to the nearest earlier one and reports an attack where these
//! distances are not normally distributed (Shapiro–Wilk). It was made for images near a class border and
//! reads every query. Here a query is one of at most 64 sampled exchanges of the account in order of time,
//! its point is the prompt's direction in topic space, and all prompts have one class, since the model
//! assigns none.

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, CacheError, RowId};
use crate::model::Watcher;
use crate::stats::normality::shapiro_wilk;

/// Minimum number of distances. The paper asks for 100 of all queries, which a sample of 64 never has.
const MIN_DISTANCES: usize = 20;
/// Accounts whose directions are in memory at a time: about 18 MB.
const AT_ONCE: u32 = 4_096;

/// 1 − W of each account, larger being less normal; 0 where there is too little. `None` for a case
/// without sampled directions.
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub(super) fn scores(cache: &Cache, watcher: &dyn Watcher) -> Result<Option<Vec<f64>>, CacheError> {
    let accounts = cache.accounts().len() as AccountIndex;
    let mut scores = Vec::with_capacity(accounts as usize);
    let mut sampled = false;
    for start in (0..accounts).step_by(AT_ONCE as usize) {
        watcher.check()?;
        let chunk = start..accounts.min(start + AT_ONCE);
        let directions = cache.prompt_vectors(chunk.clone())?;
        sampled |= !directions.is_empty();
        let of = |account: AccountIndex| {
            let rows = cache.hot().rows_of(account);
            let from = directions.partition_point(|(row, _)| (*row as usize) < rows.start);
            let to = directions.partition_point(|(row, _)| (*row as usize) < rows.end);
            score(&places(&directions[from..to]))
        };
        scores.par_extend(chunk.into_par_iter().map(of));
    }
    Ok(sampled.then_some(scores))
}

/// Points of length 1; a direction of zeros is left out.
fn places<const N: usize>(directions: &[(RowId, [i8; N])]) -> Vec<Vec<f64>> {
    let unit = |direction: &[i8; N]| {
        let length = direction.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        (length > 0.0).then(|| direction.iter().map(|&x| f64::from(x) / length).collect())
    };
    directions.iter().filter_map(|(_, direction)| unit(direction)).collect()
}

/// Algorithm 3 of the paper with one class: only points far from all earlier ones join the reference set;
/// distances beyond three standard deviations are left out.
fn score(places: &[Vec<f64>]) -> f64 {
    let Some((first, rest)) = places.split_first() else { return 0.0 };
    let mut kept = vec![first];
    let (mut distances, mut grown, mut threshold) = (Vec::new(), Vec::new(), 0.0_f64);
    for place in rest {
        let nearest = kept.iter().map(|other| distance(place, other)).fold(f64::INFINITY, f64::min);
        distances.push(nearest);
        if nearest > threshold {
            kept.push(place);
            grown.push(nearest);
            let (mean, deviation) = moments(&grown);
            threshold = threshold.max(mean - deviation);
        }
    }
    if distances.len() < MIN_DISTANCES {
        return 0.0;
    }
    let (mean, deviation) = moments(&distances);
    distances.retain(|distance| (distance - mean).abs() <= 3.0 * deviation);
    // All distances equal: the largest departure from normality.
    shapiro_wilk(&distances).map_or(1.0, |w| 1.0 - w)
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::splitmix;

    /// Directions around one, `spread` wide.
    fn directions(count: u64, spread: f64) -> Vec<(RowId, [i8; 8])> {
        let direction = |n: u64| {
            let value =
                |at: u64| f64::from(u8::from(at == 0)) * 100.0 + spread * splitmix::normal(3, n * 8 + at);
            (n as RowId, std::array::from_fn(|at| value(at as u64) as i8))
        };
        (0..count).map(direction).collect()
    }

    #[test]
    fn the_same_again_and_again_is_less_normal_than_a_mix() {
        let mixed = score(&places(&directions(64, 20.0)));
        let mut repeated = directions(64, 20.0);
        for at in 8..64 {
            repeated[at].1 = repeated[at % 8].1;
        }
        let repeated = score(&places(&repeated));
        // The same steps in numpy, with scipy.stats.shapiro.
        assert!((mixed - 0.009_210_150).abs() < 1e-6, "{mixed}");
        assert!((repeated - 0.292_862_156).abs() < 1e-6, "{repeated}");
        assert_eq!(score(&places(&directions(20, 20.0))), 0.0, "too little to say");
        assert_eq!(score(&places(&[(0, [0_i8; 8]); 64])), 0.0, "no direction at all");
        assert_eq!(score(&places(&[(0, [5_i8; 8]); 64])), 1.0, "one and the same");
    }
}
