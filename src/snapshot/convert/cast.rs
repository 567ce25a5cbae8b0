//! Arrow types of columns, and casts to them.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, new_null_array};
use arrow_cast::cast;
use arrow_schema::{DataType, Field};

use super::notes::Notes;
use crate::snapshot::json;
use crate::snapshot::{Column, ColumnType};

/// The Arrow type that a kind of column is read as; `dims` is the length of embeddings.
pub(in crate::snapshot) fn type_of(kind: ColumnType, dims: Option<i32>) -> DataType {
    match kind {
        ColumnType::Time | ColumnType::Int => DataType::Int64,
        ColumnType::Text => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        ColumnType::LongText => DataType::Utf8,
        ColumnType::Float => DataType::Float64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Embedding => DataType::FixedSizeList(float_item(), dims.unwrap_or(0)),
    }
}

/// Array of nulls with the type of a column.
pub(in crate::snapshot) fn nulls(column: Column, rows: usize) -> ArrayRef {
    new_null_array(&type_of(column.kind(), None), rows)
}

pub(super) fn float_item() -> Arc<Field> {
    Arc::new(Field::new_list_field(DataType::Float32, false))
}

/// Array cast by Arrow; values that do not fit become null.
pub(super) fn cast_to(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, String> {
    cast(array, to).map_err(|error| error.to_string())
}

/// As [`cast_to`], and records each value that does not fit.
pub(super) fn cast_noted(
    array: &ArrayRef,
    to: &DataType,
    kind: &'static str,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let new = cast_to(array, to)?;
    // Nulls stay nulls, so an equal number means that no value was lost.
    if new.null_count() != array.null_count() {
        let lost = (0..new.len()).filter(|&i| new.is_null(i) && array.is_valid(i));
        lost.for_each(|i| notes.fault(kind, i, &json::display(array, i).unwrap_or_default()));
    }
    Ok(new)
}
