//! Requested writes that are not on the disk yet; closing waits for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// List of the unfinished writes, shared by all writers and by the closing of the case. Cheap to clone.
#[derive(Clone, Default)]
pub struct PendingWrites {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    list: Mutex<List>,
    changed: Condvar,
}

#[derive(Default)]
struct List {
    next: u64,
    writes: BTreeMap<u64, Pending>,
}

/// One write under way, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The outcome in words: `161 exchanges tagged relied-on`. Hostile characters are not yet made
    /// visible.
    pub what: String,
    /// Number of decisions in it; 0 for a write that is no decision.
    pub decisions: u64,
    /// True for what becomes evidence.
    pub marks: bool,
}

impl Pending {
    /// One decision.
    pub fn one(what: impl Into<String>) -> Self {
        Self { what: what.into(), decisions: 1, marks: false }
    }
}

/// A write until this value is dropped: it is then on the disk, or has been reported as failed.
pub struct PendingWrite {
    id: u64,
    shared: Arc<Shared>,
}

impl PendingWrites {
    /// Lists a write.
    pub fn begin(&self, pending: Pending) -> PendingWrite {
        let mut list = self.shared.lock();
        let id = list.next;
        list.next += 1;
        list.writes.insert(id, pending);
        PendingWrite { id, shared: Arc::clone(&self.shared) }
    }

    /// The writes under way, oldest first.
    pub fn list(&self) -> Vec<Pending> {
        self.shared.lock().writes.values().cloned().collect()
    }

    /// Number of decisions under way.
    pub fn decisions(&self) -> u64 {
        self.shared.lock().writes.values().map(|pending| pending.decisions).sum()
    }

    /// Waits until no write is under way, at most so long where a limit is given. Returns true
    /// where none is.
    pub fn wait(&self, at_most: Option<Duration>) -> bool {
        let until = at_most.map(|limit| Instant::now() + limit);
        let mut list = self.shared.lock();
        while !list.writes.is_empty() {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            list = match left {
                Some(Duration::ZERO) => return false,
                Some(left) => {
                    let waited = self.shared.changed.wait_timeout(list, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.shared.changed.wait(list).unwrap_or_else(PoisonError::into_inner),
            };
        }
        true
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PendingWrite {
    fn drop(&mut self) {
        self.shared.lock().writes.remove(&self.id);
        self.shared.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_when_the_last_write_does() {
        let writes = PendingWrites::default();
        assert!(writes.wait(Some(Duration::ZERO)));
        let first = writes.begin(Pending::one("a setting"));
        let second = writes.begin(Pending { what: "161 exchanges".into(), decisions: 161, marks: true });
        assert_eq!((writes.decisions(), writes.list().len()), (162, 2));
        drop(first);
        assert!(!writes.wait(Some(Duration::from_millis(5))));
        std::thread::spawn(move || drop(second));
        assert!(writes.wait(None));
        assert_eq!(writes.list(), []);
    }
}
