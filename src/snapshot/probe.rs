//! First values of a time column, for messages that quote them.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use parquet::file::statistics::Statistics;

use super::clock::parse_time_of_day;
use super::convert::{DATE_ONLY, as_text};
use super::file::{File, guarded};
use super::look::FileColumns;
use super::missing::{is_placeholder, is_stand_in, is_word_for_null};
use super::path::is_textual;
use super::raw::{Raw, Wanted};
use super::source::{Found, Place, locate};
use super::unit::Unit;
use super::{Column, Mapping, extract, json};
use crate::model::{Micros, Zone};

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
    let parts = || match (parse_time_of_day(value), kind.as_str()) {
        (Some(_), _) => {
            format!("; with a column of the date write ts = {{ column = \"DATE\", time = \"{source}\" }}")
        }
        (None, DATE_ONLY) => {
            format!(
                "; with a column of the time of day write ts = {{ column = \"{source}\", time = \"TIME\" }}"
            )
        }
        _ => String::new(),
    };
    let advice = number_in(value).map_or_else(parts, |number| advice_in_words(number, source));
    Some(format!(
        "column “{source}” for ts has values such as “{value}”: {kind}{advice} (in {})",
        file.name()
    ))
}

/// Number of a text, with either decimal mark.
fn number_in(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse().ok()
}

/// First time of a column of times as text; `None` for times of another type.
pub(super) fn first_time(file: &File, mapping: &Mapping) -> Option<String> {
    let found = locate(file, mapping.source(Column::Ts)?).ok()??;
    if !is_textual(&found.data_type) {
        return None;
    }
    let texts = first_texts(file, &found, FIRST_ROWS)?;
    texts.iter().flatten().find(|text| !is_placeholder(text)).map(str::to_owned)
}

/// True if words such as `None` in a column are ids like others. It takes at least two different words
/// (without regard to case), each with at most twice the rows of the median id, and among the rows looked
/// at no value that is empty, a placeholder that is never an id, or an id that a system gives to every
/// caller. A system that writes a word for a missing account writes one word, and writes it often.
pub(super) fn words_are_ids<'a>(columns: impl Iterator<Item = (&'a File, Found)>) -> bool {
    let (mut words, mut ids) = (BTreeMap::new(), BTreeMap::new());
    for (file, found) in columns.take(COUNTED_FILES) {
        let Some(texts) = first_texts(file, &found, COUNTED_ROWS) else { continue };
        for text in &texts {
            match text {
                Some(word) if is_word_for_null(word) => {
                    *words.entry(word.trim().to_ascii_lowercase()).or_insert(0_u64) += 1;
                }
                Some(id) if !is_placeholder(id) && !is_stand_in(id) => {
                    *ids.entry(id.to_owned()).or_insert(0_u64) += 1;
                }
                _ => return false,
            }
        }
    }
    let mut busy: Vec<u64> = ids.into_values().collect();
    busy.sort_unstable();
    let Some(median) = busy.get(busy.len() / 2) else { return false };
    words.len() >= 2 && words.values().all(|&rows| rows <= 2 * median)
}

/// First values of a column as text; none if they cannot be read.
pub(super) fn first_values(file: &File, found: &Found) -> Vec<String> {
    let texts = first_texts(file, found, FIRST_ROWS);
    texts.iter().flat_map(|texts| texts.iter().flatten()).map(str::to_owned).collect()
}

/// True for a column of objects, whose members are values of their own; one value with its type, as MongoDB and DynamoDB
/// write it, is none.
pub(super) fn holds_objects(file: &File, found: &Found) -> bool {
    match &found.data_type {
        DataType::Struct(_) | DataType::Map(_, _) => true,
        _ if found.untyped || is_textual(&found.data_type) => {
            let values = first_values(file, found);
            let is_object =
                |text: &String| text.trim_start().starts_with('{') && json::extended(text).is_none();
            let first = values.iter().find(|text| !text.is_empty());
            first.is_some_and(is_object)
                && 2 * values.iter().filter(|text| is_object(text)).count() > values.len()
        }
        _ => false,
    }
}

/// True if the first values of some columns are plain text, fewer than one in ten of them JSON or a stream of it. One
/// that looks like a conversation is then what a caller wrote, and stays as it is.
pub(super) fn is_prose(seen: &[&FileColumns], names: &[String]) -> bool {
    let values = |file: &&FileColumns, name: &String| {
        let found = file.get(name)?;
        let Place::Rows(path) = &found.place else { return None };
        let is_text = |column: &super::lines::LineColumn| !column.kinds.has_containers();
        file.opened.line_column(&path.root).is_none_or(is_text).then(|| first_values(&file.opened, &found))
    };
    let all: Option<Vec<Vec<String>>> = names
        .iter()
        .flat_map(|name| {
            seen.iter().filter(|file| file.get(name).is_some()).map(move |file| values(file, name))
        })
        .collect();
    let all: Vec<String> = all.unwrap_or_default().concat();
    let coded = ["[", "{", "\"", "data:", "event:"];
    let coded =
        all.iter().filter(|text| coded.iter().any(|begin| text.trim_start().starts_with(begin))).count();
    !all.is_empty() && 10 * coded < all.len()
}

