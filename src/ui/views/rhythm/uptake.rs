//! Cumulative use of an account since its sign-up, both sides, with the changes of level of the scope.

use std::sync::Arc;

use egui_plot::{HoverPosition, Plot, PlotPoint};

use crate::jobs::Slot;
use crate::model::Cancelled;
use crate::query::uptake::{self, UseByAge, uptake, use_by_age};
use crate::ui::view::{PivotFrom, SideNames, ViewContext};
use crate::ui::widgets::axes;
use crate::ui::widgets::picture::NO_EXCHANGES;
use crate::ui::words;

use super::curves::{Chart, Curves};

/// Levels of a side that are said in words.
const LEVELS: usize = 4;

const CHART: Chart = Chart {
    name: "Use since sign-up",
    title: "Use since sign-up: exchanges per account, summed from the left",
    method: "Mean cumulative function (Nelson 1988): for each day of age the mean over the accounts that the log covers on \
             that whole day. Vertical lines: the level of the scope changes (PELT: Killick, Fearnhead and Eckley 2012). \
             Accounts without a time of creation are left out.",
    mark: "change of level",
    pivot: |age| PivotFrom::DayOfAge(age.max(0.0) as i64),
    axes,
};

/// The curves; computed once per scope.
#[derive(Default)]
pub struct Uptake {
    curves: Slot<(u64, u64), Curves>,
}

impl Uptake {
    /// Draws the curves.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair() {
            let cache = Arc::clone(cx.cache);
            let names = cx.sides();
            let window = cx.scope.span;
            let other = cx.against.filter(|against| !against.negated).and_then(|against| against.scope.span);
            self.curves.ask::<Cancelled>(cx.jobs, None, cx.pair_version(), move |ticket| {
                let found = match &pair.b {
                    None => uptake(&cache, &pair.a, window, ticket)?,
                    Some(b) => uptake::Uptake {
                        scope: use_by_age(&cache, &pair.a, window, ticket)?,
                        peers: use_by_age(&cache, b, other, ticket)?,
                    },
                };
                Ok(curves(&found, names))
            });
        }
        self.curves.poll();
        CHART.ui(ui, cx, &self.curves);
    }
}

/// Curves of days since sign-up against exchanges.
fn curves(found: &uptake::Uptake, names: SideNames) -> Curves {
    let [scope, peers] = [&found.scope, &found.peers];
    let shown = if scope.observed.is_empty() { peers } else { scope };
    let ages = shown.first..=shown.end();
    let curve = |side: &UseByAge| {
        let points = side.cumulative(shown.first).into_iter().filter(|(age, _)| ages.contains(age));
        let points: Vec<_> = points.map(|(age, sum)| PlotPoint::new(age as f64, sum)).collect();
        if points.len() < 2 { Vec::new() } else { points }
    };
    Curves {
        sides: [curve(scope), curve(peers)],
        marks: scope.levels.iter().skip(1).map(|(age, _)| *age as f64).collect(),
        names,
        summary: [in_words(names[0], scope), in_words(names[1], peers)],
        remark: String::new(),
        why_empty: why_empty([scope.accounts, scope.without]),
    }
}

/// Reason for an empty curve, by the accounts of the scope with a time of creation and without.
fn why_empty([with, without]: [u64; 2]) -> String {
    let accounts = |count| words::counted(count, "account", "accounts");
    match with {
        0 if without == 0 => NO_EXCHANGES.to_owned(),
        0 => format!(
            "0 accounts of the scope have a time of creation, {} have none. Map account_created_at on import.",
            words::count(without)
        ),
        _ => format!(
            "{} of the scope, each observed for less than a whole day. Widen the time span.",
            accounts(with)
        ),
    }
}

/// `scope: 12 accounts, 2.1 a day from day 0, 40.3 a day from day 12.`
fn in_words(name: &str, side: &UseByAge) -> String {
    let mut said = format!("{name}: {}", words::counted(side.accounts, "account", "accounts"));
    for (age, mean) in side.levels.iter().take(LEVELS) {
        said.push_str(&format!(", {} a day from day {age}", significant(*mean)));
    }
    if side.levels.len() > LEVELS {
        said.push_str(&format!(
            ", {}",
            words::counted((side.levels.len() - LEVELS) as u64, "more level", "more levels")
        ));
    }
    if side.without > 0 {
        said.push_str(&format!("; {} without a time of creation", words::count(side.without)));
    }
    said + "."
}

/// At most three significant digits.
fn significant(value: f64) -> String {
    match value {
        value if value >= 100.0 => words::count(value.round() as u64),
        value if value >= 10.0 => format!("{value:.1}"),
        value => words::short(value),
    }
}

fn axes(plot: Plot<'static>) -> Plot<'static> {
    plot.custom_x_axes(vec![axes::x().label("days since sign-up").formatter(|mark, _| {
        if mark.value.fract() == 0.0 { words::short(mark.value) } else { String::new() }
    })])
    .custom_y_axes(vec![
        axes::y().label("exchanges").formatter(|mark, _| words::count(mark.value.max(0.0) as u64)),
    ])
    .label_formatter(|hover| match hover {
        HoverPosition::NearDataPoint { plot_name, position, .. } => Some(format!(
            "{plot_name}: {} exchanges per account by day {}",
            significant(position.y),
            position.x.round()
        )),
        HoverPosition::Elsewhere { .. } => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_said_and_what_is_left_out_too() {
        let levels = vec![(0, 2.125), (12, 40.26), (20, 1_234.0), (30, 1.0), (31, 2.0)];
        let side = UseByAge { accounts: 12, without: 3, levels, ..UseByAge::default() };
        assert_eq!(
            in_words("scope", &side),
            "scope: 12 accounts, 2.12 a day from day 0, 40.3 a day from day 12, 1,234 a day from day 20, \
             1 a day from day 30, 1 more level; 3 without a time of creation."
        );
        assert!(why_empty([0, 4]).starts_with("0 accounts") && why_empty([2, 0]).starts_with("2 accounts"));
    }
}
