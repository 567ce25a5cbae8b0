//! The signals: one file each, one line each in [`ALL`].
//!
//! A signal measures one behaviour of one account, with its definition, unit, source and benign
//! look-alikes. It ranks nothing, knows no threshold and says nothing of guilt. Clock and seed
//! are inputs; the same inputs give the same measure.

mod co_use;
mod common_control;
pub mod context;
mod coverage;
mod early_use;
mod fillings;
pub mod group;
mod habits;
mod harvest;
mod means;
mod measure;
mod moves;
mod onset;
mod prompts;
mod reference;
mod regularity;
mod rest;
mod rows;
mod session_shape;
mod targeting;
mod templates;
mod topic_shift;

pub mod linkage;
pub mod sessions;

pub use co_use::{CoUse, CoUsePair};
pub use group::{ALL_OF_GROUPS, GroupInput, GroupOutcome, GroupSignal, Peers, measure_group};
pub use means::means;
pub use measure::{Setting, measure, missing};
pub use reference::Reference;
pub use rows::{RowColumn, Rows};

use crate::cache::PromptSample;
use crate::cache::{AccountIndex, Cache, RowId};
use crate::model::Micros;

/// Every signal of accounts, in the order it is shown. A new signal is one file and one line here.
pub const ALL: &[&dyn Signal] = &[
    &topic_shift::TopicShift,
    &coverage::Coverage,
    &targeting::Targeting,
    &templates::Templates,
    &harvest::Harvest,
    &common_control::CommonControl,
    &co_use::CoUseSignal,
    &regularity::Regularity,
    &rest::Rest,
    &session_shape::SessionShape,
    &onset::Onset,
    &early_use::EarlyUse,
];

/// What every signal of accounts, then every measure of groups says of itself, in the order shown.
pub fn abouts() -> impl Iterator<Item = &'static About> {
    ALL.iter().map(|signal| signal.about()).chain(ALL_OF_GROUPS.iter().map(|signal| signal.about()))
}

/// Which of the two axes a signal speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Axis {
    /// Do these accounts act under one control (L1, L2, R5, R6)?
    CommonControl,
    /// Do they take answers as an extraction would (C1–C4, R1–R4)?
    Extraction,
}

/// Signals of one family are correlated, and are combined before families are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignalFamily {
    /// What is asked (C).
    Content,
    /// What is shared (L).
    Link,
    /// When it is asked (R).
    Rhythm,
}

/// What a signal says of itself. The one source of the screen's help, the methods appendix and
/// the README's table.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// `C2`.
    pub id: &'static str,
    /// `coverage`.
    pub title: &'static str,
    /// Goes up when the definition changes.
    pub version: u32,
    /// Unit of the value: `topics of 20 draws`, `bits`.
    pub unit: &'static str,
    /// The definition in words and formula, with the minimum of data.
    pub definition: &'static str,
    /// Author and year.
    pub source: &'static str,
    /// Canonical columns it needs, each a name or several of which any will do (`ip or prompt_text`,
    /// `one of ip, asn`); without one it is not testable, see [`missing`].
    pub needs: &'static [&'static str],
    /// What innocent accounts look the same.
    pub look_alikes: &'static [&'static str],
    /// The column or fact that would tell them apart.
    pub tells_apart: &'static str,
    /// Which axis.
    pub axis: Axis,
    /// Which family.
    pub family: SignalFamily,
    /// Whether a larger value is more telling (true) or a smaller one.
    pub high_is_telling: bool,
    /// Whether it rises with volume, so that its peers are all accounts and not the cohort, which is made by
    /// volume.
    pub is_a_volume: bool,
    /// Weight in the sum of normal scores that ranks accounts and groups by extraction-likeness; 0 for a
    /// signal that only describes and for every one of common control.
    pub weight: f64,
}

/// What came of measuring.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A value in the signal's unit, with up to three exchanges that show it.
    Measured {
        /// The value; finite.
        value: f64,
        /// Exchanges to look at.
        examples: Vec<RowId>,
    },
    /// Not testable, and why: a missing column, too little data.
    NotApplicable(String),
}

/// What a signal measures from.
pub struct Input<'a> {
    /// The cache, for what is shared.
    pub cache: &'a Cache,
    /// The account.
    pub account: AccountIndex,
    /// Its first row; row `i` of the slices below is `first_row + i`.
    pub first_row: RowId,
    /// Times of its exchanges, ascending.
    pub ts: &'a [Micros],
    /// Topics of its exchanges ([`NO_TOPIC`](crate::cache::NO_TOPIC) for none); empty without topics.
    pub topics: &'a [u16],
    /// The columns that the signal asked for, see [`Signal::columns`].
    pub rows: Rows<'a>,
    /// Its sampled exchanges, by row, where the signal [looks at them](Signal::looks_at_sample).
    pub sample: &'a [PromptSample],
    /// Links of the case, once linkage has run.
    pub linkage: &'a linkage::Linkage,
    /// What the whole case is like.
    pub reference: &'a Reference,
    /// Seed for whatever is drawn.
    pub seed: u64,
}

/// One measured behaviour.
pub trait Signal: Sync {
    /// What it is.
    fn about(&self) -> &'static About;

    /// The columns of its exchanges it looks at, beyond time and topic.
    fn columns(&self) -> &'static [RowColumn] {
        &[]
    }

    /// Whether it looks at the sampled exchanges.
    fn looks_at_sample(&self) -> bool {
        false
    }

    /// Measures one account whose snapshots have what it needs. Pure.
    fn measure(&self, input: &Input<'_>) -> Outcome;

    /// What else is worth knowing beside the value, as one sentence for a reason line. Asked for
    /// when someone looks, so `input.linkage` and `input.reference` may be empty. Pure.
    fn detail(&self, _: &Input<'_>) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_signal_has_an_id_of_its_own_and_only_signs_of_extraction_have_weight() {
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
