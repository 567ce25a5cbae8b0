//! Files in which bytes that are not UTF-8 are passed off as text, in every way that a footer can say so.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_cast::cast;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::*;
use crate::model::Digest;
use crate::snapshot::fixture::{START, canonical};
use crate::snapshot::{
    Column, File, Join, Mapping, fetch, find, latest, propose, read, source_rows, to_source_row,
};

/// Values of the columns of text: one is not UTF-8, and the two after it are so only together.
const VALUES: [&[u8]; 4] = [b"good \xc3\xa9", b"bad \xff byte", b"\xc3", b"\xa9"];

/// Writes a file with text at the top, in a struct and in a list. The hint is what the footer says of
/// each of them.
fn write(path: &Path, annotation: &str, hint: Option<&DataType>, dictionary: bool) -> PathBuf {
    let schema = format!(
        "message m {{
            required int64 ts (TIMESTAMP(MICROS,true));
            required binary account_id (UTF8);
            optional binary prompt_text {annotation};
            optional group client {{ optional binary agent {annotation}; }}
            optional group tags (LIST) {{ repeated group list {{ optional binary element {annotation}; }} }}
        }}"
    );
    let properties = WriterProperties::builder().set_dictionary_enabled(dictionary);
    let file = std::fs::File::create(path).unwrap();
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties.build())).unwrap();
    if let Some(hint) = hint {
        let text = |name: &str| Field::new(name, hint.clone(), true);
        let schema = Schema::new(vec![
            Field::new("ts", DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, None), false),
            Field::new("account_id", DataType::Utf8, false),
            text("prompt_text"),
            Field::new("client", DataType::Struct(vec![text("agent")].into()), true),
            Field::new("tags", DataType::LargeList(Arc::new(text("element"))), true),
        ]);
        let hint = parquet::arrow::encode_arrow_schema(&schema);
        writer.append_key_value_metadata(KeyValue::new("ARROW:schema".to_owned(), hint));
    }
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let times: Vec<i64> = (0..4).map(|i| START + i).collect();
    column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
    column.close().unwrap();
    let texts: Vec<ByteArray> = VALUES.iter().map(|value| ByteArray::from(value.to_vec())).collect();
    let accounts = vec![ByteArray::from("a"); 4];
    let levels = [(&accounts, None, None), (&texts, Some([1; 4]), None), (&texts, Some([2; 4]), None)];
    for (values, defined, repeated) in levels.into_iter().chain([(&texts, Some([3; 4]), Some([0; 4]))]) {
        let mut column = group.next_column().unwrap().unwrap();
        let (defined, repeated) = (defined.as_ref().map(|l| &l[..]), repeated.as_ref().map(|l| &l[..]));
        column.typed::<ByteArrayType>().write_batch(values, defined, repeated).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    path.to_owned()
}

/// Runs a check on every file that passes bytes off as text.
fn for_each_file(check: impl Fn(&Path, &str)) {
    let dictionary = |value| DataType::Dictionary(Box::new(DataType::Int32), Box::new(value));
    let hints = [
        None,
        Some(DataType::Utf8),
        Some(DataType::LargeUtf8),
        Some(DataType::Utf8View),
        Some(dictionary(DataType::Utf8)),
    ];
    let dir = tempfile::tempdir().unwrap();
    for annotation in ["", "(UTF8)", "(JSON)", "(ENUM)", "(BSON)"] {
        for hint in &hints {
            for dictionary in [true, false] {
                let what = format!("{annotation} {hint:?} dictionary {dictionary}");
                let path = write(&dir.path().join("f.parquet"), annotation, hint.as_ref(), dictionary);
                check(&path, &what);
            }
        }
    }
}

fn batches(path: &Path, metadata: ArrowReaderMetadata) -> Result<Vec<RecordBatch>, String> {
    let file = std::fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).build().unwrap();
    reader.collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())
}

#[test]
fn no_text_is_taken_unchecked() {
    for_each_file(|path, what| {
        let file = File::open(path, "f.parquet").unwrap();
        match batches(path, file.footer().unwrap().clone()) {
            Ok(batches) => {
                for column in batches.iter().flat_map(RecordBatch::columns) {
                    column.to_data().validate_full().unwrap_or_else(|e| panic!("{what}: {e}"));
                }
            }
            Err(error) => assert!(error.contains("UTF") || error.contains("utf-8"), "{what}: {error}"),
        }
        let bytes = as_bytes(file.footer().unwrap()).unwrap();
        let read = batches(path, bytes).unwrap();
        let texts = cast(read[0].column(2), &DataType::Binary).unwrap();
        assert_eq!(texts.as_binary::<i32>().iter().map(Option::unwrap).collect::<Vec<_>>(), VALUES, "{what}");
    });
}

fn texts(array: &ArrayRef) -> Vec<Option<String>> {
    let plain = cast(array, &DataType::Utf8).unwrap();
    plain.to_data().validate_full().unwrap();
    plain.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

#[test]
fn every_reader_takes_such_a_file_and_keeps_its_rows() {
    let long = ["good é", "bad \u{fffd} byte", "\u{fffd}", "\u{fffd}"];
    let short = ["good é", "bad \\xFF byte", "\\xC3", "\\xA9"];
    let some = |texts: [&str; 4]| texts.map(|text| Some(text.to_owned())).to_vec();
    for_each_file(|path, what| {
        let mut mapping: Mapping = canonical();
        mapping.set(Column::UserAgent, "client.agent");
        mapping.set(Column::StatedUseCase, "tags[0]");
        let columns = [Column::PromptText, Column::UserAgent, Column::StatedUseCase];
        let batch = read(path, "f.parquet", &mapping, &columns, None).unwrap().next().unwrap().unwrap();
        let read: Vec<_> = batch.columns.iter().map(|array| texts(array.as_ref().unwrap())).collect();
        assert_eq!(read, [some(long), some(short), some(short)], "{what}");

        let rows = fetch(path, "f.parquet", &mapping, &[0, 1, 2, 3], Digest::of(b""), None).unwrap();
        let prompts: Vec<_> = rows.iter().map(|row| row.text("prompt_text")).collect();
        assert_eq!(prompts, long.map(Some), "{what}");
        let kept = source_rows(path, "f.parquet", &mapping, &[1]).unwrap();
        let kept = crate::snapshot::from_source_row(&kept[0].1).unwrap();
        assert_eq!(kept.column(2).as_binary::<i32>().value(0), VALUES[1], "{what}");
        assert!(to_source_row(&kept, "{}").is_ok(), "{what}");

        mapping.join = Some(Join { by: "client.agent".into(), order: "ts".into() });
        assert!(super::super::read(path, "f.parquet", &mapping, &columns, None).unwrap().all(|b| b.is_ok()));
        let file = File::open(path, "f.parquet").unwrap();
        assert_eq!(latest(&file, "prompt_text", 0..1).unwrap(), [None; 4], "{what}");
        let files = find(&[path.to_owned()]).unwrap();
        assert!(propose(&files, None).is_ok(), "{what}");
    });
}

#[test]
fn a_file_whose_text_is_text_is_read_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = crate::snapshot::fixture::write_plain(&dir.path().join("f.parquet"), 5);
    let file = std::fs::File::open(&path).unwrap();
    let ours = checked(&footer(&file, PageIndexPolicy::Skip).unwrap()).unwrap();
    let theirs = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).unwrap();
    assert_eq!(ours.schema(), theirs.schema());
}
