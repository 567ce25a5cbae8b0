//! Whole records, prompt and response included, read from the snapshot by row.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cache, CacheError, RowId};
use crate::model::{ExchangeRef, Record, Watcher};
use crate::snapshot::{Snapshot, SnapshotError, SourceFile, Sources};

/// Records of some exchanges, and the exchanges that could not be read.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Records that were read, each with its row, in the order given.
    pub read: Vec<(RowId, Record)>,
    /// Exchanges whose content is damaged in the snapshot, in the order given.
    pub unreadable: Vec<UnreadableRecord>,
}

/// Exchange whose record cannot be read from its snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRecord {
    /// The exchange.
    pub exchange: ExchangeRef,
    /// Reason and next step, with file, row group and row.
    pub reason: String,
}

/// Whole records of exchanges, in the order given. A row that is damaged does not prevent the reading
/// of the others.
///
/// # Errors
/// A snapshot's file is gone, has changed (its SHA-256 is checked once a session) or cannot be opened,
/// the cache has no such row, or the work was cancelled.
pub fn records(
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    watcher: &dyn Watcher,
) -> Result<Records, CacheError> {
    read_records(cache, sources, rows, false, watcher)
}

/// [`records`], each with its source row: the content of a copy for evidence.
///
/// # Errors
/// As [`records`].
pub fn records_to_copy(
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    watcher: &dyn Watcher,
) -> Result<Records, CacheError> {
    read_records(cache, sources, rows, true, watcher)
}

fn read_records(
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    with_source: bool,
    watcher: &dyn Watcher,
) -> Result<Records, CacheError> {
    let places = cache.locate(rows)?;
    let mut by_file: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for &(file, row) in &places {
        by_file.entry(file).or_default().insert(u64::from(row));
    }
    let mut found: BTreeMap<(u32, u64), Result<Record, String>> = BTreeMap::new();
    for (done, (&file, rows)) in by_file.iter().enumerate() {
        watcher.step("reading records", done as u64, by_file.len() as u64, "files");
        let rows: Vec<u64> = rows.iter().copied().collect();
        let (snapshot, of_case) = source(sources, cache, file)?;
        cache.check_unchanged(file, &sources.path_of(snapshot, of_case), rows[0], watcher)?;
        let mapping = &snapshot.mapping;
        let cached = &cache.files()[file as usize];
        let fetch = |rows: &[u64]| -> Result<Vec<Record>, SnapshotError> {
            let opened = sources.open_indexed(snapshot, of_case)?;
            let mut records = opened.records(mapping, rows, cached.snapshot, None)?;
            if with_source {
                let sources = opened.source_rows(mapping, rows)?;
                let mut sources: BTreeMap<u64, _> = sources.into_iter().collect();
                for record in &mut records {
                    record.source = sources.remove(&record.exchange.row);
                }
            }
            Ok(records)
        };
        around_damage(&rows, &fetch, watcher, &mut |row, record| {
            found.insert((file, row), record);
        })?;
    }
    let mut records = Records::default();
    for (&row, &(file, at)) in rows.iter().zip(&places) {
        match found.get(&(file, u64::from(at))) {
            Some(Ok(record)) => records.read.push((row, record.clone())),
            Some(Err(reason)) => {
                let exchange = cache.name_of(file, at);
                records.unreadable.push(UnreadableRecord { exchange, reason: reason.clone() });
            }
            None => {
                return Err(CacheError::NoSuchFile { name: cache.files()[file as usize].name.clone() });
            }
        }
    }
    Ok(records)
}

/// Reader of some rows of one file.
type Fetch<'a> = dyn Fn(&[u64]) -> Result<Vec<Record>, SnapshotError> + 'a;

/// Fetches rows of one file, which ascend, all at once; where content is damaged, in halves down to
/// the damaged rows.
fn around_damage(
    rows: &[u64],
    fetch: &Fetch<'_>,
    watcher: &dyn Watcher,
    take: &mut dyn FnMut(u64, Result<Record, String>),
) -> Result<(), CacheError> {
    watcher.check()?;
    match fetch(rows) {
        Ok(records) => records.into_iter().for_each(|record| take(record.exchange.row, Ok(record))),
        Err(error) if !error.is_of_content() => return Err(error.into()),
        Err(error) => match rows {
            [row] => take(*row, Err(error.to_string())),
            _ => {
                let (first, second) = rows.split_at(rows.len() / 2);
                around_damage(first, fetch, watcher, take)?;
                around_damage(second, fetch, watcher, take)?;
            }
        },
    }
    Ok(())
}

/// A file of the cache among the case's, with its snapshot.
pub(crate) fn source<'a>(
    sources: &'a Sources,
    cache: &Cache,
    file: u32,
) -> Result<(&'a Snapshot, &'a SourceFile), CacheError> {
    let known = &cache.files()[file as usize];
    let found =
        sources.snapshots.iter().find(|snapshot| snapshot.sha256 == known.snapshot).and_then(|snapshot| {
            Some((snapshot, snapshot.files.iter().find(|file| file.name == known.name)?))
        });
    found.ok_or_else(|| CacheError::NoSuchFile { name: known.name.clone() })
}
