//! The redaction log against the records: one row for each value of a withheld column.
//!
//! A column that is withheld is not in the records, so that nothing in the bundle says which of its cells had a
//! value. Rows too many, twice, or of another exchange are faults; a row too few is not seen.

use std::collections::BTreeSet;

use super::super::contents::Contents;
use super::super::records::RECORDS;
use super::super::{Audience, Fault};
use super::journal::is_digest;
use super::records::Records;
use crate::exhibit::cell;

const LOG: &str = "data/08_legal/redaction_log.csv";

/// Faults of the rows on records.
pub(super) fn check(contents: &Contents, records: &Records, audience: Audience) -> Vec<Fault> {
    let columns = ["file", "row_or_entry", "column", "exchange", "commitment", "bytes"];
    // A log that is no table is named by the check of the journal.
    let Ok(rows) = super::tables::table(contents, LOG, &columns) else { return Vec::new() };
    let withheld = withheld(contents);
    let file = format!("02_records/{RECORDS}.parquet");
    let (mut seen, mut faults) = (BTreeSet::new(), Vec::new());
    for row in rows.into_iter().filter(|row| row[0] == file) {
        let at = row[1].parse::<usize>().ok().and_then(|at| at.checked_sub(1));
        let what = match at.and_then(|at| records.rows.get(at)) {
            None => Some("which the records do not have".to_owned()),
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
    faults
}

/// Columns that the schema of the records names as withheld.
fn withheld(contents: &Contents) -> BTreeSet<String> {
    let schema = contents.text(&format!("data/02_records/{RECORDS}.schema.json"));
    let schema = schema.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let names = schema.iter().flat_map(|schema| schema["withheld_columns"].as_array().into_iter().flatten());
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
