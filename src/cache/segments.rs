//! Segments of an open cache: their positions, and the reading of single columns.

use std::ops::Range;

use arrow_array::ArrayRef;
use rayon::prelude::*;
use rusqlite::OptionalExtension;

use super::file::{CacheFile, rows};
use super::segment::{SegmentColumn, SegmentColumns, SegmentSpan, decode};
use super::{CacheError, CachedFile, RowId};

/// Positions of a cache's segments, whose arrays stay on disk.
#[derive(Default)]
pub(super) struct Segments {
    spans: Vec<SegmentSpan>,
    /// Rows of each file, counted over all files.
    file_rows: Vec<Range<u32>>,
}

impl Segments {
    /// Reads the positions.
    ///
    /// # Errors
    /// The cache cannot be read, or the segments leave a gap or overlap.
    pub fn read(file: &CacheFile, files: &[CachedFile]) -> Result<Self, CacheError> {
        const QUERY: &str =
            "SELECT segment_id, first_row, rows, min_ts, max_ts, ts_unit FROM segments ORDER BY first_row";
        let connection = file.connection()?;
        let spans: Vec<SegmentSpan> = rows(&connection, QUERY, |row| {
            Ok(SegmentSpan {
                id: row.get(0)?,
                first_row: row.get(1)?,
                rows: row.get(2)?,
                min_ts: row.get(3)?,
                max_ts: row.get(4)?,
                ts_unit: row.get(5)?,
            })
        })
        .map_err(|error| match error {
            rusqlite::Error::SqliteFailure(..) => file.failed()(error),
            other => file.damaged(other),
        })?;
        let mut next = 0_u32;
        for segment in &spans {
            if segment.first_row != next {
                return Err(file.damaged("segments do not follow each other"));
            }
            next = next.saturating_add(segment.rows);
        }
        let mut end = 0_u32;
        let file_rows = files
            .iter()
            .map(|file| {
                let start = end;
                end = end.saturating_add(u32::try_from(file.rows).unwrap_or(u32::MAX));
                start..end
            })
            .collect();
        Ok(Self { spans, file_rows })
    }

    /// Positions, ascending.
    pub fn spans(&self) -> &[SegmentSpan] {
        &self.spans
    }

    /// Number of rows of all segments.
    pub fn rows(&self) -> u32 {
        self.spans.last().map_or(0, |last| last.first_row.saturating_add(last.rows))
    }

    /// The position of the segment that holds a row; the row must exist.
    pub fn of_row(&self, row: RowId) -> usize {
        self.spans.partition_point(|segment| segment.first_row + segment.rows <= row)
    }

    /// Decodes the named columns of one segment and no others.
    ///
    /// # Errors
    /// The cache cannot be read or the segment is damaged.
    pub fn columns(
        &self,
        file: &CacheFile,
        segment: &SegmentSpan,
        columns: &[SegmentColumn],
    ) -> Result<SegmentColumns, CacheError> {
        const QUERY: &str = "SELECT data FROM segments WHERE segment_id = ?1";
        let names: Vec<&str> = columns.iter().map(|column| column.stored()).collect();
        let damaged = |why: &str| file.damaged(format!("segment {}: {why}", segment.id));
        let stored = read_blob(file, QUERY, segment, &names)?.ok_or_else(|| damaged("it is missing"))?;
        SegmentColumns::decoded(segment, &self.file_rows, columns, stored).map_err(damaged)
    }

    /// Maps rows through `make`, in the order given; each segment is decoded once. `make` receives the
    /// segment's columns, the row and its position in the segment.
    ///
    /// # Errors
    /// The cache cannot be read, or has no such row.
    pub fn per_row<T: Send>(
        &self,
        file: &CacheFile,
        rows: &[RowId],
        columns: &[SegmentColumn],
        make: impl Fn(&SegmentColumns, RowId, usize) -> Result<T, CacheError> + Sync,
    ) -> Result<Vec<T>, CacheError> {
        let total = self.rows();
        if let Some(&row) = rows.iter().find(|&&row| row >= total) {
            return Err(CacheError::NoSuchRow { row, rows: total as usize });
        }
        let mut by_segment: Vec<(usize, usize)> =
            rows.iter().enumerate().map(|(at, &row)| (self.of_row(row), at)).collect();
        by_segment.sort_unstable();
        let made = by_segment
            .par_chunk_by(|a, b| a.0 == b.0)
            .map(|asked| {
                let segment = &self.spans[asked[0].0];
                let decoded = self.columns(file, segment, columns)?;
                asked
                    .iter()
                    .map(|&(_, at)| {
                        Ok((at, make(&decoded, rows[at], (rows[at] - segment.first_row) as usize)?))
                    })
                    .collect()
            })
            .collect::<Result<Vec<Vec<(usize, T)>>, CacheError>>()?;
        let mut made: Vec<(usize, T)> = made.into_iter().flatten().collect();
        made.sort_unstable_by_key(|(at, _)| *at);
        Ok(made.into_iter().map(|(_, made)| made).collect())
    }
}

/// Named fields of the blob that a query finds for a segment; `None` if it finds none.
///
/// # Errors
/// The cache cannot be read or the blob is damaged.
pub(super) fn read_blob(
    file: &CacheFile,
    query: &str,
    segment: &SegmentSpan,
    names: &[&str],
) -> Result<Option<Vec<Option<ArrayRef>>>, CacheError> {
    let connection = file.connection()?;
    let mut statement = connection.prepare_cached(query).map_err(file.failed())?;
    let decoded = statement
        .query_row([segment.id], |row| Ok(decode(row.get_ref(0)?.as_blob()?, names, segment.rows as usize)))
        .optional()
        .map_err(file.failed())?;
    decoded.transpose().map_err(|error| file.damaged(format!("segment {}: {error}", segment.id)))
}
