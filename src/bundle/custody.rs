//! `06_custody`: sources, clocks, scopes of evidence, gaps without exchanges, journal.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use serde_json::{Value, json};

use super::BundleError;
use super::names::Names;
use super::records::pretty;
use crate::case::{CLOCK_STATEMENT, Checkpoint, EvidenceSource, JournalLine, SOURCES_KEPT, State};
use crate::exhibit::{Table, cell};
use crate::model::{Micros, Scope, Watcher, Zone, name_now};
use crate::snapshot::{self, Column, Sealing, Sources};

pub(super) const JOURNAL: &str = "06_custody/journal.jsonl";
pub(super) const JOURNAL_TABLE: &str = "06_custody/journal.csv";
pub(super) const CHECKPOINT: &str = "06_custody/journal.checkpoint";
pub(super) const CHECKPOINT_SIGNATURE: &str = "06_custody/journal.checkpoint.sig";
pub(super) const ALLOWED_SIGNERS: &str = "06_custody/allowed_signers";

/// Text in place of a statement that the investigator has not made.
pub(super) const NOT_STATED: &str = "not stated";

/// Text in place of a zone that a file does not record.
pub(super) const NO_ZONE: &str = "none recorded; taken as UTC";

const HOUR: i64 = 3_600_000_000;

/// Columns of `sources.csv`. The last column is empty for a snapshot in use.
pub(super) const SOURCES_HEADER: [&str; 10] = [
    "snapshot_sha256",
    "file",
    "bytes",
    "sha256",
    "rows",
    "kept_as",
    "routine_or_ad_hoc",
    "mapping",
    "mapping_sha256",
    "retired_because",
];

/// Columns of `clocks.csv` and of `gaps.csv`.
pub(super) const CLOCKS_HEADER: [&str; 4] = ["snapshot_sha256", "file", "recorded_zone", "clock_statement"];
pub(super) const GAPS_HEADER: [&str; 5] = ["snapshot_sha256", "file", "start", "end", "hours"];

/// Way in which a snapshot is kept, in the words of `sources.csv`.
pub(super) fn kept_in_words(sealing: Sealing) -> &'static str {
    match sealing {
        Sealing::Copy => "sealed copy",
        Sealing::Reference => "reference",
    }
}

/// `sources.csv`: each file with its size and hash, those of retired snapshots last.
pub(super) fn sources(state: &State) -> Table {
    let mut table = Table::new(SOURCES_HEADER);
    for snapshot in state.every_snapshot() {
        let sealing = kept_in_words(snapshot.sealing);
        for file in &snapshot.files {
            table.push(vec![
                snapshot.sha256.to_string(),
                cell(&file.name),
                file.bytes.to_string(),
                file.sha256.to_string(),
                file.rows.to_string(),
                sealing.to_owned(),
                cell(setting(state, SOURCES_KEPT)),
                cell(&snapshot.mapping.preset),
                snapshot.mapping.digest().to_string(),
                cell(state.retired_because(snapshot.sha256).unwrap_or_default()),
            ]);
        }
    }
    table
}

/// `clocks.csv`: time zone that each file records, and the investigator's statement on its clock.
pub(super) fn clocks(state: &State) -> Table {
    let mut table = Table::new(CLOCKS_HEADER);
    for snapshot in state.every_snapshot() {
        for file in &snapshot.files {
            table.push(vec![
                snapshot.sha256.to_string(),
                cell(&file.name),
                cell(file.recorded_zone.as_deref().unwrap_or(NO_ZONE)),
                cell(setting(state, CLOCK_STATEMENT)),
            ]);
        }
    }
    table
}

/// A setting, or [`NOT_STATED`].
pub(super) fn setting<'a>(state: &'a State, key: &str) -> &'a str {
    state.settings.get(key).map(String::as_str).filter(|text| !text.trim().is_empty()).unwrap_or(NOT_STATED)
}

/// Keys of `filters.json`.
pub(super) const FILTER_KEYS: [&str; 2] = ["zone", "scopes"];

/// `filters.json`: every scope marked as evidence, with its exhibits.
pub(super) fn filters(state: &State, exhibits_of: &BTreeMap<u64, Vec<String>>, zone: &Zone) -> Vec<u8> {
    let used: Vec<_> = state
        .evidence
        .values()
        .filter_map(|evidence| match &evidence.source {
            EvidenceSource::Scope { scope, title } => {
                let exhibits = exhibits_of.get(&evidence.id).map_or(&[][..], Vec::as_slice);
                Some(filter(evidence.id, title, scope, exhibits, zone))
            }
            EvidenceSource::Exchange { .. } | EvidenceSource::Account { .. } => None,
        })
        .collect();
    pretty(&json!({"zone": zone.name(), "scopes": used}))
}

/// A scope in `filters.json`, with its exhibits.
pub(super) fn filter(evidence: u64, title: &str, scope: &Scope, exhibits: &[String], zone: &Zone) -> Value {
    json!({
        "evidence": format!("E{evidence}"),
        "title": name_now(title),
        "lead": scope.lead().map(|lead| &lead.id),
        "exhibits": exhibits,
        "in_words": scope.describe(zone),
        "scope": scope,
    })
}

