//! The columns of exchanges beyond time and topic, decoded once for all signals.

use std::ops::Range;

use rayon::prelude::*;

use crate::cache::{AccountIndex, Cache, CacheError, PromptSample, RowId, SegmentColumn};
use crate::model::{AttributeKind, Watcher};

/// Column that a signal may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowColumn {
    /// Tokens of the prompt.
    InputTokens,
    /// Tokens of the answer.
    OutputTokens,
    /// Latency until the end of the answer, in milliseconds.
    LatencyMs,
    /// Conversation: 32 bits of its key, equal for equal conversations.
    Conversation,
    /// The model's rank among the models of the case.
    Model,
    /// The address's rank among the addresses of the case.
    Ip,
    /// Stop reason: position among the stop reasons of the case.
    StopReason,
    /// 1 where log-probabilities were asked for, else 0.
    LogprobsRequested,
    /// 1 where the answer was streamed, else 0.
    IsStream,
    /// Mean entropy of the answer's tokens, a real number.
    MeanTokenEntropy,
    /// Score of a watermark in the answer, a real number.
    WatermarkScore,
}

const COLUMNS: usize = RowColumn::WatermarkScore as usize + 1;

/// A missing value; as bits of a real number it is not a number.
const MISSING: u32 = u32::MAX;

/// Rows that are decoded together, save where one account has more: 40 MB with every column.
const BLOCK_ROWS: u32 = 1_000_000;

/// Some columns of the rows of neighbouring accounts. 4 bytes a value.
#[derive(Debug, Default)]
pub(super) struct Block {
    first_row: RowId,
    columns: [Vec<u32>; COLUMNS],
}

/// Some columns of one account's exchanges: as many entries as it has exchanges, or none where no
/// snapshot has the column or it was not asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rows<'a> {
    columns: [&'a [u32]; COLUMNS],
}

impl<'a> Rows<'a> {
    /// True if the column was read.
    pub fn has(&self, column: RowColumn) -> bool {
        !self.columns[column as usize].is_empty()
    }

    /// A whole number; `None` where it is missing.
    pub fn count(&self, column: RowColumn, at: usize) -> Option<u32> {
        self.columns[column as usize].get(at).copied().filter(|&value| value != MISSING)
    }

    /// A real number; `None` where it is missing or not finite.
    pub fn real(&self, column: RowColumn, at: usize) -> Option<f32> {
        self.count(column, at).map(f32::from_bits).filter(|value| value.is_finite())
    }

    /// Copy of the values at these positions.
    pub(super) fn kept(self, positions: &[usize]) -> KeptRows {
        let kept = |values: &[u32]| positions.iter().filter_map(|&at| values.get(at)).copied().collect();
        KeptRows { columns: self.columns.map(kept) }
    }
}

/// Some columns of some of an account's exchanges, see [`Rows`].
#[derive(Clone, Debug, Default)]
pub(super) struct KeptRows {
    columns: [Vec<u32>; COLUMNS],
}

impl KeptRows {
    /// The exchanges at these positions.
    pub fn part(&self, within: Range<usize>) -> Rows<'_> {
        Rows {
            columns: std::array::from_fn(|column| self.columns[column].get(within.clone()).unwrap_or(&[])),
        }
    }
}

impl Block {
    /// Decodes columns of the rows of some neighbouring accounts.
    ///
    /// # Errors
    /// If the cache cannot be read or is damaged, or the work was cancelled.
    pub fn read(
        cache: &Cache,
        accounts: Range<AccountIndex>,
        columns: &[RowColumn],
        watcher: &dyn Watcher,
    ) -> Result<Self, CacheError> {
        let offsets = &cache.hot().offsets;
        let (first_row, end) = (offsets[accounts.start as usize], offsets[accounts.end as usize]);
        let mut block = Self { first_row, columns: Default::default() };
        if columns.is_empty() || first_row == end {
            return Ok(block);
        }
        let wanted: Vec<SegmentColumn> = columns.iter().map(|&column| source(column)).collect();
        let parts = cache.segments()[cache.segment_of(first_row)..=cache.segment_of(end - 1)]
            .par_iter()
            .map(|segment| {
                watcher.check()?;
                let decoded = cache.read_segment_columns(segment, &wanted)?;
                let from = first_row.max(segment.first_row) - segment.first_row;
                let to = end.min(segment.first_row + segment.rows) - segment.first_row;
                let values = columns.iter().zip(&wanted).map(|(&column, &source)| {
                    let there = decoded.array(source).is_some();
                    let rows = from as usize..to as usize;
                    rows.filter(|_| there)
                        .map(|at| match column {
                            RowColumn::Conversation => {
                                decoded.u64_at(source, at).map(|key| (key ^ (key >> 32)) as u32)
                            }
                            RowColumn::LogprobsRequested | RowColumn::IsStream => {
                                decoded.bool_at(source, at).map(u32::from)
                            }
                            RowColumn::MeanTokenEntropy | RowColumn::WatermarkScore => {
                                decoded.f32_at(source, at).map(f32::to_bits)
                            }
                            _ => decoded.u32_at(source, at),
                        })
                        .map(|value| value.unwrap_or(MISSING))
                        .collect()
                });
                Ok(values.collect())
            })
            .collect::<Result<Vec<Vec<Vec<u32>>>, CacheError>>()?;
        for part in parts {
            for (&column, values) in columns.iter().zip(part) {
                block.columns[column as usize].extend(values);
            }
        }
        Ok(block)
    }

