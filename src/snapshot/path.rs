//! Paths from a mapping's names to places in a schema: columns, structs, maps, lists, JSON text.
//!
//! Reads schemas only; [`extract`](super::extract) reads the values.

use arrow_schema::{DataType, Fields};

use super::mapping::is_same_name;
use super::unit::Unit;

/// One step from a column inwards.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A field of a struct.
    Field(String),
    /// The value of a key, in a map or in a list of key and value.
    Key(String),
    /// An item of a list, counted from 0, or from the end where negative.
    Item(i64),
    /// A path into JSON text.
    Json(String),
}

/// A place in a schema.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    /// Name of the top-level column.
    pub root: String,
    /// Steps from the column inwards.
    pub steps: Vec<Step>,
    /// Type at the end of the path.
    pub data_type: DataType,
}

impl Path {
    /// Field names from the top through the leading structs of the path, which select the column to read.
    pub fn fields(&self) -> Vec<String> {
        let inner = self.steps.iter().map_while(|step| match step {
            Step::Field(name) => Some(name.clone()),
            _ => None,
        });
        std::iter::once(self.root.clone()).chain(inner).collect()
    }

    /// True for a column, or a field of structs.
    pub fn is_plain(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Field(_)))
    }
}

/// Error for a name that two columns have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Twice;

/// Path of a name in a schema: the column with exactly the name; else a path from a column, the longest
/// column name first; else the only column whose name differs in case or underscores. `None` if there
/// is none.
///
/// # Errors
/// Two columns have the name.
pub(super) fn resolve(fields: &Fields, name: &str) -> Result<Option<Path>, Twice> {
    let exact: Vec<_> = fields.iter().filter(|field| field.name() == name).collect();
    let path = |root: &str, steps, data_type: &DataType| {
        Ok(Some(Path { root: root.to_owned(), steps, data_type: data_type.clone() }))
    };
    match exact[..] {
        [] => {}
        [one] => return path(one.name(), Vec::new(), one.data_type()),
        _ => return Err(Twice),
    }
    if let Some(path) = inside_a_column(fields, name) {
        return Ok(Some(path));
    }
    let near: Vec<_> = fields.iter().filter(|field| is_same_name(field.name(), name)).collect();
    match near[..] {
        [one] => path(one.name(), Vec::new(), one.data_type()),
        _ => Ok(None),
    }
}

/// Path of a name inside a column, the longest column name first, in any case only if none has the same
/// case. Where a column has exactly the name, that column is taken and this path is not.
pub(super) fn inside_a_column(fields: &Fields, name: &str) -> Option<Path> {
    for in_any_case in [false, true] {
        let mut above: Vec<_> =
            fields.iter().filter(|field| starts(name, field.name(), in_any_case)).collect();
        above.sort_by_key(|field| std::cmp::Reverse(field.name().len()));
        for field in above {
            if let Some((steps, data_type)) = descend(field.data_type(), &name[field.name().len()..]) {
                return Some(Path { root: field.name().clone(), steps, data_type });
            }
        }
    }
    None
}

/// True for a path that begins with the name of a field and continues inside it.
fn starts(name: &str, field: &str, in_any_case: bool) -> bool {
    let Some((begin, rest)) = name.split_at_checked(field.len()) else { return false };
    let is_same = begin == field || in_any_case && begin.eq_ignore_ascii_case(field);
    is_same && rest.starts_with(['.', '[', '$'])
}

/// Steps of a path inside a type, and the type at their end.
fn descend(data_type: &DataType, rest: &str) -> Option<(Vec<Step>, DataType)> {
    if rest.is_empty() {
        return Some((Vec::new(), data_type.clone()));
    }
    match data_type {
        DataType::Struct(children) => {
            let (name, after) = match bracketed(rest) {
                Some((name, after)) => (name, after),
                None => (rest.strip_prefix('.')?, ""),
            };
            let below = resolve(children, name).ok()??;
            let mut steps = vec![Step::Field(below.root)];
            steps.extend(below.steps);
            with_rest(steps, &below.data_type, after)
        }
        DataType::Map(entries, _) => {
            let DataType::Struct(pair) = entries.data_type() else { return None };
            let (key, after) = key(rest)?;
            with_rest(vec![Step::Key(key.to_owned())], pair.get(1)?.data_type(), after)
        }
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => {
            if let Some((index, after)) = index(rest) {
                return with_rest(vec![Step::Item(index)], item.data_type(), after);
            }
            if is_textual(item.data_type()) {
                let (key, after) = in_brackets(rest)?;
                return with_rest(vec![Step::Key(key.to_owned())], &DataType::Utf8, after);
            }
            let value = pair_value(item.data_type())?;
            let (key, after) = in_brackets(rest).or_else(|| key(rest))?;
            with_rest(vec![Step::Key(key.to_owned())], &value, after)
        }
        DataType::Dictionary(_, value) => descend(value, rest),
        text if is_textual(text) => {
            let json = inside_json(rest);
            (!json.is_empty()).then(|| (vec![Step::Json(json.to_owned())], DataType::Utf8))
        }
        _ => None,
    }
}

