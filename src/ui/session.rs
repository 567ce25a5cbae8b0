//! An open case as the window holds it: what was loaded, what is being looked at, what is selected.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::history::History;
use super::view::{Command, Selected, ViewContext};
use crate::bundle::{Audience, ExportOptions, SigningKey};
use crate::cache::{Cache, RowId, Selection};
use crate::case::{Access, Action, State};
use crate::jobs::{CaseReply, CaseWorker, Jobs, Session, Slot, SlotState};
use crate::leads::Leads;
use crate::model::{ExchangeRef, Scope, Zone};
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
    /// An exchange named by evidence, being looked up in the cache.
    named: Slot<ExchangeRef, Option<RowId>>,
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
        // The first lead is what one comes for: its reasons stand there from the start.
        let selected = if leads.campaigns.is_empty() { Selected::Nothing } else { Selected::Campaign(0) };
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
            selected,
            named: Slot::default(),
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

    /// The scopes before and after.
    pub fn history(&self) -> &History {
        &self.history
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
        }
        told.extend(self.poll_named());
        told
    }

    /// Selects the exchange that evidence named, once it is found. Returns what went wrong.
    fn poll_named(&mut self) -> Option<String> {
        if !self.named.poll() {
            return None;
        }
        match (self.named.failure(), self.named.answer()) {
            (Some(why), _) => Some(format!("The exchange could not be looked up: {why}")),
            (None, Some(Some(row))) => {
                self.selected = Selected::Exchange(*row);
                None
            }
            (None, Some(None)) => Some(
                "The exchange is in no snapshot of this case any more; its copy in the evidence stays."
                    .to_owned(),
            ),
            (None, None) => None,
        }
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
            scope_failure: self.looking.slot.failure(),
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
    pub fn carry_out(&mut self, jobs: &Jobs, command: Command) -> Option<Command> {
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
            Command::SelectExchange(exchange) => {
                // Asked anew each time: looking at something else in between is no answer to it.
                self.named.clear();
                let (cache, asked) = (Arc::clone(&self.cache), exchange.clone());
                self.named.ask(jobs, None, exchange, move |_| cache.row_of(&asked));
            }
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
