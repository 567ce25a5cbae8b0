//! Times of every type as microseconds since 1970 in UTC.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array};
use arrow_schema::{DataType, TimeUnit};

use super::bytes::lossy;
use super::cast::{cast_noted, cast_to, nulls};
use super::notes::{Notes, Spec};
use crate::model::{EARLIEST, LATEST, Micros};
use crate::snapshot::Column;
use crate::snapshot::clock::{Clock, NoTime, local, parse_date, parse_time, parse_time_of_day};
use crate::snapshot::missing::{is_no_time, is_placeholder};
use crate::snapshot::path::is_textual;
use crate::snapshot::unit::Unit;

const OUT_OF_RANGE: &str = "outside the years 1 to 9999";
const NOT_A_TIME: &str = "not a time such as 2026-04-22T13:05:09Z";
const AMBIGUOUS: &str = "dates whose order of day and month is not stated; choose month first or day first (order = \"mdy\" or \"dmy\")";
const SHORT_YEAR: &str =
    "dates with a year of two digits; choose the order of its parts (order = \"dmy\", \"mdy\" or \"ymd\")";
pub(in crate::snapshot) const DATE_ONLY: &str = "without a time of day";
const REPEATED: &str =
    "in an hour that the zone has twice; give repeated = \"earlier\" or \"later\" in the mapping";
/// Faults of numbers that are plausible times in seconds, milliseconds, microseconds, nanoseconds, ticks, as file times
/// or as serial dates only, which is not the unit of the column.
const OTHER_UNIT: [&str; 7] = [
    "a time in s, while the column is read in another unit; unit = \"epoch\" reads both",
    "a time in ms, while the column is read in another unit; unit = \"epoch\" reads both",
    "a time in us, while the column is read in another unit; unit = \"epoch\" reads both",
    "a time in ns, while the column is read in another unit; unit = \"epoch\" reads both",
    "a time in ticks, while the column is read in another unit; unit = \"epoch\" reads both",
    "a time in filetime, while the column is read in another unit; unit = \"epoch\" reads both",
    "a serial date of a spreadsheet, while the column is read in another unit",
];
const SKIPPED: &str = "in an hour that the zone skips; state another zone in the mapping";
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
            return scaled(column, array, of_arrow(*unit), &clock, notes);
        }
        DataType::Date32 | DataType::Date64 => {
            let days = cast_to(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            return scaled(column, &days, Unit::Us, &spec.clock, notes);
        }
        DataType::Null => return Ok(nulls(column, array.len())),
        text if is_textual(text) => return of_text(column, spec, array, notes),
        _ => spec.unit.ok_or("numbers need a unit in the mapping")?,
    };
    let is_whole = array.data_type().is_integer();
    if unit == Unit::Excel {
        return serial_dates(column, spec, array, notes);
    }
    if is_whole {
        let whole = cast_noted(array, &DataType::Int64, OUT_OF_RANGE, notes)?;
        let whole = in_unit(&whole, unit, notes);
        return scaled(column, &whole, unit, &Clock::utc(), notes);
    }
    let floats = cast_noted(array, &DataType::Float64, OUT_OF_RANGE, notes)?;
    let floats = floats.as_primitive::<Float64Type>();
    let mut read = |i: usize, value: f64| {
        if let Some(other) = unit.other_than(value) {
            notes.fault(other_unit(other), i, &value.to_string());
            return None;
        }
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

/// Times from serial dates of a spreadsheet, which are local times.
fn serial_dates(
    column: Column,
    spec: &Spec,
    array: &ArrayRef,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let numbers = cast_noted(array, &DataType::Float64, OUT_OF_RANGE, notes)?;
    let numbers = numbers.as_primitive::<Float64Type>().iter().enumerate();
    let mut read = |i: usize, value: f64| {
        let moment = serial_date(column, spec, value);
        moment.map_err(|error| notes.fault(error, i, &value.to_string())).ok()
    };
    Ok(Arc::new(numbers.map(|(i, value)| read(i, value?)).collect::<Int64Array>()))
}

/// Moment of a serial date.
fn serial_date(column: Column, spec: &Spec, value: f64) -> Result<Micros, &'static str> {
    if let Some(other) = Unit::Excel.other_than(value) {
        return Err(other_unit(other));
    }
    // Below 1 it is a time of day.
    let shown = Unit::Excel.float_to_micros(value).filter(|_| value >= 1.0).ok_or(OUT_OF_RANGE)?;
    let moment = of_local(column, &spec.clock, shown).map_err(in_words)?;
    if (EARLIEST..=LATEST).contains(&moment) { Ok(moment) } else { Err(OUT_OF_RANGE) }
}

