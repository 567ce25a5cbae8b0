//! Embeddings of every type as vectors of one length.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float32Type;
use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, Float32Array, GenericListArray, OffsetSizeTrait, new_null_array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field};

use super::bytes::lossy;
use super::cast::{cast_to, float_item, type_of};
use super::notes::Notes;
use crate::snapshot::ColumnType;
use crate::snapshot::missing::is_placeholder;
use crate::snapshot::path::is_textual;

const OTHER_LENGTH: &str = "of another length";
const NOT_FINITE: &str = "not finite in every number";
const NOT_A_VECTOR: &str = "not a vector such as [0.1, 0.2]";

/// Vectors as 32-bit floats. `dims` is their length, set by the first non-empty vector if it is `None`;
/// vectors of another length are missing.
pub(super) fn embedding(
    array: &ArrayRef,
    dims: &mut Option<i32>,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let to_list = || DataType::LargeList(Arc::new(Field::new_list_field(DataType::Float32, true)));
    match array.data_type() {
        DataType::Null => Ok(new_null_array(&type_of(ColumnType::Embedding, *dims), array.len())),
        text if is_textual(text) => of_texts(array, dims, notes),
        DataType::List(_) => vectors(array.as_list::<i32>(), dims, notes),
        DataType::LargeList(_) => vectors(array.as_list::<i64>(), dims, notes),
        _ => vectors(cast_to(array, &to_list())?.as_list::<i64>(), dims, notes),
    }
}

fn vectors<O: OffsetSizeTrait>(
    lists: &GenericListArray<O>,
    dims: &mut Option<i32>,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let all = cast_to(lists.values(), &DataType::Float32)?;
    let all = all.as_primitive::<Float32Type>();
    let whole = all.null_count() == 0;
    let offsets = lists.value_offsets();
    let vector = |i: usize| {
        let (start, end) = (offsets[i].as_usize(), offsets[i + 1].as_usize());
        if lists.is_null(i) {
            return Ok(None);
        }
        let numbers = &all.values()[start..end];
        let is_sound =
            (whole || (start..end).all(|at| all.is_valid(at))) && numbers.iter().all(|x| x.is_finite());
        if is_sound { Ok(Some(numbers)) } else { Err(NOT_FINITE) }
    };
    gather(lists.len(), vector, dims, notes)
}

fn of_texts(array: &ArrayRef, dims: &mut Option<i32>, notes: &mut Notes) -> Result<ArrayRef, String> {
    let (array, _) = lossy(array, false)?;
    let array = cast_to(&array, &DataType::Utf8)?;
    let parsed: Vec<Result<Option<Vec<f32>>, &'static str>> =
        array.as_string::<i32>().iter().map(|text| text.map_or(Ok(None), parse)).collect();
    let vector = |i: usize| match &parsed[i] {
        Ok(vector) => Ok(vector.as_deref()),
        Err(kind) => Err(*kind),
    };
    gather(parsed.len(), vector, dims, notes)
}

/// A vector in text: `[0.1, 0.2]`, `{0.1,0.2}` or numbers with commas or blanks between.
fn parse(text: &str) -> Result<Option<Vec<f32>>, &'static str> {
    if is_placeholder(text) {
        return Ok(None);
    }
    let inner = text.trim().trim_matches(|c| "[]{}()".contains(c)).trim();
    if inner.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let numbers = inner.split(|c: char| c == ',' || c.is_whitespace()).filter(|number| !number.is_empty());
    let numbers: Result<Vec<f32>, _> = numbers.map(str::parse::<f32>).collect();
    let numbers = numbers.map_err(|_| NOT_A_VECTOR)?;
    if numbers.iter().all(|x| x.is_finite()) { Ok(Some(numbers)) } else { Err(NOT_FINITE) }
}

/// Array of vectors; missing, invalid and empty vectors and those of another length are null.
fn gather<'a>(
    rows: usize,
    vector: impl Fn(usize) -> Result<Option<&'a [f32]>, &'static str>,
    dims: &mut Option<i32>,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    if dims.is_none() {
        let first = (0..rows).find_map(|i| vector(i).ok().flatten().filter(|numbers| !numbers.is_empty()));
        *dims = first.and_then(|numbers| i32::try_from(numbers.len()).ok());
    }
    let Some(length) = dims.filter(|&length| length > 0) else {
        (0..rows).for_each(|i| note(vector(i), i, None, notes));
        return Ok(new_null_array(&type_of(ColumnType::Embedding, None), rows));
    };
    let wanted = length.unsigned_abs() as usize;
    let mut values: Vec<f32> = Vec::with_capacity(rows * wanted);
    let mut valid = Vec::with_capacity(rows);
    for i in 0..rows {
        let found = vector(i);
        let fits = matches!(&found, Ok(Some(numbers)) if numbers.len() == wanted);
        match found {
            Ok(Some(numbers)) if fits => values.extend_from_slice(numbers),
            other => {
                note(other, i, Some(wanted), notes);
                values.resize(values.len() + wanted, 0.0);
            }
        }
        valid.push(fits);
    }
    let nulls = NullBuffer::from(valid);
    let nulls = (nulls.null_count() > 0).then_some(nulls);
    FixedSizeListArray::try_new(float_item(), length, Arc::new(Float32Array::from(values)), nulls)
        .map(|vectors| Arc::new(vectors) as ArrayRef)
        .map_err(|error| error.to_string())
}

/// Records the reason why a vector is missing.
fn note(found: Result<Option<&[f32]>, &'static str>, i: usize, wanted: Option<usize>, notes: &mut Notes) {
    match found {
        Ok(None) => {}
        // Some writers use an empty list if the embedding failed.
        Ok(Some([])) => notes.placeholders += 1,
        Ok(Some(numbers)) if wanted != Some(numbers.len()) => {
            notes.fault(OTHER_LENGTH, i, &format!("{} numbers", numbers.len()));
        }
        Ok(Some(_)) => {}
        Err(kind) => notes.fault(kind, i, ""),
    }
}
