//! Tested candidates with the membership of all accounts: one for each pool that a candidate asks about, joined where
//! several ask about one.

use super::candidates::{Candidate, MAX_LOG10_P, candidates};
use super::cotraining::{Membership, membership};
use super::event_data::EventData;
use super::events::{Behaviour, Event, has_own_prompts};
use super::evidence::{Columns, Evidence, MIN_OUTSIDE, MIN_UNITS};
use super::mixture::surplus;
use super::tier::Tier;
use super::two_pools::two_pools;
use crate::cache::{AccountIndex, Cache, CacheError};
use crate::leads::shared_values::shared_bits;
use crate::model::{Cancelled, Watcher};

/// Accounts that the second test is made on, in expected members. On fourteen logs, 1 left innocent communities nearer to
/// campaigns, and 3 a campaign of 20 accounts to innocents.
const TESTED_AGAIN: f64 = 2.0;

/// Ranked log₁₀ p-value from which a community keeps the core members that a weaker one claims.
pub(super) const KEEPS_CORE_LOG10_P: f64 = -1.1;

/// Minimum number of units of a community's core, in shares of its core members: a core of fewer units is a few
/// customers with many accounts each, such as classes.
const MIN_UNITS_IN_CORE: f64 = 0.5;

/// log₁₀ of the p-value below which the accounts of a community are excluded from the background of others.
const NOT_BACKGROUND_LOG10_P: f64 = -2.6;

/// Natural log-odds subtracted from an account whose prompts are mostly sent by others too: the prompts of a
/// divided pool are not.
const SHARED_PROMPTS_COST: f64 = 3.0;

/// Lower bound of the log-odds.
const MIN_LOG_ODDS: f64 = -40.0;

/// Maximum number of bits of shared values that count for membership.
const MAX_SHARED_BITS: f32 = 8.0;

/// A candidate and the membership of all accounts in it.
pub(super) struct Found {
    /// Its accounts, ascending.
    pub members: Vec<AccountIndex>,
    /// Evidence of the candidate.
    pub evidence: Evidence,
    /// Accounts that its events were counted on.
    pub data: EventData,
    /// Mean of the log₁₀ of both p-values.
    pub ranked_log10_p: f64,
    /// Mean of the log₁₀ of the p-value of all its accounts, those that a stronger candidate counts included, and of
    /// that of the second test.
    pub whole_log10_p: f64,
    /// Events of the evidence.
    pub events: &'static [&'static dyn Event],
    /// Natural log-odds of membership of each account of the case.
    pub log_odds: Vec<f32>,
    /// Accounts with even odds or better by content alone, ascending.
    pub similar: Vec<AccountIndex>,
    /// Accounts most likely by content, first ones first.
    pub nearest: Vec<AccountIndex>,
}

