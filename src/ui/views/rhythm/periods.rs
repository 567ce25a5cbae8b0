//! Periodogram of the exchanges of both sides, the period on a logarithmic axis.

use std::sync::Arc;

use egui::{Role, WidgetInfo};
use egui_plot::{
    AxisHints, Corner, GridMark, HoverPosition, Legend, Line, LineStyle, Plot, PlotPoint, PlotPoints,
};

use crate::jobs::Slot;
use crate::model::{Cancelled, format_duration};
use crate::query::periods::{self, Cycle, Spectrum, periods};
use crate::ui::view::{SideNames, ViewContext, is_compared};
use crate::ui::widgets::picture;
use crate::ui::{theme, words};

use super::room::below;

/// Periods in seconds that have a tick, with their labels.
const TICKS: [(f64, &str); 9] = [
    (300.0, "5 min"),
    (900.0, "15 min"),
    (3_600.0, "1 h"),
    (10_800.0, "3 h"),
    (28_800.0, "8 h"),
    (86_400.0, "1 d"),
    (259_200.0, "3 d"),
    (604_800.0, "7 d"),
    (2_419_200.0, "28 d"),
];

/// The periodogram; computed once per scope.
#[derive(Default)]
pub struct Periods {
    curves: Slot<(u64, u64), Curves>,
}

/// Curves of log₁₀ of the period in seconds against percent, and what they say.
struct Curves {
    sides: [Vec<PlotPoint>; 2],
    names: SideNames,
    counted: String,
    summary: [String; 2],
    scope: u64,
}

impl Periods {
    /// Draws the periodogram.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, room: f32) {
        self.ask(cx);
        let title = ui.strong("Periods: % of the variance of the exchanges that a sine explains");
        title.on_hover_text(
            "Periodogram (Schuster 1898; shares of the variance: Scargle 1982) of the exchanges of all accounts of \
             a side together. A day of work has a peak at 24 h and at its parts; a scheduled job has a narrow peak \
             at its own period. Chance: what exchanges without any rhythm reach in 1 of 1,000 cases.",
        );
        let Some(curves) = self.curves.answer() else {
            let rect = below(ui, room);
            let response = ui.allocate_rect(rect, egui::Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Periodogram"));
            picture::of_slot(ui, rect, &self.curves, cx);
            return;
        };
        ui.horizontal_wrapped(|ui| {
            curves.summary.iter().for_each(|line| drop(ui.label(line)));
            ui.weak(&curves.counted);
        });
        let rect = below(ui, room);
        let colours = theme::sides(ui.visuals(), is_compared(curves.names));
        let drawn = plot(rect.height()).show(ui, |plot| {
            let lines = curves.sides.iter().zip(curves.names).zip(colours).enumerate();
            for (at, ((points, name), colour)) in
                lines.rev().filter(|(_, ((points, _), _))| !points.is_empty())
            {
                let line = Line::new(name, PlotPoints::Borrowed(points)).color(colour);
                let style = if at == 0 { LineStyle::Solid } else { LineStyle::dashed_dense() };
                plot.line(line.width(if at == 0 { 2.0 } else { 1.5 }).style(style));
            }
        });
        drawn.response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Canvas, true, "Periodogram");
            info.current_text_value = Some(curves.summary.join(" "));
            info
        });
        if curves.sides[0].is_empty() {
            let text = format!(
                "{} in the scope; a periodogram needs 30 over at least two periods. Widen the scope.",
                words::counted(curves.scope, "exchange", "exchanges")
            );
            picture::empty(ui, rect, &text);
        }
        picture::of_slot(ui, rect, &self.curves, cx);
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair() {
            let cache = Arc::clone(cx.cache);
            let names = cx.sides();
            self.curves.ask::<Cancelled>(cx.jobs, None, cx.pair_version(), move |ticket| {
                let found = pair.ask(|selection| periods(&cache, selection, ticket))?;
                Ok(Curves::of(&found, names))
            });
        }
        self.curves.poll();
    }
}

impl Curves {
    fn of(found: &periods::Periods, names: SideNames) -> Self {
        let curve = |side: &Spectrum| {
            let cycles = side.bins.iter().flatten();
            cycles.map(|cycle| PlotPoint::new(cycle.period.log10(), 100.0 * cycle.share)).collect()
        };
        let [scope, peers] = [&found.scope, &found.peers];
        Self {
            sides: [curve(scope), curve(peers)],
            names,
            counted: format!(
                "Counted per {}; chance {:.1} %.",
                format_duration(found.step),
                100.0 * found.scope.chance
            ),
            summary: [in_words(names[0], scope), in_words(names[1], peers)],
            scope: scope.exchanges,
        }
    }
}

/// `scope: 24.0 h (18.2 %), 12.0 h (3.1 %).`
fn in_words(name: &str, side: &Spectrum) -> String {
    let strongest: Vec<String> = side.strongest().iter().map(Cycle::in_words).collect();
    match strongest.is_empty() {
        true => format!("{name}: no period above chance."),
        false => format!("{name}: {}.", strongest.join(", ")),
    }
}

fn plot<'a>(height: f32) -> Plot<'a> {
    Plot::new("periodogram")
        .height(height)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .include_y(0.0)
        .legend(Legend::default().position(Corner::LeftTop))
        .x_grid_spacer(|input| {
            let seen = input.bounds.0..=input.bounds.1;
            let ticks = TICKS.iter().map(|(seconds, _)| seconds.log10()).filter(|value| seen.contains(value));
            ticks.map(|value| GridMark { value, step_size: 1.0 }).collect()
        })
        .custom_x_axes(vec![
            AxisHints::new_x()
                .label("period")
                .formatter(|mark, _| tick_label(mark.value).to_owned())
                .label_spacing(egui::Rangef::new(10.0, 20.0)),
        ])
        .y_axis_formatter(|mark, _| format!("{} %", words::short(mark.value)))
        .label_formatter(|hover| match hover {
            HoverPosition::NearDataPoint { plot_name, position, .. } => {
                let cycle = Cycle { period: 10_f64.powf(position.x), share: position.y / 100.0 };
                Some(format!("{plot_name}: {}", cycle.in_words()))
            }
            HoverPosition::Elsewhere { .. } => None,
        })
}

fn tick_label(log_seconds: f64) -> &'static str {
    let same = |(seconds, _): &&(f64, &str)| (seconds.log10() - log_seconds).abs() < 1e-6;
    TICKS.iter().find(same).map_or("", |(_, label)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_periods_are_said() {
        let bins = vec![Some(Cycle { period: 86_400.0, share: 0.25 })];
        let side = Spectrum { exchanges: 50, bins, chance: 0.01 };
        assert_eq!(in_words("scope", &side), "scope: 24.0 h (25.0 %).");
        assert_eq!(in_words("peers", &Spectrum::default()), "peers: no period above chance.");
        assert_eq!((tick_label(3_600_f64.log10()), tick_label(1.0)), ("1 h", ""));
    }
}
