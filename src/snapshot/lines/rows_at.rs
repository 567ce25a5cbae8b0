//! Place of the rows in JSON documents, where the user names it, and lists that a row would hide.

use std::io;
use std::sync::{Mutex, PoisonError};

use serde_json::value::RawValue;

use super::layout::Layout;
use super::shape::{begins, is_exchange, is_of_call, is_one_of, is_time, kept_wrapper};
use super::table::{numbered, table_of};
use super::wrapper::{is_list_of_objects, members};
use crate::snapshot::json;

/// Path that the user named.
static CHOSEN: Mutex<Option<String>> = Mutex::new(None);

/// Takes the lists below a path as the rows of all JSON files whose layout no case keeps, from now on: names with
/// dots between, such as `data.result`. A dot alone takes each document as one row.
pub fn choose_rows_at(path: Option<&str>) {
    *CHOSEN.lock().unwrap_or_else(PoisonError::into_inner) = path.map(str::to_owned);
}

/// The path that the user named.
pub(super) fn chosen_path() -> Option<String> {
    CHOSEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Layout of a text that begins with an object, with its rows below a path. The text may be cut.
///
/// # Errors
/// No list is there.
pub(super) fn layout_below(path: &str, bytes: &[u8]) -> io::Result<Layout> {
    let refused = || io::Error::new(io::ErrorKind::InvalidData, format!("{path} is no list of rows in it"));
    let (mut through, mut lists, mut inner) = (Vec::new(), Vec::<Vec<String>>::new(), bytes);
    for name in path.split('.') {
        let found = members(inner).into_iter().find(|(own, _)| *own == name.as_bytes());
        let (_, value) = found.ok_or_else(refused)?;
        match begins(value) {
            Some(b'[') => lists.push(vec![name.to_owned()]),
            Some(b'{') if lists.is_empty() => through.push(name.to_owned()),
            _ => return Err(refused()),
        }
        let first = value.iter().position(|byte| b"[{".contains(byte)).unwrap_or(0);
        inner = if lists.is_empty() { &value[first..] } else { &value[first + 1..] };
    }
    let wrapper = kept_wrapper(&through, &lists).ok_or_else(refused)?;
    let start = inner.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    match inner.get(start) {
        Some(b'[') => {
            let table = table_of(bytes).filter(|(own, _)| *own == wrapper);
            let names = table.map(|(_, names)| names).or_else(|| numbered(&inner[start..]));
            names.map(|names| Layout::JsonTable(wrapper, names)).ok_or_else(refused)
        }
        _ => Ok(table_of(bytes)
            .filter(|(own, _)| *own == wrapper)
            .map_or(Layout::JsonItems(wrapper), |(own, names)| Layout::JsonTable(own, names))),
    }
}

/// Names of lists that belong to one exchange.
const OF_EXCHANGES: [&str; 18] = [
    "annotations",
    "candidates",
    "choices",
    "citations",
    "content",
    "contents",
    "documents",
    "history",
    "input",
    "messages",
    "output",
    "parts",
    "safety_ratings",
    "safety_settings",
    "safetyRatings",
    "safetySettings",
    "tool_calls",
    "tools",
];
/// Names of members of a pair.
const OF_PAIRS: [&str; 9] = ["key", "name", "value", "k", "v", "type", "stringValue", "label", "id"];
/// Maximum depth of objects that are looked into.
const MAX_DEPTH: usize = 8;

/// List inside a row that may be the rows themselves: its path, and the number of its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::snapshot) struct InnerList {
    pub path: String,
    pub items: usize,
    /// True if its items are lists, or hold such lists.
    pub is_of_lists: bool,
}

/// The longest list of several objects, or of several lists of text, in the objects of a record; `None` if there
/// is none, and for an exchange. Lists of one exchange by their names, and lists of pairs, do not count.
pub(super) fn inner_list(record: &[u8]) -> Option<InnerList> {
    if is_exchange(&members(record)) {
        return None;
    }
    let text = super::text::text_of(record);
    longest_in(&text, "", MAX_DEPTH)
}

fn longest_in(object: &str, above: &str, depth: usize) -> Option<InnerList> {
    let mut longest: Option<InnerList> = None;
    for (name, value) in json::entries(object)? {
        let path = format!("{above}{name}");
        let found = match value.get().trim_start().as_bytes().first() {
            Some(b'{') if depth > 0 => longest_in(value.get(), &format!("{path}."), depth - 1),
            Some(b'[') if !is_one_of(name.as_bytes(), &OF_EXCHANGES) => rows_of(value.get(), path),
            _ => None,
        };
        if found.as_ref().map(|found| found.items) > longest.as_ref().map(|longest| longest.items) {
            longest = found;
        }
    }
    longest
}

/// A list, if it may be one of rows.
fn rows_of(list: &str, path: String) -> Option<InnerList> {
    let items: Vec<&RawValue> = serde_json::from_str(list).ok()?;
    let first = items.first()?.get().trim_start();
    // An object of it may have the rows, as a stream of Loki has.
    let inner = if first.starts_with('{') { longest_in(first, "", 2) } else { None };
    let is_of_lists = first.starts_with('[') && has_text(first);
    let is_rows = match first.as_bytes().first()? {
        b'{' => items.len() > 1 && !is_pair(first) || inner.is_some(),
        b'[' => items.len() > 1 && is_of_lists,
        _ => false,
    };
    let is_of_lists = is_of_lists || inner.is_some_and(|inner| inner.is_of_lists);
    is_rows.then_some(InnerList { path, items: items.len(), is_of_lists })
}

