//! Drawing of the time brush: bars, span, events, and what is shown in words.

use egui::{Color32, Mesh, Pos2, Rect, Shape, Stroke, pos2, vec2};

use crate::model::{TimeSpan, format_duration};
use crate::query::rhythm::Timeline;
use crate::ui::view::ViewContext;
use crate::ui::widgets::time_axis::TimeAxis;
use crate::ui::{theme, words};

/// Room above the highest bar for the ends of the shown time.
const HEAD: f32 = 15.0;
/// Below this share of the highest bar of all exchanges, the scope is drawn at its own scale.
const OWN_SCALE: f32 = 0.5;
/// Length of the shown time, in microseconds, below which its ends have the time of day.
const WITH_CLOCK: i64 = 5 * 86_400_000_000;

/// Exchanges by slices of time.
pub struct Bars {
    /// The scope and all exchanges.
    pub timeline: Timeline,
    /// Those of the second scope, where the scope is compared with one.
    pub against: Option<Vec<u64>>,
}

/// Draws all exchanges, over them the scope, and the second scope as a line, all as far as the axis shows them. A scope
/// that would be too low to be seen has its own scale, and so has every scope in a part of the time (`zoomed`).
/// Returns the scales in words; empty where all have one.
pub fn bars(ui: &egui::Ui, bars: &Bars, axis: &TimeAxis, is_everything: bool, zoomed: bool) -> String {
    let (timeline, against) = (&bars.timeline, bars.against.as_deref());
    let columns = Columns::new(timeline, axis);
    let all = columns.highest(&timeline.all);
    let scale_of = |own: f32| if own < OWN_SCALE * all || zoomed { own.min(all) } else { all };
    let scale = if is_everything { all } else { scale_of(columns.highest(&timeline.scope)) };
    let peers = theme::peers(ui.visuals());
    let mut mesh = Mesh::default();
    columns.fill(&mut mesh, &timeline.all, all, if scale < all { peers.gamma_multiply(0.5) } else { peers });
    columns.fill(&mut mesh, &timeline.scope, scale, theme::scope(ui.visuals()));
    ui.painter().add(Shape::mesh(mesh));
    let mut notes = Vec::new();
    if scale < all {
        let name = if against.is_some() { "A" } else { "scope" };
        notes.push(format!("{name} drawn {} higher than all", times(all / scale)));
    }
    if let Some(counts) = against {
        let scale = scale_of(columns.highest(counts));
        let stroke = Stroke::new(1.25, theme::against(ui.visuals()));
        ui.painter().add(Shape::line(columns.outline(counts, scale), stroke));
        notes.push(match scale < all {
            true => format!("B, the line, {}", times(all / scale)),
            false => "B is the line".to_owned(),
        });
    }
    notes.join("; ")
}

/// Slices of a timeline on an axis, which may show a part of them.
struct Columns {
    /// Slices on the axis, each with its ends.
    columns: Vec<(usize, [f32; 2])>,
    rect: Rect,
}

impl Columns {
    fn new(timeline: &Timeline, axis: &TimeAxis) -> Self {
        let (span, count) = (timeline.span, timeline.all.len().max(1));
        let end = |slice: usize| {
            let past = i128::from(span.length()) * slice as i128 / count as i128;
            axis.x(span.start.saturating_add(past as i64))
        };
        let ends: Vec<f32> = (0..=count).map(end).collect();
        let columns = (0..timeline.all.len()).map(|slice| (slice, [ends[slice], ends[slice + 1]]));
        Self { columns: columns.filter(|(_, [left, right])| right > left).collect(), rect: axis.rect }
    }

    /// The highest count on the axis; at least 1.
    fn highest(&self, counts: &[u64]) -> f32 {
        self.columns.iter().map(|(slice, _)| counts[*slice]).max().unwrap_or(0).max(1) as f32
    }

    fn top(&self, count: u64, highest: f32) -> f32 {
        self.rect.bottom() - (count as f32 / highest * (self.rect.height() - HEAD)).max(1.0)
    }

    fn fill(&self, mesh: &mut Mesh, counts: &[u64], highest: f32, colour: Color32) {
        for (slice, [left, right]) in &self.columns {
            if counts[*slice] > 0 {
                let top = self.top(counts[*slice], highest);
                let bar = Rect::from_min_max(pos2(*left, top), pos2(*right, self.rect.bottom()));
                mesh.add_colored_rect(bar, colour);
            }
        }
    }

    fn outline(&self, counts: &[u64], highest: f32) -> Vec<Pos2> {
        let corners = |(slice, [left, right]): &(usize, [f32; 2])| {
            let count = counts[*slice];
            let y = if count == 0 { self.rect.bottom() } else { self.top(count, highest) };
            [pos2(*left, y), pos2(*right, y)]
        };
        self.columns.iter().flat_map(corners).collect()
    }
}

/// Notes over all else, so that the shade beside a span does not cover them.
pub fn notes(ui: &egui::Ui, notes: String, rect: Rect) {
    if notes.is_empty() {
        return;
    }
    let font = egui::FontId::proportional(11.0);
    let galley = ui.painter().layout_no_wrap(notes, font, ui.visuals().text_color());
    // Left of the middle, where a flag stands less often than over the last half.
    let at = pos2(rect.left() + rect.width() * 0.36 - galley.size().x / 2.0, rect.top() + 1.0);
    let ground = Rect::from_min_size(at, galley.size()).expand(1.0);
    ui.painter().rect_filled(ground, 2.0, ui.visuals().extreme_bg_color);
    ui.painter().galley(at, galley, ui.visuals().text_color());
}

