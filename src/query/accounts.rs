//! Accounts of a scope, with the number of their exchanges in it.

use std::ops::Range;

use crate::cache::{AccountIndex, Cache, RowId};
use crate::query::Selection;

/// One account of a scope.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountInScope {
    /// The account.
    pub account: AccountIndex,
    /// Number of its exchanges inside the scope; at least 1.
    pub exchanges: u32,
}

/// Accounts with at least one exchange in the selection, in the order of [`Cache::accounts`].
pub fn accounts(cache: &Cache, selection: &Selection) -> Vec<AccountInScope> {
    let count = |runs: &[Range<RowId>]| runs.iter().map(|run| run.len() as u32).sum();
    let of_accounts = selection.by_account(cache.hot());
    of_accounts.map(|(account, runs)| AccountInScope { account, exchanges: count(runs) }).collect()
}