    /// The columns of one account, which must be among the block's.
    pub fn of(&self, cache: &Cache, account: AccountIndex) -> Rows<'_> {
        let rows = cache.hot().rows_of(account);
        let first = self.first_row as usize;
        Rows {
            columns: std::array::from_fn(|column| {
                self.columns[column].get(rows.start - first..rows.end - first).unwrap_or(&[])
            }),
        }
    }
}

/// Runs of neighbouring accounts whose rows are decoded together.
pub(super) fn blocks(cache: &Cache) -> Vec<Range<AccountIndex>> {
    let offsets = &cache.hot().offsets;
    let accounts = offsets.len() as AccountIndex - 1;
    let mut blocks = Vec::new();
    let mut start = 0;
    while start < accounts {
        let full = offsets[start as usize].saturating_add(BLOCK_ROWS);
        let end = offsets.partition_point(|&offset| offset <= full) as AccountIndex - 1;
        let end = end.clamp(start + 1, accounts);
        blocks.push(start..end);
        start = end;
    }
    blocks
}

fn source(column: RowColumn) -> SegmentColumn {
    match column {
        RowColumn::InputTokens => SegmentColumn::InputTokens,
        RowColumn::OutputTokens => SegmentColumn::OutputTokens,
        RowColumn::LatencyMs => SegmentColumn::LatencyMs,
        RowColumn::Conversation => SegmentColumn::Conversation,
        RowColumn::Model => SegmentColumn::Code(AttributeKind::Model),
        RowColumn::Ip => SegmentColumn::Code(AttributeKind::Ip),
        RowColumn::StopReason => SegmentColumn::StopReason,
        RowColumn::LogprobsRequested => SegmentColumn::LogprobsRequested,
        RowColumn::IsStream => SegmentColumn::IsStream,
        RowColumn::MeanTokenEntropy => SegmentColumn::MeanTokenEntropy,
        RowColumn::WatermarkScore => SegmentColumn::WatermarkScore,
    }
}

/// Part of a sample that belongs to one account.
pub(super) fn sample_of<'a>(
    sample: &'a [PromptSample],
    cache: &Cache,
    account: AccountIndex,
) -> &'a [PromptSample] {
    let rows = cache.hot().rows_of(account);
    let from = sample.partition_point(|one| (one.row as usize) < rows.start);
    let to = from + sample[from..].partition_point(|one| (one.row as usize) < rows.end);
    &sample[from..to]
}

/// Columns with the given values, for tests.
#[cfg(test)]
pub(super) fn for_test<'a>(given: &[(RowColumn, &'a [u32])]) -> Rows<'a> {
    let mut rows = Rows::default();
    for &(column, values) in given {
        rows.columns[column as usize] = values;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::model::Silent;

    #[test]
    fn every_account_gets_its_own_rows() {
        let folder = tempfile::tempdir().unwrap();
        let mut rows = Vec::new();
        for account in ["a", "b", "c"] {
            for call in 0..5_i64 {
                let mut exchange = row(account, call);
                exchange.tokens = (call != 3).then_some(call + 10 * i64::from(account == "b"));
                exchange.conversation = Some(["x", "y"][call as usize % 2]);
                exchange.model = Some(["m", "n"][usize::from(account == "c")]);
                rows.push(exchange);
            }
        }
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        assert_eq!(blocks(&cache), vec![0..3; 1]);
        let wanted = [RowColumn::InputTokens, RowColumn::Conversation, RowColumn::Model, RowColumn::Ip];
        let block = Block::read(&cache, 1..3, &wanted, &Silent).unwrap();
        let (b, c) = (block.of(&cache, 1), block.of(&cache, 2));
        let tokens =
            |rows: Rows<'_>| (0..6).map(|at| rows.count(RowColumn::InputTokens, at)).collect::<Vec<_>>();
        assert_eq!(tokens(b), [Some(10), Some(11), Some(12), None, Some(14), None]);
        assert_eq!(tokens(c), [Some(0), Some(1), Some(2), None, Some(4), None]);
        assert_eq!(b.count(RowColumn::Conversation, 0), b.count(RowColumn::Conversation, 2));
        assert_ne!(b.count(RowColumn::Conversation, 0), b.count(RowColumn::Conversation, 1));
        assert_eq!([b, c].map(|rows| rows.count(RowColumn::Model, 4)), [Some(0), Some(1)]);
        assert!(!b.has(RowColumn::Ip) && !b.has(RowColumn::LatencyMs) && b.has(RowColumn::Model));
    }
}
