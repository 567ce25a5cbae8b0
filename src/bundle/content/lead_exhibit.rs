//! Exhibits of leads with reasons: the lead's figures and reasons made again from its members, their values and
//! p-values, the accounts of the scope and the list of leads.

use std::collections::BTreeSet;

use super::super::Fault;
use super::super::contents::Contents;
use super::super::journal_fold::{Facts, Placed};
use super::super::underlying::PART_COLUMN;
use super::tables::table;
use super::values::Values;
use crate::exhibit::{cell, probability};
use crate::leads::{group_sentence, is_reason, peers_of, recount, recounted_z};
use crate::model::Micros;
use crate::signals::{self, About};

const FOLDER: &str = "data/04_summaries/underlying";
const COLUMNS: [&str; 19] = [
    "lead",
    "core",
    "joined",
    "accounts_in_scope",
    "exchanges",
    "first",
    "last",
    "common_control_bits",
    "extraction_p",
    "q_value",
    "error_rate",
    "signal",
    "reason",
    "percentile",
    "p_value",
    "z_score",
    "shares",
    "common_control_p",
    "tested",
];
/// Words on a lead whose accounts declare one organisation.
const ONE_ORGANISATION: &str = "one declared organisation";
/// Relative difference of figures that were added in another order.
const ROUNDING: f64 = 1e-9;
const MOST: usize = 20;

/// Fault of a list of members with another part, membership or lead than the values of all accounts, or with a link that
/// is heavier than the account's strongest one.
fn members(contents: &Contents, facts: &Facts, values: &Values) -> Vec<Fault> {
    let columns = ["account_id", "part", "membership", "lead", "linked_bits"];
    let mut faults = Vec::new();
    let evidence: BTreeSet<u64> = facts.exhibits().map(|placed| placed.evidence).collect();
    for name in evidence.iter().map(|number| format!("{FOLDER}/E{number}.members.csv")) {
        let rows = contents.has(&name).then(|| table(contents, &name, &columns)).transpose();
        let rows = rows.map(Option::unwrap_or_default).unwrap_or_default();
        let differs = |row: &&Vec<String>| {
            let of = |column: &str| values.text(&row[0], column);
            let is_heavier = row[4].parse::<f64>().is_ok_and(|bits| {
                values.number(&row[0], "L1_value").is_some_and(|most| bits > most * (1.0 + 1e-6))
            });
            // Membership probabilities have single precision.
            let membership = of("membership")
                .parse::<f64>()
                .map_or_else(|_| String::new(), |own| (own as f32).to_string());
            row[1] != of(PART_COLUMN) || row[2] != membership || row[3] != of("lead") || is_heavier
        };
        let what = |row: &Vec<String>| format!("has {} otherwise than signals.csv", row[0]);
        faults.extend(rows.iter().filter(differs).take(MOST).map(|row| Fault::new(&name, what(row))));
        let lead = rows.first().map_or("", |row| row[3].as_str());
        if !lead.is_empty() && values.members(lead).concat().len() != rows.len() {
            faults.push(Fault::new(&name, "lacks members that signals.csv names, or has more"));
        }
    }
    faults
}

/// An exhibit of leads, with what it is compared with.
struct Exhibit<'a> {
    name: String,
    values: &'a Values,
    /// Accounts of the scope: account, exchanges in the scope, exchanges, first, last.
    scope: Vec<Vec<String>>,
    /// Core members of the lead relied on, and its id; `None` where the scope is no lead.
    relied: Option<(String, Vec<String>)>,
}

/// Faults of all exhibits of leads. `leads` is the report's exhibit of all leads.
pub(super) fn check(
    contents: &Contents,
    facts: &Facts,
    values: Option<&Values>,
    leads: &str,
) -> Result<Vec<Fault>, Fault> {
    let listed = table(contents, leads, &["lead"])?;
    let listed: BTreeSet<&str> = listed.iter().map(|row| row[0].as_str()).collect();
    let mut faults: Vec<Fault> = values.map(|values| members(contents, facts, values)).unwrap_or_default();
    for placed in facts.exhibits().filter(|placed| placed.kind == "leads") {
        let name = format!("data/03_exhibits/{}.csv", placed.number);
        let rows = table(contents, &name, &COLUMNS)?;
        for (row, at) in rows.iter().zip(1..) {
            let what = form(row, &listed).map(|what| Fault::new(&name, format!("row {at} {what}")));
            faults.extend(what);
        }
        if let Some(values) = values {
            let exhibit = exhibit(contents, facts, &placed, values, name)?;
            for group in rows.chunk_by(|a, b| a[0] == b[0]) {
                faults.extend(exhibit.lead(group).into_iter().map(|what| Fault::new(&exhibit.name, what)));
            }
        }
    }
    faults.truncate(MOST);
    Ok(faults)
}

