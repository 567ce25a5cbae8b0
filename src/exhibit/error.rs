//! What can go wrong with an exhibit.

use crate::cache::CacheError;
use crate::model::Cancelled;

/// What can go wrong with an exhibit.
#[derive(Debug, thiserror::Error)]
pub enum ExhibitError {
    /// No exhibit is called that.
    #[error("no exhibit is called “{name}”; there are {known}")]
    UnknownKind {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The scope could not be read from the cache.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
