//! Rows that agree in account, time and content: grouping into exchanges, and the row that counts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use super::names::{NO_NAME, Name};

/// Row with the values that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Name of account, time and content.
    pub name: Name,
    /// Name of account, time and prompt; [`NO_NAME`] without a prompt.
    pub asked: Name,
    /// True if it has a response.
    pub is_answered: bool,
    /// Name of its `request_id`; [`NO_NAME`] for none, and for a shared one.
    pub id: Name,
    /// FirstReading word of the name of all its other columns.
    pub record: u64,
    /// Number of columns that have a value.
    pub complete: u32,
    /// Order key by the column that the mapping names; greater is later.
    pub latest: Option<i64>,
    /// Its snapshot, by position.
    pub snapshot: u32,
    /// Its file, by position.
    pub file: u32,
    /// First word of the name of all its columns but texts and embedding, `request_id` included; 0 for a row that
    /// two calls may agree in by chance.
    pub copy: u64,
    /// The row, counted over all files.
    pub row: u32,
    /// First words of the names of what tells two answers to one prompt apart, 0 where there is none: filled
    /// only in rows without a response.
    pub answer: Answer,
}

/// Signs of an answer that is not in the log itself: its tokens, its duration, its end.
pub(super) type Answer = [u64; 4];

/// Adds the signs of another row to those of an answer; false, without a change, if one of them differs.
fn agrees(answer: &mut Answer, other: &Answer) -> bool {
    let is_same = answer.iter().zip(other).all(|(own, other)| *own == 0 || *other == 0 || own == other);
    if is_same {
        answer.iter_mut().zip(other).for_each(|(own, other)| *own = (*own).max(*other));
    }
    is_same
}

/// The rows, with an id of its own for each answer to a request: one prompt may have many answers under one
/// id. Rows that a column orders are versions of one row, whatever differs.
fn by_answer(rows: &[Row]) -> Vec<Row> {
    let mut answers: BTreeMap<Name, Vec<Answer>> = BTreeMap::new();
    let mut rows = rows.to_vec();
    for row in rows.iter_mut().filter(|row| row.id != NO_NAME && row.latest.is_none()) {
        let known = answers.entry(row.id).or_default();
        let own = known.iter_mut().position(|answer| agrees(answer, &row.answer));
        let own = own.unwrap_or_else(|| {
            known.push(row.answer);
            known.len() - 1
        });
        row.id[1] = row.id[1].wrapping_add(own as u64);
    }
    rows
}

/// Rows grouped into one exchange so far.
struct Exchange {
    id: Name,
    rows: Vec<usize>,
    /// Snapshot and file of its last row.
    last: (u32, u32),
}

/// Adds the duplicate rows among rows of one name, each with the row that counts for it. `rows`
/// ascend. Rows of one `request_id` are one exchange. Rows without one are different exchanges within
/// a file, which may hold equal calls of one moment. They are paired with those of another snapshot, first where
/// all columns agree, then in order, and with those of another file of their snapshot where all columns agree and
/// no chance does it. Of an exchange the most complete row counts, then the latest, then the first.
pub(super) fn one_exchange(rows: &[Row], aliases: &mut Vec<(u32, u32)>) {
    let rows = &by_answer(rows)[..];
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut by_id: BTreeMap<Name, usize> = BTreeMap::new();
    let mut start = 0;
    for of_file in rows.chunk_by(|a, b| a.file == b.file) {
        let mut waiting: Vec<usize> = Vec::new();
        for at in start..start + of_file.len() {
            match by_id.get(&rows[at].id) {
                Some(&own) => exchanges[own].take(at, rows),
                None => waiting.push(at),
            }
        }
        start += of_file.len();
        // Rows that agree in all columns are paired first.
        waiting = pair(waiting, rows, &mut exchanges, &mut by_id, &COPIES);
        waiting = pair(waiting, rows, &mut exchanges, &mut by_id, &RECORDS);
        waiting = pair(waiting, rows, &mut exchanges, &mut by_id, &IN_ORDER);
        for at in waiting {
            match by_id.get(&rows[at].id) {
                Some(&own) => exchanges[own].take(at, rows),
                None => {
                    if rows[at].id != NO_NAME {
                        by_id.insert(rows[at].id, exchanges.len());
                    }
                    exchanges.push(Exchange { id: rows[at].id, rows: vec![at], last: rows[at].place() });
                }
            }
        }
    }
    for exchange in exchanges {
        let rank = |&at: &usize| (Reverse((rows[at].complete, rows[at].latest)), rows[at].row);
        let Some(kept) = exchange.rows.iter().copied().min_by_key(rank) else { continue };
        let others = exchange.rows.iter().filter(|&&at| at != kept);
        aliases.extend(others.map(|&at| (rows[at].row, rows[kept].row)));
    }
}

