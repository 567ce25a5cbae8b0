//! Rows of a few row groups that a proposal and a preview read.

use arrow_array::Array as _;

use super::look::FileColumns;
use super::tally::Tally;
use super::{Column, Mapping};

/// Maximum number of files and of row groups in each that are sampled.
const FILES: usize = 4;
const GROUPS: usize = 2;
/// Rows sampled in all, where there are as many.
const ROWS: usize = 400;

/// Rows of a row group to be sampled.
pub(super) struct Place<'a> {
    pub file: &'a FileColumns,
    pub group: usize,
    pub rows: usize,
}

/// Row groups of some files, spread over files and row groups.
pub(super) fn places<'a>(seen: &[&'a FileColumns]) -> Vec<Place<'a>> {
    let with_rows: Vec<&FileColumns> = seen.iter().filter(|file| file.rows > 0).copied().collect();
    let mut places = Vec::new();
    for file in spread(&with_rows, FILES) {
        let groups = file.opened.row_groups();
        let filled: Vec<usize> = (0..groups.len()).filter(|&group| groups[group] > 0).collect();
        places.extend(spread(&filled, GROUPS).map(|&group| Place { file, group, rows: 0 }));
    }
    let rows = ROWS / places.len().max(1);
    places.iter_mut().for_each(|place| place.rows = rows);
    places
}

/// At most `most` of some things, evenly spread, the first always among them.
fn spread<T>(all: &[T], most: usize) -> impl Iterator<Item = &T> {
    let step = all.len().div_ceil(most).max(1);
    all.iter().step_by(step)
}

/// Counts of the sampled rows.
pub(super) fn counted_rows(mapping: &Mapping, places: &[Place<'_>]) -> Tally {
    let mut tally = Tally::default();
    for place in places {
        let columns = [Column::Ts, Column::AccountId];
        let Ok(mut reader) = place.file.opened.sample(mapping, &columns, (place.group, place.rows), true)
        else {
            continue;
        };
        if let Some(Ok(_)) = reader.next() {
            tally.merge(reader.tally().clone());
        }
    }
    tally
}

/// Number of sampled rows that have time and account under a mapping, those that its rules leave out included.
pub(super) fn rows_with_account(seen: &[&FileColumns], mapping: &Mapping) -> u64 {
    let every_row = Mapping { rows: Vec::new(), ..mapping.clone() };
    counted_rows(&every_row, &places(seen)).exchanges
}

/// A rule whose column fewer rows have than one in so many is no rule of the log: a few rows of one caller may have the
/// names of another system.
const FEW: u64 = 20;

/// True for a column that hardly any sampled row of text files has.
pub(super) fn is_in_few_rows(name: &str, seen: &[&FileColumns]) -> bool {
    let mut mapping = Mapping::default();
    mapping.set(Column::AccountId, name);
    let of_text: Vec<&FileColumns> = seen.iter().copied().filter(|file| file.opened.is_text()).collect();
    let (mut rows, mut with) = (0, 0);
    for place in places(&of_text) {
        let columns = [Column::AccountId];
        let reader = place.file.opened.sample(&mapping, &columns, (place.group, place.rows), false);
        match reader.ok().and_then(|mut reader| reader.next()) {
            Some(Ok(batch)) => {
                let values = batch.columns.first().and_then(Option::as_ref);
                rows += batch.rows as u64;
                with += values.map_or(0, |values| (values.len() - values.null_count()) as u64);
            }
            // The file lacks the column.
            _ => rows += place.rows as u64,
        }
    }
    FEW * with < rows
}
