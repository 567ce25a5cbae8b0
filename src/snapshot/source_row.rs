//! Source rows: the rows of a file with every column and every bit, without conversion. The source row of
//! a text file is its line, that of a file of nested traces a span with its trace, resource and scope.
//!
//! Parquet text is read as bytes and becomes text again where all of it is UTF-8, so a column annotated as
//! text that holds something else is bytes in the row. Hints of the program that wrote the file
//! (`ARROW:schema`) are not followed: the types are those that every Parquet reader sees.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, MapArray, RecordBatch, StringArray, StructArray};
use arrow_ipc::MetadataVersion;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, FieldRef, Schema};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder, RowSelection};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};

use super::file::{Carrier, File, Nested, guarded};
use super::lines::{Lines, line_records};
use super::record_hash::record_hash;
use super::spans::span_records;
use super::{Mapping, SnapshotError, annotation};
use crate::model::SourceRow;

/// The source rows at some rows of a file, ascending, each once, with the row's number.
///
/// # Errors
/// A file that cannot be read, and a row that it does not have.
pub fn source_rows(
    path: &Path,
    name: &str,
    mapping: &Mapping,
    rows: &[u64],
) -> Result<Vec<(u64, SourceRow)>, SnapshotError> {
    File::open_indexed(path, name)?.source_rows(mapping, rows)
}

impl File {
    /// The source rows at some rows, as [`source_rows`] gives them.
    ///
    /// # Errors
    /// As [`source_rows`].
    pub fn source_rows(
        &self,
        mapping: &Mapping,
        rows: &[u64],
    ) -> Result<Vec<(u64, SourceRow)>, SnapshotError> {
        rows_of(self, mapping, rows)
    }
}

fn rows_of(source: &File, mapping: &Mapping, rows: &[u64]) -> Result<Vec<(u64, SourceRow)>, SnapshotError> {
    let name = source.name();
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows.dedup();
    // A mapping of texts and units always serialises.
    let mapping = serde_json::to_string(mapping).unwrap_or_default();
    let reading = match source.carrier() {
        Carrier::Parquet(footer) => Some(guarded(name, None, || SourceReader::of(footer.metadata()))?),
        Carrier::Spans(nested) => Some(guarded(name, None, || SourceReader::of_spans(nested))?),
        Carrier::Lines(_, _) => None,
    };
    let mut found = Vec::with_capacity(rows.len());
    let (mut start, mut rest) = (0, rows.as_slice());
    for (index, count) in source.row_groups().into_iter().enumerate() {
        let (here, later) = rest.split_at(rest.partition_point(|&row| row < start + count));
        let file = source.handle()?;
        found.extend(guarded(name, Some(index), || match (&reading, source.carrier()) {
            (Some(reading), Carrier::Spans(nested)) => {
                reading.spans(file, nested, index, start, here, &mapping)
            }
            (Some(reading), _) => reading.group(file, index, start..start + count, here, &mapping),
            (None, Carrier::Lines(lines, _)) => of_lines(source, lines, index, here, &mapping),
            (None, _) => Ok(Vec::new()),
        })?);
        (start, rest) = (start + count, later);
    }
    match rest.first() {
        None if found.len() != rows.len() => {
            let reason = format!(
                "{} of {} rows asked for cannot be read",
                rows.len().abs_diff(found.len()),
                rows.len()
            );
            Err(SnapshotError::Damaged { file: name.to_owned(), row_group: None, reason })
        }
        None => Ok(found),
        Some(&asked) => {
            Err(SnapshotError::OutOfRange { file: name.to_owned(), what: "row", asked, has: start })
        }
    }
}

/// Records of lines, as rows whose columns are the bytes of the line and, for CSV, of the header.
fn of_lines(
    source: &File,
    lines: &Arc<Lines>,
    group: usize,
    rows: &[u64],
    mapping: &str,
) -> Result<Vec<(u64, SourceRow)>, String> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let records = line_records(source.path(), lines, group, rows)?;
    rows.iter().zip(records).map(|(&row, record)| Ok((row, to_source_row(&record, mapping)?))).collect()
}

