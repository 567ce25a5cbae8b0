//! Exhibits that the report makes of its own figures, against the journal, the legal tables and one another.

use std::collections::{BTreeMap, BTreeSet};

use super::super::checklist::{CheckState, WEIGHED, stated_items};
use super::super::contents::Contents;
use super::super::custody::NOT_STATED;
use super::super::import_report::REPORTS;
use super::super::journal_fold::Facts;
use super::super::report::EARLY;
use super::super::underlying::CAME_IN;
use super::super::{Audience, Fault};
use super::agreement;
use super::anomalies::{self, Known};
use super::lead_list::{self, ROUNDING};
use super::relied_accounts::{Account, Accounts};
use super::tables::table;
use super::values::Values;
use super::{contested, lead_exhibit, method_tables, notice_figures, own_rows};
use crate::exhibit::cell;
use crate::model::Tag;

const MEMBERS: &str = "data/04_summaries/underlying";
const ALTERNATIVES: &str = "data/05_methods/alternatives.csv";
/// Largest p-value of common control that counts as small.
const SMALL: f64 = 0.01;

/// Names of the exhibits made for the report, by their place behind those of the evidence.
struct Own {
    figures: String,
    accounts: String,
    times: String,
    anomalies: String,
    contested: String,
    signals: String,
    checklist: String,
    leads: String,
}

impl Own {
    fn names(&self) -> own_rows::Names<'_> {
        own_rows::Names {
            figures: &self.figures,
            accounts: &self.accounts,
            times: &self.times,
            signals: &self.signals,
            leads: &self.leads,
        }
    }
}

/// Name of an exhibit made for the report, by its place behind those of the evidence.
pub(super) fn name(facts: &Facts, place: usize) -> String {
    format!("data/03_exhibits/EX-{:04}.csv", facts.exhibits().count() + 2 + place)
}

/// Places of the exhibits that are tables only.
pub(super) const OWN_TABLES: [usize; 7] = [0, 1, 2, 3, 4, 5, 6];

/// Name of the exhibit of accounts relied on.
pub(super) fn accounts_name(facts: &Facts) -> String {
    name(facts, 1)
}

/// Faults of the exhibits made for the report. `of`: number of records, and audience.
pub(super) fn check(
    contents: &Contents,
    facts: &Facts,
    values: Option<&Values>,
    of: (usize, Audience),
) -> Vec<Fault> {
    let name = |place: usize| name(facts, place);
    let own = Own {
        figures: name(0),
        accounts: name(1),
        times: name(2),
        anomalies: name(3),
        contested: name(4),
        signals: name(5),
        checklist: name(6),
        leads: name(7),
    };
    let all = [
        &own.figures,
        &own.accounts,
        &own.times,
        &own.anomalies,
        &own.contested,
        &own.signals,
        &own.checklist,
        &own.leads,
    ];
    if !all.into_iter().all(|name| contents.has(name)) {
        return vec![Fault::new(&own.leads, "or another exhibit of the report's figures is missing")];
    }
    let made = || -> Result<Vec<Fault>, Fault> {
        let accounts = Accounts::read(contents, &own.accounts)?;
        let mut faults = members(contents, facts, &own, &accounts)?;
        let leads = table(contents, &own.leads, &lead_list::COLUMNS)?;
        faults.extend(lead_list::faults(&own.leads, &leads));
        faults.extend(figures(contents, facts, &own, (&accounts, values), &leads)?);
        faults.extend(own_rows::check(contents, facts, &own.names(), values)?);
        faults.extend(lead_exhibit::check(contents, facts, values, &own.leads)?);
        let known = Known {
            exchanges: all_exchanges(contents, facts)?,
            items: by_item(&accounts.all)
                .into_iter()
                .map(|(item, own)| (item, early(&accounts, &own), own.len() as u64))
                .collect(),
        };
        faults.extend(anomalies::check(contents, facts, &own.anomalies, &known)?);
        faults.extend(contested::check(contents, &own.contested, &accounts)?);
        faults.extend(agreement::check(contents, facts, [&own.accounts, &own.signals, &own.leads]));
        faults.extend(checklist(contents, facts, &own.checklist)?);
        faults.extend(method_tables::items(contents, facts, (&own.checklist, &own.leads), of)?);
        Ok(faults)
    };
    made().unwrap_or_else(|fault| vec![fault])
}

