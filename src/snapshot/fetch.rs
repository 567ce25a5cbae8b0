//! Whole records by row.

use std::path::Path;

use super::{Column, Mapping, SnapshotError};
use crate::model::{Digest, Record};

/// The records at some rows of a file, in that order; `rows` must ascend without repetition.
/// Every column of `columns` (or of [`Column::ALL`]) is in each record, in canonical order:
/// times as whole microseconds UTC, missing values and what the file lacks as `null`, embeddings
/// as arrays. JSON has no infinities, so a float that is none or infinite is `null`.
///
/// # Errors
/// As for [`read`](super::read()), and a row that the file does not have.
pub fn fetch(
    path: &Path,
    name: &str,
    mapping: &Mapping,
    rows: &[u64],
    snapshot: Digest,
    columns: Option<&[Column]>,
) -> Result<Vec<Record>, SnapshotError> {
    todo!()
}
