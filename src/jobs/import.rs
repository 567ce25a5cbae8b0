//! Importing files into a case, and making a case of sealed copies whose case is gone.
//!
//! An import takes effect with its journal entry. Copies wait under a name that no journal has
//! until their entry is on the disk; only what has such a name is ever removed. So an import that
//! fails or is killed takes back what it wrote itself, and nothing that another journal may name.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use super::Session;
use super::copies::{CopiesWithoutCase, copies_without_case};
use super::log::{Logged, log_unreadable};
use super::refusal::{AlreadyThere, NotAllReadable, TooManySetAside, beyond_limits, other_row};
use super::session::{build, check_unchanged, next_cache_path, open_for, remove_file_if_there};
use crate::bundle::case_report;
use crate::cache::{self, LoadFacts, UnreadablePlace, unreadable_in_words};
use crate::case::{Access, Action, Case, CaseError, Program};
use crate::model::{Digest, MemoryBudget, Progress, Watcher};
use crate::snapshot::{self, FoundFiles, LeftOut, Mapping, Sealing, Snapshot, Tally};
use crate::{fail_point, files};

/// Request of an import.
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
    /// Memory limit of loading; larger loads use a temporary file.
    pub memory: MemoryBudget,
    /// Files to leave out, by their names inside the snapshot or by their paths.
    pub leave_out: Vec<String>,
    /// Goes ahead although files are damaged or many rows have to be set aside.
    pub accept_set_aside: bool,
}

/// Check of the share of a new snapshot that remains once rows are set aside.
///
/// # Errors
/// No exchange at all; more rows set aside than agreed to.
fn check_set_aside(tally: &Tally, accepted: bool) -> anyhow::Result<()> {
    let (set_aside, filtered) = (tally.set_aside_rows(), tally.filtered_rows());
    let wanted = tally.rows - filtered;
    let reasons = tally.set_aside.iter().map(|(reason, counted)| {
        let first: Vec<String> = counted.first.iter().map(ToString::to_string).collect();
        format!("{reason} in {} (first: {})", counted.rows, first.join("; "))
    });
    let reasons = reasons.collect::<Vec<_>>().join(", ");
    let way_out = other_row(&reasons);
    if tally.rows > 0 && tally.exchanges == 0 {
        let rules: Vec<String> =
            tally.filtered.iter().map(|(rule, rows)| format!("{rule} in {rows}")).collect();
        bail!(
            "none of the {} rows is an exchange: {}. Map another column{}, or change the mapping's rows",
            tally.rows,
            rules.into_iter().chain((set_aside > 0).then_some(reasons)).collect::<Vec<_>>().join(", "),
            way_out
        );
    }
    if !accepted && beyond_limits(tally) {
        return Err(TooManySetAside { set_aside, rows: wanted, reasons }.into());
    }
    Ok(())
}

/// Seals the files into the case and builds its cache anew. When it fails or is cancelled the
/// case is as it was before, or is not there if it was not; if the
/// snapshot is in the case nevertheless, the error says so.
///
/// # Errors
/// A file that cannot be imported, with the reason and the next step; a folder with sealed copies
/// and no case.
pub fn import(request: &ImportRequest, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    let logged = Logged::begin("import", &request.case_dir);
    let session = import_files(request, watcher);
    logged.end(&session, Session::numbers);
    session
}

fn import_files(request: &ImportRequest, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    let FoundFiles { files, mut left_out } = found_files(request)?;
    if let Some(mapping) = &request.mapping {
        mapping.choose_reading();
    }
    let mapping = match &request.mapping {
        Some(mapping) => mapping.clone(),
        None => proposed_mapping(&files)?,
    };
    let (files, beside) = snapshot::taken(files, &mapping);
    left_out.extend(beside.into_iter().map(|(name, reason)| LeftOut { name, reason }));
    let dir = &request.case_dir;
    let (mut case, made) = open_or_make(dir)?;
    let result = add_snapshot(
        &mut case,
        (request.memory, request.accept_set_aside),
        left_out,
        watcher,
        |case, watcher| Ok(snapshot::seal(&files, mapping, request.sealing, case.dir(), watcher)?),
    );
    finish(case, made, result, watcher)
}

