//! Topics inside a loop on the map.

use std::ops::Range;

use rayon::prelude::*;

use crate::cache::{Cache, Hot, RowId};
use crate::query::Selection;

/// Minimum share of a topic inside a loop that takes it in.
const MIN_SHARE: f64 = 0.25;
/// Minimum ratio of a topic's share inside to the share of all selected exchanges inside.
const EXCESS: f64 = 1.5;

/// Topics that lie in a polygon in map coordinates: those with more than half of the selection's exchanges
/// inside, and those with at least a quarter, if that is half as much again as the share of all selected
/// exchanges inside. If there is none, the topic with most exchanges inside. Empty if no selected exchange is
/// inside. A topic may lie on several islands of the map, none of which has half of it.
pub fn lasso(cache: &Cache, selection: &Selection, polygon: &[[f32; 2]]) -> Vec<u16> {
    inside_topics(cache.hot(), &selection.runs, polygon, cache.topics().len())
}

fn inside_topics(hot: &Hot, runs: &[Range<RowId>], polygon: &[[f32; 2]], topics: usize) -> Vec<u16> {
    let bounds = [0, 1].map(|axis| {
        let along = polygon.iter().map(|corner| corner[axis]);
        along.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
    });
    let within = |place: [f32; 2]| {
        (0..2).all(|axis| bounds[axis].0 <= place[axis] && place[axis] <= bounds[axis].1)
            && is_inside(place, polygon)
    };
    let counts: Vec<(u64, u64)> = runs
        .par_iter()
        .fold(
            || vec![(0, 0); topics],
            |mut counts, run| {
                for row in run.start as usize..run.end as usize {
                    let (Some(&topic), Some(&place)) = (hot.topic.get(row), hot.place.get(row)) else {
                        break;
                    };
                    if let Some((inside, all)) = counts.get_mut(topic as usize) {
                        *inside += u64::from(within(place));
                        *all += 1;
                    }
                }
                counts
            },
        )
        .reduce(
            || vec![(0, 0); topics],
            |a, b| a.iter().zip(b).map(|(a, b)| (a.0 + b.0, a.1 + b.1)).collect(),
        );
    let numbered = || counts.iter().enumerate().map(|(topic, &(inside, all))| (topic as u16, inside, all));
    let share = |inside: u64, all: u64| inside as f64 / all.max(1) as f64;
    let (inside, all) = counts.iter().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    let least = MIN_SHARE.max(EXCESS * share(inside, all));
    let mostly: Vec<u16> = numbered()
        .filter(|&(_, inside, all)| 2 * inside > all || (all > 0 && share(inside, all) >= least))
        .map(|(topic, ..)| topic)
        .collect();
    if !mostly.is_empty() {
        return mostly;
    }
    let most = numbered()
        .filter(|&(_, inside, _)| inside > 0)
        .max_by_key(|&(topic, inside, _)| (inside, std::cmp::Reverse(topic)));
    most.map(|(topic, ..)| topic).into_iter().collect()
}

/// True if a point lies inside a polygon, by the even–odd rule (Shimrat 1962). The polygon is closed
/// implicitly; one of fewer than three corners contains no point.
fn is_inside([x, y]: [f32; 2], polygon: &[[f32; 2]]) -> bool {
    let Some(&last) = polygon.last() else { return false };
    let mut inside = false;
    let mut before = last;
    for &corner in polygon {
        if (corner[1] > y) != (before[1] > y)
            && x < (before[0] - corner[0]) * (y - corner[1]) / (before[1] - corner[1]) + corner[0]
        {
            inside = !inside;
        }
        before = corner;
    }
    inside
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::query::topic_map::testing::hot;

    #[test]
    fn a_lasso_takes_topics_mostly_inside_else_the_fullest() {
        let all = [0..3, 3..6];
        let left = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]];
        assert_eq!(inside_topics(&hot(), &all, &left, 2), [0]);
        let corner = [[0.0, 0.8], [0.2, 0.8], [0.2, 1.0], [0.0, 1.0]];
        assert_eq!(inside_topics(&hot(), &all, &corner, 2), [0]);
        assert!(inside_topics(&hot(), &all, &[[0.4, 0.4], [0.5, 0.4], [0.5, 0.5]], 2).is_empty());
        assert!(inside_topics(&hot(), &all, &[], 2).is_empty());
    }

    /// The angle that the polygon's edges turn through as seen from the point: a multiple of 2π
    /// that is odd where the even–odd rule says inside.
    fn winds_oddly(point: [f32; 2], polygon: &[[f32; 2]]) -> bool {
        let p = point.map(f64::from);
        let angle = |corner: [f32; 2]| (f64::from(corner[1]) - p[1]).atan2(f64::from(corner[0]) - p[0]);
        let turn: f64 = (0..polygon.len())
            .map(|at| {
                let step = angle(polygon[(at + 1) % polygon.len()]) - angle(polygon[at]);
                step.sin().atan2(step.cos())
            })
            .sum();
        (turn / std::f64::consts::TAU).round() as i64 % 2 != 0
    }

    proptest! {
        #[test]
        fn inside_is_an_odd_number_of_turns(
            corners in prop::collection::vec((0u8..100, 0u8..100), 3..9),
            x in 0u8..100,
            y in 0u8..100,
        ) {
            let polygon: Vec<[f32; 2]> = corners.iter().map(|&(x, y)| [f32::from(x), f32::from(y)]).collect();
            // Off the grid of the corners, so that no point lies on an edge by chance of rounding.
            let point = [f32::from(x) + 0.378_1, f32::from(y) + 0.613_7];
            prop_assert_eq!(is_inside(point, &polygon), winds_oddly(point, &polygon));
        }
    }
}