fn with_rest(mut steps: Vec<Step>, data_type: &DataType, rest: &str) -> Option<(Vec<Step>, DataType)> {
    let (more, data_type) = descend(data_type, rest)?;
    steps.extend(more);
    Some((steps, data_type))
}

/// A key of a map, and what follows it: `['a.b']…`, or `.a.b` whole up to a `.$`.
fn key(rest: &str) -> Option<(&str, &str)> {
    bracketed(rest).or_else(|| {
        let rest = rest.strip_prefix('.')?;
        let ends = [".$.", ".$["].iter().filter_map(|end| rest.find(end)).min();
        ends.map_or(Some((rest, "")), |at| Some(rest.split_at(at)))
    })
}

/// Path inside JSON text, without the `$` of its root. A name may begin with `$` too.
fn inside_json(rest: &str) -> &str {
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    match rest.strip_prefix('$').filter(|rest| rest.starts_with(['.', '['])) {
        Some(below) => below.trim_start_matches('.'),
        None => rest,
    }
}

/// The text in `['…']` or `["…"]`, and what follows it.
pub(super) fn bracketed(rest: &str) -> Option<(&str, &str)> {
    ["['", "[\""].iter().zip(["']", "\"]"]).find_map(|(open, close)| {
        let inner = rest.strip_prefix(open)?;
        inner.find(close).map(|end| (&inner[..end], &inner[end + close.len()..]))
    })
}

/// The key in `[…]`, with or without quotes, and what follows it.
pub(super) fn in_brackets(rest: &str) -> Option<(&str, &str)> {
    let bare = || rest.strip_prefix('[')?.split_once(']').filter(|(key, _)| !key.is_empty());
    bracketed(rest).or_else(bare)
}

/// The value in a text such as `key:value` or `key=value`; `None` for another key.
pub(super) fn tagged<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.strip_prefix(key)?.strip_prefix([':', '='])
}

/// The number in `[…]`, and what follows it.
pub(super) fn index(rest: &str) -> Option<(i64, &str)> {
    let (number, after) = rest.strip_prefix('[')?.split_once(']')?;
    Some((number.trim().parse().ok()?, after))
}

/// Type of the value in a struct of key and value, as OTLP and Tempo write attributes; else `None`.
pub(super) fn pair_value(item: &DataType) -> Option<DataType> {
    let DataType::Struct(fields) = item else { return None };
    let find = |name: &str| fields.iter().find(|field| field.name().eq_ignore_ascii_case(name));
    find("key").or_else(|| find("name"))?;
    if typed_values(fields).count() > 1 {
        return Some(DataType::Utf8);
    }
    match find("value")?.data_type() {
        // OTLP's `{stringValue, intValue, …}` is read as text.
        DataType::Struct(_) => Some(DataType::Utf8),
        value => Some(value.clone()),
    }
}

/// Names of the columns in which Tempo keeps the value of an attribute, one for each type.
const TYPED: [&str; 6] = ["Value", "ValueInt", "ValueDouble", "ValueBool", "ValueArray", "ValueUnsupported"];

/// Names of the fields with typed values in a struct of key and value; they count where there are several.
pub(super) fn typed_values(fields: &Fields) -> impl Iterator<Item = &str> {
    let is_value = |name: &str| TYPED.iter().any(|typed| typed.eq_ignore_ascii_case(name));
    fields.iter().map(|field| field.name().as_str()).filter(move |name| is_value(name))
}

/// True for text and bytes in any layout.
pub(super) fn is_textual(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView => true,
        DataType::Dictionary(_, value) => is_textual(value),
        _ => false,
    }
}

