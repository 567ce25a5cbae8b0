//! Horizontal time axis: positions of times, ticks, events.

use egui::{Align2, Color32, FontId, Rect, Stroke, pos2, vec2};

use crate::case::InvestigatorEvent;
use crate::model::{Micros, TimeSpan, Zone};
use crate::ui::{theme, words};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Distances between ticks, in microseconds.
const STEPS: [i64; 17] = [
    SECOND,
    5 * SECOND,
    15 * SECOND,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    91 * DAY,
];

/// Horizontal position of a span of time on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeAxis {
    /// The area the span fills from left to right.
    pub rect: Rect,
    /// The span.
    pub span: TimeSpan,
}

impl TimeAxis {
    /// Horizontal position of a time; times outside lie on the nearer edge.
    pub fn x(&self, t: Micros) -> f32 {
        let share = t.saturating_sub(self.span.start) as f64 / self.span.length().max(1) as f64;
        self.rect.left() + share.clamp(0.0, 1.0) as f32 * self.rect.width()
    }

    /// Time at a horizontal position; positions outside give the nearer end.
    pub fn time(&self, x: f32) -> Micros {
        let share = f64::from(((x - self.rect.left()) / self.rect.width().max(1.0)).clamp(0.0, 1.0));
        self.span.start.saturating_add((share * self.span.length() as f64) as i64)
    }

    /// Ticks with their labels, under the axis, and the zone at the left.
    pub fn paint_ticks(&self, ui: &egui::Ui, zone: &Zone) {
        let (font, colour) = (FontId::proportional(11.5), ui.visuals().text_color());
        let most = ((self.rect.width() / 84.0) as usize).max(2);
        let stroke = Stroke::new(1.0, ui.visuals().weak_text_color());
        for (t, label) in ticks(self.span, zone, most) {
            let foot = pos2(self.x(t), self.rect.bottom());
            ui.painter().line_segment([foot, foot + vec2(0.0, 4.0)], stroke);
            ui.painter().text(foot + vec2(0.0, 5.0), Align2::CENTER_TOP, label, font.clone(), colour);
        }
    }

    /// The investigator's events as lines with labels on top; a label that would overlap an earlier one is only
    /// in the tooltip.
    pub fn paint_events(&self, ui: &egui::Ui, events: &[InvestigatorEvent]) {
        let colour = theme::event(ui.visuals());
        let mut free_from = f32::NEG_INFINITY;
        for event in events.iter().filter(|event| self.span.contains(event.ts)) {
            let x = self.x(event.ts);
            ui.painter().vline(x, self.rect.y_range(), Stroke::new(1.5, colour));
            if x < free_from {
                continue;
            }
            let label = words::line(&event.label, 24);
            let galley = ui.painter().layout_no_wrap(label, FontId::proportional(11.5), colour);
            let width = galley.size().x + 6.0;
            let left = (x + 2.0).min(self.rect.right() - width).max(self.rect.left());
            let at = pos2(left, self.rect.top() + 2.0);
            let ground = ui.visuals().panel_fill;
            ui.painter().rect_filled(Rect::from_min_size(at, galley.size() + vec2(6.0, 2.0)), 2.0, ground);
            ui.painter().galley(at + vec2(3.0, 1.0), galley, Color32::PLACEHOLDER);
            free_from = left + width + 2.0;
        }
    }

    /// Draws a span that is being dragged with the primary button, and returns it once the button is released.
    /// `from` is where the drag began.
    pub fn dragged(
        &self,
        ui: &egui::Ui,
        response: &egui::Response,
        from: &mut Option<Micros>,
    ) -> Option<TimeSpan> {
        let x = response.interact_pointer_pos().map(|pos| pos.x)?;
        if response.drag_started_by(egui::PointerButton::Primary) {
            let pressed = ui.input(|input| input.pointer.press_origin()).map_or(x, |pos| pos.x);
            *from = Some(self.time(pressed));
        }
        let span = TimeSpan::between((*from)?, self.time(x));
        self.paint_span(ui, span);
        if !response.drag_stopped() {
            return None;
        }
        *from = None;
        Some(span).filter(|span| span.length() > 0)
    }

    /// Draws a span that is being chosen.
    pub fn paint_span(&self, ui: &egui::Ui, span: TimeSpan) {
        let rect = Rect::from_x_y_ranges(self.x(span.start)..=self.x(span.end), self.rect.y_range());
        ui.painter().rect_filled(rect, 0.0, theme::scope(ui.visuals()).gamma_multiply(0.3));
    }

    /// The event within a few points of a position.
    pub fn event_near<'a>(&self, x: f32, events: &'a [InvestigatorEvent]) -> Option<&'a InvestigatorEvent> {
        events.iter().find(|event| self.span.contains(event.ts) && (self.x(event.ts) - x).abs() < 5.0)
    }
}

/// At most `most` ticks of a span at round clock times of the zone, whose offset at the span's start is used.
/// Labels are as fine as the distance between ticks. Empty for an empty span.
pub fn ticks(span: TimeSpan, zone: &Zone, most: usize) -> Vec<(Micros, String)> {
    if span.length() == 0 {
        return Vec::new();
    }
    let most = most.max(1) as i64;
    let step = STEPS.into_iter().find(|step| span.length() / step < most).unwrap_or_else(|| {
        // Spans of many years: whole multiples of the coarsest step.
        let coarsest = STEPS[STEPS.len() - 1];
        coarsest * (span.length() / (coarsest * most) + 1)
    });
    let format = match step {
        step if step >= DAY => "%-d %b",
        step if step >= MINUTE => "%-d %b %H:%M",
        _ => "%H:%M:%S",
    };
    let offset = i64::from(zone.offset_seconds(span.start)) * SECOND;
    let local = span.start.saturating_add(offset);
    let first = local.div_euclid(step) * step + if local.rem_euclid(step) == 0 { 0 } else { step };
    (0..=most)
        .map(|i| first.saturating_add(i * step).saturating_sub(offset))
        .take_while(|t| *t < span.end)
        .map(|t| (t, zone.strftime(t, format)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-04-22T00:00:00Z.
    const START: i64 = 1_776_816_000_000_000;

    #[test]
    fn ticks_stand_on_round_local_times_and_are_few() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let span = TimeSpan { start: START, end: START + 44 * DAY };
        let got = ticks(span, &zone, 8);
        assert!((2..=8).contains(&got.len()), "{got:?}");
        for (t, _) in &got {
            assert_eq!(zone.strftime(*t, "%H:%M"), "00:00");
        }
    }

    #[test]
    fn short_and_long_spans_have_ticks_too() {
        for length in [SECOND / 2, 3 * SECOND, 2 * MINUTE, 90 * MINUTE, 5 * DAY, 400 * DAY, 40_000 * DAY] {
            let got = ticks(TimeSpan { start: START + 7, end: START + 7 + length }, &Zone::utc(), 6);
            assert!(got.len() <= 7, "{length}: {got:?}");
            assert!(length < SECOND || !got.is_empty(), "{length}");
        }
        assert!(ticks(TimeSpan { start: 5, end: 5 }, &Zone::utc(), 6).is_empty());
    }

    #[test]
    fn time_and_place_agree() {
        let rect = Rect::from_min_size(pos2(10.0, 0.0), vec2(100.0, 10.0));
        let axis = TimeAxis { rect, span: TimeSpan { start: 1_000_000, end: 3_000_000 } };
        assert_eq!((axis.time(10.0), axis.time(60.0), axis.time(500.0)), (1_000_000, 2_000_000, 3_000_000));
        assert!((axis.x(2_000_000) - 60.0).abs() < 1e-3);
    }
}
