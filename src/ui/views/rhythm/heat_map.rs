//! Exchanges by hour of the week: scope, peers, or the difference.

use std::sync::Arc;

use egui::{Color32, Key, Rect, Role, Sense, WidgetInfo, vec2};

use crate::jobs::Slot;
use crate::model::Cancelled;
use crate::query::rhythm::{HourOfWeek, hour_of_week};
use crate::ui::pivot;
use crate::ui::view::{PivotFrom, SideNames, ViewContext};
use crate::ui::widgets::heat_map::{self, WeekGrid};
use crate::ui::widgets::{picture, ramp};
use crate::ui::{theme, words};

use super::day;

/// Cells that may exceed the top of the legend.
const EXCEEDING: usize = 3;

/// Quantity shown by colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Scope,
    Peers,
    Difference,
}

/// The heat map's own state.
#[derive(Default)]
pub struct Week {
    counts: Slot<((u64, u64), String), (HourOfWeek, SideNames)>,
    mode: Mode,
    /// True for the hours of the day, all days of the week together.
    by_day: bool,
    cursor: Option<usize>,
    /// Hour of the day at the keyboard's cursor.
    hour: i32,
}

impl Week {
    /// Draws the heat map.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, height: f32) {
        self.ask(cx);
        ui.strong(format!("% of exchanges by hour, {}", cx.zone.name()))
            .on_hover_text("Right-click, or arrows and p: pivot from the exchanges of the scope in an hour.");
        self.choices(ui, cx);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
        let Some((counts, names)) = self.counts.answer() else {
            response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Hour of week heat map"));
            picture::of_slot(ui, rect, &self.counts, cx);
            return;
        };
        if self.by_day {
            hours(ui, cx, &response, rect, (counts, *names), &mut self.hour);
            picture::focus_ring(ui, &response);
            picture::of_slot(ui, rect, &self.counts, cx);
            return;
        }
        let shares = Shares::new(counts);
        let (map, legend) = rect.split_top_bottom_at_y(rect.bottom() - 22.0);
        let grid = WeekGrid::new(map);
        let dark = ui.visuals().dark_mode;
        let range = shares.range(self.mode);
        grid.paint(ui, |cell| shares.colour(cell, self.mode, range, dark));
        paint_legend(ui, legend, self.mode, range, *names);
        if response.has_focus() {
            picture::keep_arrows(ui, &response);
            self.cursor = Some(moved(ui, self.cursor.unwrap_or(0)));
        }
        let under = response.hover_pos().and_then(|pos| grid.at(pos));
        let cell = under.or(self.cursor.filter(|_| response.has_focus()));
        let hint = cell.map(|cell| shares.tooltip(cell, cx, *names));
        if let Some(cell) = cell {
            if response.clicked() {
                response.request_focus();
                self.cursor = Some(cell);
            }
            pivot::on(&response, cx, || PivotFrom::HourOfWeek(cell as u8));
        }
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Canvas, true, "Hour of week heat map");
            info.current_text_value.clone_from(&hint);
            info
        });
        if let (Some(cell), Some(hint)) = (cell, hint) {
            let stroke = egui::Stroke::new(1.5, ui.visuals().strong_text_color());
            ui.painter().rect_stroke(grid.cell(cell), 1.0, stroke, egui::StrokeKind::Inside);
            if under.is_some() {
                response.clone().on_hover_text_at_pointer(hint);
            } else {
                response.show_tooltip_text(hint);
            }
        }
        picture::focus_ring(ui, &response);
        picture::of_slot(ui, map, &self.counts, cx);
    }

    /// Shows a mode by its name; false for a name it does not know.
    pub fn show(&mut self, name: &str) -> bool {
        (self.by_day, self.mode) = match name {
            "week" => (false, Mode::Scope),
            "difference" => (false, Mode::Difference),
            "day" => (true, self.mode),
            _ => return false,
        };
        true
    }

    /// Choices of the hours and of the quantity.
    fn choices(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let [scope, peers] = self.counts.answer().map_or_else(|| cx.sides(), |(_, names)| *names);
            ui.selectable_value(&mut self.by_day, false, "week")
                .on_hover_text("Share of exchanges by hour of the week");
            ui.selectable_value(&mut self.by_day, true, "day")
                .on_hover_text("Share of exchanges by hour of the day");
            if self.by_day {
                return;
            }
            ui.add_space(theme::GAP);
            ui.selectable_value(&mut self.mode, Mode::Scope, scope)
                .on_hover_text(format!("Share of the exchanges of {scope} in each hour"));
            ui.selectable_value(&mut self.mode, Mode::Peers, peers)
                .on_hover_text(format!("Share of the exchanges of {peers} in each hour"));
            ui.selectable_value(&mut self.mode, Mode::Difference, "difference")
                .on_hover_text(format!("Share of {scope} minus share of {peers}, in percentage points"));
        });
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair() {
            let question = (cx.pair_version(), cx.zone.name().to_owned());
            let (cache, zone) = (Arc::clone(cx.cache), cx.zone.clone());
            let names = cx.sides();
            self.counts.ask::<Cancelled>(cx.jobs, None, question, move |ticket| {
                Ok((pair.ask(|selection| hour_of_week(&cache, selection, &zone, ticket))?, names))
            });
        }
        self.counts.poll();
    }
}