/// True for a type that can be read as a time of day.
pub(super) fn is_time_of_day(data_type: &DataType, unit: Option<Unit>) -> bool {
    let data_type = match data_type {
        DataType::Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    let is_time = matches!(
        data_type,
        DataType::Time32(_)
            | DataType::Time64(_)
            | DataType::Duration(_)
            | DataType::Timestamp(_, _)
            | DataType::Null
    );
    is_time || is_textual(data_type) || data_type.is_numeric() && unit.is_some()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_schema::Field;

    use super::*;

    fn field(name: &str, data_type: DataType) -> Field {
        Field::new(name, data_type, true)
    }

    fn schema() -> Fields {
        let user = DataType::Struct(vec![field("id", DataType::Int64), field("a.b", DataType::Utf8)].into());
        let pair = vec![Field::new("key", DataType::Utf8, false), field("value", DataType::UInt64)];
        let map =
            DataType::Map(Arc::new(Field::new("e", DataType::Struct(pair.clone().into()), false)), false);
        let message =
            DataType::Struct(vec![field("role", DataType::Utf8), field("content", DataType::Utf8)].into());
        let list = |item: DataType| DataType::List(Arc::new(field("item", item)));
        vec![
            field("user", user),
            field("user.id", DataType::Utf8),
            field("usage", map),
            field("messages", list(message)),
            field("pairs", list(DataType::Struct(pair.into()))),
            field("body", DataType::Utf8),
            field("TS", DataType::Utf8),
            field("twice", DataType::Utf8),
            field("twice", DataType::Utf8),
            field("Ip", DataType::Utf8),
            field("IP", DataType::Utf8),
        ]
        .into()
    }

    fn at(name: &str) -> Option<(String, Vec<Step>, DataType)> {
        resolve(&schema(), name).unwrap().map(|path| (path.root, path.steps, path.data_type))
    }

    #[test]
    fn a_column_name_with_dots_wins_over_a_struct() {
        assert_eq!(at("user.id"), Some(("user.id".into(), vec![], DataType::Utf8)));
        assert_eq!(at("user['id']"), Some(("user".into(), vec![Step::Field("id".into())], DataType::Int64)));
        assert_eq!(at("user.a.b").unwrap().1, [Step::Field("a.b".into())]);
    }

    #[test]
    fn paths_lead_into_maps_lists_and_json() {
        assert_eq!(
            at("usage.input.cached"),
            Some(("usage".into(), vec![Step::Key("input.cached".into())], DataType::UInt64))
        );
        assert_eq!(at("usage['input']").unwrap().1, [Step::Key("input".into())]);
        assert_eq!(at("pairs.a.b").unwrap().1, [Step::Key("a.b".into())]);
        assert_eq!(at("messages[-1].content").unwrap().1, [Step::Item(-1), Step::Field("content".into())]);
        assert_eq!(at("body.$ai_model").unwrap().1, [Step::Json("$ai_model".into())]);
        assert_eq!(at("body.$['$ip']").unwrap().1, [Step::Json("['$ip']".into())]);
        for name in ["body.$.user.id", "body$.user.id", "body.user.id"] {
            assert_eq!(
                at(name),
                Some(("body".into(), vec![Step::Json("user.id".into())], DataType::Utf8)),
                "{name}"
            );
        }
        assert_eq!(at("messages.content"), None);
    }

    #[test]
    fn keys_lead_into_lists_of_tags() {
        let list = |item: DataType| DataType::List(Arc::new(field("item", item)));
        let pair = vec![field("name", DataType::Utf8), field("value", DataType::Int64)];
        let fields: Fields =
            vec![field("tags", list(DataType::Utf8)), field("headers", list(DataType::Struct(pair.into())))]
                .into();
        let at = |name: &str| resolve(&fields, name).unwrap().map(|path| (path.steps, path.data_type));
        let key = |key: &str, data_type| Some((vec![Step::Key(key.into())], data_type));
        assert_eq!(at("tags[customer]"), key("customer", DataType::Utf8));
        assert_eq!(at("tags['a.b']"), key("a.b", DataType::Utf8));
        assert_eq!(at("headers[x]"), key("x", DataType::Int64));
        assert_eq!(at("tags[1]").unwrap().0, [Step::Item(1)]);
        assert_eq!(tagged("customer:a:b", "customer"), Some("a:b"));
        assert_eq!(tagged("customer=a", "customer"), Some("a"));
        assert_eq!(tagged("customers:a", "customer"), None);
    }

    #[test]
    fn values_of_attributes_are_typed_columns_only_where_tempo_has_several() {
        let pair = |values: Vec<Field>| {
            let key = [Field::new("Key", DataType::Utf8, false)];
            pair_value(&DataType::Struct(key.into_iter().chain(values).collect()))
        };
        let int = |name: &str| field(name, DataType::Int64);
        assert_eq!(pair(vec![int("value"), field("value_type", DataType::Utf8)]), Some(DataType::Int64));
        assert_eq!(pair(vec![int("Value"), int("ValueInt")]), Some(DataType::Utf8));
        assert_eq!(pair(vec![int("valuation")]), None);
        let any = vec![field("stringValue", DataType::Utf8), int("intValue")];
        assert_eq!(pair(vec![field("value", DataType::Struct(any.into()))]), Some(DataType::Utf8));
    }

    #[test]
    fn names_in_another_case_are_found_where_only_one_is_meant() {
        assert_eq!(at("ts").unwrap().0, "TS");
        assert_eq!(at("USAGE.input").unwrap().0, "usage");
        assert_eq!(at("ip"), None, "two could be meant");
        assert_eq!(resolve(&schema(), "twice"), Err(Twice));
        assert_eq!(at("nothing"), None);
    }
}
