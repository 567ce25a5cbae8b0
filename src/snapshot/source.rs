//! One Parquet file, opened: its footer checked, its columns found under a mapping.
//!
//! Reads footers only. Calls into the Parquet reader go through [`guarded`]: a malformed file is
//! an error here, never a panic.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StructArray, make_array};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::LogicalType;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};

use super::mapping::Unit;
use super::{Column, ColumnType, Mapping, SnapshotError};

/// A file whose footer was read and is sound.
pub(super) struct Source {
    pub file: File,
    pub name: String,
    pub metadata: ArrowReaderMetadata,
}

/// Where a canonical column stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// Field names from the top through structs to the column.
    path: Vec<String>,
    /// What the file says it is.
    pub data_type: DataType,
    /// Sixteen bytes that are a UUID, to be written with hyphens.
    pub uuid: bool,
    /// The unit of its numbers, where the mapping gives one.
    pub unit: Option<Unit>,
}

/// Runs a call into the Parquet or Arrow crate, whose decoders may panic on pages that an
/// adversary or a bad disk wrote. The closure's state is dropped after a failure.
pub(super) fn guarded<T>(
    name: &str,
    row_group: Option<usize>,
    call: impl FnOnce() -> Result<T, String>,
) -> Result<T, SnapshotError> {
    let damaged = |reason| SnapshotError::Damaged { file: name.to_owned(), row_group, reason };
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(reason)) => Err(damaged(reason)),
        Err(_) => Err(damaged("its pages make no sense to the Parquet reader".to_owned())),
    }
}

impl Source {
    /// Opens a file, tells empty, foreign and truncated ones apart, and reads the footer; with
    /// the page index, where there is one, when `page_index`.
    pub fn open(path: &Path, name: &str, page_index: bool) -> Result<Self, SnapshotError> {
        let mut file = File::open(path).map_err(|e| SnapshotError::io(path, e))?;
        let bytes = check_magic(&mut file, name).map_err(|e| match e {
            Magic::Io(e) => SnapshotError::io(path, e),
            Magic::Wrong(e) => e,
        })?;
        let policy = if page_index { PageIndexPolicy::Optional } else { PageIndexPolicy::Skip };
        let options = ArrowReaderOptions::new().with_page_index_policy(policy);
        let metadata = guarded(name, None, || {
            let metadata = ArrowReaderMetadata::load(&file, options).map_err(|e| e.to_string())?;
            check_extent(metadata.metadata(), bytes)?;
            Ok(metadata)
        })?;
        Ok(Self { file, name: name.to_owned(), metadata })
    }

    /// Rows in each row group.
    pub fn row_groups(&self) -> Vec<u64> {
        // `check_extent` refused negative counts.
        self.metadata.metadata().row_groups().iter().map(|g| g.num_rows().unsigned_abs()).collect()
    }

    /// Where the canonical columns stand; `None` for one that is not mapped or that this file
    /// lacks.
    ///
    /// # Errors
    /// A required column that is not mapped or not there, a column of a type that will not do,
    /// a name that the file has twice, an unsound mapping.
    pub fn find(&self, mapping: &Mapping, columns: &[Column]) -> Result<Vec<Option<Found>>, SnapshotError> {
        mapping.check()?;
        columns.iter().map(|&column| self.find_one(mapping, column)).collect()
    }

    fn find_one(&self, mapping: &Mapping, column: Column) -> Result<Option<Found>, SnapshotError> {
        let Some(source) = mapping.source(column) else {
            return if column.is_required() {
                Err(SnapshotError::Unmapped { column: column.name() })
            } else {
                Ok(None)
            };
        };
        let found = match self.locate(source, mapping.unit(column))? {
            Some(found) => found,
            None if column.is_required() => {
                return Err(SnapshotError::MissingColumn {
                    file: self.name.clone(),
                    column: column.name(),
                    source_name: source.to_owned(),
                });
            }
            None => return Ok(None),
        };
        found.suits(column).map_err(|needed| SnapshotError::WrongType {
            file: self.name.clone(),
            column: column.name(),
            source_name: source.to_owned(),
            found: in_words(&found.data_type),
            needed,
        })?;
        Ok(Some(found))
    }

