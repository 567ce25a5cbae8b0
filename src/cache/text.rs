//! Whole records, prompt and response included, read from the snapshot by row.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use rayon::prelude::*;
use rusqlite::{OptionalExtension, params};
use sha2::{Digest as _, Sha256};

use super::segment::{SegmentColumn, SegmentSpan};
use super::{Cache, CacheError, RowId};
use crate::model::{Digest, ExchangeRef, Record, SourceRow, Watcher};
use crate::snapshot::{self, Mapping, Sources};

/// No row of the cache stands here: the exchange was counted in another snapshot.
const NO_ROW: RowId = RowId::MAX;

/// Which row of the cache stands at each place of each file.
pub(crate) struct Places {
    rows: Vec<Vec<RowId>>,
}

impl Places {
    /// The row of the cache that stands at a row of a file.
    pub(crate) fn row_at(&self, file: usize, row: u64) -> Option<RowId> {
        self.rows.get(file)?.get(usize::try_from(row).ok()?).copied().filter(|row| *row != NO_ROW)
    }
}

/// The whole records of some exchanges, in the order asked.
///
/// # Errors
/// Where a snapshot's file is gone, has changed (its SHA-256 is checked once a session) or cannot
/// be read, or the cache has no such row.
pub fn records(
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    watcher: &dyn Watcher,
) -> Result<Vec<Record>, CacheError> {
    let places = cache.locate(rows)?;
    let mut by_file: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for &(file, row) in &places {
        by_file.entry(file).or_default().push(u64::from(row));
    }
    let mut found: BTreeMap<(u32, u64), Record> = BTreeMap::new();
    for (done, (&file, rows)) in by_file.iter().enumerate() {
        watcher.step("reading records", done as u64, by_file.len() as u64, "files");
        watcher.check()?;
        let known = &cache.files[file as usize];
        let (path, mapping) = source(sources, cache, file)?;
        cache.check_unchanged(file, &path, rows[0], watcher)?;
        for record in snapshot::fetch(&path, &known.name, mapping, rows, known.snapshot, None)? {
            found.insert((file, record.exchange.row), record);
        }
    }
    places
        .iter()
        .map(|&(file, row)| {
            let missing = || CacheError::NoSuchFile { name: cache.files[file as usize].name.clone() };
            found.get(&(file, u64::from(row))).cloned().ok_or_else(missing)
        })
        .collect()
}

/// The whole records of some exchanges as [`records`] gives them, each with its source row: what
/// evidence copies.
///
/// # Errors
/// As [`records`].
pub fn records_to_copy(
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    watcher: &dyn Watcher,
) -> Result<Vec<Record>, CacheError> {
    let mut records = records(cache, sources, rows, watcher)?;
    let places = cache.locate(rows)?;
    let mut by_file: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for &(file, row) in &places {
        by_file.entry(file).or_default().push(u64::from(row));
    }
    let mut found: BTreeMap<(u32, u64), SourceRow> = BTreeMap::new();
    for (&file, rows) in &by_file {
        watcher.check()?;
        let (path, mapping) = source(sources, cache, file)?;
        let name = &cache.files[file as usize].name;
        let read = snapshot::source_rows(&path, name, mapping, rows)?;
        found.extend(read.into_iter().map(|(row, source)| ((file, row), source)));
    }
    for (record, &(file, row)) in records.iter_mut().zip(&places) {
        record.source = found.get(&(file, u64::from(row))).cloned();
    }
    Ok(records)
}

/// Where a file of the cache is to be read from, and how its columns map.
pub(crate) fn source<'a>(
    sources: &'a Sources,
    cache: &Cache,
    file: u32,
) -> Result<(PathBuf, &'a Mapping), CacheError> {
    let known = &cache.files[file as usize];
    let found =
        sources.snapshots.iter().find(|snapshot| snapshot.sha256 == known.snapshot).and_then(|snapshot| {
            Some((snapshot, snapshot.files.iter().find(|file| file.name == known.name)?))
        });
    let (snapshot, file) = found.ok_or_else(|| CacheError::NoSuchFile { name: known.name.clone() })?;
    Ok((sources.path_of(snapshot, file), &snapshot.mapping))
}

impl Cache {
    /// The lasting name of a row.
    ///
    /// # Errors
    /// Where the cache has no such row or cannot be read.
    pub fn exchange_ref(&self, row: RowId) -> Result<ExchangeRef, CacheError> {
        let (file, row) = self.locate(&[row])?[0];
        Ok(self.name_of(file, row))
    }

    /// The lasting names of some rows, in the order asked; each part of the cache is read once.
    ///
    /// # Errors
    /// Where the cache has not all of the rows or cannot be read.
    pub fn exchange_refs(&self, rows: &[RowId]) -> Result<Vec<ExchangeRef>, CacheError> {
        Ok(self.locate(rows)?.into_iter().map(|(file, row)| self.name_of(file, row)).collect())
    }

    /// The row of a lasting name; `None` where no snapshot of the case has it. An exchange that
    /// was counted once out of several snapshots is found by any of its names.
    ///
    /// # Errors
    /// Where the cache cannot be read.
    pub fn row_of(&self, exchange: &ExchangeRef) -> Result<Option<RowId>, CacheError> {
        let key = (exchange.snapshot, exchange.file.as_str());
        let Ok(file) = self.files.binary_search_by(|file| (file.snapshot, file.name.as_str()).cmp(&key))
        else {
            return Ok(None);
        };
        if let Some(row) = self.places()?.row_at(file, exchange.row) {
            return Ok(Some(row));
        }
        let Ok(row) = i64::try_from(exchange.row) else { return Ok(None) };
        self.connection()?
            .prepare_cached("SELECT row_id FROM aliases WHERE file_id = ?1 AND row = ?2")
            .and_then(|mut query| query.query_row(params![file as i64, row], |row| row.get(0)).optional())
            .map_err(CacheError::sqlite(self.path()))
    }

