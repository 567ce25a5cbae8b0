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

/// Columns of `08_legal/redaction_log.csv`.
pub(super) const REDACTION_LOG: [&str; 9] =
    ["file", "row_or_entry", "column", "exchange", "commitment", "bytes", "redaction", "made_by", "reason"];

/// `02_records` and `04_summaries`; nothing where no exchange is marked. `rows` are those of the bundle, `logged` the same
/// as the log has them.
pub(super) fn put_records(
    bag: &mut Bag<'_>,
    (rows, logged): (&[MarkedRecord], &[MarkedRecord]),
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
    let schema = records::schema(rows, logged, include_text, [digest, csv]);
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
    (sources, names): (&Sources, &Names<'_>),
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
        ("06_custody/gaps.csv", "Hours without an exchange", custody::gaps(sources, names, watcher)?),
    ];
    put_sheets(bag, tables)
}

/// Column of the log's rows on redactions of all texts.
pub(super) const REDACTED_TEXT: &str = "text that people wrote";

/// Rows of the log on all files: names that stand as pseudonyms, and what the profile leaves out.
pub(super) fn rows_of_all(has_pseudonyms: bool, profile: Profile) -> [Vec<[String; 9]>; 2] {
    const NAME: &str = "privacy: every value stands as a keyed pseudonym";
    const TOPIC: &str = "privacy: words of prompts; a number or pseudonym stands instead";
    let row = |file: &str, column: &str, reason: &str| {
        [file, "", column, "", "", "", "", "", reason].map(str::to_owned)
    };
    let named = records::NAMED.iter().map(|(column, _)| (column.name(), NAME));
    let named = named.chain(["prompt_template", "topic labels"].map(|column| (column, TOPIC)));
    let named = named.filter(|_| has_pseudonyms).map(|(column, reason)| row("all files", column, reason));
    let left_out = match profile {
        Profile::Recorded => None,
        Profile::Terms => Some("elements and measures of the trade secret"),
        Profile::TradeSecret => Some("elements of the contract; terms, breaches and acceptance"),
    };
    let left_out = left_out.map(|what| row("08_legal", what, NOT_IN_PROFILE));
    [named.collect(), left_out.into_iter().collect()]
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
    let mut table = Table::new(REDACTION_LOG);
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
    let of_texts = redactions.iter().filter(|redaction| redaction.what.place().is_none());
    let of_texts = of_texts.filter(|_| has_pseudonyms).map(|redaction| {
        let (number, by) = (format!("R{}", redaction.id), exhibit::cell(&made_by(redaction)));
        let reason = exhibit::cell(&redaction.reason);
        ["all files", "", REDACTED_TEXT, "", "", "", &number, &by, &reason].map(str::to_owned)
    });
    let [names, profile] = rows_of_all(has_pseudonyms, profile);
    names.into_iter().chain(of_texts).chain(profile).for_each(|row| table.push(row.to_vec()));
    for field in fields {
        let (seq, commitment) = (field.seq.to_string(), field.commitment.to_string());
        let row = [custody::JOURNAL, &seq, &field.field, "", &commitment, "", "", "", field.reason];
        table.push(row.map(str::to_owned).to_vec());
    }
    bag.put("08_legal/redaction_log.csv", &table.to_csv())?;
    Ok(())
}
