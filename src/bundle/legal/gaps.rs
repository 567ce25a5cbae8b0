//! Acceptance of the terms by the accounts relied on: missing records, and use before acceptance.

use std::collections::BTreeMap;

use crate::cache::{AccountIndex, Cache};
use crate::case::legal::Legal;
use crate::model::{AccountId, Micros};

/// Finding on one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// No record of acceptance.
    NoRecord,
    /// An exchange before the first acceptance.
    UsedBefore,
    /// Accepted before the first exchange.
    None,
}

impl Gap {
    /// The words of tables.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoRecord => "no record of acceptance",
            Self::UsedBefore => "used before acceptance",
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
    /// First acceptance; `None` without a record.
    pub first: Option<Micros>,
    /// Versions accepted, in the order of time, each once.
    pub versions: Vec<String>,
    /// Exchanges before the first acceptance; all of them without a record.
    pub before: u64,
    /// The finding.
    pub gap: Gap,
}

/// Acceptance by each account relied on; nothing where no file of acceptance is recorded.
pub(super) fn rows(cache: &Cache, legal: &Legal, relied: impl Iterator<Item = AccountIndex>) -> Vec<GapRow> {
    if legal.acceptances().next().is_none() {
        return Vec::new();
    }
    let mut by_account: BTreeMap<&AccountId, Vec<(Micros, &str)>> = BTreeMap::new();
    for (_, file) in legal.acceptances() {
        for record in file.records() {
            by_account.entry(record.account).or_default().push((record.time, record.version));
        }
    }
    relied
        .map(|at| {
            let account = &cache.accounts()[at as usize];
            let mut own = by_account.remove(&account.id).unwrap_or_default();
            own.sort_unstable();
            let first = own.first().map(|(time, _)| *time);
            let times = &cache.hot().ts[cache.hot().rows_of(at)];
            let before =
                first.map_or(times.len(), |first| times.partition_point(|&time| time < first)) as u64;
            let mut versions: Vec<String> = Vec::new();
            for (_, version) in own.iter().filter(|(_, version)| !version.is_empty()) {
                if !versions.iter().any(|seen| seen == version) {
                    versions.push((*version).to_owned());
                }
            }
            let gap = match first {
                None => Gap::NoRecord,
                Some(_) if before > 0 => Gap::UsedBefore,
                Some(_) => Gap::None,
            };
            GapRow { account: at, records: own.len(), first, versions, before, gap }
        })
        .collect()
}
