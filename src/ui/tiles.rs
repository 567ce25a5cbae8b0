//! The views in tiles that can be split, stacked and resized.

use std::collections::BTreeSet;

use egui_tiles::{
    Behavior, Container, Linear, LinearDir, SimplificationOptions, Tile, TileId, Tiles, Tree, UiResponse,
};

use super::arrangement::Arrangement;
use super::unsent::Unsent;
use super::view::{Command, View, ViewContext, WindowCommand};
use super::{keyboard, view_files, views};

/// Height in points below which the views share one stack.
const TALL: f32 = 420.0;

/// The views and how they are laid out.
pub struct ViewTiles {
    tree: Tree<Box<dyn View>>,
    /// True if the views were laid out for a height that holds two stacks.
    tall: bool,
    /// Views in front in the last frame.
    front: Vec<&'static str>,
    /// View that was used last: brought to the front, or clicked.
    used: &'static str,
    /// Width of the last frame.
    width: f32,
    /// Frames in which the tabs in front are still scrolled into view.
    reveal: u8,
}

/// Frames after a change in which the tabs in front are scrolled into view: their bar learns its size in the first.
const REVEAL: u8 = 3;

impl Default for ViewTiles {
    /// Every view of [`views::ALL`]: its upper ones in one stack of tabs, its lower ones in another.
    fn default() -> Self {
        let made = views::ALL.iter().map(|entry| (entry.make)()).collect();
        Self::of(laid_out(made, true))
    }
}

/// The views in two stacks, upper above lower; in one where the window is not `tall` enough.
fn laid_out(made: Vec<Box<dyn View>>, tall: bool) -> Tree<Box<dyn View>> {
    let mut tiles = Tiles::default();
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    for view in made {
        let is_lower =
            views::ALL.iter().any(|entry| entry.id == view.id() && entry.place == views::Place::Lower);
        let stack = if is_lower && tall { &mut lower } else { &mut upper };
        stack.push(tiles.insert_pane(view));
    }
    let upper = tiles.insert_tab_tile(upper);
    let root = if lower.is_empty() {
        upper
    } else {
        let stacks = [upper, tiles.insert_tab_tile(lower)];
        tiles.insert_container(Container::Linear(Linear::new_binary(LinearDir::Vertical, stacks, 0.62)))
    };
    Tree::new(egui::Id::unique("views"), root, tiles)
}

impl ViewTiles {
    fn of(tree: Tree<Box<dyn View>>) -> Self {
        Self { tree, tall: true, front: Vec::new(), used: "leads", width: 0.0, reveal: REVEAL }
    }

    /// Every view of [`views::ALL`] side by side in a grid, for a tall window.
    pub fn spread() -> Self {
        let mut tiles = Tiles::default();
        let panes: Vec<_> = views::ALL.iter().map(|entry| tiles.insert_pane((entry.make)())).collect();
        let root = tiles.insert_grid_tile(panes);
        Self::of(Tree::new(egui::Id::unique("views"), root, tiles))
    }

