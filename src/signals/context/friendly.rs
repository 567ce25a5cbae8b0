//! Extraction-friendly requests: log-probabilities, and responses of maximal length.

use super::fact::{Context, ContextAbout, ContextInput, Measure};
use crate::cache::{Cache, CacheError};
use crate::model::Watcher;
use crate::signals::peers::Peers;
use crate::signals::rows::RowColumn;

/// Minimum number of exchanges.
const MIN_EXCHANGES: usize = 20;

/// Stop reasons that mean a response of maximal length, as different systems write them.
const AT_LIMIT: [&str; 6] =
    ["length", "max_tokens", "max_output_tokens", "max_length", "token_limit", "model_length"];

const ABOUT: ContextAbout = ContextAbout {
    id: "extraction_friendly",
    title: "extraction-friendly requests",
    unit: "share of exchanges with log-probabilities or a response of maximal length (0 to 1)",
    definition: "Share of the account's exchanges that asked for log-probabilities or whose response ended at the maximal \
                 length. Needs 20 exchanges.",
    needs: &["logprobs_requested or stop_reason"],
    caution: "Evaluations ask for log-probabilities too, and a small limit cuts many responses.",
};

pub(super) struct Friendly;

/// Stop reasons of the case that mean a response of maximal length.
#[derive(Clone, Debug, Default)]
pub(super) struct LimitStopReasons {
    at_limit: Vec<bool>,
}

impl LimitStopReasons {
    pub fn of(cache: &Cache) -> Self {
        let at_limit = |reason: &String| AT_LIMIT.contains(&reason.trim().to_lowercase().as_str());
        Self { at_limit: cache.stop_reasons().iter().map(at_limit).collect() }
    }
}

impl Context for Friendly {
    fn about(&self) -> &'static ContextAbout {
        &ABOUT
    }

    fn columns(&self) -> &'static [RowColumn] {
        &[RowColumn::LogprobsRequested, RowColumn::StopReason]
    }

    fn gather(&self, cache: &Cache, _: Peers<'_>, _: &dyn Watcher) -> Result<Box<dyn Measure>, CacheError> {
        Ok(Box::new(LimitStopReasons::of(cache)))
    }
}

impl Measure for LimitStopReasons {
    fn measure(&self, input: &ContextInput<'_>) -> Option<f64> {
        let (rows, at_limit) = (&input.rows, &self.at_limit);
        let count = input.cache.hot().rows_of(input.account).len();
        let is_friendly = |at: &usize| {
            let reason = rows.count(RowColumn::StopReason, *at);
            rows.count(RowColumn::LogprobsRequested, *at) == Some(1)
                || reason.is_some_and(|reason| at_limit.get(reason as usize) == Some(&true))
        };
        (count >= MIN_EXCHANGES).then(|| (0..count).filter(is_friendly).count() as f64 / count as f64)
    }
}