    /// The lasting name of a row of a file of the cache.
    pub(crate) fn name_of(&self, file: u32, row: u32) -> ExchangeRef {
        let file = &self.files[file as usize];
        ExchangeRef { snapshot: file.snapshot, file: file.name.clone(), row: u64::from(row) }
    }

    /// File and row in it of some rows, in the order asked.
    pub(crate) fn locate(&self, rows: &[RowId]) -> Result<Vec<(u32, u32)>, CacheError> {
        self.per_segment(rows, &[SegmentColumn::File, SegmentColumn::Row], |columns, _, at| {
            let file = columns.u32_at(SegmentColumn::File, at).filter(|f| (*f as usize) < self.files.len());
            let place = file.zip(columns.u32_at(SegmentColumn::Row, at));
            place.ok_or_else(|| CacheError::damaged(self.path(), "a row without a file"))
        })
    }

    /// Makes something of each of some rows, in the order asked, decoding these columns of each
    /// segment once. `make` gets the segment's columns, the row and its position in the segment.
    pub(crate) fn per_segment<T: Send>(
        &self,
        rows: &[RowId],
        columns: &[SegmentColumn],
        make: impl Fn(&super::SegmentColumns, RowId, usize) -> Result<T, CacheError> + Sync,
    ) -> Result<Vec<T>, CacheError> {
        if let Some(&row) = rows.iter().find(|&&row| row as usize >= self.hot.len()) {
            return Err(CacheError::NoSuchRow { row, rows: self.hot.len() });
        }
        let mut by_segment: Vec<(usize, usize)> =
            rows.iter().enumerate().map(|(at, &row)| (self.segment_of(row), at)).collect();
        by_segment.sort_unstable();
        let made = by_segment
            .par_chunk_by(|a, b| a.0 == b.0)
            .map(|asked| {
                let segment = &self.segments[asked[0].0];
                let decoded = self.read_segment_columns(segment, columns)?;
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

    /// Which row stands at each place of the files; read once.
    pub(crate) fn places(&self) -> Result<&Places, CacheError> {
        if let Some(places) = self.places.get() {
            return Ok(places);
        }
        let everything = 0..self.hot.len() as RowId;
        let places = self.read_places(std::slice::from_ref(&everything))?;
        // Another thread may have been first; both have read the same.
        Ok(self.places.get_or_init(|| places))
    }

    /// Where the rows of some runs stand, and no others; the runs ascend. Reads the segments that
    /// hold some.
    pub(crate) fn places_of(&self, runs: &[Range<RowId>]) -> Result<Places, CacheError> {
        self.read_places(runs)
    }

    /// The places of some runs of rows, ascending.
    fn read_places(&self, runs: &[Range<RowId>]) -> Result<Places, CacheError> {
        let of_segment = |segment: &SegmentSpan| {
            let end = segment.first_row + segment.rows;
            let from = runs.partition_point(|run| run.end <= segment.first_row);
            from..runs.partition_point(|run| run.start < end).max(from)
        };
        let touched = self.segments.iter().map(|segment| (segment, of_segment(segment)));
        let touched: Vec<(&SegmentSpan, Range<usize>)> =
            touched.filter(|(_, runs)| !runs.is_empty()).collect();
        let parts = touched
            .into_par_iter()
            .map(|(segment, runs)| {
                let columns =
                    self.read_segment_columns(segment, &[SegmentColumn::File, SegmentColumn::Row])?;
                Ok((segment, runs, columns))
            })
            .collect::<Result<Vec<_>, CacheError>>()?;
        let mut rows: Vec<Vec<RowId>> =
            self.files.iter().map(|file| vec![NO_ROW; file.rows as usize]).collect();
        let damaged = || CacheError::damaged(self.path(), "a row that its file does not have");
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
        Ok(Places { rows })
    }

    /// An error where a file no longer has the SHA-256 it had when it was imported; `row` is the
    /// one wanted of it. The file is hashed once while the cache is open.
    pub(crate) fn check_unchanged(
        &self,
        file: u32,
        path: &Path,
        row: u64,
        watcher: &dyn Watcher,
    ) -> Result<(), CacheError> {
        if self.is_unchanged(file, path, watcher)? {
            return Ok(());
        }
        let known = &self.files[file as usize];
        let exchange = ExchangeRef { snapshot: known.snapshot, file: known.name.clone(), row };
        Err(CacheError::Changed { path: path.to_owned(), exchange })
    }

    /// Whether a file has the SHA-256 it had when it was imported.
    fn is_unchanged(&self, file: u32, path: &Path, watcher: &dyn Watcher) -> Result<bool, CacheError> {
        if self.unchanged.lock().unwrap_or_else(PoisonError::into_inner).contains(&file) {
            return Ok(true);
        }
        let mut opened = File::open(path).map_err(CacheError::io(path))?;
        let (mut hash, mut bytes) = (Sha256::new(), vec![0; 1 << 20]);
        loop {
            watcher.check()?;
            let read = opened.read(&mut bytes).map_err(CacheError::io(path))?;
            if read == 0 {
                break;
            }
            hash.update(&bytes[..read]);
        }
        let same = Digest(hash.finalize().into()) == self.files[file as usize].sha256;
        if same {
            self.unchanged.lock().unwrap_or_else(PoisonError::into_inner).insert(file);
        }
        Ok(same)
    }
}