    /// A source column by its name, or by a path of names joined with dots into structs.
    pub fn locate(&self, source: &str, unit: Option<Unit>) -> Result<Option<Found>, SnapshotError> {
        let twice = || SnapshotError::TwiceNamed { file: self.name.clone(), source_name: source.to_owned() };
        let Some(fields) = resolve(self.metadata.schema().fields(), source).map_err(|Twice| twice())? else {
            return Ok(None);
        };
        let path: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let Some(last) = fields.last() else { return Ok(None) };
        let uuid = self.leaves(&path).first().is_some_and(|&leaf| {
            self.metadata.parquet_schema().column(leaf).logical_type_ref() == Some(&LogicalType::Uuid)
        });
        Ok(Some(Found { path, data_type: last.data_type().clone(), uuid, unit }))
    }

    /// The names of all columns, those in structs by their dotted paths.
    pub fn columns(&self) -> Vec<String> {
        let mut names = Vec::new();
        name_leaves(self.metadata.schema().fields(), "", &mut names);
        names
    }

    fn leaves(&self, path: &[String]) -> Vec<usize> {
        let schema = self.metadata.parquet_schema();
        (0..schema.num_columns()).filter(|&i| schema.column(i).path().parts().starts_with(path)).collect()
    }

    /// The projection that reads these columns and nothing else.
    pub fn projection(&self, found: &[Option<Found>]) -> ProjectionMask {
        let leaves = found.iter().flatten().flat_map(|found| self.leaves(&found.path));
        ProjectionMask::leaves(self.metadata.parquet_schema(), leaves)
    }

    /// The metadata with a schema under which text columns are read as what they become, so that
    /// Parquet's dictionary pages are used as they stand. Without it where the reader refuses,
    /// which costs speed and nothing else.
    pub fn tuned(&self, columns: &[Column], found: &[Option<Found>]) -> ArrowReaderMetadata {
        let mut fields = self.metadata.schema().fields().clone();
        for (column, found) in columns.iter().zip(found) {
            let (Some(found), Some(hint)) = (found, text_type(column.kind())) else { continue };
            if is_text(&found.data_type) {
                fields = retyped(&fields, &found.path, &hint);
            }
        }
        let schema = Schema::new_with_metadata(fields, self.metadata.schema().metadata().clone());
        let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
        guarded(&self.name, None, || {
            ArrowReaderMetadata::try_new(Arc::clone(self.metadata.metadata()), options)
                .map_err(|e| e.to_string())
        })
        .unwrap_or_else(|_| self.metadata.clone())
    }

    /// The zone in the time column's type; `None` where it has none or there is no such column.
    pub fn recorded_zone(&self, mapping: &Mapping) -> Option<String> {
        match self.find_one(mapping, Column::Ts).ok()??.data_type {
            DataType::Timestamp(_, zone) => zone.map(|zone| zone.to_string()),
            _ => None,
        }
    }
}

impl Found {
    /// The same column with its numbers taken in a unit.
    pub fn in_unit(&self, unit: Option<Unit>) -> Self {
        Self { unit, ..self.clone() }
    }

    /// The column's array in a batch, with the nulls of the structs around it.
    pub fn array(&self, batch: &RecordBatch) -> Option<ArrayRef> {
        let (first, rest) = self.path.split_first()?;
        let mut array = Arc::clone(batch.column_by_name(first)?);
        let mut nulls: Option<NullBuffer> = None;
        for name in rest {
            let parent = array.as_any().downcast_ref::<StructArray>()?;
            nulls = NullBuffer::union(nulls.as_ref(), parent.nulls());
            let child = Arc::clone(parent.column_by_name(name)?);
            array = child;
        }
        if let Some(outer) = nulls {
            let nulls = NullBuffer::union(Some(&outer), array.nulls());
            let data = array.to_data().into_builder().nulls(nulls).build().ok()?;
            array = make_array(data);
        }
        Some(array)
    }

