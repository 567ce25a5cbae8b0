//! Folder and database of a case: creating, opening, appending.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::TryRng as _;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::journal::CHAIN_START;
use super::lock::WriteLock;
use super::medium::{Place, ReadOnly, open_read_only};
use super::{Action, CaseError, Entry, JournalLine, Person, Program, State, check_chain, copies, database};
use crate::cache::fail_point;
use crate::model::{Digest, ExchangeRef, Micros, Record, Zone};
use crate::snapshot::{Snapshot, Sources};

/// Mode in which a case is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The only writer.
    Write,
    /// Read-only, beside a writer.
    ReadOnly,
}

/// Open case.
#[derive(Debug)]
pub struct Case {
    dir: PathBuf,
    access: Access,
    connection: Connection,
    /// Folder of the copy of a read-only case, if a copy was opened.
    _copy: Option<tempfile::TempDir>,
    place: Place,
    state: State,
    /// Entry and time of this opening, journaled before the first other entry; `None` once it is.
    opening: Option<(Action, Micros)>,
    /// Held until the case is dropped; `None` for a read-only case.
    _lock: Option<WriteLock>,
}

impl Case {
    /// Creates a case in a folder that does not exist or is empty, and opens it for writing. The name in
    /// the journal is that of the folder without `.stillhunt`. Files of an interrupted creation are
    /// reused, as nothing in them was acknowledged.
    ///
    /// # Errors
    /// The folder has other files in it, or cannot be written. Files that this call made are then
    /// removed.
    pub fn create(dir: &Path) -> Result<Self, CaseError> {
        let io = |source| CaseError::Io { path: dir.to_owned(), source };
        let is_new = !dir.exists();
        std::fs::create_dir_all(dir).map_err(io)?;
        for found in std::fs::read_dir(dir).map_err(io)? {
            let name = found.map_err(io)?.file_name().to_string_lossy().into_owned();
            let ours = name.starts_with("case.") || name.starts_with("cache.") || name == "snapshots";
            if !ours {
                return Err(CaseError::FolderInUse { dir: dir.to_owned(), found: name });
            }
        }
        let path = dir.join("case.sqlite");
        let mut made = database::Made { dir, folder: is_new, database: false };
        let lock = WriteLock::take(dir, &holder()).inspect_err(|error| {
            if !matches!(error, CaseError::Busy { .. }) {
                made.remove();
            }
        })?;
        made.database = !path.exists();
        let first =
            Action::CaseCreated { name: case_name(dir), version: env!("CARGO_PKG_VERSION").to_owned() };
        let created = new_entry(None, now(), None, None, first)
            .and_then(|entry| Ok((database::create(dir, &path, &entry)?, entry)))
            .inspect_err(|_| made.remove());
        let (connection, entry) = created?;
        let (place, state) = (Place::of(&path), State::fold(vec![Arc::new(entry)]));
        let (dir, access) = (dir.to_owned(), Access::Write);
        Ok(Self { dir, access, connection, _copy: None, place, state, opening: None, _lock: Some(lock) })
    }

    /// True if a folder holds a case whose creation was acknowledged. A creation that was interrupted while
    /// SQLite wrote the first page is rolled back first.
    pub fn exists(dir: &Path) -> bool {
        let path = dir.join("case.sqlite");
        path.is_file()
            && open_read_only(&path)
                .and_then(|found| database::user_version(&found.connection, &path))
                .or_else(|error| database::roll_back_creation(dir, &path).unwrap_or(Err(error)))
                .map_or(true, |version| version != 0)
    }

