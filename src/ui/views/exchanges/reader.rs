//! Display of revealed text: prompts and responses as a conversation.
//!
//! The order of the steps is fixed: find the exchanges, journal the access, read the text.

use std::ops::Range;
use std::sync::Arc;

use egui::{Align, Color32, Frame, Layout, Role, WidgetInfo};

use super::beside::Beside;
use super::redact::{RedactBar, Selection, as_logged, is_marked};
use crate::cache::text::records;
use crate::cache::{Cache, CacheError, RowId};
use crate::case::Action;
use crate::jobs::{Slot, SlotState, unreadable_in_words};
use crate::model::{Digest, ExchangeRef, HOSTILE_LEGEND, Record, visible};
use crate::query::exchanges::conversation;
use crate::snapshot::Column;
use crate::ui::journaled::PendingEntry;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext, WindowCommand};
use crate::ui::{theme, words};

/// Maximum number of exchanges read of one conversation.
const MAX_EXCHANGES: usize = 200;
/// Maximum number of characters of one text before “Show more”.
const CUT: usize = 8_000;

/// The reader's own state.
#[derive(Default)]
pub struct Reader {
    asked: u64,
    /// The access drawn last; the text of another one is drawn from its beginning.
    drawn: u64,
    reason: String,
    named: Slot<u64, Named>,
    /// The access that is being journaled; no text is read before it is on the disk.
    pending: Option<PendingEntry>,
    texts: Slot<u64, Texts>,
    open: bool,
    redact: RedactBar,
    /// True for two exchanges side by side.
    two: bool,
}

/// Exchanges of one access.
struct Named {
    rows: Vec<RowId>,
    refs: Vec<ExchangeRef>,
}

/// Texts of the exchanges, and the exchanges that could not be read, in words.
struct Texts {
    turns: Vec<Turn>,
    /// Two exchanges with their differences.
    beside: Option<Beside>,
    unreadable: Option<String>,
}

/// One exchange for display: hostile characters visible, long texts cut.
struct Turn {
    row: RowId,
    exchange: ExchangeRef,
    prompt: Option<FoldedText>,
    response: Option<FoldedText>,
}

struct FoldedText {
    logged: String,
    whole: String,
    /// Byte at which the short form ends, where it is short.
    cut: Option<usize>,
    is_whole: bool,
}

impl Reader {
    /// Begins an access to exchanges, or to the whole conversation of one.
    pub fn open(&mut self, cx: &ViewContext<'_>, rows: Vec<RowId>, whole_conversation: bool, reason: &str) {
        self.asked += 1;
        (self.open, self.two) = (true, false);
        reason.clone_into(&mut self.reason);
        self.texts.clear();
        self.redact.clear();
        self.pending = None;
        let cache = Arc::clone(cx.cache);
        self.named
            .ask::<CacheError>(cx.jobs, None, self.asked, move |_| name(&cache, rows, whole_conversation));
    }

    /// Begins an access to two exchanges, to compare their texts.
    pub fn compare(&mut self, cx: &ViewContext<'_>, rows: [RowId; 2], reason: &str) {
        self.open(cx, rows.to_vec(), false, reason);
        self.two = true;
    }

    /// True if two exchanges are shown side by side.
    pub fn is_of_two(&self) -> bool {
        self.open && self.two
    }

    /// True if there is text to show.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// True while an access is being journaled or read.
    pub fn is_busy(&self) -> bool {
        let is_pending = |state| state == SlotState::Pending;
        self.pending.is_some() || is_pending(self.named.state()) || is_pending(self.texts.state())
    }

    /// Journals the access once its exchanges are found, then reads their text.
    pub fn work(&mut self, cx: &ViewContext<'_>) {
        if self.named.poll()
            && let Some(named) = self.named.answer().filter(|_| self.named.state() == SlotState::Ready)
        {
            let action = Action::TextRevealed { exchanges: named.refs.clone(), reason: self.reason.clone() };
            self.pending = Some(PendingEntry::record(cx, action));
        }
        if self.pending.as_ref().is_some_and(|entry| entry.is_journaled(cx))
            && let Some(named) = self.named.answer()
        {
            self.pending = None;
            let two = self.two;
            let (cache, sources, rows) = (Arc::clone(cx.cache), Arc::clone(cx.sources), named.rows.clone());
            self.texts.ask::<CacheError>(cx.jobs, Some("reading text"), self.asked, move |ticket| {
                let found = records(&cache, &sources, &rows, ticket)?;
                let turns = found.read.iter().map(|(row, record)| Turn::of(*row, record)).collect();
                let beside = match &found.read[..] {
                    [left, right] if two => Some(Beside::of(left, right)),
                    _ => None,
                };
                Ok(Texts { turns, beside, unreadable: unreadable_in_words(&found.unreadable, rows.len()) })
            });
        }
        self.texts.poll();
    }

