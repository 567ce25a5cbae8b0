//! Folders of a bundle with records, a function each.

use std::collections::BTreeMap;

use super::bag::Bag;
use super::figures::put_sheets;
use super::legal::disclosure::NOT_IN_PROFILE;
use super::names::Names;
use super::records::{self, MarkedRecord, RECORDS};
use super::report::{NumberedExhibit, Sheet};
use super::withheld::{Withheld, made_by};
use super::{BundleError, batch_csv, custody, hashes, journal_fields, methods, source_records, summaries};
use crate::cache::Cache;
use crate::case::legal::Profile;
use crate::case::{Redaction, State};
use crate::exhibit::{self, Table};
use crate::model::{Watcher, Zone};
use crate::snapshot::Sources;
use crate::snapshot::record_hash::rule;

/// Campaigns planted into a copy of the case.
pub(super) const POWER: &str = "05_methods/power.csv";

/// `05_methods` but what rests on the leads relied on.
pub(super) fn put_methods(
    bag: &mut Bag<'_>,
    state: &State,
    cache: &Cache,
    zone: &Zone,
    power: &Table,
) -> Result<Vec<Sheet>, BundleError> {
    bag.put("05_methods/signals.json", &methods::signals())?;
    bag.put("05_methods/context.json", &methods::context())?;
    bag.put("05_methods/events.json", &methods::events())?;
    bag.put("05_methods/environment.json", &methods::environment(state, cache, zone))?;
    bag.put("05_methods/hashes.txt", hashes::RULES.as_bytes())?;
    let title = "Planted campaigns that would surface";
    put_sheets(bag, [(POWER, title, power.clone())])
}

/// `02_records` and `04_summaries`; nothing where no exchange is marked.
pub(super) fn put_records(
    bag: &mut Bag<'_>,
    rows: &[MarkedRecord],
    names: &Names<'_>,
    made: &[summaries::Summary],
    include_text: bool,
) -> Result<(), BundleError> {
    if rows.is_empty() {
        return Ok(());
    }
    let batch = records::to_batch(rows, include_text)?;
    let digest = bag.put(&format!("02_records/{RECORDS}.parquet"), &records::to_parquet(&batch)?)?;
    let csv = bag.put(&format!("02_records/{RECORDS}.csv"), &batch_csv::csv(&batch))?;
    let schema = records::schema(rows, include_text, [digest, csv]);
    bag.put(&format!("02_records/{RECORDS}.schema.json"), &schema)?;
    for file in source_records::files(rows, names, include_text)? {
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
    for (repeat, first) in state.repeats() {
        if let Some(exhibits) = numbers.get(&first).cloned() {
            numbers.insert(repeat, exhibits);
        }
    }
    bag.put("06_custody/filters.json", &custody::filters(state, &numbers, zone))?;
    let tables = [
        ("06_custody/sources.csv", "Files of the log", custody::sources(state)),
        ("06_custody/clocks.csv", "Clocks of the files", custody::clocks(state)),
        ("06_custody/gaps.csv", "Hours without an exchange", custody::gaps(sources, watcher)?),
    ];
    put_sheets(bag, tables)
}

/// `redaction_log.csv`: every value, journal field and word that was left out, with its commitment and the reason.
pub(super) fn put_redactions(
    bag: &mut Bag<'_>,
    values: &[Withheld],
    fields: &[journal_fields::WithheldField],
    redactions: &[Redaction],
    has_pseudonyms: bool,
    profile: Profile,
) -> Result<(), BundleError> {
    const NAME: &str = "privacy: every value stands as a keyed pseudonym";
    const TOPIC: &str = "privacy: words of prompts; a number or pseudonym stands instead";
    let mut table = Table::new([
        "file",
        "row_or_entry",
        "column",
        "exchange",
        "commitment",
        "bytes",
        "redaction",
        "made_by",
        "reason",
    ]);
    for value in values {
        table.push(vec![
            format!("02_records/{RECORDS}.parquet"),
            (value.row + 1).to_string(),
            value.column.to_owned(),
            exhibit::cell(&value.exchange.to_string()),
            value.commitment.clone(),
            value.bytes.clone(),
            value.redaction.clone(),
            exhibit::cell(&value.made_by),
            exhibit::cell(&value.reason),
        ]);
    }
    let mut of_all = |column: &str, redaction: &str, made_by: &str, reason: &str| {
        let row = ["all files", "", column, "", "", "", redaction, made_by, reason];
        table.push(row.map(str::to_owned).to_vec());
    };
    if has_pseudonyms {
        for (column, _) in records::NAMED {
            of_all(column.name(), "", "", NAME);
        }
        for column in ["prompt_template", "topic labels"] {
            of_all(column, "", "", TOPIC);
        }
        for redaction in redactions.iter().filter(|redaction| redaction.what.place().is_none()) {
            let (number, by) = (format!("R{}", redaction.id), exhibit::cell(&made_by(redaction)));
            of_all("text that people wrote", &number, &by, &exhibit::cell(&redaction.reason));
        }
    }
    let left_out = match profile {
        Profile::Recorded => None,
        Profile::Terms => Some("elements and measures of the trade secret"),
        Profile::TradeSecret => Some("elements of the contract; terms, breaches and acceptance"),
    };
    if let Some(what) = left_out {
        let row = ["08_legal", "", what, "", "", "", "", "", NOT_IN_PROFILE];
        table.push(row.map(str::to_owned).to_vec());
    }
    for field in fields {
        let (seq, commitment) = (field.seq.to_string(), field.commitment.to_string());
        let row = [custody::JOURNAL, &seq, &field.field, "", &commitment, "", "", "", field.reason];
        table.push(row.map(str::to_owned).to_vec());
    }
    bag.put("08_legal/redaction_log.csv", &table.to_csv())?;
    Ok(())
}
