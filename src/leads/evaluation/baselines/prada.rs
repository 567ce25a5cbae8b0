//! PRADA (Juuti and others 2019), adapted: are an account's questions as far from its earlier ones
//! as independent questions are?
//!
//! PRADA keeps the distance of each query to the nearest earlier one and calls an attack where
//! these distances are not normally distributed (Shapiro–Wilk). It was made for images near a class
//! border. Here a query is a block of exchanges, its place the topic shares of the block, all in
//! one class: prompts have no class that the model under attack gives them.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, NO_TOPIC};
use crate::model::{Cancelled, Watcher};
use crate::stats::normality::shapiro_wilk;

/// Exchanges of a block: enough for shares, few enough for accounts of a hundred exchanges.
const BLOCK: usize = 5;
/// Fewest distances; with fewer the paper's test says nothing (it asks for 100, which no account
/// of a campaign of many has).
const FEWEST: usize = 10;
/// Most blocks of an account that are looked at, the first: distances cost their square.
const MOST: usize = 400;

/// 1 − W of each account, larger being less normal; 0 where there is too little. `None` for a case
/// without topics.
pub(super) fn scores(cache: &Cache, watcher: &dyn Watcher) -> Result<Option<Vec<f64>>, Cancelled> {
    let hot = cache.hot();
    if hot.topic.is_empty() {
        return Ok(None);
    }
    let score = |account: AccountIndex| {
        watcher.check()?;
        Ok(score(&places(&hot.topic[hot.rows_of(account)])))
    };
    (0..cache.accounts().len() as AccountIndex).into_par_iter().map(score).collect::<Result<_, _>>().map(Some)
}

/// Topic shares of each whole block, in order of time, as square roots, so that distance is
/// Hellinger's.
fn places(topics: &[u16]) -> Vec<BTreeMap<u16, f64>> {
    let known: Vec<u16> = topics.iter().copied().filter(|&topic| topic != NO_TOPIC).collect();
    let place = |block: &[u16]| {
        let mut shares: BTreeMap<u16, f64> = BTreeMap::new();
        for &topic in block {
            *shares.entry(topic).or_default() += 1.0 / BLOCK as f64;
        }
        shares.values_mut().for_each(|share| *share = share.sqrt());
        shares
    };
    known.chunks_exact(BLOCK).take(MOST).map(place).collect()
}

/// The paper's algorithm 3 with one class: only what is far from everything before joins what later
/// queries are measured against; distances beyond three standard deviations are left out.
fn score(places: &[BTreeMap<u16, f64>]) -> f64 {
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
    if distances.len() < FEWEST {
        return 0.0;
    }
    let (mean, deviation) = moments(&distances);
    distances.retain(|distance| (distance - mean).abs() <= 3.0 * deviation);
    // All distances the same: as far from normal as can be.
    shapiro_wilk(&distances).map_or(1.0, |w| 1.0 - w)
}

fn distance(a: &BTreeMap<u16, f64>, b: &BTreeMap<u16, f64>) -> f64 {
    let common: f64 = a.iter().filter_map(|(topic, x)| Some(x * b.get(topic)?)).sum();
    (1.0 - common).max(0.0).sqrt()
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

    #[test]
    fn the_same_again_and_again_is_less_normal_than_a_mix() {
        let mixed: Vec<u16> = (0..400).map(|n| (splitmix::number(3, n) % 12) as u16).collect();
        let (mixed, same) = (score(&places(&mixed)), score(&places(&[4; 400])));
        assert!(mixed < same && same == 1.0, "{mixed} {same}");
        assert_eq!(score(&places(&[4; 40])), 0.0, "too little to say");
        assert_eq!(score(&places(&[NO_TOPIC; 400])), 0.0);
    }

    #[test]
    fn hellingers_distance_of_disjoint_blocks_is_one() {
        let blocks = places(&[1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1]);
        assert!((distance(&blocks[0], &blocks[1]) - 1.0).abs() < 1e-12);
        assert!(distance(&blocks[0], &blocks[2]) < 1e-6);
    }
}
