use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Int64Array, ListArray, StringArray, StructArray, UInt64Array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use proptest::prelude::*;

use super::*;
use crate::model::Digest;
use crate::snapshot::fixture::{START, damage, write_groups, write_pages};
use crate::snapshot::{Column, File, Mapping, Piece, fetch, from_source_row, pieces, propose, source_rows};

fn list(items: ArrayRef, lengths: &[usize], nulls: Option<NullBuffer>) -> ArrayRef {
    let field = Arc::new(Field::new("element", items.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    Arc::new(ListArray::try_new(field, offsets, items, nulls).unwrap())
}

fn record(columns: Vec<(&str, ArrayRef)>) -> ArrayRef {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    Arc::new(StructArray::try_new(fields.into(), arrays, None).unwrap())
}

/// One attribute of a span: name, and a value of one of Tempo's four types.
enum Value {
    Text(String),
    Int(i64),
    Flag(bool),
}

/// Attributes as Tempo writes them, for each span.
fn attributes(spans: &[Vec<(&str, Value)>]) -> ArrayRef {
    let all = || spans.iter().flatten();
    let one = |is: &dyn Fn(&Value) -> bool| -> Vec<usize> {
        all().map(|(_, value)| usize::from(is(value))).collect()
    };
    let text = |value: &Value| matches!(value, Value::Text(_));
    let int = |value: &Value| matches!(value, Value::Int(_));
    let flag = |value: &Value| matches!(value, Value::Flag(_));
    let texts = StringArray::from_iter_values(all().filter_map(|(_, value)| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }));
    let ints: Vec<i64> =
        all().filter_map(|(_, v)| if let Value::Int(n) = v { Some(*n) } else { None }).collect();
    let flags: Vec<bool> =
        all().filter_map(|(_, v)| if let Value::Flag(b) = v { Some(*b) } else { None }).collect();
    let pairs = record(vec![
        ("Key", Arc::new(StringArray::from_iter_values(all().map(|(key, _)| *key)))),
        ("IsArray", Arc::new(BooleanArray::from(vec![false; all().count()]))),
        ("Value", list(Arc::new(texts), &one(&text), None)),
        ("ValueInt", list(Arc::new(Int64Array::from(ints)), &one(&int), None)),
        ("ValueBool", list(Arc::new(BooleanArray::from(flags)), &one(&flag), None)),
    ]);
    list(pairs, &spans.iter().map(Vec::len).collect::<Vec<_>>(), None)
}

/// Traces with these numbers of spans in each scope of each resource, as Tempo writes them.
fn tempo(traces: &[Vec<Vec<usize>>]) -> Vec<(&'static str, ArrayRef)> {
    let spans: usize = traces.iter().flatten().flatten().sum();
    let of = |i: usize| {
        vec![
            ("gen_ai.operation.name", Value::Text(if i % 5 == 4 { "execute_tool" } else { "chat" }.into())),
            ("enduser.id", Value::Text(format!("u{}", i % 3))),
            ("gen_ai.request.model", Value::Text("m".into())),
            ("gen_ai.usage.output_tokens", Value::Int(i as i64)),
            ("gen_ai.request.stream", Value::Flag(i.is_multiple_of(2))),
            (
                "gen_ai.input.messages",
                Value::Text(format!("[{{\"role\":\"user\",\"content\":\"ask {i:05}\"}}]")),
            ),
        ]
    };
    let nanos = |i: usize| (START as u64 + i as u64) * 1_000;
    let span = record(vec![
        (
            "SpanID",
            Arc::new(BinaryArray::from_iter_values(
                (0..spans).map(|i| (i as u64 | 0x80 << 56).to_be_bytes()),
            )),
        ),
        ("Name", Arc::new(StringArray::from_iter_values((0..spans).map(|i| format!("span {i:05}"))))),
        ("StartTimeUnixNano", Arc::new(UInt64Array::from_iter_values((0..spans).map(nanos)))),
        ("DurationNano", Arc::new(UInt64Array::from_iter_values((0..spans).map(|_| 2_500_000)))),
        ("Attrs", attributes(&(0..spans).map(of).collect::<Vec<_>>())),
        (
            "DedicatedAttributes",
            record(vec![(
                "String01",
                Arc::new(StringArray::from_iter_values((0..spans).map(|i| format!("apart {i}")))),
            )]),
        ),
    ]);
    let lengths: Vec<usize> = traces.iter().flatten().flatten().copied().collect();
    let scope = record(vec![
        ("Scope", record(vec![("Name", Arc::new(StringArray::from(vec!["sdk"; lengths.len()])))])),
        ("Spans", list(span, &lengths, None)),
    ]);
    let lengths: Vec<usize> = traces.iter().flatten().map(Vec::len).collect();
    let services = StringArray::from_iter_values((0..lengths.len()).map(|i| format!("service {i}")));
    let resource = record(vec![
        ("Resource", record(vec![("ServiceName", Arc::new(services))])),
        ("ss", list(scope, &lengths, None)),
    ]);
    let lengths: Vec<usize> = traces.iter().map(Vec::len).collect();
    let ids = StringArray::from_iter_values((0..lengths.len()).map(|i| format!("trace {i:04}")));
    vec![("TraceIDText", Arc::new(ids)), ("rs", list(resource, &lengths, None))]
}

fn proposed(path: &Path) -> Mapping {
    let proposal = propose(&[("f.parquet".to_owned(), path.to_owned())], None).unwrap();
    assert_eq!(proposal.problems, Vec::<String>::new());
    proposal.mapping
}

fn written(folder: &Path, traces: &[Vec<Vec<usize>>], group: usize) -> PathBuf {
    write_groups(&folder.join("f.parquet"), tempo(traces), group)
}

const TRACES: [usize; 4] = [3, 0, 1, 7];

fn some_traces() -> Vec<Vec<Vec<usize>>> {
    (0..40).map(|i| vec![vec![TRACES[i % 4], 1], Vec::new(), vec![TRACES[(i + 1) % 4]]]).collect()
}

#[test]
fn spans_of_nested_traces_are_the_rows_under_the_opentelemetry_preset() {
    let dir = tempfile::tempdir().unwrap();
    let traces = some_traces();
    let spans: usize = traces.iter().flatten().flatten().sum();
    let path = written(dir.path(), &traces, 7);
    let mapping = proposed(&path);
    assert_eq!(mapping.preset, "opentelemetry");
    let file = File::open(&path, "f.parquet").unwrap();
    assert_eq!((file.rows(), file.row_groups().len()), (spans as u64, 6));
    let columns =
        [Column::Ts, Column::AccountId, Column::OutputTokens, Column::LatencyMs, Column::PromptText];
    let mut reader = file.read(&mapping, &columns, None).unwrap();
    let mut row = 0;
    for batch in reader.by_ref() {
        let batch = batch.unwrap();
        assert_eq!(batch.first_row, row);
        let array = |at: usize| batch.columns[at].as_ref().unwrap();
        for i in 0..batch.rows {
            let n = row as i64 + i as i64;
            assert_eq!(array(0).as_primitive::<Int64Type>().value(i), START + n);
            assert_eq!(array(2).as_primitive::<Int64Type>().value(i), n);
            assert_eq!(array(4).as_string::<i32>().value(i), format!("ask {n:05}"));
            // Only chats are exchanges.
            assert_eq!(array(1).is_null(i), n % 5 == 4);
        }
        row += batch.rows as u64;
    }
    assert_eq!(row, spans as u64);
    assert_eq!(reader.tally().filtered.values().sum::<u64>(), (spans / 5) as u64);
}

#[test]
fn a_span_has_one_number_under_every_mapping_and_its_record_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), &some_traces(), 7);
    let other = "ts = { column = \"Spans.StartTimeUnixNano\", unit = \"ns\" }\naccount_id = \"rs.Resource.ServiceName\"\n\
                 prompt_text = \"Spans.Name\"\nconversation_id = \"trace.TraceIDText\"";
    let other = Mapping::from_toml(other).unwrap();
    let rows = [0, 5, 6, 63, 100];
    let get = |mapping: &Mapping| fetch(&path, "f.parquet", mapping, &rows, Digest::of(b""), None).unwrap();
    for (mine, theirs) in get(&proposed(&path)).iter().zip(get(&other)) {
        let row = mine.exchange.row;
        assert_eq!(mine.text("prompt_text"), Some(format!("ask {row:05}").as_str()));
        assert_eq!(theirs.text("prompt_text"), Some(format!("span {row:05}").as_str()));
        assert_eq!(mine.columns["ts"], theirs.columns["ts"]);
    }
    assert_eq!(get(&other)[0].text("conversation_id"), Some("trace 0000"));
    let sources = source_rows(&path, "f.parquet", &other, &rows).unwrap();
    for (row, source) in &sources {
        let batch = from_source_row(source).unwrap();
        let names: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, ["trace", "rs", "ss", "Spans"]);
        let span = batch.column(3).as_struct();
        assert_eq!(
            span.column_by_name("Name").unwrap().as_string::<i32>().value(0),
            format!("span {row:05}")
        );
        assert_eq!(span.column_by_name("Attrs").unwrap().as_list::<i32>().value(0).len(), 6);
        assert_eq!(batch.column(2).as_struct().column_names(), ["Scope"]);
    }
    assert!(source_rows(&path, "f.parquet", &other, &[1_000_000]).is_err());
}

