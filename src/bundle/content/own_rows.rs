//! Rows of the report's own exhibits that other tables give whole: shape of the figures, accounts, signals, times, and
//! members of every lead.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Fault;
use super::super::contents::Contents;
use super::super::import_report::{REPORTS, read};
use super::super::journal_fold::Facts;
use super::super::legal::tables::{AFTER, GAPS};
use super::super::report::{
    AT_MOST_HALF, CONTEXT_ONLY, OF_ACCOUNTS, OF_LEADS, OF_OTHERS, OF_VERSION, UNCOUNTED, number,
};
use super::custody::zone_of;
use super::lead_members::{events, in_lead, uncertain};
use super::tables::table;
use super::values::Values;
use crate::exhibit::{cell, probability};
use crate::model::Zone;
use crate::signals::context::CONTEXT;
use crate::signals::{self, Axis};

const FOLDER: &str = "data/04_summaries/underlying";
const MOST: usize = 20;

/// Exhibits of the report that are compared here.
pub(super) struct Names<'a> {
    pub figures: &'a str,
    pub accounts: &'a str,
    pub times: &'a str,
    pub signals: &'a str,
    pub leads: &'a str,
}

/// Faults of all of them.
///
/// # Errors
/// A table that cannot be read.
pub(super) fn check(
    contents: &Contents,
    facts: &Facts,
    names: &Names<'_>,
    values: Option<&Values>,
) -> Result<Vec<Fault>, Fault> {
    let mut faults = shapes(contents, facts, names)?;
    faults.extend(accounts(contents, facts, names.accounts, values)?);
    faults.extend(signals(contents, facts, names, values)?);
    faults.extend(times(contents, facts, names)?);
    faults.extend(values.map(|values| leads(contents, names, values)).transpose()?.unwrap_or_default());
    Ok(faults)
}

/// Figures with the figure that each is a part of, and their sources.
const SHAPES: [(&str, &str, &str); 44] = [
    ("accounts of the log", "", "the log"),
    ("exchanges of the log", "", "the log"),
    ("items relied on", "", "the journal"),
    ("single exchanges among them", "items relied on", "the journal"),
    ("leads, accounts and scopes among them", "items relied on", "the journal"),
    ("accounts relied on", "accounts of the log", "the log"),
    ("exchanges of accounts relied on", "exchanges of the log", "the log"),
    ("leads of the list", "", "the list of leads"),
    ("leads relied on", "leads of the list", "the journal"),
    ("leads dismissed by the investigator", "leads of the list", "the journal"),
    ("leads reviewed otherwise", "leads of the list", "the journal"),
    ("leads not reviewed", "leads of the list", "the journal"),
    ("leads with a common control p-value", "leads of the list", "the list of leads"),
    (
        "leads with a common control p-value of at most 0.01",
        "leads with a common control p-value",
        "the list of leads",
    ),
    ("items of exculpatory evidence", "", "the journal"),
    ("first exchange of accounts relied on", "", "the log"),
    ("last exchange of accounts relied on", "", "the log"),
    ("accounts", "", "the log"),
    ("core members", "accounts", "the list of leads"),
    ("joined members", "accounts", "the list of leads"),
    ("exchanges", "", "the log"),
    ("accounts named by exculpatory evidence", "accounts", "the journal"),
    ("accounts with an exchange before their creation", "accounts", "the log"),
    ("signals of extraction-likeness not tested", "signals of extraction-likeness", "the list of leads"),
    ("signals of extraction-likeness", "", "the list of leads"),
    ("core members that events are counted on", "core members", "the list of leads"),
    ("members among the accounts compared", "", "the list of leads"),
    (UNCOUNTED, "core members", "the list of leads"),
    (AT_MOST_HALF, "core members", "the list of leads"),
    ("benign explanations not weighed", ALTERNATIVES_OF, ALTERNATIVES),
    ("benign explanations weighed and not ruled out", ALTERNATIVES_OF, ALTERNATIVES),
    ("accounts relied on, of single exchanges too", "", "the journal"),
    ("accounts relied on without a record", RELIED, GAPS),
    ("accounts relied on with use before it", RELIED, GAPS),
    ("accounts relied on with use on its day", RELIED, GAPS),
    (OF_VERSION, RELIED, GAPS),
    (OF_OTHERS, RELIED, GAPS),
    ("accounts that it went to", "", "the journal"),
    ("accounts relied on, made after it", "accounts that it went to", "the log"),
    ("accounts addressed with exchanges after it", "accounts that it went to", AFTER),
    ("their exchanges after it", "", AFTER),
    ("linked accounts with exchanges after it", "", AFTER),
    ("their exchanges after it, linked", "", AFTER),
    ("linked accounts made after it", "linked accounts with exchanges after it", AFTER),
];
const ALTERNATIVES: &str = "05_methods/alternatives.csv";
/// Stands for the number of explanations of an item.
const ALTERNATIVES_OF: &str = "explanations";
const RELIED: &str = "accounts relied on, of single exchanges too";

