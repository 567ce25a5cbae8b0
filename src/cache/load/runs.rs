//! Runs: the rows of one reading task, sorted by partition and packed.
//!
//! Runs are kept in memory up to a budget, and in one unnamed temporary file beyond it. The split
//! depends on threads and budget; the rows returned do not.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::cache::CacheError;

/// Blocks of one task, one per partition, in order.
pub(super) struct Run {
    place: Place,
    /// End of the block of each partition, in bytes.
    ends: Vec<u64>,
}

enum Place {
    Memory(Box<[u8]>),
    /// Offset in the file, in bytes.
    Disk(u64),
}

/// Store of runs.
pub(super) struct Runs {
    /// Folder of the temporary file.
    folder: PathBuf,
    budget: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: u64,
    file: Option<File>,
    written: u64,
}

impl Runs {
    /// Store of up to `budget` bytes in memory; the rest goes to a file in `folder`, which the system
    /// removes when the process ends.
    pub(super) fn new(folder: &Path, budget: u64) -> Self {
        Self { folder: folder.to_owned(), budget, state: Mutex::default() }
    }

    /// Stores the blocks of a task; `ends` are the ends of the partitions' blocks, in bytes.
    ///
    /// # Errors
    /// The disk is full or cannot be written.
    pub(super) fn keep(&self, blocks: &[u8], ends: Vec<u64>) -> Result<Run, CacheError> {
        let failed = CacheError::io(&self.folder);
        // The state changes last, so that a panic of another thread leaves it consistent.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = blocks.len() as u64;
        if state.held + bytes <= self.budget {
            state.held += bytes;
            drop(state);
            return Ok(Run { place: Place::Memory(blocks.into()), ends });
        }
        let start = state.written;
        if state.file.is_none() {
            state.file = Some(tempfile::tempfile_in(&self.folder).map_err(&failed)?);
        }
        if let Some(file) = &mut state.file {
            file.seek(SeekFrom::Start(start)).and_then(|_| file.write_all(blocks)).map_err(&failed)?;
        }
        state.written = start + bytes;
        Ok(Run { place: Place::Disk(start), ends })
    }

    /// Block of a partition in a run.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub(super) fn block<'a>(&self, run: &'a Run, partition: usize) -> Result<Cow<'a, [u8]>, CacheError> {
        let start = if partition == 0 { 0 } else { run.ends[partition - 1] as usize };
        let end = run.ends[partition] as usize;
        let from = match &run.place {
            Place::Memory(blocks) => return Ok(Cow::Borrowed(&blocks[start..end])),
            Place::Disk(from) => from + start as u64,
        };
        let mut block = vec![0; end - start];
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut state.file {
            file.seek(SeekFrom::Start(from))
                .and_then(|_| file.read_exact(&mut block))
                .map_err(CacheError::io(&self.folder))?;
        }
        Ok(Cow::Owned(block))
    }

    /// Number of bytes written to disk.
    #[cfg(test)]
    pub(super) fn spilled(&self) -> u64 {
        self.state.lock().unwrap().written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_budget_runs_lie_on_disk_and_read_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let runs = Runs::new(folder.path(), 10);
        let kept: Vec<Run> = [b"abcdef", b"ghijkl", b"mnopqr"]
            .into_iter()
            .map(|bytes| runs.keep(bytes, vec![2, 2, 6]).unwrap())
            .collect();
        assert_eq!(runs.spilled(), 12);
        let blocks = |at: usize| -> Vec<Vec<u8>> {
            (0..3).map(|partition| runs.block(&kept[at], partition).unwrap().into_owned()).collect()
        };
        assert_eq!(blocks(0), [&b"ab"[..], b"", b"cdef"]);
        assert_eq!(blocks(1), [&b"gh"[..], b"", b"ijkl"]);
        assert_eq!(blocks(2), [&b"mn"[..], b"", b"opqr"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
    }
}
