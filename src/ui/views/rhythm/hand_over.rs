//! Hand-over between accounts: exchanges by hour of the day, or over time, the accounts stacked.

use std::cell::Cell;
use std::sync::Arc;

use egui::{Align2, Button, Color32, FontId, Key, Rect, Role, Sense, Stroke, WidgetInfo, pos2, vec2};

use crate::jobs::Slot;
use crate::model::{Cancelled, Micros, Scope, TimeSpan};
use crate::query::shifts::{Layer, MEASURED, Shifts, shifts};
use crate::ui::pivot;
use crate::ui::view::{Command, PivotFrom, Selected, SideNames, ViewContext, is_compared};
use crate::ui::widgets::time_axis::TimeAxis;
use crate::ui::widgets::{crosshair, picture, scale};
use crate::ui::{theme, words};

use super::room::page;

/// Slices of the time of the scope.
const SLICES: usize = 240;
/// Room for the figures at the left, and for ticks below, in points.
const LEFT: f32 = 44.0;
const FOOT: f32 = 22.0;
const HEAD: f32 = 8.0;
/// Name for screen readers.
const NAME: &str = "Hand-over between accounts";

/// The chart's own state.
#[derive(Default)]
pub struct HandOver {
    found: Slot<((u64, u64), String), (Shifts, SideNames)>,
    /// True for the time of the scope, false for the hours of the day.
    over_time: bool,
    /// Bar at the keyboard's cursor.
    cursor: usize,
    dragging_from: Option<Micros>,
}

impl HandOver {
    /// Draws the chart.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.ask(cx);
        let Self { found, over_time, cursor, dragging_from } = self;
        let answer = found.answer();
        let shown = Cell::new(*over_time);
        let text = |ui: &mut egui::Ui| {
            ui.horizontal_wrapped(|ui| {
                let title = ui.strong("Hand-over: exchanges by account");
                title.on_hover_text(
                    "The accounts with most exchanges, the first to be seen at the bottom, then all others. Accounts \
                     that take turns fill different hours or days.",
                );
                let mut chosen = shown.get();
                ui.selectable_value(&mut chosen, false, "hours of the day");
                ui.selectable_value(&mut chosen, true, "over time");
                shown.set(chosen);
            });
            if let Some((found, _)) = answer {
                ui.add(egui::Label::new(in_words(found)).wrap());
                legend(ui, cx, found);
            }
        };
        page(ui, text, |ui, rect| {
            if let Some((found, names)) = answer.filter(|(found, _)| found.accounts > 0) {
                let plot = Rect::from_min_max(rect.min + vec2(LEFT, HEAD), rect.max - vec2(4.0, FOOT));
                let stack = Stack { found, names: *names, plot, over_time: shown.get() };
                stack.ui(ui, cx, rect, cursor, dragging_from);
            } else {
                let response = ui.allocate_rect(rect, Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, NAME));
                if answer.is_some() {
                    picture::empty(ui, rect, picture::NO_EXCHANGES);
                }
            }
            picture::of_slot(ui, rect, found, cx);
        });
        *over_time = shown.get();
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(pair) = cx.pair() {
            let question = (cx.pair_version(), cx.zone.name().to_owned());
            let (cache, zone) = (Arc::clone(cx.cache), cx.zone.clone());
            let names = cx.sides();
            self.found.ask::<Cancelled>(cx.jobs, None, question, move |ticket| {
                Ok((pair.ask(|selection| shifts(&cache, selection, &zone, SLICES, ticket))?, names))
            });
        }
        self.found.poll();
    }
}

/// Number of accounts, and whether they take turns.
fn in_words(found: &Shifts) -> String {
    let accounts = words::counted(found.accounts, "account", "accounts");
    let Some(ratio) = found.ratio else { return format!("{accounts} in the scope.") };
    let of = match found.accounts > MEASURED as u64 {
        true => format!(" of the {MEASURED} with most exchanges"),
        false => String::new(),
    };
    format!(
        "{accounts} in the scope. Variance ratio of active hours{of} {ratio:.2}: below 1 they take turns."
    )
}

