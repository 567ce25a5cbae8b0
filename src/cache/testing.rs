//! Tiny snapshots and caches for tests.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use parquet::arrow::ArrowWriter;

use super::{Cache, load};
use crate::model::{Digest, MemoryBudget, Micros, Silent};
use crate::snapshot::{Column, Mapping, Sealing, Snapshot, SourceFile, Sources};

/// One exchange of a tiny snapshot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub request: Option<&'static str>,
    pub account: String,
    pub ts: Micros,
    pub ip: Option<String>,
    pub org: Option<&'static str>,
    pub model: Option<&'static str>,
    pub payment: Option<String>,
    pub conversation: Option<&'static str>,
    pub prompt: Option<String>,
    pub response: Option<String>,
    pub tokens: Option<i64>,
    pub streamed: Option<bool>,
    pub created: Option<Micros>,
}

/// An exchange of an account at a time, and nothing else.
pub(crate) fn row(account: &str, ts: Micros) -> Row {
    Row { account: account.to_owned(), ts, ..Row::default() }
}

/// Writes the rows as a Parquet file with columns that have at least one value.
pub(crate) fn write_file(path: &Path, rows: &[Row]) {
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        (
            "ts",
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(rows.iter().map(|row| row.ts))
                    .with_timezone("UTC"),
            ),
        ),
        ("account_id", Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.account)))),
    ];
    let mut text = |name, value: &dyn Fn(&Row) -> Option<String>| {
        let values: Vec<_> = rows.iter().map(value).collect();
        if values.iter().any(Option::is_some) {
            columns.push((name, Arc::new(StringArray::from(values))));
        }
    };
    text("request_id", &|row| row.request.map(str::to_owned));
    text("ip", &|row| row.ip.clone());
    text("org_id", &|row| row.org.map(str::to_owned));
    text("model", &|row| row.model.map(str::to_owned));
    text("payment_fingerprint", &|row| row.payment.clone());
    text("conversation_id", &|row| row.conversation.map(str::to_owned));
    text("prompt_text", &|row| row.prompt.clone());
    text("response_text", &|row| row.response.clone());
    if rows.iter().any(|row| row.tokens.is_some()) {
        columns.push(("input_tokens", Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.tokens)))));
        let latency = rows.iter().map(|row| row.tokens.map(|tokens| tokens as f64 + 0.4));
        columns.push(("latency_ms", Arc::new(Float64Array::from_iter(latency))));
    }
    if rows.iter().any(|row| row.streamed.is_some()) {
        columns.push(("is_stream", Arc::new(BooleanArray::from_iter(rows.iter().map(|row| row.streamed)))));
    }
    if rows.iter().any(|row| row.created.is_some()) {
        let created = TimestampMicrosecondArray::from_iter(rows.iter().map(|row| row.created));
        columns.push(("account_created_at", Arc::new(created.with_timezone("UTC"))));
    }
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let mut writer =
        ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Writes the files of one snapshot (each a name and its rows) into a folder and refers to them.
pub(crate) fn snapshot(folder: &Path, files: &[(&str, Vec<Row>)]) -> Snapshot {
    std::fs::create_dir_all(folder).unwrap();
    let mut lines = String::new();
    let mut sealed = Vec::new();
    for (name, rows) in files {
        let origin = folder.join(name);
        std::fs::create_dir_all(origin.parent().unwrap()).unwrap();
        write_file(&origin, rows);
        let bytes = std::fs::read(&origin).unwrap();
        let sha256 = Digest::of(&bytes);
        lines += &format!("{sha256}  {name}\n");
        sealed.push(SourceFile {
            name: (*name).to_owned(),
            origin,
            bytes: bytes.len() as u64,
            sha256,
            rows: rows.len() as u64,
            layout: None,
            recorded_zone: None,
        });
    }
    let mut mapping = Mapping { preset: "canonical".into(), ..Mapping::default() };
    Column::ALL.into_iter().for_each(|column| mapping.set(column, column.name()));
    Snapshot { sha256: Digest::of(lines.as_bytes()), sealing: Sealing::Reference, mapping, files: sealed }
}

/// Loads snapshots into `folder/cache.sqlite` and opens it.
pub(crate) fn cache(folder: &Path, snapshots: Vec<Snapshot>) -> (Cache, Sources) {
    let sources = Sources { case_dir: folder.to_owned(), snapshots };
    let path = folder.join("cache.sqlite");
    load(&path, &sources, MemoryBudget::MIN, &Silent).unwrap();
    (Cache::open(&path, &Silent).unwrap(), sources)
}

/// Every table of a cache, as text.
pub(crate) fn dump(path: &Path) -> String {
    use rusqlite::types::ValueRef;
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut text = String::new();
    let tables: Vec<String> = super::file::rows(
        &connection,
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        |row| row.get(0),
    )
    .unwrap();
    for table in tables {
        text += &format!("{table}\n");
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for at in 0..width {
                text += &match row.get_ref(at).unwrap() {
                    ValueRef::Blob(bytes) => Digest::of(bytes).to_string(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    other => format!("{other:?}"),
                };
                text.push('|');
            }
            text.push('\n');
        }
    }
    text
}
