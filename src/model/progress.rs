//! Progress and cancellation of long work.

/// Progress of a piece of work. `total` is 0 where it is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Present step in words for a person: “reading files”.
    pub phase: String,
    /// Units done so far.
    pub done: u64,
    /// Units in all, or 0.
    pub total: u64,
    /// Unit of the counts: “rows”, “bytes”, “accounts”.
    pub unit: &'static str,
}

/// Error of work that was cancelled. It leaves nothing behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Receiver of progress, which can cancel the work. Worker threads call it often, so it has to be cheap.
pub trait Watcher: Sync {
    /// Receives the progress.
    fn report(&self, progress: Progress);

    /// Receives a warning in words, such as why a cache had to be built again. The work goes on.
    fn note(&self, _text: &str) {}

    /// True if the work should stop.
    fn is_cancelled(&self) -> bool;

    /// Calls [`report`](Self::report).
    fn step(&self, phase: &str, done: u64, total: u64, unit: &'static str) {
        self.report(Progress { phase: phase.to_owned(), done, total, unit });
    }

    /// `Err(Cancelled)` when the work should stop: for `?` in loops.
    ///
    /// # Errors
    /// [`Cancelled`], and nothing else.
    fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

/// Watcher that ignores progress and never cancels: for tests and for short work.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Watcher for Silent {
    fn report(&self, _: Progress) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}
