//! Steps that lead from some accounts to others: shared values and topics, with the numbers behind each.

use std::collections::BTreeMap;

use super::group;
use super::pivot::{link_weight, pivot};
use super::select;
use crate::cache::{AccountIndex, Cache, CacheError, ValueIndex};
use crate::model::{AttributeKind, Scope, Watcher};

/// Destination of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PivotTo {
    /// The accounts that have a value.
    Value(ValueIndex),
    /// The accounts that ask about a topic.
    Topic(u16),
}

/// One step, with the accounts and exchanges behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pivot {
    /// Its destination.
    pub to: PivotTo,
    /// Accounts behind it, ascending, those it starts from included.
    pub accounts: Vec<AccountIndex>,
    /// Number of accounts it starts from that are among them.
    pub given: u32,
    /// Exchanges that carry the value or are about the topic.
    pub exchanges: u64,
    /// Rarity of the value in bits; `None` for a topic.
    pub bits: Option<f32>,
}

/// Steps from some accounts (ascending): at most `most` shared values, by [`link_weight`], then the topics
/// that these accounts ask about more than all do.
///
/// # Errors
/// The work was cancelled, or the cache cannot be read.
pub fn pivots(
    cache: &Cache,
    accounts: &[AccountIndex],
    most: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<Pivot>, CacheError> {
    let mut rows = pivot(cache, accounts, &kinds());
    let weight = |given: u32, holders: usize, bits: f32| link_weight(bits, given, holders as u32);
    // Stable, so that equals stay rarest first.
    rows.sort_by(|a, b| {
        let of = |row: &super::pivot::PivotRow| weight(row.given, row.accounts.len(), row.bits);
        of(b).total_cmp(&of(a))
    });
    rows.truncate(most);
    let mut steps: Vec<Pivot> = rows
        .into_iter()
        .map(|row| Pivot {
            to: PivotTo::Value(row.value),
            given: row.given,
            exchanges: cache.values()[row.value as usize].exchanges,
            bits: Some(row.bits),
            accounts: row.accounts,
        })
        .collect();
    for (topic, _) in group::topics(cache, accounts) {
        let label = cache.topics()[usize::from(topic)].label.clone();
        let scope = Scope::default().with_topics(BTreeMap::from([(topic, label)]));
        let found = select(cache, &scope, watcher)?;
        let given = accounts.iter().filter(|account| found.accounts.binary_search(account).is_ok()).count();
        steps.push(Pivot {
            to: PivotTo::Topic(topic),
            given: given as u32,
            exchanges: found.exchanges,
            bits: None,
            accounts: found.accounts,
        });
    }
    Ok(steps)
}

/// Attributes offered as steps: those that link accounts, and the organisation.
pub fn kinds() -> Vec<AttributeKind> {
    AttributeKind::ALL
        .into_iter()
        .filter(|kind| kind.family().is_some() || *kind == AttributeKind::OrgId)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;

    #[test]
    fn each_step_has_the_numbers_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = super::super::pivot::tests::ring(folder.path());
        let steps = pivots(&cache, &[0], 9, &Silent).unwrap();
        let card = cache.value_index(AttributeKind::PaymentFingerprint, "pm_ring").unwrap();
        let first = steps.iter().find(|step| step.to == PivotTo::Value(card)).unwrap();
        assert_eq!((first.given, first.accounts.as_slice(), first.exchanges), (1, &[0, 1][..], 2));
        assert!(pivots(&cache, &[0], 1, &Silent).unwrap().len() == 1);
    }
}
