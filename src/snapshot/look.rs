//! Source columns of some files: from their footers, and the keys of maps and JSON text from a few
//! rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Fields};
use rayon::prelude::*;
use serde_json::Value;

use super::file::{File, guarded};
use super::path::{is_textual, pair_value};
use super::raw::{Raw, Wanted};
use super::source::{Found, Place, in_words, locate};
use super::{SnapshotError, json, preset, typed_json};

/// Maximum number of files whose rows are sampled.
const SAMPLED_FILES: usize = 6;
/// Maximum number of row groups sampled in each file, and of rows in each row group.
const SAMPLED_GROUPS: usize = 3;
const SAMPLED_ROWS: usize = 512;
/// Maximum number of JSON texts parsed for each column and batch, and their maximum length in bytes.
const MAX_PARSED: usize = 64;
const MAX_JSON_BYTES: usize = 256 * 1024;
/// Maximum number of keys kept for each column, and of those that one row adds; names that a preset knows
/// are looked up beyond both.
const KEYS: usize = 400;
const KEYS_OF_ROW: usize = 100;
/// Maximum depth of objects whose keys are listed.
const MAX_DEPTH: usize = 3;

/// Source columns of one file.
pub(super) struct FileColumns {
    pub file: String,
    pub rows: u64,
    pub columns: BTreeMap<String, Found>,
    /// Names that two columns have, so that they are ambiguous.
    pub twice: BTreeSet<String>,
    /// Columns of attributes that are kept apart, by attribute; `None` if nothing says which they are.
    pub dedicated: Option<BTreeMap<String, String>>,
    pub opened: File,
}

impl FileColumns {
    /// A column by its name or path.
    pub fn get(&self, name: &str) -> Option<Found> {
        match self.columns.get(name) {
            Some(found) => Some(found.clone()),
            None => locate(&self.opened, name).ok().flatten(),
        }
    }
}

/// Opens the files and lists their columns.
///
/// # Errors
/// A file cannot be read or is not Parquet.
pub(super) fn look(files: &[(String, PathBuf)]) -> Result<Vec<FileColumns>, SnapshotError> {
    let seen = opened(files).into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(with_keys(seen))
}

/// The files with their columns, in order; opened in parallel, since text is passed over to its end.
fn opened(files: &[(String, PathBuf)]) -> Vec<Result<FileColumns, SnapshotError>> {
    files.par_iter().map(|(name, path)| File::open(path, name).map(look_at)).collect()
}

/// As [`look`], with the files that cannot be opened beside the others.
pub(super) fn look_each(files: &[(String, PathBuf)]) -> (Vec<FileColumns>, Vec<(String, SnapshotError)>) {
    let (mut seen, mut failed) = (Vec::with_capacity(files.len()), Vec::new());
    for ((name, _), opened) in files.iter().zip(opened(files)) {
        match opened {
            Ok(opened) => seen.push(opened),
            Err(error) => failed.push((name.clone(), error)),
        }
    }
    (with_keys(seen), failed)
}

/// Adds the keys in maps and JSON text to the columns, from a sample of the files.
fn with_keys(mut seen: Vec<FileColumns>) -> Vec<FileColumns> {
    let with_rows: Vec<usize> = (0..seen.len()).filter(|&at| seen[at].rows > 0).collect();
    let step = with_rows.len().div_ceil(SAMPLED_FILES).max(1);
    let keys: BTreeSet<String> =
        with_rows.iter().step_by(step).flat_map(|&at| keys_of(&seen[at].opened)).collect();
    for file in &mut seen {
        for key in &keys {
            if let Ok(Some(found)) = locate(&file.opened, key) {
                file.columns.entry(key.clone()).or_insert(found);
            }
        }
    }
    seen
}

