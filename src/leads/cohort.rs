//! Cohorts: the peers that an account is compared with.

use std::collections::BTreeMap;

use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{AttributeKind, format_count, visible};

/// Minimum number of accounts of a cohort. With 200 peers the smallest p-value is 0.005.
const MIN_ACCOUNTS: usize = 200;

/// Traits that define a cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    /// Stated use case.
    pub stated_use: Option<ValueIndex>,
    /// Most used model.
    pub model: Option<ValueIndex>,
    /// Number of exchanges.
    pub exchanges: u32,
}

/// Cohorts that are in use.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cohorts {
    /// Cohort of each account.
    pub of: Vec<u32>,
    /// Members of each cohort, ascending. An account may be a peer in a wider cohort than its own.
    pub members: Vec<Vec<AccountIndex>>,
    /// Defining traits of each cohort.
    keys: Vec<Key>,
}

/// `None`: the trait is not part of the key. `Some(None)`: the trait is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    stated_use: Option<Option<ValueIndex>>,
    model: Option<Option<ValueIndex>>,
    volume: Option<u8>,
}

/// Traits of every account.
pub(super) fn traits(cache: &Cache) -> Vec<Traits> {
    let most = |account: AccountIndex, kind: AttributeKind| {
        cache
            .values_of(account)
            .iter()
            .filter(|&&(value, _)| cache.values()[value as usize].kind == kind)
            .max_by_key(|&&(value, exchanges)| (exchanges, std::cmp::Reverse(value)))
            .map(|&(value, _)| value)
    };
    (0..cache.accounts().len() as AccountIndex)
        .map(|account| Traits {
            stated_use: most(account, AttributeKind::StatedUseCase),
            model: most(account, AttributeKind::Model),
            exchanges: cache.accounts()[account as usize].exchanges,
        })
        .collect()
}

impl Cohorts {
    /// Cohorts by stated use × model × volume quintile. Below 200 accounts the model is dropped, then the
    /// use, then the volume.
    pub(super) fn new(traits: &[Traits]) -> Self {
        let volume = quintiles(traits);
        let key = |at: usize, level: usize| Key {
            stated_use: (level < 2).then_some(traits[at].stated_use),
            model: (level < 1).then_some(traits[at].model),
            volume: (level < 3).then_some(volume[at]),
        };
        let mut members: BTreeMap<(usize, Key), Vec<AccountIndex>> = BTreeMap::new();
        for at in 0..traits.len() {
            for level in 0..4 {
                members.entry((level, key(at, level))).or_default().push(at as AccountIndex);
            }
        }
        let chosen = |at: usize| {
            let large = |&level: &usize| members[&(level, key(at, level))].len() >= MIN_ACCOUNTS;
            let level = (0..4).find(large).unwrap_or(3);
            (level, key(at, level))
        };
        let chosen: Vec<(usize, Key)> = (0..traits.len()).map(chosen).collect();
        let mut used = chosen.clone();
        used.sort_unstable();
        used.dedup();
        let of = chosen.iter().map(|key| used.partition_point(|other| other < key) as u32).collect();
        let members = used.iter().map(|key| members[key].clone()).collect();
        Self { of, members, keys: used.into_iter().map(|(_, key)| key).collect() }
    }

    /// All accounts as one cohort.
    pub(super) fn whole(accounts: usize) -> Self {
        let key = Key { stated_use: None, model: None, volume: None };
        Self {
            of: vec![0; accounts],
            members: vec![(0..accounts as AccountIndex).collect()],
            keys: vec![key],
        }
    }

    /// Names of all cohorts.
    pub(super) fn names(&self, cache: &Cache) -> Vec<String> {
        (0..self.keys.len()).map(|at| self.name(cache, at)).collect()
    }

    /// Name of a cohort: `coding help × atlas-large × volume quintile 4 of 5 (212 accounts)`.
    pub(super) fn name(&self, cache: &Cache, at: usize) -> String {
        let value = |value: Option<ValueIndex>, missing: &str| {
            value.map_or_else(
                || missing.to_owned(),
                |at| visible(&cache.values()[at as usize].value).into_owned(),
            )
        };
        let key = self.keys[at];
        let size = self.members[at].len();
        let parts = [
            key.stated_use.map(|stated| value(stated, "no stated use")),
            key.model.map(|model| value(model, "no model")),
            key.volume.map(|volume| format!("volume quintile {} of 5", volume + 1)),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            all(size)
        } else {
            format!("{} ({} accounts)", parts.join(" × "), format_count(size as u64))
        }
    }
}

/// Name of the cohort of all accounts.
pub(super) fn all(accounts: usize) -> String {
    format!("all {} accounts", format_count(accounts as u64))
}

/// Volume quintile of each account, 0 the lowest; equal volumes fall in the same quintile.
fn quintiles(traits: &[Traits]) -> Vec<u8> {
    let mut sorted: Vec<u32> = traits.iter().map(|traits| traits.exchanges).collect();
    sorted.sort_unstable();
    traits
        .iter()
        .map(|traits| {
            (sorted.partition_point(|&exchanges| exchanges < traits.exchanges) * 5 / sorted.len()) as u8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backs_off_until_there_are_peers() {
        // 1,000 accounts of use 1 and model 2 and ascending volume, 10 of another use.
        let mut traits: Vec<Traits> =
            (0..1000).map(|i| Traits { stated_use: Some(1), model: Some(2), exchanges: i }).collect();
        traits.extend((0..10).map(|_| Traits { stated_use: Some(9), model: None, exchanges: 500 }));
        let cohorts = Cohorts::new(&traits);
        let of = |at: usize| cohorts.keys[cohorts.of[at] as usize];
        assert_eq!(of(0), Key { stated_use: Some(Some(1)), model: Some(Some(2)), volume: Some(0) });
        assert_eq!(of(1005), Key { stated_use: None, model: None, volume: Some(2) });
        let wide = &cohorts.members[cohorts.of[1005] as usize];
        assert!(wide.len() > 200 && wide.contains(&1005) && wide.contains(&500));
    }

    #[test]
    fn a_small_case_is_one_cohort() {
        let traits: Vec<Traits> =
            (0..50).map(|i| Traits { stated_use: None, model: None, exchanges: i }).collect();
        let cohorts = Cohorts::new(&traits);
        assert_eq!(cohorts.members.len(), 1);
        assert_eq!(cohorts.members[0].len(), 50);
        assert!(Cohorts::new(&[]).of.is_empty());
    }

    #[test]
    fn equal_volumes_are_not_split() {
        let traits = vec![Traits { stated_use: None, model: None, exchanges: 7 }; 20];
        assert!(quintiles(&traits).iter().all(|&fifth| fifth == 0));
    }
}
