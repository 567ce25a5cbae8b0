//! Response entropy relative to answers of the same model and length.

use rayon::prelude::*;

use super::fact::{Context, ContextAbout, ContextInput, Measure};
use crate::cache::{Cache, CacheError};
use crate::model::Watcher;
use crate::signals::peers::Peers;
use crate::signals::rows::{Block, RowColumn, Rows, blocks};

/// Fewest answers of the account, and of a model and length, for a mean.
const FEWEST: u64 = 20;

/// Length bins, by doublings: ⌊log₂(1 + output tokens)⌋.
const LENGTHS: usize = 33;

/// Most models compared separately; answers of all others are pooled.
const MODELS: usize = 64;

const ABOUT: ContextAbout = ContextAbout {
    id: "response_entropy",
    title: "response entropy",
    unit: "above answers of the same length and model, in the log's unit",
    definition: "Mean over its answers of the mean token entropy less the mean of all answers of the same model and length \
                 (output tokens, by doublings). Needs 20 answers, of models and lengths with 20 answers.",
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
        for (bin, entropy) in answers(&input.rows, input.cache.hot().rows_of(input.account).len()) {
            let (of_all, answers) = self.bins.get(bin).copied().unwrap_or_default();
            if answers >= FEWEST {
                sum += entropy - of_all / answers as f64;
                count += 1;
            }
        }
        (count >= FEWEST).then(|| sum / count as f64)
    }
}

/// Sum and number of the entropies of all answers, by model and length.
#[derive(Clone, Debug, Default)]
pub(super) struct ByLength {
    bins: Vec<(f64, u64)>,
}

impl ByLength {
    /// In one sweep; empty where the columns are missing.
    pub fn gather(cache: &Cache, watcher: &dyn Watcher) -> Result<Self, CacheError> {
        let mut bins = vec![(0.0, 0); MODELS * LENGTHS];
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

/// Model and length, as one number, and entropy of each answer that has them.
fn answers<'a>(rows: &'a Rows<'a>, count: usize) -> impl Iterator<Item = (usize, f64)> + 'a {
    (0..count).filter_map(move |at| {
        let entropy = rows.real(RowColumn::MeanTokenEntropy, at)?;
        let length = rows.count(RowColumn::OutputTokens, at)?.saturating_add(1).ilog2() as usize;
        let model = rows.count(RowColumn::Model, at).unwrap_or(u32::MAX).min(MODELS as u32 - 1) as usize;
        Some((model * LENGTHS + length, f64::from(entropy)))
    })
}

fn summed(rows: &Rows<'_>, count: usize) -> Vec<(usize, f64, u64)> {
    let mut all: Vec<(usize, f64)> = answers(rows, count).collect();
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
    fn answers_are_compared_with_their_own_length_and_model() {
        let bits = |value: f32| value.to_bits();
        let entropy = [bits(1.0), bits(2.0), bits(3.0), u32::MAX, bits(f32::NAN)];
        let (tokens, models) = ([0, 1, 1, 4, 4], [0, 0, 900, 0, 0]);
        let rows = for_test(&[
            (RowColumn::MeanTokenEntropy, &entropy),
            (RowColumn::OutputTokens, &tokens),
            (RowColumn::Model, &models),
        ]);
        let other = (MODELS - 1) * LENGTHS;
        assert_eq!(summed(&rows, 5), [(0, 1.0, 1), (1, 2.0, 1), (other + 1, 3.0, 1)]);
        assert!(summed(&Rows::default(), 5).is_empty());
    }
}
