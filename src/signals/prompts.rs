//! What each cohort asks, from the sampled exchanges of its accounts.

use super::peers::Peers;
use crate::cache::AccountIndex;
use crate::cache::PromptSample;
use crate::stats::beta_binomial::Beta;
use crate::stats::mmd::{Mixture, squared_distance};
use crate::stats::{quantile, splitmix};

/// Accounts of a cohort whose prompts stand for it, one prompt each, so that nobody speaks louder
/// than another. 32 KB a cohort, of which a million accounts may form five thousand.
const SPEAKING: usize = 64;

/// Classes of prompts, see [`classes`](crate::topics::classes).
pub(super) const CLASSES: usize = 5;

/// What cohorts ask; empty before it was gathered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Prompts {
    /// Cohort of each account.
    of: Vec<u32>,
    cohorts: Vec<CohortPrompts>,
}

/// What one cohort asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CohortPrompts {
    /// The accounts that speak for it.
    pub accounts: Vec<AccountIndex>,
    /// A prompt of each: its direction, of length 1.
    pub vectors: Vec<Vec<f32>>,
    /// The kernel around their median distance.
    pub kernel: Mixture,
    /// Kernels between them, row by row.
    kernels: Vec<f32>,
    /// How usual each class of prompts is; `None` where no account has a sampled prompt.
    pub classes: [Option<Beta>; CLASSES],
}

/// What is kept of one account until its cohorts are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Spoken {
    /// One direction, where some sampled exchange has one.
    pub vector: Option<[i8; 64]>,
    /// Sampled exchanges.
    pub sampled: u32,
    /// Of these, how many are of each class.
    pub classes: [u32; CLASSES],
}

impl Spoken {
    /// Of the sampled exchanges of an account.
    pub fn new(account: AccountIndex, sample: &[PromptSample], seed: u64) -> Self {
        let with: Vec<&[i8; 64]> = sample.iter().filter_map(|one| one.vector.as_ref()).collect();
        let drawn = (splitmix::uniform(seed, u64::from(account)) * with.len() as f64) as usize;
        Self {
            vector: with.get(drawn).map(|vector| **vector),
            sampled: sample.len() as u32,
            classes: counts(sample),
        }
    }
}

/// How many sampled exchanges are of each class.
pub(super) fn counts(sample: &[PromptSample]) -> [u32; CLASSES] {
    std::array::from_fn(|class| sample.iter().filter(|one| one.classes >> class & 1 == 1).count() as u32)
}

impl Prompts {
    /// Of what every account says.
    pub fn new(peers: Peers<'_>, spoken: &[Spoken], seed: u64) -> Self {
        let cohort = |members: &Vec<AccountIndex>| {
            let mut drawn: Vec<AccountIndex> = members
                .iter()
                .copied()
                .filter(|&account| spoken[account as usize].vector.is_some())
                .collect();
            drawn.sort_by_key(|&account| (splitmix::number(seed, u64::from(account)), account));
            drawn.truncate(SPEAKING);
            drawn.sort_unstable();
            let vectors = drawn
                .iter()
                .filter_map(|&account| spoken[account as usize].vector.as_ref().map(unit))
                .collect();
            let classes = std::array::from_fn(|class| {
                let of = |&account: &AccountIndex| {
                    let own = &spoken[account as usize];
                    (own.classes[class], own.sampled)
                };
                Beta::fit(&members.iter().map(of).collect::<Vec<_>>())
            });
            CohortPrompts { classes, ..CohortPrompts::new(drawn, vectors) }
        };
        Self { of: peers.of.to_vec(), cohorts: peers.members.iter().map(cohort).collect() }
    }

    /// What the cohort of an account asks.
    pub fn of(&self, account: AccountIndex) -> Option<&CohortPrompts> {
        self.cohorts.get(*self.of.get(account as usize)? as usize)
    }
}

impl CohortPrompts {
    /// Of one prompt each of some accounts.
    pub fn new(accounts: Vec<AccountIndex>, vectors: Vec<Vec<f32>>) -> Self {
        let mut distances: Vec<f64> = Vec::new();
        for (at, a) in vectors.iter().enumerate() {
            distances.extend(vectors[at + 1..].iter().map(|b| squared_distance(a, b).sqrt()));
        }
        distances.sort_by(f64::total_cmp);
        let kernel = Mixture::new(quantile::median(&distances).unwrap_or(0.0));
        let of = |a: &Vec<f32>| {
            vectors.iter().map(|b| kernel.at(squared_distance(a, b)) as f32).collect::<Vec<_>>()
        };
        let kernels = vectors.iter().flat_map(of).collect();
        Self { accounts, vectors, kernel, kernels, classes: [None; CLASSES] }
    }

    /// Sum of kernels over ordered pairs of different ones of those at `kept`.
    pub fn within(&self, kept: &[usize]) -> f64 {
        let n = self.vectors.len();
        let row = |&a: &usize| {
            let others = kept.iter().filter(|&&b| b != a);
            others.map(|&b| f64::from(self.kernels[a * n + b])).sum::<f64>()
        };
        kept.iter().map(row).sum()
    }
}

/// A kept direction as a vector of length 1.
pub(super) fn unit(kept: &[i8; 64]) -> Vec<f32> {
    let mut vector: Vec<f32> = kept.iter().map(|&x| f32::from(x)).collect();
    crate::stats::linalg::normalise(&mut vector);
    vector
}
