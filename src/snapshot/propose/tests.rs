//! Tests of presets on small files.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Date32Array, Float64Array, Int64Array, StructArray, TimestampMillisecondArray};
use arrow_schema::Field;

use super::*;
use crate::snapshot::fixture::{START, accounts, ints, texts, times, write, write_plain};
use crate::snapshot::{Unit, read};

pub(super) fn of(file: PathBuf) -> MappingProposal {
    let is_text = file.extension().is_some_and(|extension| extension != "parquet");
    let name = if is_text { file.file_name().unwrap().to_str().unwrap() } else { "f.parquet" };
    propose(&[(name.to_owned(), file.clone())], None).unwrap()
}

/// First row of a file as a record under the proposed mapping.
pub(super) fn first_row(file: &Path, proposal: &MappingProposal) -> serde_json::Value {
    assert!(proposal.problems.is_empty(), "{:?}", proposal.problems);
    let digest = crate::model::Digest::of(b"");
    let columns: Vec<Column> =
        Column::ALL.into_iter().filter(|c| proposal.mapping.source(*c).is_some()).collect();
    let records = crate::snapshot::fetch(file, "f", &proposal.mapping, &[0], digest, Some(&columns)).unwrap();
    serde_json::Value::Object(records[0].columns.clone())
}

#[test]
fn opentelemetry_spans_flat_and_in_a_struct() {
    let dir = tempfile::tempdir().unwrap();
    let mut reasons = ListBuilder::new(StringBuilder::new());
    reasons.append_value([Some("stop"), Some("length")]);
    let reasons: ArrayRef = Arc::new(reasons.finish());
    let attributes = || {
        vec![
            ("enduser.id", texts(&["acct"])),
            ("gen_ai.request.model", texts(&["m"])),
            ("gen_ai.usage.input_tokens", ints(&[12])),
            ("gen_ai.response.finish_reasons", Arc::clone(&reasons)),
            ("client.address", texts(&["192.0.2.1"])),
            ("user_agent.original", texts(&["curl"])),
        ]
    };
    let start = ("start_time_unix_nano", ints(&[1_776_863_109_000_001_999]));
    let mut flat = attributes();
    flat.push(start.clone());
    let flat = write(&dir.path().join("flat.parquet"), flat);
    let fields: Vec<(Arc<Field>, ArrayRef)> = attributes()
        .into_iter()
        .map(|(name, array)| (Arc::new(Field::new(name, array.data_type().clone(), true)), array))
        .collect();
    let nested = vec![("attributes", Arc::new(StructArray::from(fields)) as ArrayRef), start];
    let nested = write(&dir.path().join("nested.parquet"), nested);
    let expected = serde_json::json!({
        "ts": 1_776_863_109_000_001i64, "account_id": "acct", "ip": "192.0.2.1", "user_agent": "curl",
        "model": "m", "input_tokens": 12, "stop_reason": "stop,length",
    });
    for file in [flat, nested] {
        let proposal = of(file.clone());
        assert_eq!(proposal.mapping.preset, "opentelemetry");
        assert_eq!(proposal.mapping.unit(Column::Ts), Some(Unit::Ns));
        assert_eq!(first_row(&file, &proposal), expected);
    }
}

#[test]
fn litellm_spend_log() {
    let dir = tempfile::tempdir().unwrap();
    let start: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![1_776_863_109_123]));
    let file = write(
        &dir.path().join("l.parquet"),
        vec![
            ("request_id", texts(&["r"])),
            ("api_key", texts(&["hash"])),
            ("user", texts(&["u"])),
            ("team_id", texts(&["t"])),
            ("startTime", start),
            ("model", texts(&["m"])),
            ("prompt_tokens", ints(&[3])),
            ("completion_tokens", ints(&[4])),
            ("messages", texts(&["[]"])),
            ("response", texts(&["{}"])),
            ("requester_ip_address", texts(&["192.0.2.1"])),
            ("request_duration_ms", ints(&[250])),
        ],
    );
    let proposal = of(file.clone());
    assert_eq!(proposal.mapping.preset, "litellm");
    assert_eq!(
        first_row(&file, &proposal),
        serde_json::json!({
            "ts": 1_776_863_109_123_000i64, "account_id": "u", "request_id": "r", "api_key_id": "hash",
            "org_id": "t", "ip": "192.0.2.1", "model": "m", "prompt_text": null, "response_text": null,
            "input_tokens": 3, "output_tokens": 4, "latency_ms": 250.0,
        })
    );
}

