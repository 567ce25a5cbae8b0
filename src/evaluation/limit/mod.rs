//! A limit tried on the past: accounts that a rule of a provider would have caught, and the day of each.

mod rule;
mod summary;
mod trial;

pub use rule::{Condition, GRAMMAR, Limit, LimitError, MAX_DAYS, Measure, Threshold, TopicName, measures};
pub use summary::{LimitSummary, date};
pub use trial::{Caught, DayOfTrial, GroupTrial, Trial, try_limit};
