//! Popularity of values outside the group of the accounts that share them.

use super::units::Units;
use crate::stats::csr::Csr;

/// Popularity of each value inside and outside the group of each of its holders. Members of a group do not
/// count in the popularity of their own values.
pub(super) struct Popularity {
    /// Group of each unit.
    group: Vec<u32>,
    /// Size of the group of each unit.
    size: Vec<u32>,
    /// Holders of each value of each unit within the unit's own group, in the order of [`Units::values`].
    of_values: Vec<u32>,
    /// The same in the order of [`Units::holders`].
    of_holders: Vec<u32>,
    /// Largest number of holders of each value within one group.
    largest: Vec<u32>,
    /// log₂(k + ½) for every count.
    log: Vec<f32>,
}

/// Number of holders of a value, as seen from one of them.
#[derive(Clone, Copy)]
pub(super) struct Held {
    /// Units that have it.
    pub holders: usize,
    /// Number of these in the holder's own group.
    pub inside: u32,
}

impl Popularity {
    /// `group` names the group of each unit by one of its members.
    pub(super) fn new(units: &Units, group: Vec<u32>) -> Self {
        let n = units.len();
        let mut sizes = vec![0_u32; n];
        group.iter().for_each(|&group| sizes[group as usize] += 1);
        let mut of_holders = Vec::with_capacity(units.holders.items().len());
        let mut of_values = vec![0; units.values.items().len()];
        let mut largest = Vec::with_capacity(units.holders.rows());
        let mut next: Vec<usize> = (0..n as u32).map(|unit| units.values.range(unit).start).collect();
        let mut tally = vec![0_u32; n];
        for value in 0..units.holders.rows() as u32 {
            let holders = units.holders.row(value);
            holders.iter().for_each(|&unit| tally[group[unit as usize] as usize] += 1);
            let mut most = 0;
            for &unit in holders {
                let inside = tally[group[unit as usize] as usize];
                most = most.max(inside);
                of_holders.push(inside);
                // Values ascend within a unit, so this loop meets them in the order of `Units::values`.
                of_values[next[unit as usize]] = inside;
                next[unit as usize] += 1;
            }
            largest.push(most);
            holders.iter().for_each(|&unit| tally[group[unit as usize] as usize] = 0);
        }
        let size = group.iter().map(|&group| sizes[group as usize]).collect();
        let log = (0..=n).map(|k| (k as f64 + 0.5).log2() as f32).collect();
        Self { group, size, of_values, of_holders, largest, log }
    }

    /// The value at a position of [`Units::values`].
    pub(super) fn held(&self, units: &Units, at: usize) -> Held {
        Held { holders: units.holders.row(units.values.items()[at]).len(), inside: self.of_values[at] }
    }

    /// Later holders of a value than `a`, with the number of holders in the group of each.
    pub(super) fn later<'a>(
        &'a self,
        holders: &'a Csr<u32>,
        value: u32,
        a: u32,
    ) -> impl Iterator<Item = (u32, u32)> + 'a {
        let range = holders.range(value);
        let first = holders.row(value).partition_point(|&unit| unit <= a);
        holders.row(value)[first..].iter().copied().zip(self.of_holders[range][first..].iter().copied())
    }

    /// Bits of a value that `a` and `b` share, of whose holders `other` stand in the group of `b`:
    /// log₂((m + ½) / (u + ½)), u of the m units outside their groups having it.
    pub(super) fn bits(&self, a: u32, b: u32, value: Held, other: u32) -> f32 {
        let (a, b) = (a as usize, b as usize);
        let (taken, others) = if self.group[a] == self.group[b] {
            (self.size[a], 0)
        } else {
            (self.size[a] + self.size[b], other)
        };
        self.log[self.group.len() - taken as usize]
            - self.log[value.holders - value.inside as usize - others as usize]
    }

    /// Upper bound of the bits of `value` between one of its holders and any other unit.
    pub(super) fn max_bits(&self, value: u32, held: Held) -> f32 {
        let taken = held.inside as usize + self.largest[value as usize] as usize;
        self.log[self.group.len()] - self.log[held.holders.saturating_sub(taken)]
    }
}
