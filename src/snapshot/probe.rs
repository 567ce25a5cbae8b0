//! First values of a time column, for messages that quote them.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use parquet::file::statistics::Statistics;

use super::convert::as_text;
use super::file::{File, guarded};
use super::missing::{is_empty, is_nothing};
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
/// Number of files, and of rows in each, in which accounts are counted.
const COUNTED_FILES: usize = 6;
const COUNTED_ROWS: usize = 4_096;

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
    if !is_textual(&found.data_type) {
        return None;
    }
    let texts = first_texts(file, &found, FIRST_ROWS)?;
    texts.iter().flatten().find(|text| !is_nothing(text)).map(str::to_owned)
}

/// True if words such as `None` in a column are ids like others: no row looked at is empty, and another
/// id has at least as many rows as any of the words. A system that writes a word for a missing account
/// writes it more often, or beside empty values.
pub(super) fn words_are_ids<'a>(columns: impl Iterator<Item = (&'a File, Found)>) -> bool {
    let (mut words, mut ids) = (BTreeMap::new(), BTreeMap::new());
    for (file, found) in columns.take(COUNTED_FILES) {
        let Some(texts) = first_texts(file, &found, COUNTED_ROWS) else { continue };
        for text in &texts {
            match text.filter(|text| !is_empty(text)) {
                None => return false,
                Some(word) if is_nothing(word) => *words.entry(word.to_owned()).or_insert(0) += 1,
                Some(id) => *ids.entry(id.to_owned()).or_insert(0) += 1,
            }
        }
    }
    let most = |counts: &BTreeMap<String, u64>| counts.values().copied().max();
    most(&words).is_some_and(|words| most(&ids).is_some_and(|ids| ids >= words))
}

/// First values of a column as text; `None` if they cannot be read.
fn first_texts(file: &File, found: &Found, rows: usize) -> Option<StringArray> {
    let Place::Rows(path) = &found.place else { return None };
    let group = file.row_groups().iter().position(|&rows| rows > 0)?;
    let wanted = Wanted { groups: vec![group], selection: None, batch_rows: rows, as_bytes: true };
    let raw = Raw::of(file, std::iter::once(found), Clone::clone);
    let batch = raw.open(file, wanted).ok()?;
    let batch = guarded(file.name(), Some(group), || batch.into_iter().next().transpose()).ok()??;
    as_text(&extract::array(&batch, path, false)?).ok()
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
    known.or_else(|| first_value(file, &found.name))
}

fn first_value(file: &File, column: &str) -> Option<f64> {
    let mut mapping = Mapping::default();
    mapping.set(Column::LatencyMs, column);
    let group = file.row_groups().iter().position(|&rows| rows > 0)?;
    let batch = file.read(&mapping, &[Column::LatencyMs], Some(group..group + 1)).ok()?.next()?.ok()?;
    let numbers = cast(batch.columns.first()?.as_ref()?, &DataType::Float64).ok()?;
    numbers.as_primitive::<Float64Type>().iter().flatten().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::{texts, times, write};
    use crate::snapshot::propose;

    /// True if the proposal for these accounts reads words as ids.
    fn are_ids(accounts: &[&str]) -> bool {
        let dir = tempfile::tempdir().unwrap();
        let columns = vec![("ts", times(accounts.len())), ("account_id", texts(accounts))];
        let path = write(&dir.path().join("f"), columns);
        let proposal = propose(&[("f".to_owned(), path)], None).unwrap();
        let is_verbatim = |mapping: &Mapping| mapping.origin(Column::AccountId).unwrap().verbatim;
        // A mapping by hand that does not name the account means the same.
        let by_hand = Mapping::from_toml("ts = \"ts\"").unwrap().completed(&proposal);
        assert_eq!(is_verbatim(&by_hand), is_verbatim(&proposal.mapping));
        is_verbatim(&proposal.mapping)
    }

    #[test]
    fn a_word_is_an_id_where_no_account_is_empty_and_others_are_as_busy() {
        assert!(are_ids(&["a", "null", "a", "None", "b"]));
        assert!(!are_ids(&["a", "null", "a", "", "b"]), "the log has empty accounts");
        assert!(!are_ids(&["a", "None", "b", "None", "c"]), "no account is as busy as the word");
        assert!(!are_ids(&["a", "b"]), "there is no such word");
    }
}
