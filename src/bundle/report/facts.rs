//! Facts of the case for the report, each with its row in the table of figures.

use std::collections::{BTreeMap, BTreeSet};

use super::contents::Report;
use super::count::{Count, Moment};
use super::legal_facts::{self, LegalFacts};
use super::sheets::Figures;
use super::tested::extraction;
use crate::bundle::BundleError;
use crate::bundle::relied::{Relied, accounts_of, decisions};
use crate::cache::AccountIndex;
use crate::case::{Evidence, EvidenceSource, ReviewStatus};
use crate::exhibit::Table;
use crate::model::{LeadId, Micros, Silent, Tag, TimeSpan, Zone};

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
    /// Signals of extraction-likeness that were not tested on its accounts, and all of them.
    pub untested: [Count; 2],
    /// Core members with a membership probability of at most 50 %; `None` if it is not a lead.
    pub uncertain: Option<Count>,
    /// Core members that events were counted on, members of the lead among the accounts compared, and core members that
    /// are neither; `None` without events.
    pub events: Option<[Count; 3]>,
    /// Benign explanations that the investigator has not weighed, and those weighed and not ruled out.
    pub open: [Count; 2],
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
    /// Items relied on: all, single exchanges, and leads, accounts or scopes.
    pub items: [Count; 3],
    /// Leads of the list.
    pub leads: Count,
    /// Leads of the list that are relied on, dismissed by the investigator, reviewed otherwise, and not reviewed.
    pub reviewed: [Count; 4],
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

/// Membership probability up to which a core member is uncertain.
pub(in crate::bundle) const UNCERTAIN: f32 = 0.5;
/// Names of figures of core members.
pub(in crate::bundle) const AT_MOST_HALF: &str = "core members with a membership probability of at most 50 %";
pub(in crate::bundle) const UNCOUNTED: &str = "core members in no count of events";
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
    let repeats = &report.state.repeats();
    let with = |tag: Tag| report.state.evidence.values().filter(move |evidence| evidence.tag == tag);
    let tagged = || with(Tag::ReliedOn).filter(move |evidence| !repeats.contains_key(&evidence.id));
    let single = |evidence: &&Evidence| matches!(evidence.source, EvidenceSource::Exchange { .. });
    let (items, exchanges_marked) = (tagged().count() as u64, tagged().filter(single).count() as u64);
    let wholes = report.relied.len() as u64;
    facts.items = [
        put(case, "items relied on", items, None, "the journal"),
        put(case, "single exchanges among them", exchanges_marked, Some(items), "the journal"),
        put(case, "leads, accounts and scopes among them", wholes, Some(items), "the journal"),
    ];
    let count = relied.len() as u64;
    facts.accounts = put(case, "accounts relied on", count, Some(all), "the log");
    let theirs = relied.iter().map(|&account| u64::from(cache.accounts()[account as usize].exchanges)).sum();
    facts.exchanges = put(case, "exchanges of accounts relied on", theirs, Some(exchanges), "the log");
    let groups = &report.leads.groups;
    facts.leads = put(case, "leads of the list", groups.len() as u64, None, "the list of leads");
    let [relied_on, dismissed, other, none] = reviewed(report).map(|count| count as u64);
    let of = Some(groups.len() as u64);
    facts.reviewed = [
        put(case, "leads relied on", relied_on, of, "the journal"),
        put(case, "leads dismissed by the investigator", dismissed, of, "the journal"),
        put(case, "leads reviewed otherwise", other, of, "the journal"),
        put(case, "leads not reviewed", none, of, "the journal"),
    ];
    let control: Vec<f64> = groups.iter().filter_map(|group| group.common_control_p).collect();
    let small = control.iter().filter(|&&p| p <= SMALL).count() as u64;
    let measured = control.len() as u64;
    facts.control = [
        put(
            case,
            "leads with a common control p-value",
            measured,
            Some(groups.len() as u64),
            "the list of leads",
        ),
        put(
            case,
            "leads with a common control p-value of at most 0.01",
            small,
            Some(measured),
            "the list of leads",
        ),
    ];
    let marked = with(Tag::Exculpatory).filter(move |evidence| !repeats.contains_key(&evidence.id)).count();
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

/// Leads of the list by what the investigator did with them: relied on, dismissed, reviewed otherwise, not reviewed.
fn reviewed(report: &Report<'_>) -> [usize; 4] {
    let relied: BTreeSet<&LeadId> =
        report.relied.iter().filter_map(|item| item.figures.as_ref()).map(|figures| &figures.id).collect();
    let decisions = decisions(report.state, report.cache, report.leads);
    let mut counts = [0; 4];
    for (at, group) in report.leads.groups.iter().enumerate() {
        let status = decisions.review(at).map_or(ReviewStatus::New, |review| review.status);
        let place = match status {
            _ if relied.contains(&group.id) => 0,
            ReviewStatus::Dismissed => 1,
            ReviewStatus::LookedAt | ReviewStatus::TakenUp | ReviewStatus::Campaign => 2,
            ReviewStatus::New => 3,
        };
        counts[place] += 1;
    }
    counts
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
    let signals = extraction(report, item);
    let none = signals.iter().filter(|signal| !signal.is_tested()).count();
    let untested = [
        put("signals of extraction-likeness not tested", none, Some(signals.len()), "the list of leads"),
        put("signals of extraction-likeness", signals.len(), None, "the list of leads"),
    ];
    let all = item.alternatives.len();
    let stated = || item.alternatives.iter().filter_map(|weighed| weighed.stated.as_ref());
    let ruled_out = stated().filter(|stated| stated.verdict == crate::case::Verdict::RuledOut).count();
    let weighed = stated().count();
    const ALTERNATIVES: &str = "05_methods/alternatives.csv";
    let open = [
        put("benign explanations not weighed", all - weighed, Some(all), ALTERNATIVES),
        put("benign explanations weighed and not ruled out", weighed - ruled_out, Some(all), ALTERNATIVES),
    ];
    let events = item.lead_in(report.leads).filter(|group| !group.events.events.is_empty()).map(|group| {
        let own = |is_own: bool| group.events.accounts.iter().filter(move |own| own.in_community == is_own);
        let core = own(true).filter(|own| group.is_core(own.account)).count();
        let compared = own(false).filter(|own| group.accounts.contains(&own.account)).count();
        let counted: BTreeSet<AccountIndex> = group.events.accounts.iter().map(|own| own.account).collect();
        let uncounted = group.core.iter().filter(|account| !counted.contains(account)).count();
        [
            put("core members that events are counted on", core, Some(group.core.len()), "the list of leads"),
            put("members among the accounts compared", compared, None, "the list of leads"),
            put(UNCOUNTED, uncounted, Some(group.core.len()), "the list of leads"),
        ]
    });
    let uncertain = item.lead_in(report.leads).map(|group| {
        let is_uncertain = |account: &&AccountIndex| {
            report.leads.membership(**account).is_some_and(|probability| probability <= UNCERTAIN)
        };
        let count = group.core.iter().filter(is_uncertain).count();
        put(AT_MOST_HALF, count, Some(group.core.len()), "the list of leads")
    });
    let span = span_of(report, item.accounts.iter().copied());
    let span = span.map(|span| moments(figures, report.zone, about, span));
    ItemFacts { accounts, members, exchanges, span, contested, early, untested, uncertain, events, open }
}