/// Accounts, roles, exchanges and contested accounts that the lists of members, the tables of the same accounts and
/// the journal do not bear out.
fn members(contents: &Contents, facts: &Facts, own: &Own, accounts: &Accounts) -> Result<Vec<Fault>, Fault> {
    let mut faults = Vec::new();
    let accounts = &accounts.all;
    let mut fault = |what: String| faults.push(Fault::new(&own.accounts, what));
    let contested: BTreeSet<String> = facts
        .evidence
        .values()
        .filter(|own| own.tag == Tag::Exculpatory.as_str() && own.kind == "account")
        .map(|own| cell(&own.account))
        .collect();
    for account in accounts.iter().filter(|account| contested.contains(&account.id) && !account.is_contested)
    {
        fault(format!("{} is not contested, but exculpatory evidence of the journal names it", account.id));
    }
    let is_any = facts.evidence.values().any(|own| own.tag == Tag::Exculpatory.as_str());
    if !is_any && accounts.iter().any(|account| account.is_contested) {
        fault("has a contested account, but the journal has no exculpatory evidence".to_owned());
    }
    let evidence: BTreeSet<&str> = accounts.iter().map(|account| account.evidence.as_str()).collect();
    for evidence in evidence {
        let of = |account: &&Account| account.evidence == evidence;
        let name = format!("{MEMBERS}/{evidence}.members.csv");
        if contents.has(&name) {
            let rows = table(contents, &name, &["account_id", "part", "came_in"])?;
            if rows.iter().any(|row| !CAME_IN.contains(&row[2].as_str())) {
                fault(format!(
                    "or {evidence}.members.csv has an account that came in by another way than all do"
                ));
            }
            // A decision follows its lead to one with other members, so that the lists may differ.
            let core: BTreeMap<&str, bool> =
                rows.iter().map(|row| (row[0].as_str(), row[1] == "core")).collect();
            let differs = |account: &&Account| {
                core.get(account.id.as_str())
                    .is_some_and(|is_core| *is_core != (account.role == "core member"))
            };
            if accounts.iter().filter(of).any(|account| differs(&account)) {
                fault(format!("has an account with another role in {evidence} than its list of members"));
            }
        }
        for counted in whole_accounts(contents, facts, evidence)? {
            let stated = accounts.iter().filter(of).find(|account| account.id == counted.0);
            if stated.is_some_and(|account| account.exchanges != counted.1) {
                fault(format!(
                    "has another number of exchanges of {} than the table of {evidence}",
                    counted.0
                ));
            }
        }
    }
    Ok(faults)
}

