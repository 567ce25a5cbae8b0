//! The one thread that writes to the case, so that the window never waits for a disk.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::anyhow;

use super::{
    Jobs, Listed, Pending, PendingWrite, PendingWrites, Renewed, Session, Ticket, finish_text, mark_exchanges,
};
use crate::bundle::{self, BundleError, ExportOptions, Exported};
use crate::cache::{self, Cache, RowId};
use crate::case::{Action, Case, EvidenceSource, State};
use crate::model::{Progress, Tag, Watcher};
use crate::snapshot::Sources;

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
    /// The text pass has stopped before its end; why, unless it was cancelled.
    TextPassStopped(Option<String>),
    /// The case changed and is on the disk, except for a part of the request.
    PartlyWritten(Arc<State>, NotWritten),
    /// A decision or an export that was not written; a reason and a way out.
    Failed(NotWritten),
}

/// A decision or an export that did not reach the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotWritten {
    /// The outcome that was asked for: `161 exchanges tagged relied-on`.
    pub what: String,
    /// Reason and way out.
    pub why: String,
}

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Not written: {}. {}", self.what, self.why)
    }
}

/// A handle on the thread that owns the [`Case`]. A request counts when its reply has come; until
/// then it is [pending](Self::pending). Dropping the handle lets the thread finish what was asked
/// and close the case; [`close`](Self::close) gives a handle to wait for that.
pub struct CaseWorker {
    recorder: Recorder,
    replies: Replies,
    stop: Arc<AtomicBool>,
    ended: Ended,
    thread: JoinHandle<()>,
}

/// A way to ask the thread of a case for something, from any thread. The case stays open as long
/// as there is one.
#[derive(Clone)]
pub struct Recorder {
    requests: mpsc::Sender<Asked>,
    unanswered: Unanswered,
    writes: PendingWrites,
}

/// Requests whose replies have not been taken in, by number.
type Unanswered = Arc<Mutex<BTreeMap<u64, Pending>>>;
/// Replies with the numbers of their requests.
type Replies = mpsc::Receiver<(u64, CaseReply)>;

struct Asked {
    number: u64,
    what: String,
    request: Request,
    /// Ends when the reply is sent, or with the thread.
    write: Option<PendingWrite>,
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

impl Recorder {
    /// Journals an action.
    pub fn record(&self, action: Action) {
        self.ask(Pending::one(action.describe()), Request::Record(action));
    }

    /// Announces a write that is to be asked for later, so that closing waits for it.
    pub fn announce(&self, what: &str) -> PendingWrite {
        self.writes.begin(Pending::one(what))
    }

    fn ask(&self, pending: Pending, request: Request) {
        // What is no decision loses nothing when it is not waited for.
        let write = (pending.decisions > 0).then(|| self.writes.begin(pending.clone()));
        let what = pending.what.clone();
        let mut unanswered = lock(&self.unanswered);
        let number = unanswered.last_key_value().map_or(0, |(last, _)| last + 1);
        unanswered.insert(number, pending);
        drop(unanswered);
        // Where the thread has died, `poll` reports the request as not written.
        let _ = self.requests.send(Asked { number, what, request, write });
    }
}

impl CaseWorker {
    /// Gives the session's case to a thread of its own. Long work is listed in `jobs`, which is
    /// also woken after each reply.
    pub fn start(session: Session, jobs: &Jobs) -> Self {
        let (requests, inbox) = mpsc::channel();
        let (outbox, replies) = mpsc::channel();
        let (stop, ended) = (Arc::<AtomicBool>::default(), Ended::default());
        let writer = Writer { session, jobs: jobs.clone(), stop: Arc::clone(&stop), has_panicked: false };
        let end = EndOfThread(ended.clone(), jobs.clone());
        let thread = std::thread::spawn(move || {
            // Dropped after the writer, so that the case is free when the end is reported.
            let _end = end;
            writer.run(&inbox, &outbox);
        });
        let recorder =
            Recorder { requests, unanswered: Unanswered::default(), writes: jobs.writes().clone() };
        Self { recorder, replies, stop, ended, thread }
    }

