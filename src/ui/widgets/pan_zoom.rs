//! Camera over a plane: pan and zoom by mouse and keyboard.

use egui::{Key, Pos2, Rect, Vec2, pos2, vec2};

/// Visible part of the unit square. `zoom` 1 shows all of it with a margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    centre: [f32; 2],
    zoom: f32,
}

/// Room around the unit square at zoom 1, as a share of it.
const MARGIN: f32 = 0.06;
const ZOOMS: std::ops::RangeInclusive<f32> = 0.5..=400.0;

impl Default for Camera {
    fn default() -> Self {
        Self { centre: [0.5, 0.5], zoom: 1.0 }
    }
}

impl Camera {
    /// Zoom factor; 1 shows the whole square.
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    /// The part of the plane that fills `rect`, as min and max; the vertical axis points up.
    pub fn seen(&self) -> ([f32; 2], [f32; 2]) {
        let half = self.half();
        let [x, y] = self.centre;
        ([x - half, y - half], [x + half, y + half])
    }

    /// Position of a point of the plane in `rect`.
    pub fn to_screen(&self, rect: Rect, [x, y]: [f32; 2]) -> Pos2 {
        let (min, max) = self.seen();
        let share = vec2((x - min[0]) / (max[0] - min[0]), (max[1] - y) / (max[1] - min[1]));
        rect.min + share * rect.size()
    }

    /// The point of the plane at a place in `rect`.
    pub fn to_plane(&self, rect: Rect, pos: Pos2) -> [f32; 2] {
        let (min, max) = self.seen();
        let share = (pos - rect.min) / rect.size().max(Vec2::splat(1.0));
        [min[0] + share.x * (max[0] - min[0]), max[1] - share.y * (max[1] - min[1])]
    }

    /// Centres a point without changing the zoom.
    pub fn look_at(&mut self, point: [f32; 2]) {
        self.centre = point;
        self.keep_inside();
    }

    /// Zooms by a factor, keeping the plane under `pos` where it is.
    pub fn zoom_at(&mut self, rect: Rect, pos: Pos2, factor: f32) {
        let before = self.to_plane(rect, pos);
        self.zoom = (self.zoom * factor).clamp(*ZOOMS.start(), *ZOOMS.end());
        let after = self.to_plane(rect, pos);
        self.centre[0] += before[0] - after[0];
        self.centre[1] += before[1] - after[1];
        self.keep_inside();
    }

    /// Moves the plane by an offset in points of the screen.
    pub fn pan(&mut self, rect: Rect, by: Vec2) {
        let width = 2.0 * self.half();
        self.centre[0] -= by.x / rect.width().max(1.0) * width;
        self.centre[1] += by.y / rect.height().max(1.0) * width;
        self.keep_inside();
    }

    /// Wheel, pinch, drag (unless `drag_is_taken`) and, with focus, arrows, + − and 0.
    pub fn interact(&mut self, ui: &egui::Ui, response: &egui::Response, drag_is_taken: bool) {
        let rect = response.rect;
        if response.dragged() && !drag_is_taken {
            self.pan(rect, response.drag_delta());
        }
        if let Some(pos) = response.hover_pos() {
            let (zoom, scroll) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta()));
            let factor = zoom * (scroll.y / 240.0).exp();
            if factor != 1.0 {
                self.zoom_at(rect, pos, factor);
            }
        }
        if response.has_focus() {
            self.keys(ui, rect);
        }
    }

    fn keys(&mut self, ui: &egui::Ui, rect: Rect) {
        let step = rect.width().min(rect.height()) * 0.1;
        let pressed = |key| ui.input(|input| input.num_presses(key)) as f32;
        let by = vec2(
            pressed(Key::ArrowLeft) - pressed(Key::ArrowRight),
            pressed(Key::ArrowUp) - pressed(Key::ArrowDown),
        );
        if by != Vec2::ZERO {
            self.pan(rect, by * step);
        }
        let closer = pressed(Key::Plus) + pressed(Key::Equals) - pressed(Key::Minus);
        if closer != 0.0 {
            self.zoom_at(rect, rect.center(), 1.25_f32.powf(closer));
        }
        if pressed(Key::Num0) > 0.0 {
            *self = Self::default();
        }
    }

    fn half(&self) -> f32 {
        (0.5 + MARGIN) / self.zoom
    }

    fn keep_inside(&mut self) {
        self.centre = self.centre.map(|c| c.clamp(0.0, 1.0));
    }
}

/// Position on the screen of a rectangle of the plane, for a picture made with another camera.
pub fn place(camera: &Camera, rect: Rect, min: [f32; 2], max: [f32; 2]) -> Rect {
    let (a, b) = (camera.to_screen(rect, min), camera.to_screen(rect, max));
    Rect::from_min_max(pos2(a.x, b.y), pos2(b.x, a.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect() -> Rect {
        Rect::from_min_size(pos2(10.0, 20.0), vec2(400.0, 300.0))
    }

    fn near(a: [f32; 2], b: [f32; 2]) -> bool {
        (a[0] - b[0]).abs() < 1e-4 && (a[1] - b[1]).abs() < 1e-4
    }

    #[test]
    fn plane_and_screen_agree_and_up_is_up() {
        let mut camera = Camera::default();
        camera.zoom_at(rect(), pos2(100.0, 100.0), 3.0);
        let point = [0.3, 0.8];
        assert!(near(camera.to_plane(rect(), camera.to_screen(rect(), point)), point));
        assert!(camera.to_screen(rect(), [0.5, 0.9]).y < camera.to_screen(rect(), [0.5, 0.1]).y);
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let mut camera = Camera::default();
        let pos = pos2(150.0, 220.0);
        let before = camera.to_plane(rect(), pos);
        camera.zoom_at(rect(), pos, 4.0);
        assert!(near(camera.to_plane(rect(), pos), before));
        assert!((camera.zoom() - 4.0).abs() < 1e-6);
    }

    #[test]
    fn a_picture_for_this_camera_fills_the_window() {
        let camera = Camera::default();
        let (min, max) = camera.seen();
        let placed = place(&camera, rect(), min, max);
        assert!(placed.min.distance(rect().min) < 0.01 && placed.max.distance(rect().max) < 0.01);
    }
}
