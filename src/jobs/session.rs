//! Opening a case with its cache and leads: the same for the window and the commands.
//!
//! A cache that does not fit the journal, or cannot be read, is built anew, and the reason is said
//! and logged.
//!
//! An import ends with a case that can be worked in: accounts, rhythm, links, exchanges and leads
//! from what is there. Topics and templates come with the [text pass](super::text_pass), which may
//! take much longer, can be stopped at any moment and goes on where it was.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::memory_of_machine;
use crate::cache::{self, Cache, CacheError};
use crate::case::{Access, Case, CaseError};
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
    /// Sentences about the opening that a person should read: why the cache was built again.
    pub notes: Vec<String>,
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
    fn new(case: Case, (cache, leads): (Cache, Leads), notes: Vec<String>) -> Self {
        let sources = Arc::new(case.sources());
        Self { case, cache: Arc::new(cache), leads: Arc::new(leads), sources, notes }
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
        Ok(found) => Ok(Session::new(case, found, Vec::new())),
        Err(_) => open(case_dir, Access::Write, watcher),
    }
}

/// What is derived says which SHA-256 it is derived from, so the files must still have it.
pub(super) fn check_unchanged(sources: &Sources, watcher: &dyn Watcher) -> anyhow::Result<()> {
    let faults: Vec<String> = sources.rehash(watcher)?.iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("; ")) }
}

/// Cache, links and leads, in a file of their own; none of it is left when it fails.
pub(super) fn build(
    path: &Path,
    sources: &Sources,
    memory: MemoryBudget,
    watcher: &dyn Watcher,
) -> anyhow::Result<()> {
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

/// The leads of a case as its cache keeps them, with that cache; `None` where it keeps none, or
/// is not of the snapshots of the journal. Builds and computes nothing.
///
/// # Errors
/// Where a cache that fits cannot be read, or cancelled.
pub fn stored_leads(case: &Case, watcher: &dyn Watcher) -> anyhow::Result<Option<(Cache, Leads)>> {
    match Cache::open(&case.cache_path(), watcher) {
        Ok(cache) if cache.fingerprint() == cache::fingerprint_of(&case.sources()) => {
            Ok(leads::load(&cache)?.map(|leads| (cache, leads)))
        }
        Err(CacheError::Cancelled(cancelled)) => Err(cancelled.into()),
        Ok(_) | Err(_) => Ok(None),
    }
}

/// Opens a case with the cache it has, or with one that is built again; then it says why.
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
            let note = unusable.note();
            watcher.note(&note);
            (rebuild(&case, &unusable, watcher)?, vec![note])
        }
    };
    Ok(Session::new(case, found, notes))
}