#[test]
fn a_damaged_page_of_nested_traces_costs_its_spans_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let traces: Vec<Vec<Vec<usize>>> = (0..400).map(|_| vec![vec![2]]).collect();
    let path = write_pages(&dir.path().join("f.parquet"), tempo(&traces), 1_000);
    let mapping = Mapping::from_toml(
        "ts = { column = \"Spans.StartTimeUnixNano\", unit = \"ns\" }\naccount_id = \"rs.Resource.ServiceName\"\nprompt_text = \"Spans.Name\"",
    )
    .unwrap();
    damage(&path, "span 00100");
    let file = File::open(&path, "f.parquet").unwrap();
    let (mut lost, mut found) = (0, 0);
    for piece in pieces(&file, &mapping, &[Column::Ts, Column::PromptText], None).unwrap() {
        let batch = match piece.unwrap() {
            Piece::Whole(batch) => batch,
            Piece::Patched(batch, places) => {
                assert!(places.iter().all(|place| place.column == "prompt_text"), "{places:?}");
                batch
            }
            Piece::LeftOut(places) => panic!("{places:?}"),
        };
        let prompts = batch.columns[1].as_ref().unwrap().as_string::<i32>();
        for i in 0..batch.rows {
            if prompts.is_null(i) {
                lost += 1;
            } else {
                assert_eq!(prompts.value(i), format!("span {:05}", batch.first_row + i as u64));
                found += 1;
            }
        }
    }
    assert_eq!(lost + found, 800);
    assert!((1..=300).contains(&lost), "{lost}");
}

