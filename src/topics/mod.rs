//! Topics, the map and prompt templates: the text pass.
//!
//! Embeddings where the snapshots have them (PCA to 64 dimensions), else a lexical space from the
//! prompts' text (hashed words and character n-grams, TF-IDF, randomized SVD to 100 dimensions).
//! The space and the topics are fitted on 30,000 distinct prompts, as many from each account, so
//! that heavy accounts do not dominate the model; all others are projected. The map is laid out on
//! 15,000 of these: exact neighbours cost the square of their number, so 50,000 would take 11 times as
//! long. Every step is seeded and summed in a fixed order, so that the bytes depend on the snapshots
//! alone.
//!
//! The pass can be stopped or killed at any moment and resumed: the fitted model and the outputs of
//! each row group are stored in a file beside the cache ([`pending`]), and one last transaction writes
//! all topics into the cache. The result does not depend on interruptions.
//!
//! Memory, beside the open cache: 4 bytes per row for its position. The first pass takes 16 more per
//! row and, during sorting, 0.5 per row and thread. The last pass takes 6 more per row, and one after
//! the other the sample (the bytes of a `SampleOutput` and 4, for at most 6 million exchanges) and
//! again 6 per row. At 28.8 million distinct exchanges that is 0.6 GB at first, less than 0.3 GB and
//! the sample at last, and in between 0.2 GB for the model and 15 MB per thread for cached words. No
//! text is stored except the words of labels and templates. No signal may be computed from map
//! coordinates.

mod assign;
mod census;
pub mod classes;
mod features;
mod fit;
mod labels;
mod labels_unspaced;
mod map;
mod model;
mod outputs;
mod pass;
mod pending;
mod prompts;
mod rows;
mod shingles;
mod source;
mod space;
mod store;
mod template;
mod templates;
mod vector;
mod vocabulary;
mod words;

use std::path::Path;

use pending::Pending;
pub(crate) use vector::{LENGTH, similarity};

use crate::cache::{Cache, CacheError, UnreadablePlace};
use crate::model::Watcher;
use crate::snapshot::Sources;

/// Completes the text pass of a cache: afterwards the file has the tables `topics`, `topic_model`,
/// `topic_segments` and `prompt_samples`, and the values of the attribute prompt template. Without
/// text and embeddings there are no topics, and `topic_model` has the reason under `absent`. `cache`
/// itself is unchanged; open the file again to read the results. At most one pass of a cache may run
/// at a time. Returns the places of prompts that could not be read and were taken as missing, except
/// those of row groups that an earlier, interrupted pass completed.
///
/// # Errors
/// A snapshot or the cache cannot be read or written, or the work was cancelled. The cache is then
/// unchanged; the next call resumes the pass.
pub fn finish(
    cache: &Cache,
    sources: &Sources,
    watcher: &dyn Watcher,
) -> Result<Vec<UnreadablePlace>, CacheError> {
    let mut unreadable = Vec::new();
    if !cache.is_text_pass_finished()? {
        let files = source::Files::new(cache, sources, watcher)?;
        let pending = Pending::open(cache.path(), cache.fingerprint())?;
        let done = pass::run(&files, &cache.hot().offsets, &pending, watcher);
        drop(pending);
        if matches!(done, Err(CacheError::Damaged { .. })) {
            // The stored results are inconsistent; the next call starts from the beginning.
            discard(cache.path())?;
        }
        let (fitted, outputs) = done?;
        store::store(cache, &files, &fitted, outputs, watcher)?;
        unreadable = files.unreadable();
    }
    discard(cache.path())?;
    Ok(unreadable)
}

/// Removes the results of an unfinished pass; succeeds if there are none.
fn discard(cache_path: &Path) -> Result<(), CacheError> {
    Pending::remove(cache_path)
}

#[cfg(test)]
mod tests;
