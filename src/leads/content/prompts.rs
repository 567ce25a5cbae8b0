//! Mean direction of each account's sampled prompts.

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, CacheError, PromptSample, SAMPLE_DIMENSIONS};
use crate::model::Watcher;
use crate::stats::csr::Csr;
use crate::stats::linalg::{Matrix, normalise};
use crate::stats::quantile::median;

/// Minimum number of exchanges of an account whose prompts are compared with those of others.
pub(super) const MIN_EXCHANGES: u32 = 4;

/// Accounts whose prompts are read at once.
const BLOCK: usize = 4_096;

/// Sampled prompts of all accounts: at most 570 bytes an account, 60 of one with few exchanges.
#[derive(Clone, Default)]
pub(super) struct Prompts {
    /// Mean of the directions of its different prompts, each of length 1; `None` without prompts, and for an account
    /// with fewer than [`MIN_EXCHANGES`].
    means: Vec<Option<Box<[f32; SAMPLE_DIMENSIONS]>>>,
    /// Keys of its different prompts, by account.
    keys: Csr<u32>,
    /// Most common opening of its prompts, by account, and the share of its prompts that have it.
    openings: Vec<Option<(u32, f32)>>,
    /// Share of each account's different prompts that another account sends too, 0 to 1; 0 without prompts.
    pub shared: Vec<f32>,
}

impl Prompts {
    /// Reads the samples of all accounts.
    ///
    /// # Errors
    /// If the cache cannot be read, or the work was cancelled.
    pub fn gather(cache: &Cache, watcher: &dyn Watcher) -> Result<Self, CacheError> {
        let accounts = cache.accounts().len();
        let mut means: Vec<Option<Box<_>>> = vec![None; accounts];
        // Key of each different prompt, and the account that sends it.
        let mut sent: Vec<(u32, AccountIndex)> = Vec::new();
        let mut openings = vec![None; accounts];
        for from in (0..accounts).step_by(BLOCK) {
            watcher.check()?;
            let to = (from + BLOCK).min(accounts);
            let samples = cache.prompt_samples(from as AccountIndex..to as AccountIndex)?;
            let account_of = |row| cache.hot().account_of(row);
            for own in samples.chunk_by(|a, b| account_of(a.row) == account_of(b.row)) {
                let account = account_of(own[0].row);
                let mut keys: Vec<u32> =
                    own.iter().map(|sample| sample.content).filter(|&key| key != 0).collect();
                keys.sort_unstable();
                keys.dedup();
                let mut met = vec![false; keys.len()];
                let mut is_first = |key: u32| match keys.binary_search(&key) {
                    Ok(at) => !std::mem::replace(&mut met[at], true),
                    Err(_) => true,
                };
                let different = own.iter().filter(|sample| is_first(sample.content));
                openings[account as usize] = most_common_opening(own);
                if cache.accounts()[account as usize].exchanges >= MIN_EXCHANGES {
                    let vectors = different.filter_map(|sample| sample.vector.as_ref());
                    means[account as usize] = mean(vectors).map(Box::new);
                }
                sent.extend(keys.into_iter().map(|key| (key, account)));
            }
        }
        let keys = Csr::from_pairs(accounts, sent.iter().map(|&(key, account)| (account, key)));
        Ok(Self { means, keys, openings, shared: shared(sent, accounts) })
    }

    /// Prompts of every `step`-th account.
    pub fn every(&self, step: usize) -> Self {
        let accounts: Vec<usize> = (0..self.means.len()).step_by(step).collect();
        let mut keys = Csr::default();
        accounts.iter().for_each(|&at| keys.push(self.keys.row(at as u32).iter().copied()));
        Self {
            means: accounts.iter().map(|&at| self.means[at].clone()).collect(),
            keys,
            openings: accounts.iter().map(|&at| self.openings[at]).collect(),
            shared: accounts.iter().map(|&at| self.shared[at]).collect(),
        }
    }

    /// Mean direction of an account; `None` without prompts and for few exchanges.
    pub fn mean(&self, account: AccountIndex) -> Option<[f32; SAMPLE_DIMENSIONS]> {
        self.means[account as usize].as_deref().copied()
    }

    /// Adds an account with unique prompts.
    pub fn push(&mut self, mean: [f32; SAMPLE_DIMENSIONS]) {
        self.means.push(Some(Box::new(mean)));
        self.keys.push(std::iter::empty());
        self.openings.push(None);
        self.shared.push(0.0);
    }

    /// Prompts with the given mean directions and no text.
    #[cfg(test)]
    pub fn for_test(means: Vec<Option<[f32; SAMPLE_DIMENSIONS]>>) -> Self {
        let accounts = means.len();
        let keys = Csr::from_pairs(accounts, std::iter::empty());
        let means = means.into_iter().map(|mean| mean.map(Box::new)).collect();
        Self { means, keys, openings: vec![None; accounts], shared: vec![0.0; accounts] }
    }

