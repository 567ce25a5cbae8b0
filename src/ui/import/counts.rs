//! Counts of a sampled column in a sentence.

use crate::snapshot::ColumnPreview;
use crate::ui::words;

/// Counts of a sampled column in a sentence.
pub fn counts(own: &ColumnPreview) -> String {
    let mut said = format!(
        "{} of {} have a value",
        words::count(own.present),
        words::counted(own.sampled, "sampled row", "sampled rows")
    );
    if own.nothing > 0 {
        said +=
            &format!("; {} stand for nothing, such as None", words::counted(own.nothing, "value", "values"));
    }
    if own.replaced > 0 {
        said += &format!("; {} not UTF-8", words::counted(own.replaced, "value is", "values are"));
    }
    said + "."
}
