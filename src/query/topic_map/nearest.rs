//! Exchanges near a place on the map, or near an exchange in topic space.

use std::ops::Range;

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, CacheError, Hot, NO_TOPIC, RowId};
use crate::model::Watcher;
use crate::query::Selection;
use crate::stats::neighbours::Best;
use crate::topics::{LENGTH, similarity};

/// Selected exchange nearest to a position on the map within `radius`, ties to the lowest row; `None`
/// if there is none.
pub fn at(cache: &Cache, selection: &Selection, place: [f32; 2], radius: f32) -> Option<RowId> {
    nearest_place(cache.hot(), &selection.runs, place, radius)
}

fn nearest_place(hot: &Hot, runs: &[Range<RowId>], place: [f32; 2], radius: f32) -> Option<RowId> {
    let square = |row: RowId| {
        let there = hot.place.get(row as usize)?;
        let square = (there[0] - place[0]).powi(2) + (there[1] - place[1]).powi(2);
        (square <= radius * radius).then_some((square, row))
    };
    runs.par_iter()
        .filter_map(|run| run.clone().filter_map(square).min_by(|a, b| a.0.total_cmp(&b.0)))
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map(|(_, row)| row)
}

/// Neighbours of an exchange in topic space.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// Sampled exchange whose direction was used: the exchange itself if it is sampled, else the one of
    /// its topic nearest to it on the map (equal prompts have the same position).
    pub of: RowId,
    /// Nearest exchanges, nearest first, with their cosine similarity.
    pub found: Vec<(RowId, f32)>,
}

/// Nearest exchanges to one in topic space (not on the map), among the sampled exchanges (at most 64
/// per account) of its own topic and the two nearest topics. `None` for an exchange without a topic,
/// or if no exchange of its topic is sampled. The cosine is that of the quantised directions, exact to
/// about 0.01.
///
/// # Errors
/// There is no such row, the cache cannot be read, or the work was cancelled.
pub fn nearest(
    cache: &Cache,
    row: RowId,
    count: usize,
    watcher: &dyn Watcher,
) -> Result<Option<Nearest>, CacheError> {
    let hot = cache.hot();
    if row as usize >= hot.len() {
        return Err(CacheError::NoSuchRow { row, rows: hot.len() });
    }
    let own = hot.topic.get(row as usize).copied().unwrap_or(NO_TOPIC);
    if own == NO_TOPIC || count == 0 {
        return Ok(None);
    }
    let Some((of, direction)) = representative(cache, row, own, watcher)? else { return Ok(None) };
    let topics = next_topics(cache, own, &direction)?;
    let parts = cache
        .samples()
        .blobs(0..AccountIndex::MAX)?
        .into_par_iter()
        .map(|blob| {
            watcher.check()?;
            let mut best = Best::of(count);
            let is_other =
                |other: RowId| other != row && other != of && topics.contains(&hot.topic[other as usize]);
            for (other, there) in cache.samples().vectors(blob)?.into_iter().filter(|(row, _)| is_other(*row))
            {
                best.offer(other, similarity(&direction, &there));
            }
            Ok(best.into_sorted())
        })
        .collect::<Result<Vec<_>, CacheError>>()?;
    let mut all = Best::of(count);
    parts.into_iter().flatten().for_each(|(cosine, other)| all.offer(other, cosine));
    let found = all.into_sorted().into_iter().map(|(cosine, other)| (other, cosine)).collect();
    Ok(Some(Nearest { of, found }))
}

/// Sampled exchange that represents a row of a topic, with its direction: the row itself, else the
/// nearest on the map, ties to the lowest row.
fn representative(
    cache: &Cache,
    row: RowId,
    topic: u16,
    watcher: &dyn Watcher,
) -> Result<Option<(RowId, [i8; LENGTH])>, CacheError> {
    let hot = cache.hot();
    let account = hot.account_of(row);
    let own = cache.prompt_vectors(account..account + 1)?;
    if let Some(found) = own.into_iter().find(|(sampled, _)| *sampled == row) {
        return Ok(Some(found));
    }
    let Some(&[x, y]) = hot.place.get(row as usize) else { return Ok(None) };
    let square = |other: RowId| {
        let there = hot.place[other as usize];
        (there[0] - x).powi(2) + (there[1] - y).powi(2)
    };
    let parts = cache
        .samples()
        .blobs(0..AccountIndex::MAX)?
        .into_par_iter()
        .map(|blob| {
            watcher.check()?;
            let rows = cache.samples().rows(blob)?.into_iter();
            let of_topic = rows.filter(|&other| hot.topic.get(other as usize) == Some(&topic));
            let near = of_topic.map(|other| (square(other), other)).filter(|(square, _)| !square.is_nan());
            Ok(near.min_by(|a, b| a.0.total_cmp(&b.0)))
        })
        .collect::<Result<Vec<_>, CacheError>>()?;
    let nearest = parts.into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let Some((_, other)) = nearest else { return Ok(None) };
    let account = hot.account_of(other);
    Ok(cache.prompt_vectors(account..account + 1)?.into_iter().find(|(sampled, _)| *sampled == other))
}

/// A topic and the two others whose directions are nearest to a direction.
fn next_topics(cache: &Cache, own: u16, direction: &[i8; LENGTH]) -> Result<Vec<u16>, CacheError> {
    let mut next = Best::of(2);
    for (topic, other) in cache.topic_directions()?.iter().enumerate() {
        if topic != usize::from(own) {
            next.offer(topic as u32, similarity(direction, other));
        }
    }
    Ok([own].into_iter().chain(next.into_sorted().into_iter().map(|(_, topic)| topic as u16)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::model::Silent;
    use crate::query::topic_map::testing::hot;

    #[test]
    fn the_nearest_row_within_reach() {
        let all = [0..3, 3..6];
        assert_eq!(nearest_place(&hot(), &all, [0.12, 0.1], 0.05), Some(0));
        assert_eq!(nearest_place(&hot(), &all, [0.5, 0.5], 0.05), None);
    }

    #[test]
    fn the_exchanges_nearest_to_one_are_of_its_subject() {
        let folder = tempfile::tempdir().unwrap();
        let asked = |n: usize| {
            let (thing, part) = (["bread", "code", "river"][n % 3], n / 3);
            let prompt = format!("please tell me all you know about {thing} number {part} {thing}");
            Row { prompt: Some(prompt), ..row(["a", "b", "c"][n % 3], n as i64) }
        };
        let rows = (0..60).map(asked).collect();
        let (before, sources) = cache(folder.path(), vec![snapshot(folder.path(), &[("x.parquet", rows)])]);
        crate::topics::finish(&before, &sources, &Silent).unwrap();
        let built = Cache::open(before.path(), &Silent).unwrap();
        let near = nearest(&built, 20, 5, &Silent).unwrap().unwrap();
        assert!(near.of == 20 && near.found.len() == 5);
        assert!(near.found.iter().all(|(row, cosine)| (20..40).contains(row) && *cosine > 0.5), "{near:?}");
    }
}
