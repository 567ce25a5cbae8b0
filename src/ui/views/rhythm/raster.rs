//! Raster of accounts × time as one texture. A click selects an account, a drag a span of time.

use std::sync::Arc;

use egui::{
    ColorImage, CursorIcon, Key, Rect, Role, Sense, TextureHandle, TextureOptions, WidgetInfo, pos2, vec2,
};

use crate::jobs::{Slot, Ticket};
use crate::model::{Cancelled, Micros, Scope, TimeSpan};
use crate::query::rhythm::{Raster, raster};
use crate::query::{Grain, RasterOrder, SMALL};
use crate::ui::pivot;
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::widgets::time_axis::TimeAxis;
use crate::ui::widgets::{crosshair, density, picture, ramp};
use crate::ui::words;

/// Height of the ticks under the raster, in points.
const FOOT: f32 = 22.0;
/// Maximum height of an account's band, in points.
const ROW_HEIGHT: f32 = 14.0;
/// Step in pixels by which the requested size grows, so that resizing rarely requests a new raster.
const SIZE_STEP: usize = 64;

/// Inputs of a raster: scope, columns, rows, dark, zone of the order by hours.
type Question = (u64, usize, usize, bool, Option<String>);

/// The raster's own state.
#[derive(Default)]
pub struct RasterPicture {
    drawn: Slot<Question, Drawn>,
    texture: Option<TextureHandle>,
    dragging_from: Option<Micros>,
    cursor: Option<(usize, Micros)>,
    /// True for accounts ordered by their hours of the day.
    by_hour: bool,
}

struct Drawn {
    raster: Raster,
    image: Arc<ColorImage>,
}

impl RasterPicture {
    /// Draws the raster into at most `height` points.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, height: f32) {
        ui.horizontal_wrapped(|ui| {
            ui.strong(format!("Accounts over time, {}", cx.zone.name())).on_hover_text(
                "One row per account. Click selects an account, a drag sets a time span. Right-click or p: pivot from the account, or add an event.",
            );
            ui.selectable_value(&mut self.by_hour, false, "by first use").on_hover_text("First seen on top");
            ui.selectable_value(&mut self.by_hour, true, "by hours").on_hover_text(
                "By mean hour of the day, midnight on top: accounts that hand over to one another form steps",
            );
        });
        self.ask(ui, cx, height);
        let size = vec2(ui.available_width(), height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let Some(drawn) = self.drawn.answer() else {
            response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Raster of accounts over time"));
            picture::over(ui, rect, picture::is_pending(&self.drawn, cx), self.drawn.failure());
            return;
        };
        let area = picture_area(rect, drawn.raster.height);
        let axis = TimeAxis { rect: area, span: drawn.raster.span };
        if drawn.raster.height == 0 {
            picture::empty(ui, rect, picture::NO_EXCHANGES);
        } else {
            paint(ui, cx, self.texture.as_ref(), &axis);
            if let Some(pos) = response.hover_pos().filter(|pos| area.contains(*pos)) {
                crosshair::set(ui.ctx(), axis.time(pos.x));
            }
            crosshair::paint(ui, &axis);
        }
        let mut hand = RasterInput {
            raster: &drawn.raster,
            axis,
            cursor: &mut self.cursor,
            from: &mut self.dragging_from,
        };
        hand.act(ui, cx, &response);
        let under = hand.under(&response);
        let hint = under.map(|(row, t)| tooltip(cx, &drawn.raster, &axis, row, t));
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Canvas, true, "Raster of accounts over time");
            info.current_text_value.clone_from(&hint);
            info
        });
        pivot_of(cx, &response, &drawn.raster, under);
        picture::focus_ring(ui, &response);
        picture::over(ui, rect, picture::is_pending(&self.drawn, cx), self.drawn.failure());
        picture::coarse(ui, rect, &self.drawn);
        let hovered = response.hover_pos().is_some();
        if let Some(hint) = hint {
            if hovered && !response.dragged() {
                response.on_hover_cursor(CursorIcon::Crosshair).on_hover_text_at_pointer(hint);
            } else if !hovered {
                response.show_tooltip_text(hint);
            }
        }
    }

    fn ask(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>, height: f32) {
        if let Some(selection) = cx.selection {
            let pixels = ui.pixels_per_point();
            let width = whole_steps(ui.available_width() * pixels);
            let rows = whole_steps((height - FOOT) * pixels);
            let dark = ui.visuals().dark_mode;
            let (cache, selection) = (Arc::clone(cx.cache), Arc::clone(selection));
            let zone = self.by_hour.then(|| cx.zone.clone());
            let of_order = zone.as_ref().map(|zone| zone.name().to_owned());
            let question = (cx.scope_version, width, rows, dark, of_order);
            let large = selection.exchanges >= SMALL;
            let work = move |ticket: &Ticket, grain| {
                let order = zone.as_ref().map_or(RasterOrder::FirstUse, RasterOrder::HourOfDay);
                let raster = raster(&cache, &selection, [width, rows], order, grain, ticket)?;
                let image = Arc::new(image(&raster, dark));
                Ok::<_, Cancelled>(Drawn { raster, image })
            };
            if large {
                self.drawn.ask_coarse_first(cx.jobs, question, work);
            } else {
                self.drawn.ask(cx.jobs, None, question, move |ticket| work(ticket, Grain::Exact));
            }
        }
        if self.drawn.poll()
            && let Some(drawn) = self.drawn.answer()
        {
            // Nearest, so that an account's line stays a line.
            let image = Arc::clone(&drawn.image);
            self.texture = Some(ui.ctx().load_texture("raster", image, TextureOptions::NEAREST));
        }
    }
}

