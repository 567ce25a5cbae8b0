//! Mapping of a log's columns to the canonical ones, as a plain serialisable value.
//!
//! One model for presets, TOML files, the dialog and the journal; [`mapping_toml`](super::mapping_toml)
//! has the TOML. Reads no files; [`propose`](super::propose) checks mappings against files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lines::{Encoding, delimiter_of};
use super::origin_form::OriginForm;
use super::unit::{DayOrder, DecimalMark, Repeated, Unit};
use super::{Column, ColumnType, SnapshotError};
use crate::model::Digest;

/// Name of a mapping's preset where a person wrote the mapping.
pub(super) const CUSTOM: &str = "custom";

/// Source of one canonical column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Source columns in order of preference: the first that has a value in a row gives it. Each
    /// is a column's name or a path: into structs (`user.id`), a map by key (`attributes.user.id`
    /// or `attributes['user.id']`), JSON text (`metadata.$.user.id`), a list (`choices[0].text`).
    /// Empty where the column is left out on purpose.
    pub columns: Vec<String>,
    /// Unit of its numbers: of times written as numbers, and of a latency not in milliseconds.
    pub unit: Option<Unit>,
    /// Time zone of times that carry none: an IANA name or an offset such as `+08:00`. UTC without.
    pub zone: Option<String>,
    /// Moment that a local time means which the zone has twice. Without it, such a time of an exchange is
    /// not read.
    pub repeated: Option<Repeated>,
    /// Order of day and month in text times that would be ambiguous without it.
    pub order: Option<DayOrder>,
    /// Decimal mark of numbers written as text. Without it, text that is one number with a point and another
    /// with a comma is not read.
    pub decimal: Option<DecimalMark>,
    /// Column with the time of day, if `columns` has only the date.
    pub time: Option<String>,
    /// Column with the start of a duration, if `columns` has its end.
    pub since: Option<String>,
    /// True for JSON text to be read as a conversation: role and content of each message.
    pub conversation: bool,
    /// Column by which rows share a value: a row without one takes the only value among the other rows
    /// of its file that agree with it in this column.
    pub shared_by: Option<String>,
    /// True if words such as `None` and `null` are values like others.
    pub verbatim: bool,
    /// True if the sources are parts of one value, which a row without one of them lacks: ids of users that repeat
    /// from tenant to tenant.
    pub together: bool,
    /// Pattern of a text of which the value is a part, such as `/v1/tenants/{}/*`: `{}` is the value, `*` any text.
    pub pattern: Option<String>,
}

impl Origin {
    /// Origin that is one column without options.
    pub fn of(column: impl Into<String>) -> Self {
        Self { columns: vec![column.into()], ..Self::default() }
    }

    /// Origin of a column that is left out on purpose.
    pub fn left_out() -> Self {
        Self::default()
    }

    /// The preferred source column; `None` where the column is left out.
    pub fn first(&self) -> Option<&str> {
        self.columns.first().map(String::as_str)
    }

