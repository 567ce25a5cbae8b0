//! Tables that the report cites.
//!
//! A sheet is an exhibit or another table of the bundle. Some exhibits exist for the report alone: its
//! figures, accounts, times, anomalies, contested accounts and untested signals.

use super::document::{Sentence, Table as Printed};
use crate::exhibit::{Table, cell};

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
        let row = |row: &Vec<String>| {
            at.iter().map(|&at| Sentence::new(row.get(at).cloned().unwrap_or_default())).collect()
        };
        Printed {
            exhibit: Some(self.name.clone()),
            header: at.iter().map(|&at| self.header[at].replace('_', " ")).collect(),
            rows: self.rows.iter().take(most).map(row).collect(),
            anchors: Vec::new(),
        }
    }
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
