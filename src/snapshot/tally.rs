//! Counts of a reading: rows left out and missing values, by reason.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Column;
use crate::model::visible;

/// Maximum number of locations kept for each reason.
const MAX_PLACES: usize = 3;

/// Location of a value that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The file's name inside the snapshot.
    pub file: String,
    /// Row in the file, counted from 0.
    pub row: u64,
    /// Line of a text file on which the row begins, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The beginning of the value; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{} line {line}", visible(&self.file))?,
            None => write!(f, "{} row {}", visible(&self.file), self.row)?,
        }
        if self.value.is_empty() { Ok(()) } else { write!(f, " “{}”", visible(&self.value)) }
    }
}

/// Number of rows with one reason, and the first locations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Number of rows.
    pub rows: u64,
    /// The first three, in the order of files and rows.
    pub first: Vec<Spot>,
}

impl Counted {
    /// Adds a row.
    pub(super) fn add(&mut self, spot: impl FnOnce() -> Spot) {
        self.rows += 1;
        if self.first.len() < MAX_PLACES {
            self.first.push(spot());
        }
    }

    /// Adds rows that are later in the order of files and rows.
    pub(super) fn merge(&mut self, later: Self) {
        self.rows += later.rows;
        let room = MAX_PLACES.saturating_sub(self.first.len());
        self.first.extend(later.first.into_iter().take(room));
    }
}

/// Counts of one canonical column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnTally {
    /// Number of exchanges without a value.
    pub missing: u64,
    /// Number of placeholders for a missing value, such as `None` or a zero UUID.
    #[serde(rename = "nothing")]
    pub placeholders: u64,
    /// The first three placeholders that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Number of values with bytes that are not UTF-8.
    pub replaced: u64,
    /// Values that cannot be read, by fault.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unread: BTreeMap<String, Counted>,
    /// Sum of its whole numbers in rows that continue an exchange of another row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub continued: u64,
    /// Sum of those of them that the first row of the exchange has not, and that count for it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub completed: u64,
    /// Number of exchanges with a value from each source after the first, by the source's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fallback: BTreeMap<String, u64>,
}

impl ColumnTally {
    /// Adds placeholders, as long as there is room.
    pub(super) fn add_words(&mut self, words: Vec<String>) {
        for word in words {
            if self.words.len() < MAX_PLACES && !self.words.contains(&word) {
                self.words.push(word);
            }
        }
    }
}

/// Counts of a reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rows read.
    pub rows: u64,
    /// Rows that are exchanges, equal ones included.
    pub exchanges: u64,
    /// Rows left out by the mapping's rules, by rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filtered: BTreeMap<String, u64>,
    /// Rows set aside, since they cannot be read as exchanges, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_aside: BTreeMap<String, Counted>,
    /// Rows without a `request_id` that agree in account and time with a row of another file, and are counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub alike: u64,
    /// Counts of the columns that were read.
    pub columns: BTreeMap<Column, ColumnTally>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Tally {
    /// Reason of rows without an account.
    pub const NO_ACCOUNT: &str = "no account";
    /// Reason of rows whose account would stand in JSON text that cannot be read. A caller can make it too long.
    pub const CUT_TEXT: &str = "no account, since the JSON text that may have it is cut or damaged";
    /// Reason of rows whose account would be a part of a text that does not fit the pattern. A caller may choose the text.
    pub const NO_PART: &str = "no account, since the text that may have it does not fit the pattern";
    /// Reason of rows with a word such as `null` or `-` in place of an account.
    pub const WORD_FOR_NONE: &str = "a word for none as the account";

    /// Adds the counts of rows that are later in the order of files and rows.
    pub fn merge(&mut self, later: Self) {
        self.rows += later.rows;
        self.exchanges += later.exchanges;
        self.alike += later.alike;
        for (rule, rows) in later.filtered {
            *self.filtered.entry(rule).or_default() += rows;
        }
        for (reason, counted) in later.set_aside {
            self.set_aside.entry(reason).or_default().merge(counted);
        }
        for (column, tally) in later.columns {
            let own = self.columns.entry(column).or_default();
            own.missing += tally.missing;
            own.placeholders += tally.placeholders;
            own.replaced += tally.replaced;
            own.continued += tally.continued;
            own.completed += tally.completed;
            own.add_words(tally.words);
            for (kind, counted) in tally.unread {
                own.unread.entry(kind).or_default().merge(counted);
            }
            for (source, rows) in tally.fallback {
                *own.fallback.entry(source).or_default() += rows;
            }
        }
    }

    /// Number of rows set aside.
    pub fn set_aside_rows(&self) -> u64 {
        self.set_aside.values().map(|counted| counted.rows).sum()
    }

    /// Number of rows left out by the mapping's rules.
    pub fn filtered_rows(&self) -> u64 {
        self.filtered.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_the_first_places_stay() {
        let one = |file: &str, rows: u64| {
            let mut tally = Tally { rows, exchanges: rows - 2, ..Tally::default() };
            let counted = tally.set_aside.entry("no account".into()).or_default();
            (0..2).for_each(|row| {
                counted.add(|| Spot { file: file.into(), row, line: None, value: String::new() })
            });
            tally.columns.entry(Column::Ip).or_default().missing = 1;
            tally
        };
        let mut all = one("a", 10);
        all.merge(one("b", 20));
        assert_eq!((all.rows, all.exchanges, all.set_aside_rows()), (30, 26, 4));
        let files: Vec<&str> =
            all.set_aside["no account"].first.iter().map(|spot| spot.file.as_str()).collect();
        assert_eq!(files, ["a", "a", "b"]);
        assert_eq!(all.columns[&Column::Ip].missing, 2);
    }
}
