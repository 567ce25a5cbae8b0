//! One partition: its rows gathered from all runs, sorted and encoded for the cache.

use std::path::Path;
use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Float32Type, UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::ArrowError;

use super::attributes::{Derived, Holding, holdings_of};
use super::block::unpack;
use super::columns::{
    ACCOUNT, CODED, COUNTS, Columns, DICTIONARIES, FIRST_CODE, FIRST_COUNT, FIRST_FLAG, FIRST_KEY,
    FIRST_REAL, FLAGS, KEYS, NO_KEY, NONE, REALS, ROW, STOP_REASON, TS, time,
};
use super::read::SecondReading;
use crate::cache::schema::SEGMENT_ROWS;
use crate::cache::segment::{Encoded, SegmentColumn, encode_segment};
use crate::cache::{CacheError, RowId};
use crate::model::{Micros, Watcher};

/// Partition as the cache stores it. Accounts and rows are numbered within it; accounts without a
/// counted row are left out.
#[derive(Default)]
pub(super) struct Sorted {
    pub accounts: Vec<SortedAccount>,
    /// Attribute values, by account, kind, rank.
    pub holdings: Vec<Holding>,
    pub segments: Vec<SortedSegment>,
    pub rows: u32,
    /// Rows that count for duplicates: the row over all files, and its position in the partition.
    pub kept: Vec<(u32, RowId)>,
}

pub(super) struct SortedAccount {
    /// Rank among all account ids.
    pub code: u32,
    pub exchanges: u32,
    pub first: Micros,
    pub last: Micros,
}

pub(super) struct SortedSegment {
    pub first_account: u32,
    pub last_account: u32,
    pub first_row: u32,
    pub encoded: Encoded,
}

/// Memory reused from partition to partition.
#[derive(Default)]
pub(super) struct Scratch {
    found: Columns,
    sorted: Columns,
}

/// Sorts and encodes a partition of the cache at `path`. `wanted` are the rows, ascending, whose
/// positions are returned in [`Sorted::kept`].
pub(super) fn sort(
    second: &SecondReading,
    partition: usize,
    (path, derived): (&Path, &Derived),
    wanted: &[u32],
    scratch: &mut Scratch,
    watcher: &dyn Watcher,
) -> Result<Sorted, CacheError> {
    watcher.check()?;
    gather(second, partition, scratch)?;
    let columns = &scratch.sorted;
    watcher.check()?;
    let mut sorted = Sorted { rows: columns.rows() as u32, ..Sorted::default() };
    let accounts = &columns.narrow[ACCOUNT];
    let times: Vec<Micros> = columns.wide[TS].iter().map(|&ts| time(ts)).collect();
    // Number of each row's account within the partition.
    let mut own = Vec::with_capacity(columns.rows());
    let mut start = 0;
    for same in accounts.chunk_by(|a, b| a == b) {
        let (code, rows) = (same[0], start..start + same.len());
        let account = sorted.accounts.len() as u32;
        own.resize(rows.end, account);
        holdings_of(account, code, columns, rows.clone(), &times, derived, &mut sorted.holdings);
        sorted.accounts.push(SortedAccount {
            code,
            exchanges: same.len() as u32,
            first: times[rows.start],
            last: times[rows.end - 1],
        });
        start = rows.end;
    }
    if !wanted.is_empty() {
        let rows = columns.narrow[ROW].iter().zip(0..);
        sorted.kept =
            rows.filter(|(row, _)| wanted.binary_search(row).is_ok()).map(|(&row, at)| (row, at)).collect();
    }
    for start in (0..columns.rows()).step_by(SEGMENT_ROWS) {
        watcher.check()?;
        let rows = start..columns.rows().min(start + SEGMENT_ROWS);
        let failed = |source| CacheError::Segment { path: path.to_owned(), source };
        sorted.segments.push(SortedSegment {
            first_account: own[rows.start],
            last_account: own[rows.end - 1],
            first_row: rows.start as u32,
            encoded: encode(columns, &times, rows).map_err(failed)?,
        });
    }
    Ok(sorted)
}