impl Found {
    /// Fit of a candidate, given the membership of the accounts of the tier.
    fn new(
        tier: &Tier<'_>,
        columns: &Columns,
        Candidate { members, counted, evidence, whole_log10_p }: Candidate,
        membership: &Membership,
        (accounts, events): (usize, &'static [&'static dyn Event]),
    ) -> Self {
        let again = columns.evidence(tier, &similar_content(membership)).log10_p;
        let mut log_odds = vec![MIN_LOG_ODDS as f32; accounts];
        for (at, &account) in tier.accounts.iter().enumerate() {
            let shared = if has_own_prompts(tier, at) { 0.0 } else { SHARED_PROMPTS_COST };
            let odds = membership.log_odds[at] + tier.weight[at].ln() - shared;
            log_odds[account as usize] = odds.max(MIN_LOG_ODDS) as f32;
        }
        let account = |&at: &u32| tier.accounts[at as usize];
        let order = by_content(membership);
        let likely = order.partition_point(|&at| membership.by_content[at as usize] > 0.0);
        let mut similar: Vec<AccountIndex> = order[..likely].iter().map(account).collect();
        similar.sort_unstable();
        let nearest = MIN_OUTSIDE + 4 * likely.max(members.len());
        Self {
            members: members.iter().map(account).collect(),
            ranked_log10_p: (evidence.log10_p + again) / 2.0,
            whole_log10_p: (whole_log10_p + again) / 2.0,
            evidence,
            data: EventData::new(tier, columns, events, &counted),
            events,
            log_odds,
            similar,
            nearest: order.iter().take(nearest).map(account).collect(),
        }
    }

    /// True if the account is one of the candidate's.
    pub fn is_member(&self, account: AccountIndex) -> bool {
        self.members.binary_search(&account).is_ok()
    }

    /// Members with even odds or better, ascending.
    pub fn core(&self) -> Vec<AccountIndex> {
        let is_core = |account: &AccountIndex| self.log_odds[*account as usize] > 0.0;
        self.members.iter().copied().filter(is_core).collect()
    }

    /// Takes in weaker communities of the same pool. Each is a fit of its own to that pool, so their log-odds are
    /// averaged.
    fn join(&mut self, others: Vec<Self>) {
        let fits = (others.len() + 1) as f32;
        for other in others {
            self.members.extend(other.members);
            self.log_odds.iter_mut().zip(other.log_odds).for_each(|(own, odds)| *own += odds);
        }
        self.members.sort_unstable();
        self.members.dedup();
        self.log_odds.iter_mut().for_each(|odds| *odds /= fits);
    }

    /// True if its core consists of enough units.
    pub fn is_of_many_units(&self, units: &[u32]) -> bool {
        let core = self.core();
        let mut own: Vec<u32> = core.iter().map(|&account| units[account as usize]).collect();
        own.sort_unstable();
        own.dedup();
        own.len() as f64 >= MIN_UNITS_IN_CORE * core.len() as f64
    }

    /// Decides by unit, which is one customer: where fewer than half of a unit's accounts have better than even odds, none
    /// of them has.
    pub fn decide_by_unit(&mut self, units: &[u32]) {
        let mut of_unit = vec![(0_u32, 0_u32); units.len()];
        let measured = |odds: f32| odds > MIN_LOG_ODDS as f32;
        for (&unit, &odds) in units.iter().zip(&self.log_odds).filter(|(_, odds)| measured(**odds)) {
            let (accounts, likely) = &mut of_unit[unit as usize];
            *accounts += 1;
            *likely += u32::from(odds > 0.0);
        }
        for (&unit, odds) in units.iter().zip(&mut self.log_odds) {
            let (accounts, likely) = of_unit[unit as usize];
            if 2 * likely < accounts {
                *odds = odds.min(0.0);
            }
        }
    }

    /// Adds the bits of values shared with the community's surplus to the log-odds of every account outside it.
    pub fn add_shared_values(&mut self, cache: &Cache) {
        let core = self.core();
        let outside = self.nearest.iter().copied().filter(|account| core.binary_search(account).is_err());
        let mut similar: Vec<AccountIndex> = outside.take(MIN_OUTSIDE.max(3 * core.len())).collect();
        similar.sort_unstable();
        for (account, bits) in shared_bits(cache, &core, &similar) {
            if core.binary_search(&account).is_err() {
                self.log_odds[account as usize] += bits.min(MAX_SHARED_BITS) * std::f32::consts::LN_2;
            }
        }
    }
}