#[test]
fn langfuse_observations_with_seconds_and_text_times() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(
        &dir.path().join("o.parquet"),
        vec![
            ("id", texts(&["o"])),
            ("start_time", texts(&["2026-04-22 13:05:09.963000"])),
            ("user_id", texts(&["u"])),
            ("session_id", texts(&["s"])),
            ("provided_model_name", texts(&["m"])),
            ("input", texts(&["in"])),
            ("output", texts(&["out"])),
            ("latency", Arc::new(Float64Array::from(vec![1.5]))),
        ],
    );
    let proposal = of(file.clone());
    assert_eq!(proposal.mapping.preset, "langfuse");
    assert_eq!(
        first_row(&file, &proposal),
        serde_json::json!({
            "ts": 1_776_863_109_963_000i64, "account_id": "u", "request_id": "o", "model": "m",
            "prompt_text": "in", "response_text": "out", "latency_ms": 1500.0, "conversation_id": "s",
        })
    );
}

#[test]
fn helicone_export() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(
        &dir.path().join("h.parquet"),
        vec![
            ("request_id", texts(&["r"])),
            ("request_created_at", texts(&["2026-04-22T13:05:09Z"])),
            ("request_user_id", texts(&["u"])),
            ("request_model", texts(&["m"])),
            ("country_code", texts(&["DE"])),
            ("delay_ms", ints(&[40])),
            ("prompt_tokens", ints(&[1])),
            ("request_body", texts(&["{}"])),
        ],
    );
    let proposal = of(file.clone());
    assert_eq!(proposal.mapping.preset, "helicone");
    let row = first_row(&file, &proposal);
    assert_eq!((row["ts"].as_i64(), &row["country"]), (Some(1_776_863_109_000_000), &"DE".into()));
    assert_eq!(row["latency_ms"], 40.0);
}

#[test]
fn what_stops_an_import_is_said_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let date: ArrayRef = Arc::new(Date32Array::from(vec![1]));
    let file = write(
        &dir.path().join("x.parquet"),
        vec![
            ("when", times(1)),
            ("ts", date),
            ("customer", texts(&["c"])),
            ("score", Arc::new(Float64Array::from(vec![1.0]))),
        ],
    );
    let files = [("x.parquet".to_owned(), file)];
    let proposal = propose(&files, None).unwrap();
    assert_eq!(
        proposal.problems,
        [
            "no time column (“ts” is dates without a time of day, but ts needs a timestamp, or a time of day \
             in another column (time = \"…\" in the mapping)): map one of when to ts",
            "no account column: map one of customer to account_id",
        ]
    );
    assert_eq!(proposal.source_columns[3], ("when".into(), "a timestamp in microseconds, no zone".into()));

    let by_hand = Mapping::from_toml("ts = \"ts\"\naccount_id = \"customer\"\nip = \"adress\"").unwrap();
    let said = problems(&files, &by_hand).unwrap();
    assert!(said[0].starts_with("column “ts” is dates without a time of day, but ts needs a timestamp"));
    assert_eq!(said[1], "no column “adress” for ip (in any file)");
    assert!(matches!(propose(&files, Some("x")), Err(SnapshotError::UnknownPreset { .. })));
}

