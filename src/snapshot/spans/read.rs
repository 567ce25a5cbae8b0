//! Reading of spans in batches of rows.

use std::ops::Range;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};

use super::flat::Flat;
use super::index::SpanIndex;
use super::layout::SpanLayout;

/// Number of traces decoded at a time. A trace may have many spans, all of which are decoded together.
const BATCH_TRACES: usize = 16;

/// Reader of some spans of a row group, in order.
struct Spans {
    reader: ParquetRecordBatchReader,
    layout: SpanLayout,
    /// Number of the first span of each trace that the reader delivers, and of its spans.
    traces: std::vec::IntoIter<(u64, u32)>,
    /// Wanted spans of the row group, in order.
    wanted: Vec<Range<u64>>,
    batch_rows: usize,
    waiting: Vec<RecordBatch>,
    rows: usize,
    failed: bool,
}

/// Batches of the wanted spans of a row group; all without ranges.
///
/// # Errors
/// The row group cannot be read; in words.
pub(in crate::snapshot) fn batches(
    file: std::fs::File,
    (metadata, mask): (ArrowReaderMetadata, ProjectionMask),
    layout: &SpanLayout,
    index: &SpanIndex,
    group: usize,
    wanted: Option<Vec<Range<u64>>>,
    batch_rows: usize,
) -> Result<impl Iterator<Item = Result<RecordBatch, String>> + use<>, String> {
    let counts = index.groups.get(group).ok_or("there is no such row group")?;
    let total: u64 = counts.iter().map(|&spans| u64::from(spans)).sum();
    let all = std::iter::once(0..total).collect();
    let wanted: Vec<Range<u64>> = wanted.unwrap_or(all);
    let (mut traces, mut selected, mut first) = (Vec::new(), Vec::new(), 0);
    for (trace, &spans) in counts.iter().enumerate() {
        let own = first..first + u64::from(spans);
        if overlaps(&wanted, &own) {
            traces.push((first, spans));
            selected.push(trace..trace + 1);
        }
        first = own.end;
    }
    let selection = RowSelection::from_consecutive_ranges(selected.into_iter(), counts.len());
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
        .with_projection(mask)
        .with_batch_size(BATCH_TRACES)
        .with_row_groups(vec![group])
        .with_row_selection(selection)
        .build()
        .map_err(|e| e.to_string())?;
    Ok(Spans {
        reader,
        layout: layout.clone(),
        traces: traces.into_iter(),
        wanted,
        batch_rows: batch_rows.max(1),
        waiting: Vec::new(),
        rows: 0,
        failed: false,
    })
}

/// True if one of some ascending ranges has a row of another range.
fn overlaps(ranges: &[Range<u64>], own: &Range<u64>) -> bool {
    let at = ranges.partition_point(|range| range.end <= own.start);
    !own.is_empty() && ranges.get(at).is_some_and(|range| range.start < own.end)
}

impl Spans {
    /// Decodes traces until there are enough rows for a batch, or no more.
    fn fill(&mut self) -> Result<(), String> {
        while self.rows < self.batch_rows {
            let Some(batch) = self.reader.next() else { return Ok(()) };
            let batch = batch.map_err(|e| e.to_string())?;
            let flat = Flat::of(&batch, &self.layout)?;
            let numbers: Vec<(u64, u32)> = self.traces.by_ref().take(batch.num_rows()).collect();
            let (mut kept, mut counts) = (Vec::new(), vec![0; numbers.len()]);
            for (at, trace) in flat.traces().enumerate() {
                let (first, _) = *numbers.get(trace).ok_or(COUNT)?;
                let row = first + u64::from(counts[trace]);
                counts[trace] += 1;
                if overlaps(&self.wanted, &(row..row + 1)) {
                    kept.push(at);
                }
            }
            if numbers.iter().zip(&counts).any(|((_, spans), count)| spans != count) {
                return Err(COUNT.to_owned());
            }
            // Large traces are put together in pieces, so that a batch stays as small as it was asked for.
            for piece in kept.chunks(self.batch_rows) {
                self.rows += piece.len();
                self.waiting.push(flat.rows(&batch, &self.layout, piece)?);
            }
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<Option<RecordBatch>, String> {
        self.fill()?;
        let Some(first) = self.waiting.first() else { return Ok(None) };
        let all = match self.waiting.len() {
            1 => first.clone(),
            _ => concat_batches(&first.schema(), &self.waiting).map_err(|e| e.to_string())?,
        };
        let taken = self.batch_rows.min(all.num_rows());
        let rest = all.slice(taken, all.num_rows() - taken);
        self.rows = rest.num_rows();
        self.waiting = if self.rows > 0 { vec![rest] } else { Vec::new() };
        Ok(Some(all.slice(0, taken)))
    }
}

/// Reason for a trace whose columns disagree.
const COUNT: &str = "its columns disagree on the number of spans";

impl Iterator for Spans {
    type Item = Result<RecordBatch, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.advance();
        self.failed = next.is_err();
        next.transpose()
    }
}
