//! From signals to leads: cohorts, conformal p-values, two axes, groups, reasons.
//!
//! A lead is put forward, ranked and explained. Nothing here says who an operator is, what was
//! intended, that a model was trained, or that there is no campaign when nothing fires.

mod as_one;
mod clusters;
mod cohort;
mod columns;
mod combine;
mod compute;
mod conformal;
mod decisions;
mod extend;
mod facts;
mod group;
mod group_lead;
mod lead;
mod likeness;
mod packed;
mod reason;
mod stored;

pub use columns::SignalColumn;
pub use compute::{compute, compute_with};
pub use decisions::decisions;
pub use lead::{AccountLead, GroupLead, Leads, Like};
pub use reason::Reason;
pub use stored::{load, save};
