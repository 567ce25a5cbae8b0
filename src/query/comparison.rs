//! Comparison of two sides: sizes, times, shared values, and leads with members on them.

use super::{Pair, Selection, complement, overlap};
use crate::cache::{AccountIndex, Cache, ValueIndex};
use crate::model::{AttributeKind, Cancelled, Micros, Watcher};

/// Figures of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SideFigures {
    /// Accounts with an exchange.
    pub accounts: u64,
    /// Exchanges.
    pub exchanges: u64,
    /// Exchanges of the median account; `None` without accounts.
    pub median: Option<u64>,
    /// First and last exchange; `None` without exchanges.
    pub ends: Option<[Micros; 2]>,
    /// Topics with an exchange.
    pub topics: u64,
}

/// Values of one attribute on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedValues {
    /// The attribute.
    pub kind: AttributeKind,
    /// Number of distinct values among the accounts of the first side.
    pub a: u64,
    /// Number of distinct values among the accounts of the second side.
    pub b: u64,
    /// Number of values that both sides have.
    pub both: u64,
    /// The rarest of these, by accounts of the whole case; at most [`NAMED`].
    pub rarest: Vec<ValueIndex>,
}

/// A lead with the number of its members on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadMembers {
    /// Position of the lead.
    pub lead: usize,
    /// Members on the first side.
    pub a: u32,
    /// Members on the second.
    pub b: u32,
}

/// Both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The first side.
    pub a: SideFigures,
    /// The second side.
    pub b: SideFigures,
    /// Accounts and exchanges that both sides have.
    pub both: (u64, u64),
    /// Topics that both sides have.
    pub topics: u64,
    /// Attributes of which a side has a value.
    pub shared: Vec<SharedValues>,
    /// Leads with a member on either side, by their rank.
    pub leads: Vec<LeadMembers>,
}

/// Maximum number of named shared values.
pub const NAMED: usize = 3;

/// Compares two sides; `leads` gives the members of each lead.
///
/// # Errors
/// Only when cancelled.
pub fn compare<'a>(
    cache: &Cache,
    pair: &Pair,
    leads: impl Iterator<Item = &'a [u32]>,
    watcher: &dyn Watcher,
) -> Result<Comparison, Cancelled> {
    let made;
    let b = match &pair.b {
        Some(b) => b.as_ref(),
        None => {
            made = complement(cache.hot(), &pair.a);
            &made
        }
    };
    let a = pair.a.as_ref();
    let topics = [topics(cache, a, watcher)?, topics(cache, b, watcher)?];
    let count = |of: &[bool]| of.iter().filter(|has| **has).count() as u64;
    let mut shared = Vec::new();
    // Values and membership are of accounts: the peers of a scope are the accounts outside of it.
    let others = match pair.b {
        Some(_) => b.accounts.clone(),
        None => pair.others(cache.accounts().len()),
    };
    let sides = [a.accounts.as_slice(), others.as_slice()];
    for kind in AttributeKind::ALL {
        shared.extend(shared_values(cache, sides, kind, watcher)?);
    }
    let holds = sides.map(|accounts| membership(cache, accounts));
    let members = |of: &[u32], side: usize| of.iter().filter(|at| holds[side][**at as usize]).count() as u32;
    Ok(Comparison {
        a: SideFigures { topics: count(&topics[0]), ..figures(cache, a) },
        b: SideFigures { topics: count(&topics[1]), ..figures(cache, b) },
        both: overlap(a, b),
        topics: topics[0].iter().zip(&topics[1]).filter(|(a, b)| **a && **b).count() as u64,
        shared,
        leads: leads
            .enumerate()
            .map(|(lead, of)| LeadMembers { lead, a: members(of, 0), b: members(of, 1) })
            .filter(|found| found.a + found.b > 0)
            .collect(),
    })
}

fn figures(cache: &Cache, of: &Selection) -> SideFigures {
    let hot = cache.hot();
    let (mut first, mut last) = (Micros::MAX, Micros::MIN);
    let mut counts: Vec<u64> = Vec::with_capacity(of.accounts.len());
    for (_, runs) in of.by_account(hot) {
        counts.push(runs.iter().map(|run| run.len() as u64).sum());
        if let (Some(begin), Some(end)) = (runs.first(), runs.last()) {
            first = first.min(hot.ts[begin.start as usize]);
            last = last.max(hot.ts[end.end as usize - 1]);
        }
    }
    let middle = counts.len() / 2;
    let median = (!counts.is_empty()).then(|| *counts.select_nth_unstable(middle).1);
    SideFigures {
        accounts: of.accounts.len() as u64,
        exchanges: of.exchanges,
        median,
        ends: (of.exchanges > 0).then_some([first, last]),
        topics: 0,
    }
}

