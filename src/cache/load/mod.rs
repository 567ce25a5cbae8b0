//! Building a cache from sealed snapshots: read, count once, number, sort, write.
//!
//! What comes out depends on the snapshots and their mappings alone, never on the order in which
//! they were imported, on threads or on time. Never touches a snapshot, and never leaves a half
//! cache: it is written beside the old one and renamed over it when it is complete and synced.

mod attributes;
mod columns;
mod dedupe;
mod dictionary;
mod order;
mod read;
mod signup;
mod write;

use std::ops::Range;
use std::path::Path;

use super::{CacheError, Counts};
use crate::model::{Digest, Watcher};
use crate::snapshot::Sources;

pub(in crate::cache) use attributes::network;
use columns::{ACCOUNT, CODED, STOP_REASON};
use read::Input;

/// Builds the cache of these snapshots at `cache_path`, in place of what is there.
///
/// # Errors
/// A snapshot that cannot be read, more rows than can be numbered, no rights, disk full,
/// cancelled. Then what was there before is still there.
pub fn load(cache_path: &Path, sources: &Sources, watcher: &dyn Watcher) -> Result<(), CacheError> {
    let inputs = read::inputs(sources)?;
    let read::Raw { mut columns, dictionaries, present } = read::read(&inputs, watcher)?;
    watcher.check()?;
    watcher.step("sorting", 0, 0, "rows");
    let distinct = dedupe::distinct(&columns, &snapshot_rows(&inputs));
    columns.request = Vec::new();
    columns.record = Vec::new();
    let mut names: Vec<Vec<String>> = Vec::with_capacity(columns.codes.len());
    for (codes, dictionary) in columns.codes.iter_mut().zip(dictionaries) {
        let used = if codes.is_empty() { &[] } else { distinct.kept.as_slice() };
        names.push(dictionary.rank(codes, used));
    }
    let accounts = std::mem::take(&mut names[ACCOUNT]);
    let stop_reasons = std::mem::take(&mut names[STOP_REASON]);
    names.truncate(CODED.len());
    let order = order::order(&distinct.kept, &columns.codes[ACCOUNT], accounts.len(), &columns.ts);
    watcher.check()?;
    let lives = attributes::lives(&columns, &order);
    let attributes = attributes::attributes(&columns, names, &order, &lives);
    watcher.check()?;
    let counts = Counts { raw: columns.rows as u64, distinct: order.rows.len() as u64 };
    let content = write::Content {
        fingerprint: fingerprint_of(sources),
        inputs: &inputs,
        present: &present,
        counts,
        accounts: &accounts,
        lives: &lives,
        attributes: &attributes,
        stop_reasons: &stop_reasons,
        aliases: &distinct.aliases,
        order: &order,
        columns: &columns,
    };
    write::write(cache_path, &content, watcher)
}

/// What a cache is built from: SHA-256 over the format's version and each snapshot's SHA-256 and
/// mapping, in order of the former. A cache whose [fingerprint](super::Cache::fingerprint) is
/// another is stale.
pub fn fingerprint_of(sources: &Sources) -> Digest {
    let mut snapshots: Vec<_> = sources.snapshots.iter().collect();
    snapshots.sort_by_key(|snapshot| snapshot.sha256);
    snapshots.dedup_by_key(|snapshot| snapshot.sha256);
    let mut text = format!("stillhunt cache {}\n", super::schema::FORMAT_VERSION);
    for snapshot in snapshots {
        // Debug quotes names, so that none can pretend to be two.
        text += &format!("{} {:?}\n", snapshot.sha256, snapshot.mapping);
    }
    Digest::of(text.as_bytes())
}

/// The rows of each snapshot, counted over all files.
fn snapshot_rows(inputs: &[Input<'_>]) -> Vec<Range<u32>> {
    inputs
        .chunk_by(|a, b| a.snapshot == b.snapshot)
        .map(|files| files[0].rows.start..files[files.len() - 1].rows.end)
        .collect()
}
