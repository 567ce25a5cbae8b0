//! Linked groups as leads: ids, order, q-values and reasons.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::cohort::Cohorts;
use super::content::{self, ContentLead, DividedPool, EventData};
use super::coordination::{self, Coordination};
use super::group::GroupTest;
use super::lead::{GroupLead, METHOD, names};
use super::reason::{self, Reason};
use super::{SignalColumn, facts};
use crate::cache::{AccountIndex, Cache};
use crate::model::{Cancelled, LeadId, LeadRef, SharedTexts, TimeSpan, Watcher};
use crate::signals::linkage::Linkage;
use crate::signals::{Peers, Setting};
use crate::stats::multiple::benjamini_hochberg;
use crate::stats::normal;

/// False discovery rate that the q-value of a lead must be able to reach.
const Q_WANTED: f64 = 0.1;

/// Leads whose coordination is measured, from the first rank; each takes a thousand random draws.
const MAX_MEASURED: usize = 100;

/// Results by group.
#[derive(Clone, Copy)]
pub(super) struct Formed<'a> {
    /// Test of each group.
    pub tests: &'a [GroupTest],
    /// Z-score over core and joined members.
    pub group_z: &'a [Option<f64>],
    /// Community of each group; `None` for linked groups.
    pub content: &'a [Option<ContentLead>],
    /// Divided pool of each linked group.
    pub pools: &'a [Option<DividedPool>],
    /// True for linked groups that are one unit.
    pub one_unit: &'a [bool],
    /// True for outstanding linked groups.
    pub is_outstanding: &'a [bool],
}

impl Formed<'_> {
    /// log₁₀ of the value by which communities and divided pools that stand out are ranked; 0 for all other groups.
    /// Of a community it is the geometric mean of three p-values: of both tests of its events, and of the z-score of
    /// its members' signals, which tells a pool that is harvested from innocents who ask alike.
    fn ranked_log10_p(&self, group: usize) -> f64 {
        match &self.content[group] {
            Some(content) => {
                let of_signals = self.group_z[group].map_or(0.0, |z| normal::upper_tail(z).log10());
                (2.0 * content.ranked_log10_p + of_signals) / 3.0
            }
            None => self.pools[group].filter(DividedPool::stands_out).map_or(0.0, |pool| pool.log10_p()),
        }
    }

    /// p-value of each group: the corrected one of a community, else Rüger's, with the smallest it could be.
    fn p(&self, group: usize) -> (Option<f64>, f64) {
        match &self.content[group] {
            Some(content) => (Some(10.0_f64.powf(content.log10_p)), 0.0),
            None => (self.tests[group].p, self.tests[group].floor),
        }
    }
}

/// Leads in rank order, and the rank of each group. Communities and divided pools that stand out come first, by their
/// p-values before correction for the number of groups; then outstanding linked groups; then groups of several units
/// before those of one. Linked groups are ordered by z-score, then bits, then size. A group that has joined another
/// one is no lead.
pub(super) fn group_leads(
    setting: &Setting<'_>,
    columns: &[SignalColumn],
    cohorts: &Cohorts,
    formed: Formed<'_>,
    mut members: Vec<Vec<AccountIndex>>,
    watcher: &dyn Watcher,
) -> Result<(Vec<GroupLead>, Vec<u32>), Cancelled> {
    let (cache, linkage) = (setting.cache, setting.linkage);
    let Formed { tests, group_z, content, pools, one_unit, .. } = formed;
    let bits: Vec<f64> = (0..tests.len()).map(|at| control_bits(linkage, at)).collect();
    let q_values = q_values(formed);
    let z = |at: usize| group_z[at].unwrap_or(f64::NEG_INFINITY);
    // A group that has joined another one is no lead of its own.
    let mut order: Vec<usize> = (0..tests.len()).filter(|&at| !members[at].is_empty()).collect();
    order.sort_by(|&a, &b| {
        (formed.ranked_log10_p(a).total_cmp(&formed.ranked_log10_p(b)))
            .then(formed.is_outstanding[b].cmp(&formed.is_outstanding[a]))
            .then(one_unit[a].cmp(&one_unit[b]))
            .then(z(b).total_cmp(&z(a)))
            .then(bits[b].total_cmp(&bits[a]))
            .then(a.cmp(&b))
    });
    let mut lead_of = vec![0; tests.len()];
    let mut leads = Vec::with_capacity(order.len());
    let mut sentences = SharedTexts::default();
    let ids = ids(cache, order.iter().map(|&at| &linkage.groups[at]));
    let tested = (0..tests.len()).filter(|&at| formed.p(at).0.is_some()).count() as u32;
    let links = facts::links_of_groups(linkage);
    let mut coordination =
        coordination(setting, cohorts, &order[..order.len().min(MAX_MEASURED)], &links, content, watcher)?;
    for ((rank, &at), id) in order.iter().enumerate().zip(ids) {
        let coordination = coordination.get_mut(rank).map(std::mem::take).unwrap_or_default();
        lead_of[at] = rank as u32;
        let accounts = std::mem::take(&mut members[at]);
        let (exchanges, span) = extent(cache, &accounts);
        let common_control_p = coordination.p;
        let mut reasons = sorted([
            content[at].as_ref().map_or_else(Vec::new, |content| content::reasons(cache, content)),
            pools[at].iter().map(content::of_pool).collect(),
            facts::reasons(
                cache,
                linkage,
                &links[at],
                coordination,
                at,
                // A community's own reasons name its joined members.
                if content[at].is_some() { linkage.groups[at].len() } else { accounts.len() },
                columns,
                cohorts,
                &tests[at],
            ),
        ]);
        reasons.iter_mut().for_each(|reason| sentences.share(&mut reason.sentence));
        leads.push(GroupLead {
            id,
            core: linkage.groups[at].clone(),
            exchanges,
            span,
            common_control_bits: bits[at],
            common_control_p,
            z_score: group_z[at],
            extraction_p: formed.p(at).0,
            tested,
            shares: shares(cache, linkage, &links[at], at, content[at].as_ref()),
            q_value: q_values[at],
            ranked_only: formed.p(at).0.is_some() && q_values[at].is_none(),
            reasons,
            accounts,
            events: content[at].as_ref().map_or_else(EventData::default, |content| content.data.clone()),
        });
    }
    Ok((leads, lead_of))
}

