//! Reading one file's canonical columns in batches.
//!
//! A batch never spans row groups. Arrays always have the types that [`ColumnType`](super::ColumnType) tells,
//! whatever the file has: cast, scaled and checked on the way.

use std::ops::Range;
use std::path::Path;

use arrow::array::ArrayRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::convert::{Place, Rows, convert};
use super::source::{Found, Source, guarded};
use super::{Column, ColumnType, Mapping, SnapshotError};

/// Rows in a batch at most.
const BATCH_ROWS: usize = 8_192;
/// The same where prompts, responses or vectors are read: they are large.
const LONG_BATCH_ROWS: usize = 1_024;

/// Some consecutive rows of one row group.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The row group, counted from 0.
    pub row_group: usize,
    /// Row in the file of the batch's first row.
    pub first_row: u64,
    /// How many rows.
    pub rows: usize,
    /// One array of `rows` values a column asked for, in that order; `None` where the column is
    /// not mapped or the file lacks it. By kind: Time `Int64Array` of microseconds UTC; Text
    /// `DictionaryArray<Int32Type>` of `StringArray`, whose dictionary may have values that no
    /// row uses; LongText `StringArray`; Int `Int64Array`; Float `Float64Array`; Bool
    /// `BooleanArray`; Embedding `FixedSizeListArray` of `Float32` (length 0 as long as only
    /// nulls were met). `ts` and `account_id` have no nulls.
    pub columns: Vec<Option<ArrayRef>>,
}

/// Reads one file, batch after batch, in file order. After an error it ends.
pub struct Reader {
    source: Source,
    columns: Vec<Column>,
    found: Vec<Option<Found>>,
    metadata: ArrowReaderMetadata,
    projection: ProjectionMask,
    batch_rows: usize,
    rows: Vec<u64>,
    groups: Range<usize>,
    current: Option<Group>,
    dims: Option<i32>,
    failed: bool,
}

struct Group {
    index: usize,
    reader: ParquetRecordBatchReader,
    next_row: u64,
    end_row: u64,
}

/// Opens a file for reading the given columns of some row groups, or of all. `name` is the
/// file's name inside the snapshot, for errors.
///
/// # Errors
/// A file that is no sound Parquet, a required column among `columns` that is not mapped or not
/// there, a column of a type that will not do, row groups that the file does not have.
pub fn read(
    path: &Path,
    name: &str,
    mapping: &Mapping,
    columns: &[Column],
    row_groups: Option<Range<usize>>,
) -> Result<Reader, SnapshotError> {
    let source = Source::open(path, name, false)?;
    let found = source.find(mapping, columns)?;
    let rows = source.row_groups();
    let groups = row_groups.unwrap_or(0..rows.len());
    if groups.end > rows.len() {
        return Err(SnapshotError::OutOfRange {
            file: name.to_owned(),
            what: "row group",
            asked: groups.end.saturating_sub(1) as u64,
            has: rows.len() as u64,
        });
    }
    Ok(Reader {
        metadata: source.tuned(columns, &found),
        projection: source.projection(&found),
        batch_rows: batch_rows(columns),
        source,
        columns: columns.to_vec(),
        found,
        rows,
        groups,
        current: None,
        dims: None,
        failed: false,
    })
}

/// Rows in each row group of a file.
///
/// # Errors
/// A file that is no sound Parquet.
pub fn row_groups(path: &Path, name: &str) -> Result<Vec<u64>, SnapshotError> {
    Ok(Source::open(path, name, false)?.row_groups())
}

fn batch_rows(columns: &[Column]) -> usize {
    let is_large = |column: &Column| {
        matches!(column, Column::PromptText | Column::ResponseText) || column.kind() == ColumnType::Embedding
    };
    if columns.iter().any(is_large) { LONG_BATCH_ROWS } else { BATCH_ROWS }
}

impl Reader {
    fn start(&self, index: usize) -> Result<Group, SnapshotError> {
        let file = self
            .source
            .file
            .try_clone()
            .map_err(|source| SnapshotError::Io { path: self.source.name.clone().into(), source })?;
        let reader = guarded(&self.source.name, Some(index), || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(self.projection.clone())
                .with_batch_size(self.batch_rows)
                .with_row_groups(vec![index])
                .build()
                .map_err(|e| e.to_string())
        })?;
        let next_row = self.rows[..index].iter().sum();
        Ok(Group { index, reader, next_row, end_row: next_row + self.rows[index] })
    }

    fn advance(&mut self) -> Result<Option<Batch>, SnapshotError> {
        loop {
            if self.current.is_none() {
                let Some(index) = self.groups.next() else { return Ok(None) };
                self.current = Some(self.start(index)?);
            }
            let Some(group) = &mut self.current else { continue };
            let name = &self.source.name;
            let batch = guarded(name, Some(group.index), || {
                group.reader.next().transpose().map_err(|e| e.to_string())
            })?;
            let Some(batch) = batch else {
                if group.next_row != group.end_row {
                    let reason = format!("it ends {} rows early", group.end_row - group.next_row);
                    let (file, row_group) = (name.clone(), Some(group.index));
                    return Err(SnapshotError::Damaged { file, row_group, reason });
                }
                self.current = None;
                continue;
            };
            let place = Place { file: name, row_group: group.index, rows: Rows::From(group.next_row) };
            let dims = &mut self.dims;
            let mut columns = Vec::with_capacity(self.columns.len());
            for (&column, found) in self.columns.iter().zip(&self.found) {
                columns.push(match found {
                    Some(found) => Some(guarded_convert(column, found, &batch, dims, &place)?),
                    None => None,
                });
            }
            let (row_group, first_row, rows) = (group.index, group.next_row, batch.num_rows());
            group.next_row += rows as u64;
            return Ok(Some(Batch { row_group, first_row, rows, columns }));
        }
    }
}

/// [`convert`] on a column of a batch, panics caught.
pub(super) fn guarded_convert(
    column: Column,
    found: &Found,
    batch: &arrow::array::RecordBatch,
    dims: &mut Option<i32>,
    place: &Place<'_>,
) -> Result<ArrayRef, SnapshotError> {
    guarded(place.file, Some(place.row_group), || {
        let array = found.array(batch).ok_or("a column is not where the footer says")?;
        Ok(convert(column, found, &array, dims, place))
    })?
}

impl Iterator for Reader {
    type Item = Result<Batch, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.advance();
        self.failed = next.is_err();
        next.transpose()
    }
}
