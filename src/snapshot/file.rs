//! One file of a snapshot, in any carrier: Parquet, with its footer read once, checked and kept, its spans
//! counted where it holds nested traces; or text of one record a line, passed over once.
//!
//! [`raw`](super::raw) reads the rows of both. Calls into the Parquet reader go through [`guarded`]: a
//! malformed file is an error here, never a panic.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::{DataType, Field, Fields, TimeUnit};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::basic::{Compression, LogicalType, Type as PhysicalType};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use parquet::schema::types::SchemaDescPtr;

use super::annotation::retyped;
use super::encryption::encrypted_leaves;
use super::file_kind::closed;
use super::file_path::partitions;
use super::lines::{Format, LineColumn, Lines, Rules, packing_of, sniff};
use super::other_format::other_format;
use super::row_layout::RowLayout;
use super::spans::{SpanIndex, SpanLayout, dedicated};
use super::{SnapshotError, annotation};

/// File whose footer, or whose lines, were read and checked. Cheap to clone; holds no open handle.
#[derive(Clone)]
pub struct File {
    path: PathBuf,
    name: Arc<str>,
    carrier: Carrier,
    /// Schema of Parquet with the annotations that it has in the file.
    schema: Option<SchemaDescPtr>,
    /// Leaf columns of Parquet that are encrypted.
    encrypted: BTreeSet<usize>,
    /// Values computed once for the whole file, shared by all readers.
    kept: Arc<Mutex<Kept>>,
}

/// Rule by which the rows of a file are numbered.
#[derive(Clone, Copy)]
enum Numbering<'a> {
    /// The present rules, for a new import.
    New,
    /// The first rules, for a file of a case that does not keep the layout.
    First,
    /// The layout that a case keeps.
    Kept(&'a RowLayout),
}

/// Form of the rows of a file.
#[derive(Clone)]
pub(super) enum Carrier {
    /// Parquet, with its footer.
    Parquet(ArrowReaderMetadata),
    /// Parquet of nested traces, whose rows are the spans.
    Spans(Arc<Nested>),
    /// JSON Lines or CSV, with the columns as fields of text.
    Lines(Arc<Lines>, Fields),
}

/// Facts of a Parquet file of nested traces.
pub(super) struct Nested {
    pub footer: ArrowReaderMetadata,
    pub layout: SpanLayout,
    pub index: Arc<SpanIndex>,
    /// Columns of a span.
    fields: Fields,
}

/// Shared values by name.
type Kept = BTreeMap<String, Arc<dyn Any + Send + Sync>>;

/// Runs a call into the Parquet or Arrow crate and turns a panic into an error, since their decoders may
/// panic on malformed pages. The closure's state is dropped after a failure.
pub(super) fn guarded<T>(
    name: &str,
    row_group: Option<usize>,
    call: impl FnOnce() -> Result<T, String>,
) -> Result<T, SnapshotError> {
    let damaged = |reason| SnapshotError::Damaged { file: name.to_owned(), row_group, reason };
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(reason)) => Err(damaged(reason)),
        Err(_) => Err(damaged("its pages cannot be decoded".to_owned())),
    }
}

impl File {
    /// Opens a file and reads its footer. `name` is its name inside the snapshot.
    ///
    /// # Errors
    /// The file is empty, neither Parquet nor text of one record a line, truncated, damaged or encrypted,
    /// its rows are in other files, or its codec is not supported.
    pub fn open(path: &Path, name: &str) -> Result<Self, SnapshotError> {
        Self::open_with(path, name, PageIndexPolicy::Skip, Numbering::New)
    }

    /// As [`open`](Self::open), with the page index if the file has one.
    pub(super) fn open_indexed(path: &Path, name: &str) -> Result<Self, SnapshotError> {
        Self::open_with(path, name, PageIndexPolicy::Optional, Numbering::New)
    }

    /// Opens a file of a case with its rows numbered as the case has numbered them. A case that does not keep the layout numbered them by the first rules.
    ///
    /// # Errors
    /// As [`open`](Self::open); the file is not laid out so.
    pub(super) fn open_sealed(
        path: &Path,
        name: &str,
        layout: Option<&RowLayout>,
        is_indexed: bool,
    ) -> Result<Self, SnapshotError> {
        let policy = if is_indexed { PageIndexPolicy::Optional } else { PageIndexPolicy::Skip };
        let numbering = layout.map_or(Numbering::First, Numbering::Kept);
        let file = Self::open_with(path, name, policy, numbering)?;
        match layout {
            Some(layout) if *layout != file.layout() => Err(SnapshotError::Damaged {
                file: name.to_owned(),
                row_group: None,
                reason: "its rows are not laid out as when it was sealed".to_owned(),
            }),
            _ => Ok(file),
        }
    }

