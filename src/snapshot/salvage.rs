//! Reading past damage: unreadable rows and columns are named, all others are returned.
//!
//! A damaged page makes the whole row group fail. Its rows are then read in smaller and smaller pieces,
//! and pieces that fail column by column. Pages before and after the damage are read.

use std::collections::VecDeque;
use std::ops::Range;

use super::convert::nulls;
use super::file::File;
use super::read::{Batch, Reader, batch_rows};
use super::{Column, Mapping, SnapshotError, Tally};

/// Number of single rows tried in a piece. If all fail, the whole piece counts as damaged, as with a
/// damaged dictionary.
const PROBES: u64 = 8;

/// Rows in which a column cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The row group, counted from 0.
    pub row_group: usize,
    /// The rows in the file.
    pub rows: Range<u64>,
    /// The canonical column, or all of the rest of the file.
    pub column: &'static str,
}

/// Part of a file.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Rows read without damage.
    Whole(Batch),
    /// Rows with unreadable columns, which are null.
    Patched(Batch, Vec<Unreadable>),
    /// Rows without a readable account or time, which are not exchanges.
    LeftOut(Vec<Unreadable>),
}

/// Pieces of a file in the order of its rows. Every row of the row groups is in one of them.
pub struct Pieces<'a> {
    file: &'a File,
    mapping: &'a Mapping,
    vector_length: Option<i32>,
    /// Rows of each row group of the file.
    rows: Vec<u64>,
    columns: Vec<Column>,
    /// Row groups that are not opened yet.
    groups: Range<usize>,
    reader: Option<Reader>,
    /// Counts of the closed readers.
    tally: Tally,
    /// The row group and the end of the last batch.
    last: Option<(usize, u64)>,
    waiting: VecDeque<Piece>,
}

/// As [`File::read`], past damage: only a file that cannot be opened is an error.
///
/// # Errors
/// As [`File::read`], before the first row.
pub fn pieces<'a>(
    file: &'a File,
    mapping: &'a Mapping,
    columns: &[Column],
    groups: Option<Range<usize>>,
) -> Result<Pieces<'a>, SnapshotError> {
    let reader = file.read(mapping, columns, groups.clone())?;
    let rows = file.row_groups();
    let groups = groups.unwrap_or(0..rows.len());
    Ok(Pieces {
        file,
        mapping,
        vector_length: None,
        rows,
        columns: columns.to_vec(),
        groups,
        reader: Some(reader),
        tally: Tally::default(),
        last: None,
        waiting: VecDeque::new(),
    })
}

impl Iterator for Pieces<'_> {
    type Item = Result<Piece, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}

impl Pieces<'_> {
    /// The same pieces, with vectors of one length; see [`Reader::with_vector_length`].
    #[must_use]
    pub fn with_vector_length(mut self, length: Option<i32>) -> Self {
        self.vector_length = length;
        self.reader = self.reader.map(|reader| reader.with_vector_length(length));
        self
    }

    /// Counts of the rows read, those around damage included.
    pub fn into_tally(mut self) -> Tally {
        self.close();
        self.tally
    }

    /// Closes the present reader and adds its counts.
    fn close(&mut self) {
        if let Some(reader) = self.reader.take() {
            self.tally.merge(reader.tally().clone());
        }
    }

    fn open(&self, columns: &[Column], groups: Range<usize>) -> Result<Reader, SnapshotError> {
        let reader = self.file.read(self.mapping, columns, Some(groups))?;
        Ok(reader.with_vector_length(self.vector_length))
    }

    fn advance(&mut self) -> Result<Option<Piece>, SnapshotError> {
        loop {
            if let Some(piece) = self.waiting.pop_front() {
                return Ok(Some(piece));
            }
            let Some(reader) = &mut self.reader else { return Ok(None) };
            match reader.next() {
                None => self.close(),
                Some(Ok(batch)) => {
                    self.last = Some((batch.row_group, batch.first_row + batch.rows as u64));
                    return Ok(Some(Piece::Whole(batch)));
                }
                Some(Err(error)) if !error.is_of_content() => return Err(error),
                Some(Err(_)) => self.past_damage()?,
            }
        }
    }

    /// Reads the rest of the row group that failed, then continues with the next.
    fn past_damage(&mut self) -> Result<(), SnapshotError> {
        self.close();
        let rows = self.rows.clone();
        let start_of = |group: usize| rows[..group].iter().sum::<u64>();
        let mut failed = (self.groups.start, start_of(self.groups.start));
        if let Some((group, end)) = self.last {
            failed = (group, end);
        }
        // A row group that was read to its end did not fail, and one without rows cannot.
        while failed.0 + 1 < self.groups.end && failed.1 >= start_of(failed.0 + 1) {
            failed.0 += 1;
        }
        let (index, end) = (failed.0, start_of(failed.0) + rows[failed.0]);
        self.salvage(index, failed.1..end)?;
        self.last = None;
        self.groups.start = index + 1;
        let left = self.groups.clone();
        self.reader = if left.is_empty() { None } else { Some(self.open(&self.columns, left)?) };
        Ok(())
    }

    /// Reads the rest of a row group in pieces.
    fn salvage(&mut self, index: usize, rows: Range<u64>) -> Result<(), SnapshotError> {
        let open = |columns: &[Column]| self.open(columns, index..index + 1);
        let all = open(&self.columns)?;
        let alone = self
            .columns
            .iter()
            .map(|&column| Ok((column, open(&[column])?)))
            .collect::<Result<Vec<_>, SnapshotError>>()?;
        let mut group = Salvage { index, rest: self.file.damaged_row(), all, alone, tally: Tally::default() };
        let (mut found, mut start) = (Vec::new(), rows.start);
        while start < rows.end {
            let end = rows.end.min(start + batch_rows(&self.columns) as u64);
            group.split(start..end, &mut found);
            start = end;
        }
        self.tally.merge(group.tally);
        self.waiting.extend(joined(found));
        Ok(())
    }
}

