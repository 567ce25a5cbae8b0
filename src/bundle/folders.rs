//! Folders of a bundle with records, a function each.

use std::collections::BTreeMap;

use super::bag::Bag;
use super::figures::put_sheets;
use super::records::{self, MarkedRecord, RECORDS};
use super::report::{NumberedExhibit, Sheet};
use super::{BundleError, custody, hashes, journal_fields, methods, source_records, summaries};
use crate::cache::Cache;
use crate::case::State;
use crate::exhibit::{self, Table};
use crate::model::{Watcher, Zone};
use crate::snapshot::Sources;
use crate::snapshot::record_hash::rule;

/// `05_methods` but what rests on the leads relied on.
pub(super) fn put_methods(
    bag: &mut Bag<'_>,
    state: &State,
    cache: &Cache,
    zone: &Zone,
) -> Result<Vec<Sheet>, BundleError> {
    bag.put("05_methods/signals.json", &methods::signals())?;
    bag.put("05_methods/context.json", &methods::context())?;
    bag.put("05_methods/events.json", &methods::events())?;
    bag.put("05_methods/environment.json", &methods::environment(state, cache, zone))?;
    bag.put("05_methods/hashes.txt", hashes::RULES.as_bytes())?;
    let title = "Planted campaigns that would surface";
    let tables = [("05_methods/power.csv", title, methods::power(cache)?)];
    put_sheets(bag, tables)
}

/// `02_records` and `04_summaries`; nothing where no exchange is marked.
pub(super) fn put_records(
    bag: &mut Bag<'_>,
    rows: &[MarkedRecord],
    made: &[summaries::Summary],
    include_text: bool,
) -> Result<(), BundleError> {
    if rows.is_empty() {
        return Ok(());
    }
    let parquet = records::to_parquet(rows, include_text)?;
    let digest = bag.put(&format!("02_records/{RECORDS}.parquet"), &parquet)?;
    let schema = records::schema(rows, include_text, digest);
    bag.put(&format!("02_records/{RECORDS}.schema.json"), &schema)?;
    for file in source_records::files(rows, include_text)? {
        let digest = bag.put(&format!("02_records/{}.parquet", file.name), &file.parquet)?;
        bag.put(&format!("02_records/{}.schema.json", file.name), &file.schema(digest))?;
    }
    bag.put("05_methods/record_hash.txt", rule().as_bytes())?;
    summaries::put(bag, made, digest)
}

/// `06_custody` but journal and import reports.
pub(super) fn put_custody(
    bag: &mut Bag<'_>,
    state: &State,
    sources: &Sources,
    exhibits: &[NumberedExhibit],
    zone: &Zone,
    watcher: &dyn Watcher,
) -> Result<Vec<Sheet>, BundleError> {
    let mut numbers: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for placed in exhibits {
        numbers.entry(placed.evidence).or_default().push(placed.number.clone());
    }
    bag.put("06_custody/filters.json", &custody::filters(state, &numbers, zone))?;
    let tables = [
        ("06_custody/sources.csv", "Files of the log", custody::sources(state)),
        ("06_custody/clocks.csv", "Clocks of the files", custody::clocks(state)),
        ("06_custody/gaps.csv", "Hours without an exchange", custody::gaps(sources, watcher)?),
    ];
    put_sheets(bag, tables)
}

/// `redaction_log.csv`: every value and journal field that was left out, with its commitment and the reason.
pub(super) fn put_redactions(
    bag: &mut Bag<'_>,
    values: &[records::Withheld],
    fields: &[journal_fields::WithheldField],
    has_pseudonyms: bool,
) -> Result<(), BundleError> {
    const CONTENT: &str = "content of the exchange, which the investigator did not include";
    const HASH: &str = "privacy: a plain hash of the prompt, which would confirm a guess";
    const NAME: &str = "privacy: every value stands as a keyed pseudonym";
    let mut table =
        Table::new(["file", "row_or_entry", "column", "exchange", "commitment", "bytes", "reason"]);
    for value in values {
        let is_hash = records::CONFIRMING.iter().any(|column| column.name() == value.column);
        table.push(vec![
            format!("02_records/{RECORDS}.parquet"),
            (value.row + 1).to_string(),
            value.column.to_owned(),
            exhibit::cell(&value.exchange.to_string()),
            value.commitment.clone(),
            value.bytes.clone(),
            if is_hash { HASH } else { CONTENT }.to_owned(),
        ]);
    }
    if has_pseudonyms {
        for (column, _) in records::NAMED {
            let row = ["all files", "", column.name(), "", "", "", NAME];
            table.push(row.map(str::to_owned).to_vec());
        }
        for column in ["prompt_template", "topic labels"] {
            let row = [
                "all files",
                "",
                column,
                "",
                "",
                "",
                "privacy: words of prompts; a number or pseudonym stands instead",
            ];
            table.push(row.map(str::to_owned).to_vec());
        }
    }
    for field in fields {
        let (seq, commitment) = (field.seq.to_string(), field.commitment.to_string());
        let row = [custody::JOURNAL, &seq, &field.field, "", &commitment, "", field.reason];
        table.push(row.map(str::to_owned).to_vec());
    }
    bag.put("08_legal/redaction_log.csv", &table.to_csv())?;
    Ok(())
}