/// Tested candidates of one tier with their memberships, and the number of communities tested.
pub(super) fn in_tier(
    tier: &Tier<'_>,
    events: &'static [&'static dyn Event],
    linked: Vec<Vec<u32>>,
    accounts: usize,
    watcher: &dyn Watcher,
) -> Result<(Vec<Found>, usize), CacheError> {
    let columns = Columns::new(tier, events);
    let (candidates, tested) = candidates(tier, &columns, linked, watcher)?;
    let behaviour = Behaviour::new(tier);
    let mut is_background = vec![true; tier.len()];
    for candidate in candidates.iter().filter(|candidate| candidate.evidence.log10_p < NOT_BACKGROUND_LOG10_P)
    {
        candidate.members.iter().for_each(|&at| is_background[at as usize] = false);
    }
    let (mut found, number) = (Vec::new(), candidates.len() as u64);
    for (done, candidate) in candidates.into_iter().enumerate() {
        watcher.step("estimating membership of communities", done as u64, number, "communities");
        let strongest =
            candidate.evidence.events.iter().min_by(|a, b| a.figures.log10_p.total_cmp(&b.figures.log10_p));
        let started = |at: u32| strongest.is_some_and(|excess| columns.happened(excess.event, at as usize));
        let is_background = |at: u32| is_background[at as usize];
        let in_surplus = surplus(tier, &behaviour, &candidate.members, is_background, started);
        let mut belongs = vec![0.0; tier.len()];
        candidate
            .members
            .iter()
            .zip(in_surplus)
            .for_each(|(&at, belongs_to)| belongs[at as usize] = belongs_to);
        let Some(fitted) = membership(tier, &behaviour, belongs, watcher)? else { continue };
        for (candidate, membership) in by_pool(tier, &columns, &behaviour, candidate, fitted, watcher)? {
            found.push(Found::new(tier, &columns, candidate, &membership, (accounts, events)));
        }
    }
    Ok((found, tested))
}

/// Candidate with its membership, or one for each pool where its likely accounts ask about [two](two_pools); each is
/// tested and fitted anew, and dropped if it is no candidate by itself.
fn by_pool(
    tier: &Tier<'_>,
    columns: &Columns,
    behaviour: &Behaviour,
    candidate: Candidate,
    fitted: Membership,
    watcher: &dyn Watcher,
) -> Result<Vec<(Candidate, Membership)>, Cancelled> {
    let odds = |at: u32| fitted.log_odds[at as usize];
    let is_likely = |&at: &u32| odds(at) + tier.weight[at as usize].ln() > 0.0;
    let likely: Vec<u32> = (0..tier.len() as u32).filter(is_likely).collect();
    let Some(parts) = two_pools(tier, &likely) else { return Ok(vec![(candidate, fitted)]) };
    let mut found = Vec::new();
    for part in parts {
        let of_part = |all: &[u32]| all.iter().copied().filter(|&at| part[at as usize]).collect::<Vec<u32>>();
        let (members, counted) = (of_part(&candidate.members), of_part(&candidate.counted));
        if counted.len() < MIN_UNITS {
            continue;
        }
        let (evidence, whole) = (columns.evidence(tier, &counted), columns.evidence(tier, &members));
        if evidence.events.is_empty() || evidence.log10_p > MAX_LOG10_P {
            continue;
        }
        let belongs = (0..tier.len() as u32)
            .map(|at| if part[at as usize] { 1.0 / (1.0 + (-odds(at)).exp()) } else { 0.0 })
            .collect();
        if let Some(membership) = membership(tier, behaviour, belongs, watcher)? {
            let whole_log10_p = whole.log10_p;
            found.push((Candidate { members, counted, evidence, whole_log10_p }, membership));
        }
    }
    Ok(found)
}

/// Positions of a tier by content alone, the most probable first.
fn by_content(membership: &Membership) -> Vec<u32> {
    let of = |at: u32| membership.by_content[at as usize];
    let mut order: Vec<u32> = (0..membership.by_content.len() as u32).collect();
    order.sort_by(|&a, &b| of(b).total_cmp(&of(a)).then(a.cmp(&b)));
    order
}

/// Accounts by content alone that the second test is made on, as ascending positions: those with even odds or
/// better, and of the others the most probable, up to [`TESTED_AGAIN`] times the expected members. In a pool whose
/// prompts innocents send too, content gives few accounts even odds.
fn similar_content(membership: &Membership) -> Vec<u32> {
    let mut order = by_content(membership);
    let expected: f64 = membership.log_odds.iter().map(|odds| 1.0 / (1.0 + (-odds).exp())).sum();
    let likely = order.partition_point(|&at| membership.by_content[at as usize] > 0.0);
    order.truncate(likely.max((TESTED_AGAIN * expected) as usize));
    order.sort_unstable();
    order
}

