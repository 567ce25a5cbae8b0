//! Link graph of accounts and the attributes that they share, expanded one step at a time.
//!
//! A link is not a finding: agencies and campuses share values too.

mod act;
mod canvas;
mod focus;
mod matrix;
mod pins;
mod side;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::vec2;

use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::jobs::Slot;
use crate::model::{AttributeKind, Cancelled, Watcher};
use crate::query;
use crate::query::links::{LinkGraph, LinkLimits, LinkNode, graph};
use crate::query::matrix::Matrix;
use crate::query::pivot::pivot;
use crate::ui::group_bar::GroupBar;
use crate::ui::scopes;
use crate::ui::view::{Command, PivotFrom, View, ViewContext};
use crate::ui::widgets::keys;
use crate::ui::widgets::pan_zoom::Camera;
use crate::ui::widgets::picture;
use crate::ui::words;

use act::{Act, ID};
use focus::{Focus, Source};

/// Largest picture.
const LIMITS: LinkLimits = LinkLimits { accounts: 150, values: 40 };
/// Number of values of a single account that are opened at first, rarest first.
const OPENED: usize = 8;
/// Number of accounts above which the matrix is drawn unless the user chooses the picture.
const MATRIX: usize = 40;
/// Legend of the picture, and its explanation.
const COLOURS: &str = "colour: lead";
const COLOURS_HINT: &str = "Accounts of one lead have one colour; grey ones are in no lead. Filled: in the scope. Ring: outside it. Line width: rarity of the shared value.";
/// Share of the view's height that the table gets.
const TABLE: f32 = 0.3;

/// Inputs of a picture.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    accounts: Arc<Vec<AccountIndex>>,
    expanded: BTreeSet<ValueIndex>,
    cache_version: u64,
    /// Number of the layout; a new one keeps pinned nodes only.
    layout: u64,
}

/// A picture, with the cache that numbers its nodes.
struct Drawn {
    cache_version: u64,
    graph: LinkGraph,
}

/// Accounts of a matrix, and the version of the cache.
type MatrixOf = (Arc<Vec<AccountIndex>>, u64);

/// The view's own state.
#[derive(Default)]
pub struct LinksView {
    focus: Focus,
    expanded: BTreeSet<ValueIndex>,
    camera: Camera,
    graph: Slot<Question, Drawn>,
    matrix: Slot<MatrixOf, (u64, Matrix)>,
    /// The user's choice of matrix or picture; `None` until then: a matrix for many accounts, a picture for
    /// few.
    wants_matrix: Option<bool>,
    chosen: GroupBar,
    /// Row and column of the matrix at the keyboard's cursor.
    cursor: [usize; 2],
    pins: pins::Pins,
    /// Question of the picture asked last.
    asked: Option<Question>,
    /// Number of the layout.
    layout: u64,
    /// Cache of the picture and its numbers.
    cache_version: Option<u64>,
}

impl View for LinksView {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Links"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        // The end of the text pass numbers values and leads anew.
        let before = self.cache_version.replace(cx.data_version);
        let renewed = before.is_some_and(|before| before != cx.data_version);
        if renewed {
            self.focus.renew(cx);
        }
        if self.focus.follow(cx) || renewed {
            self.begin_anew();
        }
        if let Some(page @ ("matrix" | "picture")) = cx.page {
            self.wants_matrix = Some(page == "matrix");
        }
        self.toolbar(ui, cx);
        if self.focus.accounts().is_empty() {
            keys::hold(ui, ID);
            let rect = ui.available_rect_before_wrap();
            picture::empty(ui, rect, &self.focus.hint(cx));
            ui.advance_cursor_after_rect(rect);
            return;
        }
        if self.is_matrix() {
            self.ask_matrix(cx);
            let top = ui.available_rect_before_wrap();
            if let Some((_, found)) = self.matrix.answer().filter(|(of, _)| *of == cx.data_version) {
                matrix::ui(ui, cx, found, &mut self.chosen, &mut self.cursor);
            } else {
                keys::hold(ui, ID);
            }
            picture::over(ui, top, picture::is_pending(&self.matrix, cx), self.matrix.failure());
            return;
        }
        self.ask(cx);
        let height = (ui.available_height() * (1.0 - TABLE)).max(120.0);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), egui::Sense::hover());
        let response = ui.interact(rect, keys::id(ID), egui::Sense::click_and_drag());
        let mut acts = Vec::new();
        match current(&self.graph, cx) {
            Some(graph) => {
                let (camera, pins, expanded) = (&mut self.camera, &mut self.pins, &self.expanded);
                let mut canvas = canvas::Canvas { graph, camera, acts: &mut acts, pins, expanded };
                canvas.ui(ui, cx, &response, self.focus.accounts());
            }
            None => response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, "Links")),
        }
        picture::over(ui, rect, picture::is_pending(&self.graph, cx), self.graph.failure());
        if let Some(graph) = current(&self.graph, cx) {
            table::ui(ui, cx, (graph, &self.expanded), &mut acts);
        }
        for act in acts {
            self.carry_out(cx, act);
        }
    }
}

