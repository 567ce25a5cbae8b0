//! What can go wrong with a case, and the way out.

use std::path::PathBuf;

/// What can go wrong with a case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// SQLite could not read or write.
    #[error("{path}: {source}", path = path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}
