//! JSON in log columns: paths into it, and Arrow values as JSON.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type, UInt64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value};

use super::path::{bracketed, index};

/// Maximum depth of nesting that is read; a bound against hostile input.
const DEEPEST: usize = 64;

/// The value at a path in a JSON value: `user.id`, `choices[0].text`, `['a.b']`. A key with
/// dots takes precedence over nested keys; a list of `{key, value}` is a map; text that is JSON again
/// is parsed.
pub(super) fn lookup(value: &Value, path: &str) -> Option<Value> {
    deep(value, path, 0)
}

fn deep(value: &Value, path: &str, depth: usize) -> Option<Value> {
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() {
        return Some(value.clone());
    }
    if depth > DEEPEST {
        return None;
    }
    if let Value::String(text) = value {
        let inner: Value = serde_json::from_str(text).ok().filter(|inner: &Value| !inner.is_string())?;
        return deep(&inner, path, depth + 1);
    }
    if let Some((at, rest)) = index(path) {
        let items = value.as_array()?;
        let at = if at < 0 { at + items.len() as i64 } else { at };
        return deep(items.get(usize::try_from(at).ok()?)?, rest, depth + 1);
    }
    if let Some((key, rest)) = bracketed(path) {
        return deep(child(value, key)?, rest, depth + 1);
    }
    if let Some(found) = child(value, path) {
        return Some(found.clone());
    }
    let ends = path.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
    ends.rev().find_map(|end| deep(child(value, &path[..end])?, &path[end..], depth + 1))
}

fn child<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(pairs) => {
            let pair = pairs.iter().find(|pair| pair.get("key").and_then(Value::as_str) == Some(key))?;
            pair.get("value").map(scalar)
        }
        _ => None,
    }
}

/// Value inside `{"stringValue": …}`, as OTLP writes attributes; else the value itself.
fn scalar(value: &Value) -> &Value {
    match value {
        Value::Object(map) if map.len() == 1 => map.values().next().unwrap_or(value),
        _ => value,
    }
}

/// A JSON value as the text of a cell: text without quotes, `None` for null.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// One value of an Arrow array as JSON; bytes that are not UTF-8 with replacement characters.
pub(super) fn of_array(array: &dyn Array, i: usize) -> Value {
    if array.is_null(i) {
        return Value::Null;
    }
    let list = |items: ArrayRef| (0..items.len()).map(|j| of_array(&items, j)).collect();
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Utf8 => array.as_string::<i32>().value(i).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(i).into(),
        DataType::Utf8View => array.as_string_view().value(i).into(),
        DataType::Binary => String::from_utf8_lossy(array.as_binary::<i32>().value(i)).into(),
        DataType::LargeBinary => String::from_utf8_lossy(array.as_binary::<i64>().value(i)).into(),
        DataType::BinaryView => String::from_utf8_lossy(array.as_binary_view().value(i)).into(),
        DataType::Boolean => array.as_boolean().value(i).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(i).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(i).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(i).into(),
        DataType::Float32 => f64::from(array.as_primitive::<Float32Type>().value(i)).into(),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let entry = |(field, column): (&arrow::datatypes::FieldRef, &ArrayRef)| {
                (field.name().clone(), of_array(column, i))
            };
            fields
                .iter()
                .zip(columns)
                .map(entry)
                .filter(|(_, value)| !value.is_null())
                .collect::<Map<_, _>>()
                .into()
        }
        DataType::List(_) => list(array.as_list::<i32>().value(i)),
        DataType::LargeList(_) => list(array.as_list::<i64>().value(i)),
        DataType::ListView(_) => list(array.as_list_view::<i32>().value(i)),
        DataType::LargeListView(_) => list(array.as_list_view::<i64>().value(i)),
        DataType::FixedSizeList(_, _) => list(array.as_fixed_size_list().value(i)),
        DataType::Map(_, _) => {
            let entries = array.as_map().value(i);
            let (keys, values) = (entries.column(0), entries.column(1));
            let key = |j| as_text(&of_array(keys, j)).unwrap_or_default();
            (0..entries.len()).map(|j| (key(j), of_array(values, j))).collect::<Map<_, _>>().into()
        }
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let key = dictionary.normalized_keys().get(i).copied();
            key.map_or(Value::Null, |key| of_array(dictionary.values(), key))
        }
        number if number.is_integer() => {
            cast(&array.slice(i, 1), &DataType::Int64).map_or(Value::Null, |one| of_array(&one, 0))
        }
        _ => display(array, i).map_or(Value::Null, Value::from),
    }
}

/// Values as Arrow prints them, moments with a zone in UTC. `None` for nulls and for values without a
/// text, such as a moment beyond the calendar. The error is Arrow's, for a type that it cannot print.
pub(super) fn displayed(array: &ArrayRef) -> Result<Vec<Option<String>>, String> {
    let array = match array.data_type() {
        // Arrow knows offsets and no zones by name, and fails at the first of them.
        DataType::Timestamp(unit, Some(_)) => {
            cast(array, &DataType::Timestamp(*unit, Some("+00:00".into()))).map_err(|e| e.to_string())?
        }
        _ => Arc::clone(array),
    };
    let options = FormatOptions::default();
    let texts = ArrayFormatter::try_new(&array, &options).map_err(|e| e.to_string())?;
    let text = |i: usize| if array.is_null(i) { None } else { texts.value(i).try_to_string().ok() };
    Ok((0..array.len()).map(text).collect())
}

/// A value as [`displayed`].
pub(super) fn display(array: &dyn Array, i: usize) -> Option<String> {
    displayed(&array.slice(i, 1)).ok()?.pop().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_into_json() {
        let value = json!({
            "user": {"id": 7}, "gen_ai.request.model": "m", "choices": [{"text": "a"}, {"text": "b"}],
            "inner": "{\"deep\": true}",
            "attributes": [{"key": "user.id", "value": {"stringValue": "u"}}],
        });
        let text = |path| lookup(&value, path).and_then(|found| as_text(&found));
        assert_eq!(text("user.id").as_deref(), Some("7"));
        assert_eq!(text("gen_ai.request.model").as_deref(), Some("m"));
        assert_eq!(text("choices[-1].text").as_deref(), Some("b"));
        assert_eq!(text("['user']['id']").as_deref(), Some("7"));
        assert_eq!(text("inner.deep").as_deref(), Some("true"));
        assert_eq!(text("attributes.user.id").as_deref(), Some("u"));
        assert_eq!(text("user.name"), None);
        assert_eq!(text("choices[9]"), None);
    }
}
