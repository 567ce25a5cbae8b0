//! Picture of a link graph: accounts as dots, values as boxes, line width for bits.

use std::collections::BTreeSet;

use egui::{
    Color32, FontId, Key, Modifiers, Pos2, Rect, Response, Role, Stroke, StrokeKind, Vec2, WidgetInfo, vec2,
};

use super::Act;
use super::focus;
use super::pins::Pins;
use super::side::{self, Side};
use crate::cache::{AccountIndex, ValueIndex};
use crate::query::links::{LinkGraph, LinkNode};
use crate::ui::view::ViewContext;
use crate::ui::widgets::pan_zoom::Camera;
use crate::ui::widgets::picture;
use crate::ui::{theme, words};

/// Radius of an account's dot, in points.
const DOT: f32 = 5.0;
/// Side of a value whose name has no room, in points.
const SQUARE: f32 = 9.0;
/// Number of lines from which they are drawn fainter.
const CROWD: usize = 200;
/// Maximum number of visible accounts that have their names beside them.
const NAMED: usize = 40;
/// Largest distance between the pointer and its dot, in points.
const REACH: f32 = 9.0;
/// Step of a node that is moved by keys, as a share of the picture.
const STEP: f32 = 0.02;
/// Values named in a tooltip.
const TOOLTIP_VALUES: usize = 8;

/// One picture with its input.
pub struct Canvas<'a> {
    /// The graph.
    pub graph: &'a LinkGraph,
    /// Position and zoom.
    pub camera: &'a mut Camera,
    /// Requests of this frame.
    pub acts: &'a mut Vec<Act>,
    /// Pinned and dragged nodes.
    pub pins: &'a mut Pins,
    /// Values whose other accounts are drawn.
    pub expanded: &'a BTreeSet<ValueIndex>,
}

