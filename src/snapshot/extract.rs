//! Extraction of the values at a path from a batch.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, RecordBatch, StringArray, StructArray, UInt64Array, make_array,
    new_null_array,
};
use arrow_buffer::NullBuffer;
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_select::take::take;
use serde_json::Value;

use super::json_mended::mended;
use super::path::{Path, Step};
use super::{conversation, json, path, typed_json};

/// Reading of values in JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rendered {
    /// As they are.
    Never,
    /// Objects and lists as conversations.
    Containers,
    /// Objects, lists, and text that is JSON again or the text of a stream, as conversations.
    All,
}

/// Array at a path in a batch, null wherever an enclosing value is null; `None` if the batch lacks the
/// path.
pub(super) fn array(batch: &RecordBatch, path: &Path, rendered: Rendered) -> Option<ArrayRef> {
    let mut array = Arc::clone(batch.column_by_name(&path.root)?);
    for step in &path.steps {
        array = match step {
            Step::Field(name) => field(&array, name)?,
            Step::Key(key) => value_of(&array, key)?,
            Step::Item(at) => item(&array, *at)?,
            Step::Json(inner) => Arc::new(of_json(&array, inner, rendered)),
        };
    }
    Some(array)
}

fn field(array: &ArrayRef, name: &str) -> Option<ArrayRef> {
    let parent = array.as_any().downcast_ref::<StructArray>()?;
    let child = parent.column_by_name(name)?;
    let Some(outer) = parent.nulls() else { return Some(Arc::clone(child)) };
    if *child.data_type() == DataType::Null {
        return Some(Arc::clone(child));
    }
    let nulls = NullBuffer::union(Some(outer), child.nulls());
    let data = child.to_data().into_builder().nulls(nulls).build().ok()?;
    Some(make_array(data))
}

/// Items of an array of lists, with the start and end of each list.
pub(super) fn lists(array: &ArrayRef) -> Option<(ArrayRef, Vec<(usize, usize)>)> {
    let to = match array.data_type() {
        DataType::Map(_, _) => {
            let map = array.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            let offsets = map.value_offsets().windows(2).enumerate();
            let range = |(i, pair): (usize, &[i32])| {
                if map.is_null(i) { (0, 0) } else { (pair[0] as usize, pair[1] as usize) }
            };
            return Some((entries, offsets.map(range).collect()));
        }
        DataType::LargeList(_) => array.data_type().clone(),
        DataType::List(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => DataType::LargeList(Arc::clone(item)),
        _ => return None,
    };
    let wide = cast(array, &to).ok()?;
    let list = wide.as_list::<i64>();
    let offsets = list.value_offsets().windows(2).enumerate();
    let range = |(i, pair): (usize, &[i64])| {
        if list.is_null(i) { (0, 0) } else { (pair[0] as usize, pair[1] as usize) }
    };
    Some((Arc::clone(list.values()), offsets.map(range).collect()))
}

/// JSON text of the lists whose items stand in numbered columns, for each row. `columns` have the name that
/// follows the list's, such as `0.content`.
pub(super) fn list_of_columns(batch: &RecordBatch, columns: &[(String, Path)]) -> Option<ArrayRef> {
    let mut arrays = Vec::with_capacity(columns.len());
    for (name, path) in columns {
        arrays.push((format!("list.{name}"), self::array(batch, path, Rendered::Never)?));
    }
    let text = |row: usize| {
        let raw = |array: &ArrayRef| {
            let value = json::of_array(array, row);
            (!value.is_null()).then(|| value.to_string())
        };
        json::numbered(arrays.iter().filter_map(|(name, array)| Some((name.as_str(), raw(array)?))), "list")
    };
    Some(Arc::new((0..batch.num_rows()).map(text).collect::<StringArray>()))
}

fn item(array: &ArrayRef, at: i64) -> Option<ArrayRef> {
    let (items, ranges) = lists(array)?;
    let place = |&(start, end): &(usize, usize)| {
        let at = if at < 0 { at + (end - start) as i64 } else { at };
        usize::try_from(at).ok().filter(|&at| start + at < end).map(|at| (start + at) as u64)
    };
    take(&items, &ranges.iter().map(place).collect::<UInt64Array>(), None).ok()
}

/// Value of a key in each row. Of duplicate keys the last counts.
fn value_of(array: &ArrayRef, key: &str) -> Option<ArrayRef> {
    let (entries, ranges) = lists(array)?;
    if path::is_textual(entries.data_type()) {
        return tagged(&entries, &ranges, key);
    }
    let entries = entries.as_struct_opt()?;
    let (keys, values) = match array.data_type() {
        DataType::Map(_, _) => (entries.columns().first()?, Some(Arc::clone(entries.columns().get(1)?))),
        _ => {
            let keys = named(entries, "key").or_else(|| named(entries, "name"))?;
            (keys, named(entries, "value").filter(|_| !has_typed_values(entries)).cloned())
        }
    };
    let is_key = equal(keys, key)?;
    let place = |&(start, end): &(usize, usize)| {
        (start..end).rev().find(|&at| is_key.is_valid(at) && is_key.value(at)).map(|at| at as u64)
    };
    let places: UInt64Array = ranges.iter().map(place).collect();
    if let Some(values) =
        values.as_ref().filter(|values| places.null_count() > 0 && path::is_textual(values.data_type()))
        && let Some(lists) = numbered(keys, values, &ranges, &places, key)
    {
        return Some(lists);
    }
    let values = values.unwrap_or_else(|| Arc::new(typed_values(entries)));
    let found = take(&values, &places, None).ok()?;
    // OTLP writes `{stringValue, intValue, …}`, of which one is set.
    match found.data_type() {
        DataType::Struct(_) if !matches!(array.data_type(), DataType::Map(_, _)) => {
            let text = |i: usize| match json::of_array(&found, i) {
                Value::Object(map) => map.values().find_map(json::as_text),
                other => json::as_text(&other),
            };
            Some(Arc::new((0..found.len()).map(text).collect::<StringArray>()))
        }
        _ => Some(found),
    }
}

/// Value of a key in each row of lists of texts such as `key:value`. Of duplicate keys the last counts.
fn tagged(texts: &ArrayRef, ranges: &[(usize, usize)], key: &str) -> Option<ArrayRef> {
    let (texts, _) = super::convert::lossy(texts, false).ok()?;
    let texts = cast(&texts, &DataType::Utf8).ok()?;
    let texts = texts.as_string::<i32>();
    let value = |&(start, end): &(usize, usize)| {
        (start..end).rev().filter(|&at| texts.is_valid(at)).find_map(|at| path::tagged(texts.value(at), key))
    };
    Some(Arc::new(ranges.iter().map(value).collect::<StringArray>()))
}

/// Values with a list in place of a missing one, where its items stand under numbered keys; `None` if there
/// are none.
fn numbered(
    keys: &ArrayRef,
    values: &ArrayRef,
    ranges: &[(usize, usize)],
    places: &UInt64Array,
    key: &str,
) -> Option<ArrayRef> {
    let as_text = |array: &ArrayRef| {
        let (texts, _) = super::convert::lossy(array, false).ok()?;
        cast(&texts, &DataType::Utf8).ok()
    };
    let keys = as_text(keys)?;
    let keys = keys.as_string::<i32>();
    if !keys.iter().flatten().any(|own| json::number_of(own, key).is_some()) {
        return None;
    }
    let values = as_text(values)?;
    let values = values.as_string::<i32>();
    let text = |(row, &(start, end)): (usize, &(usize, usize))| {
        if places.is_valid(row) {
            let at = places.value(row) as usize;
            return values.is_valid(at).then(|| values.value(at).to_owned());
        }
        let entries = (start..end).filter(|&at| keys.is_valid(at) && values.is_valid(at));
        let entries =
            entries.filter_map(|at| Some((keys.value(at), serde_json::to_string(values.value(at)).ok()?)));
        json::numbered(entries, key)
    };
    Some(Arc::new(ranges.iter().enumerate().map(text).collect::<StringArray>()))
}

fn named<'a>(entries: &'a StructArray, name: &str) -> Option<&'a ArrayRef> {
    let at = entries.fields().iter().position(|field| field.name().eq_ignore_ascii_case(name))?;
    entries.columns().get(at)
}

