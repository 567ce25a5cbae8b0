//! Share of exchanges by hour of the day, both sides of the comparison as bars side by side.

use egui::{Align2, FontId, Rect, Role, Stroke, WidgetInfo, pos2, vec2};

use crate::query::rhythm::HourOfWeek;
use crate::query::shifts::by_hour;
use crate::ui::view::{SideNames, ViewContext, is_compared};
use crate::ui::widgets::scale;
use crate::ui::{theme, words};

/// Room for the percentages at the left, and for hours and legend below, in points.
const LEFT: f32 = 34.0;
const FOOT: f32 = 36.0;
const HEAD: f32 = 6.0;

/// Draws the profile into a rectangle; returns the hour under the pointer, else at the cursor.
pub fn ui(
    ui: &egui::Ui,
    cx: &ViewContext<'_>,
    (response, cursor): (&egui::Response, Option<usize>),
    rect: Rect,
    (counts, names): (&HourOfWeek, SideNames),
) -> Option<usize> {
    let sides = [by_hour(&counts.scope), by_hour(&counts.peers)];
    let totals = sides.map(|side| side.iter().sum::<u64>());
    let share = |side: usize, hour: usize| {
        if totals[side] == 0 { 0.0 } else { sides[side][hour] as f32 / totals[side] as f32 }
    };
    let largest = (0..48).map(|at| share(at / 24, at % 24)).fold(0.0, f32::max);
    let top = scale::nice_top(f64::from(100.0 * largest));
    let plot = Rect::from_min_max(rect.min + vec2(LEFT, HEAD), rect.max - vec2(2.0, FOOT));
    let (font, ink) = (FontId::proportional(11.5), ui.visuals().text_color());
    scale::paint(ui, plot, top, |value| format!("{} %", words::short(value)));
    let colours = theme::sides(ui.visuals(), is_compared(names));
    let width = plot.width() / 24.0;
    let every = if plot.width() > 360.0 { 3 } else { 6 };
    for hour in 0..24 {
        for (side, colour) in colours.into_iter().enumerate() {
            let left = plot.left() + hour as f32 * width + side as f32 * width * 0.42 + width * 0.08;
            let height = (f64::from(100.0 * share(side, hour)) / top) as f32 * plot.height();
            let bar = Rect::from_min_max(
                pos2(left, plot.bottom() - height),
                pos2(left + width * 0.4, plot.bottom()),
            );
            ui.painter().rect_filled(bar, 0.0, colour);
        }
        if hour % every == 0 {
            let at = pos2(plot.left() + hour as f32 * width, plot.bottom() + 2.0);
            ui.painter().text(at, Align2::LEFT_TOP, format!("{hour:02}:00"), font.clone(), ink);
        }
    }
    legend(ui, cx, rect, plot.left(), names.into_iter().zip(colours));
    let under = response.hover_pos().filter(|pos| plot.contains(*pos));
    let hour = under.map(|pos| (((pos.x - plot.left()) / width) as usize).min(23)).or(cursor);
    if let Some(hour) = hour {
        let left = plot.left() + hour as f32 * width;
        let column = Rect::from_x_y_ranges(left..=left + width, plot.y_range());
        let stroke = Stroke::new(1.0, ui.visuals().strong_text_color());
        ui.painter().rect_stroke(column, 0.0, stroke, egui::StrokeKind::Inside);
    }
    let hint = hour.map(|hour| {
        let of = |side: usize| {
            format!(
                "{}: {} of {} exchanges ({:.1} %)",
                names[side],
                words::count(sides[side][hour]),
                words::count(totals[side]),
                100.0 * share(side, hour)
            )
        };
        format!("{hour:02}:00–{:02}:00 {}\n{}\n{}", hour + 1, cx.zone.name(), of(0), of(1))
    });
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Canvas, true, "Hour of day profile");
        info.current_text_value.clone_from(&hint);
        info
    });
    match hint {
        Some(hint) if under.is_some() => drop(response.clone().on_hover_text_at_pointer(hint)),
        Some(hint) => response.show_tooltip_text(hint),
        None => {}
    }
    hour
}

fn legend(
    ui: &egui::Ui,
    cx: &ViewContext<'_>,
    rect: Rect,
    left: f32,
    sides: impl Iterator<Item = (&'static str, egui::Color32)>,
) {
    let (font, ink) = (FontId::proportional(11.5), ui.visuals().text_color());
    let mut x = left;
    for (name, colour) in sides {
        let square = Rect::from_min_size(pos2(x, rect.bottom() - 13.0), vec2(9.0, 9.0));
        ui.painter().rect_filled(square, 1.0, colour);
        let at = pos2(x + 13.0, rect.bottom() - 9.0);
        let drawn = ui.painter().text(at, Align2::LEFT_CENTER, name, font.clone(), ink);
        x = drawn.right() + 12.0;
    }
    let label = format!("% of exchanges by hour, {}", cx.zone.name());
    ui.painter().text(pos2(x, rect.bottom() - 9.0), Align2::LEFT_CENTER, label, font, ink);
}