/// Mouse and keyboard input on a raster.
struct RasterInput<'a> {
    raster: &'a Raster,
    axis: TimeAxis,
    cursor: &'a mut Option<(usize, Micros)>,
    from: &'a mut Option<Micros>,
}

impl RasterInput<'_> {
    fn act(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>, response: &egui::Response) {
        if self.raster.height == 0 {
            return;
        }
        if response.clicked()
            && let Some((row, _)) = response.interact_pointer_pos().and_then(|pos| self.at(pos))
        {
            *self.cursor = None;
            response.request_focus();
            self.select(cx, row);
        }
        if let Some(span) = self.axis.dragged(ui, response, self.from) {
            look_at(cx, span);
        }
        if response.has_focus() {
            picture::keep_arrows(ui, response);
            self.keys(ui, cx);
        }
    }

    fn at(&self, pos: egui::Pos2) -> Option<(usize, Micros)> {
        let rect = self.axis.rect;
        let inside = pos.y >= rect.top() && pos.y < rect.bottom() && self.raster.height > 0;
        inside.then(|| {
            let row = ((pos.y - rect.top()) / rect.height() * self.raster.height as f32) as usize;
            (row.min(self.raster.height - 1), self.axis.time(pos.x))
        })
    }

    /// Row and time under the pointer, else under the keyboard's cursor.
    fn under(&self, response: &egui::Response) -> Option<(usize, Micros)> {
        match response.hover_pos() {
            Some(pos) => self.at(pos),
            None => self.cursor.filter(|(row, _)| response.has_focus() && *row < self.raster.height),
        }
    }

    fn select(&self, cx: &ViewContext<'_>, row: usize) {
        if let Some(account) = self.raster.rows.get(row).and_then(|accounts| accounts.first()) {
            cx.send(Command::Select(Selected::Account(*account)));
        }
    }

    /// Arrows move a cursor; with Shift they extend a span; Enter sets the scope to the span, or
    /// selects the account if there is no span.
    fn keys(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>) {
        let pressed = |key| ui.input(|input| input.num_presses(key)) as i64;
        let right = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        let down = pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
        let span = self.axis.span;
        let (row, t) = self.cursor.unwrap_or((0, span.start + span.length() / 2));
        if right != 0 || down != 0 {
            let shift = ui.input(|input| input.modifiers.shift);
            *self.from = if shift { self.from.or(Some(t)) } else { None };
            let last = self.raster.height as i64 - 1;
            let row = (row as i64 + down).clamp(0, last) as usize;
            let t = (t + right * (span.length() / 100)).clamp(span.start, span.end);
            *self.cursor = Some((row, t));
        }
        let Some((row, t)) = *self.cursor else { return };
        ui.painter().vline(self.axis.x(t), self.axis.rect.y_range(), ui.visuals().widgets.active.fg_stroke);
        if let Some(from) = *self.from {
            self.axis.paint_span(ui, TimeSpan::between(from, t));
        }
        if ui.input(|input| input.key_pressed(Key::Enter)) {
            match self.from.take() {
                Some(from) => look_at(cx, TimeSpan::between(from, t)),
                None => self.select(cx, row),
            }
        }
    }
}

