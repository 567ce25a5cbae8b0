//! Times of every type as microseconds since 1970 in UTC.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};

use super::bytes::lossy;
use super::cast::{cast_noted, cast_to, nulls};
use super::notes::{Notes, Spec};
use crate::model::{EARLIEST, LATEST, Micros};
use crate::snapshot::Column;
use crate::snapshot::clock::{Clock, NoTime, parse_date, parse_time, parse_time_of_day};
use crate::snapshot::missing::{is_no_time, is_placeholder};
use crate::snapshot::path::is_textual;
use crate::snapshot::unit::Unit;

const OUT_OF_RANGE: &str = "outside the years 1 to 9999";
const NOT_A_TIME: &str = "not a time such as 2026-04-22T13:05:09Z";
const AMBIGUOUS: &str = "ambiguous in day and month; give order = \"mdy\" or \"dmy\" in the mapping";
const DATE_ONLY: &str = "without a time of day";
const NO_TIME_OF_DAY: &str = "not a time of day such as 13:05:09";
const DAY: i64 = 86_400_000_000;

/// Times. Placeholders in the times of an account, such as 1970, are missing.
pub(super) fn time(
    column: Column,
    spec: &Spec,
    array: &ArrayRef,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let times = moments(column, spec, array, notes)?;
    if column == Column::Ts {
        return Ok(times);
    }
    let numbers = times.as_primitive::<Int64Type>();
    let is_unknown = |i: usize| numbers.is_valid(i) && is_no_time(numbers.value(i));
    let unknown = (0..numbers.len()).filter(|&i| is_unknown(i)).count();
    if unknown == 0 {
        return Ok(times);
    }
    notes.placeholders += unknown as u64;
    let kept: Int64Array =
        numbers.iter().map(|moment| moment.filter(|&moment| !is_no_time(moment))).collect();
    Ok(Arc::new(kept))
}