/// Figures that no report has, and totals and sources that are not those of their figure.
fn shapes(contents: &Contents, facts: &Facts, names: &Names<'_>) -> Result<Vec<Fault>, Fault> {
    let rows = table(contents, names.figures, &["about", "figure", "value", "of", "source"])?;
    let value = |about: &str, figure: &str| {
        let own = rows.iter().find(|row| row[0] == about && row[1] == figure);
        own.or_else(|| rows.iter().find(|row| row[0] == "the case" && row[1] == figure)).map(|row| &row[2])
    };
    let mut explanations: BTreeMap<String, usize> = BTreeMap::new();
    for row in table(contents, &format!("data/{ALTERNATIVES}"), &["evidence"]).unwrap_or_default() {
        *explanations.entry(row[0].clone()).or_default() += 1;
    }
    let is_about = |about: &str| {
        let number = |letter: &str| about.strip_prefix(letter).and_then(|own| own.parse::<u64>().ok());
        ["the case", "acceptance"].contains(&about)
            || number("E").is_some_and(|own| facts.evidence.contains_key(&own))
            || number("breach ").is_some_and(|own| facts.legal.breaches().any(|(id, _)| id == own))
            || number("notice N").is_some_and(|own| facts.legal.notices().iter().any(|(id, _)| *id == own))
    };
    let mut seen = BTreeSet::new();
    let differs = |row: &Vec<String>, is_new: bool| {
        let Some((_, of, source)) = SHAPES.iter().find(|(figure, ..)| *figure == row[1]) else { return true };
        let of = match *of {
            "" => String::new(),
            ALTERNATIVES_OF => explanations.get(&row[0]).copied().unwrap_or(0).to_string(),
            other => value(&row[0], other).cloned().unwrap_or_default(),
        };
        !is_new || !is_about(&row[0]) || row[3] != of || row[4] != *source
    };
    let mut found = Vec::new();
    for (row, at) in rows.iter().zip(1..) {
        let is_new = seen.insert((&row[0], &row[1]));
        if differs(row, is_new) {
            let what = format!("row {at} is no figure of a report, or has another total or source than it");
            found.push(Fault::new(names.figures, what));
        }
    }
    found.truncate(MOST);
    Ok(found)
}

/// Accounts that are not those of their evidence or of their lead.
fn accounts(
    contents: &Contents,
    facts: &Facts,
    name: &str,
    values: Option<&Values>,
) -> Result<Vec<Fault>, Fault> {
    let rows = table(contents, name, &["account", "evidence", "lead", "role", "contested"])?;
    let in_events = table(contents, name, &["account", "evidence", "membership", "in_events"])?;
    let mut of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &rows {
        of.entry(&row[1]).or_default().insert(&row[0]);
    }
    let mut faults = Vec::new();
    for placed in facts.exhibits().filter(|placed| placed.kind == "accounts") {
        let evidence = format!("E{}", placed.evidence);
        let is_relied = facts.evidence.get(&placed.evidence).is_some_and(|own| own.tag == "relied-on");
        let listed = table(contents, &format!("data/03_exhibits/{}.csv", placed.number), &["account_id"])?;
        let listed: BTreeSet<&str> = listed.iter().map(|row| row[0].as_str()).collect();
        let own = of.remove(evidence.as_str()).unwrap_or_default();
        if own != if is_relied { listed } else { BTreeSet::new() } {
            faults.push(Fault::new(name, format!("has other accounts of {evidence} than its exhibit")));
        }
    }
    faults.extend(of.keys().map(|own| Fault::new(name, format!("has accounts of {own}, which has none"))));
    let mut leads: BTreeMap<&str, String> = BTreeMap::new();
    for evidence in rows.iter().map(|row| row[1].as_str()).collect::<BTreeSet<_>>() {
        let members = format!("{FOLDER}/{evidence}.members.csv");
        let lead = match contents.has(&members) {
            true => table(contents, &members, &["lead"])?.first().map(|row| row[0].clone()),
            false => None,
        };
        leads.insert(evidence, lead.unwrap_or_default());
    }
    for (row, at) in rows.iter().zip(1..) {
        let is_role = match leads.get(row[1].as_str()).is_some_and(|lead| !lead.is_empty()) {
            true => ["core member", "joined member"].contains(&row[3].as_str()),
            false => row[3] == "marked by the investigator",
        };
        let is_known = values.is_none_or(|values| values.rows.contains_key(&row[0]));
        let is_lead = leads.get(row[1].as_str()) == Some(&row[2]);
        if !is_role || !is_known || !is_lead || !["yes", "no"].contains(&row[4].as_str()) {
            let what = format!("row {at} has an account, a lead or a role that other tables have otherwise");
            faults.push(Fault::new(name, what));
        }
    }
    for evidence in leads.keys() {
        let made = in_lead(contents, evidence)?;
        let own = in_events.iter().filter(|row| row[1] == *evidence);
        let differs = |row: &&Vec<String>| match &made {
            Some(made) => made.get(&row[0]).is_some_and(|made| made[..] != row[2..]),
            None => row[2..].iter().any(|cell| !cell.is_empty()),
        };
        let what =
            |row: &Vec<String>| format!("has another membership or count of {} than {evidence}", row[0]);
        faults.extend(own.filter(differs).map(|row| Fault::new(name, what(row))));
    }
    faults.truncate(MOST);
    Ok(faults)
}