pub(super) fn look_at(opened: File) -> FileColumns {
    let mut names = Vec::new();
    name_leaves(opened.fields(), "", &mut names);
    let lists: BTreeSet<String> =
        names.iter().filter_map(|name| json::list_of(name)).map(str::to_owned).collect();
    names.extend(lists);
    names.extend(opened.partitions().into_iter().map(|(key, _)| key));
    let (mut columns, mut twice) = (BTreeMap::new(), BTreeSet::new());
    for name in names {
        match locate(&opened, &name) {
            Ok(Some(found)) => drop(columns.insert(name, found)),
            Ok(None) => {}
            Err(_) => drop(twice.insert(name)),
        }
    }
    let dedicated = opened.dedicated();
    FileColumns { file: opened.name().to_owned(), rows: opened.rows(), columns, twice, dedicated, opened }
}

/// Names of columns and of the fields in structs, structs themselves included.
fn name_leaves(fields: &Fields, above: &str, names: &mut Vec<String>) {
    for field in fields {
        let name = format!("{above}{}", field.name());
        if let DataType::Struct(children) = field.data_type() {
            name_leaves(children, &format!("{name}."), names);
        }
        names.push(name);
    }
}

/// Paths to the keys in maps and JSON text of a few rows. Unreadable row groups have none; sealing and
/// loading report them.
fn keys_of(file: &File) -> BTreeSet<String> {
    let mut keys = BTreeMap::new();
    let groups: Vec<usize> = {
        let rows = file.row_groups();
        let with_rows: Vec<usize> = (0..rows.len()).filter(|&group| rows[group] > 0).collect();
        let step = with_rows.len().div_ceil(SAMPLED_GROUPS).max(1);
        with_rows.into_iter().step_by(step).collect()
    };
    let roots: Vec<usize> =
        (0..file.fields().len()).filter(|&i| has_keys(file.fields()[i].data_type())).collect();
    if roots.is_empty() {
        return BTreeSet::new();
    }
    let raw = Raw::of_roots(file, &roots);
    for group in groups {
        let wanted =
            Wanted { groups: vec![group], selection: None, batch_rows: SAMPLED_ROWS, as_bytes: true };
        let reader = raw.open(file, wanted);
        let batch =
            reader.and_then(|mut reader| guarded(file.name(), Some(group), || reader.next().transpose()));
        if let Ok(Some(batch)) = batch {
            keys_of_batch(&batch, &mut keys);
        }
    }
    keys.into_iter()
        .flat_map(|(root, keys)| keys.into_iter().map(move |key| format!("{root}{key}")))
        .collect()
}

/// True for a type that may contain keys.
fn has_keys(data_type: &DataType) -> bool {
    match data_type {
        DataType::Map(_, _) => true,
        DataType::Struct(fields) => fields.iter().any(|field| has_keys(field.data_type())),
        DataType::List(item) | DataType::LargeList(item) => pair_value(item.data_type()).is_some(),
        other => is_textual(other),
    }
}

fn keys_of_batch(batch: &RecordBatch, keys: &mut BTreeMap<String, BTreeSet<String>>) {
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        keys_of_array(field.name(), column, keys);
    }
}

