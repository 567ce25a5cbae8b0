//! Exchanges of the case over time as bars: drag to select a span, double-click for all time.

use egui::{Color32, CursorIcon, Mesh, Pos2, Rect, Role, Sense, Shape, Stroke, WidgetInfo, pos2, vec2};

use crate::jobs::Slot;
use crate::model::{Cancelled, Micros, Scope, TimeSpan};
use crate::query::rhythm::{Timeline, timeline};
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};
use crate::ui::widgets::crosshair;
use crate::ui::widgets::event_menu::EventMenu;
use crate::ui::widgets::time_axis::TimeAxis;
use crate::ui::{theme, words};

/// Height of the brush, in points.
const HEIGHT: f32 = 48.0;
/// Room above the highest bar for the dates at both ends.
const HEAD: f32 = 15.0;
/// Number of time slices. Fixed, so that resizing the window needs no new count.
const BINS: usize = 360;

/// The brush's own state.
#[derive(Default)]
pub struct TimeBrush {
    bars: Slot<(u64, u64), Bars>,
    /// Fixed end of the span that is being dragged.
    dragging_from: Option<Micros>,
    menu: EventMenu,
}

/// Exchanges by slices of time.
struct Bars {
    timeline: Timeline,
    /// Those of the second scope, where the scope is compared with one.
    against: Option<Vec<u64>>,
}

impl TimeBrush {
    /// The description of an event that was typed and not added.
    pub fn unsent(&self) -> Option<Unsent> {
        self.menu.unsent()
    }

    /// Draws the brush.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.ask(cx);
        let size = vec2(ui.available_width(), HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let label = cx.scope.span.map_or_else(
            || "Time brush: all time".to_owned(),
            |span| format!("Time brush: {} to {}", cx.zone.format(span.start), cx.zone.format(span.end)),
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &label));
        ui.painter().rect_filled(rect, 2.0, ui.visuals().extreme_bg_color);
        let Some(bars) = self.bars.answer() else {
            let text = self.bars.failure().unwrap_or("Counting exchanges over time…");
            ui.painter().text(
                rect.center(),
                egui::Align2::CENTER_CENTER,
                text,
                egui::FontId::proportional(12.0),
                ui.visuals().weak_text_color(),
            );
            return;
        };
        let axis = Axis { rect, span: bars.timeline.span };
        let notes = paint_bars(ui, &bars.timeline, bars.against.as_deref(), rect, cx.scope.is_everything());
        paint_span(ui, cx.scope.span, &axis);
        paint_events(ui, cx, &axis);
        paint_notes(ui, notes, rect);
        paint_ends(ui, cx, &axis);
        if let Some(pos) = response.hover_pos() {
            crosshair::set(ui.ctx(), axis.time(pos.x));
        }
        crosshair::paint(ui, &TimeAxis { rect, span: axis.span });
        let at_edge = response.hover_pos().is_some_and(|pos| edge_at(cx.scope.span, &axis, pos.x).is_some());
        let cursor = if at_edge { CursorIcon::ResizeHorizontal } else { CursorIcon::Crosshair };
        let response = response.on_hover_cursor(cursor);
        self.brush(ui, cx, &response, &axis);
        self.menu.ui(&response, cx, response.hover_pos().map(|pos| axis.time(pos.x)));
        hover(cx, response, &axis);
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair() {
            let cache = std::sync::Arc::clone(cx.cache);
            self.bars.ask::<Cancelled>(cx.jobs, None, cx.pair_version(), move |ticket| {
                let of = |selection| timeline(&cache, selection, BINS, ticket);
                let against = pair.b.as_deref().map(of).transpose()?.map(|timeline| timeline.scope);
                Ok(Bars { timeline: of(&pair.a)?, against })
            });
        }
        self.bars.poll();
    }

    fn brush(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>, response: &egui::Response, axis: &Axis) {
        if response.double_clicked() {
            cx.send(Command::SetScope(Scope { span: None, ..Scope::clone(cx.scope) }));
            return;
        }
        let Some(at) = response.interact_pointer_pos().map(|pos| axis.time(pos.x)) else { return };
        if response.drag_started() {
            let pressed = ui.input(|input| input.pointer.press_origin()).map(|pos| pos.x);
            // At an edge of the span the other edge stays; elsewhere a new span begins.
            let stays = pressed.and_then(|x| edge_at(cx.scope.span, axis, x));
            self.dragging_from = stays.or_else(|| Some(pressed.map_or(at, |x| axis.time(x))));
        }
        let Some(from) = self.dragging_from else { return };
        let span = TimeSpan::between(from, at);
        ui.painter().rect_filled(axis.rect_of(span), 0.0, theme::scope(ui.visuals()).gamma_multiply(0.35));
        if response.drag_stopped() {
            self.dragging_from = None;
            if span.length() > 0 {
                cx.send(Command::SetScope(Scope::clone(cx.scope).with_span(span)));
            }
        }
    }
}

