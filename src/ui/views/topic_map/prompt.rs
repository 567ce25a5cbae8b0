//! Prompt of the exchange under the pointer: hidden until a reason is given, journaled before it is read.

use std::collections::VecDeque;
use std::sync::Arc;

use egui::{Id, LayerId, Order, Pos2, Tooltip, vec2};

use crate::cache::text::records;
use crate::cache::{CacheError, RowId};
use crate::case::Action;
use crate::jobs::{Slot, SlotState};
use crate::model::{ExchangeRef, visible};
use crate::query::topic_map::at;
use crate::ui::journaled::PendingEntry;
use crate::ui::reason::{ReasonDialog, Wanted};
use crate::ui::unsent::Unsent;
use crate::ui::view::ViewContext;
use crate::ui::widgets::pan_zoom::Camera;
use crate::ui::words;

/// Seconds that the pointer rests before a prompt is looked for.
const REST: f64 = 0.5;
/// Movement of the pointer that counts as rest, in points.
const STILL: f32 = 3.0;
/// Largest distance between the pointer and the exchange, in points.
const REACH: f32 = 14.0;
/// Characters of a prompt that are displayed.
const CUT: usize = 600;
/// Prompts of this session that are displayed again without another access.
const KEPT: usize = 64;

/// The state of the display.
#[derive(Default)]
pub struct HoverPrompt {
    on: bool,
    dialog: ReasonDialog,
    /// Reason for a single access, where each has its own.
    once: Option<String>,
    /// Place of the pointer, and since when it rests there.
    rests: Option<(Pos2, f64)>,
    asked: u64,
    found: Slot<u64, Option<(RowId, ExchangeRef)>>,
    pending: Option<(RowId, PendingEntry)>,
    text: Slot<u64, (RowId, String)>,
    kept: VecDeque<(RowId, String)>,
    /// Exchange whose prompt is displayed.
    shown: Option<RowId>,
}

impl HoverPrompt {
    /// Draws the button that shows prompts; asks for a reason unless one was given.
    pub fn button(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let hint = "Shows the prompt of the exchange nearest to the resting pointer, or to the middle of a map with the \
                    keyboard. Asks for a reason; each access goes into the journal.";
        let off = "The case is open read-only, so an access cannot be journaled.";
        let button = ui.add_enabled(!cx.read_only, egui::Button::selectable(self.on, "prompts"));
        if button.on_hover_text(hint).on_disabled_hover_text(off).clicked() {
            self.switch();
        }
        if let Some((_, reason)) = self.dialog.ui(ui, cx) {
            self.on = true;
            self.once = Some(reason);
        }
    }

    /// Shows prompts or stops to; asks for a reason unless one was given.
    fn switch(&mut self) {
        if self.on {
            self.stop();
        } else {
            self.dialog.want(Wanted::Map);
        }
    }

    /// True while prompts are shown.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// A reason that was typed and not given.
    pub fn unsent(&self) -> Option<Unsent> {
        self.dialog.unsent()
    }

    fn stop(&mut self) {
        (self.on, self.once, self.pending, self.shown) = (false, None, None, None);
    }

    /// Reason of the next access: that of the session, else the one given for a single access.
    fn reason(&self, cx: &ViewContext<'_>) -> Option<String> {
        cx.reason.map(str::to_owned).or_else(|| self.once.clone())
    }

