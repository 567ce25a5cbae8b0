//! Requests of the canvas and the table to the view.

use crate::query::links::LinkNode;

/// Id of the view, under which canvas and matrix take the keyboard.
pub const ID: &str = "links";

/// Request of the canvas or the table.
pub enum Act {
    /// Show a node in the inspector.
    Select(LinkNode),
    /// Open the pivot menu of a node.
    Pivot(LinkNode),
    /// One step further: a value's other accounts, or without them again; an account in the middle.
    Expand(LinkNode),
    /// Put a node at a place and pin it there.
    Move(LinkNode, [f32; 2]),
    /// Pin a node where it is, or release it.
    Pin(LinkNode),
}
