//! Rows to Parquet: one file a day, one row group per 65,536 rows, sorted by time.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, FixedSizeListArray, Float32Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow_schema::ArrowError;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::SyntheticError;
use super::rhythm::Event;
use super::rows::{Author, Row};
use crate::model::Watcher;

/// Rows of one row group.
const ROW_GROUP: usize = 65_536;
/// Rows that are in memory as such at a time.
const BATCH: usize = 8_192;

/// Columns whose values hardly repeat: no dictionary.
const UNIQUE: [&str; 4] = ["request_id", "prompt_text", "response_text", "prompt_hash"];

/// Writes one day's events, sorted, and adds up each account's extraction in `extraction`.
///
/// # Errors
/// The file cannot be written, or the work was cancelled.
pub fn day(
    author: &Author<'_>,
    day: u32,
    stamp: &str,
    events: &[Event],
    path: &Path,
    extraction: &mut [u32],
    watcher: &dyn Watcher,
) -> Result<(), SyntheticError> {
    let file = File::create(path).map_err(SyntheticError::write(path))?;
    let schema = schema(author.plan.embeddings);
    let mut writer = properties()
        .and_then(|properties| ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)))
        .map_err(SyntheticError::write(path))?;
    for (chunk, events) in events.chunks(BATCH).enumerate() {
        watcher.check()?;
        let rows: Vec<Row<'_>> = events.iter().map(|event| author.row(day, *event)).collect();
        for row in rows.iter().filter(|row| row.extraction) {
            extraction[row.account.number as usize] += 1;
        }
        let batch = batch(&schema, &rows, stamp, chunk * BATCH, author.plan.embeddings);
        writer.write(&batch.map_err(SyntheticError::write(path))?).map_err(SyntheticError::write(path))?;
    }
    writer.close().map_err(SyntheticError::write(path))?;
    Ok(())
}

fn properties() -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_created_by("stillhunt generate".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_column_dictionary_enabled(ColumnPath::from("ts"), false)
        .set_column_encoding(ColumnPath::from("ts"), Encoding::DELTA_BINARY_PACKED)
        .set_column_encoding(ColumnPath::from("request_id"), Encoding::DELTA_BYTE_ARRAY);
    for column in UNIQUE {
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(column), false)
            .set_column_statistics_enabled(ColumnPath::from(column), EnabledStatistics::None);
    }
    Ok(properties.build())
}

const TEXT: DataType = DataType::Utf8;

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn schema(dimensions: u32) -> Arc<Schema> {
    let mut fields: Vec<Field> = [
        ("ts", instant()),
        ("account_id", TEXT),
        ("request_id", TEXT),
        ("api_key_id", TEXT),
        ("org_id", TEXT),
        ("end_user_id", TEXT),
        ("ip", TEXT),
        ("asn", DataType::Int64),
        ("country", TEXT),
        ("user_agent", TEXT),
        ("tls_fingerprint", TEXT),
        ("payment_fingerprint", TEXT),
        ("account_created_at", instant()),
        ("verified_at", instant()),
        ("email_domain", TEXT),
        ("stated_use_case", TEXT),
        ("access_tier", TEXT),
        ("model", TEXT),
        ("prompt_text", TEXT),
        ("prompt_hash", TEXT),
        ("response_text", TEXT),
        ("input_tokens", DataType::Int32),
        ("output_tokens", DataType::Int32),
        ("mean_token_entropy", DataType::Float32),
        ("latency_ms", DataType::Int64),
        ("stop_reason", TEXT),
        ("is_stream", DataType::Boolean),
        ("logprobs_requested", DataType::Boolean),
        ("watermark_score", DataType::Float32),
        ("conversation_id", TEXT),
    ]
    .into_iter()
    .map(|(name, kind)| Field::new(name, kind, true))
    .collect();
    if dimensions > 0 {
        fields.push(Field::new("prompt_embedding", list(dimensions), true));
    }
    Arc::new(Schema::new(fields))
}

fn item() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Float32, false))
}

fn list(dimensions: u32) -> DataType {
    DataType::FixedSizeList(item(), dimensions as i32)
}

fn batch(
    schema: &Arc<Schema>,
    rows: &[Row<'_>],
    stamp: &str,
    first: usize,
    dimensions: u32,
) -> Result<RecordBatch, ArrowError> {
    fn text<'a>(rows: &'a [Row<'_>], of: impl Fn(&'a Row<'_>) -> Option<&'a str>) -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    }
    fn time(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from_iter(values).with_timezone("UTC"))
    }
    let micros = |seconds: i64| seconds * 1_000_000;
    let ids = (0..rows.len()).map(|place| Some(format!("req_{stamp}_{:07}", first + place)));
    let int = |of: &dyn Fn(&Row<'_>) -> i32| Arc::new(Int32Array::from_iter(rows.iter().map(of))) as ArrayRef;
    let long =
        |of: &dyn Fn(&Row<'_>) -> i64| Arc::new(Int64Array::from_iter(rows.iter().map(of))) as ArrayRef;
    let float =
        |of: &dyn Fn(&Row<'_>) -> f32| Arc::new(Float32Array::from_iter(rows.iter().map(of))) as ArrayRef;
    let flag = |of: &dyn Fn(&Row<'_>) -> bool| {
        Arc::new(BooleanArray::from_iter(rows.iter().map(|row| Some(of(row))))) as ArrayRef
    };
    let mut columns: Vec<ArrayRef> = vec![
        time(rows.iter().map(|row| Some(row.ts))),
        text(rows, |row| Some(&row.account.id)),
        Arc::new(ids.collect::<StringArray>()),
        text(rows, |row| Some(&row.account.keys[row.key])),
        text(rows, |row| row.account.org.as_deref()),
        text(rows, |row| row.end_user.as_deref()),
        text(rows, |row| Some(&row.account.addresses[row.address].ip)),
        long(&|row| row.account.addresses[row.address].asn),
        text(rows, |row| Some(row.account.addresses[row.address].country)),
        text(rows, |row| Some(row.account.clients[row.client].0)),
        text(rows, |row| Some(row.account.clients[row.client].1)),
        text(rows, |row| row.account.payment.as_deref()),
        time(rows.iter().map(|row| Some(micros(row.account.created)))),
        // An account that is verified later is not yet so in the log.
        time(rows.iter().map(|row| row.account.verified.map(micros).filter(|at| *at <= row.ts))),
        text(rows, |row| Some(&row.account.email)),
        text(rows, |row| Some(row.account.use_case)),
        text(rows, |row| Some(row.account.tier)),
        text(rows, |row| Some(row.model)),
        text(rows, |row| Some(&row.prompt)),
        text(rows, |row| Some(&row.prompt_hash)),
        text(rows, |row| Some(&row.response)),
        int(&|row| row.input_tokens),
        int(&|row| row.output_tokens),
        float(&|row| row.entropy),
        long(&|row| row.latency),
        text(rows, |row| Some(row.stop_reason)),
        flag(&|row| row.is_stream),
        flag(&|row| row.logprobs),
        float(&|row| row.watermark),
        text(rows, |row| Some(&row.conversation)),
    ];
    if dimensions > 0 {
        let values =
            Float32Array::from_iter_values(rows.iter().flat_map(|row| row.embedding.iter().copied()));
        columns.push(Arc::new(FixedSizeListArray::try_new(
            item(),
            dimensions as i32,
            Arc::new(values),
            None,
        )?));
    }
    RecordBatch::try_new(Arc::clone(schema), columns)
}