/// Joins communities of one pool, first rank first: one with strong evidence joins a stronger one if the content model
/// of each claims at least half of the other's core members. A linked group and the pool that its accounts ask about
/// are one campaign; a neighbouring pool that only one of both claims is another one.
pub(super) fn joined(found: Vec<Found>) -> Vec<Found> {
    let mut pools: Vec<(Found, Vec<AccountIndex>, Vec<Found>)> = Vec::new();
    for one in found {
        let core = one.core();
        let is_one_pool = |(stronger, of_stronger, _): &&mut (Found, Vec<AccountIndex>, Vec<Found>)| {
            claims_half(&stronger.similar, &core) && claims_half(&one.similar, of_stronger)
        };
        let is_strong = one.whole_log10_p <= KEEPS_CORE_LOG10_P && !core.is_empty();
        match pools.iter_mut().find(is_one_pool).filter(|_| is_strong) {
            Some((_, _, others)) => others.push(one),
            None => pools.push((one, core, Vec::new())),
        }
    }
    let join = |(mut first, _, others): (Found, Vec<AccountIndex>, Vec<Found>)| {
        first.join(others);
        first
    };
    pools.into_iter().map(join).collect()
}

/// True if at least half of some accounts are among `similar`, which is ascending.
fn claims_half(similar: &[AccountIndex], accounts: &[AccountIndex]) -> bool {
    let claimed = accounts.iter().filter(|account| similar.binary_search(account).is_ok()).count();
    2 * claimed >= accounts.len()
}

#[cfg(test)]
mod tests {
    use super::super::events::OF_USERS;
    use super::super::lead::MIN_USER_EXCHANGES;
    use super::super::testing::case;
    use super::*;
    use crate::model::Silent;

    #[test]
    fn the_second_test_is_made_on_twice_the_expected_members() {
        let of = |by_content: Vec<f64>, log_odds: f64| {
            let log_odds = vec![log_odds; by_content.len()];
            similar_content(&Membership { log_odds, by_content })
        };
        // Even odds of each of four accounts: two members are expected.
        assert_eq!(of(vec![-3.0, -1.0, -2.0, -4.0], 0.0), [0, 1, 2, 3]);
        assert_eq!(of(vec![-3.0, -1.0, -2.0, -4.0], -1.0), [1, 2]);
        assert_eq!(of(vec![1.0, 2.0, -2.0, 3.0], -9.0), [0, 1, 3]);
    }

    /// Four classes of ten accounts each, and ten accounts of their own.
    #[test]
    fn a_core_of_a_few_customers_is_not_of_many_units() {
        let units: Vec<u32> = (0..50).map(|at| if at < 40 { at / 10 * 10 } else { at }).collect();
        let of = |members: std::ops::Range<u32>| Found {
            members: members.collect(),
            evidence: Evidence::default(),
            data: EventData::default(),
            ranked_log10_p: -2.0,
            whole_log10_p: -2.0,
            events: OF_USERS,
            log_odds: vec![1.0; 50],
            similar: Vec::new(),
            nearest: Vec::new(),
        };
        assert!(of(35..50).is_of_many_units(&units));
        assert!(!of(0..50).is_of_many_units(&units));
    }

    /// A class of ten accounts of which four are likely, a laboratory of four of which two are, and a pool's own.
    #[test]
    fn a_unit_belongs_as_a_whole_or_not_at_all() {
        let units: Vec<u32> =
            (0..20).map(|at| [0, 10, at][usize::from(at >= 10) + usize::from(at >= 14)]).collect();
        let is_likely = |at: u32| at < 4 || (10..12).contains(&at) || at >= 14;
        let mut found = Found {
            members: (0..20).collect(),
            evidence: Evidence::default(),
            data: EventData::default(),
            ranked_log10_p: -2.0,
            whole_log10_p: -2.0,
            events: OF_USERS,
            log_odds: (0..20).map(|at| if is_likely(at) { 2.0 } else { -2.0 }).collect(),
            similar: Vec::new(),
            nearest: Vec::new(),
        };
        found.decide_by_unit(&units);
        assert_eq!(found.core(), [10, 11, 14, 15, 16, 17, 18, 19]);
        assert_eq!([found.log_odds[0], found.log_odds[4]], [0.0, -2.0]);
    }

