//! Candidates: communities at several scales and linked groups, tested; the strongest that do not overlap are
//! kept.

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

/// Largest share of a community's accounts that a stronger one has.
const MAX_OVERLAP: f64 = 0.3;

/// A community with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    /// Ascending positions in the tier.
    pub members: Vec<u32>,
    /// Its evidence.
    pub evidence: Evidence,
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
            Ok(Candidate { members, evidence })
        })
        .collect::<Result<Vec<_>, Cancelled>>()?;
    tested.retain(|candidate| !candidate.evidence.events.is_empty());
    let number = tested.len();
    tested.sort_by(|a, b| {
        (a.evidence.log10_p.total_cmp(&b.evidence.log10_p))
            .then(b.members.len().cmp(&a.members.len()))
            .then_with(|| a.members.cmp(&b.members))
    });
    let mut taken = vec![false; tier.len()];
    let mut kept = Vec::new();
    for candidate in tested {
        if candidate.evidence.log10_p > MAX_LOG10_P || kept.len() == MAX_COMMUNITIES {
            break;
        }
        let overlap = candidate.members.iter().filter(|&&at| taken[at as usize]).count();
        if overlap as f64 <= MAX_OVERLAP * candidate.members.len() as f64 {
            candidate.members.iter().for_each(|&at| taken[at as usize] = true);
            kept.push(candidate);
        }
    }
    Ok((kept, number))
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
