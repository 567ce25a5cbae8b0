//! An open case as the window holds it: what was loaded, what is being looked at, what is selected.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::history::History;
use super::view::{Command, Selected, ViewContext};
use crate::bundle::{Audience, ExportOptions, SigningKey};
use crate::cache::{Cache, Selection};
use crate::case::{Access, Action, State};
use crate::jobs::{CaseReply, CaseWorker, Jobs, Session, Slot, SlotState};
use crate::leads::Leads;
use crate::model::{Scope, Zone};
use crate::snapshot::Sources;

/// The setting that keeps the zone times are shown in.
const ZONE: &str = "zone";

/// An open case.
pub struct UiSession {
    dir: PathBuf,
    read_only: bool,
    cache: Arc<Cache>,
    leads: Arc<Leads>,
    sources: Arc<Sources>,
    state: Arc<State>,
    worker: CaseWorker,
    history: History,
    looking: Looking,
    selected: Selected,
    zone: Zone,
    /// Where the signing key is kept instead of the user's own place.
    settings: Option<PathBuf>,
}

/// The rows of the present scope, and how often they have changed.
#[derive(Default)]
struct Looking {
    slot: Slot<Arc<Scope>, Arc<Selection>>,
    version: u64,
}

impl UiSession {
    /// Takes over a session that a job opened; its signing key is that of `settings`, else the user's.
    pub fn new(session: Session, jobs: &Jobs, settings: Option<PathBuf>) -> Self {
        let dir = session.case.dir().to_owned();
        let read_only = session.case.access() == Access::ReadOnly;
        let state = Arc::new(session.case.state().clone());
        let (cache, leads, sources) =
            (Arc::clone(&session.cache), Arc::clone(&session.leads), Arc::clone(&session.sources));
        let worker = CaseWorker::start(session, jobs);
        let zone = zone_of(&state);
        Self {
            dir,
            read_only,
            cache,
            leads,
            sources,
            state,
            worker,
            history: History::default(),
            looking: Looking::default(),
            selected: Selected::Nothing,
            zone,
            settings,
        }
    }

    /// Lets go of the case. It is free once the returned thread has ended.
    pub fn close(self) -> std::thread::JoinHandle<()> {
        self.worker.close()
    }

    /// The case's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The case as it stands.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// The scopes before and after.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Why the present scope has no rows to show.
    pub fn scope_failure(&self) -> Option<&str> {
        self.looking.slot.failure()
    }

    /// The last rows that were worked out, which may belong to the scope before.
    pub fn last_selection(&self) -> Option<&Arc<Selection>> {
        self.looking.slot.answer()
    }

    /// Takes in what came from the background. Returns what the investigator should be told.
    pub fn poll(&mut self, jobs: &Jobs) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(reply) = self.worker.poll() {
            match reply {
                CaseReply::Changed(state) => {
                    self.state = state;
                    self.zone = zone_of(&self.state);
                }
                CaseReply::Exported(exported, state) => {
                    self.state = state;
                    told.push(format!("Written and journaled: {}", exported.bag.display()));
                }
                CaseReply::Failed(why) => told.push(why),
            }
        }
        let scope = Arc::clone(self.history.present());
        let cache = Arc::clone(&self.cache);
        let asked = Arc::clone(&scope);
        self.looking.slot.ask(jobs, None, scope, move |ticket| cache.select(&asked, ticket).map(Arc::new));
        if self.looking.slot.poll() {
            self.looking.version += 1;
            if let Some(why) = self.looking.slot.failure() {
                told.push(format!("This scope cannot be shown: {why}"));
            }
        }
        told
    }

    /// What every view sees this frame.
    pub fn context<'a>(
        &'a self,
        jobs: &'a Jobs,
        commands: &'a RefCell<Vec<Command>>,
        focus_filter: Option<&'static str>,
    ) -> ViewContext<'a> {
        let ready = self.looking.slot.state() == SlotState::Ready;
        ViewContext {
            cache: &self.cache,
            leads: &self.leads,
            sources: &self.sources,
            state: &self.state,
            scope: self.history.present(),
            selection: self.looking.slot.answer().filter(|_| ready),
            scope_version: self.looking.version,
            zone: &self.zone,
            selected: &self.selected,
            jobs,
            read_only: self.read_only,
            focus_filter,
            commands,
        }
    }

    /// Carries out what concerns the case; gives back what does not.
    pub fn carry_out(&mut self, command: Command) -> Option<Command> {
        match command {
            Command::SetScope(scope) => {
                self.history.go(scope);
            }
            Command::Back => {
                self.history.back();
            }
            Command::Forward => {
                self.history.forward();
            }
            Command::Select(selected) => self.selected = selected,
            Command::SetZone(zone) => self.set_zone(zone),
            Command::Record(action) => self.worker.record(action),
            Command::TagExchanges(rows, tag, note) => self.worker.tag_exchanges(rows, tag, note),
            Command::TagSource(source, tag, note) => self.worker.tag_source(source, tag, note),
            Command::Undo => self.worker.undo(),
            Command::Redo => self.worker.redo(),
            Command::Export { out, include_text } => {
                let settings = self.settings.clone();
                self.worker.export(move || {
                    let key = match settings {
                        Some(folder) => SigningKey::load_or_create_in(&folder)?,
                        None => SigningKey::load_or_create()?,
                    };
                    Ok(ExportOptions { audience: Audience::Production, out, include_text, key })
                });
            }
            other => return Some(other),
        }
        None
    }

    /// Shows times in another zone; a case open for writing remembers it.
    fn set_zone(&mut self, zone: Zone) {
        if !self.read_only && zone != self.zone {
            let value = if zone == Zone::utc() { String::new() } else { zone.name().to_owned() };
            self.worker.record(Action::SettingChanged { key: ZONE.to_owned(), value });
        }
        self.zone = zone;
    }
}

/// The zone the case remembers; UTC where it remembers none or one that is not known here.
fn zone_of(state: &State) -> Zone {
    state.settings.get(ZONE).and_then(|name| Zone::named(name).ok()).unwrap_or_default()
}
