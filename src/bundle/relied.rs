//! Leads that a bundle relies on: their accounts, figures, reasons and benign explanations.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::BundleError;
use super::attributes::{Attributes, Median};
use super::custody::NOT_STATED;
use super::explanations::explanations;
use crate::cache::{AccountIndex, Cache};
use crate::case::{Alternative, Decisions, EvidenceSource, State};
use crate::exhibit::{Table, cell};
use crate::leads::{self, GroupLead, Leads, Reason};
use crate::model::{Followed, LeadId, Tag, Watcher, name_now, without_lead};
use crate::query::select;

/// A lead that the investigator relies on: a scope or an account with the tag relied-on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Relied {
    /// The number of the evidence.
    pub evidence: u64,
    /// Name of the marked item: the id of the lead, the account's id or the scope's title; hostile.
    pub name: String,
    /// The lead in words, with its match in the present list: `L-7f31ab, now L-91c2d0: 41 of 44 accounts
    /// in common`; `None` where it was made from no lead.
    pub lead: Option<String>,
    /// Its accounts, ascending.
    pub accounts: Vec<AccountIndex>,
    /// Figures of its lead; `None` for an account, and for a scope that is not a lead.
    pub figures: Option<LeadFigures>,
    /// Reasons, strongest first; empty for a scope that is not a lead.
    pub reasons: Vec<Reason>,
    /// The explanations in the order of [`explanations`].
    pub alternatives: Vec<Weighed>,
}

impl Relied {
    /// Its lead in the present list.
    pub fn lead_in<'a>(&self, leads: &'a Leads) -> Option<&'a GroupLead> {
        let figures = self.figures.as_ref()?;
        leads.groups.iter().find(|group| group.id == figures.id)
    }
}

/// Figures of a lead of the present list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LeadFigures {
    /// Its id.
    pub id: LeadId,
    /// Rank, from 1.
    pub rank: usize,
    /// Core members and joined members.
    pub members: [usize; 2],
    /// p-value of extraction-likeness; `None` where it could not be tested.
    pub p: Option<f64>,
    /// q-value; `None` where it is ranked only.
    pub q: Option<f64>,
    /// Groups tested with it.
    pub tested: u32,
    /// p-value of common control; `None` where it could not be tested.
    pub control: Option<f64>,
}

/// One benign explanation: figures from the records, and the investigator's assessment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weighed {
    /// The explanation, one of [`explanations`].
    pub explanation: String,
    /// Figures of the lead's accounts for or against it.
    pub measured: String,
    /// The investigator's assessment; `None` if not assessed.
    pub stated: Option<Alternative>,
    /// Earlier lead that it was weighed for, with its match in the present list; `None` if it is this lead.
    pub weighed_for: Option<String>,
    /// Decisions on the same question that do not count, with the leads they were weighed for.
    pub beside: Vec<String>,
}

