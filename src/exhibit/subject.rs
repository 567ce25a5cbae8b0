//! The subject of an exhibit, and the drawing and table that a kind makes of it.

use super::svg::Drawing;
use super::table::Table;
use crate::cache::Cache;
use crate::case::InvestigatorEvent;
use crate::leads::Leads;
use crate::model::{Scope, Zone};

/// Input of an exhibit.
pub struct Subject<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// The leads.
    pub leads: &'a Leads,
    /// Scope that the exhibit covers.
    pub scope: &'a Scope,
    /// The zone times are written in.
    pub zone: &'a Zone,
    /// The investigator's events, drawn over the timeline; may be empty.
    pub events: &'a [InvestigatorEvent],
}

/// Drawing and table of a kind, without title and caption.
pub(super) struct Drawn {
    pub drawing: Option<Drawing>,
    pub table: Table,
    /// Further lines of the caption.
    pub notes: Vec<String>,
}

/// Four cells of a row: the scope's count and its percentage of the scope's sum, then the same of
/// everyone else.
pub(crate) fn share_cells([scope, others]: [u64; 2], [of_scope, of_others]: [u64; 2]) -> [String; 4] {
    [scope.to_string(), percent(scope, of_scope), others.to_string(), percent(others, of_others)]
}

/// `part` of `whole` in percent, to three decimals; empty where there is no whole.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { String::new() } else { format!("{:.3}", part as f64 * 100.0 / whole as f64) }
}
