//! Linked groups as leads: ids, order, q-values and reasons.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::cohort::Cohorts;
use super::coordination::{self, Coordination};
use super::group::GroupTest;
use super::lead::{GroupLead, METHOD, names};
use super::{SignalColumn, facts};
use crate::cache::{AccountIndex, Cache};
use crate::model::{Cancelled, LeadId, LeadRef, TimeSpan, Watcher};
use crate::signals::linkage::Linkage;
use crate::signals::{Peers, Setting};
use crate::stats::multiple::benjamini_hochberg;

/// False discovery rate that the q-value of a lead must be able to reach.
const Q_WANTED: f64 = 0.1;

/// Leads whose coordination is measured, from the first rank; each takes a thousand random draws.
const MEASURED: usize = 100;

/// Leads in rank order, and the rank of each group. Groups of several organisations come before those of one
/// declared organisation; within each, the order is by z-score, then bits, then size. A group that has joined
/// another one is no lead.
pub(super) fn group_leads(
    setting: &Setting<'_>,
    columns: &[SignalColumn],
    cohorts: &Cohorts,
    tests: &[GroupTest],
    group_z: &[Option<f64>],
    mut members: Vec<Vec<AccountIndex>>,
    watcher: &dyn Watcher,
) -> Result<(Vec<GroupLead>, Vec<u32>), Cancelled> {
    let (cache, linkage) = (setting.cache, setting.linkage);
    let bits: Vec<f64> = (0..tests.len()).map(|at| control_bits(linkage, at)).collect();
    let q_values = q_values(tests);
    let z = |at: usize| group_z[at].unwrap_or(f64::NEG_INFINITY);
    // A group that has joined another one is no lead of its own.
    let mut order: Vec<usize> = (0..tests.len()).filter(|&at| !members[at].is_empty()).collect();
    order.sort_by(|&a, &b| {
        (linkage.one_organisation[a].cmp(&linkage.one_organisation[b]))
            .then(z(b).total_cmp(&z(a)))
            .then(bits[b].total_cmp(&bits[a]))
            .then(a.cmp(&b))
    });
    let mut lead_of = vec![0; tests.len()];
    let mut leads = Vec::with_capacity(order.len());
    let ids = ids(cache, order.iter().map(|&at| &linkage.groups[at]));
    let tested = tests.iter().filter(|test| test.p.is_some()).count() as u32;
    let links = facts::links_of_groups(linkage);
    let mut coordination =
        coordination(setting, cohorts, &order[..order.len().min(MEASURED)], &links, watcher)?;
    for ((rank, &at), id) in order.iter().enumerate().zip(ids) {
        let coordination = coordination.get_mut(rank).map(std::mem::take).unwrap_or_default();
        lead_of[at] = rank as u32;
        let accounts = std::mem::take(&mut members[at]);
        let (exchanges, span) = extent(cache, &accounts);
        leads.push(GroupLead {
            id,
            core: linkage.groups[at].clone(),
            exchanges,
            span,
            common_control_bits: bits[at],
            common_control_p: coordination.p,
            z_score: group_z[at],
            extraction_p: tests[at].p,
            tested,
            shares: facts::shares(cache, linkage, &links[at], at),
            q_value: q_values[at],
            ranked_only: tests[at].p.is_some() && q_values[at].is_none(),
            reasons: facts::reasons(
                cache,
                linkage,
                &links[at],
                coordination,
                at,
                accounts.len(),
                columns,
                cohorts,
                &tests[at],
            ),
            accounts,
        });
    }
    Ok((leads, lead_of))
}

/// Ids of leads, given their core accounts.
fn ids<'a>(cache: &Cache, cores: impl Iterator<Item = &'a Vec<AccountIndex>>) -> Vec<LeadId> {
    let digest = |core: &Vec<AccountIndex>| LeadRef::digest(METHOD, &names(cache, core));
    LeadId::of_list(&cores.map(digest).collect::<Vec<_>>())
}

/// Benjamini–Hochberg q-value of each tested group; `None` where the peers are too few to reach [`Q_WANTED`].
fn q_values(tests: &[GroupTest]) -> Vec<Option<f64>> {
    let tested: Vec<usize> = (0..tests.len()).filter(|&at| tests[at].p.is_some()).collect();
    let p_values: Vec<f64> = tested.iter().filter_map(|&at| tests[at].p).collect();
    let mut q_values = vec![None; tests.len()];
    for (&at, q) in tested.iter().zip(benjamini_hochberg(&p_values)) {
        // With fewer peers even the strongest lead could not reach it.
        let reachable = tests[at].floor * tested.len() as f64 <= Q_WANTED;
        q_values[at] = reachable.then_some(q);
    }
    q_values
}

/// Coordination measures of some groups.
fn coordination(
    setting: &Setting<'_>,
    cohorts: &Cohorts,
    groups: &[usize],
    links: &[Vec<u32>],
    watcher: &dyn Watcher,
) -> Result<Vec<Coordination>, Cancelled> {
    let peers = Peers { of: &cohorts.of, members: &cohorts.members };
    let (all, done) = (groups.len() as u64, AtomicU64::new(0));
    groups
        .par_iter()
        .map(|&at| {
            watcher.check()?;
            let measured = coordination::measure(setting, peers, at, &links[at]);
            watcher.step("measuring groups as one", done.fetch_add(1, Ordering::Relaxed) + 1, all, "groups");
            Ok(measured)
        })
        .collect()
}

/// Median over core members of their strongest link, in bits; 0 for one declared organisation.
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
