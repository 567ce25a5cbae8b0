//! Arrays of source columns in a batch, unconverted.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};

use super::extract::{self, Rendered};
use super::source::{Found, Place};

/// Array of a source column, unconverted.
pub(super) fn raw(found: &Found, batch: &RecordBatch) -> Result<ArrayRef, String> {
    raw_as(found, batch, Rendered::Never)
}

/// As [`raw`], with values in JSON text as conversations.
pub(super) fn raw_as(found: &Found, batch: &RecordBatch, rendered: Rendered) -> Result<ArrayRef, String> {
    match &found.place {
        Place::Rows(path) => extract::array(batch, path, rendered)
            .ok_or_else(|| "a column is not where the footer says".to_owned()),
        Place::Items(items) => extract::list_of_columns(batch, items)
            .ok_or_else(|| "a column is not where the footer says".to_owned()),
        Place::Whole(value) => {
            let texts: StringArray = (0..batch.num_rows()).map(|_| value.as_deref()).collect();
            Ok(Arc::new(texts))
        }
    }
}
