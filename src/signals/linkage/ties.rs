//! Ties: pairs of units and the bits of the values they share.
//!
//! Candidates are formed by rare values; common values only add bits to existing candidates. Only the
//! strongest ties of each unit are kept, so memory grows with the number of units, not of pairs.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::popularity::Popularity;
use super::units::Units;
use crate::model::{Cancelled, Family, Watcher};

/// Minimum number of bits of a link at any support. In simulations of a campaign of a thousand accounts 14
/// bits found all of it with twenty benign accounts (DESIGN.md, section 10); further bits are required by the
/// number of pairs.
pub const LINK_BITS: f32 = 14.0;

/// Strongest ties kept of one unit. A campaign of a thousand accounts has half a million ties, and a few of
/// each unit hold it together.
pub(super) const MAX_TIES_KEPT: usize = 64;

/// Units processed between two merges: bounds memory and the delay of a cancel, and does not change the
/// result.
const CHUNK: u32 = 4_096;

/// Units that one thread takes at a time.
const PIECE: u32 = 64;

const FAMILIES: usize = Family::ALL.len();

/// Two units, a < b, and the bits of their tie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tie {
    pub a: u32,
    pub b: u32,
    pub bits: f32,
}

/// The ties of at least [`LINK_BITS`] that are among the strongest 64 of one of their units,
/// sorted by (a, b); and the bits of each unit's strongest tie, below the threshold too, or
/// `weakest` where it has none above that.
pub(super) fn ties(
    units: &Units,
    popularity: &Popularity,
    weakest: f32,
    watcher: &dyn Watcher,
) -> Result<(Vec<Tie>, Vec<f32>), Cancelled> {
    let n = units.len() as u32;
    let strongest: Vec<AtomicU32> = (0..n).map(|_| AtomicU32::new(weakest.to_bits())).collect();
    let search = Search { units, popularity, strongest: &strongest, idle: Mutex::default() };
    let mut kept: Vec<Vec<(f32, u32)>> = vec![Vec::new(); n as usize];
    for start in (0..n).step_by(CHUNK as usize) {
        watcher.check()?;
        watcher.step("linking accounts", start.into(), n.into(), "accounts");
        let end = n.min(start + CHUNK);
        let found: Vec<Vec<Tie>> = (0..(end - start).div_ceil(PIECE))
            .into_par_iter()
            .map(|piece| start + piece * PIECE)
            .map(|from| search.of_units(from..end.min(from + PIECE)))
            .collect();
        for tie in found.into_iter().flatten() {
            keep(&mut kept[tie.a as usize], tie.bits, tie.b);
            keep(&mut kept[tie.b as usize], tie.bits, tie.a);
        }
    }
    let mut ties = Vec::new();
    for (unit, mut near) in (0..n).zip(kept) {
        trim(&mut near);
        ties.extend(near.iter().map(|&(bits, other)| Tie { a: unit.min(other), b: unit.max(other), bits }));
    }
    ties.par_sort_unstable_by_key(|tie| (tie.a, tie.b));
    ties.dedup();
    let strongest = strongest.into_iter().map(|bits| f32::from_bits(bits.into_inner())).collect();
    Ok((ties, strongest))
}

/// The rarest value of each family that two units share, by family.
pub(super) fn rarest_shared(units: &Units, popularity: &Popularity, a: u32, b: u32) -> Vec<u32> {
    let mut best: [Option<(f32, u32)>; FAMILIES] = [None; FAMILIES];
    for (value, bits) in shared(units, popularity, (a, b), (units.values.range(a), units.values.range(b))) {
        let best = &mut best[units.family[value as usize] as usize];
        if best.is_none_or(|(most, _)| bits > most) {
            *best = Some((bits, value));
        }
    }
    best.into_iter().flatten().map(|(_, value)| value).collect()
}

/// Values that stand in both stretches of [`Units::values`], and their bits.
fn shared(
    units: &Units,
    popularity: &Popularity,
    (a, b): (u32, u32),
    (mut mine, mut theirs): (Range<usize>, Range<usize>),
) -> impl Iterator<Item = (u32, f32)> {
    std::iter::from_fn(move || {
        while !mine.is_empty() && !theirs.is_empty() {
            let (at, to) = (mine.start, theirs.start);
            let (value, other) = (units.values.items()[at], units.values.items()[to]);
            mine.start += usize::from(value <= other);
            theirs.start += usize::from(other <= value);
            if value == other {
                let inside = popularity.held(units, to).inside;
                return Some((value, popularity.bits(a, b, popularity.held(units, at), inside)));
            }
        }
        None
    })
}

