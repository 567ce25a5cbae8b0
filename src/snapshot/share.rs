//! Shares of the rows of JSON Lines that have a column. Programs that spread what a caller sends over the top of a row
//! give one caller's rows columns of any name.

use super::look::FileColumns;
use super::probe::first_share;
use super::source::Place;
use super::{Column, Mapping};
use crate::model::{counted, visible};

/// Columns that link accounts, or part them.
const LINKING: [Column; 6] = [
    Column::OrgId,
    Column::Ip,
    Column::UserAgent,
    Column::TlsFingerprint,
    Column::PaymentFingerprint,
    Column::EmailDomain,
];

/// Number of rows that have a value of a column, and of all rows. A file that does not say it counts as having one in
/// every row.
fn rows_with(name: &str, seen: &[&FileColumns]) -> (u64, u64) {
    let of_file = |file: &&FileColumns| {
        let Some(found) = file.get(name) else { return 0 };
        let root = match &found.place {
            Place::Rows(path) if path.steps.is_empty() => {
                file.opened.line_column(&path.root).map(|column| column.values)
            }
            Place::Rows(_) => first_share(&file.opened, &found).map(|(with, of)| file.rows * with / of),
            Place::Items(_) | Place::Whole(_) => None,
        };
        // CSV has every column in every row.
        let is_said = found.is_in_json() || root.is_some_and(|values| values > 0);
        root.filter(|_| is_said).unwrap_or(file.rows)
    };
    (seen.iter().map(of_file).sum(), seen.iter().map(|file| file.rows).sum())
}

/// True for a column that most rows lack.
pub(super) fn is_rare(name: &str, seen: &[&FileColumns]) -> bool {
    let (with, all) = rows_with(name, seen);
    2 * with < all
}

/// Puts names that most rows lack behind the others.
pub(super) fn rare_last(names: &mut [String], seen: &[&FileColumns]) {
    names.sort_by_key(|name| is_rare(name, seen));
}

/// Sorts names of one thing, those that more rows have first.
pub(super) fn commonest_first(names: &mut [String], seen: &[&FileColumns]) {
    names.sort_by_key(|name| std::cmp::Reverse(rows_with(name, seen).0));
}

/// Sentences on columns that link accounts and that most rows of JSON Lines lack.
pub(super) fn rare_notes(seen: &[&FileColumns], mapping: &Mapping) -> Vec<String> {
    let of_text: Vec<&FileColumns> = seen.iter().copied().filter(|file| file.opened.is_text()).collect();
    let note = |column: Column| {
        let [name] = &mapping.origin(column)?.columns[..] else { return None };
        let (with, all) = rows_with(name, &of_text);
        (with > 0 && is_rare(name, &of_text)).then(|| {
            format!(
                "{} have “{}”, read as {}; a caller may have added it to rows of his own.",
                counted(with, &format!("of {all} rows"), &format!("of {all} rows")),
                visible(name),
                column.name()
            )
        })
    };
    LINKING.into_iter().filter_map(note).collect()
}
