//! Writing of a cache: beside the old one, synced, then renamed over it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::mpsc;

use rayon::prelude::*;
use rusqlite::{Connection, Statement, params};

use super::attributes::Derived;
use super::columns::CODED;
use super::first::FirstReading;
use super::inputs::Input;
use super::read::SecondReading;
use super::sorted::{self, Sorted};
use crate::cache::fail_point::pass as sqlite_point;
use crate::cache::finished::{beside, put_in_place, remove};
use crate::cache::packed::{Holders, Packed};
use crate::cache::schema::{FORMAT_VERSION, TABLES, kind_number, value_id};
use crate::cache::{CacheError, RowId};
use crate::files::keep_private;
use crate::model::{AttributeKind, Digest, Watcher};
use crate::snapshot::Column;

/// All that goes into a cache.
pub(super) struct Content<'a> {
    pub fingerprint: Digest,
    pub inputs: &'a [Input<'a>],
    pub present: &'a BTreeSet<Column>,
    pub first: &'a FirstReading,
    pub second: &'a SecondReading,
    pub derived: &'a Derived,
}

/// Writes the cache. A process killed at any moment leaves the old cache or none, and perhaps a
/// file `….building`, which the next load removes.
pub(super) fn write(path: &Path, content: &Content<'_>, watcher: &dyn Watcher) -> Result<(), CacheError> {
    let building = beside(path, ".building");
    remove(&building)?;
    let written = fill(&building, content, watcher).and_then(|()| put_in_place(&building, path));
    if written.is_err() {
        // The first error is returned; the next load removes a leftover file.
        let _ = fs::remove_file(&building);
    }
    written
}

fn fill(building: &Path, content: &Content<'_>, watcher: &dyn Watcher) -> Result<(), CacheError> {
    let failed = CacheError::sqlite(building);
    sqlite_point("cache.create").map_err(&failed)?;
    keep_private(building).map_err(CacheError::io(building))?;
    let connection = Connection::open(building).map_err(&failed)?;
    // No other process reads the file before it is complete and synced, so SQLite needs no journal.
    connection
        .execute_batch(
            "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;",
        )
        .and_then(|()| connection.execute_batch(TABLES))
        .and_then(|()| meta(&connection, content))
        .map_err(&failed)?;
    let mut writing = Writing::new(&connection, content).map_err(&failed)?;
    let total = u64::from(content.inputs.last().map_or(0, |input| input.rows.end));
    each_partition(building, content, watcher, |sorted| {
        sqlite_point("cache.partition").and_then(|()| writing.take(&sorted)).map_err(&failed)?;
        watcher.step("writing the cache", u64::from(writing.rows), total, "rows");
        Ok(())
    })?;
    watcher.check()?;
    writing
        .finish()
        .and_then(|()| connection.execute("INSERT INTO meta VALUES ('complete', '1')", []))
        .and_then(|_| sqlite_point("cache.commit"))
        .and_then(|()| connection.execute_batch("COMMIT"))
        .and_then(|()| sqlite_point("cache.committed"))
        .map_err(&failed)?;
    connection.close().map_err(|(_, error)| failed(error))
}

/// Sorts the partitions on all threads and passes them to `take` in order, on this thread. At most as
/// many wait in memory as there are threads.
fn each_partition(
    path: &Path,
    content: &Content<'_>,
    watcher: &dyn Watcher,
    mut take: impl FnMut(Sorted) -> Result<(), CacheError>,
) -> Result<(), CacheError> {
    let partitions = content.second.partitions.len();
    let threads = rayon::current_num_threads().clamp(1, partitions.max(1));
    let mut wanted: Vec<u32> = content.first.aliases.iter().map(|&(_, kept)| kept).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let wanted = &wanted;
    std::thread::scope(|scope| {
        // One channel per thread, each with every n-th partition, so that they arrive in order and a
        // thread that is ahead waits.
        let mut results = Vec::with_capacity(threads);
        for thread in 0..threads {
            let (send, receive) = mpsc::sync_channel(0);
            results.push(receive);
            scope.spawn(move || {
                let mut scratch = sorted::Scratch::default();
                for partition in (thread..partitions).step_by(threads) {
                    let place = (path, content.derived);
                    let sorted =
                        sorted::sort(content.second, partition, place, wanted, &mut scratch, watcher);
                    let failed = sorted.is_err();
                    // After a failure of another thread there is no receiver.
                    if send.send(sorted).is_err() || failed {
                        return;
                    }
                }
            });
        }
        for partition in 0..partitions {
            match results[partition % threads].recv() {
                Ok(sorted) => take(sorted?)?,
                // The thread panicked; the scope propagates the panic.
                Err(mpsc::RecvError) => return Ok(()),
            }
        }
        Ok(())
    })
}

