//! JSON in log columns: paths into it, and Arrow values as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::json_mended::mended;
use super::path::{in_brackets, index, tagged};
use super::{base64, typed_json};

/// Maximum depth of nesting that is read; a bound against hostile input.
const MAX_DEPTH: usize = 64;

/// Names and raw values of a JSON object, in order.
pub(super) type Entries<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// Entries of a text that is a JSON object; `None` for any other text. The values are not parsed: they
/// may be nested to any depth, and texts may have halves of surrogate pairs.
pub(super) fn entries(text: &str) -> Option<Entries<'_>> {
    struct Object;
    impl<'de> Visitor<'de> for Object {
        type Value = Entries<'de>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::new();
            while let Some((Name(name), value)) = map.next_entry()? {
                entries.push((name, value));
            }
            Ok(entries)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let entries = deserializer.deserialize_map(Object).ok()?;
    deserializer.end().ok()?;
    Some(entries)
}

/// Text of a JSON string in which halves of surrogate pairs are replaced.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Bytes).map(|bytes| {
            Self(match bytes {
                Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
                Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
            })
        })
    }
}

/// Visitor for the bytes of a JSON string; halves of surrogate pairs are bytes that are not UTF-8.
struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = Cow<'de, [u8]>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(bytes))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(bytes.to_vec()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text.as_bytes()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.as_bytes().to_vec()))
    }
}

/// True for a raw value that is an object or a list.
pub(super) fn is_container(raw: &str) -> bool {
    raw.trim_start().starts_with(['{', '['])
}

/// Text without white space at its ends and byte order marks before it, which many servers pass over.
fn without_mark(text: &str) -> &str {
    text.trim_start_matches(|c: char| c == '\u{FEFF}' || c.is_whitespace()).trim_end()
}

/// True for text that is no JSON and begins like an object, a list or an object behind a comment.
pub(super) fn is_cut(text: &str) -> bool {
    let text = without_mark(text);
    let is_json = |text: &str| serde_json::from_str::<&RawValue>(text).is_ok();
    let begins = is_container(text) || text.starts_with('/') && text.contains('{');
    begins && !is_json(text) && !mended(text).is_some_and(|text| is_json(&text))
}

