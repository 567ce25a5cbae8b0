//! Stated use against observed topics.

use std::collections::BTreeMap;

use super::fact::{Context, ContextAbout, ContextInput, Measure};
use crate::cache::{AccountIndex, Cache, CacheError, NO_TOPIC, ValueIndex};
use crate::model::{AttributeKind, Watcher};
use crate::signals::peers::Peers;

/// Minimum number of accounts of a stated use.
const MIN_ACCOUNTS: usize = 20;

/// Minimum number of exchanges of the account that have a topic.
const MIN_EXCHANGES: usize = 20;

/// Share below which a topic is foreign to a use: accounts that state the use give it less than half of the
/// share that all accounts give it.
const FOREIGN_BELOW: f64 = 0.5;

const ABOUT: ContextAbout = ContextAbout {
    id: "beside_stated_use",
    title: "beside its stated use",
    unit: "share of exchanges in topics foreign to its stated use (0 to 1)",
    definition: "Share of the account's exchanges in topics foreign to its stated use. A topic is foreign if \
                 its share among accounts of that use is less than half of its share among all accounts. Every \
                 account counts the same. Needs 20 exchanges that have a topic and 20 accounts that state the use.",
    needs: &["stated_use_case", "prompt_text or prompt_embedding"],
    caution: "Uses change after they were stated, and many are stated in a hurry.",
};

pub(super) struct StatedUse;

/// Topics foreign to each stated use.
#[derive(Clone, Debug, Default)]
pub(super) struct ForeignTopics {
    foreign: BTreeMap<ValueIndex, Vec<bool>>,
}

impl ForeignTopics {
    pub fn of(cache: &Cache) -> Self {
        let (topics, hot) = (cache.topics().len(), cache.hot());
        if hot.topic.is_empty() {
            return Self::default();
        }
        let mut by_use: BTreeMap<ValueIndex, (usize, Vec<f64>)> = BTreeMap::new();
        for account in 0..cache.accounts().len() as AccountIndex {
            let Some(stated) = stated(cache, account) else { continue };
            let Some(shares) = shares(&hot.topic[hot.rows_of(account)], topics) else { continue };
            let (accounts, sums) = by_use.entry(stated).or_insert_with(|| (0, vec![0.0; topics]));
            *accounts += 1;
            sums.iter_mut().zip(&shares).for_each(|(sum, share)| *sum += share);
        }
        Self { foreign: foreign(by_use, topics) }
    }
}

/// The foreign topics of each use that enough accounts state, from the sums of their shares.
fn foreign(
    by_use: BTreeMap<ValueIndex, (usize, Vec<f64>)>,
    topics: usize,
) -> BTreeMap<ValueIndex, Vec<bool>> {
    let accounts: usize = by_use.values().map(|(accounts, _)| accounts).sum();
    let mut all = vec![0.0; topics];
    for (_, sums) in by_use.values() {
        all.iter_mut().zip(sums).for_each(|(all, sum)| *all += sum / accounts as f64);
    }
    by_use
        .into_iter()
        .filter(|(_, (accounts, _))| *accounts >= MIN_ACCOUNTS)
        .map(|(stated, (accounts, sums))| {
            let of = |(sum, all): (&f64, &f64)| sum / (accounts as f64) < FOREIGN_BELOW * all;
            (stated, sums.iter().zip(&all).map(of).collect())
        })
        .collect()
}

impl Context for StatedUse {
    fn about(&self) -> &'static ContextAbout {
        &ABOUT
    }

    fn gather(&self, cache: &Cache, _: Peers<'_>, _: &dyn Watcher) -> Result<Box<dyn Measure>, CacheError> {
        Ok(Box::new(ForeignTopics::of(cache)))
    }
}

impl Measure for ForeignTopics {
    fn measure(&self, input: &ContextInput<'_>) -> Option<f64> {
        let foreign = self.foreign.get(&stated(input.cache, input.account)?)?;
        let with_topic: Vec<u16> = input.topics.iter().copied().filter(|&topic| topic != NO_TOPIC).collect();
        let beside = with_topic.iter().filter(|&&topic| foreign.get(topic as usize) == Some(&true)).count();
        (with_topic.len() >= MIN_EXCHANGES).then(|| beside as f64 / with_topic.len() as f64)
    }
}

/// Stated use of most of its exchanges.
fn stated(cache: &Cache, account: AccountIndex) -> Option<ValueIndex> {
    let range = cache.values_of_kind(AttributeKind::StatedUseCase);
    let values = cache.values_of(account).iter().filter(|&&(value, _)| range.contains(&(value as usize)));
    values.max_by_key(|&&(value, exchanges)| (exchanges, std::cmp::Reverse(value))).map(|&(value, _)| value)
}

/// The share of each topic; `None` with too few exchanges that have one.
fn shares(topics: &[u16], count: usize) -> Option<Vec<f64>> {
    let mut shares = vec![0.0; count];
    let with_topic =
        topics.iter().filter_map(|&topic| shares.get_mut(topic as usize).map(|share| *share += 1.0)).count();
    shares.iter_mut().for_each(|share| *share /= with_topic as f64);
    (with_topic >= MIN_EXCHANGES).then_some(shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_others_of_a_use_hardly_ask_is_foreign() {
        let mut by_use = BTreeMap::new();
        // 30 tutors give all to topic 0; 30 coders half each to topics 0 and 1; three of another.
        by_use.insert(1, (30, vec![30.0, 0.0]));
        by_use.insert(2, (30, vec![15.0, 15.0]));
        by_use.insert(3, (3, vec![3.0, 0.0]));
        let found = foreign(by_use, 2);
        assert_eq!(found.get(&1), Some(&vec![false, true]));
        assert_eq!(found.get(&2), Some(&vec![false, false]));
        assert_eq!(found.get(&3), None);
    }

    #[test]
    fn shares_are_of_what_has_a_topic() {
        let mut topics = vec![0_u16; 15];
        topics.extend([1; 5]);
        topics.extend([NO_TOPIC; 9]);
        assert_eq!(shares(&topics, 2), Some(vec![0.75, 0.25]));
        assert_eq!(shares(&topics[..19], 2), None);
    }
}
