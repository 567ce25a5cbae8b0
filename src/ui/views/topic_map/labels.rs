//! Names of the topics on the map: largest topics first, more at higher zoom, none over another.

use egui::{Color32, FontId, Painter, Rect, pos2, vec2};

use crate::ui::view::ViewContext;
use crate::ui::widgets::pan_zoom::Camera;
use crate::ui::words;

/// Labels at zoom 1.
const FIRST: f32 = 14.0;
/// Labels at the most.
const MOST: f32 = 120.0;

/// Draws the labels.
pub fn paint(ui: &egui::Ui, painter: &Painter, cx: &ViewContext<'_>, camera: &Camera, rect: Rect) {
    let (font, ink) = (FontId::proportional(12.0), ui.visuals().strong_text_color());
    let mut galleys = Vec::new();
    let mut boxes = Vec::new();
    for topic in cx.cache.topics() {
        if galleys.len() >= label_count(camera.zoom()) {
            break;
        }
        if !topic.centre[0].is_finite() {
            continue;
        }
        let at = camera.to_screen(rect, topic.centre);
        if !rect.contains(at) {
            continue;
        }
        let galley = painter.layout_no_wrap(words::line(&topic.label, 40), font.clone(), ink);
        boxes.push(Rect::from_center_size(at, galley.size() + vec2(6.0, 2.0)));
        galleys.push(galley);
    }
    let ground = ui.visuals().extreme_bg_color.gamma_multiply(0.75);
    for i in without_overlap(&boxes, rect) {
        painter.rect_filled(boxes[i], 3.0, ground);
        painter.galley(
            pos2(boxes[i].left() + 3.0, boxes[i].top() + 1.0),
            galleys[i].clone(),
            Color32::PLACEHOLDER,
        );
    }
}

fn label_count(zoom: f32) -> usize {
    (FIRST * zoom * zoom).clamp(FIRST, MOST) as usize
}

/// Indices of the boxes that cover no earlier one and stay inside `bounds`, in order.
fn without_overlap(boxes: &[Rect], bounds: Rect) -> Vec<usize> {
    let mut placed: Vec<usize> = Vec::new();
    for (i, candidate) in boxes.iter().enumerate() {
        let free =
            bounds.contains_rect(*candidate) && placed.iter().all(|&j| !boxes[j].intersects(*candidate));
        if free {
            placed.push(i);
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keeps_its_place_and_none_leaves_the_map() {
        let bounds = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 100.0));
        let size = vec2(20.0, 10.0);
        let boxes = [(50.0, 50.0), (55.0, 52.0), (80.0, 80.0), (99.0, 20.0)]
            .map(|(x, y)| Rect::from_center_size(pos2(x, y), size));
        assert_eq!(without_overlap(&boxes, bounds), vec![0, 2]);
    }

    #[test]
    fn closer_shows_more() {
        assert_eq!(
            (label_count(0.5), label_count(1.0), label_count(2.0), label_count(100.0)),
            (14, 14, 56, 120)
        );
    }
}
