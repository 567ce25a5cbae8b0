//! Words in prompts and responses, scanned in the snapshots themselves.

use crate::cache::{Cache, CacheError, RowId, Selection};
use crate::model::Watcher;
use crate::snapshot::Sources;

/// One exchange that has the words.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Which exchange.
    pub row: RowId,
    /// `prompt_text` or `response_text`.
    pub column: &'static str,
    /// Some 80 characters around the first word found, as the log has them; hostile.
    pub excerpt: String,
}

/// Finds the exchanges of a selection whose prompt or response has every word (case folded,
/// anywhere in the text; a phrase in double quotes is one word). Hits go to `found` as they come,
/// file by file; stops after `limit` hits and says whether it did.
///
/// # Errors
/// Where a snapshot's file cannot be read, or there are no words, or the work is cancelled.
pub fn search(
    cache: &Cache,
    sources: &Sources,
    selection: &Selection,
    words: &str,
    limit: usize,
    found: &mut dyn FnMut(Hit),
    watcher: &dyn Watcher,
) -> Result<bool, CacheError> {
    todo!()
}
