//! Reading of spans in batches of rows.

use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};

use super::flat::Flat;
use super::index::SpanIndex;
use super::layout::SpanLayout;

/// Number of traces decoded at a time. A trace may have many spans, all of which are decoded together.
const BATCH_TRACES: usize = 16;

/// Bytes of rows after which a batch ends. Offsets of text are 32 bits wide, and a resource is repeated in
/// each of its spans.
const BATCH_BYTES: usize = 64 << 20;

/// Traces that were decoded, with their wanted spans that are not yet delivered.
struct Decoded {
    batch: RecordBatch,
    flat: Flat,
    kept: Vec<usize>,
    /// Number of the wanted spans that were delivered.
    delivered: usize,
}

/// Reader of some spans of a row group, in order.
struct Spans {
    reader: ParquetRecordBatchReader,
    layout: SpanLayout,
    /// Number of the first span of each trace that the reader delivers, and of its spans.
    traces: std::vec::IntoIter<(u64, u32)>,
    /// Wanted spans of the row group, in order.
    wanted: Vec<Range<u64>>,
    batch_rows: usize,
    batch_bytes: usize,
    decoded: Option<Decoded>,
    failed: bool,
}

/// Batches of the wanted spans of a row group; all without ranges.
///
/// # Errors
/// The row group cannot be read; in words.
pub(in crate::snapshot) fn batches(
    file: std::fs::File,
    from: (ArrowReaderMetadata, ProjectionMask),
    layout: &SpanLayout,
    index: &SpanIndex,
    group: usize,
    wanted: Option<Vec<Range<u64>>>,
    batch_rows: usize,
) -> Result<impl Iterator<Item = Result<RecordBatch, String>> + use<>, String> {
    batches_within(file, from, layout, index, group, wanted, (batch_rows, BATCH_BYTES))
}

/// As [`batches`], of up to some rows and about some bytes.
pub(super) fn batches_within(
    file: std::fs::File,
    (metadata, mask): (ArrowReaderMetadata, ProjectionMask),
    layout: &SpanLayout,
    index: &SpanIndex,
    group: usize,
    wanted: Option<Vec<Range<u64>>>,
    (batch_rows, batch_bytes): (usize, usize),
) -> Result<impl Iterator<Item = Result<RecordBatch, String>> + use<>, String> {
    let counts = index.groups.get(group).ok_or("the row group does not exist")?;
    index.check(group, |leaf| mask.leaf_included(leaf))?;
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
        batch_bytes,
        decoded: None,
        failed: false,
    })
}

/// True if one of some ascending ranges has a row of another range.
fn overlaps(ranges: &[Range<u64>], own: &Range<u64>) -> bool {
    let at = ranges.partition_point(|range| range.end <= own.start);
    !own.is_empty() && ranges.get(at).is_some_and(|range| range.start < own.end)
}

impl Spans {
    /// Decodes the next traces; false at the end.
    fn decode(&mut self) -> Result<bool, String> {
        let Some(batch) = self.reader.next() else { return Ok(false) };
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
        self.decoded = Some(Decoded { batch, flat, kept, delivered: 0 });
        Ok(true)
    }

    /// Next batch: pieces of decoded traces, up to the wanted number of rows and bytes.
    fn advance(&mut self) -> Result<Option<RecordBatch>, String> {
        let (mut pieces, mut rows, mut bytes) = (Vec::new(), 0, 0);
        while rows < self.batch_rows && bytes < self.batch_bytes {
            let Some(decoded) = &mut self.decoded else {
                match self.decode()? {
                    true => continue,
                    false => break,
                }
            };
            let (piece, own) =
                decoded.piece(&self.layout, self.batch_rows - rows, self.batch_bytes - bytes)?;
            match piece {
                Some(piece) => {
                    rows += piece.num_rows();
                    bytes += own;
                    pieces.push(piece);
                }
                None => self.decoded = None,
            }
        }
        match &pieces[..] {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            [first, ..] => concat_batches(&first.schema(), &pieces).map(Some).map_err(|e| e.to_string()),
        }
    }
}

impl Decoded {
    /// The next rows, at least one and no more than `rows` or about `bytes`, with their bytes; `None` if all
    /// were delivered.
    fn piece(
        &mut self,
        layout: &SpanLayout,
        rows: usize,
        bytes: usize,
    ) -> Result<(Option<RecordBatch>, usize), String> {
        let (mut taken, mut own) = (0, 0);
        let rest = &self.kept[self.delivered..];
        for &at in rest.iter().take(rows) {
            own += self.flat.bytes(&self.batch, layout, at);
            taken += 1;
            if own >= bytes {
                break;
            }
        }
        let Some(wanted) = rest.get(..taken).filter(|wanted| !wanted.is_empty()) else {
            return Ok((None, 0));
        };
        let piece = self.flat.rows(&self.batch, layout, wanted)?;
        self.delivered += taken;
        Ok((Some(piece), own))
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
