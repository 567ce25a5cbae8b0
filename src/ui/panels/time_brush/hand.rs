//! Pointer and keys on the time brush.

use egui::{Key, PointerButton};

use super::zoom::{STEP, Zoom};
use crate::model::{Micros, Scope, TimeSpan};
use crate::ui::pivot;
use crate::ui::view::{Command, PivotFrom, ViewContext};
use crate::ui::widgets::picture;
use crate::ui::widgets::time_axis::TimeAxis;

/// Largest distance of the pointer from an edge of the span that it takes, in points.
const EDGE: f32 = 5.0;
/// Steps of the cursor across the shown time.
const STEPS: i64 = 100;
/// Time to either side of a moment outside the scope's span that the pivot menu looks at, in microseconds.
const AROUND: Micros = 1_800_000_000;

/// Drag and cursor.
#[derive(Default)]
pub struct Hand {
    /// Fixed end of the span that is being dragged.
    dragging_from: Option<Micros>,
    /// Moment that the arrow keys have reached.
    cursor: Option<Micros>,
    /// Fixed end of the span that the keys extend.
    extends_from: Option<Micros>,
}

impl Hand {
    /// Wheel and pinch zoom about the pointer; a horizontal wheel moves.
    pub fn wheel(
        ui: &egui::Ui,
        response: &egui::Response,
        axis: &TimeAxis,
        zoom: &mut Zoom,
        whole: TimeSpan,
    ) {
        let Some(pos) = response.hover_pos() else { return };
        let (pinch, scroll) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta()));
        let factor = f64::from(pinch) * (f64::from(scroll.y) / 240.0).exp();
        if (factor - 1.0).abs() > 1e-4 {
            zoom.by(factor, axis.time(pos.x), whole);
        }
        if scroll.x.abs() > 0.1 {
            zoom.pan(-f64::from(scroll.x / axis.rect.width().max(1.0)), whole);
        }
    }

    /// Dragging sets the span of the scope, a double click removes it.
    pub fn drag(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>, response: &egui::Response, axis: &TimeAxis) {
        if response.double_clicked() {
            cx.send(Command::SetScope(Scope { span: None, ..Scope::clone(cx.scope) }));
            return;
        }
        let Some(at) = response.interact_pointer_pos().map(|pos| axis.time(pos.x)) else { return };
        if response.clicked_by(PointerButton::Primary) {
            response.request_focus();
            self.cursor = Some(at);
        }
        if response.drag_started_by(PointerButton::Primary) {
            let pressed = ui.input(|input| input.pointer.press_origin()).map(|pos| pos.x);
            // At an edge of the span the other edge stays; elsewhere a new span begins.
            let stays = pressed.and_then(|x| edge_at(cx.scope.span, axis, x));
            self.dragging_from = stays.or_else(|| Some(pressed.map_or(at, |x| axis.time(x))));
        }
        let Some(from) = self.dragging_from else { return };
        let span = TimeSpan::between(from, at);
        axis.paint_span(ui, span);
        if response.drag_stopped() {
            self.dragging_from = None;
            set(cx, span);
        }
    }

    /// Arrows move a cursor, with Shift they extend a span, Enter sets it; plus, minus, 0, Page Up and Page Down change
    /// the shown time.
    pub fn keys(
        &mut self,
        ui: &egui::Ui,
        cx: &ViewContext<'_>,
        response: &egui::Response,
        axis: &TimeAxis,
        (zoom, whole): (&mut Zoom, TimeSpan),
    ) {
        if !response.has_focus() {
            return;
        }
        picture::keep_arrows(ui, response);
        let pressed = |key| ui.input(|input| input.num_presses(key)) as i64;
        let shown = axis.span;
        let middle = shown.start + shown.length() / 2;
        let mut at = self.cursor.filter(|at| whole.contains(*at)).unwrap_or(middle);
        let right = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        if right != 0 {
            let shift = ui.input(|input| input.modifiers.shift);
            self.extends_from = if shift { self.extends_from.or(Some(at)) } else { None };
            at = (at + right * (shown.length() / STEPS).max(1)).clamp(whole.start, whole.end - 1);
            zoom.reveal(at, whole);
        }
        let closer = pressed(Key::Plus) + pressed(Key::Equals) - pressed(Key::Minus);
        if closer != 0 {
            zoom.by(STEP.powi(closer as i32), at, whole);
        }
        let later = pressed(Key::PageDown) - pressed(Key::PageUp);
        if later != 0 {
            zoom.pan(later as f64 / 2.0, whole);
            let shown = zoom.shown(whole);
            at = at.clamp(shown.start, shown.end - 1);
        }
        if pressed(Key::Num0) > 0 {
            zoom.reset();
        }
        self.cursor = Some(at);
        ui.painter().vline(axis.x(at), axis.rect.y_range(), ui.visuals().widgets.active.fg_stroke);
        if let Some(from) = self.extends_from {
            axis.paint_span(ui, TimeSpan::between(from, at));
            if pressed(Key::Enter) > 0 {
                self.extends_from = None;
                set(cx, TimeSpan::between(from, at));
            }
        }
    }

    /// Opens the pivot menu of the time under the pointer or the cursor: the span of the scope, else half an hour to
    /// either side.
    pub fn pivot(&self, cx: &ViewContext<'_>, response: &egui::Response, axis: &TimeAxis) {
        if !pivot::is_asked(response) {
            return;
        }
        let under = response.hover_pos().filter(|_| response.secondary_clicked());
        let Some(at) = under.map(|pos| axis.time(pos.x)).or(self.cursor) else { return };
        let span = cx.scope.span.filter(|span| span.contains(at));
        let span = span.unwrap_or(TimeSpan { start: at - AROUND, end: at + AROUND });
        cx.send(Command::PivotAt(PivotFrom::Span(span), at));
    }

    /// The moment of the keyboard's cursor, and the span that the keys extend, in words.
    pub fn in_words(&self, cx: &ViewContext<'_>) -> Option<String> {
        let at = self.cursor?;
        Some(match self.extends_from {
            Some(from) => {
                let span = TimeSpan::between(from, at);
                format!(
                    "{} to {}, Enter sets the scope",
                    cx.zone.format(span.start),
                    cx.zone.format(span.end)
                )
            }
            None => cx.zone.format(at),
        })
    }
}

