//! Whatever a file has, as the one Arrow type its canonical column is read as.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, FixedSizeListArray, Float64Array, GenericListArray, Int64Array,
    ListArray, OffsetSizeTrait, StringArray, StringBuilder, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float32Type, Float64Type, Int64Type, TimeUnit};

use super::mapping::Unit;
use super::source::{Found, text_type};
use super::{Column, ColumnType, SnapshotError};
use crate::model::{EARLIEST, LATEST, Micros};

/// Where a batch stands, for errors.
pub(super) struct Place<'a> {
    pub file: &'a str,
    pub row_group: usize,
    pub rows: Rows<'a>,
}

/// Which rows of the file a batch has.
pub(super) enum Rows<'a> {
    /// One after another from this one.
    From(u64),
    /// These.
    Listed(&'a [u64]),
}

impl Place<'_> {
    fn bad(&self, column: Column, i: usize, reason: impl Into<String>) -> SnapshotError {
        let row = match self.rows {
            Rows::From(first) => first + i as u64,
            Rows::Listed(rows) => rows.get(i).copied().unwrap_or(0),
        };
        SnapshotError::BadValue {
            file: self.file.to_owned(),
            row_group: self.row_group,
            row,
            column: column.name(),
            reason: reason.into(),
        }
    }
}

/// The array under the column's own type. `dims` carries an embedding's length from batch to
/// batch. Nulls of required columns are refused.
pub(super) fn convert(
    column: Column,
    found: &Found,
    array: &ArrayRef,
    dims: &mut Option<i32>,
    place: &Place<'_>,
) -> Result<ArrayRef, SnapshotError> {
    if column.is_required()
        && let Some(i) = array.logical_nulls().and_then(|nulls| (0..nulls.len()).find(|&i| nulls.is_null(i)))
    {
        return Err(place.bad(column, i, "it is null, but every exchange needs one"));
    }
    let array = if let DataType::Dictionary(_, value) = array.data_type()
        && column.kind() != ColumnType::Text
    {
        strict(column, array, value, place)?
    } else {
        Arc::clone(array)
    };
    match column.kind() {
        ColumnType::Time => time(column, &array, found.unit, place),
        ColumnType::Text | ColumnType::LongText => text(column, &array, found.uuid, place),
        ColumnType::Int => whole(column, &array, place),
        ColumnType::Float => number(column, &array, found.unit, place),
        ColumnType::Bool => yes_or_no(column, &array, place),
        ColumnType::Embedding => embedding(column, &array, dims, place),
    }
}

/// Arrow's cast, where a value that does not fit is an error and not a null.
fn strict(
    column: Column,
    array: &ArrayRef,
    to: &DataType,
    place: &Place<'_>,
) -> Result<ArrayRef, SnapshotError> {
    let new = cast(array, to).map_err(|e| place.bad(column, 0, e.to_string()))?;
    // What was missing stays missing, so as many are the same ones.
    if new.null_count() == array.null_count() {
        return Ok(new);
    }
    match (0..new.len()).find(|&i| new.is_null(i) && array.is_valid(i)) {
        None => Ok(new),
        Some(i) => Err(place.bad(column, i, format!("the value does not fit {to}"))),
    }
}

fn time(
    column: Column,
    array: &ArrayRef,
    unit: Option<Unit>,
    place: &Place<'_>,
) -> Result<ArrayRef, SnapshotError> {
    let unit = match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => Unit::S,
        DataType::Timestamp(TimeUnit::Millisecond, _) => Unit::Ms,
        DataType::Timestamp(TimeUnit::Microsecond, _) => Unit::Us,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => Unit::Ns,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => return time_text(column, array, place),
        _ => unit.unwrap_or(Unit::Us),
    };
    let array = strict(column, array, &DataType::Int64, place)?;
    let numbers = array.as_primitive::<Int64Type>();
    let far =
        |i| place.bad(column, i, format!("{} {} is no moment that fits", numbers.value(i), unit.name()));
    let fits = |moment: &i64| (EARLIEST..=LATEST).contains(moment);
    if unit == Unit::Us && numbers.values().iter().all(fits) {
        return Ok(array);
    }
    let micros: Int64Array = (0..numbers.len())
        .map(|i| match numbers.is_valid(i) {
            true => unit.to_micros(numbers.value(i)).filter(fits).ok_or_else(|| far(i)).map(Some),
            false => Ok(None),
        })
        .collect::<Result<_, _>>()?;
    Ok(Arc::new(micros))
}

