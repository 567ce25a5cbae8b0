//! Sample of a curve beside its name, so that no legend lies over the curves.

use egui::{Color32, Sense, Shape, Stroke, Ui, pos2, vec2};

/// Size of the sample, in points.
const SIZE: egui::Vec2 = vec2(18.0, 12.0);

/// Draws a piece of the curve: solid for the scope, dashed for the other side.
pub fn ui(ui: &mut Ui, colour: Color32, is_dashed: bool) {
    let (rect, _) = ui.allocate_exact_size(SIZE, Sense::hover());
    let ends = [pos2(rect.left(), rect.center().y), pos2(rect.right(), rect.center().y)];
    if is_dashed {
        ui.painter().extend(Shape::dashed_line(&ends, Stroke::new(1.5, colour), 4.0, 3.0));
    } else {
        ui.painter().line_segment(ends, Stroke::new(2.0, colour));
    }
}
