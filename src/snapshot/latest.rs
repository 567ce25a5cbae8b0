//! Order of rows by a source column that is not canonical, such as `updated_at`.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};

use super::SnapshotError;
use super::convert::lossy;
use super::extract::{self, Rendered};
use super::file::{File, guarded};
use super::path::is_textual;
use super::raw::{Raw, Wanted};
use super::source::{Found, Place, locate};

/// Number of rows decoded at a time.
const BATCH_ROWS: usize = 8_192;

/// Order keys of all rows of some row groups by a source column: later rows have greater keys.
/// `None` for a missing value and for one that is neither a time nor a number; for all rows where
/// the file has no such column.
///
/// # Errors
/// A file that cannot be opened or whose pages are damaged.
pub fn latest(file: &File, column: &str, groups: Range<usize>) -> Result<Vec<Option<i64>>, SnapshotError> {
    let found = locate(file, column)?;
    let Some(Found { place: Place::Rows(path), .. }) = &found else {
        let rows = file.row_groups();
        let count: u64 = groups.filter_map(|group| rows.get(group)).sum();
        return Ok(vec![None; usize::try_from(count).unwrap_or(0)]);
    };
    let wanted = Wanted { groups: groups.collect(), selection: None, batch_rows: BATCH_ROWS, as_bytes: true };
    let reader = Raw::of(file, found.iter(), Clone::clone).open(file, wanted)?;
    guarded(file.name(), None, || {
        let mut keys = Vec::new();
        for batch in reader {
            let batch = batch?;
            match extract::array(&batch, path, Rendered::Never) {
                Some(array) => keys.extend(order_keys(&array)),
                None => keys.resize(keys.len() + batch.num_rows(), None),
            }
        }
        Ok(keys)
    })
}

fn order_keys(array: &ArrayRef) -> Vec<Option<i64>> {
    let none = || vec![None; array.len()];
    let as_type = |data_type| cast(array, &data_type).ok();
    match array.data_type() {
        DataType::Dictionary(_, value) => {
            as_type(value.as_ref().clone()).map_or_else(none, |a| order_keys(&a))
        }
        text if is_textual(text) => {
            let texts = lossy(array, false)
                .and_then(|(texts, _)| cast(&texts, &DataType::Utf8).map_err(|error| error.to_string()));
            let Ok(texts) = texts else { return none() };
            texts.as_string::<i32>().iter().map(|text| text.and_then(key_of_text)).collect()
        }
        number if number.is_floating() => {
            let Some(numbers) = as_type(DataType::Float64) else { return none() };
            numbers.as_primitive::<Float64Type>().iter().map(|number| number.and_then(key_of_float)).collect()
        }
        // Files of one snapshot may have times in different units.
        DataType::Timestamp(_, _) => {
            as_type(DataType::Timestamp(TimeUnit::Microsecond, None)).map_or_else(none, |times| {
                cast(&times, &DataType::Int64)
                    .map_or_else(|_| none(), |times| times.as_primitive::<Int64Type>().iter().collect())
            })
        }
        DataType::Date32 | DataType::Date64 => as_type(DataType::Timestamp(TimeUnit::Microsecond, None))
            .map_or_else(none, |times| order_keys(&times)),
        _ => as_type(DataType::Int64).map_or_else(none, |a| a.as_primitive::<Int64Type>().iter().collect()),
    }
}

/// Key of a time, or of a number as text.
fn key_of_text(text: &str) -> Option<i64> {
    let clock = super::clock::Clock::utc();
    let moment = super::clock::parse_time(text, &clock, None).ok();
    moment.or_else(|| text.trim().parse().ok()).or_else(|| key_of_float(text.trim().parse().ok()?))
}

/// Key of a float: floats sort as their bits do, after the bits of negative ones are inverted.
fn key_of_float(number: f64) -> Option<i64> {
    let bits = number.to_bits() as i64;
    (!number.is_nan()).then_some(bits ^ (((bits >> 63) as u64) >> 1) as i64)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::Float64Array;

    use super::*;
    use crate::snapshot::fixture::{ints, texts, times, write_groups};

    #[test]
    fn times_numbers_and_texts_give_an_order() {
        let dir = tempfile::tempdir().unwrap();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("ts", times(4)),
            ("version", ints(&[3, -1, 2, 9])),
            ("score", Arc::new(Float64Array::from(vec![0.5, -2.0, f64::NAN, -1.0]))),
            (
                "body",
                texts(&["{\"updated\":9}", "{\"updated\":8}", "{\"updated\":7}", "{\"updated\":\"-1\"}"]),
            ),
            ("at", texts(&["2026-04-22T13:05:09Z", "2026-04-22T15:05:08+02:00", "?", ""])),
        ];
        let path = write_groups(&dir.path().join("f.parquet"), columns, 3);
        let file = File::open(&path, "f.parquet").unwrap();
        let order = |column: &str| {
            let keys = latest(&file, column, 0..2).unwrap();
            let mut order: Vec<usize> = (0..4).filter(|&row| keys[row].is_some()).collect();
            order.sort_by_key(|&row| keys[row]);
            order
        };
        assert_eq!(order("ts"), [0, 1, 2, 3]);
        assert_eq!(order("version"), [1, 2, 0, 3]);
        assert_eq!(order("score"), [1, 3, 0]);
        assert_eq!(order("at"), [1, 0]);
        assert_eq!(order("AT"), [1, 0], "named in another case");
        assert_eq!(order("body.updated"), [3, 2, 1, 0], "by a path");
        assert_eq!(latest(&file, "no such", 1..2).unwrap(), [None]);
    }
}
