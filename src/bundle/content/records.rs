//! Records against their schemas, the sources and each other.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

use super::super::contents::Contents;
use super::super::records::{CONFIRMING, NAMED, RECORDS, REDACTED_COPY, TEXT_COLUMNS, is_text};
use super::super::redaction::placeholders;
use super::super::summaries::Row as Counted;
use super::super::{Audience, BundleError, Fault, parquet_check};
use super::journal::is_digest;
use crate::model::{Digest, ExchangeRef, Watcher};
use crate::snapshot::Column;

/// Maximum number of rows that are compared.
const ROWS: usize = 200_000;
/// Maximum number of bytes of a value that is kept, and of all of them.
const VALUE: usize = 4 << 10;
const MAX_KEPT_BYTES: usize = 64 << 20;

/// A row of the records.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub exchange: String,
    pub evidence: String,
    pub tags: String,
    /// SHA-256 of the record, or the commitment to it.
    pub proof: String,
    /// The values that summaries count.
    pub counted: Counted,
    /// True if words of its text were left out.
    pub is_redacted: bool,
    /// Numbers of the redactions in its columns, each as often as words were left out.
    pub redactions: BTreeMap<(String, String), usize>,
}

/// The rows of `EX-0001.parquet`.
#[derive(Default)]
pub(super) struct Records {
    pub rows: Vec<Row>,
}

/// The records, and faults of records and schemas.
pub(super) fn read(
    contents: &Contents,
    audience: Audience,
    watcher: &dyn Watcher,
) -> Result<(Records, Vec<Fault>), BundleError> {
    let mut faults = Vec::new();
    let mut records = Records::default();
    let name = format!("data/02_records/{RECORDS}.parquet");
    if !contents.has(&name) {
        return Ok((records, faults));
    }
    let is_private = audience == Audience::Production;
    let proof = if is_private { "record_commitment" } else { "record_sha256" };
    let mut columns: Vec<(String, String, u64)> = Vec::new();
    let mut kept = 0;
    let read = parquet_check::each_batch(&contents.path(&name), watcher, &mut |batch, first| {
        if first == 0 {
            columns = columns_of(batch);
        }
        for (at, (_, _, missing)) in columns.iter_mut().enumerate() {
            *missing += batch.column(at).null_count() as u64;
        }
        if records.rows.len() + batch.num_rows() > ROWS {
            return Err(format!("has more than {ROWS} rows; nothing of it is compared"));
        }
        for row in 0..batch.num_rows() {
            kept +=
                kept_bytes(batch, row, proof).map_err(|what| format!("row {}: {what}", first + row + 1))?;
            if kept > MAX_KEPT_BYTES {
                return Err(format!(
                    "has more than {} MiB of names; nothing of it is compared",
                    MAX_KEPT_BYTES >> 20
                ));
            }
            let read = row_of(batch, row, proof);
            if let Some(what) = row_fault(batch, row, &read, is_private) {
                return Err(format!("row {}: {what}", first + row + 1));
            }
            records.rows.push(read);
        }
        Ok(())
    });
    watcher.check()?;
    if let Err(what) = read {
        faults.push(Fault::new(&name, what));
        return Ok((records, faults));
    }
    faults.extend(schema_faults(contents, &columns, records.rows.len(), is_private));
    faults.extend(source_faults(contents, &records));
    faults.extend(source_row_faults(contents, &records, proof, is_private, watcher)?);
    Ok((records, faults))
}

fn columns_of(batch: &RecordBatch) -> Vec<(String, String, u64)> {
    let fields = batch.schema();
    fields.fields().iter().map(|field| (field.name().clone(), type_name(field.data_type()), 0)).collect()
}

/// Type of a column in the words of the schema.
fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => "timestamp, microseconds, UTC".to_owned(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string".to_owned(),
        DataType::Int64 => "int64".to_owned(),
        DataType::Float64 => "float64".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::List(_) | DataType::LargeList(_) => "list of float32".to_owned(),
        other => other.to_string(),
    }
}

/// Text of a cell; `None` where it is null, absent or no text.
pub(super) fn text(batch: &RecordBatch, column: &str, row: usize) -> Option<String> {
    let column = batch.column_by_name(column)?;
    if column.is_null(row) {
        return None;
    }
    let text = column.as_string_opt::<i32>()?;
    Some(text.value(row).to_owned())
}

