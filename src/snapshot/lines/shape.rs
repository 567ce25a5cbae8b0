//! Objects that only wrap a list of records, recognised by their shape: exactly one of their members is a
//! list of objects that have a time, or an object that wraps such a list, and the others say which page of a
//! list this is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::wrapper::{BESIDE, Lists, MAX_NAME_BYTES, Member, WRAPPERS, Wrapper, is_list_of_objects, members};

/// Words of names by which an API tells about a page, or a request about itself.
const OF_PAGES: [&str; 99] = [
    "aggregations",
    "before",
    "bytes",
    "capacity",
    "code",
    "columns",
    "consumed",
    "continuation",
    "count",
    "counts",
    "cursor",
    "cursors",
    "dataset",
    "elapsed",
    "error",
    "errors",
    "exact",
    "export",
    "exported",
    "extensions",
    "failed",
    "fetched",
    "filter",
    "filters",
    "first",
    "found",
    "generated",
    "has",
    "hits",
    "href",
    "id",
    "index",
    "info",
    "is",
    "items",
    "kind",
    "last",
    "least",
    "limit",
    "link",
    "links",
    "marker",
    "max",
    "message",
    "messages",
    "meta",
    "metadata",
    "more",
    "next",
    "num",
    "object",
    "offset",
    "ok",
    "order",
    "page",
    "pages",
    "pagination",
    "paging",
    "parsed",
    "per",
    "pit",
    "prev",
    "previous",
    "profile",
    "query",
    "read",
    "reason",
    "rel",
    "relation",
    "request",
    "result",
    "results",
    "rows",
    "scanned",
    "schema",
    "score",
    "scroll",
    "search",
    "segment",
    "self",
    "shards",
    "size",
    "skipped",
    "sort",
    "start",
    "statement",
    "statistics",
    "status",
    "success",
    "successful",
    "suggest",
    "timed",
    "token",
    "took",
    "total",
    "truncated",
    "url",
    "version",
    "warnings",
];
/// Names of members by which a search engine or a database tells about a query, whatever they hold.
const OF_SEARCHES: [&str; 4] = ["_shards", "pageInfo", "responseHeader", "statistics"];
/// Words of names of times.
const OF_TIMES: [&str; 9] =
    ["at", "created", "date", "datetime", "start", "started", "time", "timestamp", "ts"];
/// Names of lists that belong to one exchange.
const OF_EXCHANGES: [&str; 9] =
    ["candidates", "choices", "content", "contents", "input", "messages", "output", "parts", "tools"];
/// Words of names that an exchange has and a page does not.
const OF_CALLS: [&str; 10] =
    ["account", "caller", "completion", "messages", "model", "prompt", "response", "tokens", "usage", "user"];
/// Maximum number of paths that are kept, and of levels of one.
const MAX_PATHS: usize = 1_000;
const MAX_LEVELS: usize = 8;
/// Maximum depth of the members beside the list.
const MAX_DEPTH: usize = 3;
/// Maximum number of objects around the list, the outermost included.
const MAX_AROUND: usize = 3;

/// Names below which the records of a text stand whose first object only wraps them; `None` for any other
/// text. The text may be cut.
pub(super) fn wrapper_by_shape(bytes: &[u8]) -> Option<Wrapper> {
    let mut names = names_around(bytes, MAX_AROUND)?;
    let list = names.pop()?;
    kept_wrapper(&names, &[vec![list]])
}

/// Names of the objects around the list of records, and that of the list.
fn names_around(bytes: &[u8], depth: usize) -> Option<Vec<String>> {
    let members = members(bytes);
    let inside = |(name, value): Member<'_>| {
        let begin = value.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let below = match value[begin] {
            b'[' if is_one_of(name, &OF_EXCHANGES) => return None,
            b'[' if !is_list_of_records(value) && !is_list_of_pairs(value) => return None,
            b'[' => Vec::new(),
            b'{' if depth > 1 => names_around(&value[begin..], depth - 1)?,
            _ => return None,
        };
        let own = std::str::from_utf8(name).ok()?.to_owned();
        Some(std::iter::once(own).chain(below).collect::<Vec<String>>())
    };
    let mut found = members.iter().filter_map(|&member| inside(member));
    let names = found.next()?;
    let is_page =
        |(own, value): &Member<'_>| *own == names[0].as_bytes() || is_of_page(own, value, MAX_DEPTH);
    (found.next().is_none() && members.iter().all(is_page)).then_some(names)
}

/// Wrapper of names that last as long as the program; `None` for names that are too long, or too many.
pub(in crate::snapshot) fn kept_wrapper(through: &[String], below: &[Vec<String>]) -> Option<Wrapper> {
    let through: &[&str] = match through {
        [] => &[],
        _ => kept_path(&[through.to_vec()])?.first()?,
    };
    Some(Wrapper { through, lists: kept_path(below)? })
}

