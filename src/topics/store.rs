//! Outputs into the cache: the sample first, then all that makes a cache one with topics, in one
//! transaction.

use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeBinaryBuilder, RecordBatch, UInt8Array, UInt16Array, UInt32Array};
use arrow::error::ArrowError;
use rayon::prelude::*;
use rusqlite::{Transaction, params};

use super::fit::{Fit, SEED};
use super::labels::labels;
use super::map::knn_recall;
use super::outputs::{RowOutput, SampleOutput};
use super::pending::{Fitted, Pending};
use super::prompts::Prompts;
use super::rows::RowSet;
use super::space::NO_PLACE;
use super::templates::values;
use super::vector::quantise;
use crate::cache::samples::{CLASSES, CONTENT, LENGTH, OPENING, ROW, SIGNATURE, VECTOR};
use crate::cache::segment::{SegmentSpan, encode, place};
use crate::cache::store::{change, replace_values};
use crate::cache::{Cache, CacheError, NO_TOPIC, RowId, Topic, TopicModel};
use crate::model::{AttributeKind, Watcher};
use crate::stats::minhash::HASHES;

/// The key of the topic model under which the topics' directions stand, as JSON.
pub(crate) const CENTROIDS: &str = "centroids";
/// Sampled exchanges of one blob, about: 560 KB.
const BLOB: usize = 4_096;
/// Blobs written in one transaction: readers wait for as long as it takes.
const BLOBS: usize = 64;

/// All outputs, by row.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Outputs {
    /// Of every row.
    pub rows: Vec<RowOutput>,
    /// The sampled rows, ascending.
    sampled: Vec<RowId>,
    /// What is kept of them.
    pub samples: Vec<SampleOutput>,
}

