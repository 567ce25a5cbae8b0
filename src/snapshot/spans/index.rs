//! Number of spans in each trace of a file, from one pass over one column.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};

use super::bound::{MAX_VALUES, TOO_MANY, is_bounded};
use super::flat::spans_by_trace;
use super::layout::SpanLayout;

/// Number of traces decoded at a time.
const BATCH_TRACES: usize = 16;
/// Maximum number of columns from which counting is tried.
const MAX_TRIED: usize = 8;
/// Maximum number of files whose counts are kept.
const MAX_FILES: usize = 4_096;

/// Spans of a file by row group and trace.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::snapshot) struct SpanIndex {
    /// Number of spans of each trace, by row group.
    pub groups: Vec<Vec<u32>>,
    /// Leaf column from which they were counted; every reading includes it.
    pub leaf: usize,
    /// Row groups and leaf columns with more values than are decoded.
    too_many: BTreeSet<(usize, usize)>,
}

/// Path, length and time of change of a file.
type Key = (PathBuf, u64, Option<SystemTime>);

/// Counts of the files that were opened last.
static COUNTED: Mutex<BTreeMap<Key, Arc<SpanIndex>>> = Mutex::new(BTreeMap::new());

impl SpanIndex {
    /// Counts of a file.
    ///
    /// # Errors
    /// No column of the spans can be read to its end; in words.
    pub fn of(path: &Path, metadata: &ArrowReaderMetadata, layout: &SpanLayout) -> Result<Arc<Self>, String> {
        let words = |e: std::io::Error| e.to_string();
        let about = std::fs::metadata(path).map_err(words)?;
        let key = (std::path::absolute(path).map_err(words)?, about.len(), about.modified().ok());
        let counted = || COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = counted().get(&key) {
            return Ok(Arc::clone(index));
        }
        let index = Arc::new(Self::count(path, metadata, layout)?);
        let mut counted = counted();
        if counted.len() >= MAX_FILES {
            counted.clear();
        }
        counted.insert(key, Arc::clone(&index));
        Ok(index)
    }

    fn count(path: &Path, metadata: &ArrowReaderMetadata, layout: &SpanLayout) -> Result<Self, String> {
        Self::count_within(path, metadata, layout, MAX_VALUES)
    }

    /// As `count`, of columns with no more than `most` values in each row group.
    pub(super) fn count_within(
        path: &Path,
        metadata: &ArrowReaderMetadata,
        layout: &SpanLayout,
        most: u64,
    ) -> Result<Self, String> {
        let too_many = unbounded(path, metadata, most)?;
        let mut last = "its spans have no columns".to_owned();
        for leaf in layout.countable(metadata.parquet_schema()).into_iter().take(MAX_TRIED) {
            if too_many.iter().any(|&(_, own)| own == leaf) {
                TOO_MANY.clone_into(&mut last);
                continue;
            }
            // The decoder may panic on malformed pages.
            let count = || count_in(path, metadata, layout, leaf);
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(count)) {
                Ok(Ok(groups)) => return Ok(Self { groups, leaf, too_many }),
                Ok(Err(reason)) => last = reason,
                Err(_) => "its pages cannot be decoded".clone_into(&mut last),
            }
        }
        Err(last)
    }

    /// Refusal of a reading of some leaf columns of a row group, if one has more values than are decoded.
    ///
    /// # Errors
    /// One has; in words.
    pub(super) fn check(&self, group: usize, mut is_read: impl FnMut(usize) -> bool) -> Result<(), String> {
        let mut own = self.too_many.range((group, 0)..(group + 1, 0));
        own.all(|&(_, leaf)| !is_read(leaf)).then_some(()).ok_or_else(|| TOO_MANY.to_owned())
    }

    /// Rows of each row group.
    pub fn rows(&self) -> Vec<u64> {
        self.groups.iter().map(|traces| traces.iter().map(|&spans| u64::from(spans)).sum()).collect()
    }
}

fn count_in(
    path: &Path,
    metadata: &ArrowReaderMetadata,
    layout: &SpanLayout,
    leaf: usize,
) -> Result<Vec<Vec<u32>>, String> {
    let mut groups = Vec::new();
    for group in 0..metadata.metadata().num_row_groups() {
        let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
        let mask = ProjectionMask::leaves(metadata.parquet_schema(), [leaf]);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
            .with_projection(mask)
            .with_batch_size(BATCH_TRACES)
            .with_row_groups(vec![group])
            .build()
            .map_err(|e| e.to_string())?;
        let mut counts: Vec<u32> = Vec::new();
        for batch in reader {
            let batch = batch.map_err(|e| e.to_string())?;
            let before = counts.len();
            counts.resize(before + batch.num_rows(), 0);
            for (count, spans) in counts[before..].iter_mut().zip(spans_by_trace(&batch, layout)?) {
                *count = u32::try_from(spans).map_err(|_| TOO_MANY)?;
            }
        }
        groups.push(counts);
    }
    Ok(groups)
}

/// Row groups and leaf columns with more than `most` values.
fn unbounded(
    path: &Path,
    metadata: &ArrowReaderMetadata,
    most: u64,
) -> Result<BTreeSet<(usize, usize)>, String> {
    let file = Arc::new(std::fs::File::open(path).map_err(|e| e.to_string())?);
    let groups = metadata.metadata().row_groups().iter().enumerate();
    let all = groups.flat_map(|(group, about)| (0..about.num_columns()).map(move |leaf| (group, leaf)));
    let is_too_many = |&(group, leaf): &(usize, usize)| !is_bounded(&file, metadata, group, leaf, most);
    Ok(all.filter(is_too_many).collect())
}
