//! `08_legal/designations.csv`: confidentiality of every file of a bundle, and of columns of the records.

use std::collections::{BTreeMap, BTreeSet};

use super::records::{NAMED, TEXT_COLUMNS};
use super::{Audience, custody};
use crate::exhibit::Table;

/// The table.
pub(super) const DESIGNATIONS: &str = "08_legal/designations.csv";
/// Class of the report.
pub(super) const REPORT: &str = "designation.report";
/// Class of rows of the log.
pub(super) const RECORDS: &str = "designation.records";
const METHODS: &str = "designation.methods";
const EXHIBITS: &str = "designation.exhibits";
const UNDERLYING: &str = "designation.underlying";
const CUSTODY: &str = "designation.custody";
const LEGAL: &str = "designation.legal";
const NAMES: &str = "designation.names";

/// Classes of files: key of the setting that overrides its designation, the usual designation, and the reason.
pub const CLASSES: [(&str, Designation, &str); 8] = [
    (METHODS, Designation::Confidential, "definitions, and figures of leads"),
    (REPORT, Designation::Confidential, "statements on accounts"),
    (RECORDS, Designation::AttorneysEyesOnly, "records as the log has them"),
    (EXHIBITS, Designation::Confidential, "figures of accounts"),
    (
        UNDERLYING,
        Designation::AttorneysEyesOnly,
        "single rows of the log, and accounts that nobody relies on",
    ),
    (CUSTODY, Designation::Confidential, "sources, journal and provenance"),
    (LEGAL, Designation::Confidential, "legal elements, the secret among them"),
    (NAMES, Designation::AttorneysEyesOnly, "names behind pseudonyms, on order"),
];

/// Files of `04_summaries/underlying` with single rows of the log, or with accounts that nobody relies on.
const SINGLE_ROWS: [&str; 6] = [
    ".rows.parquet",
    ".rows.csv",
    ".attributes.csv",
    ".event_accounts.csv",
    "/signals.parquet",
    "/signals.csv",
];

/// Files that an export adds beside those that follow from case and logs.
const OF_EXPORT: [&str; 5] = [
    "00_README.txt",
    "00_CHANGES.txt",
    custody::ALLOWED_SIGNERS,
    custody::CHECKPOINT,
    custody::CHECKPOINT_SIGNATURE,
];

/// Designation under a protective order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Designation {
    /// No restriction.
    Public,
    /// For the parties and the court.
    Confidential,
    /// For outside counsel and experts alone.
    AttorneysEyesOnly,
}

impl Designation {
    /// All designations, least restrictive first.
    pub const ALL: [Self; 3] = [Self::Public, Self::Confidential, Self::AttorneysEyesOnly];

    /// The word of settings and bundles.
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::Confidential => "CONFIDENTIAL",
            Self::AttorneysEyesOnly => "ATTORNEYS' EYES ONLY",
        }
    }
}

/// Designation of a class of files under the settings of a case.
fn of(settings: &BTreeMap<String, String>, class: &str) -> Designation {
    let usual = CLASSES.iter().find(|(key, ..)| *key == class).map_or(Designation::Confidential, |own| own.1);
    let set = settings.get(class).map_or("", String::as_str);
    Designation::ALL.into_iter().find(|own| own.word().eq_ignore_ascii_case(set)).unwrap_or(usual)
}

/// Word of a class of files in a bundle for an audience. A bundle for counsel is privileged as a whole.
pub(super) fn word(settings: &BTreeMap<String, String>, audience: Audience, class: &str) -> &'static str {
    match audience {
        Audience::Production => of(settings, class).word(),
        _ => audience.designation(),
    }
}

/// Word of a bundle as a whole: the most restrictive of its files.
pub(super) fn of_bundle(settings: &BTreeMap<String, String>, audience: Audience) -> &'static str {
    let highest = CLASSES.iter().filter(|(key, ..)| *key != NAMES).map(|(key, ..)| of(settings, key)).max();
    match (audience, highest) {
        (Audience::Production, Some(highest)) => highest.word(),
        _ => audience.designation(),
    }
}