/// Draws the texture with ticks and events.
fn paint(ui: &egui::Ui, cx: &ViewContext<'_>, texture: Option<&TextureHandle>, axis: &TimeAxis) {
    ui.painter().rect_filled(axis.rect, 0.0, ramp::sequential(0.0, ui.visuals().dark_mode));
    if let Some(texture) = texture {
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(texture.id(), axis.rect, uv, egui::Color32::WHITE);
    }
    axis.paint_ticks(ui, cx.zone);
    axis.paint_events(ui, &cx.state.events);
}

/// Opens the pivot menu of the accounts of a row, where it is asked for.
fn pivot_of(
    cx: &ViewContext<'_>,
    response: &egui::Response,
    raster: &Raster,
    under: Option<(usize, Micros)>,
) {
    let Some((row, t)) = under else { return };
    let Some(accounts) = raster.rows.get(row).filter(|_| pivot::is_asked(response)) else { return };
    let from = match accounts[..] {
        [account] => PivotFrom::Account(account),
        _ => PivotFrom::Accounts(Arc::new(accounts.clone())),
    };
    cx.send(Command::PivotAt(from, t));
}

fn look_at(cx: &ViewContext<'_>, span: TimeSpan) {
    if span.length() > 0 {
        cx.send(Command::SetScope(Scope::clone(cx.scope).with_span(span)));
    }
}

/// The accounts of a row, and the time, as text.
fn tooltip(cx: &ViewContext<'_>, raster: &Raster, axis: &TimeAxis, row: usize, t: Micros) -> String {
    let accounts = raster.rows.get(row).map_or(&[][..], Vec::as_slice);
    let names: Vec<_> = accounts.iter().take(3).map(|account| words::account(cx.cache, *account)).collect();
    let more = accounts.len().saturating_sub(names.len());
    let mut text = names.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {} more", words::count(more as u64)));
    }
    let column = column_at(raster, t);
    let count = raster.counts.get(row * raster.width + column).copied().unwrap_or(0);
    let slice = crate::model::format_duration(raster.span.length() / raster.width.max(1) as i64);
    text.push_str(&format!("\n{} {}", cx.zone.format(t), cx.zone.name()));
    text.push_str(&format!(
        "\n{} in this {slice}",
        words::counted(u64::from(count), "exchange", "exchanges")
    ));
    if let Some(event) = axis.event_near(axis.x(t), &cx.state.events) {
        text.push_str(&format!("\nevent: {}", words::line(&event.label, 80)));
    }
    text
}

fn column_at(raster: &Raster, t: Micros) -> usize {
    let share = t.saturating_sub(raster.span.start) as f64 / raster.span.length().max(1) as f64;
    ((share * raster.width as f64) as usize).min(raster.width.saturating_sub(1))
}

/// Area of the texture: the whole width, no higher than its rows need.
fn picture_area(rect: Rect, rows: usize) -> Rect {
    let height = (rect.height() - FOOT).min(rows as f32 * ROW_HEIGHT).max(1.0);
    Rect::from_min_size(rect.min, vec2(rect.width(), height))
}

fn whole_steps(pixels: f32) -> usize {
    ((pixels.max(0.0) as usize) / SIZE_STEP).max(1) * SIZE_STEP
}

fn image(raster: &Raster, dark: bool) -> ColorImage {
    let largest = raster.counts.iter().copied().max().unwrap_or(0);
    density::image(raster.width, raster.height, |cell| {
        ramp::sequential(density::strength(raster.counts[cell], largest), dark)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Raster {
        let span = TimeSpan { start: 0, end: 40 };
        Raster {
            width: 4,
            height: 2,
            counts: vec![0, 1, 0, 0, 0, 0, 0, 9],
            rows: vec![vec![3], vec![1, 2]],
            span,
        }
    }

    #[test]
    fn every_time_has_a_column() {
        let raster = small();
        assert_eq!([0, 9, 10, 39, 40, -5].map(|t| column_at(&raster, t)), [0, 0, 1, 3, 3, 0]);
    }

    #[test]
    fn few_accounts_stay_thin_and_sizes_come_in_steps() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(300.0, 200.0));
        assert_eq!(picture_area(rect, 2).height(), 2.0 * ROW_HEIGHT);
        assert_eq!(picture_area(rect, 900).height(), 200.0 - FOOT);
        assert_eq!((whole_steps(10.0), whole_steps(130.0)), (64, 128));
    }

    #[test]
    fn the_image_is_darkest_where_most_happened() {
        let image = image(&small(), false);
        assert_eq!(image.pixels[0], ramp::sequential(0.0, false));
        assert_eq!(image.pixels[7], ramp::sequential(1.0, false));
    }
}
