//! A case that is being opened or imported by a job.

use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use crate::case::Access;
use crate::jobs::{ImportRequest, Jobs, Session, Ticket, import, open};

/// What is being opened.
#[derive(Clone, Debug)]
pub enum What {
    /// A case that is there.
    Case(PathBuf, Access),
    /// Files, into a case.
    Import,
}

/// The job and what it will answer; errors as text.
pub struct Opening {
    /// What is being opened.
    pub what: What,
    /// Where the answer comes: outside, that the job itself went wrong.
    pub inbox: Receiver<Result<Result<Session, String>, String>>,
}

impl Opening {
    /// Opens a case.
    pub fn open(jobs: &Jobs, dir: PathBuf, access: Access) -> Self {
        let title = format!("Opening {}", dir.display());
        let asked = dir.clone();
        let work = move |ticket: &Ticket| open(&asked, access, ticket).map_err(|error| format!("{error:#}"));
        let (_, inbox) = jobs.spawn(Some(&title), work);
        Self { what: What::Case(dir, access), inbox }
    }

    /// Imports files, once the case is no longer held by `writer`, where there is one.
    pub fn import(jobs: &Jobs, request: ImportRequest, writer: Option<std::thread::JoinHandle<()>>) -> Self {
        let work = move |ticket: &Ticket| {
            // A writer that panicked has let go of the case as well.
            let _ = writer.map(std::thread::JoinHandle::join);
            import(&request, ticket).map_err(|error| format!("{error:#}"))
        };
        let (_, inbox) = jobs.spawn(Some("Import"), work);
        Self { what: What::Import, inbox }
    }
}
