//! Exhibits made for the report: accounts, times, contested accounts, signals.

use std::collections::{BTreeMap, BTreeSet};

use super::contents::Report;
use super::draft::Draft;
use super::facts::Facts;
use super::tested::{self, median, percentile, tested_accounts};
use crate::bundle::event_tables;
use crate::bundle::relied::Relied;
use crate::cache::AccountIndex;
use crate::exhibit::{Table, cell};
use crate::model::Micros;
use crate::signals::Axis;

/// Accounts relied on, each with its role.
pub(super) fn accounts(report: &Report<'_>, facts: &Facts) -> Table {
    let header = [
        "account",
        "evidence",
        "lead",
        "role",
        "membership",
        "in_events",
        "created",
        "first",
        "last",
        "exchanges",
        "contested",
    ];
    let mut table = Table::new(header);
    let zone = report.zone;
    for item in report.relied {
        let lead = item.figures.as_ref().map(|figures| figures.id.to_string()).unwrap_or_default();
        let core: BTreeSet<AccountIndex> = tested_accounts(report, item).into_iter().collect();
        let group = item.lead_in(report.leads);
        let counted: Option<BTreeMap<AccountIndex, bool>> = group
            .filter(|group| !group.events.events.is_empty())
            .map(|group| group.events.accounts.iter().map(|own| (own.account, own.in_community)).collect());
        // By the names that stand in the table, which may be pseudonyms.
        let mut accounts = item.accounts.clone();
        accounts.sort_by_key(|&at| &report.cache.accounts()[at as usize].id);
        for at in accounts {
            let account = &report.cache.accounts()[at as usize];
            let way = match &item.figures {
                None => "marked by the investigator",
                Some(_) if core.contains(&at) => "core member",
                Some(_) => "joined member",
            };
            let contested = if facts.contested.contains(&at) { "yes" } else { "no" };
            let membership = group.and_then(|_| report.leads.membership(at));
            let part = counted.as_ref().map_or("", |counted| in_events(counted.get(&at).copied()));
            table.push(vec![
                cell(account.id.as_str()),
                format!("E{}", item.evidence),
                lead.clone(),
                way.to_owned(),
                membership.map_or_else(String::new, probable),
                part.to_owned(),
                account.created.map_or_else(String::new, |t| zone.format(t)),
                zone.format(account.first),
                zone.format(account.last),
                account.exchanges.to_string(),
                contested.to_owned(),
            ]);
        }
    }
    table
}

/// Part of the events of a lead that an account is counted in, given whether it is one of the community.
pub(in crate::bundle) fn in_events(in_community: Option<bool>) -> &'static str {
    match in_community {
        Some(true) => "counted",
        Some(false) => "compared",
        None => "no",
    }
}

/// A membership probability in three digits, cut off and not rounded up to certainty.
pub(in crate::bundle) fn probable(probability: f32) -> String {
    format!("{:.3}", (probability * 1_000.0).floor() / 1_000.0)
}

/// Times of the case, ascending.
pub(super) fn timeline(report: &Report<'_>) -> Table {
    let mut rows: Vec<(Micros, String, String, &str)> = Vec::new();
    let events = &report.state.events;
    rows.extend(events.iter().map(|event| {
        (event.ts, event.label.clone(), "the case".to_owned(), "event noted by the investigator")
    }));
    let everything = report.cache.accounts().iter().filter(|account| account.exchanges > 0);
    let (first, last) = everything.fold((Micros::MAX, Micros::MIN), |(first, last), account| {
        (first.min(account.first), last.max(account.last))
    });
    if first <= last {
        rows.push((first, "first exchange of the log".to_owned(), "the case".to_owned(), "the log"));
        rows.push((last, "last exchange of the log".to_owned(), "the case".to_owned(), "the log"));
    }
    for item in report.relied {
        let about = format!("E{}", item.evidence);
        let of = |account: &AccountIndex| &report.cache.accounts()[*account as usize];
        let created = item.accounts.iter().filter_map(|account| of(account).created);
        let mut put = |t: Option<Micros>, what: &str| {
            rows.extend(t.map(|t| (t, what.to_owned(), about.clone(), "the log")));
        };
        put(created.clone().min(), "first creation of an account");
        put(created.max(), "last creation of an account");
        put(item.accounts.iter().map(|account| of(account).first).min(), "first exchange");
        put(item.accounts.iter().map(|account| of(account).last).max(), "last exchange");
    }
    for (number, notice) in report.state.legal.notices() {
        let event = format!("notice N{number}: {}", notice.kind.word());
        let about = format!("{} accounts", notice.accounts.len());
        rows.push((notice.at, event, about, "notice recorded by the investigator"));
    }
    for (_, terms) in report.state.legal.terms() {
        let event = |what: &str| format!("terms version “{}” {what}", terms.version);
        let source = "terms recorded by the investigator";
        rows.push((terms.from, event("in force"), "the terms".to_owned(), source));
        rows.extend(terms.to.map(|to| (to, event("no longer in force"), "the terms".to_owned(), source)));
    }
    rows.sort();
    let mut table = Table::new(["time", "event", "about", "source"]);
    for (t, event, about, source) in rows {
        table.push(vec![report.zone.format(t), cell(&event), about, source.to_owned()]);
    }
    table
}

