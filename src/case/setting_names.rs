//! Keys of the settings of a case, and their names in sentences.

/// Key of the display time zone, by its IANA name; absent for UTC.
pub const ZONE: &str = "zone";
/// Key of the statement on the sources' clocks, in the investigator's words.
pub const CLOCK_STATEMENT: &str = "clock_statement";
/// Key of the record-keeping of the sources: [`Kept::as_str`].
pub const SOURCES_KEPT: &str = "sources_kept";
/// Key of the printing of the story in PRODUCTION bundles: `yes`, absent for no.
pub const STORY_IN_PRODUCTION: &str = "story_in_production";

/// Key of the statement that names of log files stand in clear in bundles where they have private names: `clear`,
/// absent for pseudonyms.
pub const FILE_NAMES: &str = "file_names";

/// Name of a setting in sentences: `time zone`; a key without one stands for itself.
pub(super) fn title(key: &str) -> &str {
    match key {
        ZONE => "time zone",
        CLOCK_STATEMENT => "statement on the clocks",
        SOURCES_KEPT => "record-keeping of the sources",
        STORY_IN_PRODUCTION => "story in PRODUCTION bundles",
        FILE_NAMES => "names of log files in bundles",
        other => other,
    }
}
