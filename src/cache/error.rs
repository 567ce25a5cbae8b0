//! What can go wrong with a cache, and the way out.

use std::path::PathBuf;

use crate::model::Cancelled;
use crate::snapshot::SnapshotError;

/// What can go wrong with a cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// SQLite could not read or write.
    #[error("{path}: {source}", path = path.display())]
    Sqlite {
        /// The cache.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A snapshot could not be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
