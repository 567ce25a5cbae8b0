//! Values of one attribute among the accounts of a scope, against all other accounts or another scope.

use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{AttributeKind, Cancelled, Watcher};
use crate::query::Pair;

/// One value, with the accounts that have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopValue {
    /// The value.
    pub value: ValueIndex,
    /// Accounts of the scope that have it; at least 1.
    pub scope: u32,
    /// Accounts of the other side, outside the scope, that have it.
    pub peers: u32,
    /// Contribution to the likelihood ratio (G-test, Woolf 1957), in nats: positive where the scope has the
    /// value more often than both sides together do.
    pub excess: f64,
}

/// Values of a scope, with the sizes of both sides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopValues {
    /// The values.
    pub values: Vec<TopValue>,
    /// Accounts of the scope.
    pub inside: u64,
    /// Accounts of the other side that have no exchange in the scope.
    pub outside: u64,
}

/// Values of a kind that accounts of the scope have: the most over-represented first, or those of most
/// accounts first.
///
/// # Errors
/// Only when cancelled.
pub fn top_values(
    cache: &Cache,
    pair: &Pair,
    kind: AttributeKind,
    by_excess: bool,
    watcher: &dyn Watcher,
) -> Result<TopValues, Cancelled> {
    let first = cache.values_of_kind(kind).start;
    let counts = holders(cache, &pair.a.accounts, kind, watcher)?;
    // An account on both sides counts in the first only.
    let others = pair.others(cache.accounts().len());
    let (inside, outside) = (pair.a.accounts.len() as u64, others.len() as u64);
    let others = holders(cache, &others, kind, watcher)?;
    let mut found: Vec<TopValue> = counts
        .iter()
        .enumerate()
        .filter(|(_, scope)| **scope > 0)
        .map(|(place, &scope)| {
            let value = first + place;
            let peers = others[place];
            let expected = inside as f64 * f64::from(scope + peers) / (inside + outside) as f64;
            let excess = f64::from(scope) * (f64::from(scope) / expected.max(f64::MIN_POSITIVE)).ln();
            TopValue { value: value as ValueIndex, scope, peers, excess }
        })
        .collect();
    if by_excess {
        found.sort_by(|a, b| b.excess.total_cmp(&a.excess).then(a.value.cmp(&b.value)));
    } else {
        found.sort_by(|a, b| b.scope.cmp(&a.scope).then(a.value.cmp(&b.value)));
    }
    Ok(TopValues { values: found, inside, outside })
}

/// Number of these accounts that have each value of a kind.
fn holders(
    cache: &Cache,
    accounts: &[AccountIndex],
    kind: AttributeKind,
    watcher: &dyn Watcher,
) -> Result<Vec<u32>, Cancelled> {
    let range = cache.values_of_kind(kind);
    let mut counts = vec![0_u32; range.len()];
    for (at, &account) in accounts.iter().enumerate() {
        if at % 4096 == 0 {
            watcher.check()?;
        }
        for &(value, _) in cache.values_of(account) {
            let place = (value as usize).checked_sub(range.start).filter(|place| *place < counts.len());
            if let Some(place) = place {
                counts[place] += 1;
            }
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Scope, Silent};
    use crate::query::select;

    #[test]
    fn values_are_counted_by_account_and_compared_with_all() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = super::super::pivot::tests::ring(folder.path());
        let of = |ids: &[&str]| {
            let ids = ids.iter().map(|id| (*id).into()).collect();
            Arc::new(select(&cache, &Scope::default().with_accounts("x", ids), &Silent).unwrap())
        };
        let list = |b, by_excess| {
            let pair = Pair { a: of(&["a", "d"]), b };
            let found = top_values(&cache, &pair, AttributeKind::Ip, by_excess, &Silent).unwrap();
            let name = |of: &TopValue| cache.values()[of.value as usize].value.clone();
            found.values.iter().map(|of| (name(of), of.scope, of.peers)).collect::<Vec<_>>()
        };
        assert_eq!(list(None, true), [("10.9.9.9".into(), 1, 0), ("10.0.0.1".into(), 1, 2)]);
        assert_eq!(list(None, false), [("10.0.0.1".into(), 1, 2), ("10.9.9.9".into(), 1, 0)]);
        let against = list(Some(of(&["b"])), true);
        assert_eq!(against, [("10.9.9.9".into(), 1, 0), ("10.0.0.1".into(), 1, 1)]);
        // Against a side that contains the scope, the values are those of the others.
        let everyone = Arc::new(select(&cache, &Scope::default(), &Silent).unwrap());
        assert_eq!(list(Some(everyone), true), list(None, true));
        let pair = Pair { a: of(&["a", "d"]), b: Some(of(&["a"])) };
        let found = top_values(&cache, &pair, AttributeKind::Ip, true, &Silent).unwrap();
        assert_eq!(
            (found.inside, found.outside, found.values[0].peers, found.values[0].excess),
            (2, 0, 0, 0.0)
        );
    }
}
