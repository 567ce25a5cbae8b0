//! Intervals of figures: the accounts of the truth drawn again by blocks (Efron 1979; stratified, blocks as in
//! Davison & Hinkley 1997).
//!
//! A block is one account of a campaign, one group of innocent accounts that the truth puts together (an
//! agency, a school class), or one innocent account on its own. The blocks of each class are drawn with
//! replacement, as many as there are. The leads are not computed again: the interval covers the choice of
//! accounts within a campaign and a class, and not another campaign, log or operator.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Truth;
use super::statistic::{Name, Statistic, Value};
use crate::cache::AccountIndex;
use crate::model::{Cancelled, Watcher};
use crate::stats::bootstrap::{counts, percentile_interval};
use crate::stats::proportion::wilson;

/// Number of resamples.
const DRAWS: u64 = 1_000;

/// Seed of the resamples. Fixed, so that the same case gives the same intervals.
const SEED: u64 = 1;

/// Method of a 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalMethod {
    /// Wilson's score interval (1927), every account counting as independent.
    Wilson,
    /// Percentiles of 1,000 resamples by blocks.
    Bootstrap,
    /// Wilson's score interval over blocks instead of accounts, where all resamples have the same share.
    WilsonOverBlocks,
}

impl IntervalMethod {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::Bootstrap => "bootstrap",
            Self::WilsonOverBlocks => "Wilson over blocks",
        }
    }
}

/// Interval of a figure at 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end; infinite where a count has no end in more than 2.5 % of the resamples.
    pub high: f64,
    /// Method.
    pub method: IntervalMethod,
}

/// A figure with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Name.
    pub name: Name,
    /// Value on the case as it is.
    pub value: Value,
    /// Interval; `None` where the figure is undefined in every resample.
    pub interval: Option<Interval>,
}

