//! The one thread that writes to the case, so that the window never waits for a disk.

mod closing;
mod requests;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use anyhow::anyhow;

use super::{Jobs, Pending, Session, Ticket, finish_text};
use crate::bundle::{BundleError, ExportOptions};
use crate::cache::{Cache, RowId};
use crate::case::{Action, EvidenceSource, StoryPart};
use crate::model::Tag;
use crate::snapshot::Sources;
use closing::EndOfThread;
use requests::{Replies, Request, Unanswered, lock, next_reply};
use writer::Writer;

pub use closing::{ClosingCase, Ended};
pub use requests::{CaseReply, NotWritten, Recorder};

/// Title of the text pass among the listed jobs.
pub const TEXT_PASS: &str = "Text pass";

/// A handle on the thread that owns the [`Case`]. A request counts when its reply has come; until
/// then it is [pending](Self::pending). Dropping the handle lets the thread finish its requests
/// and close the case; [`close`](Self::close) gives a handle to wait for that.
pub struct CaseWorker {
    recorder: Recorder,
    replies: Replies,
    stop: Arc<AtomicBool>,
    ended: Ended,
    thread: JoinHandle<()>,
}

impl CaseWorker {
    /// Gives the session's case to a thread of its own. Long work is listed in `jobs`, which is
    /// also woken after each reply.
    pub fn start(session: Session, jobs: &Jobs) -> Self {
        let (requests, inbox) = mpsc::channel();
        let (outbox, replies) = mpsc::channel();
        let (stop, ended) = (Arc::<AtomicBool>::default(), Ended::default());
        let writer = Writer::new(session, jobs.clone(), Arc::clone(&stop));
        let end = EndOfThread(ended.clone(), jobs.clone());
        let thread = std::thread::spawn(move || {
            // Dropped last: when the end is reported, the case is free and nothing more is answered.
            let _end = end;
            let (inbox, outbox) = (inbox, outbox);
            writer.run(&inbox, &outbox);
        });
        let recorder =
            Recorder { requests, unanswered: Unanswered::default(), writes: jobs.writes().clone() };
        Self { recorder, replies, stop, ended, thread }
    }

    /// Lets the thread finish its requests and close the case.
    pub fn close(self) -> ClosingCase {
        let Self { recorder, replies, stop, ended, thread } = self;
        ClosingCase { unanswered: recorder.unanswered, replies, stop, ended, thread }
    }

    /// Sender of requests for other threads.
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

    /// Journals actions as one act.
    pub fn record_act(&self, actions: Vec<Action>) {
        let what: Vec<String> = actions.iter().map(Action::describe).collect();
        self.recorder.ask(Pending::one(what.join("; ")), Request::RecordAct(actions));
    }

    /// Marks an account or a scope.
    pub fn tag_source(&self, source: EvidenceSource, tag: Tag, note: String) {
        let pending = Pending { marks: true, ..Pending::one(format!("{} tagged {tag}", source.describe())) };
        self.recorder.ask(pending, Request::TagSource { source, tag, note });
    }

    /// Adds a part at the end of the story; its number is given on the worker.
    pub fn add_story_part(&self, part: StoryPart) {
        self.recorder.ask(Pending::one("new part of the story"), Request::AddStoryPart(part));
    }

    /// Marks a source as context and adds a part of the story that shows it, as one act.
    pub fn embed(&self, source: EvidenceSource, exhibit: Option<String>) {
        let what = format!("{} tagged {} and added to the story", source.describe(), Tag::Context);
        let pending = Pending { decisions: 2, marks: true, ..Pending::one(what) };
        self.recorder.ask(pending, Request::Embed { source, exhibit });
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

    /// Finishes the text pass on its own thread, as a listed job that can be cancelled. The case stays open
    /// until it has ended, so that no other process begins the same work.
    pub fn finish_text(&self, jobs: &Jobs, cache: Arc<Cache>, sources: Arc<Sources>) -> Ticket {
        let recorder = self.recorder.clone();
        let listed = jobs.list(Some(TEXT_PASS));
        let ticket = (*listed).clone();
        // One core stays free for the window.
        let threads = std::thread::available_parallelism().map_or(1, |cores| (cores.get() - 1).max(1));
        std::thread::spawn(move || {
            let pass = AssertUnwindSafe(|| finish_text(cache, &sources, threads, &*listed));
            let ended = catch_unwind(pass).unwrap_or_else(|_| Err(anyhow!("an internal fault stopped it")));
            // The thread of the case ends only once all senders are dropped. The end of the pass is not a
            // decision: its results are already in the cache.
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::case::Case;
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
            ["bundle written", "statement on the clocks set to second"]
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
        assert_eq!(failed.what, "statement on the clocks set to second");
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
