//! Features of a common abuse model: volume, times, topics and networks of an account.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, NO_TOPIC};
use crate::model::{AttributeKind, Cancelled, Watcher};
use crate::stats::burstiness::burstiness;
use crate::stats::entropy::shannon;

const HOUR: i64 = 3_600_000_000;
const HOURS: usize = 24;

/// Attributes whose number of values is a feature.
const COUNTED: [AttributeKind; 5] = [
    AttributeKind::Ip,
    AttributeKind::Asn,
    AttributeKind::UserAgent,
    AttributeKind::Model,
    AttributeKind::PromptTemplate,
];
/// Attributes for which the number of holders of the account's most shared value is a feature.
const SHARED: [AttributeKind; 2] = [AttributeKind::PaymentFingerprint, AttributeKind::Ip24];

/// The features of every account, each with mean 0 and standard deviation 1 over all accounts; 0
/// where an account lacks one, and everywhere where all are the same.
pub(super) fn standardised(cache: &Cache, watcher: &dyn Watcher) -> Result<Vec<Vec<f64>>, Cancelled> {
    let mut features: Vec<Vec<Option<f64>>> = (0..cache.accounts().len() as AccountIndex)
        .into_par_iter()
        .map(|account| {
            watcher.check()?;
            Ok(of_account(cache, account))
        })
        .collect::<Result<_, Cancelled>>()?;
    for at in 0..features.first().map_or(0, Vec::len) {
        standardise(&mut features, at);
    }
    Ok(features.into_iter().map(|of| of.into_iter().map(|z| z.unwrap_or(0.0)).collect()).collect())
}

fn standardise(features: &mut [Vec<Option<f64>>], at: usize) {
    let present: Vec<f64> = features.iter().filter_map(|of| of[at]).collect();
    let n = present.len().max(1) as f64;
    let mean = present.iter().sum::<f64>() / n;
    let deviation = (present.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    for of in features {
        of[at] = of[at].filter(|_| deviation > 0.0).map(|x| (x - mean) / deviation);
    }
}

/// Counts and times on a logarithmic scale: they spread over orders of magnitude.
fn of_account(cache: &Cache, account: AccountIndex) -> Vec<Option<f64>> {
    let rows = cache.hot().rows_of(account);
    let ts = &cache.hot().ts[rows.clone()];
    let about = &cache.accounts()[account as usize];
    let hours: BTreeSet<i64> = ts.iter().map(|t| t.div_euclid(HOUR)).collect();
    let mut days: BTreeMap<i64, usize> = BTreeMap::new();
    let mut of_day = [0_u64; HOURS];
    let mut weekend = 0;
    for t in ts {
        let hour = t.div_euclid(HOUR);
        let day = hour.div_euclid(HOURS as i64);
        *days.entry(day).or_default() += 1;
        of_day[hour.rem_euclid(HOURS as i64) as usize] += 1;
        // 1 January 1970 was a Thursday.
        weekend += usize::from((day + 3).rem_euclid(7) >= 5);
    }
    let n = ts.len().max(1) as f64;
    let intervals: Vec<f64> =
        ts.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64 / 1e6).collect();
    let age = about.created.map(|created| about.first.saturating_sub(created).max(0) as f64 / HOUR as f64);
    let mut features = vec![
        Some((ts.len() as f64).ln_1p()),
        Some((days.len() as f64).ln_1p()),
        Some((hours.len() as f64).ln_1p()),
        Some(n / hours.len().max(1) as f64),
        days.values().max().map(|most| *most as f64 / n),
        Some(shannon(&of_day)),
        Some(weekend as f64 / n),
        median(&intervals).map(f64::ln_1p),
        burstiness(&intervals),
        age.map(f64::ln_1p),
    ];
    features.extend(of_topics(cache.hot().topic.get(rows).unwrap_or_default()));
    let values = cache.values_of(account);
    let of_kind = |kind: AttributeKind| {
        values.iter().map(|&(at, _)| &cache.values()[at as usize]).filter(move |value| value.kind == kind)
    };
    features.extend(COUNTED.map(|kind| Some((of_kind(kind).count() as f64).ln_1p())));
    features.extend(
        SHARED.map(|kind| of_kind(kind).map(|value| value.accounts).max().map(|n| f64::from(n).ln_1p())),
    );
    features
}

/// Number, entropy and largest share of topics.
fn of_topics(topics: &[u16]) -> [Option<f64>; 3] {
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for &topic in topics.iter().filter(|&&topic| topic != NO_TOPIC) {
        *counts.entry(topic).or_default() += 1;
    }
    let sizes: Vec<u64> = counts.into_values().collect();
    let all: u64 = sizes.iter().sum();
    match sizes.iter().max() {
        Some(&most) => {
            [Some((sizes.len() as f64).ln_1p()), Some(shannon(&sizes)), Some(most as f64 / all as f64)]
        }
        None => [None; 3],
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::cache_of;
    use super::*;
    use crate::model::Silent;

    #[test]
    fn each_feature_has_mean_0_and_deviation_1_or_is_0() {
        let mut features =
            vec![vec![Some(1.0), Some(5.0)], vec![Some(3.0), Some(5.0)], vec![None, Some(5.0)]];
        standardise(&mut features, 0);
        standardise(&mut features, 1);
        assert_eq!(features, [vec![Some(-1.0), None], vec![Some(1.0), None], vec![None, None]]);
    }

    #[test]
    fn what_a_case_lacks_is_0() {
        let folder = tempfile::tempdir().unwrap();
        let features = standardised(&cache_of(folder.path(), &["a", "b"]), &Silent).unwrap();
        assert_eq!(features[0], features[1]);
        assert!(features[0].iter().all(|&z| z == 0.0));
    }
}
