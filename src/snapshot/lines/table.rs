//! Tables in JSON: the names of the columns in one list, and the rows beside it in another, as lists of values or
//! as BigQuery writes them (`{"f": [{"v": …}]}`).

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::layout::Layout;
use super::shape::{PAIR_NAMES, are_of_page, has_word, is_exchange, is_one_of, kept_wrapper};
use super::sibling::kept;
use super::text::{text_of, with_entries};
use super::wrapper::{Member, Names, Wrapper, members};
use crate::snapshot::json::{self, Entries};

/// Maximum number of objects and lists around the rows.
const MAX_AROUND: usize = 4;
/// Maximum number of columns.
const MAX_COLUMNS: usize = 10_000;

/// Words of the names under which a table has the names of its columns.
const OF_COLUMNS: [&str; 11] =
    ["col", "cols", "column", "columns", "field", "fields", "header", "headers", "meta", "names", "schema"];

/// Place of the rows in a text, and the names of their columns; `None` for a text whose first object is no table.
/// The text may be cut behind the first row. Inside other objects a table counts only where all else tells about a
/// page, since a caller of an API may put one into an exchange.
pub(super) fn table_of(bytes: &[u8]) -> Option<(Wrapper, Names)> {
    if is_exchange(&members(bytes)) {
        return None;
    }
    let Found { through, lists, names } = found_in(bytes, MAX_AROUND)?;
    let lists: Vec<Vec<String>> = lists.into_iter().map(|list| vec![list]).collect();
    Some((kept_wrapper(&through, &lists)?, kept(&names)?))
}

/// Names of members of a table inside other objects, beside its rows and its columns.
const OF_TABLES: [&str; 4] = ["name", "partial", "tags", "type"];

/// Names of the objects and of the lists around the rows, and of the columns.
struct Found {
    through: Vec<String>,
    lists: Vec<String>,
    names: Vec<String>,
}

fn found_in(bytes: &[u8], depth: usize) -> Option<Found> {
    let members = members(bytes);
    let own = members.iter().find_map(|&(name, value)| own_table(&members, name, value));
    let own = own.filter(|(of_names, found)| {
        let is_beside = |&(name, value): &Member<'_>| {
            name != *of_names
                && Some(name) != found.lists.first().map(String::as_bytes)
                && !is_one_of(name, &OF_TABLES)
                && !are_of_page(&[(name, value)], b"")
        };
        depth == MAX_AROUND || !members.iter().any(is_beside)
    });
    let own = own.map(|(_, found)| found);
    if own.is_some() || depth == 0 {
        return own;
    }
    let inner = members.iter().filter_map(|&(name, value): &Member<'_>| {
        let (begin, is_list) = inside(value).filter(|_| are_of_page(&members, name))?;
        let mut found = found_in(&value[begin..], depth - 1)?;
        match is_list {
            true if !found.through.is_empty() => return None,
            true => found.lists.insert(0, text(name)?),
            false => found.through.insert(0, text(name)?),
        }
        Some(found)
    });
    inner.into_iter().next()
}

/// Table whose rows are under a name, and the name of the member with the names of its columns.
fn own_table<'a>(members: &[Member<'a>], name: &[u8], value: &[u8]) -> Option<(&'a [u8], Found)> {
    let width = width_of_first(value)?;
    let mut named = members.iter().filter(|(name, _)| has_word(name, &OF_COLUMNS));
    let (of_names, names) = named
        .find_map(|(of_names, value)| Some((*of_names, names_in(value).filter(|own| own.len() == width)?)))?;
    Some((of_names, Found { through: Vec::new(), lists: vec![text(name)?], names }))
}

fn text(name: &[u8]) -> Option<String> {
    std::str::from_utf8(name).ok().map(str::to_owned)
}

/// Place of the object that a value is, or of the first one in the list that it is, and true for a list.
fn inside(value: &[u8]) -> Option<(usize, bool)> {
    let mut marks = value.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
    match marks.next()? {
        (at, b'{') => Some((at, false)),
        (_, b'[') => marks.next().filter(|(_, byte)| **byte == b'{').map(|(at, _)| (at, true)),
        _ => None,
    }
}

/// First value of a text that may go on behind it.
fn first_value(bytes: &[u8]) -> Option<Value> {
    serde_json::Deserializer::from_slice(bytes).into_iter::<Value>().next()?.ok()
}

/// Number of values in the first row of a list of rows; `None` for any other value.
fn width_of_first(value: &[u8]) -> Option<usize> {
    let mut marks = value.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
    marks.next().filter(|(_, byte)| **byte == b'[')?;
    let (at, _) = marks.next().filter(|(_, byte)| b"[{".contains(byte))?;
    match first_value(&value[at..])? {
        Value::Array(row) => Some(row.len()),
        Value::Object(row) if row.len() == 1 => row.get("f")?.as_array().map(Vec::len),
        _ => None,
    }
}

/// Names in a list of names, in a list of objects with names, or in an object that has one of these.
fn names_in(value: &[u8]) -> Option<Vec<String>> {
    let begin = value.iter().position(|byte| !byte.is_ascii_whitespace())?;
    match value[begin] {
        b'{' => members(&value[begin..]).iter().find_map(|(_, inner)| {
            inner.iter().find(|byte| !byte.is_ascii_whitespace()).filter(|byte| **byte == b'[')?;
            names_in(inner)
        }),
        b'[' => {
            let Value::Array(items) = first_value(&value[begin..])? else { return None };
            let name = |item: &Value| match item {
                Value::String(name) => Some(name.clone()),
                Value::Object(about) => ["name", "Name", "ColumnName", "label"]
                    .iter()
                    .find_map(|key| about.get(*key)?.as_str().map(str::to_owned)),
                _ => None,
            };
            let names: Option<Vec<String>> = items.iter().map(name).collect();
            names.filter(|names| (1..=MAX_COLUMNS).contains(&names.len()))
        }
        _ => None,
    }
}

