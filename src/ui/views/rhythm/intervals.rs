//! Histogram of the time between two exchanges of an account, scope and peers, both axes logarithmic.

use std::sync::Arc;

use egui::{Key, Role, WidgetInfo};
use egui_plot::{GridMark, HoverPosition, Line, LineStyle, Plot, PlotPoint, PlotPoints, PlotTransform};

use crate::jobs::{Slot, Ticket};
use crate::model::{Cancelled, Micros, format_duration};
use crate::query::intervals::{IntervalHistogram, interval_histogram};
use crate::query::{Grain, SMALL};
use crate::ui::view::{PivotFrom, SideNames, ViewContext, is_compared};
use crate::ui::widgets::{axes, line_key, picture};
use crate::ui::{pivot, theme, words};

/// Seconds that have a tick with a label.
const TICKS: [(f64, &str); 5] =
    [(0.001, "1 ms"), (1.0, "1 s"), (60.0, "1 min"), (3_600.0, "1 h"), (86_400.0, "1 d")];

/// Regions of the axis: where each ends in seconds, its name, and what it is. A guide for reading and no test.
const REGIONS: [(f64, &str, &str); 4] = [
    (2.0, "too fast to read", "Under 2 s: too short to read a response before the next request"),
    (20.0, "quick", "2 to 20 s: skimming, or a program that waits for the response"),
    (1_800.0, "a person at work", "20 s to 30 min: reading, thinking and writing within a session"),
    (f64::INFINITY, "between sessions", "Over 30 min: between sessions"),
];

/// The histogram; its curves are computed once per scope.
#[derive(Default)]
pub struct Intervals {
    curves: Slot<(u64, u64), Curves>,
    /// Bin at the keyboard's cursor.
    cursor: Option<usize>,
}

/// Outlines of the bars in logarithms of seconds and percent.
struct Curves {
    scope: Vec<Vec<PlotPoint>>,
    peers: Vec<Vec<PlotPoint>>,
    histogram: IntervalHistogram,
    counted: u64,
    names: SideNames,
}

impl Intervals {
    /// Draws the histogram.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, height: f32) {
        self.ask(cx);
        self.heading(ui);
        let rect = egui::Rect::from_min_size(ui.cursor().min, egui::vec2(ui.available_width(), height));
        let Some(curves) = self.curves.answer() else {
            let response = ui.allocate_rect(rect, egui::Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Inter-arrival histogram"));
            picture::of_slot(ui, rect, &self.curves, cx);
            return;
        };
        let visuals = ui.visuals();
        let [ink, other] = theme::sides(visuals, is_compared(curves.names));
        let [scope, peers] = curves.names;
        let drawn = plot(height).show(ui, |plot| {
            for part in &curves.peers {
                let peers = Line::new(peers, PlotPoints::Borrowed(part));
                plot.line(peers.color(other).width(1.5).style(LineStyle::dashed_dense()));
            }
            for part in &curves.scope {
                plot.line(Line::new(scope, PlotPoints::Borrowed(part)).color(ink).width(2.0));
            }
        });
        paint_regions(ui, &drawn.transform);
        let bin = bin(ui, &drawn.response, &drawn.transform, curves, &mut self.cursor);
        if let Some(bin) = bin {
            paint_bin(ui, &drawn.transform, &curves.histogram, bin);
            pivot::on(&drawn.response, cx, || PivotFrom::Interval(ends(&curves.histogram, bin)));
        }
        picture::focus_ring(ui, &drawn.response);
        let summary = bin.map_or_else(|| most_common(&curves.scope), |bin| in_words(&curves.histogram, bin));
        drawn.response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Canvas, true, "Inter-arrival histogram");
            info.current_text_value = Some(summary.clone());
            info
        });
        picture::coarse(ui, rect, &self.curves);
        if curves.counted == 0 && !self.curves.is_coarse() {
            picture::empty(ui, rect, "0 accounts in the scope have two exchanges. Widen the scope.");
        }
        picture::of_slot(ui, rect, &self.curves, cx);
    }

    /// Title, and the names of the curves where there are two.
    fn heading(&self, ui: &mut egui::Ui) {
        let regions: Vec<&str> = REGIONS.iter().map(|(_, _, what)| *what).collect();
        let colours = |names| theme::sides(ui.visuals(), is_compared(names));
        let both = self.curves.answer().filter(|curves| !curves.peers.is_empty());
        let keys = both.map(|curves| (curves.names, colours(curves.names)));
        ui.horizontal_wrapped(|ui| {
            ui.strong("Time between exchanges of an account").on_hover_text(format!(
                "Height: percentage of all intervals in a bin, 10 bins per factor of 10. Both axes are logarithmic. Right-click, or arrows and p: pivot from the accounts with such intervals. Regions are a guide for reading and no test.\n{}",
                regions.join(".\n"),
            ));
            if let Some((names, colours)) = keys {
                for (at, (name, colour)) in names.into_iter().zip(colours).enumerate() {
                    line_key::named(ui, colour, at > 0, name);
                }
            }
        });
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair() {
            let cache = Arc::clone(cx.cache);
            let names = cx.sides();
            let large = cache.hot().len() as u64 >= SMALL;
            let work = move |ticket: &Ticket, grain| {
                let histogram = pair.ask(|selection| interval_histogram(&cache, selection, grain, ticket))?;
                Ok::<_, Cancelled>(Curves::of(histogram, names))
            };
            if large {
                self.curves.ask_coarse_first(cx.jobs, cx.pair_version(), work);
            } else {
                self.curves.ask(cx.jobs, None, cx.pair_version(), move |ticket| work(ticket, Grain::Exact));
            }
        }
        self.curves.poll();
    }
}