/// The decisions of a state on the present leads.
pub(super) fn decisions(state: &State, cache: &Cache, leads: &Leads) -> Decisions {
    leads::decisions(Arc::new(state.clone()), Arc::new(leads.list(cache)), cache)
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
    let (decisions, repeats) = (decisions(state, cache, leads), state.repeats());
    let mut found = Vec::new();
    for evidence in state.evidence.values().filter(|evidence| evidence.tag == Tag::ReliedOn) {
        if repeats.contains_key(&evidence.id) {
            continue;
        }
        let Some(subject) = evidence.source.subject(evidence.id) else { continue };
        let accounts = accounts_of(&evidence.source, cache, watcher)?;
        let at = decisions.of_evidence(evidence.id).and_then(Followed::at);
        let group = at.or_else(|| same_accounts(&evidence.source, leads, &accounts));
        let group = group.and_then(|at| Some((at, leads.groups.get(at)?)));
        let reasons = match (&evidence.source, group) {
            (EvidenceSource::Account { .. }, _) => {
                accounts.first().map(|&account| leads.reasons(cache, account)).unwrap_or_default()
            }
            (_, Some((_, group))) => group.reasons.clone(),
            _ => Vec::new(),
        };
        let attributes = Attributes::of(cache, &accounts);
        let median = |id: &str| median(leads, &accounts, id);
        let alternatives = explanations(group.map(|(_, group)| group)).into_iter().map(|explanation| {
            let weighed = decisions.weighed(&subject, &explanation);
            Weighed {
                measured: attributes.measured(&explanation, &median),
                weighed_for: weighed.counts.and_then(|alternative| decisions.weighed_for_other(alternative)),
                beside: weighed.beside.iter().map(|alternative| beside(&decisions, alternative)).collect(),
                stated: weighed.counts.cloned(),
                explanation,
            }
        });
        found.push(Relied {
            evidence: evidence.id,
            name: name_of(&evidence.source),
            lead: decisions.evidence_in_words(evidence.id),
            figures: group.map(|(at, group)| LeadFigures::of(at, group)),
            alternatives: alternatives.collect(),
            accounts,
            reasons,
        });
    }
    Ok(found)
}

/// The lead with exactly these accounts, for a scope that was not made from a lead.
fn same_accounts(source: &EvidenceSource, leads: &Leads, accounts: &[AccountIndex]) -> Option<usize> {
    let of_no_lead = matches!(source, EvidenceSource::Scope { scope, .. } if scope.lead().is_none());
    leads.groups.iter().position(|group| of_no_lead && group.accounts == accounts)
}

impl LeadFigures {
    fn of(at: usize, group: &GroupLead) -> Self {
        Self {
            id: group.id.clone(),
            rank: at + 1,
            members: [group.core.len(), group.joined()],
            p: group.extraction_p,
            q: group.q_value,
            tested: group.tested,
            control: group.common_control_p,
        }
    }
}

/// A probability to two significant digits, without exponents: `0.015`, `less than 0.0001`.
pub(super) fn probability(p: f64) -> String {
    let decimals = match p {
        p if p < 1e-4 => return "less than 0.0001".to_owned(),
        p if p < 1e-3 => 5,
        p if p < 1e-2 => 4,
        p if p < 1e-1 => 3,
        _ => 2,
    };
    format!("{p:.decimals$}")
}

/// `ruled out, weighed for L-7f31ab, now L-91c2d0: 41 of 44 core accounts in common`.
fn beside(decisions: &Decisions, alternative: &Alternative) -> String {
    let lead = decisions.weighed_for_other(alternative).unwrap_or_else(|| alternative.weighed_for());
    format!("{}, weighed for {lead}", alternative.verdict.in_words())
}

/// The id of the lead, the account's id or the scope's title.
fn name_of(source: &EvidenceSource) -> String {
    match source {
        EvidenceSource::Exchange { account, .. } | EvidenceSource::Account { account } => {
            account.as_str().to_owned()
        }
        EvidenceSource::Scope { scope, title } => {
            scope.lead().map_or_else(|| name_now(title), |lead| lead.id.to_string())
        }
    }
}

/// The accounts of a piece of evidence that the cache has, ascending.
pub(super) fn accounts_of(
    source: &EvidenceSource,
    cache: &Cache,
    watcher: &dyn Watcher,
) -> Result<Vec<AccountIndex>, BundleError> {
    Ok(match source {
        EvidenceSource::Exchange { account, .. } | EvidenceSource::Account { account } => {
            cache.account_index(account).into_iter().collect()
        }
        EvidenceSource::Scope { scope, .. } => select(cache, scope, watcher)?.accounts,
    })
}

/// Accounts of all evidence relied on, single exchanges included.
///
/// # Errors
/// A scope that the cache cannot read, or cancelled.
pub(super) fn relied_accounts(
    state: &State,
    cache: &Cache,
    watcher: &dyn Watcher,
) -> Result<BTreeSet<AccountIndex>, BundleError> {
    let [whole, single] = relied_parts(state, cache, watcher)?;
    Ok(whole.union(&single).copied().collect())
}

