//! Reasons and facts of a linked group.

use std::collections::{BTreeMap, BTreeSet};

use super::SignalColumn;
use super::cohort::{self, Cohorts};
use super::coordination::Coordination;
use super::group::GroupTest;
use super::reason::{Reason, number};
use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{AttributeKind, counted, format_count, visible};
use crate::signals::linkage::Linkage;
use crate::signals::{About, Axis, Examples, Outcome};

/// Shared values that are named in one sentence.
const NAMED: usize = 4;

/// Positions of the links of each group. Gathered once, since there may be as many groups as accounts.
pub(super) fn links_of_groups(linkage: &Linkage) -> Vec<Vec<u32>> {
    let mut links = vec![Vec::new(); linkage.groups.len()];
    for (at, link) in linkage.links.iter().enumerate() {
        let (a, b) = (linkage.group_of[link.a as usize], linkage.group_of[link.b as usize]);
        // A community may have taken one end away.
        if let Some(group) = a.filter(|_| a == b) {
            links[group as usize].push(at as u32);
        }
    }
    links
}

/// Reasons for a lead of `size` core and joined members: signals, measures of common control, links and facts.
/// All but one sentence describe the core members.
#[expect(clippy::too_many_arguments, reason = "all inputs of a group's reasons")]
pub(super) fn reasons(
    cache: &Cache,
    linkage: &Linkage,
    links: &[u32],
    coordination: Coordination,
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
            let all = column.about.rises_with_volume.then(|| cohort::all(cache.accounts().len()));
            let peers = |account| all.clone().unwrap_or_else(|| cohort(account));
            Reason { examples: examples(column, members), ..Reason::of_group(column, members, *test, peers) }
        })
        .collect();
    reasons.extend(coordination.reasons);
    // Facts are listed under the signal that formed the group.
    if let Some(column) = columns.iter().find(|column| column.about.axis == Axis::CommonControl) {
        let about = column.about;
        // A community may share nothing.
        if !links.is_empty() || linkage.one_organisation[group] {
            reasons.push(ties(cache, linkage, links, group, about));
        }
        reasons.extend(joined(members.len(), size).map(|text| Reason::fact(about, "joined members", text)));
        reasons
            .extend(shared_payment(cache, members).map(|text| Reason::fact(about, "shared payment", text)));
    }
    reasons
}

/// Example exchanges of the three members with the smallest p-values.
fn examples(column: &SignalColumn, members: &[AccountIndex]) -> Examples {
    let mut order: Vec<(f64, AccountIndex)> =
        members.iter().filter_map(|&account| Some((column.p(account)?, account))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let first = |&(_, account): &(f64, AccountIndex)| match &column.outcomes[account as usize] {
        Outcome::Measured { examples, .. } => examples.first().copied(),
        Outcome::NotApplicable(_) => None,
    };
    order.iter().filter_map(first).collect()
}

fn ties(cache: &Cache, linkage: &Linkage, links: &[u32], group: usize, about: &'static About) -> Reason {
    let members = &linkage.groups[group];
    if linkage.one_organisation[group] {
        let text = format!(
            "{} accounts declare one organisation, so shared values are not evidence of hidden control.",
            format_count(members.len() as u64)
        );
        return Reason::fact(about, "one organisation", text);
    }
    let (named, all) = tying(cache, linkage, links, members);
    let mut bits: Vec<f32> = members.iter().map(|&account| linkage.strongest[account as usize]).collect();
    bits.sort_by(f32::total_cmp);
    let text = format!(
        "{} bits: median of the strongest links of its {} core accounts. Each bit halves the share of other accounts that have \
         the shared values, which are taken as independent. {} make the links; those of most links first: {}{}. Links formed \
         the group, so their bits are not tested.",
        number(f64::from(bits[(bits.len() - 1) / 2])),
        format_count(members.len() as u64),
        counted(all as u64, "shared value", "shared values"),
        named.join(", "),
        and_more(all - named.len())
    );
    Reason::fact(about, "shared values", text)
}

/// Values of most links of a group, in a line.
pub(super) fn shares(cache: &Cache, linkage: &Linkage, links: &[u32], group: usize) -> String {
    if linkage.one_organisation[group] {
        return "one declared organisation".to_owned();
    }
    let (named, all) = tying(cache, linkage, links, &linkage.groups[group]);
    format!("{}{}", named.join(", "), and_more(all - named.len()))
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" and {more} more") }
}

/// Names of the values of most links of a group, and the number of all values that make links.
fn tying(cache: &Cache, linkage: &Linkage, links: &[u32], members: &[AccountIndex]) -> (Vec<String>, usize) {
    let mut times: BTreeMap<ValueIndex, usize> = BTreeMap::new();
    for &link in links {
        for &value in &linkage.links[link as usize].values {
            *times.entry(value).or_default() += 1;
        }
    }
    let mut order: Vec<(ValueIndex, usize)> = times.into_iter().collect();
    // Values of most links come first; a rare coincidence of two accounts says little about thirty.
    order.sort_by_key(|&(value, links)| {
        (std::cmp::Reverse(links), cache.values()[value as usize].accounts, value)
    });
    let named = order.iter().take(NAMED).map(|&(value, _)| shared_value(cache, value, members));
    (named.collect(), order.len())
}

/// Sentence on the joined members; `None` where there are none.
fn joined(linked: usize, size: usize) -> Option<String> {
    let more = size.checked_sub(linked).filter(|&more| more > 0)?;
    let [more, linked, size] = [more, linked, size].map(|count| format_count(count as u64));
    Some(format!(
        "{more} of {size} accounts joined the {linked} core accounts; their links alone are too weak. A model of this case \
         weighs shared values, use and prompts. It gives each of them, or half of the accounts it is linked to, a membership \
         probability of at least 95 %. The model's error rate has not been measured. All other sentences describe the core \
         accounts."
    ))
}

/// Name of a value that core accounts share, by a cache with the names to print: `payment pm_12 (3 of 40 core
/// accounts, 4 of the case)`.
pub fn shared_value(cache: &Cache, value: ValueIndex, core: &[AccountIndex]) -> String {
    let having = cache.accounts_with(value);
    let own = having.iter().filter(|account| core.binary_search(account).is_ok()).count();
    let value = &cache.values()[value as usize];
    let short: String = value.value.chars().take(60).collect();
    let [own, core, all] = [own as u64, core.len() as u64, value.accounts.into()].map(format_count);
    format!("{} {} ({own} of {core} core accounts, {all} of the case)", value.kind.title(), visible(&short))
}

/// Sentence on payment methods that several core members share; `None` where there are none.
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
            "{} of {} core accounts pay with a payment method of another core account; shared payment methods: {means}.",
            format_count(shared.len() as u64),
            format_count(members.len() as u64)
        )
    })
}
