//! Prompts of each cohort, from the sampled exchanges of its accounts.

use super::peers::Peers;
use crate::cache::AccountIndex;
use crate::cache::PromptSample;
use crate::stats::beta_binomial::Beta;
use crate::stats::mmd::{Mixture, squared_distance};
use crate::stats::{quantile, splitmix};

/// Maximum number of accounts that represent a cohort, with one prompt each, so that all weigh the same. 32
/// KB a cohort, of which a million accounts may form five thousand.
const REPRESENTATIVES: usize = 64;

/// Classes of prompts, see [`classes`](crate::topics::classes).
pub(super) const CLASSES: usize = 5;

/// Prompts of all cohorts; empty before gathering.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Prompts {
    /// Cohort of each account.
    of: Vec<u32>,
    cohorts: Vec<CohortPrompts>,
}

/// Prompts of one cohort.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CohortPrompts {
    /// Accounts that represent it.
    pub accounts: Vec<AccountIndex>,
    /// Direction of one prompt of each, of length 1.
    pub vectors: Vec<Vec<f32>>,
    /// Kernel around their median distance.
    pub kernel: Mixture,
    /// Kernel values between them, row by row.
    kernels: Vec<f32>,
    /// Beta-binomial prior of each class of prompts; `None` where no account has a sampled prompt.
    pub classes: [Option<Beta>; CLASSES],
}

/// Sampled prompts of one account, reduced for its cohorts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SampleSummary {
    /// One direction, if any sampled exchange has one.
    pub vector: Option<[i8; 64]>,
    /// Number of sampled exchanges.
    pub sampled: u32,
    /// Number of these in each class.
    pub classes: [u32; CLASSES],
}

impl SampleSummary {
    /// Reduces the sampled exchanges of an account.
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

/// Number of sampled exchanges in each class.
pub(super) fn counts(sample: &[PromptSample]) -> [u32; CLASSES] {
    std::array::from_fn(|class| sample.iter().filter(|one| one.classes >> class & 1 == 1).count() as u32)
}

impl Prompts {
    /// Prompts of the cohorts of all accounts.
    pub fn new(peers: Peers<'_>, summaries: &[SampleSummary], seed: u64) -> Self {
        let cohort = |members: &Vec<AccountIndex>| {
            let mut drawn: Vec<AccountIndex> = members
                .iter()
                .copied()
                .filter(|&account| summaries[account as usize].vector.is_some())
                .collect();
            drawn.sort_by_key(|&account| (splitmix::number(seed, u64::from(account)), account));
            drawn.truncate(REPRESENTATIVES);
            drawn.sort_unstable();
            let vectors = drawn
                .iter()
                .filter_map(|&account| summaries[account as usize].vector.as_ref().map(unit))
                .collect();
            let classes = std::array::from_fn(|class| {
                let of = |&account: &AccountIndex| {
                    let own = &summaries[account as usize];
                    (own.classes[class], own.sampled)
                };
                Beta::fit(&members.iter().map(of).collect::<Vec<_>>())
            });
            CohortPrompts { classes, ..CohortPrompts::new(drawn, vectors) }
        };
        Self { of: peers.of.to_vec(), cohorts: peers.members.iter().map(cohort).collect() }
    }

    /// Prompts of an account's cohort.
    pub fn of(&self, account: AccountIndex) -> Option<&CohortPrompts> {
        self.cohorts.get(*self.of.get(account as usize)? as usize)
    }
}

impl CohortPrompts {
    /// Prompts of a cohort from one prompt each of some accounts.
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

    /// Sum of kernel values over ordered pairs of different accounts at `kept`.
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
