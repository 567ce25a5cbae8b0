//! Exchanges of the scope: list, choice, marks as evidence, access to text for a stated reason.
//!
//! Text is hidden until the user enters a reason. Each access is journaled before its text is displayed. No
//! text is stored outside the view.

mod beside;
mod marked;
mod pages;
mod queue;
mod reader;
mod redact;
mod search;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Panel, Role, WidgetInfo};

use crate::cache::RowId;
use crate::case::EvidenceSource;
use crate::model::Scope;
use crate::query::listing::ExchangeOrder;
use crate::ui::marks::{self, Marks};
use crate::ui::reason::{ReasonDialog, Wanted};
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, View, ViewContext};
use crate::ui::widgets::keys;
use crate::ui::widgets::long_scroll::{self, LongScroll};
use crate::ui::widgets::mark::MarkForm;
use crate::ui::widgets::picture;
use crate::ui::widgets::sideways;
use crate::ui::{reason, theme, words};

use pages::Side;
use queue::Wish;
use search::ID;

/// Effect of marking exchanges.
const RECORD: &str = "Copies the whole records into the case, including prompts and responses";
/// Maximum number of exchanges whose text is displayed together.
const READ_AT_ONCE: usize = 20;

/// The view's own state.
#[derive(Default)]
pub struct ExchangesView {
    order: ExchangeOrder,
    /// Listed side of the comparison.
    side: Side,
    pages: pages::Pages,
    scroll: LongScroll,
    marked: marked::Marked,
    form: MarkForm,
    reason: ReasonDialog,
    reader: reader::Reader,
    search: search::Search,
    marks: Marks,
    /// Exchange that waits for another to be compared with.
    held: Option<RowId>,
    /// Exchange that was selected when the displayed text was asked for.
    asked_at: Option<RowId>,
    /// Scope in which the reading queue asked for text.
    asked_in: Option<Arc<Scope>>,
    /// [`asked_at`](Self::asked_at) of the displayed text: a request may be given up at its reason.
    read_at: Option<RowId>,
    queue: queue::ReadingQueue,
}

impl View for ExchangesView {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Exchanges"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if cx.against.is_none() {
            self.side = Side::A;
        }
        self.pages.ask_order(cx, self.side, self.order);
        self.marked.follow(cx);
        self.marks.follow(cx);
        self.toolbar(ui, cx);
        if cx.page == Some("compare two") {
            match self.marked.current() {
                Some(_) => self.compare(cx),
                None => cx.send(Command::Notify("Select an exchange in the list first.".to_owned())),
            }
        }
        self.follow_selection(cx);
        if let Some((wanted, reason)) = self.reason.ui(ui, cx) {
            self.look(cx, wanted, &reason);
        }
        self.side(ui, cx);
        if self.is_behind(cx) {
            // Text for another row has come; the next frame asks for that of this one.
            ui.ctx().request_repaint();
        }
        if self.queue.is_open() {
            if ui.memory(|memory| memory.has_focus(keys::id(ID))) {
                keys::focus(ui.ctx(), queue::TABLE);
            }
            if let Some(wish) = self.queue.ui(ui, cx) {
                self.heed(cx, wish);
                ui.ctx().request_repaint();
            }
            return;
        }
        self.list(ui, cx);
    }

    fn unsent(&self, _cx: &ViewContext<'_>) -> Vec<Unsent> {
        let notes = self.form.unsent("note on exchanges").into_iter();
        notes.chain(self.reason.unsent()).chain(self.reader.unsent()).collect()
    }
}

