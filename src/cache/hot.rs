//! The columns every view needs, narrow and decoded, in memory.

use std::ops::Range;

use super::{AccountIndex, RowId};
use crate::model::{Micros, TimeSpan};

/// The topic of an exchange that has none.
pub const NO_TOPIC: u16 = u16::MAX;

/// Account, time, topic and map place of every exchange, sorted by account, then time.
/// 18 bytes an exchange.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hot {
    /// Where each account's rows begin; one more than there are accounts.
    pub offsets: Vec<RowId>,
    /// Time of each row.
    pub ts: Vec<Micros>,
    /// Topic of each row, or [`NO_TOPIC`]; empty while there are no topics.
    pub topic: Vec<u16>,
    /// Place of each row on the map, 0..=1 each, `NaN` for none; empty without a map.
    pub place: Vec<[f32; 2]>,
}

impl Hot {
    /// Number of exchanges.
    pub fn len(&self) -> usize {
        self.ts.len()
    }

    /// Whether there is no exchange at all.
    pub fn is_empty(&self) -> bool {
        self.ts.is_empty()
    }

    /// The rows of one account.
    pub fn rows_of(&self, account: AccountIndex) -> Range<usize> {
        let at = account as usize;
        self.offsets[at] as usize..self.offsets[at + 1] as usize
    }

    /// The account of a row.
    pub fn account_of(&self, row: RowId) -> AccountIndex {
        (self.offsets.partition_point(|&start| start <= row) - 1) as AccountIndex
    }

    /// From the first exchange to just after the last; `None` where there is no exchange.
    pub fn span(&self) -> Option<TimeSpan> {
        // Each account's rows ascend in time.
        let ends = self.offsets.windows(2).filter(|ends| ends[0] < ends[1]);
        let ends = ends.map(|ends| (self.ts[ends[0] as usize], self.ts[ends[1] as usize - 1]));
        let (first, last) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        Some(TimeSpan { start: first, end: last.saturating_add(1) })
    }
}
