//! Graph of accounts and the attribute values that they share.

use std::collections::BTreeSet;

use super::pivot::{link_weight, most_telling, rarity, values_of_given};
use crate::cache::{AccountIndex, Cache, ValueIndex};

/// Number of accounts above which a shared value is one node with its count.
pub const MULTITUDE: u32 = 40;

/// Node of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkNode {
    /// One account.
    Account(AccountIndex),
    /// A shared value, which can be expanded to its other accounts.
    Value(ValueIndex),
    /// A value shared by more than [`MULTITUDE`] accounts, shown with its count and never expanded.
    Multitude(ValueIndex),
}

/// Edge between an account and a value that it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkEdge {
    /// Position of the account in the nodes.
    pub account: usize,
    /// Position of the value in the nodes.
    pub value: usize,
    /// Rarity of the value in bits: log₂((N + 0.5) / (accounts that share it + 0.5)).
    pub bits: f32,
}

/// Graph of accounts and shared values, laid out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkGraph {
    /// Nodes with their positions, both coordinates in 0..=1, laid out deterministically.
    pub nodes: Vec<(LinkNode, [f32; 2])>,
    /// Edges between accounts and values.
    pub edges: Vec<LinkEdge>,
    /// Number of values left out by the limits; the strongest of each family are kept.
    pub values_left_out: usize,
    /// Number of accounts left out by the limits.
    pub accounts_left_out: usize,
}

/// Maximum size of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkLimits {
    /// Maximum number of accounts.
    pub accounts: usize,
    /// Maximum number of values, by [`link_weight`].
    pub values: usize,
}

/// Graph of some accounts: the values that at least two of them share, by [`link_weight`], and for each
/// value in `expanded` the other accounts that share it. Only attributes of a family are used. A value
/// shared by more than [`MULTITUDE`] accounts is one node. Nodes of `kept` stay at their places, and the others are laid
/// out around them.
pub fn graph(
    cache: &Cache,
    accounts: &[AccountIndex],
    expanded: &BTreeSet<ValueIndex>,
    limits: LinkLimits,
    kept: &[(LinkNode, [f32; 2])],
) -> LinkGraph {
    let counts = |value: ValueIndex| cache.values()[value as usize].kind.family().is_some();
    let mut given = accounts.to_vec();
    given.sort_unstable();
    given.dedup();
    let mut drawn: Vec<AccountIndex> = given.iter().copied().take(limits.accounts).collect();
    let holders = |value: ValueIndex| cache.values()[value as usize].accounts;
    let mut tying: Vec<(ValueIndex, f32)> = values_of_given(&drawn, |account| cache.values_of(account))
        .into_iter()
        .filter(|&(value, given)| counts(value) && (given > 1 || expanded.contains(&value)))
        .map(|(value, given)| {
            let bits = rarity(cache.accounts().len(), holders(value) as usize);
            (value, link_weight(bits, given, holders(value)))
        })
        .collect();
    tying.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| (holders(a.0), a.0).cmp(&(holders(b.0), b.0))));
    let family = |(value, _): &(ValueIndex, f32)| cache.values()[*value as usize].kind.family();
    let (tying, left_out) = most_telling(tying, limits.values, family);
    let values: Vec<ValueIndex> = tying.into_iter().map(|(value, _)| value).collect();
    let values_left_out = left_out.iter().map(|(_, count)| count).sum();
    let multitude = |value: ValueIndex| cache.values()[value as usize].accounts > MULTITUDE;

    let mut wanted: BTreeSet<AccountIndex> = given.iter().copied().collect();
    for &value in values.iter().filter(|&&value| expanded.contains(&value) && !multitude(value)) {
        wanted.extend(cache.accounts_with(value));
    }
    let accounts_left_out = wanted.len().saturating_sub(limits.accounts);
    let others = wanted.into_iter().filter(|account| given.binary_search(account).is_err());
    let room = limits.accounts.saturating_sub(drawn.len());
    drawn.extend(others.take(room));

    let mut edges = Vec::new();
    for (at, &value) in values.iter().enumerate() {
        let holders = cache.accounts_with(value);
        let bits = rarity(cache.accounts().len(), holders.len());
        let tied = drawn.iter().enumerate().filter(|(_, account)| holders.binary_search(account).is_ok());
        edges.extend(tied.map(|(account, _)| LinkEdge { account, value: drawn.len() + at, bits }));
    }
    let as_node = |value| if multitude(value) { LinkNode::Multitude(value) } else { LinkNode::Value(value) };
    let nodes = drawn.iter().map(|&account| LinkNode::Account(account));
    let nodes: Vec<LinkNode> = nodes.chain(values.iter().map(|&value| as_node(value))).collect();
    let place = |node: &LinkNode| kept.iter().find(|(known, _)| known == node).map(|(_, place)| *place);
    let fixed: Vec<Option<[f32; 2]>> = nodes.iter().map(place).collect();
    let places = layout(&fixed, &edges);
    let nodes = nodes.into_iter().zip(places).collect();
    LinkGraph { nodes, edges, values_left_out, accounts_left_out }
}

