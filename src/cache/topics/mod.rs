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
//! Keeps about 90 bytes a distinct prompt and 4 bytes a row in memory. Never stores text beyond
//! the words of labels and templates. No signal may be computed from map coordinates.

mod census;
mod compute;
mod features;
mod labels;
mod map;
mod prompts;
mod source;
mod space;
pub(super) mod store;
mod template;
pub(super) mod vector;
mod words;

use std::path::Path;

use super::{Cache, CacheError};
use crate::model::Watcher;
use crate::snapshot::Sources;

/// Makes the topics of a loaded cache, in place of what it had: tables `topics`, `topic_model`,
/// `topic_segments`, and the values of the attribute prompt template. Where there is neither text
/// nor embedding, `topic_model` says so under `absent` and there are no topics. A cache that is
/// open must be opened again.
///
/// # Errors
/// Where a snapshot or the cache cannot be read or the cache not be written, or the work was
/// cancelled; then nothing has changed.
pub fn build(cache_path: &Path, sources: &Sources, watcher: &dyn Watcher) -> Result<(), CacheError> {
    let cache = Cache::open(cache_path, watcher)?;
    let files = source::Files::new(&cache, sources, watcher)?;
    let outcome = compute::compute(&files, &cache.hot().offsets, watcher)?;
    watcher.check()?;
    store::store(cache_path, &cache, &outcome)
}

#[cfg(test)]
mod tests {
    use crate::cache::testing::{cache, dump, row, snapshot};
    use crate::cache::{Cache, NO_TOPIC};
    use crate::model::{AttributeKind, Progress, Silent, Watcher};

    fn rows() -> Vec<crate::cache::testing::Row> {
        let mut rows = Vec::new();
        for n in 0..60 {
            let mut asked = row(["a", "b", "c"][n % 3], n as i64);
            let (thing, part) = (["bread", "code", "river"][n % 3], n / 3);
            asked.prompt = Some(format!("please tell me all you know about {thing} number {part} {thing}"));
            rows.push(asked);
        }
        rows[59].prompt = Some("\u{200b} ".into());
        rows
    }

    #[test]
    fn topics_are_stored_and_read_back_and_come_back_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (before, sources) = cache(folder.path(), vec![snapshot(folder.path(), &[("x.parquet", rows())])]);
        drop(before);
        let path = folder.path().join("cache.sqlite");
        super::build(&path, &sources, &Silent).unwrap();
        let built = Cache::open(&path, &Silent).unwrap();
        assert_eq!(built.topics().iter().map(|topic| topic.exchanges).sum::<u64>(), 59);
        // Row 59, the last of account c, asks nothing that can be seen.
        assert_eq!(built.hot().topic[59], NO_TOPIC);
        assert!(built.hot().place[59][0].is_nan());
        assert!(built.hot().place[0].iter().all(|x| (0.0..=1.0).contains(x)));
        let template = built
            .value_index(AttributeKind::PromptTemplate, "please tell me all you know about bread")
            .unwrap();
        assert_eq!(built.accounts_with(template), [0]);
        assert_eq!(built.values()[template as usize].exchanges, 20);
        let first = dump(&path);
        super::build(&path, &sources, &Silent).unwrap();
        assert_eq!(dump(&path), first);
    }

    #[test]
    fn without_text_the_model_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let (before, sources) =
            cache(folder.path(), vec![snapshot(folder.path(), &[("x.parquet", vec![row("a", 1)])])]);
        drop(before);
        let path = folder.path().join("cache.sqlite");
        super::build(&path, &sources, &Silent).unwrap();
        let built = Cache::open(&path, &Silent).unwrap();
        assert!(built.topics().is_empty() && built.hot().topic.is_empty());
        assert!(built.topic_model().absent.as_ref().unwrap().contains("prompt_text"));
    }

    /// Cancels once a phase is reached.
    struct StopAt(&'static str, std::sync::atomic::AtomicBool);

    impl Watcher for StopAt {
        fn report(&self, progress: Progress) {
            if progress.phase == self.0 {
                self.1.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        }

        fn is_cancelled(&self) -> bool {
            self.1.load(std::sync::atomic::Ordering::Relaxed)
        }
    }

    #[test]
    fn cancelled_it_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (_, sources) = cache(folder.path(), vec![snapshot(folder.path(), &[("x.parquet", rows())])]);
        let path = folder.path().join("cache.sqlite");
        let before = dump(&path);
        for phase in ["fitting the topic space", "laying out the map", "naming topics"] {
            assert!(super::build(&path, &sources, &StopAt(phase, false.into())).is_err(), "{phase}");
            assert_eq!(dump(&path), before);
        }
    }
}