/// Numbers of the evidence relied on that is no single exchange.
fn items(facts: &Facts) -> BTreeSet<String> {
    let tag = |number: &u64| facts.evidence.get(number).map(|own| own.tag.as_str());
    let placed = facts.exhibits().map(|placed| placed.evidence);
    placed.filter(|number| tag(number) == Some("relied-on")).map(|number| format!("E{number}")).collect()
}

/// Names of the signals and context figures that the exhibit has of every item, in order.
fn names_of_signals() -> Vec<String> {
    let accounts = signals::ALL.iter().map(|signal| signal.about());
    let groups = signals::ALL_OF_GROUPS.iter().map(|signal| signal.about());
    let context = CONTEXT.iter().map(|context| format!("context: {}", context.about().title));
    accounts.chain(groups).map(|about| format!("{} {}", about.id, about.title)).chain(context).collect()
}

/// Rows on signals that reasons, values and accounts give otherwise.
fn signals(
    contents: &Contents,
    facts: &Facts,
    names: &Names<'_>,
    values: Option<&Values>,
) -> Result<Vec<Fault>, Fault> {
    let columns =
        ["evidence", "signal", "measured", "of", "tested", "value", "median percentile", "p", "why not"];
    let rows = table(contents, names.signals, &columns)?;
    let accounts = table(contents, names.accounts, &["account", "evidence", "role"])?;
    let expected = names_of_signals();
    let mut faults = Vec::new();
    let named: BTreeSet<String> = rows.iter().map(|row| row[0].clone()).collect();
    if named != items(facts) {
        faults.push(Fault::new(names.signals, "has other items of evidence than the journal relies on"));
    }
    for own in rows.chunk_by(|a, b| a[0] == b[0]) {
        let Some(evidence) = own.first().map(|row| row[0].as_str()) else { continue };
        if !own.iter().map(|row| &row[1]).eq(&expected) {
            let what =
                format!("has other signals of {evidence} than the program measures, or in another order");
            faults.push(Fault::new(names.signals, what));
            continue;
        }
        let is_lead = contents.has(&format!("{FOLDER}/{evidence}.members.csv"));
        let tested: Vec<&str> = accounts
            .iter()
            .filter(|row| row[1] == evidence && (!is_lead || row[2] == "core member"))
            .map(|row| row[0].as_str())
            .collect();
        let reasons = reasons(contents, facts, evidence)?;
        for row in own {
            let what = signal(row, &tested, reasons.as_deref(), values);
            let what = what.map(|what| format!("has another {what} of {} of {evidence}", row[1]));
            faults.extend(what.map(|what| Fault::new(names.signals, what)));
        }
    }
    faults.truncate(MOST);
    Ok(faults)
}

/// Signal, sentence and p-value of each reason of an item's lead; `None` where the item has no exhibit of leads.
pub(super) fn reasons(
    contents: &Contents,
    facts: &Facts,
    evidence: &str,
) -> Result<Option<Vec<[String; 3]>>, Fault> {
    let members = format!("{FOLDER}/{evidence}.members.csv");
    let placed = facts.exhibits().find(|own| own.kind == "leads" && format!("E{}", own.evidence) == evidence);
    let Some(placed) = placed.filter(|_| contents.has(&members)) else { return Ok(None) };
    let lead = table(contents, &members, &["lead"])?.first().map_or_else(String::new, |row| row[0].clone());
    let name = format!("data/03_exhibits/{}.csv", placed.number);
    let rows = table(contents, &name, &["lead", "signal", "reason", "p_value"])?.into_iter();
    let own = rows.filter(|row| row[0] == lead);
    Ok(Some(own.map(|row| [row[1].clone(), row[2].clone(), row[3].clone()]).collect()))
}

