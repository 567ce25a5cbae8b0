//! The one thread that writes to the case, so that the window never waits for a disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};

use anyhow::anyhow;

use super::{Jobs, Listed, Renewed, Session, Ticket, finish_text, mark_exchanges};
use crate::bundle::{self, BundleError, ExportOptions, Exported};
use crate::cache::{Cache, RowId};
use crate::case::{Action, Case, EvidenceSource, State};
use crate::model::{Tag, Watcher as _};
use crate::snapshot::Sources;

/// What the worker says back, in order.
#[derive(Clone)]
pub enum CaseReply {
    /// The case changed and is on the disk.
    Changed(Arc<State>),
    /// A bundle was written, and the case with it.
    Exported(Exported, Arc<State>),
    /// The text pass has ended: cache and leads to go on with.
    Renewed(Renewed),
    /// The text pass has stopped before its end; why, unless it was cancelled.
    TextPassStopped(Option<String>),
    /// Something could not be done; why and what to do.
    Failed(String),
}

/// A handle on the thread that owns the [`Case`]. Dropping it lets the thread finish what was
/// asked and close the case.
pub struct CaseWorker {
    requests: mpsc::Sender<Request>,
    replies: mpsc::Receiver<CaseReply>,
    thread: std::thread::JoinHandle<()>,
}

enum Request {
    Record(Action),
    TagSource { source: EvidenceSource, tag: Tag, note: String },
    TagExchanges { rows: Vec<RowId>, tag: Tag, note: String },
    Undo,
    Redo,
    Export(MakeOptions),
    TextPassEnded(Box<anyhow::Result<Renewed>>, Listed),
}

/// Makes the options on the worker's thread, since the signing key is read from a file.
type MakeOptions = Box<dyn FnOnce() -> Result<ExportOptions, BundleError> + Send>;

impl CaseWorker {
    /// Gives the session's case to a thread of its own. Long work is listed in `jobs`, which is
    /// also woken after each reply.
    pub fn start(session: Session, jobs: &Jobs) -> Self {
        let jobs = jobs.clone();
        let (requests, inbox) = mpsc::channel();
        let (outbox, replies) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut session = session;
            while let Ok(request) = inbox.recv() {
                // A panic must reach the screen, or the window would wait for ever.
                let outcome = catch_unwind(AssertUnwindSafe(|| carry_out(&mut session, &jobs, request)));
                let reply = match outcome {
                    Ok(Ok(reply)) => reply,
                    Ok(Err(error)) => CaseReply::Failed(format!("{error:#}")),
                    Err(_) => CaseReply::Failed(
                        "an internal fault stopped this step; nothing acknowledged before is lost. Open the case again"
                            .to_owned(),
                    ),
                };
                if outbox.send(reply).is_err() {
                    return;
                }
                jobs.wake();
            }
        });
        Self { requests, replies, thread }
    }

    /// Lets the thread finish what was asked and close the case; whoever needs the case to be
    /// free joins the returned handle, which must not be the UI thread.
    pub fn close(self) -> std::thread::JoinHandle<()> {
        self.thread
    }

    /// Journals an action.
    pub fn record(&self, action: Action) {
        self.ask(Request::Record(action));
    }

    /// Marks an account or a scope.
    pub fn tag_source(&self, source: EvidenceSource, tag: Tag, note: String) {
        self.ask(Request::TagSource { source, tag, note });
    }

    /// Marks exchanges, copying their records.
    pub fn tag_exchanges(&self, rows: Vec<RowId>, tag: Tag, note: String) {
        self.ask(Request::TagExchanges { rows, tag, note });
    }

    /// Takes back the last decision.
    pub fn undo(&self) {
        self.ask(Request::Undo);
    }

    /// Does the last undone decision again.
    pub fn redo(&self) {
        self.ask(Request::Redo);
    }

    /// Writes a bundle; the options are made on the worker's thread.
    pub fn export(&self, options: impl FnOnce() -> Result<ExportOptions, BundleError> + Send + 'static) {
        self.ask(Request::Export(Box::new(options)));
    }

    /// Does what is left of the text pass on a thread of its own, as a job that can be seen and
    /// cancelled. The case stays open until that has ended, so nobody else begins the same work.
    pub fn finish_text(&self, jobs: &Jobs, cache: Arc<Cache>, sources: Arc<Sources>) -> Ticket {
        let requests = self.requests.clone();
        let listed = jobs.list(Some("Text pass"));
        let ticket = (*listed).clone();
        // One core stays for what is looked at meanwhile.
        let threads = std::thread::available_parallelism().map_or(1, |cores| (cores.get() - 1).max(1));
        std::thread::spawn(move || {
            let pass = AssertUnwindSafe(|| finish_text(&cache, &sources, threads, &*listed));
            let ended = catch_unwind(pass).unwrap_or_else(|_| Err(anyhow!("an internal fault stopped it")));
            drop(cache);
            // The thread of the case ends only when nobody can ask it any more.
            let _ = requests.send(Request::TextPassEnded(Box::new(ended), listed));
        });
        ticket
    }

    /// The next reply that has come, without waiting. Call until `None`, once a frame.
    pub fn poll(&self) -> Option<CaseReply> {
        self.replies.try_recv().ok()
    }

    fn ask(&self, request: Request) {
        // The thread ends only when this handle does, so somebody is listening.
        let _ = self.requests.send(request);
    }
}

fn carry_out(session: &mut Session, jobs: &Jobs, request: Request) -> anyhow::Result<CaseReply> {
    let Session { case, cache, leads, sources, .. } = session;
    match request {
        Request::Record(action) => case.record(action)?,
        Request::TagSource { source, tag, note } => {
            let id = case.state().next_evidence();
            case.record(Action::Tagged { id, source, tag, note })?;
        }
        Request::TagExchanges { rows, tag, note } => {
            let job = jobs.list(Some("marking exchanges"));
            mark_exchanges(case, cache, sources, &rows, &tag, &note, &*job)?;
        }
        Request::Undo => {
            case.undo()?;
        }
        Request::Redo => {
            case.redo()?;
        }
        Request::Export(options) => {
            let job = jobs.list(Some("writing the bundle"));
            let exported = bundle::export(case, cache, leads, &options()?, &*job)?;
            return Ok(CaseReply::Exported(exported, state_of(case)));
        }
        Request::TextPassEnded(ended, job) => {
            return Ok(match *ended {
                Ok(renewed) => {
                    session.renew(renewed.clone());
                    CaseReply::Renewed(renewed)
                }
                Err(_) if job.is_cancelled() => CaseReply::TextPassStopped(None),
                Err(error) => CaseReply::TextPassStopped(Some(format!("{error:#}"))),
            });
        }
    }
    Ok(CaseReply::Changed(state_of(case)))
}

fn state_of(case: &Case) -> Arc<State> {
    Arc::new(case.state().clone())
}