    /// Layout by which its rows are numbered.
    pub(super) fn layout(&self) -> RowLayout {
        match &self.carrier {
            Carrier::Parquet(_) => RowLayout::Parquet,
            Carrier::Spans(nested) => RowLayout::Spans { levels: nested.layout.levels.clone() },
            Carrier::Lines(lines, _) => RowLayout::of_lines(lines.format),
        }
    }

    fn open_with(
        path: &Path,
        name: &str,
        policy: PageIndexPolicy,
        numbering: Numbering<'_>,
    ) -> Result<Self, SnapshotError> {
        let mut file = std::fs::File::open(path).map_err(|e| SnapshotError::io(path, e))?;
        let bytes = match check_magic(&mut file, name) {
            Ok(bytes) => bytes,
            Err(Magic::Io(e)) => return Err(SnapshotError::io(path, e)),
            Err(Magic::Wrong(SnapshotError::Foreign { file })) if !is_parquet(name) => {
                return Self::open_lines(path, name, numbering)?.ok_or_else(|| {
                    match other_format(path).or_else(|| closed(name)) {
                        Some(format) => SnapshotError::OtherFormat { file, format },
                        None => SnapshotError::Foreign { file },
                    }
                });
            }
            Err(Magic::Wrong(e)) => return Err(e),
        };
        let footer = guarded(name, None, || annotation::footer(&file, policy))?;
        check_whole(&footer, name)?;
        guarded(name, None, || check_extent(&footer, bytes))?;
        let metadata = guarded(name, None, || annotation::checked(&footer))?;
        let encrypted = encrypted_leaves(&mut file);
        let schema = Some(footer.file_metadata().schema_descr_ptr());
        let carrier = guarded(name, None, || parquet_carrier(path, with_wide_int96(metadata), numbering))?;
        Ok(Self { encrypted, schema, ..Self::new(path, name, carrier) })
    }

    fn new(path: &Path, name: &str, carrier: Carrier) -> Self {
        let (path, name) = (path.to_owned(), name.into());
        Self { path, name, carrier, schema: None, encrypted: BTreeSet::new(), kept: Arc::default() }
    }

    /// Opens a file of JSON Lines or CSV; `None` for a file of another kind.
    fn open_lines(path: &Path, name: &str, numbering: Numbering<'_>) -> Result<Option<Self>, SnapshotError> {
        let fail = |e| SnapshotError::of_text(path, name, e);
        let format = match numbering {
            Numbering::New => sniff(path, Rules::Present).map_err(fail)?,
            Numbering::First => sniff(path, Rules::First).map_err(fail)?,
            Numbering::Kept(kept) => match kept.in_lines() {
                Some((layout, encoding)) => {
                    let packing = packing_of(path, encoding).map_err(fail)?;
                    Some(Format { packing, encoding, layout, around: kept.has_around() })
                }
                None => None,
            },
        };
        let Some(format) = format else { return Ok(None) };
        let lines = Lines::of(path, format, matches!(numbering, Numbering::New)).map_err(fail)?;
        if let (0, Some(reason)) = (lines.rows(), &lines.damage) {
            let (file, reason) = (name.to_owned(), reason.clone());
            return Err(SnapshotError::Damaged { file, row_group: None, reason });
        }
        if matches!(numbering, Numbering::New)
            && let Some(list) = lines.hidden_list()
        {
            return Err(SnapshotError::ListInARow {
                file: name.to_owned(),
                list: list.path,
                items: list.items,
            });
        }
        let field = |column: &LineColumn| Field::new(&column.name, column.kinds.data_type(), true);
        let fields: Fields = lines.columns.iter().map(field).collect();
        Ok(Some(Self::new(path, name, Carrier::Lines(lines, fields))))
    }

