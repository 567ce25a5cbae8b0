//! Names of the topics on the map, each on its island: largest topics of the scope first, more at higher zoom,
//! none over another.

use std::sync::Arc;

use egui::{Color32, FontId, Painter, Rect, Stroke, Vec2, pos2, vec2};

use super::colour::Choice;
use crate::jobs::Slot;
use crate::model::Cancelled;
use crate::query::topic_map::{Anchor, anchors};
use crate::ui::view::ViewContext;
use crate::ui::widgets::pan_zoom::Camera;
use crate::ui::{theme, words};

/// Number of labels at zoom 1.
const FIRST: f32 = 18.0;
/// Maximum number of labels.
const MAX_LABELS: f32 = 120.0;
/// Room for the dot in the topic's colour, in points.
const DOT: f32 = 11.0;

/// The labels' own state.
#[derive(Default)]
pub struct Labels {
    anchors: Slot<u64, Vec<Anchor>>,
}

impl Labels {
    /// Asks for the places of the names.
    pub fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Some(selection) = cx.selection {
            let (cache, selection) = (Arc::clone(cx.cache), Arc::clone(selection));
            self.anchors.ask::<Cancelled>(cx.jobs, None, cx.scope_version, move |ticket| {
                anchors(&cache, &selection, ticket)
            });
        }
        self.anchors.poll();
    }

    /// Draws the names outside of `legend`. Where topics are coloured, each has a dot in its colour.
    #[expect(clippy::too_many_arguments, reason = "a picture, its place and what it shows")]
    pub fn paint(
        &self,
        ui: &egui::Ui,
        painter: &Painter,
        cx: &ViewContext<'_>,
        camera: &Camera,
        rect: Rect,
        legend: Rect,
        choice: Choice,
    ) {
        let Some(anchors) = self.anchors.answer() else { return };
        let (font, ink) = (FontId::proportional(12.0), ui.visuals().strong_text_color());
        let dot = if choice == Choice::Topic { DOT } else { 0.0 };
        let seen = anchors.iter().map(|anchor| (anchor.topic, camera.to_screen(rect, anchor.place)));
        let seen: Vec<_> =
            seen.filter(|(_, at)| rect.contains(*at)).take(label_count(camera.zoom())).collect();
        let galleys: Vec<_> = seen
            .iter()
            .map(|(topic, _)| {
                let label = cx.cache.topics().get(usize::from(*topic)).map_or("", |topic| &topic.label);
                painter.layout_no_wrap(words::line(label, 40), font.clone(), ink)
            })
            .collect();
        let boxes: Vec<Rect> = seen
            .iter()
            .zip(&galleys)
            .map(|((_, at), galley)| Rect::from_center_size(*at, galley.size() + vec2(6.0 + dot, 2.0)))
            .collect();
        let ground = ui.visuals().extreme_bg_color.gamma_multiply(0.8);
        for (i, by) in placed(&boxes, rect, legend) {
            let place = boxes[i].translate(by);
            if by != Vec2::ZERO {
                let thin = Stroke::new(1.0, ui.visuals().weak_text_color());
                painter.line_segment([seen[i].1, place.center()], thin);
            }
            painter.rect_filled(place, 3.0, ground);
            if dot > 0.0 {
                let at = pos2(place.left() + 8.0, place.center().y);
                painter.circle_filled(at, 4.0, theme::series(usize::from(seen[i].0)));
            }
            let at = pos2(place.left() + 3.0 + dot, place.top() + 1.0);
            painter.galley(at, galleys[i].clone(), Color32::PLACEHOLDER);
        }
    }
}

fn label_count(zoom: f32) -> usize {
    (FIRST * zoom * zoom).clamp(FIRST, MAX_LABELS) as usize
}

/// Boxes that have room inside `bounds`, outside of `kept_free` and over no earlier one, each with its shift: in its place, else just
/// above, below, or further up or down.
fn placed(boxes: &[Rect], bounds: Rect, kept_free: Rect) -> Vec<(usize, Vec2)> {
    let mut taken = vec![kept_free];
    let mut found = Vec::new();
    for (i, wanted) in boxes.iter().enumerate() {
        let height = wanted.height() + 2.0;
        let shifts = [0.0, -1.0, 1.0, -2.0, 2.0].map(|steps| vec2(0.0, steps * height));
        let free = |by: &Vec2| {
            let moved = wanted.translate(*by);
            bounds.contains_rect(moved) && taken.iter().all(|other| !other.intersects(moved))
        };
        if let Some(by) = shifts.into_iter().find(free) {
            taken.push(wanted.translate(by));
            found.push((i, by));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keeps_its_place_others_make_room_and_none_leaves_the_map() {
        let bounds = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 100.0));
        let size = vec2(20.0, 10.0);
        let boxes = [(50.0, 50.0), (55.0, 52.0), (80.0, 80.0), (99.0, 20.0)]
            .map(|(x, y)| Rect::from_center_size(pos2(x, y), size));
        let legend = Rect::from_min_size(pos2(70.0, 74.0), vec2(30.0, 26.0));
        assert_eq!(placed(&boxes, bounds, legend).len(), 3, "the third makes room for the legend");
        let found = placed(&boxes, bounds, Rect::NOTHING);
        assert_eq!(found.iter().map(|(i, _)| *i).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((found[0].1, found[2].1), (Vec2::ZERO, Vec2::ZERO));
        let rects: Vec<Rect> = found.iter().map(|(i, by)| boxes[*i].translate(*by)).collect();
        assert!(!rects[0].intersects(rects[1]));
    }

    #[test]
    fn closer_shows_more() {
        assert_eq!(
            (label_count(0.5), label_count(1.0), label_count(2.0), label_count(100.0)),
            (18, 18, 72, 120)
        );
    }
}
