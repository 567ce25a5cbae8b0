//! Facts about the leads, computed in a job once per list of leads.

use std::sync::Arc;

use super::large::Large;
use crate::jobs::Slot;
use crate::leads::{GroupLead, Innocent, innocent};
use crate::model::{Cancelled, Watcher as _};
use crate::query::group::{GroupFacts, group_facts};
use crate::ui::view::ViewContext;
use crate::ui::words;

/// Maximum number of reasons in the column.
const REASONS: usize = 3;

/// One lead as the list shows it.
#[derive(Clone, Debug, Default)]
pub struct LeadRow {
    /// Shared values, activity, topics.
    pub facts: GroupFacts,
    /// The innocent explanation that fits best.
    pub innocent: Option<Innocent>,
    /// Label of its most over-represented topic, with its share; empty without topics.
    pub topic: String,
    /// Its strongest reasons.
    pub why: String,
    /// Figures that are large among all leads.
    pub large: Large,
}

impl LeadRow {
    /// The innocent explanation that fits best, in words; `None` for none.
    pub fn innocent_kind(&self) -> Option<&str> {
        self.innocent.as_ref().map(|innocent| innocent.kind.as_str())
    }
}

/// All leads, in the order of their ranks. Each list of leads has its own `Arc`.
#[derive(Default)]
pub struct LeadRows {
    rows: Slot<u64, (u64, Arc<Vec<LeadRow>>)>,
}

impl LeadRows {
    /// Requests the rows of the present leads and takes over the answer; `None` until it is ready.
    pub fn poll(&mut self, cx: &ViewContext<'_>) -> Option<Arc<Vec<LeadRow>>> {
        let version = cx.data_version;
        let (cache, leads) = (Arc::clone(cx.cache), Arc::clone(cx.leads));
        self.rows.ask::<Cancelled>(cx.jobs, None, version, move |ticket| {
            let groups: Vec<&[u32]> = leads.groups.iter().map(|group| group.accounts.as_slice()).collect();
            let facts = group_facts(&cache, &groups, ticket)?;
            let large = Large::of_all(&leads.groups, &facts);
            let row = |((group, facts), large): ((&GroupLead, GroupFacts), Large)| {
                ticket.check()?;
                let topic = facts.topics.first().and_then(|(topic, share)| {
                    let label = &cache.topics().get(usize::from(*topic))?.label;
                    Some(format!("{} {:.0} %", words::line(label, 40), 100.0 * share))
                });
                Ok(LeadRow {
                    innocent: innocent(&cache, group, &facts),
                    topic: topic.unwrap_or_default(),
                    why: why(group),
                    facts,
                    large,
                })
            };
            let rows =
                leads.groups.iter().zip(facts).zip(large).map(row).collect::<Result<_, Cancelled>>()?;
            Ok((version, Arc::new(rows)))
        });
        self.rows.poll();
        let (of, rows) = self.rows.answer()?;
        (*of == version).then(|| Arc::clone(rows))
    }

    /// Error of the last attempt.
    pub fn failure(&self) -> Option<&str> {
        self.rows.failure()
    }
}

/// The strongest reasons by title, with their percentiles.
fn why(group: &GroupLead) -> String {
    let reasons: Vec<String> = group
        .key_reasons()
        .take(REASONS)
        .map(|reason| match reason.percentile {
            Some(place) => {
                let place = words::ordinal(place.clamp(0.0, 100.0) as u32);
                format!("{} ({place} percentile)", reason.title)
            }
            None => reason.title.to_string(),
        })
        .collect();
    if reasons.is_empty() { "no single signal is unusual".to_owned() } else { reasons.join(" · ") }
}
