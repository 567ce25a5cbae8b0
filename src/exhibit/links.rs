//! What the accounts of a scope share: rare values in the middle, accounts around them.

use std::collections::BTreeSet;

use super::svg::{Anchor, Drawing, FAINT, GREY, INK, PEERS, SCOPE, WIDTH, shorten};
use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::cache::query::links::{LinkGraph, LinkLimits, LinkNode, MULTITUDE, graph};
use crate::cache::{Account, AttributeValue, Selection};
use crate::model::Watcher;

const LIMITS: LinkLimits = LinkLimits { accounts: 80, values: 40 };
const SIDE: [f64; 2] = [WIDTH - 160.0, 640.0];
const CORNER: [f64; 2] = [80.0, 16.0];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    _: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let picture = graph(subject.cache, &selection.accounts, &BTreeSet::new(), LIMITS);
    let all = LinkLimits { accounts: usize::MAX, values: usize::MAX };
    let whole = if picture.accounts_left_out + picture.values_left_out == 0 {
        picture.clone()
    } else {
        graph(subject.cache, &selection.accounts, &BTreeSet::new(), all)
    };
    let (accounts, values) = (subject.cache.accounts(), subject.cache.values());
    let mut made = drawn(&picture, accounts, values);
    made.table = table(&whole, accounts, values);
    Ok(made)
}

fn drawn(picture: &LinkGraph, accounts: &[Account], values: &[AttributeValue]) -> Drawn {
    let mut drawing = Drawing::new(SIDE[1] + 40.0);
    let place = |[x, y]: [f32; 2]| [CORNER[0] + SIDE[0] * f64::from(x), CORNER[1] + SIDE[1] * f64::from(y)];
    for edge in &picture.edges {
        let (from, to) = (place(picture.nodes[edge.account].1), place(picture.nodes[edge.value].1));
        drawing.rule(from, to, FAINT, 0.5 + f64::from(edge.bits.clamp(0.0, 20.0)) / 6.0);
    }
    for (node, at) in &picture.nodes {
        let at = place(*at);
        match node {
            LinkNode::Account(account) => {
                drawing.disc(at, 3.5, SCOPE, SCOPE);
                let name = accounts.get(*account as usize).map_or("", |account| account.id.as_str());
                drawing.text([at[0] + 5.0, at[1] + 3.0], 7.0, Anchor::Start, GREY, &shorten(name, 18));
            }
            LinkNode::Value(value) | LinkNode::Multitude(value) => {
                let Some(value) = values.get(*value as usize) else { continue };
                let many = matches!(node, LinkNode::Multitude(_));
                let half = if many { 7.0 } else { 5.0 };
                drawing.rect(at[0] - half, at[1] - half, 2.0 * half, 2.0 * half, "#ffffff");
                drawing.frame(at[0] - half, at[1] - half, 2.0 * half, 2.0 * half, PEERS);
                let label =
                    format!("{} {} ({})", value.kind.title(), shorten(&value.value, 24), value.accounts);
                drawing.text([at[0] + half + 3.0, at[1] + 4.0], 9.0, Anchor::Start, INK, &label);
            }
        }
    }
    let y = CORNER[1] + SIDE[1] + 14.0;
    drawing.disc([24.0, y], 3.5, SCOPE, SCOPE);
    drawing.text([34.0, y + 4.0], 11.0, Anchor::Start, INK, "account");
    drawing.frame(96.0, y - 5.0, 10.0, 10.0, PEERS);
    let legend =
        "shared value, with the number of all accounts that have it; a thicker line is a rarer value";
    drawing.text([112.0, y + 4.0], 11.0, Anchor::Start, INK, legend);
    let mut notes = vec![format!(
        "Linkage is not guilt: agencies, campuses and carriers are linked as well. A value shared by more \
         than {MULTITUDE} accounts stands as one node. The table's bits are log2((N + 0.5) / (accounts + 0.5))."
    )];
    if picture.accounts_left_out + picture.values_left_out > 0 {
        notes.push(format!(
            "Left out of the figure, in the table: {} accounts, {} values (the rarest are drawn).",
            picture.accounts_left_out, picture.values_left_out
        ));
    }
    Drawn { drawing: Some(drawing), table: Table::default(), notes }
}

fn table(whole: &LinkGraph, accounts: &[Account], values: &[AttributeValue]) -> Table {
    let mut table = Table::new(["account_id", "attribute", "value", "accounts_with_value", "bits"]);
    let mut rows = Vec::new();
    for edge in &whole.edges {
        let (LinkNode::Account(account), LinkNode::Value(value) | LinkNode::Multitude(value)) =
            (&whole.nodes[edge.account].0, &whole.nodes[edge.value].0)
        else {
            continue;
        };
        if let (Some(account), Some(shared)) = (accounts.get(*account as usize), values.get(*value as usize))
        {
            rows.push((shared.accounts, *value, &account.id, shared, edge.bits));
        }
    }
    rows.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    for (count, _, account, shared, bits) in rows {
        table.push(vec![
            cell(account.as_str()),
            shared.kind.name().to_owned(),
            cell(&shared.value),
            count.to_string(),
            format!("{bits:.3}"),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Caption, xml::text_of};
    use super::*;
    use crate::cache::query::links::LinkEdge;
    use crate::model::AttributeKind;

    #[test]
    fn rare_values_come_first() {
        let account = |id: &str| Account {
            id: id.into(),
            exchanges: 1,
            first: 0,
            last: 0,
            created: None,
            verified: None,
        };
        let value = |value: &str, accounts| AttributeValue {
            kind: AttributeKind::UserAgent,
            value: value.into(),
            accounts,
            exchanges: 9,
        };
        let (accounts, values) = ([account("a"), account("b")], [value("@curl", 90), value("<rare>", 2)]);
        let edge = |account, value, bits| LinkEdge { account, value, bits };
        let picture = LinkGraph {
            nodes: vec![
                (LinkNode::Account(0), [0.0, 0.0]),
                (LinkNode::Account(1), [1.0, 0.0]),
                (LinkNode::Multitude(0), [0.5, 0.5]),
                (LinkNode::Value(1), [0.5, 1.0]),
            ],
            edges: vec![edge(0, 2, 1.0), edge(1, 3, 9.0), edge(0, 3, 9.0)],
            values_left_out: 1,
            accounts_left_out: 0,
        };
        let csv = String::from_utf8(table(&picture, &accounts, &values).to_csv()).unwrap();
        let rows: Vec<_> = csv.lines().skip(1).collect();
        assert_eq!(rows[0], "a,user_agent,<rare>,2,9.000");
        assert_eq!(rows[2], "a,user_agent,'@curl,90,1.000");
        let made = drawn(&picture, &accounts, &values);
        assert!(made.notes[1].contains("1 values"));
        assert!(
            text_of(&made.drawing.unwrap().finish("t", &Caption::default()))
                .contains("user agent <rare> (2)")
        );
    }
}
