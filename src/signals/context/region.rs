//! Region: share of calls from countries that are rare in the cohort.

use std::collections::BTreeMap;

use super::fact::{Context, ContextAbout, ContextInput, Measure};
use crate::cache::{AccountIndex, Cache, CacheError, ValueIndex};
use crate::model::{AttributeKind, Watcher};
use crate::signals::peers::Peers;

/// Largest share of a cohort's accounts for which a country is unusual.
const UNUSUAL_BELOW: f64 = 0.05;

const ABOUT: ContextAbout = ContextAbout {
    id: "unusual_region",
    title: "unusual region",
    unit: "share of exchanges from countries that fewer than 5 % of its cohort call from (0 to 1)",
    definition: "Share of the account's exchanges from countries from which fewer than 5 % of the accounts of its cohort call.",
    needs: &["country"],
    caution: "People travel, and live where few customers do; a country does not show a nation behind an account.",
};

pub(super) struct Region;

/// Number of accounts of each cohort by country.
#[derive(Clone, Debug, Default)]
pub(super) struct CountryCounts {
    of: Vec<u32>,
    sizes: Vec<usize>,
    accounts: BTreeMap<(u32, ValueIndex), usize>,
}

impl CountryCounts {
    pub fn of(cache: &Cache, peers: Peers<'_>) -> Self {
        let mut accounts: BTreeMap<(u32, ValueIndex), usize> = BTreeMap::new();
        for (cohort, members) in (0..).zip(peers.members) {
            for &account in members {
                for (country, _) in countries(cache, account) {
                    *accounts.entry((cohort, country)).or_default() += 1;
                }
            }
        }
        Self { of: peers.of.to_vec(), sizes: peers.members.iter().map(Vec::len).collect(), accounts }
    }
}

impl Context for Region {
    fn about(&self) -> &'static ContextAbout {
        &ABOUT
    }

    fn gather(
        &self,
        cache: &Cache,
        peers: Peers<'_>,
        _: &dyn Watcher,
    ) -> Result<Box<dyn Measure>, CacheError> {
        Ok(Box::new(CountryCounts::of(cache, peers)))
    }
}

impl Measure for CountryCounts {
    fn measure(&self, input: &ContextInput<'_>) -> Option<f64> {
        let cohort = *self.of.get(input.account as usize)?;
        let size = *self.sizes.get(cohort as usize)? as f64;
        let (mut all, mut unusual) = (0_u64, 0_u64);
        for (country, exchanges) in countries(input.cache, input.account) {
            all += u64::from(exchanges);
            let callers = self.accounts.get(&(cohort, country)).copied().unwrap_or(0) as f64;
            if callers < UNUSUAL_BELOW * size {
                unusual += u64::from(exchanges);
            }
        }
        (all > 0).then(|| unusual as f64 / all as f64)
    }
}

/// Countries of an account with the number of its exchanges from each.
fn countries(cache: &Cache, account: AccountIndex) -> impl Iterator<Item = (ValueIndex, u32)> + '_ {
    let range = cache.values_of_kind(AttributeKind::Country);
    cache.values_of(account).iter().copied().filter(move |&(value, _)| range.contains(&(value as usize)))
}
