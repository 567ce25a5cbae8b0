//! The leads a bundle relies on: which accounts, why, and what else could explain them.

use std::collections::BTreeMap;

use super::BundleError;
use super::custody::NOT_STATED;
use crate::cache::query::links::MULTITUDE;
use crate::cache::{AccountIndex, Cache};
use crate::case::{Alternative, EvidenceSource, State, Verdict};
use crate::exhibit::{Table, cell};
use crate::leads::{Leads, Reason};
use crate::model::{AttributeKind, Tag, Watcher};
use crate::signals::Outcome;

/// The benign explanations that every lead relied on is held against.
pub const EXPLANATIONS: [&str; 5] =
    ["reseller", "shared NAT", "evaluation vendor", "university", "batch customer"];

/// A lead that the investigator relies on: a scope or an account with that tag.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Relied {
    /// The number of the evidence.
    pub evidence: u64,
    /// The scope's title or the account's id; hostile.
    pub name: String,
    /// Its accounts, ascending.
    pub accounts: Vec<AccountIndex>,
    /// Why it is a lead, strongest first; empty for a scope that no campaign matches.
    pub reasons: Vec<Reason>,
    /// The explanations in the order of [`EXPLANATIONS`].
    pub alternatives: Vec<Weighed>,
}

/// One benign explanation: what the records show, and what the investigator made of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weighed {
    /// Which.
    pub explanation: &'static str,
    /// Figures of the lead's accounts that bear on it, either way.
    pub measured: String,
    /// The investigator's words, where there are any.
    pub stated: Option<Alternative>,
}

/// The leads relied on, by evidence number.
///
/// # Errors
/// A scope that the cache cannot read, or cancelled.
pub(super) fn relied(
    state: &State,
    cache: &Cache,
    leads: &Leads,
    watcher: &dyn Watcher,
) -> Result<Vec<Relied>, BundleError> {
    let mut found = Vec::new();
    for evidence in state.evidence.values().filter(|evidence| evidence.tag == Tag::ReliedOn) {
        if matches!(evidence.source, EvidenceSource::Exchange { .. }) {
            continue;
        }
        let accounts = accounts_of(&evidence.source, cache, watcher)?;
        let name = evidence.source.lead_name();
        let reasons = match &evidence.source {
            EvidenceSource::Account { .. } => {
                accounts.first().map(|&account| leads.reasons(cache, account)).unwrap_or_default()
            }
            _ => leads
                .campaigns
                .iter()
                .find(|campaign| campaign.accounts == accounts)
                .map(|campaign| campaign.reasons.clone())
                .unwrap_or_default(),
        };
        let alternatives = EXPLANATIONS
            .into_iter()
            .map(|explanation| Weighed {
                explanation,
                measured: measured(explanation, cache, leads, &accounts),
                stated: state
                    .alternatives
                    .iter()
                    .find(|told| told.lead == name && told.explanation == explanation)
                    .cloned(),
            })
            .collect();
        found.push(Relied { evidence: evidence.id, name, accounts, reasons, alternatives });
    }
    Ok(found)
}

impl EvidenceSource {
    /// The name a lead has in [`Alternative::lead`]: the scope's title or the account's id.
    fn lead_name(&self) -> String {
        match self {
            Self::Exchange { account, .. } | Self::Account { account } => account.as_str().to_owned(),
            Self::Scope { title, .. } => title.clone(),
        }
    }
}

/// The accounts a piece of evidence speaks of, ascending; those the cache knows.
pub(super) fn accounts_of(
    source: &EvidenceSource,
    cache: &Cache,
    watcher: &dyn Watcher,
) -> Result<Vec<AccountIndex>, BundleError> {
    Ok(match source {
        EvidenceSource::Exchange { account, .. } | EvidenceSource::Account { account } => {
            cache.account_index(account).into_iter().collect()
        }
        EvidenceSource::Scope { scope, .. } => cache.select(scope, watcher)?.accounts,
    })
}

/// What the records show of some accounts that bears on an explanation, for or against.
fn measured(explanation: &str, cache: &Cache, leads: &Leads, accounts: &[AccountIndex]) -> String {
    let count = |kind: AttributeKind| distinct(cache, accounts, kind);
    match explanation {
        "reseller" => [AttributeKind::OrgId, AttributeKind::PaymentFingerprint, AttributeKind::EmailDomain]
            .map(count)
            .join("; "),
        "shared NAT" => format!(
            "{}; {}; {} of {} accounts use an IP that more than {MULTITUDE} accounts share",
            count(AttributeKind::Ip),
            count(AttributeKind::Ip24),
            accounts.iter().filter(|&&account| is_behind_multitude(cache, account)).count(),
            accounts.len()
        ),
        "evaluation vendor" => format!(
            "{}; {}; {}",
            most_common(cache, accounts, AttributeKind::StatedUseCase),
            count(AttributeKind::OrgId),
            median(leads, accounts, "C2")
        ),
        "university" => format!(
            "{} of {} accounts have an email domain that contains .edu or .ac.; {}; {}",
            accounts.iter().filter(|&&account| is_academic(cache, account)).count(),
            accounts.len(),
            count(AttributeKind::EmailDomain),
            most_common(cache, accounts, AttributeKind::EmailDomain)
        ),
        _ => format!(
            "{}; {}; {}",
            most_common(cache, accounts, AttributeKind::PromptTemplate),
            median(leads, accounts, "R1"),
            median(leads, accounts, "R2")
        ),
    }
}

