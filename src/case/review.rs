//! Review of leads: the status that an investigator gives them, with a reason.

use serde::{Deserialize, Serialize};

use crate::model::{LeadRef, Micros};

/// Status of a lead in the investigator's review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Not looked at.
    #[default]
    New,
    /// Looked at, nothing decided.
    LookedAt,
    /// Worth pursuing.
    TakenUp,
    /// Named a campaign by the investigator.
    Campaign,
    /// Put aside, with a reason.
    Dismissed,
}

impl ReviewStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::New, Self::LookedAt, Self::TakenUp, Self::Campaign, Self::Dismissed];

    /// The status in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::LookedAt => "looked at",
            Self::TakenUp => "taken up",
            Self::Campaign => "campaign",
            Self::Dismissed => "dismissed",
        }
    }
}

/// Review of one lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// The lead as it was when it was reviewed.
    pub lead: LeadRef,
    /// Its status.
    pub status: ReviewStatus,
    /// The investigator's reason; empty where none was given.
    pub reason: String,
    /// Time of the review, microseconds UTC.
    pub ts: Micros,
}

/// Leads named one by one in a description.
const NAMED: usize = 3;

/// `leads L-7f31ab, L-91c2d0 and 12 more dismissed: one organisation`; hostile characters are not yet
/// made visible.
pub(super) fn describe(leads: &[LeadRef], status: ReviewStatus, reason: &str) -> String {
    let named: Vec<&str> = leads.iter().take(NAMED).map(|lead| lead.id.as_str()).collect();
    let more = leads.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let lead = if leads.len() == 1 { "lead" } else { "leads" };
    let what = match status {
        ReviewStatus::New => "set back to new",
        ReviewStatus::Campaign => "named a campaign",
        other => other.in_words(),
    };
    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    format!("{lead} {}{more} {what}{why}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_leads_are_counted() {
        let leads: Vec<LeadRef> =
            (0..5).map(|n| LeadRef::of(1, [format!("a{n}").as_str().into()].into())).collect();
        let said = describe(&leads, ReviewStatus::Dismissed, "one class");
        assert!(said.starts_with("leads L-") && said.ends_with(" and 2 more dismissed: one class"), "{said}");
        assert!(describe(&leads[..1], ReviewStatus::New, "").ends_with(" set back to new"));
    }
}