    /// Whether the column can be read as `column`; if not, what would do.
    pub fn suits(&self, column: Column) -> Result<(), &'static str> {
        let kind = column.kind();
        let data_type = match &self.data_type {
            DataType::Dictionary(_, value) => value.as_ref(),
            other => other,
        };
        let (does, needed) = match kind {
            ColumnType::Time => (
                matches!(data_type, DataType::Timestamp(_, _))
                    || is_text(data_type)
                    || (data_type.is_integer() && self.unit.is_some()),
                "a timestamp, text such as 2026-04-22T13:05:09Z, or whole numbers with a unit in the mapping",
            ),
            ColumnType::Text | ColumnType::LongText => (
                is_text(data_type)
                    || is_binary(data_type)
                    || data_type.is_integer()
                    || matches!(data_type, DataType::List(item) if is_text(item.data_type())),
                "text or whole numbers",
            ),
            ColumnType::Int => (data_type.is_integer() || data_type.is_floating(), "whole numbers"),
            ColumnType::Float => (data_type.is_numeric(), "numbers"),
            ColumnType::Bool => {
                (data_type.is_integer() || *data_type == DataType::Boolean, "true and false, or 0 and 1")
            }
            ColumnType::Embedding => (
                matches!(data_type, DataType::FixedSizeList(item, _) | DataType::List(item) | DataType::LargeList(item)
                    if item.data_type().is_floating()),
                "lists of floats of one length",
            ),
        };
        if does || *data_type == DataType::Null && !column.is_required() { Ok(()) } else { Err(needed) }
    }
}

/// The Arrow type text columns are read as; `None` for other kinds.
pub(super) fn text_type(kind: ColumnType) -> Option<DataType> {
    match kind {
        ColumnType::Text => Some(DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))),
        ColumnType::LongText => Some(DataType::Utf8),
        _ => None,
    }
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

fn is_binary(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_)
    )
}

/// A source type as the import dialog and errors say it.
pub(super) fn in_words(data_type: &DataType) -> String {
    let unit = |unit: &TimeUnit| match unit {
        TimeUnit::Second => "seconds",
        TimeUnit::Millisecond => "milliseconds",
        TimeUnit::Microsecond => "microseconds",
        TimeUnit::Nanosecond => "nanoseconds",
    };
    match data_type {
        DataType::Dictionary(_, value) => in_words(value),
        other if is_text(other) => "text".to_owned(),
        other if is_binary(other) => "bytes".to_owned(),
        other if other.is_integer() => "whole numbers".to_owned(),
        other if other.is_numeric() => "numbers".to_owned(),
        DataType::Boolean => "true and false".to_owned(),
        DataType::Null => "nothing but nulls".to_owned(),
        DataType::Timestamp(u, Some(zone)) => format!("a timestamp in {}, zone {zone}", unit(u)),
        DataType::Timestamp(u, None) => format!("a timestamp in {}, no zone", unit(u)),
        DataType::Date32 | DataType::Date64 => "dates without a time of day".to_owned(),
        DataType::FixedSizeList(item, n) => format!("lists of {n} {}", in_words(item.data_type())),
        DataType::List(item) | DataType::LargeList(item) => {
            format!("lists of {}", in_words(item.data_type()))
        }
        DataType::Struct(_) => "a struct".to_owned(),
        DataType::Map(_, _) => "a map".to_owned(),
        other => other.to_string(),
    }
}

enum Magic {
    Io(std::io::Error),
    Wrong(SnapshotError),
}

