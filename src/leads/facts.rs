//! What there is to say of a linked group: its tests, what ties it, and plain facts.

use std::collections::{BTreeMap, BTreeSet};

use super::SignalColumn;
use super::as_one::{self, AsOne};
use super::cohort::{self, Cohorts};
use super::group::GroupTest;
use super::reason::{self, Reason, number};
use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{AttributeKind, visible};
use crate::signals::linkage::Linkage;
use crate::signals::{About, Axis, Outcome};

/// Shared values that are named in one sentence.
const NAMED: usize = 4;

/// By group, positions of the links that begin in it. Gathered once: there may be as many groups as accounts.
pub(super) fn links_of_groups(linkage: &Linkage) -> Vec<Vec<u32>> {
    let mut links = vec![Vec::new(); linkage.groups.len()];
    for (at, link) in linkage.links.iter().enumerate() {
        if let Some(group) = linkage.group_of[link.a as usize] {
            links[group as usize].push(at as u32);
        }
    }
    links
}

/// Why a group is put forward, with those who joined it of this size: what was tested, strongest
/// first, then what it does as one, what ties it, and facts. All but one speak of the linked accounts.
#[expect(clippy::too_many_arguments, reason = "all that is known of a group")]
pub(super) fn reasons(
    cache: &Cache,
    linkage: &Linkage,
    links: &[u32],
    as_one: AsOne,
    group: usize,
    size: usize,
    columns: &[SignalColumn],
    cohorts: &Cohorts,
    test: &GroupTest,
) -> Vec<Reason> {
    let members = &linkage.groups[group];
    let cohort = |account: AccountIndex| cohorts.name(cache, cohorts.of[account as usize] as usize);
    let mut reasons: Vec<Reason> = columns
        .iter()
        .zip(&test.signals)
        .filter(|(column, _)| column.about.axis == Axis::Extraction)
        .map(|(column, test)| {
            let all = column.about.is_a_volume.then(|| cohort::all(cache.accounts().len()));
            let peers = |account| all.clone().unwrap_or_else(|| cohort(account));
            Reason {
                examples: examples(column, members),
                ..Reason::of_group(column, members.len(), *test, peers)
            }
        })
        .collect();
    reason::sort(&mut reasons);
    reasons.extend(as_one.reasons);
    // Facts are told under the signal that formed the group.
    if let Some(column) = columns.iter().find(|column| column.about.axis == Axis::CommonControl) {
        let about = column.about;
        reasons.push(ties(cache, linkage, links, group, about));
        reasons.extend(joined(members.len(), size).map(|text| Reason::fact(about, "likely members", text)));
        reasons
            .extend(shared_payment(cache, members).map(|text| Reason::fact(about, "shared payment", text)));
        reasons.extend(as_one.p.map(|p| Reason::fact(about, "acting as one", as_one::sentence(p))));
    }
    reasons
}

/// Exchanges of the three members that stand highest.
fn examples(column: &SignalColumn, members: &[AccountIndex]) -> Vec<u32> {
    let mut order: Vec<(f64, AccountIndex)> =
        members.iter().filter_map(|&account| Some((column.p[account as usize]?, account))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let first = |&(_, account): &(f64, AccountIndex)| match &column.outcomes[account as usize] {
        Outcome::Measured { examples, .. } => examples.first().copied(),
        Outcome::NotApplicable(_) => None,
    };
    order.iter().filter_map(first).take(3).collect()
}

fn ties(cache: &Cache, linkage: &Linkage, links: &[u32], group: usize, about: &About) -> Reason {
    let members = &linkage.groups[group];
    if linkage.one_organisation[group] {
        let text = format!(
            "All {} accounts declare one organisation; what they share is no sign of hidden control.",
            members.len()
        );
        return Reason::fact(about, "one organisation", text);
    }
    let (named, more) = tying(cache, linkage, links);
    let mut bits: Vec<f32> = members.iter().map(|&account| linkage.strongest[account as usize]).collect();
    bits.sort_by(f32::total_cmp);
    let text = format!(
        "Half of its {} linked accounts have a tie of {} bits or more to another: one bit for each halving of how many others have \
         what they share, as if the things shared had nothing to do with one another. What ties the most pairs first: {}{}. This \
         formed the group, so it is not tested.",
        members.len(),
        number(f64::from(bits[bits.len() / 2])),
        named.join(", "),
        and_more(more)
    );
    Reason::fact(about, about.title, text)
}

/// What ties the accounts of a group, the value that ties most pairs first, in a line.
pub(super) fn shares(cache: &Cache, linkage: &Linkage, links: &[u32], group: usize) -> String {
    if linkage.one_organisation[group] {
        return "one declared organisation".to_owned();
    }
    let (named, more) = tying(cache, linkage, links);
    format!("{}{}", named.join(", "), and_more(more))
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" and {more} more") }
}

/// The first values that tie most pairs of a group, by name, and the number of the others.
fn tying(cache: &Cache, linkage: &Linkage, links: &[u32]) -> (Vec<String>, usize) {
    let mut times: BTreeMap<ValueIndex, usize> = BTreeMap::new();
    for &link in links {
        for &value in &linkage.links[link as usize].values {
            *times.entry(value).or_default() += 1;
        }
    }
    let mut order: Vec<(ValueIndex, usize)> = times.into_iter().collect();
    // What ties most of the group comes first; a rare coincidence of two says little of thirty.
    order.sort_by_key(|&(value, links)| {
        (std::cmp::Reverse(links), cache.values()[value as usize].accounts, value)
    });
    let named = order.iter().take(NAMED).map(|&(value, _)| name(cache, value));
    (named.collect(), order.len().saturating_sub(NAMED))
}

/// Those who are not linked themselves; `None` where there are none.
fn joined(linked: usize, size: usize) -> Option<String> {
    let more = size.checked_sub(linked).filter(|&more| more > 0)?;
    Some(format!(
        "{more} of all {size} accounts are not linked closely enough to the {linked} that form the group. They were counted to them, \
         because by what they share with them, how they are used and what they ask, a model of this case gives each, or half of \
         those it is linked to, odds of 19 to 1 or better of being one of them. The model's error rate has not been measured. All \
         other sentences speak of the {linked}."
    ))
}

/// `payment pm_12 (4 accounts of the case)`.
fn name(cache: &Cache, value: ValueIndex) -> String {
    let value = &cache.values()[value as usize];
    let short: String = value.value.chars().take(60).collect();
    format!("{} {} ({} accounts of the case)", value.kind.title(), visible(&short), value.accounts)
}

/// Members that pay with what another member pays with; `None` where there are none.
fn shared_payment(cache: &Cache, members: &[AccountIndex]) -> Option<String> {
    let payments = |account: AccountIndex| {
        cache
            .values_of(account)
            .iter()
            .map(|&(value, _)| value)
            .filter(|&value| cache.values()[value as usize].kind == AttributeKind::PaymentFingerprint)
    };
    let mut payers: BTreeMap<ValueIndex, Vec<AccountIndex>> = BTreeMap::new();
    for &account in members {
        for value in payments(account) {
            payers.entry(value).or_default().push(account);
        }
    }
    payers.retain(|_, payers| payers.len() > 1);
    let means = payers.len();
    let shared: BTreeSet<AccountIndex> = payers.into_values().flatten().collect();
    (!shared.is_empty()).then(|| {
        format!(
            "{} of its {} linked accounts pay with what another account of the group pays with too; together with {means} such \
             cards or accounts.",
            shared.len(),
            members.len()
        )
    })
}