impl LinksView {
    fn is_matrix(&self) -> bool {
        self.wants_matrix.unwrap_or(self.focus.accounts().len() > MATRIX)
    }

    fn ask_matrix(&mut self, cx: &ViewContext<'_>) {
        let (cache, accounts) = (Arc::clone(cx.cache), Arc::clone(self.focus.accounts()));
        let of = cx.data_version;
        self.matrix.ask::<Cancelled>(cx.jobs, None, (Arc::clone(&accounts), of), move |ticket| {
            ticket.check()?;
            Ok((of, query::matrix::matrix(&cache, &accounts)))
        });
        self.matrix.poll();
    }

    /// Forgets what belongs to other accounts.
    fn begin_anew(&mut self) {
        self.expanded.clear();
        self.pins.clear();
        self.camera = Camera::default();
        self.lay_out();
    }

    /// Lays the picture out again; pinned nodes stay.
    fn lay_out(&mut self) {
        self.layout += 1;
    }

    /// Places that a new picture keeps: those of the present one in the same layout, else the pinned ones.
    fn kept(&self, cx: &ViewContext<'_>, question: &Question) -> Vec<(LinkNode, [f32; 2])> {
        let is_same = self.asked.as_ref().is_some_and(|asked| asked.layout == question.layout);
        let present = current(&self.graph, cx).filter(|_| is_same);
        present.map_or_else(|| self.pins.places().to_vec(), |graph| graph.nodes.clone())
    }

    fn ask(&mut self, cx: &ViewContext<'_>) {
        let question = Question {
            layout: self.layout,
            accounts: Arc::clone(self.focus.accounts()),
            expanded: self.expanded.clone(),
            cache_version: cx.data_version,
        };
        let kept = match &self.asked {
            Some(asked) if *asked == question => Vec::new(),
            _ => self.kept(cx, &question),
        };
        self.asked = Some(question.clone());
        let (cache, asked) = (Arc::clone(cx.cache), question.clone());
        self.graph.ask::<Cancelled>(cx.jobs, None, question, move |ticket| {
            ticket.check()?;
            let expanded = opened(&cache, &asked.accounts, asked.expanded);
            let graph = graph(&cache, &asked.accounts, &expanded, LIMITS, &kept);
            Ok(Drawn { cache_version: asked.cache_version, graph })
        });
        self.graph.poll();
    }

    fn carry_out(&mut self, cx: &ViewContext<'_>, act: Act) {
        match act {
            Act::Select(node) => {
                let selected = focus::selected(&node);
                self.focus.expect(selected.clone());
                cx.send(Command::Select(selected));
            }
            Act::Pivot(node) => cx.send(Command::Pivot(match node {
                LinkNode::Account(account) => PivotFrom::Account(account),
                LinkNode::Value(value) | LinkNode::Multitude(value) => PivotFrom::Value(value),
            })),
            Act::Expand(LinkNode::Account(account)) => {
                self.focus.set(Source::Account(account), cx);
                self.begin_anew();
            }
            Act::Expand(LinkNode::Value(value)) => {
                // A second time closes it again.
                if !self.expanded.remove(&value) {
                    self.expanded.insert(value);
                }
            }
            Act::Move(node, place) => self.place(cx, node, place),
            Act::Pin(node) => {
                let nodes = current(&self.graph, cx).map_or(&[][..], |graph| graph.nodes.as_slice());
                let place = nodes.iter().find(|(known, _)| *known == node).map(|(_, place)| *place);
                if let Some(place) = place.filter(|_| !self.pins.release(&node)) {
                    self.pins.set(node, place);
                }
            }
            Act::Expand(LinkNode::Multitude(value)) => {
                let shared = cx.cache.values().get(value as usize).map_or(0, |value| value.accounts);
                let many = words::counted(u64::from(shared), "account", "accounts");
                cx.send(Command::Notify(format!(
                    "{many} share this value: too many to be informative. It stays one node."
                )));
            }
        }
    }

    /// Moves a node of the picture and pins it.
    fn place(&mut self, cx: &ViewContext<'_>, node: LinkNode, place: [f32; 2]) {
        let place = place.map(|x| x.clamp(0.0, 1.0));
        let drawn = self.graph.answer_mut().filter(|drawn| drawn.cache_version == cx.data_version);
        let nodes = drawn.into_iter().flat_map(|drawn| drawn.graph.nodes.iter_mut());
        for (_, at) in nodes.filter(|(known, _)| *known == node) {
            *at = place;
        }
        self.pins.set(node, place);
    }

