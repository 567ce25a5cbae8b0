//! Figures of the whole case, gathered once before accounts are measured.

use rayon::prelude::*;

use super::habits::{Habits, habits};
use super::moves::Moves;
use super::peers::Peers;
use super::prompt_sketches::{PromptSketches, prompt_sketches};
use super::prompts::{Prompts, SampleSummary};
use super::rows::{Block, RowColumn, blocks, sample_of};
use super::shared_hours::{self, CoUse};
use crate::cache::{AccountIndex, Cache, CacheError};
use crate::model::{AttributeKind, Micros, Watcher};

/// Figures with which accounts and groups are compared. Empty until gathered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// Pairs of accounts that use the same objects in the same hours.
    pub co_use: CoUse,
    /// Sampled sessions of each account.
    pub(super) habits: Habits,
    /// Accounts that moved to a new model.
    pub(super) moves: Moves,
    /// Sampled prompts of each account.
    pub(super) prompt_sketches: PromptSketches,
    /// Prompts of each cohort.
    pub(super) prompts: Prompts,
    /// Time of the first exchange; 0 without any.
    pub(super) first: Micros,
}

impl Reference {
    /// Gathers the figures in one sweep over the exchanges. `seed` draws the prompts that represent a cohort.
    ///
    /// # Errors
    /// If the cache cannot be read, or the work was cancelled.
    pub fn gather(
        cache: &Cache,
        peers: Peers<'_>,
        seed: u64,
        watcher: &dyn Watcher,
    ) -> Result<Self, CacheError> {
        let hot = cache.hot();
        let shared = shared_hours::shared_addresses(cache);
        let (mut all, mut kept) = (Habits::default(), PromptSketches::default());
        let (mut uses, mut summaries) = (Vec::new(), Vec::new());
        for accounts in blocks(cache) {
            watcher.check()?;
            let total = cache.accounts().len() as u64;
            watcher.step("gathering habits", u64::from(accounts.start), total, "accounts");
            let columns = [RowColumn::InputTokens, RowColumn::Ip];
            let block = Block::read(cache, accounts.clone(), &columns, watcher)?;
            let sample = cache.prompt_samples(accounts.clone())?;
            let gathered: Vec<_> = accounts
                .into_par_iter()
                .map(|account| {
                    let range = hot.rows_of(account);
                    let (ts, topics) = (&hot.ts[range.clone()], hot.topic.get(range.clone()).unwrap_or(&[]));
                    let rows = block.of(cache, account);
                    let sample = sample_of(&sample, cache, account);
                    let uses = shared_hours::uses(account, ts, &rows, sample, range.start as u32, &shared);
                    let filled = prompt_sketches(sample, cache.accounts().len());
                    (habits(ts, topics, &rows), uses, SampleSummary::new(account, sample, seed), filled)
                })
                .collect();
            for (habits, used, own, filled) in gathered {
                all.push(habits);
                kept.push(filled);
                uses.extend(used);
                summaries.push(own);
            }
        }
        let co_use = shared_hours::co_use(uses, &organisations(cache), watcher)?;
        let first = cache.accounts().iter().map(|account| account.first).min().unwrap_or(0);
        let moves = Moves::new(cache.accounts(), &cache.first_use(AttributeKind::Model)?, first);
        let prompts = Prompts::new(peers, &summaries, seed);
        Ok(Self { co_use, habits: all, moves, first, prompt_sketches: kept, prompts })
    }
}

/// Declared organisation of each account, the most frequent one of its exchanges.
fn organisations(cache: &Cache) -> Vec<Option<u32>> {
    let range = cache.values_of_kind(AttributeKind::OrgId);
    (0..cache.accounts().len() as AccountIndex)
        .map(|account| {
            let values = cache
                .values_of(account)
                .iter()
                .filter(|&&(value, _)| range.contains(&(value as usize)) && !cache.is_of_everybody(value));
            values
                .max_by_key(|&&(value, exchanges)| (exchanges, std::cmp::Reverse(value)))
                .map(|&(value, _)| value)
        })
        .collect()
}