    /// The file's name inside the snapshot.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Value computed once for the file by `make` and shared by all readers.
    ///
    /// # Errors
    /// The error of `make`.
    pub(super) fn keep<T: Any + Send + Sync>(
        &self,
        name: String,
        make: impl FnOnce() -> Result<T, SnapshotError>,
    ) -> Result<Arc<T>, SnapshotError> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept().get(&name).cloned();
        if let Some(value) = known.and_then(|value| value.downcast::<T>().ok()) {
            return Ok(value);
        }
        // Two concurrent callers may both compute it, with equal results.
        let value = Arc::new(make()?);
        kept().insert(name, Arc::clone(&value) as Arc<dyn Any + Send + Sync>);
        Ok(value)
    }

    /// Rows in each row group; text files have groups of rows too.
    pub fn row_groups(&self) -> Vec<u64> {
        match &self.carrier {
            Carrier::Parquet(metadata) => {
                // `check_extent` refused negative counts.
                metadata.metadata().row_groups().iter().map(|g| g.num_rows().unsigned_abs()).collect()
            }
            Carrier::Spans(nested) => nested.index.rows(),
            Carrier::Lines(lines, _) => lines.groups.iter().map(|group| group.rows).collect(),
        }
    }

    /// Rows of the whole file.
    pub fn rows(&self) -> u64 {
        self.row_groups().iter().sum()
    }

    /// The form of its rows.
    pub(super) fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    /// The footer of a Parquet file whose rows are rows of Parquet.
    pub(super) fn footer(&self) -> Option<&ArrowReaderMetadata> {
        match &self.carrier {
            Carrier::Parquet(metadata) => Some(metadata),
            Carrier::Spans(_) | Carrier::Lines(_, _) => None,
        }
    }

    /// Columns of attributes that a file of nested traces keeps apart, by attribute; `None` if nothing says
    /// which they are.
    pub(super) fn dedicated(&self) -> Option<BTreeMap<String, String>> {
        match &self.carrier {
            Carrier::Spans(nested) => dedicated(&self.path, &nested.layout),
            Carrier::Parquet(_) | Carrier::Lines(_, _) => None,
        }
    }

    /// True for a text file, whose values have no types.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.carrier, Carrier::Lines(_, _))
    }

    /// List inside the first row of a text file that may have the rows: its path and the number of its items.
    pub(super) fn inner_list(&self) -> Option<(&str, usize)> {
        match &self.carrier {
            Carrier::Lines(lines, _) => lines.inner.as_ref().map(|inner| (inner.path.as_str(), inner.items)),
            Carrier::Parquet(_) | Carrier::Spans(_) => None,
        }
    }

    /// Number of rows of a text file with bytes that are not UTF-8; 0 for other files.
    pub(super) fn rows_not_utf8(&self) -> u64 {
        match &self.carrier {
            Carrier::Parquet(_) | Carrier::Spans(_) => 0,
            Carrier::Lines(lines, _) => lines.not_utf8,
        }
    }

    pub(super) fn fields(&self) -> &Fields {
        match &self.carrier {
            Carrier::Parquet(metadata) => metadata.schema().fields(),
            Carrier::Spans(nested) => &nested.fields,
            Carrier::Lines(_, fields) => fields,
        }
    }

    /// Column of a text file by its name.
    pub(super) fn line_column(&self, name: &str) -> Option<&LineColumn> {
        match &self.carrier {
            Carrier::Parquet(_) | Carrier::Spans(_) => None,
            Carrier::Lines(lines, _) => lines.columns.iter().find(|column| column.name == name),
        }
    }

    /// Row that stands for the rest of a text file whose compressed data are damaged.
    pub(super) fn damaged_row(&self) -> Option<u64> {
        match &self.carrier {
            Carrier::Parquet(_) | Carrier::Spans(_) => None,
            Carrier::Lines(lines, _) => lines.damaged_row(),
        }
    }

    /// Its present path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file, opened anew.
    pub(super) fn handle(&self) -> Result<std::fs::File, SnapshotError> {
        std::fs::File::open(&self.path).map_err(|e| SnapshotError::io(&self.path, e))
    }

    /// Positions of the leaf columns of Parquet at and below a path of field names.
    pub(super) fn leaves(&self, path: &[String]) -> Vec<usize> {
        if let Carrier::Spans(nested) = &self.carrier {
            return nested.layout.leaves(nested.footer.parquet_schema(), path);
        }
        let Some(footer) = self.footer() else { return Vec::new() };
        let schema = footer.parquet_schema();
        (0..schema.num_columns()).filter(|&i| schema.column(i).path().parts().starts_with(path)).collect()
    }

    /// True if a column at a path of field names is encrypted.
    pub(super) fn is_encrypted(&self, path: &[String]) -> bool {
        !self.encrypted.is_empty() && self.leaves(path).iter().any(|leaf| self.encrypted.contains(leaf))
    }

    /// The annotation of the leaf column at a path of field names.
    pub(super) fn annotation(&self, path: &[String]) -> Option<LogicalType> {
        let leaf = self.leaves(path).first().copied()?;
        self.schema.as_ref()?.column(leaf).logical_type_ref().cloned()
    }

    /// Values of partition columns in the file's path, as Hive writes them:
    /// `account_id=a%2Fb/date=2026-04-22/part-0.parquet`. `None` for a null.
    pub(super) fn partitions(&self) -> Vec<(String, Option<String>)> {
        partitions(&self.name)
    }
}