/// A row group with damage, and a reader of all columns together and of each alone.
struct Salvage {
    index: usize,
    /// Row that stands for the unreadable rest of a text file.
    rest: Option<u64>,
    all: Reader,
    alone: Vec<(Column, Reader)>,
    /// Counts of the rows that were read.
    tally: Tally,
}

impl Salvage {
    fn split(&mut self, rows: Range<u64>, found: &mut Vec<Piece>) {
        let count = rows.end - rows.start;
        if Some(rows.start) == self.rest {
            return found.push(self.rest(rows));
        }
        if let Ok((batch, tally)) = self.all.only(self.index, &rows) {
            self.tally.merge(tally);
            return found.push(Piece::Whole(batch));
        }
        let fails = |row: u64| self.all.only(self.index, &(row..row + 1)).is_err();
        if (0..PROBES).map(|n| rows.start + n * count / PROBES).all(fails) {
            let piece = self.patch(rows);
            return found.push(piece);
        }
        let middle = rows.start + count / 2;
        self.split(rows.start..middle, found);
        self.split(middle..rows.end, found);
    }

    /// The rest of a compressed text file, which stands as one row.
    fn rest(&self, rows: Range<u64>) -> Piece {
        let column = "rest of the file (its compressed data are cut or damaged)";
        let is_required = self.alone.iter().any(|(column, _)| column.is_required());
        let unreadable = vec![Unreadable { row_group: self.index, rows: rows.clone(), column }];
        if is_required {
            return Piece::LeftOut(unreadable);
        }
        let count = (rows.end - rows.start) as usize;
        let columns = self.alone.iter().map(|(column, _)| Some(nulls(*column, count))).collect();
        Piece::Patched(
            Batch { row_group: self.index, first_row: rows.start, rows: count, columns },
            unreadable,
        )
    }

    /// Rows with an unreadable column, read column by column.
    fn patch(&mut self, rows: Range<u64>) -> Piece {
        let count = (rows.end - rows.start) as usize;
        let (mut columns, mut unreadable, mut is_left_out) = (Vec::new(), Vec::new(), false);
        // The account decides which rows are exchanges; each column counts its own values.
        let mut tally = Tally { rows: count as u64, exchanges: count as u64, ..Tally::default() };
        for (column, reader) in &self.alone {
            match reader.only(self.index, &rows) {
                Ok((mut batch, of_column)) => {
                    columns.push(batch.columns.pop().flatten());
                    tally.columns.extend(of_column.columns);
                    if *column == Column::AccountId {
                        (tally.exchanges, tally.filtered, tally.set_aside) =
                            (of_column.exchanges, of_column.filtered, of_column.set_aside);
                    }
                }
                Err(_) => {
                    columns.push(Some(nulls(*column, count)));
                    is_left_out |= column.is_required();
                    let (row_group, rows, column) = (self.index, rows.clone(), column.name());
                    unreadable.push(Unreadable { row_group, rows, column });
                }
            }
        }
        if is_left_out {
            return Piece::LeftOut(unreadable);
        }
        self.tally.merge(tally);
        let batch = Batch { row_group: self.index, first_row: rows.start, rows: count, columns };
        Piece::Patched(batch, unreadable)
    }
}

