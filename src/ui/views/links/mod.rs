//! Link graph of accounts and the attributes that they share, expanded one step at a time.
//!
//! A link is not a finding: agencies and campuses share values too.

mod act;
mod canvas;
mod focus;
mod matrix;
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
use crate::ui::widgets::pan_zoom::Camera;
use crate::ui::widgets::picture;
use crate::ui::words;

use act::Act;
use focus::{Focus, Source};

/// Largest picture.
const LIMITS: LinkLimits = LinkLimits { accounts: 150, values: 40 };
/// Number of values of a single account that are opened at first, rarest first.
const OPENED: usize = 8;
/// Number of accounts above which the matrix is drawn unless the user chooses the picture.
const MATRIX: usize = 40;
/// Share of the view's height that the table gets.
const TABLE: f32 = 0.3;

/// Inputs of a picture.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    accounts: Arc<Vec<AccountIndex>>,
    expanded: BTreeSet<ValueIndex>,
    cache_version: u64,
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
    /// Cache of the picture and its numbers.
    cache_version: Option<u64>,
}

impl View for LinksView {
    fn id(&self) -> &'static str {
        "links"
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
            self.expanded.clear();
            self.camera = Camera::default();
        }
        self.toolbar(ui, cx);
        if self.focus.accounts().is_empty() {
            let rect = ui.available_rect_before_wrap();
            picture::empty(ui, rect, &self.focus.hint(cx));
            ui.advance_cursor_after_rect(rect);
            return;
        }
        if self.is_matrix() {
            self.ask_matrix(cx);
            let top = ui.available_rect_before_wrap();
            if let Some((_, found)) = self.matrix.answer().filter(|(of, _)| *of == cx.data_version) {
                matrix::ui(ui, cx, found, &mut self.chosen);
            }
            picture::over(ui, top, picture::is_pending(&self.matrix, cx), self.matrix.failure());
            return;
        }
        self.ask(cx);
        let height = (ui.available_height() * (1.0 - TABLE)).max(120.0);
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), height), egui::Sense::click_and_drag());
        let mut acts = Vec::new();
        match current(&self.graph, cx) {
            Some(graph) => {
                let mut canvas = canvas::Canvas { graph, camera: &mut self.camera, acts: &mut acts };
                canvas.ui(ui, cx, &response, self.focus.accounts());
            }
            None => response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, "Links")),
        }
        picture::over(ui, rect, picture::is_pending(&self.graph, cx), self.graph.failure());
        if let Some(graph) = current(&self.graph, cx) {
            table::ui(ui, cx, graph, &mut acts);
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

    fn ask(&mut self, cx: &ViewContext<'_>) {
        let question = Question {
            accounts: Arc::clone(self.focus.accounts()),
            expanded: self.expanded.clone(),
            cache_version: cx.data_version,
        };
        let (cache, asked) = (Arc::clone(cx.cache), question.clone());
        self.graph.ask::<Cancelled>(cx.jobs, None, question, move |ticket| {
            ticket.check()?;
            let expanded = opened(&cache, &asked.accounts, asked.expanded);
            let graph = graph(&cache, &asked.accounts, &expanded, LIMITS);
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
                self.expanded.clear();
                self.camera = Camera::default();
            }
            Act::Expand(LinkNode::Value(value)) => {
                // A second time closes it again.
                if !self.expanded.remove(&value) {
                    self.expanded.insert(value);
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
                self.expanded.clear();
            }
            if self.is_matrix() {
                return;
            }
            let Some(graph) = current(&self.graph, cx) else { return };
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
