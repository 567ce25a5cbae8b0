//! Whole records by row.
//!
//! Reads only the pages that hold the rows asked for, where the file has a page index, and only
//! the row groups that do otherwise.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Float32Type, Float64Type, Int32Type, Int64Type};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder, RowSelection};
use serde_json::{Map, Value};

use super::convert::{Place, Rows};
use super::read::guarded_convert;
use super::source::{Found, Source, guarded};
use super::{Column, ColumnType, Mapping, SnapshotError};
use crate::model::{Digest, ExchangeRef, Record};

/// Rows decoded at a time: records can be long.
const BATCH_ROWS: usize = 256;

/// The records at some rows of a file, ascending, each once. Every column of `columns` (or of
/// [`Column::ALL`]) is in each record, in canonical order: times as whole microseconds UTC,
/// missing values and what the file lacks as `null`, embeddings as arrays. JSON has no
/// infinities, so a float that is not finite is `null`. No rows give no records.
///
/// # Errors
/// As for [`read`](super::read()), and a row that the file does not have.
pub fn fetch(
    path: &Path,
    name: &str,
    mapping: &Mapping,
    rows: &[u64],
    snapshot: Digest,
    columns: Option<&[Column]>,
) -> Result<Vec<Record>, SnapshotError> {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows.dedup();
    let mut columns = columns.unwrap_or(&Column::ALL).to_vec();
    columns.sort_unstable();
    columns.dedup();

    let source = Source::open(path, name, true)?;
    let found = source.find(mapping, &columns)?;
    let fetcher = Fetcher { metadata: source.tuned(&columns, &found), source, columns, found, snapshot };
    let mut records = Vec::with_capacity(rows.len());
    let (mut start, mut rest) = (0, rows.as_slice());
    for (index, count) in fetcher.source.row_groups().into_iter().enumerate() {
        let (here, later) = rest.split_at(rest.partition_point(|&row| row < start + count));
        if !here.is_empty() {
            fetcher.group(index, start..start + count, here, &mut records)?;
        }
        (start, rest) = (start + count, later);
    }
    match rest.first() {
        None => Ok(records),
        Some(&asked) => {
            Err(SnapshotError::OutOfRange { file: name.to_owned(), what: "row", asked, has: start })
        }
    }
}

struct Fetcher {
    source: Source,
    metadata: ArrowReaderMetadata,
    columns: Vec<Column>,
    found: Vec<Option<Found>>,
    snapshot: Digest,
}

impl Fetcher {
    /// The records of one row group, which has the rows `span` of the file.
    fn group(
        &self,
        index: usize,
        span: std::ops::Range<u64>,
        rows: &[u64],
        records: &mut Vec<Record>,
    ) -> Result<(), SnapshotError> {
        let name = &self.source.name;
        let file = self
            .source
            .file
            .try_clone()
            .map_err(|source| SnapshotError::Io { path: name.clone().into(), source })?;
        // Rows of one group are counted in 32 bits by Parquet.
        let local = |row: u64| (row - span.start) as usize;
        let selection = RowSelection::from_consecutive_ranges(
            rows.iter().map(|&row| local(row)..local(row) + 1),
            local(span.end),
        );
        let mut reader = guarded(name, Some(index), || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(self.source.projection(&self.found))
                .with_batch_size(BATCH_ROWS)
                .with_row_groups(vec![index])
                .with_row_selection(selection)
                .build()
                .map_err(|e| e.to_string())
        })?;
        let (mut done, mut dims) = (0, None);
        while let Some(batch) =
            guarded(name, Some(index), || reader.next().transpose().map_err(|e| e.to_string()))?
        {
            let here = rows.get(done..done + batch.num_rows()).unwrap_or_default();
            let place = Place { file: name, row_group: index, rows: Rows::Listed(here) };
            let mut arrays = Vec::with_capacity(self.columns.len());
            for (&column, found) in self.columns.iter().zip(&self.found) {
                arrays.push(match found {
                    Some(found) => Some(guarded_convert(column, found, &batch, &mut dims, &place)?),
                    None => None,
                });
            }
            records.extend(here.iter().enumerate().map(|(i, &row)| self.record(row, &arrays, i)));
            done += batch.num_rows();
        }
        if done == rows.len() {
            return Ok(());
        }
        let reason = format!("{} of the rows asked for are not in it", rows.len().abs_diff(done));
        Err(SnapshotError::Damaged { file: name.clone(), row_group: Some(index), reason })
    }

    fn record(&self, row: u64, arrays: &[Option<ArrayRef>], i: usize) -> Record {
        let values = self.columns.iter().zip(arrays).map(|(column, array)| {
            let value = array.as_ref().map_or(Value::Null, |array| value(column.kind(), array, i));
            (column.name().to_owned(), value)
        });
        Record {
            exchange: ExchangeRef { snapshot: self.snapshot, file: self.source.name.clone(), row },
            columns: values.collect::<Map<_, _>>(),
        }
    }
}

/// One value of an array that [`convert`](super::convert::convert) made.
fn value(kind: ColumnType, array: &ArrayRef, i: usize) -> Value {
    if array.is_null(i) {
        return Value::Null;
    }
    match kind {
        ColumnType::Time | ColumnType::Int => array.as_primitive::<Int64Type>().value(i).into(),
        ColumnType::Float => array.as_primitive::<Float64Type>().value(i).into(),
        ColumnType::Bool => array.as_boolean().value(i).into(),
        ColumnType::LongText => array.as_string::<i32>().value(i).into(),
        ColumnType::Text => {
            let dictionary = array.as_dictionary::<Int32Type>();
            let texts = Arc::clone(dictionary.values());
            dictionary.key(i).map_or(Value::Null, |key| texts.as_string::<i32>().value(key).into())
        }
        ColumnType::Embedding => {
            let vector = array.as_fixed_size_list().value(i);
            vector.as_primitive::<Float32Type>().values().iter().map(|&x| Value::from(f64::from(x))).collect()
        }
    }
}
