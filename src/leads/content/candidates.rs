//! Candidates: communities at several scales and linked groups, tested; the strongest are kept, each account
//! counted in one.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::evidence::{Columns, Evidence, MIN_UNITS};
use super::tier::Tier;
use crate::model::{Cancelled, Watcher};
use crate::stats::communities::communities_by_strength;

/// Scales of communities, in accounts; beyond these the scale doubles up to half of all accounts.
const SCALES: [f64; 5] = [80.0, 150.0, 260.0, 500.0, 1_000.0];

/// Largest log₁₀ of a p-value of a community that is tested again. With −0.9 a pool of 20 accounts and two of 10 were
/// lost before the second test, which rejects most others.
pub(super) const MAX_LOG10_P: f64 = 0.13;

/// Maximum number of communities of a tier that are tested again.
const MAX_COMMUNITIES: usize = 16;

/// Minimum share of a community's accounts that no stronger one has.
const MIN_LEFT: f64 = 0.5;

/// A community with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    /// Ascending positions in the tier.
    pub members: Vec<u32>,
    /// Those that no stronger candidate counts, ascending.
    pub counted: Vec<u32>,
    /// Their evidence.
    pub evidence: Evidence,
    /// log₁₀ of the p-value of all members.
    pub whole_log10_p: f64,
}

impl Candidate {
    /// A community whose members are all counted.
    pub fn new(members: Vec<u32>, evidence: Evidence) -> Self {
        Self { counted: members.clone(), members, whole_log10_p: evidence.log10_p, evidence }
    }
}

/// Strongest candidates among communities of a tier and linked groups, strongest first, and the number of
/// groups tested. `linked` are ascending positions in the tier.
///
/// # Errors
/// Only when cancelled.
pub(super) fn candidates(
    tier: &Tier<'_>,
    columns: &Columns,
    linked: Vec<Vec<u32>>,
    watcher: &dyn Watcher,
) -> Result<(Vec<Candidate>, usize), Cancelled> {
    let mut found = communities(tier, watcher)?;
    found.extend(linked);
    found.sort_unstable();
    found.dedup();
    let (done, number) = (AtomicU64::new(0), found.len() as u64);
    let mut tested = found
        .into_par_iter()
        .map(|members| {
            watcher.check()?;
            let before = done.fetch_add(1, Ordering::Relaxed);
            if before.is_multiple_of(64) {
                watcher.step("testing communities", before, number, "communities");
            }
            let evidence = columns.evidence(tier, &members);
            Ok(Candidate::new(members, evidence))
        })
        .collect::<Result<Vec<_>, Cancelled>>()?;
    tested.retain(|candidate| !candidate.evidence.events.is_empty());
    let number = tested.len();
    tested.sort_by(|a, b| {
        (a.evidence.log10_p.total_cmp(&b.evidence.log10_p))
            .then(b.members.len().cmp(&a.members.len()))
            .then_with(|| a.members.cmp(&b.members))
    });
    let (kept, again) = disjoint(tier, columns, tested);
    Ok((kept, number + again))
}

/// Strongest candidates, and the number of further tests. Communities of several scales contain one another, so one of
/// whose accounts a stronger one counts some is tested again on the others, if at least half are left.
fn disjoint(tier: &Tier<'_>, columns: &Columns, tested: Vec<Candidate>) -> (Vec<Candidate>, usize) {
    // Weakest first.
    let mut queue: Vec<Candidate> = tested.into_iter().rev().collect();
    let mut taken = vec![false; tier.len()];
    let (mut kept, mut again) = (Vec::new(), 0);
    while let Some(candidate) = queue.pop() {
        if candidate.evidence.log10_p > MAX_LOG10_P || kept.len() == MAX_COMMUNITIES {
            break;
        }
        let left: Vec<u32> = candidate.counted.iter().copied().filter(|&at| !taken[at as usize]).collect();
        if left.len() == candidate.counted.len() {
            left.iter().for_each(|&at| taken[at as usize] = true);
            kept.push(candidate);
        } else if left.len() >= MIN_UNITS && left.len() as f64 >= MIN_LEFT * candidate.members.len() as f64 {
            let evidence = columns.evidence(tier, &left);
            again += 1;
            if !evidence.events.is_empty() {
                let p = evidence.log10_p;
                let at = queue.partition_point(|other| other.evidence.log10_p > p);
                queue.insert(at, Candidate { counted: left, evidence, ..candidate });
            }
        }
    }
    (kept, again)
}