#[test]
fn text_that_is_not_utf8_is_read_around_in_nested_traces_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), &some_traces(), 1_000);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(10).position(|found| found == b"span 00003").unwrap();
    bytes[at] = 0xff;
    std::fs::write(&path, bytes).unwrap();
    let mut mapping = proposed(&path);
    mapping.set(Column::ResponseText, "Spans.Name");
    let records = fetch(&path, "f.parquet", &mapping, &[2, 3], Digest::of(b""), None).unwrap();
    assert_eq!(records[0].text("response_text"), Some("span 00002"));
    assert_eq!(records[1].text("response_text"), Some("\u{fffd}pan 00003"));
    // The record of another span of the same trace keeps its text.
    let sources = source_rows(&path, "f.parquet", &mapping, &[2, 3]).unwrap();
    let types: Vec<DataType> = sources
        .iter()
        .map(|(_, source)| {
            let batch = from_source_row(source).unwrap();
            batch.column(3).as_struct().column_by_name("Name").unwrap().data_type().clone()
        })
        .collect();
    assert_eq!(types, [DataType::Utf8, DataType::Binary]);
}

#[test]
fn other_lists_of_structs_are_no_traces() {
    let dir = tempfile::tempdir().unwrap();
    let mut columns = tempo(&some_traces());
    columns[1].0 = "results";
    let path = write_groups(&dir.path().join("f.parquet"), columns, 100);
    assert_eq!(File::open(&path, "f.parquet").unwrap().rows(), 40);
}

#[test]
fn attributes_in_columns_of_their_own_are_found_by_the_notes_of_the_block() {
    let dir = tempfile::tempdir().unwrap();
    let layout = SpanLayout::of_names(["rs", "ss", "Spans"]);
    let path = dir.path().join("data.parquet");
    assert_eq!(dedicated(&path, &layout), None);
    let meta = r#"{"format":"vParquet4","dedicatedColumns":[{"n":"gen_ai.request.model"},
        {"s":"resource","n":"team"},{"n":"enduser.id"},{"n":"gen_ai.usage.input_tokens","t":"int"}]}"#;
    std::fs::write(dir.path().join("meta.json"), meta).unwrap();
    let found = dedicated(&path, &layout).unwrap();
    assert_eq!(found["enduser.id"], "Spans.DedicatedAttributes.String02");
    assert_eq!(found["gen_ai.usage.input_tokens"], "Spans.DedicatedAttributes.Int01");
    assert_eq!(found["team"], "rs.Resource.DedicatedAttributes.String01");
}

#[test]
fn a_column_of_its_own_is_proposed_only_where_it_means_one_attribute_in_all_files() {
    let dir = tempfile::tempdir().unwrap();
    let of = |name: &str| format!("{{\"dedicatedColumns\":[{{\"n\":\"{name}\"}}]}}");
    let wanted = "gen_ai.conversation.id";
    let files: Vec<(String, PathBuf)> = ["a", "b"]
        .iter()
        .map(|block| {
            std::fs::create_dir(dir.path().join(block)).unwrap();
            (format!("{block}/f.parquet"), written(&dir.path().join(block), &some_traces(), 100))
        })
        .collect();
    let proposed = |second: Option<&str>| {
        std::fs::write(dir.path().join("a/meta.json"), of(wanted)).unwrap();
        let _ = std::fs::remove_file(dir.path().join("b/meta.json"));
        if let Some(text) = second {
            std::fs::write(dir.path().join("b/meta.json"), text).unwrap();
        }
        let proposal = propose(&files, Some("opentelemetry")).unwrap();
        let is_taken = proposal.mapping.names().any(|name| name == "Spans.DedicatedAttributes.String01");
        (is_taken, proposal.notes.len())
    };
    assert_eq!(proposed(Some(&of(wanted))), (true, 0));
    assert_eq!(proposed(Some(&of("team"))), (false, 1), "it is the team in the other block");
    assert_eq!(proposed(Some("{}")), (true, 0), "the other block leaves it empty");
    assert_eq!(proposed(Some("not JSON")), (false, 1));
    assert_eq!(proposed(None), (false, 1));
}

