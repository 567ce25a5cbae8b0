use std::io::Write as _;
use std::process::{Command, Stdio};

use arrow_array::{ArrayRef, BinaryArray, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::super::fixture::{canonical, double_of, one_double};
use super::super::fixture_rows::every_type;
use super::*;
use crate::model::Digest;

fn write(path: &Path, batch: &RecordBatch) {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(40)).build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn hashes(path: &Path, rows: u64) -> Vec<Digest> {
    let rows: Vec<u64> = (0..rows).collect();
    let found = source_rows(path, "f", &canonical(), &rows).unwrap();
    for (_, row) in &found {
        let batch = from_source_row(row).unwrap();
        assert_eq!(&to_source_row(&batch, &row.mapping).unwrap(), row);
    }
    found.into_iter().map(|(_, row)| row.sha256).collect()
}

/// The SHA-256 of rows by the Python implementation of the rule; `None` where there is no Python.
pub(crate) fn by_python(rows: &[serde_json::Value]) -> Option<Vec<String>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/record_hash.py");
    let started = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut python) = started else {
        eprintln!("skipped: there is no python3");
        assert!(std::env::var_os("CI").is_none(), "CI has to have python3");
        return None;
    };
    let mut stdin = python.stdin.take().unwrap();
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let feeder = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = python.wait_with_output().unwrap();
    feeder.join().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

#[test]
fn every_type_of_parquet_hashes_as_the_rule_says() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    for seed in 0..4 {
        let (batch, rows) = every_type(seed, 100);
        write(&path, &batch);
        let found = hashes(&path, 100);
        let Some(wanted) = by_python(&rows) else { return };
        for (row, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
            assert_eq!(&found.to_string(), wanted, "seed {seed}, row {row}: {}", rows[row]);
        }
    }
}

#[test]
fn the_rule_by_hand() {
    let row = one_double(-0.0, "{}");
    assert_eq!(row.sha256, Digest::of(b"stillhunt-record-1\n{1:s1:xd8000000000000000"));
    assert_eq!(double_of(&row).to_bits(), (-0.0f64).to_bits());
}

/// Writes a file with a column annotated as text whose bytes are not UTF-8.
fn write_bad_text(path: &Path, annotation: &str) {
    let schema = format!("message m {{ required int64 n; optional binary text ({annotation}); }}");
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let file = std::fs::File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&[1, 2, 3], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let values = [ByteArray::from("good é"), ByteArray::from(vec![0xff, 0xfe, 0])];
    column.typed::<ByteArrayType>().write_batch(&values, Some(&[1, 1, 0]), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn text_that_is_no_utf8_is_kept_as_its_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    for annotation in ["UTF8", "JSON", "ENUM"] {
        write_bad_text(&path, annotation);
        let found = source_rows(&path, "f", &canonical(), &[0, 1, 2]).unwrap();
        let text = |row: usize| from_source_row(&found[row].1).unwrap().column(1).clone();
        assert_eq!(text(1).as_binary::<i32>().value(0), [0xff, 0xfe, 0]);
        assert!(text(2).is_null(0));
        if annotation != "ENUM" {
            assert_eq!(text(0).as_string::<i32>().value(0), "good é");
        }
        let by_hand = [b"stillhunt-record-1\n{2:s1:ni2;s4:texts3:".as_slice(), &[0xff, 0xfe, 0]].concat();
        assert_eq!(found[1].1.sha256, Digest::of(&by_hand));
    }
}

#[test]
fn sixty_megabytes_of_text_come_back_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    let long = "é漢 ".repeat(10_000_000);
    let text: ArrayRef = Arc::new(StringArray::from(vec!["short", &long, "short"]));
    write(&path, &RecordBatch::try_from_iter([("t", text)]).unwrap());
    let found = source_rows(&path, "f", &canonical(), &[1]).unwrap();
    let batch = from_source_row(&found[0].1).unwrap();
    assert_eq!(batch.column(0).as_string::<i32>().value(0), long);
    assert_eq!(found[0].0, 1);
}

#[test]
fn a_kept_row_that_was_changed_is_refused() {
    let row = one_double(0.1, "{}");
    for at in 0..row.row.len() {
        let mut altered = row.clone();
        altered.row[at] ^= 1;
        if let Ok(batch) = from_source_row(&altered) {
            assert_eq!(record_hash(&batch, 0).unwrap(), row.sha256);
        }
    }
    assert!(from_source_row(&SourceRow { row: Vec::new(), ..row.clone() }).is_err());
    assert!(from_source_row(&SourceRow { sha256: Digest::of(b""), ..row }).is_err());
}

#[test]
fn rows_that_are_not_there_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&b"x"[..]; 5]));
    write(&path, &RecordBatch::try_from_iter([("b", bytes)]).unwrap());
    assert_eq!(source_rows(&path, "f", &canonical(), &[]).unwrap(), []);
    assert_eq!(source_rows(&path, "f", &canonical(), &[4, 0, 4]).unwrap().len(), 2);
    assert!(matches!(source_rows(&path, "f", &canonical(), &[5]), Err(SnapshotError::OutOfRange { .. })));
}
