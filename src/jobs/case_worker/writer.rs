//! The thread that owns a case and carries out its requests.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use super::requests::{CaseReply, INTERNAL_FAULT, NotWritten, QueuedRequest, Request};
use crate::bundle;
use crate::cache;
use crate::case::{Case, State};
use crate::jobs::{Jobs, Session, Ticket, mark, mark_exchanges};
use crate::model::{Progress, Watcher};

/// State of the thread.
pub(super) struct Writer {
    session: Session,
    jobs: Jobs,
    stop: Arc<AtomicBool>,
    /// A panic may have left the session half-changed, so nothing is written with it any more.
    has_panicked: bool,
}

impl Writer {
    /// The state for a session; `stop` drops the requests that wait.
    pub fn new(session: Session, jobs: Jobs, stop: Arc<AtomicBool>) -> Self {
        Self { session, jobs, stop, has_panicked: false }
    }

    /// Answers requests until all senders are dropped.
    pub fn run(mut self, inbox: &mpsc::Receiver<QueuedRequest>, outbox: &mpsc::Sender<(u64, CaseReply)>) {
        while let Ok(QueuedRequest { number, what, request, write }) = inbox.recv() {
            let reply =
                self.answer(request).unwrap_or_else(|why| CaseReply::Failed(NotWritten { what, why }));
            // The receiver may be gone; later requests are still carried out.
            let _ = outbox.send((number, reply));
            drop(write);
            self.jobs.wake();
        }
    }

    fn answer(&mut self, request: Request) -> Result<CaseReply, String> {
        if self.has_panicked {
            return Err(INTERNAL_FAULT.to_owned());
        }
        if self.stop.load(Ordering::Relaxed) {
            return Err("The case was closed before".to_owned());
        }
        let (session, jobs, stop) = (&mut self.session, &self.jobs, &self.stop);
        // A panic must reach the screen, or the window would wait for ever.
        match catch_unwind(AssertUnwindSafe(|| carry_out(session, jobs, stop, request))) {
            Ok(outcome) => outcome.map_err(|error| format!("{error:#}")),
            Err(_) => {
                self.has_panicked = true;
                Err(INTERNAL_FAULT.to_owned())
            }
        }
    }
}

/// A job that also stops when the case is closed without waiting.
struct Stoppable<'a> {
    job: &'a Ticket,
    stop: &'a AtomicBool,
}

impl Watcher for Stoppable<'_> {
    fn report(&self, progress: Progress) {
        self.job.report(progress);
    }

    fn is_cancelled(&self) -> bool {
        self.job.is_cancelled() || self.stop.load(Ordering::Relaxed)
    }
}

fn carry_out(
    session: &mut Session,
    jobs: &Jobs,
    stop: &AtomicBool,
    request: Request,
) -> anyhow::Result<CaseReply> {
    let Session { case, cache, leads, sources, .. } = session;
    match request {
        Request::Record(action) => case.record(action)?,
        Request::TagSource { source, tag, note } => {
            mark(case, vec![source], &[], &tag, &note)?;
        }
        Request::RecordAct(actions) => case.record_with_copies(actions, &[])?,
        Request::AddStoryPart(part) => case.record(case.state().new_story_part(part))?,
        Request::Embed { source, exhibit } => {
            case.record_with_copies(case.state().embedded(source, exhibit), &[])?;
        }
        Request::TagExchanges { rows, tag, note } => {
            let job = jobs.list(Some("marking exchanges"));
            let watcher = Stoppable { job: &job, stop };
            let marked = mark_exchanges(case, cache, sources, &rows, &tag, &note, &watcher)?;
            if let Some(why) = marked.unreadable_in_words() {
                let lost = marked.unreadable.len();
                let what = format!("{lost} of {} exchanges tagged {tag}", marked.requested);
                return Ok(CaseReply::PartlyWritten(state_of(case), NotWritten { what, why }));
            }
        }
        Request::Undo => {
            case.undo()?;
        }
        Request::Redo => {
            case.redo()?;
        }
        Request::Export(options) => {
            let job = jobs.list(Some("writing the bundle"));
            let exported = bundle::export(case, cache, leads, &options()?, &Stoppable { job: &job, stop })?;
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
    let state = state_of(case);
    let fits = cache::fingerprint_of(&case.sources()) == cache.fingerprint();
    Ok(if fits { CaseReply::Changed(state) } else { CaseReply::SourcesChanged(state) })
}

fn state_of(case: &Case) -> Arc<State> {
    Arc::new(case.state().clone())
}
