//! Parquet for a spreadsheet: the same rows as CSV.
//!
//! Times are exact and in UTC, numbers have all digits, lists are JSON. In text a control or invisible character is
//! written as its code, and a `'` stands before what a spreadsheet would take for a formula.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use crate::exhibit::{Table, cell};
use crate::model::Zone;

/// Names of the columns.
pub(super) fn header(batch: &RecordBatch) -> Vec<String> {
    batch.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// Cells of a row.
pub(super) fn cells(batch: &RecordBatch, row: usize) -> Vec<String> {
    batch.columns().iter().map(|column| value(column, row)).collect()
}

/// All rows of a batch.
pub(super) fn csv(batch: &RecordBatch) -> Vec<u8> {
    let mut table = Table::new(header(batch));
    for row in 0..batch.num_rows() {
        table.push(cells(batch, row));
    }
    table.to_csv()
}

fn value(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    match column.data_type() {
        DataType::Utf8 => cell(column.as_string::<i32>().value(row)),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Timestamp(_, _) => column
            .as_primitive_opt::<TimestampMicrosecondType>()
            .map_or_else(String::new, |times| Zone::utc().format_exact(times.value(row))),
        DataType::List(_) => {
            let list = column.as_list::<i32>().value(row);
            let parts = list.as_primitive_opt::<Float32Type>().into_iter().flatten();
            let parts: Vec<String> =
                parts.map(|part| part.map_or_else(|| "null".to_owned(), |part| part.to_string())).collect();
            format!("[{}]", parts.join(","))
        }
        // The files of bundles have no other types; of a foreign file nothing is taken.
        other => format!("a value of type {other}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn cells_are_exact_and_harmless() {
        let columns: [(&str, ArrayRef); 3] = [
            ("text", Arc::new(StringArray::from(vec![Some("=1+1\u{202e}"), None]))),
            ("number", Arc::new(Float64Array::from(vec![0.1, f64::NAN]))),
            ("ts", Arc::new(TimestampMicrosecondArray::from(vec![1, 2]).with_timezone("UTC"))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let text = String::from_utf8(csv(&batch)).unwrap();
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows[0], "text,number,ts");
        assert_eq!(rows[1], "'=1+1⟨U+202E⟩,0.1,1970-01-01T00:00:00.000001+00:00");
        assert_eq!(rows[2], ",NaN,1970-01-01T00:00:00.000002+00:00");
    }
}
