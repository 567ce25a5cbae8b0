//! Importing into a case and opening one: the same for the window and the commands.
//!
//! The journal entry is the moment an import counts. Before it, whatever was made is taken away
//! again on failure, and by the next import after a kill; after it, a cache that does not fit the
//! journal is built anew.
//!
//! An import ends with a case that can be worked in: accounts, rhythm, links, exchanges and leads
//! from what is there. Topics and templates come with the [text pass](super::text_pass), which may
//! take much longer, can be stopped at any moment and goes on where it was.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::memory_of_machine;
use crate::cache::{self, Cache, CacheError};
use crate::case::{Access, Action, Case, CaseError};
use crate::fail_point;
use crate::leads::{self, Leads};
use crate::model::{Digest, MemoryBudget, Progress, Watcher};
use crate::snapshot::{self, Mapping, Sealing, Snapshot, SnapshotError, Sources};

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
    /// How much memory loading may take; what does not fit lies in a temporary file meanwhile.
    pub memory: MemoryBudget,
}

/// The files of an import are in the case already.
#[derive(Debug, thiserror::Error)]
#[error("these very files are in the case already (snapshot {})", .snapshot.short())]
pub struct AlreadyThere {
    /// The snapshot they are.
    pub snapshot: Digest,
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

/// Why a case was not opened.
pub struct NotOpened {
    /// In words.
    pub why: String,
    /// Another process writes the case, so it can still be looked at.
    pub busy: bool,
}

impl From<String> for NotOpened {
    fn from(why: String) -> Self {
        Self { why, busy: false }
    }
}

impl From<anyhow::Error> for NotOpened {
    fn from(error: anyhow::Error) -> Self {
        let busy = error.chain().any(|cause| matches!(cause.downcast_ref(), Some(CaseError::Busy { .. })));
        Self { why: format!("{error:#}"), busy }
    }
}

impl Session {
    fn new(case: Case, cache: Cache, leads: Leads) -> Self {
        let sources = Arc::new(case.sources());
        Self { case, cache: Arc::new(cache), leads: Arc::new(leads), sources }
    }
}

/// Seals the files into the case and builds its cache anew. When it fails or is cancelled the
/// case is as it was before, or is not there if it was not; only where the error says so is the
/// snapshot in the case all the same.
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
    let result = add_snapshot(&mut case, &files, mapping, request, watcher);
    if let Err(error) = result {
        drop(case);
        if is_new {
            forget_new_case(dir, existed);
        }
        return Err(error);
    }
    // The journal has the snapshot: a cancel that came now would be a lie.
    open_for(case, &ToTheEnd(watcher))
        .context("the snapshot is in the case, but the case could not be opened after that; open it again")
}

/// Reports on, but hears no cancel any more.
struct ToTheEnd<'a>(&'a dyn Watcher);

impl Watcher for ToTheEnd<'_> {
    fn report(&self, progress: Progress) {
        self.0.report(progress);
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Opens a case, rebuilding its cache and leads where they are missing, unfinished or of another
/// version.
///
/// # Errors
/// Where the case or one of its snapshots cannot be opened.
pub fn open(case_dir: &Path, access: Access, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    open_for(Case::open(case_dir, access)?, watcher)
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
    request: &ImportRequest,
    watcher: &dyn Watcher,
) -> anyhow::Result<()> {
    remove_orphans(case)?;
    let sealed = snapshot::seal(files, mapping, request.sealing, case.dir(), watcher);
    let snapshot = sealed.map_err(|error| match error {
        SnapshotError::AlreadyThere { sha256 } => AlreadyThere { snapshot: sha256 }.into(),
        other => anyhow::Error::from(other),
    })?;
    if case.state().snapshots.iter().any(|known| known.sha256 == snapshot.sha256) {
        // Sealing refuses a copy that is there, so what it has just copied was known by reference.
        remove_sealed(case.dir(), &snapshot);
        return Err(AlreadyThere { snapshot: snapshot.sha256 }.into());
    }
    // The cache is built beside the old one and takes its place only once the journal has the
    // snapshot.
    let mut sources = case.sources();
    let next = next_cache_path(case);
    let built = check_unchanged(&sources, watcher).and_then(|()| {
        sources.snapshots.push(snapshot.clone());
        build(&next, &sources, request.memory, watcher)
    });
    built.inspect_err(|_| remove_sealed(case.dir(), &snapshot))?;
    if let Err(error) = case.record(Action::SnapshotAdded { snapshot }) {
        // A disk that fails while it is synced may have kept the entry. The copies stay until the
        // next import, which knows whether the journal has them.
        remove_file_if_there(&next);
        return Err(error.into());
    }
    fail_point::pass("import.journaled")?;
    // From here on the snapshot is acknowledged and nothing may be taken back. A cache that
    // cannot be put in place is built again when the case is opened.
    if put_in_place(&next, &case.cache_path()).is_err() {
        remove_file_if_there(&next);
    }
    Ok(())
}

/// What is derived says which SHA-256 it is derived from, so the files must still have it.
pub(super) fn check_unchanged(sources: &Sources, watcher: &dyn Watcher) -> anyhow::Result<()> {
    let faults: Vec<String> = sources.rehash(watcher)?.iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("; ")) }
}

