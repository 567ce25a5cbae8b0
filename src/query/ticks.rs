//! Times of all exchanges in units of 16 bits, for counting by time.
//!
//! The duration of such a count is mostly that of reading the times, so that two bytes per row instead
//! of eight take a quarter. Exact times are in [`Hot`].

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::cache::{Cache, Hot};
use crate::model::{Micros, TimeSpan};

/// Quarter of an hour in microseconds; the hours of all present time zones begin on one.
const QUARTER: i64 = 900_000_000;
/// Exponent of 2 in the factorisation of [`QUARTER`].
const TWOS: u32 = QUARTER.trailing_zeros();
/// Odd factor of [`QUARTER`].
const ODD: u64 = (QUARTER >> TWOS) as u64;
/// Maximum number of ticks. As quarters of an hour they are almost two years.
const MAX_TICKS: u64 = 1 << 16;
/// Number of rows per unit of parallel work.
const ROWS: usize = 1 << 16;

/// Time of a case divided into ticks, and the tick of each row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ticks {
    span: TimeSpan,
    /// Start of the quarter of an hour (UTC) in which the span begins.
    start: Micros,
    /// Exponent h of the length of a tick: a quarter of an hour / 2^h.
    halvings: u32,
    /// Tick of each row; empty if the span has too many quarters.
    of_row: Vec<u16>,
}

impl Ticks {
    /// Ticks of the shortest length that 16 bits can number; `None` without exchanges.
    pub(super) fn new(hot: &Hot) -> Option<Self> {
        let span = hot.span()?;
        let start = span.start.div_euclid(QUARTER).saturating_mul(QUARTER);
        // The length of a span may exceed `i64`.
        let length = span.end.wrapping_sub(start) as u64;
        let Some(halvings) = (0..=TWOS).rev().find(|halvings| tick(length, *halvings) < MAX_TICKS) else {
            return Some(Self { span, start, halvings: 0, of_row: Vec::new() });
        };
        let mut of_row = vec![0; hot.len()];
        of_row.par_chunks_mut(ROWS).zip(hot.ts.par_chunks(ROWS)).for_each(|(ticks, times)| {
            for (at, &t) in ticks.iter_mut().zip(times) {
                *at = tick(t.wrapping_sub(start) as u64, halvings) as u16;
            }
        });
        Some(Self { span, start, halvings, of_row })
    }

    /// Time from the first exchange to just after the last.
    pub(super) fn span(&self) -> TimeSpan {
        self.span
    }

    /// Tick of each row; `None` if the span is too long for ticks.
    pub(super) fn of_rows(&self) -> Option<&[u16]> {
        (!self.of_row.is_empty()).then_some(&self.of_row)
    }

    /// Last tick of the span.
    pub(super) fn last(&self) -> u16 {
        tick(self.span.end.wrapping_sub(self.start) as u64, self.halvings) as u16
    }

    /// Number of rows earlier than a moment, among rows that ascend in time; `None` if the span is too
    /// long for ticks. Ticks are counted one by one, which is quicker than a binary search, whose steps
    /// wait for memory.
    pub(super) fn earlier(&self, hot: &Hot, rows: Range<usize>, t: Micros) -> Option<usize> {
        let of_rows = self.of_rows()?;
        if t <= self.span.start {
            return Some(0);
        }
        if t >= self.span.end {
            return Some(rows.len());
        }
        let of_t = tick(t.wrapping_sub(self.start) as u64, self.halvings) as u16;
        let before = of_rows[rows.clone()].iter().filter(|&&tick| tick < of_t).count();
        Some(before + hot.ts[rows.start + before..rows.end].iter().take_while(|&&moment| moment < t).count())
    }

    /// Start of a tick, and of the next one.
    pub(super) fn ends(&self, tick: u16) -> [Micros; 2] {
        let length = QUARTER >> self.halvings;
        let from = self.start.saturating_add(length * i64::from(tick));
        [from, from.saturating_add(length)]
    }

    /// Quarter of an hour of a tick; 0 is the first of the case.
    pub(super) fn quarter(&self, tick: u16) -> usize {
        usize::from(tick >> self.halvings)
    }

    /// Start of a quarter of an hour, and of the next one.
    pub(super) fn ends_of_quarter(&self, quarter: usize) -> [Micros; 2] {
        let from = self.start.saturating_add(QUARTER.saturating_mul(quarter as i64));
        [from, from.saturating_add(QUARTER)]
    }
}

/// Tick of a moment `past` microseconds after the start.
fn tick(past: u64, halvings: u32) -> u64 {
    // A shift and a division by a constant, which compiles to a multiplication.
    (past >> (TWOS - halvings)) / ODD
}

/// Ticks of a case, kept with its cache.
#[derive(Default)]
pub(super) struct CaseTicks(OnceLock<Option<Ticks>>);

impl CaseTicks {
    /// Ticks of the case of this cache, made at first use.
    pub(super) fn of(cache: &Cache) -> Arc<Self> {
        let kept = cache.derived::<Self>();
        kept.0.get_or_init(|| Ticks::new(cache.hot()));
        kept
    }

    /// The ticks; `None` without exchanges.
    pub(super) fn get(&self) -> Option<&Ticks> {
        self.0.get()?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(ts: Vec<Micros>) -> Ticks {
        Ticks::new(&Hot { offsets: vec![0, ts.len() as u32], ts, ..Hot::default() }).unwrap()
    }

    proptest! {
        #[test]
        fn every_moment_lies_in_its_tick(
            first in -1_i64 << 50..1 << 50,
            length in prop_oneof![0_i64..1 << 30, 0_i64..1 << 45],
            share in 0.0..1.0_f64,
        ) {
            let moments = [first, first + (share * length as f64) as i64, first + length];
            let ticks = of(moments.to_vec());
            for (&tick, t) in ticks.of_rows().unwrap().iter().zip(moments) {
                let [from, to] = ticks.ends(tick);
                let quarter = ticks.ends_of_quarter(ticks.quarter(tick));
                prop_assert!(from <= t && t < to && tick <= ticks.last());
                prop_assert!(quarter[0] <= from && to <= quarter[1]);
                prop_assert_eq!(quarter[0] % QUARTER, 0);
            }
        }
    }

    #[test]
    fn earlier_is_what_a_look_at_each_moment_finds() {
        let ts: Vec<Micros> = (0..500).map(|n| n * n * 40_000_000).collect();
        let hot = Hot { offsets: vec![0, 500], ts: ts.clone(), ..Hot::default() };
        let ticks = Ticks::new(&hot).unwrap();
        let around = ts.iter().flat_map(|&t| [t - 1, t, t + 1]).chain([i64::MIN, i64::MAX]);
        for (at, t) in around.enumerate() {
            let rows = at % 200..500 - at % 150;
            let found = ts[rows.clone()].iter().filter(|&&moment| moment < t).count();
            assert_eq!(ticks.earlier(&hot, rows, t), Some(found), "{t}");
        }
    }

    #[test]
    fn ticks_are_as_short_as_fits() {
        let days = |days: i64| of(vec![0, days * 86_400_000_000]);
        assert_eq!(days(44).ends(0), [0, QUARTER / 8]);
        assert_eq!(days(600).ends(0), [0, QUARTER]);
        assert_eq!(days(700).of_rows(), None);
        assert_eq!(of(vec![i64::MIN, i64::MAX]).of_rows(), None);
        assert_eq!(Ticks::new(&Hot { offsets: vec![0], ..Hot::default() }), None);
    }
}
