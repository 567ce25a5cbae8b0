//! Topic space: projection of prompts to directions, and of directions to topics and map positions.

use super::features::{TfIdf, count};
use super::prompts::Content;
use super::vocabulary::Vocabulary;
use crate::cache::NO_TOPIC;
use crate::model::{Cancelled, Watcher};
use crate::stats::kmeans::{Centroids, Metric, fit};
use crate::stats::linalg::{Matrix, dot, normalise};
use crate::stats::neighbours::Best;
use crate::stats::pca::Pca;
use crate::stats::svd::{Sparse, randomized};

/// Number of dimensions of the space of texts.
const TEXT_DIMENSIONS: usize = 100;
/// Number of dimensions of the space of embeddings.
const EMBEDDING_DIMENSIONS: usize = 64;
/// Maximum number of rounds of k-means.
const ROUNDS: usize = 25;
/// Minimum size of a topic, as a part of the mean size; smaller ones are merged into others.
const MIN_RELATIVE_SIZE: f64 = 0.15;

/// Projection of prompts to directions.
pub(super) enum Projection {
    /// TF-IDF weights and right singular vectors.
    Text(Box<TfIdf>, Matrix),
    /// Principal components of the embeddings.
    Embedding(Box<Pca>),
}

impl Projection {
    /// Fits the lexical space on texts. Returns it with the texts' directions, one per row.
    pub(super) fn of_texts(
        texts: &[&str],
        seed: u64,
        watcher: &dyn Watcher,
    ) -> Result<(Self, Matrix), Cancelled> {
        use rayon::prelude::*;
        let counts: Vec<_> = texts.par_iter().map(|text| count(text)).collect();
        let weights = TfIdf::fit(&counts);
        let matrix = weights.matrix(&counts);
        drop(counts);
        watcher.check()?;
        let sparse = Sparse::from(matrix);
        let right = randomized(&sparse, TEXT_DIMENSIONS, seed, watcher)?.right;
        let mut points = crate::stats::svd::Operator::times(&sparse, &right);
        normalise_rows(&mut points);
        Ok((Self::Text(Box::new(weights), right), points))
    }

    /// Fits the space on embeddings of one length. Returns it with their directions, one per row.
    pub(super) fn of_vectors(
        vectors: Matrix,
        seed: u64,
        watcher: &dyn Watcher,
    ) -> Result<(Self, Matrix), Cancelled> {
        let pca = Pca::fit(&vectors, EMBEDDING_DIMENSIONS, seed, watcher)?;
        let mut points = Matrix::zeros(vectors.rows, pca.components.rows);
        for at in 0..vectors.rows {
            points.row_mut(at).copy_from_slice(&pca.project(vectors.row(at)));
        }
        normalise_rows(&mut points);
        Ok((Self::Embedding(Box::new(pca)), points))
    }

    /// Direction of a prompt, of unit length; `None` if it has no feature of the fitted sample, or an
    /// embedding of another length. `vocabulary` must be used with this projection only.
    pub(super) fn project(&self, vocabulary: &mut Vocabulary, content: Content<'_>) -> Option<Vec<f32>> {
        let mut direction = match self {
            Self::Text(weights, right) => vocabulary.sum(weights, right, content.text?),
            Self::Embedding(pca) => pca.project(content.vector.filter(|v| v.len() == pca.mean.len())?),
        };
        normalise(&mut direction).then_some(direction)
    }
}

fn normalise_rows(points: &mut Matrix) {
    if points.columns > 0 {
        points.data.chunks_exact_mut(points.columns).for_each(|row| _ = normalise(row));
    }
}

/// Number of topics for a number of distinct prompts: √(distinct / 12), in 8..=160.
pub(super) fn topic_count(distinct: usize) -> usize {
    ((distinct as f64 / 12.0).sqrt() as usize).clamp(8, 160)
}