/// A raw value as the bytes of a cell: text without quotes, a number without an empty fraction, an object
/// or list as JSON; `None` for null.
pub(super) fn cell(raw: &str) -> Option<Cow<'_, [u8]>> {
    let raw = raw.trim();
    if let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        if !inner.contains('\\') {
            return Some(Cow::Borrowed(inner.as_bytes()));
        }
        return serde_json::Deserializer::from_str(raw).deserialize_bytes(Bytes).ok();
    }
    if raw == "null" {
        return None;
    }
    let whole = raw.split_once('.').filter(|(whole, fraction)| {
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        fraction.bytes().all(|byte| byte == b'0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    Some(Cow::Borrowed(whole.map_or(raw, |(whole, _)| whole).as_bytes()))
}

/// Names of MongoDB's extended JSON for one value with its type.
const EXTENDED: [&str; 8] =
    ["$oid", "$date", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$uuid", "$symbol"];

/// The value in `{"$oid": "…"}` (MongoDB), in `{"S": "…"}` (DynamoDB) and the like as text; `None` for any other
/// text.
pub(super) fn extended(text: &str) -> Option<String> {
    if let Some(plain) = typed_json::plain_text(text) {
        return Some(as_text(&plain).unwrap_or_default());
    }
    let own = entries(text)?;
    let [(name, value)] = &own[..] else { return None };
    if !EXTENDED.contains(&name.as_ref()) {
        return None;
    }
    match is_container(value.get()) {
        true => extended(value.get()),
        false => cell(value.get()).map(|text| String::from_utf8_lossy(&text).into_owned()),
    }
}

/// The raw value at a path in JSON text: `user.id`, `choices[0].text`, `['a.b']`. A key with dots takes
/// precedence over nested keys; a list of `{key, value}` is a map; text that is JSON again, or JSON in Base64 or in a
/// list of bytes, is read. `$.` before a path is its root. Of equal keys the last counts.
pub(super) fn find<'a>(text: &'a str, path: &str) -> Option<Cow<'a, str>> {
    let is_item = below_root(path).starts_with('[');
    let of_bytes = || if is_item { None } else { base64::json_of_bytes(text) };
    match base64::json_in(text).or_else(of_bytes) {
        Some(inner) => deep(&inner, path, 0).map(|found| Cow::Owned(found.into_owned())),
        None => deep(without_mark(text), path, 0),
    }
}

/// Path without the `$` of its root. A name may begin with `$` too.
fn below_root(path: &str) -> &str {
    let path = path.strip_prefix('.').unwrap_or(path);
    match path.strip_prefix('$').filter(|rest| rest.starts_with(['.', '['])) {
        Some(rest) => rest.strip_prefix('.').unwrap_or(rest),
        None => path,
    }
}

fn deep<'a>(raw: &'a str, path: &str, depth: usize) -> Option<Cow<'a, str>> {
    let path = below_root(path);
    if path.is_empty() {
        return Some(Cow::Borrowed(raw));
    }
    if depth > MAX_DEPTH {
        return None;
    }
    if raw.starts_with('"') {
        let inner = cell(raw)?;
        let inner = String::from_utf8_lossy(&inner);
        let coded = || base64::json_in(&inner).map(Cow::Owned);
        let inner = if is_container(&inner) { Some(Cow::Borrowed(&*inner)) } else { coded() }?;
        let found = deep(inner.trim(), path, depth + 1)?;
        return Some(Cow::Owned(found.into_owned()));
    }
    if let Some((at, rest)) = index(path) {
        let typed = raw.starts_with('{').then(|| typed_json::container_of(&Children::of(raw)?.0)).flatten();
        let items: Vec<&RawValue> = serde_json::from_str(typed.unwrap_or(raw)).ok()?;
        let at = if at < 0 { at + items.len() as i64 } else { at };
        return deep(items.get(usize::try_from(at).ok()?)?.get(), rest, depth + 1);
    }
    if let Some((key, "")) = in_brackets(path)
        && let Some(value) = tag(raw, key)
    {
        return Some(Cow::Owned(value));
    }
    let children = Children::of(raw)?;
    if let Some((key, rest)) = in_brackets(path) {
        return deep(children.get(key)?, rest, depth + 1);
    }
    if let Some(found) = children.get(path) {
        return Some(Cow::Borrowed(found));
    }
    let ends = path.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
    let below = ends.rev().find_map(|end| deep(children.get(&path[..end])?, &path[end..], depth + 1));
    let below = below.or_else(|| {
        let entries = children.0.iter().map(|(name, raw)| (name.as_ref(), (*raw).to_owned()));
        numbered(entries, path).map(Cow::Owned)
    });
    below.or_else(|| deep(typed_json::container_of(&children.0)?, path, depth + 1))
}

/// A list whose items stand under numbered names, as attributes of spans keep messages:
/// `gen_ai.prompt.0.role`, `gen_ai.prompt.0.content` → `[{"role": …, "content": …}]`. `entries` are names
/// and raw values; `None` if no name is numbered so.
pub(super) fn numbered<'a>(entries: impl Iterator<Item = (&'a str, String)>, list: &str) -> Option<String> {
    let mut items: BTreeMap<u32, BTreeMap<&str, String>> = BTreeMap::new();
    for (name, raw) in entries {
        if let Some((at, rest)) = number_of(name, list) {
            items.entry(at).or_default().insert(rest, raw);
        }
    }
    let member = |(name, raw): (&str, String)| Some(format!("{}:{raw}", serde_json::to_string(name).ok()?));
    let item = |members: BTreeMap<&str, String>| {
        format!("{{{}}}", members.into_iter().filter_map(member).collect::<Vec<_>>().join(","))
    };
    let items: Vec<String> = items.into_values().map(item).collect();
    (!items.is_empty()).then(|| format!("[{}]", items.join(",")))
}