impl Curves {
    fn of(histogram: IntervalHistogram, names: SideNames) -> Self {
        Self {
            scope: outline(&histogram.edges, &histogram.scope),
            peers: outline(&histogram.edges, &histogram.peers),
            counted: histogram.scope.iter().sum(),
            histogram,
            names,
        }
    }
}

/// Bin under the pointer, else the one that the arrow keys have reached.
fn bin(
    ui: &egui::Ui,
    response: &egui::Response,
    transform: &PlotTransform,
    curves: &Curves,
    cursor: &mut Option<usize>,
) -> Option<usize> {
    let edges = &curves.histogram.edges;
    let last = edges.len().checked_sub(2)?;
    let under = response.hover_pos().map(|pos| transform.value_from_position(pos).x);
    let under = under.and_then(|x| edges.partition_point(|edge| edge.log10() <= x).checked_sub(1));
    let under = under.map(|bin| bin.min(last));
    if response.clicked() {
        response.request_focus();
        *cursor = under.or(*cursor);
    }
    if response.has_focus() {
        picture::keep_arrows(ui, response);
        let pressed = |key| ui.input(|input| input.num_presses(key)) as isize;
        let by = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        let filled = curves.histogram.scope.iter().position(|count| *count > 0).unwrap_or(0);
        *cursor = Some(cursor.unwrap_or(filled).saturating_add_signed(by).min(last));
    }
    under.or(cursor.filter(|_| response.has_focus()))
}

/// Ends of a bin in microseconds; the first bin has all shorter intervals, the last all longer ones.
fn ends(histogram: &IntervalHistogram, bin: usize) -> [Micros; 2] {
    let [from, to] = [bin, bin + 1].map(|at| (histogram.edges[at] * 1e6).round() as Micros);
    [if bin == 0 { 0 } else { from }, if bin + 2 == histogram.edges.len() { Micros::MAX } else { to }]
}

/// `1 s to 1.3 s: 312 of 17,617 intervals of the scope`.
fn in_words(histogram: &IntervalHistogram, bin: usize) -> String {
    let [from, to] = ends(histogram, bin);
    let sum = histogram.scope.iter().sum();
    format!(
        "{} to {}: {} of {} of the scope",
        format_duration(from),
        format_duration(to),
        words::count(histogram.scope[bin]),
        words::counted(sum, "interval", "intervals")
    )
}

/// Shades a bin.
fn paint_bin(ui: &egui::Ui, transform: &PlotTransform, histogram: &IntervalHistogram, bin: usize) {
    let frame = *transform.frame();
    let x =
        |edge: usize| transform.position_from_point(&PlotPoint::new(histogram.edges[edge].log10(), 0.0)).x;
    let column = egui::Rect::from_x_y_ranges(x(bin)..=x(bin + 1), frame.y_range()).intersect(frame);
    let colour = ui.visuals().strong_text_color().gamma_multiply(0.15);
    ui.painter().rect_filled(column, 0.0, colour);
}

/// Ends of the regions as lines, and their names at the foot where they fit.
fn paint_regions(ui: &egui::Ui, transform: &PlotTransform) {
    let frame = *transform.frame();
    let painter = ui.painter().with_clip_rect(frame);
    let colour = ui.visuals().weak_text_color();
    let mut left = frame.left();
    for (end, name, _) in REGIONS {
        let right = match end.is_finite() {
            true => transform.position_from_point(&PlotPoint::new(end.log10(), 0.0)).x,
            false => frame.right(),
        };
        if end.is_finite() {
            painter.vline(right, frame.y_range(), egui::Stroke::new(0.5, colour));
        }
        let galley = painter.layout_no_wrap(name.to_owned(), egui::FontId::proportional(11.0), colour);
        if galley.size().x + 6.0 <= right - left {
            let at = egui::pos2((left + right - galley.size().x) / 2.0, frame.bottom() - 15.0);
            let ground = egui::Rect::from_min_size(at, galley.size()).expand(1.0);
            painter.rect_filled(ground, 2.0, ui.visuals().extreme_bg_color);
            painter.galley(at, galley, colour);
        }
        left = right;
    }
}

