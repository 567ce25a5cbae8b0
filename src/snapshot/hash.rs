//! Hashing of files with progress, and verification of sealed files.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::{SnapshotError, SourceFile, Sources};
use crate::files;
use crate::model::{Digest, Watcher};

impl Sources {
    /// Hashes every file again. Returns one error for each file that is gone, unreadable or changed.
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn rehash(&self, watcher: &dyn Watcher) -> Result<Vec<SnapshotError>, SnapshotError> {
        let files: Vec<(&SourceFile, PathBuf)> = self
            .snapshots
            .iter()
            .flat_map(|snapshot| snapshot.files.iter().map(move |file| (file, self.path_of(snapshot, file))))
            .collect();
        let meter =
            Meter::new("hashing files again", files.iter().map(|(file, _)| file.bytes).sum(), watcher);
        let faults: Vec<Option<SnapshotError>> =
            files.par_iter().map(|(file, path)| rehash_one(file, path, &meter).err()).collect();
        watcher.check()?;
        Ok(faults.into_iter().flatten().collect())
    }
}

fn rehash_one(file: &SourceFile, path: &Path, meter: &Meter<'_>) -> Result<(), SnapshotError> {
    let opened = File::open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => {
            SnapshotError::Gone { file: file.name.clone(), path: path.to_owned(), sha256: file.sha256 }
        }
        _ => SnapshotError::io(path, e),
    })?;
    let (found, _) = hash(opened, path, meter, |_| Ok(()))?;
    if found == file.sha256 {
        return Ok(());
    }
    let (name, path) = (file.name.clone(), path.to_owned());
    Err(SnapshotError::Changed { file: name, path, expected: file.sha256, found })
}

/// SHA-256 and length in bytes of a file. Each piece is passed on, then cancellation is checked.
pub(super) fn hash(
    file: impl io::Read,
    path: &Path,
    meter: &Meter<'_>,
    mut each: impl FnMut(&[u8]) -> Result<(), SnapshotError>,
) -> Result<(Digest, u64), SnapshotError> {
    files::sha256(
        file,
        |error| SnapshotError::io(path, error),
        |chunk| {
            each(chunk)?;
            meter.add(chunk.len() as u64)
        },
    )
}

/// Number of bytes done by all threads.
pub(super) struct Meter<'a> {
    phase: &'static str,
    done: AtomicU64,
    pub total: u64,
    pub watcher: &'a dyn Watcher,
}

impl<'a> Meter<'a> {
    pub(super) fn new(phase: &'static str, total: u64, watcher: &'a dyn Watcher) -> Self {
        Self { phase, done: AtomicU64::new(0), total, watcher }
    }

    pub(super) fn add(&self, bytes: u64) -> Result<(), SnapshotError> {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.watcher.step(self.phase, done, self.total, "bytes");
        Ok(self.watcher.check()?)
    }
}
