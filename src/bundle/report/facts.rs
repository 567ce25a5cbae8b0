//! Facts of the case for the report, each with its row in the table of figures.

use std::collections::{BTreeMap, BTreeSet};

use super::contents::Report;
use super::count::{Count, Moment};
use super::legal_facts::{self, LegalFacts};
use super::sheets::Figures;
use crate::bundle::BundleError;
use crate::bundle::relied::{Relied, accounts_of};
use crate::cache::AccountIndex;
use crate::exhibit::Table;
use crate::leads::SignalColumn;
use crate::model::{Micros, Silent, Tag, TimeSpan, Zone};
use crate::signals::{Axis, Outcome};

/// Facts of one item relied on.
#[derive(Clone, Debug, Default)]
pub(super) struct ItemFacts {
    /// Accounts.
    pub accounts: Count,
    /// Core and joined members; `None` if it is not a lead.
    pub members: Option<[Count; 2]>,
    /// Exchanges of its accounts.
    pub exchanges: Count,
    /// First and last exchange; `None` without exchanges.
    pub span: Option<[Moment; 2]>,
    /// Accounts that exculpatory evidence names.
    pub contested: Count,
    /// Accounts with an exchange before their creation.
    pub early: Count,
    /// Signals of extraction-likeness that could not be tested on half of the core members.
    pub untested: Count,
    /// Benign explanations that the investigator has not ruled out.
    pub open: Count,
}

/// Facts of the whole case.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// All accounts of the log.
    pub all_accounts: Count,
    /// All exchanges of the log.
    pub all_exchanges: Count,
    /// Accounts of all items relied on, each once.
    pub accounts: Count,
    /// Their exchanges.
    pub exchanges: Count,
    /// Their first and last exchange.
    pub span: Option<[Moment; 2]>,
    /// Items relied on, other than single exchanges.
    pub items: Count,
    /// Leads of the list.
    pub leads: Count,
    /// Number of leads with a p-value of common control, and of those with at most 0.01.
    pub control: [Count; 2],
    /// Items of exculpatory evidence.
    pub exculpatory: Count,
    /// Facts of each item, by evidence number.
    pub of: BTreeMap<u64, ItemFacts>,
    /// Accounts that exculpatory evidence names.
    pub contested: BTreeSet<AccountIndex>,
    /// Facts of the legal frame.
    pub legal: LegalFacts,
}

/// Upper bound of a small p-value of common control.
const SMALL: f64 = 0.01;

/// Gathers the facts and the table of figures.
///
/// # Errors
/// A scope that the cache cannot read.
pub(super) fn gather(report: &Report<'_>) -> Result<(Facts, Table), BundleError> {
    let mut figures = Figures::new();
    let mut facts = Facts { contested: contested(report)?, ..Facts::default() };
    let cache = report.cache;
    let case = "the case";
    let all = cache.accounts().len() as u64;
    let exchanges = cache.counts().distinct;
    let mut put = |about: &str, name: &str, n: u64, of: Option<u64>, source: &str| Count {
        n,
        row: figures.count(about, name, n, of, source),
    };
    facts.all_accounts = put(case, "accounts of the log", all, None, "the log");
    facts.all_exchanges = put(case, "exchanges of the log", exchanges, None, "the log");
    let relied: BTreeSet<AccountIndex> =
        report.relied.iter().flat_map(|item| item.accounts.clone()).collect();
    facts.items = put(case, "items relied on", report.relied.len() as u64, None, "the journal");
    let count = relied.len() as u64;
    facts.accounts = put(case, "accounts relied on", count, Some(all), "the log");
    let theirs = relied.iter().map(|&account| u64::from(cache.accounts()[account as usize].exchanges)).sum();
    facts.exchanges = put(case, "exchanges of accounts relied on", theirs, Some(exchanges), "the log");
    let groups = &report.leads.groups;
    facts.leads = put(case, "leads of the list", groups.len() as u64, None, "the list of leads");
    let control: Vec<f64> = groups.iter().filter_map(|group| group.common_control_p).collect();
    let small = control.iter().filter(|&&p| p <= SMALL).count() as u64;
    let measured = control.len() as u64;
    facts.control = [
        put(
            case,
            "leads with a p-value of common control",
            measured,
            Some(groups.len() as u64),
            "the list of leads",
        ),
        put(
            case,
            "leads with a p-value of common control of at most 0.01",
            small,
            Some(measured),
            "the list of leads",
        ),
    ];
    let marked = report.state.evidence.values().filter(|evidence| evidence.tag == Tag::Exculpatory).count();
    facts.exculpatory = put(case, "items of exculpatory evidence", marked as u64, None, "the journal");
    facts.span =
        span_of(report, relied.iter().copied()).map(|span| moments(&mut figures, report.zone, case, span));
    for item in report.relied {
        let about = format!("E{}", item.evidence);
        let of = item_facts(report, item, &facts.contested, &about, &mut figures);
        facts.of.insert(item.evidence, of);
    }
    facts.legal = legal_facts::gather(report, &mut figures);
    Ok((facts, figures.table()))
}