/// Form of the rows of a Parquet file, by its schema.
fn parquet_carrier(
    path: &Path,
    footer: ArrowReaderMetadata,
    numbering: Numbering<'_>,
) -> Result<Carrier, String> {
    let fields = footer.schema().fields();
    let layout = SpanLayout::of(fields, footer.parquet_schema());
    let layout = layout.filter(|_| !matches!(numbering, Numbering::Kept(RowLayout::Parquet)));
    let nested = layout.and_then(|layout| layout.fields(fields).map(|fields| (layout, fields)));
    let Some((layout, fields)) = nested else { return Ok(Carrier::Parquet(footer)) };
    let index = SpanIndex::of(path, &footer, &layout)?;
    Ok(Carrier::Spans(Arc::new(Nested { footer, layout, index, fields })))
}

/// Metadata under which INT96 times are microseconds, which hold every date; nanoseconds overflow before
/// 1677 and after 2262.
fn with_wide_int96(metadata: ArrowReaderMetadata) -> ArrowReaderMetadata {
    let schema = metadata.parquet_schema();
    let leaves = (0..schema.num_columns()).map(|i| schema.column(i));
    let int96 = leaves.filter(|leaf| leaf.physical_type() == PhysicalType::INT96);
    let int96: BTreeSet<Vec<String>> = int96.map(|leaf| leaf.path().parts().to_vec()).collect();
    if int96.is_empty() {
        return metadata;
    }
    let fields = widened(metadata.schema().fields(), &[], &int96);
    retyped(&metadata, fields).unwrap_or(metadata)
}

/// The fields with microseconds at some paths, structs included.
fn widened(fields: &Fields, above: &[String], int96: &BTreeSet<Vec<String>>) -> Fields {
    let widen = |field: &Arc<Field>| {
        let path = [above, &[field.name().clone()]].concat();
        let to = match field.data_type() {
            DataType::Struct(children) => DataType::Struct(widened(children, &path, int96)),
            DataType::Timestamp(TimeUnit::Nanosecond, _) if int96.contains(&path) => {
                DataType::Timestamp(TimeUnit::Microsecond, None)
            }
            other => other.clone(),
        };
        Arc::new(Field::clone(field).with_data_type(to))
    };
    fields.iter().map(widen).collect()
}

/// True if the name ends in a usual extension of Parquet files.
fn is_parquet(name: &str) -> bool {
    let extension = Path::new(name).extension().unwrap_or_default();
    ["parquet", "parq", "pqt", "pq"].iter().any(|usual| extension.eq_ignore_ascii_case(usual))
}

enum Magic {
    Io(std::io::Error),
    Wrong(SnapshotError),
}

/// Length of a file in bytes, after a check of its first and last bytes.
fn check_magic(file: &mut std::fs::File, name: &str) -> Result<u64, Magic> {
    let file_name = || name.to_owned();
    let bytes = file.seek(SeekFrom::End(0)).map_err(Magic::Io)?;
    if bytes == 0 {
        return Err(Magic::Wrong(SnapshotError::EmptyFile { file: file_name() }));
    }
    let mut magic = [0; 4];
    if bytes >= 4 {
        file.rewind().and_then(|()| file.read_exact(&mut magic)).map_err(Magic::Io)?;
    }
    if &magic == b"PARE" {
        return Err(Magic::Wrong(SnapshotError::Encrypted { file: file_name() }));
    }
    if &magic != b"PAR1" {
        return Err(Magic::Wrong(SnapshotError::Foreign { file: file_name() }));
    }
    if bytes >= 12 {
        file.seek(SeekFrom::End(-4)).and_then(|_| file.read_exact(&mut magic)).map_err(Magic::Io)?;
    }
    if &magic == b"PARE" {
        return Err(Magic::Wrong(SnapshotError::Encrypted { file: file_name() }));
    }
    if bytes < 12 || &magic != b"PAR1" {
        return Err(Magic::Wrong(SnapshotError::Truncated { file: file_name() }));
    }
    Ok(bytes)
}

/// Refuses a file whose rows are in other files, and unsupported codecs.
fn check_whole(metadata: &ParquetMetaData, name: &str) -> Result<(), SnapshotError> {
    for chunk in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        if chunk.file_path().is_some() {
            return Err(SnapshotError::RowsElsewhere { file: name.to_owned() });
        }
        if matches!(chunk.compression(), Compression::LZO) {
            return Err(SnapshotError::Codec {
                file: name.to_owned(),
                codec: chunk.compression().to_string(),
            });
        }
    }
    Ok(())
}

/// Refuses a footer whose numbers contradict the length of the file: the reader would allocate memory
/// by numbers that an adversary chose.
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
