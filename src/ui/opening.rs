//! A case that is being opened or imported by a job.

use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use tempfile::TempDir;

use crate::case::Access;
use crate::jobs::{
    Ended, ImportRequest, Jobs, NotOpened, SampleCase, Session, SourceChangeRequest, Ticket, adopt,
    change_sources, import, memory_of_machine, open, sample_case,
};
use crate::snapshot::Mapping;

/// Kind of opening.
#[derive(Clone, Debug)]
pub enum What {
    /// An existing case.
    Case(PathBuf),
    /// Files imported into a case.
    Import,
    /// A case whose snapshots are changed first.
    Change(PathBuf),
    /// The sample, into a temporary case.
    Sample,
}

/// Result of an opening that succeeded.
pub struct Opened {
    /// The case.
    pub session: Session,
    /// The folder that is deleted with the sample's case.
    pub throw_away: Option<TempDir>,
}

impl From<Session> for Opened {
    fn from(session: Session) -> Self {
        Self { session, throw_away: None }
    }
}

/// Job that opens or imports a case, with its answer.
pub struct Opening {
    /// Kind of opening.
    pub what: What,
    /// Receiver of the answer. Outer error: the job itself failed; inner error: the case was not opened.
    pub inbox: Receiver<Result<Result<Opened, NotOpened>, String>>,
    ticket: Ticket,
}

impl Opening {
    /// Opens a case, once the cases in `before` have released their locks.
    pub fn open(jobs: &Jobs, dir: PathBuf, access: Access, before: Vec<Ended>) -> Self {
        let title = format!("Opening {}", dir.display());
        let asked = dir.clone();
        let work = move |ticket: &Ticket| {
            wait_for(&before);
            open(&asked, access, ticket).map(Opened::from).map_err(NotOpened::from)
        };
        let (ticket, inbox) = jobs.spawn(Some(&title), work);
        Self { what: What::Case(dir), inbox, ticket }
    }

    /// Imports files, once the cases in `before` have released their locks.
    pub fn import(jobs: &Jobs, request: ImportRequest, before: Vec<Ended>) -> Self {
        let work = move |ticket: &Ticket| {
            wait_for(&before);
            import(&request, ticket).map(Opened::from).map_err(NotOpened::from)
        };
        let (ticket, inbox) = jobs.spawn(Some("Import"), work);
        Self { what: What::Import, inbox, ticket }
    }

    /// Makes a case of the sealed copies in a folder.
    pub fn adopt(jobs: &Jobs, dir: PathBuf, mapping: Mapping, before: Vec<Ended>) -> Self {
        let work = move |ticket: &Ticket| {
            wait_for(&before);
            adopt(&dir, Some(&mapping), memory_of_machine(), ticket)
                .map(Opened::from)
                .map_err(NotOpened::from)
        };
        let (ticket, inbox) = jobs.spawn(Some("Import"), work);
        Self { what: What::Import, inbox, ticket }
    }

    /// Changes a snapshot of a case, once the cases in `before` have released their locks.
    pub fn change(jobs: &Jobs, request: SourceChangeRequest, before: Vec<Ended>) -> Self {
        let dir = request.case_dir.clone();
        let work = move |ticket: &Ticket| {
            wait_for(&before);
            change_sources(&request, ticket).map(Opened::from).map_err(NotOpened::from)
        };
        let (ticket, inbox) = jobs.spawn(Some("Rebuilding the case"), work);
        Self { what: What::Change(dir), inbox, ticket }
    }

    /// Loads the sample into a temporary case, once the cases in `before` have released their locks.
    pub fn sample(jobs: &Jobs, before: Vec<Ended>) -> Self {
        let work = move |ticket: &Ticket| {
            wait_for(&before);
            let SampleCase { folder, session } = sample_case(ticket).map_err(NotOpened::from)?;
            Ok(Opened { session, throw_away: Some(folder) })
        };
        let (ticket, inbox) = jobs.spawn(Some("Loading the sample"), work);
        Self { what: What::Sample, inbox, ticket }
    }

    /// Asks the job to stop. An import that is already journaled runs to its end.
    pub fn cancel(&self) {
        self.ticket.cancel();
    }
}

fn wait_for(before: &[Ended]) {
    for case in before {
        case.wait(None);
    }
}