/// The names as paths that last as long as the program; `None` for names that are too long, or too many.
fn kept_path(below: &[Vec<String>]) -> Option<Lists> {
    static PATHS: Mutex<BTreeMap<Vec<Vec<String>>, Lists>> = Mutex::new(BTreeMap::new());
    let is_same = |lists: &Lists| {
        lists.len() == below.len() && lists.iter().zip(below).all(|(own, names)| own == names)
    };
    if let Some(known) = WRAPPERS.into_iter().find(is_same) {
        return Some(known);
    }
    let fits = |name: &String| name.len() <= MAX_NAME_BYTES && !name.contains('\\');
    let mut paths = PATHS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = paths.get(below) {
        return Some(known);
    }
    if paths.len() >= MAX_PATHS
        || below.is_empty()
        || below.len() > MAX_LEVELS
        || !below.iter().flatten().all(fits)
    {
        return None;
    }
    let mut lists: Vec<&'static [&'static str]> = Vec::with_capacity(below.len());
    for names in below {
        let names = names.iter().map(|name| &*Box::leak(name.clone().into_boxed_str()));
        lists.push(Box::leak(names.collect::<Vec<&'static str>>().into_boxed_slice()));
    }
    let lists: Lists = Box::leak(lists.into_boxed_slice());
    paths.insert(below.to_vec(), lists);
    Some(lists)
}

pub(super) fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|own| own.as_bytes().eq_ignore_ascii_case(name))
}

/// Names under which a list of names and values has the name.
pub(super) const PAIR_NAMES: [&str; 3] = ["field", "name", "key"];

/// True for a list of lists of names and values.
fn is_list_of_pairs(value: &[u8]) -> bool {
    let mut marks = value.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
    let mut next = |mark: u8| marks.next().filter(|(_, byte)| **byte == mark).map(|(at, _)| at);
    let Some(start) = next(b'[').and_then(|_| next(b'[')).and_then(|_| next(b'{')) else { return false };
    let own = members(&value[start..]);
    own.len() == 2 && own.iter().all(|(name, _)| is_one_of(name, &PAIR_NAMES) || *name == b"value")
}

/// True for a list whose first object has a time among its members or theirs.
pub(super) fn is_list_of_records(value: &[u8]) -> bool {
    let Some(start) = value.iter().position(|&byte| byte == b'{').filter(|_| is_list_of_objects(value))
    else {
        return false;
    };
    let own = members(&value[start..]);
    let has_time = |members: &[(&[u8], &[u8])]| members.iter().any(|(name, _)| is_time(name));
    has_time(&own)
        || own
            .iter()
            .filter(|(_, value)| begins(value) == Some(b'{'))
            .any(|(_, value)| has_time(&members(value)))
}

/// True for a name with one of some words.
pub(super) fn has_word(name: &[u8], own: &[&str]) -> bool {
    words(name).iter().any(|word| own.contains(&word.as_str()))
}

/// True for the name of a part of an exchange.
pub(super) fn is_of_call(name: &[u8]) -> bool {
    has_word(name, &OF_CALLS)
}

