//! Dossiers of accounts against the values of all accounts, the exhibit of the same accounts and their attributes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fault;
use super::super::attributes::{ATTRIBUTES, COLUMNS};
use super::super::contents::Contents;
use super::super::journal_fold::Facts;
use super::tables::table;
use super::values::Values;
use crate::exhibit::probability;
use crate::leads::is_reason;
use crate::model::counted;
use crate::signals;

const FOLDER: &str = "data/04_summaries/underlying";
const MOST: usize = 20;

/// Faults of all dossiers.
pub(super) fn check(contents: &Contents, facts: &Facts, values: Option<&Values>) -> Vec<Fault> {
    let placed = facts.exhibits().filter(|placed| placed.kind == "dossier");
    let of = placed.map(|placed| {
        let name = format!("data/03_exhibits/{}.csv", placed.number);
        let accounts = facts.exhibits().find(|own| own.evidence == placed.evidence && own.kind == "accounts");
        let accounts = accounts.map(|own| format!("data/03_exhibits/{}.csv", own.number));
        of_exhibit(contents, &name, accounts.as_deref(), placed.evidence, values)
            .unwrap_or_else(|fault| vec![fault])
    });
    of.flatten().collect()
}

fn of_exhibit(
    contents: &Contents,
    name: &str,
    accounts: Option<&str>,
    evidence: u64,
    values: Option<&Values>,
) -> Result<Vec<Fault>, Fault> {
    let columns = ["account_id", "section", "name", "value", "percentile", "p_value", "in_words"];
    let rows = table(contents, name, &columns)?;
    const LOGGED: [&str; 6] = ["account_id", "exchanges", "first", "last", "created", "rank"];
    let listed = accounts.map(|own| table(contents, own, &LOGGED)).transpose()?.unwrap_or_default();
    let listed: BTreeMap<&str, &Vec<String>> = listed.iter().map(|row| (row[0].as_str(), row)).collect();
    let own = format!("{FOLDER}/E{evidence}.{ATTRIBUTES}");
    let held = contents.has(&own).then(|| table(contents, &own, &COLUMNS)).transpose()?;
    let held = held.map(|rows| -> BTreeSet<[String; 3]> {
        let words = |row: &Vec<String>| {
            let all = row[3].parse().unwrap_or(0);
            let value = row[2].trim_start_matches('\'');
            [
                row[0].clone(),
                row[1].clone(),
                format!("{value}; {} in the case", counted(all, "account", "accounts")),
            ]
        };
        rows.iter().map(words).collect()
    });
    let mut named = 0;
    let mut is_right = |row: &[String]| {
        let [account, section, what, value, percentile, p, words] = row else { return false };
        match section.as_str() {
            "log" => {
                let at = LOGGED.iter().position(|own| own == what);
                let stated = listed.get(account.as_str()).and_then(|row| row.get(at?));
                // Only the log shows when an account was verified.
                what == "verified" || stated.is_some_and(|own| own == value)
            }
            "signal" => {
                is_reason(what)
                    && values.is_none_or(|all| is_signal(all, account, [what, value, percentile, p]))
            }
            "attribute" => held.as_ref().is_none_or(|held| {
                named += 1;
                let plain = words.trim_start_matches('\'').to_owned();
                value.parse::<u64>().is_ok() && held.contains(&[account.clone(), what.clone(), plain])
            }),
            "linked account" => {
                let is_known = values.is_none_or(|all| all.rows.contains_key(what));
                is_known && value.parse::<f64>().is_ok() && words.ends_with(" accounts linked with it")
            }
            _ => false,
        }
    };
    let wrong: Vec<usize> =
        rows.iter().zip(1..).filter(|(row, _)| !is_right(row)).map(|(_, at)| at).collect();
    let what = "is not what the values, attributes and exhibits of the account give";
    let mut faults: Vec<Fault> =
        wrong.into_iter().take(MOST).map(|at| Fault::new(name, format!("row {at} {what}"))).collect();
    let covered: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let is_covered = |own: &&[String; 3]| covered.contains(own[0].as_str());
    if held.is_some_and(|held| held.iter().filter(is_covered).count() != named) {
        faults.push(Fault::new(name, "lacks attributes of an account"));
    }
    Ok(faults)
}

/// True if a row on a signal has its value, percentile and p-value.
fn is_signal(values: &Values, account: &str, [name, value, percentile, p]: [&String; 4]) -> bool {
    let about = signals::ALL.iter().map(|signal| signal.about());
    let Some(about) = about.into_iter().find(|about| *name == format!("{} {}", about.id, about.title)) else {
        // A fact under a signal has no figures.
        return value.is_empty() && percentile.is_empty() && p.is_empty();
    };
    let of = |what: &str| values.number(account, &format!("{}_{what}", about.id));
    let share = of("percentile").map_or_else(String::new, |share| (share as f32).to_string());
    *value == of("value").map_or_else(String::new, |value| value.to_string())
        && *percentile == share
        && *p == probability(of("p"))
}
