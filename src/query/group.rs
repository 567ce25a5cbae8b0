//! Facts about a group of accounts for a list of groups: shared values, activity, topics, hours.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::links::MULTITUDE;
use super::pivot::{rarity, values_of_given};
use crate::cache::{AccountIndex, Cache, NO_TOPIC, ValueIndex};
use crate::model::{Cancelled, Family, Micros, TimeSpan, Watcher};

/// Slices of time of a group's activity.
pub const SLICES: usize = 32;
/// A shared value is rare if at most one account in this many has it, or if at least half of those who have
/// it are in the group.
const RARE: u32 = 50;
/// Topics named of a group.
const TOPICS: usize = 3;

/// Members of a group who share rare values of one family, and these values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FamilyShare {
    /// Members who share such a value with another member.
    pub members: u32,
    /// Shared values.
    pub values: u32,
    /// Value that most members and fewest others have: the largest square of its members over all who have it; 0
    /// without shared values.
    pub widest: ValueIndex,
    /// Members who have it.
    pub widest_members: u32,
    /// Members, each by the share of members among all who have its most exclusive value; rounded.
    pub exclusive: u32,
}

/// Facts about one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupFacts {
    /// Rare shared values by family, in the order of [`Family::ALL`].
    pub shared: [FamilyShare; Family::ALL.len()],
    /// Exchanges in equal slices of the time of the case; [`SLICES`] numbers.
    pub activity: Vec<u32>,
    /// Topics that the group asks about more than all accounts do, largest likelihood ratio first, each with
    /// its share of the group's exchanges, 0 to 1. Empty without topics.
    pub topics: Vec<(u16, f32)>,
    /// Exchanges by hour of the week, UTC, Monday 00:00 first; 168 numbers.
    pub hours: Vec<u32>,
}

/// Facts about groups, in their order. An account may be in several groups.
///
/// # Errors
/// Only when cancelled.
pub fn group_facts(
    cache: &Cache,
    groups: &[&[AccountIndex]],
    watcher: &dyn Watcher,
) -> Result<Vec<GroupFacts>, Cancelled> {
    let span = cache.hot().span();
    groups
        .par_iter()
        .map(|accounts| {
            watcher.check()?;
            let (activity, hours) = span.map_or_else(Default::default, |span| times(cache, accounts, span));
            Ok(GroupFacts {
                shared: shared(cache, accounts),
                activity,
                topics: topics(cache, accounts),
                hours,
            })
        })
        .collect()
}

/// Rare values that at least two of the accounts have, by family, in the order of [`Family::ALL`].
pub fn shared(cache: &Cache, accounts: &[AccountIndex]) -> [FamilyShare; Family::ALL.len()] {
    let mut shares = [FamilyShare::default(); Family::ALL.len()];
    let mut members: [Vec<(AccountIndex, f32)>; Family::ALL.len()] = Default::default();
    for (value, having) in shared_values(cache, accounts) {
        let family = cache.values()[value as usize].kind.family();
        let Some(at) = family.and_then(|family| Family::ALL.iter().position(|each| *each == family)) else {
            continue;
        };
        let share = &mut shares[at];
        share.values += 1;
        let exclusivity = having as f32 / cache.values()[value as usize].accounts.max(1) as f32;
        let before = cache.values()[share.widest as usize].accounts.max(1) as f32;
        let widest = share.widest_members as f32;
        if having as f32 * exclusivity > widest * widest / before {
            (share.widest, share.widest_members) = (value, having);
        }
        let own = cache.accounts_with(value).iter().filter(|&account| accounts.contains_sorted(account));
        members[at].extend(own.map(|&account| (account, exclusivity)));
    }
    for (share, members) in shares.iter_mut().zip(&mut members) {
        // The most exclusive value of each account first.
        members.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        members.dedup_by_key(|(account, _)| *account);
        share.members = members.len() as u32;
        share.exclusive = members.iter().map(|(_, exclusivity)| exclusivity).sum::<f32>().round() as u32;
    }
    shares
}

/// Members who share a rare value of one of the families that count with another member, ascending.
pub fn sharing(
    cache: &Cache,
    accounts: &[AccountIndex],
    counts: impl Fn(Family) -> bool,
) -> Vec<AccountIndex> {
    let of_family = |value: ValueIndex| cache.values()[value as usize].kind.family();
    let mut members: Vec<AccountIndex> = shared_values(cache, accounts)
        .filter(|&(value, _)| of_family(value).is_some_and(&counts))
        .flat_map(|(value, _)| cache.accounts_with(value))
        .copied()
        .filter(|account| accounts.contains_sorted(account))
        .collect();
    members.sort_unstable();
    members.dedup();
    members
}