/// Number and rest of a name such as `gen_ai.prompt.0.content` below a list.
pub(super) fn number_of<'a>(name: &'a str, list: &str) -> Option<(u32, &'a str)> {
    let (number, rest) = name.strip_prefix(list)?.strip_prefix('.')?.split_once('.')?;
    Some((number.parse().ok()?, rest))
}

/// Name of the list of a name such as `gen_ai.prompt.0.content`: `gen_ai.prompt`.
pub(super) fn list_of(name: &str) -> Option<&str> {
    let mut parts = name.match_indices('.').map(|(at, _)| at).peekable();
    while let Some(at) = parts.next() {
        let end = *parts.peek()?;
        if end > at + 1 && name[at + 1..end].bytes().all(|byte| byte.is_ascii_digit()) {
            return (at > 0).then(|| &name[..at]);
        }
    }
    None
}

/// Value of a key in a list of texts such as `key:value`, as JSON. Of equal keys the last counts.
fn tag(raw: &str, key: &str) -> Option<String> {
    let items: Vec<&RawValue> = serde_json::from_str(raw).ok().filter(|_| raw.starts_with('['))?;
    let texts = items.iter().rev().filter(|item| item.get().starts_with('"'));
    texts.into_iter().find_map(|item| {
        let text = cell(item.get())?;
        serde_json::to_string(tagged(&String::from_utf8_lossy(&text), key)?).ok()
    })
}

/// Values of a JSON object by name, or of a list of `{key, value}` by key.
struct Children<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Children<'a> {
    fn of(raw: &'a str) -> Option<Self> {
        if raw.starts_with('{') {
            return Some(Self(entries(raw)?.into_iter().map(|(name, value)| (name, value.get())).collect()));
        }
        let pairs: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
        let pair = |pair: &&'a RawValue| {
            let pair = entries(pair.get())?;
            let of = |wanted: &str| {
                let mut own = pair.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
                own.next().map(|(_, value)| value.get())
            };
            let key = cell(of("key").or_else(|| of("name"))?)?;
            Some((Cow::Owned(String::from_utf8_lossy(&key).into_owned()), scalar(of("value")?)))
        };
        Some(Self(pairs.iter().filter_map(pair).collect()))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| *value)
    }
}