    /// All source columns that it names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().chain(&self.time).chain(&self.since).chain(&self.shared_by).map(String::as_str)
    }

    fn check(&self, column: Column) -> Result<(), SnapshotError> {
        let is_time = column.kind() == ColumnType::Time;
        let refused = |what| Err(SnapshotError::NotForColumn { column: column.name(), what });
        if self.unit.is_some() && !column.takes_unit() {
            return Err(SnapshotError::NoUnit { column: column.name() });
        }
        if let Some(zone) = &self.zone
            && super::clock::Clock::parse(zone).is_none()
        {
            return Err(SnapshotError::UnknownZone { zone: zone.clone() });
        }
        match () {
            () if self.zone.is_some() && !is_time && self.since.is_none() => refused("a zone"),
            () if self.unit == Some(Unit::Epoch) && !is_time && self.since.is_none() => {
                refused("numbers of several units of time")
            }
            () if self.order.is_some() && !is_time && self.since.is_none() => {
                refused("an order of day and month")
            }
            () if self.repeated.is_some() && self.zone.is_none() => {
                refused("a choice in a repeated hour without a zone")
            }
            () if self.decimal.is_some() && !takes_decimal(column) => refused("a decimal mark"),
            () if self.time.is_some() && !is_time => refused("a time of day"),
            () if self.since.is_some() && column != Column::LatencyMs => refused("a start"),
            () if self.conversation && column.kind() != ColumnType::LongText => refused("a conversation"),
            () if self.shared_by.is_some() && column.kind() != ColumnType::Text => {
                refused("a column to share by")
            }
            () if self.together && (column.kind() != ColumnType::Text || self.columns.len() < 2) => {
                refused("parts of one value")
            }
            () if self.together && self.shared_by.is_some() => refused("parts of one value that rows share"),
            () if self.verbatim && column.kind() != ColumnType::Text => refused("words as values"),
            () if self.pattern.is_some() && column.kind() != ColumnType::Text => refused("a pattern"),
            () if self.pattern.as_ref().is_some_and(|pattern| pattern.matches("{}").count() != 1) => {
                refused("a pattern without one {}")
            }
            () => Ok(()),
        }
    }
}

/// True for a column of numbers that are not times.
pub(super) fn takes_decimal(column: Column) -> bool {
    matches!(column.kind(), ColumnType::Int | ColumnType::Float)
}

/// Rule for the rows that are exchanges: those whose column has one of the values. Without values,
/// those where it has any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRule {
    /// Source column, or a path as in [`Origin::columns`].
    pub column: String,
    /// Values that are kept, compared without regard to case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub is: Vec<String>,
}

/// Rule that joins the rows of an exchange that spans several rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Source column that is the same for all rows of the exchange.
    pub by: String,
    /// Source column that numbers them, or has their times; the row with the lowest number is the exchange.
    pub order: String,
}

/// Rules that a mapping refuses on purpose, so that no preset adds them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Without {
    /// True for `rows = []`: every row is an exchange.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rows: bool,
    /// True for `join = false`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub join: bool,
    /// True for `latest = false`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub latest: bool,
}

impl Without {
    fn is_placeholder(&self) -> bool {
        *self == Self::default()
    }
}

/// Canonical columns with their origins, and rules for the rows that are exchanges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Form", into = "Form")]
pub struct Mapping {
    /// Name of a preset, or `custom`.
    pub preset: String,
    /// Canonical name to origin; canonical columns that are absent are not mapped.
    pub columns: BTreeMap<String, Origin>,
    /// Rules that all have to hold for a row to be an exchange; the other rows are left out and
    /// counted.
    pub rows: Vec<RowRule>,
    /// Rule that joins continuation rows.
    pub join: Option<Join>,
    /// Source column that orders several rows of one exchange; the latest row counts.
    pub latest: Option<String>,
    /// Column that was made the account, where it is not the usual one.
    pub unit: Option<String>,
    /// Place of the rows in JSON documents: names of objects and lists with dots between; `.` for whole
    /// documents. Counts where files are laid out for the first time.
    pub rows_at: Option<String>,
    /// Encoding of text files that are not UTF-8, such as `windows-1252`. Counts where files are laid out for the
    /// first time.
    pub encoding: Option<String>,
    /// Character between the fields of CSV, where it is none of the usual ones. Counts where files are laid out for
    /// the first time.
    pub delimiter: Option<String>,
    /// Rules that are left out on purpose.
    pub without: Without,
}

impl Mapping {
    /// The preferred source of a canonical column; `None` when it is not mapped.
    pub fn source(&self, column: Column) -> Option<&str> {
        self.origin(column).and_then(Origin::first)
    }

    /// The origin of a canonical column; `None` when it is not mapped or left out.
    pub fn origin(&self, column: Column) -> Option<&Origin> {
        self.columns.get(column.name()).filter(|origin| !origin.columns.is_empty())
    }

    /// A mapping that says no more than how files are opened.
    #[must_use]
    pub fn reading(&self) -> Self {
        Self::default().read_as(self)
    }

