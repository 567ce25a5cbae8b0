//! Computed tables of `08_legal` against the journal, as far as that goes without the logs: notices, prices and
//! records of acceptance that they rest on, and the arithmetic of costs.

use std::collections::BTreeMap;

use super::super::Fault;
use super::super::contents::Contents;
use super::super::legal::tables::{AFTER, GAPS, HARM};
use super::tables::table;
use crate::case::legal::{Amount, Legal, Profile};
use crate::exhibit::cell;
use crate::model::{Micros, Zone};

/// Most faults of one table.
const MOST: usize = 20;

/// Faults of the computed tables.
pub(super) fn check(contents: &Contents, legal: &Legal, profile: Profile) -> Vec<Fault> {
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
    let columns = ["notice", "kind", "time_utc", "account", "relation", "first_utc", "last_utc", "exchanges"];
    of(AFTER, &columns, &|rows| after(legal, rows));
    let columns = [
        "basis",
        "model",
        "exchanges",
        "exchanges_without_token_counts",
        "input_tokens",
        "output_tokens",
        "price",
        "currency",
        "cost",
    ];
    of(HARM, &columns, &|rows| harm(legal, rows));
    if profile != Profile::TradeSecret {
        let columns = ["account", "first_acceptance_utc", "records"];
        of(GAPS, &columns, &|rows| gaps(legal, rows));
    }
    faults
}

fn utc(time: Micros) -> String {
    Zone::utc().format_exact(time)
}

/// Rows after a notice that the journal has otherwise, or that are before it.
fn after(legal: &Legal, rows: &[Vec<String>]) -> Vec<String> {
    let notices: BTreeMap<String, _> =
        legal.notices().into_iter().map(|(number, notice)| (format!("N{number}"), notice)).collect();
    let fault = |row: &Vec<String>| {
        let [name, kind, time, account, relation, first, last, exchanges] = row.as_slice() else {
            return Some("has a row of another length".to_owned());
        };
        let Some(notice) = notices.get(name).filter(|notice| notice.kind.counts_after()) else {
            return Some(format!("counts after {name}, which the journal does not have as such a notice"));
        };
        let is_addressed = notice.accounts.iter().any(|own| cell(own.as_str()) == *account);
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
        let own =
            legal.prices().filter(|(_, price)| price.model.as_deref().map(cell).as_ref() == Some(model));
        let expected =
            own.last().or_else(|| legal.prices().filter(|(_, price)| price.model.is_none()).last());
        let tokens = |count: u128| u64::try_from(count).unwrap_or(u64::MAX);
        let expected = expected.map_or_else(Default::default, |(number, price)| {
            let cost = price.input.of_tokens(tokens(input)) + price.output.of_tokens(tokens(output));
            [number.to_string(), cell(&price.currency), Amount::written(cost)]
        });
        if expected != [price.clone(), currency.clone(), cost.clone()] {
            faults.push(format!("row {at} is not the tokens at the price that the journal states"));
        }
    }
    sums.retain(|_, sum| sum[0] > 0);
    stated.retain(|_, sum| sum[0] > 0);
    if sums != stated {
        faults.push("has sums that are not those of its rows".to_owned());
    }
    faults
}

/// Rows on acceptance that the records of the journal do not bear out.
fn gaps(legal: &Legal, rows: &[Vec<String>]) -> Vec<String> {
    let mut records: BTreeMap<String, (usize, Micros)> = BTreeMap::new();
    for record in legal.acceptances().flat_map(|(_, file)| file.records()) {
        let own = records.entry(cell(record.account.as_str())).or_insert((0, record.time));
        *own = (own.0 + 1, own.1.min(record.time));
    }
    let fault = |row: &Vec<String>| {
        let [account, first, count] = row.as_slice() else { return None };
        let expected = records.get(account).map_or_else(
            || [String::new(), "0".to_owned()],
            |(count, first)| [utc(*first), count.to_string()],
        );
        (expected != [first.clone(), count.clone()])
            .then(|| format!("has other records of acceptance of account {account} than the journal"))
    };
    rows.iter().filter_map(fault).collect()
}