/// Accounts that exculpatory evidence names.
fn contested(report: &Report<'_>) -> Result<BTreeSet<AccountIndex>, BundleError> {
    let mut contested = BTreeSet::new();
    for evidence in report.state.evidence.values().filter(|evidence| evidence.tag == Tag::Exculpatory) {
        contested.extend(accounts_of(&evidence.source, report.cache, &Silent)?);
    }
    Ok(contested)
}

fn span_of(report: &Report<'_>, accounts: impl Iterator<Item = AccountIndex>) -> Option<TimeSpan> {
    let accounts = accounts.map(|account| &report.cache.accounts()[account as usize]);
    accounts.filter(|account| account.exchanges > 0).fold(None, |span: Option<TimeSpan>, account| {
        let (start, end) = (account.first, account.last);
        Some(span.map_or(TimeSpan { start, end }, |span| TimeSpan {
            start: span.start.min(start),
            end: span.end.max(end),
        }))
    })
}

fn moments(figures: &mut Figures, zone: &Zone, about: &str, span: TimeSpan) -> [Moment; 2] {
    let mut put = |name: &str, t: Micros| {
        let row = figures.push(about, name, zone.format_exact(t), String::new(), "the log");
        Moment { t, row }
    };
    [
        put("first exchange of accounts relied on", span.start),
        put("last exchange of accounts relied on", span.end),
    ]
}

/// True if an account has an exchange before its creation.
pub(super) fn is_early(report: &Report<'_>, account: AccountIndex) -> bool {
    let account = &report.cache.accounts()[account as usize];
    account.created.is_some_and(|created| account.first < created)
}

fn item_facts(
    report: &Report<'_>,
    item: &Relied,
    contested: &BTreeSet<AccountIndex>,
    about: &str,
    figures: &mut Figures,
) -> ItemFacts {
    let mut put = |name: &str, n: usize, of: Option<usize>, source: &str| Count {
        n: n as u64,
        row: figures.count(about, name, n as u64, of.map(|of| of as u64), source),
    };
    let size = item.accounts.len();
    let accounts = put("accounts", size, None, "the log");
    let members = item.figures.as_ref().map(|figures| {
        let [core, joined] = figures.members;
        [
            put("core members", core, Some(size), "the list of leads"),
            put("joined members", joined, Some(size), "the list of leads"),
        ]
    });
    let own = |account: &AccountIndex| report.cache.accounts()[*account as usize].exchanges as usize;
    let exchanges = put("exchanges", item.accounts.iter().map(own).sum(), None, "the log");
    let named = item.accounts.iter().filter(|account| contested.contains(account)).count();
    let contested = put("accounts named by exculpatory evidence", named, Some(size), "the journal");
    let early = item.accounts.iter().filter(|&&account| is_early(report, account)).count();
    let early = put("accounts with an exchange before their creation", early, Some(size), "the log");
    let signals = untested(report, item);
    let none = signals.iter().filter(|signal| !signal.is_tested()).count();
    let untested = put("signals not tested", none, Some(signals.len()), "the list of leads");
    let ruled_out = |weighed: &&crate::bundle::relied::Weighed| {
        weighed.stated.as_ref().is_some_and(|stated| stated.verdict == crate::case::Verdict::RuledOut)
    };
    let all = item.alternatives.len();
    let open = all - item.alternatives.iter().filter(ruled_out).count();
    let open = put("benign explanations not ruled out", open, Some(all), "05_methods/alternatives.csv");
    let span = span_of(report, item.accounts.iter().copied());
    let span = span.map(|span| moments(figures, report.zone, about, span));
    ItemFacts { accounts, members, exchanges, span, contested, early, untested, open }
}

