//! From signals and the content of prompts to leads: cohorts, conformal p-values, content communities, linked
//! groups, two axes, reasons.
//!
//! A lead is put forward, ranked and explained. No text here names an operator or an intent, says that a
//! model was trained, or that there is no campaign where no lead was found.

mod clusters;
mod cohort;
mod columns;
mod combine;
mod compute;
mod conformal;
mod content;
mod coordination;
mod decisions;
mod extend;
mod facts;
mod fits;
mod formation;
mod group;
mod group_lead;
mod innocent;
mod lead;
mod likely;
mod membership;
mod packed;
mod reason;
mod recount;
mod shared_values;
mod stored;
mod uncertain;
mod why;

pub use columns::SignalColumn;
pub use compute::{compute, compute_with};
pub use conformal::ConformalRank;
pub use content::{
    ANY_EVENT, EventAbout, EventAccount, EventCounts, EventData, EventFigures, FAMILIES, Material, Plant,
    Surfaced, about_topic, counted_in_words, event_of,
};
pub use coordination::COMBINED;
pub use decisions::decisions;
pub use facts::shared_value;
pub use innocent::{Innocent, innocent, own_explanation};
pub use lead::{AccountLead, GroupLead, Leads, NearestLead};
pub use likely::{LikelyMember, RelatedLead, likely_members, related_leads};
pub use reason::{COMMUNITY_ID, POOL_ID, Reason};
pub use recount::{
    Recount, common_control, draws_in, group_sentence, is_reason, p_of_draws, peers_of, recount, recounted_z,
};
pub use stored::{LEADS_VERSION, load, save};
pub use uncertain::{CERTAIN, UncertainMember, uncertain_member, uncertain_members};
pub use why::{Findings, Why, certainty, created_since, shared_by};

/// Events that count as evidence for a content community, in the order in which they are tested.
pub fn events() -> impl Iterator<Item = &'static EventAbout> {
    content::abouts()
}

/// Events of which [`ANY_EVENT`] is the union.
pub fn events_of_union() -> impl Iterator<Item = &'static EventAbout> {
    content::of_union()
}
