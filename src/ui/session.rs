//! An open case in the window: data, scope and selection.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::compare::{Against, SecondSide};
use super::history::History;
use super::picked::Picked;
use super::reason::GivenReason;
use super::view::{Command, Selected, TextPass, ViewContext};
use crate::bundle::{ExportOptions, Paper};
use crate::cache::{Cache, RowId};
use crate::case::{Access, Action, Decisions, PlacedDecision, State, ZONE};
use crate::jobs::{
    CaseReply, CaseWorker, ClosingCase, Jobs, NotWritten, Pending, Renewed, Session, Slot, SlotState, Ticket,
};
use crate::leads::{self, Leads};
use crate::model::{Digest, ExchangeRef, LeadList, Scope, Zone};
use crate::query::{Selection, select};
use crate::snapshot::Sources;

/// An open case.
pub struct UiSession {
    dir: PathBuf,
    read_only: bool,
    cache: Arc<Cache>,
    leads: Arc<Leads>,
    sources: Arc<Sources>,
    state: Arc<State>,
    /// The leads by their core accounts.
    list: Arc<LeadList>,
    decisions: Decisions,
    /// Number of the cache and its leads.
    data_version: u64,
    /// Present state of the lead of the scope.
    scope_lead: ScopeLead,
    /// The same of the second scope.
    against_lead: ScopeLead,
    worker: CaseWorker,
    /// Decisions whose replies have not come, as of this frame.
    pending: Vec<Pending>,
    /// Decisions that were not written, until the user dismisses them.
    not_written: Vec<NotWritten>,
    /// The snapshots of the case are no longer those of its cache.
    sources_changed: bool,
    history: History,
    scope_rows: ScopeRows,
    second: SecondSide,
    selected: Picked,
    /// An exchange of evidence, being looked up in the cache.
    named: Slot<ExchangeRef, Option<RowId>>,
    text_pass: TextPassState,
    zone: Zone,
    /// Reason for viewing hidden text.
    reason: GivenReason,
    /// Folder of the signing key, if it is not the user's own.
    settings: Option<PathBuf>,
}

/// The rows of the present scope, and how often they have changed.
#[derive(Default)]
struct ScopeRows {
    /// Computed again for another scope or cache.
    slot: Slot<(Arc<Scope>, u64), Arc<Selection>>,
    version: u64,
}

/// Present state of the lead of a scope, computed once per scope and list.
#[derive(Default)]
struct ScopeLead {
    asked: Option<(Arc<Scope>, Arc<LeadList>)>,
    words: Option<String>,
}

impl ScopeLead {
    fn ask(&mut self, scope: &Arc<Scope>, list: &Arc<LeadList>) {
        let is_same =
            |(of, on): &(Arc<Scope>, Arc<LeadList>)| Arc::ptr_eq(of, scope) && Arc::ptr_eq(on, list);
        if !self.asked.as_ref().is_some_and(is_same) {
            self.words = scope.lead().map(|lead| format!("lead {}", list.describe(lead, list.follow(lead))));
            self.asked = Some((Arc::clone(scope), Arc::clone(list)));
        }
    }
}

/// A number unique among the caches of this process.
fn next_version() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// The text pass of this case.
enum TextPassState {
    Done,
    Running(Ticket),
    Stopped,
    ReadOnly,
}

