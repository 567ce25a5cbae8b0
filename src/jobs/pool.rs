//! Pool of worker threads; each runs one cancellable job at a time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use super::PendingWrites;
use crate::model::{Progress, Watcher};

type Work = Box<dyn FnOnce() + Send>;

/// Status of one job for the status bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStatus {
    /// Order of request.
    pub id: u64,
    /// Title for the user.
    pub title: String,
    /// Progress; `None` while it waits.
    pub progress: Option<Progress>,
    /// Time of its start, microseconds of the monotonic clock since the pool was made.
    pub began: u64,
}

/// The pool. Cheap to clone; jobs end when the last clone is dropped and the queue is empty.
#[derive(Clone)]
pub struct Jobs {
    shared: Arc<Shared>,
    queue: mpsc::Sender<Work>,
}

struct Shared {
    wake: Box<dyn Fn() + Send + Sync>,
    status: Mutex<BTreeMap<u64, JobStatus>>,
    cancels: Mutex<BTreeMap<u64, Arc<AtomicBool>>>,
    next: AtomicU64,
    open: AtomicU64,
    coarse: AtomicU64,
    born: std::time::Instant,
    writes: PendingWrites,
}

/// Handle of a job: reports progress and receives cancellation.
#[derive(Clone)]
pub struct Ticket {
    id: u64,
    cancelled: Arc<AtomicBool>,
    shared: Arc<Shared>,
}

impl Jobs {
    /// A pool of `threads` workers (at least one). `wake` is called whenever something changed
    /// that a waiting window should look at; it must be cheap and callable from any thread.
    pub fn new(threads: usize, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self::with_writes(threads, PendingWrites::default(), wake)
    }

    /// As [`new`](Self::new), its writes standing in a list that others see as well.
    pub fn with_writes(
        threads: usize,
        writes: PendingWrites,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let (queue, inbox) = mpsc::channel::<Work>();
        let inbox = Arc::new(Mutex::new(inbox));
        for _ in 0..threads.max(1) {
            let inbox = Arc::clone(&inbox);
            std::thread::spawn(move || {
                loop {
                    // The lock is held only while waiting for work, never while doing it.
                    let work = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    match work {
                        Ok(work) => work(),
                        Err(mpsc::RecvError) => return,
                    }
                }
            });
        }
        let shared = Shared {
            wake: Box::new(wake),
            status: Mutex::default(),
            cancels: Mutex::default(),
            next: AtomicU64::new(1),
            open: AtomicU64::new(0),
            coarse: AtomicU64::new(0),
            born: std::time::Instant::now(),
            writes,
        };
        Self { shared: Arc::new(shared), queue }
    }

