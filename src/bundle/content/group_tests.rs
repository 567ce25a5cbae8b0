//! Tests of the leads relied on as groups: p-values made again from draws and from the values of all accounts, and
//! compared with the reasons.

use super::super::Fault;
use super::super::contents::Contents;
use super::super::group_tests::{COLUMNS, SQL, Stated, TESTS, sql, table as made_of};
use super::super::journal_fold::Facts;
use super::own_rows::reasons;
use super::tables::table;
use super::values::Values;
use crate::exhibit::probability;
use crate::leads::{draws_in, recount};

const FOLDER: &str = "data/04_summaries/underlying";
/// Relative difference of p-values that were combined in another order.
const ROUNDING: f64 = 1e-9;

/// Faults of the tests of all leads relied on.
pub(super) fn check(contents: &Contents, facts: &Facts, values: Option<&Values>) -> Vec<Fault> {
    let evidence = facts.evidence.keys().map(|number| format!("E{number}"));
    let of = evidence.filter(|own| contents.has(&format!("{FOLDER}/{own}.members.csv")));
    of.flat_map(|own| of_lead(contents, facts, &own, values).unwrap_or_else(|fault| vec![fault])).collect()
}

fn of_lead(
    contents: &Contents,
    facts: &Facts,
    evidence: &str,
    values: Option<&Values>,
) -> Result<Vec<Fault>, Fault> {
    let name = format!("{FOLDER}/{evidence}.{TESTS}");
    // Values of very many accounts stand in the Parquet file alone.
    let Some(values) = values else { return Ok(Vec::new()) };
    let Some(reasons) = reasons(contents, facts, evidence)? else { return Ok(Vec::new()) };
    let members =
        table(contents, &format!("{FOLDER}/{evidence}.members.csv"), &["account_id", "part", "lead"])?;
    let lead = members.first().map_or_else(String::new, |row| row[2].clone());
    let core: Vec<&str> = members.iter().filter(|row| row[1] == "core").map(|row| row[0].as_str()).collect();
    let rows = table(contents, &name, &COLUMNS)?;
    let stated = reasons.iter().map(|[test, sentence, p]| {
        let id = test.split(' ').next().unwrap_or_default();
        let of = |account: &&str| values.number(account, &format!("{id}_p"));
        let p_values: Vec<Option<f64>> = core.iter().map(of).collect();
        let value = rows.iter().find(|row| row[1] == *test).map_or_else(String::new, |row| row[5].clone());
        Stated {
            name: test.clone(),
            value,
            draws: draws_in(sentence),
            of_accounts: recount(&p_values).map(|test| test.p).filter(|_| !p.is_empty()),
        }
    });
    let stated: Vec<Stated> = stated.collect();
    let made = made_of(&lead, &stated);
    let mut faults = Vec::new();
    if rows.len() != made.len() {
        faults.push(Fault::new(&name, "has other tests than the reasons of the lead"));
    }
    for (row, own) in rows.iter().zip(made.rows()) {
        let close = |(a, b): (f64, f64)| (a - b).abs() <= ROUNDING * b;
        let p = row[8].parse::<f64>().ok().zip(own[8].parse::<f64>().ok());
        if row[..8] != own[..8] || !p.is_some_and(close) {
            faults.push(Fault::new(
                &name,
                format!("has another test {} than its draws or values give", row[1]),
            ));
        }
        let reason = reasons.iter().find(|reason| reason[0] == row[1] && !reason[2].is_empty());
        if reason.is_none_or(|reason| reason[2] != probability(p.map(|p| p.1))) {
            faults.push(Fault::new(&name, format!("has another p-value of {} than the reasons", row[1])));
        }
    }
    let tests: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    let query = format!("{FOLDER}/{evidence}.{SQL}");
    if contents.text(&query).as_deref() != Some(sql(&tests, evidence).as_str()) {
        faults.push(Fault::new(&query, "is not the SQL of these tests"));
    }
    faults.truncate(20);
    Ok(faults)
}