fn meta(connection: &Connection, content: &Content<'_>) -> rusqlite::Result<()> {
    let raw = content.inputs.last().map_or(0, |input| u64::from(input.rows.end));
    let mut insert = connection.prepare("INSERT INTO meta VALUES (?1, ?2)")?;
    for (key, value) in [
        ("format_version", FORMAT_VERSION.to_string()),
        ("fingerprint", content.fingerprint.to_string()),
        ("raw", raw.to_string()),
        ("shared_ids", content.second.shared_ids.ids.to_string()),
        ("exchanges_of_shared_ids", content.second.shared_ids.exchanges.to_string()),
    ] {
        insert.execute([key, &value])?;
    }
    for (snapshot, tally) in &content.second.tallies {
        insert.execute([format!("tally:{snapshot}"), serde_json::to_string(tally).unwrap_or_default()])?;
    }
    let mut insert = connection.prepare("INSERT INTO present_columns VALUES (?1)")?;
    for column in content.present {
        insert.execute([column.name()])?;
    }
    let mut insert = connection.prepare("INSERT INTO files VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (at, input) in content.inputs.iter().enumerate() {
        insert.execute(params![
            at as i64,
            input.snapshot.to_string(),
            input.name,
            input.sha256.to_string(),
            input.rows.len() as i64
        ])?;
    }
    let mut insert = connection.prepare("INSERT INTO unreadable VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (file, places) in &content.second.unreadable {
        let (start, end) = (places.rows.start as i64, places.rows.end as i64);
        insert.execute(params![*file as i64, places.row_group as i64, start, end, places.column])?;
    }
    let mut insert = connection.prepare("INSERT INTO stop_reasons VALUES (?1, ?2)")?;
    for (code, reason) in content.second.names[CODED.len()].iter().enumerate() {
        insert.execute(params![code as i64, reason])?;
    }
    Ok(())
}

/// Writer of partitions, in order.
struct Writing<'a> {
    content: &'a Content<'a>,
    connection: &'a Connection,
    account: Statement<'a>,
    holding: Statement<'a>,
    segment: Statement<'a>,
    accounts: u32,
    segments: u32,
    rows: u32,
    /// Accounts and exchanges of each value, by kind and rank.
    shared: Vec<Vec<(u32, u64)>>,
    /// Accounts that have the values of each kind, by kind.
    holders: Vec<Holders>,
    /// Rows that count for duplicates, with their rows in the cache.
    kept: Vec<(u32, RowId)>,
}

