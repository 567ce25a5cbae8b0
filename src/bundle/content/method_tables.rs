//! Tables of methods and the checklist against the rest of the bundle: planted campaigns, control accounts, error rates,
//! leads of benign explanations, items of the checklist.

use std::collections::BTreeSet;

use super::super::checklist::{
    self, CheckItem, CheckState, OF_THE_CASE, WEIGHED, alternatives_item, evidence_item, leads_item,
    redactions_item, sources_item, tags_item,
};
use super::super::contents::Contents;
use super::super::custody::NOT_STATED;
use super::super::journal_fold::Facts;
use super::super::methods::{ALL, NONE_PLANTED, POWER_COLUMNS, RATE_COLUMNS, power_row};
use super::super::{Audience, Fault};
use super::tables::table;
use super::values::Values;
use crate::evaluation::{CARE_LEVELS, Power, Rate};
use crate::exhibit::cell;
use crate::model::without_lead;

const POWER: &str = "data/05_methods/power.csv";
const CONTROLS: &str = "data/05_methods/controls.csv";
const RATES: &str = "data/05_methods/error_rates.csv";
const ALTERNATIVES: &str = "data/05_methods/alternatives.csv";
const MOST: usize = 20;

/// Faults of the tables of methods.
pub(super) fn check(contents: &Contents, facts: &Facts, values: Option<&Values>) -> Vec<Fault> {
    let checks = [power(contents), controls(contents, values), rates(contents), leads(contents, facts)];
    checks.into_iter().flat_map(|made| made.unwrap_or_else(|fault| vec![fault])).collect()
}

/// Rows that are wrong, by a rule.
fn wrong(name: &str, rows: &[Vec<String>], is_right: impl Fn(&[String]) -> bool, what: &str) -> Vec<Fault> {
    let rows = rows.iter().zip(1..).filter(|(row, _)| !is_right(row));
    rows.take(MOST).map(|(_, at)| Fault::new(name, format!("row {at} {what}"))).collect()
}

/// Planted campaigns whose shares and sentence their counts do not give.
fn power(contents: &Contents) -> Result<Vec<Fault>, Fault> {
    if !contents.has(POWER) {
        return Ok(Vec::new());
    }
    let rows = table(contents, POWER, &POWER_COLUMNS)?;
    let made = |row: &[String]| {
        let count = |at: usize| row[at].parse::<f64>().ok();
        let of = row[4].parse().ok()?;
        let care = CARE_LEVELS.into_iter().find(|care| care.name == row[1])?;
        let rate = |hits: f64| Rate { hits, of };
        let (surfaced, passed) = (rate(count(5)?), rate(count(8)?));
        let accounts = row[0].parse().ok()?;
        let is_possible = surfaced.hits <= of as f64 && passed.hits <= surfaced.hits;
        is_possible.then(|| power_row(&Power { accounts, care, surfaced, passed }, &row[9]))
    };
    let is_none =
        |row: &[String]| rows.len() == 1 && row[..10].iter().all(String::is_empty) && row[10] == NONE_PLANTED;
    let is_right = |row: &[String]| is_none(row) || made(row).is_some_and(|made| made == row);
    Ok(wrong(POWER, &rows, is_right, "has shares or words that its counts do not give"))
}

/// Control accounts with another rank, lead or number of accounts than the values of all accounts.
fn controls(contents: &Contents, values: Option<&Values>) -> Result<Vec<Fault>, Fault> {
    let Some(values) = values.filter(|_| contents.has(CONTROLS)) else { return Ok(Vec::new()) };
    let columns = ["account_id", "rank", "of_accounts", "testable", "lead"];
    let rows = table(contents, CONTROLS, &columns)?;
    let is_right = |row: &[String]| {
        let of = |column: &str| values.text(&row[0], column);
        let rank = if of("rank").is_empty() { "not ranked" } else { of("rank") };
        let testable = if of("p_value").is_empty() { "no" } else { "yes" };
        row[1..] == [rank, &values.rows.len().to_string(), testable, of("lead")].map(str::to_owned)
    };
    Ok(wrong(CONTROLS, &rows, is_right, "is not what the values of all accounts give"))
}

/// Error rates whose share and interval their counts do not give.
fn rates(contents: &Contents) -> Result<Vec<Fault>, Fault> {
    if !contents.has(RATES) {
        return Ok(Vec::new());
    }
    let rows = table(contents, RATES, &RATE_COLUMNS)?;
    let named = table(contents, CONTROLS, &["evidence", "lead", "account_id"]).unwrap_or_default();
    // Controls that are relied on too are counted in no rate, so there may be fewer units than these.
    let units_fit = |class: &str, of: usize, units: usize| {
        let own: Vec<_> = named.iter().filter(|row| class == ALL || class == row[0]).collect();
        let unit = |row: &&Vec<String>| row[1..].iter().find(|name| !name.is_empty()).cloned();
        let most = own.iter().map(unit).collect::<BTreeSet<_>>().len();
        (1..=most.min(of)).contains(&units) && (own.len() != of || units == most)
    };
    let is_right = |row: &[String]| {
        if row[..8].iter().all(String::is_empty) {
            return row[8].starts_with("No error rate is claimed: ");
        }
        let (Ok(hits), Ok(of), Ok(units)) = (row[2].parse::<f64>(), row[3].parse(), row[4].parse()) else {
            return false;
        };
        let rate = Rate { hits, of };
        let (low, high) = rate.interval_over(units);
        let share = rate.share().map_or_else(String::new, |share| format!("{share:.4}"));
        let is_class = row[0] == ALL || named.iter().any(|own| own[0] == row[0]);
        let is_measured = ["controls in leads", "controls ranked above"].contains(&row[1].as_str());
        let is_said = ["in ", "ranked above rank "].iter().any(|start| row[8].starts_with(start))
            && row[8].ends_with("; holds for these controls only");
        is_class
            && is_measured
            && is_said
            && hits <= of as f64
            && units_fit(&row[0], of, units)
            && row[5..8] == [share, format!("{low:.4}"), format!("{high:.4}")]
    };
    Ok(wrong(RATES, &rows, is_right, "has a share, an interval or words that its counts do not give"))
}

