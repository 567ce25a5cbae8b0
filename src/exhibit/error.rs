//! Errors of making an exhibit.

use crate::cache::CacheError;
use crate::model::Cancelled;

/// Error of making an exhibit.
#[derive(Debug, thiserror::Error)]
pub enum ExhibitError {
    /// No exhibit is called that.
    #[error("no exhibit is called “{name}”; the exhibits are {kinds}")]
    UnknownKind {
        /// Name asked for.
        name: String,
        /// Names of all exhibits.
        kinds: String,
    },
    /// The scope could not be read from the cache.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
