//! Model fitting: the topic space, the topics and the map, on a sample of prompts.

use super::labels::distinctive_words;
use super::map::lay_out;
use super::prompts::{Content, Prompts};
use super::space::{Places, Projection, cluster, topic_count};
use super::vocabulary::Vocabulary;
use crate::cache::hot::NO_GRID;
use crate::cache::{CacheError, RowId};
use crate::model::Watcher;
use crate::stats::kmeans::Centroids;
use crate::stats::linalg::Matrix;
use crate::stats::neighbours::Best;

/// Seed of all random numbers of the pass.
pub(super) const SEED: u64 = 0x5714_4817;
/// Number of prompts on which the space and the topics are fitted.
pub(super) const FITTED: usize = 30_000;
/// Number of these prompts that are laid out on the map.
const LAID_OUT: usize = 15_000;
/// Number of medoids per topic.
const MEDOIDS: usize = 3;

/// Content of one prompt of the sample.
#[derive(Clone, Default)]
pub(super) struct Sampled {
    /// Its first characters.
    pub text: Option<String>,
    /// Its embedding; empty for none.
    pub vector: Vec<f32>,
}

impl Sampled {
    fn content(&self) -> Content<'_> {
        let vector = Some(self.vector.as_slice()).filter(|vector| !vector.is_empty());
        Content { text: self.text.as_deref(), vector }
    }
}

/// Fitted model, which determines the outputs of a prompt.
pub(super) struct Fit {
    /// Projection of prompts to directions.
    pub projection: Projection,
    /// Centroids of the topics.
    pub centroids: Centroids,
    /// Placement of directions on the map.
    pub places: Places,
    /// Words, medoids and centre of each topic.
    pub topics: Vec<FittedTopic>,
    /// Method in words.
    pub description: String,
}

/// Words, medoids and centre of a topic, from the sample.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct FittedTopic {
    /// Its most distinctive words, most distinctive first.
    pub words: Vec<String>,
    /// Rows of the sample nearest to its centroid, nearest first.
    pub medoids: Vec<RowId>,
    /// Median map position of its prompts; [`NO_GRID`] without any.
    pub centre: [u16; 2],
}

impl Fit {
    /// Topic and map position of a direction.
    pub(super) fn topic_and_place(&self, direction: &[f32]) -> (u16, [u16; 2]) {
        let nearness: Vec<f32> = self.centroids.nearness(direction).collect();
        let (topic, place) = self.places.of(direction, &nearness);
        (topic, place.map_or(NO_GRID, |place| place.map(to_grid)))
    }
}

/// Coordinate of 0..=1 in units of 1/65,534.
fn to_grid(x: f32) -> u16 {
    (x.clamp(0.0, 1.0) * f32::from(u16::MAX - 1)).round() as u16
}

/// Fits the model on a sample, whose rows are `rows`. `None` if no prompt has words or a usable
/// vector.
pub(super) fn fit(
    prompts: &dyn Prompts,
    distinct: usize,
    rows: &[RowId],
    samples: &[Sampled],
    watcher: &dyn Watcher,
) -> Result<Option<Fit>, CacheError> {
    watcher.step("fitting the topic space", 0, 0, "prompts");
    let (projection, points) = if prompts.has_vectors() {
        let columns = samples.iter().map(|sampled| sampled.vector.len()).find(|&n| n > 0).unwrap_or(0);
        let mut vectors = Matrix { rows: 0, columns, data: Vec::new() };
        for sampled in samples.iter().filter(|sampled| sampled.vector.len() == columns && columns > 0) {
            vectors.data.extend_from_slice(&sampled.vector);
            vectors.rows += 1;
        }
        Projection::of_vectors(vectors, SEED, watcher)?
    } else {
        let texts: Vec<&str> = samples.iter().filter_map(|sampled| sampled.text.as_deref()).collect();
        Projection::of_texts(&texts, SEED, watcher)?
    };
    // Prompts without a direction have no topic and must not seed one.
    let kept: Vec<usize> = (0..points.rows).filter(|&at| points.row(at).iter().any(|&x| x != 0.0)).collect();
    if kept.is_empty() || points.columns == 0 {
        return Ok(None);
    }
    let points = rows_of(&points, &kept);
    watcher.step("finding topics", 0, 0, "prompts");
    let k = topic_count(distinct).min(points.rows.div_ceil(5));
    let centroids = cluster(&points, k, SEED, watcher)?;
    watcher.step("laying out the map", 0, 0, "rounds");
    let mut drawn: Vec<usize> = (0..points.rows).collect();
    drawn.sort_by_cached_key(|&at| crate::stats::splitmix::number(SEED, at as u64));
    drawn.truncate(LAID_OUT);
    drawn.sort_unstable();
    let fitted = rows_of(&points, &drawn);
    let places = lay_out(&fitted, SEED, watcher)?;
    watcher.step("naming topics", 0, 0, "topics");
    watcher.check()?;
    let description = describe_space(&projection, points.rows, centroids.rows.rows, fitted.rows);
    let places = Places::new(fitted, places, &centroids);
    let mut fit = Fit { projection, centroids, places, topics: Vec::new(), description };
    fit.topics = describe_topics(&fit, rows, samples);
    Ok(Some(fit))
}

