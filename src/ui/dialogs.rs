//! The desktop's file dialogs, off the UI thread. On a desktop without dialogs the answer is empty at once,
//! as after cancel; so each dialog button has a path field beside it.

use std::path::PathBuf;

use crate::jobs::{Jobs, Slot};
use crate::snapshot::usual_extensions;

/// One form field that a file dialog fills.
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

    /// Asks for files of a log.
    pub fn log_files(&mut self, jobs: &Jobs) {
        self.ask(jobs, || {
            rfd::FileDialog::new()
                .add_filter("Parquet, JSON Lines, CSV", &usual_extensions())
                .add_filter("All files", &["*"])
                .pick_files()
                .unwrap_or_default()
        });
    }

    /// Asks for the file of a mapping.
    pub fn mapping_file(&mut self, jobs: &Jobs) {
        self.ask(jobs, || {
            rfd::FileDialog::new()
                .add_filter("TOML", &["toml"])
                .add_filter("All files", &["*"])
                .pick_file()
                .into_iter()
                .collect()
        });
    }

    /// Asks for any file.
    pub fn any(&mut self, jobs: &Jobs) {
        self.ask(jobs, || rfd::FileDialog::new().pick_file().into_iter().collect());
    }

    fn ask(&mut self, jobs: &Jobs, dialog: impl FnOnce() -> Vec<PathBuf> + Send + 'static) {
        self.turn += 1;
        self.chosen.ask::<String>(jobs, None, self.turn, move |_| Ok(dialog()));
    }

    /// All chosen paths, returned once; `None` before a choice.
    pub fn poll_all(&mut self) -> Option<Vec<PathBuf>> {
        self.chosen.poll();
        let ready = self.chosen.state() == crate::jobs::SlotState::Ready && self.taken != self.turn;
        if !ready {
            return None;
        }
        self.taken = self.turn;
        self.chosen.answer().filter(|paths| !paths.is_empty()).cloned()
    }

    /// The chosen path, returned once.
    pub fn poll(&mut self) -> Option<PathBuf> {
        self.poll_all()?.into_iter().next()
    }
}
