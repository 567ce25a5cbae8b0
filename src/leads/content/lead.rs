//! Leads that content communities make: members, evidence and membership.

use rayon::prelude::*;

use super::divided_pool::{DividedPool, divided_pools};
use super::event_data::EventData;
use super::events::{Event, OF_USERS, OF_VISITORS};
use super::evidence::{Evidence, MIN_UNITS};
use super::facts::CaseFacts;
use super::found::{Found, KEEPS_CORE_LOG10_P, in_tier, joined};
use super::prompts::{MIN_EXCHANGES, Prompts};
use super::tier::Tier;
use crate::cache::{AccountIndex, Cache, CacheError};
use crate::model::Watcher;
use crate::signals::linkage::Linkage;

/// Minimum number of exchanges of an account that is tested for every event; those with fewer are tested for short
/// trials.
pub(super) const MIN_USER_EXCHANGES: u32 = 15;

/// Minimum number of core members of a lead.
const MIN_CORE: usize = 5;

/// Ranked log₁₀ p-value from which a community is put forward. On fourteen logs used for the choice the weakest
/// campaign of 15 accounts or more had −0.6, the others −1.1 and less, and innocent communities −1.1 and more. With 0
/// more innocent communities came first, and the PR-AUC was lower by 0.003 in the median.
const PUT_FORWARD_LOG10_P: f64 = -0.3;

/// Ranked log₁₀ p-value from which a community of accounts with few exchanges is put forward.
const VISITORS_LOG10_P: f64 = -1.0;

/// Natural log-odds from which an account outside the community joins: 4 to 1.
const JOIN_LOG_ODDS: f32 = 1.386;

/// log₁₀ of the p-value below which the odds of a community's accounts are not discounted. Above it, a tenfold
/// p-value divides the odds by ten.
const NO_DISCOUNT_LOG10_P: f64 = -3.6;

/// Slope and intercept of the logit of the membership probability in the log-odds (Platt 1999), and the log-odds from
/// which it rises no further. Cells of behaviour and shared values are not independent given membership, so the log-odds
/// are too large. Fitted on the leads of 29 logs whose campaigns are known; with any one left out the slope is 0.72 to
/// 0.77 and the intercept −0.58 to −0.37.
const PLATT_SLOPE: f32 = 0.74;
const PLATT_INTERCEPT: f32 = -0.53;
const MAX_LOG_ODDS: f32 = 8.0;

/// Membership probability at some natural log-odds, if the community is a campaign.
fn membership_probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-PLATT_SLOPE * log_odds.min(MAX_LOG_ODDS) - PLATT_INTERCEPT).exp())
}

/// A community put forward for review.
#[derive(Clone)]
pub(in super::super) struct ContentLead {
    /// Members of the community that belong to its surplus, ascending.
    pub core: Vec<AccountIndex>,
    /// Accounts outside the community that joined by their odds, ascending.
    pub joined: Vec<AccountIndex>,
    /// Evidence of the community.
    pub evidence: Evidence,
    /// Accounts that its events were counted on.
    pub data: EventData,
    /// Events of the evidence.
    pub(super) events: &'static [&'static dyn Event],
    /// log₁₀ of the p-value corrected for all communities of all scales; at most 0.
    pub log10_p: f64,
    /// log₁₀ of the value by which communities are compared: the geometric mean of two p-values before that correction,
    /// of the community and of the accounts with such content, each judged by a model that has not seen it.
    /// Chance rarely gives both, and a pool whose prompts innocents send too is weak in the second alone.
    pub ranked_log10_p: f64,
    /// Natural log-odds of membership of each account of the case.
    pub log_odds: Vec<f32>,
}

impl ContentLead {
    /// Membership probability of each account of the case, if the community is a campaign.
    pub fn probabilities(&self) -> impl Iterator<Item = f32> {
        self.log_odds.iter().map(|&odds| membership_probability(odds))
    }

