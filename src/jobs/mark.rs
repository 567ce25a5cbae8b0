//! Marking exchanges as evidence: their whole records are copied into the case.

use anyhow::Context as _;

use crate::cache::{Cache, RowId, text};
use crate::case::{Action, Case, EvidenceSource};
use crate::model::{Tag, Watcher};
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
    let records = text::records(cache, sources, rows, watcher).context("nothing was marked")?;
    let first = case.state().next_evidence();
    let hot = cache.hot();
    let actions = rows.iter().zip(&records).zip(first..).map(|((&row, record), id)| {
        let account = &cache.accounts()[hot.account_of(row) as usize];
        let source = EvidenceSource::Exchange {
            exchange: record.exchange.clone(),
            account: account.id.clone(),
            ts: hot.ts[row as usize],
            record: record.digest(),
        };
        Action::Tagged { id, source, tag: tag.clone(), note: note.to_owned() }
    });
    case.record_with_copies(actions.collect(), &records).context("nothing was marked")?;
    Ok((first..).take(rows.len()).collect())
}