    /// Draws the views that are in front.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let tall = ui.available_height() >= TALL;
        if tall != self.tall {
            self.lay_out(tall);
        }
        if self.width != ui.available_width() {
            self.width = ui.available_width();
            self.reveal = REVEAL;
        }
        self.reveal = self.reveal.saturating_sub(1);
        let active = self.tree.active_tiles();
        let revealed = if self.reveal > 0 { active } else { Vec::new() };
        let mut draw = Draw { cx, revealed: &revealed, used: None, enlarges: None };
        self.tree.ui(&mut draw, ui);
        let (pressed, enlarges) = (draw.used, draw.enlarges);
        let front = self.in_front();
        if front != self.front {
            let new = front.iter().find(|id| !self.front.contains(id));
            self.used = new.copied().unwrap_or(self.used);
            self.front = front;
            self.reveal = REVEAL;
            ui.ctx().request_repaint();
        }
        self.used = enlarges.or(pressed).unwrap_or(self.used);
        if enlarges.is_some() {
            self.enlarge();
        }
    }

    /// The view that was used last: brought to the front, or clicked.
    pub fn used(&self) -> &'static str {
        self.used
    }

    /// Gives the keyboard to the tab of a view.
    pub fn focus_tab(&self, ctx: &egui::Context, id: &str) {
        if let Some(tile) = self.tile(id) {
            keyboard::give(ctx, tile.egui_id(self.tree.id()));
        }
    }

    /// Place of a view in the last frame, in points, if it is in front.
    pub fn place(&self, id: &str) -> Option<egui::Rect> {
        self.tree.tiles.rect(self.tile(id)?)
    }

    /// True if neither the tile nor a container around it is hidden.
    fn is_in_sight(&self, tile: TileId) -> bool {
        let tiles = &self.tree.tiles;
        let mut path = std::iter::successors(Some(tile), |tile| tiles.parent_of(*tile));
        path.all(|tile| tiles.is_visible(tile))
    }

    fn tile(&self, id: &str) -> Option<TileId> {
        let mut panes = self.tree.tiles.iter();
        let tile = panes.find(|(_, tile)| matches!(tile, Tile::Pane(view) if view.id() == id));
        tile.map(|(tile, _)| *tile)
    }

    /// Lays the views out again; they keep their state.
    fn lay_out(&mut self, tall: bool) {
        let front = self.in_front();
        let made = self.take_views();
        self.tree = laid_out(made, tall);
        self.tall = tall;
        // Where there is one stack, the view in use is in front, else the first.
        let used = self.used;
        let last = front.iter().copied().find(|id| *id == used);
        for id in front.iter().copied().rev().chain(last) {
            self.show(id);
        }
    }

    /// Present arrangement.
    pub fn arrangement(&self) -> Option<Arrangement> {
        Arrangement::of(&self.tree)
    }

    /// Arranges the views anew and keeps their state.
    pub fn arrange(&mut self, arrangement: &Arrangement) {
        let made = self.take_views();
        self.tree = arrangement.build(self.tree.id(), made);
    }

    /// Takes the views out of the tree, in the order of [`views::ALL`].
    fn take_views(&mut self) -> Vec<Box<dyn View>> {
        let ids: Vec<TileId> = self.tree.tiles.tile_ids().collect();
        let mut made: Vec<Box<dyn View>> = ids
            .into_iter()
            .filter_map(|id| match self.tree.tiles.remove(id) {
                Some(Tile::Pane(view)) => Some(view),
                _ => None,
            })
            .collect();
        made.sort_by_key(|view| views::ALL.iter().position(|entry| entry.id == view.id()));
        made
    }

    /// Gives the view in use the whole room, or the other views theirs again.
    pub fn enlarge(&mut self) {
        if self.is_enlarged() {
            self.show_all();
            return;
        }
        let Some(mut below) = self.tile(self.used) else { return };
        while let Some(parent) = self.tree.tiles.parent_of(below) {
            let others: Vec<TileId> = match self.tree.tiles.get_container(parent) {
                Some(Container::Tabs(_)) | None => Vec::new(),
                Some(container) => container.children().copied().filter(|child| *child != below).collect(),
            };
            others.into_iter().for_each(|other| self.tree.tiles.set_visible(other, false));
            below = parent;
        }
        self.reveal = REVEAL;
    }

    /// True while other views are hidden.
    fn is_enlarged(&self) -> bool {
        self.tree.tiles.tile_ids().any(|tile| !self.tree.tiles.is_visible(tile))
    }

    fn show_all(&mut self) {
        let all: Vec<TileId> = self.tree.tiles.tile_ids().collect();
        all.into_iter().for_each(|tile| self.tree.tiles.set_visible(tile, true));
        self.reveal = REVEAL;
    }

    /// Brings a view to the front; an unknown id is ignored.
    pub fn show(&mut self, id: &str) {
        if self.is_enlarged() && !self.tile(id).is_some_and(|tile| self.is_in_sight(tile)) {
            self.show_all();
        }
        self.used = views::ALL.iter().map(|entry| entry.id).find(|known| *known == id).unwrap_or(self.used);
        self.tree.make_active(|_, tile| matches!(tile, Tile::Pane(view) if view.id() == id));
    }

    /// Text typed in the views and not sent, in the order of [`views::ALL`].
    pub fn unsent(&self, cx: &ViewContext<'_>) -> Vec<Unsent> {
        let mut made: Vec<&Box<dyn View>> = self
            .tree
            .tiles
            .tiles()
            .filter_map(|tile| match tile {
                Tile::Pane(view) => Some(view),
                Tile::Container(_) => None,
            })
            .collect();
        made.sort_by_key(|view| views::ALL.iter().position(|entry| entry.id == view.id()));
        made.into_iter().flat_map(|view| view.unsent(cx)).collect()
    }

    /// The ids of the views in front, in the order of [`views::ALL`].
    pub fn in_front(&self) -> Vec<&'static str> {
        let active: BTreeSet<_> = self
            .tree
            .active_tiles()
            .into_iter()
            .filter_map(|tile| self.tree.tiles.get_pane(&tile).map(|view| view.id()))
            .collect();
        views::ALL.iter().map(|entry| entry.id).filter(|id| active.contains(id)).collect()
    }
}