impl Exchange {
    fn take(&mut self, at: usize, rows: &[Row]) {
        self.rows.push(at);
        self.last = rows[at].place();
        if self.id == NO_NAME {
            self.id = rows[at].id;
        }
    }
}

impl Row {
    /// Snapshot and file.
    fn place(&self) -> (u32, u32) {
        (self.snapshot, self.file)
    }
}

/// Way of pairing the rows of a file with earlier exchanges.
struct Pairing {
    /// Value that both have; `None` for a row that is not paired so.
    key: fn(&Row) -> Option<u64>,
    /// Row of an exchange that is compared.
    of: fn(&[usize]) -> Option<&usize>,
    /// True if rows at these places may be one exchange.
    may: fn(own: (u32, u32), other: (u32, u32)) -> bool,
}

/// Copies of a row in another file of its snapshot.
const COPIES: Pairing = Pairing {
    key: |row| Some(row.copy).filter(|copy| *copy != 0),
    of: <[usize]>::last,
    may: |own, other| own.0 == other.0 && own.1 != other.1,
};
/// Rows of two snapshots that agree in all columns but the `request_id`.
const RECORDS: Pairing =
    Pairing { key: |row| Some(row.record), of: <[usize]>::first, may: |own, other| own.0 != other.0 };
/// Other rows of two snapshots.
const IN_ORDER: Pairing =
    Pairing { key: |_| Some(0), of: <[usize]>::first, may: |own, other| own.0 != other.0 };

