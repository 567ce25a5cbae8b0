//! From accounts to those that share something with them.

use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::AttributeKind;

/// A value that the accounts asked about have.
#[derive(Clone, Debug, PartialEq)]
pub struct PivotRow {
    /// Which value.
    pub value: ValueIndex,
    /// How many of the accounts asked about have it.
    pub asked: u32,
    /// All accounts that have it, sorted, the asked ones included.
    pub accounts: Vec<AccountIndex>,
    /// How rare it is, log₂((N + 0.5) / (accounts + 0.5)) in bits.
    pub bits: f32,
}

/// The values of these kinds that the accounts have and at least one other account shares (or
/// at least two of the asked), rarest first, then by value.
pub fn pivot(cache: &Cache, accounts: &[AccountIndex], kinds: &[AttributeKind]) -> Vec<PivotRow> {
    todo!()
}
