//! A chart of two curves, one a side, for the pages of periods and of use since sign-up.

use egui::{Rect, Role, Ui, WidgetInfo};
use egui_plot::{Line, LineStyle, Plot, PlotPoint, PlotPoints, VLine};

use super::room::page;
use crate::jobs::Slot;
use crate::ui::view::{PivotFrom, SideNames, ViewContext, is_compared};
use crate::ui::widgets::{line_key, picture};
use crate::ui::{pivot, theme};

/// Fixed parts of a chart.
pub struct Chart {
    /// Name for screen readers.
    pub name: &'static str,
    /// Title: what is counted.
    pub title: &'static str,
    /// Method and source, over the title.
    pub method: &'static str,
    /// Name of the vertical lines.
    pub mark: &'static str,
    /// Origin of a pivot at a horizontal position.
    pub pivot: fn(f64) -> PivotFrom,
    /// Axes and hints.
    pub axes: fn(Plot<'static>) -> Plot<'static>,
}

/// Curves of both sides, and what they say.
pub struct Curves {
    /// Points of each side; empty where it has too few exchanges.
    pub sides: [Vec<PlotPoint>; 2],
    /// Positions of vertical lines.
    pub marks: Vec<f64>,
    /// Names of the sides.
    pub names: SideNames,
    /// Sentence on each side.
    pub summary: [String; 2],
    /// Remark on the count; may be empty.
    pub remark: String,
    /// Reason for an empty curve of the scope, and the next step.
    pub why_empty: String,
}

impl Chart {
    /// Draws the text and the curves, or what is there of them.
    pub fn ui<K: PartialEq>(&self, ui: &mut Ui, cx: &ViewContext<'_>, curves: &Slot<K, Curves>) {
        let answer = curves.answer();
        let text = |ui: &mut Ui| {
            ui.add(egui::Label::new(egui::RichText::new(self.title).strong()).wrap())
                .on_hover_text(self.method);
            let Some(answer) = answer else { return };
            ui.horizontal_wrapped(|ui| {
                let colours = theme::sides(ui.visuals(), is_compared(answer.names));
                for (at, (line, colour)) in answer.summary.iter().zip(colours).enumerate() {
                    if !answer.sides[at].is_empty() {
                        line_key::sample(ui, colour, at > 0);
                    }
                    ui.label(line);
                }
                ui.weak(&answer.remark);
            });
        };
        page(ui, text, |ui, rect| {
            match answer {
                Some(answer) => self.draw(ui, cx, rect, answer),
                None => {
                    let response = ui.allocate_rect(rect, egui::Sense::hover());
                    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, self.name));
                }
            }
            picture::of_slot(ui, rect, curves, cx);
        });
    }

    fn draw(&self, ui: &mut Ui, cx: &ViewContext<'_>, rect: Rect, curves: &Curves) {
        let visuals = ui.visuals();
        let (colours, ink) = (theme::sides(visuals, is_compared(curves.names)), visuals.weak_text_color());
        let plot = Plot::new(self.name)
            .height(rect.height())
            .allow_zoom(false)
            .allow_drag(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_double_click_reset(false)
            .include_y(0.0);
        let drawn = (self.axes)(plot).show(ui, |plot| {
            for mark in &curves.marks {
                plot.vline(VLine::new(self.mark, *mark).color(ink).width(1.0));
            }
            let lines = curves.sides.iter().zip(curves.names).zip(colours).enumerate();
            // The scope lies over its peers.
            for (at, ((points, name), colour)) in
                lines.rev().filter(|(_, ((points, _), _))| !points.is_empty())
            {
                let line = Line::new(name, PlotPoints::Borrowed(points)).color(colour);
                let style = if at == 0 { LineStyle::Solid } else { LineStyle::dashed_dense() };
                plot.line(line.width(if at == 0 { 2.0 } else { 1.5 }).style(style));
            }
        });
        let under = drawn.response.hover_pos().map(|pos| drawn.transform.value_from_position(pos).x);
        pivot::on(&drawn.response, cx, || under.map_or(PivotFrom::Scope, self.pivot));
        drawn.response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Canvas, true, self.name);
            info.current_text_value = Some(curves.summary.join(" "));
            info
        });
        if curves.sides[0].is_empty() {
            picture::empty(ui, rect, &curves.why_empty);
        }
    }
}
