//! Check of summaries against the records: the figures are counted again, without SQL.
//!
//! No database runs here. The program counts its own four forms (`summaries`) in Rust. Other SQL is a fault,
//! because its table could not be checked.

use super::super::Fault;
use super::super::contents::Contents;
use super::super::records::RECORDS;
use super::super::summaries::{self, Row};
use super::records::Records;

/// Faults of `04_summaries`.
pub(super) fn check(contents: &Contents, records: &Records) -> Vec<Fault> {
    let Some(parquet) = contents.digest(&format!("data/02_records/{RECORDS}.parquet")) else {
        return Vec::new();
    };
    let rows: Vec<&Row> = records.rows.iter().map(|row| &row.counted).collect();
    let mut faults = Vec::new();
    let made = summaries::of_rows(&rows);
    for summary in &made {
        for (name, bytes, what) in summaries::files(summary, parquet) {
            let name = format!("data/{name}");
            if contents.bytes(&name).as_deref() != Some(bytes.as_slice()) {
                faults.push(Fault::new(&name, what));
            }
        }
    }
    let is_own = |name: &str| made.iter().any(|summary| name.starts_with(&format!("{}.", summary.name)));
    for name in contents.names().filter_map(|name| name.strip_prefix("data/04_summaries/")) {
        if !name.contains('/') && !is_own(name) {
            let what = "is none of the summaries that this program counts again";
            faults.push(Fault::new(&format!("data/04_summaries/{name}"), what));
        }
    }
    faults
}
