//! Requests of the canvas and the table to the view.

use crate::query::links::LinkNode;

/// Request of the canvas or the table.
pub enum Act {
    /// Show a node in the inspector.
    Select(LinkNode),
    /// Open the pivot menu of a node.
    Pivot(LinkNode),
    /// One step further: a value's other accounts, an account in the middle.
    Expand(LinkNode),
}
