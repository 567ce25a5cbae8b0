//! Dots of the map as one texture, made in a job for a part of the map somewhat larger than the
//! visible one; moved and scaled until a newer one is ready.

use std::sync::Arc;

use egui::{Color32, ColorImage, Painter, Rect, TextureHandle, TextureOptions, pos2};

use super::colour::{self, Choice, ColourChoice};
use super::crowd::Crowd;
use crate::cache::Cache;
use crate::jobs::{Slot, SlotState, Ticket};
use crate::model::{Cancelled, TimeSpan};
use crate::query::topic_map::{MapGrid, Viewport, grid};
use crate::query::window::within;
use crate::query::{Grain, Pair, SMALL, Selection};
use crate::ui::view::ViewContext;
use crate::ui::widgets::density;
use crate::ui::widgets::pan_zoom::{Camera, place};

/// Margin of the picture around the visible part, as a share of it on each side.
const BEYOND: f32 = 0.2;
/// Screen pixels to a cell of the grid.
const CELL: f32 = 2.0;
/// Step in cells by which the requested size grows, so that resizing does not request a picture in every frame.
const STEP: usize = 32;
/// Cells per filled cell above which dots are drawn larger than a cell; many exchanges may share
/// a place.
const SPARSE: usize = 12;
/// Least strength of the colour of such dots.
const FEW: f32 = 0.8;

/// Inputs of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Question {
    pair: (u64, u64),
    is_compared: bool,
    choice: Choice,
    dark: bool,
    cells: [usize; 2],
    viewport: Viewport,
    span: Option<TimeSpan>,
}

/// Window of time of a picture.
#[derive(Clone, Copy, Debug)]
pub struct Moving {
    /// Only exchanges inside; `None` for all of the scope.
    pub span: Option<TimeSpan>,
    /// True while the window moves, so that quick pictures matter more than exact ones.
    pub playing: bool,
}

/// A picture.
struct Drawn {
    /// Part of the map that it shows.
    viewport: Viewport,
    image: Arc<ColorImage>,
    /// Number of exchanges in its window of time.
    shown: Option<u64>,
    crowd: Crowd,
}

/// The picture and its place.
#[derive(Default)]
pub struct MapPicture {
    drawn: Slot<Question, Drawn>,
    asked: Option<Question>,
    texture: Option<(Viewport, TextureHandle)>,
}

impl MapPicture {
    /// Requests the picture of the visible part. While one is being made, moving the camera requests no other,
    /// because a long drag would then never update the picture.
    pub fn ask(
        &mut self,
        ui: &egui::Ui,
        cx: &ViewContext<'_>,
        (camera, rect): (&Camera, Rect),
        colour: &mut ColourChoice,
        moving: Moving,
    ) {
        if let Some(pair) = cx.pair() {
            let question = Question {
                pair: cx.pair_version(),
                is_compared: cx.against.is_some(),
                choice: colour.choice(),
                dark: ui.visuals().dark_mode,
                cells: cells(rect, ui.pixels_per_point()),
                viewport: beyond(camera),
                span: moving.span,
            };
            let Question { viewport, span, .. } = question;
            let only_moved = self.asked.is_some_and(|asked| Question { viewport, span, ..asked } == question);
            let waits = only_moved && self.drawn.state() == SlotState::Pending;
            if self.asked != Some(question) && !waits {
                self.asked = Some(question);
                let by = colour.by(cx.leads);
                let cache = Arc::clone(cx.cache);
                let large = cache.hot().len() as u64 >= SMALL;
                let work = move |ticket: &Ticket, grain| {
                    let Question { viewport, cells, span, .. } = question;
                    let part = span.map(|span| in_span(&cache, &pair, span));
                    let shown = part.as_ref().map(|part| part.a.exchanges);
                    let pair = part.as_ref().unwrap_or(&pair);
                    let grid =
                        pair.ask(|selection| grid(&cache, selection, viewport, cells, &by, grain, ticket))?;
                    let (image, crowd) = (Arc::new(image(&grid, &question)), Crowd::of(&grid));
                    Ok::<_, Cancelled>(Drawn { viewport, image, shown, crowd })
                };
                if large && moving.playing {
                    self.drawn.ask(cx.jobs, None, question, move |ticket| work(ticket, Grain::Coarse));
                } else if large {
                    self.drawn.ask_coarse_first(cx.jobs, question, work);
                } else {
                    self.drawn.ask(cx.jobs, None, question, move |ticket| work(ticket, Grain::Exact));
                }
            }
        }
        if self.drawn.poll()
            && let Some(Drawn { viewport, image, .. }) = self.drawn.answer()
        {
            let texture = ui.ctx().load_texture("topic map", Arc::clone(image), TextureOptions::LINEAR);
            self.texture = Some((*viewport, texture));
        }
    }

