//! Map of the scope's exchanges by topic: each exchange is a dot.
//!
//! For overview only: the map keeps few of the nearest neighbours and states their share. No signal uses its
//! coordinates.

mod colour;
mod coverage;
mod crowd;
mod labels;
mod lasso;
mod nearest;
mod picture;
mod play;
mod prompt;

use std::sync::Arc;

use egui::{Key, Rect, Role, Sense, Stroke, WidgetInfo, vec2};

use crate::cache::RowId;
use crate::jobs::Slot;
use crate::query::topic_map::at;
use crate::ui::theme;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, PivotFrom, Selected, View, ViewContext};
use crate::ui::widgets::keys;
use crate::ui::widgets::pan_zoom::Camera;
use crate::ui::widgets::picture as over_picture;

/// Id of the view.
const ID: &str = "topic_map";
/// Room for the lists beside the map, in points.
const SIDE: f32 = 250.0;
/// Width in points below which only the map is drawn, without the lists.
const WITH_SIDE: f32 = 520.0;
/// Largest distance between a click and its dot, in points.
const REACH: f32 = 8.0;

/// The view's own state.
#[derive(Default)]
pub struct TopicMapView {
    camera: Camera,
    colour: colour::ColourChoice,
    picture: picture::MapPicture,
    labels: labels::Labels,
    lasso: lasso::Lasso,
    clicked: Slot<Click, Option<RowId>>,
    /// True if the answer to the last click opens the pivot menu.
    pivots: bool,
    nearest: nearest::NearestList,
    coverage: coverage::CoverageList,
    play: play::Play,
    prompt: prompt::HoverPrompt,
}

/// A click on the map: scope, place and radius; floats as bits, so that clicks can be compared.
#[derive(Clone, Copy, PartialEq)]
struct Click {
    scope_version: u64,
    place: [f32; 2],
    radius: f32,
    /// True for a right-click, which opens the pivot menu.
    pivots: bool,
}

impl View for TopicMapView {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Topic map"
    }

    fn unsent(&self, _cx: &ViewContext<'_>) -> Vec<Unsent> {
        self.prompt.unsent().into_iter().collect()
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if cx.cache.topics().is_empty() {
            keys::hold(ui, ID);
            ui.weak(why_absent(cx));
            return;
        }
        self.nearest.ask(cx);
        self.coverage.ask(cx);
        self.labels.ask(cx);
        self.toolbar(ui, cx);
        self.play.work(ui, cx);
        self.play.ui(ui, cx, self.picture.shown());
        let all = ui.available_rect_before_wrap();
        let with_side = all.width() >= WITH_SIDE;
        let split = if with_side { all.right() - SIDE } else { all.right() };
        let (map, side) = all.split_left_right_at_x(split);
        self.map(ui, cx, map.with_max_x(split - if with_side { 8.0 } else { 0.0 }));
        if with_side {
            let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(side));
            self.side(&mut ui, cx);
        }
        ui.advance_cursor_after_rect(all);
    }
}

