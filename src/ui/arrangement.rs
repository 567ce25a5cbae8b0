//! Arrangement of the views of a window, as a value that can be saved.

use std::collections::BTreeMap;

use egui_tiles::{Container, Grid, Linear, LinearDir, Tabs, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

use super::view::View;

/// A view, or an arrangement of several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrangement {
    /// A view, by its id.
    View(String),
    /// One behind another, with tabs.
    Stack {
        /// The parts.
        parts: Vec<Arrangement>,
        /// Position of the one in front.
        front: usize,
    },
    /// Side by side, or one above another, with the share that each part takes.
    Row {
        /// The parts.
        parts: Vec<(f32, Arrangement)>,
        /// True for one above another.
        is_vertical: bool,
    },
    /// In a grid.
    Grid {
        /// The parts.
        parts: Vec<Arrangement>,
    },
}

/// Views by their ids.
type Made = BTreeMap<&'static str, Box<dyn View>>;

impl Arrangement {
    /// Arrangement of a tree; `None` for one without views.
    pub fn of(tree: &Tree<Box<dyn View>>) -> Option<Self> {
        Self::of_tile(&tree.tiles, tree.root()?)
    }

    fn of_tile(tiles: &Tiles<Box<dyn View>>, id: TileId) -> Option<Self> {
        let part = |id: &TileId| Self::of_tile(tiles, *id);
        Some(match tiles.get(id)? {
            Tile::Pane(view) => Self::View(view.id().to_owned()),
            Tile::Container(Container::Tabs(tabs)) => Self::Stack {
                front: tabs.children.iter().position(|child| Some(*child) == tabs.active).unwrap_or(0),
                parts: tabs.children.iter().filter_map(part).collect(),
            },
            Tile::Container(Container::Linear(row)) => Self::Row {
                parts: row.children.iter().filter_map(|id| Some((row.shares[*id], part(id)?))).collect(),
                is_vertical: row.dir == LinearDir::Vertical,
            },
            Tile::Container(Container::Grid(grid)) => {
                Self::Grid { parts: grid.children().filter_map(part).collect() }
            }
        })
    }

    /// A tree of views in this arrangement. Views that it does not name come to the end of its first stack,
    /// and names without a view are left out.
    pub fn build(&self, id: egui::Id, views: Vec<Box<dyn View>>) -> Tree<Box<dyn View>> {
        let order: Vec<&'static str> = views.iter().map(|view| view.id()).collect();
        let mut made: Made = views.into_iter().map(|view| (view.id(), view)).collect();
        let mut tiles = Tiles::default();
        let root = self.tile(&mut tiles, &mut made);
        let left: Vec<TileId> =
            order.iter().filter_map(|id| made.remove(id)).map(|view| tiles.insert_pane(view)).collect();
        let root = match root {
            Some(root) if left.is_empty() => root,
            Some(root) => {
                let stack = first_stack(&tiles, root);
                match stack.and_then(|stack| tiles.get_mut(stack)) {
                    Some(Tile::Container(Container::Tabs(tabs))) => {
                        tabs.children.extend(left);
                        root
                    }
                    _ => tiles.insert_tab_tile([vec![root], left].concat()),
                }
            }
            None => tiles.insert_tab_tile(left),
        };
        Tree::new(id, root, tiles)
    }

    fn tile(&self, tiles: &mut Tiles<Box<dyn View>>, made: &mut Made) -> Option<TileId> {
        match self {
            Self::View(id) => made.remove(id.as_str()).map(|view| tiles.insert_pane(view)),
            Self::Stack { parts, front } => {
                let built: Vec<Option<TileId>> = parts.iter().map(|part| part.tile(tiles, made)).collect();
                let front = built.get(*front).copied().flatten();
                let children: Vec<TileId> = built.into_iter().flatten().collect();
                let mut tabs = Tabs::new(children);
                tabs.active = front.or(tabs.active);
                (!tabs.children.is_empty()).then(|| tiles.insert_container(Container::Tabs(tabs)))
            }
            Self::Row { parts, is_vertical } => {
                let built: Vec<(f32, TileId)> = parts
                    .iter()
                    .filter_map(|(share, part)| Some((*share, part.tile(tiles, made)?)))
                    .collect();
                let dir = if *is_vertical { LinearDir::Vertical } else { LinearDir::Horizontal };
                let mut row = Linear::new(dir, built.iter().map(|(_, id)| *id).collect());
                for (share, id) in &built {
                    row.shares.set_share(*id, *share);
                }
                (!built.is_empty()).then(|| tiles.insert_container(Container::Linear(row)))
            }
            Self::Grid { parts } => {
                let children: Vec<TileId> = parts.iter().filter_map(|part| part.tile(tiles, made)).collect();
                (!children.is_empty()).then(|| tiles.insert_container(Container::Grid(Grid::new(children))))
            }
        }
    }
}

fn first_stack(tiles: &Tiles<Box<dyn View>>, id: TileId) -> Option<TileId> {
    match tiles.get(id)? {
        Tile::Pane(_) => None,
        Tile::Container(Container::Tabs(_)) => Some(id),
        Tile::Container(container) => container.children().find_map(|child| first_stack(tiles, *child)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views;

    fn build(arrangement: &Arrangement) -> Arrangement {
        let made = views::ALL.iter().map(|entry| (entry.make)()).collect();
        Arrangement::of(&arrangement.build(egui::Id::unique("test"), made)).unwrap()
    }

    fn view(id: &str) -> Arrangement {
        Arrangement::View(id.to_owned())
    }

    #[test]
    fn an_arrangement_survives_a_tree_and_keeps_every_view() {
        let upper = Arrangement::Stack { parts: vec![view("leads"), view("gone"), view("links")], front: 2 };
        let kept = Arrangement::Row { parts: vec![(0.7, upper), (0.3, view("rhythm"))], is_vertical: true };
        let json = serde_json::to_string(&kept).unwrap();
        let built = build(&serde_json::from_str(&json).unwrap());
        let Arrangement::Row { parts, is_vertical: true } = &built else { panic!("{built:?}") };
        let Arrangement::Stack { parts: stacked, front: 1 } = &parts[0].1 else { panic!("{built:?}") };
        assert_eq!(stacked.len() + 1, views::ALL.len(), "no view is lost");
        assert_eq!((parts[0].0, parts[1].clone()), (0.7, (0.3, view("rhythm"))));
        assert_eq!(build(&built), built);
        assert!(matches!(build(&view("gone")), Arrangement::Stack { .. }));
    }
}
