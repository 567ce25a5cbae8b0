//! Computed tables of `08_legal` against the journal, as far as that goes without the logs: notices, prices and
//! records of acceptance that they rest on, and the arithmetic of costs.

use std::collections::BTreeMap;

use super::super::Fault;
use super::super::contents::Contents;
use super::super::legal::Gap;
use super::super::legal::tables::{AFTER, GAPS, HARM, HARM_COLUMNS};
use super::tables::table;
use super::values::Values;
use crate::case::legal::{Amount, Legal, Price, Profile};
use crate::exhibit::cell;
use crate::model::{Micros, Zone};

/// Most faults of one table.
const MOST: usize = 20;

/// Faults of the computed tables.
pub(super) fn check(
    contents: &Contents,
    legal: &Legal,
    profile: Profile,
    values: Option<&Values>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut of = |name: &str, columns: &[&str], find: &dyn Fn(&[Vec<String>]) -> Vec<String>| {
        let name = format!("data/{name}");
        if !contents.has(&name) {
            return;
        }
        match table(contents, &name, columns) {
            Err(fault) => faults.push(fault),
            Ok(rows) => faults.extend(find(&rows).into_iter().take(MOST).map(|what| Fault::new(&name, what))),
        }
    };
    let columns = [
        "notice",
        "kind",
        "time_utc",
        "account",
        "relation",
        "made_after_it",
        "first_utc",
        "last_utc",
        "exchanges",
    ];
    of(AFTER, &columns, &|rows| after(legal, rows));
    of(AFTER, &["account", "lead"], &|rows| leads(values, rows));
    of(HARM, &HARM_COLUMNS, &|rows| harm(legal, rows));
    if profile != Profile::TradeSecret {
        let columns = [
            "account",
            "first_acceptance_utc",
            "accepted_by_utc",
            "records",
            "versions",
            "exchanges",
            "exchanges_before_acceptance",
            "exchanges_on_day_of_acceptance",
            "finding",
        ];
        of(GAPS, &columns, &|rows| gaps(legal, rows));
    }
    faults
}

/// Rows with another lead of an account than the values of all accounts.
fn leads(values: Option<&Values>, rows: &[Vec<String>]) -> Vec<String> {
    let Some(values) = values else { return Vec::new() };
    let is_other = |row: &&Vec<String>| values.text(&row[0], "lead") != row[1];
    rows.iter()
        .filter(is_other)
        .map(|row| format!("has another lead of account {} than signals.csv", row[0]))
        .collect()
}

fn utc(time: Micros) -> String {
    Zone::utc().format_exact(time)
}

/// Rows after a notice that the journal has otherwise, or that are before it.
fn after(legal: &Legal, rows: &[Vec<String>]) -> Vec<String> {
    let notices: BTreeMap<String, _> =
        legal.notices().into_iter().map(|(number, notice)| (format!("N{number}"), notice)).collect();
    let fault = |row: &Vec<String>| {
        let [name, kind, time, account, relation, made_after, first, last, exchanges] = row.as_slice() else {
            return Some("has a row of another length".to_owned());
        };
        let Some(notice) = notices.get(name).filter(|notice| notice.kind.counts_after()) else {
            return Some(format!("counts after {name}, which the journal does not have as such a notice"));
        };
        // An account that was made after a notice got none.
        let is_addressed =
            made_after != "yes" && notice.accounts.iter().any(|own| cell(own.as_str()) == *account);
        if notice.kind.word() != kind || utc(notice.at) != *time {
            Some(format!("has another kind or time of {name} than the journal"))
        } else if (relation == "addressed") != is_addressed {
            Some(format!("has another relation of account {account} to {name} than the journal"))
        } else if first <= time || last < first || exchanges.parse::<u64>().is_ok_and(|count| count == 0) {
            Some(format!("counts exchanges of account {account} that are not after {name}"))
        } else {
            None
        }
    };
    rows.iter().filter_map(fault).collect()
}

