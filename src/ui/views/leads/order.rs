//! Order and filter of the leads, computed in a job.

use std::cmp::Ordering;
use std::sync::Arc;

use super::columns::{Cell, Column};
use super::rows::LeadRow;
use crate::case::{Decisions, ReviewStatus};
use crate::leads::Leads;
use crate::model::{Cancelled, Watcher, Zone};
use crate::query::Selection;
use crate::ui::widgets::filter::{Content, Filter};

/// Inputs of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Identities of the leads' facts and of the decisions, and the version of the selection.
    pub of: (u64, bool, usize, u64),
    /// The filter as typed.
    pub filter: String,
    /// Column that orders the rows.
    pub by: Column,
    /// True for the reversed order.
    pub reversed: bool,
    /// True if dismissed leads are listed.
    pub dismissed: bool,
}

/// Leads in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ordered {
    /// Positions of the listed leads.
    pub leads: Vec<usize>,
    /// Members inside the scope of every lead, by position.
    pub in_scope: Vec<u32>,
    /// Number of dismissed leads that are not listed.
    pub hidden: usize,
}

/// Status of every lead.
pub fn statuses(decisions: &Decisions, leads: &Leads) -> Vec<ReviewStatus> {
    let status = |at| decisions.review(at).map_or(ReviewStatus::New, |review| review.status);
    (0..leads.groups.len()).map(status).collect()
}

/// Orders the leads.
///
/// # Errors
/// Only when cancelled.
pub fn order(
    leads: &Leads,
    rows: &Arc<Vec<LeadRow>>,
    statuses: &[ReviewStatus],
    selection: &Selection,
    zone: &Zone,
    question: &Question,
    watcher: &dyn Watcher,
) -> Result<Ordered, Cancelled> {
    let filter = Filter::parse(&question.filter);
    let cell = |at: usize| Cell { at, group: &leads.groups[at], row: rows.get(at), status: statuses[at] };
    let mut ordered = Ordered::default();
    for (at, group) in leads.groups.iter().enumerate() {
        watcher.check()?;
        let is_inside = |account: &&u32| selection.accounts.binary_search(account).is_ok();
        ordered.in_scope.push(group.accounts.iter().filter(is_inside).count() as u32);
        if statuses[at] == ReviewStatus::Dismissed && !question.dismissed {
            ordered.hidden += 1;
            continue;
        }
        let content = |column: Column| Content {
            column: column.title(),
            text: column.text(&cell(at), zone),
            number: column.number(&cell(at)),
        };
        let contents = if filter.is_empty() { Vec::new() } else { Column::ALL.map(content).into() };
        if filter.is_empty() || filter.fits(&contents) {
            ordered.leads.push(at);
        }
    }
    ordered.leads.sort_by(|&a, &b| {
        let order = compare(question.by, &cell(a), &cell(b), zone);
        let order = if question.reversed { order.reverse() } else { order };
        order.then(a.cmp(&b))
    });
    Ok(ordered)
}

/// Order of two cells; a missing number comes last.
fn compare(by: Column, a: &Cell<'_>, b: &Cell<'_>, zone: &Zone) -> Ordering {
    match (by.number(a), by.number(b)) {
        (Some(a), Some(b)) if by.is_largest_first() => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => by.text(a, zone).cmp(&by.text(b, zone)),
    }
}
