//! From a scope to the rows it means.

use std::ops::Range;

use super::{AccountIndex, Cache, CacheError, RowId};
use crate::model::{Scope, Watcher};

/// The exchanges of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Consecutive rows, ascending, not touching across accounts: no run has rows of two accounts.
    pub runs: Vec<Range<RowId>>,
    /// The accounts with at least one row, ascending.
    pub accounts: Vec<AccountIndex>,
    /// Rows in all.
    pub exchanges: u64,
}

impl Selection {
    /// Every row number, ascending.
    pub fn rows(&self) -> impl Iterator<Item = RowId> + '_ {
        self.runs.iter().flat_map(Clone::clone)
    }
}

impl Cache {
    /// The rows that a scope means. Accounts and values that the cache does not know select nothing.
    ///
    /// # Errors
    /// Cancelled, or the cache cannot be read, or a topic no longer means what it meant when the
    /// scope was made.
    pub fn select(&self, scope: &Scope, watcher: &dyn Watcher) -> Result<Selection, CacheError> {
        todo!()
    }
}
