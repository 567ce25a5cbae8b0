//! One change of every column of every table, of every value of every JSON file and of every column of every Parquet
//! file of a bundle.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_array::{TimestampMicrosecondArray, types};
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

use super::sealing::{read, rows_of, set_cell, sha256, write};
use super::{files_under, text};

/// A change: file inside `data/`, column or pointer, and what it does to a bag.
pub struct Step {
    pub file: String,
    pub part: String,
    pub change: Box<dyn Fn(&Path) + Send + Sync>,
}

/// All changes of a sound bag.
pub fn steps(sound: &Path) -> Vec<Step> {
    let files = files_under(&sound.join("data")).into_iter().map(|file| text(&file).to_owned());
    let files: Vec<String> = files.collect();
    let mut steps = Vec::new();
    for file in &files {
        let has_parquet = |stem: &str| files.contains(&format!("{stem}.parquet"));
        match file.rsplit_once('.') {
            Some((stem, "csv")) if !has_parquet(stem) => steps.extend(of_table(sound, file)),
            Some((_, "json" | "jsonld" | "checkpoint")) => steps.extend(of_json(sound, file)),
            Some((_, "parquet")) => steps.extend(of_parquet(sound, file)),
            _ => {}
        }
    }
    steps
}

fn of_table(sound: &Path, file: &str) -> Vec<Step> {
    let (names, rows) = rows_of(sound, file);
    let step = |(at, column): (usize, &str)| {
        let place = rows.iter().position(|row| !row[at].is_empty())?;
        let (to, own) = (another(&rows[place][at]), file.to_owned());
        let change = Box::new(move |bag: &Path| set_cell(bag, &own, (place, at), &to));
        Some(Step { file: file.to_owned(), part: column.to_owned(), change })
    };
    names.iter().enumerate().filter_map(step).collect()
}

/// Another value of the same kind.
fn another(cell: &str) -> String {
    match (cell.parse::<u64>(), cell.parse::<f64>()) {
        (Ok(count), _) => (count + 1).to_string(),
        (_, Ok(value)) => (value * 0.5).to_string(),
        _ if cell.starts_with("20") => cell.replacen("20", "19", 1),
        _ => cell.to_owned() + "z",
    }
}

/// Pointers of the values of a JSON text, with `#` for places in a list: the first value of each.
fn leaves(value: &Value, pointer: String, shape: String, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(parts) if !parts.is_empty() => {
            for (name, part) in parts {
                let name = name.replace('~', "~0").replace('/', "~1");
                leaves(part, format!("{pointer}/{name}"), format!("{shape}/{name}"), found);
            }
        }
        Value::Array(parts) if !parts.is_empty() => {
            for (at, part) in parts.iter().enumerate() {
                leaves(part, format!("{pointer}/{at}"), format!("{shape}/#"), found);
            }
        }
        _ => drop(found.entry(shape).or_insert(pointer)),
    }
}

fn of_json(sound: &Path, file: &str) -> Vec<Step> {
    let value: Value = serde_json::from_str(&read(sound, file)).unwrap();
    let mut found = BTreeMap::new();
    // Objects of the CASE document are told apart by their type.
    for (at, object) in value["@graph"].as_array().into_iter().flatten().enumerate() {
        let kind = object["@type"].as_str().unwrap_or_default();
        leaves(object, format!("/@graph/{at}"), format!("/{kind}"), &mut found);
    }
    if found.is_empty() {
        leaves(&value, String::new(), String::new(), &mut found);
    }
    let step = |(shape, pointer): (String, String)| {
        let (own, mut new) = (file.to_owned(), value.clone());
        let leaf = new.pointer_mut(&pointer).unwrap();
        *leaf = match &*leaf {
            Value::Bool(own) => (!own).into(),
            Value::Number(own) if own.is_u64() => (own.as_u64().unwrap() + 1).into(),
            Value::Number(own) => (own.as_f64().unwrap() * 0.5 + 0.25).into(),
            Value::String(own) if own.parse::<u64>().is_err() && own.starts_with("20") => {
                own.replacen("20", "19", 1).into()
            }
            Value::String(own) => (own.clone() + "z").into(),
            Value::Null => "z".into(),
            Value::Array(_) => serde_json::json!(["z"]),
            Value::Object(_) => serde_json::json!({"z": 1}),
        };
        let new = serde_json::to_string_pretty(&new).unwrap() + "\n";
        let change = Box::new(move |bag: &Path| write(bag, &own, &new));
        Step { file: file.to_owned(), part: shape, change }
    };
    found.into_iter().map(step).collect()
}

fn batches(sound: &Path, file: &str) -> RecordBatch {
    let file = std::fs::File::open(sound.join("data").join(file)).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let all: Vec<RecordBatch> =
        reader.with_batch_size(1 << 20).build().unwrap().map(Result::unwrap).collect();
    assert_eq!(all.len(), 1, "one batch");
    all.into_iter().next().unwrap()
}