/// True for each topic with an exchange.
fn topics(cache: &Cache, of: &Selection, watcher: &dyn Watcher) -> Result<Vec<bool>, Cancelled> {
    let mut has = vec![false; cache.topics().len()];
    let topic_of = &cache.hot().topic;
    for (at, run) in of.runs.iter().enumerate() {
        if at % 4096 == 0 {
            watcher.check()?;
        }
        for &topic in topic_of.get(run.start as usize..run.end as usize).unwrap_or(&[]) {
            if let Some(has) = has.get_mut(usize::from(topic)) {
                *has = true;
            }
        }
    }
    Ok(has)
}

/// True for each account of the case that is on a side.
fn membership(cache: &Cache, of: &[AccountIndex]) -> Vec<bool> {
    let mut holds = vec![false; cache.accounts().len()];
    for &account in of {
        holds[account as usize] = true;
    }
    holds
}

/// Values of one attribute; `None` if no side has one.
fn shared_values(
    cache: &Cache,
    sides: [&[AccountIndex]; 2],
    kind: AttributeKind,
    watcher: &dyn Watcher,
) -> Result<Option<SharedValues>, Cancelled> {
    let range = cache.values_of_kind(kind);
    let mut has = vec![[false; 2]; range.len()];
    for (side, of) in sides.iter().enumerate() {
        for (at, &account) in of.iter().enumerate() {
            if at % 4096 == 0 {
                watcher.check()?;
            }
            for &(value, _) in cache.values_of(account) {
                let place = (value as usize).checked_sub(range.start);
                if let Some(has) = place.and_then(|place| has.get_mut(place)) {
                    has[side] = true;
                }
            }
        }
    }
    let count = |side: usize| has.iter().filter(|has| has[side]).count() as u64;
    let (a, b) = (count(0), count(1));
    let mut rarest: Vec<usize> =
        has.iter().enumerate().filter(|(_, has)| has[0] && has[1]).map(|(at, _)| range.start + at).collect();
    let both = rarest.len() as u64;
    rarest.sort_by_key(|&at| (cache.values()[at].accounts, at));
    rarest.truncate(NAMED);
    let rarest = rarest.into_iter().map(|at| at as ValueIndex).collect();
    Ok((a + b > 0).then_some(SharedValues { kind, a, b, both, rarest }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Scope, Silent};
    use crate::query::select;

    #[test]
    fn two_sides_and_what_they_share() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, _) = super::super::pivot::tests::ring(folder.path());
        let of = |ids: &[&str]| {
            let ids = ids.iter().map(|id| (*id).into()).collect();
            Arc::new(select(&cache, &Scope::default().with_accounts("x", ids), &Silent).unwrap())
        };
        let leads = [vec![0_u32, 1], vec![3]];
        let compare = |b| {
            let pair = Pair { a: of(&["a", "d"]), b };
            super::compare(&cache, &pair, leads.iter().map(Vec::as_slice), &Silent).unwrap()
        };
        let found = compare(Some(of(&["b", "d"])));
        assert_eq!((found.a.accounts, found.b.accounts, found.both.0), (2, 2, 1));
        let members: Vec<_> = found.leads.iter().map(|lead| (lead.lead, lead.a, lead.b)).collect();
        assert_eq!(members, [(0, 1, 1), (1, 1, 1)]);
        let ip = found.shared.iter().find(|shared| shared.kind == AttributeKind::Ip).unwrap();
        let named: Vec<_> = ip.rarest.iter().map(|at| cache.values()[*at as usize].value.as_str()).collect();
        assert_eq!(named, ["10.9.9.9", "10.0.0.1"], "the rarer value first");
        let peers = compare(None);
        assert_eq!(peers.a.accounts + peers.b.accounts, cache.accounts().len() as u64);
        assert_eq!(peers.both, (0, 0));
        assert!(peers.a.median.is_some() && peers.a.ends.is_some());
    }
}