/// Gathers the outputs of all row groups. 6 bytes a row and 141 a sampled one.
///
/// # Errors
/// Where a row group's outputs are not there.
pub(super) fn gather(
    prompts: &dyn Prompts,
    sampled: &RowSet,
    pending: &Pending,
    watcher: &dyn Watcher,
) -> Result<Outputs, CacheError> {
    let (sampled_rows, ranks): (Vec<RowId>, _) = (sampled.iter().collect(), sampled.ranks());
    let mut rows = vec![RowOutput::NOTHING; prompts.rows()];
    let mut samples = vec![SampleOutput::NOTHING; sampled_rows.len()];
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

/// What the tables of the topics say.
#[derive(Default)]
struct Tables {
    topics: Vec<Topic>,
    model: TopicModel,
    /// The direction of each topic.
    centroids: Vec<[i8; LENGTH]>,
    /// The number that each of the model's topics has in the cache, or [`NO_TOPIC`].
    number: Vec<u16>,
}

impl Tables {
    /// There is nothing to make topics of.
    fn absent(prompts: &dyn Prompts) -> Self {
        let why = if prompts.has_text() || prompts.has_vectors() {
            "no prompt has words or a usable vector, so there is nothing to make topics of"
        } else {
            "no snapshot has prompt_text or prompt_embedding, so there is nothing to make topics of"
        };
        Self {
            model: TopicModel { absent: Some(why.to_owned()), ..TopicModel::default() },
            ..Self::default()
        }
    }
}

/// Writes a finished pass. The last transaction makes the cache one with topics; killed before
/// it, the cache is as it was.
///
/// # Errors
/// Where the cache cannot be written.
pub(super) fn store(
    cache: &Cache,
    prompts: &dyn Prompts,
    fitted: &Fitted,
    outputs: Outputs,
    watcher: &dyn Watcher,
) -> Result<(), CacheError> {
    let fit = fitted.fit.as_ref();
    let tables = match fit {
        Some(fit) => tables(fit, prompts.has_vectors(), &outputs),
        None => Tables::absent(prompts),
    };
    let Outputs { rows, sampled, samples } = outputs;
    write_samples(cache, if fit.is_some() { (&sampled, &samples) } else { (&[], &[]) }, watcher)?;
    drop((sampled, samples));
    let path = cache.path();
    let spans = if fit.is_some() { cache.segments() } else { &[] };
    let encoded: Vec<(i64, Vec<u8>)> = spans
        .par_iter()
        .map(|span| Ok((span.id, encode(&batch(span, &rows, &tables.number)?)?)))
        .collect::<Result<_, ArrowError>>()
        .map_err(|source| CacheError::Segment { path: path.to_owned(), source })?;
    let templates = values(cache, &fitted.templates);
    watcher.check()?;
    watcher.step("writing topics", 0, 0, "rows");
    change(path, |transaction| {
        transaction
            .execute_batch("DELETE FROM topics; DELETE FROM topic_model; DELETE FROM topic_segments;")?;
        // What was computed above without topics is not what would be computed now.
        transaction.execute_batch("DELETE FROM stored_tables")?;
        insert_topics(transaction, &tables)?;
        let mut insert = transaction.prepare("INSERT INTO topic_segments VALUES (?1, ?2)")?;
        for (id, data) in &encoded {
            insert.execute(params![id, data])?;
        }
        replace_values(transaction, AttributeKind::PromptTemplate, &templates)
    })
}

/// Counts, numbers and names the topics: largest first, by their words on a tie.
fn tables(fit: &Fit, by_vector: bool, outputs: &Outputs) -> Tables {
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
    Tables {
        topics: labels(&named).into_iter().zip(&order).enumerate().map(topic).collect(),
        model: TopicModel {
            path: if by_vector { "embedding" } else { "text" }.to_owned(),
            description: fit.description.clone(),
            map_recall: recall(outputs),
            absent: None,
        },
        centroids: order.iter().map(|&old| quantise(fit.centroids.rows.row(old))).collect(),
        number,
    }
}

/// The map's recall among the sampled exchanges.
fn recall(outputs: &Outputs) -> Option<f32> {
    let places = |at: usize| place(outputs.rows[outputs.sampled[at] as usize].place);
    knn_recall(outputs.samples.len(), |at| outputs.samples[at].vector, places, SEED)
}

fn insert_topics(transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()> {
    let json = |value: serde_json::Value| value.to_string();
    let mut insert = transaction.prepare("INSERT INTO topics VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for topic in &tables.topics {
        let centre = topic.centre.map(|x| (!x.is_nan()).then_some(f64::from(x)));
        let (words, medoids) = (json(topic.words.clone().into()), json(topic.medoids.clone().into()));
        insert.execute(params![
            topic.id,
            topic.label,
            words,
            topic.exchanges as i64,
            centre[0],
            centre[1],
            medoids
        ])?;
    }
    let model = &tables.model;
    let centroids: Vec<serde_json::Value> = tables.centroids.iter().map(|c| c.as_slice().into()).collect();
    let told = [
        ("absent", model.absent.clone()),
        (CENTROIDS, (!centroids.is_empty()).then(|| json(centroids.into()))),
        ("description", Some(model.description.clone()).filter(|text| !text.is_empty())),
        ("map_recall", model.map_recall.map(|recall| recall.to_string())),
        ("path", Some(model.path.clone()).filter(|text| !text.is_empty())),
    ];
    let mut insert = transaction.prepare("INSERT INTO topic_model VALUES (?1, ?2)")?;
    for (key, value) in told {
        if let Some(value) = value {
            insert.execute(params![key, value])?;
        }
    }
    Ok(())
}

/// One topic segment: topic and place of each row, null for a row without.
fn batch(span: &SegmentSpan, rows: &[RowOutput], number: &[u16]) -> Result<RecordBatch, ArrowError> {
    let rows = &rows[span.first_row as usize..(span.first_row + span.rows) as usize];
    let topic = |output: &RowOutput| number.get(output.topic as usize).copied();
    let axis = |axis: usize| -> ArrayRef {
        let along = |output: &RowOutput| Some(output.place[axis]).filter(|_| output.place != NO_PLACE);
        Arc::new(rows.iter().map(along).collect::<UInt16Array>())
    };
    let topics: UInt16Array = rows.iter().map(topic).collect();
    let columns: [(&str, ArrayRef, bool); 3] =
        [("topic", Arc::new(topics), true), ("x", axis(0), true), ("y", axis(1), true)];
    RecordBatch::try_from_iter_with_nullable(columns)
}

/// Writes the sample in blobs of whole accounts. Means nothing before the last transaction.
fn write_samples(
    cache: &Cache,
    (rows, samples): (&[RowId], &[SampleOutput]),
    watcher: &dyn Watcher,
) -> Result<(), CacheError> {
    let (path, hot) = (cache.path(), cache.hot());
    let mut blobs: Vec<std::ops::Range<usize>> = Vec::new();
    let mut start = 0;
    while start < rows.len() {
        let full = (start + BLOB).min(rows.len()) - 1;
        // Up to the end of the account at which the blob is full.
        let end = hot.offsets[hot.account_of(rows[full]) as usize + 1];
        let next = start + rows[start..].partition_point(|&row| row < end);
        blobs.push(start..next);
        start = next;
    }
    change(path, |transaction| transaction.execute_batch("DELETE FROM prompt_samples"))?;
    for (done, wave) in blobs.chunks(BLOBS).enumerate() {
        watcher.check()?;
        watcher.step("writing the sample", (done * BLOBS) as u64, blobs.len() as u64, "blobs");
        let encoded: Vec<Vec<u8>> = wave
            .par_iter()
            .map(|range| encode(&sample_batch(&rows[range.clone()], &samples[range.clone()])?))
            .collect::<Result<_, ArrowError>>()
            .map_err(|source| CacheError::Segment { path: path.to_owned(), source })?;
        change(path, |transaction| {
            let mut insert = transaction.prepare("INSERT INTO prompt_samples VALUES (?1, ?2, ?3, ?4)")?;
            for (range, data) in wave.iter().zip(&encoded) {
                let accounts = [range.start, range.end - 1].map(|at| hot.account_of(rows[at]));
                insert.execute(params![accounts[0], accounts[1], range.len() as i64, data])?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// One blob of the sample: the row of each exchange, and a column an output.
fn sample_batch(rows: &[RowId], samples: &[SampleOutput]) -> Result<RecordBatch, ArrowError> {
    let mut vectors = FixedSizeBinaryBuilder::with_capacity(samples.len(), LENGTH as i32);
    for sample in samples {
        if sample.vector == [0; LENGTH] {
            vectors.append_null();
        } else {
            vectors.append_value(sample.vector.map(i8::cast_unsigned))?;
        }
    }
    let mut signatures = FixedSizeBinaryBuilder::with_capacity(samples.len(), (HASHES / 2) as i32);
    samples.iter().try_for_each(|sample| signatures.append_value(sample.signature.0))?;
    let number = |of: fn(&SampleOutput) -> u32| -> ArrayRef {
        Arc::new(samples.iter().map(|sample| Some(of(sample))).collect::<UInt32Array>())
    };
    let classes: UInt8Array = samples.iter().map(|sample| Some(sample.classes)).collect();
    let columns: [(&str, ArrayRef, bool); 6] = [
        (ROW, Arc::new(UInt32Array::from(rows.to_vec())), false),
        (VECTOR, Arc::new(vectors.finish()), true),
        (SIGNATURE, Arc::new(signatures.finish()), false),
        (CONTENT, number(|sample| sample.content), false),
        (OPENING, number(|sample| sample.opening), false),
        (CLASSES, Arc::new(classes), false),
    ];
    RecordBatch::try_from_iter_with_nullable(columns)
}