/// Sorts the rows of a partition by account, then time, then row, into `scratch.sorted`, and replaces
/// codes by ranks.
fn gather(second: &SecondReading, partition: usize, scratch: &mut Scratch) -> Result<(), CacheError> {
    let Scratch { found, sorted } = scratch;
    found.clear();
    for run in &second.runs {
        let block = second.store.block(run, partition)?;
        if !block.is_empty() {
            unpack(&block, found);
        }
    }
    let first = second.partitions[partition].start;
    let mut next = vec![0_u32; second.partitions[partition].len() + 1];
    for account in &found.narrow[ACCOUNT] {
        next[(account - first) as usize + 1] += 1;
    }
    for at in 1..next.len() {
        next[at] += next[at - 1];
    }
    let ends = next[1..].to_vec();
    let mut order = vec![0; found.rows()];
    for (row, account) in found.narrow[ACCOUNT].iter().enumerate() {
        let place = &mut next[(account - first) as usize];
        order[*place as usize] = row as u32;
        *place += 1;
    }
    let mut start = 0;
    for end in ends {
        // Runs are in the order of the rows, which a stable sort keeps for equal times.
        order[start..end as usize].sort_by_key(|&row| found.wide[TS][row as usize]);
        start = end as usize;
    }
    found.pick(&order, sorted);
    for at in 0..DICTIONARIES {
        let ranks = &second.ranks[at];
        for code in sorted.narrow[FIRST_CODE + at].iter_mut().filter(|code| **code != NONE) {
            *code = ranks[*code as usize];
        }
    }
    Ok(())
}

/// Encodes one segment. A column without any value is left out.
fn encode(columns: &Columns, times: &[Micros], rows: std::ops::Range<usize>) -> Result<Encoded, ArrowError> {
    const KEY_COLUMNS: [SegmentColumn; KEYS.len()] = [SegmentColumn::Conversation, SegmentColumn::PromptHash];
    const COUNT_COLUMNS: [SegmentColumn; COUNTS.len()] =
        [SegmentColumn::InputTokens, SegmentColumn::OutputTokens, SegmentColumn::LatencyMs];
    const REAL_COLUMNS: [SegmentColumn; REALS.len()] =
        [SegmentColumn::MeanTokenEntropy, SegmentColumn::WatermarkScore];
    const FLAG_COLUMNS: [SegmentColumn; FLAGS.len()] =
        [SegmentColumn::IsStream, SegmentColumn::LogprobsRequested];
    let narrow = |at: usize| &columns.narrow[at][rows.clone()];
    let numbers = |at: usize| -> ArrayRef { Arc::new(primitive::<UInt32Type, _>(narrow(at), NONE, |n| n)) };
    let mut fields: Vec<(SegmentColumn, ArrayRef)> = Vec::new();
    for (at, (kind, _)) in CODED.into_iter().enumerate().filter(|(_, (kind, _))| kind.is_per_exchange()) {
        fields.push((SegmentColumn::Code(kind), numbers(FIRST_CODE + at)));
    }
    fields.push((SegmentColumn::StopReason, numbers(STOP_REASON)));
    for (at, column) in KEY_COLUMNS.into_iter().enumerate() {
        let keys = &columns.wide[FIRST_KEY + at][rows.clone()];
        fields.push((column, Arc::new(primitive::<UInt64Type, _>(keys, NO_KEY, |key| key))));
    }
    for (at, column) in COUNT_COLUMNS.into_iter().enumerate() {
        fields.push((column, numbers(FIRST_COUNT + at)));
    }
    for (at, column) in REAL_COLUMNS.into_iter().enumerate() {
        fields.push((
            column,
            Arc::new(primitive::<Float32Type, _>(narrow(FIRST_REAL + at), NONE, f32::from_bits)),
        ));
    }
    for (at, column) in FLAG_COLUMNS.into_iter().enumerate() {
        let flags = narrow(FIRST_FLAG + at);
        let values = BooleanBuffer::collect_bool(flags.len(), |row| flags[row] == 1);
        fields.push((column, Arc::new(BooleanArray::new(values, present(flags, NONE)))));
    }
    encode_segment(&columns.narrow[ROW][rows.clone()], &times[rows.clone()], fields)
}

/// Array of the values converted by `made`; values equal to `none` are missing.
fn primitive<T: ArrowPrimitiveType, N: Copy + PartialEq>(
    values: &[N],
    none: N,
    made: impl Fn(N) -> T::Native,
) -> PrimitiveArray<T> {
    // Missing entries hold the default, which compresses well and is always the same.
    let or_default = |value: N| if value == none { T::Native::default() } else { made(value) };
    let numbers: Vec<T::Native> = values.iter().map(|&value| or_default(value)).collect();
    PrimitiveArray::new(numbers.into(), present(values, none))
}

/// Validity of the values, false for `none`; `None` if all are valid.
fn present<N: Copy + PartialEq>(values: &[N], none: N) -> Option<NullBuffer> {
    let present = BooleanBuffer::collect_bool(values.len(), |row| values[row] != none);
    Some(NullBuffer::new(present)).filter(|nulls| nulls.null_count() > 0)
}