/// Benign explanations of another lead than that of the evidence.
fn leads(contents: &Contents, facts: &Facts) -> Result<Vec<Fault>, Fault> {
    if !contents.has(ALTERNATIVES) {
        return Ok(Vec::new());
    }
    let rows = table(contents, ALTERNATIVES, &["evidence", "lead", "lead_now"])?;
    let mut faults = Vec::new();
    for (row, at) in rows.iter().zip(1..) {
        let marked = row[0].strip_prefix('E').and_then(|own| facts.evidence.get(&own.parse().ok()?));
        let Some(marked) = marked else {
            faults.push(Fault::new(ALTERNATIVES, format!("row {at} is of evidence that is not marked")));
            continue;
        };
        let id = marked.scope.get("/source/scope/accounts/lead/id").and_then(|id| id.as_str());
        let is_named = match (marked.kind.as_str(), id) {
            ("account", _) => row[1] == cell(&marked.account),
            (_, Some(id)) => row[1] == id,
            (_, None) => row[1] == cell(&crate::model::name_now(&marked.title)),
        };
        let members = format!("data/04_summaries/underlying/{}.members.csv", row[0]);
        let is_now = match contents.has(&members) {
            true => table(contents, &members, &["lead"])?.first().is_some_and(|own| own[0] == row[2]),
            false => [without_lead(true), without_lead(false), ""].contains(&row[2].as_str()),
        };
        if !is_named || !is_now {
            faults.push(Fault::new(ALTERNATIVES, format!("row {at} names another lead than {} has", row[0])));
        }
    }
    faults.truncate(MOST);
    Ok(faults)
}

/// Faults of the items of the checklist. `leads` is the report's exhibit of all leads, `records` the number of records.
///
/// # Errors
/// A table that cannot be read.
pub(super) fn items(
    contents: &Contents,
    facts: &Facts,
    (name, leads): (&str, &str),
    (records, audience): (usize, Audience),
) -> Result<Vec<Fault>, Fault> {
    let rows = table(contents, name, &["requirement", "state", "finding"])?;
    let count = table(contents, leads, &["lead"])?.len();
    let used = facts.imports.iter().filter(|(_, import)| import.retired.is_none());
    let used: BTreeSet<&str> = used.map(|(snapshot, _)| snapshot.as_str()).collect();
    let files = facts.sources.iter().filter(|[snapshot, ..]| used.contains(snapshot.as_str())).count();
    let mut relied: Vec<(String, String, bool)> = Vec::new();
    for row in table(contents, ALTERNATIVES, &["evidence", "lead", "verdict"])? {
        let is_open = row[2] == NOT_STATED;
        match relied.last_mut().filter(|last| last.0 == row[0]) {
            Some(last) => last.2 |= is_open,
            None => relied.push((row[0].clone(), row[1].clone(), is_open)),
        }
    }
    let open: Vec<&str> = relied.iter().filter(|own| own.2).map(|own| own.1.as_str()).collect();
    let made = [
        leads_item(count),
        sources_item(files),
        evidence_item(facts.evidence.len() - facts.repeats().len()),
        tags_item(facts.evidence.values().map(|own| own.tag.as_str()).collect()),
        alternatives_item(relied.len(), &open),
        checklist::records_item(records),
        redactions_item(facts.redactions.len()),
    ];
    let controls = table(contents, CONTROLS, &["account_id"])?.len();
    let stated = checklist::stated_items(&facts.settings, controls);
    let made: Vec<CheckItem> = made.into_iter().chain(stated).collect();
    let is_right = |row: &[String]| match made.iter().find(|item| cell(&item.title) == row[0]) {
        // Names in clear may have characters that tables show by their codes.
        Some(item) if item.title == WEIGHED && audience == Audience::Internal => {
            row[1] == item.state.to_string()
        }
        // Counsel's bundle may be made before the leads are complete.
        Some(item) if item.id == "leads" && row[1] != item.state.to_string() => {
            audience == Audience::Internal
        }
        Some(item) => row[1] == item.state.to_string() && row[2] == cell(&item.detail),
        None => OF_THE_CASE.contains(&row[0].as_str()) && is_consistent(row),
    };
    let mut faults = wrong(name, &rows, is_right, "is not what the rest of the bundle gives");
    let titles: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let is_always = |item: &&CheckItem| item.id != "redaction" && item.id != "records";
    let missing = made.iter().filter(is_always).find(|item| !titles.contains(cell(&item.title).as_str()));
    faults.extend(missing.map(|item| Fault::new(name, format!("lacks the item “{}”", item.title))));
    Ok(faults)
}

/// True if the finding of an item says that all is done exactly where its state does.
fn is_consistent(row: &[String]) -> bool {
    let is_all = row[2].starts_with("all ");
    [CheckState::Done, CheckState::Stated].iter().any(|state| state.to_string() == row[1])
        && is_all == (row[1] == CheckState::Done.to_string())
}
