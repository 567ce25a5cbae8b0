//! Power: how often planted campaigns of several sizes and levels of care would surface in this case.
//!
//! A list without leads can be interpreted only with these figures. Campaigns are made of the case's own
//! prompts and accounts and planted into a copy in memory. They share no attribute; only similar prompts and
//! new accounts can reveal them, so linked campaigns surface more often than stated here.

use rayon::prelude::*;

use super::Rate;
use crate::cache::{Cache, CacheError};
use crate::leads::{Material, Plant, Surfaced};
use crate::model::{Cancelled, Watcher};
use crate::stats::splitmix::number;

/// Sizes of planted campaigns, in accounts.
const SIZES: [usize; 6] = [5, 10, 20, 40, 80, 200];

/// Level of care of an operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Care {
    /// `careless`, `careful`, `very careful`.
    pub name: &'static str,
    /// Share of accounts that are new and heavy, 0 to 1.
    pub new_and_heavy: f64,
    /// Share of cover traffic, 0 to 1.
    pub cover: f64,
}

/// Levels of care.
pub const CARE_LEVELS: [Care; 3] = [
    Care { name: "careless", new_and_heavy: 0.9, cover: 0.05 },
    Care { name: "careful", new_and_heavy: 0.45, cover: 0.3 },
    Care { name: "very careful", new_and_heavy: 0.2, cover: 0.5 },
];

/// Result of planting campaigns of one size and level of care.
#[derive(Clone, Debug, PartialEq)]
pub struct Power {
    /// Accounts of each campaign.
    pub accounts: usize,
    /// Level of care.
    pub care: Care,
    /// Campaigns of which one of the first five leads holds at least half, with purity of at least half.
    pub surfaced: Rate,
    /// Those of them whose lead has a corrected p-value of at most 5 %.
    pub passed: Rate,
}

impl Power {
    /// Sentence on the campaigns that were missed: `40 accounts, careful: 14 of 20 planted campaigns missed
    /// (48 % to 85 %).`
    pub fn sentence(&self) -> String {
        let missed = Rate { hits: self.surfaced.of as f64 - self.surfaced.hits, of: self.surfaced.of };
        let (low, high) = missed.interval();
        format!(
            "{} accounts, {}: {} of {} planted campaigns missed ({:.0} % to {:.0} %).",
            self.accounts,
            self.care.name,
            missed.hits,
            missed.of,
            100.0 * low,
            100.0 * high
        )
    }
}

/// Plants `draws` campaigns of each size and level of care; none larger than a tenth of the accounts. Empty
/// for a case without prompts.
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub fn power(
    cache: &Cache,
    draws: usize,
    seed: u64,
    watcher: &dyn Watcher,
) -> Result<Vec<Power>, CacheError> {
    let Some(material) = Material::gather(cache, watcher)? else { return Ok(Vec::new()) };
    let kinds: Vec<(usize, Care)> = SIZES
        .into_iter()
        .filter(|size| 10 * size <= cache.accounts().len())
        .flat_map(|size| CARE_LEVELS.map(|care| (size, care)))
        .collect();
    let all = (kinds.len() * draws) as u64;
    let done = std::sync::atomic::AtomicU64::new(0);
    let of_kind = |(at, &(accounts, care)): (usize, &(usize, Care))| {
        let plant = Plant { accounts, new_and_heavy: care.new_and_heavy, cover: care.cover };
        let surfaced = (0..draws)
            .into_par_iter()
            .map(|draw| {
                watcher.check()?;
                let surfaced = material.plant(plant, number(seed, (at * draws + draw) as u64), watcher)?;
                let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
                watcher.step("planting campaigns", done, all, "campaigns");
                Ok(surfaced)
            })
            .collect::<Result<Vec<Surfaced>, Cancelled>>()?;
        let rate = |is: fn(&Surfaced) -> bool| Rate {
            hits: surfaced.iter().filter(|surfaced| is(surfaced)).count() as f64,
            of: draws,
        };
        Ok(Power { accounts, care, surfaced: rate(|one| one.among_first), passed: rate(|one| one.passed) })
    };
    kinds.iter().enumerate().map(of_kind).collect()
}
