//! Topics, the map and prompt templates: the text pass.
//!
//! Embeddings where the snapshots have them (PCA to 64 dimensions), else a lexical space from the
//! prompts' text (hashed words and character n-grams, TF-IDF, randomized SVD to 100 dimensions).
//! The space and the topics are fitted on 30,000 distinct prompts, as many from each account, so
//! that no heavy account owns the model; all others are projected. The map is laid out on 15,000
//! of these: exact neighbours cost the square of their number, so 50,000 would take 11 times as
//! long. Every step is seeded and summed in a fixed order: the bytes depend on the
//! snapshots and on nothing else.
//!
//! The pass can be stopped or killed at any moment and goes on where it was: the fitted model and
//! the outputs of each row group are kept in a file beside the cache ([`pending`]), and the cache
//! has no topics until one last transaction gives it all of them. What comes out does not depend on
//! where it was interrupted.
//!
//! Memory, beside the open cache: 4 bytes a row for where it stands. The first pass takes 16 more a
//! row and, while it sorts, 0.5 a row and thread. The last takes 6 more a row, and after one another
//! what is kept of the sample (the bytes of a `SampleOutput` and 4, of 6 million exchanges at most) and
//! again 6 a row. So at 28.8 million exchanges of which no two ask the same: 0.6 GB at first, less than
//! 0.3 GB and the sample at last, and in between 0.2 GB for the model and 15 MB a thread for the words
//! it remembers. Never stores text beyond the
//! words of labels and templates. No signal may be computed from map coordinates.

mod assign;
mod census;
pub mod classes;
mod features;
mod fit;
mod labels;
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

/// Does what is left of a cache's text pass: afterwards the file has the tables `topics`,
/// `topic_model`, `topic_segments` and `prompt_samples`, and the values of the attribute prompt
/// template. Where there is neither text nor embedding, `topic_model` says so under `absent` and
/// there are no topics. `cache` itself stays as it was opened; open the file again to see them.
/// Nobody else may run the pass of this cache at the same time. A prompt that cannot be read is
/// taken as missing and its place is given back; those of row groups that an earlier, interrupted
/// pass has done are not among them.
///
/// # Errors
/// Where a snapshot or the cache cannot be read or written, or the work was cancelled. The cache is
/// as it was, and what was done is not lost: call again.
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
            // What was kept does not hold together; the next attempt begins anew.
            forget(cache.path())?;
        }
        let (fitted, outputs) = done?;
        store::store(cache, &files, &fitted, outputs, watcher)?;
        unreadable = files.unreadable();
    }
    forget(cache.path())?;
    Ok(unreadable)
}

/// Throws away what is kept of an unfinished pass; there may be nothing.
fn forget(cache_path: &Path) -> Result<(), CacheError> {
    Pending::remove(cache_path)
}

#[cfg(test)]
mod tests;
