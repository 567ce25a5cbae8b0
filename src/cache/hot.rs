//! Columns that every view needs, narrow and decoded, in memory.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt16Type;
use rayon::prelude::*;

use super::file::CacheFile;
use super::segment::{SegmentColumn, SegmentSpan};
use super::segments::{Segments, read_blob};
use super::tables::Tables;
use super::{AccountIndex, CacheError, RowId};
use crate::model::{Micros, TimeSpan, Watcher};

/// Marks an exchange without a topic.
pub const NO_TOPIC: u16 = u16::MAX;

/// Account, time, topic and map position of every exchange, sorted by account, then time: 18 bytes
/// per exchange.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hot {
    /// First row of each account, and the number of rows at the end.
    pub offsets: Vec<RowId>,
    /// Time of each row.
    pub ts: Vec<Micros>,
    /// Topic of each row, or [`NO_TOPIC`]; empty while there are no topics.
    pub topic: Vec<u16>,
    /// Map position of each row, both coordinates in 0..=1, `NaN` for none; empty without a map.
    pub place: Vec<[f32; 2]>,
}

impl Hot {
    /// Decodes the columns of all segments.
    ///
    /// # Errors
    /// The cache cannot be read or is inconsistent, or the work was cancelled.
    pub(super) fn read(
        file: &CacheFile,
        tables: &Tables,
        segments: &Segments,
        watcher: &dyn Watcher,
    ) -> Result<Self, CacheError> {
        let mut offsets = vec![0_u32];
        for account in &tables.accounts {
            let end = offsets[offsets.len() - 1].checked_add(account.exchanges);
            offsets.push(end.ok_or_else(|| file.damaged("accounts have too many exchanges"))?);
        }
        let total = offsets[offsets.len() - 1];
        if segments.rows() != total || u64::from(total) != tables.counts.distinct {
            return Err(file.damaged("accounts and segments have different numbers of exchanges"));
        }
        // Either every segment has topics or none has; the same for positions.
        let first = match segments.spans().first().filter(|_| !tables.topics.is_empty()) {
            Some(first) => read_topics(file, first)?,
            None => None,
        };
        let rows_of = |has: bool| if has { total as usize } else { 0 };
        let mut hot = Self {
            offsets,
            ts: vec![0; total as usize],
            topic: vec![0; rows_of(first.is_some())],
            place: vec![[0.0; 2]; rows_of(first.is_some_and(|(_, places)| !places.is_empty()))],
        };
        let spans = segments.spans();
        // All threads write, each segment into its own slice, so that fresh memory is touched once.
        spans
            .par_iter()
            .zip(parts(spans, &mut hot.ts))
            .zip(parts(spans, &mut hot.topic))
            .zip(parts(spans, &mut hot.place))
            .try_for_each(|(((segment, ts), topic), place)| {
                watcher.check()?;
                let columns = segments.columns(file, segment, &[SegmentColumn::Ts])?;
                let read = columns.i64s(SegmentColumn::Ts);
                fill(ts, read.unwrap_or_default()).ok_or_else(|| file.damaged("a segment has no times"))?;
                if tables.topics.is_empty() {
                    return Ok(());
                }
                let (topics, places) = read_topics(file, segment)?.unwrap_or_default();
                fill(topic, &topics)
                    .and_then(|()| fill(place, &places))
                    .ok_or_else(|| file.damaged("topics or positions have another number of exchanges"))
            })?;
        Ok(hot)
    }

    /// Number of exchanges.
    pub fn len(&self) -> usize {
        self.ts.len()
    }

    /// True if there is no exchange.
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

    /// Time from the first exchange to just after the last; `None` without exchanges.
    pub fn span(&self) -> Option<TimeSpan> {
        // Each account's rows ascend in time.
        let ends = self.offsets.windows(2).filter(|ends| ends[0] < ends[1]);
        let ends = ends.map(|ends| (self.ts[ends[0] as usize], self.ts[ends[1] as usize - 1]));
        let (first, last) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        Some(TimeSpan { start: first, end: last.saturating_add(1) })
    }
}

/// Topic and map position of each row of a segment; no positions without a map.
type TopicColumns = (Vec<u16>, Vec<[f32; 2]>);

/// Topic and map position of each row of a segment; `None` if the segment has no topics.
fn read_topics(file: &CacheFile, segment: &SegmentSpan) -> Result<Option<TopicColumns>, CacheError> {
    const QUERY: &str = "SELECT data FROM topic_segments WHERE segment_id = ?1";
    let Some(arrays) = read_blob(file, QUERY, segment, &["topic", "x", "y"])? else {
        return Ok(None);
    };
    let damaged = || file.damaged(format!("the topics of segment {} are inconsistent", segment.id));
    let [Some(topic), x, y] = arrays.as_slice() else { return Err(damaged()) };
    let topic = topic.as_primitive_opt::<UInt16Type>().ok_or_else(damaged)?;
    let topics = topic.iter().map(|topic| topic.unwrap_or(NO_TOPIC)).collect();
    let (Some(x), Some(y)) = (x, y) else { return Ok(Some((topics, Vec::new()))) };
    let x = x.as_primitive_opt::<UInt16Type>().ok_or_else(damaged)?;
    let y = y.as_primitive_opt::<UInt16Type>().ok_or_else(damaged)?;
    let none = u16::MAX;
    let places = x.iter().zip(y).map(|(x, y)| place([x.unwrap_or(none), y.unwrap_or(none)])).collect();
    Ok(Some((topics, places)))
}

/// Marks a row without a map position, in units of 1/65,534 of the map's side.
pub(crate) const NO_GRID: [u16; 2] = [u16::MAX; 2];

/// Map position in 0..=1 from stored units; `NaN` for none.
pub(crate) fn place(grid: [u16; 2]) -> [f32; 2] {
    if grid == NO_GRID { [f32::NAN; 2] } else { grid.map(|x| f32::from(x) / f32::from(u16::MAX - 1)) }
}

/// Slices of a column, one per segment; empty slices of an empty column.
fn parts<'a, T>(segments: &[SegmentSpan], mut column: &'a mut [T]) -> Vec<&'a mut [T]> {
    let mut parts = Vec::with_capacity(segments.len());
    for segment in segments {
        let rows = column.len().min(segment.rows as usize);
        let (part, rest) = std::mem::take(&mut column).split_at_mut(rows);
        parts.push(part);
        column = rest;
    }
    parts
}

/// Copies `from` into `place`; `None` if the lengths differ.
fn fill<T: Copy>(place: &mut [T], from: &[T]) -> Option<()> {
    (place.len() == from.len()).then(|| place.copy_from_slice(from))
}
