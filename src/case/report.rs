//! Report of an import: files, rows and columns, and what the case makes of them.

use serde::{Deserialize, Serialize};

use crate::model::Micros;
use crate::snapshot::ImportReport;

/// Report of an import, with what the case makes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseReport {
    /// Files, rows and columns.
    #[serde(flatten)]
    pub import: ImportReport,
    /// Rows of the whole case that are one exchange with another.
    pub merged: u64,
    /// First and last exchange of the case.
    pub span: Option<(Micros, Micros)>,
    /// Exchanges far from the rest, at times that clocks show when they are not set.
    pub outliers: Outliers,
    /// Signals that cannot be measured, with the column that is missing.
    pub lost_signals: Vec<LostSignal>,
    /// Prompts of the snapshot with bytes that are not UTF-8; `None` until the text pass has read them.
    #[serde(default)]
    pub prompts_not_utf8: Option<u64>,
}

/// Exchanges far from the rest in time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outliers {
    /// Exchanges before the rest.
    pub before: u64,
    /// Exchanges after the rest.
    pub after: u64,
    /// Span of the rest.
    pub rest: Option<(Micros, Micros)>,
}

/// A signal that cannot be measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostSignal {
    /// The signal.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Reason.
    pub reason: String,
}

impl LostSignal {
    /// Reason of a signal that is measured later.
    pub const AFTER_TEXT_PASS: &str = "because the text pass has not ended; it is measured after that";
}

impl CaseReport {
    /// Report for other organisations: without values that could not be read, and without the folders of
    /// files that were left out. Without the files taken, which stand in `sources.csv`, and
    /// with the first 10,000 left out.
    #[must_use]
    pub fn for_others(mut self) -> Self {
        let spots = self
            .import
            .set_aside
            .values_mut()
            .chain(self.import.columns.iter_mut().flat_map(|column| column.tally.unread.values_mut()));
        spots.flat_map(|counted| &mut counted.first).for_each(|spot| spot.value.clear());
        self.import.columns.iter_mut().for_each(|column| column.tally.words.clear());
        self.import.files.clear();
        self.import.left_out.truncate(10_000);
        for left in &mut self.import.left_out {
            if let Some((_, name)) = left.name.rsplit_once(['/', '\\']) {
                left.name = name.to_owned();
            }
        }
        self
    }
}
