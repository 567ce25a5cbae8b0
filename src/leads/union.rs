//! How many topics the accounts of a group cover together, against random groups.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::cohort::Cohorts;
use crate::cache::{AccountIndex, Cache};
use crate::signals::group::pooled_topics;

/// Random groups drawn. A fact beside the tests, so coarse will do.
pub(super) const DRAWS: u32 = 199;

/// Members that are looked at; of a larger group, evenly spread ones.
const LOOKED_AT: usize = 200;

/// Together against random groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Union {
    /// Expected topics among 100 exchanges of the whole group.
    pub topics: f64,
    /// Of the random groups with 100 exchanges, how many cover as many topics.
    pub as_many: u32,
    /// Random groups that had 100 exchanges.
    pub compared: u32,
}

/// Rarefied topics of the pooled exchanges. Each member weighs as much as any other, by topic
/// shares of at most 100 of its exchanges, so that one voluminous account does not speak for all.
/// `None` without topics or with fewer than 100 exchanges in all. Deterministic in `seed`.
pub(super) fn union(cache: &Cache, members: &[AccountIndex], cohorts: &Cohorts, seed: u64) -> Option<Union> {
    let hot = cache.hot();
    if hot.topic.is_empty() {
        return None;
    }
    let stride = members.len().div_ceil(LOOKED_AT).max(1);
    let members: Vec<AccountIndex> = members.iter().copied().step_by(stride).collect();
    let topics = |account: AccountIndex| &hot.topic[hot.rows_of(account)];
    let observed = pooled_topics(members.iter().map(|&account| topics(account)))?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut as_many, mut compared) = (0, 0);
    for _ in 0..DRAWS {
        let drawn: Vec<AccountIndex> = members
            .iter()
            .map(|&account| {
                let peers = &cohorts.members[cohorts.of[account as usize] as usize];
                peers[((u64::from(rng.next_u32()) * peers.len() as u64) >> 32) as usize]
            })
            .collect();
        if let Some(random) = pooled_topics(drawn.iter().map(|&account| topics(account))) {
            compared += 1;
            as_many += u32::from(random >= observed - 1e-9);
        }
    }
    (compared > 0).then_some(Union { topics: observed, as_many, compared })
}