fn time_text(column: Column, array: &ArrayRef, place: &Place<'_>) -> Result<ArrayRef, SnapshotError> {
    let array = strict(column, array, &DataType::Utf8, place)?;
    let micros: Int64Array = array
        .as_string::<i32>()
        .iter()
        .enumerate()
        .map(|(i, text)| {
            let Some(text) = text else { return Ok(None) };
            parse_time(text).map(Some).ok_or_else(|| {
                place.bad(column, i, format!("“{}” is no time such as 2026-04-22T13:05:09Z", clip(text)))
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Arc::new(micros))
}

/// A time as RFC 3339 or ISO 8601 write it, a space for the T allowed; without an offset it is
/// taken as UTC. Fractions beyond microseconds are cut off. `None` for a bare date, and for years
/// before 1 or after 9999.
pub(super) fn parse_time(text: &str) -> Option<Micros> {
    if !text.contains(':') {
        return None;
    }
    let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
    })?;
    let micros = i64::try_from(moment.as_nanosecond().div_euclid(1_000)).ok()?;
    (EARLIEST..=LATEST).contains(&micros).then_some(micros)
}

/// The beginning of a text for an error message.
fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

fn text(column: Column, array: &ArrayRef, uuid: bool, place: &Place<'_>) -> Result<ArrayRef, SnapshotError> {
    // Both text kinds have a type.
    let to = text_type(column.kind()).unwrap_or(DataType::Utf8);
    if *array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    let plain: ArrayRef = match array.data_type() {
        DataType::Null => return Ok(new_null_array(&to, array.len())),
        DataType::FixedSizeBinary(16) if uuid => Arc::new(uuids(array)),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Arc::new(utf8(column, array, place)?)
        }
        DataType::List(_) => Arc::new(joined(column, array.as_list(), place)?),
        // Each distinct number is written out once.
        number if number.is_integer() && column.kind() == ColumnType::Text => {
            let key = Box::new(DataType::Int32);
            strict(column, array, &DataType::Dictionary(key, Box::new(number.clone())), place)?
        }
        _ => Arc::clone(array),
    };
    strict(column, &plain, &to, place)
}

fn uuids(array: &ArrayRef) -> StringArray {
    let bytes = array.as_fixed_size_binary();
    let hyphenated = |uuid: &[u8]| {
        let hex: String = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    };
    bytes.iter().map(|uuid| uuid.map(hyphenated)).collect()
}

fn utf8(column: Column, array: &ArrayRef, place: &Place<'_>) -> Result<StringArray, SnapshotError> {
    let array = strict(column, array, &DataType::LargeBinary, place)?;
    let mut texts = StringBuilder::new();
    for (i, bytes) in array.as_binary::<i64>().iter().enumerate() {
        match bytes.map(std::str::from_utf8).transpose() {
            Ok(text) => texts.append_option(text),
            Err(_) => return Err(place.bad(column, i, "its bytes are not UTF-8 text")),
        }
    }
    Ok(texts.finish())
}

/// Lists of text, each as its items with commas between.
fn joined(column: Column, lists: &ListArray, place: &Place<'_>) -> Result<StringArray, SnapshotError> {
    lists
        .iter()
        .map(|list| {
            let Some(list) = list else { return Ok(None) };
            let items = strict(column, &list, &DataType::Utf8, place)?;
            let items: Vec<&str> = items.as_string::<i32>().iter().flatten().collect();
            Ok(Some(items.join(",")))
        })
        .collect()
}

fn whole(column: Column, array: &ArrayRef, place: &Place<'_>) -> Result<ArrayRef, SnapshotError> {
    if !array.data_type().is_floating() {
        return strict(column, array, &DataType::Int64, place);
    }
    // Some writers keep a column of whole numbers with gaps as floats, with NaN for the gaps.
    let floats = strict(column, array, &DataType::Float64, place)?;
    let floats = floats.as_primitive::<Float64Type>();
    let numbers: Int64Array = floats
        .iter()
        .enumerate()
        .map(|(i, value)| match value {
            None => Ok(None),
            Some(value) if value.is_nan() => Ok(None),
            // Beyond 2^53 floats have no units any more.
            Some(value) if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 => {
                Ok(Some(value as i64))
            }
            Some(value) => Err(place.bad(column, i, format!("{value} is not a whole number"))),
        })
        .collect::<Result<_, _>>()?;
    Ok(Arc::new(numbers))
}