/// Colours with their accounts; a click selects one.
fn legend(ui: &mut egui::Ui, cx: &ViewContext<'_>, found: &Shifts) {
    ui.horizontal_wrapped(|ui| {
        for (at, layer) in found.layers.iter().enumerate() {
            // One text, so that a line does not break between the square and its name.
            let name =
                layer.account.map_or_else(|| others(found), |account| words::account(cx.cache, account));
            let format = |colour| egui::TextFormat::simple(FontId::proportional(12.5), colour);
            let mut job = egui::text::LayoutJob::default();
            job.append("■\u{a0}", 0.0, format(colour(at, layer)));
            job.append(&name.replace(' ', "\u{a0}"), 0.0, format(ui.visuals().text_color()));
            match layer.account {
                Some(account) => {
                    let button = ui.add(Button::new(job).frame(false).small());
                    pivot::on(&button, cx, || PivotFrom::Account(account));
                    if button.on_hover_text("Selects the account").clicked() {
                        cx.send(Command::Select(Selected::Account(account)));
                    }
                }
                None => drop(ui.label(job)),
            }
        }
    });
}

fn others(found: &Shifts) -> String {
    let named = found.layers.iter().filter(|layer| layer.account.is_some()).count() as u64;
    words::counted(found.accounts.saturating_sub(named), "other account", "other accounts")
}

/// The last colour of a series is grey, for all other accounts.
fn colour(at: usize, layer: &Layer) -> Color32 {
    theme::series(if layer.account.is_some() { at } else { 7 })
}

/// The bars on the screen.
struct Stack<'a> {
    found: &'a Shifts,
    names: SideNames,
    plot: Rect,
    over_time: bool,
}

