//! Importing into a case and opening one: the same for the window and the commands.
//!
//! The journal entry is the moment an import counts. Before it, whatever was made is taken away
//! again on failure, and by the next import after a kill; after it, a cache that does not fit the
//! journal is built anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use crate::cache::{self, Cache, CacheError};
use crate::case::{Access, Action, Case};
use crate::leads::{self, Leads};
use crate::model::Watcher;
use crate::snapshot::{self, Mapping, Sealing, Snapshot, Sources};

/// What to import, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRequest {
    /// The case's folder; made where there is none.
    pub case_dir: PathBuf,
    /// Parquet files, or folders in which to look for them.
    pub paths: Vec<PathBuf>,
    /// The column mapping; `None` to let the presets decide.
    pub mapping: Option<Mapping>,
    /// Copy or reference.
    pub sealing: Sealing,
}

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
}

impl Session {
    fn new(case: Case, cache: Cache, leads: Leads) -> Self {
        let sources = Arc::new(case.sources());
        Self { case, cache: Arc::new(cache), leads: Arc::new(leads), sources }
    }
}

/// Seals the files into the case and builds its cache anew. When it fails or is cancelled the
/// case is as it was before, or is not there if it was not.
///
/// # Errors
/// What was wrong with which file, and what to do.
pub fn import(request: &ImportRequest, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    let files = snapshot::find(&request.paths)?;
    let mapping = match &request.mapping {
        Some(mapping) => mapping.clone(),
        None => proposed_mapping(&files)?,
    };
    let dir = &request.case_dir;
    let is_new = !Case::exists(dir);
    let existed = dir.exists();
    let mut case = if is_new { Case::create(dir)? } else { Case::open(dir, Access::Write)? };
    let result = add_snapshot(&mut case, &files, mapping, request.sealing, watcher);
    if let Err(error) = result {
        drop(case);
        if is_new {
            forget_new_case(dir, existed);
        }
        return Err(error);
    }
    finish_opening(case, watcher)
}

/// Opens a case, rebuilding its cache and leads where they are missing, unfinished or of another
/// version.
///
/// # Errors
/// Where the case or one of its snapshots cannot be opened.
pub fn open(case_dir: &Path, access: Access, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    finish_opening(Case::open(case_dir, access)?, watcher)
}

/// Opens a case for a command that only looks: without taking it from whoever writes it, unless
/// its cache has to be built first.
///
/// # Errors
/// As [`open`].
pub fn open_to_read(case_dir: &Path, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    let case = Case::open(case_dir, Access::ReadOnly)?;
    match usable_cache(&case, watcher)? {
        Some((cache, leads)) => Ok(Session::new(case, cache, leads)),
        None => open(case_dir, Access::Write, watcher),
    }
}

fn proposed_mapping(files: &[(String, PathBuf)]) -> anyhow::Result<Mapping> {
    let proposal = snapshot::propose(files, None)?;
    if !proposal.problems.is_empty() {
        bail!(
            "the columns of these files are not known: {}. Map them with --map FILE, or choose a preset with --preset",
            proposal.problems.join("; ")
        );
    }
    Ok(proposal.mapping)
}

fn add_snapshot(
    case: &mut Case,
    files: &[(String, PathBuf)],
    mapping: Mapping,
    sealing: Sealing,
    watcher: &dyn Watcher,
) -> anyhow::Result<()> {
    remove_orphans(case)?;
    let snapshot = snapshot::seal(files, mapping, sealing, case.dir(), watcher)?;
    let known = case.state().snapshots.iter().any(|known| known.sha256 == snapshot.sha256);
    let added = if known {
        Err(anyhow::anyhow!(
            "these very files are in the case already (snapshot {})",
            snapshot.sha256.short()
        ))
    } else {
        build_and_journal(case, &snapshot, watcher)
    };
    if added.is_err() && !known {
        remove_sealed(case.dir(), &snapshot);
    }
    added
}

/// The cache is built beside the old one and takes its place only once the journal has the
/// snapshot.
fn build_and_journal(case: &mut Case, snapshot: &Snapshot, watcher: &dyn Watcher) -> anyhow::Result<()> {
    let mut sources = case.sources();
    sources.snapshots.push(snapshot.clone());
    let next = next_cache_path(case);
    let built = build(&next, &sources, watcher);
    if let Err(error) = built {
        remove_file_if_there(&next);
        return Err(error);
    }
    case.record(Action::SnapshotAdded { snapshot: snapshot.clone() })?;
    put_in_place(&next, &case.cache_path())
}

