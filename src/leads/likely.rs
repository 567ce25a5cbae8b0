//! Accounts outside a lead that likely belong to it, and leads that are related to it.

use super::lead::Leads;
use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{Cancelled, Watcher};
use crate::query::group::{candidates, common_values};

/// Minimum membership probability of a likely member.
const MIN_PROBABILITY: f32 = 0.1;

/// Account outside a lead that likely belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct LikelyMember {
    /// The account.
    pub account: AccountIndex,
    /// Membership probability, 0 to 1; `None` where the model gives it less than a tenth.
    pub probability: Option<f32>,
    /// Rarity in bits of the values that it shares with the lead.
    pub bits: f32,
    /// Rare values that it shares with at least two members, rarest first.
    pub values: Vec<ValueIndex>,
}

/// Lead that shares rare values with another one.
#[derive(Clone, Debug, PartialEq)]
pub struct RelatedLead {
    /// Position in [`Leads::groups`].
    pub lead: usize,
    /// Values that at least two members of each have, rarest first.
    pub values: Vec<ValueIndex>,
}

/// At most `most` accounts outside a lead that its model gives a membership probability, or that share rare
/// values with it; the most probable first, then by bits.
pub fn likely_members(cache: &Cache, leads: &Leads, at: usize, most: usize) -> Vec<LikelyMember> {
    let Some(group) = leads.groups.get(at) else { return Vec::new() };
    let probability = |account: AccountIndex| {
        let rank = *leads.rank_of.get(account as usize)?;
        let nearest = leads.accounts.get(rank as usize)?.nearest?;
        (nearest.group as usize == at && nearest.probability >= MIN_PROBABILITY)
            .then_some(nearest.probability)
    };
    let mut found: Vec<LikelyMember> = candidates(cache, &group.accounts, usize::MAX)
        .into_iter()
        .map(|one| LikelyMember {
            probability: probability(one.account),
            account: one.account,
            bits: one.bits,
            values: one.values,
        })
        .collect();
    let mut sharing: Vec<AccountIndex> = found.iter().map(|one| one.account).collect();
    sharing.sort_unstable();
    let others = (0..cache.accounts().len() as AccountIndex).filter(|account| {
        group.accounts.binary_search(account).is_err() && sharing.binary_search(account).is_err()
    });
    found.extend(others.filter_map(|account| {
        let probability = Some(probability(account)?);
        Some(LikelyMember { account, probability, bits: 0.0, values: Vec::new() })
    }));
    found.sort_by(|a, b| {
        let p = |one: &LikelyMember| one.probability.unwrap_or(0.0);
        p(b).total_cmp(&p(a)).then(b.bits.total_cmp(&a.bits)).then(a.account.cmp(&b.account))
    });
    found.truncate(most);
    found
}

/// At most `most` other leads that share rare values with a lead, most values first.
///
/// # Errors
/// Only when cancelled.
pub fn related_leads(
    cache: &Cache,
    leads: &Leads,
    at: usize,
    most: usize,
    watcher: &dyn Watcher,
) -> Result<Vec<RelatedLead>, Cancelled> {
    let Some(group) = leads.groups.get(at) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (lead, other) in leads.groups.iter().enumerate().filter(|(lead, _)| *lead != at) {
        watcher.check()?;
        let values = common_values(cache, &group.accounts, &other.accounts);
        if !values.is_empty() {
            found.push(RelatedLead { lead, values });
        }
    }
    found.sort_by(|a, b| b.values.len().cmp(&a.values.len()).then(a.lead.cmp(&b.lead)));
    found.truncate(most);
    Ok(found)
}
