//! The views in tiles that can be split, stacked and resized.

use std::collections::BTreeSet;

use egui_tiles::{
    Behavior, Container, Linear, LinearDir, SimplificationOptions, Tile, TileId, Tiles, Tree, UiResponse,
};

use super::view::{View, ViewContext};
use super::views;

/// The views and how they are laid out.
pub struct ViewTiles {
    tree: Tree<Box<dyn View>>,
}

impl Default for ViewTiles {
    /// Every view of [`views::ALL`]: its upper ones in one stack of tabs, its lower ones in another.
    fn default() -> Self {
        let mut tiles = Tiles::default();
        let mut stack = |place: views::Place| {
            let panes: Vec<_> = views::ALL
                .iter()
                .filter(|entry| entry.place == place)
                .map(|entry| tiles.insert_pane((entry.make)()))
                .collect();
            tiles.insert_tab_tile(panes)
        };
        let stacks = [stack(views::Place::Upper), stack(views::Place::Lower)];
        let both = Linear::new_binary(LinearDir::Vertical, stacks, 0.55);
        let root = tiles.insert_container(Container::Linear(both));
        Self { tree: Tree::new(egui::Id::unique("views"), root, tiles) }
    }
}

impl ViewTiles {
    /// Every view of [`views::ALL`] beside the others, in a grid.
    pub fn spread() -> Self {
        let mut tiles = Tiles::default();
        let panes: Vec<_> = views::ALL.iter().map(|entry| tiles.insert_pane((entry.make)())).collect();
        let root = tiles.insert_grid_tile(panes);
        Self { tree: Tree::new(egui::Id::unique("views"), root, tiles) }
    }

    /// Draws the views that are in front.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        self.tree.ui(&mut Draw { cx }, ui);
    }

    /// Brings a view to the front; an id that no view has is left alone.
    pub fn show(&mut self, id: &str) {
        self.tree.make_active(|_, tile| matches!(tile, Tile::Pane(view) if view.id() == id));
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
}

impl Behavior<Box<dyn View>> for Draw<'_, '_> {
    fn pane_ui(&mut self, ui: &mut egui::Ui, _: TileId, view: &mut Box<dyn View>) -> UiResponse {
        egui::Frame::new().inner_margin(6.0).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            view.ui(ui, self.cx);
        });
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, view: &Box<dyn View>) -> egui::WidgetText {
        view.title().into()
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn gap_width(&self, _: &egui::Style) -> f32 {
        3.0
    }
}