/// `gaps.csv`: runs of whole hours (UTC) without an exchange, between the first and the last exchange. Rows are
/// of each file; of each snapshot of several files, with an empty file name; and of all snapshots together, if
/// there are several, with empty snapshot and file. Time between two files is a gap of the snapshot, not of a
/// file.
///
/// # Errors
/// A source that cannot be read, or cancelled.
pub(super) fn gaps(
    sources: &Sources,
    names: &Names<'_>,
    watcher: &dyn Watcher,
) -> Result<Table, BundleError> {
    let mut table = Table::new(GAPS_HEADER);
    let mut all = BTreeSet::new();
    for snapshot in &sources.snapshots {
        let sha256 = names.snapshot_id(snapshot.sha256).to_string();
        let mut together = BTreeSet::new();
        let own: Vec<usize> = (0..snapshot.files.len()).collect();
        for &at in names.file_order(snapshot.sha256).unwrap_or(&own) {
            let file = &snapshot.files[at];
            let mut busy = BTreeSet::new();
            for batch in sources.open(snapshot, file)?.read(&snapshot.mapping, &[Column::Ts], None)? {
                watcher.check()?;
                let batch = batch?;
                busy.extend(times(&batch).map(|t| t.div_euclid(HOUR)));
            }
            push_gaps(&mut table, &sha256, &cell(&names.file_name_of(&file.name)), &busy);
            together.append(&mut busy);
        }
        if snapshot.files.len() > 1 {
            push_gaps(&mut table, &sha256, "", &together);
        }
        all.append(&mut together);
    }
    if sources.snapshots.len() > 1 {
        push_gaps(&mut table, "", "", &all);
    }
    Ok(table)
}

fn push_gaps(table: &mut Table, snapshot: &str, file: &str, busy: &BTreeSet<i64>) {
    let exact = |hour: i64| Zone::utc().format_exact(hour.saturating_mul(HOUR));
    for (start, end) in gaps_between(busy) {
        table.push(vec![
            snapshot.to_owned(),
            file.to_owned(),
            exact(start),
            exact(end),
            (end - start).to_string(),
        ]);
    }
}

fn times(batch: &snapshot::Batch) -> impl Iterator<Item = Micros> + '_ {
    let column = batch.columns.first().and_then(Option::as_ref);
    column.into_iter().flat_map(|array| array.as_primitive::<Int64Type>().values().iter().copied())
}

/// Runs of numbers missing between the smallest and the largest, as half-open ranges.
fn gaps_between(busy: &BTreeSet<i64>) -> Vec<(i64, i64)> {
    let next = busy.iter().skip(1);
    busy.iter().zip(next).filter(|(a, b)| *b - *a > 1).map(|(a, b)| (a + 1, *b)).collect()
}

/// The journal as JSON Lines.
pub(super) fn journal_bytes(lines: &[JournalLine]) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut bytes, line).map_err(BundleError::encode("the journal"))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// Checkpoint of the whole journal; `None` for an empty one.
pub(super) fn checkpoint(state: &State) -> Option<Checkpoint> {
    let last = state.journal.last()?;
    Some(Checkpoint { head: last.hash, count: last.seq, ts: last.ts })
}

/// The checkpoint as the signed line.
pub(super) fn checkpoint_bytes(checkpoint: &Checkpoint) -> Result<Vec<u8>, BundleError> {
    let mut bytes = serde_json::to_vec(checkpoint).map_err(BundleError::encode("the checkpoint"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_what_lies_between() {
        assert_eq!(gaps_between(&BTreeSet::from([1, 2, 5, 7])), [(3, 5), (6, 7)]);
        assert!(gaps_between(&BTreeSet::from([3])).is_empty() && gaps_between(&BTreeSet::new()).is_empty());
    }

    #[test]
    fn an_hour_that_is_missing_between_two_files_is_a_gap_of_the_snapshot() {
        use std::sync::Arc;

        use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};

        use crate::model::Silent;
        use crate::snapshot::{find, propose, seal};

        let folder = tempfile::tempdir().unwrap();
        for (name, hours) in [("1.parquet", [0, 1, 3]), ("2.parquet", [6, 7, 8])] {
            let times = hours.map(|hour: i64| hour * HOUR);
            let columns: [(&str, ArrayRef); 2] = [
                ("ts", Arc::new(TimestampMicrosecondArray::from(times.to_vec()))),
                ("account_id", Arc::new(StringArray::from(vec!["a"; times.len()]))),
            ];
            let batch = RecordBatch::try_from_iter(columns).unwrap();
            let file = std::fs::File::create(folder.path().join(name)).unwrap();
            let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
            writer.write(&batch).unwrap();
            writer.close().unwrap();
        }
        let files = find(&[folder.path().to_owned()]).unwrap();
        let mapping = propose(&files, None).unwrap().mapping;
        let snapshot = seal(&files, mapping, Sealing::Reference, folder.path(), &Silent).unwrap();
        let sha256 = snapshot.sha256.to_string();
        let sources = Sources { case_dir: folder.path().to_owned(), snapshots: vec![snapshot] };
        let cache = crate::cache::testing::cache(folder.path(), Vec::new()).0;
        let csv = gaps(&sources, &Names::open(&cache), &Silent).unwrap().to_csv();
        let csv = String::from_utf8(csv).unwrap();
        let found: Vec<(&str, &str)> = csv
            .lines()
            .skip(1)
            .map(|line| {
                let cells: Vec<&str> = line.trim_end().split(',').collect();
                assert_eq!(cells[0], sha256);
                (cells[1], cells[4])
            })
            .collect();
        assert_eq!(found, [("1.parquet", "1"), ("", "1"), ("", "2")]);
    }
}
