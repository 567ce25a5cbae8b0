//! Requests to the thread of a case, and its replies.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use crate::bundle::{BundleError, ExportOptions, Exported};
use crate::cache::RowId;
use crate::case::{Action, EvidenceSource, State, StoryPart};
use crate::jobs::{Listed, Pending, PendingWrite, PendingWrites, Renewed};
use crate::model::Tag;

/// A message of the worker, in the order of the requests.
#[derive(Clone)]
pub enum CaseReply {
    /// The case changed and is on the disk.
    Changed(Arc<State>),
    /// The case changed and is on the disk, and the cache no longer fits its snapshots: the case
    /// has to be opened again.
    SourcesChanged(Arc<State>),
    /// A bundle was written, and the case with it.
    Exported(Exported, Arc<State>),
    /// The text pass has ended: cache and leads to go on with.
    Renewed(Renewed),
    /// The text pass has stopped before its end; the reason, or `None` if it was cancelled.
    TextPassStopped(Option<String>),
    /// The case changed and is on the disk, except for a part of the request.
    PartlyWritten(Arc<State>, NotWritten),
    /// A decision or an export that was not written, with the reason and the next step.
    Failed(NotWritten),
}

/// A decision or an export that did not reach the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotWritten {
    /// The outcome that was asked for: `161 exchanges tagged relied-on`.
    pub what: String,
    /// Reason and next step.
    pub why: String,
}

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Not written: {}. {}", self.what, self.why)
    }
}

/// Reply to a request after an internal fault.
pub(super) const INTERNAL_FAULT: &str = "An internal fault stopped the writing of this case. Everything that was \
    acknowledged before is on the disk. Close the case and open it again";

/// Sender of requests to the thread of a case, usable from any thread. The case stays open as long
/// as one exists.
#[derive(Clone)]
pub struct Recorder {
    pub(super) requests: mpsc::Sender<QueuedRequest>,
    pub(super) unanswered: Unanswered,
    pub(super) writes: PendingWrites,
}

/// Requests whose replies have not been taken in, by number.
pub(super) type Unanswered = Arc<Mutex<BTreeMap<u64, Pending>>>;
/// Replies with the numbers of their requests.
pub(super) type Replies = mpsc::Receiver<(u64, CaseReply)>;

/// A request on its way to the thread.
pub(super) struct QueuedRequest {
    pub number: u64,
    /// The outcome in words.
    pub what: String,
    pub request: Request,
    /// Ends when the reply is sent, or with the thread.
    pub write: Option<PendingWrite>,
}

/// Work for the thread.
pub(super) enum Request {
    Record(Action),
    RecordAct(Vec<Action>),
    TagSource { source: EvidenceSource, tag: Tag, note: String },
    AddStoryPart(StoryPart),
    Embed { source: EvidenceSource, exhibit: Option<String> },
    TagExchanges { rows: Vec<RowId>, tag: Tag, note: String },
    Undo,
    Redo,
    Export(MakeOptions),
    TextPassEnded(Box<anyhow::Result<Renewed>>, Listed),
}

/// Makes the options on the worker's thread, since the signing key is read from a file.
pub(super) type MakeOptions = Box<dyn FnOnce() -> Result<ExportOptions, BundleError> + Send>;

impl Recorder {
    /// Journals an action.
    pub fn record(&self, action: Action) {
        self.ask(Pending::one(action.describe()), Request::Record(action));
    }

    /// Announces a later request, so that closing waits for it.
    pub fn announce(&self, what: &str) -> PendingWrite {
        self.writes.begin(Pending::one(what))
    }

    pub(super) fn ask(&self, pending: Pending, request: Request) {
        // Closing waits for decisions only.
        let write = (pending.decisions > 0).then(|| self.writes.begin(pending.clone()));
        let what = pending.what.clone();
        let mut unanswered = lock(&self.unanswered);
        let number = unanswered.last_key_value().map_or(0, |(last, _)| last + 1);
        unanswered.insert(number, pending);
        drop(unanswered);
        // If the thread has ended, `poll` reports the request as not written.
        let _ = self.requests.send(QueuedRequest { number, what, request, write });
    }
}

/// The next reply that has come, without waiting; once the thread has died, each request without a
/// reply as not written.
pub(super) fn next_reply(replies: &Replies, unanswered: &Unanswered) -> Option<CaseReply> {
    match replies.try_recv() {
        Ok((number, reply)) => {
            lock(unanswered).remove(&number);
            Some(reply)
        }
        Err(mpsc::TryRecvError::Empty) => None,
        Err(mpsc::TryRecvError::Disconnected) => {
            let (_, lost) = lock(unanswered).pop_first()?;
            Some(CaseReply::Failed(NotWritten { what: lost.what, why: INTERNAL_FAULT.to_owned() }))
        }
    }
}

/// Takes in all replies that have come. Returns the failures.
pub(super) fn drain(replies: &Replies, unanswered: &Unanswered) -> Vec<NotWritten> {
    let mut failed = Vec::new();
    while let Some(reply) = next_reply(replies, unanswered) {
        if let CaseReply::Failed(not_written) | CaseReply::PartlyWritten(_, not_written) = reply {
            failed.push(not_written);
        }
    }
    failed
}

/// The value in a mutex, also after a panic of another holder: these short values stay consistent.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
