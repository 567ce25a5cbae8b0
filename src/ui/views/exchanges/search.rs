//! Search of words in the text of the scope; hits with excerpts appear while it runs.
//!
//! An excerpt is text. So a search is journaled before it starts, and the exchanges with displayed excerpts are
//! journaled when it ends.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use egui::{Key, Role, WidgetInfo};

use super::pages::Side;
use crate::cache::{AccountIndex, CacheError, RowId, unreadable_in_words};
use crate::case::Action;
use crate::jobs::{Slot, SlotState};
use crate::model::Watcher;
use crate::query::Selection;
use crate::query::search::{Hit, search};
use crate::ui::journaled::PendingEntry;
use crate::ui::view::{Command, SEARCH_JOB, Selected, ViewContext};
use crate::ui::{scopes, theme, words};

/// Stable id of the view; the search takes the keyboard by it.
pub const ID: &str = "exchanges";
/// Maximum number of listed excerpts; all hits are counted.
const MAX_LISTED: usize = 1_000;

/// A hit for display.
struct Line {
    row: RowId,
    column: &'static str,
    /// On one line, hostile characters visible.
    excerpt: String,
}

/// Hits of a search so far: filled by the job, read by the window.
#[derive(Default)]
struct Hits {
    /// The first hits, with their excerpts.
    lines: Vec<Line>,
    /// All hits.
    all: u64,
    /// Accounts with a hit.
    accounts: BTreeSet<AccountIndex>,
}

type Found = Arc<Mutex<Hits>>;

/// State of the search.
#[derive(Default)]
pub struct Search {
    typed: String,
    asked: u64,
    words: String,
    reason: String,
    found: Found,
    run: Slot<u64, Ended>,
    /// The search that is being journaled; it starts once its entry is on the disk.
    pending: Option<(PendingEntry, Arc<Selection>)>,
    open: bool,
}

/// End of a search.
struct Ended {
    /// It was stopped before its end.
    stopped: bool,
    /// Texts that could not be read, in words.
    unreadable: Option<String>,
}