/// Number of the first rows that have a value of a column, and of these rows; `None` if they cannot be read.
pub(super) fn first_share(file: &File, found: &Found) -> Option<(u64, u64)> {
    let texts = first_texts(file, found, FIRST_ROWS)?;
    Some(((texts.len() - texts.null_count()) as u64, texts.len() as u64)).filter(|(_, rows)| *rows > 0)
}

/// First values of a column as text; `None` if they cannot be read.
pub(super) fn first_texts(file: &File, found: &Found, rows: usize) -> Option<StringArray> {
    let Place::Rows(path) = &found.place else { return None };
    let group = file.row_groups().iter().position(|&rows| rows > 0)?;
    let wanted = Wanted { groups: vec![group], selection: None, batch_rows: rows, as_bytes: true };
    let raw = Raw::of(file, std::iter::once(found), Clone::clone);
    let batch = raw.open(file, wanted).ok()?;
    let batch = guarded(file.name(), Some(group), || batch.into_iter().next().transpose()).ok()??;
    as_text(&extract::array(&batch, path, extract::Rendered::Never)?).ok()
}

/// Advice on the unit of a column of numbers, to be appended to a message: “; 1776863109123 would be
/// 2026-04-22 in ms: …”. Empty if the column has no numbers that could be times.
pub(super) fn unit_in_words(file: &File, found: &Found) -> String {
    first_number(file, found).map_or_else(String::new, |value| advice_in_words(value, &found.name))
}

fn advice_in_words(value: f64, source: &str) -> String {
    let serial = || Some((Unit::Excel, Unit::serial(value)?));
    let Some((unit, moment)) = Unit::plausible(value).or_else(serial) else {
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
    Unit::plausible(first_number(file, found)?)
}

/// First number of a column of numbers, or of text that is one.
pub(super) fn number_of(file: &File, found: &Found) -> Option<f64> {
    let is_set = |number: &f64| *number != 0.0;
    numbers_of(file, found)
        .and_then(|numbers| numbers.into_iter().find(is_set))
        .or_else(|| first_number(file, found))
}

/// The middle one of a column's first numbers, by size.
pub(super) fn middle_of(file: &File, found: &Found) -> Option<f64> {
    let mut numbers = numbers_of(file, found)?;
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

/// First numbers of a column; `None` if they cannot be read.
pub(super) fn numbers_of(file: &File, found: &Found) -> Option<Vec<f64>> {
    let texts = first_texts(file, found, FIRST_ROWS)?;
    Some(
        texts
            .iter()
            .flatten()
            .filter_map(|text| text.trim().parse().ok())
            .filter(|number: &f64| number.is_finite())
            .collect(),
    )
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
    mapping.set(Column::WatermarkScore, column);
    let group = file.row_groups().iter().position(|&rows| rows > 0)?;
    let batch = file.read(&mapping, &[Column::WatermarkScore], Some(group..group + 1)).ok()?.next()?.ok()?;
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
        assert_eq!(proposal.notes.len(), usize::from(is_verbatim(&proposal.mapping)), "it is said");
        is_verbatim(&proposal.mapping)
    }

    #[test]
    fn words_are_ids_only_where_two_of_them_are_as_quiet_as_others() {
        assert!(are_ids(&["a", "null", "a", "None", "b"]));
        assert!(!are_ids(&["a", "None", "a", "None", "b", "a"]), "one word stands for missing accounts");
        assert!(!are_ids(&["a", "None", "a", "none", "b"]), "one word in two cases is one word");
        assert!(!are_ids(&["a", "null", "b", "None", "None", "None", "c"]), "a word is too busy");
        for other in ["", "-", "--", "\\N", "<null>", "(null)", "n/a", "nan", "default_user_id"] {
            assert!(!are_ids(&["a", "null", "a", "None", "b", other]), "{other:?} is no id");
        }
        assert!(!are_ids(&["a", "-", "a", "\\N", "b"]), "these are never ids");
        assert!(!are_ids(&["a", "b"]), "there is no such word");
    }

    #[test]
    fn only_columns_under_their_own_names_can_have_words_as_ids() {
        let dir = tempfile::tempdir().unwrap();
        let columns = vec![
            ("startTime", times(5)),
            ("request_id", texts(&["1", "2", "3", "4", "5"])),
            ("call_type", texts(&["acompletion"; 5])),
            ("user", texts(&["a", "null", "a", "None", "b"])),
        ];
        let path = write(&dir.path().join("f"), columns);
        let proposal = propose(&[("f".to_owned(), path)], Some("litellm")).unwrap();
        let account = proposal.mapping.origin(Column::AccountId).unwrap();
        assert_eq!((account.verbatim, proposal.notes.len()), (false, 0));
    }
}
