//! Settings of a case, by their keys in the journal.

use super::Action;
pub use super::setting_names::{CLOCK_STATEMENT, FILE_NAMES, SOURCES_KEPT, STORY_IN_PRODUCTION, ZONE};
use crate::model::Zone;

/// Record-keeping of the sources: routine or for this case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Kept in the ordinary course of business.
    Routine,
    /// Kept for this case.
    AdHoc,
}

impl Kept {
    /// Both kinds.
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
    /// Sets the display time zone.
    pub fn zone(zone: &Zone) -> Self {
        let value = if *zone == Zone::utc() { String::new() } else { zone.name().to_owned() };
        Self::SettingChanged { key: ZONE.to_owned(), value }
    }

    /// Sets the statement on the clocks of the sources; empty for none.
    pub fn clocks(statement: &str) -> Self {
        Self::SettingChanged { key: CLOCK_STATEMENT.to_owned(), value: statement.trim().to_owned() }
    }

    /// States that names of log files stand in clear in bundles although they have private names, or takes it back.
    pub fn file_names(in_clear: bool) -> Self {
        let value = if in_clear { "clear" } else { "" };
        Self::SettingChanged { key: FILE_NAMES.to_owned(), value: value.to_owned() }
    }

    /// Sets the record-keeping of the sources; `None` for no statement.
    pub fn kept(kept: Option<Kept>) -> Self {
        let value = kept.map_or_else(String::new, |kept| kept.as_str().to_owned());
        Self::SettingChanged { key: SOURCES_KEPT.to_owned(), value }
    }
}
