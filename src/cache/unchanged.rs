//! Verification that files are unchanged since their import.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{CacheError, CachedFile};
use crate::files;
use crate::model::{Digest, ExchangeRef, Watcher};

/// Positions of the files that were found unchanged; each file is hashed once.
#[derive(Default)]
pub(super) struct Unchanged(Mutex<BTreeSet<u32>>);

impl Unchanged {
    /// Checks that a file still has the SHA-256 of its import. `row` is the row to be read from it, for
    /// the error.
    ///
    /// # Errors
    /// The file has changed or cannot be read, or the work was cancelled.
    pub fn check(
        &self,
        (at, file): (u32, &CachedFile),
        path: &Path,
        row: u64,
        watcher: &dyn Watcher,
    ) -> Result<(), CacheError> {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&at) {
            return Ok(());
        }
        if hash(path, watcher)? != file.sha256 {
            let exchange = ExchangeRef { snapshot: file.snapshot, file: file.name.clone(), row };
            return Err(CacheError::Changed { path: path.to_owned(), exchange });
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(at);
        Ok(())
    }
}

fn hash(path: &Path, watcher: &dyn Watcher) -> Result<Digest, CacheError> {
    let opened = File::open(path).map_err(CacheError::io(path))?;
    let (sha256, _) = files::sha256(opened, CacheError::io(path), |_| Ok(watcher.check()?))?;
    Ok(sha256)
}