/// Reasons of all kinds, smallest p-value first; those without a test keep their order.
fn sorted(reasons: [Vec<Reason>; 3]) -> Vec<Reason> {
    let mut reasons = reasons.concat();
    reason::sort(&mut reasons);
    reasons
}

/// Ids of leads, given their core accounts.
fn ids<'a>(cache: &Cache, cores: impl Iterator<Item = &'a Vec<AccountIndex>>) -> Vec<LeadId> {
    let digest = |core: &Vec<AccountIndex>| LeadRef::digest(METHOD, &names(cache, core));
    LeadId::of_list(&cores.map(digest).collect::<Vec<_>>())
}

/// Benjamini–Hochberg q-value of each tested group; `None` where the peers are too few to reach [`Q_WANTED`].
fn q_values(formed: Formed<'_>) -> Vec<Option<f64>> {
    let groups = formed.tests.len();
    let tested: Vec<usize> = (0..groups).filter(|&at| formed.p(at).0.is_some()).collect();
    let p_values: Vec<f64> = tested.iter().filter_map(|&at| formed.p(at).0).collect();
    let mut q_values = vec![None; groups];
    for (&at, q) in tested.iter().zip(benjamini_hochberg(&p_values)) {
        // With fewer peers even the strongest lead could not reach it.
        let reachable = formed.p(at).1 * tested.len() as f64 <= Q_WANTED;
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
    content: &[Option<ContentLead>],
    watcher: &dyn Watcher,
) -> Result<Vec<Coordination>, Cancelled> {
    let peers = Peers { of: &cohorts.of, members: &cohorts.members };
    let (all, done) = (groups.len() as u64, AtomicU64::new(0));
    groups
        .par_iter()
        .map(|&at| {
            watcher.check()?;
            let measured = coordination::measure(setting, peers, at, &links[at], content[at].is_some());
            watcher.step("measuring groups as one", done.fetch_add(1, Ordering::Relaxed) + 1, all, "groups");
            Ok(measured)
        })
        .collect()
}

/// Common traits of the core accounts, in a line: their main topic, and the values that most pairs share.
fn shares(
    cache: &Cache,
    linkage: &Linkage,
    links: &[u32],
    group: usize,
    content: Option<&ContentLead>,
) -> String {
    let values = facts::shares(cache, linkage, links, group);
    let asked = content.and_then(|content| content::asked(cache, &content.core));
    [asked.unwrap_or_default(), values]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::abouts;

    #[test]
    fn reasons_of_all_kinds_are_in_the_order_of_their_p_values() {
        let about = abouts().next().unwrap();
        let reason =
            |title: &'static str, p: Option<f64>| Reason { p, ..Reason::fact(about, title, String::new()) };
        let content = vec![reason("event", Some(0.27)), reason("content community", None)];
        let linked =
            vec![reason("early use", Some(1.0)), reason("links", None), reason("sign-up", Some(0.001))];
        let titles: Vec<_> =
            sorted([content, Vec::new(), linked]).into_iter().map(|reason| reason.title).collect();
        assert_eq!(titles, ["sign-up", "event", "early use", "content community", "links"]);
    }
}
