//! Nodes of the picture that the user has placed, and the one that is being dragged.

use crate::query::links::LinkNode;

/// Pinned nodes, and the node under the pointer.
#[derive(Default)]
pub struct Pins {
    pinned: Vec<(LinkNode, [f32; 2])>,
    /// Node under the pointer in the last frame.
    pub under: Option<LinkNode>,
    dragged: Option<LinkNode>,
}

impl Pins {
    /// True for a pinned node.
    pub fn has(&self, node: &LinkNode) -> bool {
        self.pinned.iter().any(|(known, _)| known == node)
    }

    /// Pinned nodes with their places.
    pub fn places(&self) -> &[(LinkNode, [f32; 2])] {
        &self.pinned
    }

    /// Pins a node at a place.
    pub fn set(&mut self, node: LinkNode, place: [f32; 2]) {
        self.release(&node);
        self.pinned.push((node, place));
    }

    /// Releases a node; true if it was pinned.
    pub fn release(&mut self, node: &LinkNode) -> bool {
        let before = self.pinned.len();
        self.pinned.retain(|(known, _)| known != node);
        self.pinned.len() < before
    }

    /// Releases all nodes.
    pub fn clear(&mut self) {
        self.pinned.clear();
        (self.under, self.dragged) = (None, None);
    }

    /// The node that a drag of the primary button moves; the one under the pointer when it began.
    pub fn drag(&mut self, response: &egui::Response) -> Option<LinkNode> {
        if response.drag_started_by(egui::PointerButton::Primary) {
            self.dragged = self.under.clone();
        }
        let node = self.dragged.clone();
        if response.drag_stopped() {
            self.dragged = None;
        }
        node
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_one_pin() {
        let mut pins = Pins::default();
        pins.set(LinkNode::Account(3), [0.1, 0.2]);
        pins.set(LinkNode::Account(3), [0.5, 0.5]);
        assert_eq!(pins.places(), [(LinkNode::Account(3), [0.5, 0.5])]);
        assert!(pins.has(&LinkNode::Account(3)) && !pins.has(&LinkNode::Value(3)));
        assert!(pins.release(&LinkNode::Account(3)) && !pins.release(&LinkNode::Account(3)));
    }
}