    /// Draws the text. Text that was asked for beside another selection is not drawn.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, is_of_selected: bool) {
        ui.horizontal(|ui| {
            ui.strong("Text");
            ui.weak(format!("times in {}", cx.zone.name()));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let close = ui.button("×");
                close.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Hide text"));
                let enlarge = ui.small_button("enlarge");
                if enlarge.on_hover_text("Gives this view the whole room, or not (Ctrl+M)").clicked() {
                    cx.send(Command::Window(WindowCommand::Enlarge));
                }
                if close.on_hover_text("Hides the text").clicked() {
                    self.open = false;
                    self.pending = None;
                    self.texts.clear();
                    self.redact.clear();
                }
            });
        });
        for failure in [self.named.failure(), self.texts.failure()].into_iter().flatten() {
            ui.colored_label(ui.visuals().error_fg_color, format!("The text could not be read: {failure}"));
        }
        if self.pending.is_some() {
            ui.weak("Writing the access to the journal…");
        }
        if self.named.state() == SlotState::Pending || self.texts.state() == SlotState::Pending {
            ui.spinner();
        }
        if !is_of_selected {
            ui.label(
                "No text of the present selection. Select an exchange in the list and press “Reveal text…”; in the reading queue a click or an arrow key shows it.",
            );
            return;
        }
        let Some(Texts { turns, beside, unreadable }) = self.texts.answer_mut() else { return };
        if let Some(words) = unreadable {
            ui.colored_label(ui.visuals().error_fg_color, visible(words).into_owned());
        }
        if turns.iter().any(Turn::has_codes) {
            ui.weak(HOSTILE_LEGEND);
        }
        if let Some(beside) = beside {
            beside.ui(ui, cx);
            return;
        }
        self.redact.ui(ui, cx);
        let mut selected = None;
        let mut area = egui::ScrollArea::vertical().id_salt("reader").auto_shrink([false, false]);
        if self.drawn != self.asked {
            self.drawn = self.asked;
            area = area.vertical_scroll_offset(0.0);
        }
        area.show(ui, |ui| {
            for (at, turn) in turns.iter_mut().enumerate() {
                if at > 0 {
                    ui.add_space(theme::GROUP_GAP);
                }
                selected = turn.ui(ui, cx).or(selected.take());
            }
        });
        selected.into_iter().for_each(|selection| self.redact.select(selection));
    }

    /// Text typed and not sent.
    pub fn unsent(&self) -> Option<Unsent> {
        self.redact.unsent()
    }
}

/// Finds the exchanges of an access, oldest first.
fn name(cache: &Cache, rows: Vec<RowId>, whole_conversation: bool) -> Result<Named, CacheError> {
    let mut rows = match rows.first() {
        Some(row) if whole_conversation => conversation(cache, *row)?,
        _ => rows,
    };
    rows.truncate(MAX_EXCHANGES);
    let refs = rows.iter().map(|row| cache.exchange_ref(*row)).collect::<Result<_, _>>()?;
    Ok(Named { rows, refs })
}

impl Turn {
    fn of(row: RowId, record: &Record) -> Self {
        let text = |column| record.text(column).map(FoldedText::of);
        let exchange = record.exchange.clone();
        Self { row, exchange, prompt: text("prompt_text"), response: text("response_text") }
    }

    /// True if a character of its texts is shown by its code.
    fn has_codes(&self) -> bool {
        [&self.prompt, &self.response].into_iter().flatten().any(|text| text.whole != text.logged)
    }

