//! Lasso: a loop drawn on the map sets the scope to the topics inside.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{CursorIcon, Key, Painter, Rect, Stroke};

use crate::jobs::{Slot, SlotState};
use crate::model::Scope;
use crate::query::topic_map::lasso;
use crate::ui::theme;
use crate::ui::view::{Command, ViewContext};
use crate::ui::widgets::pan_zoom::Camera;

/// Minimum distance of a new corner from the last one, in points of the screen.
const GRAIN: f32 = 3.0;

/// The lasso's own state.
#[derive(Default)]
pub struct Lasso {
    armed: bool,
    corners: Vec<[f32; 2]>,
    drawing: bool,
    drawn: u64,
    topics: Slot<u64, Vec<u16>>,
}

impl Lasso {
    /// Draws the button that makes the next drag a lasso.
    pub fn button(&mut self, ui: &mut egui::Ui) {
        let button = ui.selectable_label(self.armed, "lasso");
        if button
            .on_hover_text("Draw a loop around topics to set the scope to them (Shift+drag or key L)")
            .clicked()
        {
            self.toggle();
        }
    }

    /// Switches the next drag between lasso and moving the map.
    pub fn toggle(&mut self) {
        self.armed = !self.armed;
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
        if self.armed && response.hovered() {
            ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        }
        if response.drag_started() && (self.armed || ui.input(|input| input.modifiers.shift)) {
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
        if let Some(pos) = response.interact_pointer_pos() {
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
            self.armed = false;
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

/// The present scope on these topics, each with the label it has now.
pub fn with_topics(cx: &ViewContext<'_>, topics: &[u16]) -> Scope {
    let labels: BTreeMap<u16, String> = topics
        .iter()
        .filter_map(|&id| Some((id, cx.cache.topics().get(usize::from(id))?.label.clone())))
        .collect();
    Scope::clone(cx.scope).with_topics(labels)
}