    /// Lets the thread finish what was asked and close the case.
    pub fn close(self) -> ClosingCase {
        let Self { recorder, replies, stop, ended, thread } = self;
        ClosingCase { unanswered: recorder.unanswered, replies, stop, ended, thread }
    }

    /// A way for other threads to journal something.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Requests whose replies have not come, oldest first: they do not count yet.
    pub fn pending(&self) -> Vec<Pending> {
        lock(&self.recorder.unanswered).values().filter(|pending| pending.decisions > 0).cloned().collect()
    }

    /// Journals an action.
    pub fn record(&self, action: Action) {
        self.recorder.record(action);
    }

    /// Marks an account or a scope.
    pub fn tag_source(&self, source: EvidenceSource, tag: Tag, note: String) {
        let pending = Pending { marks: true, ..Pending::one(format!("{} tagged {tag}", source.describe())) };
        self.recorder.ask(pending, Request::TagSource { source, tag, note });
    }

    /// Marks exchanges, copying their records.
    pub fn tag_exchanges(&self, rows: Vec<RowId>, tag: Tag, note: String) {
        let decisions = rows.len() as u64;
        let what = match decisions {
            1 => format!("1 exchange tagged {tag}"),
            more => format!("{more} exchanges tagged {tag}"),
        };
        self.recorder
            .ask(Pending { what, decisions, marks: true }, Request::TagExchanges { rows, tag, note });
    }

    /// Takes back the last decision.
    pub fn undo(&self) {
        self.recorder.ask(Pending::one("undo"), Request::Undo);
    }

    /// Does the last undone decision again.
    pub fn redo(&self) {
        self.recorder.ask(Pending::one("redo"), Request::Redo);
    }

    /// Writes a bundle; the options are made on the worker's thread.
    pub fn export(&self, options: impl FnOnce() -> Result<ExportOptions, BundleError> + Send + 'static) {
        self.recorder.ask(Pending::one("bundle written"), Request::Export(Box::new(options)));
    }

    /// Does what is left of the text pass on a thread of its own, as a job that can be seen and
    /// cancelled. The case stays open until that has ended, so nobody else begins the same work.
    pub fn finish_text(&self, jobs: &Jobs, cache: Arc<Cache>, sources: Arc<Sources>) -> Ticket {
        let recorder = self.recorder.clone();
        let listed = jobs.list(Some("Text pass"));
        let ticket = (*listed).clone();
        // One core stays for what is looked at meanwhile.
        let threads = std::thread::available_parallelism().map_or(1, |cores| (cores.get() - 1).max(1));
        std::thread::spawn(move || {
            let pass = AssertUnwindSafe(|| finish_text(&cache, &sources, threads, &*listed));
            let ended = catch_unwind(pass).unwrap_or_else(|_| Err(anyhow!("an internal fault stopped it")));
            drop(cache);
            // The thread of the case ends only when nobody can ask it any more. The end of the pass
            // is no decision: everything that it has done is in the cache already.
            let pending = Pending { decisions: 0, ..Pending::one("end of the text pass") };
            recorder.ask(pending, Request::TextPassEnded(Box::new(ended), listed));
        });
        ticket
    }