/// True for several columns of values, one for each type.
fn has_typed_values(entries: &StructArray) -> bool {
    path::typed_values(entries.fields()).count() > 1
}

/// The first of several typed columns `Value`, `ValueInt`, … that has a value, as text.
fn typed_values(entries: &StructArray) -> StringArray {
    let columns: Vec<&ArrayRef> =
        path::typed_values(entries.fields()).filter_map(|name| entries.column_by_name(name)).collect();
    let text = |i: usize| {
        columns.iter().find_map(|column| match json::of_array(column, i) {
            Value::Array(items) if items.len() == 1 => json::as_text(&items[0]),
            Value::Array(items) if items.is_empty() => None,
            other => json::as_text(&other),
        })
    };
    (0..entries.len()).map(text).collect()
}

fn equal(keys: &ArrayRef, key: &str) -> Option<BooleanArray> {
    let (keys, _) = super::convert::lossy(keys, false).ok()?;
    let keys = cast(&keys, &DataType::Utf8).ok()?;
    arrow_ord::cmp::eq(keys.as_string::<i32>(), &StringArray::new_scalar(key)).ok()
}

/// Texts at a path in JSON text; null if the text is not JSON or lacks the path.
fn of_json(array: &ArrayRef, path: &str, rendered: Rendered) -> StringArray {
    let texts =
        super::convert::lossy(array, false).ok().and_then(|(texts, _)| cast(&texts, &DataType::Utf8).ok());
    let texts = texts.unwrap_or_else(|| new_null_array(&DataType::Utf8, array.len()));
    let found = |text: &str| match json::find(text, path) {
        Some(raw) => of_raw(&raw, rendered),
        None => of_raw(&json::find(&mended(text)?, path)?, rendered),
    };
    texts.as_string::<i32>().iter().map(|text| found(text?)).collect()
}

/// Text of a raw JSON value.
fn of_raw(raw: &str, rendered: Rendered) -> Option<String> {
    let is_container = json::is_container(raw);
    if let Some(plain) = typed_json::plain_text(raw) {
        return match plain {
            Value::String(text) => Some(text),
            Value::Null => None,
            plain => of_raw(&plain.to_string(), rendered),
        };
    }
    if rendered != Rendered::Never
        && is_container
        && let Ok(value) = serde_json::from_str::<Value>(raw)
    {
        return if conversation::is_empty(&value) {
            None
        } else {
            conversation::of_value(&value).or_else(|| Some(raw.to_owned()))
        };
    }
    let text = String::from_utf8_lossy(&json::cell(raw)?).into_owned();
    if rendered == Rendered::All && !is_container { conversation::of_text(&text) } else { Some(text) }
}