    /// Adds linked accounts to its core.
    pub fn add_core(&mut self, accounts: &[AccountIndex]) {
        self.core.extend(accounts);
        self.core.sort_unstable();
        self.core.dedup();
        self.joined.retain(|account| self.core.binary_search(account).is_err());
        // Accounts added by links are members, independent of their prompts.
        for &account in accounts {
            let odds = &mut self.log_odds[account as usize];
            *odds = odds.max(0.0);
        }
    }

    /// Removes ascending accounts that belong to another group; false if too few core members are left for a lead.
    pub fn keeps_enough_core_without(&mut self, accounts: &[AccountIndex]) -> bool {
        let is_kept = |account: &AccountIndex| accounts.binary_search(account).is_err();
        let before = self.core.len();
        self.core.retain(is_kept);
        self.joined.retain(is_kept);
        self.core.len() == before || self.core.len() >= MIN_CORE
    }

    /// A lead of the given accounts in a case of `accounts`.
    #[cfg(test)]
    pub fn for_test(core: &[AccountIndex], joined: &[AccountIndex], accounts: usize) -> Self {
        let mut log_odds = vec![-5.0; accounts];
        core.iter().chain(joined).for_each(|&account| log_odds[account as usize] = 3.0);
        Self {
            core: core.to_vec(),
            joined: joined.to_vec(),
            evidence: Evidence { log10_p: -6.0, events: Vec::new() },
            data: EventData::default(),
            events: OF_USERS,
            log10_p: -4.0,
            ranked_log10_p: -6.0,
            log_odds,
        }
    }
}

/// Communities that the content of prompts makes in a case.
#[derive(Default)]
pub(in super::super) struct Communities {
    /// Communities put forward, strongest evidence first; each account is a member of at most one.
    pub leads: Vec<ContentLead>,
    /// Divided pool of each linked group.
    pub pools: Vec<Option<DividedPool>>,
    /// Unit that each account counts as.
    pub units: Vec<u32>,
}

/// Content communities of a case that are put forward, strongest evidence first; each account is a member of at
/// most one. `None` before the text pass and for a log without prompts.
///
/// # Errors
/// If the cache cannot be read, or the work was cancelled.
pub(in super::super) fn find(
    cache: &Cache,
    linkage: &Linkage,
    watcher: &dyn Watcher,
) -> Result<Option<Communities>, CacheError> {
    watcher.step("comparing prompts of accounts", 0, 3, "steps");
    let prompts = Prompts::gather(cache, watcher)?;
    if prompts.is_empty() {
        return Ok(None);
    }
    let Some(case) = CaseFacts::gather(cache, &prompts)? else { return Ok(None) };
    let mut found: Vec<Found> = Vec::new();
    let (mut tested, mut pools) = (0, Vec::new());
    for (step, (fewest, events, put_forward)) in
        [(MIN_USER_EXCHANGES, OF_USERS, PUT_FORWARD_LOG10_P), (MIN_EXCHANGES, OF_VISITORS, VISITORS_LOG10_P)]
            .into_iter()
            .enumerate()
    {
        watcher.step("comparing prompts of accounts", step as u64 + 1, 3, "steps");
        let tier = Tier::new(&case, &prompts, fewest, watcher)?;
        let (own, number) = in_tier(&tier, events, linked(&tier, linkage), case.of.len(), watcher)?;
        if fewest == MIN_USER_EXCHANGES {
            pools = divided_pools(&tier, &prompts, &linkage.groups);
        }
        found.extend(own.into_iter().filter(|found| found.ranked_log10_p <= put_forward));
        tested += number;
    }
    let units: Vec<u32> = case.of.iter().map(|facts| facts.unit).collect();
    found.retain(|found| found.is_of_many_units(&units));
    found.sort_by(|a, b| {
        (a.ranked_log10_p.total_cmp(&b.ranked_log10_p)).then_with(|| a.members.cmp(&b.members))
    });
    let mut found = joined(found);
    found.par_iter_mut().for_each(|found| {
        found.add_shared_values(cache);
        found.decide_by_unit(&units);
    });
    Ok(Some(Communities { leads: leads(found, case.of.len(), tested), pools, units }))
}

