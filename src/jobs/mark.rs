//! Marking of evidence: for exchanges, copies of their whole records go into the case.

use anyhow::{Context as _, anyhow};

use crate::cache::text::{self, Records, UnreadableRecord};
use crate::cache::{Cache, RowId};
use crate::case::{Case, EvidenceSource};
use crate::model::{Record, Tag, Watcher};
use crate::snapshot::Sources;

/// Result of marking exchanges.
#[derive(Clone, Debug, Default)]
pub struct Marked {
    /// Numbers of the new evidence, in the order of the exchanges.
    pub numbers: Vec<u64>,
    /// Number of exchanges that were to be marked.
    pub requested: usize,
    /// Exchanges that were not marked, since their records are damaged in the snapshot.
    pub unreadable: Vec<UnreadableRecord>,
}

impl Marked {
    /// Exchanges that were not marked, with the reason; `None` if all were marked.
    pub fn unreadable_in_words(&self) -> Option<String> {
        unreadable_in_words(&self.unreadable, self.requested)
    }
}

/// Sources of evidence made from exchanges.
#[derive(Clone, Debug, Default)]
pub struct ExchangeSources {
    /// Sources of the exchanges that were read, in the order given.
    pub sources: Vec<EvidenceSource>,
    /// Their whole records.
    pub copies: Vec<Record>,
    /// Exchanges that could not be read.
    pub unreadable: Vec<UnreadableRecord>,
}

/// Sentence on exchanges that could not be read, of `requested` in all: their number and the first three
/// with the reason. `None` if there are none.
pub fn unreadable_in_words(unreadable: &[UnreadableRecord], requested: usize) -> Option<String> {
    /// Number of exchanges that are named.
    const NAMED: usize = 3;
    if unreadable.is_empty() {
        return None;
    }
    let named = unreadable.iter().take(NAMED).map(|one| format!("{}: {}", one.exchange, one.reason));
    let more = unreadable.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    let named = named.collect::<Vec<_>>().join("; ");
    Some(format!("{} of {requested} exchanges could not be read: {named}{more}", unreadable.len()))
}

/// Marks exchanges, each as its own piece of evidence, in one transaction. Exchanges whose record is
/// damaged are left out and returned with the reason.
///
/// # Errors
/// No record can be read, a snapshot's file has changed or is gone, or the case cannot be written.
pub fn mark_exchanges(
    case: &mut Case,
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    tag: &Tag,
    note: &str,
    watcher: &dyn Watcher,
) -> anyhow::Result<Marked> {
    let ExchangeSources { sources, copies, unreadable } = exchange_sources(cache, sources, rows, watcher)?;
    let requested = rows.len();
    if sources.is_empty()
        && let Some(words) = unreadable_in_words(&unreadable, requested)
    {
        return Err(anyhow!(words).context("nothing was marked"));
    }
    let numbers = mark(case, sources, &copies, tag, note)?;
    Ok(Marked { numbers, requested, unreadable })
}

/// Sources of evidence for exchanges, with their whole records, in the order of `rows`.
///
/// # Errors
/// A snapshot's file has changed or is gone, or the work was cancelled.
pub fn exchange_sources(
    cache: &Cache,
    sources: &Sources,
    rows: &[RowId],
    watcher: &dyn Watcher,
) -> anyhow::Result<ExchangeSources> {
    let records = text::records_to_copy(cache, sources, rows, watcher).context("nothing was marked")?;
    let Records { read, unreadable } = records;
    let hot = cache.hot();
    let source = |(row, record): &(RowId, Record)| EvidenceSource::Exchange {
        exchange: record.exchange.clone(),
        account: cache.accounts()[hot.account_of(*row) as usize].id.clone(),
        ts: hot.ts[*row as usize],
        record: record.digest(),
        reading: record.reading_digest(),
    };
    let sources = read.iter().map(source).collect();
    let copies = read.into_iter().map(|(_, record)| record).collect();
    Ok(ExchangeSources { sources, copies, unreadable })
}

/// Marks sources as evidence in one transaction, all or none, and stores copies of the records that
/// they refer to. A source that has the tag already keeps its number, and the note is added to its own. Returns the
/// numbers of the evidence, in the order of `sources`.
///
/// # Errors
/// The case cannot be written.
pub fn mark(
    case: &mut Case,
    sources: Vec<EvidenceSource>,
    copies: &[Record],
    tag: &Tag,
    note: &str,
) -> anyhow::Result<Vec<u64>> {
    let (actions, numbers) = case.state().marked(sources, tag, note);
    if !actions.is_empty() {
        case.record_with_copies(actions, copies).context("nothing was marked")?;
    }
    Ok(numbers)
}