    /// The mapping, opening files as another one says.
    #[must_use]
    pub fn read_as(self, other: &Self) -> Self {
        let (rows_at, encoding) = (other.rows_at.clone(), other.encoding.clone());
        Self { rows_at, encoding, delimiter: other.delimiter.clone(), ..self }
    }

    /// The unit of a column's numbers.
    pub fn unit(&self, column: Column) -> Option<Unit> {
        self.origin(column).and_then(|origin| origin.unit)
    }

    /// SHA-256 of the mapping as TOML; distinguishes mappings with the same preset.
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_toml().as_bytes())
    }

    /// The mapping in a few words: `mapping litellm (5 columns, 3f2a9c01)`.
    pub fn describe(&self) -> String {
        format!("mapping {} ({} columns, {})", self.preset, self.columns.len(), self.digest().short())
    }

    /// Maps a canonical column to one source column.
    pub fn set(&mut self, column: Column, source: impl Into<String>) {
        self.columns.insert(column.name().to_owned(), Origin::of(source));
    }

    /// Checks that all names are canonical, that there is such an encoding, and that units, time zones and other
    /// options are given only for columns that take them.
    ///
    /// # Errors
    /// The first violation.
    pub fn check(&self) -> Result<(), SnapshotError> {
        if let Some(name) = self.encoding.as_ref().filter(|name| Encoding::named(name).is_none()) {
            return Err(SnapshotError::UnknownEncoding { name: name.clone() });
        }
        if let Some(text) = self.delimiter.as_ref().filter(|text| delimiter_of(text).is_none()) {
            let reason = format!("a delimiter is one character such as ~, \\t or \\x01, and not {text:?}");
            return Err(SnapshotError::BadMapping { reason });
        }
        for (name, origin) in &self.columns {
            let column =
                Column::from_name(name).ok_or_else(|| SnapshotError::UnknownColumn { name: name.clone() })?;
            origin.check(column)?;
        }
        Ok(())
    }

    /// Maps every canonical column that is neither mapped nor left out to the source column of the same
    /// name, without regard to case and underscores.
    #[must_use]
    pub fn with_own_names(mut self, source_columns: &[(String, String)]) -> Self {
        for column in Column::ALL {
            let exact = source_columns.iter().find(|(name, _)| name == column.name());
            let mut near = source_columns.iter().filter(|(name, _)| is_same_name(name, column.name()));
            let found = exact.or_else(|| near.next().filter(|_| near.next().is_none()));
            if let Some((name, _)) = found {
                self.columns.entry(column.name().to_owned()).or_insert_with(|| Origin::of(name));
            }
        }
        self
    }

    /// Maps every canonical column that is neither mapped nor left out as another mapping does.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        for (name, origin) in &other.columns {
            self.columns.entry(name.clone()).or_insert_with(|| origin.clone());
        }
        self
    }

    /// Mapping with the rules of another where it neither has them nor refuses them.
    #[must_use]
    pub fn or_rules(mut self, other: &Self) -> Self {
        if self.rows.is_empty() && !self.without.rows {
            self.rows.clone_from(&other.rows);
        }
        if !self.without.join {
            self.join = self.join.or_else(|| other.join.clone());
        }
        if !self.without.latest {
            self.latest = self.latest.or_else(|| other.latest.clone());
        }
        self
    }

    /// Mapping with another column as the account: a mapped canonical column, or a source column. The
    /// former source of the account is dropped.
    #[must_use]
    pub fn with_unit(mut self, column: &str) -> Self {
        let canonical = self.columns.get(column).filter(|origin| !origin.columns.is_empty()).cloned();
        let origin = canonical.unwrap_or_else(|| Origin::of(column));
        self.columns.insert(Column::AccountId.name().to_owned(), origin);
        self.unit = Some(column.to_owned());
        self
    }

    /// All source columns that it names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let join = self.join.iter().flat_map(|join| [&join.by, &join.order]);
        let others = self.rows.iter().map(|rule| &rule.column).chain(join).chain(&self.latest);
        self.columns.values().flat_map(Origin::names).chain(others.map(String::as_str))
    }
}

