//! Units of numbers that are times: those in which they are plausible.

use std::collections::{BTreeMap, BTreeSet};

use super::look::FileColumns;
use super::remarks::first_number;
use super::unit::Unit;
use super::{Column, ColumnType, Mapping, probe};

/// Number of files whose times are compared, and maximum number of columns that are looked at.
const COMPARED: usize = 16;
const COLUMNS: usize = 64;
/// Words in names of columns with times.
const WORDS: [&str; 9] = ["ts", "time", "date", "created", "started", "start", "_at", "when", "verified"];

/// Units of columns of numbers by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TimeUnits(BTreeMap<String, Unit>);

impl TimeUnits {
    /// Units of the columns of some files whose names are those of times. Reads a few rows.
    pub fn of(seen: &[&FileColumns]) -> Self {
        let is_time = |name: &str| {
            let last = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
            WORDS.iter().any(|word| last.contains(word))
        };
        let names: BTreeSet<&String> = seen
            .iter()
            .flat_map(|file| &file.columns)
            .filter(|(name, found)| is_time(name) && (found.untyped || found.data_type.is_numeric()))
            .map(|(name, _)| name)
            .take(COLUMNS)
            .collect();
        let unit = |name: &String| unit_of(None, std::slice::from_ref(name), seen);
        Self(names.into_iter().filter_map(|name| Some((name.clone(), unit(name)?))).collect())
    }

    /// The mapping with units for times that are numbers and have none.
    #[must_use]
    pub fn fill(&self, mut mapping: Mapping) -> Mapping {
        for (name, origin) in &mut mapping.columns {
            let is_time = Column::from_name(name).is_some_and(|column| column.kind() == ColumnType::Time);
            if !is_time || origin.unit.is_some() || origin.time.is_some() {
                continue;
            }
            let units: Vec<Unit> =
                origin.columns.iter().filter_map(|name| self.0.get(name)).copied().collect();
            origin.unit = match units[..] {
                [] => None,
                [first, ..] if units.iter().all(|unit| *unit == first) => Some(first),
                _ => Some(Unit::Epoch),
            };
        }
        mapping
    }
}

/// Unit of the times in some columns: the expected one, unless the middle one of a file's first numbers is a plausible
/// time only in another; `Epoch` where files have several, `None` where it is none in any.
pub(super) fn unit_of(expected: Option<Unit>, columns: &[String], seen: &[&FileColumns]) -> Option<Unit> {
    let files = || seen.iter().step_by(seen.len().div_ceil(COMPARED).max(1));
    let middle =
        |name| files().filter_map(move |file| probe::middle_of(&file.opened, file.columns.get(name)?));
    let mut numbers: Vec<f64> = columns.iter().flat_map(middle).collect();
    if numbers.is_empty() {
        numbers.extend(first_number(columns, seen));
    }
    let mut units: Vec<Unit> = Vec::new();
    for number in &numbers {
        let unit = expected.filter(|unit| unit.is_plausible(*number));
        let unit = unit.or_else(|| Some(Unit::plausible(*number)?.0));
        units.extend(unit.filter(|unit| !units.contains(unit)));
    }
    match units[..] {
        [] if numbers.is_empty() => expected,
        [] => None,
        [one] => Some(one),
        _ => Some(Unit::Epoch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::fixture::{START, accounts, ints, texts, write};
    use crate::snapshot::propose;

    #[test]
    fn numbers_that_can_be_times_need_no_unit() {
        let dir = tempfile::tempdir().unwrap();
        let millis = |n: i64| ints(&[START / 1_000 + n, START / 1_000]);
        let columns = vec![
            ("request_time", millis(1)),
            ("who", accounts(2)),
            ("account_created_at", ints(&[START / 1_000_000, START / 1_000_000])),
            ("prompt_text", texts(&["p", "q"])),
        ];
        let path = write(&dir.path().join("f.parquet"), columns);
        let proposal = propose(&[("f.parquet".to_owned(), path)], None).unwrap();
        let toml = "ts = \"request_time\"\naccount_id = \"who\"";
        let mapping = Mapping::from_toml(toml).unwrap().completed(&proposal);
        assert_eq!(mapping.unit(Column::Ts), Some(Unit::Ms));
        assert_eq!(mapping.unit(Column::AccountCreatedAt), Some(Unit::S));
        let stated = Mapping::from_toml(
            &toml.replace("\"request_time\"", "{ column = \"request_time\", unit = \"us\" }"),
        );
        assert_eq!(stated.unwrap().completed(&proposal).unit(Column::Ts), Some(Unit::Us));
    }
}
