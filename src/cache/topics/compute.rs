//! From prompts to topics, a map and templates: three passes over the prompts, all else in memory.
//!
//! 1. [`census`]: which prompts are the same; how they begin.
//! 2. The text or vectors of a stratified sample; on them the space, the topics and the map are
//!    fitted.
//! 3. Every distinct prompt once: its direction, topic and place.

use super::census::{self, Census, NO_PROMPT, TemplateUse};
use super::labels::{labels, telling_words};
use super::map::{knn_recall, lay_out};
use super::prompts::{Prompts, collect};
use super::space::{Places, Projection, cluster, topic_count};
use super::template::template;
use super::vector::{LENGTH, quantise};
use super::words::LOOKED_AT;
use crate::cache::{CacheError, NO_TOPIC, RowId, Topic, TopicModel};
use crate::model::Watcher;
use crate::stats::kmeans::Centroids;
use crate::stats::linalg::Matrix;
use crate::stats::neighbours::Best;

/// Everything random follows from it.
const SEED: u64 = 0x5714_4817;
/// Prompts on which the space and the topics are fitted.
const FITTED: usize = 30_000;
/// Prompts of those that are laid out.
const LAID_OUT: usize = 15_000;
/// Medoids a topic.
const MEDOIDS: usize = 3;

/// Templates by their words.
pub(super) type Templates = Vec<(String, TemplateUse)>;

/// What the passes give.
#[derive(Default)]
pub(super) struct Outcome {
    pub topics: Vec<Topic>,
    pub model: TopicModel,
    /// The direction of each topic.
    pub centroids: Vec<[i8; LENGTH]>,
    /// The distinct prompt of each row, or [`NO_PROMPT`].
    pub prompt: Vec<u32>,
    /// Topic, place and direction of each distinct prompt.
    pub found: Vec<Found>,
    /// Templates that recur.
    pub templates: Templates,
}

/// What is known of one distinct prompt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub topic: u16,
    pub place: [f32; 2],
    pub vector: [i8; LENGTH],
    /// The cosine to the topic's centroid.
    cosine: f32,
}

const NOTHING: Found = Found { topic: NO_TOPIC, place: [f32::NAN; 2], vector: [0; LENGTH], cosine: 0.0 };

impl Outcome {
    /// What is known of a row's prompt; `None` for a row without a prompt or a topic.
    pub(super) fn of_row(&self, row: usize) -> Option<&Found> {
        let prompt = self.prompt.get(row).filter(|&&prompt| prompt != NO_PROMPT)?;
        self.found.get(*prompt as usize).filter(|found| found.topic != NO_TOPIC)
    }
}

/// Computes everything. `offsets` says where each account's rows begin.
pub(super) fn compute(
    prompts: &dyn Prompts,
    offsets: &[RowId],
    watcher: &dyn Watcher,
) -> Result<Outcome, CacheError> {
    if !prompts.has_text() && !prompts.has_vectors() {
        return Ok(absent(
            "no snapshot has prompt_text or prompt_embedding, so there is nothing to make topics of",
        ));
    }
    let mut census = census::take(prompts, offsets, watcher)?;
    let sample = census::sample(&census, offsets, FITTED, SEED);
    let (samples, templates) = closely(prompts, &mut census, &sample, watcher)?;
    let fit = fit(prompts, &census, &samples, watcher)?;
    let Some(fit) = fit else {
        let why = "no prompt has words or a usable vector, so there is nothing to make topics of";
        return Ok(Outcome { templates, ..absent(why) });
    };
    let mut found = assign(prompts, &census, &fit, watcher)?;
    watcher.step("naming topics", 0, 0, "topics");
    let topics = describe(&census, &samples, &sample, &mut found, &fit.centroids);
    let vectors: Vec<[i8; LENGTH]> = found.iter().map(|found| found.vector).collect();
    let places: Vec<[f32; 2]> = found.iter().map(|found| found.place).collect();
    let (topics, order) = topics;
    let model = TopicModel {
        path: if prompts.has_vectors() { "embedding" } else { "text" }.to_owned(),
        description: fit.description,
        map_recall: knn_recall(&vectors, &places, SEED),
        absent: None,
    };
    let centroids = order.iter().map(|&old| quantise(fit.centroids.rows.row(old))).collect();
    Ok(Outcome { topics, model, centroids, prompt: census.prompt, found, templates })
}