/// Number of a cell, or its time in microseconds; `None` where it is null, absent or neither.
pub(super) fn number(batch: &RecordBatch, column: &str, row: usize) -> Option<i64> {
    let column = batch.column_by_name(column).filter(|column| column.is_valid(row))?;
    let integer = column.as_primitive_opt::<Int64Type>().map(|numbers| numbers.value(row));
    let time = || column.as_primitive_opt::<TimestampMicrosecondType>().map(|times| times.value(row));
    integer.or_else(time)
}

/// Bytes of the texts of a row that are kept; otherwise the column whose text is too long.
fn kept_bytes(batch: &RecordBatch, row: usize, proof: &str) -> Result<usize, String> {
    let mut bytes = 0;
    for name in ["exchange", "evidence", "tags", proof, "account_id", "model"] {
        let text = batch.column_by_name(name).filter(|column| column.is_valid(row));
        let length = text
            .and_then(|column| column.as_string_opt::<i32>())
            .map_or(0, |text| text.value_length(row) as usize);
        if length > VALUE {
            return Err(format!("its {name} has {length} bytes; at most {VALUE} are read"));
        }
        bytes += length;
    }
    Ok(bytes)
}

fn row_of(batch: &RecordBatch, row: usize, proof: &str) -> Row {
    let cell = |name: &str| text(batch, name, row).unwrap_or_default();
    Row {
        exchange: cell("exchange"),
        evidence: cell("evidence"),
        tags: cell("tags"),
        proof: cell(proof),
        counted: Counted {
            ts: number(batch, "ts", row),
            account: cell("account_id"),
            model: cell("model"),
            input: number(batch, "input_tokens", row),
            output: number(batch, "output_tokens", row),
        },
        is_redacted: text(batch, REDACTED_COPY, row).is_some(),
        redactions: redactions(batch, row),
    }
}

/// Names of the columns of text of the records themselves.
fn texts(batch: &RecordBatch) -> impl Iterator<Item = Column> {
    Column::ALL
        .into_iter()
        .filter(|column| is_text(*column))
        .filter(|column| batch.column_by_name(column.name()).is_some())
}

fn redactions(batch: &RecordBatch, row: usize) -> BTreeMap<(String, String), usize> {
    let mut found = BTreeMap::new();
    if batch.column_by_name(REDACTED_COPY).is_some() {
        for column in texts(batch) {
            for numbers in placeholders(&text(batch, column.name(), row).unwrap_or_default()) {
                let numbers: String = numbers.chars().take(VALUE).collect();
                *found.entry((column.name().to_owned(), numbers)).or_default() += 1;
            }
        }
    }
    found
}

/// Fault of a redacted copy whose texts are not those of its hash.
fn copy_fault(batch: &RecordBatch, row: usize) -> Option<String> {
    let stated = text(batch, REDACTED_COPY, row)?;
    let texts = texts(batch).map(|column| text(batch, column.name(), row).map_or(Value::Null, Value::from));
    let found = Digest::of(Value::Array(texts.collect()).to_string().as_bytes()).to_string();
    (stated != found).then(|| format!("its texts have SHA-256 {found}, but {REDACTED_COPY} is {stated}"))
}

/// First fault of one row.
fn row_fault(batch: &RecordBatch, row: usize, read: &Row, is_private: bool) -> Option<String> {
    if !is_digest(&read.proof) {
        return Some("has neither the SHA-256 of its record nor a commitment".to_owned());
    }
    if read.exchange.parse::<ExchangeRef>().is_err() {
        return Some("does not name its exchange".to_owned());
    }
    let mut named = NAMED.iter().filter(|_| is_private);
    let in_clear = named
        .find(|(column, _)| text(batch, column.name(), row).is_some_and(|value| !is_pseudonym(&value)))
        .map(|(column, _)| format!("has a {} in clear", column.name()));
    in_clear.or_else(|| copy_fault(batch, row))
}