fn set(cx: &ViewContext<'_>, span: TimeSpan) {
    if span.length() > 0 {
        cx.send(Command::SetScope(Scope::clone(cx.scope).with_span(span)));
    }
}

/// The end of the span that stays where the other end is at `x`; `None` away from both ends.
pub fn edge_at(span: Option<TimeSpan>, axis: &TimeAxis, x: f32) -> Option<Micros> {
    let span = span?;
    let is_shown = |t: Micros| axis.span.start <= t && t <= axis.span.end;
    let distance = |t| if is_shown(t) { (axis.x(t) - x).abs() } else { f32::INFINITY };
    let (start, end) = (distance(span.start), distance(span.end));
    (start.min(end) <= EDGE).then_some(if start < end { span.end } else { span.start })
}

#[cfg(test)]
mod tests {
    use egui::{Rect, pos2, vec2};

    use super::*;

    #[test]
    fn an_edge_of_the_span_is_taken_and_the_other_stays() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 10.0));
        let axis = TimeAxis { rect, span: TimeSpan { start: 0, end: 1_000 } };
        let span = Some(TimeSpan { start: 200, end: 600 });
        assert_eq!(edge_at(span, &axis, 22.0), Some(600));
        assert_eq!(edge_at(span, &axis, 57.0), Some(200));
        assert_eq!((edge_at(span, &axis, 40.0), edge_at(None, &axis, 20.0)), (None, None));
        let part = TimeAxis { rect, span: TimeSpan { start: 300, end: 400 } };
        assert_eq!(edge_at(span, &part, 1.0), None, "both ends are out of sight");
    }
}
