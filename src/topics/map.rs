//! Topic map: a two-dimensional layout of a sample, and its kNN recall.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::vector::{LENGTH, similarity};
use crate::model::{Cancelled, Watcher};
use crate::stats::layout::layout;
use crate::stats::linalg::Matrix;
use crate::stats::neighbours::{Best, by_cosine};
use crate::stats::pca::Pca;
use crate::stats::recall::recall;
use crate::stats::splitmix;

/// Number of neighbours of a point in the graph that is laid out.
const NEIGHBOURS: usize = 15;
/// Number of rounds of the layout.
const EPOCHS: u32 = 250;
/// Share of the points at either end of an axis that is clamped to the edge of the map.
const EDGE: f64 = 0.002;

/// Lays out directions, one per row. Returns their map positions, both coordinates in 0..=1.
pub(super) fn lay_out(points: &Matrix, seed: u64, watcher: &dyn Watcher) -> Result<Vec<[f32; 2]>, Cancelled> {
    let near = by_cosine(points, NEIGHBOURS, watcher)?;
    let pca = Pca::fit(points, 2, seed, watcher)?;
    let scale = 10.0 / (pca.variances.first().map_or(1.0, |v| v.sqrt() as f32) * 3.0).max(1e-6);
    let start = (0..points.rows)
        .map(|at| {
            let place = pca.project(points.row(at));
            // Noise separates equal points.
            [0, 1].map(|axis| {
                let noise = splitmix::normal(seed, (2 * at + axis) as u64) as f32 * 0.01;
                place.get(axis).copied().unwrap_or(0.0) * scale + noise
            })
        })
        .collect();
    let mut places = layout(&near, start, EPOCHS, seed, watcher)?;
    for axis in 0..2 {
        fit_axis(&mut places, axis);
    }
    Ok(places)
}

/// Scales one axis to 0..=1 with a margin; outliers are clamped to the edge.
fn fit_axis(places: &mut [[f32; 2]], axis: usize) {
    let mut sorted: Vec<f32> = places.iter().map(|place| place[axis]).collect();
    sorted.sort_by(f32::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return };
    let cut = (last as f64 * EDGE) as usize;
    let (low, high) = (sorted[cut], sorted[last - cut]);
    let span = (high - low).max(1e-6);
    for place in places {
        place[axis] = (0.02 + 0.96 * (place[axis] - low) / span).clamp(0.0, 1.0);
    }
}

/// Number of prompts over which the recall is averaged.
const QUERIES: usize = 500;
/// Number of prompts among which their neighbours are sought.
const AMONG: usize = 50_000;
/// Number of neighbours.
const K: usize = 10;

/// kNN recall of the map (k = 10): mean share of a prompt's nearest neighbours in topic space that are
/// among its nearest on the map. Over 500 of `count` prompts among 50,000 (or all), drawn by `seed`,
/// with distinct directions, fitted and placed points alike. Prompts without a map position are left
/// out. `None` for fewer than two.
pub(super) fn knn_recall(
    count: usize,
    vector: impl Fn(usize) -> [i8; LENGTH],
    place: impl Fn(usize) -> [f32; 2],
    seed: u64,
) -> Option<f32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.sort_by_cached_key(|&at| splitmix::number(seed, u64::from(at)));
    // Equal prompts are neighbours on every map.
    let mut seen = BTreeSet::new();
    let drawn: Vec<([i8; LENGTH], [f32; 2])> = order
        .into_iter()
        .map(|at| (vector(at as usize), place(at as usize)))
        .filter(|(_, place)| !place[0].is_nan())
        .filter(|(vector, _)| seen.insert(*vector))
        .take(AMONG)
        .collect();
    let both: Vec<(Vec<u32>, Vec<u32>)> = drawn[..drawn.len().min(QUERIES)]
        .par_iter()
        .enumerate()
        .map(|(query, (direction, place))| {
            let (mut truth, mut map) = (Best::of(K), Best::of(K));
            for (other, (there, at)) in drawn.iter().enumerate().filter(|(other, _)| *other != query) {
                truth.offer(other as u32, similarity(direction, there));
                map.offer(other as u32, -((place[0] - at[0]).powi(2) + (place[1] - at[1]).powi(2)));
            }
            let index = |best: Best| best.into_sorted().into_iter().map(|(_, at)| at).collect();
            (index(truth), index(map))
        })
        .collect();
    let (truth, map): (Vec<_>, Vec<_>) = both.into_iter().unzip();
    Some(recall(&truth, &map)).filter(|share| share.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topics::vector::quantise;

    #[test]
    fn a_map_that_is_the_space_has_recall_1() {
        let places: Vec<[f32; 2]> = (0..100).map(|n| [0.5 + n as f32 * 0.001, 0.5]).collect();
        let turn = |p: &[f32; 2]| {
            let angle = (p[0] - 0.5) * 15.0;
            quantise(&[angle.cos(), angle.sin()])
        };
        let vectors: Vec<_> = places.iter().map(turn).collect();
        // Neighbours on either side are as good; quantisation may swap the last one.
        let recall = |count| knn_recall(count, |at| vectors[at], |at| places[at], 1);
        assert!(recall(100).unwrap() > 0.9);
        assert_eq!(recall(1), None);
    }

    #[test]
    fn an_outlier_does_not_squeeze_the_map() {
        let mut places: Vec<[f32; 2]> = (0..1_001).map(|n| [n as f32, 0.0]).collect();
        places[1_000][0] = 1e9;
        fit_axis(&mut places, 0);
        assert!(places[500][0] > 0.4 && places[1_000][0] == 1.0);
    }
}
