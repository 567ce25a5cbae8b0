//! Rows of the cache divided into blocks for parallel counting, each with its part of a selection.
//!
//! Sums over blocks do not depend on their order. Cancellation is checked after each block, within
//! milliseconds.

use std::ops::Range;

use rayon::prelude::*;

use crate::cache::{AccountIndex, Hot, RowId};
use crate::model::{Cancelled, Watcher};

/// Number of rows of a block.
const ROWS: usize = 1 << 16;
/// Number of consecutive rows that a coarse answer takes or skips together.
const STRIP: usize = 1 << 12;
/// Sampling factor of a coarse answer: one of this many strips or accounts is read.
pub const COARSE: usize = 16;
/// Number of exchanges below which a selection is counted whole, also in a coarse answer.
pub const SMALL: u64 = 1 << 20;

/// Precision of an answer about all exchanges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grain {
    /// From all exchanges.
    #[default]
    Exact,
    /// From one in [`COARSE`], for a quick preview; a selection smaller than [`SMALL`] is counted whole.
    /// Counts are those of the exchanges that were read, not extrapolated.
    Coarse,
}

/// Consecutive rows, with the runs of a selection that overlap them.
pub(super) struct Block<'a> {
    rows: Range<usize>,
    runs: &'a [Range<RowId>],
}

impl<'a> Block<'a> {
    /// Block of these rows, with the overlapping ones of the runs.
    pub(super) fn new(rows: Range<usize>, runs: &'a [Range<RowId>]) -> Self {
        let first = runs.partition_point(|run| run.end as usize <= rows.start);
        let count = runs[first..].partition_point(|run| (run.start as usize) < rows.end);
        Self { rows, runs: &runs[first..first + count] }
    }

    /// Calls `take` with the [`pieces`](Self::pieces) of a long block, all or a sample by `grain`, and
    /// checks for cancellation. If `whole`, a coarse answer takes all selected rows.
    pub(super) fn sampled_pieces(
        &self,
        grain: Grain,
        whole: bool,
        watcher: &dyn Watcher,
        mut take: impl FnMut(Range<usize>, bool),
    ) -> Result<(), Cancelled> {
        for start in self.rows.clone().step_by(STRIP) {
            if start.is_multiple_of(ROWS) {
                watcher.check()?;
            }
            let strip = Self::new(start..self.rows.end.min(start + STRIP), self.runs);
            if grain == Grain::Exact || (start / STRIP).is_multiple_of(COARSE) {
                strip.pieces(&mut take);
            } else if whole {
                strip.pieces(|rows, selected| {
                    if selected {
                        take(rows, true);
                    }
                });
            }
        }
        Ok(())
    }

    /// Calls `take` with all rows in order, in pieces that are selected (`true`) or not.
    pub(super) fn pieces(&self, mut take: impl FnMut(Range<usize>, bool)) {
        let mut next = self.rows.start;
        for run in self.runs {
            let start = (run.start as usize).max(self.rows.start);
            let end = (run.end as usize).min(self.rows.end);
            if next < start {
                take(next..start, false);
            }
            take(start..end, true);
            next = end;
        }
        if next < self.rows.end {
            take(next..self.rows.end, false);
        }
    }
}

/// Sum of the counts of all blocks of the first `rows` rows. `count` adds one block to `bins` numbers.
pub(super) fn tally(
    rows: usize,
    runs: &[Range<RowId>],
    bins: usize,
    watcher: &dyn Watcher,
    count: impl Fn(&Block<'_>, &mut [u32]) + Sync,
) -> Result<Vec<u64>, Cancelled> {
    let sums = (0..rows.div_ceil(ROWS))
        .into_par_iter()
        .try_fold(
            || vec![0_u32; bins],
            |mut counts, at| {
                watcher.check()?;
                count(&Block::new(at * ROWS..rows.min((at + 1) * ROWS), runs), &mut counts);
                Ok(counts)
            },
        )
        .try_reduce(
            || vec![0; bins],
            |mut a, b| {
                // No sum exceeds the number of rows, which fits a `RowId`.
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                Ok(a)
            },
        )?;
    Ok(sums.into_iter().map(u64::from).collect())
}

/// All accounts in ranges of about as many rows as a block, for work by account. Accounts are not
/// split.
pub(super) fn of_accounts(hot: &Hot) -> Vec<Range<AccountIndex>> {
    let mut ranges = Vec::new();
    let accounts = hot.offsets.len().saturating_sub(1);
    let mut start = 0;
    while start < accounts {
        let full = hot.offsets[start].saturating_add(ROWS as RowId);
        // The first offset beyond a full block, and one account at least.
        let end = hot.offsets.partition_point(|&offset| offset < full).clamp(start + 1, accounts);
        ranges.push(start as AccountIndex..end as AccountIndex);
        start = end;
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;

    #[test]
    fn pieces_are_all_rows_and_runs_are_cut_at_the_ends_of_a_block() {
        let rows = 2 * ROWS + 10;
        let cut = ROWS as RowId;
        let runs = [0..1, 5..9, cut - 3..cut + 4, rows as RowId - 1..rows as RowId];
        let counts = tally(rows, &runs, 2, &Silent, |block, counts| {
            block.pieces(|piece, selected| counts[usize::from(selected)] += piece.len() as u32);
        });
        let selected = 1 + 4 + 7 + 1;
        assert_eq!(counts.unwrap(), [rows as u64 - selected, selected]);
        assert!(tally(0, &[], 3, &Silent, |_, _| ()).unwrap() == [0, 0, 0]);
    }

    #[test]
    fn accounts_are_never_parted_and_all_there() {
        let sizes = [10, 3 * ROWS, 0, 5, ROWS / 2, ROWS / 2, ROWS / 2, 1];
        let mut hot = Hot { offsets: vec![0], ..Hot::default() };
        for size in sizes {
            hot.offsets.push(hot.offsets[hot.offsets.len() - 1] + size as RowId);
        }
        let ranges = of_accounts(&hot);
        assert!(ranges.len() > 2, "{ranges:?}");
        assert_eq!((ranges[0].start, ranges[ranges.len() - 1].end), (0, sizes.len() as u32));
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(of_accounts(&Hot::default()).is_empty());
    }
}