fn absent(why: &str) -> Outcome {
    Outcome {
        model: TopicModel { absent: Some(why.to_owned()), ..TopicModel::default() },
        ..Outcome::default()
    }
}

/// What one prompt of the sample says.
#[derive(Clone, Default)]
struct Sampled {
    text: Option<String>,
    vector: Vec<f32>,
}

/// The second pass: contents of the sample, and the words of the templates.
fn closely(
    prompts: &dyn Prompts,
    census: &mut Census,
    sample: &[u32],
    watcher: &dyn Watcher,
) -> Result<(Vec<Sampled>, Templates), CacheError> {
    // Rows ascend with the numbers of their prompts.
    let wanted: Vec<RowId> = sample.iter().map(|&prompt| census.first[prompt as usize]).collect();
    let mut template_rows: Vec<(RowId, TemplateUse)> =
        std::mem::take(&mut census.templates).into_values().map(|found| (found.row, found)).collect();
    template_rows.sort_by_key(|&(row, _)| row);
    let by_vector = prompts.has_vectors();
    let mut samples = vec![Sampled::default(); wanted.len()];
    let mut words = vec![String::new(); template_rows.len()];
    collect(
        prompts,
        "reading a sample",
        watcher,
        |row, content| {
            let sampled = wanted.binary_search(&row).ok().map(|at| {
                let text = content.text.map(|text| text.chars().take(LOOKED_AT).collect());
                let vector = content.vector.filter(|_| by_vector).map(<[f32]>::to_vec).unwrap_or_default();
                (at, Sampled { text, vector })
            });
            let begins = template_rows.binary_search_by_key(&row, |&(row, _)| row).ok();
            let begins = begins.and_then(|at| Some((at, content.text.and_then(template)?)));
            (sampled.is_some() || begins.is_some()).then_some((sampled, begins))
        },
        |_, (sampled, begins)| {
            if let Some((at, sampled)) = sampled {
                samples[at] = sampled;
            }
            if let Some((at, begins)) = begins {
                words[at] = begins;
            }
        },
    )?;
    let mut templates: Vec<_> =
        words.into_iter().zip(template_rows.into_iter().map(|(_, found)| found)).collect();
    templates.retain(|(words, _)| !words.is_empty());
    templates.sort_by(|a, b| a.0.cmp(&b.0));
    Ok((samples, templates))
}

/// The fitted model.
struct Fit {
    projection: Projection,
    centroids: Centroids,
    places: Places,
    description: String,
}

fn fit(
    prompts: &dyn Prompts,
    census: &Census,
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
    // What has no direction belongs to no topic, and must not seed one.
    let kept: Vec<usize> = (0..points.rows).filter(|&at| points.row(at).iter().any(|&x| x != 0.0)).collect();
    if kept.is_empty() || points.columns == 0 {
        return Ok(None);
    }
    let points = rows_of(&points, &kept);
    watcher.step("finding topics", 0, 0, "prompts");
    let k = topic_count(census.first.len()).min(points.rows.div_ceil(5));
    let centroids = cluster(&points, k, SEED, watcher)?;
    watcher.step("laying out the map", 0, 0, "rounds");
    let mut drawn: Vec<usize> = (0..points.rows).collect();
    drawn.sort_by_cached_key(|&at| crate::stats::splitmix::number(SEED, at as u64));
    drawn.truncate(LAID_OUT);
    drawn.sort_unstable();
    let fitted = rows_of(&points, &drawn);
    let places = lay_out(&fitted, SEED, watcher)?;
    let description = describe_space(&projection, points.rows, centroids.rows.rows, fitted.rows);
    let places = Places::new(fitted, places, &centroids);
    Ok(Some(Fit { projection, centroids, places, description }))
}

fn describe_space(projection: &Projection, sample: usize, topics: usize, laid_out: usize) -> String {
    let space = match projection {
        Projection::Text(weights, right) => format!(
            "lexical: hashed words and character 3–5-grams ({} kept), TF-IDF, randomized SVD to {} dimensions; \
             knows spelling, not meaning",
            weights.columns(),
            right.columns
        ),
        Projection::Embedding(pca) => {
            format!("embeddings of {} dimensions, PCA to {}", pca.mean.len(), pca.components.rows)
        }
    };
    format!(
        "{space}; spherical k-means into {topics} topics on {sample} prompts, as many from each account; \
         {laid_out} of them laid out as UMAP does, all others placed by their 5 nearest"
    )
}

