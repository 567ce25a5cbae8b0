//! Topics into the cache: all in one transaction, so that a killed pass never ran.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, FixedSizeBinaryBuilder, Float32Array, RecordBatch, UInt16Array};
use arrow::error::ArrowError;
use rayon::prelude::*;
use rusqlite::{Transaction, params};

use super::compute::Outcome;
use super::vector::LENGTH;
use crate::cache::segment::{SegmentSpan, encode};
use crate::cache::store::{SharedValue, change, replace_values};
use crate::cache::{Cache, CacheError};
use crate::model::AttributeKind;

/// The field of a topic segment with each row's direction, null for none.
pub(in crate::cache) const VECTOR: &str = "vector";
/// The key of the topic model under which the topics' directions stand, as JSON.
pub(in crate::cache) const CENTROIDS: &str = "centroids";

/// Replaces topics, topic model, topic segments and prompt templates.
///
/// # Errors
/// Where the cache cannot be written; then nothing has changed.
pub(super) fn store(path: &Path, cache: &Cache, outcome: &Outcome) -> Result<(), CacheError> {
    let segments = if outcome.topics.is_empty() { &[][..] } else { cache.segments() };
    let encoded: Vec<(i64, Vec<u8>)> = segments
        .par_iter()
        .map(|segment| Ok((segment.id, encode(&batch(segment, outcome)?)?)))
        .collect::<Result<_, ArrowError>>()
        .map_err(|source| CacheError::Segment { path: path.to_owned(), source })?;
    let templates = templates(cache, outcome);
    change(path, |transaction| {
        transaction
            .execute_batch("DELETE FROM topics; DELETE FROM topic_model; DELETE FROM topic_segments;")?;
        insert_topics(transaction, outcome)?;
        let mut insert = transaction.prepare("INSERT INTO topic_segments VALUES (?1, ?2)")?;
        for (id, data) in &encoded {
            insert.execute(params![id, data])?;
        }
        replace_values(transaction, AttributeKind::PromptTemplate, &templates)
    })
}

fn insert_topics(transaction: &Transaction<'_>, outcome: &Outcome) -> rusqlite::Result<()> {
    let json = |value: serde_json::Value| value.to_string();
    let mut insert = transaction.prepare("INSERT INTO topics VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for topic in &outcome.topics {
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
    let model = &outcome.model;
    let centroids: Vec<serde_json::Value> = outcome.centroids.iter().map(|c| c.as_slice().into()).collect();
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

/// One topic segment: topic, place and direction of each row, null for a row without.
fn batch(segment: &SegmentSpan, outcome: &Outcome) -> Result<RecordBatch, ArrowError> {
    let rows = segment.first_row as usize..(segment.first_row + segment.rows) as usize;
    let found: Vec<_> = rows.map(|row| outcome.of_row(row)).collect();
    let axis = |axis: usize| -> ArrayRef {
        let place = |x: f32| Some(x).filter(|x| !x.is_nan());
        Arc::new(
            found
                .iter()
                .map(|found| found.and_then(|found| place(found.place[axis])))
                .collect::<Float32Array>(),
        )
    };
    let topics: UInt16Array = found.iter().map(|found| found.map(|found| found.topic)).collect();
    let mut vectors = FixedSizeBinaryBuilder::with_capacity(found.len(), LENGTH as i32);
    for known in &found {
        match known {
            Some(known) => vectors.append_value(known.vector.map(i8::cast_unsigned))?,
            None => vectors.append_null(),
        }
    }
    let columns: [(&str, ArrayRef, bool); 4] = [
        ("topic", Arc::new(topics), true),
        ("x", axis(0), true),
        ("y", axis(1), true),
        (VECTOR, Arc::new(vectors.finish()), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns)
}

/// Templates as attribute values. The times are those of an account's first and last row with it.
fn templates(cache: &Cache, outcome: &Outcome) -> Vec<SharedValue> {
    let ts = &cache.hot().ts;
    let value = |(words, found): &(String, super::census::TemplateUse)| SharedValue {
        value: words.clone(),
        accounts: found
            .accounts
            .iter()
            .map(|&(account, uses, first, last)| (account, uses, ts[first as usize], ts[last as usize]))
            .collect(),
    };
    outcome.templates.iter().map(value).collect()
}
