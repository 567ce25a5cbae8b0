//! Export of a bundle: checklist, files, bag, journal entry.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::bag::{self, Bag};
use super::records::{self, MarkedRecord, RECORDS};
use super::relied::{alternatives, decisions, relied};
use super::report::{NumberedExhibit, Report, report};
use super::summaries::{self, summaries};
use super::{
    Audience, BundleError, CheckItem, CheckState, SigningKey, checklist, custody, import_report, methods,
    readme, source_records,
};
use crate::cache::Cache;
use crate::case::{Action, Case, EvidenceSource, State};
use crate::exhibit::{self, Subject, Table};
use crate::leads::Leads;
use crate::model::{Digest, Scope, Watcher, Zone, format_count};
use crate::snapshot::record_hash::RULE;

/// Options of an export.
pub struct ExportOptions {
    /// Its reader.
    pub audience: Audience,
    /// The folder in which the bag's folder is made.
    pub out: PathBuf,
    /// True to include prompts and responses of the evidence.
    pub include_text: bool,
    /// Key that signs it.
    pub key: SigningKey,
}

/// A bag that was written.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Its folder.
    pub bag: PathBuf,
    /// SHA-256 of its manifest.
    pub manifest: Digest,
    /// The checklist it was written under.
    pub checklist: Vec<CheckItem>,
}

/// Exhibits made of every scope that is marked, and those made of leads and accounts besides.
const OF_SCOPES: [&str; 4] = ["hour_of_week", "timeline", "coverage", "accounts"];
const OF_GROUPS: [&str; 2] = ["links", "leads"];
/// Exhibits made of every account that is marked.
const OF_ACCOUNTS: [&str; 4] = ["dossier", "accounts", "hour_of_week", "timeline"];

/// Note on words of prompts that are not withheld.
const WORDS_LEFT_IN: &str = "NOT withheld: topic labels, which are words of prompts, and prompt templates, \
                             which are beginnings of prompts with numbers and quotations masked";

/// Writes the bundle of a case and journals it. The folder is called `NAME_AUDIENCE_vN` with the
/// first N that is free. An export that fails or is cancelled leaves no file. The entry is journaled
/// before the folder gets its name, so that there is no bundle without an entry; if the program is
/// killed between the two, the journal names a bundle that does not exist.
///
/// # Errors
/// A checklist item that refuses, a disk that is full, a source that changed, cancelled.
pub fn export(
    case: &mut Case,
    cache: &Cache,
    leads: &Leads,
    options: &ExportOptions,
    watcher: &dyn Watcher,
) -> Result<Exported, BundleError> {
    let mut checked = checklist(case.state(), &case.sources(), cache, leads, options.audience, watcher)?;
    refuse(&checked)?;
    let rows = records::gather(case.state(), |exchange, digest, reading| {
        Ok(case.record_copy(exchange, digest, reading)?)
    })?;
    checked.push(CheckItem::new(
        "records",
        "every copied record still has the SHA-256 it was copied with",
        CheckState::Done,
        format!("{} records were checked", format_count(rows.len() as u64)),
    ));
    let mut bag = Bag::begin(&options.out)?;
    fill(&mut bag, case, cache, leads, options, &checked, &rows, watcher)?;
    let stem = bag::stem(&case.state().name, &options.audience.to_string());
    let info = [
        ("Bag-Software-Agent", format!("stillhunt {}", env!("CARGO_PKG_VERSION"))),
        ("Bagging-Date", Zone::utc().format_date(now())),
        ("External-Identifier", stem.clone()),
        ("External-Description", format!("Evidence of case {}, for production", case.state().name)),
        ("Signing-Key", options.key.fingerprint()),
    ];
    watcher.check()?;
    let audience = options.audience.to_string();
    let (folder, manifest) = bag.finish(&stem, &info, &options.key, |name, manifest| {
        Ok(case.record(Action::Exported { audience, bag: name.to_owned(), manifest })?)
    })?;
    Ok(Exported { bag: folder, manifest, checklist: checked })
}

