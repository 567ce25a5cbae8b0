//! Document model of the report: headings, sentences with references, tables, figures.
//!
//! One document is written as XHTML and as PDF. Text is unchanged from the data; each writer makes hostile
//! characters visible and escapes for its own format.

use std::collections::BTreeSet;

use crate::bundle::load_file::annex_stem;

/// Title of the list of sections, which is not in the list itself.
pub(super) const CONTENTS: &str = "Contents";

/// Paper of the PDF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paper {
    /// 210 by 297 millimetres.
    #[default]
    A4,
    /// 8.5 by 11 inches.
    Letter,
}

/// Text that stands on every page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Furniture {
    /// Title of the document, with the name of the case.
    pub title: String,
    /// Designation: `PRODUCTION`.
    pub designation: String,
    /// Author: name of the person who exports.
    pub author: String,
    /// Date of the export, `2026-06-05`, UTC.
    pub date: String,
    /// SHA-256 of the last journal entry before the export; empty without a journal.
    pub head: String,
    /// Prefix of the Bates numbers, before the page number: `ACME_PRODUCTION`.
    pub bates: String,
}

impl Furniture {
    /// Text of every page of the annex to a report with this one.
    pub fn of_annex(&self, case: &str, designation: &str) -> Self {
        Self {
            title: format!("Records of case {case}"),
            designation: designation.to_owned(),
            bates: annex_stem(&self.bates),
            ..self.clone()
        }
    }
}

/// The report.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Document {
    /// Text of every page.
    pub furniture: Furniture,
    /// Paper of the PDF.
    pub paper: Paper,
    /// Content in reading order.
    pub blocks: Vec<Block>,
}

/// Part of the document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    /// Heading. `level` is 1 for the title, 2 for a section, 3 for its parts.
    Heading {
        /// Level, 1 to 3.
        level: u8,
        /// Text.
        text: String,
        /// Name that references lead to.
        anchor: String,
    },
    /// Paragraph of sentences.
    Paragraph {
        /// Look of the paragraph.
        kind: Kind,
        /// Sentences.
        sentences: Vec<Sentence>,
    },
    /// Table.
    Table(Table),
    /// Figure: SVG made by this program.
    Figure {
        /// Title, which is a heading of level 3.
        title: String,
        /// Name that references lead to.
        anchor: String,
        /// SVG.
        svg: Vec<u8>,
        /// Lines below the figure.
        caption: Vec<Sentence>,
    },
    /// Text of an exchange, verbatim.
    Verbatim(String),
    /// List of the headings of level 2, with their pages.
    Contents,
    /// The next block begins a page.
    PageBreak,
}

/// Look of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Running text.
    Plain,
    /// Statement of a limit: not claimed, or not done.
    Note,
    /// Item of a list.
    Item,
}

/// Sentence with its references.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sentence {
    /// Words, with the full stop.
    pub text: String,
    /// Sources of the figures of the sentence.
    pub cites: Vec<Citation>,
    /// True for text of the program without figures of the case: definitions and method.
    pub fixed: bool,
}

/// Reference to a table of the bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Citation {
    /// Number of the exhibit, `EX-0007`, or path of a table inside `data/`.
    pub sheet: String,
    /// Row, from 1, without the header; `None` for the whole table.
    pub row: Option<usize>,
}

/// Table of the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    /// Exhibit whose rows it prints, from the first row.
    pub exhibit: Option<String>,
    /// Header.
    pub header: Vec<String>,
    /// Rows, each as long as the header.
    pub rows: Vec<Vec<Sentence>>,
    /// Anchors of references, one per row; empty for none.
    pub anchors: Vec<String>,
}

impl Sentence {
    /// A sentence of the case, without references.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A sentence of the program without figures of the case.
    pub fn fixed(text: impl Into<String>) -> Self {
        Self { text: text.into(), fixed: true, ..Self::default() }
    }

    /// The sentence with a reference to a row of a table.
    #[must_use]
    pub fn cite(mut self, sheet: &str, row: usize) -> Self {
        self.cites.push(Citation { sheet: sheet.to_owned(), row: Some(row) });
        self
    }

    /// The sentence with a reference to a table as a whole.
    #[must_use]
    pub fn cite_all(mut self, sheet: &str) -> Self {
        self.cites.push(Citation { sheet: sheet.to_owned(), row: None });
        self
    }
}

impl From<&'static str> for Sentence {
    fn from(text: &'static str) -> Self {
        Self::fixed(text)
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Citation {
    /// The reference in words: `EX-0007 row 12`.
    pub fn words(&self) -> String {
        match self.row {
            Some(row) => format!("{} row {row}", self.sheet),
            None => self.sheet.clone(),
        }
    }

    /// Anchor of the reference: the printed row if there is one, else the entry in the index.
    pub fn target(&self, rows: &BTreeSet<String>) -> String {
        let sheet = anchor_of(&self.sheet);
        match self.row.map(|row| row_anchor(&self.sheet, row)) {
            Some(row) if rows.contains(&row) => row,
            _ => sheet,
        }
    }
}

/// Anchor of a table's entry in the index of exhibits: a letter, then characters that XML allows in a name.
pub(super) fn anchor_of(sheet: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '.' };
    format!("x-{}", sheet.chars().map(safe).collect::<String>())
}

/// Anchor of a printed row of a table.
pub(super) fn row_anchor(sheet: &str, row: usize) -> String {
    format!("{}-row-{row}", anchor_of(sheet))
}

impl Document {
    /// Adds a heading.
    pub fn heading(&mut self, level: u8, text: impl Into<String>) {
        let anchor = format!("s-{}", self.blocks.len() + 1);
        self.blocks.push(Block::Heading { level, text: text.into(), anchor });
    }

    /// Adds a paragraph of running text.
    pub fn say(&mut self, sentences: impl IntoIterator<Item = impl Into<Sentence>>) {
        self.paragraph(Kind::Plain, sentences);
    }

    /// Adds a paragraph, unless it has no sentence.
    pub fn paragraph(&mut self, kind: Kind, sentences: impl IntoIterator<Item = impl Into<Sentence>>) {
        let sentences: Vec<Sentence> = sentences.into_iter().map(Into::into).collect();
        if !sentences.is_empty() {
            self.blocks.push(Block::Paragraph { kind, sentences });
        }
    }

    /// Adds a table that is not an exhibit.
    pub fn table(&mut self, header: &[&str], rows: impl IntoIterator<Item = Vec<Sentence>>) {
        let header = header.iter().map(|&name| name.to_owned()).collect();
        let rows = rows.into_iter().collect();
        self.blocks.push(Block::Table(Table { header, rows, ..Table::default() }));
    }

    /// Anchor of a row of a table; `None` if no reference leads to it.
    pub fn row_name(table: &Table, at: usize) -> Option<String> {
        match &table.exhibit {
            Some(exhibit) => Some(row_anchor(exhibit, at + 1)),
            None => table.anchors.get(at).cloned(),
        }
    }

    /// Anchors of all printed rows of exhibits, and of rows with an anchor of their own.
    pub fn printed_rows(&self) -> BTreeSet<String> {
        let tables = self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        });
        tables
            .flat_map(|table| (0..table.rows.len()).filter_map(|at| Self::row_name(table, at)))
            .filter(|name| !name.is_empty())
            .collect()
    }
}
