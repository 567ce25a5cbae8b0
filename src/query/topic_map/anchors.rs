//! Positions of topic names on the map: the densest part of each topic's exchanges in a selection.

use std::ops::Range;

use crate::cache::{Cache, Hot, RowId};
use crate::model::{Cancelled, Watcher};
use crate::query::Selection;

/// Position of a topic's name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchor {
    /// The topic.
    pub topic: u16,
    /// Middle of its exchanges in its fullest cell.
    pub place: [f32; 2],
    /// Number of its sampled exchanges; anchors are sorted by it, largest first.
    pub exchanges: u32,
}

/// Cells of the map to a side.
const SIDE: usize = 40;
/// Maximum number of sampled exchanges, evenly spread.
const MAX_SAMPLED: u64 = 400_000;

/// Anchors of the topics of a selection, topics with most exchanges first. A topic may form several clusters
/// with an empty area between them, so its anchor is in its densest of 40 × 40 cells.
///
/// # Errors
/// Only when cancelled.
pub fn anchors(
    cache: &Cache,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Vec<Anchor>, Cancelled> {
    of_rows(cache.hot(), &selection.runs, selection.exchanges, cache.topics().len(), watcher)
}

fn of_rows(
    hot: &Hot,
    runs: &[Range<RowId>],
    exchanges: u64,
    topics: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<Anchor>, Cancelled> {
    let every = (exchanges / MAX_SAMPLED + 1) as usize;
    let mut cells = vec![0_u32; topics * SIDE * SIDE];
    let looked_at = || runs.iter().flat_map(|run| run.start as usize..run.end as usize).step_by(every);
    let cell_of = |row: usize| {
        let (topic, place) = (*hot.topic.get(row)? as usize, *hot.place.get(row)?);
        let at = |x: f32| ((x.clamp(0.0, 1.0) * SIDE as f32) as usize).min(SIDE - 1);
        let is_placed = topic < topics && place[0].is_finite() && place[1].is_finite();
        is_placed.then(|| (topic, topic * SIDE * SIDE + at(place[1]) * SIDE + at(place[0]), place))
    };
    for (at, row) in looked_at().enumerate() {
        if at % 65_536 == 0 {
            watcher.check()?;
        }
        if let Some((_, cell, _)) = cell_of(row) {
            cells[cell] += 1;
        }
    }
    let fullest: Vec<usize> = cells
        .chunks(SIDE * SIDE)
        .enumerate()
        .map(|(topic, cells)| {
            let (mut best, mut most) = (0, 0);
            for (at, &count) in cells.iter().enumerate() {
                if count > most {
                    (best, most) = (at, count);
                }
            }
            topic * SIDE * SIDE + best
        })
        .collect();
    let mut sums = vec![([0.0_f64; 2], 0_u32); topics];
    for (at, row) in looked_at().enumerate() {
        if at % 65_536 == 0 {
            watcher.check()?;
        }
        if let Some((topic, cell, place)) = cell_of(row)
            && fullest[topic] == cell
        {
            let (sum, count) = &mut sums[topic];
            (0..2).for_each(|axis| sum[axis] += f64::from(place[axis]));
            *count += 1;
        }
    }
    let total = |topic: usize| cells[topic * SIDE * SIDE..(topic + 1) * SIDE * SIDE].iter().sum();
    let mut anchors: Vec<Anchor> = sums
        .into_iter()
        .enumerate()
        .filter(|(_, (_, count))| *count > 0)
        .map(|(topic, (sum, count))| Anchor {
            topic: topic as u16,
            place: sum.map(|sum| (sum / f64::from(count)) as f32),
            exchanges: total(topic),
        })
        .collect();
    anchors.sort_by_key(|anchor| (std::cmp::Reverse(anchor.exchanges), anchor.topic));
    Ok(anchors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;
    use crate::query::topic_map::testing::hot;

    #[test]
    fn a_name_stands_on_the_fullest_island_and_not_between_two() {
        let all: [Range<RowId>; 1] = std::array::from_fn(|_| 0..6);
        let found = of_rows(&hot(), &all, 6, 2, &Silent).unwrap();
        assert_eq!((found[0].topic, found[0].exchanges), (0, 3));
        assert!((found[0].place[0] - 0.1).abs() < 1e-6 && (found[0].place[1] - 0.1).abs() < 1e-6);
        assert_eq!(found[1].topic, 1);
        assert_eq!(of_rows(&hot(), &[], 0, 2, &Silent).unwrap(), []);
    }
}
