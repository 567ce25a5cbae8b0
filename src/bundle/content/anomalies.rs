//! Anomalies of the log, made again from import reports, gaps, accounts and values of all accounts.

use std::collections::BTreeSet;

use super::super::Fault;
use super::super::contents::Contents;
use super::super::custody::CHECKPOINT;
use super::super::import_report::{REPORTS, read};
use super::super::journal_fold::Facts;
use super::super::report::{Anomalies, EARLIER, EARLY, Import, LEGAL, SHARED_IDS, gap_hours, odd_dates};
use super::super::underlying::EARLY_COLUMN;
use super::tables::table;
use crate::case::{CaseReport, Checkpoint};
use crate::model::Micros;

const GAPS: &str = "data/06_custody/gaps.csv";
const VALUES: &str = "data/04_summaries/underlying/signals.csv";
const COLUMNS: [&str; 5] = ["anomaly", "where", "count", "of", "effect on what is claimed"];

/// Figures that other tables give: of all exchanges, and of accounts used before they were made, by item.
pub(super) struct Known<'a> {
    /// Distinct exchanges.
    pub exchanges: Option<u64>,
    /// Items, accounts used before they were made where that can be told, and all accounts.
    pub items: Vec<(&'a str, Option<u64>, u64)>,
}

/// Fault of the table `name`.
///
/// # Errors
/// A table that cannot be read.
pub(super) fn check(
    contents: &Contents,
    facts: &Facts,
    name: &str,
    known: &Known<'_>,
) -> Result<Option<Fault>, Fault> {
    let stated = table(contents, name, &COLUMNS)?;
    let row = |anomaly: &str, place: &str| stated.iter().find(|row| row[0] == anomaly && row[1] == place);
    let number = |row: Option<&Vec<String>>, at: usize| row.and_then(|row| row[at].parse::<u64>().ok());
    let all = row(EARLY, "all accounts");
    let counted = early(contents);
    let mut early = vec![(
        "all accounts".to_owned(),
        counted.unwrap_or([2, 3].map(|at| number(all, at).unwrap_or_default())),
    )];
    early.extend(known.items.iter().map(|(item, count, of)| {
        let place = format!("accounts of {item}");
        let count = count.or_else(|| number(row(EARLY, &place), 2)).unwrap_or_default();
        (place, [count, *of])
    }));
    // An item whose scope has no account is in no table of accounts.
    let is_empty = |row: &&Vec<String>| row[0] == EARLY && row[3] == "0";
    early.extend(stated.iter().filter(is_empty).map(|row| (row[1].clone(), [0, 0])));
    let reports = read(&contents.text(&format!("data/{REPORTS}")).unwrap_or_default());
    let raw: u64 = reports.iter().map(|report| report.import.exchanges).sum();
    let duplicates = row("duplicate rows, counted once", "all snapshots");
    // Files that two snapshots have are read once, so that the reports bound the number of rows.
    let raw = number(duplicates, 3).filter(|stated| *stated <= raw && reports.len() > 1).unwrap_or(raw);
    let distinct =
        known.exchanges.unwrap_or_else(|| raw.saturating_sub(number(duplicates, 2).unwrap_or_default()));
    let is_reported = contents
        .text("data/06_custody/journal.jsonl")
        .is_some_and(|journal| journal.contains(r#"\"/report/rows\""#));
    let gaps: Vec<Vec<String>> =
        table(contents, GAPS, &["snapshot_sha256", "file", "start", "end", "hours"])?;
    let not_utf8: Option<u64> = reports.iter().map(|report| report.prompts_not_utf8).sum();
    let lost = reports.first().map(|report| &report.lost_signals);
    let imports = reports.iter().map(|report| {
        let snapshot = report.import.snapshot;
        let files = facts.sources.iter().filter(|[of, ..]| *of == snapshot.to_string()).count() as u64;
        let place = format!("snapshot {}", snapshot.short());
        let is_without = !is_reported && row("import without a report", &place).is_some();
        Import { snapshot, files, report: (!is_without).then(|| report.clone()) }
    });
    let made = Anomalies {
        early,
        exchanges: [raw, distinct],
        imports: imports.collect(),
        lost: lost.into_iter().flatten().map(|lost| lost.id.clone()).collect(),
        gaps: gap_hours(&gaps),
        shared_ids: number(row(SHARED_IDS, "all snapshots"), 2).unwrap_or_default(),
        prompts_not_utf8: not_utf8,
        dates: dates(contents, facts, &reports, number(row(EARLIER, LEGAL), 2)),
    };
    let made = made.table();
    let (made, stated): (BTreeSet<&Vec<String>>, BTreeSet<&Vec<String>>) =
        (made.rows().iter().collect(), stated.iter().collect());
    let differs = stated.difference(&made).next().or_else(|| made.difference(&stated).next());
    Ok(differs.map(|row| {
        Fault::new(
            name,
            format!("has “{}, {}” otherwise than reports, gaps and accounts give", row[0], row[1]),
        )
    }))
}

/// Dates of the legal frame that cannot be right; `stated` are those before the log, where no import report has its span.
fn dates(contents: &Contents, facts: &Facts, reports: &[CaseReport], stated: Option<u64>) -> [u64; 2] {
    let point = contents.text(&format!("data/{CHECKPOINT}")).unwrap_or_default();
    let last = serde_json::from_str::<Checkpoint>(&point).map_or(Micros::MAX, |point| point.ts);
    let first = reports.iter().filter_map(|report| report.span).map(|span| span.0).min();
    // A report has the span of all snapshots of its time, with those that were retired or read again later.
    let is_lasting = facts.imports.values().all(|own| own.retired.is_none() && !own.is_read_again);
    let [later, earlier] = odd_dates(&facts.legal, &facts.events, last, first);
    [later, if is_lasting && first.is_some() { earlier } else { stated.unwrap_or_default() }]
}

/// Accounts of the case used before they were made, and all; `None` in a bundle without values of all accounts.
fn early(contents: &Contents) -> Option<[u64; 2]> {
    // Of very many accounts the table is too large, or is left out.
    let rows = contents.has(VALUES).then(|| table(contents, VALUES, &[EARLY_COLUMN]));
    let Some(Ok(rows)) = rows else { return None };
    let count = rows.iter().filter(|row| row[0] == "true").count() as u64;
    Some([count, rows.len() as u64])
}
