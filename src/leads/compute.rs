//! The whole way from a cache to its leads.

use super::Leads;
use crate::cache::{Cache, LinkRow};
use crate::model::{Cancelled, Watcher};

/// Computes links, signals and leads with a fixed seed. An empty cache has no leads.
///
/// # Errors
/// Only when cancelled.
pub fn compute(cache: &Cache, watcher: &dyn Watcher) -> Result<(Leads, Vec<LinkRow>), Cancelled> {
    todo!()
}