/// Fault of the words of a row.
fn form(row: &[String], listed: &BTreeSet<&str>) -> Option<String> {
    let [p, q, words] = [8, 9, 10].map(|at| row[at].as_str());
    let expected = if q.is_empty() && !p.is_empty() { "ranked only, no error-rate claim" } else { "q-value" };
    if !listed.contains(row[0].as_str()) {
        Some("names a lead that the list of leads does not have".to_owned())
    } else if words != expected {
        Some("has other words on its error rate than its q-value gives".to_owned())
    } else if !row[11].is_empty() && !is_reason(&row[11]) {
        Some("has a reason that is neither a signal nor an event".to_owned())
    } else {
        None
    }
}

fn exhibit<'a>(
    contents: &Contents,
    facts: &Facts,
    placed: &Placed,
    values: &'a Values,
    name: String,
) -> Result<Exhibit<'a>, Fault> {
    let accounts = facts.exhibits().find(|own| own.evidence == placed.evidence && own.kind == "accounts");
    let columns = ["account_id", "exchanges_in_scope", "exchanges", "first", "last"];
    let scope = match accounts {
        Some(accounts) => table(contents, &format!("data/03_exhibits/{}.csv", accounts.number), &columns)?,
        None => Vec::new(),
    };
    let members = format!("{FOLDER}/E{}.members.csv", placed.evidence);
    let relied = match contents.has(&members) {
        true => {
            let rows = table(contents, &members, &["account_id", "part", "lead"])?;
            let lead = rows.first().map_or_else(String::new, |row| row[2].clone());
            let core = rows.into_iter().filter(|row| row[1] == "core").map(|row| row[0].clone());
            Some((lead, core.collect()))
        }
        false => None,
    };
    Ok(Exhibit { name, values, scope, relied })
}

fn moment(text: &str) -> Option<Micros> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

fn close(stated: &str, made: Option<f64>) -> bool {
    match (stated.trim_start_matches('\'').parse::<f64>(), made) {
        (Ok(a), Some(b)) => (a - b).abs() <= ROUNDING * b.abs().max(1e-300),
        (Err(_), None) => stated.is_empty(),
        _ => false,
    }
}

