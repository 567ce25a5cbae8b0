//! Schemas of the records and of their source rows, made again from the files that they describe; and values of the
//! records against those of the source rows.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, RecordBatch};
use arrow_cast::display::array_value_to_string;
use arrow_schema::DataType;
use serde_json::Value;

use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::super::records::{self, RECORDS, REDACTED_COPY};
use super::super::source_records;
use super::super::{Audience, BundleError, Fault, parquet_check};
use super::records::number;
use super::tables::table;
use crate::model::{Digest, Watcher};
use crate::snapshot::{Column, escaped_id, is_line_record};

const FOLDER: &str = "data/02_records";
const LOG: &str = "data/08_legal/redaction_log.csv";

/// Faults of schemas that are not those of their files, and of records with other values than their source rows.
///
/// # Errors
/// Cancelled.
pub(super) fn check(
    contents: &Contents,
    facts: &Facts,
    audience: Audience,
    watcher: &dyn Watcher,
) -> Result<Vec<Fault>, BundleError> {
    let name = format!("{FOLDER}/{RECORDS}.parquet");
    if !contents.has(&name) || !super::report::is_own_version(contents) {
        return Ok(Vec::new());
    }
    let is_private = audience == Audience::Production;
    let mut all = Vec::new();
    let read = parquet_check::each_batch(&contents.path(&name), watcher, &mut |batch, first| {
        all.push((first, batch.clone()));
        // Values of very many records are not kept.
        if first > ROWS { Err("has too many rows to be compared with its schema".to_owned()) } else { Ok(()) }
    });
    watcher.check()?;
    if let Err(what) = read {
        return Ok(vec![Fault::new(&name, what)]);
    }
    let mut faults: Vec<Fault> = records_schema(contents, &all, is_private).into_iter().collect();
    let sources: Vec<&str> =
        contents.names().filter(|name| name.contains(".source-") && name.ends_with(".parquet")).collect();
    faults.extend(forms(contents, &all, &sources, watcher));
    for source in sources {
        watcher.check()?;
        faults.extend(source_schema(contents, source, is_private, watcher));
        let environment = mappings(contents);
        faults.extend(source_values(contents, facts, source, (&all, &environment), watcher));
    }
    watcher.check()?;
    Ok(faults)
}

/// Fault of a record whose form is not that of its source: `source` with a row of the log, `old` without one.
fn forms(contents: &Contents, all: &Batches, sources: &[&str], watcher: &dyn Watcher) -> Option<Fault> {
    let mut with_source = BTreeSet::new();
    for source in sources {
        let read = parquet_check::each_batch(&contents.path(source), watcher, &mut |batch, _| {
            with_source.extend((0..batch.num_rows()).filter_map(|row| number(batch, "row", row)));
            Ok(())
        });
        // The check of the records names a file that cannot be read.
        read.ok()?;
    }
    let is_odd = |(first, batch): &(usize, RecordBatch)| {
        (0..batch.num_rows()).map(|row| (first + row + 1, row)).find_map(|(at, row)| {
            let form = super::records::text(batch, "record_form", row).unwrap_or_default();
            let has_source = with_source.contains(&(at as i64));
            (form != if has_source { "source" } else { "old" }).then_some(at)
        })
    };
    let at = all.iter().find_map(is_odd)?;
    let what = format!("row {at} has another form than the source rows");
    Some(Fault::new(&format!("{FOLDER}/{RECORDS}.parquet"), what))
}

/// Most rows of the records.
const ROWS: usize = 200_000;

/// Batches of the records, each with the number of rows before it.
type Batches = [(usize, RecordBatch)];

