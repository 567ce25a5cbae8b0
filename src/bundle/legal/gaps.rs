//! Acceptance of the terms by the accounts relied on: missing records, and use before acceptance.

use std::collections::BTreeMap;

use crate::cache::{AccountIndex, Cache};
use crate::case::legal::Legal;
use crate::exhibit::cell;
use crate::model::{AccountId, Micros};

/// Finding on one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// No record of acceptance.
    NoRecord,
    /// An exchange before the first acceptance.
    UsedBefore,
    /// An exchange on the day of the first acceptance, whose time of day is not recorded.
    SameDay,
    /// Accepted before the first exchange.
    None,
}

impl Gap {
    /// Every finding.
    pub const ALL: [Self; 4] = [Self::NoRecord, Self::UsedBefore, Self::SameDay, Self::None];

    /// The words of tables.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoRecord => "no record of acceptance",
            Self::UsedBefore => "used before acceptance",
            Self::SameDay => "used on the day of acceptance; its time of day is not recorded",
            Self::None => "accepted before the first exchange",
        }
    }
}

/// Acceptance by one account relied on.
#[derive(Clone, Debug, PartialEq)]
pub struct GapRow {
    /// The account.
    pub account: AccountIndex,
    /// Records of acceptance.
    pub records: usize,
    /// First acceptance, or the beginning of its day; `None` without a record.
    pub first: Option<Micros>,
    /// Time by which the account had accepted: the first acceptance, or the end of its day.
    pub latest: Option<Micros>,
    /// Versions accepted, in the order of time, each once.
    pub versions: Vec<String>,
    /// Exchanges before the first acceptance; all of them without a record.
    pub before: u64,
    /// Exchanges on the day of the first acceptance, where its time of day is not recorded.
    pub on_day: u64,
    /// The finding.
    pub gap: Gap,
}

/// Accounts with a record of one version among those with these versions (as the table writes them), and accounts with
/// records of other versions alone.
pub(in crate::bundle) fn of_version<'a>(
    version: &str,
    accounts: impl Iterator<Item = (&'a str, &'a str)>,
) -> [usize; 2] {
    let own = cell(version);
    let mut counts = [0, 0];
    for (versions, _) in accounts.filter(|(_, records)| *records != "0") {
        let has = versions.split("; ").any(|version| version == own);
        counts[usize::from(!has)] += 1;
    }
    counts
}

/// Acceptance by each account relied on; nothing where no file of acceptance is recorded.
pub(super) fn rows(cache: &Cache, legal: &Legal, relied: impl Iterator<Item = AccountIndex>) -> Vec<GapRow> {
    if legal.acceptances().next().is_none() {
        return Vec::new();
    }
    let mut by_account: BTreeMap<&AccountId, Vec<(Micros, Micros, &str)>> = BTreeMap::new();
    for (_, file) in legal.acceptances() {
        for record in file.records() {
            by_account.entry(record.account).or_default().push((
                record.time,
                record.latest(),
                record.version,
            ));
        }
    }
    relied
        .map(|at| {
            let account = &cache.accounts()[at as usize];
            let mut own = by_account.remove(&account.id).unwrap_or_default();
            own.sort_unstable();
            let first = own.first().map(|(time, ..)| *time);
            let latest = own.iter().map(|(_, latest, _)| *latest).min();
            let times = &cache.hot().ts[cache.hot().rows_of(at)];
            let earlier = |bound: Option<Micros>| {
                bound.map_or(times.len(), |bound| times.partition_point(|&time| time < bound)) as u64
            };
            let before = earlier(first);
            let on_day = earlier(latest).saturating_sub(before);
            let mut versions: Vec<String> = Vec::new();
            for (.., version) in own.iter().filter(|(.., version)| !version.is_empty()) {
                if !versions.iter().any(|seen| seen == version) {
                    versions.push((*version).to_owned());
                }
            }
            let gap = match first {
                None => Gap::NoRecord,
                Some(_) if before > 0 => Gap::UsedBefore,
                Some(_) if on_day > 0 => Gap::SameDay,
                Some(_) => Gap::None,
            };
            GapRow { account: at, records: own.len(), first, latest, versions, before, on_day, gap }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};
    use crate::case::legal::{Acceptance, LegalDecision, LegalItem};
    use crate::model::Digest;
    use crate::snapshot::AcceptanceRecord;

    #[test]
    fn records_of_another_version_are_no_acceptance_of_this_one() {
        let accounts = [("2026-01", "1"), ("2026-01; 2026-06", "2"), ("2026-06", "1"), ("", "0"), ("", "1")];
        assert_eq!(of_version("2026-06", accounts.into_iter()), [2, 2]);
        assert_eq!(of_version("2026", accounts.into_iter()), [0, 4]);
    }

    #[test]
    fn use_on_a_day_of_acceptance_without_a_time_of_day_is_neither_before_nor_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let rows =
            ["before", "on", "after", "both"].map(|name| row(name, if name == "before" { 1 } else { 50 }));
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows.to_vec())])]);
        let record = |account: &str, time, day_end| AcceptanceRecord {
            account: account.into(),
            time,
            day_end,
            address: String::new(),
            version: String::new(),
        };
        let records = vec![
            record("before", 10, Some(100)),
            record("on", 10, Some(100)),
            record("after", 10, Some(20)),
            // Another record with a time of day shows that the account had accepted by then.
            record("both", 10, Some(100)),
            record("both", 30, None),
        ];
        let file = Acceptance::of_file("a.csv", Digest::of(b"x"), 1).with_records(records);
        let mut legal = Legal::default();
        legal.apply(&LegalDecision::Recorded { number: 1, item: LegalItem::Acceptance(file) });
        let found = super::rows(&cache, &legal, 0..4);
        let found_gaps: BTreeMap<&str, (u64, u64, Gap)> = found
            .iter()
            .map(|own| {
                (cache.accounts()[own.account as usize].id.as_str(), (own.before, own.on_day, own.gap))
            })
            .collect();
        assert_eq!(found_gaps["before"], (1, 0, Gap::UsedBefore));
        assert_eq!(found_gaps["on"], (0, 1, Gap::SameDay));
        assert_eq!(found_gaps["after"], (0, 0, Gap::None));
        assert_eq!(found_gaps["both"], (0, 0, Gap::None));
    }
}
