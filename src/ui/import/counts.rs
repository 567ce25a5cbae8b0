//! Counts of a sampled column in a sentence.

use crate::snapshot::ColumnPreview;
use crate::ui::words;

/// Counts of a sampled column in a sentence.
pub fn counts(own: &ColumnPreview) -> String {
    let mut sentence = format!(
        "{} of {} have a value",
        words::count(own.present),
        words::counted(own.sampled, "sampled row", "sampled rows")
    );
    if own.placeholders > 0 {
        sentence += &format!(
            "; {} such as None count as missing",
            words::counted(own.placeholders, "value", "values")
        );
    }
    if own.replaced > 0 {
        sentence += &format!("; {} not UTF-8", words::counted(own.replaced, "value is", "values are"));
    }
    sentence + "."
}