impl Search {
    /// Draws the field; returns the words when the user starts a search.
    pub fn field(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> Option<String> {
        let label = ui.weak("Search");
        let field = egui::TextEdit::singleline(&mut self.typed)
            .id_salt("search")
            .hint_text("words or \"a phrase\"")
            .desired_width(170.0);
        let field = ui.add_enabled(!cx.read_only, field).labelled_by(label.id);
        if cx.focus_filter == Some(ID) {
            field.request_focus();
        }
        if is_unclosed(&self.typed) {
            ui.colored_label(ui.visuals().warn_fg_color, "closing \" missing")
                .on_hover_text("The phrase reaches to the end of the words.");
        }
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if entered && self.typed.trim().is_empty() {
            // Nothing is searched for: the list of exchanges stands again.
            self.open = false;
        }
        // The excerpts of the last search are journaled when it ends, so the next one waits for that.
        let running = self.pending.is_some() || self.run.state() == SlotState::Pending;
        let ready = !cx.read_only && !running && cx.selection.is_some() && !self.typed.trim().is_empty();
        let button = ui.add_enabled(ready, egui::Button::new("search"));
        let button = button.on_hover_text(
            "Searches prompts and responses in the scope. Asks for a reason, which goes into the journal.",
        );
        (ready && (button.clicked() || entered)).then(|| self.typed.trim().to_owned())
    }

    /// Journals the search, which starts once its entry is on the disk.
    pub fn start(&mut self, cx: &ViewContext<'_>, side: Side, wanted: String, reason: &str) {
        let Some((selection, _)) = side.selection(cx) else { return };
        let why = format!("search for “{wanted}” in {}: {reason}", side.describe(cx));
        let entry = PendingEntry::record(cx, Action::TextRevealed { exchanges: Vec::new(), reason: why });
        self.pending = Some((entry, Arc::clone(selection)));
        self.open = true;
        self.words = wanted;
        reason.clone_into(&mut self.reason);
        self.run.clear();
        // A new list, so that an earlier search that still runs cannot write into it.
        self.found = Found::default();
    }

    fn run(&mut self, cx: &ViewContext<'_>, selection: Arc<Selection>) {
        self.asked += 1;
        let (found, wanted) = (Arc::clone(&self.found), self.words.clone());
        let (cache, sources) = (Arc::clone(cx.cache), Arc::clone(cx.sources));
        let why = format!("excerpts shown by the search for “{}”: {}", self.words, self.reason);
        let (recorder, announced) = (cx.recorder.clone(), cx.recorder.announce("text shown by a search"));
        self.run.ask::<CacheError>(cx.jobs, Some(SEARCH_JOB), self.asked, move |ticket| {
            let mut take = |hit: Hit| lock(&found).take(&hit, cache.hot().account_of(hit.row));
            let outcome = search(&cache, &sources, &selection, &wanted, usize::MAX, &mut take, ticket);
            // Displayed excerpts count as viewed even if the search was cancelled.
            lock(&found).lines.sort_by_key(|line| line.row);
            let rows: Vec<RowId> = lock(&found).lines.iter().map(|line| line.row).collect();
            let exchanges = cache.exchange_refs(&rows)?;
            // In the job and not in the view, which may be hidden or closed by now.
            if !exchanges.is_empty() {
                recorder.record(Action::TextRevealed { exchanges, reason: why });
            }
            drop(announced);
            match outcome {
                Ok(searched) => {
                    let unreadable = unreadable_in_words(&searched.unreadable);
                    Ok(Ended { stopped: false, unreadable })
                }
                Err(_) if ticket.is_cancelled() => Ok(Ended { stopped: true, unreadable: None }),
                Err(error) => Err(error),
            }
        });
    }

    /// Takes over the answers of the job.
    pub fn work(&mut self, cx: &ViewContext<'_>) {
        if let Some((_, selection)) = self.pending.take_if(|(entry, _)| entry.is_journaled(cx)) {
            self.run(cx, selection);
        }
        self.run.poll();
    }

    /// True if there are hits or a search to show.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Draws the hits.
    pub fn hits(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let found = Arc::clone(&self.found);
        let found = lock(&found);
        self.heading(ui, cx, &found);
        egui::ScrollArea::vertical().id_salt("hits").auto_shrink([false, false]).show_rows(
            ui,
            theme::ROW,
            found.lines.len(),
            |ui, visible| {
                for line in &found.lines[visible] {
                    line.ui(ui, cx);
                }
            },
        );
    }

    fn heading(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, found: &Hits) {
        let running = self.run.state() == SlotState::Pending;
        ui.horizontal_wrapped(|ui| {
            ui.strong(format!(
                "{} in {} for “{}”",
                words::counted(found.all, "hit", "hits"),
                words::counted(found.accounts.len() as u64, "account", "accounts"),
                words::line(&self.words, 60)
            ));
            let accounts = || found.accounts.iter().copied().collect::<Vec<_>>();
            if !found.accounts.is_empty() {
                if ui
                    .small_button("Scope to these accounts")
                    .on_hover_text("The accounts with a hit")
                    .clicked()
                {
                    let label = format!("accounts with “{}”", self.words);
                    cx.send(Command::SetScope(scopes::of_accounts(cx, &label, &accounts())));
                }
                if ui.small_button("Add to scope").on_hover_text("Adds the accounts with a hit").clicked() {
                    cx.send(Command::SetScope(scopes::with_more(cx, &accounts())));
                }
            }
            if running {
                ui.spinner();
                if ui.button("stop").clicked() {
                    self.run.cancel();
                }
            } else if let Some(failure) = self.run.failure() {
                ui.colored_label(ui.visuals().error_fg_color, format!("The search failed: {failure}"));
            } else if self.run.answer().is_some_and(|ended| ended.stopped) {
                ui.weak("stopped before the end");
            } else if self.pending.is_some() {
                ui.weak("Writing the search to the journal…");
            } else if found.all == 0 {
                ui.weak("0 exchanges in the scope contain these words. Try fewer words or a wider scope.");
            }
            if found.all > found.lines.len() as u64 {
                ui.weak(format!("first {} excerpts listed", words::count(found.lines.len() as u64)));
            }
            if let Some(unreadable) = self.run.answer().and_then(|ended| ended.unreadable.as_ref()) {
                ui.colored_label(ui.visuals().warn_fg_color, unreadable);
            }
            if !running && ui.button("close").on_hover_text("Hides the excerpts").clicked() {
                self.open = false;
                self.pending = None;
                self.run.clear();
                self.found = Found::default();
            }
        });
    }
}

impl Hits {
    fn take(&mut self, hit: &Hit, account: AccountIndex) {
        self.all += 1;
        self.accounts.insert(account);
        if self.lines.len() < MAX_LISTED {
            self.lines.push(Line::of(hit));
        }
    }
}

impl Line {
    fn of(hit: &Hit) -> Self {
        Self { row: hit.row, column: hit.column, excerpt: words::line(&hit.excerpt, 200) }
    }

    fn ui(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let hot = cx.cache.hot();
        let who = words::account(cx.cache, hot.account_of(self.row));
        let when = hot.ts.get(self.row as usize).map_or_else(String::new, |ts| cx.zone.format(*ts));
        let kind = if self.column == "prompt_text" { "prompt" } else { "response" };
        let text = format!("{when}  {who}  {kind}: {}", self.excerpt);
        let is_selected = *cx.selected == Selected::Exchange(self.row);
        let button = egui::Button::selectable(is_selected, text.as_str()).truncate();
        let button = button.min_size(egui::vec2(0.0, theme::ROW - 2.0));
        // As wide as the list, left-aligned.
        let line = egui::Layout::top_down_justified(egui::Align::LEFT);
        let response = ui.with_layout(line, |ui| ui.add(button)).inner;
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, &text));
        if response.clicked() {
            cx.send(Command::Select(Selected::Exchange(self.row)));
        }
    }
}

/// True if the last phrase has no closing quotation mark.
fn is_unclosed(typed: &str) -> bool {
    typed.matches('"').count() % 2 == 1
}

/// The list is whole even where the job panicked: a line is pushed or it is not.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
