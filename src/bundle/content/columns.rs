//! Columns of tables, and metadata of Parquet files: none that the program does not write.
//!
//! A table may be read by its columns' names, so that one more would pass all comparisons.

use super::super::contents::Contents;
use super::super::folders::REDACTION_LOG;
use super::super::methods::POWER_COLUMNS;
use super::super::{
    Fault, attributes, custody, event_tables, folders, group_tests, lead_test, parquet_check, underlying,
};

const UNDERLYING: &str = "data/04_summaries/underlying/";

/// Columns of a file; `None` for one that is compared as a whole elsewhere.
fn columns_of(name: &str) -> Option<&'static [&'static str]> {
    let inside = name.strip_prefix("data/")?;
    match inside {
        "06_custody/sources.csv" => return Some(&custody::SOURCES_HEADER),
        "06_custody/clocks.csv" => return Some(&custody::CLOCKS_HEADER),
        "06_custody/gaps.csv" => return Some(&custody::GAPS_HEADER),
        "08_legal/redaction_log.csv" => return Some(&REDACTION_LOG),
        folders::POWER => return Some(&POWER_COLUMNS),
        _ => {}
    }
    let file = name.strip_prefix(UNDERLYING)?;
    let (evidence, ending) = file.split_once('.')?;
    match (evidence, ending) {
        ("contents", "csv") => Some(&underlying::CONTENTS),
        ("signals", _) => None,
        (_, "members.csv") => Some(&underlying::MEMBERS),
        (_, "signals.csv") => Some(&underlying::FIGURES),
        (_, attributes::ATTRIBUTES) => Some(&attributes::COLUMNS),
        (_, event_tables::FAMILIES_FILE) => Some(&event_tables::FAMILY),
        (_, event_tables::EVENTS) => Some(&event_tables::FIGURES),
        (_, group_tests::TESTS) => Some(&group_tests::COLUMNS),
        (_, lead_test::LEAD) => Some(&lead_test::COLUMNS),
        _ => None,
    }
}

/// Faults of tables with other columns, and of Parquet files with metadata of their own.
pub(super) fn check(contents: &Contents) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in contents.names() {
        if name.ends_with(".parquet") && parquet_check::has_other_metadata(&contents.path(name)) {
            faults.push(Fault::new(name, "has metadata that no file of a bundle has"));
        }
        let Some((columns, file)) = columns_of(name).zip(contents.open(name)) else { continue };
        let mut reader = csv::Reader::from_reader(file);
        if !reader.headers().is_ok_and(|header| header.iter().eq(columns.iter().copied())) {
            faults.push(Fault::new(name, "has other columns than the program writes"));
        }
    }
    faults.truncate(20);
    faults
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::super::contents;
    use super::*;
    use crate::model::Silent;

    #[test]
    fn a_column_more_is_a_fault() {
        let bag = tempfile::tempdir().unwrap();
        let folder = bag.path().join(UNDERLYING);
        fs::create_dir_all(&folder).unwrap();
        let faults = |more: &str| {
            let header = underlying::MEMBERS.join(",");
            fs::write(folder.join("E1.members.csv"), format!("{header}{more}\n")).unwrap();
            check(&contents::read(bag.path(), &Silent).unwrap().0.unwrap()).len()
        };
        assert_eq!([faults(""), faults(",verdict")], [0, 1]);
    }
}
