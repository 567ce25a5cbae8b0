//! Records of acceptance, from a file that counsel gives.

use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Digest, Micros};

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
    /// Times, microseconds UTC.
    pub times: Vec<Micros>,
    /// Addresses, empty text where a row has none.
    pub addresses: Vec<String>,
    /// Versions of the terms, empty text where a row has none.
    pub versions: Vec<String>,
}

/// One record of acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceptanceRow<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// Time, microseconds UTC.
    pub time: Micros,
    /// Address; empty for none.
    pub address: &'a str,
    /// Version; empty for none.
    pub version: &'a str,
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
        }
    }

    /// Records, in the order of the lists.
    pub fn records(&self) -> impl Iterator<Item = AcceptanceRow<'_>> {
        self.accounts.iter().zip(&self.times).enumerate().map(|(at, (account, time))| AcceptanceRow {
            account,
            time: *time,
            address: self.addresses.get(at).map_or("", String::as_str),
            version: self.versions.get(at).map_or("", String::as_str),
        })
    }

    /// The same file with these records, each an account, a time, an address and a version.
    #[must_use]
    pub fn with_records(mut self, mut rows: Vec<(AccountId, Micros, String, String)>) -> Self {
        rows.sort_by_cached_key(|(account, time, address, version)| {
            let order = Digest::of(account.as_str().as_bytes());
            (*time, order, address.clone(), version.clone())
        });
        rows.dedup();
        for (account, time, address, version) in rows {
            self.accounts.push(account);
            self.times.push(time);
            self.addresses.push(address);
            self.versions.push(version);
        }
        self
    }
}
