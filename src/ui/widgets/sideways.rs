//! Signs at the edges of a table that scrolls sideways: more columns lie beyond them.

use egui::scroll_area::ScrollAreaOutput;
use egui::{Align2, Color32, FontId, Id, Mesh, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::ui::theme;

/// Width of a sign, in points.
const WIDTH: f32 = 16.0;
/// Width of the shade at an edge, in points.
const SHADE: f32 = 14.0;
/// Share of the visible width by which a click scrolls.
const STEP: f32 = 0.7;
/// Largest distance from an end that counts as the end, in points.
const END: f32 = 1.0;

/// Draws an area that scrolls sideways, with the signs over the header of its table. A click on a sign scrolls. `name`
/// is unique in its surroundings; `add` gets the visible part of the content.
pub fn show<R>(ui: &mut Ui, name: &str, area: ScrollArea, add: impl FnOnce(&mut Ui, Rect) -> R) -> R {
    let id = ui.scope_id().with(("sideways", name));
    let area = area.id_salt(name);
    let area = match ui.data_mut(|data| data.remove_temp::<f32>(id)) {
        Some(to) => area.horizontal_scroll_offset(to),
        None => area,
    };
    let drawn = area.show_viewport(ui, add);
    signs(ui, &drawn, id);
    drawn.inner
}

fn signs<R>(ui: &mut Ui, area: &ScrollAreaOutput<R>, id: Id) {
    let (seen, at) = (area.inner_rect, area.state.clamped_offset().x);
    let end = (area.content_size.x - seen.width()).max(0.0);
    let step = STEP * seen.width();
    let mut to = None;
    if at > END {
        let edge = seen.with_max_x(seen.left() + WIDTH);
        let is_clicked = sign(ui, id, edge, ("‹", "More columns at the left"));
        to = is_clicked.then_some((at - step).max(0.0));
    }
    if at + END < end {
        let edge = seen.with_min_x(seen.right() - WIDTH);
        let is_clicked = sign(ui, id, edge, ("›", "More columns at the right"));
        to = to.or(is_clicked.then_some((at + step).min(end)));
    }
    if let Some(to) = to {
        ui.data_mut(|data| data.insert_temp(id, to));
        ui.ctx().request_repaint();
    }
}

/// Draws a sign at one edge; true if it was clicked.
fn sign(ui: &mut Ui, id: Id, edge: Rect, (letter, label): (&str, &'static str)) -> bool {
    shade(ui, edge, letter == "›");
    let rect = Rect::from_min_size(edge.min, vec2(WIDTH, theme::HEADER));
    let response = ui.interact(rect, id.with(letter), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    let visuals = ui.style().interact(&response);
    ui.painter().rect_filled(rect, 2.0, visuals.weak_bg_fill);
    let font = FontId::proportional(15.0);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, letter, font, visuals.text_color());
    response.on_hover_text(label).clicked()
}

/// Darkens the content towards an edge.
fn shade(ui: &Ui, edge: Rect, is_right: bool) {
    let strip = match is_right {
        true => edge.with_min_x(edge.right() - SHADE),
        false => edge.with_max_x(edge.left() + SHADE),
    };
    let ground = ui.visuals().panel_fill;
    let (left, right) =
        if is_right { (Color32::TRANSPARENT, ground) } else { (ground, Color32::TRANSPARENT) };
    let mut mesh = Mesh::default();
    for (corner, colour) in [
        (strip.left_top(), left),
        (strip.right_top(), right),
        (strip.right_bottom(), right),
        (strip.left_bottom(), left),
    ] {
        mesh.colored_vertex(corner, colour);
    }
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(0, 2, 3);
    ui.painter().add(mesh);
}