/// True for the members of an exchange: a time of its own, and a part that only an exchange has. A list inside it
/// may be its caller's, and is not taken for the rows of the log.
pub(super) fn is_exchange(members: &[Member<'_>]) -> bool {
    let is_plain = |value: &[u8]| !matches!(begins(value), None | Some(b'{' | b'['));
    let is_own = |(name, value): &Member<'_>| is_time(name) && is_plain(value) && !is_of_page(name, value, 0);
    members.iter().any(is_own) && members.iter().any(|(name, _)| is_of_call(name))
}

/// True if members other than one tell about a page.
pub(super) fn are_of_page(members: &[Member<'_>], but: &[u8]) -> bool {
    members.iter().all(|(name, value)| *name == but || is_of_page(name, value, MAX_DEPTH))
}

/// True for the name of a time.
pub(super) fn is_time(name: &[u8]) -> bool {
    has_word(name, &OF_TIMES)
}

/// True for a member that tells about the page and holds no record.
fn is_of_page(name: &[u8], value: &[u8], depth: usize) -> bool {
    let of_pages =
        |word: &String| OF_PAGES.contains(&word.as_str()) || OF_TIMES[..1].contains(&word.as_str());
    let words = words(name);
    if is_one_of(name, &OF_SEARCHES) {
        return true;
    }
    let is_known = BESIDE.iter().any(|beside| beside.as_bytes() == name)
        || !words.is_empty() && words.iter().all(of_pages);
    let inner = match begins(value) {
        Some(b'{') => members(value),
        Some(b'[') if is_list_of_records(value) => return false,
        Some(b'[') if is_list_of_objects(value) => {
            let start = value.iter().position(|&byte| byte == b'{').unwrap_or(0);
            let mut inner = members(&value[start..]);
            // Columns of the records are described so.
            inner.retain(|(name, _)| !is_one_of(name, &["name", "type"]));
            inner
        }
        _ => return is_known,
    };
    is_known && depth > 0 && inner.iter().all(|(name, value)| is_of_page(name, value, depth - 1))
}

/// First byte of a value that is no white space.
pub(super) fn begins(value: &[u8]) -> Option<u8> {
    value.iter().find(|byte| !byte.is_ascii_whitespace()).copied()
}

/// Words of a name in lower case: `startTime`, `start_time` and `start-time` have two.
fn words(name: &[u8]) -> Vec<String> {
    let (mut words, mut before) = (vec![String::new()], false);
    for &byte in name {
        let begins_word = byte.is_ascii_uppercase() && before;
        before = byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if (begins_word || !byte.is_ascii_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty())
        {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| byte.is_ascii_alphanumeric()) {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_apis_are_told_from_exchanges() {
        let of = |text: &str| {
            wrapper_by_shape(text.as_bytes())
                .map(|wrapper| [wrapper.through, wrapper.lists[0]].concat().join("."))
        };
        let of = |text: &str| of(text).as_deref().map(str::to_owned);
        let pages = [
            (
                r#"{"result":[{"id":1,"created_at":"x"}],"success":true,"errors":[],"messages":[],"result_info":{"page":1,"per_page":20,"total_count":3}}"#,
                "result",
            ),
            (
                r#"{"success":true,"errors":[],"messages":[{"code":1,"message":"a b"}],"result":[{"created_at":"x"}]}"#,
                "result",
            ),
            (r#"{"data":[{"request_created_at":"x"}],"error":null}"#, "data"),
            (r#"{"data":[{"startTime":"x"}],"total":3,"page":1,"page_size":50,"total_pages":1}"#, "data"),
            (
                r#"{"runs":[{"start_time":"x"}],"cursors":{"next":null,"prev":"p"},"parsed_query":null}"#,
                "runs",
            ),
            (
                r#"{"exported_at":"x","observations":[{"attributes":{"a":1},"context":{"timestamp":"x"}},"#,
                "observations",
            ),
            (r#"{"status":"ok","data":{"total":2,"logs":[{"created_at":"x"}]}}"#, "data.logs"),
            (r#"{"d":{"results":[{"TimeGenerated":"x"}],"__next":"u"}}"#, "d.results"),
            (
                r#"{"data":{"traces":{"pageInfo":{"hasNextPage":true,"endCursor":"x"},"edges":[{"node":{"startTime":1}}]}}}"#,
                "data.traces.edges",
            ),
            (
                r#"{"meta":[{"name":"ts","type":"DateTime"}],"data":[{"ts":1}],"rows":1,"rows_before_limit_at_least":1,"statistics":{"rows_read":1}}"#,
                "data",
            ),
            (r#"{"Items":[{"ts":{"S":"x"}}],"Count":1,"ScannedCount":1,"ConsumedCapacity":null}"#, "Items"),
            (
                r#"{"responseHeader":{"status":0},"response":{"numFound":1,"start":0,"docs":[{"ts":1}]}}"#,
                "response.docs",
            ),
        ];
        for (text, name) in pages {
            assert_eq!(of(text).as_deref(), Some(name), "{text}");
        }
        let others = [
            r#"{"ts":1,"account_id":"a","rows":[{"created_at":"x"}]}"#,
            r#"{"request_id":"r","messages":[{"role":"user","created_at":"x"}]}"#,
            r#"{"meta":{"ts":1,"user":"u"},"steps":[{"created_at":"x"}]}"#,
            r#"{"status":200,"spans":[{"time":1}],"links":[{"time":1}]}"#,
            r#"{"data":[{"a":1}],"total":3}"#,
            r#"{"id":"r","response":{"choices":[{"created":1}]}}"#,
            r#"{"request":{"messages":[{"created_at":1}]},"response":{"items":[{"created":1}]},"user":"u"}"#,
            r#"{"data":[{"time":1}],"user":"u"}"#,
            r#"{"total":3}"#,
        ];
        others.iter().for_each(|text| assert_eq!(of(text), None, "{text}"));
        assert_eq!(words(b"TimeGenerated [UTC]"), ["time", "generated", "utc"]);
        assert_eq!(words(b"@odata.nextLink"), ["odata", "next", "link"]);
    }
}
