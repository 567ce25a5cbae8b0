//! The views in tiles that can be split, stacked and resized.

use std::collections::BTreeSet;

use egui_tiles::{
    Behavior, Container, Linear, LinearDir, SimplificationOptions, Tile, TileId, Tiles, Tree, UiResponse,
};

use super::arrangement::Arrangement;
use super::unsent::Unsent;
use super::view::{Command, View, ViewContext, WindowCommand};
use super::{view_files, views};

/// Height in points below which the views share one stack.
const TALL: f32 = 420.0;

/// The views and how they are laid out.
pub struct ViewTiles {
    tree: Tree<Box<dyn View>>,
    /// True if the views were laid out for a height that holds two stacks.
    tall: bool,
}

impl Default for ViewTiles {
    /// Every view of [`views::ALL`]: its upper ones in one stack of tabs, its lower ones in another.
    fn default() -> Self {
        let made = views::ALL.iter().map(|entry| (entry.make)()).collect();
        Self { tree: laid_out(made, true), tall: true }
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
    /// Every view of [`views::ALL`] side by side in a grid, for a tall window.
    pub fn spread() -> Self {
        let mut tiles = Tiles::default();
        let panes: Vec<_> = views::ALL.iter().map(|entry| tiles.insert_pane((entry.make)())).collect();
        let root = tiles.insert_grid_tile(panes);
        Self { tree: Tree::new(egui::Id::unique("views"), root, tiles), tall: true }
    }

    /// Draws the views that are in front.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let tall = ui.available_height() >= TALL;
        if tall != self.tall {
            self.lay_out(tall);
        }
        self.tree.ui(&mut Draw { cx }, ui);
    }

    /// Lays the views out again; they keep their state.
    fn lay_out(&mut self, tall: bool) {
        let front = self.in_front();
        let made = self.take_views();
        self.tree = laid_out(made, tall);
        self.tall = tall;
        // Backwards, so that where there is one stack the first of them is in front.
        for id in front.into_iter().rev() {
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

    /// Brings a view to the front; an unknown id is ignored.
    pub fn show(&mut self, id: &str) {
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

    fn on_tab_button(
        &mut self,
        tiles: &mut Tiles<Box<dyn View>>,
        tile: TileId,
        button: egui::Response,
    ) -> egui::Response {
        let id = tiles.get_pane(&tile).map(|view| view.id());
        match views::ALL.iter().find(|entry| Some(entry.id) == id) {
            Some(entry) => button.on_hover_text(entry.hint),
            None => button,
        }
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
        let offered = view_files::offered(view.id());
        if offered.is_empty() {
            return;
        }
        let menu = ui.menu_button("⬇", |ui| {
            for (title, wanted) in offered {
                if ui.button(title).clicked() {
                    self.cx.send(Command::Window(WindowCommand::SaveView(wanted)));
                    ui.close();
                }
            }
        });
        let label = format!("Write {} as SVG or CSV", view.title());
        menu.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
        menu.response.on_hover_text(label);
    }

    fn gap_width(&self, _: &egui::Style) -> f32 {
        3.0
    }
}
