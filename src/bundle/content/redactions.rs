//! The redaction log against the records: one row for each value of a withheld column, and one for each place where
//! words were left out.
//!
//! A column that is withheld is not in the records. The schema of the records has the number of its values.

use std::collections::{BTreeMap, BTreeSet};

use super::super::contents::Contents;
use super::super::custody::JOURNAL;
use super::super::folders::{REDACTED_TEXT, REDACTION_LOG, rows_of_all};
use super::super::journal_fold::Facts;
use super::super::names::band;
use super::super::records::{CONFIRMING, RECORDS, TEXT_COLUMNS};
use super::super::withheld::{CONTENT, HASH, NAMES, VECTOR};
use super::super::{Audience, Fault};
use super::journal::is_digest;
use super::records::{Records, Row};
use crate::case::legal::Profile;
use crate::exhibit::cell;
use crate::snapshot::Column;

const LOG: &str = "data/08_legal/redaction_log.csv";

/// Faults of the rows on records.
pub(super) fn check(contents: &Contents, records: &Records, audience: Audience) -> Vec<Fault> {
    let columns =
        ["file", "row_or_entry", "column", "exchange", "commitment", "bytes", "redaction", "made_by"];
    // A log that is no table is named by the check of the journal.
    let Ok(rows) = super::tables::table(contents, LOG, &columns) else { return Vec::new() };
    let withheld = withheld(contents);
    let file = format!("02_records/{RECORDS}.parquet");
    let (mut seen, mut faults) = (BTreeSet::new(), Vec::new());
    let mut cut: BTreeMap<(usize, String, String), usize> = BTreeMap::new();
    let mut redacted: BTreeSet<usize> = BTreeSet::new();
    for row in rows.into_iter().filter(|row| row[0] == file) {
        let at = row[1].parse::<usize>().ok().and_then(|at| at.checked_sub(1));
        let is_part = !row[7].is_empty();
        if let Some(at) = at.filter(|_| is_part) {
            redacted.insert(at);
            if !row[6].is_empty() {
                *cut.entry((at, row[2].clone(), row[6].clone())).or_default() += 1;
            }
        }
        let what = match at.and_then(|at| records.rows.get(at)) {
            None => Some("which the records do not have".to_owned()),
            Some(own) if is_part => part_fault(own, &row, &withheld),
            // Of a redacted text the vector is withheld in that row alone.
            Some(own) if own.is_redacted && row[2] == Column::PromptEmbedding.name() => None,
            Some(_) if !withheld.contains(&row[2]) => Some("whose column is not withheld".to_owned()),
            Some(own) if cell(&own.exchange) != row[3] => Some("which has another exchange".to_owned()),
            Some(_) if !is_digest(&row[4]) => Some("without a commitment".to_owned()),
            Some(_)
                if audience == Audience::Production
                    && row[5].parse::<u64>().is_ok_and(|length| length > 0) =>
            {
                Some("with the exact length of a withheld value".to_owned())
            }
            Some(_) if !seen.insert((at, row[2].clone())) => Some("twice".to_owned()),
            Some(_) => None,
        };
        let what = what.map(|what| format!("lists column {} of row {}, {what}", row[2], row[1]));
        faults.extend(what.map(|what| Fault::new(LOG, what)));
        if faults.len() > 100 {
            break;
        }
    }
    for ((at, column, numbers), listed) in cut {
        let place = (column, numbers);
        let there = records.rows.get(at).and_then(|row| row.redactions.get(&place)).copied().unwrap_or(0);
        if there < listed {
            let (column, numbers) = place;
            let what = format!(
                "lists {listed} places of {numbers} in column {column} of row {}, but {there} are there",
                at + 1
            );
            faults.push(Fault::new(LOG, what));
        }
    }
    let unlisted =
        records.rows.iter().enumerate().filter(|(at, row)| row.is_redacted && !redacted.contains(at));
    faults.extend(unlisted.take(20).map(|(at, _)| {
        Fault::new(LOG, format!("lists nothing of row {}, which says that it is redacted", at + 1))
    }));
    faults
}