/// Pieces with adjacent unreadable rows merged, so that a damaged page is reported as one place.
fn joined(found: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in found {
        if let (Some(Piece::LeftOut(before)), Piece::LeftOut(after)) = (joined.last_mut(), &piece) {
            let follows = before.len() == after.len()
                && before.iter().zip(after).all(|(a, b)| a.column == b.column && a.rows.end == b.rows.start);
            if follows {
                before.iter_mut().zip(after).for_each(|(a, b)| a.rows.end = b.rows.end);
                continue;
            }
        }
        joined.push(piece);
    }
    joined
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use arrow_array::cast::AsArray;

    use super::*;
    use crate::snapshot::fixture::{canonical, damage, texts, times, write_pages};
    use crate::snapshot::read;

    const ROWS: usize = 1_000;

    /// A file of two row groups.
    fn written(folder: &Path) -> PathBuf {
        let prompts: Vec<String> = (0..ROWS).map(|i| format!("prompt number {i:06}")).collect();
        let ids: Vec<String> = (0..ROWS).map(|i| format!("account {}", i / 300)).collect();
        let column = |cells: &[String]| texts(&cells.iter().map(String::as_str).collect::<Vec<_>>());
        let columns =
            vec![("ts", times(ROWS)), ("account_id", column(&ids)), ("prompt_text", column(&prompts))];
        write_pages(&folder.join("f.parquet"), columns, 600)
    }

    fn read_all(path: &Path, columns: &[Column]) -> (Vec<(u64, Option<String>)>, Vec<Unreadable>) {
        let (mut rows, mut unreadable) = (Vec::new(), Vec::new());
        let file = File::open(path, "f.parquet").unwrap();
        for piece in pieces(&file, &canonical(), columns, None).unwrap() {
            let batch = match piece.unwrap() {
                Piece::Whole(batch) => batch,
                Piece::Patched(batch, places) => {
                    unreadable.extend(places);
                    batch
                }
                Piece::LeftOut(places) => {
                    unreadable.extend(places);
                    continue;
                }
            };
            let texts = batch.columns.last().unwrap().as_ref().unwrap();
            let texts = texts
                .as_string_opt::<i32>()
                .map(|texts| texts.iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>());
            let texts = texts.unwrap_or_else(|| vec![None; batch.rows]);
            rows.extend((batch.first_row..).zip(texts));
        }
        (rows, unreadable)
    }

    #[test]
    fn a_damaged_page_costs_its_rows_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let path = written(dir.path());
        damage(&path, "prompt number 000100");
        assert!(
            read(&path, "f.parquet", &canonical(), &[Column::PromptText], None).unwrap().any(|b| b.is_err())
        );
        let (rows, unreadable) = read_all(&path, &[Column::Ts, Column::PromptText]);
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), (0..ROWS as u64).collect::<Vec<_>>());
        let lost: Vec<u64> = rows.iter().filter(|row| row.1.is_none()).map(|row| row.0).collect();
        assert!(lost.contains(&100) && lost.len() <= 64, "{lost:?}");
        assert!(rows.iter().all(|(row, text)| {
            text.as_ref().is_none_or(|text| *text == format!("prompt number {row:06}"))
        }));
        assert!(unreadable.iter().all(|place| place.column == "prompt_text" && place.row_group == 0));
        let named: u64 = unreadable.iter().map(|place| place.rows.end - place.rows.start).sum();
        assert_eq!(named, lost.len() as u64);
    }

    #[test]
    fn rows_without_a_readable_account_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = written(dir.path());
        // The first of the page with rows 640 to 703 of the file, which begins the second row group.
        damage(&path, "account 2");
        let (rows, unreadable) = read_all(&path, &[Column::AccountId, Column::PromptText]);
        assert_eq!(unreadable.len(), 1, "{unreadable:?}");
        let Unreadable { row_group, rows: lost, column } = unreadable[0].clone();
        assert_eq!((row_group, column), (1, "account_id"));
        assert!((600..1_000).contains(&lost.start) && lost.end - lost.start <= 64, "{lost:?}");
        let expected: Vec<u64> = (0..ROWS as u64).filter(|row| !lost.contains(row)).collect();
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), expected);
        let (rows, unreadable) = read_all(&path, &[Column::PromptText]);
        assert_eq!((rows.len(), unreadable.len()), (ROWS, 0));
    }
}