/// The files that a request names, without those that it leaves out.
///
/// # Errors
/// As [`snapshot::find_all`]; a name that leaves out nothing.
pub fn files_to_import(request: &ImportRequest) -> anyhow::Result<Vec<(String, PathBuf)>> {
    Ok(found_files(request)?.files)
}

/// True for a file with a name, as in messages or as a path, or in a folder with this name.
fn is_named(own: &str, path: &Path, name: &str) -> bool {
    let name = name.trim_end_matches('/');
    let is_folder = own.rsplit('/').skip(1).any(|folder| folder == name);
    let is_below = own.starts_with(&format!("{name}/")) || path.starts_with(name) || is_folder;
    own == name || !name.is_empty() && is_below
}

/// As [`files_to_import`], with the files left out and the rule.
fn found_files(request: &ImportRequest) -> anyhow::Result<FoundFiles> {
    let mut found = snapshot::find_all(&request.paths)?;
    for name in &request.leave_out {
        let before = found.files.len();
        found.files.retain(|(own, path)| !is_named(own, path, name));
        if found.files.len() == before {
            bail!("there is no file {name} to leave out; write its name as in the messages of the import");
        }
        found.left_out.push(LeftOut { name: name.clone(), reason: "left out by hand".to_owned() });
    }
    Ok(found)
}

/// Makes snapshots of the sealed copies that the journal of the folder does not name, each hashed
/// again and read under the mapping, or under the one that the presets propose for it. Makes the
/// case where there is none; a `case.sqlite` that cannot be read is kept under another name.
///
/// # Errors
/// No such copies, an altered copy, unknown columns, a case that another process writes
/// or whose journal was altered. Copies adopted before the error stay in the case.
pub fn adopt(
    dir: &Path,
    mapping: Option<&Mapping>,
    memory: MemoryBudget,
    watcher: &dyn Watcher,
) -> anyhow::Result<Session> {
    let logged = Logged::begin("adopt", dir);
    let session = adopt_copies(dir, mapping, memory, watcher);
    logged.end(&session, Session::numbers);
    session
}

