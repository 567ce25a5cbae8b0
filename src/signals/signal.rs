//! A signal: what it says of itself, what it measures from, and what comes of it.

use super::linkage::Linkage;
use super::reference::Reference;
use super::rows::{RowColumn, Rows};
use crate::cache::{AccountIndex, Cache, PromptSample, RowId};
use crate::model::Micros;

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
    /// `one of ip, asn`); without one it is not testable, see [`missing`](crate::signals::missing).
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
    pub linkage: &'a Linkage,
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