/// Cache, topics, links and leads, in a file of their own.
fn build(path: &Path, sources: &Sources, watcher: &dyn Watcher) -> anyhow::Result<()> {
    remove_file_if_there(path);
    cache::load::load(path, sources, watcher)?;
    cache::topics::build(path, sources, watcher)?;
    compute_leads(path, watcher)
}

fn compute_leads(path: &Path, watcher: &dyn Watcher) -> anyhow::Result<()> {
    let cache = Cache::open(path, watcher)?;
    let (leads, links) = leads::compute(&cache, watcher)?;
    drop(cache);
    Ok(leads::save(path, &leads, &links)?)
}

fn finish_opening(case: Case, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    let (cache, leads) = match usable_cache(&case, watcher)? {
        Some(found) => found,
        None => rebuild(&case, watcher)?,
    };
    Ok(Session::new(case, cache, leads))
}

/// The cache as it is, where it fits the journal and has its leads.
fn usable_cache(case: &Case, watcher: &dyn Watcher) -> anyhow::Result<Option<(Cache, Leads)>> {
    match Cache::open(&case.cache_path(), watcher) {
        Ok(cache) if cache.fingerprint() == cache::fingerprint_of(&case.sources()) => {
            Ok(leads::load(&cache)?.map(|leads| (cache, leads)))
        }
        Ok(_) => Ok(None),
        Err(CacheError::Cancelled(cancelled)) => Err(cancelled.into()),
        // Whatever is wrong with a cache, the way out is to build it again.
        Err(_) => Ok(None),
    }
}

fn rebuild(case: &Case, watcher: &dyn Watcher) -> anyhow::Result<(Cache, Leads)> {
    if case.access() == Access::ReadOnly {
        bail!(
            "the cache of {} is missing or out of date, and a case that is open read-only is not written to. Open it for writing once",
            case.dir().display()
        );
    }
    let next = next_cache_path(case);
    build(&next, &case.sources(), watcher)
        .context("the cache could not be built again from the snapshots")?;
    put_in_place(&next, &case.cache_path())?;
    let cache = Cache::open(&case.cache_path(), watcher)?;
    let leads = leads::load(&cache)?.context("the leads just stored are not there")?;
    Ok((cache, leads))
}

fn next_cache_path(case: &Case) -> PathBuf {
    case.dir().join("cache.next.sqlite")
}

fn put_in_place(next: &Path, path: &Path) -> anyhow::Result<()> {
    std::fs::rename(next, path).with_context(|| format!("{} could not be put in place", path.display()))
}

/// Copies under `snapshots/` that the journal does not know: left by an import that was killed.
fn remove_orphans(case: &Case) -> anyhow::Result<()> {
    let folder = case.dir().join("snapshots");
    if !folder.is_dir() {
        return Ok(());
    }
    let known: Vec<String> = case.state().snapshots.iter().map(|known| known.sha256.to_string()).collect();
    for found in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let found = found?;
        if !known.contains(&found.file_name().to_string_lossy().into_owned()) {
            std::fs::remove_dir_all(found.path())
                .with_context(|| format!("{}, left by an interrupted import", found.path().display()))?;
        }
    }
    Ok(())
}

/// Best effort: what cannot be removed now is removed by the next import.
fn remove_sealed(case_dir: &Path, snapshot: &Snapshot) {
    if snapshot.sealing == Sealing::Copy {
        let _ = std::fs::remove_dir_all(case_dir.join("snapshots").join(snapshot.sha256.to_string()));
    }
}

/// Best effort, as above.
fn remove_file_if_there(path: &Path) {
    let _ = std::fs::remove_file(path);
}

/// Takes away a case that an import made and could not fill; the folder too, unless it was there
/// before.
fn forget_new_case(dir: &Path, folder_existed: bool) {
    if !folder_existed {
        let _ = std::fs::remove_dir_all(dir);
        return;
    }
    for name in ["case.sqlite", "case.sqlite-wal", "case.sqlite-shm", "case.lock"] {
        remove_file_if_there(&dir.join(name));
    }
    let _ = std::fs::remove_dir_all(dir.join("snapshots"));
}