    /// The next reply that has come, without waiting. Call until `None`, once a frame. Where the
    /// thread has died, each request without a reply is reported as not written.
    pub fn poll(&self) -> Option<CaseReply> {
        next_reply(&self.replies, &self.recorder.unanswered)
    }
}

fn next_reply(replies: &Replies, unanswered: &Unanswered) -> Option<CaseReply> {
    match replies.try_recv() {
        Ok((number, reply)) => {
            lock(unanswered).remove(&number);
            Some(reply)
        }
        Err(mpsc::TryRecvError::Empty) => None,
        Err(mpsc::TryRecvError::Disconnected) => {
            let (_, lost) = lock(unanswered).pop_first()?;
            Some(CaseReply::Failed(NotWritten { what: lost.what, why: AFTER_A_PANIC.to_owned() }))
        }
    }
}

/// Takes in all replies that have come; those of what was not written.
fn drain(replies: &Replies, unanswered: &Unanswered) -> Vec<NotWritten> {
    let mut failed = Vec::new();
    while let Some(reply) = next_reply(replies, unanswered) {
        if let CaseReply::Failed(not_written) | CaseReply::PartlyWritten(_, not_written) = reply {
            failed.push(not_written);
        }
    }
    failed
}

/// The case of a [`CaseWorker`] that was closed: it ends once everything asked is written.
pub struct ClosingCase {
    unanswered: Unanswered,
    replies: Replies,
    stop: Arc<AtomicBool>,
    ended: Ended,
    thread: JoinHandle<()>,
}

impl ClosingCase {
    /// Stops the write under way and drops those that wait; they are reported as not written.
    pub fn abandon(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// The end of the case, to wait for from another thread.
    pub fn ended(&self) -> Ended {
        self.ended.clone()
    }

    /// Waits for the thread. Returns what was not written; empty where all of it was.
    pub fn join(self) -> Vec<NotWritten> {
        // A thread that panicked has let go of the case as well; its requests are reported below.
        let _ = self.thread.join();
        drain(&self.replies, &self.unanswered)
    }

    /// Waits no longer. Returns what was not written so far: an entry of it may still get to the
    /// disk until the program ends.
    pub fn give_up(self) -> Vec<NotWritten> {
        self.abandon();
        let mut failed = drain(&self.replies, &self.unanswered);
        let why = "The program ended before".to_owned();
        let left = std::mem::take(&mut *lock(&self.unanswered)).into_values();
        let left = left.filter(|pending| pending.decisions > 0);
        failed.extend(left.map(|pending| NotWritten { what: pending.what, why: why.clone() }));
        failed
    }
}

/// The end of the thread that owns a case: the case is free then.
#[derive(Clone, Default)]
pub struct Ended(Arc<(Mutex<bool>, Condvar)>);

impl Ended {
    /// True once the case is free.
    pub fn is_over(&self) -> bool {
        *lock(&self.0.0)
    }

