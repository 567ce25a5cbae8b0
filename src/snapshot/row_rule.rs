//! Rules of a mapping for the rows of a file that are exchanges.

use arrow_array::{Array as _, BooleanArray, RecordBatch};

use super::SnapshotError;
use super::convert::as_text;
use super::file::File;
use super::mapping::RowRule;
use super::missing::is_placeholder;
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
        let holds = |text: Option<&str>| {
            let Some(text) = text.filter(|text| !is_placeholder(text)) else { return false };
            self.rule.is.is_empty() || self.rule.is.iter().any(|is| is.eq_ignore_ascii_case(text.trim()))
        };
        let text = |i: usize| texts.iter().find(|own| own.is_valid(i)).map(|own| own.value(i));
        Ok((0..batch.num_rows()).map(|i| Some(holds(text(i)))).collect())
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