fn is_pair(object: &str) -> bool {
    let entries = json::entries(object).unwrap_or_default();
    entries.len() <= 3 && entries.iter().all(|(name, _)| is_one_of(name.as_bytes(), &OF_PAIRS))
}

fn has_text(list: &str) -> bool {
    let items: Vec<&RawValue> = serde_json::from_str(list).unwrap_or_default();
    items.iter().any(|item| item.get().trim_start().starts_with('"'))
}

/// Names of the objects around the only list of records of a document, and that of the list; `None` if it has
/// none, if it has several, or if a time stands beside it, so that the document may be a record itself. The text
/// may be cut.
pub(super) fn only_list(bytes: &[u8]) -> Option<Vec<String>> {
    let mut lists = Vec::new();
    let mut is_record = false;
    gather(bytes, &mut Vec::new(), &mut lists, &mut is_record);
    let path = lists.pop()?;
    (lists.is_empty() && !is_record).then_some(path)
}

fn gather(bytes: &[u8], above: &mut Vec<String>, lists: &mut Vec<Vec<String>>, is_record: &mut bool) {
    for (name, value) in members(bytes) {
        let Ok(own) = std::str::from_utf8(name) else { continue };
        above.push(own.to_owned());
        let start = value.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        match begins(value) {
            Some(b'{') if above.len() < MAX_DEPTH => gather(&value[start..], above, lists, is_record),
            Some(b'[') if is_one_of(name, &OF_EXCHANGES) => {}
            Some(b'[') if super::shape::is_list_of_records(value) => lists.push(above.clone()),
            Some(b'[') if is_list_of_objects(value) => {
                let first = value.iter().position(|&byte| byte == b'{').unwrap_or(0);
                let pair = members(&value[first..]);
                *is_record |= !pair.iter().all(|(name, _)| is_one_of(name, &OF_PAIRS));
            }
            Some(b'{' | b'[') => {}
            _ => *is_record |= is_time(name) || is_of_call(name),
        }
        above.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_a_row_would_hide_are_named() {
        let of = |text: &str| inner_list(text.as_bytes()).map(|list| format!("{} {}", list.path, list.items));
        for (text, found) in [
            (r#"{"a":{"b":[{"x":1},{"x":2}]},"c":[{"y":1},{"y":2},{"y":3}]}"#, Some("c 3")),
            (r#"{"data":{"result":[{"stream":{},"values":[["1","x"],["2","y"]]}]}}"#, Some("data.result 1")),
            (r#"{"rows":[["x",1],["y",2]]}"#, Some("rows 2")),
            (r#"{"request":{"messages":[{"role":"u"},{"role":"a"}]}}"#, None),
            (r#"{"ts":1,"tags":[{"Key":"a","Value":"b"},{"Key":"c","Value":"d"}]}"#, None),
            (r#"{"ts":1,"user":"u","metadata":{"Records":[{"x":1},{"x":2}]}}"#, None),
            (r#"{"ts":1,"e":[[0.1,0.2],[0.3,0.4]],"n":[1,2,3],"one":[{"x":1}]}"#, None),
        ] {
            assert_eq!(of(text).as_deref(), found, "{text}");
        }
    }

    #[test]
    fn one_list_of_records_is_the_rows() {
        let of = |text: &str| only_list(text.as_bytes()).map(|path| path.join("."));
        assert_eq!(
            of(r#"{"export":{"v":1,"tenant":"x","body":{"calls":[{"time":1}"#).unwrap(),
            "export.body.calls"
        );
        assert_eq!(of(r#"{"a":[{"time":1}],"b":[{"time":1}]}"#), None, "two lists");
        assert_eq!(of(r#"{"time":1,"user":"u","events":[{"time":1}]}"#), None, "a record with a list");
        assert_eq!(of(r#"{"a":[{"time":1}],"b":[{"x":1,"y":2}]}"#), None);
        assert_eq!(of(r#"{"tstamp":1,"model":"m","metadata":{"a":[{"time":1}]}}"#), None, "an exchange");
    }

    #[test]
    fn rows_are_where_the_user_says() {
        let of = |path: &str, text: &str| layout_below(path, text.as_bytes());
        let loki = r#"{"data":{"result":[{"stream":{"app":"x"},"values":[["1","x"],["2","y"]]}]}}"#;
        let wrapper = |through, lists| super::super::wrapper::Wrapper { through, lists };
        assert_eq!(
            of("data.result.values", loki).unwrap(),
            Layout::JsonTable(wrapper(&["data"], &[&["result"], &["values"]]), &["value_1", "value_2"])
        );
        assert_eq!(of("data.result", loki).unwrap(), Layout::JsonItems(wrapper(&["data"], &[&["result"]])));
        assert!(of("data.results", loki).unwrap_err().to_string().contains("data.results is no list"));
    }
}