/// Linked groups as positions in a tier; those of one declared organisation are one unit and are left out.
fn linked(tier: &Tier<'_>, linkage: &Linkage) -> Vec<Vec<u32>> {
    let groups = linkage.groups.iter().zip(&linkage.one_organisation).filter(|(_, one)| !**one);
    groups.map(|(members, _)| tier.positions(members)).filter(|members| members.len() >= MIN_UNITS).collect()
}

/// True for communities that keep their core members: those with strong evidence, unless a stronger community
/// claims at least half of their core members. Both are then taken for one campaign.
fn keeps_core(found: &[Found]) -> Vec<bool> {
    let claims = |stronger: &Found, core: &[AccountIndex]| {
        let claimed =
            core.iter().filter(|&&account| stronger.log_odds[account as usize] > JOIN_LOG_ODDS).count();
        2 * claimed >= core.len()
    };
    let alone = |(at, one): (usize, &Found)| {
        let core = one.core();
        one.ranked_log10_p <= KEEPS_CORE_LOG10_P
            && !found[..at].iter().any(|stronger| claims(stronger, &core))
    };
    found.iter().enumerate().map(alone).collect()
}

/// Leads from candidates in rank order, of `tested` communities. Accounts of a community with too few core members
/// belong to the next one.
fn leads(mut found: Vec<Found>, accounts: usize, tested: usize) -> Vec<ContentLead> {
    let members = loop {
        let members = assigned(&found, accounts);
        let is_small = |(one, members): (&Found, &Vec<AccountIndex>)| {
            members.iter().filter(|account| one.is_member(**account)).count() < MIN_CORE
        };
        match found.iter().zip(&members).position(is_small) {
            Some(first) => found.remove(first),
            None => break members,
        };
    };
    let correction = (tested.max(1) as f64).log10();
    let lead = |(one, members): (Found, Vec<AccountIndex>)| {
        let (core, joined) = members.into_iter().partition(|&account| one.is_member(account));
        ContentLead {
            core,
            joined,
            log10_p: (one.evidence.log10_p + correction).min(0.0),
            ranked_log10_p: one.ranked_log10_p,
            evidence: one.evidence,
            data: one.data,
            events: one.events,
            log_odds: one.log_odds,
        }
    };
    found.into_iter().zip(members).map(lead).collect()
}