    /// Opens a case, checks its journal's chain and folds it.
    ///
    /// # Errors
    /// There is no case, another process has it open for writing (for [`Access::Write`] only; the error
    /// names it), the chain is broken, or the database is of a newer version.
    pub fn open(dir: &Path, access: Access) -> Result<Self, CaseError> {
        let path = dir.join("case.sqlite");
        if !Self::exists(dir) {
            return Err(CaseError::NotACase { dir: dir.to_owned() });
        }
        let lock = match access {
            Access::Write => Some(WriteLock::take(dir, &holder())?),
            Access::ReadOnly => None,
        };
        let ReadOnly { mut connection, copy } = match access {
            Access::Write => {
                ReadOnly { connection: database::connect(&path, OpenFlags::empty())?, copy: None }
            }
            Access::ReadOnly => open_read_only(&path)?,
        };
        let place = Place::of(&path);
        let found = database::user_version(&connection, &path)?;
        // Tables and version are written in one transaction: without a version there are no tables.
        if found == 0 {
            return Err(CaseError::NotACase { dir: dir.to_owned() });
        }
        if found > database::FORMAT {
            return Err(CaseError::NewerVersion { path, found, supported: database::FORMAT });
        }
        if found < database::FORMAT && access == Access::Write {
            database::migrate(&mut connection)
                .map_err(|source| CaseError::Sqlite { path: path.clone(), source })?;
        }
        let state = State::fold(database::read_journal(&connection, &path)?);
        let dir = dir.to_owned();
        let case = Self { dir, access, connection, _copy: copy, place, state, opening: None, _lock: lock };
        let faults = check_chain(&case.journal_lines());
        if faults.is_empty() { Ok(case) } else { Err(CaseError::Broken { path, faults }) }
    }

    /// The same case, which journals its opening by this program before anything else is recorded. An
    /// opening in which nothing is recorded leaves no entry. The entry has the time of the opening.
    #[must_use]
    pub fn opened_by(mut self, program: &Program) -> Self {
        self.opening = Some((program.opened(), now()));
        self
    }

