//! Definition of a preset.

use crate::snapshot::{Column, Unit};

/// Names that one system gives to the canonical columns, and the rules for its rows.
#[derive(Debug)]
pub struct Preset {
    /// Name in commands and mappings.
    pub name: &'static str,
    /// Name of the family of layouts; `--preset` accepts it too.
    pub family: &'static str,
    /// Name on screen.
    pub title: &'static str,
    /// Names of structs, maps or JSON columns that may contain the columns instead of the top level.
    pub inside: &'static [&'static str],
    /// Source names of each canonical column.
    pub columns: &'static [PresetColumn],
    /// Rules for rows that are model calls: names of a column, of which the first present one counts,
    /// and its values in such rows. Empty if every row is a model call.
    pub rows: &'static [(&'static [&'static str], &'static [&'static str])],
    /// The first of these that the files have is the rule if they have none of `rows`: names and values as
    /// there, without values for a column that only model calls have.
    pub otherwise: &'static [(&'static [&'static str], &'static [&'static str])],
    /// Names of the account's sources that a caller of the API can set.
    pub by_callers: &'static [&'static str],
    /// Folder of an export that holds the rows; files outside it are left out.
    pub folder: Option<&'static str>,
    /// Column that orders the versions of a row; the latest counts.
    pub latest: Option<&'static str>,
    /// Column that is equal in all rows of one exchange, and column that numbers these rows.
    pub join: Option<(&'static str, &'static str)>,
    /// Advice for logs without a column of the caller; empty if there is always one.
    pub hint: &'static str,
}

impl Preset {
    /// Preset without columns and rules, as a base for others.
    pub(super) const EMPTY: Self = Self {
        name: "",
        family: "",
        title: "",
        inside: &[],
        columns: &[],
        rows: &[],
        otherwise: &[],
        by_callers: &[],
        folder: None,
        latest: None,
        join: None,
        hint: "",
    };
}

impl Preset {
    /// All source names that it knows.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        let of_columns = self.columns.iter().flat_map(|column| column.sources.iter().chain(column.since));
        let shared = self.columns.iter().filter_map(|column| column.shared_by);
        let rules = self.rows.iter().chain(self.otherwise).flat_map(|(names, _)| names.iter());
        let join = self.join.into_iter().flat_map(|(by, order)| [by, order]);
        of_columns.chain(rules).copied().chain(shared).chain(self.latest).chain(join)
    }
}

/// Names of one canonical column in a system.
#[derive(Debug)]
pub struct PresetColumn {
    /// The canonical column.
    pub column: Column,
    /// Source names in order of preference; in each row the first with a value counts.
    pub sources: &'static [&'static str],
    /// Unit of plain numbers.
    pub unit: Option<Unit>,
    /// Source names of the start of a duration, of which `sources` name the end.
    pub since: &'static [&'static str],
    /// True if the source holds messages in JSON.
    pub conversation: bool,
    /// Source name of a column whose rows share the value.
    pub shared_by: Option<&'static str>,
}

pub(super) const fn is(column: Column, sources: &'static [&'static str]) -> PresetColumn {
    PresetColumn { column, sources, unit: None, since: &[], conversation: false, shared_by: None }
}

pub(super) const fn in_unit(column: Column, sources: &'static [&'static str], unit: Unit) -> PresetColumn {
    PresetColumn { unit: Some(unit), ..is(column, sources) }
}

pub(super) const fn messages(column: Column, sources: &'static [&'static str]) -> PresetColumn {
    PresetColumn { conversation: true, ..is(column, sources) }
}

/// Column whose rows without a value take the only one of the rows with the same `by`.
pub(super) const fn shared(
    column: Column,
    sources: &'static [&'static str],
    by: &'static str,
) -> PresetColumn {
    PresetColumn { shared_by: Some(by), ..is(column, sources) }
}

/// Latency as the end minus the start.
pub(super) const fn from_start_to_end(
    starts: &'static [&'static str],
    ends: &'static [&'static str],
    unit: Unit,
) -> PresetColumn {
    PresetColumn { since: starts, ..in_unit(Column::LatencyMs, ends, unit) }
}