/// Names by position, for a list of rows that has none: `value_1`, `value_2`, …
pub(super) fn numbered(row: &[u8]) -> Option<Names> {
    let Value::Array(row) = first_value(row)? else { return None };
    kept(&(1..=row.len()).map(|at| format!("value_{at}")).collect::<Vec<_>>())
}

/// As [`with_entries`], of a record of any JSON layout: the values of a table's row are under the names of its
/// columns.
pub(super) fn with_record<T>(
    layout: Layout,
    record: &[u8],
    visit: impl FnOnce(&Entries<'_>, bool) -> T,
) -> Option<T> {
    match layout {
        Layout::JsonTable(_, names) => with_cells(record, names, visit),
        Layout::JsonItems(_) if record.starts_with(b"[") => with_pairs(record, visit),
        _ => with_entries(record, visit),
    }
}

/// Calls `visit` with the values of a row that is a list of names and values, as answers of CloudWatch Logs Insights
/// have (`[{"field": "ts", "value": "…"}, …]`). `None` for what is no such row.
fn with_pairs<T>(row: &[u8], visit: impl FnOnce(&Entries<'_>, bool) -> T) -> Option<T> {
    let text = text_of(row);
    let is_coded = matches!(text, std::borrow::Cow::Owned(_));
    let pairs: Vec<&RawValue> = serde_json::from_str(&text).ok()?;
    let mut entries: Entries<'_> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let own = json::entries(pair.get())?;
        let of = |names: &[&str]| own.iter().find(|(name, _)| names.contains(&name.as_ref()));
        let ((_, name), (_, value)) = (of(&PAIR_NAMES)?, of(&["value"])?);
        let name = String::from_utf8_lossy(&json::cell(name.get())?).into_owned();
        entries.push((name.into(), value));
    }
    (!entries.is_empty()).then(|| visit(&entries, is_coded))
}

/// Calls `visit` with the values of a row under the names of their columns, as
/// [`with_entries`]. `None` for another number of values, and for what is no row.
fn with_cells<T>(row: &[u8], names: Names, visit: impl FnOnce(&Entries<'_>, bool) -> T) -> Option<T> {
    let text = text_of(row);
    let is_coded = matches!(text, std::borrow::Cow::Owned(_));
    let cells = cells_of(&text)?;
    if cells.len() != names.len() {
        return None;
    }
    let entries: Entries<'_> = names.iter().map(|&name| name.into()).zip(cells).collect();
    Some(visit(&entries, is_coded))
}

fn cells_of(row: &str) -> Option<Vec<&RawValue>> {
    #[derive(Deserialize)]
    struct Cell<'a> {
        #[serde(borrow)]
        v: &'a RawValue,
    }
    if row.starts_with('[') {
        return serde_json::from_str(row).ok();
    }
    let entries = json::entries(row)?;
    let (_, cells) = entries.iter().find(|(name, _)| name == "f")?;
    let cells: Vec<Cell<'_>> = serde_json::from_str(cells.get()).ok()?;
    Some(cells.into_iter().map(|cell| cell.v).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_from_records_with_lists() {
        let of = |text: &str| {
            table_of(text.as_bytes()).map(|(wrapper, names)| {
                let lists = wrapper.lists.iter().flat_map(|list| list.iter());
                let path: Vec<&str> = wrapper.through.iter().chain(lists).copied().collect();
                format!("{}: {}", path.join("."), names.join(","))
            })
        };
        for (text, found) in [
            (
                r#"{"tables":[{"name":"P","columns":[{"name":"t","type":"x"},{"name":"a"}],"rows":[["x",1],["y""#,
                "tables.rows: t,a",
            ),
            (r#"{"meta":[{"name":"t"},{"name":"a"}],"data":[["x",1]],"rows":1}"#, "data: t,a"),
            (
                r#"{"schema":{"fields":[{"name":"t"},{"name":"a"}]},"rows":[{"f":[{"v":"1"},{"v":null}]}]}"#,
                "rows: t,a",
            ),
            (r#"{"columns":["t","a"],"rows":[["x",1]]}"#, "rows: t,a"),
            (
                r#"{"results":[{"series":[{"name":"s","columns":["time","a"],"values":[[1,2]]}]}]}"#,
                "results.series.values: time,a",
            ),
            (r#"{"result":{"columns":["t"],"rows":[["x"]]}}"#, "result.rows: t"),
        ] {
            assert_eq!(of(text).as_deref(), Some(found), "{text}");
        }
        for other in [
            r#"{"user":"u","history":[["q","a"]],"tags":["x","y","z"]}"#,
            r#"{"data":[{"ts":1}],"columns":["ts"]}"#,
            r#"{"columns":["t","a"],"rows":[]}"#,
            r#"{"ts":1,"account_id":"a","metadata":{"columns":["t","a"],"rows":[["x",1]]}}"#,
            r#"{"id":1,"request":{"body":{"meta":[{"name":"t"}],"data":[["x"]],"model":"m"}},"status":200}"#,
            r#"{"ts":1,"model":"m","columns":["t","a"],"rows":[["x",1]]}"#,
            r#"{"tstamp":1,"type":"chat","model":"m","state":{"roles":["U","A"],"messages":[["U","x"]]}}"#,
            r#"{"roles":["U","A"],"messages":[["U","x"]]}"#,
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