/// Draws the hours of the day; `cursor` is the keyboard's hour.
fn hours(
    ui: &egui::Ui,
    cx: &ViewContext<'_>,
    response: &egui::Response,
    rect: Rect,
    counts: (&HourOfWeek, SideNames),
    cursor: &mut i32,
) {
    if response.has_focus() {
        picture::keep_arrows(ui, response);
        let pressed = |key| ui.input(|input| input.num_presses(key)) as i32;
        let by = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        *cursor = (*cursor + by).rem_euclid(24);
    }
    let focused = response.has_focus().then_some(*cursor as usize);
    let Some(hour) = day::ui(ui, cx, (response, focused), rect, counts) else { return };
    if response.clicked() {
        response.request_focus();
        *cursor = hour as i32;
    }
    pivot::on(response, cx, || PivotFrom::HourOfDay(hour as u8));
}

fn moved(ui: &egui::Ui, cell: usize) -> usize {
    let pressed = |key| ui.input(|input| input.num_presses(key)) as i32;
    let right = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
    let down = pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
    heat_map::step(cell, right, down)
}

/// Counts as shares of their sums.
struct Shares<'a> {
    counts: &'a HourOfWeek,
    scope: u64,
    peers: u64,
}

impl<'a> Shares<'a> {
    fn new(counts: &'a HourOfWeek) -> Self {
        Self { counts, scope: counts.scope.iter().sum(), peers: counts.peers.iter().sum() }
    }

    fn of_scope(&self, cell: usize) -> f32 {
        share(self.counts.scope[cell], self.scope)
    }

    fn of_peers(&self, cell: usize) -> f32 {
        share(self.counts.peers[cell], self.peers)
    }

    fn value(&self, cell: usize, mode: Mode) -> f32 {
        match mode {
            Mode::Scope => self.of_scope(cell),
            Mode::Peers => self.of_peers(cell),
            Mode::Difference => self.of_scope(cell) - self.of_peers(cell),
        }
    }

    /// Top of the legend: the value that three cells exceed, in either direction, so that no single hour sets
    /// the scale of all; the cells beyond it have its colour.
    fn range(&self, mode: Mode) -> f32 {
        let mut values: Vec<f32> = (0..168).map(|cell| self.value(cell, mode).abs()).collect();
        values.sort_by(|a, b| b.total_cmp(a));
        let top = if values[EXCEEDING] > 0.0 { values[EXCEEDING] } else { values[0] };
        top.max(1e-6)
    }

