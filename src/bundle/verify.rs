//! Checking a bundle, whole, with nothing but the bundle.

use std::path::Path;

use super::BundleError;
use crate::model::Watcher;

/// One thing that is wrong with a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which file, relative to the bag; the bag itself is `.`.
    pub file: String,
    /// What is wrong.
    pub what: String,
}

/// Checks everything: the bag's form, every file's SHA-256, files too many and too few, the tag
/// manifest, both signatures, the journal's chain and checkpoint. Empty when all is sound.
///
/// # Errors
/// Where there is no bag, or it cannot be read, or cancelled.
pub fn verify(bag: &Path, watcher: &dyn Watcher) -> Result<Vec<Fault>, BundleError> {
    todo!()
}