impl Stack<'_> {
    /// Draws the bars; pointer, arrow keys and dragging over time.
    fn ui(
        &self,
        ui: &mut egui::Ui,
        cx: &ViewContext<'_>,
        rect: Rect,
        cursor: &mut usize,
        dragging_from: &mut Option<Micros>,
    ) {
        let response = ui.allocate_rect(rect, Sense::click_and_drag());
        self.paint(ui, cx);
        if self.over_time {
            let axis = self.axis();
            if let Some(pos) = response.hover_pos().filter(|pos| self.plot.contains(*pos)) {
                crosshair::set(ui.ctx(), axis.time(pos.x));
            }
            crosshair::paint(ui, &axis);
            if let Some(span) = axis.dragged(ui, &response, dragging_from) {
                cx.send(Command::SetScope(Scope::clone(cx.scope).with_span(span)));
            }
        }
        if response.clicked() {
            response.request_focus();
        }
        if response.has_focus() {
            picture::keep_arrows(ui, &response);
            let pressed = |key| ui.input(|input| input.num_presses(key)) as i64;
            let by = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
            *cursor = (*cursor as i64 + by).clamp(0, self.bars() as i64 - 1) as usize;
        }
        let under = response.hover_pos().and_then(|pos| self.bar_at(pos));
        let bar = under.or_else(|| response.has_focus().then_some(*cursor));
        let hint = bar.map(|bar| self.hint(cx, bar));
        if let Some(bar) = bar {
            self.pivot(cx, &response, bar);
        }
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Canvas, true, NAME);
            info.current_text_value.clone_from(&hint);
            info
        });
        if let (Some(bar), Some(hint)) = (bar, hint) {
            let stroke = Stroke::new(1.0, ui.visuals().strong_text_color());
            ui.painter().rect_stroke(self.column(bar), 0.0, stroke, egui::StrokeKind::Inside);
            if under.is_none() {
                response.show_tooltip_text(hint);
            } else if !response.dragged() {
                response.clone().on_hover_text_at_pointer(hint);
            }
        }
        picture::focus_ring(ui, &response);
    }

    /// Opens the pivot menu of a bar where it is asked for.
    fn pivot(&self, cx: &ViewContext<'_>, response: &egui::Response, bar: usize) {
        if !pivot::is_asked(response) {
            return;
        }
        if self.over_time {
            let (axis, column) = (self.axis(), self.column(bar));
            let span = TimeSpan::between(axis.time(column.left()), axis.time(column.right()));
            cx.send(Command::PivotAt(PivotFrom::Span(span), span.start));
        } else {
            cx.send(Command::Pivot(PivotFrom::HourOfDay(bar as u8)));
        }
    }

    fn bars(&self) -> usize {
        if self.over_time { SLICES } else { 24 }
    }

    fn axis(&self) -> TimeAxis {
        TimeAxis { rect: self.plot, span: self.found.span }
    }

    fn count(&self, layer: &Layer, bar: usize) -> u64 {
        if self.over_time { layer.time[bar] } else { layer.day[bar] }
    }

    fn sum(&self, bar: usize) -> u64 {
        self.found.layers.iter().map(|layer| self.count(layer, bar)).sum()
    }

    /// Value of a count on the axis: the count itself over time, the percentage of the side's exchanges by hour.
    fn value(&self, count: u64, of: u64) -> f64 {
        if self.over_time { count as f64 } else { 100.0 * count as f64 / of.max(1) as f64 }
    }

    fn column(&self, bar: usize) -> Rect {
        let width = self.plot.width() / self.bars() as f32;
        let left = self.plot.left() + bar as f32 * width;
        Rect::from_x_y_ranges(left..=left + width, self.plot.y_range())
    }

    fn bar_at(&self, pos: egui::Pos2) -> Option<usize> {
        let share = (pos.x - self.plot.left()) / self.plot.width();
        self.plot.contains(pos).then(|| ((share * self.bars() as f32) as usize).min(self.bars() - 1))
    }

    fn paint(&self, ui: &egui::Ui, cx: &ViewContext<'_>) {
        let (all, peers) = (self.found.exchanges(), self.found.peers.iter().sum::<u64>());
        let highest = (0..self.bars()).map(|bar| self.value(self.sum(bar), all)).fold(0.0, f64::max);
        let of_peers = |hour: usize| self.value(self.found.peers[hour], peers);
        let highest = match self.over_time {
            true => highest,
            false => (0..24).map(of_peers).fold(highest, f64::max),
        };
        let top = scale::nice_top(highest);
        let unit = if self.over_time { "" } else { " %" };
        scale::paint(ui, self.plot, top, |value| format!("{}{unit}", figure(value)));
        let height = |value: f64| (value / top) as f32 * self.plot.height();
        for bar in 0..self.bars() {
            let column = self.column(bar);
            let inside =
                if self.over_time { column } else { column.shrink2(vec2(column.width() * 0.08, 0.0)) };
            let mut bottom = self.plot.bottom();
            for (at, layer) in self.found.layers.iter().enumerate() {
                let part = height(self.value(self.count(layer, bar), all));
                let piece = Rect::from_x_y_ranges(inside.x_range(), bottom - part..=bottom);
                ui.painter().rect_filled(piece, 0.0, colour(at, layer));
                bottom -= part;
            }
        }
        if self.over_time {
            self.axis().paint_ticks(ui, cx.zone);
            self.axis().paint_events(ui, &cx.state.events);
        } else {
            self.hours(ui);
            if peers > 0 {
                self.outline(ui, |hour| height(of_peers(hour)));
            }
        }
    }

    fn hours(&self, ui: &egui::Ui) {
        let every = if self.plot.width() > 360.0 { 3 } else { 6 };
        let (font, ink) = (FontId::proportional(11.5), ui.visuals().text_color());
        for hour in (0..24).step_by(every) {
            let at = pos2(self.column(hour).left(), self.plot.bottom() + 3.0);
            ui.painter().text(at, Align2::LEFT_TOP, format!("{hour:02}:00"), font.clone(), ink);
        }
    }

    /// The other side as a dashed outline, and its name.
    fn outline(&self, ui: &egui::Ui, height: impl Fn(usize) -> f32) {
        let ink = match is_compared(self.names) {
            true => theme::against(ui.visuals()),
            false => ui.visuals().strong_text_color(),
        };
        let mut points = Vec::with_capacity(48);
        for hour in 0..24 {
            let (column, y) = (self.column(hour), self.plot.bottom() - height(hour));
            points.extend([pos2(column.left(), y), pos2(column.right(), y)]);
        }
        let shapes = egui::Shape::dashed_line(&points, Stroke::new(1.5, ink), 5.0, 3.0);
        ui.painter().extend(shapes);
        let text = format!("dashed: {}", self.names[1]);
        let galley = ui.painter().layout_no_wrap(text, FontId::proportional(11.5), ink);
        let at = self.plot.right_top() + vec2(-galley.size().x - 4.0, 2.0);
        let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 1.0));
        ui.painter().rect_filled(ground, 2.0, ui.visuals().panel_fill);
        ui.painter().galley(at, galley, ink);
    }

    /// Counts of a bar, account by account, most first.
    fn hint(&self, cx: &ViewContext<'_>, bar: usize) -> String {
        let (zone, sum) = (cx.zone, self.sum(bar));
        let mut text = if self.over_time {
            let axis = self.axis();
            let column = self.column(bar);
            format!(
                "{} – {} {}",
                zone.format(axis.time(column.left())),
                zone.format(axis.time(column.right())),
                zone.name()
            )
        } else {
            format!("{bar:02}:00–{:02}:00 {}", bar + 1, zone.name())
        };
        text.push_str(&format!("\n{}", words::counted(sum, "exchange", "exchanges")));
        let mut layers: Vec<&Layer> = self.found.layers.iter().collect();
        layers.sort_by_key(|layer| std::cmp::Reverse(self.count(layer, bar)));
        for layer in layers.into_iter().filter(|layer| self.count(layer, bar) > 0) {
            let count = self.count(layer, bar);
            let who =
                layer.account.map_or_else(|| others(self.found), |account| words::account(cx.cache, account));
            let percent = 100.0 * count as f64 / sum.max(1) as f64;
            text.push_str(&format!("\n{who}: {} ({percent:.0} %)", words::count(count)));
        }
        text
    }
}

