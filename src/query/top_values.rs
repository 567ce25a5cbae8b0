//! Values of one attribute among the accounts of a scope, against all other accounts.

use crate::cache::{Cache, ValueIndex};
use crate::model::{AttributeKind, Cancelled, Watcher};
use crate::query::Selection;

/// One value, with the accounts that have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopValue {
    /// The value.
    pub value: ValueIndex,
    /// Accounts of the scope that have it; at least 1.
    pub scope: u32,
    /// Accounts outside the scope that have it.
    pub peers: u32,
    /// Contribution to the likelihood ratio (G-test, Woolf 1957), in nats: positive where the scope has the
    /// value more often than all accounts do.
    pub excess: f64,
}

/// Values of a kind that accounts of the scope have: the most over-represented first, or those of most
/// accounts first.
///
/// # Errors
/// Only when cancelled.
pub fn top_values(
    cache: &Cache,
    selection: &Selection,
    kind: AttributeKind,
    by_excess: bool,
    watcher: &dyn Watcher,
) -> Result<Vec<TopValue>, Cancelled> {
    let (all, inside) = (cache.accounts().len() as f64, selection.accounts.len() as f64);
    let first = cache.values_of_kind(kind).start;
    let mut counts = vec![0_u32; cache.values_of_kind(kind).len()];
    for (at, &account) in selection.accounts.iter().enumerate() {
        if at % 4096 == 0 {
            watcher.check()?;
        }
        for &(value, _) in cache.values_of(account) {
            let place = (value as usize).checked_sub(first).filter(|place| *place < counts.len());
            if let Some(place) = place {
                counts[place] += 1;
            }
        }
    }
    let mut found: Vec<TopValue> = counts
        .iter()
        .enumerate()
        .filter(|(_, scope)| **scope > 0)
        .map(|(place, &scope)| {
            let value = first + place;
            let holders = cache.values()[value].accounts;
            let expected = inside * f64::from(holders) / all;
            let excess = f64::from(scope) * (f64::from(scope) / expected.max(f64::MIN_POSITIVE)).ln();
            TopValue { value: value as ValueIndex, scope, peers: holders.saturating_sub(scope), excess }
        })
        .collect();
    if by_excess {
        found.sort_by(|a, b| b.excess.total_cmp(&a.excess).then(a.value.cmp(&b.value)));
    } else {
        found.sort_by(|a, b| b.scope.cmp(&a.scope).then(a.value.cmp(&b.value)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Scope, Silent};
    use crate::query::select;

    #[test]
    fn values_are_counted_by_account_and_compared_with_all() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = super::super::pivot::tests::ring(folder.path());
        let scope = Scope::default().with_accounts("x", ["a".into(), "d".into()].into());
        let selection = select(&cache, &scope, &Silent).unwrap();
        let list = |by_excess| {
            let found = top_values(&cache, &selection, AttributeKind::Ip, by_excess, &Silent).unwrap();
            let name = |of: &TopValue| cache.values()[of.value as usize].value.clone();
            found.iter().map(|of| (name(of), of.scope, of.peers)).collect::<Vec<_>>()
        };
        assert_eq!(list(true), [("10.9.9.9".into(), 1, 0), ("10.0.0.1".into(), 1, 2)]);
        assert_eq!(list(false), [("10.0.0.1".into(), 1, 2), ("10.9.9.9".into(), 1, 0)]);
    }
}
