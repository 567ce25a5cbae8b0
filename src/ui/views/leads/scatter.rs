//! Scatter plot of the leads by their two axes: common control and extraction-likeness.

use egui::{Align2, FontId, Pos2, Rect, Role, Sense, Stroke, WidgetInfo, pos2, vec2};

use crate::leads::{GroupLead, Leads};
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::{pivot, theme, words};

/// Room for the figures at the left and below, in points.
const LEFT: f32 = 30.0;
const FOOT: f32 = 34.0;
const HEAD: f32 = 20.0;
/// Maximum distance of a click from its dot, in points.
const REACH: f32 = 9.0;

/// Ends of both axes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ends {
    bits: f64,
    z: [f64; 2],
}

/// Draws the leads of `listed` as dots; a click selects one.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, listed: &[usize]) {
    let rect = ui.available_rect_before_wrap();
    // No Tab stop: the table beside it selects leads by key.
    let response = ui.allocate_rect(rect, Sense::CLICK);
    let plot = Rect::from_min_max(rect.min + vec2(LEFT, HEAD), rect.max - vec2(8.0, FOOT));
    let ends = ends(cx.leads);
    axes(ui, rect, plot, ends);
    let place = |group: &GroupLead| place(group.common_control_bits, group.z_score, plot, ends);
    let mut is_listed = vec![false; cx.leads.groups.len()];
    for &at in listed {
        if let Some(is) = is_listed.get_mut(at) {
            *is = true;
        }
    }
    let visuals = ui.visuals();
    for (at, group) in cx.leads.groups.iter().enumerate().rev().filter(|(at, _)| is_listed[*at]) {
        let Some(pos) = place(group) else { continue };
        let selected = *cx.selected == Selected::Lead(at);
        let (radius, colour) = match selected {
            true => (5.5, theme::event(visuals)),
            false => (3.5, theme::scope(visuals).gamma_multiply(0.7)),
        };
        ui.painter().circle(pos, radius, colour, Stroke::new(0.5, visuals.extreme_bg_color));
    }
    let near = response.hover_pos().and_then(|pointer| {
        let distance = |group: &GroupLead| place(group).map(|pos| pos.distance(pointer));
        let found = cx.leads.groups.iter().enumerate().filter(|(at, _)| is_listed[*at]);
        let found = found.filter_map(|(at, group)| Some((distance(group)?, at)));
        found.filter(|(distance, _)| *distance <= REACH).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, at)| at)
    });
    let label = near.and_then(|at| cx.leads.groups.get(at)).map(in_words);
    response.widget_info(|| {
        let mut info =
            WidgetInfo::labeled(Role::Canvas, true, "Leads by common control and extraction-likeness");
        info.current_text_value.clone_from(&label);
        info
    });
    if let Some(at) = near {
        pivot::on(&response, cx, || PivotFrom::Lead(at));
    }
    if let Some(at) = near.filter(|_| response.clicked()) {
        cx.send(Command::Select(Selected::Lead(at)));
    }
    let hint = "One dot per lead. Right: rarer values in common. Up: more like extraction than other groups.";
    response.on_hover_text_at_pointer(label.unwrap_or_else(|| hint.to_owned()));
}

fn in_words(group: &GroupLead) -> String {
    let z = group.z_score.map_or_else(|| "not tested".to_owned(), |z| format!("z-score {z:.1}"));
    format!(
        "{}: {}, common control {:.1} bits, {z}",
        group.name(),
        words::counted(group.accounts.len() as u64, "account", "accounts"),
        group.common_control_bits
    )
}

fn ends(leads: &Leads) -> Ends {
    let bits = leads.groups.iter().map(|group| group.common_control_bits).fold(1.0, f64::max);
    let z = leads.groups.iter().filter_map(|group| group.z_score);
    let z = z.fold([0.0_f64, 1.0], |[low, high], z| [low.min(z), high.max(z)]);
    Ends { bits: bits.ceil(), z: [z[0].floor(), z[1].ceil()] }
}

/// Position of a lead by its two axes. A lead that could not be tested is on the lower edge.
fn place(bits: f64, z_score: Option<f64>, plot: Rect, ends: Ends) -> Option<Pos2> {
    let x = bits / ends.bits;
    let y = z_score.map_or(0.0, |z| (z - ends.z[0]) / (ends.z[1] - ends.z[0]).max(1e-9));
    let at = pos2(
        plot.left() + x.clamp(0.0, 1.0) as f32 * plot.width(),
        plot.bottom() - y.clamp(0.0, 1.0) as f32 * plot.height(),
    );
    (plot.width() > 10.0 && plot.height() > 10.0).then_some(at)
}

fn axes(ui: &egui::Ui, rect: Rect, plot: Rect, ends: Ends) {
    let (font, ink) = (FontId::proportional(11.0), ui.visuals().text_color());
    let line = Stroke::new(1.0, ui.visuals().widgets.noninteractive.bg_stroke.color);
    ui.painter().rect_filled(rect, 2.0, ui.visuals().extreme_bg_color);
    ui.painter().hline(plot.x_range(), plot.bottom(), line);
    ui.painter().vline(plot.left(), plot.y_range(), line);
    let text = |at: Pos2, align: Align2, label: String| {
        ui.painter().text(at, align, label, font.clone(), ink);
    };
    text(rect.min + vec2(4.0, 3.0), Align2::LEFT_TOP, "extraction-likeness, z-score".to_owned());
    text(plot.left_top() - vec2(3.0, 0.0), Align2::RIGHT_TOP, words::short(ends.z[1]));
    text(plot.left_bottom() - vec2(3.0, 0.0), Align2::RIGHT_BOTTOM, words::short(ends.z[0]));
    text(plot.left_bottom() + vec2(0.0, 3.0), Align2::LEFT_TOP, "0".to_owned());
    text(plot.right_bottom() + vec2(0.0, 3.0), Align2::RIGHT_TOP, words::short(ends.bits));
    text(
        pos2(plot.center().x, rect.bottom() - 3.0),
        Align2::CENTER_BOTTOM,
        "common control, bits".to_owned(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_lies_where_its_axes_say() {
        let plot = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 50.0));
        let ends = Ends { bits: 20.0, z: [-1.0, 4.0] };
        assert_eq!(place(10.0, Some(4.0), plot, ends), Some(pos2(50.0, 0.0)));
        assert_eq!(place(40.0, Some(-1.0), plot, ends), Some(pos2(100.0, 50.0)));
        assert_eq!(place(0.0, None, plot, ends), Some(pos2(0.0, 50.0)));
    }
}
