//! Facts about the leads, computed in a job once per list of leads.

use std::sync::Arc;

use super::large::Large;
use crate::cache::CacheError;
use crate::jobs::Slot;
use crate::leads::{Findings, Innocent, Why, innocent};
use crate::model::Watcher as _;
use crate::query::group::{GroupFacts, group_facts};
use crate::ui::view::ViewContext;
use crate::ui::words;

/// One lead as the list shows it.
#[derive(Clone, Debug, Default)]
pub struct LeadRow {
    /// Shared values, activity, topics.
    pub facts: GroupFacts,
    /// The innocent explanation that fits best.
    pub innocent: Option<Innocent>,
    /// Label of its most over-represented topic, with its share; empty without topics.
    pub topic: String,
    /// Why it is a lead.
    pub why: Why,
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
        self.rows.ask::<CacheError>(cx.jobs, None, version, move |ticket| {
            let groups: Vec<&[u32]> = leads.groups.iter().map(|group| group.accounts.as_slice()).collect();
            let facts = group_facts(&cache, &groups, ticket)?;
            let large = Large::of_all(&leads.groups, &facts);
            let findings = Findings::of(&cache, &leads.groups, ticket)?;
            let mut rows = Vec::with_capacity(groups.len());
            for (at, (facts, large)) in facts.into_iter().zip(large).enumerate() {
                ticket.check()?;
                let group = &leads.groups[at];
                let topic = facts.topics.first().and_then(|(topic, share)| {
                    let label = &cache.topics().get(usize::from(*topic))?.label;
                    Some(format!("{} {:.0} %", words::line(label, 40), 100.0 * share))
                });
                rows.push(LeadRow {
                    innocent: innocent(&cache, group, &facts),
                    topic: topic.unwrap_or_default(),
                    why: Why::new(&cache, group, &facts, &findings[at]),
                    facts,
                    large,
                });
            }
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