/// Accounts of leads, accounts and scopes relied on, and accounts of single exchanges relied on.
///
/// # Errors
/// A scope that the cache cannot read, or cancelled.
pub(super) fn relied_parts(
    state: &State,
    cache: &Cache,
    watcher: &dyn Watcher,
) -> Result<[BTreeSet<AccountIndex>; 2], BundleError> {
    let mut parts = [BTreeSet::new(), BTreeSet::new()];
    for evidence in state.evidence.values().filter(|evidence| evidence.tag == Tag::ReliedOn) {
        let is_single = matches!(evidence.source, EvidenceSource::Exchange { .. });
        parts[usize::from(is_single)].extend(accounts_of(&evidence.source, cache, watcher)?);
    }
    Ok(parts)
}

/// The lower median of a signal over the accounts on which it could be measured; `None` for a signal that is not in the
/// list.
fn median(leads: &Leads, accounts: &[AccountIndex], id: &str) -> Option<Median> {
    let signal = leads.signals.iter().find(|signal| signal.about.id == id)?;
    let values = signal.measured(accounts);
    Some(Median {
        name: format!("{id} {}", signal.about.title),
        unit: signal.about.unit,
        measured: values.len(),
        value: values.get(values.len().saturating_sub(1) / 2).copied(),
    })
}