/// Number of rounds of the layout, at which graphs of 300 nodes have converged.
const ROUNDS: usize = 120;

/// Force-directed layout (Fruchterman & Reingold 1991) in 0..=1, one node for each of `fixed`: springs along the edges,
/// repulsion between all, starting from a spiral, cooling linearly. A node with a place keeps it. Deterministic;
/// quadratic in the nodes, which [`LinkLimits`] bounds.
fn layout(fixed: &[Option<[f32; 2]>], edges: &[LinkEdge]) -> Vec<[f32; 2]> {
    let n = fixed.len();
    let mut at = start(fixed, edges);
    let ideal = (1.0 / n.max(1) as f32).sqrt();
    for round in 0..ROUNDS {
        let mut force = vec![[0.0_f32; 2]; n];
        for i in 0..n {
            for j in i + 1..n {
                let (dx, dy) = (at[i][0] - at[j][0], at[i][1] - at[j][1]);
                let push = ideal * ideal / (dx * dx + dy * dy).max(1e-6);
                force[i] = [force[i][0] + dx * push, force[i][1] + dy * push];
                force[j] = [force[j][0] - dx * push, force[j][1] - dy * push];
            }
        }
        for edge in edges {
            let (i, j) = (edge.account, edge.value);
            let (dx, dy) = (at[i][0] - at[j][0], at[i][1] - at[j][1]);
            let pull = dx.hypot(dy) / ideal;
            force[i] = [force[i][0] - dx * pull, force[i][1] - dy * pull];
            force[j] = [force[j][0] + dx * pull, force[j][1] + dy * pull];
        }
        let step = 0.1 * (1.0 - round as f32 / ROUNDS as f32);
        let free = at.iter_mut().zip(&force).zip(fixed).filter(|(_, fixed)| fixed.is_none());
        for ((place, force), _) in free {
            // A weak force to the centre holds components without an edge to the others.
            let (x, y) =
                (force[0] + 0.3 * (0.5 - place[0]) * ideal, force[1] + 0.3 * (0.5 - place[1]) * ideal);
            let scale = step / x.hypot(y).max(step);
            *place = [place[0] + x * scale, place[1] + y * scale];
        }
    }
    if fixed.iter().all(Option::is_none) {
        fit(&mut at);
    } else {
        at.iter_mut().flatten().for_each(|x| *x = x.clamp(0.0, 1.0));
    }
    at
}

