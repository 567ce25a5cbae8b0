//! The same facts in several tables: columns of exhibits against the values of all accounts, the list of leads, the
//! accounts relied on and the definitions of signals.

use std::collections::BTreeMap;

use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::super::underlying::contents_of;
use super::super::{Fault, parquet_check};
use super::tables::table;
use crate::exhibit::{cell, share_cells};
use crate::leads::event_of;
use crate::model::Silent;
use crate::signals;

const UNDERLYING: &str = "data/04_summaries/underlying";
/// Maximum number of faults of a table.
const MOST: usize = 20;

/// Two columns that state the same, and how the second one is written.
type Pair = (String, String, fn(&str, &str) -> bool);

/// A table with the column that names its rows.
type Keyed<'a> = (&'a str, &'a str);

/// Faults of tables that state the same facts otherwise. `accounts`, `signals` and `leads` are the report's exhibits of
/// accounts relied on, of signals and of all leads.
pub(super) fn check(contents: &Contents, facts: &Facts, own: [&str; 3]) -> Vec<Fault> {
    let [accounts, signals, leads] = own;
    let mut faults = Vec::new();
    let mut add = |found: Result<Vec<Fault>, Fault>| faults.extend(found.unwrap_or_else(|fault| vec![fault]));
    for placed in facts.exhibits() {
        let name = format!("data/03_exhibits/{}.csv", placed.number);
        match placed.kind {
            "accounts" => {
                add(values(contents, &name));
                add(agree(contents, (&name, "account_id"), (accounts, "account"), &times()));
            }
            "leads" => {
                add(agree(contents, (&name, "lead"), (leads, "lead"), &of_leads()));
                add(definitions(contents, &name));
                add(medians(contents, placed.evidence, signals));
            }
            "hour_of_week" | "coverage" => add(percents(contents, &name)),
            _ => {}
        }
    }
    add(listed(contents));
    faults
}

fn same(a: &str, b: &str) -> bool {
    a == b
}

/// True if `b` is a number written with fewer digits than `a`.
fn rounded(a: &str, b: &str) -> bool {
    // A negative number may have the mark of what a spreadsheet would take for a formula.
    let [a, b] = [a, b].map(|text| text.trim_start_matches('\''));
    let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else { return a == b };
    let decimals = |text: &str| text.split_once('.').map_or(0, |(_, after)| after.len() as i32);
    (a - b).abs() <= (0.51 * 10.0_f64.powi(-decimals(&b.to_string()).max(1))).max(6e-4 * a.abs())
}

/// True if `b` is the time `a` to the second, as a report has it.
fn to_the_second(a: &str, b: &str) -> bool {
    b.len() != 19 || a.get(..19).is_some_and(|whole| whole.replacen('T', " ", 1) == b)
}

fn pair(a: &str, b: &str, how: fn(&str, &str) -> bool) -> Pair {
    (a.to_owned(), b.to_owned(), how)
}

fn times() -> Vec<Pair> {
    let times = ["created", "first", "last"].map(|name| pair(name, name, to_the_second));
    times.into_iter().chain([pair("exchanges", "exchanges", same)]).collect()
}

fn of_leads() -> Vec<Pair> {
    let equal = ["rank", "core", "joined", "exchanges", "q_value", "common_control_p"];
    let named = [("extraction_p", "p_value"), ("tested", "leads_tested")];
    let rough = ["common_control_bits", "z_score"];
    (equal.map(|name| pair(name, name, same)).into_iter())
        .chain(named.map(|(a, b)| pair(a, b, same)))
        .chain(rough.map(|name| pair(name, name, rounded)))
        .collect()
}