/// Exchanges of the accounts of a scope, where the scope limits nothing but accounts.
fn whole_accounts(contents: &Contents, facts: &Facts, evidence: &str) -> Result<Vec<(String, u64)>, Fault> {
    let number = evidence.strip_prefix('E').and_then(|own| own.parse::<u64>().ok());
    let Some((number, marked)) = number.and_then(|number| facts.evidence.get_key_value(&number)) else {
        return Ok(Vec::new());
    };
    let is_whole = marked.scope.iter().all(|(pointer, value)| {
        let inside = pointer.strip_prefix("/source/scope/").unwrap_or_default();
        let is_empty = value.is_null()
            || value.as_object().is_some_and(serde_json::Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        inside.starts_with("accounts") || is_empty
    });
    let placed = facts.exhibits().find(|own| own.evidence == *number && own.kind == "accounts");
    let Some(placed) = placed.filter(|_| is_whole) else { return Ok(Vec::new()) };
    let name = format!("data/03_exhibits/{}.csv", placed.number);
    let rows = table(contents, &name, &["account_id", "exchanges_in_scope"])?;
    Ok(rows.into_iter().filter_map(|row| Some((row[0].clone(), row[1].parse().ok()?))).collect())
}

/// Figures of the report that other tables or the journal have otherwise.
fn figures(
    contents: &Contents,
    facts: &Facts,
    own: &Own,
    (accounts, values): (&Accounts, Option<&Values>),
    leads: &[Vec<String>],
) -> Result<Vec<Fault>, Fault> {
    let mut expected: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut put = |about: &str, figure: &str, value: String| {
        expected.insert((about.to_owned(), figure.to_owned()), value);
    };
    of_journal(facts, &mut put);
    of_accounts(accounts, &mut put);
    let control = || leads.iter().filter_map(|row| row[4].parse::<f64>().ok());
    put("the case", "leads of the list", leads.len().to_string());
    let measured = leads.iter().filter(|row| !row[4].is_empty()).count();
    put("the case", "leads with a common control p-value", measured.to_string());
    // A printed p-value has four digits, so that one at the bound may lie on either side.
    if !control().any(|p| (p - SMALL).abs() <= ROUNDING * SMALL) {
        let small = control().filter(|p| *p <= SMALL).count();
        put("the case", "leads with a common control p-value of at most 0.01", small.to_string());
    }
    of_explanations(contents, &mut put)?;
    notice_figures::put(contents, facts, &mut put)?;
    own_rows::figures(contents, facts, &own.names(), values, &mut put)?;
    let mut faults = Vec::new();
    if let Some(all) = all_exchanges(contents, facts)? {
        put("the case", "exchanges of the log", all.to_string());
        faults.extend(imported(contents).filter(|imported| *imported < all).map(|_| {
            Fault::new(&format!("data/{REPORTS}"), "imports fewer exchanges than the timelines count")
        }));
    }
    let rows = table(contents, &own.figures, &["about", "figure", "value"])?;
    let is_there =
        |(about, figure): &&(String, String)| rows.iter().any(|row| row[0] == *about && row[1] == *figure);
    let is_of_all = |(about, _): &&(String, String)| about == "the case" || about.starts_with('E');
    let missing = expected.keys().filter(is_of_all).filter(|key| !is_there(key));
    faults.extend(
        missing
            .take(20)
            .map(|(about, figure)| Fault::new(&own.figures, format!("lacks the figure {figure} of {about}"))),
    );
    let differs = rows.iter().zip(1..).filter_map(|(row, at)| {
        let value = expected.get(&(row[0].clone(), row[1].clone()))?;
        // Times of the table of accounts have no fraction and no offset.
        let is_same = *value == row[2] || row[2].replacen('T', " ", 1).starts_with(&format!("{value}."));
        (!is_same)
            .then(|| Fault::new(&own.figures, format!("row {at} is not what the other tables give: {value}")))
    });
    faults.extend(differs.take(20));
    Ok(faults)
}

/// Exchanges of all import reports; `None` without a report, and where one cannot be read.
fn imported(contents: &Contents) -> Option<u64> {
    let reports: serde_json::Value =
        serde_json::from_str(&contents.text(&format!("data/{REPORTS}"))?).ok()?;
    let reports = reports["reports"].as_array().filter(|reports| !reports.is_empty())?;
    reports.iter().map(|report| report["exchanges"].as_u64()).sum()
}

fn of_journal(facts: &Facts, put: &mut dyn FnMut(&str, &str, String)) {
    let repeats = facts.repeats();
    let tagged = |tag: Tag| {
        let own = facts.evidence.iter().filter(move |(_, own)| own.tag == tag.as_str());
        own.filter(|(id, _)| !repeats.contains_key(id)).collect::<Vec<_>>()
    };
    let relied = tagged(Tag::ReliedOn);
    let single = relied.iter().filter(|(_, own)| own.kind == "exchange").count();
    put("the case", "items relied on", relied.len().to_string());
    put("the case", "single exchanges among them", single.to_string());
    put("the case", "items of exculpatory evidence", tagged(Tag::Exculpatory).len().to_string());
}

fn of_accounts(accounts: &Accounts, put: &mut dyn FnMut(&str, &str, String)) {
    let all: BTreeMap<&str, &Account> =
        accounts.all.iter().map(|account| (account.id.as_str(), account)).collect();
    let sum = |own: &[&Account]| own.iter().map(|account| account.exchanges).sum::<u64>().to_string();
    let mut span = |about: &str, own: &[&Account]| {
        let used = || own.iter().filter(|account| account.exchanges > 0);
        if let (Some(first), Some(last)) =
            (used().map(|account| &account.first).min(), used().map(|account| &account.last).max())
        {
            put(about, "first exchange of accounts relied on", first.clone());
            put(about, "last exchange of accounts relied on", last.clone());
        }
    };
    let whole: Vec<&Account> = all.into_values().collect();
    let of = by_item(&accounts.all);
    if accounts.is_utc {
        span("the case", &whole);
        of.iter().for_each(|(evidence, own)| span(evidence, own));
    }
    put("the case", "accounts relied on", whole.len().to_string());
    put("the case", "exchanges of accounts relied on", sum(&whole));
    for (evidence, own) in of {
        let count =
            |is: &dyn Fn(&Account) -> bool| own.iter().filter(|account| is(account)).count().to_string();
        put(evidence, "accounts", own.len().to_string());
        put(evidence, "exchanges", sum(&own));
        if accounts.whole.contains(evidence) {
            put(evidence, "core members", count(&|account| account.role == "core member"));
            put(evidence, "joined members", count(&|account| account.role == "joined member"));
        }
        put(evidence, "accounts named by exculpatory evidence", count(&|account| account.is_contested));
        if let Some(early) = early(accounts, &own) {
            put(evidence, EARLY, early.to_string());
        }
    }
}

/// Accounts by item of evidence.
fn by_item(accounts: &[Account]) -> BTreeMap<&str, Vec<&Account>> {
    let mut of: BTreeMap<&str, Vec<&Account>> = BTreeMap::new();
    for account in accounts {
        of.entry(account.evidence.as_str()).or_default().push(account);
    }
    of
}

/// Accounts used before they were made; `None` where the table of accounts cannot tell: within one second the order of
/// creation and first exchange is not in it.
fn early(accounts: &Accounts, own: &[&Account]) -> Option<u64> {
    let is_open = !accounts.is_utc || own.iter().any(|account| account.first == account.created);
    let is_early = |account: &&&Account| !account.created.is_empty() && account.first < account.created;
    (!is_open).then(|| own.iter().filter(is_early).count() as u64)
}

fn of_explanations(contents: &Contents, put: &mut dyn FnMut(&str, &str, String)) -> Result<(), Fault> {
    if !contents.has(ALTERNATIVES) {
        return Ok(());
    }
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for row in table(contents, ALTERNATIVES, &["evidence", "verdict"])? {
        let [not_weighed, open] = counts.entry(row[0].clone()).or_default();
        match row[1].as_str() {
            NOT_STATED => *not_weighed += 1,
            "ruled out" => {}
            _ => *open += 1,
        }
    }
    for (evidence, [not_weighed, open]) in counts {
        put(&evidence, "benign explanations not weighed", not_weighed.to_string());
        put(&evidence, "benign explanations weighed and not ruled out", open.to_string());
    }
    Ok(())
}

/// Exchanges of the whole log, which every timeline counts; `None` without a timeline.
fn all_exchanges(contents: &Contents, facts: &Facts) -> Result<Option<u64>, Fault> {
    let Some(placed) = facts.exhibits().find(|own| own.kind == "timeline") else { return Ok(None) };
    let rows = table(contents, &format!("data/03_exhibits/{}.csv", placed.number), &["all_exchanges"])?;
    Ok(rows.iter().map(|row| row[0].parse::<u64>().ok()).sum())
}

/// Items of the checklist that statements of the journal, controls and explanations do not bear out.
fn checklist(contents: &Contents, facts: &Facts, name: &str) -> Result<Option<Fault>, Fault> {
    const CONTROLS: &str = "data/05_methods/controls.csv";
    if !contents.has(CONTROLS) || !contents.has(ALTERNATIVES) {
        return Ok(None);
    }
    let controls = table(contents, CONTROLS, &["account_id"])?.len();
    let open = table(contents, ALTERNATIVES, &["verdict"])?.iter().any(|row| row[0] == NOT_STATED);
    let rows = table(contents, name, &["requirement", "state", "finding"])?;
    let made = stated_items(&facts.settings, controls);
    let made = made.map(|item| {
        [item.title.clone(), item.state.to_string(), item.detail].map(|text| cell(&text)).to_vec()
    });
    let is_there = made.iter().all(|own| rows.contains(own));
    let weighed = rows.iter().find(|row| row[0] == WEIGHED);
    let is_weighed = weighed.is_some_and(|row| (row[1] == CheckState::Done.to_string()) != open);
    let what = "has items that the journal's statements do not bear out";
    Ok((!is_there || !is_weighed).then(|| Fault::new(name, what)))
}