/// Value inside `{"stringValue": …}`, as OTLP writes attributes; else the value itself.
fn scalar(raw: &str) -> &str {
    match entries(raw).as_deref() {
        Some([(_, only)]) => only.get(),
        _ => raw,
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
            let entry = |(field, column): (&arrow_schema::FieldRef, &ArrayRef)| {
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
            "inner": "{\"deep\": true}", "cost": 12.0,
            "attributes": [{"key": "user.id", "value": {"stringValue": "u"}}],
        })
        .to_string();
        let text = |path| {
            let found = find(&value, path)?;
            cell(&found).map(|cell| String::from_utf8_lossy(&cell).into_owned())
        };
        assert_eq!(text("user.id").as_deref(), Some("7"));
        assert_eq!(text("gen_ai.request.model").as_deref(), Some("m"));
        assert_eq!(text("choices[-1].text").as_deref(), Some("b"));
        assert_eq!(text("['user']['id']").as_deref(), Some("7"));
        assert_eq!(text("inner.deep").as_deref(), Some("true"));
        assert_eq!(text("attributes.user.id").as_deref(), Some("u"));
        assert_eq!(text("cost").as_deref(), Some("12"));
        assert_eq!(text("user.name"), None);
        assert_eq!(text("choices[9]"), None);
    }

    #[test]
    fn paths_lead_through_text_in_text() {
        let inner = json!({"user": "u7", "messages": [{"role": "user"}]}).to_string();
        let body = json!({"postData": {"text": inner.clone()}, "coded": "eyJ1c2VyIjoidTcifQ=="}).to_string();
        let outer = json!({"request": body}).to_string();
        for path in
            ["request.postData.text.user", "request.$.postData.text.$.user", "$.request.$.coded.$.user"]
        {
            assert_eq!(find(&outer, path).as_deref(), Some("\"u7\""), "{path}");
        }
        assert_eq!(find("eyJ1c2VyIjoidTcifQ==", "user").as_deref(), Some("\"u7\""));
        let typed =
            json!({"Item": {"u": {"S": "u7"}, "m": {"L": [{"M": {"role": {"S": "user"}}}]}}}).to_string();
        assert_eq!(find(&typed, "Item.m[0].role").as_deref(), Some("{\"S\":\"user\"}"));
        assert_eq!(find(&typed, "Item.m.L[0].M.role.S").as_deref(), Some("\"user\""));
        assert_eq!(extended("{\"N\":\"7\"}").as_deref(), Some("7"));
    }

    #[test]
    fn values_of_tags_by_key() {
        let of = |path: &str| {
            let text = r#"{"tags":["env:prod","customer:cust-1","note:a:b"],"more":[{"Key":"t","Value":"x"},{"Key":"u","Value":"y"}],"headers":[{"name":"x-user","value":"v"}]}"#;
            find(text, path).map(|raw| cell(&raw).map(|text| String::from_utf8_lossy(&text).into_owned()))
        };
        let some = |text: &str| Some(Some(text.to_owned()));
        assert_eq!(of("tags[customer]"), some("cust-1"));
        assert_eq!(of("tags['note']"), some("a:b"));
        assert_eq!(of("tags[none]"), None);
        assert_eq!(of("more[u]"), some("y"));
        assert_eq!(of("headers['x-user']"), some("v"));
        assert_eq!(of("tags[1]"), some("customer:cust-1"));
    }

    #[test]
    fn numbered_names_are_a_list() {
        let flat = r#"{"a":1,"gen_ai.prompt.10.content":"b","gen_ai.prompt.2.content":"a","gen_ai.prompt.2.role":"user","gen_ai.prompt.x.y":1}"#;
        let list = r#"[{"content":"a","role":"user"},{"content":"b"}]"#;
        assert_eq!(find(flat, "gen_ai.prompt").as_deref(), Some(list));
        let inside = format!("{{\"attributes\":{flat}}}");
        assert_eq!(find(&inside, "attributes.gen_ai.prompt").as_deref(), Some(list));
        assert_eq!(find(flat, "gen_ai.completion"), None);
        assert_eq!(list_of("gen_ai.prompt.0.content"), Some("gen_ai.prompt"));
        assert_eq!((list_of("a.0"), list_of(".0.b"), list_of("a.b")), (None, None, None));
    }

    #[test]
    fn what_a_caller_sends_hides_nothing_beside_it() {
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        for hostile in ["\"\\ud800\"", deep.as_str(), "{\"\\udfff\":1}", "1e999", "{\"user\":1}"] {
            let text = format!("{{\"messages\":{hostile},\"user\":\"u\"}}");
            assert_eq!(find(&text, "user").as_deref(), Some("\"u\""), "{hostile:.20}");
        }
        assert_eq!(cell("\"a\\ud800b\"").unwrap(), &b"a\xed\xa0\x80b"[..]);
        assert!(is_cut("{\"a\":\"x") && !is_cut("{\"a\":NaN}") && !is_cut("[1]") && !is_cut("started"));
        assert!(is_cut("/* x */ {\"a\":1}") && !is_cut("\u{FEFF}{\"a\":1}"));
        assert_eq!(find("\u{FEFF}{\"a\":1}", "a").as_deref(), Some("1"));
    }
}
