//! Answer of a job about the selection: reasons, shared values, an exchange's row.

use std::sync::Arc;

use crate::cache::{AccountIndex, CacheError};
use crate::jobs::Ticket;
use crate::leads::Reason;
use crate::model::{AttributeKind, Scope};
use crate::query::exchanges::{self, ExchangeRow};
use crate::query::intervals::{IntervalStatistics, interval_statistics};
use crate::query::pivot::{PivotRow, link_weight, pivot};
use crate::query::select;
use crate::ui::view::{Selected, ViewContext};

/// Maximum number of shared values on screen, by [`link_weight`].
const PIVOTS: usize = 40;

/// Answer about the selection.
pub struct Answer {
    /// The selection.
    pub about: Selected,
    /// Reasons, strongest first.
    pub reasons: Vec<Reason>,
    /// Values that it shares, by [`link_weight`], largest first.
    pub pivots: Vec<PivotRow>,
    /// Statistics of the time between two exchanges; `None` for a single exchange.
    pub intervals: Option<IntervalStatistics>,
    /// The exchange itself.
    pub exchange: Option<ExchangeRow>,
}

/// The work for the selection; `None` if it needs none.
pub fn work(
    cx: &ViewContext<'_>,
) -> Option<impl FnOnce(&Ticket) -> Result<Answer, CacheError> + Send + 'static> {
    if !matches!(cx.selected, Selected::Account(_) | Selected::Lead(_) | Selected::Exchange(_)) {
        return None;
    }
    let about = cx.selected.clone();
    let (cache, leads) = (Arc::clone(cx.cache), Arc::clone(cx.leads));
    Some(move |ticket: &Ticket| {
        let mut answer = Answer {
            about: about.clone(),
            reasons: Vec::new(),
            pivots: Vec::new(),
            intervals: None,
            exchange: None,
        };
        let accounts: &[AccountIndex] = match &about {
            Selected::Account(account) => {
                answer.reasons = leads.reasons(&cache, *account);
                if let Some(known) = cache.accounts().get(*account as usize) {
                    let own = select(&cache, &Scope::default().with_account(known.id.clone()), ticket)?;
                    answer.intervals = interval_statistics(&cache, &own, ticket)?.pop().flatten();
                }
                std::slice::from_ref(account)
            }
            Selected::Lead(at) => {
                let group = leads.groups.get(*at);
                answer.reasons = group.map(|group| group.reasons.clone()).unwrap_or_default();
                group.map_or(&[], |group| group.accounts.as_slice())
            }
            Selected::Exchange(row) => {
                answer.exchange = exchanges::rows(&cache, &[*row])?.pop();
                &[]
            }
            _ => &[],
        };
        if !accounts.is_empty() {
            answer.pivots = pivot(&cache, accounts, &kinds());
            let place = |row: &PivotRow| link_weight(row.bits, row.asked, row.accounts.len() as u32);
            // Stable, so that equals stay rarest first.
            answer.pivots.sort_by(|a, b| place(b).total_cmp(&place(a)));
            answer.pivots.truncate(PIVOTS);
        }
        Ok(answer)
    })
}

/// Attributes offered as pivots: those that link accounts, and the organisation.
fn kinds() -> Vec<AttributeKind> {
    AttributeKind::ALL
        .into_iter()
        .filter(|kind| kind.family().is_some() || *kind == AttributeKind::OrgId)
        .collect()
}