/// Faults of the words of the log: files, lengths and reasons that no log has, and rows on all files that are too many
/// or too few.
pub(super) fn words(
    contents: &Contents,
    facts: &Facts,
    (audience, profile): (Audience, Profile),
) -> Vec<Fault> {
    let Ok(rows) = super::tables::table(contents, LOG, &REDACTION_LOG) else { return Vec::new() };
    let is_private = audience == Audience::Production;
    let file = format!("02_records/{RECORDS}.parquet");
    let mut faults = Vec::new();
    let mut of_all: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (row, at) in rows.into_iter().zip(1..) {
        let what = match row[0].as_str() {
            own if own == file => {
                if row[7].is_empty() {
                    *counts.entry(row[2].clone()).or_default() += 1;
                }
                record_fault(&row, facts, is_private)
            }
            JOURNAL => (!row[5..8].iter().all(String::is_empty)).then_some("has more than its journal entry"),
            _ if row[2] == REDACTED_TEXT => {
                (!is_reason(&row[6], &row[8], facts)).then_some("has a reason that the journal has not")
            }
            _ => {
                of_all.insert(row);
                None
            }
        };
        faults.extend(what.map(|what| Fault::new(LOG, format!("row {at} {what}"))));
    }
    let made = rows_of_all(is_private, profile).concat().into_iter().map(Vec::from).collect();
    if of_all != made {
        faults.push(Fault::new(LOG, "has other rows on all files than every log of this kind"));
    }
    faults.extend(counted(contents, &counts));
    faults.truncate(100);
    faults
}

/// Fault of a row on a value or on words of the records.
fn record_fault(row: &[String], facts: &Facts, is_private: bool) -> Option<&'static str> {
    let is_length = [0, 1, 100, 1_000, 10_000, 100_000].map(band).contains(&row[5].as_str())
        || !is_private && row[5].parse::<u64>().is_ok();
    let is_named = |columns: &[Column]| columns.iter().any(|column| column.name() == row[2]);
    let is_own = match (row[6].is_empty(), row[7].is_empty()) {
        (true, true) if row[2] == Column::PromptEmbedding.name() => {
            [CONTENT, VECTOR].contains(&row[8].as_str())
        }
        (true, true) if is_named(&CONFIRMING) => row[8] == HASH,
        (true, true) => is_named(&TEXT_COLUMNS) && row[8] == CONTENT,
        (true, false) => row[7] == "program" && row[8] == NAMES,
        (false, _) => is_reason(&row[6], &row[8], facts),
    };
    if !is_own {
        Some("has another reason than a value of its column is withheld for")
    } else if !is_length && !row[5].is_empty() {
        Some("has a length that is no range")
    } else {
        None
    }
}

/// True if a row has the reasons of its redactions; those that the journal does not show are not compared.
fn is_reason(numbers: &str, stated: &str, facts: &Facts) -> bool {
    let reason = |number: &str| facts.redactions.get(&number.strip_prefix('R')?.parse().ok()?);
    let Some(mut all) = numbers.split(' ').map(reason).collect::<Option<Vec<&String>>>() else {
        return false;
    };
    all.dedup();
    let joined = all.iter().map(|own| own.as_str()).collect::<Vec<_>>().join("; ");
    all.iter().any(|own| own.is_empty()) || cell(&joined) == stated
}

/// Fault of a withheld column of which the log has more or fewer values than the schema of the records.
fn counted(contents: &Contents, counts: &BTreeMap<String, u64>) -> Option<Fault> {
    let schema = contents.text(&format!("data/02_records/{RECORDS}.schema.json"))?;
    let schema: serde_json::Value = serde_json::from_str(&schema).ok()?;
    let stated = schema["rows_with_withheld_value"].as_object()?;
    let differs = |(column, stated): &(&String, &serde_json::Value)| {
        stated.as_u64() != Some(counts.get(*column).copied().unwrap_or(0))
    };
    let (column, _) = stated.iter().find(differs)?;
    Some(Fault::new(
        LOG,
        format!("has another number of values of column {column} than the schema of the records"),
    ))
}

/// Fault of a row on words left out of a text.
fn part_fault(own: &Row, row: &[String], withheld: &BTreeSet<String>) -> Option<String> {
    let what = if withheld.contains(&row[2]) {
        "of which words are redacted, though all of it is withheld"
    } else if cell(&own.exchange) != row[3] {
        "which has another exchange"
    } else if !is_digest(&row[4]) {
        "without a commitment"
    } else if !own.is_redacted {
        "which does not say that it is redacted"
    } else {
        return None;
    };
    Some(what.to_owned())
}

/// Columns that the schema of the records names as withheld.
fn withheld(contents: &Contents) -> BTreeSet<String> {
    let schema = contents.text(&format!("data/02_records/{RECORDS}.schema.json"));
    let schema = schema.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let names = schema.iter().flat_map(|schema| schema["withheld_columns"].as_array().into_iter().flatten());
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
