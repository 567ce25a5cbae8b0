//! Where the prompts come from, seen from the topics: rows with text or a vector.

use std::sync::{Mutex, PoisonError};

use crate::cache::{CacheError, RowId};
use crate::model::Watcher;

/// What one row asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Content<'a> {
    /// The prompt's text.
    pub text: Option<&'a str>,
    /// The prompt's embedding.
    pub vector: Option<&'a [f32]>,
}

/// What is done with a chunk of rows.
pub(super) type Visit<'a> = dyn Fn(&[(RowId, Content<'_>)]) -> Result<(), CacheError> + Sync + 'a;

/// The prompts of a case, to be gone through several times.
pub(super) trait Prompts: Sync {
    /// Rows in all, numbered from 0.
    fn rows(&self) -> usize;
    /// Whether some row may have text.
    fn has_text(&self) -> bool;
    /// Whether some row may have an embedding.
    fn has_vectors(&self) -> bool;
    /// Calls `visit` with every row once, in chunks, in parallel and in no order. Says how far it
    /// is as `phase`.
    fn visit(&self, phase: &str, watcher: &dyn Watcher, visit: &Visit<'_>) -> Result<(), CacheError>;
}

/// Makes something of every row, in parallel, and hands it to `store`, one chunk at a time, in no
/// order: `store` must put things where their row says.
pub(super) fn collect<T: Send>(
    prompts: &dyn Prompts,
    phase: &str,
    watcher: &dyn Watcher,
    make: impl Fn(RowId, Content<'_>) -> Option<T> + Sync,
    store: impl FnMut(RowId, T) + Send,
) -> Result<(), CacheError> {
    let store = Mutex::new(store);
    prompts.visit(phase, watcher, &|chunk| {
        let made: Vec<(RowId, T)> =
            chunk.iter().filter_map(|&(row, content)| Some((row, make(row, content)?))).collect();
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        made.into_iter().for_each(|(row, made)| store(row, made));
        Ok(())
    })
}

/// A 64-bit key of some bytes. Equal bytes have equal keys; two different prompts share one by
/// chance once in 2⁶⁴, which costs one of them its own place on the map and nothing else.
pub(super) fn key(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let hash = bytes.into_iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x517c_c1b7_2722_0a95)
    });
    crate::stats::splitmix::number(hash, 0).max(1)
}

#[cfg(test)]
pub(super) mod memory {
    use super::*;

    /// Prompts in memory: those of each account, account by account.
    pub(in super::super) struct InMemory {
        pub texts: Vec<String>,
        pub vectors: Vec<Vec<f32>>,
    }

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

        fn visit(&self, _: &str, _: &dyn Watcher, visit: &Visit<'_>) -> Result<(), CacheError> {
            use rayon::prelude::*;
            let rows: Vec<usize> = (0..self.rows()).collect();
            rows.par_chunks(100).try_for_each(|chunk| {
                let chunk: Vec<_> = chunk
                    .iter()
                    .map(|&at| {
                        let text = self.texts.get(at).map(String::as_str);
                        (at as RowId, Content { text, vector: self.vectors.get(at).map(Vec::as_slice) })
                    })
                    .collect();
                visit(&chunk)
            })
        }
    }
}
