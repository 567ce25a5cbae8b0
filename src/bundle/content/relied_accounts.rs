//! The accounts relied on, as the report's exhibit lists them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fault;
use super::super::contents::Contents;
use super::tables::table;
use crate::model::Zone;

const MEMBERS: &str = "data/04_summaries/underlying";

/// An account relied on, as the report lists it.
pub(super) struct Account {
    pub id: String,
    pub evidence: String,
    pub role: String,
    pub created: String,
    pub first: String,
    pub last: String,
    pub exchanges: u64,
    pub is_contested: bool,
}

#[cfg(test)]
impl Account {
    /// An account without times.
    pub(super) fn for_test(id: &str, evidence: &str, role: &str, exchanges: u64, is_contested: bool) -> Self {
        let [id, evidence, role] = [id, evidence, role].map(str::to_owned);
        let (created, first, last) = Default::default();
        Self { id, evidence, role, created, first, last, exchanges, is_contested }
    }
}

/// The accounts relied on.
pub(super) struct Accounts {
    pub all: Vec<Account>,
    /// Items of evidence whose accounts are the members of their lead in the present list.
    pub whole: BTreeSet<String>,
    /// True if the times are in UTC, so that their texts ascend with them.
    pub is_utc: bool,
}

impl Accounts {
    /// The accounts of the report's exhibit `name`.
    ///
    /// # Errors
    /// A table that cannot be read.
    pub(super) fn read(contents: &Contents, name: &str) -> Result<Self, Fault> {
        let all = accounts(contents, name)?;
        Ok(Self {
            whole: whole_leads(contents, &all)?,
            is_utc: super::custody::zone_of(contents) == Zone::utc(),
            all,
        })
    }
}

fn accounts(contents: &Contents, name: &str) -> Result<Vec<Account>, Fault> {
    let columns = ["account", "evidence", "role", "created", "first", "last", "exchanges", "contested"];
    let rows = table(contents, name, &columns)?.into_iter();
    rows.map(|row| {
        let [id, evidence, role, created, first, last, exchanges, contested] =
            <[String; 8]>::try_from(row).map_err(|_| Fault::new(name, "has a row of another length"))?;
        let exchanges =
            exchanges.parse().map_err(|_| Fault::new(name, "has a number of exchanges that is no number"))?;
        Ok(Account { id, evidence, role, created, first, last, exchanges, is_contested: contested == "yes" })
    })
    .collect()
}

/// Items of evidence whose accounts are the members that their lists have.
fn whole_leads(contents: &Contents, accounts: &[Account]) -> Result<BTreeSet<String>, Fault> {
    let mut of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for account in accounts {
        of.entry(&account.evidence).or_default().insert(&account.id);
    }
    let mut whole = BTreeSet::new();
    for (evidence, own) in of {
        let name = format!("{MEMBERS}/{evidence}.members.csv");
        if contents.has(&name) {
            let rows = table(contents, &name, &["account_id"])?;
            let listed: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
            if listed == own {
                whole.insert(evidence.to_owned());
            }
        }
    }
    Ok(whole)
}