/// Largest distance of the pointer from an edge of the span that it takes, in points.
const EDGE: f32 = 5.0;

/// The end of the span that stays where the other end is at `x`; `None` away from both ends.
fn edge_at(span: Option<TimeSpan>, axis: &Axis, x: f32) -> Option<Micros> {
    let span = span?;
    let distance = |t| (axis.x(t) - x).abs();
    let (start, end) = (distance(span.start), distance(span.end));
    (start.min(end) <= EDGE).then_some(if start < end { span.end } else { span.start })
}

/// Conversion between time and horizontal position.
struct Axis {
    rect: Rect,
    span: TimeSpan,
}

impl Axis {
    fn x(&self, t: Micros) -> f32 {
        let length = self.span.length().max(1) as f64;
        let share = t.saturating_sub(self.span.start) as f64 / length;
        self.rect.left() + (share.clamp(0.0, 1.0) as f32) * self.rect.width()
    }

    fn time(&self, x: f32) -> Micros {
        let share = f64::from(((x - self.rect.left()) / self.rect.width().max(1.0)).clamp(0.0, 1.0));
        self.span.start + (share * self.span.length() as f64) as Micros
    }

    fn rect_of(&self, span: TimeSpan) -> Rect {
        Rect::from_x_y_ranges(self.x(span.start)..=self.x(span.end), self.rect.y_range())
    }
}

/// Below this share of the highest bar of all exchanges, the scope is drawn at its own scale.
const OWN_SCALE: f32 = 0.5;

/// Draws all exchanges, over them the scope, and the second scope as a line. A scope that would be too low to
/// be seen has its own scale. Returns the scales in words; empty where all have one.
fn paint_bars(
    ui: &egui::Ui,
    bars: &Timeline,
    against: Option<&[u64]>,
    rect: Rect,
    is_everything: bool,
) -> String {
    let highest = |counts: &[u64]| counts.iter().copied().max().unwrap_or(0).max(1) as f32;
    let all = highest(&bars.all);
    let scale_of = |own: f32| if own < OWN_SCALE * all { own } else { all };
    let scale = if is_everything { all } else { scale_of(highest(&bars.scope)) };
    let width = rect.width() / bars.all.len().max(1) as f32;
    let top =
        |count: u64, highest: f32| rect.bottom() - (count as f32 / highest * (rect.height() - HEAD)).max(1.0);
    let mut mesh = Mesh::default();
    let mut draw = |counts: &[u64], highest: f32, colour: Color32| {
        for (i, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let left = rect.left() + i as f32 * width;
            let bar = Rect::from_min_max(pos2(left, top(count, highest)), pos2(left + width, rect.bottom()));
            mesh.add_colored_rect(bar, colour);
        }
    };
    let peers = theme::peers(ui.visuals());
    draw(&bars.all, all, if scale < all { peers.gamma_multiply(0.5) } else { peers });
    draw(&bars.scope, scale, theme::scope(ui.visuals()));
    ui.painter().add(Shape::mesh(mesh));
    let mut notes = Vec::new();
    if scale < all {
        let name = if against.is_some() { "A" } else { "scope" };
        notes.push(format!("{name} drawn {} higher than all", times(all / scale)));
    }
    if let Some(counts) = against {
        let scale = scale_of(highest(counts));
        let points: Vec<Pos2> = counts
            .iter()
            .enumerate()
            .flat_map(|(i, &count)| {
                let left = rect.left() + i as f32 * width;
                let y = if count == 0 { rect.bottom() } else { top(count, scale) };
                [pos2(left, y), pos2(left + width, y)]
            })
            .collect();
        ui.painter().add(Shape::line(points, Stroke::new(1.25, theme::against(ui.visuals()))));
        notes.push(match scale < all {
            true => format!("B, the line, {}", times(all / scale)),
            false => "B is the line".to_owned(),
        });
    }
    notes.join("; ")
}

/// Scales in words over all else, so that the shade beside a span does not cover them.
fn paint_notes(ui: &egui::Ui, notes: String, rect: Rect) {
    if notes.is_empty() {
        return;
    }
    let font = egui::FontId::proportional(11.0);
    let galley = ui.painter().layout_no_wrap(notes, font, ui.visuals().text_color());
    // Left of the middle, where a flag stands less often than over the last half.
    let at = pos2(rect.left() + rect.width() * 0.3 - galley.size().x / 2.0, rect.top() + 1.0);
    let ground = Rect::from_min_size(at, galley.size()).expand(1.0);
    ui.painter().rect_filled(ground, 2.0, ui.visuals().extreme_bg_color);
    ui.painter().galley(at, galley, ui.visuals().text_color());
}

