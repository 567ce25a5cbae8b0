//! The accounts of a scope, with how much of each is in it.

use crate::cache::{AccountIndex, Cache, Selection};

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
    let mut counts: Vec<AccountInScope> =
        selection.accounts.iter().map(|&account| AccountInScope { account, exchanges: 0 }).collect();
    let mut at = 0;
    for run in &selection.runs {
        // Runs ascend and none has rows of two accounts, so the accounts are met in order.
        while counts.get(at).is_some_and(|of| cache.hot().rows_of(of.account).end <= run.start as usize) {
            at += 1;
        }
        if let Some(of) = counts.get_mut(at) {
            of.exchanges += run.len() as u32;
        }
    }
    counts
}