/// Row of a record batch in the form in which a case keeps it.
///
/// # Errors
/// Arrow's IPC or the record hash has no such type; in words.
pub fn to_source_row(batch: &RecordBatch, mapping: &str) -> Result<SourceRow, String> {
    let sha256 = record_hash(batch, 0)?;
    let options = IpcWriteOptions::try_new(8, false, MetadataVersion::V5).map_err(|e| e.to_string())?;
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options)
        .map_err(|e| e.to_string())?;
    let schema = writer.get_ref().clone();
    writer.write(batch).and_then(|()| writer.finish()).map_err(|e| e.to_string())?;
    let mut row = writer.into_inner().map_err(|e| e.to_string())?;
    row.drain(..schema.len());
    Ok(SourceRow { schema, row, sha256, mapping: mapping.to_owned() })
}

/// Batch of the one source row that a case keeps, after a check of its hash.
///
/// # Errors
/// The bytes are not a source row, or the hash differs; in words.
pub fn from_source_row(source: &SourceRow) -> Result<RecordBatch, String> {
    let decode = || {
        let stream = Cursor::new([source.schema.as_slice(), source.row.as_slice()].concat());
        let mut reader = StreamReader::try_new(stream, None).map_err(|e| e.to_string())?;
        let batch = reader.next().ok_or("there is no row")?.map_err(|e| e.to_string())?;
        if batch.num_rows() != 1 || record_hash(&batch, 0)? != source.sha256 {
            return Err("the row does not have its SHA-256".to_owned());
        }
        Ok(batch)
    };
    std::panic::catch_unwind(decode).unwrap_or_else(|_| Err("its bytes cannot be decoded".to_owned()))
}

/// Reader of a file without conversion; reads whole row groups as [`source_rows`] reads single rows.
pub struct SourceReader {
    /// Metadata under which text is bytes.
    metadata: ArrowReaderMetadata,
    /// Schema in which text is text.
    schema: Arc<Schema>,
}

impl SourceReader {
    /// Reader of a file with this footer.
    ///
    /// # Errors
    /// Arrow has no equivalent of the schema; in words.
    pub fn of(metadata: &Arc<ParquetMetaData>) -> Result<Self, String> {
        let (schema, metadata) = annotation::plain(metadata)?;
        Ok(Self { metadata, schema })
    }

    /// Reader of the spans of a file.
    fn of_spans(nested: &Nested) -> Result<Self, String> {
        let whole = Self::of(nested.footer.metadata())?;
        let fields = nested
            .layout
            .fields(whole.schema.fields())
            .ok_or("its levels have moved since the file was opened")?;
        Ok(Self { metadata: whole.metadata, schema: Arc::new(Schema::new(fields)) })
    }

    /// Source rows of some spans of a row group whose first span has the number `first`.
    fn spans(
        &self,
        file: std::fs::File,
        nested: &Nested,
        group: usize,
        first: u64,
        rows: &[u64],
        mapping: &str,
    ) -> Result<Vec<(u64, SourceRow)>, String> {
        let spans: Vec<u64> = rows.iter().map(|row| row - first).collect();
        let records = span_records(file, &self.metadata, &nested.layout, &nested.index, group, &spans)?;
        rows.iter()
            .zip(records)
            .map(|(&row, record)| Ok((row, to_source_row(&self.restored(&record)?, mapping)?)))
            .collect()
    }

    /// Reader of an open file.
    ///
    /// # Errors
    /// The footer cannot be read, or Arrow has no equivalent of the schema; in words.
    pub fn open(file: &std::fs::File) -> Result<Self, String> {
        Self::of(&annotation::footer(file, PageIndexPolicy::Skip)?)
    }