    /// Number of exchanges in the window of time of the last picture; `None` for one of the whole scope.
    pub fn shown(&self) -> Option<u64> {
        self.drawn.answer().and_then(|drawn| drawn.shown)
    }

    /// Share of a place on the screen that dots of the scope fill, 0 to 1.
    pub fn filled(&self, camera: &Camera, rect: Rect, wanted: Rect) -> f32 {
        self.drawn.answer().map_or(0.0, |drawn| {
            let placed = place(camera, rect, drawn.viewport.min, drawn.viewport.max);
            drawn.crowd.share(placed, wanted)
        })
    }

    /// Draws the last picture at its place under the present camera.
    pub fn paint(&self, painter: &Painter, camera: &Camera, rect: Rect) {
        if let Some((viewport, texture)) = &self.texture {
            let placed = place(camera, rect, viewport.min, viewport.max);
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), placed, uv, Color32::WHITE);
        }
    }

    /// True while a newer picture is being made.
    pub fn is_pending(&self, cx: &ViewContext<'_>) -> bool {
        crate::ui::widgets::picture::is_pending(&self.drawn, cx)
    }

    /// Labels a coarse picture as such.
    pub fn label_coarse(&self, ui: &egui::Ui, rect: Rect) {
        crate::ui::widgets::picture::coarse(ui, rect, &self.drawn);
    }

    /// Error of the last attempt.
    pub fn failure(&self) -> Option<&str> {
        self.drawn.failure()
    }
}

/// Both sides inside a span of time.
fn in_span(cache: &Cache, pair: &Pair, span: TimeSpan) -> Pair {
    let part = |side: &Arc<Selection>| Arc::new(within(cache.hot(), side, span));
    Pair { a: part(&pair.a), b: pair.b.as_ref().map(part) }
}

fn cells(rect: Rect, pixels_per_point: f32) -> [usize; 2] {
    [rect.width(), rect.height()].map(|points| {
        let cells = points.max(1.0) * pixels_per_point * (1.0 + 2.0 * BEYOND) / CELL;
        (cells as usize / STEP + 1) * STEP
    })
}

fn beyond(camera: &Camera) -> Viewport {
    let (min, max) = camera.seen();
    let more = (max[0] - min[0]) * BEYOND;
    Viewport { min: min.map(|x| x - more), max: max.map(|x| x + more) }
}

/// Scope in its colours; behind it the peers in grey, or the second scope in its own colour.
fn image(grid: &MapGrid, question: &Question) -> ColorImage {
    let Question { choice, dark, is_compared, .. } = *question;
    let behind = if is_compared { colour::against(dark) } else { colour::peers(dark) };
    let most = grid.scope.iter().copied().max().unwrap_or(0);
    let most_peers = grid.peers.iter().copied().max().unwrap_or(0);
    let filled = grid.scope.iter().filter(|&&count| count > 0).count();
    let reach = usize::from(filled * SPARSE < grid.scope.len());
    density::image(grid.width, grid.height, |cell| {
        if let Some(from) = density::source_cell(&grid.scope, grid.width, cell, reach) {
            let strength = density::strength(grid.scope[from], most);
            // Few dots do not hide each other, and faint ones have no colour.
            let strength = if reach > 0 { strength.max(FEW) } else { strength };
            return colour::of_class(choice, grid.class[from], dark).gamma_multiply(strength);
        }
        behind.gamma_multiply(density::strength(grid.peers[cell], most_peers))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_reaches_beyond_the_visible_part() {
        let camera = Camera::default();
        let (seen, asked) = (camera.seen(), beyond(&camera));
        assert!(asked.min[0] < seen.0[0] && asked.max[1] > seen.1[1]);
        let [width, height] = cells(Rect::from_min_size(pos2(0.0, 0.0), egui::vec2(800.0, 600.0)), 1.0);
        assert_eq!((width % STEP, height % STEP), (0, 0));
        assert!(width as f32 * CELL >= 800.0 * 1.4);
    }

    #[test]
    fn peers_stand_behind_the_scope() {
        let viewport = Viewport { min: [0.0; 2], max: [1.0; 2] };
        let grid = MapGrid {
            width: 3,
            height: 1,
            viewport,
            scope: vec![9, 0, 0],
            class: vec![1, u16::MAX, u16::MAX],
            peers: vec![9, 9, 0],
        };
        let question = Question {
            pair: (0, 0),
            is_compared: false,
            choice: Choice::Topic,
            dark: false,
            cells: [3, 1],
            span: None,
            viewport,
        };
        let compared = Question { is_compared: true, ..question };
        assert_eq!(super::image(&grid, &compared).pixels[1], colour::against(false));
        let image = image(&grid, &question);
        assert_eq!(image.pixels[0], colour::of_class(Choice::Topic, 1, false));
        assert_eq!(image.pixels[1], colour::peers(false));
        assert_eq!(image.pixels[2], Color32::TRANSPARENT);
    }
}
