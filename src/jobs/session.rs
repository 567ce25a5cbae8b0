//! Opening a case with its cache and leads: the same for the window and the commands.
//!
//! A cache that does not fit the journal, or cannot be read, is rebuilt, and the reason is reported
//! and logged.
//!
//! An import ends with a usable case: accounts, rhythm, links, exchanges, and leads without topics. Topics
//! and templates come with the [text pass](super::text_pass), which may take much longer, can be stopped at
//! any moment and resumes at the same point.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::copies::{CopiesWithoutCase, copies_without_case};
use super::log::{Logged, Numbers, log_rebuild};
use super::memory_of_machine;
use super::refusal::{AlreadyThere, NotAllReadable, TooManySetAside};
use crate::cache::{self, Cache, CacheError};
use crate::case::{Access, Case, CaseError, Program};
use crate::leads::{self, Leads};
use crate::model::{MemoryBudget, Watcher};
use crate::snapshot::{self, Sources};

/// An open case with its cache and leads.
pub struct Session {
    /// The case.
    pub case: Case,
    /// Its cache.
    pub cache: Arc<Cache>,
    /// Its leads.
    pub leads: Arc<Leads>,
    /// Its snapshots and where they are.
    pub sources: Arc<Sources>,
    /// Sentences about the opening for the screen: the reason for which the cache was built again.
    pub notes: Vec<String>,
}

/// Reason why a case was not opened.
#[derive(Debug)]
pub struct NotOpened {
    /// In words.
    pub why: String,
    /// Next step that the window can offer.
    pub way_out: Option<WayOut>,
}

/// Next step after a case was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// Another process writes the case; it can be looked at.
    ReadOnly,
    /// The import goes on without the rows that cannot be read.
    AcceptSetAside,
    /// Another case folder, or other files.
    OtherTarget,
    /// The folder holds this number of sealed copies and no readable case; one is made of them.
    Adopt(PathBuf, usize),
}

impl From<String> for NotOpened {
    fn from(why: String) -> Self {
        Self { why, way_out: None }
    }
}

impl From<anyhow::Error> for NotOpened {
    fn from(error: anyhow::Error) -> Self {
        let busy = error.chain().any(|cause| matches!(cause.downcast_ref(), Some(CaseError::Busy { .. })));
        let way_out = match error.downcast_ref::<CopiesWithoutCase>() {
            Some(found) => Some(WayOut::Adopt(found.dir.clone(), found.copies)),
            None if error.is::<TooManySetAside>() || error.is::<NotAllReadable>() => {
                Some(WayOut::AcceptSetAside)
            }
            None if busy => Some(WayOut::ReadOnly),
            None => {
                let of_target = |cause: &(dyn std::error::Error + 'static)| {
                    cause.is::<CaseError>() || cause.is::<AlreadyThere>()
                };
                error.chain().any(of_target).then_some(WayOut::OtherTarget)
            }
        };
        Self { why: said_once(&error), way_out }
    }
}

/// An error and its causes in words, those left out that stand in what was said before them.
fn said_once(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        before if before.contains(&cause) => said,
        _ => format!("{said}: {cause}"),
    })
}

impl Session {
    fn new(case: Case, (cache, leads): (Cache, Leads), notes: Vec<String>) -> Self {
        let sources = Arc::new(case.sources());
        Self { case, cache: Arc::new(cache), leads: Arc::new(leads), sources, notes }
    }

    /// Numbers of the case for the log.
    pub(super) fn numbers(&self) -> Numbers {
        let counts = self.cache.counts();
        let (accounts, leads) = (self.cache.accounts().len(), self.leads.groups.len());
        Numbers { rows: counts.raw, exchanges: counts.distinct, accounts, leads }
    }
}

/// Opens a case, rebuilding its cache and leads where they are missing, unfinished or of another
/// version.
///
/// # Errors
/// A case or snapshot that cannot be opened.
pub fn open(case_dir: &Path, access: Access, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    let logged = Logged::begin("open", case_dir);
    let session = Case::open(case_dir, access)
        .map(|case| match access {
            Access::Write => case.opened_by(Program::running()),
            Access::ReadOnly => case,
        })
        .map_err(|error| copies_without_case(case_dir, error))
        .and_then(|case| open_for(case, watcher));
    logged.end(&session, Session::numbers);
    session
}

/// Opens a case for a command that only reads: read-only, so that another process can write it, unless its
/// cache has to be built first.
///
/// # Errors
/// As [`open`].
pub fn open_to_read(case_dir: &Path, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    let case = Case::open(case_dir, Access::ReadOnly)?;
    match usable_cache(&case, watcher)? {
        Ok(found) => Ok(Session::new(case, found, Vec::new())),
        Err(_) => open(case_dir, Access::Write, watcher),
    }
}

/// Checks that the files still have the SHA-256 that everything derived from them cites.
pub(super) fn check_unchanged(sources: &Sources, watcher: &dyn Watcher) -> anyhow::Result<()> {
    let faults: Vec<String> = sources.rehash(watcher)?.iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("; ")) }
}

/// Cache, links and leads, in a file of their own; none of it is left when it fails. `look` is called
/// with the cache before the leads are there.
pub(super) fn build<T>(
    path: &Path,
    sources: &Sources,
    memory: MemoryBudget,
    watcher: &dyn Watcher,
    look: impl FnOnce(&Cache) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    remove_file_if_there(path);
    let built = cache::load::load(path, sources, memory, watcher)
        .and_then(|()| Cache::open(path, watcher))
        .map_err(anyhow::Error::from)
        .and_then(|cache| {
            let seen = look(&cache)?;
            compute_leads(cache, watcher)?;
            Ok(seen)
        });
    if built.is_err() {
        remove_file_if_there(path);
    }
    built
}

