//! Rows of the account table in their order, computed in a job.

use std::sync::Arc;

use rayon::prelude::*;

use crate::cache::{Cache, CacheError};
use crate::leads::{AccountLead, Leads};
use crate::model::{AttributeKind, Cancelled, Watcher};
use crate::query::Selection;
use crate::query::accounts::accounts;
use crate::query::intervals::interval_statistics;

/// Order of the accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderBy {
    /// By rank, lowest number first.
    #[default]
    Rank,
    /// By id.
    Account,
    /// By lead; those without one last.
    Lead,
    /// By exchanges in the scope.
    Exchanges,
    /// By median interval; those with a single exchange last.
    Interval,
    /// By membership probability, lowest first: the members to be checked.
    Membership,
    /// By p-value; those not testable last.
    P,
    /// By creation, oldest first; those without one last.
    Created,
    /// By the first value of this kind; those without one last.
    Fact(AttributeKind),
    /// By percentile in this signal; those not testable last.
    Signal(usize),
}

/// Inputs of the account table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Version of the selection.
    pub scope_version: u64,
    /// Text that an account's id, lead or cohort must contain; case folded.
    pub filter: String,
    /// Order of the rows.
    pub order: OrderBy,
    /// True for the reversed order.
    pub reversed: bool,
    /// True if the median interval of each account is needed.
    pub intervals: bool,
}

/// One row: an account in the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Position in [`Leads::accounts`].
    pub lead: u32,
    /// Its exchanges inside the scope.
    pub exchanges: u32,
    /// Median interval between them in microseconds; `None` if not requested or for a single exchange.
    pub interval: Option<u64>,
}

/// The rows of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// In order.
    pub rows: Arc<Vec<Listed>>,
    /// Accounts in the scope before the filter.
    pub in_scope: usize,
}

/// Rows per parallel chunk.
const AT_ONCE: usize = 4096;

/// Computes the rows.
///
/// # Errors
/// Only when cancelled.
pub fn list(
    cache: &Cache,
    leads: &Leads,
    selection: &Selection,
    question: &Question,
    watcher: &dyn Watcher,
) -> Result<List, CacheError> {
    let mut rows: Vec<Listed> = Vec::with_capacity(selection.accounts.len());
    let statistics = match question.intervals {
        true => interval_statistics(cache, selection, watcher)?,
        false => Vec::new(),
    };
    for (at, found) in accounts(cache, selection).into_iter().enumerate() {
        let Some(&lead) = leads.rank_of.get(found.account as usize) else { continue };
        let interval = statistics.get(at).copied().flatten().map(|of| (of.median * 1e6) as u64);
        rows.push(Listed { lead, exchanges: found.exchanges, interval });
    }
    let in_scope = rows.len();
    filter(cache, leads, &question.filter, &mut rows, watcher)?;
    watcher.check()?;
    sort(cache, leads, question, &mut rows);
    Ok(List { rows: Arc::new(rows), in_scope })
}

fn filter(
    cache: &Cache,
    leads: &Leads,
    text: &str,
    rows: &mut Vec<Listed>,
    watcher: &dyn Watcher,
) -> Result<(), Cancelled> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Ok(());
    }
    // Groups and cohorts are few and their accounts many, so each group is tested once.
    let has = |whole: &str| whole.to_lowercase().contains(&text);
    let groups: Vec<bool> = leads.groups.iter().map(|group| has(group.id.as_str())).collect();
    let cohorts: Vec<bool> = leads.cohorts.iter().map(|cohort| has(cohort)).collect();
    let fits = |lead: &AccountLead| {
        lead.group.is_some_and(|at| groups.get(at as usize) == Some(&true))
            || cohorts.get(lead.cohort as usize) == Some(&true)
            || cache.accounts().get(lead.account as usize).is_some_and(|account| has(account.id.as_str()))
    };
    let parts = rows
        .par_chunks(AT_ONCE)
        .map(|rows| {
            watcher.check()?;
            let is_kept = |row: &&Listed| leads.accounts.get(row.lead as usize).is_some_and(fits);
            Ok(rows.iter().filter(is_kept).copied().collect())
        })
        .collect::<Result<Vec<Vec<Listed>>, Cancelled>>()?;
    *rows = parts.concat();
    Ok(())
}