/// Rare values of a family that at least two of the accounts have, with the number of these accounts.
fn shared_values(cache: &Cache, accounts: &[AccountIndex]) -> impl Iterator<Item = (ValueIndex, u32)> {
    let few = cache.accounts().len() as u32 / RARE;
    values_of_given(accounts, |account| cache.values_of(account)).into_iter().filter(
        move |&(value, members)| {
            let value = &cache.values()[value as usize];
            members > 1 && value.kind.family().is_some() && value.accounts <= few.max(2 * members)
        },
    )
}

/// Membership in an ascending list.
trait ContainsSorted {
    fn contains_sorted(&self, account: &AccountIndex) -> bool;
}

impl ContainsSorted for [AccountIndex] {
    fn contains_sorted(&self, account: &AccountIndex) -> bool {
        self.binary_search(account).is_ok()
    }
}

/// Exchanges by slice of the span, and by hour of the week.
fn times(cache: &Cache, accounts: &[AccountIndex], span: TimeSpan) -> (Vec<u32>, Vec<u32>) {
    const HOUR: Micros = 3_600_000_000;
    /// Monday 1969-12-29 00:00 before 1970-01-01, in hours.
    const MONDAY: Micros = 72;
    let (mut slices, mut hours) = (vec![0; SLICES], vec![0; 168]);
    let length = span.length().max(1) as f64;
    for &account in accounts {
        for &t in &cache.hot().ts[cache.hot().rows_of(account)] {
            let share = t.saturating_sub(span.start) as f64 / length;
            slices[((share * SLICES as f64) as usize).min(SLICES - 1)] += 1;
            hours[(t.div_euclid(HOUR) + MONDAY).rem_euclid(168) as usize] += 1;
        }
    }
    (slices, hours)
}

/// Topics with the largest contribution to the likelihood ratio against all exchanges (G-test, Woolf
/// 1957), with their shares of the accounts' exchanges.
pub fn topics(cache: &Cache, accounts: &[AccountIndex]) -> Vec<(u16, f32)> {
    let known = cache.topics();
    let mut counts = vec![0_u32; known.len()];
    for &account in accounts {
        for &topic in cache.hot().topic.get(cache.hot().rows_of(account)).unwrap_or(&[]) {
            if let Some(count) = counts.get_mut(usize::from(topic)).filter(|_| topic != NO_TOPIC) {
                *count += 1;
            }
        }
    }
    let own: f64 = counts.iter().copied().map(f64::from).sum();
    let all: f64 = known.iter().map(|topic| topic.exchanges as f64).sum();
    let mut scored: Vec<(f64, u16)> = counts
        .iter()
        .zip(known)
        .filter(|(count, topic)| **count > 0 && topic.exchanges > 0)
        .map(|(&count, topic)| {
            let expected = own * topic.exchanges as f64 / all;
            (f64::from(count) * (f64::from(count) / expected).ln(), topic.id)
        })
        .filter(|(weight, _)| *weight > 0.0)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let share = |topic: u16| (f64::from(counts[usize::from(topic)]) / own) as f32;
    scored.into_iter().take(TOPICS).map(|(_, topic)| (topic, share(topic))).collect()
}

/// Accounts outside a group that share its rare values, those with the most bits first: the sum over
/// families of the rarest shared value's bits. Each with its bits and its shared values, rarest first. A value of a
/// multitude, such as a common template, makes no candidates however many members have it.
pub fn candidates(cache: &Cache, accounts: &[AccountIndex], most: usize) -> Vec<Candidate> {
    let is_of_few = |value: &(ValueIndex, u32)| cache.values()[value.0 as usize].accounts <= MULTITUDE;
    let mut values: Vec<(ValueIndex, u32)> = shared_values(cache, accounts).filter(is_of_few).collect();
    values.sort_by_key(|&(value, _)| (cache.values()[value as usize].accounts, value));
    let mut found: Vec<(AccountIndex, ValueIndex)> = Vec::new();
    for &(value, _) in &values {
        let others = cache.accounts_with(value).iter().filter(|&account| !accounts.contains_sorted(account));
        found.extend(others.map(|&account| (account, value)));
    }
    // Stable, so that the values of an account stay rarest first.
    found.sort_by_key(|(account, _)| *account);
    let mut all: Vec<Candidate> = found
        .chunk_by(|a, b| a.0 == b.0)
        .map(|run| {
            let values: Vec<ValueIndex> = run.iter().map(|(_, value)| *value).collect();
            Candidate { account: run[0].0, bits: bits(cache, &values), values }
        })
        .collect();
    all.sort_by(|a, b| b.bits.total_cmp(&a.bits).then(a.account.cmp(&b.account)));
    all.truncate(most);
    all
}

