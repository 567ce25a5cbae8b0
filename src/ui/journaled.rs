//! Journal entry that must be on the disk before its action happens.

use crate::case::Action;
use crate::ui::view::{Command, ViewContext};

/// An action that was sent to be journaled.
pub struct PendingEntry {
    action: Action,
    /// Number of journal entries when it was sent; its entry comes after them.
    after: usize,
}

impl PendingEntry {
    /// Sends an action to the journal.
    pub fn record(cx: &ViewContext<'_>, action: Action) -> Self {
        cx.send(Command::Record(action.clone()));
        Self { action, after: cx.state.journal.len() }
    }

    /// True once the entry is in the journal on the disk. The case's writer sends the state after writing, so
    /// an entry in the state has been written.
    pub fn is_journaled(&self, cx: &ViewContext<'_>) -> bool {
        cx.state.journal.iter().skip(self.after).any(|entry| entry.action == self.action)
    }
}
