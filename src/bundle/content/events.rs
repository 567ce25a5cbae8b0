//! Events of leads: figures against the accounts that they were counted on, and the sentences of reasons against both.

use super::super::Fault;
use super::super::contents::Contents;
use super::super::event_tables::{self, ACCOUNTS, EVENTS, FAMILIES_FILE, FIGURES, SQL, path};
use super::super::journal_fold::Facts;
use super::tables::table;
use crate::leads::{counted_in_words, event_of};

/// Relative difference of figures that were added in another order.
const ROUNDING: f64 = 1e-9;

/// Faults of the events of all leads.
pub(super) fn check(contents: &Contents, facts: &Facts) -> Vec<Fault> {
    let placed = facts.exhibits().filter(|placed| placed.kind == "leads");
    let of = placed.map(|placed| {
        let exhibit = format!("data/03_exhibits/{}.csv", placed.number);
        of_lead(contents, placed.evidence, &exhibit).unwrap_or_else(|fault| vec![fault])
    });
    of.flatten().collect()
}

fn of_lead(contents: &Contents, evidence: u64, exhibit: &str) -> Result<Vec<Fault>, Fault> {
    let name = |ending: &str| format!("data/{}", path(evidence, ending));
    let reasons = table(contents, exhibit, &["lead", "signal", "reason", "p_value"])?;
    let reasons: Vec<&Vec<String>> =
        reasons.iter().filter(|row| event(&row[1]).is_some() && !row[3].is_empty()).collect();
    let all = [ACCOUNTS, FAMILIES_FILE, EVENTS, SQL].map(name);
    if !all.iter().any(|name| contents.has(name)) {
        return Ok(missing(contents, evidence, &reasons).into_iter().collect());
    }
    let [accounts, families, events, sql] = all;
    let bytes = |name: &str| contents.bytes(name).ok_or_else(|| Fault::new(name, "is missing"));
    let counted = event_tables::read(&bytes(&accounts)?, &bytes(&families)?)
        .map_err(|what| Fault::new(&accounts, format!("or {FAMILIES_FILE} {what}")))?;
    let stated = table(contents, &events, &FIGURES)?;
    let lead = stated.first().map_or("", |row| row[0].as_str());
    let made = event_tables::figures(lead, &counted);
    let mut faults = Vec::new();
    let is_same = stated.len() == made.len() && stated.iter().zip(made.rows()).all(|(a, b)| agree(a, b));
    if !is_same {
        faults.push(Fault::new(&events, format!("has other figures than E{evidence}.{ACCOUNTS} gives")));
    }
    let ids: Vec<&str> = counted.iter().map(|(id, _)| *id).collect();
    if contents.text(&sql).as_deref() != Some(event_tables::sql(lead, &ids, evidence).as_str()) {
        faults.push(Fault::new(&sql, "is not the SQL of these figures"));
    }
    for row in reasons.into_iter().filter(|row| row[0] == lead) {
        let counts = counted.iter().find(|(id, _)| Some(*id) == event(&row[1]));
        let figures = counts.and_then(|(id, counts)| Some((event_of(id)?, counts.figures()?)));
        let is_said =
            figures.is_some_and(|(about, figures)| row[2].starts_with(&counted_in_words(about, &figures)));
        if !is_said {
            faults.push(Fault::new(exhibit, format!("states another event {} than {events} has", row[1])));
        }
    }
    Ok(faults)
}

/// Id of the event that a reason's signal names: `E1 new and heavy`.
fn event(signal: &str) -> Option<&'static str> {
    event_of(signal.split(' ').next()?).map(|about| about.id)
}

/// Fault of a lead whose reasons name events that it has no accounts of. Its id is that of the list of members.
fn missing(contents: &Contents, evidence: u64, reasons: &[&Vec<String>]) -> Option<Fault> {
    let members = table(contents, &format!("data/{}", path(evidence, "members.csv")), &["lead"]).ok()?;
    let lead = members.first()?.first()?;
    let is_own = reasons.iter().any(|row| row[0] == *lead);
    let name = format!("data/{}", path(evidence, EVENTS));
    is_own.then(|| Fault::new(&name, "is missing; a reason of the lead counts events"))
}

/// True for two rows of figures that agree.
fn agree(stated: &[String], made: &[String]) -> bool {
    let close = |(a, b): (&String, &String)| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= ROUNDING * b.abs(),
        _ => a == b,
    };
    stated.len() == made.len() && stated.iter().zip(made).all(close)
}
