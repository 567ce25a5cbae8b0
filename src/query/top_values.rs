//! Values of one attribute among the accounts of a scope, against all other accounts or another scope.

use crate::cache::{Cache, ValueIndex};
use crate::model::{AttributeKind, Cancelled, Watcher};
use crate::query::{Pair, Selection};

/// One value, with the accounts that have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopValue {
    /// The value.
    pub value: ValueIndex,
    /// Accounts of the scope that have it; at least 1.
    pub scope: u32,
    /// Accounts of the other side that have it.
    pub peers: u32,
    /// Contribution to the likelihood ratio (G-test, Woolf 1957), in nats: positive where the scope has the
    /// value more often than both sides together do.
    pub excess: f64,
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
) -> Result<Vec<TopValue>, Cancelled> {
    let first = cache.values_of_kind(kind).start;
    let counts = holders(cache, &pair.a, kind, watcher)?;
    let others = pair.b.as_ref().map(|b| holders(cache, b, kind, watcher)).transpose()?;
    let inside = pair.a.accounts.len() as f64;
    let all = match &pair.b {
        Some(b) => inside + b.accounts.len() as f64,
        None => cache.accounts().len() as f64,
    };
    let mut found: Vec<TopValue> = counts
        .iter()
        .enumerate()
        .filter(|(_, scope)| **scope > 0)
        .map(|(place, &scope)| {
            let value = first + place;
            let rest = || cache.values()[value].accounts.saturating_sub(scope);
            let peers = others.as_ref().map_or_else(rest, |others| others[place]);
            let expected = inside * f64::from(scope + peers) / all;
            let excess = f64::from(scope) * (f64::from(scope) / expected.max(f64::MIN_POSITIVE)).ln();
            TopValue { value: value as ValueIndex, scope, peers, excess }
        })
        .collect();
    if by_excess {
        found.sort_by(|a, b| b.excess.total_cmp(&a.excess).then(a.value.cmp(&b.value)));
    } else {
        found.sort_by(|a, b| b.scope.cmp(&a.scope).then(a.value.cmp(&b.value)));
    }
    Ok(found)
}

/// Number of accounts of a selection that have each value of a kind.
fn holders(
    cache: &Cache,
    selection: &Selection,
    kind: AttributeKind,
    watcher: &dyn Watcher,
) -> Result<Vec<u32>, Cancelled> {
    let range = cache.values_of_kind(kind);
    let mut counts = vec![0_u32; range.len()];
    for (at, &account) in selection.accounts.iter().enumerate() {
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
            found.iter().map(|of| (name(of), of.scope, of.peers)).collect::<Vec<_>>()
        };
        assert_eq!(list(None, true), [("10.9.9.9".into(), 1, 0), ("10.0.0.1".into(), 1, 2)]);
        assert_eq!(list(None, false), [("10.0.0.1".into(), 1, 2), ("10.9.9.9".into(), 1, 0)]);
        let against = list(Some(of(&["b"])), true);
        assert_eq!(against, [("10.9.9.9".into(), 1, 0), ("10.0.0.1".into(), 1, 1)]);
    }
}