#[test]
fn a_join_needs_numbers_for_its_order() {
    let dir = tempfile::tempdir().unwrap();
    let columns = vec![
        ("ts", times(2)),
        ("account_id", accounts(2)),
        ("call", texts(&["c", "c"])),
        ("kind", texts(&["request", "response"])),
        ("part", texts(&["1", "2"])),
    ];
    let files = [("f".to_owned(), write(&dir.path().join("f"), columns))];
    let of = |order: &str| {
        let text = format!(
            "ts = \"ts\"\naccount_id = \"account_id\"\njoin = {{ by = \"call\", order = \"{order}\" }}"
        );
        problems(&files, &Mapping::from_toml(&text).unwrap()).unwrap()
    };
    assert_eq!(
        of("kind"),
        ["column “kind” for the order of a join has “request” and needs numbers or times"]
    );
    assert_eq!(of("part"), [""; 0]);
}

#[test]
fn files_may_differ_but_all_need_what_is_required() {
    let dir = tempfile::tempdir().unwrap();
    let a = write_plain(&dir.path().join("a.parquet"), 3);
    let b = write(
        &dir.path().join("b.parquet"),
        vec![("ip", texts(&["x"])), ("account_id", accounts(1)), ("ts", texts(&["2026-04-22T13:05:09Z"]))],
    );
    let c = write(&dir.path().join("c.parquet"), vec![("account_id", accounts(1))]);
    let file = |name: &str, path: &PathBuf| (name.to_owned(), path.clone());
    let proposal = propose(&[file("a", &a), file("b", &b)], None).unwrap();
    assert_eq!(proposal.mapping.preset, "canonical");
    assert_eq!(proposal.problems, [""; 0]);
    assert_eq!(proposal.source_columns[2].1, "a timestamp in microseconds, no zone or text");
    assert!(proposal.mapping.source(Column::Ip).is_some());
    let proposal = propose(&[file("a", &a), file("c", &c)], None).unwrap();
    let way_out = "; if another column has it there, write ts = [\"ts\", \"…\"]";
    assert!(proposal.problems[0].starts_with(&format!("no column “ts” for ts (in c){way_out}")));
}

#[test]
fn whole_numbers_are_times_in_their_unit_only() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(
        &dir.path().join("n.parquet"),
        vec![
            ("created", Arc::new(Int64Array::from(vec![1_776_863_109_123])) as ArrayRef),
            ("user", texts(&["u"])),
        ],
    );
    let files = [("n".to_owned(), file.clone())];
    let bare = Mapping::from_toml("ts = \"created\"\naccount_id = \"user\"").unwrap();
    assert!(problems(&files, &bare).unwrap()[0].contains("numbers with a unit in the mapping"));
    let unit =
        Mapping::from_toml("ts = { column = \"created\", unit = \"ms\" }\naccount_id = \"user\"").unwrap();
    assert!(problems(&files, &unit).unwrap().is_empty());
    let batch = read(&file, "n", &unit, &[Column::Ts], None).unwrap().next().unwrap().unwrap();
    let ts = batch.columns[0].as_ref().unwrap();
    assert_eq!(arrow_array::cast::AsArray::as_primitive::<Int64Type>(ts).value(0), 1_776_863_109_123_000);
}

/// The preset proposed for a file of text columns, and its first row.
fn of_texts(columns: &[(&str, &str)]) -> (MappingProposal, serde_json::Value) {
    let dir = tempfile::tempdir().unwrap();
    let columns = columns.iter().map(|&(name, value)| (name, texts(&[value]))).collect();
    let file = write(&dir.path().join("f.parquet"), columns);
    let proposal = of(file.clone());
    let row = first_row(&file, &proposal);
    (proposal, row)
}

