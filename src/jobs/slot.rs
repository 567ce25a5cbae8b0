//! What a view shows: the last answer, and whether a newer one is on its way.

use std::sync::mpsc;

use super::{Jobs, Ticket};

/// Where an answer is.
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

/// Outside, that the job itself went wrong; inside, that its work did.
type Reply<T> = Result<Result<T, String>, String>;

/// One question's last answer. A new question cancels the one under way, whose answer is dropped.
pub struct Slot<K, T> {
    asked: Option<K>,
    pending: Option<(Ticket, mpsc::Receiver<Reply<T>>)>,
    answer: Option<T>,
    failure: Option<String>,
}

impl<K, T> Default for Slot<K, T> {
    fn default() -> Self {
        Self { asked: None, pending: None, answer: None, failure: None }
    }
}

impl<K: PartialEq, T: Send + 'static> Slot<K, T> {
    /// Asks, unless this very question was the last one asked. Errors are kept as text.
    pub fn ask<E: std::fmt::Display>(
        &mut self,
        jobs: &Jobs,
        title: Option<&str>,
        question: K,
        work: impl FnOnce(&Ticket) -> Result<T, E> + Send + 'static,
    ) {
        if self.asked.as_ref() == Some(&question) {
            return;
        }
        if let Some((ticket, _)) = self.pending.take() {
            ticket.cancel();
        }
        self.asked = Some(question);
        self.pending = Some(jobs.spawn(title, move |ticket| work(ticket).map_err(|error| error.to_string())));
    }

    /// Takes in a reply that has come. Call once a frame; true when something changed.
    pub fn poll(&mut self) -> bool {
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
            }
            Err(failure) => self.failure = Some(failure),
        }
        true
    }

    /// The last answer, which may be older than the last question.
    pub fn answer(&self) -> Option<&T> {
        self.answer.as_ref()
    }

    /// The last answer, to change how it is shown.
    pub fn answer_mut(&mut self) -> Option<&mut T> {
        self.answer.as_mut()
    }

    /// Asks the work under way to stop; what it says then is still taken in.
    pub fn cancel(&self) {
        if let Some((ticket, _)) = &self.pending {
            ticket.cancel();
        }
    }

    /// Why the last question has no answer.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Where the answer is.
    pub fn state(&self) -> SlotState {
        match (&self.pending, &self.failure, &self.answer) {
            (Some(_), _, _) => SlotState::Pending,
            (None, Some(_), _) => SlotState::Failed,
            (None, None, Some(_)) => SlotState::Ready,
            (None, None, None) => SlotState::Absent,
        }
    }

    /// Forgets question and answer and cancels what is under way.
    pub fn clear(&mut self) {
        if let Some((ticket, _)) = self.pending.take() {
            ticket.cancel();
        }
        *self = Self::default();
    }
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