/// Why a cache has to be built again.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("it was missing")]
    Missing,
    #[error("it was made from other snapshots or mappings than the journal names")]
    OtherSources,
    #[error("it could not be opened: {0}")]
    NotOpened(CacheError),
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
        // Whatever is wrong with a cache, the way out is to build it again.
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
        .and_then(|()| build(&next, &case.sources(), memory_of_machine(), watcher))
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::jobs::{CopiesWithoutCase, ImportRequest, adopt, import};
    use crate::model::{Progress, Silent};
    use crate::snapshot::Sealing;
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
    fn a_copy_that_this_journal_does_not_name_stays() {
        let (folder, mut request) = logs(70);
        drop(import(&request, &Silent).unwrap());
        let older = folder.path().join("older.sqlite");
        fs::copy(request.case_dir.join("case.sqlite"), &older).unwrap();
        let (other, _) = logs(30);
        fs::copy(other.path().join("logs/day.parquet"), folder.path().join("more.parquet")).unwrap();
        request.paths = vec![folder.path().join("more.parquet")];
        let session = import(&request, &Silent).unwrap();
        let second = session.sources.snapshots[1].sha256;
        drop(session);
        // The case is put back from a backup that does not have the second import.
        fs::copy(&older, request.case_dir.join("case.sqlite")).unwrap();
        let (third, _) = logs(20);
        fs::copy(third.path().join("logs/day.parquet"), &request.paths[0]).unwrap();
        drop(import(&request, &Silent).unwrap());
        assert!(request.case_dir.join("snapshots").join(second.to_string()).join("more.parquet").exists());
        let session = adopt(&request.case_dir, None, memory_of_machine(), &Silent).unwrap();
        assert_eq!(session.sources.snapshots.len(), 3);
        assert_eq!(session.cache.counts().raw, 120);
    }

    /// Every file below a folder with its bytes, sorted.
    fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(everything(&path))
            } else {
                found.push((path.clone(), fs::read(&path).unwrap()))
            }
        }
        found.sort();
        found
    }

    #[test]
    fn sealed_copies_without_a_case_are_refused_and_can_be_adopted() {
        for damage in ["gone", "empty", "unreadable"] {
            let (_folder, request) = logs(70);
            let session = import(&request, &Silent).unwrap();
            let (sealed, accounts) = (session.sources.snapshots[0].sha256, session.cache.accounts().len());
            drop(session);
            let copies = everything(&request.case_dir.join("snapshots"));
            let database = request.case_dir.join("case.sqlite");
            let _ = fs::remove_file(request.case_dir.join("case.sqlite-wal"));
            match damage {
                "gone" => fs::remove_file(&database).unwrap(),
                "empty" => fs::write(&database, "").unwrap(),
                _ => fs::write(&database, "not a database, though long enough to be read as one".repeat(40))
                    .unwrap(),
            }
            let error = import(&request, &Silent).err().unwrap();
            assert!(error.downcast_ref::<CopiesWithoutCase>().is_some(), "{damage}: {error:#}");
            assert!(error.to_string().contains("--adopt"), "{damage}: {error:#}");
            assert_eq!(everything(&request.case_dir.join("snapshots")), copies, "{damage}");
            let session = adopt(&request.case_dir, None, memory_of_machine(), &Silent).unwrap();
            assert_eq!(session.sources.snapshots[0].sha256, sealed, "{damage}");
            assert_eq!(session.cache.accounts().len(), accounts, "{damage}");
            assert_eq!(everything(&request.case_dir.join("snapshots")), copies, "{damage}");
            let aside = request.case_dir.join("case.unreadable-1.sqlite");
            assert_eq!(aside.exists(), damage != "gone", "{damage}");
        }
    }

    #[test]
    fn an_altered_copy_is_not_adopted_and_nothing_is_made() {
        let (_folder, request) = logs(70);
        drop(import(&request, &Silent).unwrap());
        fs::remove_file(request.case_dir.join("case.sqlite")).unwrap();
        let copy = fs::read_dir(request.case_dir.join("snapshots")).unwrap().next().unwrap().unwrap().path();
        fs::write(copy.join("added.parquet"), "PAR1").unwrap();
        let error = adopt(&request.case_dir, None, memory_of_machine(), &Silent).err().unwrap();
        assert!(format!("{error:#}").contains("not to its name"), "{error:#}");
        assert!(!request.case_dir.join("case.sqlite").exists());
    }

    #[test]
    fn a_failed_import_removes_only_what_it_wrote_itself() {
        let (folder, mut request) = logs(70);
        let stop = StopAt("reading files", std::sync::atomic::AtomicBool::new(false));
        assert!(import(&request, &stop).is_err());
        assert!(!request.case_dir.exists(), "the import made it");
        fs::create_dir(&request.case_dir).unwrap();
        fs::create_dir(request.case_dir.join("snapshots")).unwrap();
        fs::write(request.case_dir.join("snapshots/my notes.txt"), "x").unwrap();
        let stop = StopAt("reading files", std::sync::atomic::AtomicBool::new(false));
        assert!(import(&request, &stop).is_err());
        let names: Vec<PathBuf> = everything(&request.case_dir).into_iter().map(|(path, _)| path).collect();
        assert_eq!(names, [request.case_dir.join("snapshots/my notes.txt")]);
        // A copy that is there from elsewhere is used by an import of the same files, and stays.
        drop(import(&request, &Silent).unwrap());
        let copies = everything(&request.case_dir.join("snapshots"));
        let (other, _) = logs(30);
        request.paths = vec![other.path().join("logs")];
        let stop = StopAt("reading files", std::sync::atomic::AtomicBool::new(false));
        assert!(import(&request, &stop).is_err());
        assert_eq!(everything(&request.case_dir.join("snapshots")), copies);
        drop(folder);
    }

    #[test]
    fn a_copy_whose_renaming_was_interrupted_is_found_and_renamed() {
        let (_folder, request) = logs(70);
        let sha256 = import(&request, &Silent).unwrap().sources.snapshots[0].sha256;
        let at = |name: String| request.case_dir.join("snapshots").join(name);
        fs::rename(at(sha256.to_string()), at(format!(".incoming-{sha256}"))).unwrap();
        fs::remove_file(request.case_dir.join("cache.sqlite")).unwrap();
        let session = open(&request.case_dir, Access::Write, &Silent).unwrap();
        assert_eq!(session.cache.counts().distinct, 70);
        assert!(at(sha256.to_string()).exists());
    }

    #[test]
    fn a_rebuild_says_why() {
        let (_folder, request) = logs(70);
        let session = import(&request, &Silent).unwrap();
        assert!(session.notes.is_empty(), "{:?}", session.notes);
        drop(session);
        let cache = request.case_dir.join("cache.sqlite");
        for (damage, reason) in
            [("", "missing"), ("no database, but long enough to be one", "could not be opened")]
        {
            fs::remove_file(&cache).unwrap();
            if !damage.is_empty() {
                fs::write(&cache, damage).unwrap();
            }
            let session = open(&request.case_dir, Access::Write, &Silent).unwrap();
            assert!(session.notes[0].contains(reason), "{:?}", session.notes);
        }
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