impl Canvas<'_> {
    /// Draws the picture; `middle` are the accounts whose links it shows.
    pub fn ui(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>, response: &Response, middle: &[AccountIndex]) {
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Links"));
        let rect = response.rect;
        if response.has_focus() {
            picture::keep_arrows(ui, response);
            self.keys(ui, cx);
        }
        let dragged = self.pins.drag(response);
        self.camera.interact(ui, response, dragged.is_some());
        if let (Some(node), Some(pos)) = (dragged, response.interact_pointer_pos()) {
            self.acts.push(Act::Move(node, self.camera.to_plane(rect, pos)));
        }
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect_filled(rect, 2.0, ui.visuals().extreme_bg_color);
        let places: Vec<Pos2> =
            self.graph.nodes.iter().map(|(_, place)| self.camera.to_screen(rect, *place)).collect();
        self.edges(ui, &painter, &places);
        let boxes = self.values(ui, cx, &painter, &places);
        let covered: Vec<Rect> = boxes.iter().map(|(_, rect)| *rect).collect();
        self.accounts(ui, cx, &painter, &places, middle, covered);
        let under = response.hover_pos().and_then(|pos| self.under(pos, &places, &boxes));
        self.pins.under = under.map(|node| self.graph.nodes[node].0.clone());
        self.pins(ui, &painter, &places);
        self.act(response, under);
        if let Some(node) = under {
            self.highlight(ui, &painter, &places, node);
            response.clone().on_hover_text_at_pointer(self.tooltip(cx, node));
        }
        picture::focus_ring(ui, response);
    }

    /// Keys: I pins the selected node, Shift and arrows move it, N selects the next.
    fn keys(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>) {
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        let at = self.graph.nodes.iter().position(|(node, _)| focus::selected(node) == *cx.selected);
        if pressed(Modifiers::NONE, Key::N)
            && let Some((node, _)) =
                self.graph.nodes.get(at.map_or(0, |at| (at + 1) % self.graph.nodes.len()))
        {
            self.acts.push(Act::Select(node.clone()));
        }
        let Some((node, place)) = at.map(|at| &self.graph.nodes[at]) else { return };
        if pressed(Modifiers::NONE, Key::I) {
            self.acts.push(Act::Pin(node.clone()));
        }
        for (key, [x, y]) in [
            (Key::ArrowLeft, [-STEP, 0.0]),
            (Key::ArrowRight, [STEP, 0.0]),
            (Key::ArrowUp, [0.0, STEP]),
            (Key::ArrowDown, [0.0, -STEP]),
        ] {
            if pressed(Modifiers::SHIFT, key) {
                self.acts.push(Act::Move(node.clone(), [place[0] + x, place[1] + y]));
            }
        }
    }

    /// Draws a dot at pinned nodes and a ring around the selected one.
    fn pins(&self, ui: &egui::Ui, painter: &egui::Painter, places: &[Pos2]) {
        let ink = ui.visuals().strong_text_color();
        for (place, _) in places.iter().zip(&self.graph.nodes).filter(|(_, (node, _))| self.pins.has(node)) {
            painter.circle(*place + vec2(DOT + 2.0, -DOT - 2.0), 2.5, ink, Stroke::NONE);
        }
    }

    fn act(&mut self, response: &Response, under: Option<usize>) {
        if response.clicked() {
            response.request_focus();
        }
        let Some(node) = under.map(|node| self.graph.nodes[node].0.clone()) else { return };
        if response.secondary_clicked() {
            self.acts.push(Act::Pivot(node));
        } else if response.double_clicked() {
            self.acts.push(Act::Expand(node));
        } else if response.clicked() {
            self.acts.push(Act::Select(node));
        }
    }

    fn edges(&self, ui: &egui::Ui, painter: &egui::Painter, places: &[Pos2]) {
        let strength = if self.graph.edges.len() > CROWD { 0.25 } else { 0.6 };
        let colour = ui.visuals().weak_text_color().gamma_multiply(strength);
        for edge in &self.graph.edges {
            let ends = [places[edge.account], places[edge.value]];
            painter.line_segment(ends, Stroke::new(width(edge.bits), colour));
        }
    }

    fn values(
        &self,
        ui: &egui::Ui,
        cx: &ViewContext<'_>,
        painter: &egui::Painter,
        places: &[Pos2],
    ) -> Vec<(usize, Rect)> {
        let visuals = ui.visuals();
        let mut boxes: Vec<(usize, Rect)> = Vec::new();
        for (i, (node, _)) in self.graph.nodes.iter().enumerate() {
            let Some(text) = value_label(cx, node) else { continue };
            let is_multitude = matches!(node, LinkNode::Multitude(_));
            let galley = painter.layout_no_wrap(text, FontId::proportional(11.5), visuals.text_color());
            let size = galley.size() + vec2(8.0, 4.0);
            // The rarest values are first and keep their names. A value whose name would cover one, or another node, is
            // drawn as a square.
            let free = |name: &Rect| {
                let near = name.expand(DOT);
                !boxes.iter().any(|(_, other)| other.intersects(*name))
                    && !places.iter().enumerate().any(|(at, place)| at != i && near.contains(*place))
            };
            let name_box =
                Some(places[i]).filter(|place| painter.clip_rect().contains(*place)).and_then(|place| {
                    let beside = [0.0, -1.0, 1.0].map(|step| place + vec2(0.0, step * (size.y + DOT)));
                    let names =
                        beside.map(|at| kept_inside(Rect::from_center_size(at, size), painter.clip_rect()));
                    names.into_iter().find(free)
                });
            let is_covering = name_box.is_none();
            let rect = name_box.unwrap_or_else(|| Rect::from_center_size(places[i], Vec2::splat(SQUARE)));
            if painter.clip_rect().intersects(rect) {
                let fill =
                    if is_multitude { visuals.faint_bg_color } else { visuals.widgets.inactive.weak_bg_fill };
                let line = if is_multitude { visuals.weak_text_color() } else { visuals.hyperlink_color };
                let is_open = value_of(node).is_some_and(|value| self.expanded.contains(&value));
                let stroke = Stroke::new(if is_open { 2.0 } else { 1.0 }, line);
                painter.rect(rect, 3.0, fill, stroke, StrokeKind::Inside);
                if !is_covering {
                    painter.galley(rect.min + vec2(4.0, 2.0), galley, Color32::PLACEHOLDER);
                }
            }
            boxes.push((i, rect));
        }
        boxes
    }

    /// Draws the accounts; `names` are the labels that no name may cover.
    fn accounts(
        &self,
        ui: &egui::Ui,
        cx: &ViewContext<'_>,
        painter: &egui::Painter,
        places: &[Pos2],
        middle: &[AccountIndex],
        mut names: Vec<Rect>,
    ) {
        let seen = |i: usize| painter.clip_rect().contains(places[i]);
        let accounts = self.graph.nodes.iter().enumerate().filter_map(|(i, (node, _))| match node {
            LinkNode::Account(account) if seen(i) => Some((i, *account)),
            _ => None,
        });
        let has_names = accounts.clone().count() <= NAMED;
        for (i, account) in accounts {
            let side = side::of(cx, account);
            let colour = match side {
                Some(side) => side.colours(ui.visuals())[0],
                None => lead_colour(ui, cx, account),
            };
            let in_scope =
                cx.selection.is_some_and(|selection| selection.accounts.binary_search(&account).is_ok());
            let radius = if middle.len() == 1 && middle[0] == account { DOT * 1.6 } else { DOT };
            let fill = if in_scope { colour } else { ui.visuals().extreme_bg_color };
            let fill = if side == Some(Side::B) { colour } else { fill };
            painter.circle(places[i], radius, fill, Stroke::new(1.8, colour));
            if side == Some(Side::Both) {
                let ring = Stroke::new(1.8, theme::against(ui.visuals()));
                painter.circle_stroke(places[i], radius + 2.0, ring);
            }
            if has_names {
                let name = words::middle(&words::account(cx.cache, account), 22);
                let name = side.map_or(name.clone(), |side| format!("{} {name}", side.letters()));
                let ink = ui.visuals().text_color();
                let galley = painter.layout_no_wrap(name, FontId::proportional(11.0), ink);
                let rect = beside(places[i], radius + 3.0, galley.size(), painter.clip_rect());
                // A name that would overlap another is only in the tooltip.
                if names.iter().any(|other| other.intersects(rect)) {
                    continue;
                }
                names.push(rect);
                // A name on a line would be illegible.
                painter.rect_filled(rect, 2.0, ui.visuals().extreme_bg_color.gamma_multiply(0.75));
                painter.galley(rect.min, galley, ink);
            }
        }
    }

    /// The node under the pointer: a dot before a box.
    fn under(&self, pos: Pos2, places: &[Pos2], boxes: &[(usize, Rect)]) -> Option<usize> {
        let dots =
            self.graph.nodes.iter().enumerate().filter(|(_, (node, _))| matches!(node, LinkNode::Account(_)));
        let nearest = dots
            .map(|(i, _)| (i, places[i].distance(pos)))
            .filter(|(_, distance)| *distance <= REACH)
            .min_by(|a, b| a.1.total_cmp(&b.1));
        // Boxes drawn later lie on top.
        nearest
            .map(|(i, _)| i)
            .or_else(|| boxes.iter().rev().find(|(_, rect)| rect.contains(pos)).map(|(i, _)| *i))
    }

    fn highlight(&self, ui: &egui::Ui, painter: &egui::Painter, places: &[Pos2], node: usize) {
        let colour = theme::event(ui.visuals());
        for edge in self.graph.edges.iter().filter(|edge| edge.account == node || edge.value == node) {
            let ends = [places[edge.account], places[edge.value]];
            painter.line_segment(ends, Stroke::new(width(edge.bits) + 0.5, colour));
        }
    }

    fn tooltip(&self, cx: &ViewContext<'_>, node: usize) -> String {
        match &self.graph.nodes[node].0 {
            LinkNode::Account(account) => {
                let mut lines = vec![words::account(cx.cache, *account)];
                let mut shared: Vec<_> =
                    self.graph.edges.iter().filter(|edge| edge.account == node).collect();
                shared.sort_by(|a, b| b.bits.total_cmp(&a.bits).then(a.value.cmp(&b.value)));
                let more = shared.len().saturating_sub(TOOLTIP_VALUES);
                lines.extend(
                    shared
                        .iter()
                        .take(TOOLTIP_VALUES)
                        .filter_map(|edge| value_line(cx, &self.graph.nodes[edge.value].0, edge.bits)),
                );
                if more > 0 {
                    lines.push(format!("and {more} more"));
                }
                lines.push("Double-click to centre the account. Drag to place and pin it.".to_owned());
                lines.join("\n")
            }
            value => {
                let bits =
                    self.graph.edges.iter().find(|edge| edge.value == node).map_or(0.0, |edge| edge.bits);
                let hint = if matches!(value, LinkNode::Multitude(_)) {
                    "Too many accounts share this value to be informative. It cannot be opened."
                } else {
                    "Double-click to show or hide its other accounts. Drag to place and pin it."
                };
                format!("{}\n{hint}", value_line(cx, value, bits).unwrap_or_default())
            }
        }
    }
}

