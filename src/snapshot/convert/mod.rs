//! Conversion of source arrays of any type to the Arrow type of their canonical column.
//!
//! Values that cannot be read become missing and are recorded with their place.

mod address;
mod bytes;
mod cast;
#[cfg(test)]
mod clock_tests;
mod digits;
mod length;
mod notes;
mod number;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod vectors;

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{ArrayRef, StringArray};
use arrow_schema::DataType;

pub(super) use bytes::{escaped, lossy};
pub(super) use cast::{nulls, type_of};
pub(super) use digits::readings;
pub(super) use notes::{Memory, Notes, Spec};
pub(super) use text::as_text;
pub(super) use time::{DATE_ONLY, date_and_time, since};

use super::{Column, ColumnType, json};

/// Texts without the types that MongoDB's extended JSON and DynamoDB write around values: `{"$oid": "…"}` is an
/// id.
fn without_types(array: &ArrayRef) -> ArrayRef {
    let Some(texts) = array.as_string_opt::<i32>() else { return Arc::clone(array) };
    if !texts.iter().flatten().any(|text| text.starts_with('{')) {
        return Arc::clone(array);
    }
    let plain = |text: &str| json::extended(text).unwrap_or_else(|| text.to_owned());
    Arc::new(texts.iter().map(|text| text.map(plain)).collect::<StringArray>())
}

/// Array converted to the type of the column.
///
/// # Errors
/// The type cannot be converted; message of Arrow.
pub(super) fn convert(
    column: Column,
    spec: &Spec,
    array: &ArrayRef,
    memory: &mut Memory,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let array = match array.data_type() {
        DataType::Dictionary(_, value)
            if !matches!(column.kind(), ColumnType::Text | ColumnType::LongText) =>
        {
            cast::cast_to(array, value)?
        }
        _ if column.kind() != ColumnType::LongText => without_types(array),
        _ => Arc::clone(array),
    };
    match column.kind() {
        ColumnType::Time => time::time(column, spec, &array, notes),
        ColumnType::Text | ColumnType::LongText => text::text(column, spec, &array, memory, notes),
        ColumnType::Int => {
            let numbers = number::whole(&array, spec.decimal, notes)?;
            Ok(if number::is_counted(column) { number::counts(&numbers, notes) } else { numbers })
        }
        ColumnType::Float if number::is_counted(column) => {
            Ok(number::lengths(&number::number(&array, spec, true, notes)?, notes))
        }
        ColumnType::Float => number::number(&array, spec, false, notes),
        ColumnType::Bool => number::yes_or_no(&array, notes),
        ColumnType::Embedding => vectors::embedding(&array, &mut memory.dims, notes),
    }
}
