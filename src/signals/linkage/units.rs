//! Units and their values: a unit is a declared organisation, or an account without one.

use crate::cache::{AccountIndex, ValueIndex};
use crate::model::Family;
use crate::stats::csr::Csr;

/// Largest share of units that have a value which forms candidates: one in 64 (6 bits). Without such a value
/// 14 bits take four families of 3½: browser, carrier, mail provider and opening words, which strangers share
/// too.
const CANDIDATE_SHARE: usize = 64;

/// Number of units up to which a value always forms candidates, for small cases.
const CANDIDATE_FLOOR: usize = 20;

/// Maximum number of units that are paired through one value.
const CANDIDATE_CEILING: usize = 1_000;

/// Mean number of candidate pairs for each value a unit has, so that time grows linearly. Beyond it the most
/// widely shared values are dropped first.
const PAIRS_A_HOLDING: u64 = 4;

/// Units and their values. Values of two units or more are renumbered, rare ones first.
pub(super) struct Units {
    /// Unit of each account.
    pub of: Vec<u32>,
    /// Accounts of each unit, ascending.
    pub accounts: Csr<u32>,
    /// Values of each unit, ascending.
    pub values: Csr<u32>,
    /// Units of each value, ascending.
    pub holders: Csr<u32>,
    /// Family of each value.
    pub family: Vec<Family>,
    /// The cache's number of each value.
    pub name: Vec<ValueIndex>,
    /// Values below this number form candidates.
    pub rare: u32,
}

impl Units {
    /// `families` by the cache's number of the value, `None` for kinds that L1 does not use;
    /// `values_of` appends an account's values, in any order.
    pub(super) fn new(
        families: &[Option<Family>],
        organisation: &[Option<ValueIndex>],
        values_of: impl Fn(AccountIndex, &mut Vec<ValueIndex>),
    ) -> Self {
        let of = unit_of_each(organisation);
        let count = of.iter().max().map_or(0, |&last| last as usize + 1);
        let accounts = Csr::from_pairs(count, of.iter().copied().zip(0..));
        let mut named = Csr::default();
        let mut holders = vec![0_u32; families.len()];
        let mut values = Vec::new();
        for unit in 0..count as u32 {
            values.clear();
            accounts.row(unit).iter().for_each(|&account| values_of(account, &mut values));
            values.retain(|&value| families[value as usize].is_some());
            values.sort_unstable();
            values.dedup();
            values.iter().for_each(|&value| holders[value as usize] += 1);
            named.push(values.iter().copied());
        }
        let cap = cap(&holders, count);
        let is_shared = |&value: &ValueIndex| holders[value as usize] > 1;
        let is_rare = |&value: &ValueIndex| holders[value as usize] <= cap;
        let shared: Vec<ValueIndex> = (0..families.len() as ValueIndex).filter(is_shared).collect();
        let (mut name, common): (Vec<ValueIndex>, Vec<ValueIndex>) = shared.into_iter().partition(is_rare);
        let rare = name.len() as u32;
        name.extend(common);
        let mut number = vec![u32::MAX; families.len()];
        for (at, &value) in name.iter().enumerate() {
            number[value as usize] = at as u32;
        }
        let mut values = Csr::default();
        let mut mine = Vec::new();
        for unit in 0..count as u32 {
            mine.clear();
            mine.extend(
                named.row(unit).iter().map(|&value| number[value as usize]).filter(|&at| at != u32::MAX),
            );
            mine.sort_unstable();
            values.push(mine.iter().copied());
        }
        drop(named);
        let holders = Csr::from_pairs(name.len(), values.pairs().map(|(unit, value)| (value, unit)));
        let family = name.iter().filter_map(|&value| families[value as usize]).collect();
        Self { of, accounts, values, holders, family, name, rare }
    }

    pub(super) fn len(&self) -> usize {
        self.accounts.rows()
    }

    /// Range in [`Self::values`] of the unit's values that form no candidates.
    pub(super) fn common_of(&self, unit: u32) -> std::ops::Range<usize> {
        let range = self.values.range(unit);
        let rare = self.values.row(unit).partition_point(|&value| value < self.rare);
        range.start + rare..range.end
    }
}

/// Numbers the units in the order of their first accounts.
fn unit_of_each(organisation: &[Option<ValueIndex>]) -> Vec<u32> {
    let mut numbers = std::collections::BTreeMap::new();
    let mut next = 0;
    let mut fresh = || {
        next += 1;
        next - 1
    };
    organisation
        .iter()
        .map(|organisation| match organisation {
            Some(name) => *numbers.entry(*name).or_insert_with(&mut fresh),
            None => fresh(),
        })
        .collect()
}

/// Largest number of holders with which a value forms candidates.
fn cap(holders: &[u32], units: usize) -> u32 {
    let most = (units / CANDIDATE_SHARE).clamp(CANDIDATE_FLOOR, CANDIDATE_CEILING);
    let mut values = vec![0_u64; most + 1];
    for &holders in holders.iter().filter(|&&holders| holders > 1 && holders as usize <= most) {
        values[holders as usize] += 1;
    }
    let holdings: u64 = holders.iter().map(|&holders| u64::from(holders)).sum();
    let mut pairs = 0;
    for (size, values) in values.into_iter().enumerate().skip(2) {
        pairs += values * (size * (size - 1) / 2) as u64;
        if values > 0 && size > CANDIDATE_FLOOR && pairs > holdings * PAIRS_A_HOLDING {
            return size as u32 - 1;
        }
    }
    most as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_too_many_share_makes_no_candidates() {
        assert_eq!(cap(&[2, 20, 5], 64 * 1_000), 1_000);
        assert_eq!(cap(&[], 10), 20);
        // A thousand values that a thousand units have each: 500 pairs a holding.
        assert!(cap(&[1_000; 1_000], 64_000) < 1_000);
        assert_eq!(cap(&[19; 1_000], 64_000), 1_000);
    }

    #[test]
    fn rare_values_are_numbered_first() {
        let families = [Some(Family::Client), None, Some(Family::Payment), Some(Family::Network)];
        let values_of = |account: u32, values: &mut Vec<u32>| {
            values.extend([0, 1]);
            values.extend((account < 3).then_some(2));
            values.extend((account == 9).then_some(3));
        };
        let mut organisation = vec![None; 40];
        (organisation[4], organisation[8]) = (Some(7), Some(7));
        let units = Units::new(&families, &organisation, values_of);
        assert_eq!((units.len(), units.accounts.row(4)), (39, &[4, 8][..]));
        assert_eq!((units.name.as_slice(), units.rare), (&[2, 0][..], 1));
        assert_eq!(units.family, [Family::Payment, Family::Client]);
        assert_eq!(units.holders.row(0), [0, 1, 2]);
        assert_eq!(units.values.row(1), [0, 1]);
        assert_eq!(units.common_of(1), 3..4);
        assert_eq!(units.values.row(20), [1]);
        assert_eq!(units.common_of(20).len(), 1);
    }
}