/// The value of a node; `None` for an account.
fn value_of(node: &LinkNode) -> Option<ValueIndex> {
    match node {
        LinkNode::Account(_) => None,
        LinkNode::Value(value) | LinkNode::Multitude(value) => Some(*value),
    }
}

/// Place of a name at the right of its dot, or at the left where the right has no room.
fn beside(dot: Pos2, gap: f32, size: Vec2, bounds: Rect) -> Rect {
    let is_right = dot.x + gap + size.x <= bounds.right();
    let left = if is_right { dot.x + gap } else { dot.x - gap - size.x };
    kept_inside(Rect::from_min_size(egui::pos2(left, dot.y - size.y / 2.0), size), bounds)
}

/// The label of a node in sight, moved to lie inside `bounds`.
fn kept_inside(label: Rect, bounds: Rect) -> Rect {
    // The beginning of a label wider than the bounds stays visible.
    let by = |low: f32, high: f32, from: f32, to: f32| (from - low).max((to - high).min(0.0));
    label.translate(vec2(
        by(label.left(), label.right(), bounds.left(), bounds.right()),
        by(label.top(), label.bottom(), bounds.top(), bounds.bottom()),
    ))
}

/// `IP 10.1.2.3: 3 of 3,829 accounts, 10.1 bits`; `None` for an account.
pub fn value_line(cx: &ViewContext<'_>, node: &LinkNode, bits: f32) -> Option<String> {
    let (LinkNode::Value(value) | LinkNode::Multitude(value)) = node else { return None };
    let value = cx.cache.values().get(*value as usize)?;
    Some(format!(
        "{} {}: {} of {} accounts, {bits:.1} bits",
        value.kind.title_of(&value.value),
        words::middle(&value.value, 60),
        words::count(u64::from(value.accounts)),
        words::count(cx.cache.accounts().len() as u64),
    ))
}

