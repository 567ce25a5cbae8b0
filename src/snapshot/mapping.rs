//! Which source column is which canonical one, as a value and as TOML.
//!
//! Reads no files; whether a mapping fits some is for [`propose`](super::propose) to say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Column, SnapshotError};
use crate::model::Digest;

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
    /// Source column by which the latest of several equal rows is known: a time or a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<String>,
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

    /// SHA-256 of the mapping as TOML: names it where two have the same preset.
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_toml().as_bytes())
    }

    /// The mapping in a few words: `mapping litellm (5 columns, 3f2a9c01)`.
    pub fn describe(&self) -> String {
        format!("mapping {} ({} columns, {})", self.preset, self.columns.len(), self.digest().short())
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

    /// A mapping from TOML: a line for each column, `account_id = "user"` or, where its numbers
    /// need a unit, `ts = { column = "created", unit = "ms" }` with a unit of s, ms, us or ns. A
    /// line `preset = "…"` tells where it came from; `custom` without. A line `latest = "updated_at"`
    /// names the column by which the latest of several equal rows is known.
    ///
    /// # Errors
    /// What is no such TOML, and a name that is no canonical column's.
    pub fn from_toml(text: &str) -> Result<Self, SnapshotError> {
        let file: TomlMapping =
            toml::from_str(text).map_err(|e| SnapshotError::BadMapping { reason: e.to_string() })?;
        let preset = file.preset.unwrap_or_else(|| "custom".to_owned());
        let mut mapping = Self { preset, latest: file.latest, ..Self::default() };
        for (name, source) in file.columns {
            let (source, unit) = match source {
                TomlSource::Name(column) => (column, None),
                TomlSource::InUnit { column, unit } => (column, Some(unit)),
            };
            mapping.columns.insert(name.clone(), source);
            mapping.units.extend(unit.map(|unit| (name, unit)));
        }
        mapping.check()?;
        Ok(mapping)
    }

    /// Maps every canonical column that is not mapped yet and stands among the source columns
    /// under its own name.
    #[must_use]
    pub fn with_own_names(mut self, source_columns: &[(String, String)]) -> Self {
        for (name, _) in source_columns {
            if Column::from_name(name).is_some() {
                self.columns.entry(name.clone()).or_insert_with(|| name.clone());
            }
        }
        self
    }

    /// The mapping as TOML that [`from_toml`](Self::from_toml) reads, columns in canonical order.
    /// Names that are not canonical are left out.
    pub fn to_toml(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut text = format!("preset = {}\n", quoted(&self.preset));
        if let Some(latest) = &self.latest {
            text.push_str(&format!("latest = {}\n", quoted(latest)));
        }
        for column in Column::ALL {
            let Some(source) = self.source(column) else { continue };
            let source = match self.unit(column) {
                None => quoted(source),
                Some(unit) => format!("{{ column = {}, unit = \"{}\" }}", quoted(source), unit.name()),
            };
            text.push_str(&format!("{} = {source}\n", column.name()));
        }
        text
    }
}

#[derive(Deserialize)]
struct TomlMapping {
    preset: Option<String>,
    latest: Option<String>,
    #[serde(flatten)]
    columns: BTreeMap<String, TomlSource>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields, expecting = "a column's name, or { column = \"…\", unit = \"ms\" }")]
enum TomlSource {
    Name(String),
    InUnit { column: String, unit: Unit },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn toml_as_the_help_shows_it() {
        let mapping =
            Mapping::from_toml("account_id = \"user\"\nts = { column = \"created\", unit = \"ms\" }")
                .unwrap();
        assert_eq!(mapping.preset, "custom");
        assert_eq!(mapping.source(Column::AccountId), Some("user"));
        assert_eq!(mapping.source(Column::Ts), Some("created"));
        assert_eq!(mapping.unit(Column::Ts), Some(Unit::Ms));
        assert_eq!(mapping.source(Column::Ip), None);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let refused = |text: &str| Mapping::from_toml(text).unwrap_err().to_string();
        let unknown = refused("acount_id = \"user\"");
        assert!(
            unknown.contains("“acount_id”") && unknown.contains("ts, account_id, request_id"),
            "{unknown}"
        );
        assert!(refused("model = { column = \"m\", unit = \"s\" }").contains("takes none"));
        assert!(refused("ts = { column = \"t\", unit = \"h\" }").contains("cannot be read"));
        assert!(refused("ts = 3").contains("cannot be read"));
        assert!(refused("ts").contains("cannot be read"));
    }

    proptest! {
        #[test]
        fn a_mapping_survives_toml_and_json(
            preset in ".{0,12}",
            latest in proptest::option::of(".{0,12}"),
            sources in proptest::collection::btree_map(0..Column::ALL.len(), ".{0,20}", 0..Column::ALL.len()),
            unit in proptest::option::of(prop_oneof![Just(Unit::S), Just(Unit::Ms), Just(Unit::Us), Just(Unit::Ns)]),
        ) {
            let mut mapping = Mapping { preset, latest, ..Mapping::default() };
            for (i, source) in sources {
                let column = Column::ALL[i];
                mapping.columns.insert(column.name().to_owned(), source);
                if let (true, Some(unit)) = (column.takes_unit(), unit) {
                    mapping.units.insert(column.name().to_owned(), unit);
                }
            }
            prop_assert_eq!(&Mapping::from_toml(&mapping.to_toml()).unwrap(), &mapping);
            let json = serde_json::to_string(&mapping).unwrap();
            prop_assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), mapping);
        }
    }
}