impl TopicMapView {
    fn toolbar(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            self.colour.ui(ui, cx);
            self.lasso.buttons(ui);
            self.play.button(ui, cx);
            self.prompt.button(ui, cx);
            if ui.button("whole map").on_hover_text("Shows the whole map (key 0)").clicked() {
                self.camera = Camera::default();
            }
            let model = cx.cache.topic_model();
            let recall = model.map_recall.map_or_else(
                || "For overview, not a measurement.".to_owned(),
                |recall| {
                    let percent = 100.0 * recall;
                    format!("For overview: {percent:.0} % of true neighbours lie near each other, so distances say little.")
                },
            );
            ui.weak(recall).on_hover_text(format!(
                "Of the 10 exchanges most similar to each, the share that is also among its 10 nearest on the map. No signal is computed from the map.\nTopics: {}",
                crate::ui::words::line(&model.description, 400)
            ));
        });
    }

    fn side(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let half = if self.nearest.is_visible(cx) { ui.available_height() * 0.5 } else { 0.0 };
        if half > 0.0 {
            ui.allocate_ui(vec2(ui.available_width(), half), |ui| {
                ui.set_min_height(half - theme::GROUP_GAP);
                self.nearest.ui(ui, cx);
            });
            ui.separator();
        }
        self.coverage.ui(ui, cx);
    }

    fn map(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, rect: Rect) {
        let response = ui.interact(rect, keys::id(ID), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Topic map"));
        if response.has_focus() {
            over_picture::keep_arrows(ui, &response);
            self.keys(ui, cx, rect);
        }
        let lassoing = self.lasso.act(ui, cx, &response, &self.camera);
        self.camera.interact(ui, &response, lassoing);
        let moves = picture::Moving { span: self.play.span(), playing: self.play.is_playing() };
        self.picture.ask(ui, cx, (&self.camera, rect), &mut self.colour, moves);
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect_filled(rect, 2.0, ui.visuals().extreme_bg_color);
        self.picture.paint(&painter, &self.camera, rect);
        self.marks(ui, cx, rect);
        let legend = self.colour.legend(ui, cx, rect, self.play.span().is_some());
        let hides = |place: Rect| self.picture.filled(&self.camera, rect, place);
        let ground = labels::Ground { camera: &self.camera, rect, legend, hides: &hides };
        self.labels.paint(ui, &painter, cx, &ground, self.colour.choice());
        self.lasso.paint(ui, &painter, &self.camera, rect);
        self.click(cx, &response);
        self.prompt.ui(ui, cx, &response, &self.camera);
        over_picture::focus_ring(ui, &response);
        over_picture::over(ui, rect, self.picture.is_pending(cx), self.picture.failure());
        self.picture.label_coarse(ui, rect);
        if cx.selection.is_some_and(|selection| selection.exchanges == 0) {
            over_picture::empty(ui, rect, over_picture::NO_EXCHANGES);
        }
        if response.clicked() {
            response.request_focus();
        }
        if !lassoing && !self.prompt.is_on() {
            response.on_hover_text_at_pointer(
                "Click: select the nearest exchange. Right-click: pivot from it. Drag or arrows: move. Wheel, + or −: zoom. 0: whole map. Shift+drag or L: lasso. R: rectangle. Enter: topics in sight.",
            );
        }
    }

    /// Keys of a focused map, beside those of the camera.
    fn keys(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>, rect: Rect) {
        let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
        if pressed(Key::L) {
            self.lasso.toggle(lasso::Tool::Loop);
        }
        if pressed(Key::R) {
            self.lasso.toggle(lasso::Tool::Rectangle);
        }
        if pressed(Key::Space) {
            self.play.toggle();
        }
        if pressed(Key::Enter) {
            self.lasso.take_sight(cx, &self.camera, rect);
        }
        if let Selected::Exchange(row) = *cx.selected
            && pressed(Key::P)
        {
            cx.send(Command::Pivot(PivotFrom::Exchange(row)));
        }
    }

    fn click(&mut self, cx: &ViewContext<'_>, response: &egui::Response) {
        let pivots = response.secondary_clicked();
        // Not by Enter or Space, which have other meanings here.
        if (response.clicked_by(egui::PointerButton::Primary) || pivots)
            && let (Some(pos), Some(selection)) = (response.interact_pointer_pos(), cx.selection)
        {
            let place = self.camera.to_plane(response.rect, pos);
            let beside = self.camera.to_plane(response.rect, pos + vec2(REACH, 0.0));
            let radius = beside[0] - place[0];
            let click = Click { scope_version: cx.scope_version, place, radius, pivots };
            self.pivots = pivots;
            // The same place may be asked again.
            self.clicked.clear();
            let (cache, selection) = (Arc::clone(cx.cache), Arc::clone(selection));
            self.clicked.ask::<std::convert::Infallible>(cx.jobs, None, click, move |_| {
                Ok(at(&cache, &selection, click.place, click.radius))
            });
        }
        if self.clicked.poll()
            && let Some(Some(row)) = self.clicked.answer()
        {
            cx.send(Command::Select(Selected::Exchange(*row)));
            if std::mem::take(&mut self.pivots) {
                cx.send(Command::Pivot(PivotFrom::Exchange(*row)));
            }
        }
    }

    /// Draws a ring around the selected exchange, and small rings around its nearest neighbours.
    fn marks(&self, ui: &egui::Ui, cx: &ViewContext<'_>, rect: Rect) {
        let place = |row: RowId| {
            let place = *cx.cache.hot().place.get(row as usize)?;
            place[0].is_finite().then(|| self.camera.to_screen(rect, place))
        };
        let painter = ui.painter().with_clip_rect(rect);
        let ink = ui.visuals().strong_text_color();
        if let Selected::Exchange(row) = cx.selected {
            for near in self.nearest.rows(cx).filter_map(place) {
                painter.circle_stroke(near, 4.0, Stroke::new(1.0, ink));
            }
            if let Some(at) = place(*row) {
                painter.circle_stroke(at, 7.0, Stroke::new(2.0, ink));
            }
        }
    }
}

fn why_absent(cx: &ViewContext<'_>) -> String {
    if let Some(why) = cx.text_pass.in_words() {
        return why.to_owned();
    }
    match &cx.cache.topic_model().absent {
        Some(why) => format!("No topics: {}", crate::ui::words::line(why, 400)),
        None => "No topics. Import a snapshot with prompts or embeddings.".to_owned(),
    }
}