fn number(
    column: Column,
    array: &ArrayRef,
    unit: Option<Unit>,
    place: &Place<'_>,
) -> Result<ArrayRef, SnapshotError> {
    let array = strict(column, array, &DataType::Float64, place)?;
    let Some(unit) = unit else { return Ok(array) };
    let scaled: Float64Array = array.as_primitive::<Float64Type>().unary(|value| unit.to_millis(value));
    Ok(Arc::new(scaled))
}

fn yes_or_no(column: Column, array: &ArrayRef, place: &Place<'_>) -> Result<ArrayRef, SnapshotError> {
    match array.data_type() {
        DataType::Boolean => return Ok(Arc::clone(array)),
        DataType::Null => return Ok(new_null_array(&DataType::Boolean, array.len())),
        _ => {}
    }
    let numbers = strict(column, array, &DataType::Int64, place)?;
    let values: BooleanArray = numbers
        .as_primitive::<Int64Type>()
        .iter()
        .enumerate()
        .map(|(i, value)| match value {
            None => Ok(None),
            Some(0) => Ok(Some(false)),
            Some(1) => Ok(Some(true)),
            Some(other) => Err(place.bad(column, i, format!("{other} is neither 0 nor 1"))),
        })
        .collect::<Result<_, _>>()?;
    Ok(Arc::new(values))
}

fn embedding(
    column: Column,
    array: &ArrayRef,
    dims: &mut Option<i32>,
    place: &Place<'_>,
) -> Result<ArrayRef, SnapshotError> {
    match array.data_type() {
        DataType::List(_) => vectors(column, array.as_list::<i32>(), dims, place),
        DataType::LargeList(_) => vectors(column, array.as_list::<i64>(), dims, place),
        DataType::Null => {
            let to = DataType::FixedSizeList(float_item(), dims.unwrap_or(0));
            Ok(new_null_array(&to, array.len()))
        }
        _ => {
            let item = array.as_fixed_size_list().value_length();
            let to = DataType::List(Arc::new(Field::new_list_field(DataType::Float32, true)));
            if dims.is_some_and(|dims| dims != item) {
                return Err(place.bad(column, 0, format!("its length is {item}, others have {dims:?}")));
            }
            let lists = strict(column, array, &to, place)?;
            *dims = Some(item);
            vectors(column, lists.as_list::<i32>(), dims, place)
        }
    }
}

fn float_item() -> Arc<Field> {
    Arc::new(Field::new_list_field(DataType::Float32, false))
}

fn vectors<O: OffsetSizeTrait>(
    column: Column,
    lists: &GenericListArray<O>,
    dims: &mut Option<i32>,
    place: &Place<'_>,
) -> Result<ArrayRef, SnapshotError> {
    let mut values: Vec<f32> = Vec::new();
    // Rows of nulls before the first vector, whose length tells how much room they take.
    let mut waiting = 0usize;
    for i in 0..lists.len() {
        if lists.is_null(i) {
            match *dims {
                Some(dims) => values.resize(values.len() + dims.unsigned_abs() as usize, 0.0),
                None => waiting += 1,
            }
            continue;
        }
        let list = strict(column, &lists.value(i), &DataType::Float32, place)?;
        if list.null_count() > 0 {
            return Err(place.bad(column, i, "the vector has a null in it"));
        }
        let length = i32::try_from(list.len()).map_err(|_| place.bad(column, i, "the vector is too long"))?;
        match *dims {
            Some(dims) if dims != length => {
                let reason = format!("the vector has {length} numbers, those before it have {dims}");
                return Err(place.bad(column, i, reason));
            }
            Some(_) => {}
            None => {
                *dims = Some(length);
                values.resize(waiting * list.len(), 0.0);
            }
        }
        values.extend_from_slice(list.as_primitive::<Float32Type>().values());
    }
    let Some(length) = dims.filter(|&length| length > 0) else {
        return Ok(new_null_array(&DataType::FixedSizeList(float_item(), 0), lists.len()));
    };
    let values = Arc::new(arrow::array::Float32Array::from(values));
    FixedSizeListArray::try_new(float_item(), length, values, lists.nulls().cloned())
        .map(|vectors| Arc::new(vectors) as ArrayRef)
        .map_err(|e| place.bad(column, 0, e.to_string()))
}