    /// Number of row groups.
    pub fn row_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Rows of a row group, in batches of the given size.
    ///
    /// # Errors
    /// The row group cannot be read; in words.
    pub fn batches(
        &self,
        file: std::fs::File,
        row_group: usize,
        batch_rows: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, String>>, String> {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_row_groups(vec![row_group])
            .with_batch_size(batch_rows)
            .build()
            .map_err(|e| e.to_string())?;
        Ok(reader.map(move |batch| self.restored(&batch.map_err(|e| e.to_string())?)))
    }

    fn group(
        &self,
        file: std::fs::File,
        index: usize,
        span: std::ops::Range<u64>,
        rows: &[u64],
        mapping: &str,
    ) -> Result<Vec<(u64, SourceRow)>, String> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        // Rows of one group are counted in 32 bits by Parquet.
        let local = |row: u64| (row - span.start) as usize;
        let selection = RowSelection::from_consecutive_ranges(
            rows.iter().map(|&row| local(row)..local(row) + 1),
            local(span.end),
        );
        // One row at a time: records can be long, and this bounds the memory to one of them.
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_row_groups(vec![index])
            .with_row_selection(selection)
            .with_batch_size(1)
            .build()
            .map_err(|e| e.to_string())?;
        let mut found = Vec::with_capacity(rows.len());
        for (batch, &row) in reader.zip(rows) {
            let batch = self.restored(&batch.map_err(|e| e.to_string())?)?;
            found.push((row, to_source_row(&batch, mapping)?));
        }
        if found.len() < rows.len() {
            return Err(format!("{} of the rows asked for are not in it", rows.len() - found.len()));
        }
        Ok(found)
    }

    fn restored(&self, batch: &RecordBatch) -> Result<RecordBatch, String> {
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for (array, field) in batch.columns().iter().zip(self.schema.fields()) {
            let (field, array) = restored(array, field)?;
            fields.push(field);
            arrays.push(array);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|e| e.to_string())
    }
}

/// Array with its bytes as text if the field is annotated as text and all values are valid UTF-8.
fn restored(array: &ArrayRef, wanted: &FieldRef) -> Result<(FieldRef, ArrayRef), String> {
    let fail = |e: arrow_schema::ArrowError| e.to_string();
    let new: ArrayRef = match (array.data_type(), wanted.data_type()) {
        (DataType::Binary, DataType::Utf8) => {
            let bytes = array.as_binary::<i32>();
            let (offsets, values, nulls) = bytes.clone().into_parts();
            match StringArray::try_new(offsets, values, nulls) {
                Ok(text) => Arc::new(text),
                Err(_) => Arc::clone(array),
            }
        }
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let old = array.as_struct();
            let parts = old.columns().iter().zip(fields).map(|(child, field)| restored(child, field));
            let (fields, arrays): (Vec<_>, Vec<_>) =
                parts.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
            Arc::new(StructArray::try_new(fields.into(), arrays, old.nulls().cloned()).map_err(fail)?)
        }
        (DataType::List(_), DataType::List(item)) => {
            let old = array.as_list::<i32>();
            let (item, values) = restored(old.values(), item)?;
            Arc::new(
                ListArray::try_new(item, old.offsets().clone(), values, old.nulls().cloned())
                    .map_err(fail)?,
            )
        }
        (DataType::Map(_, sorted), DataType::Map(entries, _)) => {
            let old = array.as_map();
            let inner: ArrayRef = Arc::new(old.entries().clone());
            let (field, inner) = restored(&inner, entries)?;
            let inner = inner.as_struct().clone();
            let offsets = old.offsets().clone();
            Arc::new(MapArray::try_new(field, offsets, inner, old.nulls().cloned(), *sorted).map_err(fail)?)
        }
        _ => Arc::clone(array),
    };
    let field = Field::new(wanted.name(), new.data_type().clone(), wanted.is_nullable());
    Ok((Arc::new(field), new))
}

#[cfg(test)]
mod tests;