/// True for `account-0123456789abcdef`, and a domain that ends in .edu.
fn is_pseudonym(value: &str) -> bool {
    let value = value.strip_suffix(".edu").unwrap_or(value);
    value.rsplit_once('-').is_some_and(|(word, digits)| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_lowercase())
            && digits.len() == 16
            && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

/// The schema beside the records: columns with their types in order, rows, values missing, hash, and what
/// is withheld.
fn schema_faults(
    contents: &Contents,
    columns: &[(String, String, u64)],
    rows: usize,
    is_private: bool,
) -> Vec<Fault> {
    let name = format!("data/02_records/{RECORDS}.schema.json");
    let parquet = format!("data/02_records/{RECORDS}.parquet");
    let Some(schema) = contents.text(&name).and_then(|text| serde_json::from_str::<Value>(&text).ok()) else {
        return vec![Fault::new(&name, "is not JSON")];
    };
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(Fault::new(&name, what));
    let described: Vec<(String, String)> = schema["columns"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|column| {
            let text = |key: &str| column[key].as_str().unwrap_or_default().to_owned();
            (text("name"), text("type"))
        })
        .collect();
    let found: Vec<(String, String)> =
        columns.iter().map(|(name, kind, _)| (name.clone(), kind.clone())).collect();
    if described != found {
        let odd = found.iter().zip(&described).find(|(found, described)| found != described);
        let what = match odd {
            Some(((own, kind), _)) => {
                format!("does not describe column {own} ({kind}) as the records have it")
            }
            None => format!("describes {} columns, but the records have {}", described.len(), found.len()),
        };
        fault(what);
    }
    for column in schema["columns"].as_array().into_iter().flatten() {
        let missing = columns.iter().find(|(name, ..)| Some(name.as_str()) == column["name"].as_str());
        let stated = column["rows_without_value"].as_u64();
        if let (Some(stated), Some((own, _, missing))) = (stated, missing)
            && stated != *missing
        {
            fault(format!("says that {stated} rows have no {own}, but {missing} have none"));
        }
    }
    if schema["rows"].as_u64() != Some(rows as u64) {
        fault(format!("says {} rows, but the records have {rows}", schema["rows"]));
    }
    if schema["sha256"].as_str() != contents.digest(&parquet).map(|digest| digest.to_string()).as_deref() {
        fault("has another SHA-256 than the records".to_owned());
    }
    let withheld: BTreeSet<&str> =
        schema["withheld_columns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let confirming = CONFIRMING.iter().filter(|_| is_private);
    for column in TEXT_COLUMNS.iter().chain(confirming) {
        let is_there = columns.iter().any(|(name, ..)| name == column.name());
        if is_there == withheld.contains(column.name()) {
            let state = if is_there { "withheld, but it is there" } else { "there, but it is not" };
            fault(format!("says that column {} is {state}", column.name()));
        }
    }
    if is_private && columns.iter().any(|(name, ..)| CONFIRMING.iter().any(|own| own.name() == name)) {
        faults.push(Fault::new(&parquet, "has a plain hash of prompts, which would confirm a guess"));
    }
    faults
}

/// Every exchange is a row of a source.
fn source_faults(contents: &Contents, records: &Records) -> Vec<Fault> {
    let name = format!("data/02_records/{RECORDS}.parquet");
    let columns = ["snapshot_sha256", "file", "rows"];
    let Ok(rows) = super::tables::table(contents, "data/06_custody/sources.csv", &columns) else {
        return Vec::new();
    };
    let sources: BTreeMap<(String, String), u64> =
        rows.into_iter().map(|row| ((row[0].clone(), row[1].clone()), row[2].parse().unwrap_or(0))).collect();
    let mut faults = Vec::new();
    for row in &records.rows {
        let Ok(exchange) = row.exchange.parse::<ExchangeRef>() else { continue };
        let key = (exchange.snapshot.to_string(), crate::exhibit::cell(&exchange.file));
        if sources.get(&key).is_none_or(|rows| exchange.row >= *rows) {
            faults.push(Fault::new(&name, format!("has exchange {}, which no source has", row.exchange)));
            if faults.len() > 20 {
                break;
            }
        }
    }
    faults
}

/// The source rows stand for the same exchanges with the same proofs as the records.
fn source_row_faults(
    contents: &Contents,
    records: &Records,
    proof: &str,
    is_private: bool,
    watcher: &dyn Watcher,
) -> Result<Vec<Fault>, BundleError> {
    let mut faults = Vec::new();
    let names = contents.names().filter(|name| name.contains(".source-") && name.ends_with(".parquet"));
    for name in names {
        let mut has_name = Vec::new();
        let cut = cut_cells(contents, name);
        let read = parquet_check::each_batch(&contents.path(name), watcher, &mut |batch, first| {
            if first == 0 {
                has_name = hidden_columns(contents, name, batch, is_private);
            }
            for row in 0..batch.num_rows() {
                let at = number(batch, "row", row).and_then(|at| usize::try_from(at - 1).ok());
                let record = at.and_then(|at| records.rows.get(at));
                let cell = |column: &str| text(batch, column, row).unwrap_or_default();
                let agrees =
                    record.is_some_and(|own| own.exchange == cell("exchange") && own.proof == cell(proof));
                if !agrees {
                    return Err(format!("row {} is not that of the records", first + row + 1));
                }
                let there = cut.iter().find(|(column, rows)| {
                    rows.contains(&at.map_or(0, |at| at as u64 + 1)) && !is_null(batch, column, row)
                });
                if let Some((column, _)) = there {
                    return Err(format!("row {} has a {column}, which is withheld there", first + row + 1));
                }
            }
            Ok(())
        });
        watcher.check()?;
        faults.extend(read.err().map(|what| Fault::new(name, what)));
        faults.extend(has_name.into_iter().map(|what| Fault::new(name, what)));
    }
    Ok(faults)
}

/// Columns of source rows with the rows in which their schema says that they are withheld.
fn cut_cells(contents: &Contents, name: &str) -> Vec<(String, BTreeSet<u64>)> {
    let schema = format!("{}.schema.json", name.strip_suffix(".parquet").unwrap_or(name));
    let schema = contents.text(&schema).and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let columns = schema.as_ref().and_then(|schema| schema["columns"].as_array());
    let rows = |column: &Value| {
        let rows = column["withheld_in_rows"].as_array().into_iter().flatten();
        (column["name"].as_str().unwrap_or_default().to_owned(), rows.filter_map(Value::as_u64).collect())
    };
    columns.into_iter().flatten().map(rows).filter(|(_, rows): &(_, BTreeSet<_>)| !rows.is_empty()).collect()
}

/// True if a column of the log has no value in a row.
fn is_null(batch: &RecordBatch, column: &str, row: usize) -> bool {
    let record = batch.column_by_name("record").and_then(|record| record.as_struct_opt());
    record.and_then(|record| record.column_by_name(column)).is_none_or(|column| column.is_null(row))
}

/// Columns of source rows that their schema says are withheld, and are there.
fn hidden_columns(contents: &Contents, name: &str, batch: &RecordBatch, is_private: bool) -> Vec<String> {
    let schema = format!("{}.schema.json", name.strip_suffix(".parquet").unwrap_or(name));
    let Some(schema) = contents.text(&schema).and_then(|text| serde_json::from_str::<Value>(&text).ok())
    else {
        return Vec::new();
    };
    let record = batch.column_by_name("record").and_then(|record| record.as_struct_opt().cloned());
    let there: BTreeSet<String> =
        record.iter().flat_map(|record| record.fields().iter().map(|field| field.name().clone())).collect();
    let mut found = Vec::new();
    let mut disclosed = BTreeSet::new();
    for column in schema["columns"].as_array().into_iter().flatten() {
        let own = column["name"].as_str().unwrap_or_default().to_owned();
        match column["withheld"].as_bool() {
            Some(true) if there.contains(&own) => found.push(format!("has column {own}, which is withheld")),
            Some(false) => drop(disclosed.insert(own)),
            _ => {}
        }
    }
    if disclosed != there && found.is_empty() {
        found.push("has other columns than its schema says".to_owned());
    }
    let mapping = schema["mapping"]["columns"].as_object();
    let reads = |canonical: &str| mapping.and_then(|all| all.get(canonical)?.as_str().map(str::to_owned));
    let hidden = NAMED.iter().map(|(column, _)| *column).chain(CONFIRMING).filter(|_| is_private);
    for column in hidden {
        if reads(column.name()).is_some_and(|source| there.contains(&source)) {
            found.push(format!("has the {} of its rows in clear", column.name()));
        }
    }
    found
}
