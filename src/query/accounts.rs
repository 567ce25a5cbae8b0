//! The accounts of a scope, with how much of each is in it.

use std::ops::Range;

use crate::cache::{AccountIndex, Cache, RowId};
use crate::query::Selection;

/// One account of a scope.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountInScope {
    /// Which.
    pub account: AccountIndex,
    /// Its exchanges inside the scope; at least 1.
    pub exchanges: u32,
}

/// The accounts with at least one exchange in the selection, in the order of [`Cache::accounts`].
pub fn accounts(cache: &Cache, selection: &Selection) -> Vec<AccountInScope> {
    let count = |runs: &[Range<RowId>]| runs.iter().map(|run| run.len() as u32).sum();
    let of_accounts = selection.by_account(cache.hot());
    of_accounts.map(|(account, runs)| AccountInScope { account, exchanges: count(runs) }).collect()
}
