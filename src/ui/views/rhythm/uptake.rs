//! Cumulative use of an account since its sign-up, both sides, with the changes of level of the scope.

use std::sync::Arc;

use egui::{Role, WidgetInfo};
use egui_plot::{
    AxisHints, Corner, HoverPosition, Legend, Line, LineStyle, Plot, PlotPoint, PlotPoints, VLine,
};

use crate::jobs::Slot;
use crate::model::Cancelled;
use crate::query::uptake::{self, UseByAge, uptake, use_by_age};
use crate::ui::view::{SideNames, ViewContext, is_compared};
use crate::ui::widgets::picture;
use crate::ui::{theme, words};

use super::room::below;

/// Levels of a side that are said in words.
const LEVELS: usize = 4;

/// The curves; computed once per scope.
#[derive(Default)]
pub struct Uptake {
    curves: Slot<(u64, u64), Curves>,
}

/// Curves of days since sign-up against exchanges, and what they say.
struct Curves {
    sides: [Vec<PlotPoint>; 2],
    /// Ages at which the level of the scope changes.
    changes: Vec<f64>,
    names: SideNames,
    summary: [String; 2],
    /// Accounts of the scope with a time of creation, and without.
    accounts: [u64; 2],
}

impl Uptake {
    /// Draws the curves.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, room: f32) {
        self.ask(cx);
        let title = ui.strong("Use since sign-up: exchanges per account, summed from the left");
        title.on_hover_text(
            "Mean cumulative function (Nelson 1988): for each day of age the mean over the accounts that the log \
             covers on that whole day. Vertical lines: the level of the scope changes (PELT: Killick, Fearnhead \
             and Eckley 2012). Accounts without a time of creation are left out.",
        );
        let Some(curves) = self.curves.answer() else {
            let rect = below(ui, room);
            let response = ui.allocate_rect(rect, egui::Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Use since sign-up"));
            picture::of_slot(ui, rect, &self.curves, cx);
            return;
        };
        ui.horizontal_wrapped(|ui| curves.summary.iter().for_each(|line| drop(ui.label(line))));
        let rect = below(ui, room);
        let visuals = ui.visuals();
        let (colours, ink) = (theme::sides(visuals, is_compared(curves.names)), visuals.weak_text_color());
        let drawn = plot(rect.height()).show(ui, |plot| {
            for change in &curves.changes {
                plot.vline(VLine::new("change of level", *change).color(ink).width(1.0));
            }
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
            let mut info = WidgetInfo::labeled(Role::Canvas, true, "Use since sign-up");
            info.current_text_value = Some(curves.summary.join(" "));
            info
        });
        if curves.sides[0].is_empty() {
            picture::empty(ui, rect, &why_empty(curves.accounts));
        }
        picture::of_slot(ui, rect, &self.curves, cx);
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
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
                Ok(Curves::of(&found, names))
            });
        }
        self.curves.poll();
    }
}

impl Curves {
    fn of(found: &uptake::Uptake, names: SideNames) -> Self {
        let [scope, peers] = [&found.scope, &found.peers];
        let shown = if scope.observed.is_empty() { peers } else { scope };
        let ages = shown.first..=shown.end();
        let curve = |side: &UseByAge| {
            let points = side.cumulative(shown.first).into_iter().filter(|(age, _)| ages.contains(age));
            let points: Vec<_> = points.map(|(age, sum)| PlotPoint::new(age as f64, sum)).collect();
            if points.len() < 2 { Vec::new() } else { points }
        };
        Self {
            sides: [curve(scope), curve(peers)],
            changes: scope.levels.iter().skip(1).map(|(age, _)| *age as f64).collect(),
            names,
            summary: [in_words(names[0], scope), in_words(names[1], peers)],
            accounts: [scope.accounts, scope.without],
        }
    }
}

fn why_empty([with, without]: [u64; 2]) -> String {
    let accounts = |count| words::counted(count, "account", "accounts");
    match with {
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

fn plot<'a>(height: f32) -> Plot<'a> {
    Plot::new("since sign-up")
        .height(height)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .include_y(0.0)
        .legend(Legend::default().position(Corner::LeftTop))
        .custom_x_axes(vec![AxisHints::new_x().label("days since sign-up").formatter(|mark, _| {
            if mark.value.fract() == 0.0 { words::short(mark.value) } else { String::new() }
        })])
        .custom_y_axes(vec![
            AxisHints::new_y()
                .label("exchanges")
                .formatter(|mark, _| words::count(mark.value.max(0.0) as u64)),
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
