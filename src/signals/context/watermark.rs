//! Mean watermark score of the account's responses, as logged.

use super::fact::{Context, ContextAbout, ContextInput, Measure};
use crate::cache::{Cache, CacheError};
use crate::model::Watcher;
use crate::signals::peers::Peers;
use crate::signals::rows::RowColumn;

/// Minimum number of exchanges with a score.
const MIN_SCORED: usize = 20;

const ABOUT: ContextAbout = ContextAbout {
    id: "watermark",
    title: "watermark",
    unit: "mean watermark score",
    definition: "Mean watermark score of the account's exchanges. Needs 20 exchanges that have one.",
    needs: &["watermark_score"],
    caution: "The provider defines the score; short responses score at random.",
};

pub(super) struct Watermark;

impl Context for Watermark {
    fn about(&self) -> &'static ContextAbout {
        &ABOUT
    }

    fn columns(&self) -> &'static [RowColumn] {
        &[RowColumn::WatermarkScore]
    }

    fn gather(&self, _: &Cache, _: Peers<'_>, _: &dyn Watcher) -> Result<Box<dyn Measure>, CacheError> {
        Ok(Box::new(Self))
    }
}

impl Measure for Watermark {
    fn measure(&self, input: &ContextInput<'_>) -> Option<f64> {
        let rows = input.cache.hot().rows_of(input.account).len();
        let scores: Vec<f64> = (0..rows)
            .filter_map(|at| input.rows.real(RowColumn::WatermarkScore, at))
            .map(f64::from)
            .collect();
        (scores.len() >= MIN_SCORED).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
    }
}
