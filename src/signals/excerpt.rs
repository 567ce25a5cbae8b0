//! Signals on a part of an account's exchanges: those of some topics, within a window of days.
//!
//! Only signals that [need nothing but the account's own exchanges](Signal::is_measurable_on_excerpt) are
//! measured so. The sampled prompts are those of the whole log, so a window holds few of them.

use std::collections::BTreeSet;
use std::ops::Range;

use rayon::prelude::*;

use super::linkage::Linkage;
use super::reference::Reference;
use super::rows::{Block, KeptRows, RowColumn, blocks, sample_of};
use super::{Input, Outcome, Signal};
use crate::cache::{AccountIndex, Cache, CacheError, PromptSample, RowId};
use crate::model::{Micros, Watcher};

/// Some exchanges of one account, in order of time.
pub struct Excerpt<'a> {
    cache: &'a Cache,
    linkage: &'a Linkage,
    reference: &'a Reference,
    account: AccountIndex,
    ts: Vec<Micros>,
    topics: Vec<u16>,
    rows: KeptRows,
    /// Sampled exchanges, their rows being positions in this excerpt.
    sample: Vec<PromptSample>,
}

impl Excerpt<'_> {
    /// The account.
    pub fn account(&self) -> AccountIndex {
        self.account
    }

    /// Times, ascending.
    pub fn ts(&self) -> &[Micros] {
        &self.ts
    }

    /// Value of a signal on the exchanges at these positions; `Err` with the reason where it is not testable.
    ///
    /// # Errors
    /// The reason in words: a missing column, too little data.
    pub fn measure(&self, signal: &dyn Signal, within: Range<usize>) -> Result<f64, String> {
        let sampled = |row: usize| self.sample.partition_point(|one| (one.row as usize) < row);
        let input = Input {
            cache: self.cache,
            account: self.account,
            first_row: within.start as RowId,
            ts: &self.ts[within.clone()],
            topics: self.topics.get(within.clone()).unwrap_or(&[]),
            rows: self.rows.part(within.clone()),
            sample: &self.sample[sampled(within.start)..sampled(within.end)],
            linkage: self.linkage,
            reference: self.reference,
            seed: 0,
        };
        match signal.measure(&input) {
            Outcome::Measured { value, .. } => Ok(value),
            Outcome::NotApplicable(why) => Err(why.to_string()),
        }
    }
}

/// Calls `work` with the exchanges of every account, of the given topics or of all, with the columns that the
/// signals read. One result an account, in order.
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub fn over_excerpts<T: Send>(
    cache: &Cache,
    signals: &[&dyn Signal],
    topics: Option<&BTreeSet<u16>>,
    watcher: &dyn Watcher,
    work: impl Fn(&Excerpt<'_>) -> T + Sync,
) -> Result<Vec<T>, CacheError> {
    let mut columns: Vec<RowColumn> = signals.iter().flat_map(|signal| signal.columns()).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    let sampled = signals.iter().any(|signal| signal.reads_sample());
    let (linkage, reference) = (Linkage::default(), Reference::default());
    let accounts = cache.accounts().len();
    let mut results = Vec::with_capacity(accounts);
    for range in blocks(cache) {
        watcher.check()?;
        watcher.step("measuring accounts", u64::from(range.start), accounts as u64, "accounts");
        let block = Block::read(cache, range.clone(), &columns, watcher)?;
        let sample = if sampled { cache.prompt_samples(range.clone())? } else { Vec::new() };
        let of_account = |account: AccountIndex| {
            watcher.check()?;
            let hot = cache.hot();
            let own = hot.rows_of(account);
            let its_topics = hot.topic.get(own.clone()).unwrap_or(&[]);
            let kept: Vec<usize> = match topics {
                None => (0..own.len()).collect(),
                Some(topics) => {
                    (0..its_topics.len()).filter(|&at| topics.contains(&its_topics[at])).collect()
                }
            };
            let its_sample = sample_of(&sample, cache, account).iter().filter_map(|one| {
                let at = kept.binary_search(&(one.row as usize - own.start)).ok()?;
                Some(PromptSample { row: at as RowId, ..*one })
            });
            Ok(work(&Excerpt {
                cache,
                linkage: &linkage,
                reference: &reference,
                account,
                ts: kept.iter().map(|&at| hot.ts[own.start + at]).collect(),
                topics: kept.iter().filter_map(|&at| its_topics.get(at)).copied().collect(),
                rows: block.of(cache, account).kept(&kept),
                sample: its_sample.collect(),
            }))
        };
        let of_block: Result<Vec<T>, CacheError> = range.into_par_iter().map(of_account).collect();
        results.extend(of_block?);
    }
    Ok(results)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::Silent;
    use crate::signals::ALL;

    #[test]
    fn a_part_is_measured_as_if_it_were_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut rows = Vec::new();
        for call in 0..40_i64 {
            let mut exchange = row("a", call * 1_000_000);
            exchange.tokens = Some(call);
            rows.push(exchange);
        }
        rows.push(row("b", 7));
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let regularity = *ALL.iter().find(|signal| signal.about().id == "R1").unwrap();
        let found = over_excerpts(&cache, &[regularity], None, &Silent, |excerpt| {
            let all = excerpt.ts().len();
            let late = all.saturating_sub(30)..all;
            (excerpt.account(), all, excerpt.measure(regularity, 0..all), excerpt.measure(regularity, late))
        })
        .unwrap();
        // A clock is −1 however much of it is seen; 1 exchange is too few.
        assert_eq!((found[0].0, found[0].1), (0, 40));
        assert!(found[0].2.as_ref().is_ok_and(|value| (value + 1.0).abs() < 1e-9), "{:?}", found[0]);
        assert!(found[0].3.as_ref().is_ok_and(|value| (value + 1.0).abs() < 1e-9), "{:?}", found[0]);
        assert!(found[1].2.as_ref().is_err_and(|why| why.contains("30 are needed")), "{:?}", found[1]);
        // Without topics no exchange is of a topic.
        let none = over_excerpts(&cache, &[], Some(&BTreeSet::from([0])), &Silent, |of| of.ts().len());
        assert_eq!(none.unwrap(), [0, 0]);
    }
}
