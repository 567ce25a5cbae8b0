//! How long work says how far it is and hears that it should stop.

/// How far a piece of work is. `total` is 0 where it cannot be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, as a person would say it: “reading files”.
    pub phase: String,
    /// Units done so far.
    pub done: u64,
    /// Units in all, or 0.
    pub total: u64,
    /// What is counted: “rows”, “bytes”, “accounts”.
    pub unit: &'static str,
}

/// The work was asked to stop and did, leaving nothing behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Whoever waits for long work. Called from worker threads, often: keep it cheap.
pub trait Watcher: Sync {
    /// Takes note of how far the work is.
    fn report(&self, progress: Progress);

    /// Takes note of a sentence that a person should read and that stops nothing: a cache that had
    /// to be built again, and why.
    fn note(&self, _text: &str) {}

    /// Whether the work should stop.
    fn is_cancelled(&self) -> bool;

    /// [`report`](Self::report) in one line.
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

/// Hears nothing and never cancels: for tests and for work that is always short.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Watcher for Silent {
    fn report(&self, _: Progress) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}
