//! The same exchange in several snapshots counts once.

use std::ops::Range;

use rayon::slice::ParallelSliceMut;

use super::columns::{Columns, NO_NAME};

/// Which rows stand for themselves.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Distinct {
    /// The rows that count, ascending.
    pub kept: Vec<u32>,
    /// The others with the row that counts for each, ascending.
    pub aliases: Vec<(u32, u32)>,
}

/// Finds the rows that count. Rows are numbered over all files in order of snapshot, file, row;
/// `snapshots` are the rows of each snapshot.
///
/// Rows of one `request_id` count once, wherever they stand. Rows without one are compared as
/// whole records and only across snapshots: the n-th of equal records in one snapshot is the
/// n-th in another. The first row in order is the one that counts.
pub(super) fn distinct(columns: &Columns, snapshots: &[Range<u32>]) -> Distinct {
    let mut found = Distinct::default();
    let (mut named, mut nameless) = (Vec::new(), Vec::new());
    for row in 0..columns.rows {
        if columns.request.get(row).is_some_and(|name| *name != NO_NAME) {
            named.push(row as u32);
        } else {
            nameless.push(row as u32);
        }
    }
    named.par_sort_unstable_by_key(|&row| (columns.request[row as usize], row));
    for same in named.chunk_by(|a, b| columns.request[*a as usize] == columns.request[*b as usize]) {
        found.kept.push(same[0]);
        found.aliases.extend(same[1..].iter().map(|&row| (row, same[0])));
    }
    if columns.record.is_empty() {
        found.kept.append(&mut nameless);
    } else {
        nameless.par_sort_unstable_by_key(|&row| (columns.record[row as usize], row));
        for same in nameless.chunk_by(|a, b| columns.record[*a as usize] == columns.record[*b as usize]) {
            match_across(same, snapshots, &mut found);
        }
    }
    found.kept.par_sort_unstable();
    found.aliases.par_sort_unstable();
    found
}

/// Equal records, ascending: the n-th of each snapshot is one exchange.
fn match_across(same: &[u32], snapshots: &[Range<u32>], found: &mut Distinct) {
    let snapshot_of = |row: u32| snapshots.partition_point(|rows| rows.end <= row);
    let mut firsts: Vec<u32> = Vec::new();
    for of_snapshot in same.chunk_by(|a, b| snapshot_of(*a) == snapshot_of(*b)) {
        for (n, &row) in of_snapshot.iter().enumerate() {
            match firsts.get(n) {
                Some(&first) => found.aliases.push((row, first)),
                None => {
                    firsts.push(row);
                    found.kept.push(row);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(request: Vec<u64>, record: Vec<u64>) -> Columns {
        let rows = request.len();
        let mut columns = Columns { rows, ..Columns::default() };
        columns.request = request.into_iter().map(|n| [n, 0]).collect();
        columns.record = record.into_iter().map(|n| [n, 0]).collect();
        columns
    }

    #[test]
    fn one_request_counts_once_even_in_one_snapshot() {
        let found = distinct(&columns(vec![7, 8, 7, 8, 7], vec![]), &[0..3, 3..5]);
        assert_eq!(found.kept, [0, 1]);
        assert_eq!(found.aliases, [(2, 0), (3, 1), (4, 0)]);
    }

    #[test]
    fn equal_records_of_one_snapshot_are_several_exchanges() {
        let found = distinct(&columns(vec![0; 5], vec![9, 9, 9, 9, 9]), &[0..2, 2..5]);
        assert_eq!(found.kept, [0, 1, 4]);
        assert_eq!(found.aliases, [(2, 0), (3, 1)]);
    }
}
