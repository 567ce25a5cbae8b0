//! Records of text files as a case keeps them: the bytes of the line, and of the header for CSV. The header of a row
//! in a list is what stands around the list, where that gives columns.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{BinaryArray, RecordBatch};
use arrow_schema::{DataType, Field, Schema};

use super::index::Lines;
use super::layout::{Head, Layout};
use super::read::{Rows, text_or_bytes};

/// Fields of the record of a line.
const HEADER_FIELD: &str = "header";
const LINE_FIELD: &str = "line";

/// Record of each of some rows of a group, numbered within the file and ascending.
///
/// # Errors
/// A row is damaged, longer than a record may be, or not in the file; in words.
pub(in crate::snapshot) fn line_records(
    path: &Path,
    lines: &Arc<Lines>,
    group: usize,
    rows: &[u64],
) -> Result<Vec<RecordBatch>, String> {
    let mut reader = Rows::of_group(path, lines, group).map_err(|error| error.to_string())?;
    let mut records = Vec::with_capacity(rows.len());
    for &row in rows {
        let record = reader.get(row)?.ok_or("the file has fewer rows than before")?;
        if record.too_long {
            return Err(format!("row {row} is longer than 64 MiB"));
        }
        let header = match lines.format.layout {
            Layout::Csv(_, Head { names: None, .. }) => Some(lines.header.clone().unwrap_or_default()),
            _ if lines.format.around => Some(lines.around.of_row(row)),
            _ => None,
        };
        records.push(of_line(header.as_deref(), record.bytes)?);
    }
    Ok(records)
}

fn of_line(header: Option<&[u8]>, line: &[u8]) -> Result<RecordBatch, String> {
    let parts = header.map(|header| (HEADER_FIELD, header)).into_iter().chain([(LINE_FIELD, line)]);
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (name, bytes) in parts {
        let array = text_or_bytes(BinaryArray::from(vec![bytes]));
        fields.push(Field::new(name, array.data_type().clone(), false));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| error.to_string())
}

/// True for the schema of the record of a line. No Parquet file with a time and an account has it.
pub fn is_line_record(schema: &Schema) -> bool {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let is_text = |field: &Arc<Field>| matches!(field.data_type(), DataType::Utf8 | DataType::Binary);
    (names == [LINE_FIELD] || names == [HEADER_FIELD, LINE_FIELD]) && schema.fields().iter().all(is_text)
}