/// Cache, links and leads, in a file of their own; none of it is left when it fails.
fn build(path: &Path, sources: &Sources, memory: MemoryBudget, watcher: &dyn Watcher) -> anyhow::Result<()> {
    remove_file_if_there(path);
    let built = cache::load::load(path, sources, memory, watcher)
        .and_then(|()| Cache::open(path, watcher))
        .map_err(anyhow::Error::from)
        .and_then(|cache| compute_leads(cache, watcher));
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

fn open_for(case: Case, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    let (cache, leads) = match usable_cache(&case, watcher)? {
        Some(found) => found,
        None => rebuild(&case, watcher)?,
    };
    Ok(Session::new(case, cache, leads))
}

/// The cache as it is, with its leads, where it fits the journal. Leads that are missing are
/// computed, and stored where the case is open for writing: the text pass takes those from before
/// it away.
fn usable_cache(case: &Case, watcher: &dyn Watcher) -> anyhow::Result<Option<(Cache, Leads)>> {
    let path = case.cache_path();
    if case.access() == Access::Write {
        cache::roll_back(&path);
    }
    match Cache::open(&path, watcher) {
        Ok(cache) if cache.fingerprint() == cache::fingerprint_of(&case.sources()) => {
            if let Some(leads) = leads::load(&cache)? {
                return Ok(Some((cache, leads)));
            }
            if case.access() == Access::ReadOnly {
                let (leads, _) = leads::compute(&cache, watcher)?;
                return Ok(Some((cache, leads)));
            }
            drop(cache);
            open_with_leads(&path, watcher).map(Some)
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
    check_unchanged(&case.sources(), watcher)
        .and_then(|()| build(&next, &case.sources(), memory_of_machine(), watcher))
        .context("the cache could not be built again from the snapshots")?;
    put_in_place(&next, &case.cache_path())?;
    open_with_leads(&case.cache_path(), watcher)
}

fn next_cache_path(case: &Case) -> PathBuf {
    case.dir().join("cache.next.sqlite")
}

fn put_in_place(next: &Path, path: &Path) -> anyhow::Result<()> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    let journal = PathBuf::from(journal);
    if journal.exists() {
        // What a killed writer left belongs to the old cache and would be played back into the
        // new one; without it the old one may be half-written. So the old cache goes first.
        fail_point::pass("import.remove_cache")?;
        remove_file_if_there(path);
        fail_point::pass("import.remove_journal")?;
        std::fs::remove_file(&journal).with_context(|| journal.display().to_string())?;
    }
    fail_point::pass("import.rename")?;
    std::fs::rename(next, path).with_context(|| format!("{} could not be put in place", path.display()))?;
    Ok(fail_point::pass("import.renamed")?)
}

/// Copies under `snapshots/` that the journal does not know: left by an import that was killed.
/// Whatever else someone put there is left alone.
fn remove_orphans(case: &Case) -> anyhow::Result<()> {
    let folder = case.dir().join("snapshots");
    if !folder.is_dir() {
        return Ok(());
    }
    let is_known = |name: Digest| {
        let mut copies = case.state().snapshots.iter().filter(|known| known.sealing == Sealing::Copy);
        copies.any(|known| known.sha256 == name)
    };
    for found in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let found = found.with_context(|| folder.display().to_string())?;
        let name = found.file_name().to_str().and_then(|name| name.parse::<Digest>().ok());
        let is_folder = found.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && name.is_some_and(|name| !is_known(name)) {
            fail_point::pass("import.orphan")?;
            std::fs::remove_dir_all(found.path())
                .with_context(|| format!("{}, left by an interrupted import", found.path().display()))?;
        }
    }
    Ok(())
}

/// Best effort: what cannot be removed now is removed by the next import.
fn remove_sealed(case_dir: &Path, snapshot: &Snapshot) {
    if snapshot.sealing == Sealing::Copy {
        let _ = fail_point::pass("import.unseal");
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
    let _ = fail_point::pass("import.forget");
    if !folder_existed {
        let _ = std::fs::remove_dir_all(dir);
        return;
    }
    for name in ["case.sqlite", "case.sqlite-wal", "case.sqlite-shm", "case.lock"] {
        remove_file_if_there(&dir.join(name));
        let _ = fail_point::pass("import.forgotten");
    }
    let _ = std::fs::remove_dir_all(dir.join("snapshots"));
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::Silent;
    use crate::snapshot::fixture::write_plain;

    /// A folder with one small file of logs, and where a case is to be.
    fn logs(rows: usize) -> (tempfile::TempDir, ImportRequest) {
        let folder = tempfile::tempdir().unwrap();
        write_plain(&folder.path().join("logs/day.parquet"), rows);
        let request = ImportRequest {
            case_dir: folder.path().join("c.stillhunt"),
            paths: vec![folder.path().join("logs")],
            mapping: None,
            sealing: Sealing::Copy,
            memory: memory_of_machine(),
        };
        (folder, request)
    }

    #[test]
    fn what_the_journal_has_is_not_taken_back_when_the_cache_cannot_be_put_in_place() {
        let (_folder, request) = logs(70);
        let in_the_way = request.case_dir.join("cache.sqlite");
        fs::create_dir_all(in_the_way.join("x")).unwrap();
        let error = import(&request, &Silent).err().unwrap();
        assert!(format!("{error:#}").contains("is in the case"), "{error:#}");
        fs::remove_dir_all(in_the_way).unwrap();
        let session = open(&request.case_dir, Access::Write, &Silent).unwrap();
        assert_eq!(session.cache.counts().distinct, 70);
    }

    #[test]
    fn files_known_by_reference_are_not_copied_a_second_time() {
        let (_folder, mut request) = logs(70);
        request.sealing = Sealing::Reference;
        drop(import(&request, &Silent).unwrap());
        request.sealing = Sealing::Copy;
        let error = import(&request, &Silent).err().unwrap();
        assert!(error.to_string().contains("already"), "{error}");
        let left = fs::read_dir(request.case_dir.join("snapshots")).map_or(0, Iterator::count);
        assert_eq!(left, 0);
    }

    #[test]
    fn orphans_go_and_what_is_not_ours_stays() {
        let (folder, mut request) = logs(70);
        drop(import(&request, &Silent).unwrap());
        let snapshots = request.case_dir.join("snapshots");
        let orphan = snapshots.join(Digest::of(b"killed").to_string());
        fs::create_dir(&orphan).unwrap();
        fs::create_dir(snapshots.join("my notes")).unwrap();
        fs::write(snapshots.join(".DS_Store"), "x").unwrap();
        let (other, _) = logs(30);
        fs::copy(other.path().join("logs/day.parquet"), folder.path().join("more.parquet")).unwrap();
        request.paths = vec![folder.path().join("more.parquet")];
        drop(import(&request, &Silent).unwrap());
        assert!(!orphan.exists());
        assert!(snapshots.join("my notes").exists() && snapshots.join(".DS_Store").exists());
    }

    #[test]
    fn nothing_is_derived_from_a_file_that_changed_after_it_was_sealed() {
        let (folder, mut request) = logs(70);
        request.sealing = Sealing::Reference;
        drop(import(&request, &Silent).unwrap());
        let (other, more) = logs(80);
        let day = folder.path().join("logs/day.parquet");
        fs::copy(other.path().join("logs/day.parquet"), &day).unwrap();
        fs::remove_file(request.case_dir.join("cache.sqlite")).unwrap();
        let said = |error: anyhow::Error| format!("{error:#}");
        let error = said(open(&request.case_dir, Access::Write, &Silent).err().unwrap());
        assert!(error.contains("day.parquet"), "{error}");
        let more = ImportRequest { case_dir: request.case_dir.clone(), ..more };
        let error = said(import(&more, &Silent).err().unwrap());
        assert!(error.contains("day.parquet"), "{error}");
        assert!(!request.case_dir.join("cache.sqlite").exists());
    }

    /// Says stop once a phase has begun.
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
    fn a_cancelled_rebuild_leaves_no_half_cache() {
        let (_folder, request) = logs(70);
        drop(import(&request, &Silent).unwrap());
        fs::remove_file(request.case_dir.join("cache.sqlite")).unwrap();
        let stop = StopAt("writing the cache", std::sync::atomic::AtomicBool::new(false));
        assert!(open(&request.case_dir, Access::Write, &stop).is_err());
        assert!(stop.is_cancelled(), "no such phase");
        let left = fs::read_dir(&request.case_dir).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(!left.into_iter().any(|name| name.to_string_lossy().starts_with("cache.")));
    }
}
