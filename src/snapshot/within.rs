//! Columns inside structs, maps and JSON text under the names that bodies of model APIs and usual logs have, for what
//! neither a mapping nor its preset names.
//!
//! A name is taken only where most rows have it, and never below an object that a caller of the API fills, such as
//! `metadata`. What links accounts, such as an address, is taken only beside the account.

use std::collections::{BTreeMap, BTreeSet};

use arrow_schema::DataType;

use super::callers::is_below_callers;
use super::conversation;
use super::latency::unit_by_name;
use super::look::FileColumns;
use super::mapping::is_same_name;
use super::path::is_textual;
use super::preset::{USUAL, by_name};
use super::share::is_rare;
use super::unit::Unit;
use super::unmapped::is_like_an_account;
use super::{Column, ColumnType, Mapping, Origin, probe};

/// Maximum number of files that are looked at.
const FILES: usize = 6;
/// Names of objects with the request or the response of a call, and of objects that have both.
const REQUESTS: [&str; 8] =
    ["request", "req", "request_body", "input", "inputs", "request_payload", "prompt", "request_params"];
const RESPONSES: [&str; 8] =
    ["response", "resp", "response_body", "output", "outputs", "result", "completion", "response_payload"];
/// Names of columns at the top with a prompt or a response as plain text.
const PROMPTS: [&str; 6] = ["input", "inputs", "query", "user_message", "instruction", "input_text"];
const ANSWERS: [&str; 8] = [
    "output",
    "outputs",
    "completion",
    "output_text",
    "reply",
    "model_response",
    "generation",
    "result_text",
];
const BOTH: [&str; 9] =
    ["event", "body", "data", "record", "payload", "usage", "metrics", "usage_metadata", "choices[0]"];
/// Names of canonical columns inside such objects.
const INSIDE: [(Column, &[&str]); 7] = [
    (Column::PromptText, &["messages", "contents", "prompt", "user_prompt"]),
    (Column::ResponseText, &["choices", "candidates", "completion", "response", "answer"]),
    (Column::Model, &["model", "model_name", "model_id"]),
    (Column::InputTokens, &["prompt_tokens", "input_tokens", "tokens_in", "promptTokenCount"]),
    (Column::OutputTokens, &["completion_tokens", "output_tokens", "tokens_out", "candidatesTokenCount"]),
    (Column::StopReason, &["finish_reason", "stop_reason"]),
    (Column::IsStream, &["stream", "is_stream"]),
];
/// Words in the name of a latency of a whole call, and of one of a part of it.
const LENGTHS: [&str; 6] = ["latency", "duration", "elapsed", "took", "processing", "total_time"];
const OF_PARTS: [&str; 6] = ["first", "queue", "token", "ttft", "prefill", "upload"];

/// Columns of some files by the names that usual logs and bodies of APIs have, the preferred ones first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Within(Vec<Candidate>);

/// A column that may be read as a canonical one.
#[derive(Clone, Debug, PartialEq)]
struct Candidate {
    column: Column,
    /// Object beside whose account it is taken; `None` for what is taken wherever it stands.
    beside: Option<String>,
    origin: Origin,
}

impl Within {
    /// Columns of the files. Reads a few rows.
    pub fn of(seen: &[&FileColumns]) -> Self {
        let step = seen.len().div_ceil(FILES).max(1);
        let seen: Vec<&FileColumns> =
            seen.iter().step_by(step).copied().filter(|file| file.rows > 0).collect();
        let names: BTreeSet<&String> = seen.iter().flat_map(|file| file.columns.keys()).collect();
        let accounts: BTreeSet<&str> =
            names.iter().filter(|name| is_like_an_account(last(name))).map(|name| parent(name)).collect();
        let mut found: Vec<(usize, Candidate)> = Vec::new();
        for name in names.iter().map(|name| name.as_str()) {
            if is_below_callers(name) {
                continue;
            }
            let beside = accounts.contains(parent(name)).then(|| usual(name)).flatten();
            let is_top = parent(name).is_empty();
            let beside = beside.or_else(|| usual(name).filter(|_| is_top));
            let above = (!is_top).then(|| parent(name).to_owned());
            let beside = beside.map(|(rank, column)| (rank, column, above.clone()));
            let inside = inside(name).map(|(rank, column)| (rank, column, None));
            let whole = whole_text(name).map(|(rank, column)| (rank, column, None));
            for (rank, column, beside) in [beside, inside, whole].into_iter().flatten() {
                let origin = origin_of(name, column, &seen);
                found.extend(origin.map(|origin| (rank, Candidate { column, beside, origin })));
            }
        }
        found.extend(latency(&names, &seen).map(|latency| (0, latency)));
        found.sort_by_key(|(rank, own)| (own.beside.is_none(), *rank, own.origin.columns.clone()));
        Self(found.into_iter().map(|(_, own)| own).collect())
    }

