//! `08_legal/designations.csv`: confidentiality of every file and column of a bundle.

use std::collections::BTreeMap;

use super::Audience;
use super::records::{NAMED, TEXT_COLUMNS};
use crate::exhibit::Table;

/// Classes of what a bundle holds: key of the setting that overrides its designation, files, the usual
/// designation, and the reason.
pub const CLASSES: [(&str, &str, Designation, &str); 7] = [
    (
        "designation.methods",
        "00_*, 05_methods",
        Designation::Confidential,
        "definitions, and figures of leads",
    ),
    ("designation.report", "01_report", Designation::Confidential, "statements on accounts"),
    ("designation.records", "02_records", Designation::AttorneysEyesOnly, "rows of the log"),
    ("designation.exhibits", "03_exhibits, 04_summaries", Designation::Confidential, "figures of accounts"),
    ("designation.custody", "06_custody", Designation::Confidential, "sources and journal"),
    ("designation.legal", "08_legal", Designation::Confidential, "legal elements, the secret among them"),
    ("designation.names", "pseudonyms", Designation::AttorneysEyesOnly, "names behind pseudonyms, on order"),
];

/// Designation under a protective order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
pub(super) fn of(settings: &BTreeMap<String, String>, class: &str) -> &'static str {
    let usual =
        CLASSES.iter().find(|(key, ..)| *key == class).map_or(Designation::Confidential, |class| class.2);
    let set = settings.get(class).map_or("", String::as_str);
    Designation::ALL.into_iter().find(|own| own.word().eq_ignore_ascii_case(set)).unwrap_or(usual).word()
}

/// The table for an audience with records.
pub(super) fn table(settings: &BTreeMap<String, String>, audience: Audience) -> Table {
    let mut table = Table::new(["files", "column", "designation", "form", "reason"]);
    for (class, files, _, reason) in CLASSES {
        let form = if class == "designation.names" { "not in this bundle" } else { "as it stands" };
        let form = if audience.are_names_clear() { "as it stands" } else { form };
        table.push([files, "", of(settings, class), form, reason].map(str::to_owned).to_vec());
    }
    let names = of(settings, "designation.names");
    let form = if audience.are_names_clear() { "in clear" } else { "keyed pseudonym" };
    for (column, _) in NAMED {
        let row = ["02_records", column.name(), names, form, "name of an account or what it shares"];
        table.push(row.map(str::to_owned).to_vec());
    }
    for column in TEXT_COLUMNS {
        let row = ["02_records", column.name(), names, "withheld unless included", "content of an exchange"];
        table.push(row.map(str::to_owned).to_vec());
    }
    table
}
