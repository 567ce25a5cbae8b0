//! Benign explanation that fits a lead best, chosen by marks that can be counted.
//!
//! A mark is not a finding: it selects the explanation to weigh first.

use super::lead::GroupLead;
use crate::cache::{AccountIndex, Cache};
use crate::model::{AttributeKind, format_count, visible};
use crate::query::group::GroupFacts;

/// Minimum share of the members that have one value where it marks the group.
const MIN_SHARE: f64 = 0.6;
/// Largest share of all accounts that have such a value: mail providers and carriers are no mark.
const MAX_COMMON: f64 = 0.1;
/// Hours of the week in which a class meets.
const LESSON_HOURS: usize = 8;
/// Minimum share of a group's exchanges in these hours.
const MIN_LESSON_SHARE: f64 = 0.5;

/// Innocent explanation of a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Innocent {
    /// Name, equal for leads with the same explanation: `one organisation`.
    pub kind: String,
    /// The mark in a sentence, hostile characters visible.
    pub mark: String,
}

impl Innocent {
    /// True if its mark is a shared value: it explains what ties the accounts, and not what they do.
    pub fn is_of_ties(&self) -> bool {
        OF_TIES.contains(&self.kind.as_str())
    }
}

/// Explanations whose mark is a shared value.
const OF_TIES: [&str; 4] = ["one organisation", "one company", "agency or reseller", "shared network"];

/// The explanation that fits best; `None` for a lead without any reason.
pub fn innocent(cache: &Cache, group: &GroupLead, facts: &GroupFacts) -> Option<Innocent> {
    one_organisation(group)
        .or_else(|| lesson(group, facts))
        .or_else(|| one_value(cache, group, AttributeKind::OrgId, "one organisation"))
        .or_else(|| one_value(cache, group, AttributeKind::EmailDomain, "one company"))
        .or_else(|| one_value(cache, group, AttributeKind::PaymentFingerprint, "agency or reseller"))
        .or_else(|| one_value(cache, group, AttributeKind::Ip24, "shared network"))
        .or_else(|| look_alike(group))
}

fn one_organisation(group: &GroupLead) -> Option<Innocent> {
    let reason = group.reasons.iter().find(|reason| reason.title == "one organisation")?;
    Some(Innocent { kind: reason.title.to_string(), mark: reason.sentence.to_string() })
}

fn lesson(group: &GroupLead, facts: &GroupFacts) -> Option<Innocent> {
    const MIN_ACCOUNTS: usize = 8;
    let mut hours = facts.hours.clone();
    hours.sort_unstable_by(|a, b| b.cmp(a));
    let busy: u32 = hours.iter().take(LESSON_HOURS).sum();
    let share = f64::from(busy) / group.exchanges.max(1) as f64;
    (group.accounts.len() >= MIN_ACCOUNTS && share >= MIN_LESSON_SHARE).then(|| Innocent {
        kind: "class or event".to_owned(),
        mark: format!(
            "{:.0} % of its exchanges fall into {LESSON_HOURS} of the 168 hours of the week.",
            100.0 * share
        ),
    })
}

/// One value of a kind that most members have and few other accounts.
fn one_value(cache: &Cache, group: &GroupLead, kind: AttributeKind, name: &str) -> Option<Innocent> {
    let (value, members) = cache
        .values_of_kind(kind)
        .filter_map(|at| {
            let holders = cache.accounts_with(at as u32);
            // Members are counted only where enough accounts have the value, and not too many.
            let enough = holders.len() as f64 >= MIN_SHARE * group.accounts.len() as f64
                && holders.len() as f64
                    <= (MAX_COMMON * cache.accounts().len() as f64).max(group.accounts.len() as f64);
            enough.then(|| (at, common(holders, &group.accounts)))
        })
        .max_by_key(|&(at, members)| (members, std::cmp::Reverse(at)))?;
    if (members as f64) < MIN_SHARE * group.accounts.len() as f64 {
        return None;
    }
    let value = &cache.values()[value];
    Some(Innocent {
        kind: name.to_owned(),
        mark: format!(
            "{} of {} accounts have the {} {}.",
            format_count(members as u64),
            format_count(group.accounts.len() as u64),
            kind.title(),
            visible(&value.value),
        ),
    })
}

/// Number of accounts in two ascending lists.
fn common(a: &[AccountIndex], b: &[AccountIndex]) -> usize {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    small.iter().filter(|account| large.binary_search(account).is_ok()).count()
}

/// First look-alike of the strongest reason.
fn look_alike(group: &GroupLead) -> Option<Innocent> {
    let reason = group.key_reasons().chain(&group.reasons).find(|reason| !reason.benign.is_empty())?;
    let first = reason.benign.split(';').next().unwrap_or_default().trim();
    Some(Innocent {
        kind: first.to_owned(),
        mark: format!("It has the same figures as the strongest reason, {}.", reason.title),
    })
}

/// Benign explanation of the lead's strongest reason, which a common list of explanations may lack.
pub fn own_explanation(group: &GroupLead) -> Option<String> {
    look_alike(group).map(|found| found.kind)
}