/// The file's length, when it begins and ends as Parquet does.
fn check_magic(file: &mut File, name: &str) -> Result<u64, Magic> {
    let file_name = || name.to_owned();
    let bytes = file.seek(SeekFrom::End(0)).map_err(Magic::Io)?;
    if bytes == 0 {
        return Err(Magic::Wrong(SnapshotError::EmptyFile { file: file_name() }));
    }
    let mut magic = [0; 4];
    if bytes >= 4 {
        file.rewind().and_then(|()| file.read_exact(&mut magic)).map_err(Magic::Io)?;
    }
    if &magic != b"PAR1" && &magic != b"PARE" {
        return Err(Magic::Wrong(SnapshotError::Foreign { file: file_name() }));
    }
    if bytes >= 12 {
        file.seek(SeekFrom::End(-4)).and_then(|_| file.read_exact(&mut magic)).map_err(Magic::Io)?;
    }
    if bytes < 12 || (&magic != b"PAR1" && &magic != b"PARE") {
        return Err(Magic::Wrong(SnapshotError::Truncated { file: file_name() }));
    }
    Ok(bytes)
}

/// Refuses a footer whose numbers contradict the file: it would make the reader ask for memory
/// by what an adversary wrote.
fn check_extent(metadata: &ParquetMetaData, bytes: u64) -> Result<(), String> {
    let mut rows = 0i64;
    for (i, group) in metadata.row_groups().iter().enumerate() {
        rows = rows
            .checked_add(group.num_rows())
            .filter(|_| group.num_rows() >= 0)
            .ok_or_else(|| format!("row group {i} claims {} rows", group.num_rows()))?;
        for chunk in group.columns() {
            let start = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
            let end = start.checked_add(chunk.compressed_size());
            let inside = start >= 0
                && chunk.compressed_size() >= 0
                && end.and_then(|end| u64::try_from(end).ok()).is_some_and(|end| end <= bytes);
            if !inside {
                return Err(format!("row group {i}, column {} lies outside the file", chunk.column_path()));
            }
        }
    }
    if rows == metadata.file_metadata().num_rows() {
        Ok(())
    } else {
        Err("the footer's count of rows is not that of its row groups".to_owned())
    }
}

fn name_leaves(fields: &Fields, above: &str, names: &mut Vec<String>) {
    for field in fields {
        let name = format!("{above}{}", field.name());
        match field.data_type() {
            DataType::Struct(children) => name_leaves(children, &format!("{name}."), names),
            _ => names.push(name),
        }
    }
}

struct Twice;

/// The fields from the top down to the one called `source`. A field's own name may have dots.
fn resolve(fields: &Fields, source: &str) -> Result<Option<Vec<FieldRef>>, Twice> {
    let exact: Vec<&FieldRef> = fields.iter().filter(|field| field.name() == source).collect();
    match exact[..] {
        [] => {}
        [one] => return Ok(Some(vec![Arc::clone(one)])),
        _ => return Err(Twice),
    }
    for field in fields {
        let rest = source.strip_prefix(field.name().as_str()).and_then(|rest| rest.strip_prefix('.'));
        if let (Some(rest), DataType::Struct(children)) = (rest, field.data_type())
            && let Some(mut below) = resolve(children, rest)?
        {
            below.insert(0, Arc::clone(field));
            return Ok(Some(below));
        }
    }
    Ok(None)
}

/// The fields with another type at the end of a path.
fn retyped(fields: &Fields, path: &[String], data_type: &DataType) -> Fields {
    let Some((first, rest)) = path.split_first() else { return fields.clone() };
    fields
        .iter()
        .map(|field| {
            let new = match field.data_type() {
                _ if field.name() != first => return Arc::clone(field),
                DataType::Struct(children) if !rest.is_empty() => {
                    DataType::Struct(retyped(children, rest, data_type))
                }
                _ => data_type.clone(),
            };
            Arc::new(Field::clone(field).with_data_type(new))
        })
        .collect()
}
