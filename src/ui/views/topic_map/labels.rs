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

/// Picture under the names.
pub struct Ground<'a> {
    /// Part of the map in sight.
    pub camera: &'a Camera,
    /// Its place on the screen.
    pub rect: Rect,
    /// Place that stays free of names.
    pub legend: Rect,
    /// Share of a place that dots of the scope fill, 0 to 1.
    pub hides: &'a dyn Fn(Rect) -> f32,
}

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

    /// Draws the names. Where topics are coloured, each has a dot in its colour.
    pub fn paint(
        &self,
        ui: &egui::Ui,
        painter: &Painter,
        cx: &ViewContext<'_>,
        ground: &Ground<'_>,
        choice: Choice,
    ) {
        let Ground { camera, rect, .. } = *ground;
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
        let behind = ui.visuals().extreme_bg_color.gamma_multiply(0.8);
        for (i, by) in placed(&boxes, ground) {
            let place = boxes[i].translate(by);
            if by != Vec2::ZERO {
                let thin = Stroke::new(1.0, ui.visuals().weak_text_color());
                painter.line_segment([seen[i].1, place.center()], thin);
            }
            painter.rect_filled(place, 3.0, behind);
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

/// Shifts of a name from its island, in heights and widths of its box, the nearest first.
const SHIFTS: [(f32, f32); 11] = [
    (0.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.0, -2.0),
    (0.0, 2.0),
    (-0.6, 0.0),
    (0.6, 0.0),
    (-0.6, -1.0),
    (0.6, -1.0),
    (-0.6, 1.0),
    (0.6, 1.0),
];
/// Hidden share that a name may have for each step nearer to its island.
const STEP: f32 = 0.05;

/// Boxes that have room outside of the legend and over no earlier one, each with its shift: the nearest one under
/// which few dots of the scope lie.
fn placed(boxes: &[Rect], ground: &Ground<'_>) -> Vec<(usize, Vec2)> {
    let mut taken = vec![ground.legend];
    let mut found = Vec::new();
    for (i, wanted) in boxes.iter().enumerate() {
        let size = wanted.size() + vec2(0.0, 2.0);
        let free = |by: &Vec2| {
            let moved = wanted.translate(*by);
            ground.rect.contains_rect(moved) && taken.iter().all(|other| !other.intersects(moved))
        };
        let cost = |step: usize, by: Vec2| (ground.hides)(wanted.translate(by)) + STEP * step as f32;
        let shifts = SHIFTS.iter().enumerate().map(|(step, (x, y))| (step, vec2(x * size.x, y * size.y)));
        let best = shifts
            .filter(|(_, by)| free(by))
            .min_by(|&(a, of_a), &(b, of_b)| cost(a, of_a).total_cmp(&cost(b, of_b)));
        if let Some((_, by)) = best {
            taken.push(wanted.translate(by));
            found.push((i, by));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(camera: &Camera, legend: Rect, hides: impl Fn(Rect) -> f32, boxes: &[Rect]) -> Vec<(usize, Vec2)> {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 100.0));
        placed(boxes, &Ground { camera, rect, legend, hides: &hides })
    }

    #[test]
    fn the_first_keeps_its_place_others_make_room_and_none_leaves_the_map() {
        let camera = Camera::default();
        let size = vec2(20.0, 10.0);
        let boxes = [(50.0, 50.0), (55.0, 52.0), (80.0, 80.0), (99.0, 20.0)]
            .map(|(x, y)| Rect::from_center_size(pos2(x, y), size));
        let legend = Rect::from_min_size(pos2(70.0, 74.0), vec2(30.0, 26.0));
        let around = on(&camera, legend, |_| 0.0, &boxes);
        let rects: Vec<Rect> = around.iter().map(|(i, by)| boxes[*i].translate(*by)).collect();
        assert!(around.iter().any(|(i, _)| *i == 2) && rects.iter().all(|rect| !rect.intersects(legend)));
        let found = on(&camera, Rect::NOTHING, |_| 0.0, &boxes);
        assert_eq!((found[0], found[2]), ((0, Vec2::ZERO), (2, Vec2::ZERO)));
        let rects: Vec<Rect> = found.iter().map(|(i, by)| boxes[*i].translate(*by)).collect();
        assert!(!rects[0].intersects(rects[1]));
    }

    #[test]
    fn a_name_stands_beside_a_full_island_and_on_an_empty_one() {
        let (camera, boxes) =
            (Camera::default(), [Rect::from_center_size(pos2(50.0, 50.0), vec2(20.0, 10.0))]);
        let island = Rect::from_center_size(pos2(50.0, 50.0), vec2(40.0, 11.0));
        let beside =
            on(&camera, Rect::NOTHING, |place| if place.intersects(island) { 0.9 } else { 0.0 }, &boxes);
        assert_eq!(beside[0].1, vec2(0.0, -12.0));
        assert_eq!(on(&camera, Rect::NOTHING, |_| 0.04, &boxes)[0].1, Vec2::ZERO);
    }

    #[test]
    fn closer_shows_more() {
        assert_eq!(
            (label_count(0.5), label_count(1.0), label_count(2.0), label_count(100.0)),
            (18, 18, 72, 120)
        );
    }
}
