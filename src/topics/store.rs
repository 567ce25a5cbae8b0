//! Storing of the outputs in the cache: the samples first, then all tables of the topics, in one
//! transaction.

use super::fit::{Fit, SEED};
use super::labels::labels;
use super::map::knn_recall;
use super::outputs::{RowOutput, SampleOutput};
use super::pending::{Fitted, Pending};
use super::prompts::Prompts;
use super::rows::RowSet;
use super::templates::values;
use super::vector::quantise;
use crate::cache::hot::place;
use crate::cache::topic_tables::TopicTables;
use crate::cache::{Cache, CacheError, NO_TOPIC, RowId, Topic, TopicModel};
use crate::model::Watcher;

/// Outputs of all exchanges.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Outputs {
    /// Outputs by row.
    pub rows: Vec<RowOutput>,
    /// Sampled rows, ascending.
    sampled: Vec<RowId>,
    /// Outputs of the sampled rows, in their order.
    pub samples: Vec<SampleOutput>,
}

/// Gathers the outputs of all row groups: 6 bytes per row and 141 per sampled row.
///
/// # Errors
/// The outputs of a row group are absent.
pub(super) fn gather(
    prompts: &dyn Prompts,
    sampled: &RowSet,
    pending: &Pending,
    watcher: &dyn Watcher,
) -> Result<Outputs, CacheError> {
    let (sampled_rows, ranks): (Vec<RowId>, _) = (sampled.iter().collect(), sampled.ranks());
    let mut rows = vec![RowOutput::NONE; prompts.rows()];
    let mut samples = vec![SampleOutput::NONE; sampled_rows.len()];
    for group in 0..prompts.groups() {
        watcher.check()?;
        watcher.step("gathering topics", group as u64, prompts.groups() as u64, "row groups");
        let own = prompts.rows_of(group);
        let of_sample: Vec<usize> = own.iter().filter_map(|&row| sampled.rank(&ranks, row)).collect();
        let chunk = pending.chunk(group, own.len(), of_sample.len())?;
        own.iter().zip(chunk.outputs).for_each(|(&row, output)| rows[row as usize] = output);
        of_sample.iter().zip(chunk.samples).for_each(|(&at, sample)| samples[at] = sample);
    }
    Ok(Outputs { rows, sampled: sampled_rows, samples })
}

/// Tables of a case without usable prompts.
fn absent(prompts: &dyn Prompts) -> TopicTables {
    let why = if prompts.has_text() || prompts.has_vectors() {
        "no prompt has words or a usable vector, so there are no topics"
    } else {
        "no snapshot has prompt_text or prompt_embedding, so there are no topics"
    };
    TopicTables {
        model: TopicModel { absent: Some(why.to_owned()), ..TopicModel::default() },
        ..TopicTables::default()
    }
}

/// Writes a finished pass. A process killed before the last transaction leaves the cache without
/// topics.
///
/// # Errors
/// The cache cannot be written.
pub(super) fn store(
    cache: &Cache,
    prompts: &dyn Prompts,
    fitted: &Fitted,
    outputs: Outputs,
    watcher: &dyn Watcher,
) -> Result<(), CacheError> {
    let fit = fitted.fit.as_ref();
    let (mut tables, number) = match fit {
        Some(fit) => tables(fit, prompts.has_vectors(), &outputs),
        None => (absent(prompts), Vec::new()),
    };
    let Outputs { rows, sampled, samples } = outputs;
    let sampled = if fit.is_some() { sampled.as_slice() } else { &[] };
    cache.write_samples(sampled, &|at| samples[at].of(sampled[at]), watcher)?;
    drop(samples);
    tables.templates = values(cache, &fitted.templates);
    tables.prompts_not_utf8.clone_from(&fitted.not_utf8);
    let output = |row: RowId| {
        let output = &rows[row as usize];
        (number.get(output.topic as usize).copied(), output.place)
    };
    cache.write_topics(&tables, &output, watcher)
}

/// Counts, numbers and names the topics: largest first, ties by their words. Returns the tables, and
/// the number in the cache of each topic of the model, or [`NO_TOPIC`].
fn tables(fit: &Fit, by_vector: bool, outputs: &Outputs) -> (TopicTables, Vec<u16>) {
    let count = fit.topics.len();
    let mut exchanges = vec![0u64; count];
    for output in &outputs.rows {
        if let Some(size) = exchanges.get_mut(output.topic as usize) {
            *size += 1;
        }
    }
    let mut order: Vec<usize> = (0..count).filter(|&topic| exchanges[topic] > 0).collect();
    let words = |topic: usize| &fit.topics[topic].words;
    order.sort_by(|&a, &b| {
        exchanges[b].cmp(&exchanges[a]).then_with(|| words(a).cmp(words(b))).then(a.cmp(&b))
    });
    let mut number = vec![NO_TOPIC; count];
    order.iter().enumerate().for_each(|(new, &old)| number[old] = new as u16);
    let named: Vec<Vec<String>> = order.iter().map(|&old| words(old).clone()).collect();
    let topic = |(id, (label, &old)): (usize, (String, &usize))| Topic {
        id: id as u16,
        label,
        words: words(old).clone(),
        exchanges: exchanges[old],
        centre: place(fit.topics[old].centre),
        medoids: fit.topics[old].medoids.clone(),
    };
    let tables = TopicTables {
        topics: labels(&named).into_iter().zip(&order).enumerate().map(topic).collect(),
        model: TopicModel {
            path: if by_vector { "embedding" } else { "text" }.to_owned(),
            description: fit.description.clone(),
            map_recall: recall(outputs),
            absent: None,
        },
        directions: order.iter().map(|&old| quantise(fit.centroids.rows.row(old))).collect(),
        ..TopicTables::default()
    };
    (tables, number)
}

/// kNN recall of the map among the sampled exchanges.
fn recall(outputs: &Outputs) -> Option<f32> {
    let places = |at: usize| place(outputs.rows[outputs.sampled[at] as usize].place);
    knn_recall(outputs.samples.len(), |at| outputs.samples[at].vector, places, SEED)
}
