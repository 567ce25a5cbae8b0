//! A case that was closed: the end of its thread, and what was not written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::requests::{NotWritten, Replies, Unanswered, drain, lock};
use crate::jobs::Jobs;

/// The closed case of a [`CaseWorker`](super::CaseWorker): it ends once every request is written.
pub struct ClosingCase {
    pub(super) unanswered: Unanswered,
    pub(super) replies: Replies,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) ended: Ended,
    pub(super) thread: JoinHandle<()>,
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
        // A thread that panicked has released the case as well; its requests are reported below.
        let _ = self.thread.join();
        drain(&self.replies, &self.unanswered)
    }

    /// Stops waiting. Returns the requests not written so far; an entry of them may still reach the
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

/// End of the thread that owns a case; other processes can open the case from then on.
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

/// Guard that reports the end of the thread, also after a panic.
pub(super) struct EndOfThread(pub Ended, pub Jobs);

impl Drop for EndOfThread {
    fn drop(&mut self) {
        let (over, change) = &*self.0.0;
        *lock(over) = true;
        change.notify_all();
        self.1.wake();
    }
}