fn moments(column: Column, spec: &Spec, array: &ArrayRef, notes: &mut Notes) -> Result<ArrayRef, String> {
    let unit = match array.data_type() {
        DataType::Timestamp(unit, zone) => {
            let clock = if zone.is_some() { Clock::utc() } else { spec.clock.clone() };
            return scaled(array, of_arrow(*unit), &clock, notes);
        }
        DataType::Date32 | DataType::Date64 => {
            let days = cast_to(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            return scaled(&days, Unit::Us, &spec.clock, notes);
        }
        DataType::Null => return Ok(nulls(column, array.len())),
        text if is_textual(text) => return of_text(column, spec, array, notes),
        _ => spec.unit.ok_or("numbers need a unit in the mapping")?,
    };
    let is_whole = array.data_type().is_integer();
    if is_whole {
        let whole = cast_noted(array, &DataType::Int64, OUT_OF_RANGE, notes)?;
        return scaled(&whole, unit, &Clock::utc(), notes);
    }
    let floats = cast_noted(array, &DataType::Float64, OUT_OF_RANGE, notes)?;
    let floats = floats.as_primitive::<Float64Type>();
    let mut read = |i: usize, value: f64| {
        // Some writers use NaN for missing values.
        let moment = unit.float_to_micros(value).filter(|moment| (EARLIEST..=LATEST).contains(moment));
        if moment.is_none() && !value.is_nan() {
            notes.fault(OUT_OF_RANGE, i, &value.to_string());
        }
        moment
    };
    let times: Int64Array = floats.iter().enumerate().map(|(i, value)| read(i, value?)).collect();
    Ok(Arc::new(times))
}

fn of_arrow(unit: TimeUnit) -> Unit {
    match unit {
        TimeUnit::Second => Unit::S,
        TimeUnit::Millisecond => Unit::Ms,
        TimeUnit::Microsecond => Unit::Us,
        TimeUnit::Nanosecond => Unit::Ns,
    }
}

/// Times from whole numbers in a unit, corrected for a clock other than UTC.
fn scaled(array: &ArrayRef, unit: Unit, clock: &Clock, notes: &mut Notes) -> Result<ArrayRef, String> {
    let array = cast_to(array, &DataType::Int64)?;
    let numbers = array.as_primitive::<Int64Type>();
    let fits = |moment: &Micros| (EARLIEST..=LATEST).contains(moment);
    if unit == Unit::Us && *clock == Clock::utc() && numbers.values().iter().all(fits) {
        return Ok(array);
    }
    let mut read = |i: usize, value: i64| {
        let moment = unit.to_micros(value).filter(fits).and_then(|moment| clock.moment(moment)).filter(fits);
        if moment.is_none() {
            notes.fault(OUT_OF_RANGE, i, &format!("{value} {}", unit.name()));
        }
        moment
    };
    let times: Int64Array = numbers.iter().enumerate().map(|(i, value)| read(i, value?)).collect();
    Ok(Arc::new(times))
}

fn of_text(column: Column, spec: &Spec, array: &ArrayRef, notes: &mut Notes) -> Result<ArrayRef, String> {
    let (array, replaced) = lossy(array, false)?;
    notes.replaced += replaced;
    let array = cast_to(&array, &DataType::Utf8)?;
    let mut read = |i: usize, text: &str| {
        if is_placeholder(text) {
            notes.placeholders += 1;
            notes.word(text);
            return None;
        }
        let whole = |unit: Unit| unit.to_micros(text.trim().parse().ok()?);
        let number = spec
            .unit
            .and_then(|unit| whole(unit).or_else(|| unit.float_to_micros(text.trim().parse().ok()?)));
        let parsed = match number {
            Some(moment) if (EARLIEST..=LATEST).contains(&moment) => Ok(moment),
            _ if column == Column::Ts => parse_time(text, &spec.clock, spec.order),
            _ => parse_date(text, &spec.clock, spec.order),
        };
        let kind = |error| match error {
            NoTime::NotATime => NOT_A_TIME,
            NoTime::Ambiguous => AMBIGUOUS,
            NoTime::DateOnly => DATE_ONLY,
        };
        parsed.map_err(|error| notes.fault(kind(error), i, text)).ok()
    };
    let times: Int64Array =
        array.as_string::<i32>().iter().enumerate().map(|(i, text)| read(i, text?)).collect();
    Ok(Arc::new(times))
}

/// Moments of a column of dates and one of times of day.
pub(in crate::snapshot) fn date_and_time(
    spec: &Spec,
    dates: &ArrayRef,
    times: &ArrayRef,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let shown = Spec { clock: Clock::utc(), ..spec.clone() };
    // AccountCreatedAt accepts bare dates; ts does not.
    let dates = moments(Column::AccountCreatedAt, &shown, dates, notes)?;
    let times = times_of_day(times, spec.unit, notes)?;
    let (dates, times) = (dates.as_primitive::<Int64Type>(), times.as_primitive::<Int64Type>());
    let together = dates.iter().zip(times).map(|(date, time)| {
        // The date may include a time of day, which is dropped.
        let moment = date?.div_euclid(DAY).checked_mul(DAY)?.checked_add(time?)?;
        spec.clock.moment(moment).filter(|moment| (EARLIEST..=LATEST).contains(moment))
    });
    let together: Int64Array = together.collect();
    for i in (0..together.len()).filter(|&i| together.is_null(i) && dates.is_valid(i) && times.is_valid(i)) {
        notes.fault(OUT_OF_RANGE, i, &format!("{} µs of the day", times.value(i)));
    }
    Ok(Arc::new(together))
}

/// Microseconds since midnight.
fn times_of_day(array: &ArrayRef, unit: Option<Unit>, notes: &mut Notes) -> Result<ArrayRef, String> {
    let in_day = |micros: Option<i64>| micros.filter(|micros| (0..DAY).contains(micros));
    if array.data_type().is_numeric() {
        let unit = unit.ok_or("numbers of a time of day need a unit in the mapping")?;
        let numbers = cast_noted(array, &DataType::Float64, NO_TIME_OF_DAY, notes)?;
        let numbers = numbers.as_primitive::<Float64Type>().iter().enumerate();
        let read = numbers.map(|(i, number)| {
            let time = in_day(unit.float_to_micros(number?));
            if time.is_none() {
                notes.fault(NO_TIME_OF_DAY, i, &number?.to_string());
            }
            time
        });
        return Ok(Arc::new(read.collect::<Int64Array>()));
    }
    if is_textual(array.data_type()) {
        let (array, _) = lossy(array, false)?;
        let array = cast_to(&array, &DataType::Utf8)?;
        let texts = array.as_string::<i32>().iter().enumerate();
        let read = texts.map(|(i, text)| {
            let number = unit.and_then(|unit| unit.float_to_micros(text?.trim().parse().ok()?));
            let time = in_day(number).or_else(|| parse_time_of_day(text?));
            if time.is_none() {
                notes.fault(NO_TIME_OF_DAY, i, text?);
            }
            time
        });
        return Ok(Arc::new(read.collect::<Int64Array>()));
    }
    let time = match array.data_type() {
        DataType::Timestamp(_, _) => {
            let moments = cast_to(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let moments = cast_to(&moments, &DataType::Int64)?;
            let of_day =
                moments.as_primitive::<Int64Type>().unary::<_, Int64Type>(|moment| moment.rem_euclid(DAY));
            return Ok(Arc::new(of_day));
        }
        DataType::Duration(_) => cast_to(array, &DataType::Duration(TimeUnit::Microsecond))?,
        _ => cast_to(array, &DataType::Time64(TimeUnit::Microsecond))?,
    };
    cast_to(&time, &DataType::Int64)
}

/// Milliseconds from one time to another, for each row.
pub(in crate::snapshot) fn since(
    spec: &Spec,
    starts: &ArrayRef,
    ends: &ArrayRef,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let starts = moments(Column::Ts, spec, starts, notes)?;
    let ends = moments(Column::Ts, spec, ends, notes)?;
    let (starts, ends) = (starts.as_primitive::<Int64Type>(), ends.as_primitive::<Int64Type>());
    let lengths = starts.iter().zip(ends).map(|(start, end)| Some((end? - start?) as f64 / 1e3));
    Ok(Arc::new(lengths.map(|length| length.filter(|&length| length >= 0.0)).collect::<Float64Array>()))
}