    /// The mapping with these columns for what it neither names nor leaves out.
    #[must_use]
    pub fn fill(&self, mut mapping: Mapping) -> Mapping {
        let of_account = mapping.source(Column::AccountId).map(|name| parent(name).to_owned());
        for own in &self.0 {
            let is_taken = |name: &str| own.origin.columns.iter().any(|source| source == name);
            let is_beside = own.beside.is_none() || own.beside == of_account;
            if is_beside && !mapping.names().any(is_taken) {
                mapping.columns.entry(own.column.name().to_owned()).or_insert_with(|| own.origin.clone());
            }
        }
        mapping
    }
}

/// The mapping with more sources for columns that some files have under another usual name, and none under that of the
/// mapping: a service may rename a column from one day to the next.
pub(super) fn with_other_names(mut mapping: Mapping, seen: &[&FileColumns]) -> Mapping {
    let taken: BTreeSet<String> = mapping.names().map(str::to_owned).collect();
    for (name, origin) in &mut mapping.columns {
        let Some(column) = Column::from_name(name).filter(|_| !origin.together && origin.since.is_none())
        else {
            continue;
        };
        let has = |file: &&&FileColumns| origin.columns.iter().any(|source| file.get(source).is_some());
        let lacking: Vec<&FileColumns> =
            seen.iter().filter(|file| file.rows > 0 && !has(file)).copied().collect();
        if origin.columns.is_empty() || lacking.is_empty() || lacking.len() == seen.len() {
            continue;
        }
        let names: BTreeSet<&String> = lacking.iter().flat_map(|file| file.columns.keys()).collect();
        let others = names.into_iter().filter(|own| parent(own).is_empty() && !taken.contains(*own));
        let mut others: Vec<(usize, &String)> =
            others.filter_map(|own| Some((rank_of(own, column)?, own))).collect();
        others.sort();
        let fits = |own: &&String| {
            let having: Vec<&FileColumns> =
                lacking.iter().filter(|file| file.columns.contains_key(*own)).copied().collect();
            origin_of(own, column, &having).is_some()
        };
        let more: Vec<String> = others.into_iter().map(|(_, own)| own).filter(fits).cloned().collect();
        origin.columns.extend(more);
    }
    mapping
}

/// Place of a name among those of a column.
fn rank_of(name: &str, column: Column) -> Option<usize> {
    let of_usual = by_name(USUAL)
        .into_iter()
        .flat_map(|preset| preset.columns)
        .filter(|own| own.column == column && own.since.is_empty());
    let mut sources = of_usual.flat_map(|own| own.sources).copied().chain([column.name()]);
    let usual = sources.position(|source| is_same_name(source, name));
    usual.or_else(|| whole_text(name).filter(|(_, own)| *own == column).map(|(rank, _)| 100 + rank))
}

/// Path of the object in which a name stands; empty for a column at the top.
fn parent(name: &str) -> &str {
    name.rfind('.').map_or("", |at| &name[..at])
}

fn last(name: &str) -> &str {
    name.rfind('.').map_or(name, |at| &name[at + 1..])
}

/// Canonical column other than the account for which a name is usual.
fn usual(name: &str) -> Option<(usize, Column)> {
    let columns = by_name(USUAL).into_iter().flat_map(|preset| preset.columns);
    let columns = columns.filter(|own| own.column != Column::AccountId && own.since.is_empty());
    let mut found = columns.filter_map(|own| {
        let rank = own.sources.iter().position(|source| is_same_name(source, last(name)))?;
        Some((rank, own.column))
    });
    found.next()
}

/// Canonical column of a member of a request or a response, with its place among the names of the column.
fn inside(name: &str) -> Option<(usize, Column)> {
    let is_of = |names: &[&str]| names.iter().any(|own| is_same_name(own, last(parent(name))));
    let (of_request, of_response, of_both) = (is_of(&REQUESTS), is_of(&RESPONSES), is_of(&BOTH));
    INSIDE.iter().find_map(|(column, names)| {
        let rank = names.iter().position(|own| is_same_name(own, last(name)))?;
        let (fits, rank) = match column {
            Column::PromptText | Column::IsStream => (of_request || of_both, rank),
            // The response says which model has answered.
            Column::Model => (of_request || of_response || of_both, 3 * rank + usize::from(!of_response)),
            _ => (of_response || of_both, rank),
        };
        fits.then_some((OF_INSIDE + rank, *column))
    })
}