/// Ascending accounts of each candidate, in rank order. Each account belongs to one of the communities that [keep their
/// core](keeps_core) and that it is a core member of, else to any; among several, to the one with the highest odds after
/// the discount for weaker evidence.
fn assigned(found: &[Found], accounts: usize) -> Vec<Vec<AccountIndex>> {
    let cost =
        |found: &Found| std::f64::consts::LN_10 * (found.ranked_log10_p - NO_DISCOUNT_LOG10_P).max(0.0);
    let alone = keeps_core(found);
    let mut best: Vec<Option<((bool, f64), usize)>> = vec![None; accounts];
    for (at, one) in found.iter().enumerate() {
        for (account, (best, &odds)) in best.iter_mut().zip(&one.log_odds).enumerate() {
            let is_core = one.is_member(account as AccountIndex);
            let worth = (is_core && alone[at], f64::from(odds) - cost(one));
            if odds > if is_core { 0.0 } else { JOIN_LOG_ODDS } && best.is_none_or(|(other, _)| worth > other)
            {
                *best = Some((worth, at));
            }
        }
    }
    let mut members = vec![Vec::new(); found.len()];
    for (account, best) in best.iter().enumerate() {
        if let Some((_, at)) = best {
            members[*at].push(account as AccountIndex);
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::super::candidates::candidates;
    use super::super::evidence::Columns;
    use super::super::testing::case;
    use super::*;
    use crate::model::Silent;

    fn strongest(seed: u64) -> (f64, Vec<f32>) {
        let (prompts, case) = case(seed, true);
        let tier = Tier::new(&case, &prompts, MIN_USER_EXCHANGES, &Silent).unwrap();
        let (found, tested) = in_tier(&tier, OF_USERS, Vec::new(), case.of.len(), &Silent).unwrap();
        let first = found.into_iter().min_by(|a, b| a.evidence.log10_p.total_cmp(&b.evidence.log10_p));
        first.map_or((0.0, Vec::new()), |first| {
            ((first.evidence.log10_p + (tested as f64).log10()).min(0.0), first.log_odds)
        })
    }

    #[test]
    fn a_pool_with_a_surplus_of_new_heavy_accounts_is_found() {
        let (log10_p, log_odds) = strongest(1);
        assert!(log10_p < -1.3, "{log10_p}");
        let members: Vec<usize> = (0..log_odds.len()).filter(|&at| log_odds[at] > 0.0).collect();
        let right = members.iter().filter(|&&at| at % 10 == 0 && at < 300).count();
        assert!(right >= 10 && 2 * right > members.len(), "{right} of {members:?}");
    }

    /// 40 logs without a campaign: the chance that more than six have a corrected p-value of at most 5 % is
    /// below 1 %, if the p-values hold.
    #[test]
    fn communities_without_a_surplus_keep_the_error_rate() {
        let smallest = |seed| {
            let (prompts, case) = case(seed, false);
            let tier = Tier::new(&case, &prompts, MIN_USER_EXCHANGES, &Silent).unwrap();
            let columns = Columns::new(&tier, OF_USERS);
            let (found, tested) = candidates(&tier, &columns, Vec::new(), &Silent).unwrap();
            found.first().map_or(0.0, |first| first.evidence.log10_p + (tested as f64).log10())
        };
        let passed = (100..140).filter(|&seed| smallest(seed) <= 0.05_f64.log10()).count();
        assert!(passed <= 6, "{passed} of 40");
    }

    /// Two fits to ten accounts; four of them are members of the stronger one, too few for a lead.
    #[test]
    fn accounts_of_a_lead_with_too_few_core_members_belong_to_the_next() {
        let of = |members: std::ops::Range<u32>, log10_p: f64| Found {
            log_odds: (0..20).map(|at| if at < 10 { 2.0 } else { -2.0 }).collect(),
            members: members.collect(),
            evidence: Evidence::default(),
            data: EventData::default(),
            ranked_log10_p: log10_p,
            whole_log10_p: log10_p,
            events: OF_USERS,
            similar: Vec::new(),
            nearest: Vec::new(),
        };
        let found = leads(vec![of(0..4, -5.0), of(0..10, -4.0)], 20, 1);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].core, (0..10).collect::<Vec<_>>());
        assert_eq!(found[0].ranked_log10_p, -4.0);
    }

    // scipy.special.expit(0.74 * min(x, 8) - 0.53); sklearn's LogisticRegression, fitted to the same accounts, gives 0.370
    // and 0.620 at the first two.
    #[test]
    fn membership_probabilities_are_those_of_a_line() {
        for (log_odds, expected) in
            [(0.0, 0.370_517), (1.386, 0.621_434), (4.0, 0.919_087), (8.0, 0.995_459), (12.0, 0.995_459)]
        {
            let p = membership_probability(log_odds);
            assert!((p - expected).abs() < 1e-5, "{p} at {log_odds}");
        }
        assert!(membership_probability(-40.0) < 1e-12);
    }

    #[test]
    fn one_thread_and_two_find_the_same() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| strongest(3))
        };
        assert_eq!(on(1), on(2));
    }
}
