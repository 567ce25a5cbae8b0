//! The end of the program: finishes pending writes after the window is gone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use crate::jobs::{ClosingCase, NotWritten, PendingWrites};

/// Longest wait for writes that the investigator has given up.
const WAIT_AFTER_GIVING_UP: Duration = Duration::from_secs(2);

/// Shared by the window, the signal handler and the function that opened the window. Cheap to clone.
#[derive(Clone, Default)]
pub struct Exit {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    writes: PendingWrites,
    /// Requests from outside the window to close it, not yet seen by the window.
    asked: AtomicUsize,
    given_up: AtomicBool,
    window: Mutex<Option<egui::Context>>,
    left: Mutex<Left>,
}

#[derive(Default)]
struct Left {
    cases: Vec<ClosingCase>,
    /// Deleted after the cases in it have ended.
    throw_away: Option<TempDir>,
}

impl Exit {
    /// Requested writes that are not on the disk yet.
    pub fn writes(&self) -> &PendingWrites {
        &self.shared.writes
    }

    /// Asks the window to close, as a signal does: it closes once all requests are written. A second call
    /// makes the window list what would be lost.
    pub fn ask(&self) {
        self.shared.asked.fetch_add(1, Ordering::SeqCst);
        if let Some(window) = &*lock(&self.shared.window) {
            window.request_repaint();
        }
    }

    /// Sets the window that is redrawn when it is asked to close.
    pub(super) fn wakes(&self, window: &egui::Context) {
        *lock(&self.shared.window) = Some(window.clone());
    }

    /// Number of times the window was asked to close since this was last called.
    pub(super) fn take_asked(&self) -> usize {
        self.shared.asked.swap(0, Ordering::SeqCst)
    }

    /// Abandons unfinished writes, as the investigator decided.
    pub(super) fn give_up(&self) {
        self.shared.given_up.store(true, Ordering::SeqCst);
    }

    /// Takes over the cases and the temporary folder of a closed window.
    pub(super) fn leave(&self, cases: Vec<ClosingCase>, throw_away: Option<TempDir>) {
        let mut left = lock(&self.shared.left);
        left.cases.extend(cases);
        left.throw_away = throw_away.or(left.throw_away.take());
    }

    /// Waits until all requests are written and the cases are closed; after [`give_up`](Self::give_up) at most
    /// two seconds per case. Returns the decisions that were not written.
    pub fn finish(&self) -> Vec<NotWritten> {
        let Left { cases, throw_away } = std::mem::take(&mut *lock(&self.shared.left));
        let limit = self.shared.given_up.load(Ordering::SeqCst).then_some(WAIT_AFTER_GIVING_UP);
        let mut failed = Vec::new();
        for case in cases {
            if limit.is_some() {
                case.abandon();
            }
            failed.extend(if case.ended().wait(limit) { case.join() } else { case.give_up() });
        }
        self.shared.writes.wait(limit);
        drop(throw_away);
        failed
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
