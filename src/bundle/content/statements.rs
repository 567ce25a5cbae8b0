//! Statements of the investigator in tables, against the journal: clocks, controls, verdicts, designations.

use std::collections::{BTreeMap, BTreeSet};

use super::super::bag::BAG_INFO;
use super::super::contents::Contents;
use super::super::custody::NOT_STATED;
use super::super::journal_fold::Facts;
use super::super::{Audience, Fault, designations};
use super::tables::table;
use crate::case::CLOCK_STATEMENT;
use crate::exhibit::cell;

const CLOCKS: &str = "data/06_custody/clocks.csv";
const CONTROLS: &str = "data/05_methods/controls.csv";
const ALTERNATIVES: &str = "data/05_methods/alternatives.csv";
const DESIGNATIONS: &str = "data/08_legal/designations.csv";
const GAPS: &str = "data/06_custody/gaps.csv";
const RATES: &str = "data/05_methods/error_rates.csv";

/// Faults of all of them. A table that is missing is named by the check of places.
pub(super) fn check(contents: &Contents, facts: &Facts, audience: Audience) -> Vec<Fault> {
    let checks = [
        clocks(contents, facts),
        controls(contents, facts),
        verdicts(contents, facts),
        gaps(contents, facts),
    ];
    let mut faults: Vec<Fault> =
        checks.into_iter().flat_map(|made| made.unwrap_or_else(|fault| vec![fault])).collect();
    let files = contents.names().filter_map(|name| name.strip_prefix("data/")).map(str::to_owned);
    let made = designations::table(&facts.settings, audience, files).to_csv();
    if contents.has(DESIGNATIONS) && contents.bytes(DESIGNATIONS).as_ref() != Some(&made) {
        faults.push(Fault::new(DESIGNATIONS, "is not what the journal's settings give"));
    }
    let of_bundle = format!("Designation: {}", designations::of_bundle(&facts.settings, audience));
    let info = contents.text(BAG_INFO).unwrap_or_default();
    if !info.lines().any(|line| line == of_bundle) {
        faults.push(Fault::new(BAG_INFO, format!("lacks the line “{of_bundle}”")));
    }
    faults
}

/// Faults of rows that `differs` finds, by its words.
fn of_rows(name: &str, rows: &[Vec<String>], differs: impl Fn(&[String]) -> Option<String>) -> Vec<Fault> {
    let rows = rows.iter().zip(1..).filter_map(|(row, at)| Some((at, differs(row)?)));
    rows.take(20).map(|(at, what)| Fault::new(name, format!("row {at} {what}"))).collect()
}

fn clocks(contents: &Contents, facts: &Facts) -> Result<Vec<Fault>, Fault> {
    if !contents.has(CLOCKS) {
        return Ok(Vec::new());
    }
    let rows = table(contents, CLOCKS, &["snapshot_sha256", "file", "clock_statement"])?;
    let stated = facts.settings.get(CLOCK_STATEMENT).map(String::as_str);
    let stated = cell(stated.filter(|text| !text.trim().is_empty()).unwrap_or(NOT_STATED));
    let files: BTreeSet<[String; 2]> =
        facts.sources.iter().map(|[snapshot, file, ..]| [snapshot.clone(), cell(file)]).collect();
    let listed: BTreeSet<[String; 2]> = rows.iter().map(|row| [row[0].clone(), row[1].clone()]).collect();
    let mut faults = of_rows(CLOCKS, &rows, |row| {
        (row[2] != stated).then(|| "has another statement than the journal".to_owned())
    });
    if listed != files {
        faults.push(Fault::new(CLOCKS, "has other files than the journal imported"));
    }
    Ok(faults)
}

fn controls(contents: &Contents, facts: &Facts) -> Result<Vec<Fault>, Fault> {
    if !contents.has(CONTROLS) {
        return Ok(Vec::new());
    }
    let rows = table(contents, CONTROLS, &["account_id", "evidence"])?;
    let marked: BTreeMap<String, _> = facts
        .evidence
        .iter()
        .filter(|(_, own)| own.is_control())
        .map(|(id, own)| (format!("E{id}"), own))
        .collect();
    let mut faults = of_rows(CONTROLS, &rows, |row| match marked.get(&row[1]) {
        None => Some(format!("names {}, which the journal does not mark as a control", row[1])),
        Some(own) if own.kind == "account" && cell(&own.account) != row[0] => {
            Some(format!("has another account of {} than the journal", row[1]))
        }
        Some(_) => None,
    });
    let listed: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let missing =
        marked.iter().find(|(_, own)| own.kind == "account" && !listed.contains(cell(&own.account).as_str()));
    faults.extend(missing.map(|(id, _)| Fault::new(CONTROLS, format!("lacks the account of {id}"))));
    if marked.is_empty() && contents.has(RATES) {
        let rates = table(contents, RATES, &["of", "statement"])?;
        let claimed =
            rates.iter().any(|row| !row[0].is_empty() || !row[1].starts_with("No error rate is claimed: "));
        faults.extend(
            claimed.then(|| Fault::new(RATES, "claims an error rate, but the journal marks no control")),
        );
    }
    Ok(faults)
}

/// Verdicts that the journal does not have with the same evidence for and against.
fn verdicts(contents: &Contents, facts: &Facts) -> Result<Vec<Fault>, Fault> {
    if !contents.has(ALTERNATIVES) {
        return Ok(Vec::new());
    }
    let columns = ["explanation", "stated_for", "stated_against", "verdict"];
    let rows = table(contents, ALTERNATIVES, &columns)?;
    Ok(of_rows(ALTERNATIVES, &rows, |row| {
        let is_empty = row[1..].iter().all(|own| own == NOT_STATED);
        let is_weighed = || {
            facts
                .weighed
                .iter()
                .any(|own| own[1..].iter().map(|text| cell(text)).eq(row[1..].iter().cloned()))
        };
        (!is_empty && !is_weighed())
            .then(|| format!("has a verdict on “{}” that the journal does not have", row[0]))
    }))
}

/// Gaps of files that the journal did not import, or that are not as long as stated.
fn gaps(contents: &Contents, facts: &Facts) -> Result<Vec<Fault>, Fault> {
    if !contents.has(GAPS) {
        return Ok(Vec::new());
    }
    let rows = table(contents, GAPS, &["snapshot_sha256", "file", "start", "end", "hours"])?;
    let files: BTreeSet<[String; 2]> =
        facts.sources.iter().map(|[snapshot, file, ..]| [snapshot.clone(), cell(file)]).collect();
    Ok(of_rows(GAPS, &rows, |row| {
        let moment = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second);
        let length = moment(&row[3]).zip(moment(&row[2])).map(|(end, start)| (end - start) / 3_600);
        // A row without a file is of a whole snapshot, one without a snapshot of all.
        let is_of_journal = files.iter().any(|[snapshot, file]| {
            (row[0].is_empty() || row[0] == *snapshot) && (row[1].is_empty() || row[1] == *file)
        });
        if !is_of_journal {
            Some("has a file that the journal did not import".to_owned())
        } else if length.is_some() && length != row[4].parse().ok() {
            Some("has another number of hours than its times".to_owned())
        } else {
            None
        }
    }))
}
