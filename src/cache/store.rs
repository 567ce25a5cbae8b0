//! What modules above the cache keep in it: links, signals, leads. The cache knows their tables,
//! not their meaning.

use super::{AccountIndex, ValueIndex};

/// Two accounts and how strongly what they share ties them.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRow {
    /// The smaller account.
    pub a: AccountIndex,
    /// The larger account.
    pub b: AccountIndex,
    /// Sum over families of the rarest shared value's bits.
    pub bits: f32,
    /// The rarest shared value of each family that has one.
    pub values: Vec<ValueIndex>,
}

/// A table of named columns, kept as ordinary SQLite columns so that any tool can read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredTable {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A real number.
    Real(f64),
    /// Text.
    Text(String),
}
