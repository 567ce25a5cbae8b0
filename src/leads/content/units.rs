//! Units: accounts that are evidently one customer and count as one observation.

use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::AttributeKind;
use crate::stats::union_find::UnionFind;

/// Minimum number of accounts that make a shared dominant address one unit.
const MIN_ACCOUNTS_AT_ADDRESS: usize = 4;

/// Unit of each account, named by its smallest account: accounts that declare one organisation, and accounts
/// that send most of their exchanges from one address which is dominant for at least four. A class, an office
/// and an agency are one unit each.
pub(super) fn units(cache: &Cache) -> Vec<u32> {
    let accounts = cache.accounts().len();
    let mut joined = UnionFind::new(accounts);
    let mut join = |of: Vec<(ValueIndex, AccountIndex)>, fewest: usize| {
        for same in of.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() >= fewest) {
            same.windows(2).for_each(|pair| joined.union(pair[0].1, pair[1].1));
        }
    };
    join(dominant(cache, AttributeKind::OrgId), 2);
    join(dominant(cache, AttributeKind::Ip), MIN_ACCOUNTS_AT_ADDRESS);
    let mut smallest = vec![u32::MAX; accounts];
    let roots = joined.roots();
    for (account, &root) in roots.iter().enumerate() {
        smallest[root as usize] = smallest[root as usize].min(account as u32);
    }
    roots.iter().map(|&root| smallest[root as usize]).collect()
}

/// Value of a kind that more than half of an account's exchanges carry, with the account; by value.
fn dominant(cache: &Cache, kind: AttributeKind) -> Vec<(ValueIndex, AccountIndex)> {
    let range = cache.values_of_kind(kind);
    let of = |account: AccountIndex| {
        let exchanges = cache.accounts()[account as usize].exchanges;
        let own = cache.values_of(account).iter().filter(|(value, _)| range.contains(&(*value as usize)));
        let own = own.filter(|(value, _)| !cache.is_of_everybody(*value));
        own.filter(|(_, with)| 2 * u64::from(*with) > u64::from(exchanges))
            .map(|&(value, _)| (value, account))
            .next()
    };
    let mut found: Vec<_> = (0..cache.accounts().len() as AccountIndex).filter_map(of).collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{self, Row};

    #[test]
    fn an_organisation_that_everybody_has_makes_no_unit() {
        let folder = tempfile::tempdir().unwrap();
        let row = |account: &str, ts| Row { org: Some("owner"), ..testing::row(account, ts) };
        let rows = ["a", "b", "c"].iter().zip(0..).map(|(account, at)| row(account, at)).collect();
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows)])]);
        assert_eq!(units(&cache), [0, 1, 2]);
        let watcher = crate::model::Silent;
        let linkage = crate::signals::linkage::link(&cache, &watcher).unwrap();
        assert!(linkage.groups.is_empty(), "{:?}", linkage.groups);
    }

    #[test]
    fn accounts_of_one_dominant_address_are_one_unit() {
        let folder = tempfile::tempdir().unwrap();
        let row = |account: &str, ts, ip: &str| Row { ip: Some(ip.to_owned()), ..testing::row(account, ts) };
        // Four send most from one address; of the three at another one, each counts for itself.
        let mut rows: Vec<Row> = (0..4).map(|at| row(&format!("a{at}"), at, "10.0.9.9")).collect();
        rows.push(row("a3", 9, "10.0.9.9"));
        rows.push(row("a3", 10, "10.0.1.1"));
        rows.extend((0..3).map(|at| row(&format!("b{at}"), 20 + at, "10.0.2.2")));
        let (cache, _) =
            testing::cache(folder.path(), vec![testing::snapshot(folder.path(), &[("a.parquet", rows)])]);
        assert_eq!(units(&cache), [0, 0, 0, 0, 4, 5, 6]);
    }
}
