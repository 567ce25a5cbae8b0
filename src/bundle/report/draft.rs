//! Draft of a report: its facts, and the tables that its sentences cite.

use super::contents::Report;
use super::document::Sentence;
use super::facts::Facts;
use super::sheets::Sheet;
use crate::exhibit::{Exhibit, Table};

/// Title of the exhibit of the report's figures.
pub(super) const FIGURES: &str = "Figures that the report states";

/// Table of gaps in the bundle.
pub(super) const GAPS: &str = "06_custody/gaps.csv";

/// Document with the tables that its sentences cite.
pub(super) struct Draft<'a> {
    pub report: &'a Report<'a>,
    pub facts: Facts,
    /// All tables that can be cited.
    pub sheets: Vec<Sheet>,
    /// Numbers of the exhibits made for the report.
    pub own: OwnExhibits,
    /// Exhibit of all leads; `None` without leads.
    pub leads: Option<Exhibit>,
    pub files: Vec<(String, Vec<u8>)>,
}

/// Numbers of the exhibits made for the report.
#[derive(Default)]
pub(super) struct OwnExhibits {
    pub figures: String,
    pub accounts: String,
    pub times: String,
    pub anomalies: String,
    pub contested: String,
    pub signals: String,
    pub checklist: String,
    pub leads: String,
}

impl Draft<'_> {
    /// Number of the next exhibit. The records are the first exhibit; those of evidence follow.
    pub fn next(&self) -> String {
        let own = self.files.iter().filter(|(path, _)| path.ends_with(".csv")).count();
        format!("EX-{:04}", self.report.exhibits.len() + own + 2)
    }

    /// Adds an exhibit made for the report and returns its number.
    pub fn add(&mut self, title: &str, table: &Table) -> String {
        let number = self.next();
        let path = format!("03_exhibits/{number}.csv");
        self.sheets.push(Sheet::new(&number, &path, title, table));
        self.files.push((path, table.to_csv()));
        number
    }

    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.name == name)
    }

    /// A sentence that cites rows of the figures.
    pub fn figures(&self, text: impl Into<String>, rows: impl IntoIterator<Item = usize>) -> Sentence {
        rows.into_iter().fold(Sentence::new(text), |sentence, row| sentence.cite(&self.own.figures, row))
    }
}

pub(super) use crate::model::counted;
