//! Exchanges of a scope, oldest first, each by its snapshot, file and row.

use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::model::Watcher;
use crate::query::Selection;
use crate::query::exchanges::{ExchangeRow, rows};
use crate::query::listing::Listing;

/// Rows read from the cache at a time.
const PAGE: usize = 8_192;

const HEADER: [&str; 13] = [
    "exchange",
    "ts",
    "account_id",
    "topic",
    "topic_label",
    "model",
    "ip",
    "input_tokens",
    "output_tokens",
    "latency_ms",
    "stop_reason",
    "row",
    "file",
];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let mut table = Table::new(HEADER);
    let listing = Listing::by_time(subject.cache, selection, watcher)?;
    for start in (0..listing.len()).step_by(PAGE) {
        watcher.check()?;
        watcher.step("listing exchanges", start as u64, listing.len() as u64, "rows");
        for row in rows(subject.cache, &listing.rows(start..start + PAGE))? {
            table.push(cells(subject, &row));
        }
    }
    let notes = vec!["Prompts and responses are not in this table.".to_owned()];
    Ok(Drawn { drawing: None, table, notes })
}

fn cells(subject: &Subject<'_>, row: &ExchangeRow) -> Vec<String> {
    let text = |value: &Option<String>| value.as_deref().map_or_else(String::new, cell);
    let count = |value: Option<u32>| value.map_or_else(String::new, |value| value.to_string());
    let topic = row.topic.and_then(|topic| subject.cache.topics().get(usize::from(topic)));
    vec![
        cell(&row.exchange.to_string()),
        subject.zone.format_exact(row.ts),
        cell(subject.cache.accounts()[row.account as usize].id.as_str()),
        row.topic.map_or_else(String::new, |topic| topic.to_string()),
        topic.map_or_else(String::new, |topic| cell(&topic.label)),
        text(&row.model),
        text(&row.ip),
        count(row.input_tokens),
        count(row.output_tokens),
        count(row.latency_ms),
        text(&row.stop_reason),
        row.exchange.row.to_string(),
        cell(&row.exchange.file),
    ]
}