/// A count with separators, or a figure below ten as it is.
fn figure(value: f64) -> String {
    if value < 10.0 { words::short(value) } else { words::count(value.round() as u64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TimeSpan;

    #[test]
    fn bars_are_found_under_the_pointer_and_turns_are_said() {
        let layer = Layer { account: Some(0), day: [1; 24], time: vec![1; SLICES] };
        let found = Shifts {
            layers: vec![layer],
            accounts: 1,
            span: TimeSpan { start: 0, end: 100 },
            ratio: None,
            peers: [0; 24],
        };
        let plot = Rect::from_min_size(pos2(0.0, 0.0), vec2(240.0, 100.0));
        let day = Stack { found: &found, names: ["scope", "peers"], plot, over_time: false };
        assert_eq!(
            [0.0, 9.9, 10.1, 239.9].map(|x| day.bar_at(pos2(x, 50.0))),
            [Some(0), Some(0), Some(1), Some(23)]
        );
        assert_eq!((day.bar_at(pos2(250.0, 50.0)), day.value(6, 24)), (None, 25.0));
        let time = Stack { over_time: true, ..day };
        assert_eq!((time.bar_at(pos2(239.9, 1.0)), time.value(6, 24)), (Some(SLICES - 1), 6.0));
        assert_eq!(in_words(&found), "1 account in the scope.");
        let many = Shifts { accounts: 4_000, ratio: Some(0.5), ..found };
        assert!(in_words(&many).contains("of the 200 with most exchanges 0.50"));
    }
}