fn json(contents: &Contents, name: &str) -> Value {
    contents.text(name).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Fault of a schema of the records that is not the one of the file.
fn records_schema(contents: &Contents, all: &Batches, is_private: bool) -> Option<Fault> {
    let name = format!("{FOLDER}/{RECORDS}.schema.json");
    let first = &all.first()?.1;
    let mut withheld: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let file = format!("02_records/{RECORDS}.parquet");
    let log = table(contents, LOG, &["file", "row_or_entry", "column", "made_by"]).unwrap_or_default();
    for row in log.into_iter().filter(|row| row[0] == file && row[3].is_empty()) {
        withheld.entry(row[2].clone()).or_default().insert(row[1].clone());
    }
    let missing = |column: Column| {
        let of = |(_, batch): &(usize, RecordBatch)| {
            batch.column_by_name(column.name()).map(|own| own.null_count())
        };
        all.iter().filter_map(of).sum::<usize>() as u64
    };
    let digests = ["parquet", "csv"].map(|ending| contents.digest(&format!("{FOLDER}/{RECORDS}.{ending}")));
    let [Some(parquet), Some(csv)] = digests else { return None };
    let made = records::schema_of(&records::Described {
        rows: all.iter().map(|(_, batch)| batch.num_rows()).sum(),
        include_text: first.column_by_name(Column::PromptText.name()).is_some(),
        is_private,
        has_redacted: first.column_by_name(REDACTED_COPY).is_some(),
        missing: &missing,
        withheld: &|column| withheld.get(column.name()).map_or(0, |rows| rows.len() as u64),
        digests: [parquet, csv],
    });
    (contents.bytes(&name).as_ref() != Some(&made))
        .then(|| Fault::new(&name, "is not the schema of these records and of the values withheld"))
}

/// Fault of a schema of source rows that is not the one of the file. Names and types of withheld columns are taken
/// from it.
fn source_schema(
    contents: &Contents,
    source: &str,
    is_private: bool,
    watcher: &dyn Watcher,
) -> Option<Fault> {
    let stem = source.strip_suffix(".parquet")?;
    let name = format!("{stem}.schema.json");
    let stated = json(contents, &name);
    let mut rows = 0;
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    let read = parquet_check::each_batch(&contents.path(source), watcher, &mut |batch, _| {
        rows += batch.num_rows();
        if let DataType::Struct(fields) =
            batch.column_by_name("record").map_or(&DataType::Null, |own| own.data_type())
        {
            types.extend(fields.iter().map(|field| (field.name().clone(), field.data_type().to_string())));
        }
        Ok(())
    });
    read.ok()?;
    let columns: Vec<Value> = stated["columns"].as_array().cloned().unwrap_or_default();
    let is_line = is_line(&columns);
    let describe = |column: &Value| {
        let own = column["name"].as_str().unwrap_or_default();
        let kind = types.get(own).cloned().map_or_else(|| column["type"].clone(), Value::from);
        serde_json::json!({
            "name": own, "type": kind, "withheld": !types.contains_key(own),
            "withheld_in_rows": column["withheld_in_rows"],
        })
    };
    let digest: Digest = contents.digest(source)?;
    let made = source_records::schema_of(&source_records::Described {
        name: stem.rsplit('/').next().unwrap_or_default(),
        sha256: &digest.to_string(),
        rows,
        is_line,
        is_private,
        columns: columns.iter().map(describe).collect(),
        mapping: stated["mapping"].clone(),
    });
    (stated != made).then(|| Fault::new(&name, "is not the schema of these rows of the log"))
}

/// True if the columns of a schema are those of a line of a text file.
fn is_line(columns: &[Value]) -> bool {
    let fields = columns.iter().map(|column| {
        let kind = match column["type"].as_str() {
            Some("Utf8") => DataType::Utf8,
            Some("Binary") => DataType::Binary,
            _ => DataType::Null,
        };
        arrow_schema::Field::new(column["name"].as_str().unwrap_or_default(), kind, true)
    });
    is_line_record(&arrow_schema::Schema::new(fields.collect::<Vec<_>>()))
}

/// Mappings of the environment by snapshot.
fn mappings(contents: &Contents) -> BTreeMap<String, Value> {
    let environment = json(contents, "data/05_methods/environment.json");
    let all = environment["mappings"].as_array().cloned().unwrap_or_default().into_iter();
    all.map(|own| (own["snapshot_sha256"].as_str().unwrap_or_default().to_owned(), own["mapping"].clone()))
        .collect()
}

/// Fault of records that have another value than their source row in a column that the mapping reads as it is.
fn source_values(
    contents: &Contents,
    facts: &Facts,
    source: &str,
    (all, environment): (&Batches, &BTreeMap<String, Value>),
    watcher: &dyn Watcher,
) -> Option<Fault> {
    let name = format!("{}.schema.json", source.strip_suffix(".parquet")?);
    let mapping = json(contents, &name)["mapping"].clone();
    let read: BTreeMap<String, String> = mapping["columns"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(own, from)| Some((own.clone(), from.as_str()?.to_owned())))
        .collect();
    let mut odd = None;
    let compared = parquet_check::each_batch(&contents.path(source), watcher, &mut |batch, _| {
        for row in 0..batch.num_rows() {
            let place = number(batch, "row", row).and_then(|at| usize::try_from(at - 1).ok());
            let found = place.and_then(|place| record(all, place));
            let Some((record, at)) = found else { continue };
            let snapshot = super::records::text(record, "exchange", at).unwrap_or_default();
            let snapshot = snapshot.split('/').next().unwrap_or_default().to_owned();
            // Records that were marked before a snapshot was read in another way keep their mapping.
            let is_first = facts.imports.get(&snapshot).is_some_and(|own| !own.is_read_again);
            if is_first && environment.get(&snapshot).is_some_and(|own| *own != mapping) {
                return Err("has another mapping than its snapshot".to_owned());
            }
            let source_row = batch.column_by_name("record").and_then(|own| own.as_struct_opt());
            for (column, from) in &read {
                let from = source_row.and_then(|own| own.column_by_name(from));
                let own = record.column_by_name(column);
                let (Some(from), Some(own)) = (from, own) else { continue };
                if differs((own.as_ref(), at), (from.as_ref(), row)) {
                    odd = odd
                        .take()
                        .or_else(|| Some(format!("row {} has another {column} than its source row", at + 1)));
                }
            }
        }
        Ok(())
    });
    match compared {
        Err(what) => Some(Fault::new(&name, what)),
        Ok(()) => odd.map(|what| Fault::new(&format!("{FOLDER}/{RECORDS}.parquet"), what)),
    }
}

/// Batch and row of a record.
fn record(all: &Batches, place: usize) -> Option<(&RecordBatch, usize)> {
    let (first, batch) = all.iter().rev().find(|(first, _)| *first <= place)?;
    (place - first < batch.num_rows()).then_some((batch, place - first))
}

/// True for two values of one kind that are not the same. Values that are read in another form are not compared.
fn differs((own, at): (&dyn Array, usize), (from, row): (&dyn Array, usize)) -> bool {
    if own.is_null(at) || from.is_null(row) {
        return false;
    }
    let text = |array: &dyn Array, at| array_value_to_string(array, at).unwrap_or_default();
    let is_text = |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let is_whole = |kind: &DataType| kind.is_integer();
    let (a, b) = (own.data_type(), from.data_type());
    if is_text(a) && is_text(b) {
        let (own, from) = (text(own, at), text(from, row));
        return own != from && own != escaped_id(&from);
    }
    if is_whole(a) && is_whole(b) || a == b && *a == DataType::Boolean {
        return text(own, at) != text(from, row);
    }
    // A number of an autonomous system is text in the records, and a latency a double.
    if is_text(a) && is_whole(b) {
        return text(own, at) != text(from, row);
    }
    if *a == DataType::Float64 && (is_whole(b) || b.is_floating()) {
        let double = |array: &dyn Array, at: usize| {
            let one = arrow_cast::cast(&array.slice(at, 1), &DataType::Float64).ok();
            one.map(|one| text(one.as_ref(), 0))
        };
        return double(own, at) != double(from, row);
    }
    match (a, b) {
        (DataType::Timestamp(..), DataType::Timestamp(_, Some(_))) => {
            // In the same zone, to the microsecond.
            let micros = |array: &dyn Array, at: usize| {
                let kind = DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, Some("UTC".into()));
                let one = arrow_cast::cast(&array.slice(at, 1), &kind).ok()?;
                one.as_primitive_opt::<TimestampMicrosecondType>().map(|times| times.value(0))
            };
            micros(own, at) != micros(from, row)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Float32Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn a_value_is_compared_in_the_form_of_the_log() {
        let time = |at: i64| TimestampMicrosecondArray::from(vec![at]).with_timezone("UTC");
        let text = |own: &str| StringArray::from(vec![own.to_owned()]);
        let number = |own: i64| Int64Array::from(vec![own]);
        let double = |own: f64| Float64Array::from(vec![own]);
        let cases: [(&dyn Array, &dyn Array, bool); 11] = [
            (&text("C:\\x5Cx29"), &text("C:\\x29"), false),
            (&text("C:\\x29"), &text("C:\\x29"), false),
            (&text("C:\\x5Cx30"), &text("C:\\x29"), true),
            (&time(5), &time(5), false),
            (&time(5), &time(6), true),
            (&text("64632"), &number(64_632), false),
            (&text("64632"), &number(64_633), true),
            (&double(3_200.0), &number(3_200), false),
            (&double(3_200.0), &number(3_201), true),
            (&double(f64::from(0.76_f32)), &Float32Array::from(vec![0.76_f32]), false),
            (&double(0.76), &Float32Array::from(vec![0.76_f32]), true),
        ];
        for (own, from, is_other) in cases {
            assert_eq!(differs((own, 0), (from, 0)), is_other, "{own:?} {from:?}");
        }
    }
}
