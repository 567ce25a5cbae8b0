//! A block of nested traces, as Grafana Tempo writes it.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, ListArray, RecordBatch, StringArray, StructArray, UInt64Array};
use arrow_buffer::OffsetBuffer;
use arrow_schema::Field;
use parquet::arrow::ArrowWriter;

/// Spans, and spans of a trace.
const SPANS: usize = 60;
const OF_A_TRACE: usize = 6;

fn list(items: ArrayRef, lengths: Vec<usize>) -> ArrayRef {
    let field = Arc::new(Field::new("element", items.data_type().clone(), true));
    Arc::new(ListArray::new(field, OffsetBuffer::from_lengths(lengths), items, None))
}

fn record(columns: Vec<(&str, ArrayRef)>) -> ArrayRef {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    Arc::new(StructArray::new(fields.into(), columns.into_iter().map(|(_, array)| array).collect(), None))
}

fn texts(rows: usize, text: impl Fn(usize) -> String) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..rows).map(text)))
}

/// Four attributes for each span; the last one is a number.
fn attributes() -> ArrayRef {
    let keys = ["gen_ai.operation.name", "enduser.id", "gen_ai.input.messages", "gen_ai.usage.output_tokens"];
    let is_number = |at: usize| at % 4 == 3;
    let value = |i: usize, which: usize| match which {
        0 if i % 5 == 4 => "execute_tool".to_owned(),
        0 => "chat".to_owned(),
        1 => format!("acct_{}", i % 8),
        _ => format!("[{{\"role\":\"user\",\"content\":\"question word{i:03}\"}}]"),
    };
    let all = SPANS * 4;
    let numbers = Int64Array::from_iter_values((0..SPANS as i64).map(|i| i + 1));
    let pairs = record(vec![
        ("Key", texts(all, |at| keys[at % 4].to_owned())),
        (
            "Value",
            list(
                texts(SPANS * 3, |at| value(at / 3, at % 3)),
                (0..all).map(|at| usize::from(!is_number(at))).collect(),
            ),
        ),
        ("ValueInt", list(Arc::new(numbers), (0..all).map(|at| usize::from(is_number(at))).collect())),
    ]);
    list(pairs, vec![4; SPANS])
}

/// Writes 60 spans of 8 accounts in ten traces, two scopes a trace; every fifth span is a tool's.
pub fn write(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let nanos = |step: u64| move |i: usize| 1_776_863_109_000_000_000 + i as u64 * step;
    let starts = UInt64Array::from_iter_values((0..SPANS).map(nanos(1_000_000_000)));
    let span = record(vec![
        ("Name", texts(SPANS, |i| format!("span {i}"))),
        ("StartTimeUnixNano", Arc::new(starts)),
        ("DurationNano", Arc::new(UInt64Array::from(vec![5_000_000; SPANS]))),
        ("Attrs", attributes()),
    ]);
    let traces = SPANS / OF_A_TRACE;
    let scope = record(vec![
        ("Scope", record(vec![("Name", texts(2 * traces, |_| "sdk".to_owned()))])),
        ("Spans", list(span, [OF_A_TRACE - 2, 2].repeat(traces))),
    ]);
    let resource = record(vec![
        ("Resource", record(vec![("ServiceName", texts(traces, |_| "gateway".to_owned()))])),
        ("ss", list(scope, vec![2; traces])),
    ]);
    let batch = RecordBatch::try_from_iter([
        ("TraceIDText", texts(traces, |i| format!("{i:032x}"))),
        ("rs", list(resource, vec![1; traces])),
    ])
    .unwrap();
    let mut writer =
        ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}