/// `alternatives.csv`: figures from the records, and the investigator's assessment in separate columns.
/// `provisional` is true if the leads are.
pub(super) fn alternatives(relied: &[Relied], provisional: bool) -> Table {
    let header = [
        "lead",
        "evidence",
        "explanation",
        "measured",
        "stated_for",
        "stated_against",
        "verdict",
        "lead_now",
        "weighed_for",
        "not_counted",
    ];
    let mut table = Table::new(header);
    for lead in relied {
        for weighed in &lead.alternatives {
            let stated = weighed.stated.as_ref();
            let words = |of: fn(&Alternative) -> &str| {
                stated.map_or(NOT_STATED.to_owned(), |alternative| cell(of(alternative)))
            };
            table.push(vec![
                cell(&lead.name),
                format!("E{}", lead.evidence),
                cell(&weighed.explanation),
                cell(&weighed.measured),
                words(|alternative| &alternative.evidence_for),
                words(|alternative| &alternative.evidence_against),
                stated.map_or(NOT_STATED, |alternative| alternative.verdict.in_words()).to_owned(),
                match (&lead.figures, &lead.lead) {
                    (Some(figures), _) => figures.id.to_string(),
                    (None, Some(_)) => without_lead(provisional).to_owned(),
                    (None, None) => String::new(),
                },
                cell(weighed.weighed_for.as_deref().unwrap_or_default()),
                cell(&weighed.beside.join("; ")),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_written_without_exponents() {
        let written = [1.0, 0.165, 0.0151, 0.001_49, 0.000_123, 9e-5].map(probability);
        assert_eq!(written, ["1.00", "0.17", "0.015", "0.0015", "0.00012", "less than 0.0001"]);
    }
    use crate::cache::testing::{cache, row, snapshot};
    use crate::case::{Evidence, Subject, Verdict};
    use crate::model::{LeadRef, Silent, TimeSpan};

    fn group(cache: &Cache, accounts: &[AccountIndex]) -> GroupLead {
        let core = accounts.iter().map(|&at| cache.accounts()[at as usize].id.clone()).collect();
        GroupLead {
            id: LeadRef::of(1, core).id,
            core: accounts.to_vec(),
            accounts: accounts.to_vec(),
            exchanges: 2,
            span: TimeSpan { start: 0, end: 1 },
            common_control_bits: 20.0,
            common_control_p: None,
            z_score: None,
            extraction_p: None,
            tested: 2,
            q_value: None,
            ranked_only: true,
            events: Default::default(),
            shares: String::new(),
            reasons: Vec::new(),
        }
    }

    fn leads(cache: &Cache, groups: &[&[AccountIndex]]) -> Leads {
        Leads { groups: groups.iter().map(|accounts| group(cache, accounts)).collect(), ..Leads::default() }
    }

    #[test]
    fn a_verdict_stays_with_its_accounts_when_leads_are_ranked_anew() {
        let folder = tempfile::tempdir().unwrap();
        let rows = ["a", "b", "c", "d", "e"].map(|account| row(account, 1)).to_vec();
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("x.parquet", rows)])]);
        let before = leads(&cache, &[&[0, 1], &[2, 3]]);
        let [first, second] = [0, 1].map(|at: usize| before.groups[at].reference(&cache));
        let weighed = Alternative {
            evidence_against: "a and b are no reseller".into(),
            verdict: Verdict::RuledOut,
            ..Alternative::new(Subject::Lead { lead: first.clone() }, "reseller")
        };
        let marked = |id, at: usize| {
            let group = &before.groups[at];
            let source = EvidenceSource::Scope { scope: group.scope(&cache), title: group.name() };
            (id, Evidence { id, source, tag: Tag::ReliedOn, note: String::new(), marked: 0, read_with: None })
        };
        let evidence = [marked(1, 1), marked(2, 0)].into();
        let state = State { alternatives: vec![weighed], evidence, ..State::default() };
        let relied_with = |groups: &[&[AccountIndex]]| {
            let found = relied(&state, &cache, &leads(&cache, groups), &Silent).unwrap();
            <[Relied; 2]>::try_from(found).unwrap()
        };

        // The order of the list makes no difference.
        for groups in [[&[0, 1][..], &[2, 3]], [&[2, 3], &[0, 1]]] {
            let [of_second, of_first] = relied_with(&groups);
            assert_eq!(of_second.alternatives[0].stated, None, "c and d were never weighed");
            assert!(of_first.alternatives[0].stated.is_some(), "a and b were");
            assert_eq!(of_first.lead, Some(first.id.to_string()));
            assert_eq!(of_second.name, second.id.to_string());
        }
        // With one more account the decisions follow, and the figures are those of the present lead.
        let [_, of_first] = relied_with(&[&[0, 1, 4], &[2, 3]]);
        let now = &leads(&cache, &[&[0, 1, 4]]).groups[0].id;
        let matched = format!("{}, now {now}: 2 of 2 core accounts in common", first.id);
        assert_eq!(of_first.lead.as_ref(), Some(&matched));
        assert_eq!(of_first.alternatives[0].weighed_for.as_ref(), Some(&matched));
        assert_eq!(&of_first.figures.as_ref().unwrap().id, now);
        // No lead any more: evidence and verdict stay together, and no figures are given.
        let [_, of_first] = relied_with(&[&[2, 3]]);
        assert_eq!(of_first.lead, Some(format!("{}: no longer a lead", first.id)));
        assert!(of_first.alternatives[0].stated.is_some());
        assert_eq!(of_first.figures, None);
        let csv = String::from_utf8(alternatives(&[of_first], false).to_csv()).unwrap();
        assert!(csv.contains(",ruled out,no longer a lead,"), "{csv}");
        // Before the end of the text pass it may come back.
        let incomplete = Leads { provisional: true, ..leads(&cache, &[&[2, 3]]) };
        let found = relied(&state, &cache, &incomplete, &Silent).unwrap();
        assert_eq!(found[1].lead, Some(format!("{}: leads not complete yet", first.id)));
        let csv = String::from_utf8(alternatives(&found, true).to_csv()).unwrap();
        assert!(csv.contains(",ruled out,leads not complete yet,") && !csv.contains("no longer"), "{csv}");
    }
}
