//! A rectangular table with a header, as CSV that spreadsheets, pandas and DuckDB read alike.

use std::borrow::Cow;

use super::xml::visible_xml;

/// A table: a header and rows of as many cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of these columns and no rows.
    pub(crate) fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row. Text that came from elsewhere has to go through [`cell`] first.
    pub(crate) fn push(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.header.len());
        self.rows.push(row);
    }

    /// Names of the columns.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// The rows.
    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// Number of rows, the header not counted.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The table as CSV (RFC 4180 quoting, UTF-8 without a mark, line feeds).
    pub(crate) fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        for row in std::iter::once(&self.header).chain(&self.rows) {
            // Writing to memory cannot fail, and all rows are as long as the header.
            let _ = writer.write_record(row);
        }
        writer.into_inner().unwrap_or_default()
    }
}

/// Text for a cell: hostile characters made visible, and a `'` put before what a spreadsheet
/// would take for a formula. A negative number is none.
pub(crate) fn cell(text: &str) -> String {
    if is_negative(text) {
        return text.to_owned();
    }
    spreadsheet_safe(&visible_xml(text)).into_owned()
}

/// Beginnings of a formula; a spreadsheet of an East Asian locale takes their full-width forms too.
pub(crate) const FORMULA: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '−', '\t', '\r'];

/// The text with a `'` before it where it begins as a formula does: a spreadsheet would run it otherwise.
pub(crate) fn spreadsheet_safe(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// True for a minus and a number in digits.
fn is_negative(text: &str) -> bool {
    let is_number = |own: &str| own.starts_with(|c: char| c.is_ascii_digit()) && own.parse::<f64>().is_ok();
    text.strip_prefix('-').is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        assert_eq!(["-0.4947", "-1e-9", "-12"].map(cell), ["-0.4947", "-1e-9", "-12"]);
        assert_eq!(
            ["-1+1", "-a", "--1", "-", "+1", "-inf"].map(cell),
            ["'-1+1", "'-a", "'--1", "'-", "'+1", "'-inf"]
        );
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(
            ["＝1+1", "＋1", "－1+1", "＠x", "−1+1"].map(cell),
            ["'＝1+1", "'＋1", "'－1+1", "'＠x", "'−1+1"]
        );
        assert_eq!(cell("\tx"), "'\tx");
        assert_eq!(cell("\rx"), "⟨U+000D⟩x");
        assert_eq!(cell("a=b"), "a=b");
    }

    #[test]
    fn cells_come_back_as_they_went_in() {
        let rows = [["a,b", "line\nfeed"], ["\"quoted\"", ""], ["漢字", "x"]];
        let mut table = Table::new(["one", "two"]);
        for row in rows {
            table.push(row.map(str::to_owned).to_vec());
        }
        let bytes = table.to_csv();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let back: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(back, rows.map(|row| row.map(str::to_owned).to_vec()));
    }
}