/// One signal of extraction-likeness on the accounts of an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tested {
    /// `C2 coverage`.
    pub signal: String,
    /// Accounts on which it could be measured.
    pub measured: usize,
    /// Number of accounts tested: the core members of a lead, else all.
    pub of: usize,
    /// Most common reason for not measuring it; empty if all were measured.
    pub why: String,
    /// True if it was measured on the accounts but not tested on the group.
    pub is_left_out: bool,
    /// Median of the values and of the percentiles over the accounts measured.
    pub median: Option<[f64; 2]>,
}

impl Tested {
    /// True if at least half of the accounts could be measured and the group was tested.
    pub fn is_tested(&self) -> bool {
        self.of > 0 && 2 * self.measured >= self.of && !self.is_left_out
    }
}

/// Accounts of an item that are tested: the core members of its lead, else all.
pub(super) fn tested_accounts(report: &Report<'_>, item: &Relied) -> Vec<AccountIndex> {
    let lead = item
        .figures
        .as_ref()
        .and_then(|figures| report.leads.groups.iter().find(|group| group.id == figures.id));
    lead.map_or_else(|| item.accounts.clone(), |lead| lead.core.clone())
}

/// Every signal of extraction-likeness on the accounts of an item.
pub(super) fn untested(report: &Report<'_>, item: &Relied) -> Vec<Tested> {
    let accounts = tested_accounts(report, item);
    let signals = report.leads.signals.iter().filter(|signal| signal.about.axis == Axis::Extraction);
    signals
        .map(|signal| {
            let reason = item.reasons.iter().find(|reason| reason.signal == signal.about.id);
            let tested = measured_on(signal, &accounts);
            match reason.filter(|reason| reason.p.is_none() && tested.is_tested()) {
                // Measured on the accounts, and not tested on them as a group.
                Some(_) => Tested { is_left_out: true, why: "not tested on this group".to_owned(), ..tested },
                None => tested,
            }
        })
        .collect()
}

/// One signal on some accounts.
pub(super) fn measured_on(signal: &SignalColumn, accounts: &[AccountIndex]) -> Tested {
    let (mut values, mut percentiles) = (Vec::new(), Vec::new());
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for &account in accounts {
        match signal.outcomes.get(account as usize) {
            Some(Outcome::Measured { value, .. }) => {
                values.push(*value);
                percentiles.extend(signal.percentile.get(account as usize).copied().flatten().map(f64::from));
            }
            Some(Outcome::NotApplicable(why)) => *reasons.entry(why.as_ref()).or_default() += 1,
            None => {}
        }
    }
    let why = reasons.iter().max_by_key(|(why, count)| (**count, std::cmp::Reverse(**why)));
    Tested {
        signal: format!("{} {}", signal.about.id, signal.about.title),
        measured: values.len(),
        of: accounts.len(),
        is_left_out: false,
        why: why.map_or_else(String::new, |(why, _)| (*why).to_owned()),
        median: median(&mut values)
            .zip(median(&mut percentiles))
            .map(|(value, percentile)| [value, percentile]),
    }
}

/// The lower median; `None` for an empty slice.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}
