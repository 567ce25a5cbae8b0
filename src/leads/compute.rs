//! The whole way from a cache to its leads.

use rayon::prelude::*;

use super::cohort::{self, Cohorts};
use super::combine::{extraction_p, score};
use super::conformal::standings;
use super::group::{self, DRAWS, GroupTest};
use super::{AccountLead, CampaignLead, Leads, SignalColumn, facts};
use crate::cache::{AccountIndex, Cache, LinkRow};
use crate::model::{Cancelled, TimeSpan, Watcher};
use crate::signals::linkage::{self, Linkage};
use crate::signals::{self, Input, Outcome, Signal};
use crate::stats::multiple::benjamini_hochberg;

/// Seed of all that is drawn. Fixed, so that the same snapshots give the same leads.
const SEED: u64 = 1;

/// The false discovery rate that a group's q-value should be able to reach.
const Q_WANTED: f64 = 0.1;

/// Computes links, signals and leads with a fixed seed. An empty cache has no leads.
///
/// # Errors
/// Only when cancelled.
pub fn compute(cache: &Cache, watcher: &dyn Watcher) -> Result<(Leads, Vec<LinkRow>), Cancelled> {
    compute_with(cache, signals::ALL, watcher)
}

/// [`compute`] with other signals.
pub(super) fn compute_with(
    cache: &Cache,
    signals: &[&dyn Signal],
    watcher: &dyn Watcher,
) -> Result<(Leads, Vec<LinkRow>), Cancelled> {
    let linkage = linkage::link(cache, watcher)?;
    let cohorts = Cohorts::new(&cohort::traits(cache));
    let block = blocks(&linkage);
    let columns = signals
        .iter()
        .map(|signal| column(cache, *signal, &linkage, &cohorts, &block, watcher))
        .collect::<Result<Vec<SignalColumn>, Cancelled>>()?;
    watcher.step("testing linked groups", 0, linkage.groups.len() as u64, "groups");
    let tests = linkage
        .groups
        .par_iter()
        .enumerate()
        .map(|(at, members)| {
            watcher.check()?;
            Ok(group::test(members, &columns, &cohorts, SEED.wrapping_add(at as u64)))
        })
        .collect::<Result<Vec<GroupTest>, Cancelled>>()?;
    let (campaigns, campaign_of) = campaigns(cache, &linkage, &columns, &cohorts, &tests);
    let accounts = rank(cache, &linkage, &columns, &tests, &campaign_of, &cohorts);
    let mut rank_of = vec![0; accounts.len()];
    for (at, lead) in accounts.iter().enumerate() {
        rank_of[lead.account as usize] = at as u32;
    }
    let leads = Leads { signals: columns, accounts, rank_of, campaigns, cohorts: cohorts.names(cache) };
    Ok((leads, linkage.links))
}

/// What a signal measures one account from.
pub(super) fn input<'a>(cache: &'a Cache, account: AccountIndex, linkage: &'a Linkage) -> Input<'a> {
    let hot = cache.hot();
    let rows = hot.rows_of(account);
    Input {
        cache,
        account,
        first_row: hot.offsets[account as usize],
        topics: hot.topic.get(rows.clone()).unwrap_or(&[]),
        ts: &hot.ts[rows],
        linkage,
        seed: SEED,
    }
}

/// Accounts that are no peers of each other: those of one linked group, which holds whole
/// organisations.
fn blocks(linkage: &Linkage) -> Vec<u32> {
    let groups = linkage.groups.len() as u32;
    linkage.group_of.iter().enumerate().map(|(at, group)| group.unwrap_or(groups + at as u32)).collect()
}

fn column(
    cache: &Cache,
    signal: &dyn Signal,
    linkage: &Linkage,
    cohorts: &Cohorts,
    block: &[u32],
    watcher: &dyn Watcher,
) -> Result<SignalColumn, Cancelled> {
    let about = signal.about();
    let n = cache.accounts().len();
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(n);
    // Chunks only bound how late a cancel is heard; their size does not change the outcome.
    for start in (0..n).step_by(4096) {
        watcher.check()?;
        watcher.step(&format!("measuring {}", about.title), start as u64, n as u64, "accounts");
        let measured = (start..n.min(start + 4096))
            .into_par_iter()
            .map(|account| signal.measure(&input(cache, account as AccountIndex, linkage)));
        outcomes.par_extend(measured);
    }
    let telling = |outcome: &Outcome| match outcome {
        Outcome::Measured { value, .. } => Some(if about.high_is_telling { *value } else { -value }),
        Outcome::NotApplicable(_) => None,
    };
    let values: Vec<Option<f64>> = outcomes.iter().map(telling).collect();
    let standings = standings(&values, cohorts, block);
    Ok(SignalColumn {
        about,
        outcomes,
        p: standings.iter().map(|standing| standing.map(|standing| standing.p)).collect(),
        percentile: standings.iter().map(|standing| standing.map(|standing| standing.percentile)).collect(),
    })
}

