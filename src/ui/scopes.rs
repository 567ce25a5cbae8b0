//! Scopes made from accounts, leads and values.

use std::collections::BTreeSet;

use super::view::ViewContext;
use super::words;
use crate::cache::{AccountIndex, ValueIndex};
use crate::case::{Evidence, EvidenceSource};
use crate::leads::GroupLead;
use crate::model::{AccountId, AccountSet, Scope};

/// Leads named in the label of a scope.
const NAMED: usize = 3;

/// Ids of accounts.
pub fn ids(cx: &ViewContext<'_>, accounts: &[AccountIndex]) -> BTreeSet<AccountId> {
    let all = cx.cache.accounts();
    accounts.iter().filter_map(|at| Some(all.get(*at as usize)?.id.clone())).collect()
}

/// The scope that is saved under a name.
pub fn saved_as<'a>(cx: &ViewContext<'a>, name: &str) -> Option<&'a Scope> {
    let state: &'a crate::case::State = cx.state;
    state.scopes.iter().find(|saved| saved.name == name).map(|saved| &saved.scope)
}

/// Evidence made from the scope that is saved under a name.
pub fn evidence_of_saved<'a>(cx: &ViewContext<'a>, name: &str) -> Option<(u64, &'a Evidence)> {
    evidence_of(cx, saved_as(cx, name)?)
}

/// Evidence made from a scope, the latest first.
pub fn evidence_of<'a>(cx: &ViewContext<'a>, scope: &Scope) -> Option<(u64, &'a Evidence)> {
    let state: &'a crate::case::State = cx.state;
    let is_of = |source: &EvidenceSource| matches!(source, EvidenceSource::Scope { scope: other, .. } if other == scope);
    let mut latest_first = state.evidence.iter().rev();
    latest_first.find(|(_, evidence)| is_of(&evidence.source)).map(|(id, evidence)| (*id, evidence))
}

/// The present scope on a lead's accounts.
pub fn of_lead(cx: &ViewContext<'_>, group: &GroupLead) -> Scope {
    Scope { accounts: group.scope(cx.cache).accounts, ..Scope::clone(cx.scope) }
}

/// The present scope on these accounts only, under a label.
pub fn of_accounts(cx: &ViewContext<'_>, label: &str, accounts: &[AccountIndex]) -> Scope {
    match accounts {
        [only] => match cx.cache.accounts().get(*only as usize) {
            Some(account) => Scope::clone(cx.scope).with_account(account.id.clone()),
            None => Scope::clone(cx.scope),
        },
        many => Scope::clone(cx.scope).with_accounts(label, ids(cx, many)),
    }
}

/// The present scope on the accounts of several leads.
pub fn of_leads(cx: &ViewContext<'_>, leads: &[usize]) -> Scope {
    let ids: Vec<String> = leads.iter().take(NAMED).map(|at| words::lead_id(cx.leads, *at)).collect();
    let more = leads.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let accounts: Vec<AccountIndex> = leads
        .iter()
        .filter_map(|at| cx.leads.groups.get(*at))
        .flat_map(|group| group.accounts.clone())
        .collect();
    of_accounts(cx, &format!("leads {}{more}", ids.join(", ")), &accounts)
}

/// The present scope with more accounts. A set that grows loses its name and its lead.
pub fn with_more(cx: &ViewContext<'_>, accounts: &[AccountIndex]) -> Scope {
    let mut scope = Scope::clone(cx.scope);
    let more = ids(cx, accounts);
    match &mut scope.accounts {
        Some(set) if more.is_subset(&set.ids) => {}
        Some(set) => {
            (set.label, set.lead) = (None, None);
            set.ids.extend(more);
        }
        None => scope.accounts = Some(AccountSet { label: None, lead: None, ids: more }),
    }
    scope
}

/// Label of the accounts that have a value: `payment pm_7f31`.
pub fn label_of(cx: &ViewContext<'_>, value: ValueIndex) -> String {
    let Some(value) = cx.cache.values().get(value as usize) else { return String::new() };
    let title = value.kind.title_of(&value.value);
    // A network ends with its length.
    let title = if value.value.ends_with(title) { "network" } else { title };
    format!("{title} {}", value.value)
}

/// Position of the lead that the scope was made from, in the present list.
pub fn lead_of_scope(cx: &ViewContext<'_>) -> Option<usize> {
    cx.decisions.list().follow(cx.scope.lead()?).at()
}
