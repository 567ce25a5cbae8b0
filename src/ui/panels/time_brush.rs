//! Exchanges of the case over time as bars: drag to select a span, double-click for all time, zoom to see a part.

mod hand;
mod paint;
mod zoom;

use egui::{CursorIcon, Rect, Role, Sense, WidgetInfo, vec2};

use crate::jobs::{Slot, Ticket};
use crate::model::{Cancelled, TimeSpan};
use crate::query::Selection;
use crate::query::rhythm::{Timeline, timeline};
use crate::query::zoomed::timeline_within;
use crate::ui::view::{BrushZoom, ViewContext};
use crate::ui::widgets::time_axis::TimeAxis;
use crate::ui::widgets::{crosshair, picture};

use hand::{Hand, edge_at};
use paint::Bars;
use zoom::{STEP, Zoom};

/// Height of the brush, in points.
const HEIGHT: f32 = 48.0;
/// Width of the buttons beside it, in points.
const BUTTONS: f32 = 94.0;
/// Number of time slices. Fixed, so that resizing the window needs no new count.
const BINS: usize = 360;

/// The brush's own state.
#[derive(Default)]
pub struct TimeBrush {
    /// Bars of the whole time.
    bars: Slot<(u64, u64), Bars>,
    /// Bars of the shown part.
    part: Slot<((u64, u64), TimeSpan), Bars>,
    zoom: Zoom,
    hand: Hand,
    wanted: Option<BrushZoom>,
}

impl TimeBrush {
    /// Changes the shown time in the next frame.
    pub fn want(&mut self, zoom: BrushZoom) {
        self.wanted = Some(zoom);
    }

