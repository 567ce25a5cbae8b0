//! Conversion between rows of the cache and rows of the files.

use std::ops::Range;

use rayon::prelude::*;
use rusqlite::{OptionalExtension, params};

use super::file::CacheFile;
use super::segment::{SegmentColumn, SegmentSpan};
use super::segments::Segments;
use super::{CacheError, CachedFile, RowId};

/// Marks a row of a file that has no row in the cache, since the exchange is counted in another
/// snapshot.
const NO_ROW: RowId = RowId::MAX;

/// Columns of a row's file and row in the file.
const COLUMNS: [SegmentColumn; 2] = [SegmentColumn::File, SegmentColumn::Row];

/// Row of the cache at each row of each file.
pub(crate) struct Places {
    rows: Vec<Vec<RowId>>,
}

impl Places {
    /// Reads the places of some runs of rows, which ascend, from their segments only.
    ///
    /// # Errors
    /// The cache cannot be read, or names a row that its file does not have.
    pub(super) fn read(
        file: &CacheFile,
        segments: &Segments,
        files: &[CachedFile],
        runs: &[Range<RowId>],
    ) -> Result<Self, CacheError> {
        let of_segment = |segment: &SegmentSpan| {
            let end = segment.first_row + segment.rows;
            let from = runs.partition_point(|run| run.end <= segment.first_row);
            from..runs.partition_point(|run| run.start < end).max(from)
        };
        let touched = segments.spans().iter().map(|segment| (segment, of_segment(segment)));
        let touched: Vec<(&SegmentSpan, Range<usize>)> =
            touched.filter(|(_, runs)| !runs.is_empty()).collect();
        let parts = touched
            .into_par_iter()
            .map(|(segment, runs)| Ok((segment, runs, segments.columns(file, segment, &COLUMNS)?)))
            .collect::<Result<Vec<_>, CacheError>>()?;
        let mut rows: Vec<Vec<RowId>> = files.iter().map(|file| vec![NO_ROW; file.rows as usize]).collect();
        let damaged = || file.damaged("a row is beyond the end of its file");
        for (segment, own, columns) in parts {
            let files = columns.u32s(SegmentColumn::File).unwrap_or_default();
            let places = columns.u32s(SegmentColumn::Row).unwrap_or_default();
            let first = segment.first_row;
            for run in &runs[own] {
                for row in run.start.max(first)..run.end.min(first + segment.rows) {
                    let at = (row - first) as usize;
                    let (file, place) = files.get(at).zip(places.get(at)).ok_or_else(damaged)?;
                    let slot = rows.get_mut(*file as usize).and_then(|rows| rows.get_mut(*place as usize));
                    *slot.ok_or_else(damaged)? = row;
                }
            }
        }
        Ok(Self { rows })
    }

    /// Row of the cache at a row of a file; `None` if it is not counted there.
    pub(crate) fn row_at(&self, file: usize, row: u64) -> Option<RowId> {
        self.rows.get(file)?.get(usize::try_from(row).ok()?).copied().filter(|row| *row != NO_ROW)
    }
}

/// Position of the file, and row in the file, of each row, in the order given. `files` is the number
/// of files.
///
/// # Errors
/// The cache cannot be read or has no such row.
pub(super) fn locate(
    file: &CacheFile,
    segments: &Segments,
    files: usize,
    rows: &[RowId],
) -> Result<Vec<(u32, u32)>, CacheError> {
    segments.per_row(file, rows, &COLUMNS, |columns, _, at| {
        let of = columns.u32_at(SegmentColumn::File, at).filter(|file| (*file as usize) < files);
        let place = of.zip(columns.u32_at(SegmentColumn::Row, at));
        place.ok_or_else(|| file.damaged("a row names no file"))
    })
}

/// Number of rows of files that are duplicates of another row.
///
/// # Errors
/// The cache cannot be read.
pub(super) fn aliases(file: &CacheFile) -> Result<u64, CacheError> {
    let count: i64 = file
        .connection()?
        .query_row("SELECT count(*) FROM aliases", [], |row| row.get(0))
        .map_err(file.failed())?;
    Ok(count.unsigned_abs())
}

/// Row of the cache that counts for a duplicate row of a file; `None` if the row is no duplicate.
///
/// # Errors
/// The cache cannot be read.
pub(super) fn alias(file: &CacheFile, of: usize, row: u64) -> Result<Option<RowId>, CacheError> {
    let Ok(row) = i64::try_from(row) else { return Ok(None) };
    file.connection()?
        .prepare_cached("SELECT row_id FROM aliases WHERE file_id = ?1 AND row = ?2")
        .and_then(|mut query| query.query_row(params![of as i64, row], |row| row.get(0)).optional())
        .map_err(file.failed())
}
