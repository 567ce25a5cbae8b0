//! The redaction log against the records: one row for each value of a withheld column, and one for each place where
//! words were left out.
//!
//! A column that is withheld is not in the records, so that nothing in the bundle says which of its cells had a
//! value. Rows too many, twice, or of another exchange are faults; a row too few is not seen.

use std::collections::{BTreeMap, BTreeSet};

use super::super::contents::Contents;
use super::super::records::RECORDS;
use super::super::{Audience, Fault};
use super::journal::is_digest;
use super::records::{Records, Row};
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