fn keys_of_array(name: &str, array: &ArrayRef, keys: &mut BTreeMap<String, BTreeSet<String>>) {
    match array.data_type() {
        DataType::Struct(_) => {
            let parent = array.as_struct();
            for (field, child) in parent.fields().iter().zip(parent.columns()) {
                keys_of_array(&format!("{name}.{}", field.name()), child, keys);
            }
        }
        text if is_textual(text) => {
            let texts = super::convert::lossy(array, false).map(|(texts, _)| texts);
            let Ok(Ok(texts)) = texts.map(|texts| arrow_cast::cast(&texts, &DataType::Utf8)) else {
                return;
            };
            let is_json = |text: &&str| json::is_container(text) && text.len() <= MAX_JSON_BYTES;
            let objects = texts.as_string::<i32>().iter().flatten().filter(is_json).take(MAX_PARSED);
            let known = known_below(name);
            for text in objects {
                let Ok(value) = serde_json::from_str::<Value>(text) else { continue };
                let found = keys.entry(name.to_owned()).or_default();
                let room = KEYS.min(found.len() + KEYS_OF_ROW);
                let value = typed_json::plain(&value).unwrap_or(value);
                match &value {
                    Value::Array(pairs) => add_pairs(pairs, found),
                    value => add_keys(value, "", MAX_DEPTH, (found, room)),
                }
                for own in known.iter().filter(|own| json::find(text, own).is_some()) {
                    found.insert(format!(".{own}"));
                }
            }
        }
        _ => {
            for i in 0..array.len() {
                let found = keys.entry(name.to_owned()).or_default();
                match json::of_array(array, i) {
                    Value::Array(pairs) => add_pairs(&pairs, found),
                    Value::Object(map) => {
                        let room = KEYS.min(found.len() + KEYS_OF_ROW);
                        let known =
                            known_below(name).into_iter().filter(|own| map.contains_key(own.as_str()));
                        let known: Vec<String> = known.map(|own| format!(".{own}")).collect();
                        add_keys(&Value::Object(map), "", 1, (found, room));
                        found.extend(known);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Adds the keys of a list of keys and values, as OTLP writes attributes.
fn add_pairs(pairs: &[Value], keys: &mut BTreeSet<String>) {
    let of_pair = |pair: &Value| {
        let pair = pair.as_object()?;
        let key = pair.iter().find(|(name, _)| name.eq_ignore_ascii_case("key"))?.1;
        let key = key.as_str()?;
        Some(format!(".{}", json::list_of(key).unwrap_or(key)))
    };
    let room = KEYS.saturating_sub(keys.len()).min(KEYS_OF_ROW);
    keys.extend(pairs.iter().filter_map(of_pair).take(room));
}

/// Names that presets know below a column, without the column's own.
fn known_below(column: &str) -> Vec<String> {
    static KNOWN: OnceLock<BTreeSet<String>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let inside = |preset: &preset::Preset, name: &str| {
            let above = preset.inside.iter().map(|above| format!("{above}.{name}"));
            above.chain([name.to_owned()]).collect::<Vec<_>>()
        };
        preset::ALL.iter().flat_map(|preset| preset.names().flat_map(|name| inside(preset, name))).collect()
    });
    if preset::WRAPS.contains(&column) {
        return known.iter().cloned().collect();
    }
    let below = |name: &String| {
        let (begin, rest) = name.split_at_checked(column.len())?;
        begin.eq_ignore_ascii_case(column).then_some(rest)?.strip_prefix('.').map(str::to_owned)
    };
    known.iter().filter_map(below).collect()
}

/// Adds the keys of an object, as long as there is room: up to a number of keys altogether.
fn add_keys(value: &Value, above: &str, depth: usize, (keys, room): (&mut BTreeSet<String>, usize)) {
    let Some(map) = value.as_object().filter(|_| depth > 0) else { return };
    for (key, inner) in map {
        if keys.len() >= room {
            return;
        }
        if let Some(list) = json::list_of(key) {
            keys.insert(format!("{above}.{list}"));
            continue;
        }
        let path = format!("{above}.{key}");
        match inner {
            Value::Object(_) if depth > 1 => add_keys(inner, &path, depth - 1, (keys, room)),
            // Bodies that a proxy keeps as text.
            Value::String(text) if depth > 1 && json::is_container(text) => {
                let body = serde_json::from_str(text).unwrap_or_default();
                add_keys(&body, &path, depth - 1, (keys, room));
            }
            // A single answer is the first item of a list of choices.
            Value::Array(items) if depth > 1 && items.first().is_some_and(Value::is_object) => {
                add_keys(&items[0], &format!("{path}[0]"), depth - 1, (keys, room));
            }
            _ => {}
        }
        keys.insert(path);
    }
}

/// Every source column of the files with its type in words, sorted by name.
pub(super) fn source_columns(seen: &[FileColumns]) -> Vec<(String, String)> {
    let mut types: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
    for (name, found) in seen.iter().flat_map(|file| &file.columns) {
        let kind = match &found.place {
            Place::Whole(_) => "text in the path of the file".to_owned(),
            Place::Items(_) => "items of a list in columns of their own".to_owned(),
            Place::Rows(_) => in_words(&found.data_type),
        };
        types.entry(name).or_default().insert(kind);
    }
    types
        .into_iter()
        .map(|(name, types)| (name.clone(), types.into_iter().collect::<Vec<_>>().join(" or ")))
        .collect()
}
