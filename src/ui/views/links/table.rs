//! Links as text, the accessible form of the picture: one line per shared value, rarest first.

use std::collections::BTreeSet;

use egui_extras::{Column, TableBuilder};

use super::Act;
use super::side;
use crate::cache::{AccountIndex, ValueIndex};
use crate::query::links::{LinkGraph, LinkNode};
use crate::ui::view::ViewContext;
use crate::ui::widgets::cells;
use crate::ui::{theme, words};

/// Draws the table.
pub fn ui(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    (graph, expanded): (&LinkGraph, &BTreeSet<ValueIndex>),
    acts: &mut Vec<Act>,
) {
    let rows = rows(graph);
    if rows.is_empty() {
        ui.weak("0 rare shared values: no common IP, network, client, payment, sign-up or template.");
        return;
    }
    TableBuilder::new(ui)
        .cell_layout(cells::middle())
        .id_salt("links table")
        .striped(true)
        .column(Column::initial(110.0).at_least(60.0).clip(true))
        .column(Column::remainder().at_least(80.0).clip(true))
        .column(Column::initial(96.0).at_least(50.0))
        .column(Column::initial(150.0).at_least(90.0).clip(true))
        .column(Column::initial(80.0).at_least(50.0))
        .column(Column::initial(64.0).at_least(50.0))
        .header(theme::HEADER, |mut header| {
            for title in ["attribute", "value", "accounts here", "accounts in case", "rarity, bits", ""] {
                header.col(|ui| {
                    let text = egui::RichText::new(title).strong();
                    let is_text = ["attribute", "value"].contains(&title);
                    drop(if is_text { ui.label(text) } else { cells::figure(ui, text) });
                });
            }
        })
        .body(|body| {
            body.rows(theme::ROW, rows.len(), |mut row| {
                let shared = &rows[row.index()];
                line(&mut row, cx, &graph.nodes[shared.node].0, (shared, expanded), acts);
            });
        });
}

/// One shared value.
struct Shared {
    node: usize,
    accounts: Vec<AccountIndex>,
    bits: f32,
}

/// The values of the picture, rarest first.
fn rows(graph: &LinkGraph) -> Vec<Shared> {
    let mut rows: Vec<Shared> = Vec::new();
    let mut of_node = vec![usize::MAX; graph.nodes.len()];
    for edge in &graph.edges {
        if of_node[edge.value] == usize::MAX {
            of_node[edge.value] = rows.len();
            rows.push(Shared { node: edge.value, accounts: Vec::new(), bits: edge.bits });
        }
        if let LinkNode::Account(account) = graph.nodes[edge.account].0 {
            rows[of_node[edge.value]].accounts.push(account);
        }
    }
    rows
}

fn line(
    row: &mut egui_extras::TableRow<'_, '_>,
    cx: &ViewContext<'_>,
    node: &LinkNode,
    (shared, expanded): (&Shared, &BTreeSet<ValueIndex>),
    acts: &mut Vec<Act>,
) {
    let (LinkNode::Value(index) | LinkNode::Multitude(index)) = node else { return };
    let Some(value) = cx.cache.values().get(*index as usize) else { return };
    row.col(|ui| {
        ui.label(value.kind.title_of(&value.value));
    });
    row.col(|ui| {
        let text = words::fitting(&value.value, ui.available_width());
        let hint = format!("{}\nShows the value in the inspector", words::line(&value.value, 400));
        if ui.link(text.as_str()).on_hover_text(hint).clicked() {
            acts.push(Act::Select(node.clone()));
        }
    });
    row.col(|ui| {
        let sides = shared.accounts.iter().filter_map(|account| side::of(cx, *account));
        let counted = match side::second(cx) {
            Some(_) => side::counted(sides),
            None => words::count(shared.accounts.len() as u64),
        };
        cells::figure(ui, counted);
    });
    row.col(|ui| {
        let all = words::count(cx.cache.accounts().len() as u64);
        cells::figure(ui, format!("{} of {all}", words::count(u64::from(value.accounts))));
    });
    row.col(|ui| {
        cells::figure(ui, format!("{:.1}", shared.bits));
    });
    row.col(|ui| {
        let opens = matches!(node, LinkNode::Value(_));
        let (text, does) =
            if expanded.contains(index) { ("collapse", "Collapse") } else { ("expand", "Expand") };
        let button = ui.add_enabled(opens, egui::Button::new(text).small());
        let name = format!("{does} {} {}", value.kind.title(), words::line(&value.value, 60));
        button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, opens, &name));
        let why = format!(
            "{} accounts share this value, too many to be informative. It stays one node.",
            words::count(u64::from(value.accounts))
        );
        if button.on_disabled_hover_text(why).clicked() {
            acts.push(Act::Expand(node.clone()));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::links::LinkEdge;

    #[test]
    fn each_value_stands_once_in_the_order_of_the_picture() {
        let nodes = vec![
            (LinkNode::Account(0), [0.0; 2]),
            (LinkNode::Account(1), [0.0; 2]),
            (LinkNode::Value(7), [0.0; 2]),
            (LinkNode::Multitude(9), [0.0; 2]),
        ];
        let edge = |account, value, bits| LinkEdge { account, value, bits };
        let edges = vec![edge(0, 2, 9.0), edge(0, 3, 1.0), edge(1, 3, 1.0)];
        let graph = LinkGraph { nodes, edges, ..LinkGraph::default() };
        let rows: Vec<_> = rows(&graph).iter().map(|row| (row.node, row.accounts.len())).collect();
        assert_eq!(rows, vec![(2, 1), (3, 2)]);
    }
}
