//! From accounts to those that share something with them.

use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::AttributeKind;

/// A value that the accounts asked about have.
#[derive(Clone, Debug, PartialEq)]
pub struct PivotRow {
    /// Which value.
    pub value: ValueIndex,
    /// How many of the accounts asked about have it.
    pub asked: u32,
    /// All accounts that have it, sorted, the asked ones included.
    pub accounts: Vec<AccountIndex>,
    /// How rare it is, log₂((N + 0.5) / (accounts + 0.5)) in bits.
    pub bits: f32,
}

/// The values of these kinds that the accounts have and at least one other account shares (or
/// at least two of the asked), rarest first, then by value.
pub fn pivot(cache: &Cache, accounts: &[AccountIndex], kinds: &[AttributeKind]) -> Vec<PivotRow> {
    let shared = asked_values(accounts, |account| cache.values_of(account))
        .into_iter()
        .filter(|&(value, _)| kinds.contains(&cache.values()[value as usize].kind));
    let mut rows: Vec<PivotRow> = shared
        .map(|(value, asked)| {
            let accounts = cache.accounts_with(value).to_vec();
            let bits = rarity(cache.accounts().len(), accounts.len());
            PivotRow { value, asked, accounts, bits }
        })
        .filter(|row| row.accounts.len() > 1)
        .collect();
    rows.sort_by_key(|row| (row.accounts.len(), row.value));
    rows
}

/// Each value that some of the accounts have, ascending, with how many of them do. An account
/// that is asked about twice counts once.
pub(super) fn asked_values<'a>(
    accounts: &[AccountIndex],
    values_of: impl Fn(AccountIndex) -> &'a [(ValueIndex, u32)],
) -> Vec<(ValueIndex, u32)> {
    let mut accounts = accounts.to_vec();
    accounts.sort_unstable();
    accounts.dedup();
    let mut values: Vec<ValueIndex> =
        accounts.iter().flat_map(|&account| values_of(account)).map(|&(value, _)| value).collect();
    values.sort_unstable();
    values.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32)).collect()
}

/// log₂((N + 0.5) / (accounts + 0.5)) in bits.
pub(super) fn rarity(all: usize, accounts: usize) -> f32 {
    ((all as f64 + 0.5) / (accounts as f64 + 0.5)).log2() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_once_an_account() {
        let values: [&[(ValueIndex, u32)]; 3] = [&[(1, 5), (4, 1)], &[(4, 9)], &[(2, 1), (4, 1)]];
        let counted = asked_values(&[2, 0, 0], |account| values[account as usize]);
        assert_eq!(counted, [(1, 1), (2, 1), (4, 2)]);
    }

    #[test]
    fn rarity_in_bits() {
        assert_eq!(rarity(7, 7), 0.0);
        assert!((rarity(1023, 3) - (1023.5_f32 / 3.5).log2()).abs() < 1e-5);
    }
}