/// Places of names inside requests and responses, and of these themselves: after those of usual names.
const OF_INSIDE: usize = 20;
const OF_WHOLE: usize = 60;

/// Prompt or response for which a column at the top has the name of a request or a response, after all other names.
fn whole_text(name: &str) -> Option<(usize, Column)> {
    let is_of = |texts: &[&str], bodies: &[&str]| {
        let mut names = texts.iter().chain(bodies).filter(|_| parent(name).is_empty());
        names.position(|own| is_same_name(own, name))
    };
    let of_request = is_of(&PROMPTS, &REQUESTS).map(|rank| (OF_WHOLE + rank, Column::PromptText));
    of_request.or_else(|| is_of(&ANSWERS, &RESPONSES).map(|rank| (OF_WHOLE + rank, Column::ResponseText)))
}

/// True for a column most of whose first values are conversations in JSON, or sentences where its name is that of a
/// text: a request may be a line of HTTP.
fn says(name: &str, seen: &[&FileColumns]) -> bool {
    let is_text = PROMPTS.iter().chain(&ANSWERS).any(|own| is_same_name(own, name));
    let first = seen.iter().find_map(|file| Some((file, file.columns.get(name)?)));
    let values = first.map_or_else(Vec::new, |(file, found)| probe::first_values(&file.opened, found));
    let is_said = |text: &&String| {
        is_text && text.split_whitespace().nth(2).is_some() && !text.trim_start().starts_with(['{', '['])
            || conversation::of_text(text).is_some_and(|said| said != **text)
    };
    2 * values.iter().filter(is_said).count() >= values.len().max(1)
}

/// Origin of a column, if its type fits in all files, most rows have it and, of a prompt or a response at the top, its
/// values are sentences or conversations.
fn origin_of(name: &str, column: Column, seen: &[&FileColumns]) -> Option<Origin> {
    let own = Origin { conversation: column.kind() == ColumnType::LongText, ..Origin::of(name) };
    // Numbers get the unit in which they are times.
    let read = Origin { unit: (column.kind() == ColumnType::Time).then_some(Unit::Epoch), ..own.clone() };
    let found: Vec<_> = seen.iter().filter_map(|file| file.columns.get(name)).collect();
    let is_known = found.iter().any(|found| found.data_type != DataType::Null);
    let is_wrong_text = |data_type: &DataType| own.conversation && data_type.is_numeric();
    let suits =
        found.iter().all(|found| found.suits(column, &read).is_ok() && !is_wrong_text(&found.data_type));
    if !is_known || !suits || is_rare(name, seen) {
        return None;
    }
    let is_text = found.iter().any(|found| is_textual(&found.data_type));
    let is_certain = usual(name).is_some() || !parent(name).is_empty();
    if own.conversation && is_text && !is_certain && !says(name, seen) {
        return None;
    }
    let conversation = own.conversation && !probe::is_prose(seen, &own.columns);
    Some(Origin { conversation, ..own })
}

