//! Figures with and without contested accounts, made again from the tables of accounts, events and exchanges after notices.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fault;
use super::super::contents::Contents;
use super::super::event_tables::{self, contested_name, in_one_cell, path};
use super::super::legal::tables::AFTER;
use super::super::report::{AFTER_NOTICE, NOT_AGAIN};
use super::relied_accounts::{Account, Accounts};
use super::tables::{TABLE, table};
use crate::exhibit::cell;

/// Faults of the table `name`.
///
/// # Errors
/// A table that cannot be read.
pub(super) fn check(contents: &Contents, name: &str, accounts: &Accounts) -> Result<Vec<Fault>, Fault> {
    let columns = ["evidence", "figure", "with all accounts", "without contested accounts"];
    let rows = table(contents, name, &columns)?;
    let mut faults = Vec::new();
    for own in rows.chunk_by(|a, b| a[0] == b[0]) {
        let Some(evidence) = own.first().map(|row| row[0].as_str()) else { continue };
        let of: Vec<&Account> = accounts.all.iter().filter(|account| account.evidence == evidence).collect();
        let mut made = of_accounts(&of, accounts.whole.contains(evidence));
        made.extend(of_events(contents, evidence, &of)?);
        made.extend(after_notices(contents, &of)?);
        if contents.has(&format!("data/04_summaries/underlying/{evidence}.members.csv")) {
            made.insert(NOT_AGAIN.0.to_owned(), NOT_AGAIN.1.map(str::to_owned));
        }
        let is_made = |figure: &str| {
            ["event ", "measures ", AFTER_NOTICE].iter().any(|start| figure.starts_with(start))
        };
        let differs = |row: &&Vec<String>| match made.get(&row[1]) {
            Some(made) => row[2..] != made[..],
            None => is_made(&row[1]),
        };
        let what = |row: &Vec<String>| format!("has another {} of {evidence} than the tables give", row[1]);
        faults.extend(own.iter().filter(differs).map(|row| Fault::new(name, what(row))));
    }
    faults.truncate(20);
    Ok(faults)
}

/// Figures by their names, with all accounts and without contested ones.
type Figures = BTreeMap<String, [String; 2]>;

fn of_accounts(of: &[&Account], is_whole: bool) -> Figures {
    let sum = |is: &dyn Fn(&Account) -> bool, what: &dyn Fn(&Account) -> u64| {
        let of = || of.iter().filter(|account| is(account));
        let all: u64 = of().map(|account| what(account)).sum();
        let rest: u64 = of().filter(|account| !account.is_contested).map(|account| what(account)).sum();
        [all.to_string(), rest.to_string()]
    };
    let is_core = |account: &Account| account.role == "core member";
    let core = is_whole.then(|| ("core members".to_owned(), sum(&is_core, &|_| 1)));
    let all = [
        ("accounts".to_owned(), sum(&|_| true, &|_| 1)),
        ("exchanges".to_owned(), sum(&|_| true, &|account| account.exchanges)),
    ];
    all.into_iter().chain(core).collect()
}

/// Events of a lead, counted again from its accounts; none without them.
fn of_events(contents: &Contents, evidence: &str, of: &[&Account]) -> Result<Figures, Fault> {
    let Some(number) = evidence.strip_prefix('E').and_then(|own| own.parse::<u64>().ok()) else {
        return Ok(Figures::new());
    };
    let name = |ending: &str| format!("data/{}", path(number, ending));
    let [accounts, families] = [event_tables::ACCOUNTS, event_tables::FAMILIES_FILE].map(name);
    let read = |name: &str| contents.bytes_within(name, TABLE);
    let (Some(bytes), Some(families)) = (read(&accounts), read(&families)) else { return Ok(Figures::new()) };
    let contested: BTreeSet<&str> =
        of.iter().filter(|account| account.is_contested).map(|account| account.id.as_str()).collect();
    let fault = |what: String| Fault::new(&accounts, what);
    let all = event_tables::read(&bytes, &families).map_err(fault)?;
    let rest = event_tables::read(&without(&bytes, &contested), &families).map_err(fault)?;
    let pairs = all.iter().zip(&rest);
    Ok(pairs
        .map(|((id, all), (_, rest))| (contested_name(id), [&all.tested, &rest.tested].map(in_one_cell)))
        .collect())
}

/// A table without the rows of some accounts.
fn without(bytes: &[u8], accounts: &BTreeSet<&str>) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in reader.records().map_while(Result::ok) {
        if row.get(0).is_none_or(|account| !accounts.contains(account)) {
            // Writing to memory cannot fail.
            let _ = writer.write_record(&row);
        }
    }
    writer.into_inner().unwrap_or_default()
}

/// Exchanges after each notice, by the accounts of an item.
fn after_notices(contents: &Contents, of: &[&Account]) -> Result<Figures, Fault> {
    let name = format!("data/{AFTER}");
    let mut sums: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    if contents.has(&name) {
        for row in table(contents, &name, &["notice", "account", "exchanges"])? {
            let sum = sums.entry(format!("{AFTER_NOTICE}{}", row[0])).or_default();
            let exchanges = row[2].parse::<u64>().unwrap_or_default();
            if let Some(own) = of.iter().find(|account| account.id == row[1]) {
                let rest = if own.is_contested { 0 } else { exchanges };
                *sum = [sum[0] + exchanges, sum[1] + rest];
            }
        }
    }
    Ok(sums.into_iter().map(|(figure, sum)| (cell(&figure), sum.map(|count| count.to_string()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_without_contested_accounts_are_those_of_the_others() {
        let account = |id: &str, role: &str, exchanges: u64, is_contested: bool| {
            Account::for_test(id, "E1", role, exchanges, is_contested)
        };
        let all = [
            account("a", "core member", 5, false),
            account("b", "core member", 7, true),
            account("c", "joined member", 9, false),
        ];
        let made = of_accounts(&all.iter().collect::<Vec<_>>(), true);
        let of = |figure: &str| made[figure].clone();
        assert_eq!(of("accounts"), ["3", "2"]);
        assert_eq!(of("core members"), ["2", "1"]);
        assert_eq!(of("exchanges"), ["21", "14"]);
        let rows = b"account_id,x\r\na,1\r\n\"b\",2\r\nc,3\r\n";
        assert_eq!(without(rows, &["b"].into()), b"account_id,x\na,1\nc,3\n");
    }
}
