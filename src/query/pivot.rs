//! Pivot from accounts to other accounts that share attribute values with them.

use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{AttributeKind, Family};

/// Value shared by some of the given accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct PivotRow {
    /// The value.
    pub value: ValueIndex,
    /// Number of the given accounts that have it.
    pub given: u32,
    /// All accounts that have it, sorted, the given ones included.
    pub accounts: Vec<AccountIndex>,
    /// Rarity in bits: log₂((N + 0.5) / (accounts + 0.5)).
    pub bits: f32,
}

/// Values of these kinds that at least one of the given accounts has, shared by at least two accounts
/// in all; rarest first, then by value.
pub fn pivot(cache: &Cache, accounts: &[AccountIndex], kinds: &[AttributeKind]) -> Vec<PivotRow> {
    let shared = values_of_given(accounts, |account| cache.values_of(account))
        .into_iter()
        .filter(|&(value, _)| kinds.contains(&cache.values()[value as usize].kind));
    let mut rows: Vec<PivotRow> = shared
        .map(|(value, given)| {
            let accounts = cache.accounts_with(value).to_vec();
            let bits = rarity(cache.accounts().len(), accounts.len());
            PivotRow { value, given, accounts, bits }
        })
        .filter(|row| row.accounts.len() > 1)
        .collect();
    rows.sort_by_key(|row| (row.accounts.len(), row.value));
    rows
}

/// Values of the given accounts, ascending, each with the number of these accounts that have it. An
/// account that is given twice counts once.
pub(super) fn values_of_given<'a>(
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

/// Rarity of a value in bits: log₂((N + 0.5) / (accounts + 0.5)), N the number of all accounts.
pub(crate) fn rarity(all: usize, accounts: usize) -> f32 {
    ((all as f64 + 0.5) / (accounts as f64 + 0.5)).log2() as f32
}

/// Weight of a value that `given` of the given accounts share, and `accounts` in all: bits × given ×
/// given / accounts. Determines the order of values on screen.
pub fn link_weight(bits: f32, given: u32, accounts: u32) -> f32 {
    let given = given as f32;
    bits * given * (given / accounts.max(1) as f32)
}

/// The first `most` of values in the order of their weight, such that each family that occurs has its share: a family
/// whose values each tie few accounts may yet tie most of them. The order stays; the others are counted by family.
pub(super) fn most_telling<T>(
    values: Vec<T>,
    most: usize,
    family: impl Fn(&T) -> Option<Family>,
) -> (Vec<T>, Vec<(Family, usize)>) {
    let families: Vec<Option<Family>> = values.iter().map(&family).collect();
    let occurring = Family::ALL.into_iter().filter(|each| families.contains(&Some(*each))).count();
    let share = most / occurring.max(1);
    let mut taken = vec![false; values.len()];
    for each in Family::ALL {
        let own = families.iter().zip(&mut taken).filter(|(family, _)| **family == Some(each));
        own.take(share).for_each(|(_, taken)| *taken = true);
    }
    let room = most.saturating_sub(taken.iter().filter(|taken| **taken).count());
    taken.iter_mut().filter(|taken| !**taken).take(room).for_each(|taken| *taken = true);
    let left = |each: Family| {
        families.iter().zip(&taken).filter(|(family, taken)| **family == Some(each) && !**taken).count()
    };
    let left_out =
        Family::ALL.into_iter().map(|each| (each, left(each))).filter(|(_, left)| *left > 0).collect();
    let chosen = values.into_iter().zip(taken).filter_map(|(value, taken)| taken.then_some(value));
    (chosen.collect(), left_out)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::cache::testing::{self, Row};

    /// Accounts a, b, c on one address, d on its own; a and b on one card.
    pub(in crate::query) fn ring(folder: &std::path::Path) -> (Cache, crate::snapshot::Sources) {
        let rows = [
            ("a", "10.0.0.1", "pm_ring"),
            ("b", "10.0.0.1", "pm_ring"),
            ("c", "10.0.0.1", "pm_c"),
            ("d", "10.9.9.9", "pm_d"),
        ];
        let rows = rows.map(|(account, ip, payment)| Row {
            ip: Some(ip.to_owned()),
            payment: Some(payment.to_owned()),
            ..testing::row(account, 1)
        });
        testing::cache(folder, vec![testing::snapshot(folder, &[("a.parquet", rows.to_vec())])])
    }

    #[test]
    fn values_are_counted_once_an_account() {
        let values: [&[(ValueIndex, u32)]; 3] = [&[(1, 5), (4, 1)], &[(4, 9)], &[(2, 1), (4, 1)]];
        let counted = values_of_given(&[2, 0, 0], |account| values[account as usize]);
        assert_eq!(counted, [(1, 1), (2, 1), (4, 2)]);
    }

    #[test]
    fn pivots_from_an_account_to_its_neighbours() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = ring(folder.path());
        let rows = pivot(&cache, &[0], &[AttributeKind::PaymentFingerprint, AttributeKind::Ip]);
        let named: Vec<_> = rows
            .iter()
            .map(|row| (cache.values()[row.value as usize].value.as_str(), &row.accounts[..]))
            .collect();
        assert_eq!(named, [("pm_ring", &[0, 1][..]), ("10.0.0.1", &[0, 1, 2])]);
        assert_eq!(rows[0].given, 1);
        assert!(pivot(&cache, &[3], &[AttributeKind::Ip]).is_empty(), "what nobody shares is no pivot");
        assert!(pivot(&cache, &[], &[AttributeKind::Ip]).is_empty());
    }

    #[test]
    fn rarity_in_bits() {
        assert_eq!(rarity(7, 7), 0.0);
        assert!((rarity(1023, 3) - (1023.5_f32 / 3.5).log2()).abs() < 1e-5);
    }

    #[test]
    fn a_family_of_many_small_values_keeps_its_share() {
        let of = |value: &(u32, Family)| Some(value.1);
        let mut values: Vec<(u32, Family)> = (0..10).map(|n| (n, Family::Network)).collect();
        values.extend((10..16).map(|n| (n, Family::Payment)));
        let (chosen, left_out) = most_telling(values.clone(), 8, of);
        let numbers: Vec<u32> = chosen.iter().map(|(n, _)| *n).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 10, 11, 12, 13], "in the order of their weight");
        assert_eq!(left_out, [(Family::Network, 6), (Family::Payment, 2)]);
        let (chosen, left_out) = most_telling(values.clone(), 14, of);
        assert_eq!(
            (chosen.len(), left_out),
            (14, vec![(Family::Network, 2)]),
            "room of one goes to the other"
        );
        assert_eq!(most_telling(values, 99, of).0.len(), 16);
    }
}