fn describe_space(projection: &Projection, sample: usize, topics: usize, laid_out: usize) -> String {
    let space = match projection {
        Projection::Text(weights, right) => format!(
            "lexical: hashed words and character 3–5-grams ({} kept), TF-IDF, randomized SVD to {} dimensions; \
             measures spelling, not meaning",
            weights.columns(),
            right.columns
        ),
        Projection::Embedding(pca) => {
            format!("embeddings of {} dimensions, PCA to {}", pca.mean.len(), pca.components.rows)
        }
    };
    format!(
        "{space}; spherical k-means into {topics} topics on {sample} prompts, as many from each account; \
         map: UMAP layout of {laid_out} prompts, all others placed by their 5 nearest neighbours"
    )
}

fn rows_of(points: &Matrix, rows: &[usize]) -> Matrix {
    let data = rows.iter().flat_map(|&at| points.row(at)).copied().collect();
    Matrix { rows: rows.len(), columns: points.columns, data }
}

/// Words, medoids and centre of each topic, from the sample.
fn describe_topics(fit: &Fit, rows: &[RowId], samples: &[Sampled]) -> Vec<FittedTopic> {
    use rayon::prelude::*;
    let count = fit.centroids.rows.rows;
    let found: Vec<Option<(usize, f32, [u16; 2])>> = samples
        .par_iter()
        .map_init(Vocabulary::default, |vocabulary, sampled| {
            let direction = fit.projection.project(vocabulary, sampled.content())?;
            let (topic, place) = fit.topic_and_place(&direction);
            let cosine = fit.centroids.nearness(&direction).nth(topic.into())?;
            Some((topic.into(), cosine, place))
        })
        .collect();
    let texts = found.iter().zip(samples);
    let texts = texts.filter_map(|(found, sampled)| Some((found.as_ref()?.0, sampled.text.as_deref()?)));
    let words = distinctive_words(texts, count);
    let mut medoids = vec![Best::of(MEDOIDS); count];
    let mut places: Vec<[Vec<u16>; 2]> = vec![[Vec::new(), Vec::new()]; count];
    for (&row, found) in rows.iter().zip(&found) {
        let Some((topic, cosine, place)) = *found else { continue };
        medoids[topic].offer(row, cosine);
        if place != NO_GRID {
            places[topic].iter_mut().zip(place).for_each(|(along, x)| along.push(x));
        }
    }
    words
        .into_iter()
        .zip(medoids)
        .zip(places)
        .map(|((words, medoids), mut places)| FittedTopic {
            words,
            medoids: medoids.into_sorted().into_iter().map(|(_, row)| row).collect(),
            centre: [0, 1].map(|axis| median(&mut places[axis])),
        })
        .collect()
}

/// Upper median, so that a topic in two parts is labelled on one of them; `u16::MAX` for none.
fn median(values: &mut [u16]) -> u16 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(u16::MAX)
}
