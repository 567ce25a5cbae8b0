//! Sample of a curve beside its name, so that no legend lies over the curves.

use egui::{Color32, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// Size of the sample, in points.
const SIZE: egui::Vec2 = vec2(18.0, 12.0);
/// Space between sample and name, in points.
const GAP: f32 = 4.0;

/// Draws a piece of the curve: solid for the scope, dashed for the other side.
pub fn sample(ui: &mut Ui, colour: Color32, is_dashed: bool) {
    let (rect, _) = ui.allocate_exact_size(SIZE, Sense::hover());
    paint(ui, rect, colour, is_dashed);
}

/// Draws a piece of the curve and its name, between which no line ends.
pub fn named(ui: &mut Ui, colour: Color32, is_dashed: bool, name: &str) {
    let ink = ui.visuals().weak_text_color();
    let font = TextStyle::Body.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(name.to_owned(), font, ink);
    let size = vec2(SIZE.x + GAP + galley.size().x, galley.size().y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    paint(ui, rect.with_max_x(rect.left() + SIZE.x), colour, is_dashed);
    ui.painter().galley(pos2(rect.left() + SIZE.x + GAP, rect.top()), galley, ink);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
}

fn paint(ui: &Ui, rect: Rect, colour: Color32, is_dashed: bool) {
    let ends = [pos2(rect.left(), rect.center().y), pos2(rect.right(), rect.center().y)];
    if is_dashed {
        ui.painter().extend(Shape::dashed_line(&ends, Stroke::new(1.5, colour), 4.0, 3.0));
    } else {
        ui.painter().line_segment(ends, Stroke::new(2.0, colour));
    }
}
