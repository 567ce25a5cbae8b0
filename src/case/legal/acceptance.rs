//! Records of acceptance, from a file that counsel gives.

use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Digest, Micros};
use crate::snapshot::AcceptanceRecord;

/// Records of acceptance from one file: of accounts of the log only. The lists are parallel, sorted by time, then
/// by a hash of the account, so that their order says nothing of names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Name of the file without its folder.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Rows of the file.
    pub rows: u64,
    /// Rows that could not be read: without an account or a time.
    pub set_aside: u64,
    /// Rows of accounts that the log does not have.
    pub foreign: u64,
    /// Accounts.
    pub accounts: Vec<AccountId>,
    /// Times, microseconds UTC; the beginning of the day where a row has a date alone.
    pub times: Vec<Micros>,
    /// Ends of these days, `None` where a row has a time of day; empty where every row has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Option<Micros>>,
    /// Addresses, empty text where a row has none.
    pub addresses: Vec<String>,
    /// Versions of the terms, empty text where a row has none.
    pub versions: Vec<String>,
    /// Zone of times that carry none and of dates without a time of day; `None` for UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// One record of acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceptanceRow<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// Time, microseconds UTC; the beginning of the day where the record has a date alone.
    pub time: Micros,
    /// End of that day; `None` where the record has a time of day.
    pub day_end: Option<Micros>,
    /// Address; empty for none.
    pub address: &'a str,
    /// Version; empty for none.
    pub version: &'a str,
}

impl AcceptanceRow<'_> {
    /// Time by which the terms were accepted: the time itself, or the end of the day.
    pub fn latest(&self) -> Micros {
        self.day_end.unwrap_or(self.time)
    }
}

impl Acceptance {
    /// File without records so far.
    pub fn of_file(file: &str, sha256: Digest, bytes: u64) -> Self {
        Self {
            file: file.to_owned(),
            sha256,
            bytes,
            rows: 0,
            set_aside: 0,
            foreign: 0,
            accounts: Vec::new(),
            times: Vec::new(),
            addresses: Vec::new(),
            versions: Vec::new(),
            days: Vec::new(),
            zone: None,
        }
    }

    /// Zone of times that carry none and of dates without a time of day.
    pub fn zone(&self) -> &str {
        self.zone.as_deref().unwrap_or("UTC")
    }

    /// Records, in the order of the lists.
    pub fn records(&self) -> impl Iterator<Item = AcceptanceRow<'_>> {
        self.accounts.iter().zip(&self.times).enumerate().map(|(at, (account, time))| AcceptanceRow {
            account,
            time: *time,
            day_end: self.days.get(at).copied().flatten(),
            address: self.addresses.get(at).map_or("", String::as_str),
            version: self.versions.get(at).map_or("", String::as_str),
        })
    }

    /// The same file with these records.
    #[must_use]
    pub fn with_records(mut self, mut rows: Vec<AcceptanceRecord>) -> Self {
        rows.sort_by_cached_key(|row| {
            let order = Digest::of(row.account.as_str().as_bytes());
            (row.time, order, row.day_end, row.address.clone(), row.version.clone())
        });
        rows.dedup();
        if rows.iter().any(|row| row.day_end.is_some()) {
            self.days = rows.iter().map(|row| row.day_end).collect();
        }
        for AcceptanceRecord { account, time, address, version, .. } in rows {
            self.accounts.push(account);
            self.times.push(time);
            self.addresses.push(address);
            self.versions.push(version);
        }
        self
    }
}