impl ExchangesView {
    /// Draws the table of the listed exchanges and heeds its keys.
    fn list(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let rect = ui.available_rect_before_wrap();
        let (mut mark, mut compare) = (false, false);
        match self.pages.order() {
            Some(rows) if rows.is_empty() => {
                keys::hold(ui, ID);
                picture::empty(ui, rect, picture::NO_EXCHANGES);
            }
            Some(rows) => {
                let gap = ui.spacing().item_spacing.y;
                let above = theme::HEADER + gap;
                let visible = self.scroll.ui(ui, rect, above, theme::ROW + gap, rows.len(), ID);
                let columns = rect.with_max_x(rect.right() - long_scroll::BAR);
                ui.scope_builder(egui::UiBuilder::new().max_rect(columns), |ui| {
                    // A narrow window scrolls to the columns that have no room.
                    let area = egui::ScrollArea::horizontal().auto_shrink(false);
                    let acted = sideways::show(ui, "exchange columns", area, |ui, _| {
                        table::ui(ui, cx, &mut self.pages, &mut self.marked, &self.marks, visible)
                    });
                    acted.scroll_to.into_iter().for_each(|row| self.scroll.reveal(row));
                    mark |= acted.marks;
                    compare |= acted.compares;
                });
            }
            None => keys::hold(ui, ID),
        }
        if mark {
            self.mark_now(cx, &self.marked.rows());
        }
        if compare {
            self.compare(cx);
        }
        picture::over(ui, rect, self.pages.is_pending(cx), self.pages.failure());
    }

