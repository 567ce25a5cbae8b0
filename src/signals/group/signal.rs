//! Measures of groups: inputs and outcome.

use crate::cache::{AccountIndex, Cache};
use crate::model::{AttributeKind, Micros};
use crate::signals::measure::missing;
use crate::signals::peers::Peers;
use crate::signals::reference::Reference;
use crate::signals::signal::About;

/// Inputs of one group.
#[derive(Clone, Copy)]
pub struct GroupInput<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// The accounts of the group, ascending.
    pub members: &'a [AccountIndex],
    /// The cohorts that random groups are drawn from.
    pub peers: Peers<'a>,
    /// Figures of the whole case.
    pub reference: &'a Reference,
    /// Kinds of attributes that link the group; a measure that rests on one of them is no test of it.
    pub formed_by: &'a [AttributeKind],
    /// Seed of random draws.
    pub seed: u64,
}

/// Test against random draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonteCarlo {
    /// p-value: (1 + extreme draws) / (1 + draws), or their share where drawing stopped early.
    pub p: f64,
    /// Draws at least as extreme as the group.
    pub extreme: u32,
    /// Draws that could be measured.
    pub draws: u32,
}

/// Maximum number of draws; the smallest p-value is one in a thousand.
pub(super) const DRAWS: u32 = 999;

/// Draws at least as extreme as the group after which drawing stops: the p-value then has a relative error of
/// a fifth.
pub(super) const EXTREME_DRAWS_TO_STOP: u32 = 20;

impl MonteCarlo {
    /// Test with so many extreme draws of all: their share where drawing stopped early.
    pub fn of(extreme: u32, draws: u32) -> Self {
        let test = Self { p: f64::from(extreme) / f64::from(draws.max(1)), extreme, draws };
        if test.stopped_early() {
            return test;
        }
        Self { p: f64::from(extreme + 1) / f64::from(draws + 1), ..test }
    }

    /// True if drawing stopped before the maximum number of draws.
    pub fn stopped_early(self) -> bool {
        self.extreme >= EXTREME_DRAWS_TO_STOP
    }

    /// Draws that could not be measured, of a test that did not stop early.
    pub fn unmeasured(self) -> u32 {
        DRAWS.saturating_sub(self.draws)
    }
}

/// Outcome of measuring a group.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupOutcome {
    /// A value in the signal's unit.
    Measured {
        /// The value; finite.
        value: f64,
        /// Test by random draws, as the definition says.
        test: MonteCarlo,
        /// Sentence on value and null, ending where the frequency under chance follows (`… random groups of
        /// their peers are as extreme`).
        sentence: String,
    },
    /// Not testable, with the reason: a missing column, too little data.
    NotApplicable(String),
}

/// Measures one group; not applicable where a column is missing or the kind of attribute linked the group.
pub fn measure_group(signal: &dyn GroupSignal, input: &GroupInput<'_>) -> GroupOutcome {
    let formed = signal.rests_on().filter(|kind| input.formed_by.contains(kind));
    match (missing(signal.about(), input.cache), formed) {
        (Some(why), _) => GroupOutcome::NotApplicable(why),
        (None, Some(kind)) => GroupOutcome::NotApplicable(format!(
            "{} is among the attributes that formed the group",
            kind.title()
        )),
        (None, None) => signal.measure(input),
    }
}

/// One measured behaviour of a group.
pub trait GroupSignal: Sync {
    /// Its description.
    fn about(&self) -> &'static About;

    /// Kind of attribute on which the measure rests, if groups can be linked by it.
    fn rests_on(&self) -> Option<AttributeKind> {
        None
    }

    /// Measures one group whose snapshots have the required columns. Pure.
    fn measure(&self, input: &GroupInput<'_>) -> GroupOutcome;
}

/// Minimum number of times of a shortest half: two accounts have no density.
const MIN_TIMES: usize = 3;

/// At most `most` members, evenly spread over a larger group.
pub fn spread(members: &[AccountIndex], most: usize) -> Vec<AccountIndex> {
    let stride = members.len().div_ceil(most).max(1);
    members.iter().copied().step_by(stride).collect()
}

/// The shortest time that holds the times of half of `all` accounts; `None` where that many have
/// no time, or fewer than three.
pub fn shortest_half(mut times: Vec<Micros>, all: usize) -> Option<Micros> {
    let half = all.div_ceil(2).max(MIN_TIMES);
    times.sort_unstable();
    times.windows(half).map(|run| run[half - 1].saturating_sub(run[0])).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_all_and_three_at_the_least() {
        assert_eq!(shortest_half(vec![90, 5, 7, 8, 300], 5), Some(3));
        assert_eq!(shortest_half(vec![90, 5, 7, 8], 8), Some(85));
        assert_eq!(shortest_half(vec![5, 7, 8], 8), None);
        assert_eq!(shortest_half(vec![5, 7], 2), None);
        assert_eq!(shortest_half(vec![i64::MIN, 0, i64::MAX], 3), Some(i64::MAX));
    }
}
