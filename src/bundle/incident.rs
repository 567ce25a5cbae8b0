//! `01_report/incident.csv` and `incident.xhtml`: summary of the incident for an authority.

use std::collections::BTreeSet;

use super::custody::NOT_STATED;
use super::relied::{Relied, probability};
use super::stix::unresolved;
use crate::cache::{AccountIndex, Cache};
use crate::case::{State, ZONE};
use crate::exhibit::xml::Xml;
use crate::exhibit::{Table, cell};
use crate::model::{Micros, Zone, counted, format_count, moment};

/// Statements that only a person can make: key of the setting, and title on screen and in the bundle.
pub const INCIDENT: [(&str, &str); 8] = [
    ("incident.detected", "Date of detection"),
    ("incident.contained", "Date of containment"),
    ("incident.persons", "Categories and number of persons affected"),
    ("incident.data", "Categories of data affected"),
    ("incident.consequences", "Likely consequences"),
    ("incident.measures", "Measures taken and planned"),
    ("incident.contact", "Contact"),
    ("incident.reference", "Reference of earlier notices"),
];

/// Inputs of the figures.
pub(super) struct Computed<'a> {
    pub cache: &'a Cache,
    pub relied: &'a [Relied],
    /// Accounts that exculpatory evidence names.
    pub contested: BTreeSet<AccountIndex>,
    /// Number of control accounts.
    pub controls: usize,
}

/// Limits of the summary.
pub(super) const CAUTION: &str = "The figures are of accounts put forward for review. They do not say who operates an \
    account or what anyone intended. An item that the organisation has not stated is shown as not stated.";

/// Rows of the summary: item, value, and its source.
fn rows(state: &State, of: &Computed<'_>) -> Vec<[String; 3]> {
    let (cache, relied) = (of.cache, of.relied);
    let stated = INCIDENT.iter().map(|(key, title)| {
        let text = state.settings.get(*key).map_or("", String::as_str).trim();
        let text = if text.is_empty() { NOT_STATED } else { text };
        [(*title).to_owned(), text.to_owned(), "stated by the organisation".to_owned()]
    });
    let accounts: BTreeSet<AccountIndex> = relied.iter().flat_map(|lead| lead.accounts.clone()).collect();
    let members = || accounts.iter().map(|&at| &cache.accounts()[at as usize]);
    let exchanges: u64 = members().map(|account| u64::from(account.exchanges)).sum();
    let utc = |time: Option<i64>| time.map_or_else(|| NOT_STATED.to_owned(), |t| Zone::utc().format(t));
    let contested = || of.contested.intersection(&accounts).map(|&at| &cache.accounts()[at as usize]);
    let measured = [
        ("Leads, accounts and scopes relied on", format_count(relied.len() as u64)),
        ("Accounts in them", format_count(accounts.len() as u64)),
        ("Exchanges of these accounts", format_count(exchanges)),
        ("First exchange of these accounts (UTC)", utc(members().map(|account| account.first).min())),
        ("Last exchange of these accounts (UTC)", utc(members().map(|account| account.last).max())),
        (
            "Exchanges of these accounts after the stated date of containment",
            after_containment(state, cache, &accounts),
        ),
        ("Accounts of the case", format_count(cache.accounts().len() as u64)),
        ("Exchanges of the case", format_count(cache.counts().distinct)),
        ("Accounts in them that exculpatory evidence names", format_count(contested().count() as u64)),
        (
            "Exchanges of accounts that exculpatory evidence names",
            format_count(contested().map(|account| u64::from(account.exchanges)).sum()),
        ),
        ("Control accounts known to be benign", controls(of.controls)),
    ];
    let measured = measured.into_iter().map(|(title, value)| (title.to_owned(), value));
    let certainty = relied.iter().filter(|item| item.figures.is_some()).zip(1..).flat_map(certainty);
    let computed = |(title, value)| [title, value, "computed from the logs".to_owned()];
    stated.chain(measured.chain(certainty).map(computed)).collect()
}

