//! What a preset says.

use crate::snapshot::{Column, Unit};

/// What one system calls the canonical columns.
#[derive(Debug)]
pub struct Preset {
    /// The name that commands and mappings use.
    pub name: &'static str,
    /// The name of a family of layouts that it belongs to, by which it is found too.
    pub family: &'static str,
    /// The name on screen.
    pub title: &'static str,
    /// Names of structs, maps or JSON columns in which the columns may stand instead of at the top.
    pub inside: &'static [&'static str],
    /// What is called how.
    pub columns: &'static [PresetColumn],
    /// Columns with the values of rows that are model calls; of several names the first that is
    /// there. Empty where every row is one.
    pub rows: &'static [(&'static [&'static str], &'static [&'static str])],
    /// Folder of an export that has the rows; files beside it are something else.
    pub folder: Option<&'static str>,
    /// Column by which the latest of several versions of a row is known.
    pub latest: Option<&'static str>,
    /// Columns that join the rows of one exchange, and number them.
    pub join: Option<(&'static str, &'static str)>,
    /// What to do where the log does not say whose the calls are.
    pub hint: &'static str,
}

impl Preset {
    /// A preset without anything, to be filled.
    pub(super) const EMPTY: Self = Self {
        name: "",
        family: "",
        title: "",
        inside: &[],
        columns: &[],
        rows: &[],
        folder: None,
        latest: None,
        join: None,
        hint: "",
    };
}

/// One canonical column's names in a system.
#[derive(Debug)]
pub struct PresetColumn {
    /// The canonical column.
    pub column: Column,
    /// Its names, the preferred one first; in a row where that says nothing the next counts.
    pub sources: &'static [&'static str],
    /// The unit, where the source has bare numbers.
    pub unit: Option<Unit>,
    /// Names of the start, where the sources are the end of a length of time.
    pub since: &'static [&'static str],
    /// The source is messages in JSON.
    pub conversation: bool,
}

pub(super) const fn is(column: Column, sources: &'static [&'static str]) -> PresetColumn {
    PresetColumn { column, sources, unit: None, since: &[], conversation: false }
}

pub(super) const fn in_unit(column: Column, sources: &'static [&'static str], unit: Unit) -> PresetColumn {
    PresetColumn { column, sources, unit: Some(unit), since: &[], conversation: false }
}

pub(super) const fn messages(column: Column, sources: &'static [&'static str]) -> PresetColumn {
    PresetColumn { column, sources, unit: None, since: &[], conversation: true }
}

/// The latency as the end minus the start.
pub(super) const fn from_start_to_end(
    starts: &'static [&'static str],
    ends: &'static [&'static str],
    unit: Unit,
) -> PresetColumn {
    PresetColumn {
        column: Column::LatencyMs,
        sources: ends,
        unit: Some(unit),
        since: starts,
        conversation: false,
    }
}