/// Computes links and leads from a cache as it is now and stores them in its file.
fn compute_leads(cache: Cache, watcher: &dyn Watcher) -> anyhow::Result<()> {
    let (leads, links) = leads::compute(&cache, watcher)?;
    let path = cache.path().to_owned();
    // The writer need not wait for this reader.
    drop(cache);
    Ok(leads::save(&path, &leads, &links)?)
}

/// Opens a cache file with its leads, which are computed and stored where they are missing.
pub(super) fn open_with_leads(path: &Path, watcher: &dyn Watcher) -> anyhow::Result<(Cache, Leads)> {
    let cache = Cache::open(path, watcher)?;
    if let Some(leads) = leads::load(&cache)? {
        return Ok((cache, leads));
    }
    compute_leads(cache, watcher)?;
    let cache = Cache::open(path, watcher)?;
    let leads = leads::load(&cache)?.context("the leads just stored are not there")?;
    Ok((cache, leads))
}

/// The leads of a case as its cache keeps them, with that cache; `None` where it keeps none, or
/// is not of the snapshots of the journal. Builds and computes nothing.
///
/// # Errors
/// A fitting cache that cannot be read, or cancellation.
pub fn stored_leads(case: &Case, watcher: &dyn Watcher) -> anyhow::Result<Option<(Cache, Leads)>> {
    match Cache::open(&case.cache_path(), watcher) {
        Ok(cache) if cache.fingerprint() == cache::fingerprint_of(&case.sources()) => {
            Ok(leads::load(&cache)?.map(|leads| (cache, leads)))
        }
        Err(CacheError::Cancelled(cancelled)) => Err(cancelled.into()),
        Ok(_) | Err(_) => Ok(None),
    }
}

/// Opens a case with its cache, or with one that is built again; the notes then have the reason.
pub(super) fn open_for(case: Case, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    if case.access() == Access::Write {
        // A copy that cannot be renamed is found under the name it waits with.
        for snapshot in &case.state().snapshots {
            let _ = snapshot::settle(case.dir(), snapshot.sha256);
        }
    }
    let (found, notes) = match usable_cache(&case, watcher)? {
        Ok(found) => (found, Vec::new()),
        Err(unusable) => {
            log_rebuild(case.dir(), &unusable);
            let note = unusable.note();
            watcher.note(&note);
            (rebuild(&case, &unusable, watcher)?, vec![note])
        }
    };
    Ok(Session::new(case, found, notes))
}

/// Reason to rebuild a cache.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("it was missing")]
    Missing,
    #[error("it was made from other snapshots or mappings than the journal names")]
    OtherSources,
    #[error("it could not be opened: {0}")]
    NotOpened(#[source] CacheError),
}

impl Unusable {
    fn note(&self) -> String {
        format!("The cache was built again from the snapshots: {self}.")
    }
}

/// The cache as it is, with its leads, where it fits the journal. Leads that are missing are
/// computed, and stored where the case is open for writing: the text pass takes those from before
/// it away.
fn usable_cache(case: &Case, watcher: &dyn Watcher) -> anyhow::Result<Result<(Cache, Leads), Unusable>> {
    let path = case.cache_path();
    if case.access() == Access::Write {
        cache::roll_back(&path);
    }
    let opened = match Cache::open(&path, watcher) {
        Ok(cache) if cache.fingerprint() == cache::fingerprint_of(&case.sources()) => {
            match leads::load(&cache) {
                Ok(Some(leads)) => return Ok(Ok((cache, leads))),
                Ok(None) => Ok(cache),
                Err(error) => Err(error),
            }
        }
        Ok(_) => return Ok(Err(Unusable::OtherSources)),
        Err(error) => Err(error),
    };
    match opened {
        Ok(cache) if case.access() == Access::ReadOnly => {
            let (leads, _) = leads::compute(&cache, watcher)?;
            Ok(Ok((cache, leads)))
        }
        Ok(cache) => {
            drop(cache);
            open_with_leads(&path, watcher).map(Ok)
        }
        Err(CacheError::Cancelled(cancelled)) => Err(cancelled.into()),
        Err(CacheError::Missing { .. }) => Ok(Err(Unusable::Missing)),
        // A cache that is wrong in any way is built again.
        Err(error) => Ok(Err(Unusable::NotOpened(error))),
    }
}

fn rebuild(case: &Case, unusable: &Unusable, watcher: &dyn Watcher) -> anyhow::Result<(Cache, Leads)> {
    if case.access() == Access::ReadOnly {
        bail!(
            "the cache of {} has to be built again: {unusable}. A case that is open read-only is not written to; open it for writing once",
            case.dir().display()
        );
    }
    let next = next_cache_path(case);
    check_unchanged(&case.sources(), watcher)
        .and_then(|()| build(&next, &case.sources(), memory_of_machine(), watcher, |_| Ok(())))
        .with_context(|| format!("the cache could not be built again from the snapshots ({unusable})"))?;
    cache::put_in_place(&next, &case.cache_path())?;
    open_with_leads(&case.cache_path(), watcher)
}

pub(super) fn next_cache_path(case: &Case) -> PathBuf {
    case.dir().join("cache.next.sqlite")
}

/// Best effort: what cannot be removed now is removed by the next import.
pub(super) fn remove_file_if_there(path: &Path) {
    let _ = std::fs::remove_file(path);
}