/// Equality of names without regard to case, underscores, hyphens and spaces.
pub(super) fn is_same_name(a: &str, b: &str) -> bool {
    fold(a).eq(fold(b))
}

/// Bytes of a name that tell it from others.
fn fold(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().filter(|byte| !b"_- ".contains(byte)).map(|byte| byte.to_ascii_lowercase())
}

/// Serialised form of a mapping in journals, with units beside the columns.
#[derive(Serialize, Deserialize)]
struct Form {
    preset: String,
    columns: BTreeMap<String, OriginForm>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    units: BTreeMap<String, Unit>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rows: Vec<RowRule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    join: Option<Join>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rows_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    #[serde(default, skip_serializing_if = "Without::is_placeholder")]
    without: Without,
}

impl From<Form> for Mapping {
    fn from(form: Form) -> Self {
        let Form {
            preset,
            columns,
            mut units,
            rows,
            join,
            latest,
            unit,
            rows_at,
            encoding,
            delimiter,
            without,
        } = form;
        let origin = |(name, form): (String, OriginForm)| {
            let mut origin = Origin::from(form);
            origin.unit = origin.unit.or_else(|| units.remove(&name));
            (name, origin)
        };
        let columns = columns.into_iter().map(origin).collect();
        Self { preset, columns, rows, join, latest, unit, rows_at, encoding, delimiter, without }
    }
}

impl From<Mapping> for Form {
    fn from(mapping: Mapping) -> Self {
        let Mapping { preset, columns, rows, join, latest, unit, rows_at, encoding, delimiter, without } =
            mapping;
        let units = columns.iter().filter_map(|(name, origin)| Some((name.clone(), origin.unit?))).collect();
        let bare =
            |(name, origin): (String, Origin)| (name, OriginForm::from(Origin { unit: None, ..origin }));
        let columns = columns.into_iter().map(bare).collect();
        Self { preset, columns, units, rows, join, latest, unit, rows_at, encoding, delimiter, without }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_of_old_journals_are_read_and_written_as_they_were() {
        let old =
            r#"{"preset":"litellm","columns":{"account_id":"user","ts":"startTime"},"units":{"ts":"ms"}}"#;
        let mapping: Mapping = serde_json::from_str(old).unwrap();
        assert_eq!(mapping.source(Column::AccountId), Some("user"));
        assert_eq!(mapping.unit(Column::Ts), Some(Unit::Ms));
        assert_eq!(serde_json::to_string(&mapping).unwrap(), old);
    }

    #[test]
    fn own_names_are_taken_in_any_case_and_not_where_left_out() {
        let columns = |names: &[&str]| -> Vec<(String, String)> {
            names.iter().map(|name| ((*name).to_owned(), String::new())).collect()
        };
        let mut mapping = Mapping::default();
        mapping.columns.insert("is_stream".into(), Origin::left_out());
        let mapping = mapping.with_own_names(&columns(&[
            "is_stream",
            "AccountId",
            "PROMPT_TEXT",
            "ip",
            "IP",
            "Model",
            "MODEL",
        ]));
        assert_eq!(mapping.source(Column::IsStream), None);
        assert_eq!(mapping.source(Column::AccountId), Some("AccountId"));
        assert_eq!(mapping.source(Column::PromptText), Some("PROMPT_TEXT"));
        assert_eq!(mapping.source(Column::Ip), Some("ip"));
        assert_eq!(mapping.source(Column::Model), None, "ambiguous");
    }

    #[test]
    fn another_column_can_be_the_account() {
        let mut mapping = Mapping::default();
        mapping.set(Column::AccountId, "user");
        mapping.set(Column::EndUserId, "end_user");
        let by_end_user = mapping.clone().with_unit("end_user_id");
        assert_eq!(by_end_user.source(Column::AccountId), Some("end_user"));
        assert_eq!(by_end_user.unit.as_deref(), Some("end_user_id"));
        assert_eq!(mapping.with_unit("team").source(Column::AccountId), Some("team"));
    }
}