    /// True if no account has prompts and enough exchanges.
    pub fn is_empty(&self) -> bool {
        self.means.iter().all(Option::is_none)
    }

    /// True if the account has prompts and enough exchanges.
    pub fn has(&self, account: AccountIndex) -> bool {
        self.means[account as usize].is_some()
    }

    /// Keys of the account's different prompts, ascending.
    pub fn different(&self, account: AccountIndex) -> &[u32] {
        self.keys.row(account)
    }

    /// Most common opening of the account's prompts and its share; `None` where no opening recurs in the case.
    pub fn opening(&self, account: AccountIndex) -> Option<(u32, f32)> {
        self.openings[account as usize]
    }

    /// Direction of each of some accounts, of length 1: its mean less the median of these accounts in every
    /// dimension, so that content common to all is removed.
    pub fn centred(&self, accounts: &[AccountIndex]) -> Matrix {
        let mut points = Matrix::zeros(accounts.len(), SAMPLE_DIMENSIONS);
        const NONE: [f32; SAMPLE_DIMENSIONS] = [0.0; SAMPLE_DIMENSIONS];
        let of = |account: AccountIndex| self.means[account as usize].as_deref().unwrap_or(&NONE);
        let centre: Vec<f32> = (0..SAMPLE_DIMENSIONS)
            .into_par_iter()
            .map(|at| {
                let mut values: Vec<f64> =
                    accounts.iter().map(|&account| f64::from(of(account)[at])).collect();
                values.sort_by(f64::total_cmp);
                median(&values).unwrap_or(0.0) as f32
            })
            .collect();
        for (at, &account) in accounts.iter().enumerate() {
            let row = points.row_mut(at);
            row.iter_mut().zip(of(account)).zip(&centre).for_each(|((out, x), centre)| *out = x - centre);
            normalise(row);
        }
        points
    }
}

/// Most common opening of some sampled prompts and its share; the smallest key on a tie.
fn most_common_opening(samples: &[PromptSample]) -> Option<(u32, f32)> {
    let mut keys: Vec<u32> = samples.iter().map(|sample| sample.opening).filter(|&key| key != 0).collect();
    keys.sort_unstable();
    let most = keys.chunk_by(|a, b| a == b).max_by_key(|same| (same.len(), std::cmp::Reverse(same[0])))?;
    Some((most[0], most.len() as f32 / samples.len() as f32))
}

/// Mean of directions, each scaled to length 1 first; `None` where there are none.
fn mean<'a>(
    directions: impl Iterator<Item = &'a [i8; SAMPLE_DIMENSIONS]>,
) -> Option<[f32; SAMPLE_DIMENSIONS]> {
    let (mut sum, mut count) = ([0.0_f32; SAMPLE_DIMENSIONS], 0.0_f32);
    for direction in directions {
        let length = direction.iter().map(|&x| f32::from(x) * f32::from(x)).sum::<f32>().sqrt();
        if length > 0.0 {
            sum.iter_mut().zip(direction).for_each(|(sum, &x)| *sum += f32::from(x) / length);
            count += 1.0;
        }
    }
    (count > 0.0).then(|| sum.map(|x| x / count))
}

/// Share of each account's different prompts that another account sends too.
fn shared(mut sent: Vec<(u32, AccountIndex)>, accounts: usize) -> Vec<f32> {
    sent.par_sort_unstable();
    let (mut all, mut shared) = (vec![0_u32; accounts], vec![0_u32; accounts]);
    for same in sent.chunk_by(|a, b| a.0 == b.0) {
        for &(_, account) in same {
            all[account as usize] += 1;
            shared[account as usize] += u32::from(same.len() > 1);
        }
    }
    all.iter()
        .zip(&shared)
        .map(|(&all, &shared)| if all > 0 { shared as f32 / all as f32 } else { 0.0 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_counts_every_direction_alike() {
        let (mut a, mut b) = ([0_i8; SAMPLE_DIMENSIONS], [0_i8; SAMPLE_DIMENSIONS]);
        (a[0], b[1]) = (127, 10);
        let mean = mean([&a, &b].into_iter()).unwrap();
        assert_eq!((mean[0], mean[1], mean[2]), (0.5, 0.5, 0.0));
        assert_eq!(super::mean([&[0; SAMPLE_DIMENSIONS]].into_iter()), None);
    }

    #[test]
    fn prompts_of_two_accounts_are_shared() {
        assert_eq!(shared(vec![(5, 0), (6, 0), (5, 1), (7, 2)], 4), [0.5, 1.0, 0.0, 0.0]);
    }
}
