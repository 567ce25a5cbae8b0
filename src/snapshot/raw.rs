//! Unconverted rows of a file, from whichever carrier it is.

use std::sync::Arc;

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder, RowSelection};

use super::file::{Carrier, File, Nested, guarded};
use super::path::Path;
use super::source::{Found, Place};
use super::{SnapshotError, annotation, lines, spans};

/// Bytes of the rows of a batch, and the least number of rows in one whatever their size.
const BATCH_BYTES: u64 = 64 << 20;
const LEAST_ROWS: usize = 8;

/// Batches of unconverted rows. Errors are in words.
pub(super) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, String>>>;

/// Rows that are wanted of a file.
pub(super) struct Wanted {
    /// Row groups, in order.
    pub groups: Vec<usize>,
    /// Rows among those of the groups; all without.
    pub selection: Option<RowSelection>,
    /// Maximum number of rows in a batch.
    pub batch_rows: usize,
    /// True to read Parquet text as bytes, since some of it is not UTF-8. Text files need no second
    /// reading.
    pub as_bytes: bool,
}

/// Reader of some columns of a file.
#[derive(Clone)]
pub(super) enum Raw {
    /// Footer, with types that the reader is asked for, and leaf columns.
    Parquet(ArrowReaderMetadata, ProjectionMask),
    /// Nested traces, with the leaf columns.
    Spans(Arc<Nested>, ProjectionMask),
    /// Names of columns.
    Lines(Vec<String>),
}

impl Raw {
    /// Reader of the columns of some sources. `tuned` makes the footer under which Parquet is read.
    pub fn of<'a>(
        file: &File,
        found: impl Iterator<Item = &'a Found>,
        tuned: impl FnOnce(&ArrowReaderMetadata) -> ArrowReaderMetadata,
    ) -> Self {
        let paths = found.flat_map(|found| match &found.place {
            Place::Rows(path) => vec![path],
            Place::Items(items) => items.iter().map(|(_, path)| path).collect(),
            Place::Whole(_) => Vec::new(),
        });
        let leaves = |path: &Path| file.leaves(&path.fields());
        match file.carrier() {
            Carrier::Parquet(footer) => {
                let leaves: Vec<usize> = paths.flat_map(leaves).collect();
                Self::Parquet(tuned(footer), ProjectionMask::leaves(footer.parquet_schema(), leaves))
            }
            Carrier::Spans(nested) => Self::of_spans(nested, paths.flat_map(leaves)),
            Carrier::Lines(_, _) => {
                let mut names: Vec<String> = paths.map(|path| path.root.clone()).collect();
                names.sort();
                names.dedup();
                Self::Lines(names)
            }
        }
    }

    /// Reader of the top-level columns at some positions.
    pub fn of_roots(file: &File, roots: &[usize]) -> Self {
        let names = roots.iter().map(|&at| file.fields()[at].name().clone());
        match file.carrier() {
            Carrier::Parquet(footer) => {
                let mask = ProjectionMask::roots(footer.parquet_schema(), roots.iter().copied());
                Self::Parquet(footer.clone(), mask)
            }
            Carrier::Spans(nested) => Self::of_spans(nested, names.flat_map(|name| file.leaves(&[name]))),
            Carrier::Lines(_, _) => Self::Lines(names.collect()),
        }
    }

    fn of_spans(nested: &Arc<Nested>, leaves: impl Iterator<Item = usize>) -> Self {
        let leaves = leaves.chain([nested.index.leaf]);
        let mask = ProjectionMask::leaves(nested.footer.parquet_schema(), leaves.collect::<Vec<_>>());
        Self::Spans(Arc::clone(nested), mask)
    }

    /// Batches of the wanted rows.
    ///
    /// # Errors
    /// The file cannot be opened, or is damaged.
    pub fn open(&self, file: &File, wanted: Wanted) -> Result<Batches, SnapshotError> {
        let group = match wanted.groups[..] {
            [only] => Some(only),
            _ => None,
        };
        match (self, file.carrier()) {
            (Self::Parquet(metadata, mask), Carrier::Parquet(_)) => {
                let handle = file.handle()?;
                let batch_rows = wanted.batch_rows.min(fitting(metadata, mask, &wanted.groups));
                let wanted = Wanted { batch_rows, ..wanted };
                guarded(file.name(), group, || parquet(handle, metadata, mask, wanted))
            }
            (Self::Spans(nested, mask), Carrier::Spans(_)) => {
                let handle = file.handle()?;
                guarded(file.name(), group, || spans_of(handle, nested, mask, wanted))
            }
            (Self::Lines(names), Carrier::Lines(own, _)) => {
                let mut chained: Batches = Box::new(std::iter::empty());
                let one_group = wanted.groups.len() == 1;
                for group in wanted.groups {
                    let rows = own.groups.get(group).map_or(0, |group| group.rows);
                    let rows = match &wanted.selection {
                        Some(selection) if one_group => ranges(selection),
                        _ => std::iter::once(0..rows).collect(),
                    };
                    let read = lines::batches(file.path(), own, group, names, rows, wanted.batch_rows);
                    chained = Box::new(chained.chain(read.map_err(|e| SnapshotError::io(file.path(), e))?));
                }
                Ok(chained)
            }
            _ => Ok(Box::new(std::iter::empty())),
        }
    }
}

