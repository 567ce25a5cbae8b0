//! Values of all accounts, as `04_summaries/underlying/signals.csv` has them.

use std::collections::BTreeMap;

use super::super::contents::Contents;
use super::super::underlying::PART_COLUMN;
use super::tables::TABLE;

/// The table.
const NAME: &str = "data/04_summaries/underlying/signals.csv";

/// Values by account.
pub(super) struct Values {
    columns: BTreeMap<String, usize>,
    /// Rows by account, as tables have its name.
    pub rows: BTreeMap<String, csv::StringRecord>,
}

impl Values {
    /// `None` in a bundle without the table, and where it is too large to be compared.
    pub(super) fn read(contents: &Contents) -> Option<Self> {
        let text = contents.has(NAME).then(|| contents.text_within(NAME, TABLE)).flatten()?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().ok()?.clone();
        let columns = header.iter().zip(0..).map(|(name, at)| (name.to_owned(), at)).collect();
        let mut rows = BTreeMap::new();
        for row in reader.records() {
            let row = row.ok()?;
            rows.insert(row.get(0)?.to_owned(), row);
        }
        Some(Self { columns, rows })
    }

    /// Cell of an account; empty where there is none.
    pub(super) fn text(&self, account: &str, column: &str) -> &str {
        let cell = self.columns.get(column).and_then(|at| self.rows.get(account)?.get(*at));
        cell.unwrap_or_default()
    }

    /// Number of an account.
    pub(super) fn number(&self, account: &str, column: &str) -> Option<f64> {
        self.text(account, column).parse().ok()
    }

    /// Members of a lead: core, then joined.
    pub(super) fn members(&self, lead: &str) -> [Vec<&str>; 2] {
        ["core", "joined"].map(|part| {
            let own = self.rows.keys().map(String::as_str);
            own.filter(|id| self.text(id, "lead") == lead && self.text(id, PART_COLUMN) == part).collect()
        })
    }

    /// Members of every lead: core, then joined.
    pub(super) fn leads(&self) -> BTreeMap<&str, [Vec<&str>; 2]> {
        let mut leads: BTreeMap<&str, [Vec<&str>; 2]> = BTreeMap::new();
        for id in self.rows.keys() {
            let (lead, part) = (self.text(id, "lead"), self.text(id, PART_COLUMN));
            if !lead.is_empty() {
                leads.entry(lead).or_default()[usize::from(part != "core")].push(id);
            }
        }
        leads
    }
}