/// Places before the first round: a spiral, or beside a tied node whose place is fixed.
fn start(fixed: &[Option<[f32; 2]>], edges: &[LinkEdge]) -> Vec<[f32; 2]> {
    // By the golden angle, neighbours in the list do not start as neighbours in the layout.
    const GOLDEN_ANGLE: f32 = 2.399_963;
    let n = fixed.len() as f32;
    let mut anchors: Vec<Option<[f32; 2]>> = vec![None; fixed.len()];
    for edge in edges {
        for (one, other) in [(edge.account, edge.value), (edge.value, edge.account)] {
            anchors[one] = anchors[one].or(fixed[other]);
        }
    }
    let place = |(i, fixed): (usize, &Option<[f32; 2]>)| {
        let (angle, spread) = (GOLDEN_ANGLE * i as f32, ((i as f32 + 0.5) / n).sqrt());
        let (middle, radius) = anchors[i].map_or(([0.5; 2], 0.5), |anchor| (anchor, 0.1));
        let [x, y] = [angle.cos(), angle.sin()].map(|way| radius * spread * way);
        fixed.unwrap_or([middle[0] + x, middle[1] + y])
    };
    fixed.iter().enumerate().map(place).collect()
}

/// Scales positions to 0..=1 along both axes; an axis without extent becomes 0.5.
fn fit(at: &mut [[f32; 2]]) {
    for axis in 0..2 {
        let low = at.iter().map(|place| place[axis]).fold(f32::INFINITY, f32::min);
        let high = at.iter().map(|place| place[axis]).fold(f32::NEG_INFINITY, f32::max);
        for place in at.iter_mut() {
            place[axis] =
                if high - low > 1e-6 { ((place[axis] - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(account: usize, value: usize) -> LinkEdge {
        LinkEdge { account, value, bits: 5.0 }
    }

    fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
        (a[0] - b[0]).hypot(a[1] - b[1])
    }

    #[test]
    fn what_is_tied_lies_closer_than_what_is_not() {
        // Two stars: accounts 0–4 on value 10, 5–9 on value 11.
        let edges: Vec<LinkEdge> = (0..10).map(|i| edge(i, 10 + i / 5)).collect();
        let at = layout(&[None; 12], &edges);
        let near = distance(at[0], at[10]).max(distance(at[7], at[11]));
        assert!(near < distance(at[10], at[11]), "{at:?}");
        assert!(at.iter().flatten().all(|x| (0.0..=1.0).contains(x)));
        assert_eq!(at, layout(&[None; 12], &edges));
    }

    #[test]
    fn a_picture_has_what_two_share_and_grows_by_what_is_expanded() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = super::super::pivot::tests::ring(folder.path());
        let limits = LinkLimits { accounts: 10, values: 10 };
        let ip = cache.value_index(crate::model::AttributeKind::Ip, "10.0.0.1").unwrap();
        let alone = graph(&cache, &[0], &BTreeSet::new(), limits, &[]);
        assert_eq!(alone.nodes.len(), 1, "one account shares nothing with itself");
        let two = graph(&cache, &[0, 1], &BTreeSet::new(), limits, &[]);
        let accounts =
            |graph: &LinkGraph| graph.nodes.iter().filter(|(n, _)| matches!(n, LinkNode::Account(_))).count();
        assert_eq!(accounts(&two), 2);
        assert!(two.nodes.iter().any(|(node, _)| *node == LinkNode::Value(ip)));
        let grown = graph(&cache, &[0, 1], &BTreeSet::from([ip]), limits, &two.nodes);
        assert_eq!(accounts(&grown), 3);
        assert_eq!(grown.accounts_left_out, 0);
        for (node, place) in &two.nodes {
            assert!(grown.nodes.contains(&(node.clone(), *place)), "{node:?} stays where it was");
        }
        let tight = graph(&cache, &[0, 1], &BTreeSet::from([ip]), LinkLimits { accounts: 2, values: 1 }, &[]);
        assert_eq!(
            (tight.accounts_left_out, accounts(&tight)),
            (0, 2),
            "the address is left out before it expands"
        );
        assert!(tight.values_left_out > 0);
        assert!(two.edges.iter().all(|edge| edge.account < 2 && edge.value >= 2));
    }

    #[test]
    fn few_nodes_have_places_too() {
        assert!(layout(&[], &[]).is_empty());
        assert_eq!(layout(&[None], &[]), [[0.5, 0.5]]);
        assert!(layout(&[None; 2], &[edge(0, 1)]).iter().flatten().all(|x| x.is_finite()));
    }
}