    /// Draws the exchange; gives the words that are selected in it, where it is marked.
    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) -> Option<Selection> {
        let hot = cx.cache.hot();
        let who = words::account(cx.cache, hot.account_of(self.row));
        let when = hot.ts.get(self.row as usize).map_or_else(String::new, |ts| cx.zone.format(*ts));
        let place = &self.exchange;
        let head = format!("{when}  {who}  row {} of {}", place.row, words::line(&place.file, 60));
        // One line, so that a low window has room for the text.
        let head = egui::Label::new(egui::RichText::new(head).weak()).truncate();
        ui.add(head.show_tooltip_when_elided(false)).on_hover_text(place.to_string());
        let (user, model) = (ui.visuals().selection.bg_fill, ui.visuals().faint_bg_color);
        let is_marked = is_marked(cx, &self.exchange);
        let parts = [
            ("prompt", Column::PromptText, self.prompt.as_mut(), user, Align::Max),
            ("response", Column::ResponseText, self.response.as_mut(), model, Align::Min),
        ];
        let mut selected = None;
        for (title, column, mut text, ground, side) in parts {
            let range = bubble(ui, title, text.as_deref_mut(), is_marked, ground, side);
            if let (Some(range), Some(text)) = (range, text) {
                selected = Some(text.selection(&self.exchange, column, &range));
            }
        }
        selected
    }
}

/// One text; gives the characters that are selected in its visible form, where it `can_select`.
fn bubble(
    ui: &mut egui::Ui,
    title: &str,
    text: Option<&mut FoldedText>,
    can_select: bool,
    ground: Color32,
    side: Align,
) -> Option<Range<usize>> {
    let width = ui.available_width() * 0.88;
    let mut selected = None;
    ui.with_layout(Layout::top_down(side), |ui| {
        Frame::new().fill(ground).corner_radius(5.0).inner_margin(7.0).show(ui, |ui| {
            ui.set_max_width(width);
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.small(title);
                let Some(text) = text else {
                    ui.weak(format!("no {title} text in the snapshot"));
                    return;
                };
                if can_select {
                    selected = selectable(ui, title, text.visible_part());
                } else {
                    ui.add(egui::Label::new(text.visible_part()).wrap().selectable(true));
                }
                if let Some(cut) = text.cut.filter(|_| !text.is_whole) {
                    let more = text.whole[cut..].chars().count() as u64;
                    if ui.button(format!("Show {} more characters", words::count(more))).clicked() {
                        text.is_whole = true;
                    }
                }
            });
        });
    });
    selected
}

/// Text that cannot be changed; gives the characters that are selected in it.
fn selectable(ui: &mut egui::Ui, title: &str, mut text: &str) -> Option<Range<usize>> {
    let field = egui::TextEdit::multiline(&mut text).frame(Frame::NONE).desired_rows(1);
    let output = field.desired_width(ui.available_width()).show(ui);
    let label = format!("{title} of a marked exchange");
    output.response.widget_info(|| WidgetInfo::labeled(Role::MultilineTextInput, true, &label));
    let range = output.cursor_range?.as_sorted_char_range();
    let range = range.start.0..range.end.0;
    (!range.is_empty()).then_some(range)
}

impl FoldedText {
    fn of(text: &str) -> Self {
        let whole = visible(text).into_owned();
        let cut = whole.char_indices().nth(CUT).map(|(at, _)| at);
        Self { logged: text.to_owned(), whole, cut, is_whole: false }
    }

    fn selection(&self, exchange: &ExchangeRef, column: Column, shown: &Range<usize>) -> Selection {
        Selection {
            exchange: exchange.clone(),
            column,
            characters: as_logged(&self.logged, shown),
            text_sha256: Digest::of(self.logged.as_bytes()),
            words: self.whole.chars().skip(shown.start).take(shown.len()).collect(),
        }
    }

    fn visible_part(&self) -> &str {
        match self.cut {
            Some(cut) if !self.is_whole => &self.whole[..cut],
            _ => &self.whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters_and_hostile_ones_are_seen() {
        let mut text = FoldedText::of(&"é".repeat(CUT + 5));
        assert_eq!(text.visible_part().chars().count(), CUT);
        text.is_whole = true;
        assert_eq!(text.visible_part().chars().count(), CUT + 5);
        let short = FoldedText::of("a\u{202e}b");
        assert_eq!((short.visible_part(), short.cut), ("a⟨U+202E⟩b", None));
    }
}