    /// Journals the opening now, if it is not yet journaled, so that what is written next can refer to it.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_opening(&mut self) -> Result<(), CaseError> {
        if self.opening.is_some() { self.record_with_copies_after_opening(Vec::new(), &[]) } else { Ok(()) }
    }

    /// The case's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Path of its cache, which need not exist.
    pub fn cache_path(&self) -> PathBuf {
        self.dir.join("cache.sqlite")
    }

    /// Mode in which it is open.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Present state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Its snapshots with their paths.
    pub fn sources(&self) -> Sources {
        Sources { case_dir: self.dir.clone(), snapshots: self.state.snapshots.clone() }
    }

    /// Appends an action to the journal. The entry is on the disk when this returns.
    ///
    /// # Errors
    /// The case is read-only, the disk is full, or the action does not apply (no such evidence).
    pub fn record(&mut self, action: Action) -> Result<(), CaseError> {
        self.record_with_copies(vec![action], &[])
    }

    /// Appends actions as one act and stores copies of records, in one transaction: all of it is on the
    /// disk when this returns, or none. Undo takes an act back as a whole.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_with_copies(&mut self, actions: Vec<Action>, copies: &[Record]) -> Result<(), CaseError> {
        if actions.is_empty() && self.access == Access::Write {
            return Ok(());
        }
        self.record_with_copies_after_opening(actions, copies)
    }

    /// As [`record_with_copies`](Self::record_with_copies), with the entry of the opening also before no action.
    fn record_with_copies_after_opening(
        &mut self,
        actions: Vec<Action>,
        copies: &[Record],
    ) -> Result<(), CaseError> {
        if self.access == Access::ReadOnly {
            return Err(CaseError::ReadOnly);
        }
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        let opening = self.opening.clone();
        // The note of the opening is no part of the act that it stands before.
        let first = self.state.journal.last().map_or(1, |entry| entry.seq + 1) + u64::from(opening.is_some());
        let act = (actions.len() > 1).then_some(first);
        let opening = opening.into_iter().map(|(action, at)| (None, action, Some(at)));
        let mut next_legal = self.state.next_legal();
        let actions = actions.into_iter().map(|action| (act, action, None));
        for (act, mut action, at) in opening.chain(actions) {
            if let Action::Legal { legal } = &mut action {
                legal.number(&mut next_legal);
            }
            // Evidence that the same act marks is not in the state yet.
            let is_marked_here = |id: u64| {
                entries
                    .iter()
                    .any(|entry| matches!(entry.action, Action::Tagged { id: new, .. } if new == id))
            };
            match action {
                Action::StoryWritten { evidence: Some(id), .. } if is_marked_here(id) => {}
                _ => self.check(&action)?,
            }
            let prev = entries.last().or(self.state.journal.last());
            let entry = new_entry(
                prev.map(AsRef::as_ref),
                at.unwrap_or_else(now),
                Person::of(&self.state),
                act,
                action,
            )?;
            entries.push(Arc::new(entry));
        }
        self.place.check()?;
        self.append(&entries, copies)
            .map_err(|source| CaseError::Sqlite { path: self.dir.join("case.sqlite"), source })?;
        // SQLite goes on writing to a file that was removed, and says that all is well.
        self.place.check()?;
        if !entries.is_empty() {
            self.opening = None;
        }
        let mut journal = std::mem::take(&mut self.state.journal);
        journal.extend(entries);
        self.state = State::fold(journal);
        Ok(())
    }

    /// Takes back the last act in effect; false if there is none.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn undo(&mut self) -> Result<bool, CaseError> {
        let Some(step) = &self.state.undo else { return Ok(false) };
        let (entry, last) = (step.first, (step.last != step.first).then_some(step.last));
        self.record(Action::Undone { entry, last }).map(|()| true)
    }

    /// Restores the act undone last; false if there is none.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn redo(&mut self) -> Result<bool, CaseError> {
        let Some(step) = &self.state.redo else { return Ok(false) };
        let (entry, last) = (step.first, (step.last != step.first).then_some(step.last));
        self.record(Action::Redone { entry, last }).map(|()| true)
    }

    /// Copy of a record, by its exchange, its hash and the hash of its reading; `None` if there is none.
    /// Checks both hashes. Copies of format 1 have no hash of their reading.
    ///
    /// # Errors
    /// The database cannot be read, or the copy does not have the hashes of its key.
    pub fn record_copy(
        &self,
        exchange: &ExchangeRef,
        digest: Digest,
        reading: Option<Digest>,
    ) -> Result<Option<Record>, CaseError> {
        let path = self.dir.join("case.sqlite");
        match reading {
            Some(reading) => copies::find(&self.connection, &path, exchange, digest, reading),
            None => copies::find_old(&self.connection, &path, exchange, digest),
        }
    }

    /// Secret key of pseudonyms and commitments; made and journaled at the first call.
    ///
    /// # Errors
    /// As [`record`](Self::record), or the system gives no random numbers.
    pub fn bundle_key(&mut self) -> Result<Digest, CaseError> {
        if let Some(key) = self.state.bundle_key {
            return Ok(key);
        }
        let key = Digest(random()?);
        self.record(Action::BundleKeyMade { key })?;
        Ok(key)
    }

    /// Journal as lines of a bundle, with all bodies.
    pub fn journal_lines(&self) -> Vec<JournalLine> {
        let mut prev = CHAIN_START;
        let line = |entry: &Arc<Entry>| JournalLine::whole(entry, std::mem::replace(&mut prev, entry.hash));
        self.state.journal.iter().map(line).collect()
    }

    /// Checks that an action applies to the present state, as [`record`](Self::record) does.
    ///
    /// # Errors
    /// The reason for which it does not apply.
    pub fn check(&self, action: &Action) -> Result<(), CaseError> {
        match action {
            Action::EvidenceChanged { id, .. }
            | Action::EvidenceRemoved { id }
            | Action::EvidencePlaced { id, .. }
                if !self.state.evidence.contains_key(id) =>
            {
                Err(CaseError::NoSuchEvidence(*id))
            }
            Action::StoryMoved { id, after: Some(after) } if id == after => {
                Err(CaseError::NotBehind(format!("part {after}")))
            }
            Action::StoryMoved { after: Some(after), .. }
                if !self.state.story.iter().any(|part| part.id == *after) =>
            {
                Err(CaseError::NoSuchStoryPart(*after))
            }
            Action::EvidencePlaced { id, group, after: Some(after) }
                if id == after || !self.state.is_in_group(*after, group) =>
            {
                Err(CaseError::NotBehind(format!("evidence {after}")))
            }
            // A part keeps evidence that was removed after it was written.
            Action::StoryWritten { id, evidence: Some(shown), .. }
                if !self.state.evidence.contains_key(shown)
                    && !self
                        .state
                        .story
                        .iter()
                        .any(|part| part.id == *id && part.evidence == Some(*shown)) =>
            {
                Err(CaseError::NoSuchEvidence(*shown))
            }
            Action::StoryMoved { id, .. } | Action::StoryRemoved { id }
                if !self.state.story.iter().any(|part| part.id == *id) =>
            {
                Err(CaseError::NoSuchStoryPart(*id))
            }
            Action::SnapshotRetired { snapshot, .. } if !has(&self.state.snapshots, *snapshot) => {
                Err(CaseError::NoSuchSnapshot(*snapshot))
            }
            Action::SnapshotRetired { snapshot, .. } if self.state.snapshots.len() == 1 => {
                Err(CaseError::LastSnapshot(*snapshot))
            }
            Action::MappingReplaced { snapshot, .. } if !has(&self.state.snapshots, *snapshot) => {
                Err(CaseError::NoSuchSnapshot(*snapshot))
            }
            Action::SnapshotRestored { snapshot, .. } if self.state.retired_because(*snapshot).is_none() => {
                Err(CaseError::NoSuchSnapshot(*snapshot))
            }
            Action::RedactionRemoved { id }
                if self.state.redactions.iter().all(|redaction| redaction.id != *id) =>
            {
                Err(CaseError::NoSuchRedaction(*id))
            }
            Action::Legal { legal } => legal.check(&self.state),
            _ => Ok(()),
        }
    }

    fn append(&mut self, entries: &[Arc<Entry>], records: &[Record]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for record in records {
            fail_point::pass("case.copy")?;
            copies::keep(&transaction, record)?;
        }
        for entry in entries {
            fail_point::pass("case.entry")?;
            database::insert(&transaction, entry)?;
        }
        fail_point::pass("case.commit")?;
        transaction.commit()?;
        fail_point::pass("case.committed")
    }
}