/// The groups as campaigns, first rank first, and the place of each group among them: a group of
/// several organisations before one that is a single declared one, then by extraction p, bits and
/// size.
fn campaigns(
    cache: &Cache,
    linkage: &Linkage,
    columns: &[SignalColumn],
    cohorts: &Cohorts,
    tests: &[GroupTest],
) -> (Vec<CampaignLead>, Vec<u32>) {
    let bits: Vec<f64> = (0..tests.len()).map(|at| control_bits(linkage, at)).collect();
    let tested: Vec<usize> = (0..tests.len()).filter(|&at| tests[at].p.is_some()).collect();
    let p_values: Vec<f64> = tested.iter().filter_map(|&at| tests[at].p).collect();
    let floor = tested.len() as f64 / f64::from(DRAWS + 1);
    let mut q_values = vec![None; tests.len()];
    if floor <= Q_WANTED {
        for (&at, q) in tested.iter().zip(benjamini_hochberg(&p_values)) {
            q_values[at] = Some(q);
        }
    }
    let mut order: Vec<usize> = (0..tests.len()).collect();
    order.sort_by(|&a, &b| {
        (linkage.one_organisation[a].cmp(&linkage.one_organisation[b]))
            .then(tests[a].p.unwrap_or(2.0).total_cmp(&tests[b].p.unwrap_or(2.0)))
            .then(bits[b].total_cmp(&bits[a]))
            .then(a.cmp(&b))
    });
    let mut campaign_of = vec![0; tests.len()];
    let mut campaigns = Vec::with_capacity(tests.len());
    for (rank, &at) in order.iter().enumerate() {
        campaign_of[at] = rank as u32;
        let accounts = linkage.groups[at].clone();
        let (exchanges, span) = extent(cache, &accounts);
        campaigns.push(CampaignLead {
            title: format!("campaign {}", rank + 1),
            exchanges,
            span,
            common_control_bits: bits[at],
            extraction_p: tests[at].p,
            q_value: q_values[at],
            ranked_only: tests[at].p.is_some() && q_values[at].is_none(),
            reasons: facts::reasons(cache, linkage, at, columns, cohorts, &tests[at]),
            accounts,
        });
    }
    (campaigns, campaign_of)
}

/// Median over the members of their strongest tie; 0 for one declared organisation.
fn control_bits(linkage: &Linkage, group: usize) -> f64 {
    if linkage.one_organisation[group] {
        return 0.0;
    }
    let mut bits: Vec<f32> =
        linkage.groups[group].iter().map(|&account| linkage.strongest[account as usize]).collect();
    bits.sort_by(f32::total_cmp);
    f64::from(bits[(bits.len() - 1) / 2])
}

fn extent(cache: &Cache, accounts: &[AccountIndex]) -> (u64, TimeSpan) {
    let mut exchanges = 0;
    let mut span: Option<TimeSpan> = None;
    for account in accounts.iter().map(|&account| &cache.accounts()[account as usize]) {
        exchanges += u64::from(account.exchanges);
        let end = account.last.saturating_add(1);
        span = Some(span.map_or(TimeSpan { start: account.first, end }, |span| TimeSpan {
            start: span.start.min(account.first),
            end: span.end.max(end),
        }));
    }
    (exchanges, span.unwrap_or(TimeSpan { start: 0, end: 0 }))
}

fn rank(
    cache: &Cache,
    linkage: &Linkage,
    columns: &[SignalColumn],
    tests: &[GroupTest],
    campaign_of: &[u32],
    cohorts: &Cohorts,
) -> Vec<AccountLead> {
    let own_p = |account: usize| extraction_p(columns.iter().map(|column| (column.about, column.p[account])));
    let mut leads: Vec<AccountLead> = (0..cache.accounts().len())
        .map(|account| {
            let group = linkage.group_of[account].map(|group| group as usize);
            let p_value = own_p(account);
            let group_p = group.and_then(|group| tests[group].p);
            AccountLead {
                account: account as AccountIndex,
                rank: 0,
                score: score(p_value, group_p, f64::from(linkage.strongest[account])),
                p_value,
                q_value: None,
                campaign: group.map(|group| campaign_of[group]),
                cohort: cohorts.of[account],
            }
        })
        .collect();
    let tested: Vec<usize> = (0..leads.len()).filter(|&at| leads[at].p_value.is_some()).collect();
    let p_values: Vec<f64> = leads.iter().filter_map(|lead| lead.p_value).collect();
    for (&at, q) in tested.iter().zip(benjamini_hochberg(&p_values)) {
        leads[at].q_value = Some(q);
    }
    leads.sort_by(|a, b| {
        let exchanges = |lead: &AccountLead| cache.accounts()[lead.account as usize].exchanges;
        b.score.total_cmp(&a.score).then(exchanges(b).cmp(&exchanges(a))).then(a.account.cmp(&b.account))
    });
    for (at, lead) in leads.iter_mut().enumerate() {
        lead.rank = at as u32 + 1;
    }
    leads
}