/// Centroids of the topics; those of very small ones are dropped, so that their prompts join the
/// nearest other topics.
pub(super) fn cluster(
    points: &Matrix,
    k: usize,
    seed: u64,
    watcher: &dyn Watcher,
) -> Result<Centroids, Cancelled> {
    let found = fit(points, k, Metric::Cosine, ROUNDS, seed, watcher)?;
    let mut sizes = vec![0usize; found.rows.rows];
    for at in 0..points.rows {
        sizes[found.nearest(points.row(at)).0] += 1;
    }
    let least = (points.rows as f64 / sizes.len().max(1) as f64 * MIN_RELATIVE_SIZE) as usize;
    let mut kept = Matrix { rows: 0, columns: points.columns, data: Vec::new() };
    for (at, &size) in sizes.iter().enumerate() {
        if size > 0 && size >= least {
            kept.data.extend_from_slice(found.rows.row(at));
            kept.rows += 1;
        }
    }
    Ok(Centroids::new(kept, Metric::Cosine))
}

/// Fitted points of the map, and the placement of other directions among them.
pub(super) struct Places {
    /// Directions of the fitted points.
    pub points: Matrix,
    /// Their map positions.
    pub places: Vec<[f32; 2]>,
    by_topic: Vec<OfTopic>,
}

/// The fitted points of one topic, ascending.
#[derive(Clone, Default)]
struct OfTopic {
    numbers: Vec<u32>,
    /// Their directions in one piece of memory, as they are read for every prompt.
    directions: Vec<f32>,
}

impl Places {
    /// Number of topics in which the neighbours of a direction are sought.
    const TOPICS: usize = 4;
    /// Number of neighbours that determine a position.
    const NEIGHBOURS: usize = 5;
    /// Maximum distance on the map between a neighbour and the nearest one. Farther neighbours are
    /// ignored, as the midpoint of two regions is in neither.
    const REACH: f32 = 0.05;

    pub(super) fn new(points: Matrix, places: Vec<[f32; 2]>, centroids: &Centroids) -> Self {
        let mut by_topic = vec![OfTopic::default(); centroids.rows.rows];
        for at in 0..points.rows {
            let topic = &mut by_topic[centroids.nearest(points.row(at)).0];
            topic.numbers.push(at as u32);
            topic.directions.extend_from_slice(points.row(at));
        }
        Self { points, places, by_topic }
    }

    /// Topic and map position of a direction, by its `nearness` to each centroid. The topic is the
    /// nearest, ties to the lowest number. The position is the mean of the nearest fitted points,
    /// weighted by nearness, or that of an equal fitted point; `None` without fitted points.
    pub(super) fn of(&self, direction: &[f32], nearness: &[f32]) -> (u16, Option<[f32; 2]>) {
        let mut topics = Best::of(Self::TOPICS);
        for (topic, &nearness) in nearness.iter().enumerate() {
            topics.offer(topic as u32, nearness);
        }
        let topics = topics.into_sorted();
        let topic = topics.first().map_or(NO_TOPIC, |&(_, topic)| topic as u16);
        (topic, self.place(direction, &topics))
    }

    fn place(&self, direction: &[f32], topics: &[(f32, u32)]) -> Option<[f32; 2]> {
        let mut best = Best::of(Self::NEIGHBOURS);
        for &(_, topic) in topics {
            let OfTopic { numbers, directions } = &self.by_topic[topic as usize];
            for (&at, there) in numbers.iter().zip(directions.chunks_exact(self.points.columns)) {
                best.offer(at, dot(there, direction));
            }
        }
        let near = best.into_sorted();
        let &(top, first) = near.first()?;
        let home = self.places[first as usize];
        if top > 0.9999 {
            return Some(home);
        }
        let (mut sum, mut weight) = ([0.0f32; 2], 0.0f32);
        for (cosine, at) in near {
            let place = self.places[at as usize];
            if (place[0] - home[0]).hypot(place[1] - home[1]) > Self::REACH {
                continue;
            }
            let pull = (1.0 - top) / (1.0 - cosine).max(1e-6);
            sum = [sum[0] + pull * place[0], sum[1] + pull * place[1]];
            weight += pull;
        }
        Some([sum[0] / weight, sum[1] / weight])
    }
}
