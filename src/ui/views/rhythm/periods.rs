//! Periodogram of the exchanges of both sides, the period on a logarithmic axis.

use std::sync::Arc;

use egui_plot::{GridMark, HoverPosition, Plot, PlotPoint};

use crate::jobs::Slot;
use crate::model::{Cancelled, format_duration};
use crate::query::periods::{self, Cycle, Spectrum, periods};
use crate::ui::view::{PivotFrom, SideNames, ViewContext};
use crate::ui::widgets::axes;
use crate::ui::widgets::picture::NO_EXCHANGES;
use crate::ui::words;

use super::curves::{Chart, Curves};

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

const CHART: Chart = Chart {
    name: "Periodogram",
    title: "Periods: % of the variance of the exchanges that a sine explains",
    method: "Periodogram (Schuster 1898; shares of the variance: Scargle 1982) of the exchanges of all accounts of a side \
             together. A day of work has a peak at 24 h and at its parts; a scheduled job has a narrow peak at its own \
             period. Chance: what exchanges without any rhythm reach in 1 of 1,000 cases.",
    mark: "",
    // A period is of all accounts of the scope together.
    pivot: |_| PivotFrom::Scope,
    axes,
};

/// The periodogram; computed once per scope.
#[derive(Default)]
pub struct Periods {
    curves: Slot<(u64, u64), Curves>,
}

impl Periods {
    /// Draws the periodogram.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair() {
            let cache = Arc::clone(cx.cache);
            let names = cx.sides();
            self.curves.ask::<Cancelled>(cx.jobs, None, cx.pair_version(), move |ticket| {
                let found = pair.ask(|selection| periods(&cache, selection, ticket))?;
                Ok(curves(&found, names))
            });
        }
        self.curves.poll();
        CHART.ui(ui, cx, &self.curves);
    }
}

/// Curves of log₁₀ of the period in seconds against percent.
fn curves(found: &periods::Periods, names: SideNames) -> Curves {
    let curve = |side: &Spectrum| {
        let cycles = side.bins.iter().flatten();
        cycles.map(|cycle| PlotPoint::new(cycle.period.log10(), 100.0 * cycle.share)).collect()
    };
    let [scope, peers] = [&found.scope, &found.peers];
    Curves {
        sides: [curve(scope), curve(peers)],
        marks: Vec::new(),
        names,
        summary: [in_words(names[0], scope), in_words(names[1], peers)],
        remark: format!(
            "Counted per {}; chance {:.1} %.",
            format_duration(found.step),
            100.0 * found.scope.chance
        ),
        why_empty: why_empty(scope.exchanges),
    }
}

fn why_empty(exchanges: u64) -> String {
    match exchanges {
        0 => NO_EXCHANGES.to_owned(),
        _ => format!(
            "{} in the scope; a periodogram needs 30 over at least two periods. Widen the scope.",
            words::counted(exchanges, "exchange", "exchanges")
        ),
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

fn axes(plot: Plot<'static>) -> Plot<'static> {
    plot.x_grid_spacer(|input| {
        let seen = input.bounds.0..=input.bounds.1;
        let ticks = TICKS.iter().map(|(seconds, _)| seconds.log10()).filter(|value| seen.contains(value));
        ticks.map(|value| GridMark { value, step_size: 0.5 }).collect()
    })
    .custom_x_axes(vec![
        axes::x_short().label("period").formatter(|mark, _| tick_label(mark.value).to_owned()),
    ])
    .custom_y_axes(vec![axes::y().formatter(|mark, _| format!("{} %", words::short(mark.value)))])
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