/// Costs that are not tokens times the stated price, and sums that are not those of the rows.
fn harm(legal: &Legal, rows: &[Vec<String>]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut sums: BTreeMap<(String, bool, String), [u128; 5]> = BTreeMap::new();
    let mut stated: BTreeMap<(String, bool, String), [u128; 5]> = BTreeMap::new();
    for (row, at) in rows.iter().zip(1..) {
        let [basis, model, counts @ .., price, currency, cost] = row.as_slice() else { continue };
        let numbers: Option<Vec<u128>> = counts.iter().map(|count| count.parse().ok()).collect();
        let Some([exchanges, without, input, output]) =
            numbers.and_then(|all| <[u128; 4]>::try_from(all).ok())
        else {
            faults.push(format!("row {at} has counts that are no numbers"));
            continue;
        };
        let millionths = cost.parse::<Amount>().ok().map(|amount| u128::from(amount.0));
        let key = (basis.clone(), cost.is_empty(), currency.clone());
        let row = [exchanges, without, input, output, millionths.unwrap_or(0)];
        if model.starts_with("all models with") {
            stated.insert(key, row);
            continue;
        }
        let sum = sums.entry(key).or_default();
        sum.iter_mut().zip(row).for_each(|(sum, own)| *sum += own);
        let tokens = |count: u128| u64::try_from(count).unwrap_or(u64::MAX);
        let applicable = prices_of(legal, model);
        let stated = price.parse().ok().and_then(|number| {
            let (number, own) = applicable.iter().find(|(own, _)| *own == Some(number))?;
            (*number)?;
            *own
        });
        let is_without = price.is_empty() && applicable.iter().any(|(number, _)| number.is_none());
        let expected = stated.map_or_else(Default::default, |price| {
            let cost = price.input.of_tokens(tokens(input)) + price.output.of_tokens(tokens(output));
            [cell(&price.currency), Amount::written(cost)]
        });
        if stated.is_none() && !is_without || expected != [currency.clone(), cost.clone()] {
            faults.push(format!("row {at} is not the tokens at a price that the journal states for them"));
        }
    }
    sums.retain(|_, sum| sum[0] > 0);
    stated.retain(|_, sum| sum[0] > 0);
    if sums != stated {
        faults.push("has sums that are not those of its rows".to_owned());
    }
    faults
}

/// Prices that exchanges with a model can have, with their numbers; `None` where none may be in force. A price
/// without bounds rules out what it takes precedence of.
fn prices_of<'a>(legal: &'a Legal, model: &str) -> Vec<(Option<u64>, Option<&'a Price>)> {
    let is_own = |price: &Price| price.model.as_deref().map(cell).as_deref() == Some(model);
    let own = legal.prices().filter(|(_, price)| is_own(price));
    let others = legal.prices().filter(|(_, price)| price.model.is_none());
    // From the weakest to the strongest: for every model, then for this one, each in the order of recording.
    let mut found = vec![(None, None)];
    for (number, price) in others.chain(own) {
        if price.is_lasting() {
            found.clear();
        }
        found.push((Some(number), Some(price)));
    }
    found
}

/// Rows on acceptance that the records of the journal do not bear out.
fn gaps(legal: &Legal, rows: &[Vec<String>]) -> Vec<String> {
    let mut records: BTreeMap<String, Vec<(Micros, Micros, &str)>> = BTreeMap::new();
    for record in legal.acceptances().flat_map(|(_, file)| file.records()) {
        let own = records.entry(cell(record.account.as_str())).or_default();
        own.push((record.time, record.latest(), record.version));
    }
    records.values_mut().for_each(|own| own.sort_unstable());
    let fault = |row: &Vec<String>| {
        let [account, first, latest, count, versions, all, before, on_day, finding] = row.as_slice() else {
            return None;
        };
        let own = records.get(account).map_or(&[][..], Vec::as_slice);
        let time = |time: Option<Micros>| time.map_or_else(String::new, utc);
        let mut named: Vec<&str> = Vec::new();
        for (.., version) in own.iter().filter(|(.., version)| !version.is_empty()) {
            if !named.contains(version) {
                named.push(version);
            }
        }
        let expected = [
            time(own.first().map(|(first, ..)| *first)),
            time(own.iter().map(|(_, latest, _)| *latest).min()),
            own.len().to_string(),
            cell(&named.join("; ")),
        ];
        if expected != [first.clone(), latest.clone(), count.clone(), versions.clone()] {
            return Some(format!("has other records of acceptance of account {account} than the journal"));
        }
        let [all, before, on_day] = [all, before, on_day].map(|count| count.parse::<u64>().ok());
        let (all, before, on_day) = (all?, before?, on_day?);
        let follows = match (count.as_str(), before, on_day) {
            ("0", ..) => Gap::NoRecord,
            (_, 1.., _) => Gap::UsedBefore,
            (_, _, 1..) => Gap::SameDay,
            _ => Gap::None,
        };
        let is_possible = before.saturating_add(on_day) <= all
            && (count != "0" || before == all)
            && (first != latest || on_day == 0);
        (follows.words() != finding || !is_possible)
            .then(|| format!("has a finding on account {account} that its counts do not bear out"))
    };
    rows.iter().filter_map(fault).collect()
}
