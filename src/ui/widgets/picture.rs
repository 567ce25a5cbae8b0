//! Overlays of a picture: spinner, error, and the next step for an empty picture.

use egui::{Align2, FontId, Rect, Spinner, vec2};

use crate::jobs::{Slot, SlotState};
use crate::model::visible;
use crate::query::COARSE;
use crate::ui::view::ViewContext;

/// Next step for a picture of a scope without exchanges.
pub const NO_EXCHANGES: &str =
    "0 exchanges in the scope. Remove a filter from the scope bar above, or go back.";

/// True while a newer picture is being made.
pub fn is_pending<K: PartialEq, T: Send + 'static>(slot: &Slot<K, T>, cx: &ViewContext<'_>) -> bool {
    let waits = cx.pair().is_none() && side_failure(cx).is_none();
    waits || slot.state() == SlotState::Pending
}

/// Error that left a side of the comparison without exchanges.
fn side_failure<'a>(cx: &ViewContext<'a>) -> Option<&'a str> {
    cx.scope_failure.or(cx.against_failure)
}

/// Draws what [`over`] draws, for a picture of both sides.
pub fn of_slot<K: PartialEq, T: Send + 'static>(
    ui: &egui::Ui,
    rect: Rect,
    slot: &Slot<K, T>,
    cx: &ViewContext<'_>,
) {
    over(ui, rect, is_pending(slot, cx), side_failure(cx).or(slot.failure()));
}

/// Labels a coarse picture as a preview in its upper right corner.
pub fn coarse<K: PartialEq, T: Send + 'static>(ui: &egui::Ui, rect: Rect, slot: &Slot<K, T>) {
    if slot.is_coarse() {
        let (font, colour) = (FontId::proportional(11.5), ui.visuals().text_color());
        let galley =
            ui.painter().layout_no_wrap(format!("preview from 1 in {COARSE} exchanges"), font, colour);
        let at = rect.right_top() + vec2(-30.0 - galley.size().x, 6.0);
        let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(4.0, 2.0));
        ui.painter().rect_filled(ground, 3.0, ui.visuals().panel_fill.gamma_multiply(0.9));
        ui.painter().galley(at, galley, colour);
    }
}

/// Draws a spinner in the upper right corner of a picture that is being updated, and an error as a line at its
/// foot, over the old picture.
pub fn over(ui: &egui::Ui, rect: Rect, pending: bool, failure: Option<&str>) {
    if pending {
        let place = Rect::from_min_size(rect.right_top() + vec2(-24.0, 6.0), vec2(18.0, 18.0));
        Spinner::new().paint_at(ui, place);
    }
    if let Some(failure) = failure {
        let text = format!("Could not be drawn: {}", visible(failure));
        let (font, colour) = (FontId::proportional(13.0), ui.visuals().error_fg_color);
        let galley = ui.painter().layout(text, font, colour, rect.width() - 12.0);
        let at = rect.left_bottom() + vec2(6.0, -6.0 - galley.size().y);
        ui.painter().rect_filled(
            Rect::from_min_size(at, galley.size()).expand(3.0),
            2.0,
            ui.visuals().panel_fill,
        );
        ui.painter().galley(at, galley, colour);
    }
}

/// Writes the next step in the middle of an empty picture, as a label that screen readers find.
pub fn empty(ui: &mut egui::Ui, rect: Rect, text: &str) {
    let colour = ui.visuals().weak_text_color();
    let width = (rect.width() - 24.0).max(40.0);
    let galley = ui.painter().layout(text.to_owned(), FontId::proportional(13.5), colour, width);
    let place = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size());
    ui.painter().rect_filled(place.expand(6.0), 3.0, ui.visuals().panel_fill.gamma_multiply(0.9));
    ui.new_child(egui::UiBuilder::new().id_salt("next step").max_rect(place)).label(galley);
}

/// Draws the ring of keyboard focus around a canvas that has it.
pub fn focus_ring(ui: &egui::Ui, response: &egui::Response) {
    if response.has_focus() {
        let stroke = ui.visuals().widgets.active.bg_stroke;
        ui.painter().rect_stroke(response.rect.shrink(0.5), 2.0, stroke, egui::StrokeKind::Inside);
    }
}

/// Keeps the arrow keys for a focused canvas.
pub fn keep_arrows(ui: &egui::Ui, response: &egui::Response) {
    let filter =
        egui::EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: false };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
}