/// Every figure of the statistics with its interval.
///
/// # Errors
/// Only when cancelled.
pub(super) fn estimates(
    statistics: &[Box<dyn Statistic>],
    truth: &Truth,
    accounts: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<Estimate>, Cancelled> {
    let strata = strata(truth);
    let values = |weights: &[f64]| -> Vec<Value> {
        statistics.iter().flat_map(|statistic| statistic.values(weights)).collect()
    };
    let resampled = (0..DRAWS)
        .into_par_iter()
        .map(|draw| {
            watcher.check()?;
            Ok(values(&resample(&strata, accounts, draw)))
        })
        .collect::<Result<Vec<Vec<Value>>, Cancelled>>()?;
    let point = values(&weights(&strata, accounts, |_| 1.0));
    // Each block counts as one account.
    let by_block = values(&weights(&strata, accounts, |block| 1.0 / block.len() as f64));
    let names = statistics.iter().flat_map(|statistic| statistic.names());
    Ok(names
        .enumerate()
        .map(|(at, name)| {
            let drawn = resampled.iter().filter_map(|values| values[at].get()).collect();
            Estimate { name, value: point[at], interval: interval(drawn, point[at], by_block[at]) }
        })
        .collect())
}

/// Percentiles of the values drawn; where they all agree on a share, Wilson's interval over blocks.
fn interval(drawn: Vec<f64>, point: Value, by_block: Value) -> Option<Interval> {
    let (low, high) = percentile_interval(drawn)?;
    match (point, by_block) {
        (Value::Share { .. }, Value::Share { of, .. }) if low == high => {
            let blocks = of.round().max(0.0) as usize;
            let (low, high) = wilson(point.get()? * blocks as f64, blocks);
            Some(Interval { low, high, method: IntervalMethod::WilsonOverBlocks })
        }
        _ => Some(Interval { low, high, method: IntervalMethod::Bootstrap }),
    }
}

/// The blocks of each class.
type Strata = Vec<Vec<Vec<AccountIndex>>>;

fn strata(truth: &Truth) -> Strata {
    let blocks = |campaign: bool, accounts: Vec<AccountIndex>| {
        let mut blocks: BTreeMap<(Option<u32>, AccountIndex), Vec<AccountIndex>> = BTreeMap::new();
        for account in accounts {
            let key = match truth.group(account).filter(|_| !campaign) {
                Some(group) => (Some(group), 0),
                None => (None, account),
            };
            blocks.entry(key).or_default().push(account);
        }
        blocks.into_values().collect()
    };
    truth.classes().into_iter().map(|(class, accounts)| blocks(class.campaign, accounts)).collect()
}

/// Weights of all accounts, 0 for one that the truth does not name.
fn weights(strata: &Strata, accounts: usize, of_block: impl Fn(&[AccountIndex]) -> f64) -> Vec<f64> {
    let mut weights = vec![0.0; accounts];
    for block in strata.iter().flatten() {
        block.iter().for_each(|&account| weights[account as usize] = of_block(block));
    }
    weights
}

/// Weights of all accounts in one resample: how often their blocks were drawn.
fn resample(strata: &Strata, accounts: usize, draw: u64) -> Vec<f64> {
    let mut weights = vec![0.0; accounts];
    let mut first = 0;
    for blocks in strata {
        for (block, count) in blocks.iter().zip(counts(blocks.len(), SEED, draw, first)) {
            block.iter().for_each(|&account| weights[account as usize] = f64::from(count));
        }
        first += blocks.len() as u64;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::super::Class;
    use super::*;
    use crate::model::Silent;

    /// Share of innocent accounts among the first accounts.
    struct First(usize);

    impl Statistic for First {
        fn names(&self) -> Vec<Name> {
            vec![Name { section: "x", subject: "x".into(), figure: "x".into() }]
        }

        fn values(&self, weights: &[f64]) -> Vec<Value> {
            vec![Value::Share { hits: weights[..self.0].iter().sum(), of: weights.iter().sum() }]
        }
    }

    fn truth(groups: &[Option<&str>]) -> Truth {
        let class = Class { campaign: false, name: "shop".into() };
        let named = (0..).zip(groups).map(|(at, group)| (at, class.clone(), group.map(str::to_owned)));
        Truth::with_groups(groups.len(), named)
    }

    fn one(truth: &Truth, accounts: usize, first: usize) -> Estimate {
        estimates(&[Box::new(First(first))], truth, accounts, &Silent).unwrap().remove(0)
    }

    #[test]
    fn independent_accounts_give_the_binomial_spread() {
        let found = one(&truth(&[None; 100]), 100, 30);
        assert_eq!(found.value, Value::Share { hits: 30.0, of: 100.0 });
        // A share of 0.3 of 100 has a standard error of 0.0458.
        let interval = found.interval.unwrap();
        assert!((interval.low - 0.21).abs() < 0.015 && (interval.high - 0.39).abs() < 0.015, "{interval:?}");
        assert_eq!(one(&truth(&[None; 100]), 100, 30), one(&truth(&[None; 100]), 100, 30));
    }

    #[test]
    fn accounts_of_one_group_are_drawn_together() {
        let alone = one(&truth(&[None; 100]), 100, 30).interval.unwrap();
        // The same hundred accounts in ten groups: the standard error is √10 times as large.
        let names: Vec<String> = (0..100).map(|at| format!("g{}", at / 10)).collect();
        let groups: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
        let grouped = one(&truth(&groups), 100, 30).interval.unwrap();
        let ratio = (grouped.high - grouped.low) / (alone.high - alone.low);
        assert!((ratio - 10_f64.sqrt()).abs() < 0.6, "{ratio}");
    }

    #[test]
    fn none_of_ten_is_not_none_for_certain() {
        let interval = one(&truth(&[None; 10]), 10, 0).interval.unwrap();
        assert_eq!(interval.method, IntervalMethod::WilsonOverBlocks);
        assert!(interval.low == 0.0 && (interval.high - 0.2775).abs() < 1e-3, "{interval:?}");
        // Ten accounts of one class of pupils are one witness.
        let interval = one(&truth(&[Some("class"); 10]), 10, 0).interval.unwrap();
        assert!((interval.high - wilson(0.0, 1).1).abs() < 1e-12, "{interval:?}");
    }
}