/// Pairs rows of one file with exchanges of earlier ones that have the same key, one to one, in
/// order, if at most one of the two has an id. Returns the rows that were not paired.
fn pair(
    waiting: Vec<usize>,
    rows: &[Row],
    exchanges: &mut [Exchange],
    by_id: &mut BTreeMap<Name, usize>,
    by: &Pairing,
) -> Vec<usize> {
    let Some(&first) = waiting.first() else { return waiting };
    let place = rows[first].place();
    // Exchanges without a row of this file, by key and presence of an id.
    let mut open: BTreeMap<(u64, bool), VecDeque<usize>> = BTreeMap::new();
    for (own, exchange) in exchanges.iter().enumerate().filter(|(_, exchange)| (by.may)(place, exchange.last))
    {
        if let Some(key) = (by.of)(&exchange.rows).and_then(|&at| (by.key)(&rows[at])) {
            open.entry((key, exchange.id != NO_NAME)).or_default().push_back(own);
        }
    }
    let mut left = Vec::new();
    for at in waiting {
        let id = rows[at].id;
        if let Some(&own) = by_id.get(&id) {
            exchanges[own].take(at, rows);
            continue;
        }
        let mut next = |has_id: bool| {
            let key = (by.key)(&rows[at])?;
            open.get_mut(&(key, has_id)).and_then(VecDeque::pop_front)
        };
        let own = if id == NO_NAME { next(false).or_else(|| next(true)) } else { next(false) };
        match own {
            Some(own) => {
                exchanges[own].take(at, rows);
                if id != NO_NAME {
                    by_id.insert(id, own);
                }
            }
            None => left.push(at),
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows from (snapshot, id, other columns, columns with a value).
    fn rows(of: &[(u32, u64, u64, u32)]) -> Vec<Row> {
        of.iter()
            .zip(0..)
            .map(|(&(snapshot, id, record, complete), row)| Row {
                name: [1, 1],
                asked: NO_NAME,
                is_answered: false,
                id: [id, id],
                record,
                complete,
                latest: None,
                snapshot,
                file: snapshot,
                copy: 0,
                row,
                answer: [0; 4],
            })
            .collect()
    }

    fn aliases(of: &[(u32, u64, u64, u32)]) -> Vec<(u32, u32)> {
        let mut aliases = Vec::new();
        one_exchange(&rows(of), &mut aliases);
        aliases.sort_unstable();
        aliases
    }

    #[test]
    fn one_request_counts_once_even_in_one_snapshot() {
        assert_eq!(aliases(&[(0, 7, 1, 5), (0, 8, 1, 5), (0, 7, 2, 5), (1, 8, 1, 5)]), [(2, 0), (3, 1)]);
    }

    #[test]
    fn equal_rows_without_an_id_are_several_exchanges_of_a_snapshot() {
        assert_eq!(
            aliases(&[(0, 0, 1, 5), (0, 0, 1, 5), (1, 0, 1, 5), (1, 0, 1, 5), (1, 0, 1, 5)]),
            [(2, 0), (3, 1)]
        );
    }

    #[test]
    fn copies_in_another_file_of_a_snapshot_are_paired_one_to_one() {
        // (file, other columns or 0 where chance may make them equal)
        let of = |of: &[(u32, u64)]| {
            let mut rows = rows(&vec![(0, 0, 1, 5); of.len()]);
            rows.iter_mut().zip(of).for_each(|(row, own)| (row.file, row.copy) = *own);
            let mut aliases = Vec::new();
            one_exchange(&rows, &mut aliases);
            aliases.sort_unstable();
            aliases
        };
        assert_eq!(of(&[(0, 7), (0, 7), (1, 7), (1, 7), (1, 7), (2, 7)]), [(2, 0), (3, 1), (5, 0)]);
        assert_eq!(of(&[(0, 7), (1, 8), (2, 8)]), [(2, 1)], "another column differs");
        assert_eq!(of(&[(0, 0), (1, 0)]), [], "two calls may agree by chance");
    }

    #[test]
    fn copies_of_a_row_of_another_snapshot_are_one_exchange_with_it() {
        let mut rows = rows(&[(0, 0, 1, 5), (1, 0, 2, 5), (1, 0, 2, 5)]);
        rows.iter_mut().zip([(0, 7), (1, 8), (2, 8)]).for_each(|(row, own)| (row.file, row.copy) = own);
        let mut aliases = Vec::new();
        one_exchange(&rows, &mut aliases);
        assert_eq!(aliases, [(1, 0), (2, 0)]);
    }

    #[test]
    fn rows_that_differ_elsewhere_are_not_paired_across() {
        assert_eq!(aliases(&[(0, 0, 1, 9), (0, 0, 2, 5), (1, 0, 2, 5), (1, 0, 1, 9)]), [(2, 1), (3, 0)]);
    }

    #[test]
    fn an_id_agrees_with_none_in_another_snapshot_and_with_no_other_id() {
        assert_eq!(aliases(&[(0, 0, 1, 5), (1, 7, 1, 6)]), [(0, 1)]);
        assert_eq!(aliases(&[(0, 7, 1, 5), (1, 0, 1, 5)]), [(1, 0)]);
        assert_eq!(aliases(&[(0, 7, 1, 5), (1, 8, 1, 5)]), []);
        assert_eq!(aliases(&[(0, 7, 1, 5), (0, 0, 1, 5)]), []);
    }

    #[test]
    fn the_most_complete_row_counts_then_the_first() {
        assert_eq!(aliases(&[(0, 7, 1, 4), (0, 7, 2, 6), (0, 7, 3, 6)]), [(0, 1), (2, 1)]);
    }

    #[test]
    fn answers_that_differ_are_several_exchanges_of_one_id() {
        let mut rows = rows(&[(0, 7, 1, 5), (0, 7, 2, 5), (0, 7, 3, 4), (0, 7, 4, 5)]);
        for (row, answer) in rows.iter_mut().zip([[9, 0, 0, 0], [8, 0, 0, 0], [0; 4], [9, 3, 0, 0]]) {
            row.answer = answer;
        }
        let mut aliases = Vec::new();
        one_exchange(&rows, &mut aliases);
        aliases.sort_unstable();
        assert_eq!(aliases, [(2, 0), (3, 0)], "rows that lack a sign agree with any");
        rows.iter_mut().for_each(|row| row.latest = Some(i64::from(row.row)));
        aliases.clear();
        one_exchange(&rows, &mut aliases);
        assert_eq!(aliases.len(), 3, "versions of one row");
    }

    #[test]
    fn of_equally_complete_rows_the_latest_counts() {
        let mut rows = rows(&[(0, 7, 1, 5), (0, 7, 2, 5), (0, 7, 3, 5), (0, 7, 4, 4)]);
        for (row, latest) in rows.iter_mut().zip([Some(2), Some(3), None, Some(9)]) {
            row.latest = latest;
        }
        let mut aliases = Vec::new();
        one_exchange(&rows, &mut aliases);
        assert!(aliases.iter().all(|alias| alias.1 == 1), "{aliases:?}");
    }

    proptest! {
        #[test]
        fn no_snapshot_loses_a_row_without_an_id(
            of in proptest::collection::vec((0..3_u32, 0..4_u64, 0..3_u64, 0..3_u32), 1..30)
        ) {
            let mut of = of;
            of.sort_by_key(|row| row.0);
            let all = rows(&of);
            let aliases = aliases(&of);
            let counts = |row: u32| aliases.iter().find(|alias| alias.0 == row).map_or(row, |alias| alias.1);
            for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))).filter(|(a, b)| a.row < b.row) {
                let same = counts(a.row) == counts(b.row);
                if a.id != NO_NAME && b.id != NO_NAME {
                    prop_assert_eq!(same, a.id == b.id, "{:?} {:?}", a, b);
                } else if a.snapshot == b.snapshot {
                    prop_assert!(!same, "{:?} {:?}", a, b);
                }
            }
            prop_assert!(aliases.iter().all(|alias| counts(alias.1) == alias.1));
        }
    }
}
