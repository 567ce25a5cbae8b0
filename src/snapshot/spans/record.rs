//! Spans as a case keeps them: each with its trace, resource and scope, without conversion.

use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder, RowSelection};

use super::flat::Flat;
use super::index::SpanIndex;
use super::layout::SpanLayout;

/// Records of some spans of a row group, numbered within the row group and ascending.
///
/// # Errors
/// A span cannot be read, or is not in the file; in words.
pub(in crate::snapshot) fn span_records(
    file: std::fs::File,
    metadata: &ArrowReaderMetadata,
    layout: &SpanLayout,
    index: &SpanIndex,
    group: usize,
    spans: &[u64],
) -> Result<Vec<RecordBatch>, String> {
    if spans.is_empty() {
        return Ok(Vec::new());
    }
    let counts = index.groups.get(group).ok_or("the row group does not exist")?;
    index.check(group, |_| true)?;
    // Trace of each wanted span, and the span's position in it.
    let mut places: Vec<(usize, u64)> = Vec::with_capacity(spans.len());
    let (mut trace, mut first) = (0, 0);
    for &span in spans {
        while let Some(&count) = counts.get(trace).filter(|&&count| first + u64::from(count) <= span) {
            first += u64::from(count);
            trace += 1;
        }
        places.push((trace, span - first));
    }
    let mut traces: Vec<usize> = places.iter().map(|place| place.0).collect();
    traces.dedup();
    let selected = traces.iter().map(|&trace| trace..trace + 1);
    // One trace at a time: records can be long, and this bounds the memory to one of them.
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
        .with_row_groups(vec![group])
        .with_row_selection(RowSelection::from_consecutive_ranges(selected, counts.len()))
        .with_batch_size(1)
        .build()
        .map_err(|e| e.to_string())?;
    let mut records = Vec::with_capacity(spans.len());
    for (batch, trace) in reader.zip(&traces) {
        let batch = batch.map_err(|e| e.to_string())?;
        let flat = Flat::of(&batch, layout)?;
        for (_, at) in places.iter().filter(|(own, _)| own == trace) {
            let at = usize::try_from(*at).ok().filter(|&at| at < flat.len());
            records.push(flat.rows(&batch, layout, &[at.ok_or("a span is not at its counted position")?])?);
        }
    }
    if records.len() != spans.len() {
        return Err(format!("{} of the spans asked for are not in it", spans.len().abs_diff(records.len())));
    }
    Ok(records)
}
