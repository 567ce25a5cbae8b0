//! Rules of a mapping for the rows of a file that are exchanges.

use arrow_array::{Array as _, BooleanArray, RecordBatch};

use super::SnapshotError;
use super::convert::as_text;
use super::file::File;
use super::mapping::RowRule;
use super::missing::is_never_an_id;
use super::source::{Found, locate, other_reading};
use super::source_array::raw;

/// Rule for rows, with its column in a file. Without the column, no row of the file meets the rule.
pub(super) struct Rule {
    rule: RowRule,
    /// Its column, and the other reading of the name where it has two.
    found: Vec<Found>,
    reason: String,
}

impl Rule {
    /// Rule for the rows of a file.
    ///
    /// # Errors
    /// As [`locate`].
    pub fn new(file: &File, rule: &RowRule) -> Result<Self, SnapshotError> {
        let reason = match &rule.is[..] {
            [] => format!("{} is missing", rule.column),
            is => format!("{} is not {}", rule.column, is.join(" or ")),
        };
        let first = locate(file, &rule.column)?;
        let other = first.as_ref().and_then(|first| other_reading(file, &rule.column, first));
        Ok(Self { found: first.into_iter().chain(other).collect(), rule: rule.clone(), reason })
    }

    /// Flag of each row of a batch: true where the rule holds.
    pub fn holds(&self, batch: &RecordBatch) -> Result<BooleanArray, String> {
        let mut texts = Vec::with_capacity(self.found.len());
        for found in &self.found {
            texts.push(as_text(&raw(found, batch)?)?);
        }
        // A caller may send the word none, such as for a model.
        let holds = |text: &str| match &self.rule.is[..] {
            [] => !is_never_an_id(text),
            is => is.iter().any(|is| is.eq_ignore_ascii_case(text.trim())),
        };
        let text = |i: usize| texts.iter().find(|own| own.is_valid(i)).map(|own| own.value(i));
        Ok((0..batch.num_rows()).map(|i| Some(text(i).is_some_and(holds))).collect())
    }

    /// Its columns in the file.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// Reason why a row is left out by it.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Column;
    use crate::snapshot::fixture::{accounts, canonical, texts, times, write};

    #[test]
    fn a_word_for_none_that_a_caller_sends_hides_no_row() {
        let dir = tempfile::tempdir().unwrap();
        let columns =
            vec![("ts", times(4)), ("account_id", accounts(4)), ("kind", texts(&["m", "none", "", "-"]))];
        let path = write(&dir.path().join("f.parquet"), columns);
        let exchanges = |is: &[&str]| {
            let is = is.iter().map(|&is| is.to_owned()).collect();
            let mut mapping = canonical();
            mapping.rows = vec![RowRule { column: "kind".into(), is }];
            let file = File::open(&path, "f").unwrap();
            let mut reader = file.read(&mapping, &[Column::AccountId], None).unwrap();
            reader.by_ref().for_each(|batch| drop(batch.unwrap()));
            reader.tally().exchanges
        };
        assert_eq!((exchanges(&[]), exchanges(&["m"]), exchanges(&["NONE"])), (2, 1, 1));
    }
}