/// How many of the accounts have each value of a kind.
fn tally(cache: &Cache, accounts: &[AccountIndex], kind: AttributeKind) -> BTreeMap<u32, u32> {
    let mut tally = BTreeMap::new();
    for &account in accounts {
        for (value, _) in cache.values_of(account) {
            if cache.values()[*value as usize].kind == kind {
                *tally.entry(*value).or_default() += 1;
            }
        }
    }
    tally
}

fn distinct(cache: &Cache, accounts: &[AccountIndex], kind: AttributeKind) -> String {
    match tally(cache, accounts, kind).len() {
        0 => format!("{}: not recorded", kind.title()),
        1 => format!("{}: 1 value among {} accounts", kind.title(), accounts.len()),
        more => format!("{}: {more} values among {} accounts", kind.title(), accounts.len()),
    }
}

/// The value most of the accounts have; the first of equals.
fn most_common(cache: &Cache, accounts: &[AccountIndex], kind: AttributeKind) -> String {
    let tally = tally(cache, accounts, kind);
    let most = tally.iter().max_by_key(|(value, count)| (**count, std::cmp::Reverse(**value)));
    most.map_or_else(
        || format!("{}: not recorded", kind.title()),
        |(value, count)| {
            let value: String = cache.values()[*value as usize].value.chars().take(80).collect();
            format!("most common {}: “{value}”, {count} of {} accounts", kind.title(), accounts.len())
        },
    )
}

fn is_behind_multitude(cache: &Cache, account: AccountIndex) -> bool {
    cache.values_of(account).iter().any(|(value, _)| {
        let value = &cache.values()[*value as usize];
        value.kind == AttributeKind::Ip && value.accounts > MULTITUDE
    })
}

fn is_academic(cache: &Cache, account: AccountIndex) -> bool {
    cache.values_of(account).iter().any(|(value, _)| {
        let value = &cache.values()[*value as usize];
        let domain = format!("{}.", value.value.to_lowercase());
        value.kind == AttributeKind::EmailDomain && (domain.contains(".edu.") || domain.contains(".ac."))
    })
}

/// The lower median of a signal over the accounts on which it could be measured.
fn median(leads: &Leads, accounts: &[AccountIndex], id: &str) -> String {
    let Some(signal) = leads.signals.iter().find(|signal| signal.about.id == id) else {
        return format!("{id}: not measured");
    };
    let mut values: Vec<f64> = accounts
        .iter()
        .filter_map(|&account| match signal.outcomes.get(account as usize) {
            Some(Outcome::Measured { value, .. }) => Some(*value),
            Some(Outcome::NotApplicable(_)) | None => None,
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let name = format!("{id} {}", signal.about.title);
    match values.get(values.len().saturating_sub(1) / 2) {
        None => format!("{name}: not testable on any account"),
        Some(middle) => format!(
            "{name}: median {middle:.3} {} over {} testable of {} accounts",
            signal.about.unit,
            values.len(),
            accounts.len()
        ),
    }
}

/// A verdict in words.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::RuledOut => "ruled out",
        Verdict::Open => "possible, not ruled out",
        Verdict::Explains => "explains the lead",
    }
}

/// `alternatives.csv`: figures from the records and the investigator's words, apart.
pub(super) fn alternatives(relied: &[Relied]) -> Table {
    let header = ["lead", "evidence", "explanation", "measured", "stated_for", "stated_against", "verdict"];
    let mut table = Table::new(header);
    for lead in relied {
        for weighed in &lead.alternatives {
            let stated = weighed.stated.as_ref();
            let words =
                |of: fn(&Alternative) -> &str| stated.map_or(NOT_STATED.to_owned(), |told| cell(of(told)));
            table.push(vec![
                cell(&lead.name),
                format!("E{}", lead.evidence),
                weighed.explanation.to_owned(),
                cell(&weighed.measured),
                words(|told| &told.evidence_for),
                words(|told| &told.evidence_against),
                stated.map_or(NOT_STATED, |told| verdict(told.verdict)).to_owned(),
            ]);
        }
    }
    table
}