/// A factor; with one decimal below 10.
fn times(factor: f32) -> String {
    if factor < 9.95 { format!("{factor:.1} ×") } else { format!("{factor:.0} ×") }
}

fn paint_span(ui: &egui::Ui, span: Option<TimeSpan>, axis: &Axis) {
    let Some(span) = span else { return };
    let inside = axis.rect_of(span);
    let shade = ui.visuals().panel_fill.gamma_multiply(0.6);
    let before = Rect::from_min_max(axis.rect.min, pos2(inside.left(), axis.rect.bottom()));
    let after = Rect::from_min_max(pos2(inside.right(), axis.rect.top()), axis.rect.max);
    ui.painter().rect_filled(before, 0.0, shade);
    ui.painter().rect_filled(after, 0.0, shade);
    let line = Stroke::new(1.5, theme::scope(ui.visuals()));
    ui.painter().vline(inside.left(), axis.rect.y_range(), line);
    ui.painter().vline(inside.right(), axis.rect.y_range(), line);
}

/// The investigator's events as flags: a pole and a small triangle on top.
fn paint_events(ui: &egui::Ui, cx: &ViewContext<'_>, axis: &Axis) {
    let colour = theme::event(ui.visuals());
    for event in cx.state.events.iter().filter(|event| axis.span.contains(event.ts)) {
        let top: Pos2 = pos2(axis.x(event.ts), axis.rect.top());
        ui.painter().vline(top.x, axis.rect.y_range(), Stroke::new(1.0, colour));
        let flag = vec![top, top + vec2(8.0, 4.0), top + vec2(0.0, 8.0)];
        ui.painter().add(Shape::convex_polygon(flag, colour, Stroke::NONE));
    }
}

fn paint_ends(ui: &egui::Ui, cx: &ViewContext<'_>, axis: &Axis) {
    let font = egui::FontId::proportional(11.0);
    let colour = ui.visuals().text_color();
    let ends = [
        (axis.rect.left_top() + vec2(3.0, 1.0), egui::Align2::LEFT_TOP, axis.span.start),
        (axis.rect.right_top() + vec2(-3.0, 1.0), egui::Align2::RIGHT_TOP, axis.span.end),
    ];
    for (at, align, t) in ends {
        ui.painter().text(at, align, cx.zone.format_date(t), font.clone(), colour);
    }
}

/// Tooltip of the brush: time under the pointer and a nearby event.
fn hover(cx: &ViewContext<'_>, response: egui::Response, axis: &Axis) {
    let Some(pos) = response.hover_pos() else { return };
    let near = cx.state.events.iter().find(|event| (axis.x(event.ts) - pos.x).abs() < 5.0);
    let mut text = format!("{} {}", cx.zone.format(axis.time(pos.x)), cx.zone.name());
    if let Some(event) = near {
        text = format!("{}\n{text}", words::line(&event.label, 80));
    }
    response.on_hover_text_at_pointer(format!(
        "{text}\nDrag to select a time span. Double-click for all time. Right-click to add an event."
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_of_the_span_is_taken_and_the_other_stays() {
        let axis = Axis {
            rect: Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 10.0)),
            span: TimeSpan { start: 0, end: 1_000 },
        };
        let span = Some(TimeSpan { start: 200, end: 600 });
        assert_eq!(edge_at(span, &axis, 22.0), Some(600));
        assert_eq!(edge_at(span, &axis, 57.0), Some(200));
        assert_eq!((edge_at(span, &axis, 40.0), edge_at(None, &axis, 20.0)), (None, None));
    }

    #[test]
    fn small_factors_have_a_decimal() {
        assert_eq!([2.4, 9.96, 40.2].map(times), ["2.4 ×", "10 ×", "40 ×"]);
    }

    #[test]
    fn time_and_place_agree() {
        let axis = Axis {
            rect: Rect::from_min_size(pos2(10.0, 0.0), vec2(100.0, 10.0)),
            span: TimeSpan { start: 1_000_000, end: 3_000_000 },
        };
        assert_eq!((axis.time(10.0), axis.time(60.0), axis.time(500.0)), (1_000_000, 2_000_000, 3_000_000));
        assert!((axis.x(2_000_000) - 60.0).abs() < 1e-3);
    }
}
