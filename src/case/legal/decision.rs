//! Decisions on the legal frame, as the journal has them.

use serde::{Deserialize, Serialize};

use super::{Element, LegalItem};

/// Decision on the legal frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "an action has its decision in a box")]
pub enum LegalDecision {
    /// An item was recorded, or replaced under its number.
    Recorded {
        /// Its number, from 1, never used for another item; 0 for the next one, which the case gives it.
        number: u64,
        /// The item.
        item: LegalItem,
    },
    /// An item was removed.
    Removed {
        /// Its number.
        number: u64,
    },
    /// A statement on an element was written; an empty one removes it.
    Stated {
        /// The element.
        element: Element,
        /// The statement.
        text: String,
    },
    /// Evidence was assigned to an element, or taken off it.
    Assigned {
        /// The element.
        element: Element,
        /// Number of the evidence.
        evidence: u64,
        /// False where it was taken off.
        is_assigned: bool,
    },
}

impl LegalDecision {
    /// Short description; hostile characters are not yet made visible.
    pub fn describe(&self) -> String {
        match self {
            Self::Recorded { number: 0, item } => format!("new legal item: {}", item.describe()),
            Self::Recorded { number, item } => format!("legal item {number}: {}", item.describe()),
            Self::Removed { number } => format!("legal item {number} removed"),
            Self::Stated { element, text } if text.is_empty() => format!("statement on {element} removed"),
            Self::Stated { element, .. } => format!("statement on {element} written"),
            Self::Assigned { element, evidence, is_assigned: true } => {
                format!("evidence {evidence} assigned to {element}")
            }
            Self::Assigned { element, evidence, .. } => format!("evidence {evidence} taken off {element}"),
        }
    }
}