/// Adds a tie to those of a unit. The ties that remain do not depend on the order.
fn keep(near: &mut Vec<(f32, u32)>, bits: f32, other: u32) {
    near.push((bits, other));
    if near.len() >= 2 * MAX_TIES_KEPT {
        trim(near);
    }
}

/// Keeps the strongest [`MAX_TIES_KEPT`]; of equal ones the first, so that a clique keeps the same ones.
fn trim(near: &mut Vec<(f32, u32)>) {
    if near.len() > MAX_TIES_KEPT {
        near.select_nth_unstable_by(MAX_TIES_KEPT, |x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        near.truncate(MAX_TIES_KEPT);
    }
}

struct Search<'a> {
    units: &'a Units,
    popularity: &'a Popularity,
    /// Bits of each unit's strongest tie so far, as the bits of a float: those of positive floats
    /// are in their order.
    strongest: &'a [AtomicU32],
    /// Scratch memory that no thread uses at the moment.
    idle: Mutex<Vec<Scratch>>,
}

/// The best bits by family with every unit that was met.
struct Scratch {
    best: Vec<[f32; FAMILIES]>,
    met: Vec<u32>,
}

/// Less than any bits.
const NO_BITS: [f32; FAMILIES] = [-1.0; FAMILIES];

impl Search<'_> {
    /// The ties of some units to later ones.
    fn of_units(&self, units: Range<u32>) -> Vec<Tie> {
        let lent = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let fresh = || Scratch { best: vec![NO_BITS; self.units.len()], met: Vec::new() };
        let mut scratch = lent.unwrap_or_else(fresh);
        let mut found = Vec::new();
        for unit in units {
            self.of_unit(unit, &mut scratch, &mut found);
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        found
    }

    /// Appends the ties of `a` to later units.
    fn of_unit(&self, a: u32, scratch: &mut Scratch, found: &mut Vec<Tie>) {
        let common = self.units.common_of(a);
        for at in self.units.values.range(a).start..common.start {
            self.collect_later_holders(a, at, scratch);
        }
        let max_common = self.max_common_bits(common.clone());
        for b in scratch.met.drain(..) {
            let mut best = std::mem::replace(&mut scratch.best[b as usize], NO_BITS);
            let at_most: f32 =
                best.iter().zip(&max_common).map(|(&bits, &max_common)| bits.max(max_common).max(0.0)).sum();
            // Most pairs end here: neither a link nor the strongest tie of a unit.
            if at_most < LINK_BITS
                && !self.would_be_strongest(a, at_most)
                && !self.would_be_strongest(b, at_most)
            {
                continue;
            }
            let stretches = (common.clone(), self.units.common_of(b));
            for (value, bits) in shared(self.units, self.popularity, (a, b), stretches) {
                let best = &mut best[self.units.family[value as usize] as usize];
                *best = best.max(bits);
            }
            let bits: f32 = best.iter().map(|bits| bits.max(0.0)).sum();
            for unit in [a, b] {
                self.strongest[unit as usize].fetch_max(bits.to_bits(), Ordering::Relaxed);
            }
            if bits >= LINK_BITS {
                found.push(Tie { a, b, bits });
            }
        }
    }

    fn would_be_strongest(&self, unit: u32, bits: f32) -> bool {
        f32::from_bits(self.strongest[unit as usize].load(Ordering::Relaxed)) < bits
    }

    /// Adds the bits of one value of `a`, at a position of [`Units::values`], to the scratch entries of its
    /// later holders.
    fn collect_later_holders(&self, a: u32, at: usize, scratch: &mut Scratch) {
        let value = self.units.values.items()[at];
        let held = self.popularity.held(self.units, at);
        let family = self.units.family[value as usize] as usize;
        for (b, other) in self.popularity.later(&self.units.holders, value, a) {
            let bits = self.popularity.bits(a, b, held, other);
            let best = &mut scratch.best[b as usize];
            if *best == NO_BITS {
                scratch.met.push(b);
            }
            best[family] = best[family].max(bits);
        }
    }

    /// Upper bound of the bits that common values add with any unit, by family.
    fn max_common_bits(&self, common: Range<usize>) -> [f32; FAMILIES] {
        let mut most = NO_BITS;
        for at in common {
            let value = self.units.values.items()[at];
            let most = &mut most[self.units.family[value as usize] as usize];
            *most = most.max(self.popularity.max_bits(value, self.popularity.held(self.units, at)));
        }
        most
    }
}
