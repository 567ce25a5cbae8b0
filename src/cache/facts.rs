//! Facts about a load that a person should know: stored with the cache, read when asked for.

use rusqlite::OptionalExtension as _;

use super::CacheError;
use super::file::CacheFile;

/// Facts about a load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadFacts {
    /// `request_id`s that stand on exchanges which differ in account, time or content. A lower
    /// bound where the case has more ids than memory allows to compare.
    pub shared_ids: u64,
    /// Exchanges that have one of these ids; each is counted.
    pub exchanges_of_shared_ids: u64,
}

/// Reads the facts about the load that made a cache.
///
/// # Errors
/// Where the cache cannot be read.
pub(super) fn read(file: &CacheFile) -> Result<LoadFacts, CacheError> {
    let connection = file.connection()?;
    let count = |key: &str| {
        let value = connection
            .query_row("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1", [key], |row| {
                row.get::<_, i64>(0)
            })
            .optional()
            .map_err(file.failed())?;
        Ok::<u64, CacheError>(value.map_or(0, i64::unsigned_abs))
    };
    Ok(LoadFacts {
        shared_ids: count("shared_ids")?,
        exchanges_of_shared_ids: count("exchanges_of_shared_ids")?,
    })
}