/// Number of a serial date in text, with either decimal mark.
fn serial_in_text(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

/// Numbers without those that are times in another unit only.
fn in_unit(numbers: &ArrayRef, unit: Unit, notes: &mut Notes) -> ArrayRef {
    let own = numbers.as_primitive::<Int64Type>();
    let is_other = |number: &i64| unit.other_than(*number as f64).is_some();
    if !own.iter().flatten().any(|number| is_other(&number)) {
        return Arc::clone(numbers);
    }
    let mut read = |i: usize, number: i64| {
        let other = unit.other_than(number as f64);
        if let Some(other) = other {
            notes.fault(other_unit(other), i, &number.to_string());
        }
        other.is_none().then_some(number)
    };
    Arc::new(own.iter().enumerate().map(|(i, number)| read(i, number?)).collect::<Int64Array>())
}

fn other_unit(unit: Unit) -> &'static str {
    match unit {
        Unit::S => OTHER_UNIT[0],
        Unit::Ms => OTHER_UNIT[1],
        Unit::Us => OTHER_UNIT[2],
        Unit::Ns => OTHER_UNIT[3],
        Unit::Ticks => OTHER_UNIT[4],
        Unit::Filetime => OTHER_UNIT[5],
        Unit::Excel | Unit::Epoch => OTHER_UNIT[6],
    }
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
fn scaled(
    column: Column,
    array: &ArrayRef,
    unit: Unit,
    clock: &Clock,
    notes: &mut Notes,
) -> Result<ArrayRef, String> {
    let array = cast_to(array, &DataType::Int64)?;
    let numbers = array.as_primitive::<Int64Type>();
    let fits = |moment: &Micros| (EARLIEST..=LATEST).contains(moment);
    if unit == Unit::Us && *clock == Clock::utc() && numbers.values().iter().all(fits) {
        return Ok(array);
    }
    let mut read = |i: usize, value: i64| {
        let shown = unit.to_micros(value).filter(fits);
        let moment = shown.map(|shown| of_local(column, clock, shown));
        if let (Some(shown), Some(Err(reason @ (NoTime::Repeated | NoTime::Skipped)))) = (shown, moment) {
            notes.fault(in_words(reason), i, &local(shown).map_or_else(String::new, |time| time.to_string()));
            return None;
        }
        let moment = moment.and_then(Result::ok).filter(fits);
        if moment.is_none() {
            notes.fault(OUT_OF_RANGE, i, &format!("{value} {}", unit.name()));
        }
        moment
    };
    let times: Int64Array = numbers.iter().enumerate().map(|(i, value)| read(i, value?)).collect();
    Ok(Arc::new(times))
}

/// Moment of a local time. That of an exchange is not guessed.
fn of_local(column: Column, clock: &Clock, shown: Micros) -> Result<Micros, NoTime> {
    match column {
        Column::Ts => clock.only_moment(shown),
        _ => clock.moment(shown).ok_or(NoTime::NotATime),
    }
}

fn in_words(reason: NoTime) -> &'static str {
    match reason {
        NoTime::NotATime => NOT_A_TIME,
        NoTime::Ambiguous => AMBIGUOUS,
        NoTime::ShortYear => SHORT_YEAR,
        NoTime::DateOnly => DATE_ONLY,
        NoTime::Repeated => REPEATED,
        NoTime::Skipped => SKIPPED,
    }
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
        if let Some(value) = serial_in_text(text).filter(|_| spec.unit == Some(Unit::Excel)) {
            let moment = serial_date(column, spec, value);
            return moment.map_err(|error| notes.fault(error, i, text)).ok();
        }
        let whole = |unit: Unit| unit.to_micros(text.trim().parse().ok()?);
        let number = spec
            .unit
            .and_then(|unit| whole(unit).or_else(|| unit.float_to_micros(text.trim().parse().ok()?)));
        if let (Some(unit), Some(moment)) = (spec.unit, number)
            && !Unit::Us.is_plausible(moment as f64)
            && let Some(other) = text.trim().parse().ok().and_then(|number| unit.other_than(number))
        {
            notes.fault(other_unit(other), i, text);
            return None;
        }
        let parsed = match number {
            Some(moment) if (EARLIEST..=LATEST).contains(&moment) => Ok(moment),
            _ if column == Column::Ts => parse_time(text, &spec.clock, spec.order),
            _ => parse_date(text, &spec.clock, spec.order),
        };
        parsed.map_err(|error| notes.fault(in_words(error), i, text)).ok()
    };
    let times: Int64Array =
        array.as_string::<i32>().iter().enumerate().map(|(i, text)| read(i, text?)).collect();
    Ok(Arc::new(times))
}