fn adopt_copies(
    dir: &Path,
    mapping: Option<&Mapping>,
    memory: MemoryBudget,
    watcher: &dyn Watcher,
) -> anyhow::Result<Session> {
    let named: Vec<Digest> = match Case::open(dir, Access::ReadOnly) {
        Ok(case) => case.state().every_snapshot().map(|snapshot| snapshot.sha256).collect(),
        Err(CaseError::NotACase { .. }) => Vec::new(),
        Err(error) if error.is_unreadable() => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let mut copies = snapshot::sealed_copies(dir)?;
    copies.retain(|sha256| !named.contains(sha256));
    if copies.is_empty() {
        bail!("{} holds no sealed copies that its journal does not name", dir.display());
    }
    // All copies are checked before the case is created.
    let mut proposals = Vec::new();
    for &sha256 in &copies {
        let mapping = |files: &[(String, PathBuf)]| match mapping {
            Some(mapping) => Ok(mapping.clone()),
            None => proposed_mapping(files),
        };
        let adopted = snapshot::adopt(dir, sha256, mapping, watcher);
        proposals.push(adopted.with_context(|| format!("the copy {}", sha256.short()))?);
    }
    let (mut case, mut made) = adopting_case(dir)?;
    for snapshot in proposals {
        if let Err(error) = add_snapshot(&mut case, (memory, true), Vec::new(), watcher, |_, _| Ok(snapshot))
        {
            return finish(case, made, Err(error), watcher);
        }
        made = Made::No;
    }
    finish(case, made, Ok(()), watcher)
}

/// The part of a case that an import made itself.
#[derive(Clone, Copy, PartialEq)]
enum Made {
    No,
    Database,
    Folder,
}

fn open_or_make(dir: &Path) -> anyhow::Result<(Case, Made)> {
    if Case::exists(dir) {
        return match Case::open(dir, Access::Write) {
            Err(error) => Err(copies_without_case(dir, error)),
            Ok(case) => Ok((case.opened_by(Program::running()), Made::No)),
        };
    }
    let copies = snapshot::sealed_copies(dir)?.len();
    if copies > 0 {
        return Err(CopiesWithoutCase { dir: dir.to_owned(), copies }.into());
    }
    make(dir)
}

fn make(dir: &Path) -> anyhow::Result<(Case, Made)> {
    let made = if dir.exists() { Made::Database } else { Made::Folder };
    Ok((Case::create(dir)?.opened_by(Program::running()), made))
}

/// The case for adopted copies. A file under the name of its database that is
/// not a database is renamed, never removed.
fn adopting_case(dir: &Path) -> anyhow::Result<(Case, Made)> {
    if Case::exists(dir) {
        match Case::open(dir, Access::Write) {
            Err(error) if error.is_unreadable() => {}
            opened => return Ok((opened?.opened_by(Program::running()), Made::No)),
        }
    }
    put_aside(dir)?;
    make(dir)
}

/// Renames an unreadable `case.sqlite` and what belongs to it to `case.unreadable-N.sqlite`.
fn put_aside(dir: &Path) -> anyhow::Result<()> {
    let aside = |n: u32, end: &str| dir.join(format!("case.unreadable-{n}.sqlite{end}"));
    let n = (1..).find(|&n| !aside(n, "").exists() && !aside(n, "-wal").exists()).unwrap_or(1);
    for end in ["", "-wal", "-shm"] {
        let path = dir.join(format!("case.sqlite{end}"));
        if path.exists() {
            fail_point::pass("adopt.put_aside")
                .and_then(|()| files::rename(&path, &aside(n, end)))
                .with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

/// Opens the case after an import, or takes back what the import made of it.
fn finish(
    case: Case,
    made: Made,
    result: Result<(), NotAdded>,
    watcher: &dyn Watcher,
) -> anyhow::Result<Session> {
    match result {
        // The journal has the snapshot, so a cancel is ignored from here on.
        Ok(()) => {
            let mut session = open_for(case, &Uncancellable(watcher)).context(
                "the snapshot is in the case, but the case could not be opened after that; open it again",
            )?;
            let unreadable = session.cache.load_facts()?.unreadable;
            log_unreadable(session.case.dir(), "import", unreadable.len());
            session.notes.extend(unreadable_in_words(&unreadable));
            Ok(session)
        }
        Err(NotAdded::Unsure(error)) => Err(error),
        Err(NotAdded::Undone(error)) => {
            let dir = case.dir().to_owned();
            drop(case);
            take_back(&dir, made);
            Err(error)
        }
    }
}

/// Watcher that passes reports on and ignores cancellation.
pub(super) struct Uncancellable<'a>(pub &'a dyn Watcher);

impl Watcher for Uncancellable<'_> {
    fn report(&self, progress: Progress) {
        self.0.report(progress);
    }

    fn note(&self, text: &str) {
        self.0.note(text);
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

fn proposed_mapping(files: &[(String, PathBuf)]) -> anyhow::Result<Mapping> {
    let proposal = snapshot::propose(files, None)?;
    if !proposal.problems.is_empty() {
        bail!(
            "the columns of these files are unknown: {}. Map them with --map FILE, or choose a preset with --preset",
            proposal.problems.join("; ")
        );
    }
    Ok(proposal.mapping)
}

/// Reason for which a snapshot was not added.
enum NotAdded {
    /// The case is as it was.
    Undone(anyhow::Error),
    /// The journal may have the entry: a disk that fails while it is synced can have kept it.
    Unsure(anyhow::Error),
}

impl From<anyhow::Error> for NotAdded {
    fn from(error: anyhow::Error) -> Self {
        Self::Undone(error)
    }
}

fn add_snapshot(
    case: &mut Case,
    (memory, accept_set_aside): (MemoryBudget, bool),
    left_out: Vec<LeftOut>,
    watcher: &dyn Watcher,
    seal: impl FnOnce(&Case, &dyn Watcher) -> anyhow::Result<Snapshot>,
) -> Result<(), NotAdded> {
    settle_named(case)?;
    let snapshot = seal(case, watcher)?;
    let sha256 = snapshot.sha256;
    let undo = |case: &Case| snapshot::discard(case.dir(), sha256);
    if case.state().retired_because(sha256).is_some() {
        undo(case);
        return Err(anyhow!(
            "these files are in the case as snapshot {}, which was retired; restore it with: stillhunt retire {} {} --restore",
            sha256.short(),
            case.dir().display(),
            sha256.short()
        )
        .into());
    }
    if case.state().snapshots.iter().any(|own| own.sha256 == sha256) {
        // A copy of what is in the case by reference.
        undo(case);
        return Err(anyhow::Error::from(AlreadyThere { snapshot: sha256 }).into());
    }
    // The cache is built beside the old one and takes its place only once the journal has the
    // snapshot.
    let mut sources = case.sources();
    let next = next_cache_path(case);
    let report = check_unchanged(&sources, watcher)
        .and_then(|()| {
            sources.snapshots.push(snapshot.clone());
            build(&next, &sources, memory, watcher, |cache| {
                check_readable(&cache.load_facts()?, sha256, accept_set_aside)?;
                Ok(case_report(cache, &sources, &snapshot, left_out)?)
            })
        })
        .inspect_err(|_| {
            remove_file_if_there(&next);
            undo(case);
        })?;
    if let Err(error) = case.record(Action::SnapshotAdded { snapshot, report: Some(Box::new(report)) }) {
        // The copies wait for the next opening, which sees what the journal has.
        remove_file_if_there(&next);
        return Err(NotAdded::Unsure(error.into()));
    }
    fail_point::pass("import.journaled").map_err(|error| NotAdded::Unsure(error.into()))?;
    // From here on the snapshot is acknowledged and nothing may be taken back. A copy is found
    // under the name it waits with, and a cache that cannot be put in place is built again.
    let _ = snapshot::settle(case.dir(), sha256);
    if cache::put_in_place(&next, &case.cache_path()).is_err() {
        remove_file_if_there(&next);
    }
    Ok(())
}

/// Check of the parts of a new snapshot that a load could not read.
///
/// # Errors
/// More rows set aside, or more damage, than agreed to.
fn check_readable(facts: &LoadFacts, sha256: Digest, accepted: bool) -> anyhow::Result<()> {
    if let Some(tally) = facts.tallies.get(&sha256) {
        check_set_aside(tally, accepted)?;
    }
    let own = |place: &&UnreadablePlace| place.snapshot == sha256;
    let places: Vec<_> = facts.unreadable.iter().filter(own).cloned().collect();
    match unreadable_in_words(&places) {
        Some(words) if !accepted => Err(NotAllReadable(words).into()),
        _ => Ok(()),
    }
}

/// Gives the copies that the journal names their lasting names, and removes what imports that
/// were killed have left.
fn settle_named(case: &Case) -> anyhow::Result<()> {
    let named: Vec<Digest> = case.state().every_snapshot().map(|snapshot| snapshot.sha256).collect();
    for &sha256 in &named {
        snapshot::settle(case.dir(), sha256)?;
    }
    Ok(snapshot::remove_unfinished(case.dir(), &named)?)
}

/// Takes away the database of a case that an import made and could not fill; the folder too,
/// where the import made it and nothing else is in it.
fn take_back(dir: &Path, made: Made) {
    if made == Made::No {
        return;
    }
    let _ = fail_point::pass("import.forget");
    for name in ["case.sqlite", "case.sqlite-wal", "case.sqlite-shm", "case.lock"] {
        remove_file_if_there(&dir.join(name));
        let _ = fail_point::pass("import.forgotten");
    }
    if made == Made::Folder {
        let _ = std::fs::remove_dir(dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_left_out_by_its_name_or_path() {
        let is = |name: &str| is_named("2026/raw/a.jsonl", Path::new("/logs/2026/raw/a.jsonl"), name);
        for name in ["2026/raw/a.jsonl", "2026/raw", "raw", "raw/", "/logs/2026", "/logs/2026/raw/a.jsonl"] {
            assert!(is(name), "{name}");
        }
        for name in ["a.json", "ra", "2025", "/log"] {
            assert!(!is(name), "{name}");
        }
    }
}
