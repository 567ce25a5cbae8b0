//! Matrix of accounts × shared values, in an order that places similar accounts next to each other.

use super::pivot::{link_weight, most_telling, rarity, values_of_given};
use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::Family;

/// Maximum number of values of a matrix: one bit each.
pub const VALUES: usize = 128;

/// Value that at least two accounts of a matrix have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatrixValue {
    /// The value.
    pub value: ValueIndex,
    /// Number of the given accounts that have it.
    pub members: u32,
    /// Number of all accounts that have it.
    pub holders: u32,
    /// Its rarity in bits.
    pub bits: f32,
}

/// Account of a matrix, with the values that it has: the highest bit stands for the first value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatrixRow {
    /// The account.
    pub account: AccountIndex,
    /// One bit a value.
    pub has: u128,
}

impl MatrixRow {
    /// True if the account has the value at this position.
    pub fn has(&self, value: usize) -> bool {
        value < VALUES && self.has & (1 << (VALUES - 1 - value)) != 0
    }
}

/// Accounts × shared values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// Accounts, ordered by their values.
    pub rows: Vec<MatrixRow>,
    /// Values in descending order of weight.
    pub values: Vec<MatrixValue>,
    /// Number of shared values beyond [`VALUES`] by family, those of least weight.
    pub left_out: Vec<(Family, usize)>,
}

/// Matrix of some accounts (ascending) and the values of attribute families that at least two of them have,
/// by [`link_weight`], each family with its share. Accounts are ordered by their values, the first value deciding first.
pub fn matrix(cache: &Cache, accounts: &[AccountIndex]) -> Matrix {
    let all = cache.accounts().len();
    let mut values: Vec<MatrixValue> = values_of_given(accounts, |account| cache.values_of(account))
        .into_iter()
        .filter(|&(value, members)| members > 1 && cache.values()[value as usize].kind.family().is_some())
        .map(|(value, members)| {
            let holders = cache.values()[value as usize].accounts;
            MatrixValue { value, members, holders, bits: rarity(all, holders as usize) }
        })
        .collect();
    let weight = |of: &MatrixValue| link_weight(of.bits, of.members, of.holders);
    values.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.value.cmp(&b.value)));
    let family = |of: &MatrixValue| cache.values()[of.value as usize].kind.family();
    let (values, left_out) = most_telling(values, VALUES, family);
    let mut rows: Vec<MatrixRow> = accounts
        .iter()
        .map(|&account| {
            let own = cache.values_of(account);
            let has = values.iter().enumerate().fold(0, |has, (at, of)| {
                let found = own.binary_search_by_key(&of.value, |(value, _)| *value).is_ok();
                has | (u128::from(found) << (VALUES - 1 - at))
            });
            MatrixRow { account, has }
        })
        .collect();
    rows.sort_by(|a, b| b.has.cmp(&a.has).then(a.account.cmp(&b.account)));
    Matrix { rows, values, left_out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AttributeKind;

    #[test]
    fn accounts_with_the_same_heaviest_value_are_adjacent() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = super::super::pivot::tests::ring(folder.path());
        let matrix = matrix(&cache, &[0, 1, 2, 3]);
        let card = cache.value_index(AttributeKind::PaymentFingerprint, "pm_ring").unwrap();
        let ip = cache.value_index(AttributeKind::Ip, "10.0.0.1").unwrap();
        let at = |value| matrix.values.iter().position(|of| of.value == value).unwrap();
        let rows: Vec<_> =
            matrix.rows.iter().map(|row| (row.account, row.has(at(card)), row.has(at(ip)))).collect();
        assert_eq!(rows, [(0, true, true), (1, true, true), (2, false, true), (3, false, false)]);
        assert_eq!((matrix.values[at(ip)].members, matrix.left_out), (3, vec![]));
        assert!(!matrix.rows[0].has(VALUES));
    }
}