/// Sorts by the requested order, then by rank, so that the order is always defined.
fn sort(cache: &Cache, leads: &Leads, question: &Question, rows: &mut [Listed]) {
    let lead = |row: &Listed| &leads.accounts[row.lead as usize];
    match question.order {
        OrderBy::Rank => rows.par_sort_unstable_by_key(|row| row.lead),
        // Accounts are numbered in the order of their ids.
        OrderBy::Account => rows.par_sort_unstable_by_key(|row| lead(row).account),
        OrderBy::Lead => {
            rows.par_sort_unstable_by_key(|row| (lead(row).group.unwrap_or(u32::MAX), row.lead));
        }
        OrderBy::Exchanges => {
            rows.par_sort_unstable_by_key(|row| (std::cmp::Reverse(row.exchanges), row.lead))
        }
        OrderBy::Interval => {
            rows.par_sort_unstable_by_key(|row| (row.interval.unwrap_or(u64::MAX), row.lead));
        }
        OrderBy::Created => {
            let created = |row: &Listed| cache.accounts().get(lead(row).account as usize)?.created;
            rows.par_sort_unstable_by_key(|row| (created(row).unwrap_or(i64::MAX), row.lead));
        }
        OrderBy::Fact(kind) => {
            let of_kind = cache.values_of_kind(kind);
            // Values are numbered in their order.
            let first = |row: &Listed| {
                let mut own = cache.values_of(lead(row).account).iter().map(|(value, _)| *value);
                own.find(|value| of_kind.contains(&(*value as usize))).unwrap_or(u32::MAX)
            };
            rows.par_sort_by_cached_key(|row| (first(row), row.lead));
        }
        OrderBy::Membership => {
            let share = |row: &Listed| lead(row).membership.unwrap_or(f32::INFINITY);
            rows.par_sort_unstable_by(|a, b| share(a).total_cmp(&share(b)).then(a.lead.cmp(&b.lead)));
        }
        OrderBy::P => {
            let p = |row: &Listed| lead(row).p_value.unwrap_or(f64::INFINITY);
            rows.par_sort_unstable_by(|a, b| p(a).total_cmp(&p(b)).then(a.lead.cmp(&b.lead)));
        }
        OrderBy::Signal(signal) => {
            let place = |row: &Listed| {
                let column = leads.signals.get(signal);
                let place = column.and_then(|column| column.percentile(lead(row).account));
                place.unwrap_or(f32::NEG_INFINITY)
            };
            rows.par_sort_unstable_by(|a, b| place(b).total_cmp(&place(a)).then(a.lead.cmp(&b.lead)));
        }
    }
    if question.reversed {
        rows.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads() -> Leads {
        let account = |account, rank, p_value, group| AccountLead {
            account,
            rank,
            score: 0.0,
            p_value,
            group,
            membership: None,
            nearest: None,
            cohort: 0,
        };
        Leads {
            accounts: vec![
                account(2, 1, Some(0.01), Some(0)),
                account(0, 2, None, None),
                account(1, 3, Some(0.001), Some(0)),
            ],
            rank_of: vec![1, 2, 0],
            ..Leads::default()
        }
    }

    fn order(order: OrderBy, reversed: bool) -> Vec<u32> {
        let folder = tempfile::tempdir().unwrap();
        let logs = crate::cache::testing::snapshot(
            folder.path(),
            &[("a.parquet", ["a", "b", "c"].map(|id| crate::cache::testing::row(id, 1)).to_vec())],
        );
        let (cache, _) = crate::cache::testing::cache(folder.path(), vec![logs]);
        let leads = leads();
        let mut rows: Vec<Listed> =
            (0..3).map(|lead| Listed { lead, exchanges: 10 * (lead + 1), interval: None }).collect();
        rows[1].interval = Some(5);
        sort(&cache, &leads, &Question { order, reversed, ..Question::default() }, &mut rows);
        rows.iter().map(|row| leads.accounts[row.lead as usize].account).collect()
    }

    #[test]
    fn every_order_is_defined_and_what_is_not_testable_comes_last() {
        assert_eq!(order(OrderBy::Rank, false), [2, 0, 1]);
        assert_eq!(order(OrderBy::Rank, true), [1, 0, 2]);
        assert_eq!(order(OrderBy::Account, false), [0, 1, 2]);
        assert_eq!(order(OrderBy::P, false), [1, 2, 0]);
        assert_eq!(order(OrderBy::Exchanges, false), [1, 0, 2]);
        assert_eq!(order(OrderBy::Lead, false), [2, 1, 0]);
        assert_eq!(order(OrderBy::Interval, false), [0, 2, 1]);
        assert_eq!(order(OrderBy::Created, false), [2, 0, 1], "without a creation by rank");
        assert_eq!(order(OrderBy::Fact(AttributeKind::OrgId), false), [2, 0, 1], "without a value by rank");
        assert_eq!(order(OrderBy::Signal(7), false), [2, 0, 1], "a signal that is not there sorts by rank");
    }
}
