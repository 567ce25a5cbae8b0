//! Table of a scope's accounts: rank, p-value, attributes, signals.

use super::leads::probability;
use super::{Drawn, ExhibitError, Subject, Table, cell};
use crate::cache::AccountIndex;
use crate::leads::Leads;
use crate::model::{AttributeKind, Watcher};
use crate::query::Selection;
use crate::query::accounts::accounts;
use crate::signals::Outcome;

/// Attributes by which an account describes itself; one column each.
const STATED: [AttributeKind; 4] = [
    AttributeKind::OrgId,
    AttributeKind::EmailDomain,
    AttributeKind::StatedUseCase,
    AttributeKind::AccessTier,
];

pub(super) fn draw(
    subject: &Subject<'_>,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Drawn, ExhibitError> {
    let (cache, zone) = (subject.cache, subject.zone);
    let columns: Vec<String> = subject
        .leads
        .signals
        .iter()
        .map(|signal| format!("{}_{}", signal.about.id, signal.about.title.replace([' ', '-'], "_")))
        .collect();
    let mut header: Vec<String> =
        ["account_id", "exchanges_in_scope", "exchanges", "first", "last", "created", "rank", "p_value"]
            .map(str::to_owned)
            .to_vec();
    header.push("lead".to_owned());
    header.extend(STATED.map(|kind| kind.name().to_owned()));
    header.extend(columns);
    let mut table = Table::new(header);
    let mut found = accounts(cache, selection);
    // By the names that stand in the table, which may be pseudonyms.
    found.sort_by(|a, b| {
        let id = |account: AccountIndex| &cache.accounts()[account as usize].id;
        id(a.account).cmp(id(b.account))
    });
    for found in found {
        watcher.check()?;
        let account = &cache.accounts()[found.account as usize];
        let mut row = vec![
            cell(account.id.as_str()),
            found.exchanges.to_string(),
            account.exchanges.to_string(),
            zone.format_exact(account.first),
            zone.format_exact(account.last),
            account.created.map_or_else(String::new, |t| zone.format_exact(t)),
        ];
        row.extend(rank_cells(subject.leads, found.account));
        row.extend(STATED.map(|kind| attribute(subject, found.account, kind)));
        row.extend(subject.leads.signals.iter().map(
            |signal| match signal.outcomes.get(found.account as usize) {
                Some(Outcome::Measured { value, .. }) => value.to_string(),
                Some(Outcome::NotApplicable(_)) | None => String::new(),
            },
        ));
        table.push(row);
    }
    let mut notes = vec![
        "Signal columns are in each signal's unit. An empty cell means not testable; it is not zero."
            .to_owned(),
    ];
    notes.push("A rank is an order of review, not a finding.".to_owned());
    Ok(Drawn { drawing: None, table, notes })
}

/// Rank, p and lead; empty where the account was not ranked.
fn rank_cells(leads: &Leads, account: AccountIndex) -> [String; 3] {
    let lead = leads.rank_of.get(account as usize).and_then(|&at| leads.accounts.get(at as usize));
    let Some(lead) = lead.filter(|lead| lead.account == account) else {
        return [const { String::new() }; 3];
    };
    let group = lead.group.and_then(|at| leads.groups.get(at as usize));
    [
        lead.rank.to_string(),
        probability(lead.p_value),
        group.map_or_else(String::new, |group| group.id.to_string()),
    ]
}

/// The account's values of one attribute, in order.
fn attribute(subject: &Subject<'_>, account: AccountIndex, kind: AttributeKind) -> String {
    let values: Vec<&str> = subject
        .cache
        .values_of(account)
        .iter()
        .map(|(value, _)| &subject.cache.values()[*value as usize])
        .filter(|value| value.kind == kind)
        .map(|value| value.value.as_str())
        .collect();
    cell(&values.join(" | "))
}