fn has(snapshots: &[Snapshot], wanted: Digest) -> bool {
    snapshots.iter().any(|snapshot| snapshot.sha256 == wanted)
}

fn new_entry(
    prev: Option<&Entry>,
    at: Micros,
    person: Option<Person>,
    act: Option<u64>,
    action: Action,
) -> Result<Entry, CaseError> {
    let salt: [u8; 16] = random()?;
    let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Entry::of_act(prev, at, &user(), person, salt, act, action)?)
}

fn random<const N: usize>() -> Result<[u8; N], CaseError> {
    let mut bytes = [0; N];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(|error| CaseError::Random(error.to_string()))?;
    Ok(bytes)
}

fn now() -> Micros {
    jiff::Timestamp::now().as_microsecond()
}

fn user() -> String {
    let named = |name| std::env::var(name).ok().filter(|user| !user.trim().is_empty());
    named("USER")
        .or_else(|| named("LOGNAME"))
        .or_else(|| named("USERNAME"))
        .or_else(user_of_process)
        .unwrap_or("unknown".into())
}

/// Name of the owner of this process in `/etc/passwd`, used if the environment has none.
fn user_of_process() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let id = status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?;
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.split(':').nth(2) == Some(id))?;
    line.split(':').next().map(str::to_owned)
}

/// Holder of the lock, for the error of a second process.
fn holder() -> String {
    format!("{} (process {}, since {} UTC)", user(), std::process::id(), Zone::utc().format(now()))
}

fn case_name(dir: &Path) -> String {
    let name = dir.file_name().map_or_else(|| "case".into(), |name| name.to_string_lossy().into_owned());
    name.strip_suffix(".stillhunt").unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests;
