//! Numbers and flags of every type.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array};
use arrow_schema::{DataType, TimeUnit};

use super::bytes::lossy;
use super::cast::{cast_noted, cast_to};
use super::digits;
use super::length::seconds_of;
use super::notes::{Notes, Spec};
use crate::snapshot::Column;
use crate::snapshot::missing::is_placeholder;
use crate::snapshot::path::is_textual;
use crate::snapshot::unit::{DecimalMark, Unit};

const NOT_WHOLE: &str = "not a whole number";
const NOT_A_NUMBER: &str = "not a number";
const NO_COUNT: &str = "below 0, or beyond 2^32 − 2";
/// The last value of 32 bits stands for a missing one.
const MOST_COUNTED: i64 = 4_294_967_295;
const NOT_A_FLAG: &str = "neither true nor false";
/// 2^53: beyond it, not every whole number is a 64-bit float.
const WHOLE_LIMIT: f64 = 9_007_199_254_740_992.0;

/// Whole numbers.
pub(super) fn whole(
    array: &ArrayRef,
    decimal: Option<DecimalMark>,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    if is_textual(array.data_type()) {
        let read = of_texts(array, notes, |text| {
            if let Ok(whole) = text.parse() {
                return Ok(whole);
            }
            let plain = digits::plain(digits::bare(text), decimal, true)?;
            let whole = plain.parse().ok().or_else(|| plain.parse().ok().and_then(whole_float));
            whole.ok_or(NOT_WHOLE)
        })?;
        return Ok(Arc::new(read.into_iter().collect::<Int64Array>()));
    }
    let has_fractions = array.data_type().is_floating() || is_decimal(array.data_type());
    if !has_fractions {
        return cast_noted(array, &DataType::Int64, NOT_WHOLE, notes);
    }
    let floats = cast_noted(array, &DataType::Float64, NOT_WHOLE, notes)?;
    let mut read = |i: usize, value: f64| {
        let whole = whole_float(value);
        // Some writers keep whole numbers with gaps as floats, with NaN for the gaps.
        if whole.is_none() && !value.is_nan() {
            notes.fault(NOT_WHOLE, i, &value.to_string());
        }
        whole
    };
    let floats = floats.as_primitive::<Float64Type>().iter().enumerate();
    Ok(Arc::new(floats.map(|(i, value)| read(i, value?)).collect::<Int64Array>()))
}

fn whole_float(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() <= WHOLE_LIMIT).then_some(value as i64)
}

fn is_decimal(data_type: &DataType) -> bool {
    data_type.is_decimal()
}

/// True for a column of counts or lengths, which are neither negative nor beyond the 32 bits in which they are
/// kept.
pub(super) fn is_counted(column: Column) -> bool {
    matches!(column, Column::InputTokens | Column::OutputTokens | Column::LatencyMs)
}

/// Whole numbers without those that are no counts.
pub(super) fn counts(numbers: &ArrayRef, notes: &mut Notes) -> ArrayRef {
    let numbers = numbers.as_primitive::<Int64Type>();
    let fits = |value: &i64| (0..MOST_COUNTED).contains(value);
    if numbers.iter().flatten().all(|value| fits(&value)) {
        return Arc::new(numbers.clone());
    }
    let mut read = |i: usize, value: i64| {
        if !fits(&value) {
            notes.fault(NO_COUNT, i, &value.to_string());
        }
        Some(value).filter(fits)
    };
    Arc::new(numbers.iter().enumerate().map(|(i, value)| read(i, value?)).collect::<Int64Array>())
}

/// Numbers without those that are no lengths.
pub(super) fn lengths(numbers: &ArrayRef, notes: &mut Notes) -> ArrayRef {
    let numbers = numbers.as_primitive::<Float64Type>();
    let fits = |value: &f64| (0.0..MOST_COUNTED as f64).contains(&value.round());
    if numbers.iter().flatten().all(|value| fits(&value)) {
        return Arc::new(numbers.clone());
    }
    let mut read = |i: usize, value: f64| {
        // Some writers use NaN for missing values.
        if !fits(&value) && !value.is_nan() {
            notes.fault(NO_COUNT, i, &value.to_string());
        }
        Some(value).filter(fits)
    };
    Arc::new(numbers.iter().enumerate().map(|(i, value)| read(i, value?)).collect::<Float64Array>())
}

