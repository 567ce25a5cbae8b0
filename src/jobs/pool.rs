//! Worker threads that do one thing at a time each and can be told to stop.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use crate::model::{Progress, Watcher};

type Work = Box<dyn FnOnce() + Send>;

/// What the status bar shows of one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStatus {
    /// Order of request.
    pub id: u64,
    /// What it is, for a person.
    pub title: String,
    /// How far it is; `None` while it waits.
    pub progress: Option<Progress>,
    /// When it began, microseconds of the monotonic clock since the pool was made.
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
    born: std::time::Instant,
}

/// What a running job holds: reports progress, hears cancellation.
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
            born: std::time::Instant::now(),
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
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let ticket =
            Ticket { id, cancelled: Arc::new(AtomicBool::new(false)), shared: Arc::clone(&self.shared) };
        if let Some(title) = title {
            let status =
                JobStatus { id, title: title.to_owned(), progress: None, began: self.shared.micros() };
            lock(&self.shared.status).insert(id, status);
            lock(&self.shared.cancels).insert(id, Arc::clone(&ticket.cancelled));
        }
        let (reply, receiver) = mpsc::channel();
        let mine = ticket.clone();
        let run = move || {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&mine)));
            lock(&mine.shared.status).remove(&mine.id);
            lock(&mine.shared.cancels).remove(&mine.id);
            // Nobody may be waiting any more: the view was closed or asked anew.
            let _ = reply.send(result.map_err(|panic| panic_message(&*panic)));
            (mine.shared.wake)();
        };
        // The workers live as long as `self`, so the queue is open.
        let _ = self.queue.send(Box::new(run));
        (ticket, receiver)
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

    /// Microseconds since the pool was made, the clock of [`JobStatus::began`].
    pub fn micros(&self) -> u64 {
        self.shared.micros()
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

/// A panic while one of these short maps was held leaves it whole, so poisoning is no reason to stop.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()))
        .unwrap_or_else(|| "the work failed without saying why".to_owned())
}
