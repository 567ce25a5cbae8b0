//! Tables that the report cites.
//!
//! A sheet is an exhibit or another table of the bundle. Some exhibits exist for the report alone: its
//! figures, accounts, times, anomalies, contested accounts and untested signals.

use super::document::{Sentence, Table as Printed};
use crate::exhibit::{Table, cell};
use crate::model::format_count;

/// Table of the bundle that can be cited.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Sheet {
    /// Name in references: `EX-0007`, or its path inside `data/`.
    pub name: String,
    /// Path inside `data/`.
    pub path: String,
    /// Title for the index.
    pub title: String,
    /// Item of evidence that it belongs to.
    pub evidence: Option<u64>,
    /// Caption lines, including the scope in words.
    pub caption: Vec<String>,
    /// Names of its columns.
    pub header: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// A sheet of a table in the bundle, by its path.
    pub fn of_file(path: &str, title: &str, table: &Table) -> Self {
        Self::new(path, path, title, table)
    }

    /// A sheet of a table.
    pub fn new(name: &str, path: &str, title: &str, table: &Table) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            title: title.to_owned(),
            evidence: None,
            caption: Vec::new(),
            header: table.header().to_vec(),
            rows: table.rows().to_vec(),
        }
    }

    /// A sheet of a table as CSV.
    pub fn of_csv(name: &str, path: &str, title: &str, csv: &[u8]) -> Self {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = reader.headers().map(cells).unwrap_or_default();
        let rows = reader.records().filter_map(Result::ok).map(|record| cells(&record)).collect();
        let (name, path, title) = (name.to_owned(), path.to_owned(), title.to_owned());
        Self { name, path, title, header, rows, ..Self::default() }
    }

    /// First row, from 1, with a value in a column.
    pub fn row_where(&self, column: &str, value: &str) -> Option<usize> {
        let at = self.header.iter().position(|name| name == column)?;
        let row = self.rows.iter().position(|row| row.get(at).is_some_and(|cell| cell == value))?;
        Some(row + 1)
    }

    /// Rows, from 1, with a value in a column.
    pub fn rows_where<'a>(&'a self, column: &str, value: &'a str) -> impl Iterator<Item = usize> + 'a {
        let at = self.header.iter().position(|name| name == column);
        let is_one = move |row: &Vec<String>| at.and_then(|at| row.get(at)).is_some_and(|cell| cell == value);
        self.rows.iter().enumerate().filter(move |(_, row)| is_one(row)).map(|(at, _)| at + 1)
    }

    /// The first rows as a printed table with some of the columns.
    pub(super) fn printed(&self, columns: &[&str], most: usize) -> Printed {
        let at: Vec<usize> =
            columns.iter().filter_map(|column| self.header.iter().position(|name| name == column)).collect();
        let cell = |row: &Vec<String>, at: usize| {
            Sentence::new(printed_cell(&self.header[at], row.get(at).map_or("", String::as_str)))
        };
        let row = |row: &Vec<String>| at.iter().map(|&at| cell(row, at)).collect();
        Printed {
            exhibit: Some(self.name.clone()),
            header: at.iter().map(|&at| self.header[at].replace('_', " ")).collect(),
            rows: self.rows.iter().take(most).map(row).collect(),
            anchors: Vec::new(),
        }
    }
}

/// Columns whose whole numbers are no counts.
const NO_COUNTS: [&str; 7] = ["item", "price_item", "id", "version", "clause", "amount", "asn"];

/// A cell as it is printed: times of files to the second, counts with separators, everything else as it is.
pub(super) fn printed_cell(header: &str, cell: &str) -> String {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(cell) && !cell.starts_with('0') && !NO_COUNTS.contains(&header) {
        return cell.parse().map_or_else(|_| cell.to_owned(), format_count);
    }
    // `2026-04-22T13:05:09.000123+00:00`
    let parts = cell.split_once('T').filter(|_| cell.len() == 32 && cell.is_ascii());
    let time = parts.and_then(|(day, rest)| {
        let (time, offset) = (rest.get(..8)?, rest.get(15..)?);
        let is_time = is_digits(&day.replace('-', "")) && is_digits(&time.replace(':', ""));
        let is_fraction = rest.get(8..9) == Some(".") && is_digits(rest.get(9..15)?);
        let end = if offset == "+00:00" { String::new() } else { format!(" {offset}") };
        (is_time && is_fraction).then(|| format!("{day} {time}{end}"))
    });
    time.unwrap_or_else(|| cell.to_owned())
}

/// Table of the figures of the report, one figure per row.
pub(super) struct Figures {
    table: Table,
}

impl Figures {
    /// No figures.
    pub fn new() -> Self {
        Self { table: Table::new(["about", "figure", "value", "of", "source"]) }
    }

    /// Adds a figure and returns its row, from 1. `of` is the total, or empty.
    pub fn push(&mut self, about: &str, figure: &str, value: String, of: String, source: &str) -> usize {
        self.table.push(vec![cell(about), figure.to_owned(), cell(&value), cell(&of), cell(source)]);
        self.table.len()
    }

    /// Adds a count.
    pub fn count(&mut self, about: &str, figure: &str, value: u64, of: Option<u64>, source: &str) -> usize {
        self.push(about, figure, value.to_string(), of.map_or_else(String::new, |of| of.to_string()), source)
    }

    /// The table.
    pub fn table(self) -> Table {
        self.table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_cells_are_short_and_say_the_same() {
        for (header, cell, printed) in [
            ("first", "2026-04-22T13:05:09.000123+00:00", "2026-04-22 13:05:09"),
            ("first", "2026-04-22T13:05:09.000123+02:00", "2026-04-22 13:05:09 +02:00"),
            ("exchanges", "60000", "60,000"),
            ("exchanges", "999", "999"),
            ("version", "2026", "2026"),
            ("cost", "12345.50", "12345.50"),
            ("value", "0001", "0001"),
            ("text", "at 2026-04-22T13:05:09.000123+00", "at 2026-04-22T13:05:09.000123+00"),
            ("account", "\u{e9}T", "\u{e9}T"),
        ] {
            assert_eq!(printed_cell(header, cell), printed);
        }
    }
}
