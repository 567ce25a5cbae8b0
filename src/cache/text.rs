//! Whole records, prompt and response included, read from the snapshot by row.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Cache, CacheError, RowId};
use crate::model::{Record, SourceRow, Watcher};
use crate::snapshot::{self, Mapping, Sources};

/// The whole records of some exchanges, in the order asked.
///
/// # Errors
/// A snapshot's file is gone, has changed (its SHA-256 is checked once a session) or cannot
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
        let known = &cache.files()[file as usize];
        let (path, mapping) = source(sources, cache, file)?;
        cache.check_unchanged(file, &path, rows[0], watcher)?;
        for record in snapshot::fetch(&path, &known.name, mapping, rows, known.snapshot, None)? {
            found.insert((file, record.exchange.row), record);
        }
    }
    places
        .iter()
        .map(|&(file, row)| {
            let missing = || CacheError::NoSuchFile { name: cache.files()[file as usize].name.clone() };
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
        let name = &cache.files()[file as usize].name;
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
    let known = &cache.files()[file as usize];
    let found =
        sources.snapshots.iter().find(|snapshot| snapshot.sha256 == known.snapshot).and_then(|snapshot| {
            Some((snapshot, snapshot.files.iter().find(|file| file.name == known.name)?))
        });
    let (snapshot, file) = found.ok_or_else(|| CacheError::NoSuchFile { name: known.name.clone() })?;
    Ok((sources.path_of(snapshot, file), &snapshot.mapping))
}