    /// Draws the brush.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.ask(cx);
        ui.horizontal(|ui| {
            let size = vec2((ui.available_width() - BUTTONS).max(80.0), HEIGHT);
            let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
            self.canvas(ui, cx, rect, &response);
            self.buttons(ui, cx);
        });
    }

    fn canvas(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>, rect: Rect, response: &egui::Response) {
        ui.painter().rect_filled(rect, 2.0, ui.visuals().extreme_bg_color);
        let Some(whole) = self.bars.answer().map(|bars| bars.timeline.span) else {
            self.wait(ui, rect, response);
            return;
        };
        self.heed(cx, whole);
        let axis = TimeAxis { rect, span: self.zoom.shown(whole) };
        self.describe(cx, response, &axis, whole);
        let Some(bars) = self.drawn(axis.span) else { return };
        let is_part = axis.span != whole;
        let mut notes = vec![paint::part_in_words(axis.span, whole)];
        notes.push(paint::bars(ui, bars, &axis, cx.scope.is_everything(), is_part));
        notes.retain(|note| !note.is_empty());
        paint::span(ui, cx.scope.span, &axis);
        paint::events(ui, cx, &axis);
        paint::notes(ui, notes.join(" · "), rect);
        paint::ends(ui, cx, &axis);
        if let Some(pos) = response.hover_pos() {
            crosshair::set(ui.ctx(), axis.time(pos.x));
        }
        crosshair::paint(ui, &axis);
        self.hand.drag(ui, cx, response, &axis);
        Hand::wheel(ui, response, &axis, &mut self.zoom, whole);
        self.hand.keys(ui, cx, response, &axis, (&mut self.zoom, whole));
        self.hand.pivot(cx, response, &axis);
        picture::focus_ring(ui, response);
        if self.zoom.part().is_some() {
            picture::over(ui, rect, picture::is_pending(&self.part, cx), self.part.failure());
        }
        if let Some(pos) = response.hover_pos() {
            let at_edge = edge_at(cx.scope.span, &axis, pos.x).is_some();
            let cursor = if at_edge { CursorIcon::ResizeHorizontal } else { CursorIcon::Crosshair };
            let response = response.clone().on_hover_cursor(cursor);
            response.on_hover_text_at_pointer(paint::hint(cx, &axis, pos.x));
        }
    }

    /// Says what is shown and where the keyboard's cursor is.
    fn describe(&self, cx: &ViewContext<'_>, response: &egui::Response, axis: &TimeAxis, whole: TimeSpan) {
        let [start, end] = paint::ends_in_words(cx, axis.span);
        let label = cx.scope.span.map_or_else(
            || "Time brush: all time".to_owned(),
            |span| format!("Time brush: {} to {}", cx.zone.format(span.start), cx.zone.format(span.end)),
        );
        let part = paint::part_in_words(axis.span, whole);
        let shown = format!("{start} to {end} shown{}{part}", if part.is_empty() { "" } else { ", " });
        let cursor = self.hand.in_words(cx).filter(|_| response.has_focus());
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Canvas, true, &label);
            let cursor = cursor.as_ref().map_or_else(String::new, |cursor| format!("; cursor at {cursor}"));
            info.current_text_value = Some(format!("{shown}{cursor}"));
            info
        });
    }

    fn wait(&self, ui: &egui::Ui, rect: Rect, response: &egui::Response) {
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Time brush: all time"));
        let text = self.bars.failure().unwrap_or("Counting exchanges over time…");
        ui.painter().text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            text,
            egui::FontId::proportional(12.0),
            ui.visuals().weak_text_color(),
        );
    }

    /// Bars of the shown time: those of the part once they are counted, those of the whole time until then.
    fn drawn(&self, shown: TimeSpan) -> Option<&Bars> {
        let part =
            self.part.answer().filter(|bars| bars.timeline.span == shown && self.zoom.part().is_some());
        part.or(self.bars.answer())
    }

    fn heed(&mut self, cx: &ViewContext<'_>, whole: TimeSpan) {
        let shown = self.zoom.shown(whole);
        let middle = shown.start + shown.length() / 2;
        match self.wanted.take() {
            Some(BrushZoom::In) => self.zoom.by(STEP, middle, whole),
            Some(BrushZoom::Out) => self.zoom.by(1.0 / STEP, middle, whole),
            Some(BrushZoom::Earlier) => self.zoom.pan(-0.5, whole),
            Some(BrushZoom::Later) => self.zoom.pan(0.5, whole),
            Some(BrushZoom::Whole) => self.zoom.reset(),
            Some(BrushZoom::ToScope) => match cx.scope.span {
                Some(span) => self.zoom.to(span, whole),
                None => self.zoom.reset(),
            },
            None => {}
        }
    }

    fn buttons(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let is_part = self.zoom.part().is_some();
        let rows = [
            [
                ("+", "Zoom the time brush in", BrushZoom::In, true),
                ("−", "Zoom the time brush out", BrushZoom::Out, is_part),
                ("all", "Show the whole time in the time brush", BrushZoom::Whole, is_part),
            ],
            [
                ("◀", "Show earlier time in the time brush", BrushZoom::Earlier, is_part),
                ("▶", "Show later time in the time brush", BrushZoom::Later, is_part),
                (
                    "span",
                    "Zoom the time brush to the span of the scope",
                    BrushZoom::ToScope,
                    cx.scope.span.is_some(),
                ),
            ],
        ];
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
            for row in rows {
                ui.horizontal(|ui| {
                    for (text, name, zoom, enabled) in row {
                        let button = ui.add_enabled(enabled, egui::Button::new(text).small());
                        button.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
                        if button.on_hover_text(name).clicked() {
                            self.wanted = Some(zoom);
                        }
                    }
                });
            }
        });
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair() {
            let cache = std::sync::Arc::clone(cx.cache);
            self.bars.ask::<Cancelled>(cx.jobs, None, cx.pair_version(), move |ticket| {
                counted(&pair.a, pair.b.as_deref(), |rows| timeline(&cache, rows, BINS, ticket))
            });
        }
        self.bars.poll();
        if let (Some(pair), Some(part)) = (cx.pair(), self.zoom.part()) {
            let cache = std::sync::Arc::clone(cx.cache);
            let work = move |ticket: &Ticket| {
                counted(&pair.a, pair.b.as_deref(), |rows| timeline_within(&cache, rows, part, BINS, ticket))
            };
            self.part.ask::<Cancelled>(cx.jobs, None, (cx.pair_version(), part), work);
        }
        self.part.poll();
    }
}

/// Bars of the scope, and of the second scope.
fn counted(
    scope: &Selection,
    against: Option<&Selection>,
    of: impl Fn(&Selection) -> Result<Timeline, Cancelled>,
) -> Result<Bars, Cancelled> {
    let against = against.map(&of).transpose()?.map(|timeline| timeline.scope);
    Ok(Bars { timeline: of(scope)?, against })
}
