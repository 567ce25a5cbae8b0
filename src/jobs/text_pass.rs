//! The text pass of an open case: topics, the map and templates, and the leads with them.
//!
//! Runs beside the work in the window, or at the end of a command. It can be cancelled or killed
//! at any moment; the case stays complete, and the pass resumes at the same point.

use std::sync::Arc;

use anyhow::Context as _;

use super::Session;
use super::log::log_unreadable;
use super::session::{check_unchanged, open_with_leads};
use crate::cache::{Cache, unreadable_in_words};
use crate::leads::Leads;
use crate::model::Watcher;
use crate::snapshot::Sources;
use crate::topics;

/// Cache and leads after the text pass. Rows and accounts are numbered as
/// before; attribute values and leads are not.
#[derive(Clone)]
pub struct Renewed {
    /// The cache, with topics.
    pub cache: Arc<Cache>,
    /// Leads from all that is there now.
    pub leads: Arc<Leads>,
    /// Sentences about the pass for the screen: prompts that could not be read.
    pub notes: Vec<String>,
}

/// Finishes the text pass of a cache, then computes the leads again. The case must be open for
/// writing, and no other thread may run its text pass. `cache` may have been opened before the
/// pass was over; unless others use it, it is closed before the new one is opened. Uses `threads` threads
/// of its own.
///
/// # Errors
/// A snapshot's file that changed or cannot be read, a cache that cannot be written, cancelled.
/// Finished steps are kept.
pub fn finish_text(
    cache: Arc<Cache>,
    sources: &Sources,
    threads: usize,
    watcher: &dyn Watcher,
) -> anyhow::Result<Renewed> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .context("the text pass needs threads of its own")?;
    let mut notes = Vec::new();
    let (cache, leads) = pool.install(|| {
        if !cache.is_text_pass_finished()? {
            check_unchanged(sources, watcher)?;
        }
        let unreadable = topics::finish(&cache, sources, watcher)?;
        let path = cache.path().to_owned();
        drop(cache);
        log_unreadable(&path, "text pass", unreadable.len());
        notes.extend(unreadable_in_words(&unreadable));
        open_with_leads(&path, watcher)
    })?;
    notes.iter().for_each(|note| watcher.note(note));
    Ok(Renewed { cache: Arc::new(cache), leads: Arc::new(leads), notes })
}

impl Session {
    /// The session with its text pass finished: [`finish_text`] on all cores. Cache and leads are given up
    /// meanwhile, so that they are in memory once.
    ///
    /// # Errors
    /// As [`finish_text`].
    pub fn finish_text(self, watcher: &dyn Watcher) -> anyhow::Result<Self> {
        if self.cache.has_text_pass() {
            return Ok(self);
        }
        let Self { case, cache, leads, sources, notes } = self;
        drop(leads);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let Renewed { cache, leads, .. } = finish_text(cache, &sources, threads, watcher)?;
        Ok(Self { case, cache, leads, sources, notes })
    }

    /// Takes in what the end of the text pass changed.
    pub fn renew(&mut self, renewed: Renewed) {
        self.cache = renewed.cache;
        self.leads = renewed.leads;
    }
}