/// Faults of the first table where rows of one key differ from the second one in a pair of columns.
fn agree(
    contents: &Contents,
    (name, key): Keyed<'_>,
    (other, other_key): Keyed<'_>,
    pairs: &[Pair],
) -> Result<Vec<Fault>, Fault> {
    let columns = |key, of: fn(&Pair) -> &str| -> Vec<&str> {
        std::iter::once(key).chain(pairs.iter().map(of)).collect()
    };
    let rows = table(contents, name, &columns(key, |pair| pair.0.as_str()))?;
    let others = table(contents, other, &columns(other_key, |pair| pair.1.as_str()))?;
    let others: BTreeMap<&str, &Vec<String>> = others.iter().map(|row| (row[0].as_str(), row)).collect();
    let mut faults = Vec::new();
    for (row, at) in rows.iter().zip(1..) {
        let Some(there) = others.get(row[0].as_str()) else { continue };
        let differs = pairs.iter().zip(row[1..].iter().zip(&there[1..]));
        let differs = differs.filter(|((_, _, is_same), (a, b))| !is_same(a, b));
        faults.extend(differs.map(|((column, ..), _)| {
            Fault::new(name, format!("row {at} has another {column} of {} than {other}", row[0]))
        }));
    }
    faults.truncate(MOST);
    Ok(faults)
}

/// Ranks, leads and signals of accounts against the values of all accounts.
fn values(contents: &Contents, name: &str) -> Result<Vec<Fault>, Fault> {
    let all = format!("{UNDERLYING}/signals.csv");
    // Values of very many accounts are too large to be compared.
    if !contents.has(&all) || table(contents, &all, &["account_id"]).is_err() {
        return Ok(Vec::new());
    }
    let header = contents.text_within(name, super::tables::TABLE).unwrap_or_default();
    let header = csv::Reader::from_reader(header.as_bytes()).headers().cloned().unwrap_or_default();
    let of_signal = signals::ALL.iter().filter_map(|signal| {
        let id = signal.about().id;
        let column = header.iter().find(|own| own.split('_').next() == Some(id))?;
        Some(pair(column, &format!("{id}_value"), same))
    });
    let pairs = [pair("rank", "rank", same), pair("lead", "lead", same), pair("p_value", "p_value", rounded)];
    let pairs: Vec<Pair> = pairs.into_iter().chain(of_signal).collect();
    agree(contents, (name, "account_id"), (&all, "account_id"), &pairs)
}

/// Benign look-alikes of reasons against those of the signal or event.
fn definitions(contents: &Contents, name: &str) -> Result<Vec<Fault>, Fault> {
    let rows = table(contents, name, &["signal", "benign_look_alike", "tells_apart"])?;
    let differs = |row: &[String]| {
        let id = row[0].split(' ').next().unwrap_or_default();
        let signal = signals::abouts().find(|about| about.id == id);
        let event = event_of(id).map(|about| (about.look_alike.to_owned(), about.tells_apart));
        let own = signal.map(|about| (about.look_alikes.join("; "), about.tells_apart)).or(event);
        own.is_some_and(|(benign, apart)| row[1..] != [cell(&benign), cell(apart)])
    };
    let found = rows.iter().zip(1_usize..).filter(|(row, _)| differs(row)).take(MOST);
    let what = "has another look-alike than its signal";
    Ok(found.map(|(_, at)| Fault::new(name, format!("row {at} {what}"))).collect())
}

/// Medians and numbers measured in the report's exhibit of signals against the figures of the lead.
fn medians(contents: &Contents, evidence: u64, signals: &str) -> Result<Vec<Fault>, Fault> {
    let figures = format!("{UNDERLYING}/E{evidence}.signals.csv");
    if !contents.has(&figures) {
        return Ok(Vec::new());
    }
    let figures = table(contents, &figures, &["signal", "core_measured", "median"])?;
    let rows = table(contents, signals, &["evidence", "signal", "measured", "value"])?;
    let own = format!("E{evidence}");
    let differs = |row: &&Vec<String>| {
        let id = row[1].split(' ').next().unwrap_or_default();
        let figure = figures.iter().find(|figure| row[0] == own && figure[0] == id);
        figure.is_some_and(|figure| row[2] != figure[1] || !rounded(&figure[2], &row[3]))
    };
    let fault = |row: &Vec<String>| {
        Fault::new(signals, format!("has another median of {} than E{evidence}.signals.csv", row[1]))
    };
    Ok(rows.iter().filter(differs).map(fault).take(MOST).collect())
}