/// Class of a file, by its path under `data/`.
fn class_of(path: &str) -> &'static str {
    let is_in = |folders: &[&str]| folders.iter().any(|folder| path.starts_with(folder));
    if is_in(&["02_records/", "01_report/records.", "09_loadfile/"]) {
        RECORDS
    } else if is_in(&["01_report/"]) {
        REPORT
    } else if is_in(&["04_summaries/underlying/"]) && SINGLE_ROWS.iter().any(|end| path.ends_with(end)) {
        UNDERLYING
    } else if is_in(&["03_exhibits/", "04_summaries/"]) {
        EXHIBITS
    } else if is_in(&["06_custody/", "07_provenance/"]) {
        CUSTODY
    } else if is_in(&["08_legal/"]) {
        LEGAL
    } else if is_in(&["10_internal/"]) {
        NAMES
    } else {
        METHODS
    }
}

/// The table for an audience with records: a row for each file, then rows of columns. `files` are the paths of the
/// bundle's files under `data/`; those of the export itself are added.
pub(super) fn table(
    settings: &BTreeMap<String, String>,
    audience: Audience,
    files: impl IntoIterator<Item = String>,
) -> Table {
    let mut table = Table::new(["files", "column", "designation", "form", "reason"]);
    let own = OF_EXPORT.into_iter().chain([DESIGNATIONS]).map(str::to_owned);
    let files: BTreeSet<String> = files.into_iter().chain(own).collect();
    for file in files {
        let class = class_of(&file);
        let reason = CLASSES.iter().find(|(key, ..)| *key == class).map_or("", |own| own.2);
        let row = [&file, "", word(settings, audience, class), "as it stands", reason];
        table.push(row.map(str::to_owned).to_vec());
    }
    let names = word(settings, audience, NAMES);
    let is_clear = audience.are_names_clear();
    let form = if is_clear { "in clear" } else { "keyed pseudonym" };
    for (column, _) in NAMED {
        let row = ["02_records", column.name(), names, form, "name of an account or what it shares"];
        table.push(row.map(str::to_owned).to_vec());
    }
    for column in TEXT_COLUMNS {
        let row = ["02_records", column.name(), names, "withheld unless included", "content of an exchange"];
        table.push(row.map(str::to_owned).to_vec());
    }
    if !is_clear {
        let row = ["pseudonyms", "", names, "not in this bundle", "names behind pseudonyms, on order"];
        table.push(row.map(str::to_owned).to_vec());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn designated(settings: &BTreeMap<String, String>, audience: Audience, file: &str) -> String {
        let table = table(settings, audience, [file.to_owned()]);
        let text = String::from_utf8(table.to_csv()).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let own: Vec<_> = rows.iter().filter(|row| &row[0] == file && row[1].is_empty()).collect();
        assert_eq!(own.len(), 1, "{file} has one row");
        own[0][2].to_owned()
    }

    #[test]
    fn rows_of_the_log_are_nowhere_less_restricted_than_the_records() {
        let settings = BTreeMap::new();
        for file in [
            "02_records/EX-0001.parquet",
            "01_report/records.pdf",
            "01_report/records.xhtml",
            "09_loadfile/VOL001.dat",
            "09_loadfile/TEXT/CASE-1_PRODUCTION-R000001.txt",
            "04_summaries/underlying/E1.rows.parquet",
            "04_summaries/underlying/signals.csv",
            "04_summaries/underlying/E1.event_accounts.csv",
        ] {
            let found = designated(&settings, Audience::Production, file);
            assert_eq!(found, "ATTORNEYS' EYES ONLY", "{file}");
        }
        for file in [
            "01_report/report.pdf",
            "04_summaries/underlying/E1.signals.csv",
            "04_summaries/underlying/E1.events.csv",
            "07_provenance/case.jsonld",
            "00_README.txt",
        ] {
            assert_eq!(designated(&settings, Audience::Production, file), "CONFIDENTIAL", "{file}");
        }
        assert_eq!(of_bundle(&settings, Audience::Production), "ATTORNEYS' EYES ONLY");
    }

    #[test]
    fn settings_count_outside_and_counsels_bundle_is_privileged_as_a_whole() {
        let settings: BTreeMap<String, String> =
            CLASSES.iter().map(|(key, ..)| ((*key).to_owned(), "PUBLIC".to_owned())).collect();
        let file = "02_records/EX-0001.parquet";
        assert_eq!(designated(&settings, Audience::Production, file), "PUBLIC");
        assert_eq!(of_bundle(&settings, Audience::Production), "PUBLIC");
        let privileged = Audience::Internal.designation();
        assert_eq!(designated(&settings, Audience::Internal, file), privileged);
        assert_eq!(of_bundle(&settings, Audience::Internal), privileged);
    }
}