fn value_label(cx: &ViewContext<'_>, node: &LinkNode) -> Option<String> {
    match node {
        LinkNode::Account(_) => None,
        LinkNode::Value(value) => {
            let value = cx.cache.values().get(*value as usize)?;
            let kind = value.kind.title_of(&value.value);
            Some(format!(
                "{kind} {} · {}",
                words::middle(&value.value, 22),
                words::count(u64::from(value.accounts))
            ))
        }
        LinkNode::Multitude(value) => {
            let value = cx.cache.values().get(*value as usize)?;
            let many = words::count(u64::from(value.accounts));
            let kind = value.kind.title_of(&value.value);
            Some(format!("{many} accounts · {kind} {}", words::middle(&value.value, 22)))
        }
    }
}

fn lead_colour(ui: &egui::Ui, cx: &ViewContext<'_>, account: AccountIndex) -> Color32 {
    let rank = cx.leads.rank_of.get(account as usize);
    let lead = rank.and_then(|rank| cx.leads.accounts.get(*rank as usize));
    match lead.and_then(|lead| lead.group) {
        Some(group) => theme::series(group as usize),
        None => ui.visuals().weak_text_color(),
    }
}

/// Line width in points: 0.5 for 0 bits, 4 for 14 bits.
fn width(bits: f32) -> f32 {
    0.5 + (bits / 4.0).clamp(0.0, 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_nodes_in_sight_lie_inside() {
        let bounds = Rect::from_min_size(Pos2::ZERO, vec2(100.0, 50.0));
        let label = |x, y| Rect::from_center_size(egui::pos2(x, y), vec2(40.0, 10.0));
        assert_eq!(kept_inside(label(95.0, 25.0), bounds), label(80.0, 25.0));
        assert_eq!(kept_inside(label(5.0, 2.0), bounds), label(20.0, 5.0));
        assert_eq!(kept_inside(label(50.0, 25.0), bounds), label(50.0, 25.0));
        assert_eq!(
            kept_inside(label(119.0, 25.0), bounds),
            label(80.0, 25.0),
            "its node is at the right edge"
        );
    }

    #[test]
    fn a_name_does_not_cover_its_dot() {
        let bounds = Rect::from_min_size(Pos2::ZERO, vec2(100.0, 50.0));
        let name = |x| beside(egui::pos2(x, 25.0), 8.0, vec2(40.0, 10.0), bounds);
        assert_eq!(name(20.0).left(), 28.0);
        assert_eq!(name(90.0).right(), 82.0, "at the left, for want of room");
    }

    #[test]
    fn more_bits_are_wider_within_bounds() {
        assert!(width(2.0) < width(10.0));
        assert_eq!((width(-1.0), width(100.0)), (0.5, 4.5));
    }
}
