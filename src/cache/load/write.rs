//! Writing a cache: beside the old one, synced, then renamed over it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float32Array, Int64Array, RecordBatch, UInt32Array, UInt64Array};
use arrow::error::ArrowError;
use rayon::prelude::*;
use rusqlite::{Connection, params};

use super::attributes::{Attributes, Life};
use super::columns::{
    ACCOUNT, CODED, COUNTS, Columns, FLAGS, KEYS, NO_CODE, NO_FLAG, NO_KEY, REALS, STOP_REASON,
};
use super::order::Order;
use super::read::Input;
use crate::cache::schema::{FORMAT_VERSION, SEGMENT_ROWS, TABLES, kind_number, value_id};
use crate::cache::segment::{SegmentColumn, encode};
use crate::cache::{CacheError, Counts};
use crate::model::{AttributeKind, Digest, Watcher};
use crate::snapshot::Column;

/// All that goes into a cache.
pub(super) struct Content<'a> {
    pub fingerprint: Digest,
    pub inputs: &'a [Input<'a>],
    pub present: &'a BTreeSet<Column>,
    pub counts: Counts,
    pub accounts: &'a [String],
    pub lives: &'a [Life],
    pub attributes: &'a Attributes,
    pub stop_reasons: &'a [String],
    pub aliases: &'a [(u32, u32)],
    pub order: &'a Order,
    pub columns: &'a Columns,
}

/// Writes the cache. A process killed at any moment leaves the old cache or none, and perhaps a
/// file `….building`, which the next load removes.
pub(super) fn write(path: &Path, content: &Content<'_>, watcher: &dyn Watcher) -> Result<(), CacheError> {
    let building = beside(path, ".building");
    remove(&building)?;
    let written = fill(&building, content, watcher).and_then(|()| replace(path, &building));
    if written.is_err() {
        // The error that stopped the work is the one to tell; a leftover is removed by the next load.
        let _ = fs::remove_file(&building);
    }
    written
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn remove(path: &Path) -> Result<(), CacheError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(CacheError::io(path)(error)),
        _ => Ok(()),
    }
}

fn replace(path: &Path, building: &Path) -> Result<(), CacheError> {
    let file = File::open(building).map_err(CacheError::io(building))?;
    file.sync_all().map_err(CacheError::io(building))?;
    let journal = beside(path, "-journal");
    if journal.exists() {
        // A journal left by a killed writer belongs to the old cache and would be played back
        // into the new one; without it the old one may be half-written. So the old cache goes first.
        remove(path)?;
        remove(&journal)?;
    }
    fs::rename(building, path).map_err(CacheError::io(path))?;
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(CacheError::io(folder))?;
    }
    Ok(())
}

fn fill(building: &Path, content: &Content<'_>, watcher: &dyn Watcher) -> Result<(), CacheError> {
    let failed = CacheError::sqlite(building);
    let connection = Connection::open(building).map_err(&failed)?;
    // Nothing reads the file before it is complete and synced, so SQLite need not guard it.
    connection
        .execute_batch(
            "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;",
        )
        .and_then(|()| connection.execute_batch(TABLES))
        .and_then(|()| meta(&connection, content))
        .and_then(|()| accounts(&connection, content))
        .map_err(&failed)?;
    watcher.check()?;
    values(&connection, content.attributes).map_err(&failed)?;
    watcher.check()?;
    aliases(&connection, content).map_err(&failed)?;
    segments(&connection, building, content, watcher)?;
    connection
        .execute("INSERT INTO meta VALUES ('complete', '1')", [])
        .and_then(|_| connection.execute_batch("COMMIT"))
        .map_err(&failed)?;
    connection.close().map_err(|(_, error)| failed(error))
}