/// Percentages of an exhibit against its counts.
fn percents(contents: &Contents, name: &str) -> Result<Vec<Fault>, Fault> {
    let columns = ["scope_exchanges", "scope_percent", "other_exchanges", "other_percent"];
    let rows = table(contents, name, &columns)?;
    let counts: Vec<[u64; 2]> =
        rows.iter().map(|row| [0, 2].map(|at| row[at].parse().unwrap_or_default())).collect();
    let sums = [0, 1].map(|at| counts.iter().map(|own| own[at]).sum());
    let differs = rows.iter().zip(counts).zip(1_usize..);
    let differs = differs.filter(|((row, own), _)| **row != share_cells(*own, sums)).take(MOST);
    let what = "has a percentage that its counts do not give";
    Ok(differs.map(|(_, at)| Fault::new(name, format!("row {at} {what}"))).collect())
}

/// Files of the underlying data against their list.
fn listed(contents: &Contents) -> Result<Vec<Fault>, Fault> {
    let name = format!("{UNDERLYING}/contents.csv");
    if !contents.has(&name) {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    let mut listed = std::collections::BTreeSet::new();
    for row in table(contents, &name, &["file", "rows", "contents"])? {
        let file = format!("{UNDERLYING}/{}", row[0]);
        let is_written = !row[2].starts_with("not written: more than ");
        let is_own = !is_written || contents_of(&row[0]).as_ref() == Some(&row[2]);
        if !is_own || contents.has(&file) != is_written {
            faults.push(Fault::new(&name, format!("lists {}, which is not there so", row[0])));
        } else if is_written && counted(contents, &file).is_some_and(|rows| rows != row[1]) {
            faults.push(Fault::new(&name, format!("has another number of rows of {}", row[0])));
        }
        listed.insert(file);
    }
    let is_table = |file: &&str| file.ends_with(".csv") || file.ends_with(".parquet");
    let here = contents.names().filter(|file| file.starts_with(UNDERLYING) && *file != name).filter(is_table);
    let missing = here.filter(|file| !listed.contains(*file)).take(MOST);
    faults.extend(missing.map(|file| Fault::new(&name, format!("does not list {file}"))));
    Ok(faults)
}

/// Rows of a table; `None` where it is too large to be compared.
fn counted(contents: &Contents, file: &str) -> Option<String> {
    if file.ends_with(".parquet") {
        let mut rows = 0;
        let count = &mut |batch: &arrow_array::RecordBatch, _| {
            rows += batch.num_rows();
            Ok(())
        };
        parquet_check::each_batch(&contents.path(file), &Silent, count).ok()?;
        return Some(rows.to_string());
    }
    table(contents, file, &[]).ok().map(|rows| rows.len().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_they_are_written() {
        for (a, b) in [
            ("18.17634", "18.2"),
            ("0.0123456", "1.235e-2"),
            ("3.25049", "3.250"),
            ("-0.04567", "'-0.0457"),
            ("", ""),
        ] {
            assert!(rounded(a, b), "{a} {b}");
        }
        for (a, b) in [("18.17634", "18.4"), ("0.0123456", "2.235e-2"), ("3", ""), ("120.3", "127.3")] {
            assert!(!rounded(a, b), "{a} {b}");
        }
        assert!(to_the_second("2026-04-22T13:05:09.000123+00:00", "2026-04-22 13:05:09"));
        assert!(!to_the_second("2026-04-22T13:05:08.000123+00:00", "2026-04-22 13:05:09"));
    }
}
