//! Path between two accounts: how they are tied by values that few accounts share.

use super::links::MULTITUDE;
use super::pivot::rarity;
use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{Cancelled, Watcher};

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Value that both ends of the step have.
    pub value: ValueIndex,
    /// Accounts of the case that have it, at most [`MULTITUDE`].
    pub holders: u32,
    /// Its rarity in bits.
    pub bits: f32,
    /// The account that the step leads to.
    pub to: AccountIndex,
}

/// A path with the fewest steps between two accounts, over values that at most [`MULTITUDE`] accounts have; rarer
/// values first among equally short ones. Empty from an account to itself; `None` where no path leads.
///
/// # Errors
/// Only when cancelled.
pub fn path(
    cache: &Cache,
    from: AccountIndex,
    to: AccountIndex,
    watcher: &dyn Watcher,
) -> Result<Option<Vec<Step>>, Cancelled> {
    let all = cache.accounts().len();
    // The step by which each account was reached first, with the account that it began at.
    let mut reached: Vec<Option<(AccountIndex, Step)>> = vec![None; all];
    let mut seen = vec![false; cache.values().len()];
    let mut front = vec![from];
    while !front.is_empty() && reached.get(to as usize).is_some_and(Option::is_none) && from != to {
        watcher.check()?;
        let mut steps: Vec<(u32, ValueIndex, AccountIndex)> = Vec::new();
        for &account in &front {
            for &(value, _) in cache.values_of(account) {
                let of = &cache.values()[value as usize];
                let is_rare = (2..=MULTITUDE).contains(&of.accounts) && of.kind.family().is_some();
                if is_rare && !std::mem::replace(&mut seen[value as usize], true) {
                    steps.push((of.accounts, value, account));
                }
            }
        }
        steps.sort_unstable();
        front.clear();
        for (holders, value, account) in steps {
            let bits = rarity(all, holders as usize);
            for &next in cache.accounts_with(value) {
                let place = &mut reached[next as usize];
                if next != from && place.is_none() {
                    *place = Some((account, Step { value, holders, bits, to: next }));
                    front.push(next);
                }
            }
        }
    }
    let mut steps = Vec::new();
    let mut at = to;
    while at != from {
        let Some((before, step)) = reached.get(at as usize).copied().flatten() else { return Ok(None) };
        steps.push(step);
        at = before;
    }
    steps.reverse();
    Ok(Some(steps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{self, Row};
    use crate::model::Silent;

    /// Accounts a to d: a and b have a card, b and c an address, d nothing of theirs; e to f a card of their own.
    fn chain() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let row = |account: &str, payment: &str, ip: &str| Row {
            payment: Some(payment.to_owned()),
            ip: Some(ip.to_owned()),
            ..testing::row(account, 3_600_000_000)
        };
        let rows = vec![
            row("a", "pm_1", "10.1.0.1"),
            row("b", "pm_1", "10.2.0.1"),
            row("c", "pm_3", "10.2.0.1"),
            row("d", "pm_4", "10.4.0.1"),
        ];
        let logs = testing::snapshot(folder.path(), &[("a.parquet", rows)]);
        let cache = testing::cache(folder.path(), vec![logs]).0;
        (folder, cache)
    }

    #[test]
    fn two_accounts_are_tied_over_a_third() {
        let (_folder, cache) = chain();
        let steps = path(&cache, 0, 2, &Silent).unwrap().unwrap();
        let name = |value: ValueIndex| cache.values()[value as usize].value.clone();
        let named: Vec<_> = steps.iter().map(|step| (name(step.value), step.holders, step.to)).collect();
        assert_eq!(named, [("pm_1".into(), 2, 1), ("10.2.0.1".into(), 2, 2)]);
        assert!(steps[0].bits > 0.5);
        let back = path(&cache, 2, 0, &Silent).unwrap().unwrap();
        assert_eq!(back.iter().map(|step| step.to).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(path(&cache, 0, 3, &Silent).unwrap(), None);
        assert_eq!(path(&cache, 1, 1, &Silent).unwrap(), Some(Vec::new()));
    }
}