    /// Buttons of the picture: pin, collapse, lay out.
    fn picture_buttons(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let nodes = current(&self.graph, cx).map_or(&[][..], |graph| graph.nodes.as_slice());
        let selected = nodes.iter().map(|(node, _)| node).find(|node| focus::selected(node) == *cx.selected);
        let selected = selected.cloned();
        let is_pinned = selected.as_ref().is_some_and(|node| self.pins.has(node));
        let title = if is_pinned { "unpin" } else { "pin" };
        let hint =
            "Keeps the selected node where it is (key I). Dragging a node pins it. Shift+arrows move it.";
        let pin = ui.add_enabled(selected.is_some(), egui::Button::new(title));
        let off = "Select an account or a value of the picture first (key N).";
        if pin.on_hover_text(hint).on_disabled_hover_text(off).clicked() {
            selected.into_iter().for_each(|node| self.carry_out(cx, Act::Pin(node)));
        }
        if !self.expanded.is_empty()
            && ui.button("collapse all").on_hover_text("Hides the accounts of all expanded values").clicked()
        {
            self.expanded.clear();
        }
        if ui.button("lay out").on_hover_text("Arranges the picture anew; pinned nodes stay").clicked() {
            self.lay_out();
        }
    }

    fn toolbar(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            ui.strong(self.focus.title(cx));
            for (title, wanted, hint) in [
                ("matrix", true, "Accounts by shared values; for more than 40 accounts"),
                ("picture", false, "Accounts and values as a graph"),
            ] {
                if ui.selectable_label(self.is_matrix() == wanted, title).on_hover_text(hint).clicked() {
                    self.wants_matrix = Some(wanted);
                }
            }
            if !self.focus.is_of_scope()
                && ui
                    .button("links of the scope")
                    .on_hover_text("Shows the links between the accounts of the scope")
                    .clicked()
            {
                self.focus.set(Source::Scope, cx);
                self.begin_anew();
            }
            if self.is_matrix() {
                return;
            }
            self.picture_buttons(ui, cx);
            // Without accounts to draw, the picture of before says nothing.
            let is_drawn = !self.focus.accounts().is_empty();
            let Some(graph) = current(&self.graph, cx).filter(|_| is_drawn) else { return };
            if side::second(cx).is_none() {
                ui.weak(COLOURS).on_hover_text(COLOURS_HINT);
            }
            let accounts: Vec<AccountIndex> =
                graph.nodes.iter().filter_map(|(node, _)| account_of(node)).collect();
            if !accounts.is_empty() {
                let many = words::counted(accounts.len() as u64, "account", "accounts");
                let button = ui.button(format!("scope to these {many}"));
                if button.on_hover_text("Sets the scope to the accounts in the picture").clicked() {
                    cx.send(Command::SetScope(scopes::of_accounts(cx, "linked accounts", &accounts)));
                }
            }
            if let Some(text) = left_out(graph) {
                ui.weak(text);
            }
        });
    }
}

/// The last picture, if it was made from the cache that is open.
fn current<'a>(slot: &'a Slot<Question, Drawn>, cx: &ViewContext<'_>) -> Option<&'a LinkGraph> {
    slot.answer().filter(|drawn| drawn.cache_version == cx.data_version).map(|drawn| &drawn.graph)
}

/// Opened values. A single account has no shared values of its own, so its rarest values are opened.
fn opened(
    cache: &Cache,
    accounts: &[AccountIndex],
    mut expanded: BTreeSet<ValueIndex>,
) -> BTreeSet<ValueIndex> {
    if accounts.len() == 1 {
        let kinds: Vec<_> = AttributeKind::ALL.into_iter().filter(|kind| kind.family().is_some()).collect();
        expanded.extend(pivot(cache, accounts, &kinds).iter().take(OPENED).map(|row| row.value));
    }
    expanded
}

fn account_of(node: &LinkNode) -> Option<AccountIndex> {
    if let LinkNode::Account(account) = node { Some(*account) } else { None }
}

fn left_out(graph: &LinkGraph) -> Option<String> {
    let parts: Vec<String> = [
        (graph.accounts_left_out, "account", "accounts"),
        (graph.values_left_out, "more common value", "more common values"),
    ]
    .into_iter()
    .filter(|(n, _, _)| *n > 0)
    .map(|(n, one, many)| words::counted(n as u64, one, many))
    .collect();
    (!parts.is_empty()).then(|| format!("{} not drawn", parts.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_out_nodes_are_counted() {
        let mut graph = LinkGraph::default();
        assert_eq!(left_out(&graph), None);
        graph.accounts_left_out = 1;
        graph.values_left_out = 1200;
        assert_eq!(left_out(&graph).unwrap(), "1 account and 1,200 more common values not drawn");
    }
}
