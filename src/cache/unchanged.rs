//! Files found unchanged since they were imported.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{CacheError, CachedFile};
use crate::files;
use crate::model::{Digest, ExchangeRef, Watcher};

/// Files found unchanged since the cache was opened, by position; each is hashed once.
#[derive(Default)]
pub(super) struct Unchanged(Mutex<BTreeSet<u32>>);

impl Unchanged {
    /// Checks that a file has the SHA-256 it had when it was imported. `row` is the one wanted of it.
    ///
    /// # Errors
    /// A file that has changed or cannot be read, or the work was cancelled.
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