fn refuse(checked: &[CheckItem]) -> Result<(), BundleError> {
    let refused: Vec<_> = checked
        .iter()
        .filter(|item| item.state == CheckState::Refused)
        .map(|item| format!("{}: {}", item.id, item.detail))
        .collect();
    if refused.is_empty() { Ok(()) } else { Err(BundleError::Refused(refused.join("; "))) }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one case, which nothing else bundles")]
fn fill(
    bag: &mut Bag,
    case: &Case,
    cache: &Cache,
    leads: &Leads,
    options: &ExportOptions,
    checked: &[CheckItem],
    rows: &[MarkedRecord],
    watcher: &dyn Watcher,
) -> Result<(), BundleError> {
    let state = case.state();
    let zone = state.settings.get("zone").and_then(|name| Zone::named(name).ok()).unwrap_or_default();
    let fingerprint = options.key.fingerprint();
    let text = readme::readme(&state.name, &fingerprint, options.include_text);
    bag.put("00_README.txt", text.as_bytes())?;
    let summaries = summaries(rows);
    put_records(bag, rows, &summaries, options.include_text)?;
    let exhibits = exhibits(state, cache, leads, &zone, watcher)?;
    for placed in &exhibits {
        let name = format!("03_exhibits/{}", placed.number);
        bag.put(&format!("{name}.csv"), &placed.exhibit.table)?;
        if let Some(figure) = &placed.exhibit.figure {
            bag.put(&format!("{name}.svg"), figure)?;
        }
    }
    let relied = relied(state, cache, leads, watcher)?;
    let controls = methods::controls(state, cache, watcher)?;
    bag.put("05_methods/signals.json", &methods::signals())?;
    bag.put("05_methods/context.json", &methods::context())?;
    bag.put("05_methods/events.json", &methods::events())?;
    bag.put("05_methods/error_rates.csv", &methods::error_rates(&relied, &controls, leads).to_csv())?;
    bag.put("05_methods/controls.csv", &methods::controls_table(&controls, cache, leads).to_csv())?;
    bag.put("05_methods/alternatives.csv", &alternatives(&relied).to_csv())?;
    bag.put("05_methods/environment.json", &methods::environment(state, cache, &zone))?;
    let (lines, withheld_entries) = custody::redact(state, case.journal_lines());
    put_custody(bag, case, options, &exhibits, &zone, &custody::journal_bytes(&lines)?, watcher)?;
    bag.put(import_report::REPORTS, &import_report::file(state, cache, &case.sources())?)?;
    let withheld = if options.include_text { Vec::new() } else { records::withheld(rows) };
    put_redactions(bag, &withheld, &withheld_entries, options.include_text)?;
    let page = report(&Report {
        state,
        zone: &zone,
        checklist: checked,
        records: rows,
        relied: &relied,
        changed: &decisions(state, cache, leads).changed(),
        exhibits: &exhibits,
        summaries: &summaries,
        checkpoint: custody::checkpoint(state).as_ref(),
        fingerprint: &fingerprint,
        include_text: options.include_text,
        withheld_entries: withheld_entries.len(),
    });
    bag.put("01_report/report.xhtml", &page)?;
    Ok(())
}

fn put_records(
    bag: &mut Bag,
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
    bag.put("05_methods/record_hash.txt", RULE.as_bytes())?;
    summaries::put(bag, made, digest)
}

/// Exhibits of every scope and account marked. EX-0001 is the records.
fn exhibits(
    state: &State,
    cache: &Cache,
    leads: &Leads,
    zone: &Zone,
    watcher: &dyn Watcher,
) -> Result<Vec<NumberedExhibit>, BundleError> {
    let mut placed = Vec::new();
    for evidence in state.evidence.values() {
        let (scope, kinds) = match &evidence.source {
            EvidenceSource::Exchange { .. } => continue,
            EvidenceSource::Account { account } => {
                (Scope::default().with_account(account.clone()), OF_ACCOUNTS.to_vec())
            }
            EvidenceSource::Scope { scope, .. } => {
                let of_group = scope.accounts.as_ref().is_some_and(|accounts| accounts.ids.len() > 1);
                let of_group = OF_GROUPS.into_iter().filter(|_| of_group);
                (scope.clone(), OF_SCOPES.into_iter().chain(of_group).collect())
            }
        };
        let subject = Subject { cache, leads, scope: &scope, zone, events: &state.events };
        for kind in kinds {
            watcher.check()?;
            watcher.step("making exhibits", placed.len() as u64, 0, "exhibits");
            let exhibit = exhibit::make(kind, &subject, watcher)?;
            // The records are the first exhibit.
            let number = format!("EX-{:04}", placed.len() + 2);
            placed.push(NumberedExhibit { number, evidence: evidence.id, exhibit });
        }
    }
    Ok(placed)
}

fn put_custody(
    bag: &mut Bag,
    case: &Case,
    options: &ExportOptions,
    exhibits: &[NumberedExhibit],
    zone: &Zone,
    journal: &[u8],
    watcher: &dyn Watcher,
) -> Result<(), BundleError> {
    let state = case.state();
    let mut numbers: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for placed in exhibits {
        numbers.entry(placed.evidence).or_default().push(placed.number.clone());
    }
    bag.put("06_custody/sources.csv", &custody::sources(state).to_csv())?;
    bag.put("06_custody/clocks.csv", &custody::clocks(state).to_csv())?;
    bag.put("06_custody/filters.json", &custody::filters(state, &numbers, zone))?;
    bag.put("06_custody/gaps.csv", &custody::gaps(&case.sources(), watcher)?.to_csv())?;
    bag.put(custody::JOURNAL, journal)?;
    bag.put(custody::ALLOWED_SIGNERS, options.key.allowed_signers()?.as_bytes())?;
    if let Some(point) = custody::checkpoint(state) {
        let bytes = custody::checkpoint_bytes(&point)?;
        bag.put(custody::CHECKPOINT, &bytes)?;
        let signature = options.key.sign(&bytes)?;
        bag.put(custody::CHECKPOINT_SIGNATURE, signature.as_bytes())?;
    }
    Ok(())
}

/// `redaction_log.csv`: every value and journal body that was left out, with its hash.
fn put_redactions(
    bag: &mut Bag,
    values: &[records::Withheld],
    entries: &[custody::WithheldEntry],
    include_text: bool,
) -> Result<(), BundleError> {
    let mut table = Table::new(["file", "row_or_entry", "column", "exchange", "sha256", "bytes", "reason"]);
    for value in values {
        table.push(vec![
            format!("02_records/{RECORDS}.parquet"),
            (value.row + 1).to_string(),
            value.column.to_owned(),
            exhibit::cell(&value.exchange.to_string()),
            value.sha256.to_string(),
            value.bytes.to_string(),
            "content of the exchange, which the investigator did not include".to_owned(),
        ]);
    }
    for entry in entries {
        let (seq, body) = (entry.seq.to_string(), entry.body.to_string());
        let row = [custody::JOURNAL, &seq, "body", "", &body, "", entry.reason];
        table.push(row.map(str::to_owned).to_vec());
    }
    if !include_text {
        // Otherwise a reader would believe that more is left out.
        let row = ["03_exhibits, 05_methods, 06_custody, 01_report", "", "", "", "", "", WORDS_LEFT_IN];
        table.push(row.map(str::to_owned).to_vec());
    }
    bag.put("08_legal/redaction_log.csv", &table.to_csv())?;
    Ok(())
}

fn now() -> crate::model::Micros {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
