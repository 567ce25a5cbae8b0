//! Campaigns planted into a copy of a case in memory, made of its own material.

use rayon::prelude::*;

use super::candidates::candidates;
use super::events::OF_USERS;
use super::evidence::Columns;
use super::facts::{CaseFacts, Facts};
use super::lead::MIN_USER_EXCHANGES;
use super::prompts::Prompts;
use super::tier::Tier;
use crate::cache::{AccountIndex, Cache, CacheError, SAMPLE_DIMENSIONS};
use crate::model::{Cancelled, Watcher};
use crate::stats::splitmix::uniform;

/// Maximum number of accounts of the copy; of a larger case, accounts at even steps.
const MAX_ACCOUNTS: usize = 20_000;

/// Maximum number of sampled prompts from which pools are made.
const MAX_PROMPTS: usize = 20_000;

/// Prompts of a pool: those nearest to one drawn prompt.
const POOL_PROMPTS: usize = 300;

/// Prompts dealt to one account.
const PROMPTS_PER_ACCOUNT: usize = 40;

/// Leads from the first in which a campaign is looked for.
const LEADS_READ: usize = 5;

/// log₁₀ of the p-value, before correction for the number of communities, from which a community counts as
/// found. It is stricter than that of a case's own communities, because the second test is left out here.
const FOUND_LOG10_P: f64 = -1.5;

/// Corrected p-value of a community that passes.
const LEVEL: f64 = 0.05;

/// A campaign to be planted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plant {
    /// Its accounts.
    pub accounts: usize,
    /// Share of its accounts that are new and heavy; the others have the age and volume of a drawn account.
    pub new_and_heavy: f64,
    /// Share of cover traffic: prompts of a drawn account.
    pub cover: f64,
}

/// Outcome of one planted campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surfaced {
    /// True if one of the first five communities that stand out has at least half of it, and it makes at
    /// least half of that community.
    pub among_first: bool,
    /// True if that community also has a corrected p-value of at most 5 %.
    pub passed: bool,
}

/// Material of a case for planted campaigns.
pub struct Material {
    prompts: Prompts,
    case: CaseFacts,
    /// Directions of sampled prompts, each of length 1.
    directions: Vec<[f32; SAMPLE_DIMENSIONS]>,
    /// Accounts with enough exchanges.
    users: Vec<AccountIndex>,
}

impl Material {
    /// Gathers the material of a case; `None` for one without prompts.
    ///
    /// # Errors
    /// If the cache cannot be read, or the work was cancelled.
    pub fn gather(cache: &Cache, watcher: &dyn Watcher) -> Result<Option<Self>, CacheError> {
        let prompts = Prompts::gather(cache, watcher)?;
        let Some(case) = CaseFacts::gather(cache, &prompts)? else { return Ok(None) };
        let step = case.of.len().div_ceil(MAX_ACCOUNTS).max(1);
        let (prompts, case) = (prompts.every(step), case.every(step));
        let users: Vec<AccountIndex> = (0..case.of.len() as AccountIndex)
            .filter(|&account| {
                case.of[account as usize].exchanges >= MIN_USER_EXCHANGES && prompts.has(account)
            })
            .collect();
        let all = cache.prompt_vectors(0..cache.accounts().len() as AccountIndex)?;
        let step = all.len().div_ceil(MAX_PROMPTS).max(1);
        let unit = |direction: &[i8; SAMPLE_DIMENSIONS]| {
            let length = direction.iter().map(|&x| f32::from(x).powi(2)).sum::<f32>().sqrt().max(1.0);
            direction.map(|x| f32::from(x) / length)
        };
        let directions: Vec<_> = all.iter().step_by(step).map(|(_, direction)| unit(direction)).collect();
        let has_material = !users.is_empty() && !directions.is_empty();
        Ok(has_material.then_some(Self { prompts, case, directions, users }))
    }

    /// Plants one campaign and looks for it. The same seed gives the same campaign.
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn plant(&self, plant: Plant, seed: u64, watcher: &dyn Watcher) -> Result<Surfaced, Cancelled> {
        let (prompts, case) = self.with(plant, seed);
        let first = self.case.of.len() as AccountIndex;
        let tier = Tier::new(&case, &prompts, MIN_USER_EXCHANGES, watcher)?;
        let columns = Columns::new(&tier, OF_USERS);
        let (found, tested) = candidates(&tier, &columns, Vec::new(), watcher)?;
        let holds = |members: &[u32]| {
            let planted = members.iter().filter(|&&at| tier.accounts[at as usize] >= first).count();
            2 * planted >= plant.accounts && 2 * planted >= members.len()
        };
        let of = found
            .iter()
            .take(LEADS_READ)
            .take_while(|candidate| candidate.evidence.log10_p <= FOUND_LOG10_P)
            .find(|candidate| holds(&candidate.members));
        let passes = |log10_p: f64| log10_p + (tested.max(1) as f64).log10() <= LEVEL.log10();
        Ok(Surfaced {
            among_first: of.is_some(),
            passed: of.is_some_and(|candidate| passes(candidate.evidence.log10_p)),
        })
    }