/// Figures of each item relied on, with and without the accounts that exculpatory evidence names.
pub(super) fn contested(report: &Report<'_>, facts: &Facts) -> Table {
    let mut table = Table::new(["evidence", "figure", "with all accounts", "without contested accounts"]);
    for item in report.relied {
        let without = |accounts: &[AccountIndex]| -> Vec<AccountIndex> {
            accounts.iter().copied().filter(|account| !facts.contested.contains(account)).collect()
        };
        if without(&item.accounts).len() == item.accounts.len() {
            continue;
        }
        let mut push = |figure: &str, [all, rest]: [String; 2]| {
            table.push(vec![format!("E{}", item.evidence), figure.to_owned(), all, rest]);
        };
        compare(report, item, &without, &mut push);
        counts(report, item, &facts.contested, &mut push);
    }
    table
}

fn compare(
    report: &Report<'_>,
    item: &Relied,
    without: &dyn Fn(&[AccountIndex]) -> Vec<AccountIndex>,
    push: &mut dyn FnMut(&str, [String; 2]),
) {
    let core = tested_accounts(report, item);
    let both = [item.accounts.clone(), without(&item.accounts)];
    let tested = [core.clone(), without(&core)];
    push("accounts", both.each_ref().map(|accounts| accounts.len().to_string()));
    if item.figures.is_some() {
        push("core members", tested.each_ref().map(|accounts| accounts.len().to_string()));
    }
    let exchanges = |accounts: &Vec<AccountIndex>| {
        let of = |account: &AccountIndex| u64::from(report.cache.accounts()[*account as usize].exchanges);
        accounts.iter().map(of).sum::<u64>().to_string()
    };
    push("exchanges", both.each_ref().map(exchanges));
    let p = |accounts: &Vec<AccountIndex>| {
        let mut values: Vec<f64> = accounts
            .iter()
            .filter_map(|&account| {
                let rank = *report.leads.rank_of.get(account as usize)? as usize;
                report.leads.accounts.get(rank)?.p_value
            })
            .collect();
        median(&mut values).map_or_else(|| "not tested".to_owned(), |p| format!("{p:.3e}"))
    };
    push("median p-value of its accounts", tested.each_ref().map(p));
    for signal in report.leads.signals.iter().filter(|signal| signal.about.axis == Axis::Extraction) {
        let of = |accounts: &Vec<AccountIndex>| {
            let median = percentile(signal, accounts);
            median.map_or_else(|| "not measured".to_owned(), |percentile| format!("{percentile:.1}"))
        };
        let figure = format!("median percentile, {} {}", signal.about.id, signal.about.title);
        push(&figure, tested.each_ref().map(of));
    }
}

/// Beginning of the name of exchanges after a notice.
pub(in crate::bundle) const AFTER_NOTICE: &str = "exchanges after notice ";

/// Figure that is not computed again without contested accounts.
pub(in crate::bundle) const NOT_AGAIN: (&str, [&str; 2]) = (
    "measures of the group, G0 to G5",
    ["as in Findings", "not computed again: they compare the group as a whole"],
);

/// Events and exchanges after notices with and without contested accounts, and what is not computed again.
fn counts(
    report: &Report<'_>,
    item: &Relied,
    contested: &BTreeSet<AccountIndex>,
    push: &mut dyn FnMut(&str, [String; 2]),
) {
    let own: BTreeSet<AccountIndex> = item.accounts.iter().copied().collect();
    if let Some(group) = item.lead_in(report.leads) {
        let without = own.intersection(contested).copied().collect();
        for (id, cells) in event_tables::with_and_without(group, &without) {
            push(&event_tables::contested_name(id), cells);
        }
        push(NOT_AGAIN.0, NOT_AGAIN.1.map(str::to_owned));
    }
    let notices: BTreeSet<u64> = report.legal.after.iter().map(|row| row.notice).collect();
    for number in notices {
        let rows =
            || report.legal.after.iter().filter(|row| row.notice == number && own.contains(&row.account));
        let all: u64 = rows().map(|row| row.usage.exchanges).sum();
        let rest: u64 =
            rows().filter(|row| !contested.contains(&row.account)).map(|row| row.usage.exchanges).sum();
        push(&format!("{AFTER_NOTICE}N{number}"), [all, rest].map(|count| count.to_string()));
    }
}

/// Columns of the table of signals.
pub(super) const SIGNALS: [&str; 9] =
    ["evidence", "signal", "measured", "of", "tested", "value", "median percentile", "p", "why not"];

/// Every signal and context figure on the accounts of each item relied on, with its value or why it has none.
pub(super) fn signals(report: &Report<'_>) -> Table {
    let mut table = Table::new(SIGNALS);
    for item in report.relied {
        for signal in tested::all(report, item) {
            let count = |at: usize| signal.measured.map_or_else(String::new, |counts| counts[at].to_string());
            table.push(vec![
                format!("E{}", item.evidence),
                signal.signal.clone(),
                count(0),
                count(1),
                if signal.is_tested() { "yes" } else { "no" }.to_owned(),
                cell(&signal.value),
                signal.percentile.map_or_else(String::new, |percentile| format!("{percentile:.1}")),
                signal.p.map_or_else(String::new, |p| format!("{p:.3e}")),
                cell(&signal.why),
            ]);
        }
    }
    table
}

/// Number of rows of a table; 0 if the bundle lacks it.
pub(super) fn count_rows(draft: &Draft<'_>, name: &str) -> usize {
    draft.sheet(name).map_or(0, |sheet| sheet.rows.len())
}