fn rows_of(points: &Matrix, rows: &[usize]) -> Matrix {
    let data = rows.iter().flat_map(|&at| points.row(at)).copied().collect();
    Matrix { rows: rows.len(), columns: points.columns, data }
}

/// The third pass: every distinct prompt.
fn assign(
    prompts: &dyn Prompts,
    census: &Census,
    fit: &Fit,
    watcher: &dyn Watcher,
) -> Result<Vec<Found>, CacheError> {
    let mut found = vec![NOTHING; census.first.len()];
    collect(
        prompts,
        "assigning topics",
        watcher,
        |row, content| {
            let prompt = census.prompt[row as usize];
            if prompt == NO_PROMPT || census.first[prompt as usize] != row {
                return None;
            }
            let direction = fit.projection.project(content)?;
            let (topic, cosine) = fit.centroids.nearest(&direction);
            let place = fit.places.of(&direction, &fit.centroids).unwrap_or([f32::NAN; 2]);
            Some((prompt, Found { topic: topic as u16, place, vector: quantise(&direction), cosine }))
        },
        |_, (prompt, known)| found[prompt as usize] = known,
    )?;
    Ok(found)
}

/// Names, counts and numbers the topics; `found` gets the new numbers. Gives the topics, largest
/// first (by label on a tie), and the old number of each.
fn describe(
    census: &Census,
    samples: &[Sampled],
    sample: &[u32],
    found: &mut [Found],
    centroids: &Centroids,
) -> (Vec<Topic>, Vec<usize>) {
    let count = centroids.rows.rows;
    let mut exchanges = vec![0u64; count];
    for &prompt in census.prompt.iter().filter(|&&prompt| prompt != NO_PROMPT) {
        if let Some(size) = exchanges.get_mut(found[prompt as usize].topic as usize) {
            *size += 1;
        }
    }
    let texts = sample.iter().zip(samples).filter_map(|(&prompt, sampled)| {
        let topic = found[prompt as usize].topic;
        Some((topic as usize, sampled.text.as_deref()?)).filter(|_| topic != NO_TOPIC)
    });
    let words = telling_words(texts, count);
    let mut order: Vec<usize> = (0..count).filter(|&topic| exchanges[topic] > 0).collect();
    order.sort_by(|&a, &b| {
        exchanges[b].cmp(&exchanges[a]).then_with(|| words[a].cmp(&words[b])).then(a.cmp(&b))
    });
    let mut number = vec![NO_TOPIC; count];
    order.iter().enumerate().for_each(|(new, &old)| number[old] = new as u16);
    let mut medoids = vec![Best::of(MEDOIDS); order.len()];
    let mut places: Vec<[Vec<f32>; 2]> = vec![[Vec::new(), Vec::new()]; order.len()];
    for (prompt, known) in found.iter_mut().enumerate().filter(|(_, known)| known.topic != NO_TOPIC) {
        known.topic = number[known.topic as usize];
        let at = known.topic as usize;
        medoids[at].offer(prompt as u32, known.cosine);
        places[at].iter_mut().zip(known.place).for_each(|(along, x)| along.push(x));
    }
    let words: Vec<Vec<String>> = order.iter().map(|&old| words[old].clone()).collect();
    let topics = labels(&words)
        .into_iter()
        .zip(words)
        .zip(medoids.into_iter().zip(&mut places))
        .enumerate()
        .map(|(id, ((label, words), (medoids, places)))| Topic {
            id: id as u16,
            label,
            words,
            exchanges: exchanges[order[id]],
            centre: [median(&mut places[0]), median(&mut places[1])],
            medoids: medoids
                .into_sorted()
                .into_iter()
                .map(|(_, prompt)| census.first[prompt as usize])
                .collect(),
        })
        .collect();
    (topics, order)
}

/// The middle value: a topic in two pieces is labelled on one of them. `NaN` for none.
fn median(values: &mut [f32]) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f32::NAN)
}

#[cfg(test)]
mod tests {
    use super::super::prompts::memory::InMemory;
    use super::*;
    use crate::model::Silent;