/// Column of a row on a signal that other tables have otherwise.
fn signal(
    row: &[String],
    tested: &[&str],
    reasons: Option<&[[String; 3]]>,
    values: Option<&Values>,
) -> Option<&'static str> {
    let [_, name, measured, of, is_tested, value, percentile, p, why] = row else { return Some("row") };
    if *is_tested != if p.is_empty() { "no" } else { "yes" } || p.is_empty() == why.is_empty() {
        return Some("test");
    }
    let is_of_accounts = !measured.is_empty();
    if is_of_accounts && *of != tested.len().to_string() {
        return Some("number of accounts");
    }
    if name.starts_with("context: ") {
        return (!why.starts_with(CONTEXT_ONLY) || !percentile.is_empty()).then_some("reason");
    }
    let id = name.split(' ').next().unwrap_or_default();
    if let Some(values) = values {
        let column = format!("{id}_percentile");
        let mut own: Vec<f64> = tested.iter().filter_map(|account| values.number(account, &column)).collect();
        own.sort_by(f64::total_cmp);
        let median = own.get(own.len().saturating_sub(1) / 2).map(|share| format!("{share:.1}"));
        if *percentile != median.filter(|_| is_of_accounts).unwrap_or_default() {
            return Some("percentile");
        }
        if is_of_accounts && [measured, value] != of_values(values, tested, id).each_ref() {
            return Some("value");
        }
        let own = tested.first().map(|account| probability(values.number(account, &format!("{id}_p"))));
        if is_of_accounts && reasons.is_none() && tested.len() == 1 && Some(p) != own.as_ref() {
            return Some("p-value");
        }
    }
    let own = || reasons.into_iter().flatten().filter(|reason| reason[0] == *name);
    if reasons.is_some() && *p != own().find(|reason| !reason[2].is_empty()).map_or("", |own| &own[2]) {
        return Some("p-value");
    }
    let first = why.split(". Most often: ").next().unwrap_or_default();
    let is_said = [OF_ACCOUNTS, OF_LEADS].contains(&first) || own().any(|reason| reason[1].contains(first));
    (reasons.is_some() && !is_said).then_some("reason")
}

/// Number of accounts on which a signal was measured, and its lower median, as the exhibit has them.
fn of_values(values: &Values, tested: &[&str], id: &str) -> [String; 2] {
    let column = format!("{id}_value");
    let mut own: Vec<f64> = tested.iter().filter_map(|account| values.number(account, &column)).collect();
    own.sort_by(f64::total_cmp);
    let median = own.get(own.len().saturating_sub(1) / 2).map_or_else(String::new, |value| number(*value));
    [own.len().to_string(), cell(&median)]
}

