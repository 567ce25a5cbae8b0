//! Benign explanations that a lead is weighed against: those of every lead, and the lead's own.

use crate::leads::{GroupLead, own_explanation};

/// The benign explanations against which every lead relied on is weighed.
pub const EXPLANATIONS: [&str; 5] =
    ["reseller", "shared NAT", "evaluation vendor", "university", "batch customer"];

/// The explanations to weigh: [`EXPLANATIONS`], then the one that fits the lead's strongest reason. `group` is
/// `None` for an account, and for a scope that is not a lead.
pub fn explanations(group: Option<&GroupLead>) -> Vec<String> {
    let own = group.and_then(own_explanation).filter(|own| !EXPLANATIONS.contains(&own.as_str()));
    EXPLANATIONS.into_iter().map(str::to_owned).chain(own).collect()
}
