//! Tables that the text pass fills at its end, in one transaction: topics, their model, topic and map
//! position of every exchange, prompt templates.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, UInt16Array};
use arrow_schema::ArrowError;
use rayon::prelude::*;
use rusqlite::{OptionalExtension, Transaction, params};

use super::file::CacheFile;
use super::hot::NO_GRID;
use super::samples::LENGTH;
use super::segment::{SegmentSpan, encode};
use super::store::{SharedValue, change, replace_values};
use super::{CacheError, RowId, Topic, TopicModel};
use crate::model::{AttributeKind, Digest, Watcher};

/// Key in `topic_model` of the topics' directions, as JSON.
const CENTROIDS: &str = "centroids";

/// Key in `meta` of the counts of prompts that are not UTF-8, as JSON.
pub(super) const PROMPTS_NOT_UTF8: &str = "prompts_not_utf8";

/// Tables of the topics.
#[derive(Default)]
pub(crate) struct TopicTables {
    /// The topics, by number.
    pub topics: Vec<Topic>,
    /// The description of the model.
    pub model: TopicModel,
    /// The direction of each topic.
    pub directions: Vec<[i8; LENGTH]>,
    /// Prompt templates with the accounts that use them.
    pub templates: Vec<SharedValue>,
    /// Prompts with bytes that are not UTF-8, by snapshot.
    pub prompts_not_utf8: BTreeMap<Digest, u64>,
}

/// Writes the results of a text pass. A process killed before the commit leaves the cache without
/// topics. `output` gives the topic of a row and its map position in units of 1/65,534 of the map's
/// side; it is called only if there are topics.
///
/// # Errors
/// The cache cannot be written, or the work was cancelled.
pub(super) fn write(
    path: &Path,
    spans: &[SegmentSpan],
    tables: &TopicTables,
    output: &(impl Fn(RowId) -> (Option<u16>, [u16; 2]) + Sync),
    watcher: &dyn Watcher,
) -> Result<(), CacheError> {
    let spans = if tables.model.absent.is_some() { &[] } else { spans };
    let encoded: Vec<(i64, Vec<u8>)> = spans
        .par_iter()
        .map(|span| Ok((span.id, encode(&batch(span, output)?)?)))
        .collect::<Result<_, ArrowError>>()
        .map_err(|source| CacheError::Segment { path: path.to_owned(), source })?;
    watcher.check()?;
    watcher.step("writing topics", 0, 0, "rows");
    change(path, |transaction| {
        transaction
            .execute_batch("DELETE FROM topics; DELETE FROM topic_model; DELETE FROM topic_segments;")?;
        // Signals and leads computed without topics are out of date.
        transaction.execute_batch("DELETE FROM stored_tables")?;
        insert_topics(transaction, tables)?;
        let counts = serde_json::to_string(&tables.prompts_not_utf8).unwrap_or_default();
        transaction.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", [PROMPTS_NOT_UTF8, &counts])?;
        let mut insert = transaction.prepare("INSERT INTO topic_segments VALUES (?1, ?2)")?;
        for (id, data) in &encoded {
            insert.execute(params![id, data])?;
        }
        replace_values(transaction, AttributeKind::PromptTemplate, &tables.templates)
    })
}

/// One topic segment: topic and map position of each row, null for none.
fn batch(
    span: &SegmentSpan,
    output: &impl Fn(RowId) -> (Option<u16>, [u16; 2]),
) -> Result<RecordBatch, ArrowError> {
    let rows = span.first_row..span.first_row + span.rows;
    let (topics, places): (Vec<Option<u16>>, Vec<[u16; 2]>) = rows.map(output).unzip();
    let axis = |axis: usize| -> ArrayRef {
        let along = |place: &[u16; 2]| Some(place[axis]).filter(|_| *place != NO_GRID);
        Arc::new(places.iter().map(along).collect::<UInt16Array>())
    };
    let columns: [(&str, ArrayRef, bool); 3] =
        [("topic", Arc::new(UInt16Array::from(topics)), true), ("x", axis(0), true), ("y", axis(1), true)];
    RecordBatch::try_from_iter_with_nullable(columns)
}

fn insert_topics(transaction: &Transaction<'_>, tables: &TopicTables) -> rusqlite::Result<()> {
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
    let directions: Vec<serde_json::Value> =
        tables.directions.iter().map(|direction| direction.as_slice().into()).collect();
    let entries = [
        ("absent", model.absent.clone()),
        (CENTROIDS, (!directions.is_empty()).then(|| json(directions.into()))),
        ("description", Some(model.description.clone()).filter(|text| !text.is_empty())),
        ("map_recall", model.map_recall.map(|recall| recall.to_string())),
        ("path", Some(model.path.clone()).filter(|text| !text.is_empty())),
    ];
    let mut insert = transaction.prepare("INSERT INTO topic_model VALUES (?1, ?2)")?;
    for (key, value) in entries {
        if let Some(value) = value {
            insert.execute(params![key, value])?;
        }
    }
    Ok(())
}

/// The direction of each topic.
///
/// # Errors
/// The cache cannot be read, or has topics without directions.
pub(super) fn directions(file: &CacheFile) -> Result<Vec<[i8; LENGTH]>, CacheError> {
    let text: Option<String> = file
        .connection()?
        .query_row("SELECT value FROM topic_model WHERE key = ?1", [CENTROIDS], |row| row.get(0))
        .optional()
        .map_err(file.failed())?;
    let text = text.ok_or_else(|| file.damaged("topics without directions"))?;
    let directions: Vec<Vec<i8>> = serde_json::from_str(&text).map_err(|error| file.damaged(error))?;
    directions
        .iter()
        .map(|direction| {
            direction.as_slice().try_into().map_err(|_| file.damaged("a topic's direction is cut short"))
        })
        .collect()
}

/// True if the text pass of a cache's file has ended by now, also after the cache was opened.
///
/// # Errors
/// The file cannot be read.
pub(super) fn is_finished(file: &CacheFile) -> Result<bool, CacheError> {
    let count = "SELECT COUNT(*) FROM topic_model";
    let counted = file.connection()?.query_row(count, [], |row| row.get::<_, i64>(0));
    Ok(counted.map_err(file.failed())? > 0)
}
