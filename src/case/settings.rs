//! The settings of a case, by their keys in the journal.

use super::Action;
use crate::model::Zone;

/// Key of the zone that times are shown in, by its IANA name; absent for UTC.
pub const ZONE: &str = "zone";
/// Key of the statement on the sources' clocks, in the investigator's words.
pub const CLOCK_STATEMENT: &str = "clock_statement";
/// Key of how the sources came to be kept: [`Kept::as_str`].
pub const SOURCES_KEPT: &str = "sources_kept";

/// How the logs of a case came to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In the ordinary course of business.
    Routine,
    /// For this case.
    AdHoc,
}

impl Kept {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Routine, Self::AdHoc];

    /// The word of the journal and of `sources.csv`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Routine => "routine",
            Self::AdHoc => "ad hoc",
        }
    }
}

impl Action {
    /// Sets the zone that times are shown in.
    pub fn zone(zone: &Zone) -> Self {
        let value = if *zone == Zone::utc() { String::new() } else { zone.name().to_owned() };
        Self::SettingChanged { key: ZONE.to_owned(), value }
    }

    /// States the clocks of the sources; nothing for no statement.
    pub fn clocks(statement: &str) -> Self {
        Self::SettingChanged { key: CLOCK_STATEMENT.to_owned(), value: statement.trim().to_owned() }
    }

    /// States how the sources came to be kept; `None` for no statement.
    pub fn kept(kept: Option<Kept>) -> Self {
        let value = kept.map_or_else(String::new, |kept| kept.as_str().to_owned());
        Self::SettingChanged { key: SOURCES_KEPT.to_owned(), value }
    }
}
