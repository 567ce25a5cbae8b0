//! Accounts and the attribute values that tie them, one step at a time.

use std::collections::BTreeSet;

use crate::cache::{AccountIndex, Cache, ValueIndex};

/// A value shared by more accounts than this stands as one node with its count.
pub const MULTITUDE: u32 = 40;

/// What stands in the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkNode {
    /// One account.
    Account(AccountIndex),
    /// A shared value whose other accounts stand in the picture as well, or could.
    Value(ValueIndex),
    /// A value shared by a multitude: shown with its count, never expanded.
    Multitude(ValueIndex),
}

/// An account has a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkEdge {
    /// Position of the account in the nodes.
    pub account: usize,
    /// Position of the value in the nodes.
    pub value: usize,
    /// How telling the value is: log₂((N + 0.5) / (accounts that share it + 0.5)), in bits.
    pub bits: f32,
}

/// A picture of who shares what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkGraph {
    /// What stands in it, with where: both coordinates in 0..=1, laid out deterministically.
    pub nodes: Vec<(LinkNode, [f32; 2])>,
    /// What ties it.
    pub edges: Vec<LinkEdge>,
    /// Values left out because the picture would be a hairball, rarest kept.
    pub values_left_out: usize,
    /// Accounts left out for the same reason.
    pub accounts_left_out: usize,
}

/// How much one picture holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkLimits {
    /// Accounts at the most.
    pub accounts: usize,
    /// Values at the most, rarest first.
    pub values: usize,
}

/// The picture of some accounts: the values at least two of them share, rarest first, and for
/// each value in `expanded` the other accounts that share it. Only attributes with a family
/// count. Values shared by more than [`MULTITUDE`] stand as one node.
pub fn graph(
    cache: &Cache,
    accounts: &[AccountIndex],
    expanded: &BTreeSet<ValueIndex>,
    limits: LinkLimits,
) -> LinkGraph {
    todo!()
}