/// Number of rows of which the wanted columns fit the memory for a batch, by the sizes that the footer states
/// of some row groups.
fn fitting(metadata: &ArrowReaderMetadata, mask: &ProjectionMask, groups: &[usize]) -> usize {
    let of_group = |group: &usize| {
        let group = metadata.metadata().row_groups().get(*group)?;
        let wanted = (0..group.num_columns()).filter(|&leaf| mask.leaf_included(leaf));
        let bytes: u64 = wanted.map(|leaf| group.column(leaf).uncompressed_size().unsigned_abs()).sum();
        bytes.checked_div(group.num_rows().unsigned_abs())
    };
    let widest = groups.iter().filter_map(of_group).max().unwrap_or(0);
    usize::try_from(BATCH_BYTES / widest.max(1)).unwrap_or(usize::MAX).max(LEAST_ROWS)
}

fn spans_of(
    handle: std::fs::File,
    nested: &Nested,
    mask: &ProjectionMask,
    wanted: Wanted,
) -> Result<Batches, String> {
    let metadata = in_words_or_bytes(&nested.footer, wanted.as_bytes)?;
    let mut chained: Batches = Box::new(std::iter::empty());
    let one_group = wanted.groups.len() == 1;
    for group in wanted.groups {
        let rows = wanted.selection.as_ref().filter(|_| one_group).map(ranges);
        let handle = handle.try_clone().map_err(|e| e.to_string())?;
        let from = (metadata.clone(), mask.clone());
        let read =
            spans::batches(handle, from, &nested.layout, &nested.index, group, rows, wanted.batch_rows)?;
        chained = Box::new(chained.chain(read));
    }
    Ok(chained)
}

/// Footer under which text is text, or bytes.
fn in_words_or_bytes(footer: &ArrowReaderMetadata, as_bytes: bool) -> Result<ArrowReaderMetadata, String> {
    match as_bytes {
        false => Ok(footer.clone()),
        true => annotation::as_bytes(footer)
            .ok_or_else(|| "its text is not UTF-8 and cannot be read as bytes".to_owned()),
    }
}

fn parquet(
    handle: std::fs::File,
    metadata: &ArrowReaderMetadata,
    mask: &ProjectionMask,
    wanted: Wanted,
) -> Result<Batches, String> {
    let metadata = in_words_or_bytes(metadata, wanted.as_bytes)?;
    let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(handle, metadata)
        .with_projection(mask.clone())
        .with_batch_size(wanted.batch_rows)
        .with_row_groups(wanted.groups);
    if let Some(selection) = wanted.selection {
        builder = builder.with_row_selection(selection);
    }
    let reader = builder.build().map_err(|e| e.to_string())?;
    Ok(Box::new(reader.map(|batch| batch.map_err(|e| e.to_string()))))
}

/// Ranges of the selected rows.
fn ranges(selection: &RowSelection) -> Vec<std::ops::Range<u64>> {
    let (mut ranges, mut row) = (Vec::new(), 0);
    for selector in selection.iter() {
        let end = row + selector.row_count as u64;
        if !selector.skip {
            ranges.push(row..end);
        }
        row = end;
    }
    ranges
}
