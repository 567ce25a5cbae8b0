//! Which source column is which canonical one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Column, SnapshotError};

/// The unit that a source's numbers are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
}

impl Unit {
    /// As TOML and messages write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::Ms => "ms",
            Self::Us => "us",
            Self::Ns => "ns",
        }
    }

    /// A moment in this unit as microseconds, rounded down; `None` where it does not fit.
    pub(super) fn to_micros(self, value: i64) -> Option<i64> {
        match self {
            Self::S => value.checked_mul(1_000_000),
            Self::Ms => value.checked_mul(1_000),
            Self::Us => Some(value),
            Self::Ns => Some(value.div_euclid(1_000)),
        }
    }

    /// A length of time in this unit as milliseconds.
    pub(super) fn to_millis(self, value: f64) -> f64 {
        match self {
            Self::S => value * 1e3,
            Self::Ms => value,
            Self::Us => value / 1e3,
            Self::Ns => value / 1e6,
        }
    }
}

/// Canonical column name to source column name, with the preset it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// `canonical`, `opentelemetry`, `litellm`, `langfuse`, `helicone`, or `custom`.
    pub preset: String,
    /// Canonical name to source name; canonical columns that are absent are not mapped. A column
    /// inside a struct is named by the path to it, with dots between.
    pub columns: BTreeMap<String, String>,
    /// Canonical name to the unit of its source's numbers: for times written as whole numbers,
    /// and for a latency that is not in milliseconds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub units: BTreeMap<String, Unit>,
}

impl Mapping {
    /// The source column of a canonical one; `None` when it is not mapped.
    pub fn source(&self, column: Column) -> Option<&str> {
        self.columns.get(column.name()).map(String::as_str)
    }

    /// The unit given for a column's numbers.
    pub fn unit(&self, column: Column) -> Option<Unit> {
        self.units.get(column.name()).copied()
    }

    /// Whether all names are canonical ones and units stand only where they mean something.
    ///
    /// # Errors
    /// The first name that is neither.
    pub fn check(&self) -> Result<(), SnapshotError> {
        for name in self.columns.keys().chain(self.units.keys()) {
            if Column::from_name(name).is_none() {
                return Err(SnapshotError::UnknownColumn { name: name.clone() });
            }
        }
        let odd = self.units.keys().filter_map(|name| Column::from_name(name)).find(|c| !c.takes_unit());
        odd.map_or(Ok(()), |column| Err(SnapshotError::NoUnit { column: column.name() }))
    }
}

/// What the presets make of some files, for the import dialog to show and change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappingProposal {
    /// The best preset's mapping.
    pub mapping: Mapping,
    /// Every source column of the files, with its type in words, sorted by name.
    pub source_columns: Vec<(String, String)>,
    /// What stops an import under this mapping: “no time column …”. Empty when it can go ahead.
    pub problems: Vec<String>,
}

/// Reads the files' footers and proposes a mapping; `preset` names one to be used and no other.
///
/// # Errors
/// A file that cannot be read or is no Parquet, an unknown preset.
pub fn propose(files: &[(String, PathBuf)], preset: Option<&str>) -> Result<MappingProposal, SnapshotError> {
    todo!()
}
