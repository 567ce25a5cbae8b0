//! Names, columns and versions of the tables.

use crate::cache::{Cell, StoredTable};
use crate::signals;

/// Written last: without it the other tables are not whole.
pub(super) const VERSIONS: &str = "signal_versions";

/// A signal's weight stands beside its version: leads ranked by other weights are computed anew.
pub(super) const VERSION_COLUMNS: [&str; 3] = ["signal", "version", "weight"];

/// Version of cohorts, tests, sentences and tables: raised when stored leads must be computed anew.
pub const LEADS_VERSION: i64 = 33;

/// Tables that are read; `account_signals` is for other tools, and `packed_signals` its copy for this one.
pub(super) const NAMES: [&str; 9] = [
    "cohorts",
    "account_leads",
    "packed_signals",
    "account_context",
    "lead_events",
    "lead_event_accounts",
    "leads",
    "lead_accounts",
    "lead_reasons",
];

pub(super) fn versions() -> StoredTable {
    let mut rows: Vec<Vec<Cell>> = signals::abouts()
        .map(|about| {
            let version = Cell::Integer(about.version.into());
            vec![Cell::Text(about.id.to_owned()), version, Cell::Real(about.weight)]
        })
        .collect();
    rows.push(vec![Cell::Text("leads".to_owned()), Cell::Integer(LEADS_VERSION), Cell::Null]);
    table(&VERSION_COLUMNS, rows)
}

pub(super) fn table(columns: &[&str], rows: Vec<Vec<Cell>>) -> StoredTable {
    StoredTable { columns: columns.iter().map(|&name| name.to_owned()).collect(), rows }
}
