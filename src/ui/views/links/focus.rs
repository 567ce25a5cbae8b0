//! Accounts whose links are drawn: the selected account or lead, else those of the scope.

use std::sync::Arc;

use super::side;
use crate::cache::AccountIndex;
use crate::query::Selection;
use crate::query::links::LinkNode;
use crate::ui::view::{Selected, ViewContext};
use crate::ui::words;

/// Maximum number of accounts of a scope that has a picture.
const MAX_ACCOUNTS: usize = 500;

/// Source of the accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The accounts of the scope.
    #[default]
    Scope,
    /// One account.
    Account(AccountIndex),
    /// A lead on a group, by position in the leads.
    Lead(usize),
}

/// Source of the accounts, with the accounts.
#[derive(Default)]
pub struct Focus {
    source: Source,
    accounts: Arc<Vec<AccountIndex>>,
    /// The last selection; a change from outside this view moves the focus.
    seen: Selected,
    /// The pair of scopes the accounts were taken from.
    version: Option<(u64, u64)>,
}

impl Focus {
    /// Follows the scope, or the selection if the scope has too many accounts for a picture. True if the focus
    /// moved. A new scope always becomes the focus.
    pub fn follow(&mut self, cx: &ViewContext<'_>) -> bool {
        let Some(selection) = cx.selection else { return false };
        let version = (cx.scope_version, if side::second(cx).is_some() { cx.against_version } else { 0 });
        let new_scope = self.version != Some(version);
        let new_selection = *cx.selected != self.seen;
        self.seen = cx.selected.clone();
        self.version = Some(version);
        let is_large = of_scopes(cx, selection).len() > MAX_ACCOUNTS;
        if !(new_scope || new_selection && is_large) {
            return false;
        }
        let of_selection = match *cx.selected {
            Selected::Account(account) => Some(Source::Account(account)),
            Selected::Lead(lead) => Some(Source::Lead(lead)),
            _ => None,
        };
        self.source = match of_selection {
            Some(source) if is_large => source,
            None if is_large && !new_scope => return false,
            _ => Source::Scope,
        };
        self.fill(cx);
        true
    }

    /// After a new ranking of leads, focuses on the selected lead, else on the scope.
    pub fn renew(&mut self, cx: &ViewContext<'_>) {
        self.seen = cx.selected.clone();
        self.source = match (self.source, cx.selected) {
            (Source::Lead(_), Selected::Lead(lead)) => Source::Lead(*lead),
            (Source::Lead(_), _) => Source::Scope,
            (other, _) => other,
        };
        self.fill(cx);
    }

    /// Sets the focus.
    pub fn set(&mut self, source: Source, cx: &ViewContext<'_>) {
        self.source = source;
        self.fill(cx);
    }

    /// Announces a selection by this view, which must not move the focus.
    pub fn expect(&mut self, selected: Selected) {
        self.seen = selected;
    }

    /// The accounts whose links are drawn; empty if there is no picture.
    pub fn accounts(&self) -> &Arc<Vec<AccountIndex>> {
        &self.accounts
    }

    /// True if the accounts are those of the scope.
    pub fn is_of_scope(&self) -> bool {
        self.source == Source::Scope
    }

    /// Title of the picture.
    pub fn title(&self, cx: &ViewContext<'_>) -> String {
        match self.source {
            Source::Scope => {
                let many = |count: usize| words::counted(count as u64, "account", "accounts");
                let of_scope = cx.selection.map_or(self.accounts.len(), |selection| selection.accounts.len());
                match side::second(cx) {
                    Some(b) => format!("Links of A ({}) and B ({})", many(of_scope), many(b.accounts.len())),
                    None => format!("Links of the scope ({})", many(of_scope)),
                }
            }
            Source::Account(account) => format!("Links of {}", words::account(cx.cache, account)),
            Source::Lead(at) => format!("Links of {}", words::lead(cx.leads, at)),
        }
    }

    /// Next step if there is no picture.
    pub fn hint(&self, cx: &ViewContext<'_>) -> String {
        let in_scope = cx.selection.map_or(0, |selection| of_scopes(cx, selection).len());
        match in_scope {
            0 => "0 accounts in the scope. Remove a filter from the scope bar above, or go back.".to_owned(),
            n if n > MAX_ACCOUNTS => format!(
                "{} in the scope. Select an account or a lead to see its links, or narrow the scope to at most {MAX_ACCOUNTS}.",
                words::counted(n as u64, "account", "accounts")
            ),
            _ => "Select an account or a lead to see its links.".to_owned(),
        }
    }

    fn fill(&mut self, cx: &ViewContext<'_>) {
        let accounts = match self.source {
            Source::Account(account) => vec![account],
            Source::Lead(at) => cx.leads.groups.get(at).map_or_else(Vec::new, |group| group.accounts.clone()),
            Source::Scope => {
                let Some(selection) = cx.selection else { return };
                let accounts = of_scopes(cx, selection);
                if accounts.len() > MAX_ACCOUNTS { Vec::new() } else { accounts }
            }
        };
        self.accounts = Arc::new(accounts);
    }
}

/// Accounts of the scope, and of the second scope, where there is one.
fn of_scopes(cx: &ViewContext<'_>, selection: &Selection) -> Vec<AccountIndex> {
    side::second(cx)
        .map_or_else(|| selection.accounts.clone(), |b| side::union(&selection.accounts, &b.accounts))
}

/// A node as the inspector takes it.
pub fn selected(node: &LinkNode) -> Selected {
    match *node {
        LinkNode::Account(account) => Selected::Account(account),
        LinkNode::Value(value) | LinkNode::Multitude(value) => Selected::Value(value),
    }
}