    /// Ten linked accounts, the 30 of their pool, and ten of another pool.
    #[test]
    fn a_pool_joins_the_linked_group_that_asks_about_it() {
        let of = |members: std::ops::Range<u32>, similar: std::ops::Range<u32>, log10_p: f64| Found {
            log_odds: (0..50).map(|at| if members.contains(&at) { 1.0 } else { -1.0 }).collect(),
            members: members.collect(),
            evidence: Evidence::default(),
            data: EventData::default(),
            ranked_log10_p: log10_p,
            whole_log10_p: log10_p,
            events: OF_USERS,
            similar: similar.collect(),
            nearest: Vec::new(),
        };
        let members = |found: Vec<Found>| found.iter().map(|one| one.members.len()).collect::<Vec<_>>();
        let linked = || of(0..10, 0..35, -5.0);
        let found = joined(vec![linked(), of(8..40, 0..40, -4.0), of(40..50, 38..50, -3.0)]);
        // Members by one fit that the other finds as unlikely are at even odds.
        assert_eq!([found[0].log_odds[9], found[0].log_odds[0], found[0].log_odds[45]], [1.0, 0.0, -1.0]);
        assert_eq!(members(found), [40, 10]);
        // Weak evidence of a neighbour of the pool joins nothing, unless it is weak since the stronger one counts it.
        assert_eq!(members(joined(vec![linked(), of(8..40, 0..40, -0.5)])), [10, 32]);
        let counted = Found { whole_log10_p: -4.0, ..of(8..40, 0..40, -0.5) };
        assert_eq!(members(joined(vec![linked(), counted])), [40]);
        // The linked group claims its neighbours, whose content model claims none of its own accounts.
        assert_eq!(members(joined(vec![linked(), of(10..14, 10..14, -4.0)])), [10, 4]);
    }

    /// A candidate of 20 accounts of one subject and five of another, both of new and heavy accounts.
    #[test]
    fn a_candidate_of_two_pools_is_fitted_to_each() {
        let (prompts, mut case) = case(5, false);
        let is_new = |account: usize| account % 10 < 2 && account < 300;
        for (account, facts) in case.of.iter_mut().enumerate().filter(|(account, _)| is_new(*account)) {
            facts.created = Some(account as i64 * 3_600_000_000);
            facts.exchanges = 90 + account as u32 % 7;
        }
        let tier = Tier::new(&case, &prompts, MIN_USER_EXCHANGES, &Silent).unwrap();
        let (columns, behaviour) = (Columns::new(&tier, OF_USERS), Behaviour::new(&tier));
        let is_member = |at: &u32| at.is_multiple_of(10) && *at < 200 || at % 10 == 1 && *at < 50;
        let members: Vec<u32> = (0..300).filter(is_member).collect();
        // A fit that took in both pools.
        let log_odds: Vec<f64> = (0..tier.len()).map(|at| if is_new(at) { 2.0 } else { -4.0 }).collect();
        let fitted = Membership { by_content: log_odds.clone(), log_odds };
        let evidence = columns.evidence(&tier, &members);
        let candidate = Candidate::new(members, evidence);
        let pools = by_pool(&tier, &columns, &behaviour, candidate, fitted, &Silent).unwrap();
        assert_eq!(pools.len(), 2);
        for (candidate, membership) in pools {
            let of = |subject: usize| {
                let is_in = |at: &usize| is_new(*at) && at % 10 == subject && membership.log_odds[*at] > 0.0;
                (0..300).filter(is_in).count()
            };
            let (own, other) = (candidate.members[0] as usize % 10, 1 - candidate.members[0] as usize % 10);
            assert!(of(own) >= 25 && of(other) <= 2, "{} and {} of 30", of(own), of(other));
        }
    }
}