/// Numbers; in milliseconds if they are durations or a unit is given, or where `is_length` by the unit behind
/// the number in text such as `434ms`.
pub(super) fn number(
    array: &ArrayRef,
    spec: &Spec,
    is_length: bool,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let unit = spec.unit;
    let length = match array.data_type() {
        DataType::Duration(_) => {
            Some(cast_noted(array, &DataType::Duration(TimeUnit::Nanosecond), NOT_A_NUMBER, notes)?)
        }
        DataType::Time32(_) | DataType::Time64(_) => {
            Some(cast_to(array, &DataType::Time64(TimeUnit::Nanosecond))?)
        }
        _ => None,
    };
    let (array, unit) = match length {
        Some(length) => (cast_to(&length, &DataType::Int64)?, Some(Unit::Ns)),
        None => (Arc::clone(array), unit),
    };
    let numbers: ArrayRef = if is_textual(array.data_type()) {
        let scale = |value: f64, unit: Option<Unit>| unit.map_or(value, |unit| unit.to_millis(value));
        let read = of_texts(&array, notes, |text| {
            if let Some(seconds) = seconds_of(text).filter(|_| is_length) {
                return Ok(Unit::S.to_millis(seconds));
            }
            let text = digits::bare(text);
            let (number, own) = if is_length { digits::with_unit(text) } else { (text, None) };
            let value = digits::plain(number, spec.decimal, false)?.parse().map_err(|_| NOT_A_NUMBER)?;
            Ok(scale(value, own.or(unit)))
        })?;
        return Ok(Arc::new(read.into_iter().collect::<Float64Array>()));
    } else {
        cast_noted(&array, &DataType::Float64, NOT_A_NUMBER, notes)?
    };
    let Some(unit) = unit else { return Ok(numbers) };
    let scaled: Float64Array = numbers.as_primitive::<Float64Type>().unary(|value| unit.to_millis(value));
    Ok(Arc::new(scaled))
}

/// Yes or no.
pub(super) fn yes_or_no(array: &ArrayRef, notes: &mut Notes) -> Result<ArrayRef, String> {
    if *array.data_type() == DataType::Boolean {
        return Ok(Arc::clone(array));
    }
    if is_textual(array.data_type()) {
        let read = of_texts(array, notes, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" | "on" => Ok(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" | "off" => Ok(false),
            _ => Err(NOT_A_FLAG),
        })?;
        return Ok(Arc::new(read.into_iter().collect::<BooleanArray>()));
    }
    let numbers = whole(array, None, notes)?;
    let mut read = |i: usize, value: i64| match value {
        0 => Some(false),
        1 => Some(true),
        other => {
            notes.fault(NOT_A_FLAG, i, &other.to_string());
            None
        }
    };
    let numbers = numbers.as_primitive::<Int64Type>().iter().enumerate();
    Ok(Arc::new(numbers.map(|(i, value)| read(i, value?)).collect::<BooleanArray>()))
}

/// Values parsed from text, one for each row; placeholders and unreadable values are recorded and
/// missing.
fn of_texts<T>(
    array: &ArrayRef,
    notes: &mut Notes,
    parse: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Vec<Option<T>>, String> {
    let (array, replaced) = lossy(array, false)?;
    notes.replaced += replaced;
    let array = cast_to(&array, &DataType::Utf8)?;
    let mut read = |i: usize, text: &str| {
        if is_placeholder(text) {
            notes.placeholders += 1;
            notes.word(text);
            return None;
        }
        parse(text.trim()).map_err(|kind| notes.fault(kind, i, text)).ok()
    };
    Ok(array.as_string::<i32>().iter().enumerate().map(|(i, text)| read(i, text?)).collect())
}
