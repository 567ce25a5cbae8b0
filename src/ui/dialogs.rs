//! The desktop's file dialogs, off the UI thread. Each dialog button has a path field beside it, since a desktop
//! may have no dialogs: the answer is then empty at once, faster than anyone cancels, and a notice says so.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::jobs::{Jobs, Slot};
use crate::snapshot::usual_extensions;

/// One form field that a file dialog fills.
#[derive(Default)]
pub struct Browse {
    turn: u32,
    taken: u32,
    chosen: Slot<u32, Chosen>,
}

/// Answer of a dialog.
struct Chosen {
    paths: Vec<PathBuf>,
    took: Duration,
}

impl Chosen {
    /// True if no person can have answered.
    fn is_without_dialog(&self) -> bool {
        self.paths.is_empty() && self.took < FASTEST
    }
}

/// Shortest time in which a person closes a dialog.
const FASTEST: Duration = Duration::from_millis(400);

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
        self.chosen.ask::<String>(jobs, None, self.turn, move |_| {
            let began = Instant::now();
            let paths = dialog();
            Ok(Chosen { paths, took: began.elapsed() })
        });
    }

    /// Draws the notice that this desktop has no file dialog, after one was asked for.
    pub fn notice(&self, ui: &mut egui::Ui) {
        if self.chosen.answer().is_some_and(Chosen::is_without_dialog) {
            let text = "No file chooser on this desktop: type the path.";
            ui.colored_label(ui.visuals().warn_fg_color, text);
        }
    }

    /// All chosen paths, returned once; `None` before a choice.
    pub fn poll_all(&mut self) -> Option<Vec<PathBuf>> {
        self.chosen.poll();
        let ready = self.chosen.state() == crate::jobs::SlotState::Ready && self.taken != self.turn;
        if !ready {
            return None;
        }
        self.taken = self.turn;
        self.chosen.answer().map(|chosen| chosen.paths.clone()).filter(|paths| !paths.is_empty())
    }

    /// The chosen path, returned once.
    pub fn poll(&mut self) -> Option<PathBuf> {
        self.poll_all()?.into_iter().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_answer_at_once_is_a_desktop_without_dialogs() {
        let answer = |paths: &[&str], millis| Chosen {
            paths: paths.iter().map(PathBuf::from).collect(),
            took: Duration::from_millis(millis),
        };
        assert!(answer(&[], 20).is_without_dialog());
        assert!(!answer(&[], 900).is_without_dialog(), "cancelled by hand");
        assert!(!answer(&["a"], 20).is_without_dialog());
    }
}
