//! Marking evidence: of exchanges the whole records are copied into the case.

use anyhow::Context as _;

use crate::cache::{Cache, RowId, text};
use crate::case::{Action, Case, EvidenceSource};
use crate::model::{Record, Tag, Watcher};
use crate::snapshot::Sources;

/// Marks exchanges, each a piece of evidence of its own, all or none of them. Returns their
/// numbers in the order of `rows`.
///
/// # Errors
/// Where a record cannot be read from its snapshot, or the case cannot be written.
pub fn mark_exchanges(
    case: &mut Case,
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    tag: &Tag,
    note: &str,
    watcher: &dyn Watcher,
) -> anyhow::Result<Vec<u64>> {
    let (marked, copies) = exchange_sources(cache, sources, rows, watcher)?;
    mark(case, marked, &copies, tag, note)
}

/// What evidence is made from for each of some exchanges, with their whole records, in the order
/// of `rows`.
///
/// # Errors
/// Where a record cannot be read from its snapshot.
pub fn exchange_sources(
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    watcher: &dyn Watcher,
) -> anyhow::Result<(Vec<EvidenceSource>, Vec<Record>)> {
    let records = text::records_to_copy(cache, sources, rows, watcher).context("nothing was marked")?;
    let hot = cache.hot();
    let marked = rows.iter().zip(&records).map(|(&row, record)| EvidenceSource::Exchange {
        exchange: record.exchange.clone(),
        account: cache.accounts()[hot.account_of(row) as usize].id.clone(),
        ts: hot.ts[row as usize],
        record: record.digest(),
        reading: record.reading_digest(),
    });
    Ok((marked.collect(), records))
}

/// Marks some things, all or none of them, and keeps the records that those of them that are
/// exchanges refer to. Returns their numbers in the order of `sources`.
///
/// # Errors
/// Where the case cannot be written.
pub fn mark(
    case: &mut Case,
    sources: Vec<EvidenceSource>,
    copies: &[Record],
    tag: &Tag,
    note: &str,
) -> anyhow::Result<Vec<u64>> {
    let first = case.state().next_evidence();
    let numbers: Vec<u64> = (first..).take(sources.len()).collect();
    let actions = numbers.iter().zip(sources).map(|(&id, source)| Action::Tagged {
        id,
        source,
        tag: tag.clone(),
        note: note.to_owned(),
    });
    case.record_with_copies(actions.collect(), copies).context("nothing was marked")?;
    Ok(numbers)
}
