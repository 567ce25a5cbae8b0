//! The end of the program: finishes pending writes after the window is gone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use crate::jobs::{ClosingCase, NotWritten, PendingWrites};

/// Patience with writes that the investigator has given up.
const AFTER_GIVING_UP: Duration = Duration::from_secs(2);

/// Shared by the window, the handler of signals and whoever opened the window. Cheap to clone.
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
    /// Writes that were asked for and are not on the disk yet.
    pub fn writes(&self) -> &PendingWrites {
        &self.shared.writes
    }

    /// Asks the window to close, as a signal does: it closes once everything asked is written. The
    /// window shows what would be lost where it is asked a second time.
    pub fn ask(&self) {
        self.shared.asked.fetch_add(1, Ordering::SeqCst);
        if let Some(window) = &*lock(&self.shared.window) {
            window.request_repaint();
        }
    }

    /// The window that hears when it is asked to close.
    pub(super) fn wakes(&self, window: &egui::Context) {
        *lock(&self.shared.window) = Some(window.clone());
    }

    /// Number of times the window was asked to close since this was last called.
    pub(super) fn take_asked(&self) -> usize {
        self.shared.asked.swap(0, Ordering::SeqCst)
    }

    /// Writes that are not done are given up: the investigator has decided so.
    pub(super) fn give_up(&self) {
        self.shared.given_up.store(true, Ordering::SeqCst);
    }

    /// Takes over what the window leaves behind.
    pub(super) fn leave(&self, cases: Vec<ClosingCase>, throw_away: Option<TempDir>) {
        let mut left = lock(&self.shared.left);
        left.cases.extend(cases);
        left.throw_away = throw_away.or(left.throw_away.take());
    }

    /// Waits until everything asked is written and the cases are closed; where the investigator
    /// has given it up, two seconds a case at the most. Returns what was not written.
    pub fn finish(&self) -> Vec<NotWritten> {
        let Left { cases, throw_away } = std::mem::take(&mut *lock(&self.shared.left));
        let limit = self.shared.given_up.load(Ordering::SeqCst).then_some(AFTER_GIVING_UP);
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
