//! Content of a view: the last answer, and the state of the answer to a newer question.

use std::sync::mpsc;

use super::{Jobs, Ticket};
use crate::query::Grain;

/// State of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// Never asked for.
    Absent,
    /// On its way; the last answer, where there is one, is still there to be shown.
    Pending,
    /// The answer is that of the last question.
    Ready,
    /// The last question failed.
    Failed,
}

/// Outer error: the job itself failed; inner error: its work failed.
type Reply<T> = Result<Result<T, String>, String>;
/// Work under way.
type Pending<T> = (Ticket, mpsc::Receiver<Reply<T>>);
/// Begins work.
type Ask<T> = Box<dyn FnOnce(&Jobs) -> Pending<T>>;

/// One question's last answer. A new question cancels the one under way, whose answer is dropped.
pub struct Slot<K, T> {
    question: Option<K>,
    pending: Option<Pending<T>>,
    /// Asks for the exact answer, once no slot waits for a coarse one.
    exact: Option<(Jobs, Ask<T>)>,
    answer: Option<T>,
    coarse: bool,
    failure: Option<String>,
    /// Version of the data that the answer numbers.
    data: u64,
}

impl<K, T> Default for Slot<K, T> {
    fn default() -> Self {
        Self {
            question: None,
            pending: None,
            exact: None,
            answer: None,
            coarse: false,
            failure: None,
            data: 0,
        }
    }
}

impl<K: PartialEq, T: Send + 'static> Slot<K, T> {
    /// Asks, unless this very question was the last one asked. Errors are kept as text.
    pub fn ask<E: std::fmt::Display + 'static>(
        &mut self,
        jobs: &Jobs,
        title: Option<&str>,
        question: K,
        work: impl FnOnce(&Ticket) -> Result<T, E> + Send + 'static,
    ) {
        if self.question.as_ref() == Some(&question) {
            return;
        }
        self.drop_pending();
        self.question = Some(question);
        self.pending = Some(jobs.spawn(title, with_text_error(work)));
    }

    /// Asks for a coarse answer first and then for the exact one, unless this very question was
    /// the last one asked. The exact work waits until no slot waits for a coarse answer, so that
    /// every view has something to show before any is exact.
    pub fn ask_coarse_first<E: std::fmt::Display + 'static>(
        &mut self,
        jobs: &Jobs,
        question: K,
        work: impl Fn(&Ticket, Grain) -> Result<T, E> + Send + Sync + 'static,
    ) {
        if self.question.as_ref() == Some(&question) {
            return;
        }
        self.drop_pending();
        self.question = Some(question);
        let work = std::sync::Arc::new(work);
        let exact = std::sync::Arc::clone(&work);
        self.pending =
            Some(jobs.spawn_coarse(with_text_error(move |ticket: &Ticket| work(ticket, Grain::Coarse))));
        let exact = move |ticket: &Ticket| exact(ticket, Grain::Exact);
        self.exact = Some((jobs.clone(), Box::new(move |jobs| jobs.spawn(None, with_text_error(exact)))));
    }

    fn drop_pending(&mut self) {
        self.exact = None;
        if let Some((ticket, _)) = self.pending.take() {
            ticket.cancel();
        }
    }

    /// Takes in a reply that has come. Call once a frame; true when something changed.
    pub fn poll(&mut self) -> bool {
        let changed = self.take_in();
        if self.pending.is_none()
            && let Some((jobs, ask)) = self.exact.take_if(|(jobs, _)| jobs.coarse() == 0)
        {
            self.pending = Some(ask(&jobs));
        }
        changed
    }

    fn take_in(&mut self) -> bool {
        let Some((_, inbox)) = &self.pending else { return false };
        let reply = match inbox.try_recv() {
            Err(mpsc::TryRecvError::Empty) => return false,
            Err(mpsc::TryRecvError::Disconnected) => Err("the work ended without an answer".to_owned()),
            Ok(reply) => reply.and_then(|result| result),
        };
        self.pending = None;
        match reply {
            Ok(answer) => {
                self.answer = Some(answer);
                self.failure = None;
                self.coarse = self.exact.is_some();
            }
            Err(failure) => {
                self.failure = Some(failure);
                self.exact = None;
            }
        }
        true
    }

    /// The last answer, which may be older than the last question.
    pub fn answer(&self) -> Option<&T> {
        self.answer.as_ref()
    }

    /// True if the last answer is a coarse one, from a sample.
    pub fn is_coarse(&self) -> bool {
        self.coarse
    }

    /// The last answer, to change how it is shown.
    pub fn answer_mut(&mut self) -> Option<&mut T> {
        self.answer.as_mut()
    }

    /// Asks the work under way to stop; its reply is still accepted.
    pub fn cancel(&self) {
        if let Some((ticket, _)) = &self.pending {
            ticket.cancel();
        }
    }

    /// Reason for which the last question has no answer.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// State of the answer.
    pub fn state(&self) -> SlotState {
        match (&self.failure, &self.answer) {
            _ if self.pending.is_some() || self.exact.is_some() => SlotState::Pending,
            (Some(_), _) => SlotState::Failed,
            (None, Some(_)) => SlotState::Ready,
            (None, None) => SlotState::Absent,
        }
    }

    /// Forgets an answer that numbers rows, values or leads of other data than this version. To be called each
    /// frame before the answer is drawn.
    pub fn keep_for(&mut self, data: u64) {
        if self.data != data {
            self.clear();
            self.data = data;
        }
    }

    /// Forgets question and answer and cancels what is under way.
    pub fn clear(&mut self) {
        self.drop_pending();
        *self = Self::default();
    }
}

