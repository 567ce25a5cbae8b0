//! The signals: one file each, one line each in [`ALL`].
//!
//! A signal measures one behaviour of one account, with its definition, unit, source and benign
//! look-alikes. It does not rank. Clock and seed are inputs; the same inputs give the same measure.

mod co_use;
pub mod context;
mod coverage;
mod early_use;
mod examples;
mod excerpt;
pub mod group;
mod habits;
mod harvest;
mod means;
mod measure;
mod moves;
mod onset;
mod peers;
mod prompt_sketches;
mod prompts;
mod reference;
mod regularity;
mod rest;
mod rows;
mod session_shape;
mod shared_hours;
mod signal;
mod targeting;
mod templates;
mod topic_shift;

pub mod linkage;
pub mod sessions;
mod shared_values;

pub use examples::Examples;
pub use excerpt::{Excerpt, over_excerpts};
pub use group::{ALL_OF_GROUPS, GroupInput, GroupOutcome, GroupSignal, MonteCarlo, measure_group};
pub use means::means;
pub use measure::{Setting, measure, missing};
pub use peers::Peers;
pub use reference::Reference;
pub use rows::{RowColumn, Rows};
pub use shared_hours::{CoUse, CoUsePair};
pub use signal::{About, Axis, Input, Outcome, Signal, SignalFamily};

/// All signals of accounts, in display order. A new signal is one file and one line here.
pub const ALL: &[&dyn Signal] = &[
    &topic_shift::TopicShift,
    &coverage::Coverage,
    &targeting::Targeting,
    &templates::Templates,
    &harvest::Harvest,
    &shared_values::SharedValues,
    &co_use::CoUseSignal,
    &regularity::Regularity,
    &rest::Rest,
    &session_shape::SessionShape,
    &onset::Onset,
    &early_use::EarlyUse,
];

/// Descriptions of all signals of accounts, then of all measures of groups, in display order.
pub fn abouts() -> impl Iterator<Item = &'static About> {
    ALL.iter().map(|signal| signal.about()).chain(ALL_OF_GROUPS.iter().map(|signal| signal.about()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_only_signals_of_extraction_have_weight() {
        let ids: BTreeSet<&str> = abouts().map(|about| about.id).collect();
        assert_eq!(ids.len(), abouts().count());
        for about in abouts() {
            let of_accounts = ALL.iter().any(|signal| signal.about() == about);
            let may_weigh = about.axis == Axis::Extraction && of_accounts;
            assert!((0.0..=1.0).contains(&about.weight), "{}", about.id);
            assert!(may_weigh || about.weight == 0.0, "{}", about.id);
        }
        assert!(abouts().any(|about| about.weight > 0.0));
    }
}