    /// 3 × 80 prompts in three languages: each its own grammar of eight things and ten matters.
    fn corpus() -> InMemory {
        let grammar = [
            (
                "please explain how the {} works with {} in a few steps",
                "engine bridge garden compiler teacher market river library",
                "heat steel water memory children prices boats books paper light",
            ),
            (
                "könntest du mir erklären wie {} zusammen mit {} funktioniert",
                "maschine brücke garten übersetzer lehrer markt fluss bücherei",
                "wärme stahl wasser speicher kindern preisen booten büchern papier licht",
            ),
            (
                "请告诉我{}和{}之间的关系是什么",
                "机器 桥梁 花园 编译器 老师 市场 河流 图书馆",
                "热量 钢铁 水流 内存 孩子 价格 船只 书籍 纸张 光线",
            ),
        ];
        let mut texts = Vec::new();
        for (sentence, things, matters) in grammar {
            for thing in things.split(' ') {
                for matter in matters.split(' ') {
                    texts.push(sentence.replacen("{}", thing, 1).replacen("{}", matter, 1));
                }
            }
        }
        texts.push(texts[0].clone());
        texts.push("  ".to_owned());
        InMemory { texts, vectors: Vec::new() }
    }

    const OFFSETS: [RowId; 6] = [0, 50, 100, 150, 200, 242];

    #[test]
    fn three_languages_fall_apart() {
        let out = compute(&corpus(), &OFFSETS, &Silent).unwrap();
        let language: Vec<Option<usize>> = out
            .topics
            .iter()
            .map(|topic| {
                let of: std::collections::BTreeSet<usize> = (0..240)
                    .filter(|&row| out.of_row(row).is_some_and(|found| found.topic == topic.id))
                    .map(|row| row / 80)
                    .collect();
                (of.len() == 1).then(|| of.into_iter().next().unwrap())
            })
            .collect();
        assert!(language.iter().all(Option::is_some), "{language:?}");
        assert_eq!(out.topics.iter().map(|topic| topic.exchanges).sum::<u64>(), 241);
        assert!(out.topics.windows(2).all(|pair| pair[0].exchanges >= pair[1].exchanges));
        // The same prompt has the same of everything; white space has nothing.
        assert_eq!(out.of_row(0), out.of_row(240));
        assert_eq!(out.of_row(241), None);
        assert!(out.topics.iter().all(|topic| topic.medoids.len() == 3 && !topic.label.is_empty()));
        assert!(out.model.map_recall.unwrap() > 0.2, "{:?}", out.model);
        // “please explain how the … works with … in” differs in its eight first words.
        assert!(
            out.templates
                .iter()
                .all(|(words, _)| words.starts_with("please explain") || words.starts_with("könntest"))
        );
    }

    #[test]
    fn one_thread_and_two_give_the_same() {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| compute(&corpus(), &OFFSETS, &Silent).unwrap())
        };
        let (one, two) = (on(1), on(2));
        assert_eq!((one.topics, one.model, one.found), (two.topics, two.model, two.found));
    }

    #[test]
    fn embeddings_make_topics_even_without_text() {
        let corner = |at: usize, j: usize| f32::from(u8::from(j == at / 50));
        let noise =
            |at: usize, j: usize| crate::stats::splitmix::normal(1, (at * 8 + j) as u64) as f32 * 0.05;
        let vectors = (0..200).map(|at| (0..8).map(|j| corner(at, j) + noise(at, j)).collect()).collect();
        let out = compute(&InMemory { texts: vec![], vectors }, &[0, 100, 200], &Silent).unwrap();
        assert_eq!(out.model.path, "embedding");
        for at in 0..4 {
            let topics: Vec<u16> =
                (at * 50..at * 50 + 50).map(|row| out.of_row(row).unwrap().topic).collect();
            let others = (0..200).filter(|row| row / 50 != at).map(|row| out.of_row(row).unwrap().topic);
            assert!(others.into_iter().all(|topic| !topics.contains(&topic)));
        }
    }

    #[test]
    fn without_columns_or_words_it_says_why() {
        for texts in [vec![], vec![" ".to_owned()]] {
            let rows = texts.len() as RowId;
            let out = compute(&InMemory { texts, vectors: vec![] }, &[0, rows], &Silent).unwrap();
            assert!(out.topics.is_empty() && out.model.absent.is_some());
        }
    }
}