/// Account outside a group that shares values with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The account.
    pub account: AccountIndex,
    /// Sum over families of the rarest shared value's rarity, in bits.
    pub bits: f32,
    /// Values that it shares with at least two members, rarest first.
    pub values: Vec<ValueIndex>,
}

fn bits(cache: &Cache, values: &[ValueIndex]) -> f32 {
    let all = cache.accounts().len();
    let of_family = |family: Family| {
        values
            .iter()
            .map(|&value| &cache.values()[value as usize])
            .filter(|value| value.kind.family() == Some(family))
            .map(|value| rarity(all, value.accounts as usize))
            .fold(0.0, f32::max)
    };
    Family::ALL.into_iter().map(of_family).sum()
}

/// Values shared within two groups that have most in common: rare values that at least two accounts of
/// each have, rarest first.
pub fn common_values(cache: &Cache, one: &[AccountIndex], other: &[AccountIndex]) -> Vec<ValueIndex> {
    let of_other: Vec<ValueIndex> = shared_values(cache, other).map(|(value, _)| value).collect();
    let mut common: Vec<ValueIndex> = shared_values(cache, one)
        .map(|(value, _)| value)
        .filter(|value| of_other.binary_search(value).is_ok())
        .collect();
    common.sort_by_key(|&value| (Reverse(rarity_key(cache, value)), value));
    common
}

/// Accounts that have a value, from the fewest: the rarest value has the largest key.
fn rarity_key(cache: &Cache, value: ValueIndex) -> u32 {
    u32::MAX - cache.values()[value as usize].accounts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{self, Row};
    use crate::model::Silent;

    /// Sixteen accounts; 0, 1 and 2 on one card, 2 and 3 on one address, the others on their own.
    fn cache(folder: &std::path::Path) -> Cache {
        let rows = (0..16_i64).map(|n| Row {
            payment: Some(if n < 3 { "pm_ring".to_owned() } else { format!("pm_{n}") }),
            ip: Some(if n == 2 || n == 3 { "10.0.0.1".to_owned() } else { format!("10.{n}.9.9") }),
            ..testing::row(&format!("a{n:02}"), 3_600_000_000 * n)
        });
        testing::cache(folder, vec![testing::snapshot(folder, &[("a.parquet", rows.collect())])]).0
    }

    #[test]
    fn a_value_of_a_multitude_makes_no_candidates() {
        let folder = tempfile::tempdir().unwrap();
        let all = i64::from(MULTITUDE) + 20;
        let rows = (0..all).map(|n| Row {
            payment: Some("pm_common".to_owned()),
            ip: Some(format!("10.{}.{}.9", n / 3, n / 3)),
            ..testing::row(&format!("a{n:03}"), 3_600_000_000 * n)
        });
        let logs = testing::snapshot(folder.path(), &[("a.parquet", rows.collect())]);
        let cache = testing::cache(folder.path(), vec![logs]).0;
        let members: Vec<AccountIndex> = (0..35).collect();
        let found = candidates(&cache, &members, 100);
        // The last member's address has one account outside; the card of all has 25.
        assert_eq!(found.iter().map(|one| one.account).collect::<Vec<_>>(), [35]);
    }

    #[test]
    fn what_members_share_is_counted_by_family_and_others_who_share_it_are_candidates() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        let facts = group_facts(&cache, &[&[0, 1, 2], &[4, 5]], &Silent).unwrap();
        let payment = Family::ALL.iter().position(|family| *family == Family::Payment).unwrap();
        let share = facts[0].shared[payment];
        assert_eq!([share.members, share.values, share.widest_members, share.exclusive], [3, 1, 3, 3]);
        assert_eq!(cache.values()[share.widest as usize].value, "pm_ring");
        let by = |counts: fn(Family) -> bool| sharing(&cache, &[0, 2, 3, 5], counts);
        assert_eq!(by(|_| true), [0, 2, 3]);
        assert_eq!(by(|family| family == Family::Network), [2, 3]);
        assert!(facts[1].shared.iter().all(|share| share.members == 0));
        assert_eq!(facts[0].activity.iter().sum::<u32>(), 3);
        assert_eq!((facts[0].activity[0], facts[0].hours[72]), (1, 1), "1970 began on a Thursday");
        assert_eq!(facts[0].topics, []);
        let found = candidates(&cache, &[0, 1], 10);
        assert_eq!(found.iter().map(|one| one.account).collect::<Vec<_>>(), [2]);
        assert!(found[0].bits > 2.0 && found[0].values.len() == 1);
        assert_eq!(common_values(&cache, &[0, 1], &[1, 2]).len(), 1);
        assert!(candidates(&cache, &[4, 5], 10).is_empty());
    }
}