    /// Follows the pointer, or the middle of a map with the keyboard, and draws the prompt beside it.
    pub fn ui(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>, response: &egui::Response, camera: &Camera) {
        if !self.on {
            return;
        }
        if cx.reason.is_some() {
            self.once = None;
        } else if self.once.is_none() && self.shown.is_none() {
            // The reason was taken back, or was for the access that is no longer displayed.
            self.stop();
            return;
        }
        let middle = response.has_focus().then(|| response.rect.center());
        let place = response.hover_pos().filter(|_| !response.dragged()).or(middle);
        let now = ui.input(|input| input.time);
        let seen = place.map(|pos| (pos, camera.to_plane(response.rect, pos)));
        let Some((pos, plane)) = seen else {
            (self.rests, self.shown) = (None, None);
            return;
        };
        if response.hover_pos().is_none() {
            let stroke = egui::Stroke::new(1.0, ui.visuals().strong_text_color());
            ui.painter().circle_stroke(pos, REACH, stroke);
        }
        let moved =
            ui.input(|input| input.smooth_scroll_delta() != egui::Vec2::ZERO || !input.keys_down.is_empty());
        match self.rests {
            Some((at, since)) if at.distance(pos) <= STILL && !moved => {
                let left = REST - (now - since);
                if left > 0.0 {
                    ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(left));
                } else if since > 0.0 {
                    // Asked once for a rest.
                    self.rests = Some((at, f64::NEG_INFINITY));
                    let beside = camera.to_plane(response.rect, pos + vec2(REACH, 0.0));
                    self.ask(cx, plane, beside[0] - plane[0]);
                }
            }
            _ => {
                (self.rests, self.shown) = (Some((pos, now)), None);
                ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(REST));
            }
        }
        self.work(cx);
        self.draw(ui, cx, pos);
    }

    fn ask(&mut self, cx: &ViewContext<'_>, place: [f32; 2], radius: f32) {
        let Some(selection) = cx.selection else { return };
        self.asked += 1;
        let (cache, selection) = (Arc::clone(cx.cache), Arc::clone(selection));
        self.found.ask::<CacheError>(cx.jobs, None, self.asked, move |_| {
            let row = at(&cache, &selection, place, radius);
            row.map(|row| Ok((row, cache.exchange_ref(row)?))).transpose()
        });
    }

    /// Journals the access to the exchange that was found, then reads its prompt.
    fn work(&mut self, cx: &ViewContext<'_>) {
        if self.found.poll()
            && let Some(Some((row, exchange))) = self.found.answer().cloned()
        {
            if self.kept.iter().any(|(known, _)| *known == row) {
                self.shown = Some(row);
            } else if let Some(reason) = self.reason(cx) {
                let action = Action::TextRevealed { exchanges: vec![exchange], reason };
                self.pending = Some((row, PendingEntry::record(cx, action)));
            } else {
                self.stop();
            }
        }
        if let Some((row, _)) = self.pending.take_if(|(_, entry)| entry.is_journaled(cx)) {
            let (cache, sources) = (Arc::clone(cx.cache), Arc::clone(cx.sources));
            self.text.ask::<CacheError>(cx.jobs, Some("reading text"), self.asked, move |ticket| {
                let found = records(&cache, &sources, &[row], ticket)?;
                let prompt = found.read.first().and_then(|(_, record)| record.text("prompt_text"));
                Ok((row, prompt.map_or_else(|| "no prompt text in the snapshot".to_owned(), cut)))
            });
        }
        if self.text.poll()
            && self.text.state() == SlotState::Ready
            && let Some((row, text)) = self.text.answer()
        {
            self.shown = Some(*row);
            self.kept.push_back((*row, text.clone()));
            if self.kept.len() > KEPT {
                self.kept.pop_front();
            }
            self.text.clear();
        }
    }

    fn draw(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>, pos: Pos2) {
        let text = if let Some(failure) = self.text.failure() {
            format!("The prompt could not be read: {failure}")
        } else if let Some((row, text)) = self.kept.iter().find(|(row, _)| Some(*row) == self.shown) {
            let hot = cx.cache.hot();
            let when = hot.ts.get(*row as usize).map_or_else(String::new, |ts| cx.zone.format(*ts));
            let who = words::account(cx.cache, hot.account_of(*row));
            format!("{when} {}  {who}\n{text}", cx.zone.name())
        } else {
            return;
        };
        let layer = LayerId::new(Order::Tooltip, Id::unique("prompt of the map"));
        let id = Id::unique("prompt of the map");
        let anchor = egui::Rect::from_center_size(pos, vec2(2.0 * REACH, 2.0 * REACH));
        Tooltip::always_open(ui.ctx().clone(), layer, id, anchor).show(|ui| {
            ui.set_max_width(360.0);
            ui.label(text);
        });
        if self.once.is_some() && cx.reason.is_none() && self.shown.is_some() {
            // One access was asked for; the next needs its own reason.
            self.once = None;
        }
    }
}

/// The beginning of a prompt, hostile characters visible.
fn cut(prompt: &str) -> String {
    let whole = visible(prompt);
    match whole.char_indices().nth(CUT) {
        Some((end, _)) => format!(
            "{} … {} more characters",
            &whole[..end],
            words::count(whole[end..].chars().count() as u64)
        ),
        None => whole.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_prompt_is_cut_and_hostile_characters_are_seen() {
        assert_eq!(cut("a\u{202e}b"), "a⟨U+202E⟩b");
        let long = cut(&"é".repeat(CUT + 1_200));
        assert!(long.ends_with(" … 1,200 more characters"), "{long}");
    }
}