/// Moments of a column of dates and one of times of day.
pub(in crate::snapshot) fn date_and_time(
    column: Column,
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
    let fits = |moment: &Micros| (EARLIEST..=LATEST).contains(moment);
    let mut read = |i: usize, date: i64, time: i64| {
        // The date may include a time of day, which is dropped.
        let shown = date.div_euclid(DAY).checked_mul(DAY).and_then(|day| day.checked_add(time));
        let moment = shown.map(|shown| of_local(column, &spec.clock, shown));
        match (shown, moment) {
            (_, Some(Ok(moment))) if fits(&moment) => return Some(moment),
            (Some(shown), Some(Err(reason @ (NoTime::Repeated | NoTime::Skipped)))) => {
                notes.fault(
                    in_words(reason),
                    i,
                    &local(shown).map_or_else(String::new, |time| time.to_string()),
                );
            }
            _ => notes.fault(OUT_OF_RANGE, i, &format!("{time} µs of the day")),
        }
        None
    };
    let together: Int64Array =
        dates.iter().zip(times).enumerate().map(|(i, (date, time))| read(i, date?, time?)).collect();
    Ok(Arc::new(together))
}

/// Microseconds since midnight of a number in a unit; of a serial date, of its fraction.
fn micros_of_day(unit: Unit, number: f64) -> Option<i64> {
    match unit {
        Unit::Excel => (unit.to_millis(number.fract()).round() as i64).checked_mul(1_000),
        _ => unit.float_to_micros(number),
    }
}

/// Microseconds since midnight.
fn times_of_day(array: &ArrayRef, unit: Option<Unit>, notes: &mut Notes) -> Result<ArrayRef, String> {
    let in_day = |micros: Option<i64>| micros.filter(|micros| (0..DAY).contains(micros));
    if array.data_type().is_numeric() {
        let unit = unit.ok_or("numbers of a time of day need a unit in the mapping")?;
        let numbers = cast_noted(array, &DataType::Float64, NO_TIME_OF_DAY, notes)?;
        let numbers = numbers.as_primitive::<Float64Type>().iter().enumerate();
        let read = numbers.map(|(i, number)| {
            let time = in_day(micros_of_day(unit, number?));
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
            let number = unit.and_then(|unit| micros_of_day(unit, text?.trim().parse().ok()?));
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