#[test]
fn spans_whose_attributes_are_a_map_or_json_text() {
    let attributes = [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.request.model", "m"),
        ("gen_ai.usage.output_tokens", "7"),
        (
            "gen_ai.input.messages",
            "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Hello\"}]}]",
        ),
        ("user.id", "u"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let mut map = arrow_array::builder::MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for (key, value) in attributes {
        map.keys().append_value(key);
        map.values().append_value(value);
    }
    map.append(true).unwrap();
    let json: serde_json::Map<String, serde_json::Value> =
        attributes.iter().map(|&(key, value)| (key.to_owned(), value.into())).collect();
    let json = serde_json::to_string(&json).unwrap();
    for attributes in [Arc::new(map.finish()) as ArrayRef, texts(&[&json])] {
        let columns =
            vec![("Timestamp", times(1)), ("SpanId", texts(&["s"])), ("SpanAttributes", attributes)];
        let file = write(&dir.path().join("f.parquet"), columns);
        let proposal = of(file.clone());
        assert_eq!(proposal.mapping.preset, "opentelemetry");
        assert_eq!(proposal.mapping.rows[0].column, "SpanAttributes.gen_ai.operation.name");
        let row = first_row(&file, &proposal);
        assert_eq!((&row["account_id"], &row["output_tokens"]), (&"u".into(), &7.into()));
        assert_eq!((&row["prompt_text"], &row["model"]), (&"Hello".into(), &"m".into()));
    }
}

#[test]
fn gateways_that_keep_the_caller_in_json() {
    let time = "2026-04-22T13:05:09Z";
    let (proposal, row) = of_texts(&[
        ("id", "i"),
        ("created_at", time),
        ("provider", "openai"),
        ("model", "m"),
        ("tokens_in", "3"),
        ("tokens_out", "4"),
        ("duration", "12"),
        ("metadata", "{\"user_id\":\"u\"}"),
    ]);
    assert_eq!(proposal.mapping.preset, "cloudflare");
    assert_eq!(
        (&row["account_id"], &row["input_tokens"], &row["latency_ms"]),
        (&"u".into(), &3.into(), &12.0.into())
    );
    let (proposal, row) = of_texts(&[
        ("timestamp", time),
        ("accountid", "1"),
        ("requestid", "r"),
        ("modelid", "m"),
        ("identity", "{\"arn\":\"a\"}"),
        (
            "input",
            "{\"inputBodyJson\":{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"Hello\"}]}]},\"inputTokenCount\":5}",
        ),
        ("output", "{\"outputBodyJson\":{\"stopReason\":\"end_turn\"},\"outputTokenCount\":6}"),
    ]);
    assert_eq!(proposal.mapping.preset, "bedrock");
    assert_eq!((&row["account_id"], &row["output_tokens"]), (&"a".into(), &6.into()));
    assert_eq!((&row["prompt_text"], &row["stop_reason"]), (&"Hello".into(), &"end_turn".into()));
    let (proposal, row) = of_texts(&[
        ("logging_time", time),
        ("request_id", "1"),
        ("endpoint", "e"),
        ("model", "m"),
        ("api_method", "generateContent"),
        (
            "full_request",
            "{\"labels\":{\"user\":\"u\"},\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Hello\"}]}]}",
        ),
        ("full_response", "{\"usageMetadata\":{\"candidatesTokenCount\":9}}"),
    ]);
    assert_eq!(proposal.mapping.preset, "vertex");
    assert_eq!(
        (&row["account_id"], &row["output_tokens"], &row["prompt_text"]),
        (&"u".into(), &9.into(), &"Hello".into())
    );
    let (proposal, row) = of_texts(&[
        ("id", "i"),
        ("run_type", "llm"),
        ("start_time", time),
        ("end_time", "2026-04-22T13:05:10Z"),
        ("inputs", "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"),
        ("outputs", "{}"),
        ("dotted_order", "d"),
        ("extra", "{\"metadata\":{\"user_id\":\"u\",\"ls_model_name\":\"m\"}}"),
        ("trace_id", "t"),
    ]);
    assert_eq!(proposal.mapping.preset, "langsmith");
    assert_eq!(
        (&row["account_id"], &row["latency_ms"], &row["model"]),
        (&"u".into(), &1000.0.into(), &"m".into())
    );
}

#[test]
fn an_export_s_folder_of_calls_is_taken_and_the_others_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let calls = write(
        &dir.path().join("p/observations_v2/a.parquet"),
        vec![
            ("id", texts(&["o"])),
            ("type", texts(&["GENERATION"])),
            ("start_time", times(1)),
            ("user_id", texts(&["u"])),
        ],
    );
    let scores =
        write(&dir.path().join("p/scores/a.parquet"), vec![("id", texts(&["s"])), ("value", ints(&[1]))]);
    let files =
        vec![("observations_v2/a.parquet".to_owned(), calls), ("scores/a.parquet".to_owned(), scores)];
    let proposal = propose(&files, Some("langfuse")).unwrap();
    assert_eq!(proposal.problems, [""; 0]);
    let (taken, left_out) = crate::snapshot::taken(files, &proposal.mapping);
    assert_eq!((taken.len(), left_out[0].0.as_str()), (1, "scores/a.parquet"));
}

#[test]
fn names_in_another_case_and_ambiguous_times_are_told() {
    let (proposal, row) =
        of_texts(&[("Ts", "2026-04-22T13:05:09Z"), ("AccountId", "a"), ("PROMPT_TEXT", "p")]);
    assert_eq!(proposal.mapping.preset, "canonical");
    assert_eq!((&row["account_id"], &row["prompt_text"]), (&"a".into(), &"p".into()));
    let dir = tempfile::tempdir().unwrap();
    let columns = vec![("ts", texts(&["4/22/2026, 1:05:09 PM"])), ("account_id", texts(&["a"]))];
    let file = write(&dir.path().join("f.parquet"), columns);
    let problems = of(file).problems;
    assert!(problems[0].contains("“4/22/2026, 1:05:09 PM”") && problems[0].contains("mdy"), "{problems:?}");
}

#[test]
fn a_column_that_hides_a_path_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let id: ArrayRef = texts(&["from_struct"]);
    let user =
        StructArray::from(vec![(Arc::new(Field::new("id", id.data_type().clone(), true)), Arc::clone(&id))]);
    let columns = vec![
        ("ts", times(1)),
        ("user.id", texts(&["from_column"])),
        ("user", Arc::new(user.clone()) as ArrayRef),
    ];
    let both = write(&dir.path().join("both.parquet"), columns);
    let files = [("f.parquet".to_owned(), both.clone())];
    let map = |source: &str| {
        let text = format!("account_id = \"{source}\"\n");
        let proposal = propose(&files, None).unwrap();
        let mapping = Mapping::from_toml(&text).unwrap().completed(&proposal);
        let seen = look(&files).unwrap();
        let notes = crate::snapshot::remarks::notes(&seen.iter().collect::<Vec<_>>(), &mapping);
        MappingProposal { mapping, notes, problems: Vec::new(), ..proposal }
    };
    let column = map("user.id");
    let said =
        "“user.id” is a column and also a path into another; the column is read. The path is user['id'].";
    assert!(column.notes.iter().any(|note| note == said), "{:?}", column.notes);
    assert_eq!(first_row(&both, &column)["account_id"], "from_column");
    let path = map("user['id']");
    assert!(!path.notes.iter().any(|note| note.contains("also a path")), "{:?}", path.notes);
    assert_eq!(first_row(&both, &path)["account_id"], "from_struct");
}

#[test]
fn times_are_in_a_unit_in_which_they_are_plausible() {
    let dir = tempfile::tempdir().unwrap();
    let day = |name: &str, unit: i64| {
        let columns = vec![("ts", ints(&[START / unit, START / unit + 1])), ("account_id", accounts(2))];
        (name.to_owned(), write(&dir.path().join(name), columns))
    };
    let unit = |files: &[(String, PathBuf)]| {
        let proposal = propose(files, None).unwrap();
        (proposal.mapping.unit(Column::Ts), proposal.problems.len())
    };
    assert_eq!(unit(&[day("ms", 1_000)]), (Some(Unit::Ms), 0));
    assert_eq!(unit(&[day("ms", 1_000), day("s", 1_000_000)]), (Some(Unit::Epoch), 0));
    assert_eq!(unit(&[day("none", 17)]), (None, 1), "no time in any unit");
}
