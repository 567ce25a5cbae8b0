//! A case that is being opened or imported by a job.

use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use tempfile::TempDir;

use crate::case::Access;
use crate::jobs::{ImportRequest, Jobs, NotOpened, SampleCase, Session, Ticket, import, open, sample_case};

/// What is being opened.
#[derive(Clone, Debug)]
pub enum What {
    /// A case that is there.
    Case(PathBuf),
    /// Files, into a case.
    Import,
    /// The sample, into a throw-away case.
    Sample,
}

/// What came of it.
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

/// The job and what it will answer.
pub struct Opening {
    /// What is being opened.
    pub what: What,
    /// Where the answer comes: outside, that the job itself went wrong.
    pub inbox: Receiver<Result<Result<Opened, NotOpened>, String>>,
}

impl Opening {
    /// Opens a case, once it is no longer held by `writer`, where there is one.
    pub fn open(
        jobs: &Jobs,
        dir: PathBuf,
        access: Access,
        writer: Option<std::thread::JoinHandle<()>>,
    ) -> Self {
        let title = format!("Opening {}", dir.display());
        let asked = dir.clone();
        let work = move |ticket: &Ticket| {
            // A writer that panicked has let go of the case as well.
            let _ = writer.map(std::thread::JoinHandle::join);
            open(&asked, access, ticket).map(Opened::from).map_err(NotOpened::from)
        };
        let (_, inbox) = jobs.spawn(Some(&title), work);
        Self { what: What::Case(dir), inbox }
    }

    /// Imports files, once the case is no longer held by `writer`, where there is one.
    pub fn import(jobs: &Jobs, request: ImportRequest, writer: Option<std::thread::JoinHandle<()>>) -> Self {
        let work = move |ticket: &Ticket| {
            // A writer that panicked has let go of the case as well.
            let _ = writer.map(std::thread::JoinHandle::join);
            import(&request, ticket).map(Opened::from).map_err(NotOpened::from)
        };
        let (_, inbox) = jobs.spawn(Some("Import"), work);
        Self { what: What::Import, inbox }
    }

    /// Loads the sample into a throw-away case.
    pub fn sample(jobs: &Jobs) -> Self {
        let work = |ticket: &Ticket| {
            let SampleCase { folder, session } = sample_case(ticket).map_err(NotOpened::from)?;
            Ok(Opened { session, throw_away: Some(folder) })
        };
        let (_, inbox) = jobs.spawn(Some("Loading the sample"), work);
        Self { what: What::Sample, inbox }
    }
}