    /// Queues work. Its result goes to the returned receiver; a panic in it becomes `Err` with the
    /// panic's message. A titled job stands in [`status`](Self::status); an untitled one does not.
    pub fn spawn<T: Send + 'static>(
        &self,
        title: Option<&str>,
        work: impl FnOnce(&Ticket) -> T + Send + 'static,
    ) -> (Ticket, mpsc::Receiver<Result<T, String>>) {
        self.enqueue(self.list(title), work)
    }

    /// As [`spawn`](Self::spawn), untitled, work for a coarse answer: see [`coarse`](Self::coarse).
    pub fn spawn_coarse<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Ticket) -> T + Send + 'static,
    ) -> (Ticket, mpsc::Receiver<Result<T, String>>) {
        let mut listed = self.list(None);
        listed.coarse = true;
        self.shared.coarse.fetch_add(1, Ordering::SeqCst);
        self.enqueue(listed, work)
    }

    fn enqueue<T: Send + 'static>(
        &self,
        listed: Listed,
        work: impl FnOnce(&Ticket) -> T + Send + 'static,
    ) -> (Ticket, mpsc::Receiver<Result<T, String>>) {
        let ticket = listed.ticket.clone();
        let (reply, receiver) = mpsc::channel();
        let run = move || {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&listed)));
            // The receiver may be gone: the view was closed or asked another question.
            let _ = reply.send(result.map_err(|panic| panic_message(&*panic)));
        };
        // The workers live as long as `self`, so the queue is open.
        let _ = self.queue.send(Box::new(run));
        (ticket, receiver)
    }

    /// Lists a job that runs on a thread of its own until the returned value is dropped. A
    /// titled job stands in [`status`](Self::status); an untitled one does not.
    pub fn list(&self, title: Option<&str>) -> Listed {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        self.shared.open.fetch_add(1, Ordering::SeqCst);
        let cancelled = Arc::new(AtomicBool::new(false));
        if let Some(title) = title {
            let status =
                JobStatus { id, title: title.to_owned(), progress: None, began: self.shared.micros() };
            lock(&self.shared.status).insert(id, status);
            lock(&self.shared.cancels).insert(id, Arc::clone(&cancelled));
        }
        Listed { ticket: Ticket { id, cancelled, shared: Arc::clone(&self.shared) }, coarse: false }
    }

    /// Writes that were asked for and are not on the disk yet.
    pub fn writes(&self) -> &PendingWrites {
        &self.shared.writes
    }

    /// Wakes the waiting window.
    pub fn wake(&self) {
        (self.shared.wake)();
    }

    /// Titled jobs that wait or run, oldest first.
    pub fn status(&self) -> Vec<JobStatus> {
        lock(&self.shared.status).values().cloned().collect()
    }

    /// Asks a titled job to stop. One that has ended already is left alone.
    pub fn cancel(&self, id: u64) {
        if let Some(cancel) = lock(&self.shared.cancels).get(&id) {
            cancel.store(true, Ordering::Relaxed);
        }
    }

    /// Asks every job of this title to stop.
    pub fn cancel_titled(&self, title: &str) {
        let ids = self.status().into_iter().filter(|job| job.title == title).map(|job| job.id);
        ids.for_each(|id| self.cancel(id));
    }

    /// Number of jobs requested so far, titled or not.
    pub fn requested(&self) -> u64 {
        self.shared.next.load(Ordering::Relaxed) - 1
    }

    /// Jobs that wait or run, titled or not. One that no longer counts has sent its reply.
    pub fn open(&self) -> u64 {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// Jobs for a coarse answer that wait or run; exact answers should wait for them.
    pub fn coarse(&self) -> u64 {
        self.shared.coarse.load(Ordering::SeqCst)
    }

    /// Microseconds since the pool was made, the clock of [`JobStatus::began`].
    pub fn micros(&self) -> u64 {
        self.shared.micros()
    }
}

/// A job while it is listed. Dropping it takes it off the list, however the work ended.
pub struct Listed {
    ticket: Ticket,
    coarse: bool,
}

impl std::ops::Deref for Listed {
    type Target = Ticket;

    fn deref(&self) -> &Ticket {
        &self.ticket
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let shared = &self.ticket.shared;
        lock(&shared.status).remove(&self.ticket.id);
        lock(&shared.cancels).remove(&self.ticket.id);
        if self.coarse {
            shared.coarse.fetch_sub(1, Ordering::SeqCst);
        }
        shared.open.fetch_sub(1, Ordering::SeqCst);
        (shared.wake)();
    }
}

impl Shared {
    fn micros(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl Ticket {
    /// Asks the job to stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Watcher for Ticket {
    fn report(&self, progress: Progress) {
        if let Some(status) = lock(&self.shared.status).get_mut(&self.id) {
            status.progress = Some(progress);
            (self.shared.wake)();
        }
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// Locks a map. A panic elsewhere leaves these short maps consistent, so poisoning is ignored.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()))
        .unwrap_or_else(|| "the work failed without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer() {
        let jobs = Jobs::new(1, || ());
        let (_, reply) = jobs.spawn(None, |_| -> u8 { panic!("no such luck") });
        assert_eq!(reply.recv().unwrap(), Err("no such luck".to_owned()));
        let (_, reply) = jobs.spawn(None, |_| 7);
        assert_eq!(reply.recv().unwrap(), Ok(7));
        while jobs.open() > 0 {
            std::thread::yield_now();
        }
        assert_eq!(jobs.requested(), 2);
    }

    #[test]
    fn a_listed_job_can_be_cancelled_by_its_number() {
        let jobs = Jobs::new(1, || ());
        let (_, reply) = jobs.spawn(Some("wait"), |ticket| {
            while !ticket.is_cancelled() {
                std::thread::yield_now();
            }
            "stopped"
        });
        let status = jobs.status();
        assert_eq!(status[0].title, "wait");
        jobs.cancel(status[0].id);
        assert_eq!(reply.recv().unwrap(), Ok("stopped"));
        while !jobs.status().is_empty() {
            std::thread::yield_now();
        }
    }
}
