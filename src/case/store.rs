//! The case's folder and database: create, open, append.

use std::path::{Path, PathBuf};

use super::{Action, CaseError, Entry, JournalLine, State};
use crate::model::{Digest, Record};
use crate::snapshot::Sources;

/// How a case is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The only writer.
    Write,
    /// A look beside whoever writes.
    ReadOnly,
}

/// An open case.
pub struct Case {
    dir: PathBuf,
    access: Access,
    connection: rusqlite::Connection,
    state: State,
}

impl Case {
    /// Makes a case in a folder that does not exist or is empty, and opens it for writing. The
    /// name in the journal is the folder's without `.stillhunt`.
    ///
    /// # Errors
    /// Where the folder has something in it, or cannot be written.
    pub fn create(dir: &Path) -> Result<Self, CaseError> {
        todo!()
    }

    /// Opens a case, checks its journal's chain and folds it.
    ///
    /// # Errors
    /// Where there is no case, another process writes it (and [`Access::Write`] is asked; the
    /// error says which), the chain is broken, or the database is of a newer version.
    pub fn open(dir: &Path, access: Access) -> Result<Self, CaseError> {
        todo!()
    }

    /// The case's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where its cache is, whether or not there is one.
    pub fn cache_path(&self) -> PathBuf {
        self.dir.join("cache.sqlite")
    }

    /// Writing or looking.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The case as it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Its snapshots and where they are.
    pub fn sources(&self) -> Sources {
        Sources { case_dir: self.dir.clone(), snapshots: self.state.snapshots.clone() }
    }

    /// Appends to the journal. When this returns, the entry is on the disk.
    ///
    /// # Errors
    /// Read-only case, disk full, or an action that makes no sense now (no such evidence).
    pub fn record(&mut self, action: Action) -> Result<&Entry, CaseError> {
        todo!()
    }

    /// Appends an action that marks an exchange, and keeps a copy of its record, in one
    /// transaction.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_with_copies(&mut self, actions: Vec<Action>, copies: &[Record]) -> Result<(), CaseError> {
        todo!()
    }

    /// Takes back the last decision that is not yet taken back; `None` where there is none.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn undo(&mut self) -> Result<Option<&Entry>, CaseError> {
        todo!()
    }

    /// Does the last undone decision again; `None` where there is none.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn redo(&mut self) -> Result<Option<&Entry>, CaseError> {
        todo!()
    }

    /// A record copied as evidence, by its hash; `None` where there is none. Checks the hash.
    ///
    /// # Errors
    /// Where the database cannot be read or the copy's hash is not what it is filed under.
    pub fn record_copy(&self, digest: Digest) -> Result<Option<Record>, CaseError> {
        todo!()
    }

    /// The journal as lines of a bundle, all bodies included.
    pub fn journal_lines(&self) -> Vec<JournalLine> {
        todo!()
    }
}
