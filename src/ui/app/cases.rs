//! Opening, closing and reopening of cases.

use std::path::PathBuf;
use std::sync::Arc;

use super::App;
use crate::cache::Cache;
use crate::case::Access;
use crate::jobs::{ClosingCase, NotOpened, Pending};
use crate::ui::case_window::CaseWindow;
use crate::ui::leaving::{Aim, Leaving};
use crate::ui::opening::{Opened, Opening, What};
use crate::ui::recent::{self, Recent, RecentCase};
use crate::ui::session::UiSession;
use crate::ui::unsent::Unsent;

impl App {
    /// Shows a message for each decision that a closed case could not write.
    pub(super) fn poll_closing(&mut self) {
        let ended = |case: &mut ClosingCase| case.ended().is_over();
        for case in self.closing.extract_if(.., ended) {
            for failed in case.join() {
                self.toasts.show(failed.to_string());
            }
        }
    }

    /// Opens the case again if its cache no longer fits its snapshots, which builds the cache anew.
    pub(super) fn reopen_if_sources_changed(&mut self) {
        let changed = self.case.as_ref().filter(|case| case.session.sources_changed());
        let Some(dir) = changed.map(|case| case.session.dir().to_owned()) else { return };
        let unsent = self.case.as_ref().map_or_else(Vec::new, |case| case.unsent(&self.jobs));
        if let Some(first) = unsent.first() {
            // Text being typed would be lost, so the case is reopened after its form is saved or cleared.
            if self.waits_for_text.replace(first.form.clone()).as_ref() != Some(&first.form) {
                self.toasts.show(format!(
                    "The snapshots have changed. The case opens again once this text is saved or removed: {}.",
                    first.in_words()
                ));
            }
            return;
        }
        self.waits_for_text = None;
        self.close_case(false);
        self.opening = Some(Opening::open(&self.jobs, dir, Access::Write, self.ends()));
    }

    pub(super) fn opened(&mut self, what: &What, opened: Opened) {
        // The dialog of a failed import stays open over the case that is opened again behind it.
        if matches!(what, What::Import) {
            self.import = None;
        }
        for note in &opened.session.notes {
            self.toasts.show(note.clone());
        }
        let session = UiSession::new(opened.session, &self.jobs, self.settings.clone());
        // The sample's case may have been opened again with more files.
        let kept = self.throw_away.take().filter(|folder| session.dir().starts_with(folder.path()));
        self.throw_away = opened.throw_away.or(kept);
        if self.throw_away.is_none() {
            self.remember(session.dir().to_owned(), session.cache());
        }
        let mut case = CaseWindow::new(session);
        if matches!(what, What::Import) {
            case.show_new_report();
        }
        self.case = Some(case);
    }

    /// Decisions in the case of the sample, which is deleted when it closes.
    pub(super) fn temporary(&self) -> Option<Unsent> {
        let closes = |leaving: &Leaving| matches!(leaving.aim, Aim::Window | Aim::Case);
        self.leaving.as_ref().filter(|leaving| closes(leaving))?;
        let case = self.case.as_ref().filter(|_| self.throw_away.is_some())?;
        Unsent::of("temporary case of the sample", &case.decided(&self.jobs)?)
    }

    pub(super) fn not_opened(&mut self, what: What, failed: NotOpened) {
        match what {
            What::Case(dir) => self.start.failed(failed, Some(dir)),
            What::Sample => self.start.failed(failed, None),
            What::Change(dir) => {
                self.toasts.show(failed.why);
                self.opening = Some(Opening::open(&self.jobs, dir, Access::Write, Vec::new()));
            }
            What::Import => {
                let Some(dialog) = &mut self.import else { return };
                // A failed import leaves its case as it was before.
                if let Some(dir) = dialog.existing() {
                    self.opening = Some(Opening::open(&self.jobs, dir, Access::Write, Vec::new()));
                }
                dialog.failed(failed);
            }
        }
    }

    /// Puts a case first in the list of recent cases; a failure is ignored.
    fn remember(&self, dir: PathBuf, cache: Arc<Cache>) {
        let settings = self.settings.clone();
        let write = self.jobs.writes().begin(Pending::one("list of recent cases"));
        self.jobs.spawn(None, move |_| {
            let _write = write;
            let file = recent::file(settings.as_deref())?;
            let mut list = Recent::read(&file);
            let times = &cache.hot().ts;
            list.opened(RecentCase {
                path: std::path::absolute(&dir).unwrap_or(dir),
                opened: recent::now(),
                size: Some((cache.accounts().len() as u64, cache.counts().distinct)),
                span: times.iter().min().copied().zip(times.iter().max().copied()),
            });
            list.write(&file).ok()
        });
    }
}
