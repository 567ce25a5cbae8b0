//! Whole records, prompt and response included, read from the snapshot by row.

use super::{Cache, CacheError, RowId};
use crate::model::{ExchangeRef, Record, Watcher};
use crate::snapshot::Sources;

/// The whole records of some exchanges, in the order asked.
///
/// # Errors
/// Where a snapshot's file is gone, has changed (its SHA-256 is checked once a session) or cannot
/// be read, or the cache has no such row.
pub fn records(
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    watcher: &dyn Watcher,
) -> Result<Vec<Record>, CacheError> {
    todo!()
}

impl Cache {
    /// The lasting name of a row.
    ///
    /// # Errors
    /// Where the cache has no such row or cannot be read.
    pub fn exchange_ref(&self, row: RowId) -> Result<ExchangeRef, CacheError> {
        todo!()
    }

    /// The row of a lasting name; `None` where no snapshot of the case has it. An exchange that
    /// was counted once out of several snapshots is found by any of its names.
    ///
    /// # Errors
    /// Where the cache cannot be read.
    pub fn row_of(&self, exchange: &ExchangeRef) -> Result<Option<RowId>, CacheError> {
        todo!()
    }
}
