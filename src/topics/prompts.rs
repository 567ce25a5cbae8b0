//! Source of prompts for the text pass: rows with text or a vector, in row groups.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::cache::{CacheError, RowId};
use crate::model::{Digest, Watcher};

/// Number of rows between two progress reports.
const REPORT: u64 = 16_384;

/// Prompt of one row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Content<'a> {
    /// Text of the prompt.
    pub text: Option<&'a str>,
    /// Embedding of the prompt.
    pub vector: Option<&'a [f32]>,
}

impl Content<'_> {
    /// Key of text and vector together; 0 without both.
    pub(super) fn key(self) -> u64 {
        let text = self.text.map_or(0, |text| key(text.as_bytes()));
        match self.vector {
            Some(vector) => text.rotate_left(1) ^ vector_key(vector),
            None => text,
        }
    }
}

/// Function that receives chunks of rows.
pub(super) type Visit<'a> = dyn FnMut(&[(RowId, Content<'_>)]) -> Result<(), CacheError> + 'a;

/// Prompts of a case, which are read several times.
pub(super) trait Prompts: Sync {
    /// Number of rows, which are numbered from 0.
    fn rows(&self) -> usize;
    /// True if rows may have text.
    fn has_text(&self) -> bool;
    /// True if rows may have an embedding.
    fn has_vectors(&self) -> bool;
    /// Number of row groups of all files, which are numbered from 0 and read one at a time.
    fn groups(&self) -> usize;
    /// Rows of a group, in the order of reading.
    fn rows_of(&self, group: usize) -> Vec<RowId>;
    /// Calls `visit` with every row of a group once, in order, in chunks.
    fn read(&self, group: usize, watcher: &dyn Watcher, visit: &mut Visit<'_>) -> Result<(), CacheError>;
    /// Prompts with bytes that are not UTF-8 among the row groups read so far, by snapshot.
    fn not_utf8(&self) -> BTreeMap<Digest, u64> {
        BTreeMap::new()
    }
}

/// Progress of a pass over the prompts.
pub(super) struct Meter<'a> {
    phase: &'a str,
    done: AtomicU64,
    total: u64,
    watcher: &'a dyn Watcher,
}

impl<'a> Meter<'a> {
    /// Progress of `done` rows out of `total`.
    pub(super) fn new(phase: &'a str, done: usize, total: usize, watcher: &'a dyn Watcher) -> Self {
        watcher.step(phase, done as u64, total as u64, "rows");
        Self { phase, done: AtomicU64::new(done as u64), total: total as u64, watcher }
    }

    /// Adds rows that are done.
    pub(super) fn add(&self, rows: usize) {
        let before = self.done.fetch_add(rows as u64, Ordering::Relaxed);
        let now = before + rows as u64;
        if before / REPORT != now / REPORT {
            self.watcher.step(self.phase, now, self.total, "rows");
        }
    }
}

/// Maps every row through `make`, in parallel, and passes the results to `store`, one chunk at a time
/// and in no defined order: `store` must place each result by its row.
pub(super) fn collect<T: Send>(
    prompts: &dyn Prompts,
    phase: &str,
    watcher: &dyn Watcher,
    make: impl Fn(RowId, Content<'_>) -> Option<T> + Sync,
    store: impl FnMut(RowId, T) + Send,
) -> Result<(), CacheError> {
    let store = Mutex::new(store);
    let meter = Meter::new(phase, 0, prompts.rows(), watcher);
    (0..prompts.groups()).into_par_iter().try_for_each(|group| {
        prompts.read(group, watcher, &mut |chunk| {
            let made: Vec<(RowId, T)> =
                chunk.iter().filter_map(|&(row, content)| Some((row, make(row, content)?))).collect();
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            made.into_iter().for_each(|(row, made)| store(row, made));
            meter.add(chunk.len());
            Ok(())
        })
    })
}

/// 64-bit key of bytes, never 0. Equal bytes have equal keys. Two different prompts have the same key
/// with probability 2⁻⁶⁴; one of them then has the outputs of the other.
pub(super) fn key(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let words = words.iter().copied().chain([last, (bytes.len() as u64).to_le_bytes()]);
    mix(words.map(u64::from_le_bytes))
}

/// [`key`] of the bits of numbers.
pub(super) fn vector_key(vector: &[f32]) -> u64 {
    mix(vector.iter().map(|x| u64::from(x.to_bits())))
}

fn mix(words: impl Iterator<Item = u64>) -> u64 {
    let hash = words.fold(0xcbf2_9ce4_8422_2325u64, |hash, word| {
        (hash.rotate_left(29) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
    });
    crate::stats::splitmix::number(hash, 0).max(1)
}

#[cfg(test)]
pub(super) mod memory {
    use super::*;

    /// Prompts in memory: those of each account, account by account.
    pub(crate) struct InMemory {
        pub texts: Vec<String>,
        pub vectors: Vec<Vec<f32>>,
    }

    /// Rows of a group.
    const GROUP: usize = 100;

    impl Prompts for InMemory {
        fn rows(&self) -> usize {
            self.texts.len().max(self.vectors.len())
        }

        fn has_text(&self) -> bool {
            !self.texts.is_empty()
        }

        fn has_vectors(&self) -> bool {
            !self.vectors.is_empty()
        }

        fn groups(&self) -> usize {
            self.rows().div_ceil(GROUP)
        }

        fn rows_of(&self, group: usize) -> Vec<RowId> {
            (group * GROUP..self.rows().min((group + 1) * GROUP)).map(|row| row as RowId).collect()
        }

        fn read(&self, group: usize, _: &dyn Watcher, visit: &mut Visit<'_>) -> Result<(), CacheError> {
            let content = |row: RowId| {
                let at = row as usize;
                let text = self.texts.get(at).map(String::as_str);
                (row, Content { text, vector: self.vectors.get(at).map(Vec::as_slice) })
            };
            visit(&self.rows_of(group).into_iter().map(content).collect::<Vec<_>>())
        }
    }

    #[test]
    fn keys_tell_lengths_apart() {
        assert_ne!(key(b""), key(b"\0"));
        assert_ne!(key(b"12345678"), key(b"12345678\0"));
        assert_eq!(Content::default().key(), 0);
        assert_ne!(Content { text: Some(""), vector: None }.key(), 0);
    }
}