    fn toolbar(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            let before = (self.order, self.side);
            if cx.against.is_some() {
                ui.selectable_value(&mut self.side, Side::A, "A")
                    .on_hover_text("Lists the exchanges of scope A");
                ui.selectable_value(&mut self.side, Side::B, "B")
                    .on_hover_text("Lists the exchanges of scope B");
            }
            let total = self.pages.order().map_or(0, |rows| rows.len() as u64);
            ui.strong(words::counted(total, "exchange", "exchanges"));
            ui.weak(format!("times in {}", cx.zone.name()));
            for (order, title, hint) in [
                (ExchangeOrder::Account, "by account", "Sorts by account, then time"),
                (ExchangeOrder::Time, "by time", "Sorts by time, oldest first, across accounts"),
            ] {
                // The queue has an order of its own.
                let is_shown = self.order == order && !self.queue.is_open();
                if ui.selectable_label(is_shown, title).on_hover_text(hint).clicked() {
                    self.order = order;
                    self.queue.close();
                }
            }
            if self.side != before.1 {
                self.marked.clear();
            }
            if (self.order, self.side) != before {
                self.marked.reordered();
                self.scroll = LongScroll::default();
            }
            self.queue.toggle(ui, cx);
            ui.separator();
            if let Some(words) = self.search.field(ui, cx) {
                self.reason.want(Wanted::Search(words));
            }
        });
        ui.horizontal_wrapped(|ui| {
            let chosen = self.marked.rows();
            let hint = if cx.read_only {
                "The case is open read-only, so an access cannot be journaled."
            } else {
                "Shows prompt and response of the chosen exchanges. Asks for a reason, which goes into the journal."
            };
            let can_look = !cx.read_only && !chosen.is_empty();
            let button = ui.add_enabled(can_look, egui::Button::new("Reveal text…"));
            if button.on_hover_text(hint).on_disabled_hover_text(hint).clicked() {
                self.want(Wanted::Exchanges(chosen.iter().copied().take(READ_AT_ONCE).collect()));
            }
            let talk = ui.add_enabled(can_look, egui::Button::new("Read conversation…"));
            if talk.on_hover_text("Shows all exchanges of the conversation, oldest first").clicked()
                && let Some(row) = self.marked.current().or_else(|| chosen.first().copied())
            {
                self.want(Wanted::Conversation(row));
            }
            self.mark_ui(ui, cx, &chosen);
            self.compare_ui(ui, cx, &chosen);
            reason::line(ui, cx);
        });
    }

    /// Button that compares two exchanges; holds one until another is chosen.
    fn compare_ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, chosen: &[RowId]) {
        let enabled = !cx.read_only && (chosen.len() == 2 || self.marked.current().is_some());
        let title = match self.held {
            Some(_) if chosen.len() != 2 => "Compare with the held one…",
            _ => "Compare two…",
        };
        let hint = "Shows two exchanges side by side with the words that differ. Key x: holds the selected exchange, then \
                    compares it with another.";
        let button = ui.add_enabled(enabled, egui::Button::new(title));
        if button.on_hover_text(hint).on_disabled_hover_text(hint).clicked() {
            self.compare(cx);
        }
        if let Some(held) = self.held {
            let (ts, account) = place(cx, held);
            ui.weak(format!("held: {} {}", cx.zone.format(ts), words::account(cx.cache, account)));
            let drop = ui.small_button("×");
            drop.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Hold no exchange"));
            if drop.on_hover_text("Holds no exchange").clicked() {
                self.held = None;
            }
        }
    }

    /// Compares two chosen exchanges, or the held one with the selected one; else holds the selected one.
    fn compare(&mut self, cx: &ViewContext<'_>) {
        if cx.read_only {
            return;
        }
        let chosen = self.marked.rows();
        let two = match (<[RowId; 2]>::try_from(chosen.as_slice()), self.held.take(), self.marked.current()) {
            (Ok(two), ..) => two,
            (_, Some(held), Some(row)) if held != row => [held, row],
            (_, None, row) => {
                self.held = row;
                return;
            }
            _ => return,
        };
        self.want(Wanted::Two(two));
    }

    /// Shows the text of the selected exchange beside the table, if a reason for access is set.
    fn follow_selection(&mut self, cx: &ViewContext<'_>) {
        if self.is_behind(cx) {
            self.want(Wanted::Exchanges(self.marked.current().into_iter().collect()));
        }
    }

    /// True if the text beside the table is that of another row than the selected one, and can follow it. The
    /// queue asks for its own exchanges.
    fn is_behind(&self, cx: &ViewContext<'_>) -> bool {
        let current = self.marked.current();
        let may_ask = self.reader.is_open()
            && !self.reader.is_of_two()
            && cx.reason.is_some()
            && !self.reader.is_busy();
        may_ask && !self.queue.is_open() && current.is_some() && current != self.asked_at
    }

    fn mark_ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, chosen: &[RowId]) {
        let count = chosen.len() as u64;
        let title = if count == 0 {
            "Mark as evidence…".to_owned()
        } else {
            format!("Mark {} as evidence…", words::count(count))
        };
        ui.add_enabled_ui(!cx.read_only && count > 0, |ui| {
            let config = egui::containers::menu::MenuConfig::new()
                .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
            let (button, _) =
                egui::containers::menu::MenuButton::new(title.as_str()).config(config).ui(ui, |ui| {
                    ui.set_min_width(320.0);
                    let places: BTreeSet<(i64, u32)> = chosen.iter().map(|row| place(cx, *row)).collect();
                    self.form.warn(ui, cx, |source| is_at(cx, source, &places));
                    if let Some((tag, note)) = self.form.ui(ui, "Mark", RECORD, true, false) {
                        cx.send(Command::TagExchanges(chosen.to_vec(), tag, note));
                        ui.close();
                    }
                });
            button.widget_info(|| WidgetInfo::labeled(Role::Button, count > 0, &title));
        });
        if self.marked.is_full() {
            ui.colored_label(
                ui.visuals().warn_fg_color,
                format!("at most {} at once", words::count(marked::MAX_CHOSEN as u64)),
            );
        }
    }

    /// Draws search hits and revealed text beside the table.
    fn side(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.reader.work(cx);
        self.search.work(cx);
        if self.search.is_open() {
            let height = (ui.available_height() * 0.5).max(90.0);
            Panel::top("search hits")
                .resizable(true)
                .default_size(height)
                .show(ui, |ui| self.search.hits(ui, cx));
        }
        if self.reader.is_open() {
            let two = self.reader.is_of_two();
            let width = ui.available_width() * if two { 0.7 } else { 0.5 };
            Panel::right(if two { "two exchanges" } else { "reader" })
                .resizable(true)
                .default_size(width)
                .min_size(220.0)
                .show(ui, |ui| {
                    let is_of_row = (self.queue.is_open() && self.asked_in.as_ref() == Some(cx.scope))
                        || self.asked_at == self.marked.current();
                    let is_of_selected =
                        self.reader.is_of_two() || (is_of_row && self.read_at == self.asked_at);
                    self.reader.ui(ui, cx, is_of_selected);
                });
        }
        ui.add_space(theme::GAP);
    }

    /// Asks for text beside the exchange that is selected now; the answer may come when another one is.
    fn want(&mut self, wanted: Wanted) {
        self.asked_at = self.marked.current();
        self.reason.want(wanted);
    }

    /// Reads or marks an exchange of the queue.
    fn heed(&mut self, cx: &ViewContext<'_>, wish: Wish) {
        match wish {
            Wish::Read(_) if cx.read_only => {}
            Wish::Read(row) => {
                self.asked_at = Some(row);
                self.asked_in = Some(Arc::clone(cx.scope));
                self.reason.want(Wanted::Exchanges(vec![row]));
            }
            Wish::Mark(row) => self.mark_now(cx, &[row]),
            Wish::Compare(row) => match self.held.take() {
                Some(held) if held != row && !cx.read_only => self.want(Wanted::Two([held, row])),
                _ => self.held = Some(row),
            },
        }
    }

    /// Marks exchanges with the tag chosen last and without a note, as a key does. A mark that contradicts another,
    /// or repeats it, is refused.
    fn mark_now(&self, cx: &ViewContext<'_>, rows: &[RowId]) {
        if cx.read_only || rows.is_empty() {
            return;
        }
        let tag = self.form.tag();
        let places: BTreeSet<(i64, u32)> = rows.iter().map(|row| place(cx, *row)).collect();
        let opposite = marks::opposite(cx, &tag, |source| is_at(cx, source, &places));
        let is_same =
            |evidence: &&crate::case::Evidence| evidence.tag == tag && is_at(cx, &evidence.source, &places);
        if let Some(first) = opposite.first() {
            let text =
                "already tags one of these as the opposite. Use “Mark as evidence” to add a second tag.";
            cx.send(Command::Notify(format!("Not marked: evidence {} {text}", first.id)));
        } else if let Some(same) = cx.state.evidence.values().find(is_same) {
            cx.send(Command::Notify(format!(
                "Not marked: evidence {} already tags one of these as {tag}.",
                same.id
            )));
        } else {
            let count = words::counted(rows.len() as u64, "exchange", "exchanges");
            cx.send(Command::TagExchanges(rows.to_vec(), tag.clone(), String::new()));
            cx.send(Command::Notify(format!("{count} marked as {tag}. Ctrl+Z undoes it.")));
        }
    }

    fn look(&mut self, cx: &ViewContext<'_>, wanted: Wanted, reason: &str) {
        if let Wanted::Exchanges(rows) = &wanted {
            self.queue.has_read(rows);
        }
        if !matches!(wanted, Wanted::Search(_)) {
            self.read_at = self.asked_at;
        }
        match wanted {
            Wanted::Exchanges(rows) => self.reader.open(cx, rows, false, reason),
            Wanted::Conversation(row) => self.reader.open(cx, vec![row], true, reason),
            Wanted::Two(rows) => self.reader.compare(cx, rows, reason),
            Wanted::Map => {}
            Wanted::Search(words) => self.search.start(cx, self.side, words, reason),
        }
    }
}

/// Time and account of an exchange.
fn place(cx: &ViewContext<'_>, row: RowId) -> (i64, u32) {
    let hot = cx.cache.hot();
    (hot.ts.get(row as usize).copied().unwrap_or_default(), hot.account_of(row))
}

/// True if evidence is an exchange at one of these times and accounts.
fn is_at(cx: &ViewContext<'_>, source: &EvidenceSource, places: &BTreeSet<(i64, u32)>) -> bool {
    let EvidenceSource::Exchange { account, ts, .. } = source else { return false };
    cx.cache.account_index(account).is_some_and(|account| places.contains(&(*ts, account)))
}
