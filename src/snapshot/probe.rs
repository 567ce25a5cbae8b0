//! First values of a time column, for messages that quote them.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use parquet::file::statistics::Statistics;

use super::convert::as_text;
use super::file::File;
use super::missing::is_nothing;
use super::path::is_textual;
use super::raw::{Raw, Wanted};
use super::source::{Found, Place, locate};
use super::unit::Unit;
use super::{Column, Mapping, extract};
use crate::model::{Micros, Zone};

/// Plausible times of a log of model calls: 2015 to 2049, as microseconds since 1970.
const SPAN: std::ops::Range<Micros> = 1_420_070_400_000_000..2_524_608_000_000_000;

/// Number of rows among which a first value is sought.
const FIRST_ROWS: usize = 256;

/// Problem in words if the first rows have times and none of them can be read; `None` if some can, or if
/// there are none.
pub(super) fn unreadable_times(file: &File, mapping: &Mapping) -> Option<String> {
    let group = file.row_groups().iter().position(|&rows| rows > 0)?;
    let mut reader = file.read(mapping, &[Column::Ts], Some(group..group + 1)).ok()?;
    let batch = reader.next()?.ok()?;
    let times = batch.columns.first()?.as_ref()?;
    if times.null_count() < times.len() {
        return None;
    }
    let tally = reader.tally().columns.get(&Column::Ts)?;
    let (kind, counted) = tally.unread.iter().next()?;
    let value = &counted.first.first()?.value;
    let source = mapping.source(Column::Ts)?;
    let advice =
        value.trim().parse().map_or_else(|_| String::new(), |number| advice_in_words(number, source));
    Some(format!(
        "column “{source}” for ts has values such as “{value}”: {kind}{advice} (in {})",
        file.name()
    ))
}

/// First time of a column of times as text; `None` for times of another type.
pub(super) fn first_time(file: &File, mapping: &Mapping) -> Option<String> {
    let found = locate(file, mapping.source(Column::Ts)?).ok()??;
    let Place::Rows(path) = found.place.clone() else { return None };
    if !is_textual(&found.data_type) {
        return None;
    }
    let group = file.row_groups().iter().position(|&rows| rows > 0)?;
    let wanted = Wanted { groups: vec![group], selection: None, batch_rows: FIRST_ROWS, as_bytes: true };
    let raw = Raw::of(file, std::iter::once(&found), Clone::clone);
    let batch = raw.open(file, wanted).ok()?.next()?.ok()?;
    let texts = as_text(&extract::array(&batch, &path, false)?).ok()?;
    texts.iter().flatten().find(|text| !is_nothing(text)).map(str::to_owned)
}

/// Advice on the unit of a column of numbers, to be appended to a message: “; 1776863109123 would be
/// 2026-04-22 in ms: …”. Empty if the column has no numbers that could be times.
pub(super) fn unit_in_words(file: &File, found: &Found) -> String {
    first_number(file, found).map_or_else(String::new, |value| advice_in_words(value, &found.name))
}

fn advice_in_words(value: f64, source: &str) -> String {
    let Some((unit, moment)) = unit_of(value) else {
        return format!("; its first value is {value}");
    };
    let unit = unit.name();
    format!(
        "; {value} would be {} in {unit}: write ts = {{ column = \"{}\", unit = \"{unit}\" }}",
        Zone::utc().format_exact(moment),
        source
    )
}

/// Unit in which the first number of a column is a plausible time, with that time.
pub(super) fn plausible_unit(file: &File, found: &Found) -> Option<(Unit, Micros)> {
    unit_of(first_number(file, found)?)
}

fn unit_of(value: f64) -> Option<(Unit, Micros)> {
    let in_unit =
        |unit: Unit| Some((unit, unit.float_to_micros(value).filter(|moment| SPAN.contains(moment))?));
    [Unit::S, Unit::Ms, Unit::Us, Unit::Ns].into_iter().find_map(in_unit)
}

fn first_number(file: &File, found: &Found) -> Option<f64> {
    if !found.data_type.is_numeric() {
        return None;
    }
    let Place::Rows(path) = &found.place else { return None };
    let leaf = file.leaves(&path.fields()).first().copied();
    let groups = file.footer().map(|footer| footer.metadata().row_groups()).unwrap_or_default();
    let known = groups.iter().find_map(|group| match group.column(leaf?).statistics()? {
        Statistics::Int32(known) => known.min_opt().map(|&least| f64::from(least.cast_unsigned())),
        Statistics::Int64(known) => known.min_opt().map(|&least| least as f64),
        Statistics::Double(known) => known.min_opt().copied(),
        _ => None,
    });
    known.or_else(|| first_value(file, &path.root))
}

fn first_value(file: &File, column: &str) -> Option<f64> {
    let mut mapping = Mapping::default();
    mapping.set(Column::LatencyMs, column);
    let group = file.row_groups().iter().position(|&rows| rows > 0)?;
    let batch = file.read(&mapping, &[Column::LatencyMs], Some(group..group + 1)).ok()?.next()?.ok()?;
    let numbers = cast(batch.columns.first()?.as_ref()?, &DataType::Float64).ok()?;
    numbers.as_primitive::<Float64Type>().iter().flatten().next()
}
