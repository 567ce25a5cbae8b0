//! Answer of a job about the selection: reasons, shared values, an exchange's row.

use std::sync::Arc;

use crate::cache::{AccountIndex, Cache, CacheError};
use crate::jobs::Ticket;
use crate::leads::{
    self, Findings, Innocent, Leads, LikelyMember, Reason, RelatedLead, UncertainMember, Why,
};
use crate::model::Scope;
use crate::query::exchanges::{self, ExchangeRow};
use crate::query::group::{GroupFacts, group_facts};
use crate::query::intervals::{IntervalStatistics, interval_statistics};
use crate::query::pivot::{PivotRow, link_weight, pivot};
use crate::query::pivots::kinds;
use crate::query::select;
use crate::ui::scopes;
use crate::ui::view::{Selected, ViewContext};

/// Maximum number of shared values on screen, by [`link_weight`].
const PIVOTS: usize = 40;
/// Maximum number of likely members of a lead.
const LIKELY: usize = 60;
/// Maximum number of related leads.
const RELATED: usize = 12;

/// Answer about the selection.
#[derive(Default)]
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
    /// Exchanges of a saved scope.
    pub exchanges: Option<u64>,
    /// Facts about the lead.
    pub facts: Option<GroupFacts>,
    /// Why it is a lead.
    pub why: Option<Why>,
    /// Accounts created since the log begins, in words.
    pub created: Option<String>,
    /// Members of the lead to check; for an account, itself if it is one.
    pub uncertain: Vec<UncertainMember>,
    /// The innocent explanation that fits the lead best.
    pub innocent: Option<Innocent>,
    /// Accounts outside the lead that likely belong to it.
    pub likely: Vec<LikelyMember>,
    /// Leads that share rare values with it.
    pub related: Vec<RelatedLead>,
}

/// The work for the selection; `None` if it needs none.
pub fn work(
    cx: &ViewContext<'_>,
) -> Option<impl FnOnce(&Ticket) -> Result<Answer, CacheError> + Send + 'static> {
    let saved = match cx.selected {
        Selected::Account(_) | Selected::Lead(_) | Selected::Exchange(_) => None,
        Selected::Saved(name) => Some(scopes::saved_as(cx, name)?.clone()),
        _ => return None,
    };
    let about = cx.selected.clone();
    let (cache, leads) = (Arc::clone(cx.cache), Arc::clone(cx.leads));
    Some(move |ticket: &Ticket| {
        let mut answer = Answer { about: about.clone(), ..Answer::default() };
        let of_saved;
        let accounts: &[AccountIndex] = match &about {
            Selected::Account(account) => {
                answer.reasons = leads.reasons(&cache, *account);
                answer.uncertain = leads::uncertain_member(&cache, &leads, *account).into_iter().collect();
                if let Some(known) = cache.accounts().get(*account as usize) {
                    let own = select(&cache, &Scope::default().with_account(known.id.clone()), ticket)?;
                    answer.intervals = interval_statistics(&cache, &own, ticket)?.pop().flatten();
                }
                std::slice::from_ref(account)
            }
            Selected::Lead(at) => {
                about_lead(&mut answer, &cache, &leads, *at, ticket)?;
                leads.groups.get(*at).map_or(&[], |group| group.accounts.as_slice())
            }
            Selected::Exchange(row) => {
                answer.exchange = exchanges::rows(&cache, &[*row])?.pop();
                &[]
            }
            Selected::Saved(_) => match &saved {
                Some(scope) => {
                    let rows = select(&cache, scope, ticket)?;
                    answer.exchanges = Some(rows.exchanges);
                    of_saved = rows.accounts;
                    &of_saved
                }
                None => &[],
            },
            _ => &[],
        };
        if !accounts.is_empty() {
            answer.pivots = pivot(&cache, accounts, &kinds());
            let place = |row: &PivotRow| link_weight(row.bits, row.given, row.accounts.len() as u32);
            // Stable, so that equals stay rarest first.
            answer.pivots.sort_by(|a, b| place(b).total_cmp(&place(a)));
            answer.pivots.truncate(PIVOTS);
        }
        Ok(answer)
    })
}

/// Adds what is computed about a lead.
fn about_lead(
    answer: &mut Answer,
    cache: &Cache,
    leads: &Leads,
    at: usize,
    ticket: &Ticket,
) -> Result<(), CacheError> {
    let Some(group) = leads.groups.get(at) else { return Ok(()) };
    answer.facts = group_facts(cache, &[&group.accounts], ticket)?.pop();
    if let Some(facts) = &answer.facts {
        answer.innocent = leads::innocent(cache, group, facts);
        let findings = Findings::of(cache, std::slice::from_ref(group), ticket)?.pop().unwrap_or_default();
        answer.why = Some(Why::new(cache, group, facts, &findings));
    }
    answer.created = leads::created_since(cache, &group.accounts);
    answer.uncertain = leads::uncertain_members(cache, leads, at);
    answer.likely = leads::likely_members(cache, leads, at, LIKELY);
    answer.related = leads::related_leads(cache, leads, at, RELATED, ticket)?;
    answer.reasons.clone_from(&group.reasons);
    Ok(())
}