fn of_parquet(sound: &Path, file: &str) -> Vec<Step> {
    let batch = batches(sound, file);
    let mut steps = Vec::new();
    let mut push = |part: String, place: usize, at: usize, made: RecordBatch, to: Option<String>| {
        let own = file.to_owned();
        let change = Box::new(move |bag: &Path| put(bag, &own, &made, (place, at), to.as_deref()));
        steps.push(Step { file: file.to_owned(), part, change });
    };
    for (at, column) in batch.columns().iter().enumerate() {
        let name = batch.schema().field(at).name().clone();
        if let Some(record) = column.as_struct_opt() {
            for (inside, child) in record.columns().iter().enumerate() {
                let Some((place, changed, _)) = changed(child) else { continue };
                let mut children = record.columns().to_vec();
                children[inside] = changed;
                let new =
                    StructArray::try_new(record.fields().clone(), children, record.nulls().cloned()).unwrap();
                let made = with(&batch, at, Arc::new(new));
                push(format!("{name}/{}", record.fields()[inside].name()), place, at, made, None);
            }
        } else if let Some((place, changed, to)) = changed(column) {
            push(name, place, at, with(&batch, at, changed), Some(to));
        }
    }
    steps
}

fn with(batch: &RecordBatch, at: usize, column: ArrayRef) -> RecordBatch {
    let mut columns = batch.columns().to_vec();
    columns[at] = column;
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

/// A column with another first value, its row, and the value as CSV has it; `None` for a column without values.
fn changed(column: &ArrayRef) -> Option<(usize, ArrayRef, String)> {
    let place = (0..column.len()).find(|&at| column.is_valid(at))?;
    macro_rules! numbers {
        ($kind:ty, $array:ty, $change:expr) => {{
            let own = column.as_primitive::<$kind>();
            let values: Vec<_> = own
                .iter()
                .enumerate()
                .map(|(at, value)| if at == place { value.map($change) } else { value })
                .collect();
            let to = values[place].unwrap();
            (<$array>::from(values), to)
        }};
    }
    Some(match column.data_type() {
        DataType::Utf8 => {
            let values = column.as_string::<i32>().iter().enumerate();
            let values: Vec<Option<String>> = values
                .map(|(at, value)| {
                    value.map(|own| if at == place { own.to_owned() + "z" } else { own.to_owned() })
                })
                .collect();
            let to = values[place].clone().unwrap();
            (place, Arc::new(StringArray::from(values)), to)
        }
        DataType::Int64 => {
            let (made, to) = numbers!(types::Int64Type, Int64Array, |own| own + 1);
            (place, Arc::new(made), to.to_string())
        }
        DataType::Float64 => {
            let (made, to) = numbers!(types::Float64Type, Float64Array, |own| own * 0.5 + 0.25);
            (place, Arc::new(made), to.to_string())
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let (made, to) =
                numbers!(types::TimestampMicrosecondType, TimestampMicrosecondArray, |own| own + 1_000_000);
            let to = stillhunt::model::Zone::utc().format_exact(to);
            (place, Arc::new(made.with_timezone_opt(zone.clone())), to)
        }
        DataType::Boolean => {
            let own = column.as_boolean();
            let values = own.iter().enumerate();
            let values: Vec<Option<bool>> =
                values.map(|(at, value)| value.map(|value| value != (at == place))).collect();
            let to = values[place].unwrap().to_string();
            (place, Arc::new(BooleanArray::from(values)), to)
        }
        _ => return None,
    })
}

/// Writes a Parquet file, its CSV, and its hash where another file states it.
fn put(bag: &Path, file: &str, made: &RecordBatch, (place, at): (usize, usize), to: Option<&str>) {
    let path = bag.join("data").join(file);
    let csv = file.replace(".parquet", ".csv");
    let old: Vec<(String, String)> = hashes(bag, file, &csv);
    let out = std::fs::File::create(&path).unwrap();
    let properties =
        parquet::file::properties::WriterProperties::builder().set_dictionary_enabled(false).build();
    let mut writer = parquet::arrow::ArrowWriter::try_new(out, made.schema(), Some(properties)).unwrap();
    writer.write(made).unwrap();
    writer.close().unwrap();
    if let Some(to) = to.filter(|_| bag.join("data").join(&csv).exists()) {
        set_cell(bag, &csv, (place, at), to);
    }
    let new = hashes(bag, file, &csv);
    for named in files_under(&bag.join("data"))
        .into_iter()
        .filter(|own| own.extension().is_some_and(|end| end == "json"))
    {
        let named = text(&named);
        let content = read(bag, named);
        let changed = old.iter().zip(&new).fold(content.clone(), |text, (a, b)| text.replace(&a.1, &b.1));
        if changed != content {
            write(bag, named, &changed);
        }
    }
}

fn hashes(bag: &Path, parquet: &str, csv: &str) -> Vec<(String, String)> {
    let hash =
        |file: &str| Some((file.to_owned(), sha256(&std::fs::read(bag.join("data").join(file)).ok()?)));
    [parquet, csv].into_iter().filter_map(hash).collect()
}