    fn colour(&self, cell: usize, mode: Mode, range: f32, dark: bool) -> Color32 {
        let value = (self.value(cell, mode) / range).clamp(-1.0, 1.0);
        if mode == Mode::Difference { ramp::diverging(value, dark) } else { ramp::sequential(value, dark) }
    }

    /// `Tue 14:00–15:00 UTC: 312 of 17,617 exchanges of scope (1.8 %), peers 0.6 %`.
    fn tooltip(&self, cell: usize, cx: &ViewContext<'_>, [scope, peers]: SideNames) -> String {
        let others = if self.peers == 0 {
            format!("{peers}: 0 exchanges")
        } else {
            format!("{peers} {:.1} %", 100.0 * self.of_peers(cell))
        };
        format!(
            "{} {}: {} of {} exchanges of {scope} ({:.1} %), {others}",
            heat_map::name(cell),
            cx.zone.name(),
            words::count(self.counts.scope[cell]),
            words::count(self.scope),
            100.0 * self.of_scope(cell),
        )
    }
}

fn share(count: u64, of: u64) -> f32 {
    if of == 0 { 0.0 } else { (count as f64 / of as f64) as f32 }
}

fn paint_legend(ui: &egui::Ui, rect: Rect, mode: Mode, range: f32, [scope, peers]: [&str; 2]) {
    let dark = ui.visuals().dark_mode;
    let bar = Rect::from_min_size(rect.min + vec2(34.0, 6.0), vec2(120.0_f32.min(rect.width() * 0.4), 10.0));
    let mut mesh = egui::Mesh::default();
    for i in 0..40 {
        let (from, to) = (i as f32 / 40.0, (i + 1) as f32 / 40.0);
        let colour = if mode == Mode::Difference {
            ramp::diverging(2.0 * from - 1.0, dark)
        } else {
            ramp::sequential(from, dark)
        };
        let x = |share: f32| bar.left() + share * bar.width();
        mesh.add_colored_rect(Rect::from_x_y_ranges(x(from)..=x(to), bar.y_range()), colour);
    }
    ui.painter().add(egui::Shape::mesh(mesh));
    let percent = 100.0 * range;
    let text = match mode {
        Mode::Scope => format!("0 to ≥ {percent:.1} % of {scope}"),
        Mode::Peers => format!("0 to ≥ {percent:.1} % of {peers}"),
        Mode::Difference => format!("≤ −{percent:.1} to ≥ +{percent:.1} % points, {scope} minus {peers}"),
    };
    let at = bar.right_center() + vec2(8.0, 0.0);
    let write = |text: String| {
        ui.painter().layout_no_wrap(text, egui::FontId::proportional(11.5), ui.visuals().text_color())
    };
    let mut galley = write(text);
    if mode == Mode::Difference && galley.size().x > rect.right() - at.x {
        // Beside other pictures; the hint over “difference” says which side is subtracted.
        galley = write(format!("≤ −{percent:.1} to ≥ +{percent:.1} points"));
    }
    let top = at - vec2(0.0, galley.size().y / 2.0);
    ui.painter().galley(top, galley, ui.visuals().text_color());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_their_own_whole() {
        let mut counts = HourOfWeek { scope: vec![0; 168], peers: vec![0; 168] };
        counts.scope[38] = 1;
        counts.scope[0] = 3;
        counts.peers[38] = 8;
        let shares = Shares::new(&counts);
        assert_eq!(shares.value(38, Mode::Scope), 0.25);
        assert_eq!(shares.value(38, Mode::Difference), -0.75);
        assert_eq!(shares.range(Mode::Difference), 0.75, "with few cells the largest sets the scale");
        let mut even = HourOfWeek { scope: vec![10; 168], peers: vec![0; 168] };
        even.scope[40] = 1_000;
        let shares = Shares::new(&even);
        assert_eq!(shares.range(Mode::Scope), share(10, 167 * 10 + 1_000), "one hour does not set the scale");
        assert_eq!(share(0, 0), 0.0);
    }
}