struct Draw<'a, 'c> {
    cx: &'a ViewContext<'c>,
    /// Tiles whose tabs are scrolled into view.
    revealed: &'a [TileId],
    /// View that was clicked in this frame.
    used: Option<&'static str>,
    /// View that is to be enlarged.
    enlarges: Option<&'static str>,
}

impl Behavior<Box<dyn View>> for Draw<'_, '_> {
    fn pane_ui(&mut self, ui: &mut egui::Ui, _: TileId, view: &mut Box<dyn View>) -> UiResponse {
        egui::Frame::new().inner_margin(6.0).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            view.ui(ui, self.cx);
        });
        if ui.ui_contains_pointer() && ui.input(|input| input.pointer.any_pressed()) {
            self.used = Some(view.id());
        }
        UiResponse::None
    }

    fn on_tab_button(
        &mut self,
        tiles: &mut Tiles<Box<dyn View>>,
        tile: TileId,
        tab: egui::Response,
    ) -> egui::Response {
        if tab.has_focus() {
            let stroke = tab.ctx.global_style().visuals.selection.stroke;
            let painter = tab.ctx.layer_painter(tab.layer_id).with_clip_rect(tab.interact_rect);
            let ring = egui::Stroke::new(stroke.width.max(2.0), stroke.color);
            painter.rect_stroke(tab.rect.shrink(1.0), 2.0, ring, egui::StrokeKind::Inside);
        }
        if tab.gained_focus() || self.revealed.contains(&tile) {
            tab.scroll_to_me_animation(None, egui::style::ScrollAnimation::none());
        }
        let id = tiles.get_pane(&tile).map(|view| view.id());
        if tab.clicked() {
            self.used = id.or(self.used);
        }
        match views::ALL.iter().find(|entry| Some(entry.id) == id) {
            Some(entry) => tab.on_hover_text(entry.hint),
            None => tab,
        }
    }

    fn tab_title_for_pane(&mut self, view: &Box<dyn View>) -> egui::WidgetText {
        view.title().into()
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn top_bar_right_ui(
        &mut self,
        tiles: &Tiles<Box<dyn View>>,
        ui: &mut egui::Ui,
        _: TileId,
        tabs: &egui_tiles::Tabs,
        _: &mut f32,
    ) {
        let Some(view) = tabs.active.and_then(|active| tiles.get_pane(&active)) else { return };
        let menu = ui.menu_button("⬇", |ui| {
            for (title, wanted) in view_files::offered(view.id()) {
                if ui.button(title).clicked() {
                    self.cx.send(Command::Window(WindowCommand::SaveView(wanted)));
                    ui.close();
                }
            }
            if ui.button(view_files::ON_SCREEN).clicked() {
                self.cx.send(Command::Window(WindowCommand::ScreenPicture(view.id())));
                ui.close();
            }
        });
        let enlarge = ui.button("□");
        let name = format!("Enlarge {}, or show all views again", view.title());
        enlarge.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
        if enlarge.on_hover_text(format!("{name} (Ctrl+M)")).clicked() {
            self.enlarges = Some(view.id());
        }
        let label = format!("Write {} as a file", view.title());
        menu.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
        menu.response.on_hover_text(label);
    }

    fn gap_width(&self, _: &egui::Style) -> f32 {
        3.0
    }
}