fn meta(connection: &Connection, content: &Content<'_>) -> rusqlite::Result<()> {
    let mut insert = connection.prepare("INSERT INTO meta VALUES (?1, ?2)")?;
    for (key, value) in [
        ("format_version", FORMAT_VERSION.to_string()),
        ("fingerprint", content.fingerprint.to_string()),
        ("raw", content.counts.raw.to_string()),
        ("distinct", content.counts.distinct.to_string()),
    ] {
        insert.execute([key, &value])?;
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
    let mut insert = connection.prepare("INSERT INTO stop_reasons VALUES (?1, ?2)")?;
    for (code, reason) in content.stop_reasons.iter().enumerate() {
        insert.execute(params![code as i64, reason])?;
    }
    Ok(())
}

fn accounts(connection: &Connection, content: &Content<'_>) -> rusqlite::Result<()> {
    let mut insert = connection.prepare("INSERT INTO accounts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for (at, (id, life)) in content.accounts.iter().zip(content.lives).enumerate() {
        let rows =
            &content.order.rows[content.order.offsets[at] as usize..content.order.offsets[at + 1] as usize];
        let time = |row: Option<&u32>| row.map(|&row| content.columns.ts[row as usize]);
        insert.execute(params![
            at as i64,
            id,
            rows.len() as i64,
            time(rows.first()),
            time(rows.last()),
            life.created,
            life.verified
        ])?;
    }
    Ok(())
}

fn values(connection: &Connection, attributes: &Attributes) -> rusqlite::Result<()> {
    // Accounts and exchanges of each value, by kind and rank.
    let mut shared: Vec<Vec<(u32, u64)>> = vec![Vec::new(); AttributeKind::ALL.len()];
    for (kind, values) in &attributes.values {
        shared[kind_number(*kind) as usize] = vec![(0, 0); values.len()];
    }
    let mut insert = connection.prepare("INSERT INTO account_values VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for holding in &attributes.holdings {
        let sum = &mut shared[kind_number(holding.kind) as usize][holding.rank as usize];
        sum.0 += 1;
        sum.1 += u64::from(holding.exchanges);
        insert.execute(params![
            holding.account,
            value_id(holding.kind, holding.rank),
            holding.exchanges,
            holding.first,
            holding.last
        ])?;
    }
    let mut insert = connection.prepare("INSERT INTO attribute_values VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (kind, values) in &attributes.values {
        for (rank, value) in values.iter().enumerate() {
            let (accounts, exchanges) = shared[kind_number(*kind) as usize][rank];
            insert.execute(params![
                value_id(*kind, rank as u32),
                kind.name(),
                value,
                accounts,
                exchanges as i64
            ])?;
        }
    }
    Ok(())
}

fn aliases(connection: &Connection, content: &Content<'_>) -> rusqlite::Result<()> {
    if content.aliases.is_empty() {
        return Ok(());
    }
    let mut row_ids = vec![NO_CODE; content.columns.rows];
    for (row_id, &row) in content.order.rows.iter().enumerate() {
        row_ids[row as usize] = row_id as u32;
    }
    let mut insert = connection.prepare("INSERT INTO aliases VALUES (?1, ?2, ?3)")?;
    for &(row, kept) in content.aliases {
        let (file, row) = place(content.inputs, row);
        insert.execute(params![file, row, row_ids[kept as usize]])?;
    }
    Ok(())
}

/// The file and the row in it of a row counted over all files.
fn place(inputs: &[Input<'_>], row: u32) -> (u32, u32) {
    let file = inputs.partition_point(|input| input.rows.end <= row);
    (file as u32, row - inputs[file].rows.start)
}

fn segments(
    connection: &Connection,
    building: &Path,
    content: &Content<'_>,
    watcher: &dyn Watcher,
) -> Result<(), CacheError> {
    let failed = CacheError::sqlite(building);
    let mut insert = connection
        .prepare("INSERT INTO segments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
        .map_err(&failed)?;
    let total = content.order.rows.len() as u64;
    let all: Vec<&[u32]> = content.order.rows.chunks(SEGMENT_ROWS).collect();
    let mut done = 0_u64;
    // A wave at a time, so that no more blobs wait in memory than threads make.
    for wave in all.chunks(rayon::current_num_threads().max(1)) {
        watcher.check()?;
        let blobs = wave
            .par_iter()
            .map(|rows| batch(content, rows).and_then(|batch| encode(&batch)))
            .collect::<Result<Vec<_>, ArrowError>>()
            .map_err(|source| CacheError::Segment { path: building.to_owned(), source })?;
        for (rows, blob) in wave.iter().zip(blobs) {
            let account = |row: Option<&u32>| row.map(|&row| content.columns.codes[ACCOUNT][row as usize]);
            let times = || rows.iter().map(|&row| content.columns.ts[row as usize]);
            insert
                .execute(params![
                    done.div_ceil(SEGMENT_ROWS as u64) as i64,
                    account(rows.first()),
                    account(rows.last()),
                    done as i64,
                    rows.len() as i64,
                    times().min(),
                    times().max(),
                    blob
                ])
                .map_err(&failed)?;
            done += rows.len() as u64;
            watcher.step("writing the cache", done, total, "rows");
        }
    }
    Ok(())
}

/// The record batch of one segment. `rows` are its exchanges, counted over all files.
fn batch(content: &Content<'_>, rows: &[u32]) -> Result<RecordBatch, ArrowError> {
    let columns = content.columns;
    let (file, row): (Vec<u32>, Vec<u32>) = rows.iter().map(|&row| place(content.inputs, row)).unzip();
    let mut fields: Vec<(SegmentColumn, ArrayRef)> = vec![
        (SegmentColumn::File, Arc::new(UInt32Array::from(file))),
        (SegmentColumn::Row, Arc::new(UInt32Array::from(row))),
        (SegmentColumn::Ts, Arc::new(Int64Array::from_iter_values(pick(&columns.ts, rows)))),
    ];
    let u32s = |values: &[u32]| -> ArrayRef {
        Arc::new(UInt32Array::from_iter(pick(values, rows).map(|value| (value != NO_CODE).then_some(value))))
    };
    let mut add = |column: SegmentColumn, there: bool, array: &dyn Fn() -> ArrayRef| {
        if there {
            fields.push((column, array()));
        }
    };
    for (at, (kind, _)) in CODED.into_iter().enumerate().filter(|(_, (kind, _))| kind.is_per_exchange()) {
        add(SegmentColumn::Code(kind), !columns.codes[at].is_empty(), &|| u32s(&columns.codes[at]));
    }
    add(SegmentColumn::StopReason, !columns.codes[STOP_REASON].is_empty(), &|| {
        u32s(&columns.codes[STOP_REASON])
    });
    const KEY_COLUMNS: [SegmentColumn; KEYS.len()] = [SegmentColumn::Conversation, SegmentColumn::PromptHash];
    for (keys, column) in columns.keys.iter().zip(KEY_COLUMNS) {
        add(column, !keys.is_empty(), &|| {
            Arc::new(UInt64Array::from_iter(pick(keys, rows).map(|key| (key != NO_KEY).then_some(key))))
        });
    }
    const COUNT_COLUMNS: [SegmentColumn; COUNTS.len()] =
        [SegmentColumn::InputTokens, SegmentColumn::OutputTokens, SegmentColumn::LatencyMs];
    for (counts, column) in columns.counts.iter().zip(COUNT_COLUMNS) {
        add(column, !counts.is_empty(), &|| u32s(counts));
    }
    const REAL_COLUMNS: [SegmentColumn; REALS.len()] =
        [SegmentColumn::MeanTokenEntropy, SegmentColumn::WatermarkScore];
    for (reals, column) in columns.reals.iter().zip(REAL_COLUMNS) {
        add(column, !reals.is_empty(), &|| {
            Arc::new(Float32Array::from_iter(pick(reals, rows).map(|real| (!real.is_nan()).then_some(real))))
        });
    }
    const FLAG_COLUMNS: [SegmentColumn; FLAGS.len()] =
        [SegmentColumn::IsStream, SegmentColumn::LogprobsRequested];
    for (flags, column) in columns.flags.iter().zip(FLAG_COLUMNS) {
        add(column, !flags.is_empty(), &|| {
            let flag = |flag: u8| (flag != NO_FLAG).then_some(flag == 1);
            Arc::new(BooleanArray::from_iter(pick(flags, rows).map(flag)))
        });
    }
    RecordBatch::try_from_iter_with_nullable(
        fields.into_iter().map(|(column, array)| (column.name(), array, true)),
    )
}

fn pick<'a, T: Copy>(values: &'a [T], rows: &'a [u32]) -> impl Iterator<Item = T> + 'a {
    rows.iter().map(|&row| values[row as usize])
}
