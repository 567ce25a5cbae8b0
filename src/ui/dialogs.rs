//! The desktop's file dialogs, off the UI thread. Where the desktop offers none they answer at
//! once with nothing, the same as cancel; so wherever one is offered a path field stands beside it.

use std::path::PathBuf;

use crate::jobs::{Jobs, Slot};

/// One place that a dialog fills in.
#[derive(Default)]
pub struct Browse {
    turn: u32,
    taken: u32,
    chosen: Slot<u32, Vec<PathBuf>>,
}

impl Browse {
    /// Asks for a folder.
    pub fn folder(&mut self, jobs: &Jobs) {
        self.ask(jobs, || rfd::FileDialog::new().pick_folder().into_iter().collect());
    }

    /// Asks for Parquet files.
    pub fn files(&mut self, jobs: &Jobs) {
        self.ask(jobs, || {
            rfd::FileDialog::new().add_filter("Parquet", &["parquet", "pq"]).pick_files().unwrap_or_default()
        });
    }

    fn ask(&mut self, jobs: &Jobs, dialog: impl FnOnce() -> Vec<PathBuf> + Send + 'static) {
        self.turn += 1;
        self.chosen.ask::<String>(jobs, None, self.turn, move |_| Ok(dialog()));
    }

    /// Everything chosen, once; `None` while nothing was.
    pub fn poll_all(&mut self) -> Option<Vec<PathBuf>> {
        self.chosen.poll();
        let ready = self.chosen.state() == crate::jobs::SlotState::Ready && self.taken != self.turn;
        if !ready {
            return None;
        }
        self.taken = self.turn;
        self.chosen.answer().filter(|paths| !paths.is_empty()).cloned()
    }

    /// The one path chosen, once.
    pub fn poll(&mut self) -> Option<PathBuf> {
        self.poll_all()?.into_iter().next()
    }
}