    /// A copy of the case with the campaign as its last accounts.
    fn with(&self, plant: Plant, seed: u64) -> (Prompts, CaseFacts) {
        let mut drawn = 0;
        let mut draw = |of: usize| {
            drawn += 1;
            ((uniform(seed, drawn) * of as f64) as usize).min(of - 1)
        };
        let pool = self.pool(draw(self.directions.len()));
        let (mut prompts, mut case) = (self.prompts.clone(), self.case.clone());
        let mut heavy: Vec<u32> =
            self.users.iter().map(|&account| self.case.of[account as usize].exchanges).collect();
        heavy.sort_unstable();
        let span = self.case.span;
        let new = (plant.new_and_heavy * plant.accounts as f64).round() as usize;
        for at in 0..plant.accounts {
            let mut mean = [0.0_f32; SAMPLE_DIMENSIONS];
            for _ in 0..PROMPTS_PER_ACCOUNT {
                let direction = &self.directions[pool[draw(pool.len())] as usize];
                mean.iter_mut().zip(direction).for_each(|(sum, x)| *sum += x / PROMPTS_PER_ACCOUNT as f32);
            }
            let other = self.users[draw(self.users.len())];
            let cover = plant.cover as f32;
            let others = self.prompts.mean(other).unwrap_or([0.0; SAMPLE_DIMENSIONS]);
            mean.iter_mut().zip(others).for_each(|(own, x)| *own = (1.0 - cover) * *own + cover * x);
            let base = &self.case.of[self.users[draw(self.users.len())] as usize];
            let unit = case.of.len() as u32;
            let mut facts = Facts { unit, shared: 0.0, ..base.clone() };
            if at < new {
                // Made in the first half of the case, and as heavy as an account of the upper half.
                let created = span.start + draw(1_000) as i64 * ((span.end - span.start) / 2_000);
                facts.created = Some(created);
                facts.first = facts.first.max(created);
                facts.last = facts.last.max(facts.first);
                facts.exchanges =
                    heavy[heavy.len() / 2 + draw(heavy.len().div_ceil(2)) % heavy.len().div_ceil(2)];
            }
            case.of.push(facts);
            prompts.push(mean);
        }
        (prompts, case)
    }

    /// Positions of the prompts nearest to one prompt, itself included.
    fn pool(&self, centre: usize) -> Vec<u32> {
        let centre = self.directions[centre];
        let cosine =
            |at: u32| -> f32 { self.directions[at as usize].iter().zip(centre).map(|(a, b)| a * b).sum() };
        let mut near: Vec<(f32, u32)> =
            (0..self.directions.len() as u32).into_par_iter().map(|at| (cosine(at), at)).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        near.into_iter().take(POOL_PROMPTS).map(|(_, at)| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::case;
    use super::*;
    use crate::model::Silent;

    fn material() -> Material {
        let (prompts, case) = case(1, false);
        let accounts = case.of.len() as AccountIndex;
        let users: Vec<AccountIndex> = (0..accounts).collect();
        let of = |&account: &AccountIndex| {
            let mut direction = prompts.mean(account).unwrap();
            crate::stats::linalg::normalise(&mut direction);
            direction
        };
        Material { directions: users.iter().map(of).collect(), users, prompts, case }
    }

    #[test]
    fn a_careless_campaign_surfaces_more_often_than_a_hidden_one() {
        let material = material();
        let surfaced = |accounts, new_and_heavy, cover| {
            let plant = Plant { accounts, new_and_heavy, cover };
            (0..10).filter(|&seed| material.plant(plant, seed, &Silent).unwrap().among_first).count()
        };
        let (careless, hidden) = (surfaced(50, 0.9, 0.0), surfaced(5, 0.0, 0.9));
        assert!(careless >= 8 && hidden <= 2, "{careless} and {hidden} of 10");
    }

    #[test]
    fn one_seed_gives_one_campaign_and_the_case_stays_as_it_is() {
        let material = material();
        let plant = Plant { accounts: 20, new_and_heavy: 0.5, cover: 0.3 };
        let of = |seed| material.with(plant, seed).1.of[600..].to_vec();
        assert_eq!(of(4), of(4));
        assert_ne!(of(4), of(5));
        assert_eq!(material.case.of.len(), 600);
        assert!(of(4).iter().filter(|facts| facts.created >= Some(0)).count() >= 10);
    }
}