/// Times of accounts and of the log that the table of accounts and the import reports do not give.
fn times(contents: &Contents, facts: &Facts, names: &Names<'_>) -> Result<Vec<Fault>, Fault> {
    // Texts of other zones do not ascend with their times.
    let zone = zone_of(contents);
    let rows = table(contents, names.times, &["time", "event", "about", "source"])?;
    let mut made: Vec<Vec<String>> = Vec::new();
    let mut put = |time: Option<&String>, event: &str, about: &str| {
        made.extend(time.map(|time| [time, event, about, "the log"].map(str::to_owned).to_vec()));
    };
    let accounts = table(contents, names.accounts, &["evidence", "created", "first", "last"])?;
    for own in accounts.chunk_by(|a, b| a[0] == b[0]) {
        let about = own.first().map_or("", |row| row[0].as_str());
        let all = |at: usize| own.iter().map(move |row| &row[at]).filter(|time| !time.is_empty());
        put(all(1).min(), "first creation of an account", about);
        put(all(1).max(), "last creation of an account", about);
        put(all(2).min(), "first exchange", about);
        put(all(3).max(), "last exchange", about);
    }
    let reports = read(&contents.text(&format!("data/{REPORTS}")).unwrap_or_default());
    // A report has the span of all snapshots of its time, with those that were retired or read again later.
    let is_lasting = facts.imports.values().all(|own| own.retired.is_none() && !own.is_read_again);
    let spans: Vec<_> = reports.iter().filter(|_| is_lasting).filter_map(|report| report.span).collect();
    let of_log = (spans.iter().map(|span| span.0).min(), spans.iter().map(|span| span.1).max());
    let texts = [of_log.0, of_log.1].map(|time| time.map(|time| zone.format(time)));
    put(texts[0].as_ref(), "first exchange of the log", "the case");
    put(texts[1].as_ref(), "last exchange of the log", "the case");
    let is_of_log = |row: &&Vec<String>| !row[3].ends_with(" by the investigator");
    let is_known = |row: &&Vec<String>| !spans.is_empty() || row[2] != "the case";
    let mut stated: Vec<&Vec<String>> = rows.iter().filter(is_of_log).filter(is_known).collect();
    let mut made: Vec<&Vec<String>> = made.iter().collect();
    stated.sort();
    made.sort();
    let mut faults = Vec::new();
    if zone == Zone::utc() && stated != made {
        faults.push(Fault::new(names.times, "has other times of the log or of accounts than other tables"));
    }
    let about = |row: &&Vec<String>| {
        let notice = row[1].starts_with("notice N");
        match row[3].as_str() {
            "event noted by the investigator" => row[2] == "the case",
            "notice recorded by the investigator" => notice && row[2].ends_with(" accounts"),
            "terms recorded by the investigator" => row[2] == "the terms",
            other => other == "the log",
        }
    };
    let odd = rows.iter().filter(|row| !about(row)).take(MOST);
    faults.extend(odd.map(|row| Fault::new(names.times, format!("has “{}” of another source", row[1]))));
    Ok(faults)
}

/// Leads of the list with other members than the values of all accounts name.
fn leads(contents: &Contents, names: &Names<'_>, values: &Values) -> Result<Vec<Fault>, Fault> {
    let rows = table(contents, names.leads, &["lead", "core", "joined", "in_scope"])?;
    let relied = table(contents, names.accounts, &["account"])?;
    let relied: BTreeSet<&str> = relied.iter().map(|row| row[0].as_str()).collect();
    let members = values.leads();
    let named: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let mut faults = Vec::new();
    if named != members.keys().copied().collect() {
        faults.push(Fault::new(names.leads, "has other leads than signals.csv names"));
    }
    for row in &rows {
        let Some([core, joined]) = members.get(row[0].as_str()) else { continue };
        let in_scope = core.iter().any(|account| relied.contains(account));
        let made = [
            core.len().to_string(),
            joined.len().to_string(),
            if in_scope { "yes" } else { "no" }.to_owned(),
        ];
        if row[1..] != made {
            let what = format!("has other members of {} than signals.csv, or another scope", row[0]);
            faults.push(Fault::new(names.leads, what));
        }
    }
    faults.truncate(MOST);
    Ok(faults)
}

/// Figures of the report that the values of all accounts, the journal and the exhibit of signals give.
///
/// # Errors
/// A table that cannot be read.
pub(super) fn figures(
    contents: &Contents,
    facts: &Facts,
    names: &Names<'_>,
    values: Option<&Values>,
    put: &mut dyn FnMut(&str, &str, String),
) -> Result<(), Fault> {
    if let Some(values) = values {
        put("the case", "accounts of the log", values.rows.len().to_string());
    }
    put("the case", "leads, accounts and scopes among them", items(facts).len().to_string());
    let rows = table(contents, names.signals, &["evidence", "signal", "tested"])?;
    let about = signals::ALL.iter().map(|signal| signal.about());
    let extraction: BTreeSet<String> = about
        .filter(|about| about.axis == Axis::Extraction)
        .map(|about| format!("{} {}", about.id, about.title))
        .collect();
    for evidence in items(facts) {
        let own = || rows.iter().filter(|row| row[0] == evidence && extraction.contains(&row[1]));
        let untested = own().filter(|row| row[2] == "no").count();
        put(&evidence, "signals of extraction-likeness not tested", untested.to_string());
        put(&evidence, "signals of extraction-likeness", own().count().to_string());
        if let Some([core, compared, uncounted]) = events(contents, &evidence)? {
            put(&evidence, "core members that events are counted on", core.to_string());
            put(&evidence, "members among the accounts compared", compared.to_string());
            put(&evidence, UNCOUNTED, uncounted.to_string());
        }
        if let Some(uncertain) = uncertain(contents, &evidence)? {
            put(&evidence, AT_MOST_HALF, uncertain.to_string());
        }
    }
    Ok(())
}