impl Drop for TextPassState {
    /// Cancels the job, whose result is no longer needed.
    fn drop(&mut self) {
        if let Self::Running(ticket) = self {
            ticket.cancel();
        }
    }
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
        let text_pass = match (cache.has_text_pass(), read_only) {
            (true, _) => TextPassState::Done,
            (false, true) => TextPassState::ReadOnly,
            (false, false) => {
                TextPassState::Running(worker.finish_text(jobs, Arc::clone(&cache), Arc::clone(&sources)))
            }
        };
        let zone = zone_of(&state);
        let selected = Picked::first(leads.groups.len());
        let list = Arc::new(leads.list(&cache));
        let decisions = leads::decisions(Arc::clone(&state), Arc::clone(&list), &cache);
        Self {
            dir,
            read_only,
            cache,
            leads,
            sources,
            state,
            list,
            decisions,
            data_version: next_version(),
            scope_lead: ScopeLead::default(),
            against_lead: ScopeLead::default(),
            worker,
            pending: Vec::new(),
            not_written: Vec::new(),
            sources_changed: false,
            history: History::default(),
            scope_rows: ScopeRows::default(),
            second: SecondSide::default(),
            selected,
            named: Slot::default(),
            text_pass,
            zone,
            reason: GivenReason::default(),
            settings,
        }
    }

    /// Closes the case and asks a running text pass to stop. The lock is released once the returned case has
    /// ended.
    pub fn close(self) -> ClosingCase {
        drop(self.text_pass);
        self.worker.close()
    }

    /// The case's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Folder of the window's settings, if it is not the user's own.
    pub fn settings(&self) -> Option<&Path> {
        self.settings.as_deref()
    }

    /// The cache.
    pub fn cache(&self) -> Arc<Cache> {
        Arc::clone(&self.cache)
    }

    /// The snapshot that was added last; `None` for a case without any.
    pub fn last_snapshot(&self) -> Option<Digest> {
        self.sources.snapshots.last().map(|snapshot| snapshot.sha256)
    }

    /// Decisions that were not written, not yet dismissed by the user.
    pub fn not_written(&self) -> &[NotWritten] {
        &self.not_written
    }

    /// True if the snapshots of the case differ from those of its cache, so that the case must be opened again.
    pub fn sources_changed(&self) -> bool {
        self.sources_changed
    }

    /// Second scope of the comparison; `None` for all other exchanges.
    pub fn against(&self) -> Option<&Against> {
        self.second.present()
    }

    /// The scopes before and after.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Takes over the replies of jobs. Returns messages for the investigator.
    pub fn poll(&mut self, jobs: &Jobs) -> Vec<String> {
        let mut messages = Vec::new();
        while let Some(reply) = self.worker.poll() {
            match reply {
                CaseReply::Changed(state) => {
                    self.take_in(state);
                    self.zone = zone_of(&self.state);
                }
                CaseReply::SourcesChanged(state) => {
                    self.take_in(state);
                    self.sources_changed = true;
                }
                CaseReply::Exported(exported, state) => {
                    self.take_in(state);
                    messages.push(format!("Bundle written and journaled: {}", exported.bag.display()));
                }
                CaseReply::Renewed(renewed) => {
                    messages.push(
                        "Text pass finished: topics are available and the leads are ranked again.".to_owned(),
                    );
                    messages.extend(renewed.notes.iter().cloned());
                    messages.extend(self.renew(renewed));
                }
                CaseReply::TextPassStopped(why) => {
                    self.text_pass = TextPassState::Stopped;
                    messages.extend(why.map(|why| format!("The text pass stopped: {why}")));
                }
                CaseReply::PartlyWritten(state, failed) => {
                    self.take_in(state);
                    messages.push(failed.to_string());
                    self.not_written.push(failed);
                }
                CaseReply::Failed(failed) => {
                    messages.push(failed.to_string());
                    self.not_written.push(failed);
                }
            }
        }
        self.pending = self.worker.pending();
        let cache = Arc::clone(&self.cache);
        let asked = Arc::clone(self.history.present());
        let question = (Arc::clone(&asked), self.data_version);
        self.scope_rows
            .slot
            .ask(jobs, None, question, move |ticket| select(&cache, &asked, ticket).map(Arc::new));
        if self.scope_rows.slot.poll() {
            self.scope_rows.version += 1;
        }
        self.second.poll(jobs, &self.cache, self.data_version);
        let ready = self.scope_rows.slot.state() == SlotState::Ready;
        let rows = self.scope_rows.slot.answer().filter(|_| ready);
        self.second.poll_overlap(jobs, rows, self.scope_rows.version);
        self.scope_lead.ask(self.history.present(), &self.list);
        if let Some(against) = self.second.present() {
            self.against_lead.ask(&against.scope, &self.list);
        }
        messages.extend(self.poll_named());
        messages
    }

    /// Takes over the state of the case after a decision.
    fn take_in(&mut self, state: Arc<State>) {
        self.state = state;
        self.decisions = leads::decisions(Arc::clone(&self.state), Arc::clone(&self.list), &self.cache);
    }

    /// Takes over cache and leads after the text pass. The selection stays: accounts and exchanges keep their
    /// numbers, other things are found again, a lead that is gone by most of its core accounts. Returns one sentence for each decision whose lead changed or is
    /// gone.
    fn renew(&mut self, renewed: Renewed) -> Vec<String> {
        let mut messages = Vec::new();
        self.text_pass = TextPassState::Done;
        let Renewed { cache, leads, .. } = renewed;
        let list = Arc::new(leads.list(&cache));
        let value = |value: u32| {
            let known = &self.cache.values()[value as usize];
            cache.value_index(known.kind, &known.value)
        };
        messages.extend(self.selected.follow([&*self.list, &*list], value));
        self.named.clear();
        (self.cache, self.leads, self.list) = (cache, leads, list);
        self.data_version = next_version();
        let before = self.decisions.changed();
        self.decisions = leads::decisions(Arc::clone(&self.state), Arc::clone(&self.list), &self.cache);
        messages.extend(moved(&before, &self.decisions.changed()));
        messages
    }

    /// Selects the exchange that evidence refers to, once it is found. Returns the error.
    fn poll_named(&mut self) -> Option<String> {
        if !self.named.poll() {
            return None;
        }
        match (self.named.failure(), self.named.answer()) {
            (Some(why), _) => Some(format!("The exchange could not be looked up: {why}")),
            (None, Some(Some(row))) => {
                self.selected.set(Selected::Exchange(*row));
                None
            }
            (None, Some(None)) => Some(
                "No snapshot of this case holds the exchange any more. Its copy in the evidence stays."
                    .to_owned(),
            ),
            (None, None) => None,
        }
    }

    /// Context of every view in this frame.
    pub fn context<'a>(
        &'a self,
        jobs: &'a Jobs,
        commands: &'a RefCell<Vec<Command>>,
        focus_filter: Option<&'static str>,
    ) -> ViewContext<'a> {
        let ready = self.scope_rows.slot.state() == SlotState::Ready;
        ViewContext {
            cache: &self.cache,
            leads: &self.leads,
            sources: &self.sources,
            state: &self.state,
            decisions: &self.decisions,
            recorder: self.worker.recorder(),
            pending: &self.pending,
            not_written: &self.not_written,
            scope: self.history.present(),
            history: &self.history,
            scope_lead: self.scope_lead.words.as_deref(),
            against_lead: self.against_lead.words.as_deref(),
            selection: self.scope_rows.slot.answer().filter(|_| ready),
            scope_failure: self.scope_rows.slot.failure(),
            against: self.second.present(),
            against_selection: self.second.selection(),
            against_failure: self.second.failure(),
            against_version: self.second.version(),
            overlap: self.second.overlap(),
            scope_version: self.scope_rows.version,
            data_version: self.data_version,
            zone: &self.zone,
            selected: self.selected.what(),
            jobs,
            settings: self.settings.as_deref(),
            read_only: self.read_only,
            text_pass: match self.text_pass {
                TextPassState::Done => TextPass::Done,
                TextPassState::Running(_) => TextPass::Running,
                TextPassState::Stopped => TextPass::Stopped,
                TextPassState::ReadOnly => TextPass::ReadOnly,
            },
            focus_filter,
            reason: self.reason.of(self.history.present()),
            earlier_reason: self.reason.text(),
            opens_queue: false,
            page: None,
            commands,
        }
    }

    /// Carries out a command on the case; returns any other command.
    pub fn carry_out(&mut self, jobs: &Jobs, command: Command) -> Option<Command> {
        match command {
            Command::SetScope(scope) => {
                if self.history.go(scope) {
                    self.select_lead_of_scope();
                }
            }
            Command::Visit(id) => self.walk(|history| history.visit(id)),
            Command::DescribeVisit { id, name, note } => self.history.describe(id, &name, &note),
            Command::Compare(against) => self.second.set(against),
            Command::SwapScopes => self.swap(),
            Command::Back => self.walk(History::back),
            Command::Forward => self.walk(History::forward),
            Command::Select(selected) => self.selected.set(selected),
            Command::SelectExchange(exchange) => {
                // Asked again each time, since another selection may have come in between.
                self.named.clear();
                let (cache, asked) = (Arc::clone(&self.cache), exchange.clone());
                self.named.ask(jobs, None, exchange, move |_| cache.row_of(&asked));
            }
            Command::SetZone(zone) => self.set_zone(zone),
            Command::FinishText => {
                if matches!(self.text_pass, TextPassState::Stopped) {
                    let (cache, sources) = (Arc::clone(&self.cache), Arc::clone(&self.sources));
                    self.text_pass = TextPassState::Running(self.worker.finish_text(jobs, cache, sources));
                }
            }
            Command::Record(action) => self.worker.record(action),
            Command::RecordAct(actions) => self.worker.record_act(actions),
            Command::GiveReason(reason) => self.reason = GivenReason::new(reason, self.history.present()),
            Command::TagExchanges(rows, tag, note) => self.worker.tag_exchanges(rows, tag, note),
            Command::TagSource(source, tag, note) => self.worker.tag_source(source, tag, note),
            Command::AddStoryPart(part) => self.worker.add_story_part(part),
            Command::Embed(source, exhibit) => self.worker.embed(source, exhibit),
            Command::TakeNote => self.not_written.clear(),
            Command::Undo => self.worker.undo(),
            Command::Redo => self.worker.redo(),
            Command::Export { audience, profile, out, include_text, signer } => {
                let settings = self.settings.clone();
                self.worker.export(move || {
                    let key = signer.key(settings.as_deref())?;
                    let paper = Paper::default();
                    Ok(ExportOptions { audience, out, include_text, profile, paper, key })
                });
            }
            other => return Some(other),
        }
        None
    }

    /// Selects the lead that a new scope was made from, so that inspector and scope show one lead.
    fn select_lead_of_scope(&mut self) {
        let followed = self.history.present().lead().and_then(|lead| self.list.follow(lead).at());
        if let Some(at) = followed {
            self.selected.set(Selected::Lead(at));
        }
    }

    /// Goes on with a history that was stored.
    pub fn restore(&mut self, history: History) {
        self.history = history;
        self.select_lead_of_scope();
    }

    /// Exchanges the scope and the second scope.
    fn swap(&mut self) {
        let Some(against) = self.second.present().filter(|against| !against.negated).cloned() else { return };
        let present = Against::of(Scope::clone(self.history.present()));
        let from = self.history.present_id();
        if self.history.go(Scope::clone(&against.scope)) {
            self.second.exchanged([from, self.history.present_id()], [against, present]);
            self.select_lead_of_scope();
        }
    }

    /// Takes a step in the history.
    fn walk(&mut self, step: impl FnOnce(&mut History) -> bool) {
        let from = self.history.present_id();
        if step(&mut self.history) {
            self.second.follow(from, self.history.present_id());
            self.select_lead_of_scope();
        }
    }

    /// Shows times in another zone; a case open for writing stores it.
    fn set_zone(&mut self, zone: Zone) {
        if !self.read_only && zone != self.zone {
            self.worker.record(Action::zone(&zone));
        }
        self.zone = zone;
    }
}

/// Maximum number of moved decisions that are named.
const NAMED: usize = 3;

/// The decisions that a new list of leads has moved or left without a lead, in sentences.
fn moved(before: &[PlacedDecision], after: &[PlacedDecision]) -> Vec<String> {
    let new: Vec<&PlacedDecision> = after.iter().filter(|placed| !before.contains(placed)).collect();
    let mut sentences: Vec<String> =
        new.iter().take(NAMED).map(|placed| format!("{}.", placed.in_words())).collect();
    if new.len() > NAMED {
        sentences.push(format!(
            "{} more decisions changed: see Evidence and the checklist in Export.",
            new.len() - NAMED
        ));
    }
    sentences
}

/// The stored zone of the case; UTC if none is stored or the zone database lacks it.
fn zone_of(state: &State) -> Zone {
    state.settings.get(ZONE).and_then(|name| Zone::named(name).ok()).unwrap_or_default()
}
