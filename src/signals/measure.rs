//! Measuring every account: one sweep over the exchanges for all signals.

use std::sync::Arc;

use rayon::prelude::*;

use super::rows::{Block, RowColumn, Rows, blocks, sample_of};
use super::{About, Input, Outcome, Reference, Signal, linkage};
use crate::cache::PromptSample;
use crate::cache::{AccountIndex, Cache, CacheError};
use crate::case::LostSignal;
use crate::model::{SharedTexts, Silent, Watcher};

/// Columns read by the text pass.
const PROMPTS: [&str; 2] = ["prompt_text", "prompt_embedding"];

/// Inputs that are the same for all accounts.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// Links of the case.
    pub linkage: &'a linkage::Linkage,
    /// Figures of the whole case for comparison.
    pub reference: &'a Reference,
    /// Seed of random draws.
    pub seed: u64,
}

impl<'a> Setting<'a> {
    /// Inputs of a signal for one account.
    pub fn input(&self, account: AccountIndex, rows: Rows<'a>, sample: &'a [PromptSample]) -> Input<'a> {
        let hot = self.cache.hot();
        let range = hot.rows_of(account);
        Input {
            cache: self.cache,
            account,
            first_row: hot.offsets[account as usize],
            topics: hot.topic.get(range.clone()).unwrap_or(&[]),
            ts: &hot.ts[range],
            rows,
            sample,
            linkage: self.linkage,
            reference: self.reference,
            seed: self.seed,
        }
    }

    /// Further sentence of a signal for one account; `None` where it has none or the account's columns cannot
    /// be read.
    pub fn detail(&self, signal: &dyn Signal, account: AccountIndex) -> Option<String> {
        if missing(signal.about(), self.cache).is_some() {
            return None;
        }
        let range = account..account + 1;
        let block = Block::read(self.cache, range.clone(), signal.columns(), &Silent).ok()?;
        let sample = if signal.reads_sample() { self.cache.prompt_samples(range).ok()? } else { Vec::new() };
        signal.detail(&self.input(account, block.of(self.cache, account), &sample))
    }
}

/// Outcomes of every signal on every account: one list a signal, in the order given, with one entry an
/// account. A signal whose column is in no snapshot is not applicable.
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub fn measure(
    setting: &Setting<'_>,
    signals: &[&dyn Signal],
    watcher: &dyn Watcher,
) -> Result<Vec<Vec<Outcome>>, CacheError> {
    let cache = setting.cache;
    let accounts = cache.accounts().len();
    let missing: Vec<Option<Arc<str>>> =
        signals.iter().map(|signal| missing(signal.about(), cache).map(Arc::from)).collect();
    let mut columns: Vec<RowColumn> = signals
        .iter()
        .zip(&missing)
        .filter(|(_, missing)| missing.is_none())
        .flat_map(|(signal, _)| signal.columns())
        .copied()
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let sampled = signals.iter().any(|signal| signal.reads_sample());
    let mut outcomes: Vec<Vec<Outcome>> = vec![Vec::with_capacity(accounts); signals.len()];
    let mut texts = SharedTexts::default();
    for range in blocks(cache) {
        watcher.check()?;
        let block = Block::read(cache, range.clone(), &columns, watcher)?;
        let sample = if sampled { cache.prompt_samples(range.clone())? } else { Vec::new() };
        for ((signal, missing), outcomes) in signals.iter().zip(&missing).zip(&mut outcomes) {
            watcher.check()?;
            let phase = format!("measuring {}", signal.about().title);
            watcher.step(&phase, u64::from(range.start), accounts as u64, "accounts");
            outcomes.par_extend(range.clone().into_par_iter().map(|account| match missing {
                Some(why) => Outcome::NotApplicable(Arc::clone(why)),
                None => {
                    let own = sample_of(&sample, cache, account);
                    signal.measure(&setting.input(account, block.of(cache, account), own))
                }
            }));
            // A million accounts have some dozens of different reasons.
            for outcome in &mut outcomes[range.start as usize..] {
                if let Outcome::NotApplicable(why) = outcome {
                    texts.share(why);
                }
            }
        }
    }
    Ok(outcomes)
}

/// Reason for which a signal cannot be measured in this case: a required column is in no snapshot, or the
/// prompts have not been read yet. `None` where nothing is missing.
pub fn missing(about: &About, cache: &Cache) -> Option<String> {
    missing_of(about.needs, cache)
}

/// [`missing`] for the given columns.
pub(super) fn missing_of(needs: &[&str], cache: &Cache) -> Option<String> {
    needs.iter().find_map(|need| {
        let mut there = alternatives(need).filter(|column| cache.has_column(column)).peekable();
        if there.peek().is_none() {
            return Some(format!("because no snapshot has {need}"));
        }
        (there.all(|column| PROMPTS.contains(&column)) && !cache.has_text_pass())
            .then(|| LostSignal::AFTER_TEXT_PASS.to_owned())
    })
}

/// Alternative columns of one requirement: `ip or prompt_text`, `one of ip, asn`.
pub(super) fn alternatives(need: &str) -> impl Iterator<Item = &str> {
    need.strip_prefix("one of ").unwrap_or(need).split(", ").flat_map(|part| part.split(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::signals::{ALL, linkage::Linkage};
    use crate::snapshot::Column;

    #[test]
    fn every_need_names_columns_that_exist() {
        for signal in ALL {
            for need in signal.about().needs {
                for name in alternatives(need) {
                    assert!(Column::ALL.iter().any(|column| column.name() == name), "{need}: {name}");
                }
            }
        }
    }

    #[test]
    fn what_no_snapshot_has_is_not_applicable_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let rows = (0..40).map(|call| row("a", call * 1_000_000)).collect();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let (linkage, reference) = (Linkage::default(), Reference::default());
        let setting = Setting { cache: &cache, linkage: &linkage, reference: &reference, seed: 1 };
        let outcomes = measure(&setting, ALL, &Silent).unwrap();
        for (signal, outcomes) in ALL.iter().zip(&outcomes) {
            let Outcome::NotApplicable(why) = &outcomes[0] else {
                assert!(signal.about().needs.is_empty(), "{}", signal.about().id);
                continue;
            };
            assert!(signal.about().needs.is_empty() || why.starts_with("because no snapshot has "), "{why}");
        }
    }
}