/// Communities of all scales with at least [`MIN_UNITS`] accounts, as ascending positions.
fn communities(tier: &Tier<'_>, watcher: &dyn Watcher) -> Result<Vec<Vec<u32>>, Cancelled> {
    let n = tier.len();
    let edges = edges(tier);
    let largest = n as f64 / 2.0;
    let doubled = std::iter::successors(SCALES.last().map(|last| 2.0 * last), |scale| Some(2.0 * scale));
    let scales: Vec<f64> = SCALES
        .into_iter()
        .chain(doubled.take_while(|&scale| scale <= largest))
        .filter(|&scale| scale < n as f64)
        .collect();
    let parts = scales
        .par_iter()
        .map(|&scale| {
            watcher.check()?;
            Ok(communities_by_strength(n, &edges, scale))
        })
        .collect::<Result<Vec<Vec<u32>>, Cancelled>>()?;
    let mut found: Vec<Vec<u32>> = Vec::new();
    for of in parts {
        let mut order: Vec<(u32, u32)> = of.iter().enumerate().map(|(at, &name)| (name, at as u32)).collect();
        order.sort_unstable();
        let communities = order.chunk_by(|a, b| a.0 == b.0).filter(|members| members.len() >= MIN_UNITS);
        found.extend(communities.map(|members| members.iter().map(|&(_, at)| at).collect::<Vec<u32>>()));
    }
    Ok(found)
}

/// Graph of neighbours weighted by cosine, both directions added; neighbours with a cosine of 0 or less have
/// no edge.
fn edges(tier: &Tier<'_>) -> Vec<(u32, u32, f64)> {
    let mut edges = Vec::new();
    for (at, near) in tier.neighbours.iter().enumerate() {
        let at = at as u32;
        edges.extend(
            near.iter()
                .filter(|(cosine, _)| *cosine > 0.0)
                .map(|&(cosine, other)| (at.min(other), at.max(other), f64::from(cosine))),
        );
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::super::events::OF_USERS;
    use super::super::lead::MIN_USER_EXCHANGES;
    use super::super::testing::case;
    use super::*;
    use crate::model::Silent;

    /// Subject 0, whose first thirty accounts are new and heavy; a community of these, one of all sixty and one of
    /// forty; another subject.
    #[test]
    fn an_account_is_evidence_for_one_candidate() {
        let (prompts, mut case) = case(5, false);
        for account in (0..300).step_by(10) {
            case.of[account].created = Some(account as i64 * 3_600_000_000);
            case.of[account].exchanges = 90 + account as u32 % 7;
        }
        let tier = Tier::new(&case, &prompts, MIN_USER_EXCHANGES, &Silent).unwrap();
        let columns = Columns::new(&tier, OF_USERS);
        let of = |subject: u32, accounts: std::ops::Range<u32>| {
            let members: Vec<u32> = accounts.map(|at| 10 * at + subject).collect();
            let evidence = columns.evidence(&tier, &members);
            Candidate::new(members, evidence)
        };
        let mut tested = vec![of(0, 0..30), of(0, 0..60), of(0, 0..40), of(1, 0..50)];
        let alone = tested[3].clone();
        tested.iter_mut().for_each(|one| one.evidence.log10_p = one.evidence.log10_p.min(0.1));
        tested.sort_by(|a, b| a.evidence.log10_p.total_cmp(&b.evidence.log10_p));
        assert_eq!([tested[0].members.len(), tested[3].members.len()], [30, 50]);
        let (kept, again) = disjoint(&tier, &columns, tested);
        assert_eq!(again, 1);
        assert_eq!(kept[0].members, of(0, 0..30).members);
        // Half of the sixty are left, and show nothing; of the forty too few are left.
        let rest = of(0, 30..60);
        assert!(rest.evidence.log10_p > -0.5);
        let others: Vec<&Vec<u32>> = kept[1..].iter().map(|one| &one.counted).collect();
        assert!(
            others.iter().all(|members| **members == rest.members || **members == alone.members),
            "{kept:?}"
        );
        assert!(others.contains(&&alone.members));
        let rest_kept = kept.iter().find(|one| one.counted == rest.members);
        assert!(rest_kept.is_none_or(|one| one.evidence == rest.evidence && one.members.len() == 60));
    }
}