impl<'a> Writing<'a> {
    fn new(connection: &'a Connection, content: &'a Content<'a>) -> rusqlite::Result<Self> {
        let mut shared = vec![Vec::new(); AttributeKind::ALL.len()];
        for (kind, values) in values_by_kind(content) {
            shared[kind_number(kind) as usize] = vec![(0, 0); values.len()];
        }
        Ok(Self {
            content,
            connection,
            account: connection.prepare("INSERT INTO accounts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?,
            holding: connection.prepare("INSERT INTO account_values VALUES (?1, ?2, ?3, ?4, ?5)")?,
            segment: connection
                .prepare("INSERT INTO segments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?,
            accounts: 0,
            segments: 0,
            rows: 0,
            shared,
            holders: AttributeKind::ALL.map(|_| Holders::default()).into(),
            kept: Vec::new(),
        })
    }

    fn take(&mut self, sorted: &Sorted) -> rusqlite::Result<()> {
        for (account, at) in sorted.accounts.iter().zip(self.accounts..) {
            let id = &self.content.first.accounts[account.code as usize];
            let dates = self.content.second.dates[account.code as usize];
            self.account.execute(params![
                at,
                id,
                account.exchanges,
                account.first,
                account.last,
                dates.created,
                dates.verified
            ])?;
        }
        for holding in &sorted.holdings {
            let sum = &mut self.shared[kind_number(holding.kind) as usize][holding.rank as usize];
            sum.0 += 1;
            sum.1 += u64::from(holding.exchanges);
            let account = self.accounts + holding.account;
            self.holders[kind_number(holding.kind) as usize].push(account, holding.rank, holding.exchanges);
            self.holding.execute(params![
                account,
                value_id(holding.kind, holding.rank),
                holding.exchanges,
                holding.first,
                holding.last
            ])?;
        }
        for (segment, at) in sorted.segments.iter().zip(self.segments..) {
            self.segment.execute(params![
                at,
                self.accounts + segment.first_account,
                self.accounts + segment.last_account,
                self.rows + segment.first_row,
                segment.encoded.rows,
                segment.encoded.min_ts,
                segment.encoded.max_ts,
                segment.encoded.ts_unit,
                segment.encoded.data
            ])?;
        }
        self.kept.extend(sorted.kept.iter().map(|&(row, at)| (row, self.rows + at)));
        self.accounts += sorted.accounts.len() as u32;
        self.segments += sorted.segments.len() as u32;
        self.rows += sorted.rows;
        Ok(())
    }

    /// Writes the numbers of accounts and exchanges of each value, and the duplicates.
    fn finish(mut self) -> rusqlite::Result<()> {
        self.connection.execute("INSERT INTO meta VALUES ('distinct', ?1)", [self.rows.to_string()])?;
        let shared = &self.shared;
        let kinds: Vec<(AttributeKind, Vec<CountedValue<'_>>)> = values_by_kind(self.content)
            .into_iter()
            .map(|(kind, values)| {
                let shared = &shared[kind_number(kind) as usize];
                let counted = values.into_iter().zip(shared);
                (kind, counted.map(|(value, &(accounts, exchanges))| (value, accounts, exchanges)).collect())
            })
            .collect();
        let holders: Vec<Holders> = kinds
            .iter()
            .map(|(kind, _)| std::mem::take(&mut self.holders[kind_number(*kind) as usize]))
            .collect();
        // One connection writes; meanwhile the other threads pack.
        std::thread::scope(|scope| {
            let kinds = &kinds;
            let packing = scope.spawn(move || {
                let both = kinds.par_iter().zip(holders);
                both.map(|((_, counted), holders)| Packed::new(counted.iter().copied(), holders))
                    .collect::<Vec<_>>()
            });
            let mut insert =
                self.connection.prepare("INSERT INTO attribute_values VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for (kind, counted) in kinds {
                for (&(value, accounts, exchanges), rank) in counted.iter().zip(0..) {
                    let id = value_id(*kind, rank);
                    insert.execute(params![id, kind.name(), value, accounts, exchanges as i64])?;
                }
            }
            let packed = packing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            kinds.iter().zip(packed).try_for_each(|((kind, _), packed)| packed?.write(self.connection, *kind))
        })?;
        self.kept.sort_unstable();
        let mut insert = self.connection.prepare("INSERT INTO aliases VALUES (?1, ?2, ?3)")?;
        for &(row, kept) in &self.content.first.aliases {
            let (file, row) = place(self.content.inputs, row);
            if let Ok(at) = self.kept.binary_search_by_key(&kept, |&(row, _)| row) {
                insert.execute(params![file, row, self.kept[at].1])?;
            }
        }
        Ok(())
    }
}

/// Value with the numbers of accounts and exchanges that have it.
type CountedValue<'a> = (&'a str, u32, u64);

/// Sorted values of each attribute that has any, in the order of the kinds.
fn values_by_kind<'a>(content: &Content<'a>) -> Vec<(AttributeKind, Vec<&'a str>)> {
    let coded = CODED.into_iter().zip(&content.second.names);
    let mut values: Vec<(AttributeKind, Vec<&str>)> =
        coded.map(|((kind, _), names)| (kind, names.iter().map(AsRef::as_ref).collect())).collect();
    let derived = content.derived;
    values.push((AttributeKind::Ip24, derived.networks.iter().map(String::as_str).collect()));
    values.push((AttributeKind::SignupBatch, derived.batches.iter().map(String::as_str).collect()));
    values.retain(|(_, values)| !values.is_empty());
    values.sort_by_key(|(kind, _)| *kind);
    values
}

/// File, and row in the file, of a row counted over all files.
fn place(inputs: &[Input<'_>], row: u32) -> (u32, u32) {
    let file = inputs.partition_point(|input| input.rows.end <= row);
    (file as u32, row - inputs[file].rows.start)
}
