//! A limit tried on the past: which accounts a rule that a provider could set would have caught, and when.

mod rule;
mod summary;
mod trial;

pub use rule::{Condition, GRAMMAR, Limit, LimitError, MOST_DAYS, Measure, Threshold, TopicName, measures};
pub use summary::{LimitSummary, date};
pub use trial::{Caught, DayOfTrial, GroupTrial, Trial, try_limit};
