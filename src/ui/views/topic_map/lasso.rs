//! Lasso and rectangle: a loop drawn on the map, or what is in sight, sets the scope to the topics inside.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{CursorIcon, Key, Painter, Pos2, Rect, Stroke, pos2};

use crate::jobs::{Slot, SlotState};
use crate::model::Scope;
use crate::query::topic_map::lasso;
use crate::ui::theme;
use crate::ui::view::{Command, ViewContext};
use crate::ui::widgets::pan_zoom::Camera;

/// Minimum distance of a new corner from the last one, in points of the screen.
const GRAIN: f32 = 3.0;

/// Form of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Along the way of the pointer.
    Loop,
    /// Between two corners.
    Rectangle,
}

/// The lasso's own state.
#[derive(Default)]
pub struct Lasso {
    /// Tool of the next drag; `None` where it moves the map.
    armed: Option<Tool>,
    tool: Option<Tool>,
    corners: Vec<[f32; 2]>,
    drawing: bool,
    drawn: u64,
    topics: Slot<u64, Vec<u16>>,
}

impl Lasso {
    /// Draws the buttons that make the next drag a lasso or a rectangle.
    pub fn buttons(&mut self, ui: &mut egui::Ui) {
        for (tool, name, hint) in [
            (Tool::Loop, "lasso", "Draw a loop around topics to set the scope to them (Shift+drag or key L)"),
            (Tool::Rectangle, "rectangle", "Draw a rectangle around topics to set the scope to them (key R)"),
        ] {
            if ui.selectable_label(self.armed == Some(tool), name).on_hover_text(hint).clicked() {
                self.toggle(tool);
            }
        }
    }

    /// Switches the next drag between a tool and moving the map.
    pub fn toggle(&mut self, tool: Tool) {
        self.armed = Some(tool).filter(|_| self.armed != Some(tool));
    }

    /// Sets the scope to the topics in sight, as a rectangle around the whole map would.
    pub fn take_sight(&mut self, cx: &ViewContext<'_>, camera: &Camera, rect: Rect) {
        self.corners = corners(camera, rect, rect.min, rect.max);
        self.close(cx);
    }

    /// Follows the pointer; true while a drag belongs to the lasso.
    pub fn act(
        &mut self,
        ui: &egui::Ui,
        cx: &ViewContext<'_>,
        response: &egui::Response,
        camera: &Camera,
    ) -> bool {
        self.answer(cx);
        if self.armed.is_some() && response.hovered() {
            ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        }
        let shift = ui.input(|input| input.modifiers.shift).then_some(Tool::Loop);
        if response.drag_started()
            && let Some(tool) = self.armed.or(shift)
        {
            self.tool = Some(tool);
            self.drawing = true;
            self.corners.clear();
            // The way to the drag's threshold belongs to the loop as well.
            if let Some(pressed) = ui.input(|input| input.pointer.press_origin()) {
                self.corners.push(camera.to_plane(response.rect, pressed));
            }
        }
        if !self.drawing {
            return false;
        }
        if let (Some(Tool::Rectangle), Some(pos), Some(first)) =
            (self.tool, response.interact_pointer_pos(), self.corners.first())
        {
            let from = camera.to_screen(response.rect, *first);
            self.corners = corners(camera, response.rect, from, pos);
        } else if let Some(pos) = response.interact_pointer_pos() {
            let moved = self
                .corners
                .last()
                .is_none_or(|last| camera.to_screen(response.rect, *last).distance(pos) >= GRAIN);
            if moved {
                self.corners.push(camera.to_plane(response.rect, pos));
            }
        }
        if ui.input(|input| input.key_pressed(Key::Escape)) {
            self.drawing = false;
            self.corners.clear();
        } else if response.drag_stopped() {
            self.drawing = false;
            self.armed = None;
            self.close(cx);
        }
        true
    }

    /// Draws the loop.
    pub fn paint(&self, ui: &egui::Ui, painter: &Painter, camera: &Camera, rect: Rect) {
        if self.corners.len() > 1 && (self.drawing || self.topics.state() == SlotState::Pending) {
            let mut line: Vec<_> =
                self.corners.iter().map(|corner| camera.to_screen(rect, *corner)).collect();
            line.push(line[0]);
            painter.line(line, Stroke::new(2.0, theme::event(ui.visuals())));
        }
    }

    fn close(&mut self, cx: &ViewContext<'_>) {
        let (Some(selection), true) = (cx.selection, self.corners.len() > 2) else { return };
        self.drawn += 1;
        let (cache, selection, corners) = (Arc::clone(cx.cache), Arc::clone(selection), self.corners.clone());
        self.topics.ask::<std::convert::Infallible>(cx.jobs, None, self.drawn, move |_| {
            Ok(lasso(&cache, &selection, &corners))
        });
    }

    fn answer(&mut self, cx: &ViewContext<'_>) {
        if !self.topics.poll() {
            return;
        }
        match self.topics.answer().map(Vec::as_slice) {
            Some([]) => cx.send(Command::Notify("0 exchanges of the scope lie inside the lasso.".to_owned())),
            Some(topics) => cx.send(Command::SetScope(with_topics(cx, topics))),
            None => {}
        }
        if let Some(failure) = self.topics.failure() {
            cx.send(Command::Notify(format!("The lasso failed: {failure}")));
        }
    }
}

/// Corners of the rectangle between two places on the screen, the first place first.
fn corners(camera: &Camera, rect: Rect, from: Pos2, to: Pos2) -> Vec<[f32; 2]> {
    let places = [from, pos2(to.x, from.y), to, pos2(from.x, to.y)];
    places.map(|place| camera.to_plane(rect, place)).to_vec()
}

/// The present scope on these topics, each with the label it has now.
pub fn with_topics(cx: &ViewContext<'_>, topics: &[u16]) -> Scope {
    let labels: BTreeMap<u16, String> = topics
        .iter()
        .filter_map(|&id| Some((id, cx.cache.topics().get(usize::from(id))?.label.clone())))
        .collect();
    Scope::clone(cx.scope).with_topics(labels)
}