fn plot<'a>(height: f32) -> Plot<'a> {
    Plot::new("intervals")
        .height(height)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .include_x(-1.0)
        .include_x(6.0)
        .x_grid_spacer(|input| {
            let seen = input.bounds.0..=input.bounds.1;
            let ticks = TICKS.iter().map(|(seconds, _)| seconds.log10()).filter(|value| seen.contains(value));
            ticks.map(|value| GridMark { value, step_size: 2.0 }).collect()
        })
        .y_grid_spacer(|input| {
            let (low, high) = (input.bounds.0.ceil() as i32, input.bounds.1.floor() as i32);
            (low..=high.min(low + 12))
                .map(|power| GridMark { value: f64::from(power), step_size: 1.0 })
                .collect()
        })
        .custom_x_axes(vec![axes::x_short().formatter(|mark, _| tick_label(mark.value).to_owned())])
        .custom_y_axes(vec![axes::y().formatter(|mark, _| format!("{} %", 10_f64.powf(mark.value)))])
        .label_formatter(|hover| match hover {
            HoverPosition::NearDataPoint { plot_name, position, .. } => {
                let (seconds, percent) = (10_f64.powf(position.x), 10_f64.powf(position.y));
                let length = format_duration((seconds * 1e6) as i64);
                Some(format!("{plot_name}: {percent:.3} % of intervals at about {length}"))
            }
            HoverPosition::Elsewhere { .. } => None,
        })
}

fn tick_label(log_seconds: f64) -> &'static str {
    let same = |(seconds, _): &&(f64, &str)| (seconds.log10() - log_seconds).abs() < 1e-6;
    TICKS.iter().find(same).map_or("", |(_, label)| label)
}

/// The outline of a histogram in parts, each without an empty bin, log₁₀ of seconds against log₁₀ of percent: the
/// middles of the bins, from the beginning of the first to the end of the last. A bin without intervals has no height
/// on this axis.
fn outline(edges: &[f64], counts: &[u64]) -> Vec<Vec<PlotPoint>> {
    let total: u64 = counts.iter().sum();
    let height = |bin: usize| (100.0 * counts[bin] as f64 / total as f64).log10();
    let bins: Vec<usize> = (0..counts.len()).filter(|bin| counts[*bin] > 0).collect();
    let part = |bins: &[usize]| {
        let (first, last) = (bins.first()?, bins.last()?);
        let middle = |bin: usize| (edges[bin].log10() + edges[bin + 1].log10()) / 2.0;
        let inner: &[usize] = if bins.len() > 1 { bins } else { &[] };
        let begin = PlotPoint::new(edges[*first].log10(), height(*first));
        let end = PlotPoint::new(edges[last + 1].log10(), height(*last));
        let inner = inner.iter().map(|bin| PlotPoint::new(middle(*bin), height(*bin)));
        Some([begin].into_iter().chain(inner).chain([end]).collect())
    };
    bins.chunk_by(|a, b| a + 1 == *b).filter_map(part).collect()
}

/// The most common interval of an outline, in words.
fn most_common(outline: &[Vec<PlotPoint>]) -> String {
    let summit = outline.iter().flatten().max_by(|a, b| a.y.total_cmp(&b.y));
    summit.map_or_else(
        || "0 intervals in the scope".to_owned(),
        |top| {
            format!(
                "most common interval of the scope: about {}",
                format_duration((10_f64.powf(top.x) * 1e6) as i64)
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_passes_the_middles_of_bins_and_has_a_gap_where_one_is_empty() {
        let parts = outline(&[1.0, 10.0, 100.0, 1e3, 1e4, 1e5], &[0, 98, 1, 0, 1]);
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
        assert_eq!((parts[0][0].x, parts[0][1].x), (1.0, 1.5));
        assert!((parts[0][0].y - 98_f64.log10()).abs() < 1e-12 && parts[1][0].y.abs() < 1e-12);
        assert!(outline(&[1.0, 2.0], &[0]).is_empty());
    }

    #[test]
    fn ticks_carry_their_words() {
        assert_eq!((tick_label(0.0), tick_label(3_600_f64.log10()), tick_label(0.5)), ("1 s", "1 h", ""));
        assert_eq!(
            most_common(&[vec![PlotPoint::new(0.0, 1.0)], vec![PlotPoint::new(60_f64.log10(), 2.0)]]),
            "most common interval of the scope: about 1 min"
        );
    }
}