/// Exchanges of accounts after the date of containment that the organisation states; of a day without a time of day,
/// after the whole day.
fn after_containment(state: &State, cache: &Cache, accounts: &BTreeSet<AccountIndex>) -> String {
    const DAY: Micros = 86_400_000_000;
    let stated = state.settings.get(INCIDENT[1].0).map_or("", |text| text.trim());
    let zone = state.settings.get(ZONE).and_then(|name| Zone::named(name).ok()).unwrap_or_default();
    let Some(time) = moment::read(stated, &zone) else {
        return "not computed: no date is stated".to_owned();
    };
    let is_day = stated.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let bound = if is_day { time.saturating_add(DAY) } else { time };
    let after = accounts.iter().map(|&at| {
        let times = &cache.hot().ts[cache.hot().rows_of(at)];
        times.iter().filter(|time| **time >= bound).count() as u64
    });
    let counts: Vec<u64> = after.filter(|count| *count > 0).collect();
    format!(
        "{} by {}",
        format_count(counts.iter().sum()),
        counted(counts.len() as u64, "account", "accounts")
    )
}

/// Number of control accounts, and what follows where there is none.
fn controls(count: usize) -> String {
    if count == 0 { "0: no error rate is claimed".to_owned() } else { format_count(count as u64) }
}

/// Certainty of a lead: q-value and benign explanations.
fn certainty((item, number): (&Relied, usize)) -> [(String, String); 2] {
    let q = match item.figures.as_ref().map(|figures| (figures.p, figures.q)) {
        Some((Some(_), Some(q))) => {
            format!(
                "{}: the expected share of false leads among those with a q-value as small",
                probability(q)
            )
        }
        Some((None, _)) => "none: the lead could not be tested".to_owned(),
        _ => "none: the lead is ranked only, and no error rate is claimed".to_owned(),
    };
    let [not_weighed, open] = unresolved(item);
    let all = item.alternatives.len();
    let accounts = format_count(item.accounts.len() as u64);
    [
        (format!("q-value of lead {number} ({accounts} accounts)"), q),
        (
            format!("Benign explanations of lead {number}"),
            format!("{all}; {not_weighed} of them not weighed, {open} weighed and not ruled out"),
        ),
    ]
}

/// The summary as a table.
pub(super) fn table(state: &State, of: &Computed<'_>) -> Table {
    let mut table = Table::new(["item", "value", "source"]);
    for row in rows(state, of) {
        table.push(row.map(|text| cell(&text)).to_vec());
    }
    table
}

/// The summary as a page.
pub(super) fn page(state: &State, of: &Computed<'_>) -> Vec<u8> {
    const HEAD: &[u8] = br#"<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
<meta charset="UTF-8" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
"#;
    let mut page = Xml::new();
    page.raw(HEAD).leaf("title", &[], &format!("Incident summary, case {}", state.name)).line();
    page.open("style", &[]).raw(b"body { font: 11pt/1.4 serif; margin: 2em; } table { border-collapse: collapse; } td, th { border: 1px solid #bbb; padding: 0.3em 0.6em; text-align: left; vertical-align: top; }");
    page.close().raw(b"\n</head>\n<body>\n");
    page.leaf("h1", &[], &format!("Incident summary, case {}", state.name)).line();
    page.leaf("p", &[], CAUTION);
    page.open("table", &[]).open("thead", &[]).open("tr", &[]);
    for name in ["item", "value", "source"] {
        page.leaf("th", &[], name);
    }
    page.close().close().open("tbody", &[]).line();
    for row in rows(state, of) {
        page.open("tr", &[]);
        for text in row {
            page.leaf("td", &[], &text);
        }
        page.close().line();
    }
    page.close().close().raw(b"\n</body>\n</html>\n");
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{cache, row, snapshot};

    #[test]
    fn use_after_the_stated_containment_is_counted() {
        const DAY: i64 = 86_400_000_000;
        let folder = tempfile::tempdir().unwrap();
        let rows = vec![row("a", DAY / 2), row("a", DAY + 1), row("a", 2 * DAY + 1), row("b", 5)];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let after = |stated: &str| {
            let settings = [(INCIDENT[1].0.to_owned(), stated.to_owned())].into();
            after_containment(&State { settings, ..State::default() }, &cache, &[0, 1].into())
        };
        assert_eq!(after("1970-01-01"), "2 by 1 account");
        assert_eq!(after("1970-01-02"), "1 by 1 account");
        assert_eq!(after("1970-01-01 00:00"), "4 by 2 accounts");
        assert_eq!(after("soon"), "not computed: no date is stated");
    }
}
