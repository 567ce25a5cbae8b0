//! Topics that a group of accounts asks about far more than others do, and how many others mostly ask about them.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, Hot, NO_TOPIC};
use crate::model::{Cancelled, Watcher};

/// Least ratio of a topic's share in the group to its share elsewhere.
const MIN_RATIO: f64 = 3.0;
/// Least share of a topic in the group.
const MIN_SHARE: f64 = 0.01;
/// Fewest exchanges with a topic of an account that is compared.
const MIN_EXCHANGES: u32 = 5;
/// Accounts of one task.
const CHUNK: usize = 512;

/// Topics of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pool {
    /// The topics, that with most exchanges of the group first.
    pub topics: Vec<u16>,
    /// Share of the group's exchanges about them, 0 to 1.
    pub share: f64,
    /// Share of all other exchanges about them, 0 to 1.
    pub elsewhere: f64,
    /// Accounts outside the group with at least half of their exchanges about them.
    pub others: u32,
}

/// Topics of each group, in the order of the groups; `None` without such topics. Members of a group ascend. Each account
/// is compared with each group, so there should be hundreds of groups at most.
///
/// # Errors
/// Only when cancelled.
pub fn pools(
    cache: &Cache,
    groups: &[&[AccountIndex]],
    watcher: &dyn Watcher,
) -> Result<Vec<Option<Pool>>, Cancelled> {
    let exchanges: Vec<u64> = cache.topics().iter().map(|topic| topic.exchanges).collect();
    of_hot(cache.hot(), &exchanges, groups, watcher)
}

/// [`pools`] of columns, with the number of exchanges of each topic.
fn of_hot(
    hot: &Hot,
    exchanges: &[u64],
    groups: &[&[AccountIndex]],
    watcher: &dyn Watcher,
) -> Result<Vec<Option<Pool>>, Cancelled> {
    let mut pools: Vec<Option<Pool>> = groups.par_iter().map(|group| topics(hot, exchanges, group)).collect();
    let mut groups_of_topic: Vec<Vec<usize>> = vec![Vec::new(); exchanges.len()];
    for (at, pool) in pools.iter().enumerate() {
        for &topic in pool.iter().flat_map(|pool| &pool.topics) {
            groups_of_topic[usize::from(topic)].push(at);
        }
    }
    let accounts: Vec<AccountIndex> = (0..hot.offsets.len().saturating_sub(1) as AccountIndex).collect();
    let counted: Vec<Vec<u32>> = accounts
        .par_chunks(CHUNK)
        .map(|chunk| {
            watcher.check()?;
            let mut others = vec![0; groups.len()];
            let (mut counts, mut sums) = (vec![0; exchanges.len()], vec![0; groups.len()]);
            for &account in chunk {
                let all = count_by_group(hot, account, &groups_of_topic, (&mut counts, &mut sums));
                let is_mostly = |at: &usize| all >= MIN_EXCHANGES && 2 * sums[*at] >= all;
                for at in (0..groups.len()).filter(is_mostly) {
                    others[at] += u32::from(groups[at].binary_search(&account).is_err());
                }
            }
            Ok(others)
        })
        .collect::<Result<_, Cancelled>>()?;
    for (at, pool) in pools.iter_mut().enumerate() {
        if let Some(pool) = pool {
            pool.others = counted.iter().map(|others| others[at]).sum();
        }
    }
    Ok(pools)
}

/// Topics that a group asks about far more than others, with both shares.
fn topics(hot: &Hot, exchanges: &[u64], group: &[AccountIndex]) -> Option<Pool> {
    let mut counts = vec![0; exchanges.len()];
    let own: u32 = group.iter().map(|&account| count(hot, account, &mut counts)).sum();
    let rest = exchanges.iter().sum::<u64>().saturating_sub(own.into()).max(1) as f64;
    let share = |topic: usize| f64::from(counts[topic]) / f64::from(own.max(1));
    let elsewhere = |topic: usize| exchanges[topic].saturating_sub(counts[topic].into()) as f64 / rest;
    let is_own = |topic: &usize| share(*topic) >= MIN_SHARE && share(*topic) >= MIN_RATIO * elsewhere(*topic);
    let mut found: Vec<usize> = (0..exchanges.len()).filter(is_own).collect();
    found.sort_by_key(|&topic| (Reverse(counts[topic]), topic));
    (!found.is_empty()).then(|| Pool {
        share: found.iter().map(|&topic| share(topic)).sum(),
        elsewhere: found.iter().map(|&topic| elsewhere(topic)).sum(),
        topics: found.into_iter().map(|topic| topic as u16).collect(),
        others: 0,
    })
}

/// Adds an account's exchanges to the counts of their topics; returns their number.
fn count(hot: &Hot, account: AccountIndex, counts: &mut [u32]) -> u32 {
    let mut all = 0;
    for &topic in hot.topic.get(hot.rows_of(account)).unwrap_or(&[]) {
        if let Some(count) = counts.get_mut(usize::from(topic)).filter(|_| topic != NO_TOPIC) {
            *count += 1;
            all += 1;
        }
    }
    all
}

/// Counts an account's exchanges by topic, and by the groups whose topics they are about; returns their number. Counts
/// of before are cleared.
fn count_by_group(
    hot: &Hot,
    account: AccountIndex,
    groups_of_topic: &[Vec<usize>],
    (by_topic, by_group): (&mut [u32], &mut [u32]),
) -> u32 {
    by_topic.fill(0);
    by_group.fill(0);
    let all = count(hot, account, by_topic);
    for (groups, count) in groups_of_topic.iter().zip(by_topic).filter(|(_, count)| **count > 0) {
        groups.iter().for_each(|&at| by_group[at] += *count);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;

    /// Four accounts of ten exchanges each: two ask about topic 2, one half the time, one never.
    #[test]
    fn what_a_group_asks_and_others_do_not_is_its_pool() {
        let asks = [[2; 10], [2; 10], [2, 2, 2, 2, 2, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]];
        let hot = Hot {
            offsets: vec![0, 10, 20, 30, 40],
            ts: vec![0; 40],
            topic: asks.concat(),
            place: Vec::new(),
        };
        let exchanges = [10, 5, 25];
        let found = of_hot(&hot, &exchanges, &[&[0, 1], &[0, 1, 2], &[3]], &Silent).unwrap();
        let pool = |topics: &[u16], share, elsewhere, others| {
            Some(Pool { topics: topics.to_vec(), share, elsewhere, others })
        };
        assert_eq!(found[0], pool(&[2], 1.0, 0.25, 1));
        assert_eq!(found[1], pool(&[2], 25.0 / 30.0, 0.0, 0));
        // Topic 0 is half of the exchanges of account 2 too, and a sixth of those of all others.
        assert_eq!(found[2], pool(&[0, 1], 1.0, 5.0 / 30.0, 1));
        assert_eq!(of_hot(&hot, &[0, 0, 0], &[&[]], &Silent).unwrap(), [None]);
    }
}