/// A factor; with one decimal below 10.
fn times(factor: f32) -> String {
    if factor < 9.95 { format!("{factor:.1} ×") } else { format!("{factor:.0} ×") }
}

/// Draws the span of the scope: the time beside it is shaded.
pub fn span(ui: &egui::Ui, span: Option<TimeSpan>, axis: &TimeAxis) {
    let Some(span) = span else { return };
    let [left, right] = [span.start, span.end].map(|t| axis.x(t));
    let shade = ui.visuals().panel_fill.gamma_multiply(0.6);
    let before = Rect::from_min_max(axis.rect.min, pos2(left, axis.rect.bottom()));
    let after = Rect::from_min_max(pos2(right, axis.rect.top()), axis.rect.max);
    ui.painter().rect_filled(before, 0.0, shade);
    ui.painter().rect_filled(after, 0.0, shade);
    let line = Stroke::new(1.5, theme::scope(ui.visuals()));
    for t in [span.start, span.end] {
        if axis.span.start <= t && t <= axis.span.end {
            ui.painter().vline(axis.x(t), axis.rect.y_range(), line);
        }
    }
}

/// The investigator's events as flags: a pole and a small triangle on top.
pub fn events(ui: &egui::Ui, cx: &ViewContext<'_>, axis: &TimeAxis) {
    let colour = theme::event(ui.visuals());
    for event in cx.state.events.iter().filter(|event| axis.span.contains(event.ts)) {
        let top: Pos2 = pos2(axis.x(event.ts), axis.rect.top());
        ui.painter().vline(top.x, axis.rect.y_range(), Stroke::new(1.0, colour));
        let flag = vec![top, top + vec2(8.0, 4.0), top + vec2(0.0, 8.0)];
        ui.painter().add(Shape::convex_polygon(flag, colour, Stroke::NONE));
    }
}

/// Ends of the shown time: `2026-05-04`, with the time of day where the shown time is short.
pub fn ends_in_words(cx: &ViewContext<'_>, shown: TimeSpan) -> [String; 2] {
    let format = if shown.length() < WITH_CLOCK { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d" };
    [shown.start, shown.end].map(|t| cx.zone.strftime(t, format))
}

/// `3 d 4 h of 44 d shown`; empty for the whole time.
pub fn part_in_words(shown: TimeSpan, whole: TimeSpan) -> String {
    if shown == whole {
        return String::new();
    }
    format!("{} of {} shown", format_duration(shown.length()), format_duration(whole.length()))
}

/// Writes the ends of the shown time.
pub fn ends(ui: &egui::Ui, cx: &ViewContext<'_>, axis: &TimeAxis) {
    let font = egui::FontId::proportional(11.0);
    let colour = ui.visuals().text_color();
    let [start, end] = ends_in_words(cx, axis.span);
    let ends = [
        (axis.rect.left_top() + vec2(3.0, 1.0), egui::Align2::LEFT_TOP, start),
        (axis.rect.right_top() + vec2(-3.0, 1.0), egui::Align2::RIGHT_TOP, end),
    ];
    for (at, align, text) in ends {
        ui.painter().text(at, align, text, font.clone(), colour);
    }
}

/// Tooltip of the brush: time under the pointer and a nearby event.
pub fn hint(cx: &ViewContext<'_>, axis: &TimeAxis, x: f32) -> String {
    let mut text = format!("{} {}", cx.zone.format(axis.time(x)), cx.zone.name());
    if let Some(event) = axis.event_near(x, &cx.state.events) {
        text = format!("{}\n{text}", words::line(&event.label, 80));
    }
    format!(
        "{text}\nDrag: select a time span. Double-click: all time. Wheel, + or −: zoom. 0: whole time. Right-click or p: pivot, add an event."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_factors_have_a_decimal() {
        assert_eq!([2.4, 9.96, 40.2].map(times), ["2.4 ×", "10 ×", "40 ×"]);
    }

    #[test]
    fn a_part_shows_its_own_columns_and_the_highest_of_them() {
        let timeline = Timeline {
            span: TimeSpan { start: 0, end: 100 },
            scope: vec![0, 1, 2, 0],
            all: vec![90, 10, 20, 30],
        };
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(200.0, 40.0));
        let axis = TimeAxis { rect, span: TimeSpan { start: 25, end: 75 } };
        let columns = Columns::new(&timeline, &axis);
        let seen: Vec<usize> = columns.columns.iter().map(|(slice, _)| *slice).collect();
        assert_eq!((seen, columns.highest(&timeline.all)), (vec![1, 2], 20.0));
        let hour = 3_600_000_000;
        let whole = TimeSpan { start: 0, end: 48 * hour };
        assert_eq!(part_in_words(TimeSpan { start: 0, end: 6 * hour }, whole), "6 h of 2 d shown");
        assert_eq!(part_in_words(whole, whole), "");
    }
}