#[test]
fn a_column_with_more_values_than_are_decoded_is_refused_before_it_is() {
    let dir = tempfile::tempdir().unwrap();
    // One trace with many spans that are null, which take a few bytes.
    let (spans, many) =
        (record(vec![("Name", Arc::new(StringArray::from(vec![None::<&str>; 100_000])))]), 100_000);
    let scope = record(vec![("spans", list(spans, &[many], None))]);
    let resource = record(vec![("scopeSpans", list(scope, &[1], None))]);
    let columns = vec![("resourceSpans", list(resource, &[1], None))];
    let path = write_groups(&dir.path().join("f.parquet"), columns, 10);
    let file = std::fs::File::open(&path).unwrap();
    let footer = ArrowReaderMetadata::load(&file, Default::default()).unwrap();
    let layout = SpanLayout::of(footer.schema().fields(), footer.parquet_schema()).unwrap();
    let refused = SpanIndex::count_within(&path, &footer, &layout, 99_999).unwrap_err();
    assert!(refused.contains("values"), "{refused}");
    let index = SpanIndex::count_within(&path, &footer, &layout, 100_000).unwrap();
    assert_eq!(index.rows(), [100_000]);
    assert!(index.check(0, |_| true).is_ok());
}

#[test]
fn batches_of_spans_are_bounded_by_rows_and_by_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = written(dir.path(), &[vec![vec![50]], vec![vec![7], vec![3]]], 100);
    let file = std::fs::File::open(&path).unwrap();
    let footer = ArrowReaderMetadata::load(&file, Default::default()).unwrap();
    let layout = SpanLayout::of(footer.schema().fields(), footer.parquet_schema()).unwrap();
    let index = SpanIndex::of(&path, &footer, &layout).unwrap();
    let sizes = |rows: usize, bytes: usize| -> Vec<usize> {
        let from = (footer.clone(), ProjectionMask::all());
        let file = file.try_clone().unwrap();
        let read = read::batches_within(file, from, &layout, &index, 0, None, (rows, bytes)).unwrap();
        read.map(|batch| batch.unwrap().num_rows()).collect()
    };
    assert_eq!(sizes(1_000, 1 << 20), [60]);
    assert_eq!(sizes(25, 1 << 20), [25, 25, 10]);
    assert_eq!(sizes(1_000, 1), [1; 60]);
    let by_bytes = sizes(1_000, 4_096);
    assert_eq!(by_bytes.iter().sum::<usize>(), 60);
    assert!(by_bytes[0] > 1 && by_bytes.iter().all(|&rows| rows < 30), "{by_bytes:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_selection_of_spans_is_what_reading_all_gives(
        traces in proptest::collection::vec(
            proptest::collection::vec(proptest::collection::vec(0..5_usize, 0..3), 0..3), 1..60),
        group in 1..30_usize,
        wanted in proptest::collection::btree_set(0..200_u64, 0..12),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = written(dir.path(), &traces, group);
        let spans = traces.iter().flatten().flatten().sum::<usize>() as u64;
        let wanted: Vec<u64> = wanted.into_iter().filter(|&row| row < spans).collect();
        let mapping = Mapping::from_toml(
            "ts = { column = \"Spans.StartTimeUnixNano\", unit = \"ns\" }\naccount_id = \"Spans.Attrs.enduser.id\"\nprompt_text = \"Spans.Name\"",
        ).unwrap();
        prop_assert_eq!(File::open(&path, "f.parquet").unwrap().rows(), spans);
        let records = fetch(&path, "f.parquet", &mapping, &wanted, Digest::of(b""), None).unwrap();
        let sources = source_rows(&path, "f.parquet", &mapping, &wanted).unwrap();
        prop_assert_eq!((records.len(), sources.len()), (wanted.len(), wanted.len()));
        for ((record, (row, _)), want) in records.iter().zip(&sources).zip(wanted) {
            prop_assert_eq!((record.exchange.row, *row), (want, want));
            let name = format!("span {want:05}");
            prop_assert_eq!(record.text("prompt_text"), Some(name.as_str()));
        }
    }
}