    /// Waits until the case is free, at most so long where a limit is given. Returns true where
    /// it is.
    pub fn wait(&self, at_most: Option<Duration>) -> bool {
        let (over, change) = &*self.0;
        let over = lock(over);
        let over = match at_most {
            None => change.wait_while(over, |over| !*over).unwrap_or_else(PoisonError::into_inner),
            Some(limit) => {
                let waited = change.wait_timeout_while(over, limit, |over| !*over);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        *over
    }
}

/// Reports the end of the thread, however it comes.
struct EndOfThread(Ended, Jobs);

impl Drop for EndOfThread {
    fn drop(&mut self) {
        let (over, change) = &*self.0.0;
        *lock(over) = true;
        change.notify_all();
        self.1.wake();
    }
}

/// What a request is answered with after an internal fault.
const AFTER_A_PANIC: &str = "An internal fault stopped the writing of this case. Everything that was \
    acknowledged before is on the disk. Close the case and open it again";

/// The thread's own part.
struct Writer {
    session: Session,
    jobs: Jobs,
    stop: Arc<AtomicBool>,
    /// A panic may have left the session half-changed, so nothing is written with it any more.
    has_panicked: bool,
}

impl Writer {
    fn run(mut self, inbox: &mpsc::Receiver<Asked>, outbox: &mpsc::Sender<(u64, CaseReply)>) {
        while let Ok(Asked { number, what, request, write }) = inbox.recv() {
            let reply =
                self.answer(request).unwrap_or_else(|why| CaseReply::Failed(NotWritten { what, why }));
            // Whoever asked may be gone; what was asked after it is carried out all the same.
            let _ = outbox.send((number, reply));
            drop(write);
            self.jobs.wake();
        }
    }

    fn answer(&mut self, request: Request) -> Result<CaseReply, String> {
        if self.has_panicked {
            return Err(AFTER_A_PANIC.to_owned());
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
                Err(AFTER_A_PANIC.to_owned())
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
            let id = case.state().next_evidence();
            case.record(Action::Tagged { id, source, tag, note })?;
        }
        Request::TagExchanges { rows, tag, note } => {
            let job = jobs.list(Some("marking exchanges"));
            let watcher = Stoppable { job: &job, stop };
            let marked = mark_exchanges(case, cache, sources, &rows, &tag, &note, &watcher)?;
            if let Some(why) = marked.unreadable_in_words() {
                let lost = marked.unreadable.len();
                let what = format!("{lost} of {} exchanges tagged {tag}", marked.asked);
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

/// A panic while one of these short values was held leaves it whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{ImportRequest, import, memory_of_machine};
    use crate::model::Silent;
    use crate::snapshot::Sealing;
    use crate::snapshot::fixture::write_plain;

    fn session(home: &std::path::Path) -> Session {
        write_plain(&home.join("logs/day.parquet"), 70);
        let request = ImportRequest {
            case_dir: home.join("c.stillhunt"),
            paths: vec![home.join("logs")],
            mapping: None,
            sealing: Sealing::Copy,
            memory: memory_of_machine(),
            leave_out: Vec::new(),
            accept_set_aside: false,
        };
        import(&request, &Silent).unwrap()
    }

    fn named(name: &str) -> Action {
        Action::SettingChanged { key: "clock_statement".into(), value: name.into() }
    }

    fn stated(home: &std::path::Path) -> Option<String> {
        let case = Case::open(&home.join("c.stillhunt"), crate::case::Access::ReadOnly).unwrap();
        case.state().settings.get("clock_statement").cloned()
    }

    #[test]
    fn a_panic_is_said_and_nothing_after_it_counts_as_done() {
        let home = tempfile::tempdir().unwrap();
        let jobs = Jobs::new(1, || ());
        let worker = CaseWorker::start(session(home.path()), &jobs);
        worker.record(named("first"));
        worker.export(|| panic!("a fault of the program"));
        worker.record(named("second"));
        let failed = worker.close().join();
        assert_eq!(
            failed.iter().map(|failed| failed.what.as_str()).collect::<Vec<_>>(),
            ["bundle written", "clock_statement set to second"]
        );
        assert_eq!(stated(home.path()).as_deref(), Some("first"));
        assert_eq!(jobs.writes().list(), []);
    }

    #[test]
    fn a_worker_that_has_died_leaves_no_decision_unanswered() {
        let home = tempfile::tempdir().unwrap();
        let once = AtomicBool::new(true);
        // Wakes are called outside of what is caught; the first one kills the thread.
        let jobs = Jobs::new(1, move || assert!(!once.swap(false, Ordering::SeqCst), "the thread dies"));
        let worker = CaseWorker::start(session(home.path()), &jobs);
        worker.record(named("first"));
        worker.ended.wait(None);
        worker.record(named("second"));
        assert_eq!(worker.pending().len(), 2);
        assert!(matches!(worker.poll(), Some(CaseReply::Changed(_))));
        let Some(CaseReply::Failed(failed)) = worker.poll() else { panic!("it is not said") };
        assert_eq!(failed.what, "clock_statement set to second");
        assert_eq!((worker.pending().len(), jobs.writes().decisions()), (0, 0));
    }

    #[test]
    fn all_that_was_asked_is_written_after_the_handle_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let jobs = Jobs::new(1, || ());
        let worker = CaseWorker::start(session(home.path()), &jobs);
        for i in 0..20 {
            worker.record(named(&i.to_string()));
        }
        let ended = worker.ended.clone();
        drop(worker);
        assert!(ended.wait(None));
        assert_eq!(stated(home.path()).as_deref(), Some("19"));
    }
}
