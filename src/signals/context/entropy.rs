//! Response entropy relative to responses of the same model and length.

use rayon::prelude::*;

use super::fact::{Context, ContextAbout, ContextInput, Measure};
use crate::cache::{Cache, CacheError};
use crate::model::Watcher;
use crate::signals::peers::Peers;
use crate::signals::rows::{Block, RowColumn, Rows, blocks};

/// Minimum number of responses of the account, and of a model and length, for a mean.
const MIN_RESPONSES: u64 = 20;

/// Length bins, by doublings: ⌊log₂(1 + output tokens)⌋.
const LENGTH_BINS: usize = 33;

/// Maximum number of models compared separately; responses of all others are pooled.
const MAX_MODELS: usize = 64;

const ABOUT: ContextAbout = ContextAbout {
    id: "response_entropy",
    title: "response entropy",
    unit: "above responses of the same length and model, in the log's unit",
    definition: "Mean token entropy of the account's responses, less the mean of all responses of the same model \
                 and length (output tokens, by doublings). Needs 20 responses, of models and lengths with 20 \
                 responses.",
    needs: &["mean_token_entropy", "output_tokens"],
    caution: "Temperature, language and subject change it as much as intent does.",
};

const COLUMNS: &[RowColumn] = &[RowColumn::MeanTokenEntropy, RowColumn::OutputTokens, RowColumn::Model];

pub(super) struct Entropy;

impl Context for Entropy {
    fn about(&self) -> &'static ContextAbout {
        &ABOUT
    }

    fn columns(&self) -> &'static [RowColumn] {
        COLUMNS
    }

    fn gather(
        &self,
        cache: &Cache,
        _: Peers<'_>,
        watcher: &dyn Watcher,
    ) -> Result<Box<dyn Measure>, CacheError> {
        Ok(Box::new(ByLength::gather(cache, watcher)?))
    }
}

impl Measure for ByLength {
    fn measure(&self, input: &ContextInput<'_>) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0);
        for (bin, entropy) in responses(&input.rows, input.cache.hot().rows_of(input.account).len()) {
            let (of_all, responses) = self.bins.get(bin).copied().unwrap_or_default();
            if responses >= MIN_RESPONSES {
                sum += entropy - of_all / responses as f64;
                count += 1;
            }
        }
        (count >= MIN_RESPONSES).then(|| sum / count as f64)
    }
}

/// Sum and number of the entropies of all responses, by model and length.
#[derive(Clone, Debug, Default)]
pub(super) struct ByLength {
    bins: Vec<(f64, u64)>,
}

impl ByLength {
    /// In one sweep; empty where the columns are missing.
    pub fn gather(cache: &Cache, watcher: &dyn Watcher) -> Result<Self, CacheError> {
        let mut bins = vec![(0.0, 0); MAX_MODELS * LENGTH_BINS];
        if !ABOUT.needs.iter().all(|column| cache.has_column(column)) {
            return Ok(Self::default());
        }
        for accounts in blocks(cache) {
            watcher.check()?;
            let total = cache.accounts().len() as u64;
            watcher.step("gathering entropy", u64::from(accounts.start), total, "accounts");
            let block = Block::read(cache, accounts.clone(), COLUMNS, watcher)?;
            // Summed by account, then over accounts in order: the same on any number of threads.
            let own: Vec<Vec<(usize, f64, u64)>> = accounts
                .into_par_iter()
                .map(|account| summed(&block.of(cache, account), cache.hot().rows_of(account).len()))
                .collect();
            for (bin, sum, count) in own.into_iter().flatten() {
                bins[bin].0 += sum;
                bins[bin].1 += count;
            }
        }
        Ok(Self { bins })
    }
}

/// Model and length, as one number, and entropy of each response that has them.
fn responses<'a>(rows: &'a Rows<'a>, count: usize) -> impl Iterator<Item = (usize, f64)> + 'a {
    (0..count).filter_map(move |at| {
        let entropy = rows.real(RowColumn::MeanTokenEntropy, at)?;
        let length = rows.count(RowColumn::OutputTokens, at)?.saturating_add(1).ilog2() as usize;
        let model = rows.count(RowColumn::Model, at).unwrap_or(u32::MAX).min(MAX_MODELS as u32 - 1) as usize;
        Some((model * LENGTH_BINS + length, f64::from(entropy)))
    })
}

/// Sum and number of the entropies of one account in each bin of model and length that occurs.
fn summed(rows: &Rows<'_>, count: usize) -> Vec<(usize, f64, u64)> {
    let mut all: Vec<(usize, f64)> = responses(rows, count).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    all.chunk_by(|a, b| a.0 == b.0)
        .map(|run| (run[0].0, run.iter().map(|(_, entropy)| entropy).sum(), run.len() as u64))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::rows::for_test;

    #[test]
    fn responses_are_compared_with_their_own_length_and_model() {
        let bits = |value: f32| value.to_bits();
        let entropy = [bits(1.0), bits(2.0), bits(3.0), u32::MAX, bits(f32::NAN)];
        let (tokens, models) = ([0, 1, 1, 4, 4], [0, 0, 900, 0, 0]);
        let rows = for_test(&[
            (RowColumn::MeanTokenEntropy, &entropy),
            (RowColumn::OutputTokens, &tokens),
            (RowColumn::Model, &models),
        ]);
        let other = (MAX_MODELS - 1) * LENGTH_BINS;
        assert_eq!(summed(&rows, 5), [(0, 1.0, 1), (1, 2.0, 1), (other + 1, 3.0, 1)]);
        assert!(summed(&Rows::default(), 5).is_empty());
    }
}