/// Work whose errors are text.
fn with_text_error<T, E: std::fmt::Display>(
    work: impl FnOnce(&Ticket) -> Result<T, E>,
) -> impl FnOnce(&Ticket) -> Result<T, String> {
    move |ticket| work(ticket).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<K: PartialEq, T: Send + 'static>(slot: &mut Slot<K, T>) {
        while slot.state() == SlotState::Pending {
            slot.poll();
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_latest_question_wins() {
        let jobs = Jobs::new(2, || ());
        let mut slot = Slot::<u32, u32>::default();
        for question in 0..50 {
            slot.ask(&jobs, None, question, move |_| Ok::<_, String>(question * 10));
        }
        wait(&mut slot);
        assert_eq!(slot.answer(), Some(&490));
        assert_eq!(slot.state(), SlotState::Ready);
    }

    #[test]
    fn an_answer_of_other_data_is_forgotten() {
        let jobs = Jobs::new(1, || ());
        let mut slot = Slot::<u32, u32>::default();
        for (version, kept) in [(1, None), (1, Some(&7)), (2, None)] {
            slot.keep_for(version);
            assert_eq!(slot.answer(), kept, "version {version}");
            slot.ask(&jobs, None, 1, |_| Ok::<_, String>(7));
            wait(&mut slot);
        }
        slot.keep_for(2);
        assert_eq!(slot.answer(), Some(&7));
    }

    #[test]
    fn a_coarse_answer_is_followed_by_the_exact_one() {
        let jobs = Jobs::new(1, || ());
        let mut slot = Slot::<u32, Grain>::default();
        slot.ask_coarse_first(&jobs, 1, |_, grain| Ok::<_, String>(grain));
        while !slot.poll() {
            std::thread::yield_now();
        }
        assert_eq!((slot.answer(), slot.is_coarse()), (Some(&Grain::Coarse), true));
        assert_eq!(slot.state(), SlotState::Pending);
        wait(&mut slot);
        assert_eq!((slot.answer(), slot.is_coarse()), (Some(&Grain::Exact), false));
        slot.ask_coarse_first(&jobs, 1, |_, _| Err("the same question is asked once"));
        assert_eq!(slot.state(), SlotState::Ready);
        slot.ask_coarse_first(
            &jobs,
            2,
            |_, grain| if grain == Grain::Coarse { Err("no") } else { Ok(grain) },
        );
        wait(&mut slot);
        assert_eq!((slot.answer(), slot.failure()), (Some(&Grain::Exact), Some("no")));
    }

    #[test]
    fn the_exact_answer_waits_for_every_coarse_one() {
        let jobs = Jobs::new(2, || ());
        let (mut quick, mut slow) = (Slot::<u32, Grain>::default(), Slot::<u32, Grain>::default());
        let (go, wait_for) = mpsc::channel::<()>();
        let wait_for = std::sync::Mutex::new(wait_for);
        slow.ask_coarse_first(&jobs, 1, move |_, grain| {
            if grain == Grain::Coarse {
                wait_for.lock().unwrap().recv().unwrap();
            }
            Ok::<_, String>(grain)
        });
        quick.ask_coarse_first(&jobs, 1, |_, grain| Ok::<_, String>(grain));
        while !quick.poll() {
            std::thread::yield_now();
        }
        let asked = jobs.requested();
        assert!(!quick.poll() && quick.state() == SlotState::Pending && quick.is_coarse());
        assert_eq!(jobs.requested(), asked, "another slot has nothing to show yet");
        go.send(()).unwrap();
        wait(&mut slow);
        wait(&mut quick);
        assert_eq!((slow.answer(), quick.answer()), (Some(&Grain::Exact), Some(&Grain::Exact)));
    }

    #[test]
    fn a_failure_keeps_the_last_answer_and_the_same_question_is_asked_once() {
        let jobs = Jobs::new(1, || ());
        let mut slot = Slot::<u32, u32>::default();
        slot.ask(&jobs, None, 1, |_| Ok::<_, String>(1));
        wait(&mut slot);
        slot.ask(&jobs, None, 2, |_| Err::<u32, _>("no such file"));
        wait(&mut slot);
        assert_eq!((slot.answer(), slot.failure()), (Some(&1), Some("no such file")));
        slot.ask(&jobs, None, 2, |_| Ok::<_, String>(2));
        assert_eq!(slot.state(), SlotState::Failed);
        slot.clear();
        assert_eq!(slot.state(), SlotState::Absent);
    }
}