/// The only latency of a whole call whose name says its unit, of those that stand least deep.
fn latency(names: &BTreeSet<&String>, seen: &[&FileColumns]) -> Option<Candidate> {
    let mut by_depth: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for name in names {
        let folded = last(name).to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
        if unit_by_name(name).is_some() && has(&LENGTHS) && !has(&OF_PARTS) && !is_below_callers(name) {
            by_depth.entry(name.matches('.').count()).or_default().push(name);
        }
    }
    let (_, least) = by_depth.into_iter().next()?;
    let [name] = least[..] else { return None };
    let origin = origin_of(name, Column::LatencyMs, seen)?;
    Some(Candidate { column: Column::LatencyMs, beside: None, origin })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::{Value, json};

    use super::*;
    use crate::snapshot::propose;

    /// Sources of a mapping of two lines once it is completed for rows of JSON.
    fn completed(toml: &str, row: impl Fn(usize) -> Value) -> BTreeMap<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.jsonl");
        let mut file = std::fs::File::create(&path).unwrap();
        (0..20).for_each(|n| writeln!(file, "{}", row(n)).unwrap());
        let proposal = propose(&[("f.jsonl".to_owned(), path)], None).unwrap();
        let mapping = Mapping::from_toml(toml).unwrap().completed(&proposal);
        mapping
            .columns
            .into_iter()
            .filter_map(|(name, own)| Some((name, own.columns.first()?.clone())))
            .collect()
    }

    const BODIES: &str = "ts = \"at\"\naccount_id = \"requester\"";

    fn bodies(n: usize) -> Value {
        let request = json!({"messages": [{"role": "user", "content": "what is a log"}], "model": "asked", "stream": true});
        let response = json!({
            "model": "m", "choices": [{"message": {"role": "assistant", "content": "a b c"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": n}
        });
        json!({
            "at": "2026-04-22T13:05:09Z", "requester": format!("u{n}"), "request": request.to_string(),
            "response": response, "execution_duration_ms": 12, "first_token_latency_ms": 3,
            "metadata": {"usage": {"prompt_tokens": 9}, "ip": "203.0.113.9"}
        })
    }

    #[test]
    fn bodies_of_apis_fill_what_a_mapping_does_not_name() {
        let found = completed(BODIES, bodies);
        for (column, source) in [
            ("prompt_text", "request.messages"),
            ("response_text", "response"),
            ("model", "response.model"),
            ("input_tokens", "response.usage.prompt_tokens"),
            ("output_tokens", "response.usage.completion_tokens"),
            ("is_stream", "request.stream"),
            ("latency_ms", "execution_duration_ms"),
        ] {
            assert_eq!(found.get(column).map(String::as_str), Some(source), "{column}");
        }
        assert!(!found.contains_key("ip"), "a caller's metadata links nobody");
        let left_out = completed(&format!("{BODIES}\nprompt_text = false"), bodies);
        assert!(!left_out.contains_key("prompt_text") && left_out.contains_key("model"));
    }

    #[test]
    fn usual_names_beside_the_account_are_read() {
        let row = |n: usize| {
            let event = json!({"user": format!("u{n}"), "prompt": "what is a log", "completion": "a b c",
                "prompt_tokens": 3, "latency_ms": 12, "client_ip": "203.0.113.5", "model": "m"});
            json!({"time": "2026-04-22T13:05:09Z", "host": "h", "event": event})
        };
        let found = completed("ts = \"time\"\naccount_id = \"event.user\"", row);
        for (column, source) in [
            ("prompt_text", "event.prompt"),
            ("response_text", "event.completion"),
            ("input_tokens", "event.prompt_tokens"),
            ("latency_ms", "event.latency_ms"),
            ("ip", "event.client_ip"),
            ("model", "event.model"),
        ] {
            assert_eq!(found.get(column).map(String::as_str), Some(source), "{column}");
        }
    }

    #[test]
    fn usual_names_fill_what_canonical_ones_leave() {
        let row = |n: usize| {
            json!({"ts": "2026-04-22T13:05:09Z", "account_id": format!("u{n}"), "prompt": "what is a log",
                "response": "a b c", "prompt_tokens": 3, "client_ip": "203.0.113.5"})
        };
        let found = completed("ts = \"ts\"", row);
        for (column, source) in
            [("prompt_text", "prompt"), ("response_text", "response"), ("input_tokens", "prompt_tokens")]
        {
            assert_eq!(found.get(column).map(String::as_str), Some(source), "{column}");
        }
        assert_eq!(found.get("ip").map(String::as_str), Some("client_ip"));
    }

    #[test]
    fn a_column_may_have_another_name_on_some_days() {
        let dir = tempfile::tempdir().unwrap();
        let day = |n: usize| {
            let name = ["prompt_text", "prompt_text", "prompt", "input"][n];
            let path = dir.path().join(format!("{n}.jsonl"));
            let mut row = json!({"ts": format!("2026-04-2{n}T13:05:09Z"), "account_id": "a"});
            row[name] = json!("what is a log");
            std::fs::write(&path, format!("{row}\n")).unwrap();
            (format!("{n}.jsonl"), path)
        };
        let proposal = propose(&(0..4).map(day).collect::<Vec<_>>(), None).unwrap();
        let prompt = proposal.mapping.origin(Column::PromptText).unwrap();
        assert_eq!(prompt.columns, ["prompt_text", "prompt", "input"]);
    }

    #[test]
    fn names_that_few_rows_have_are_not_read() {
        let row = |n: usize| {
            let mut row =
                json!({"at": "2026-04-22T13:05:09Z", "requester": format!("u{n}"), "text": "what is a log"});
            if n < 4 {
                row["req"] =
                    json!({"messages": [{"role": "user", "content": "a lure of mine"}], "model": "m"});
            }
            row
        };
        let found = completed(BODIES, row);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["account_id", "ts"]);
    }
}