impl Exhibit<'_> {
    /// Faults of the rows of one lead.
    fn lead(&self, rows: &[Vec<String>]) -> Vec<String> {
        let Some(first) = rows.first() else { return Vec::new() };
        let lead = first[0].as_str();
        let in_scope: Vec<&Vec<String>> =
            self.scope.iter().filter(|row| self.values.text(&row[0], "lead") == lead).collect();
        let mut found = Vec::new();
        let mut fault =
            |what: &str| found.push(format!("has another {what} of {lead} than its accounts give"));
        if rows.iter().any(|row| row[3] != in_scope.len().to_string()) {
            fault("number of accounts in the scope");
        }
        let members = self.values.members(lead);
        let is_whole = members.iter().map(Vec::len).sum::<usize>() == in_scope.len();
        if is_whole && !in_scope.is_empty() {
            let exchanges: u64 = in_scope.iter().filter_map(|row| row[2].parse::<u64>().ok()).sum();
            let start = in_scope.iter().filter_map(|row| moment(&row[3])).min();
            let end = in_scope.iter().filter_map(|row| moment(&row[4])).max();
            let is_other = |row: &Vec<String>| {
                row[4] != exchanges.to_string() || moment(&row[5]) != start || moment(&row[6]) != end
            };
            if rows.iter().any(is_other) {
                fault("exchanges, beginning or end");
            }
        }
        found.extend(self.group(rows, &members));
        found.extend(shares(rows));
        if let Some((own, core)) = &self.relied
            && own == lead
        {
            found.extend(rows.iter().filter_map(|row| self.reason(row, core)));
        }
        found
    }

    /// Faults of sizes, bits, z-score and p-value.
    fn group(&self, rows: &[Vec<String>], members: &[Vec<&str>; 2]) -> Option<String> {
        let [core, joined] = members;
        let p = |accounts: &[&str]| -> Vec<Option<f64>> {
            accounts.iter().map(|account| self.values.number(account, "p_value")).collect()
        };
        let test = recount(&p(core));
        let z = test.and_then(|_| recounted_z(&p(&[core.as_slice(), joined.as_slice()].concat())));
        let mut bits: Vec<f64> =
            core.iter().filter_map(|account| self.values.number(account, "L1_value")).collect();
        bits.sort_by(f64::total_cmp);
        let is_content = rows.iter().any(|row| row[11] == "A0 content community");
        let is_whole = bits.len() == core.len() && !core.is_empty();
        let differs = |row: &&Vec<String>| {
            let is_one = row[16].contains(ONE_ORGANISATION);
            let bits = if is_one { Some(0.0) } else { bits.get(bits.len().saturating_sub(1) / 2).copied() };
            [core.len().to_string(), joined.len().to_string()] != row[1..3]
                || is_whole && !close(&row[7], bits)
                || !close(&row[15], z)
                || !is_content && row[8] != probability(test.map(|test| test.p))
        };
        let row = rows.iter().find(differs)?;
        Some(format!("has another size, bits, p-value or z-score of {} than its accounts give", row[0]))
    }

    /// Fault of a reason on a signal that the core members' values and p-values do not give.
    fn reason(&self, row: &[String], core: &[String]) -> Option<String> {
        let is_of_group = row[12].contains(" the one with the median p-value); ");
        let about = signals::ALL
            .iter()
            .map(|signal| signal.about())
            .find(|about| row[11] == format!("{} {}", about.id, about.title));
        let about = about.filter(|_| is_of_group)?;
        let made = self.sentences(about, core, &row[13]);
        let p = recount(&self.p_values(about, core)).map(|test| test.p);
        let is_same = made.iter().any(|made| is_said(&row[12], &cell(made))) && row[14] == probability(p);
        (!is_same).then(|| format!("has another reason {} of {} than its core members give", row[11], row[0]))
    }

    fn p_values(&self, about: &About, core: &[String]) -> Vec<Option<f64>> {
        let column = format!("{}_p", about.id);
        core.iter().map(|account| self.values.number(account, &column)).collect()
    }

    /// Sentences on a signal, one for each core member with the median p-value and this percentile.
    fn sentences(&self, about: &About, core: &[String], percentile: &str) -> Vec<String> {
        let p_values = self.p_values(about, core);
        let Some(test) = recount(&p_values) else { return Vec::new() };
        let of = |(account, p): (&String, &Option<f64>)| {
            let number = |what: &str| self.values.number(account, &format!("{}_{what}", about.id));
            let (value, own) = (number("value")?, number("percentile").map(|share| share as f32));
            let stated = own.map_or_else(String::new, |share| share.to_string());
            if *p != Some(test.median) || stated != percentile {
                return None;
            }
            let own = own.unwrap_or(0.0);
            let peers = peers_of(about, self.values.text(account, "cohort"), self.values.rows.len());
            Some(group_sentence(about, value, own, [test.testable, core.len()], test.p, &peers))
        };
        core.iter().zip(&p_values).filter_map(of).collect()
    }
}

/// True for the sentence of a reason. A name in the words of a cohort may stand as a pseudonym in one place alone.
fn is_said(stated: &str, made: &str) -> bool {
    const AMONG: &str = " measured peers among ";
    let parts = |text: &str| -> Option<[String; 3]> {
        let (start, rest) = text.split_once(AMONG)?;
        let (cohort, end) = rest.split_once(". ")?;
        Some([start, cohort, end].map(str::to_owned))
    };
    let (Some(stated), Some(made)) = (parts(stated), parts(made)) else { return stated == made };
    let is_same_cohort = stated[1] == made[1] || made[1].contains('-');
    stated[0] == made[0] && stated[2] == made[2] && is_same_cohort
}

/// Fault of what a lead's accounts share, which its reasons do not say.
fn shares(rows: &[Vec<String>]) -> Option<String> {
    let said: Vec<&str> = rows.iter().map(|row| row[12].as_str()).collect();
    let is_said = |part: &str| part == ONE_ORGANISATION || said.iter().any(|reason| reason.contains(part));
    let odd = rows.iter().find(|row| !row[16].split("; ").all(is_said))?;
    Some(format!("has other words on what the accounts of {} share than its reasons", odd[0]))
}
