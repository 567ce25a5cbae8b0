//! Small Parquet files for tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use super::{Column, Mapping, from_source_row, to_source_row};
use crate::model::SourceRow;

/// 2026-04-22T13:05:09Z.
pub const START: i64 = 1_776_863_109_000_000;

pub fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

pub fn ints(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

pub fn times(rows: usize) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter_values((0..rows as i64).map(|i| START + i)))
}

/// Accounts `a0`, `a1`, … in turn over three.
pub fn accounts(rows: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..rows).map(|i| format!("a{}", i % 3))))
}

/// Writes the columns, in row groups of at most `group_rows`, pages of about 64 rows.
pub fn write_groups(path: &Path, columns: Vec<(&str, ArrayRef)>, group_rows: usize) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .set_data_page_row_count_limit(64)
        .set_write_batch_size(64)
        .build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path.to_owned()
}

/// Writes the columns in pages of 64 rows, with texts in plain encoding, without a dictionary.
pub fn write_pages(path: &Path, columns: Vec<(&str, ArrayRef)>, group_rows: usize) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group_rows))
        .set_data_page_row_count_limit(64)
        .set_write_batch_size(64)
        .set_dictionary_enabled(false)
        .build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path.to_owned()
}

/// Overwrites the length of a text in such a file, so that its page cannot be decoded.
pub fn damage(path: &Path, text: &str) {
    let mut bytes = std::fs::read(path).unwrap();
    let length = (text.len() as u32).to_le_bytes();
    let cell = [&length[..], text.as_bytes()].concat();
    let at = bytes.windows(cell.len()).position(|found| found == cell).unwrap();
    bytes[at..at + 4].copy_from_slice(&[0xff; 4]);
    std::fs::write(path, bytes).unwrap();
}

pub fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) -> PathBuf {
    write_groups(path, columns, 1_000_000)
}

/// Writes a valid file with a number of rows.
pub fn write_plain(path: &Path, rows: usize) -> PathBuf {
    write(path, vec![("ts", times(rows)), ("account_id", accounts(rows))])
}

/// Mapping of every canonical column to its own name.
pub fn canonical() -> Mapping {
    let mut mapping = Mapping { preset: "canonical".into(), ..Mapping::default() };
    Column::ALL.into_iter().for_each(|column| mapping.set(column, column.name()));
    mapping
}

/// A source row of one double.
pub fn one_double(x: f64, mapping: &str) -> SourceRow {
    let column: ArrayRef = Arc::new(arrow_array::Float64Array::from(vec![x]));
    to_source_row(&RecordBatch::try_from_iter([("x", column)]).unwrap(), mapping).unwrap()
}

/// The double of [`one_double`].
pub fn double_of(row: &SourceRow) -> f64 {
    use arrow_array::cast::AsArray as _;
    from_source_row(row).unwrap().column(0).as_primitive::<arrow_array::types::Float64Type>().value(0)
}

/// A file whose text columns `prompt_text` and `user_agent` hold these bytes, which need not be UTF-8.
pub fn write_bytes_as_text(path: &Path, values: &[Vec<u8>]) -> PathBuf {
    use parquet::basic::{LogicalType, Repetition, Type as PhysicalType};
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::types::Type;

    let text = |name: &str| {
        let builder = Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY);
        let builder =
            builder.with_repetition(Repetition::REQUIRED).with_logical_type(Some(LogicalType::String));
        Arc::new(builder.build().unwrap())
    };
    let micros = LogicalType::timestamp(true, parquet::basic::TimeUnit::MICROS);
    let ts = Type::primitive_type_builder("ts", PhysicalType::INT64)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(micros))
        .build();
    let fields = vec![Arc::new(ts.unwrap()), text("account_id"), text("prompt_text"), text("user_agent")];
    let schema = Type::group_type_builder("schema").with_fields(fields).build().unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let times: Vec<i64> = (0..values.len() as i64).map(|i| START + i).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
    column.close().unwrap();
    let accounts: Vec<Vec<u8>> = values.iter().map(|_| b"a".to_vec()).collect();
    for values in [&accounts[..], values, values] {
        let values: Vec<ByteArray> = values.iter().map(|value| value.clone().into()).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    path.to_owned()
}
