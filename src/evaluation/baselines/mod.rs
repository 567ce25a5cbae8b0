//! Baseline rankings for comparison with the leads.

mod features;
mod prada;

use super::ranked::{Ranked, ranked};
use super::truth::Truth;
use crate::cache::{Cache, CacheError};
use crate::leads::{Leads, SignalColumn};
use crate::model::Watcher;
use crate::signals::Outcome;
use crate::stats::isolation_forest;

/// Seed of the isolation forest. Fixed, so that the same case gives the same figures.
const SEED: u64 = 1;

/// Every baseline evaluated against the truth, by name. Signals measured on no account are left out.
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub(super) fn all(
    cache: &Cache,
    leads: &Leads,
    truth: &Truth,
    watcher: &dyn Watcher,
) -> Result<Vec<(String, Ranked)>, CacheError> {
    let volume: Vec<f64> = cache.accounts().iter().map(|account| f64::from(account.exchanges)).collect();
    let mut all = vec![("volume".to_owned(), ranked(&volume, truth))];
    watcher.step("measuring baselines", 0, 3, "baselines");
    let features = features::standardised(cache, watcher)?;
    all.push(("largest z-score".to_owned(), ranked(&largest(&features), truth)));
    watcher.step("measuring baselines", 1, 3, "baselines");
    all.push(("isolation forest".to_owned(), ranked(&isolation_forest::scores(&features, SEED), truth)));
    watcher.step("measuring baselines", 2, 3, "baselines");
    if let Some(scores) = prada::scores(cache, watcher)? {
        all.push(("PRADA on sampled prompts".to_owned(), ranked(&scores, truth)));
    }
    for column in &leads.signals {
        let about = column.about;
        all.extend(alone(column).map(|s| (format!("{} {} alone", about.id, about.title), ranked(&s, truth))));
    }
    Ok(all)
}

/// The largest deviation of any feature, in standard deviations.
fn largest(features: &[Vec<f64>]) -> Vec<f64> {
    features.iter().map(|of| of.iter().fold(0.0, |most: f64, z| most.max(z.abs()))).collect()
}

/// Values of one signal as a score, oriented by its tested tail; untestable accounts come last. `None` where
/// no account was measured.
fn alone(column: &SignalColumn) -> Option<Vec<f64>> {
    let value = |outcome: &Outcome| match outcome {
        Outcome::Measured { value, .. } if column.about.tests_upper_tail => *value,
        Outcome::Measured { value, .. } => -value,
        Outcome::NotApplicable(_) => f64::NEG_INFINITY,
    };
    let values: Vec<f64> = column.outcomes.iter().map(value).collect();
    values.iter().any(|value| value.is_finite()).then_some(values)
}
