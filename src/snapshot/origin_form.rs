//! Serialised forms of the origin of a canonical column, in TOML and in journals.

use serde::{Deserialize, Serialize};

use super::unit::{DayOrder, DecimalMark, Repeated, Unit};

/// One name or several.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "a column's name, or a list of names")]
pub(super) enum Names {
    One(String),
    Several(Vec<String>),
}

impl From<Vec<String>> for Names {
    fn from(mut names: Vec<String>) -> Self {
        match names.len() {
            1 => Self::One(names.remove(0)),
            _ => Self::Several(names),
        }
    }
}

impl From<Names> for Vec<String> {
    fn from(names: Names) -> Self {
        match names {
            Names::One(name) => vec![name],
            Names::Several(names) => names,
        }
    }
}

/// Serialised form of an origin: `"user"`, `["user", "api_key"]`, `false`, or a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a column's name, a list of names, false, or { column = \"…\", unit = \"ms\" } with unit, zone, repeated, order, decimal, time, since, conversation, shared_by, verbatim, together or pattern"
)]
pub(super) enum OriginForm {
    Names(Names),
    LeftOut(False),
    Table(Table),
}

/// Literal `false`; other values are refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
pub(super) struct False;

impl TryFrom<bool> for False {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Err("write false to leave a column out; true has no meaning") } else { Ok(Self) }
    }
}

impl From<False> for bool {
    fn from(False: False) -> Self {
        false
    }
}

/// Serialised form of an origin with options, as a table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub column: Names,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeated>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<DayOrder>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<DecimalMark>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub conversation: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_by: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verbatim: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub together: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}
