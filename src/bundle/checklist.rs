//! What has to be done before a bundle may leave, and whether it is.

use crate::cache::Cache;
use crate::case::State;
use crate::leads::Leads;
use crate::model::Watcher;
use crate::snapshot::Sources;

use super::{Audience, BundleError};

/// Where one item of the checklist stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// Done.
    Done,
    /// Not done by the investigator; the bundle says so in so many words and claims nothing
    /// that rests on it.
    Stated,
    /// Not done; no bundle is written.
    Refused,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckItem {
    /// Short name: `sources`, `evidence`, `alternatives`, `controls`, `clocks`.
    pub id: &'static str,
    /// What is demanded.
    pub title: String,
    /// Where it stands.
    pub state: CheckState,
    /// What was found, and what to do where it is not done.
    pub detail: String,
}

/// Goes through the checklist. Hashes the sources again, which takes as long as reading them.
///
/// # Errors
/// Cancelled, or a source or the cache cannot be read at all.
pub fn checklist(
    state: &State,
    sources: &Sources,
    cache: &Cache,
    leads: &Leads,
    audience: Audience,
    watcher: &dyn Watcher,
) -> Result<Vec<CheckItem>, BundleError> {
    todo!()
}
