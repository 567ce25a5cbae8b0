//! Leads in the cache's tables, so that opening a case does not compute them again.

use std::path::Path;

use super::Leads;
use crate::cache::{Cache, CacheError, LinkRow};

/// Stores leads and links in a cache file, in one transaction, replacing what was there.
///
/// # Errors
/// Where the cache cannot be written.
pub fn save(cache_path: &Path, leads: &Leads, links: &[LinkRow]) -> Result<(), CacheError> {
    todo!()
}

/// The stored leads; `None` where there are none or they are of other signal versions.
///
/// # Errors
/// Where the cache cannot be read.
pub fn load(cache: &Cache) -> Result<Option<Leads>, CacheError> {
    todo!()
}
